//! What proofs cost: proving a claim about documents of 10 to 1,000 rows, and verifying the answer; and our Groth16 prover
//! beside arkworks' own, on the same matrices and witness.
//!
//! `cargo bench --bench proofs`

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use ark_bn254::{Bn254, Fr};
use ark_ff::UniformRand;
use ark_groth16::Groth16;
use consign_circuits::{
    assign::Assigned,
    groth16::Proving,
    keys::{self, ProvingKeys, UncheckedKeys, VerifyingKeys},
    prove::Plan,
    qap::CircomReduction,
    request::{AcceptedRequest, NONCE_BYTES, Request, SignedRequest},
    tally::{self, Block, TallySize, TallyWitness},
    verify::{Known, Reader, verify},
};
use consign_crypto::{
    attestation::{Validity, attest},
    commitment::{blocks, chain_start},
    identity::Identity,
    totals::TotalsBlinding,
    trust::{Capacity, KeySet, Party, TrustList},
};
use consign_documents::{
    compile::compile,
    document::Document,
    import::{ImportOptions, import},
    policy::{Policy, ResolvedPolicy},
    profile::Kind,
};
use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};
use rand_arkworks::rngs::OsRng;

mod documents;

const CLAIM: &str = "total gross_mass where origin in VN, TH >= 1 kg";

fn document(rows: usize) -> Document {
    let text = documents::manifest(rows);
    import(text.as_bytes(), "m.json", &ImportOptions::default()).expect("the document is well-formed").document
}

fn policy() -> ResolvedPolicy {
    let policy = Policy::from_claims(&[CLAIM], &[Kind::CargoManifest]).expect("the claim is one");
    policy.resolve(&BTreeMap::new()).expect("it has no parameters")
}

/// Everything that stands before a proof: one party plays all.
struct World {
    now: Timestamp,
    party: Identity,
    trust: TrustList,
    proving: ProvingKeys,
    verifying: VerifyingKeys,
}

impl World {
    fn new() -> World {
        let now = Timestamp::now();
        let party = Identity::generate("Customs".parse().expect("a name"), now, &mut rand::rng());
        let started = Instant::now();
        let made = keys::setup("Customs", now, &mut OsRng, &mut |_| ()).expect("set-up");
        println!("setup: {:.2?}, prove.keys: {} bytes", started.elapsed(), made.prove_file().len());
        let proving = UncheckedKeys::parse(made.prove_file()).expect("fresh keys").checked_before();
        let verifying = VerifyingKeys::parse(made.verify_file()).expect("fresh keys");
        let mut trust = TrustList::default();
        let capacities = [Capacity::IssuerOfAll, Capacity::Verifier];
        let known = Party::new("Customs".parse().expect("a name"), party.public().clone(), capacities);
        trust.add(known.expect("it has capacities")).expect("the first party");
        let name = || "bench".parse().expect("a name");
        trust.accept(KeySet { id: *made.id().as_bytes(), name: name(), made_by: name() }).expect("the first key set");
        World { now, party, trust, proving, verifying }
    }

    fn request(&self) -> AcceptedRequest {
        let request = Request {
            policy: policy(),
            key_set: self.proving.id(),
            audience: "Customs".into(),
            nonce: [7; NONCE_BYTES],
            issued: self.now,
            expires: self.now + SignedDuration::from_hours(24),
        };
        let signed = SignedRequest::sign(&request, &self.party).expect("it is short");
        signed.accept(&self.trust, self.now).expect("it is from a verifier")
    }
}

fn presentations(c: &mut Criterion) {
    let world = World::new();
    let request = world.request();
    let validity = Validity { issued: world.now, expires: world.now + SignedDuration::from_hours(24) };
    let mut group = c.benchmark_group("presentation");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_secs(1));
    for rows in [10, 30, 90, 1000] {
        let dossier = attest(&document(rows), &world.party, world.party.public(), validity, &mut rand::rng());
        let dossier = dossier.expect("the document is well-formed");
        let documents = Assigned::new(&policy(), vec![(None, dossier)]).expect("a manifest");
        let prove = || {
            let plan = Plan::new(black_box(&request), &documents).expect("the claim holds");
            plan.prove(&world.proving, &world.party, world.now, &|| ()).expect("it proves")
        };
        let answer = prove().to_bytes();
        println!("presentation of {rows} rows: {} bytes", answer.len());
        group.bench_function(BenchmarkId::new("prove", rows), |b| b.iter(prove));
        group.bench_function(BenchmarkId::new("verify", rows), |b| {
            let known = Known { trust: &world.trust, keys: &world.verifying, now: world.now };
            b.iter(|| verify(black_box(&answer), known, Reader::ThirdParty).expect("it verifies"))
        });
    }
    group.finish();
}

/// The median of some runs.
fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..9)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// Our prover and arkworks' on the same matrices and witness: `ratio NAME: ours / theirs`. Ours checks the witness on the
/// way, which theirs does not.
fn against_arkworks(_: &mut Criterion) {
    for size in TallySize::ALL {
        let document = document(size.blocks() * 10);
        let table = document.table();
        let rows: Vec<Block> =
            blocks(&table).map(|rows| Block::Rows { blinding: Fr::rand(&mut OsRng), rows: Box::new(rows) }).collect();
        let plan = compile(&policy()).expect("the claim compiles");
        let witness = TallyWitness {
            start: chain_start(document.profile()),
            blocks: &rows,
            filters: &plan.verdicts[0].chains[0].1,
            blinding: &TotalsBlinding::random(&mut OsRng),
        };
        let witnessing = median(|| drop(black_box(tally::assign(&witness))));
        let (assignment, _) = tally::assign(&witness);

        let matrices = tally::shape(size).expect("a recording builder gives a shape").into_matrices();
        let theirs =
            Groth16::<Bn254, CircomReduction>::generate_random_parameters_with_reduction(&matrices, &mut OsRng)
                .expect("set-up");
        let rows_of = |i: usize| {
            let row = |row| {
                let entries = matrices.abc[i].row(row).iter();
                entries.map(|&(wire, c)| (matrices.coefficients[c as usize], wire as usize)).collect::<Vec<_>>()
            };
            (0..matrices.constraints()).map(row).collect::<Vec<_>>()
        };
        let abc = [rows_of(0), rows_of(1), rows_of(2)];
        let (inputs, constraints) = (matrices.publics + 1, matrices.constraints());
        let ours = Proving::setup(matrices, &mut OsRng).expect("set-up");

        let ours = median(|| drop(black_box(ours.prove(&assignment, &mut OsRng))));
        let theirs = median(|| {
            let [r, s] = [0; 2].map(|_| Fr::rand(&mut OsRng));
            let proof = Groth16::<Bn254, CircomReduction>::create_proof_with_reduction_and_matrices(
                &theirs,
                r,
                s,
                &abc,
                inputs,
                constraints,
                &assignment,
            );
            black_box(proof).expect("it proves");
        });
        let name = size.name();
        println!("{name}: witness {witnessing:.1?}, prove {ours:.1?}, ark-groth16 {theirs:.1?}");
        println!("ratio {name} prove / ark-groth16: {:.3}", ours.as_secs_f64() / theirs.as_secs_f64());
    }
}

criterion_group!(benches, against_arkworks, presentations);
criterion_main!(benches);
