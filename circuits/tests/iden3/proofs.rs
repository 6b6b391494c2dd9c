//! Proving and verifying, ours and theirs, for every circuit.

use std::{fs, path::Path, process::Command, sync::LazyLock};

use ark_bn254::{Fq, Fr};
use ark_ff::{Field, UniformRand};
use consign_circuits::{
    direct::{self, DirectWitness},
    groth16::Proof,
    iden3::{json, r1cs, wtns},
    keys::{self, Circuit, KeySet, UncheckedKeys, VerifyingKeys},
    tally::{self, Block, TallyWitness},
    verdict::{self, VerdictWitness},
};
use consign_crypto::{commitment::BLOCK_ROWS, totals::TotalsBlinding};
use consign_documents::{
    filter::{Bound, Bounds, ClassTest, Filter, FilterKind, FilterSet, Term, Totals},
    table::{Code, Row, RowKind},
};
use rand_arkworks::rngs::OsRng;

use crate::snarkjs::Snarkjs;

pub static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| keys::setup("test", jiff::Timestamp::UNIX_EPOCH, &mut OsRng, &mut |_| ()).unwrap());

/// PyPI's groth16py, another prover and verifier, as a program; `None` where it is not installed.
fn groth16py(folder: &Path, words: &str) -> Option<String> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers");
    if !peers.join("python_modules/groth16py").is_dir() {
        eprintln!("skipped: groth16py is not installed in tests/peers/python_modules");
        return None;
    }
    let mut python = Command::new("python3");
    let output = python.arg(peers.join("groth16.py")).args(words.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "groth16py {words}\n{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn groth16py_accepts_our_proofs_and_we_accept_its() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    let proving = UncheckedKeys::parse(KEYS.prove_file()).unwrap();
    let verifying = VerifyingKeys::parse(KEYS.verify_file()).unwrap();
    for circuit in Circuit::ALL {
        write(&format!("{}.zkey", circuit.name()), proving.zkey(circuit).unwrap());
    }
    let proving = proving.checked_before();
    for circuit in Circuit::ALL {
        let (name, check) = (circuit.name(), verifying.key(circuit));
        let (assignment, inputs) = witness(circuit);
        write("w.wtns", wtns::write(&assignment));
        let Some(numbers) = groth16py(folder.path(), &format!("prove {name}.zkey w.wtns")) else { return };
        let numbers: Vec<Fq> = numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
        let theirs = Proof::from_coordinates(numbers.try_into().unwrap()).unwrap();
        assert_eq!(check.verify(&inputs, &theirs), Ok(true), "{name}");

        let ours = proving.key(circuit).unwrap().prove(&assignment, &mut OsRng).unwrap();
        write("vkey.json", json_of(&json::verifying_key(check)));
        write("ours.json", json_of(&json::proof(&ours)));
        write("public.json", json_of(&json::public_inputs(&inputs)));
        assert_eq!(groth16py(folder.path(), "verify vkey.json public.json ours.json").unwrap().trim(), "yes", "{name}");
        let mut other = inputs.clone();
        other[0] += Fr::ONE;
        write("public.json", json_of(&json::public_inputs(&other)));
        assert_eq!(groth16py(folder.path(), "verify vkey.json public.json ours.json").unwrap().trim(), "no", "{name}");
    }
}

/// A witness of some goods, and its public inputs.
pub fn witness(circuit: Circuit) -> (Vec<Fr>, Vec<Fr>) {
    let blinding = TotalsBlinding::random(&mut OsRng);
    match circuit {
        Circuit::Tally(size) => {
            let blocks = goods(size.blocks());
            let filters = from_some_origins();
            let witness =
                TallyWitness { start: Fr::rand(&mut OsRng), blocks: &blocks, filters: &filters, blinding: &blinding };
            let (assignment, statement) = tally::assign(&witness);
            (assignment, statement.inputs().to_vec())
        }
        Circuit::Verdict => {
            let totals = Totals(std::array::from_fn(|i| 1 << i));
            let bounds = bounds(1..41);
            let context = Fr::rand(&mut OsRng);
            let witness = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &bounds, context };
            let (assignment, statement) = verdict::assign(&witness);
            (assignment, statement.inputs().to_vec())
        }
        Circuit::Direct => {
            let (blocks, filters, bounds) = (goods(direct::BLOCKS), from_some_origins(), bounds(0..1 << 60));
            let (start, context) = (Fr::rand(&mut OsRng), Fr::rand(&mut OsRng));
            let witness = DirectWitness { start, blocks: &blocks, filters: &filters, bounds: &bounds, context };
            let (assignment, statement) = direct::assign(&witness);
            (assignment, statement.inputs().to_vec())
        }
    }
}

/// So many blocks of which the third is skipped.
fn goods(blocks: usize) -> Vec<Block> {
    let row = |i: u64| Row::new(RowKind::Goods, [1000 + i, 7, i, 1], 704, [1, 2], [84, 71, 30]).unwrap();
    let rows: [Row; BLOCK_ROWS] = std::array::from_fn(|i| row(i as u64));
    let block = |i| match i {
        2 => Block::Skipped,
        _ => Block::Rows { blinding: Fr::rand(&mut OsRng), rows: Box::new(rows) },
    };
    (0..blocks).map(block).collect()
}

fn from_some_origins() -> FilterSet {
    let mut filters = FilterSet::null();
    filters.tests[0] = ClassTest::new(Code::Origin, vec![156, 704]).unwrap();
    filters.filters[0] = Filter::all(FilterKind::Goods);
    filters
}

/// Five times the fourth total is in this range.
fn bounds(range: std::ops::Range<i128>) -> Bounds {
    let bound = Bound::new(&[Term { total: 3, weight: 5 }], Some(range.start), Some(range.end - 1)).unwrap();
    Bounds::new(&[bound]).unwrap()
}

fn json_of(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

#[test]
fn snarkjs_accepts_our_proofs_and_we_accept_its() {
    let Some(snarkjs) = Snarkjs::find() else { return };
    let proving = UncheckedKeys::parse(KEYS.prove_file()).unwrap();
    let verifying = VerifyingKeys::parse(KEYS.verify_file()).unwrap();
    for circuit in Circuit::ALL {
        snarkjs.write(&format!("{}.zkey", circuit.name()), proving.zkey(circuit).unwrap());
    }
    let proving = proving.checked_before();
    for circuit in Circuit::ALL {
        let (name, check) = (circuit.name(), verifying.key(circuit));
        let (assignment, inputs) = witness(circuit);
        snarkjs.write("c.r1cs", r1cs::write(&circuit.matrices()));
        snarkjs.write("w.wtns", wtns::write(&assignment));
        assert!(snarkjs.ok("wtns check c.r1cs w.wtns").contains("WITNESS IS CORRECT"), "{name}");

        // Ours, by its verifier.
        let proof = proving.key(circuit).unwrap().prove(&assignment, &mut OsRng).unwrap();
        snarkjs.write("ours.json", json_of(&json::proof(&proof)));
        snarkjs.write("public.json", json_of(&json::public_inputs(&inputs)));
        snarkjs.write("vkey.json", json_of(&json::verifying_key(check)));
        assert!(snarkjs.ok("groth16 verify vkey.json public.json ours.json").contains("OK!"), "{name}");
        let mut other = inputs.clone();
        other[1] += Fr::ONE;
        snarkjs.write("other.json", json_of(&json::public_inputs(&other)));
        let (yes, printed) = snarkjs.says("groth16 verify vkey.json other.json ours.json");
        assert!(!yes && printed.contains("Invalid proof"), "{name}: {printed}");

        // Its, from our key and witness, by our verifier.
        snarkjs.ok(&format!("groth16 prove {name}.zkey w.wtns theirs.json said.json"));
        let theirs = json::read_proof(&snarkjs.read("theirs.json")).unwrap();
        assert_eq!(json::read_public_inputs(&snarkjs.read("said.json")).as_ref(), Ok(&inputs), "{name}");
        assert_ne!(theirs, proof);
        assert_eq!(check.verify(&inputs, &theirs), Ok(true), "{name}");

        // The verifying key that it reads out of our zkey is the one that we write.
        snarkjs.ok(&format!("zkey export verificationkey {name}.zkey read.json"));
        let mut read: serde_json::Value = serde_json::from_slice(&snarkjs.read("read.json")).unwrap();
        read.as_object_mut().unwrap().remove("vk_alphabeta_12").expect("a part that follows from the others");
        assert_eq!(read, serde_json::to_value(json::verifying_key(check)).unwrap(), "{name}");
    }
}
