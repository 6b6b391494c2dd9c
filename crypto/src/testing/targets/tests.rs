use std::fs;

use consign_documents::testing::seeds::{folder, replay};
use serde_json::{Value, json};

use super::*;
use crate::age::{Passphrase, ScryptRecipient};

/// Every seed of every target, whole, cut, and with a bit turned.
#[test]
fn seeds_are_replayed() {
    replay(&TARGETS, 1);
}

/// What the seeds are: small files of every format, by parties whose keys follow from their names.
fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let [dossier, short] = &*DOSSIERS;
    let patterns: Vec<_> =
        ["lines/*/gross_mass", "parties/consignor"].map(|text| text.parse().unwrap()).into_iter().collect();
    let [shipper, bank] = ["Shipper", "Bank"].map(samples::party);
    let mut rng = samples::rng(28);
    let quantum = Identity::generate_post_quantum("Quantum".parse().unwrap(), samples::time(ISSUED), &mut rng);
    let recipient = ScryptRecipient::new(Passphrase::new("passphrase".to_string().into()).unwrap());
    let locked = shipper.to_locked_file(&recipient.with_work_factor(2).unwrap(), &mut rng).unwrap();
    let public_file = format!("# the bank\n{}\n", bank.public());

    let payload = |jwt: &str| jws::open::<Value>(ObjectType::Attestation, jwt).unwrap().whoever_signed().clone();
    let mut attestation = payload(short.attestation().sd_jwt().jwt());
    attestation["_sd"] = json!([]);
    let disclosures = r#"["c2FsdA","currency","USD"]
["c2FsdA","complete.origin",true]
["c2FsdA","party.consignor",{"name":"Saigon Parts"}]
["c2FsdA","containers",["MSKU9070320"]]"#;
    let attested = format!("{attestation}\n{disclosures}");

    let mut list = trust_list();
    let bank_party = Party::new("Bank".parse().unwrap(), bank.public().clone(), [Capacity::Verifier]).unwrap();
    let days = ["2026-01-01", "2026-12-31"].map(|day| Some(day.parse().unwrap()));
    let bank_party = bank_party.valid(days[0], days[1]).unwrap().lei("5493001KJTIIGC8Y1R12").unwrap();
    list.add(bank_party.eori("DE123456789012345").unwrap()).unwrap();
    let (name, made_by) = ("test keys".parse().unwrap(), "customs".parse().unwrap());
    list.accept(crate::trust::KeySet { id: [7; 32], name, made_by }).unwrap();

    let status = parties::status_payload();
    let packed = status["credentialSubject"]["encodedList"].as_str().unwrap()[1..].to_owned();
    let grant = json!({"record": "07".repeat(32), "file_key": "08".repeat(32), "epoch": 1, "iat": 1_769_940_000,
        "recipient": bank.public().recipient().to_string(), "purpose": "letter of credit"});
    let [age, hybrid] = &*sealed::AGE_FILES;
    let [for_bank, own] = &*sealed::SEALED;
    let archive = crate::seal::testing::archive_parts;

    vec![
        ("jws", "grant.jws", SIGNED[4].clone().into()),
        ("jws", "payload.json", br#"{"iat":1769940000,"text":"a"}"#.to_vec()),
        ("sd_jwt", "issued.txt", short.attestation().sd_jwt().to_string().into()),
        ("sd_jwt", "presented.txt", PRESENTED.to_string().into()),
        ("sd_jwt", "payload.txt", attested.into()),
        ("dossier", "short.json", short.to_json().unwrap().to_vec()),
        ("view", "short.json", View::of(short, &patterns).unwrap().to_json().unwrap().to_vec()),
        ("view", "long.json", View::of(dossier, &patterns[1..]).unwrap().to_json().unwrap().to_vec()),
        ("identity", "plain.txt", shipper.to_file().as_bytes().to_vec()),
        ("identity", "quantum.txt", quantum.to_file().as_bytes().to_vec()),
        ("identity", "locked.txt", locked),
        ("public_line", "plain.txt", bank.public().to_string().into()),
        ("public_line", "file.pub", public_file.into()),
        ("public_line", "quantum.txt", quantum.public().to_string().into()),
        ("trust", "list.toml", list.to_toml().into()),
        ("status", "list.jwt", parties::STATUS_LIST.clone().into()),
        ("status", "payload.json", status.to_string().into()),
        ("status", "bits.gz", URL_SAFE_NO_PAD.decode(packed).unwrap()),
        ("age", "classical.bin", age.clone()),
        ("age", "hybrid.bin", hybrid.clone()),
        ("age", "armored.txt", sealed::armored_seed()),
        ("sealed", "bank.bin", for_bank.clone()),
        ("sealed", "own.bin", own.clone()),
        ("grant", "payload.json", grant.to_string().into()),
        ("archive", "one.bin", archive(&[("dossier.json", b"{}")])),
        ("archive", "two.bin", archive(&[("view.json", b"{}"), ("scan.pdf", &[7; 600])])),
    ]
}

/// What is signed for a fuzzer is well-formed as the seeds have it: their mutants get behind the signatures.
#[test]
fn payloads_of_seeds_are_accepted() {
    let seeds = seeds();
    let seed = |target, name| {
        let found = seeds.iter().find(|(of, called, _)| (*of, *called) == (target, name));
        found.map(|(.., content)| content.clone()).unwrap()
    };
    let text = String::from_utf8(seed("sd_jwt", "payload.txt")).unwrap();
    let attestation = Attestation::parse(&signed_by_a_stranger(&text).unwrap()).unwrap();
    assert_eq!(attestation.disclosed().len(), 4);
    let [stranger, bank] = ["Stranger", "Bank"].map(samples::party);
    crate::seal::testing::grant(&seed("grant", "payload.json"), &stranger, &bank).unwrap();
    for name in ["one.bin", "two.bin"] {
        let bytes = seed("archive", name);
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        crate::seal::testing::archive(&bytes[..end], &bytes[end + 1..], &stranger).unwrap();
    }
    let list = forge(ObjectType::StatusList, &seed("status", "payload.json"), &stranger);
    assert_eq!(crate::status::StatusList::parse(&list).unwrap().revoked(), 2);
}

/// Writes the seeds anew where `CONSIGN_WRITE_SEEDS` is set: after a format has changed.
#[test]
#[ignore = "writes to the project"]
fn write_seeds() {
    if std::env::var_os("CONSIGN_WRITE_SEEDS").is_none() {
        eprintln!("skipped: CONSIGN_WRITE_SEEDS is not set");
        return;
    }
    for (target, name, content) in seeds() {
        fs::create_dir_all(folder().join(target)).unwrap();
        fs::write(folder().join(target).join(name), content).unwrap();
    }
}

/// The seeds are those that this version makes, so that what they are worth does not fade: a seed that no longer
/// verifies would test nothing behind its signature.
#[test]
fn seeds_are_up_to_date() {
    for (target, name, content) in seeds() {
        let found = fs::read(folder().join(target).join(name)).unwrap_or_default();
        assert!(found == content, "{target}/{name} is not what is written now; see `write_seeds`");
    }
}
