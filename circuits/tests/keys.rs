//! A key set through its files, and proofs with it.

use std::{sync::LazyLock, time::Instant};

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use consign_circuits::{
    groth16::{KeyError, Proof, ProveError},
    keys::{self, Circuit, KeyFileError, KeySet, KeySetError, UncheckedKeys, VerifyingKeys},
    tally::{self, Block, TallySize, TallyWitness},
};
use consign_crypto::totals::TotalsBlinding;
use consign_documents::filter::FilterSet;
use rand_arkworks::rngs::OsRng;

static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| keys::setup("test", jiff::Timestamp::UNIX_EPOCH, &mut OsRng, &mut |_| ()).unwrap());

#[test]
fn a_proof_from_the_files_verifies_and_its_neighbours_do_not() {
    let proving = UncheckedKeys::parse(KEYS.prove_file()).unwrap().check().unwrap();
    let verifying = VerifyingKeys::parse(KEYS.verify_file()).unwrap();
    assert_eq!((proving.id(), verifying.id()), (KEYS.id(), KEYS.id()));
    for size in TallySize::ALL {
        let circuit = Circuit::Tally(size);
        let blocks = vec![Block::Skipped; size.blocks()];
        let blinding = TotalsBlinding::random(&mut OsRng);
        let witness =
            TallyWitness { start: Fr::from(7u64), blocks: &blocks, filters: &FilterSet::null(), blinding: &blinding };
        let (mut assignment, statement) = tally::assign(&witness);
        let key = proving.key(circuit).unwrap();
        let start = Instant::now();
        let proof = key.prove(&assignment, &mut OsRng).unwrap();
        eprintln!("{}: {:?}", size.name(), start.elapsed());
        let inputs = statement.inputs();
        let check = verifying.key(circuit);
        assert_eq!(check.verify(&inputs, &proof), Ok(true));
        for i in 0..inputs.len() {
            let mut other = inputs;
            other[i] += Fr::from(1u64);
            assert_eq!(check.verify(&other, &proof), Ok(false), "input {i}");
        }
        assert_eq!(check.verify(&inputs[..4], &proof), Err(KeyError::Inputs { expected: 5, found: 4 }));
        let extra = [&inputs[..], &[Fr::ZERO]].concat();
        assert_eq!(check.verify(&extra, &proof), Err(KeyError::Inputs { expected: 5, found: 6 }));
        assert_eq!(Proof::from_json(&proof.to_json()), Ok(proof));

        *assignment.last_mut().unwrap() += Fr::from(1u64);
        assert!(matches!(key.prove(&assignment, &mut OsRng), Err(ProveError::Unsatisfied(_))));
        assignment.pop();
        assert!(matches!(key.prove(&assignment, &mut OsRng), Err(ProveError::Wires { .. })));
    }
}

#[test]
fn a_changed_section_is_found_when_it_is_used() {
    let mut bytes = KEYS.prove_file();
    *bytes.last_mut().unwrap() ^= 1;
    let keys = UncheckedKeys::parse(bytes).unwrap().checked_before();
    let Err(KeySetError::File(error)) = keys.key(Circuit::Verdict) else { panic!("the last section is the verdict's") };
    assert_eq!(error, KeyFileError::Digest("verdict/matrices".into()));
    assert!(keys.key(Circuit::Tally(TallySize::Short)).is_ok());
}

#[test]
fn files_of_the_other_role_and_of_other_lengths_are_refused() {
    let bytes = KEYS.verify_file();
    let file = |result: Result<VerifyingKeys, KeySetError>| match result {
        Err(KeySetError::File(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        UncheckedKeys::parse(bytes.clone()).err(),
        Some(KeySetError::File(KeyFileError::OtherRole { .. }))
    ));
    assert!(matches!(file(VerifyingKeys::parse(bytes[..bytes.len() - 1].to_vec())), KeyFileError::Length { .. }));
    assert!(matches!(file(VerifyingKeys::parse([&bytes[..], &[0]].concat())), KeyFileError::Length { .. }));
    assert_eq!(file(VerifyingKeys::parse(Vec::new())), KeyFileError::NotAKeyFile);
    assert!(matches!(file(VerifyingKeys::parse(bytes[..30].to_vec())), KeyFileError::Head(_)));
}

#[test]
fn the_pinned_matrices_are_those_of_this_version() {
    use sha2::{Digest, Sha256};
    let found = Circuit::ALL.map(|circuit| hex::encode(Sha256::digest(circuit.matrices_section())));
    assert_eq!(found, Circuit::ALL.map(Circuit::matrices_digest));
}
