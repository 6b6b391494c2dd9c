//! What happens to files: importing and committing to documents, sealing and opening.
//!
//! `cargo bench --bench files`

use std::{hint::black_box, io::Write, time::Duration};

use consign_crypto::{
    attestation::{Validity, attest},
    commitment::{Blindings, Commitment, commit},
    identity::Identity,
    seal::{Consignment, Epoch, Opening},
    trust::TrustList,
};
use consign_documents::{
    document::Document,
    import::{ImportOptions, Mapping, import},
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};
use rand_arkworks::rngs::OsRng;
use zeroize::Zeroizing;

mod documents;

fn read(bytes: &[u8], file: &str) -> Document {
    import(bytes, file, &ImportOptions::default()).expect("the document is well-formed").document
}

/// A list of so many goods as CSV, and the mapping that reads it.
fn csv_list(rows: usize) -> (String, &'static str) {
    let mut text = String::from("line,description,hs,origin,gross,packages,value,un,container\n");
    for i in 1..=rows {
        let (origin, hs) = [("VN", "03061792"), ("TH", "2103.90"), ("CN", "846721"), ("DE", "6804220000")][i % 4];
        text += &format!(
            "{i},goods number {i},{hs},{origin},{}.5,{},{}.25,none,MSKU{:07}\n",
            20 + i % 500,
            1 + i % 30,
            100 + i * 7 % 1000,
            i / 40
        );
    }
    let mapping = "consign = 'mapping/1'\nkind = 'cargo-manifest'\n[document]\nnumber = 'BENCH'\ncurrency = 'USD'\n\
        [columns]\nid = 'line'\ndescription = 'description'\nhs = 'hs'\norigin = 'origin'\ngross_mass = 'gross'\n\
        packages = 'packages'\nvalue = 'value'\ndangerous = 'un'\ncontainer = 'container'\n[units]\ngross_mass = 'kg'\n";
    (text, mapping)
}

/// A UBL manifest of at least so many bytes.
fn ubl_manifest(bytes: usize) -> String {
    const URN: &str = "urn:oasis:names:specification:ubl:schema:xsd:";
    let mut text = format!(
        "<Manifest xmlns='{URN}Manifest-2' xmlns:a='{URN}CommonAggregateComponents-2' \
         xmlns:b='{URN}CommonBasicComponents-2'><b:ID>BENCH</b:ID><a:Shipment><b:ID>S</b:ID>"
    );
    for i in 0.. {
        if text.len() >= bytes {
            break;
        }
        text += &format!(
            "<a:GoodsItem><b:ID>{i}</b:ID><b:ValueAmount currencyID='USD'>{}.25</b:ValueAmount>\
             <b:GrossWeightMeasure unitCode='KGM'>{}.5</b:GrossWeightMeasure><b:Quantity unitCode='C62'>{}</b:Quantity>\
             <a:Item><b:Description>goods number {i}</b:Description><a:OriginCountry><b:IdentificationCode>VN\
             </b:IdentificationCode></a:OriginCountry><a:CommodityClassification><b:CommodityCode>85167100\
             </b:CommodityCode></a:CommodityClassification></a:Item></a:GoodsItem>",
            100 + i % 1000,
            20 + i % 500,
            1 + i % 30
        );
    }
    text + "</a:Shipment></Manifest>"
}

fn importing(c: &mut Criterion) {
    let xml = include_bytes!("../examples/documents/manifest.xml");
    let json = documents::manifest(1000);
    let mut group = c.benchmark_group("import");
    for (name, file, bytes) in [("UBL, 40 lines", "m.xml", &xml[..]), ("JSON, 999 lines", "m.json", json.as_bytes())] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |b| b.iter(|| read(black_box(bytes), file)));
    }
    group.sample_size(10);
    let ubl = ubl_manifest(20_000_000);
    group.throughput(Throughput::Bytes(ubl.len() as u64));
    group.bench_function("UBL, 20 MB", |b| b.iter(|| read(black_box(ubl.as_bytes()), "m.xml")));
    let (csv, mapping) = csv_list(100_000);
    let mapping = Mapping::from_toml(mapping.as_bytes(), "m.toml").expect("a mapping");
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    group.throughput(Throughput::Bytes(csv.len() as u64));
    group.bench_function("CSV, 100,000 rows", |b| {
        b.iter(|| import(black_box(csv.as_bytes()), "m.csv", &options).expect("well-formed"))
    });
    group.finish();
}

fn committing(c: &mut Criterion) {
    let now = Timestamp::now();
    let rng = &mut rand::rng();
    let issuer = Identity::generate("Carrier".parse().expect("a name"), now, rng);
    let validity = Validity { issued: now, expires: now + SignedDuration::from_hours(24) };
    let mut group = c.benchmark_group("commit");
    for rows in [10, 90, 1000] {
        let document = read(documents::manifest(rows).as_bytes(), "m.json");
        let (table, profile) = (document.table(), document.profile());
        let blindings = Blindings::random(rows, &mut OsRng);
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(BenchmarkId::new("table", rows), |b| {
            b.iter(|| commit(profile, black_box(&table), &blindings).expect("one blinding a block"))
        });
        group.bench_function(BenchmarkId::new("attest", rows), |b| {
            b.iter(|| attest(black_box(&document), &issuer, issuer.public(), validity, rng).expect("well-formed"))
        });
    }
    group.finish();
}

fn sealing(c: &mut Criterion) {
    let now = Timestamp::now();
    let rng = &mut rand::rng();
    let sender = Identity::generate("Shipper".parse().expect("a name"), now, rng);
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let commitment = Commitment::from_hex(&format!("{:064x}", 1)).expect("a field element");
    // Whoever sealed a file opens it without being on a trust list.
    let trust = TrustList::default();
    let opening =
        Opening { identity: &sender, trust: &trust, known_epoch: &|_, _| None, now, temporary: Some(folder.path()) };
    let mut group = c.benchmark_group("seal and open");
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    for (name, size) in [("1 KiB", 1 << 10), ("1 MiB", 1 << 20), ("64 MiB", 64 << 20)] {
        let mut attachment = tempfile::NamedTempFile::new_in(&folder).expect("a temporary file");
        attachment.write_all(&vec![0x5a; size]).expect("space for an attachment");
        let mut consignment = Consignment::new(Zeroizing::new(b"{}".to_vec()), commitment);
        consignment.attach("scan.pdf".parse().expect("a plain name"), attachment.path().into());
        let mut seal = || {
            let mut sealed = consignment.seal(&sender, Epoch::FIRST, now, folder.path(), rng).expect("it seals");
            let mut file = Vec::with_capacity(size + (size >> 3) + 8192);
            sealed.write_own(now, rng, &mut file).expect("memory to write to");
            file
        };
        let file = seal();
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("seal", name), |b| b.iter(&mut seal));
        group.bench_function(BenchmarkId::new("open", name), |b| {
            b.iter(|| opening.open(black_box(&file[..])).expect("it opens"))
        });
    }
    group.finish();
}

criterion_group!(benches, importing, committing, sealing);
criterion_main!(benches);
