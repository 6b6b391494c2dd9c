use std::{collections::BTreeMap, fs};

use ark_bn254::{Fr, G1Projective, G2Projective};
use ark_ec::{PrimeGroup, scalar_mul::ScalarMul};
use ark_ff::{Field, Zero};
use ark_poly::{EvaluationDomain, GeneralEvaluationDomain};
use consign_crypto::{
    attestation::{Validity, attest},
    testing::party,
    trust::{Capacity, Party, TrustList},
};
use consign_documents::{
    document::Document,
    policy::Policy,
    testing::seeds::{folder, replay},
};
use rand_arkworks::{Rng, SeedableRng, rngs::StdRng};
use sha2::{Digest, Sha256};

use super::{iden3::*, *};
use crate::{
    assign::Assigned,
    groth16::Proving,
    iden3::{
        ceremony::Ceremony,
        container::Writer,
        initial::Initial,
        json, points,
        ptau::{PTAU, Ptau},
        r1cs, wtns,
        zkey::{self, Zkey},
    },
    keys::{self as sets, Circuit, KeyFileError, KeySet, KeySetError, UncheckedKeys, VerifyingKeys},
    presentation::Presentation,
    prove::Plan,
    request::{Request, SignedRequest},
};

/// Every seed of every target, whole, cut, and with a bit turned.
#[test]
fn seeds_are_replayed() {
    replay(&TARGETS, 1);
}

/// A seed with a few of its parts lost, doubled, swapped for another's or overwritten.
fn mutant(seeds: &[Vec<u8>], rng: &mut StdRng) -> Vec<u8> {
    let mut data = seeds[rng.gen_range(0..seeds.len())].clone();
    for _ in 0..rng.gen_range(1..5) {
        let at = rng.gen_range(0..=data.len());
        let end = rng.gen_range(at..=data.len().min(at + 64));
        let other = &seeds[rng.gen_range(0..seeds.len())];
        let from = rng.gen_range(0..other.len());
        let part = match rng.gen_range(0..5) {
            0 => Vec::new(),
            1 => data[at..end].repeat(2),
            2 => other[from..other.len().min(from + 64)].to_vec(),
            3 => vec![[0, 0xff][rng.gen_range(0..2)]; end - at],
            _ => data[at..end].iter().map(|byte| byte ^ 1 << rng.gen_range(0..8)).collect(),
        };
        data.splice(at..end, part);
    }
    data
}

/// Mutants of the seeds: as many a target as `CONSIGN_MUTANTS` says, else some.
#[test]
fn mutants_break_nothing() {
    let rounds = std::env::var("CONSIGN_MUTANTS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let mut rng = StdRng::seed_from_u64(5);
    for (name, target) in TARGETS {
        let files = fs::read_dir(folder().join(name)).expect("a folder of seeds");
        let mut paths: Vec<_> = files.map(|entry| entry.expect("a seed").path()).collect();
        paths.sort();
        let seeds: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).expect("a seed")).collect();
        for round in 0..rounds {
            let mutant = mutant(&seeds, &mut rng);
            let caught = std::panic::catch_unwind(|| target(&mutant));
            assert!(caught.is_ok(), "{name}, mutant {round}: {}", hex::encode(&mutant));
        }
    }
}

/// A policy of one claim, from request to answers, with the keys: a direct verdict on a manifest of one line, and a tally
/// with its verdict on one of forty.
fn answer() -> (Vec<u8>, Vec<u8>, [Vec<u8>; 2]) {
    let now = answers::now();
    let later = now + jiff::SignedDuration::from_hours(24);
    let set = sets::setup("Customs", now, &mut StdRng::seed_from_u64(1), &mut |_| ()).unwrap();
    let proving = UncheckedKeys::parse(set.prove_file()).unwrap().checked_before();
    let [customs, carrier, shipper] = ["Customs", "Carrier", "Shipper"].map(party);
    let mut trust = TrustList::default();
    let verifier = Party::new(customs.public().name().clone(), customs.public().clone(), [Capacity::Verifier]);
    trust.add(verifier.unwrap()).unwrap();

    let line = |i: usize| serde_json::json!({"id": i.to_string(), "hs": "847989", "gross_mass": {"value": "104.5", "unit": "KGM"}});
    let dossier = |lines: usize| {
        let document = serde_json::json!({
            "consign": "document/1", "kind": "cargo-manifest", "profile": 1, "number": format!("MAN-{lines}"),
            "issue_date": "2026-02-01", "currency": "USD", "lines": (1..=lines).map(line).collect::<Vec<_>>(),
        });
        let document = Document::from_json(document.to_string().as_bytes(), "manifest.json").unwrap();
        let validity = Validity { issued: now, expires: later };
        let rng: &mut rand::rngs::StdRng = &mut rand::SeedableRng::seed_from_u64(2);
        attest(&document, &carrier, shipper.public(), validity, rng).unwrap()
    };

    let policy = "name = \"weights\"\nversion = \"1\"\nvalid-from = 2026-01-01\nvalid-until = 2026-12-31\n\
        [roles.manifest]\nkind = \"cargo-manifest\"\nprofile = 1\n\
        [[claims]]\nid = \"weight\"\nclaim = \"total gross_mass of manifest <= 26500 kg\"\n\
        source = \"test\"\n";
    let policy = Policy::from_toml(policy).unwrap().resolve(&BTreeMap::new()).unwrap();
    let (key_set, nonce, audience) = (set.id(), [7; 32], "Customs".into());
    let request = Request { policy, key_set, audience, nonce, issued: now, expires: later, chain: None };
    let request = SignedRequest::sign(&request, &customs).unwrap();
    let accepted = request.clone().accept(&trust, now).unwrap();
    let presentations = [1, 40].map(|lines| {
        let assigned = Assigned::new(&accepted.request().policy, vec![(None, dossier(lines))]).unwrap();
        let plan = Plan::new(&accepted, &assigned).unwrap();
        plan.prove(&proving, &shipper, now, &|| ()).unwrap().to_bytes()
    });
    (set.verify_file(), request.to_bytes(), presentations)
}

/// The proving keys of small circuits under the names of ours, whose digests the head says they have.
fn small_proving_keys(contributions: &dyn Fn(Circuit) -> Vec<u8>) -> Vec<u8> {
    let rng = &mut StdRng::seed_from_u64(3);
    let keys: Vec<_> = Circuit::ALL
        .into_iter()
        .map(|circuit| (circuit, Proving::setup(matrices(circuit.inputs()), rng).unwrap(), contributions(circuit)))
        .collect();
    let set = KeySet::of("Customs", answers::now(), &keys).unwrap();
    let mut file = set.prove_file();
    // Circuits of as many inputs have one small circuit: each time the first place that is left is this one's.
    for circuit in Circuit::ALL {
        let small = hex::encode(Sha256::digest(sets::matrices_bytes(&matrices(circuit.inputs()))));
        let place = file.windows(64).position(|window| window == small.as_bytes()).unwrap();
        file[place..place + 64].copy_from_slice(circuit.matrices_digest().as_bytes());
    }
    file
}

/// The zkey of a small circuit, and that with two contributions.
fn ceremony() -> [Vec<u8>; 2] {
    let rng = &mut StdRng::seed_from_u64(4);
    let matrices = matrices(PUBLICS);
    let proving = Proving::setup(matrices.clone(), rng).unwrap();
    let mut key = proving.key().unwrap();
    let mut ceremony = Ceremony::of_own_randomness(&key);
    let begun = zkey::write(&key, &matrices, &ceremony.to_bytes());
    ceremony.contribute(&mut key, "first", rng).unwrap();
    ceremony.contribute(&mut key, "", rng).unwrap();
    [begun, zkey::write(&key, &matrices, &ceremony.to_bytes())]
}

/// Powers of a tau that everybody knows, prepared, for domains of up to four.
fn powers() -> Vec<u8> {
    let [tau, alpha, beta] = [3u64, 5, 7].map(Fr::from);
    let (power, size) = (3u32, 8usize);
    let powers = |count: usize, times: Fr| -> Vec<Fr> { (0..count).map(|i| times * tau.pow([i as u64])).collect() };
    let lagrange = |last: u32, times: Fr| -> Vec<Fr> {
        let values =
            |k: u32| GeneralEvaluationDomain::<Fr>::new(1usize << k).unwrap().evaluate_all_lagrange_coefficients(tau);
        (0..=last).flat_map(values).map(|x| x * times).collect()
    };
    let g1 = |scalars: &[Fr]| points::g1_section(&G1Projective::generator().batch_mul(scalars));
    let g2 = |scalars: &[Fr]| points::g2_section(&G2Projective::generator().batch_mul(scalars));
    let one = Fr::from(1u64);
    let mut header = 32u32.to_le_bytes().to_vec();
    header.extend(points::base_modulus());
    header.extend([power, power].map(u32::to_le_bytes).concat());
    let mut file = Writer::new(PTAU);
    for (section, content) in [
        (1, header),
        (2, g1(&powers(2 * size - 1, one))),
        (3, g2(&powers(size, one))),
        (4, g1(&powers(size, alpha))),
        (5, g1(&powers(size, beta))),
        (6, g2(&[beta])),
        (12, g1(&lagrange(power, one))),
        (13, g2(&lagrange(power - 1, one))),
        (14, g1(&lagrange(power - 1, alpha))),
        (15, g1(&lagrange(power - 1, beta))),
    ] {
        file.section(section, &content);
    }
    file.finish()
}

/// Small files of every format but answers, whose keys are too much to make in a test that is run each time.
fn seeds() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let [begun, continued] = ceremony();
    vec![
        ("prove_keys", "small.bin", small_proving_keys(&|_| Vec::new())),
        ("zkey", "begun.bin", begun),
        ("zkey", "continued.bin", continued),
        ("ptau", "powers.bin", powers()),
        ("r1cs", "small.bin", r1cs::write(&matrices(PUBLICS))),
        ("wtns", "small.bin", wtns::write(&[1u64, 5, 3, 4, 20, 9].map(Fr::from))),
    ]
}

/// The seeds are what is written now, and well-formed: a seed that is refused would test little.
#[test]
fn seeds_are_up_to_date() {
    for (target, name, content) in seeds() {
        let found = fs::read(folder().join(target).join(name)).unwrap_or_default();
        assert!(found == content, "{target}/{name} is not what is written now; see `write_seeds`");
    }
    for size in [2, 4] {
        let file = seed("ptau/powers.bin");
        Ptau::parse(&file).unwrap().domain(size, &mut StdRng::seed_from_u64(1)).unwrap();
    }
    VerifyingKeys::parse(seed("verify_keys/set.bin")).unwrap();
    let given = Presentation::parse(&seed("presentation/answer.json")).unwrap();
    let request = SignedRequest::parse(&seed("request/request.json")).unwrap();
    assert_eq!(request.jws(), given.request.jws());
    json::read_proof(&seed("snarkjs/proof.json")).unwrap();
    assert!(!json::read_public_inputs(&seed("snarkjs/public.json")).unwrap()[0].is_zero());
}

/// The checks of the targets are passed by something: by what they hold everything else against.
#[test]
fn seeds_are_accepted() {
    for (name, tallies) in [("presentation/answer.json", 0), ("presentation/tallied.json", 1)] {
        let report = answers::verified(&seed(name)).unwrap();
        assert_eq!((report.claims.len(), report.tallies, report.verdicts), (1, tallies, 1));
    }
    assert_eq!(continued(&seed("zkey/continued.bin")).unwrap().contributions().len(), 2);
    let keys = UncheckedKeys::open(keys::Whole(seed("prove_keys/small.bin"))).unwrap().checked_before();
    for circuit in Circuit::ALL {
        keys.key(circuit).unwrap().check_foreign().unwrap();
    }
}

/// A key set remembers the contributions to each of its keys, and says of none that it has others'.
#[test]
fn contributions_are_kept_with_the_key_that_they_are_to() {
    let zkey = Zkey::read(&seed("zkey/continued.bin"), &matrices(PUBLICS)).unwrap();
    let given = Ceremony::read(&zkey.contributions).unwrap();
    let file = small_proving_keys(&|circuit| match circuit {
        Circuit::Verdict => given.to_bytes(),
        _ => Vec::new(),
    });
    let keys = UncheckedKeys::open(keys::Whole(file)).unwrap();
    for circuit in Circuit::ALL {
        let (key, found) = keys.origin(circuit).unwrap();
        let expected = if circuit == Circuit::Verdict { given.clone() } else { Ceremony::of_own_randomness(&key) };
        assert_eq!(found, expected, "{}", circuit.name());
    }
    // What is no list of contributions is not taken for none.
    let keys = UncheckedKeys::open(keys::Whole(small_proving_keys(&|_| vec![0; 67]))).unwrap();
    let malformed = KeySetError::File(KeyFileError::Section("verdict/contributions".into()));
    assert_eq!(keys.origin(Circuit::Verdict).err(), Some(malformed));
}

/// snarkjs' hash of a circuit covers every point of the key but those of `H`. Computed with Python's hashlib from the
/// numbers of the seed, by the definition of each point.
#[test]
fn the_key_that_powers_give_is_that_of_its_numbers() {
    let file = seed("ptau/powers.bin");
    let powers = Ptau::parse(&file).unwrap().domain(4, &mut StdRng::seed_from_u64(1)).unwrap();
    let Initial { key, ceremony } = Initial::new(&powers, &matrices(0));
    assert_eq!(
        hex::encode(ceremony.circuit()),
        "08eb797c8ff0f57e7eae509dce28e658d06901c4c62bc4d5c1c78fd2a6682361056615d932589e53871b423415624715db0989abde84b96b5fabab1c3bdd26a2"
    );
    let double = GeneralEvaluationDomain::<Fr>::new(8).unwrap().evaluate_all_lagrange_coefficients(Fr::from(3u64));
    let odd: Vec<Fr> = double.into_iter().skip(1).step_by(2).collect();
    assert_eq!(key.h_query, G1Projective::generator().batch_mul(&odd));
}

/// Writes the seeds anew where `CONSIGN_WRITE_SEEDS` is set: after a format has changed.
#[test]
#[ignore = "writes to the project"]
fn write_seeds() {
    if std::env::var_os("CONSIGN_WRITE_SEEDS").is_none() {
        eprintln!("skipped: CONSIGN_WRITE_SEEDS is not set");
        return;
    }
    let write = |target: &str, name: &str, content: Vec<u8>| {
        fs::create_dir_all(folder().join(target)).unwrap();
        fs::write(folder().join(target).join(name), content).unwrap();
    };
    seeds().into_iter().for_each(|(target, name, content)| write(target, name, content));
    let (keys, request, [given, tallied]) = answer();
    let read = Presentation::parse(&given).unwrap();
    let signed = SignedRequest::parse(&request).unwrap();
    let payload =
        consign_crypto::jws::open::<serde_json::Value>(consign_crypto::jws::ObjectType::Request, signed.jws());
    let (_, inputs, proof) = read.verdicts[0].own();
    let proof = serde_json::to_vec(&json::proof(proof)).unwrap();
    let inputs = serde_json::to_vec(&json::public_inputs(&inputs)).unwrap();
    write("verify_keys", "set.bin", keys);
    write("request", "request.json", request);
    write("request", "payload.json", payload.unwrap().whoever_signed().to_string().into_bytes());
    write("presentation", "answer.json", given);
    write("presentation", "tallied.json", tallied);
    let control = String::from_utf8(proof.clone()).unwrap().replace("groth16", "gr\u{7f}th16");
    write("snarkjs", "control.json", control.into_bytes());
    write("snarkjs", "proof.json", proof);
    write("snarkjs", "public.json", inputs);
}
