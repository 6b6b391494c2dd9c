//! The files of iden3's tools.

use std::sync::LazyLock;

use ark_bn254::Fr;
use consign_crypto::testing::judge_error;
use rand_arkworks::{SeedableRng, rngs::StdRng};

use super::seed;
use crate::{
    iden3::{
        ceremony::Ceremony,
        import::{ImportError, Origin, import},
        json,
        ptau::Ptau,
        r1cs::{self as constraints, R1cs},
        wtns as witness,
        zkey::{self as key, Sizes, Zkey},
    },
    shape::{Matrices, Matrix},
};

/// More wires than those of any seed; a file of so many labels as it says wires could be of any size.
const WIRES: usize = 1000;

/// A circuit of two constraints over `publics` public inputs and three more wires: small enough for a seed.
pub(super) fn matrices(publics: usize) -> Matrices {
    let wires = publics + 4;
    let one = |wire: usize| (wire as u32, 0);
    let rows = |entries: [(u32, u32); 2]| Matrix::new(vec![1, 2], entries.into(), wires, 2);
    let abc = [
        rows([one(publics + 1), one(publics + 2)]),
        rows([one(publics + 1), (1, 1)]),
        rows([one(publics + 2), one(publics + 3)]),
    ];
    let abc = abc.map(|matrix| matrix.expect("two rows of one entry"));
    Matrices { publics, wires, coefficients: vec![Fr::from(1u64), Fr::from(5u64)], abc }
}

/// Public inputs of the circuit that the zkeys are of.
pub(super) const PUBLICS: usize = 2;

/// The key that a ceremony begins from.
struct Begun {
    matrices: Matrices,
    zkey: Zkey,
    ceremony: Ceremony,
}

static BEGUN: LazyLock<Begun> = LazyLock::new(|| {
    let matrices = matrices(PUBLICS);
    let zkey = Zkey::read(&seed("zkey/begun.bin"), &matrices).expect("a zkey");
    let ceremony = Ceremony::read(&zkey.contributions).expect("a ceremony");
    Begun { matrices, zkey, ceremony }
});

/// A zkey of a small circuit, by itself and as the continuation of another.
pub fn zkey(data: &[u8]) {
    if let Err(error) = Sizes::read(data) {
        judge_error(&error.to_string());
    }
    let matrices = &BEGUN.matrices;
    match Zkey::read(data, matrices) {
        Ok(read) => {
            let written = key::write(&read.key, matrices, &read.contributions);
            let again = Zkey::read(&written, matrices);
            let same = |again: &Zkey| again.key == read.key && again.contributions == read.contributions;
            assert!(again.is_ok_and(|again| same(&again)), "a zkey that is not read again");
            match Ceremony::read(&read.contributions) {
                Ok(ceremony) => assert_eq!(ceremony.to_bytes(), read.contributions),
                Err(error) => judge_error(&error.to_string()),
            }
        }
        Err(error) => return judge_error(&error.to_string()),
    }
    match continued(data) {
        Ok(ceremony) => assert!(ceremony.continues(&BEGUN.ceremony) && ceremony != BEGUN.ceremony),
        Err(error) => judge_error(&error.to_string()),
    }
}

/// The ceremony of a zkey, held against the one that began.
pub(super) fn continued(data: &[u8]) -> Result<Ceremony, ImportError> {
    let Begun { matrices, zkey, ceremony } = &*BEGUN;
    let origin = Origin { key: &zkey.key, ceremony };
    import(data, matrices.clone(), &origin, &mut StdRng::seed_from_u64(1)).map(|(_, ceremony)| ceremony)
}

/// A file of powers of tau, and the powers of a small domain in it.
pub fn ptau(data: &[u8]) {
    match Ptau::parse(data) {
        Ok(read) => {
            for size in [2, 4] {
                if let Err(error) = read.domain(size, &mut StdRng::seed_from_u64(1)) {
                    judge_error(&error.to_string());
                }
            }
        }
        Err(error) => judge_error(&error.to_string()),
    }
}

/// The matrices of constraints.
fn matrices_of(read: &R1cs) -> Option<Matrices> {
    let mut coefficients = Vec::new();
    let mut abc = Vec::new();
    for which in 0..3 {
        let (mut ends, mut entries) = (Vec::new(), Vec::new());
        for constraint in &read.constraints {
            for &(wire, coefficient) in &constraint[which] {
                entries.push((wire, coefficients.len() as u32));
                coefficients.push(coefficient);
            }
            ends.push(entries.len() as u32);
        }
        abc.push((ends, entries));
    }
    let count = coefficients.len();
    let abc: Vec<_> = abc.into_iter().map(|(ends, entries)| Matrix::new(ends, entries, read.wires, count)).collect();
    let abc: Option<Vec<Matrix>> = abc.into_iter().collect();
    Some(Matrices { publics: read.publics, wires: read.wires, coefficients, abc: abc?.try_into().ok()? })
}

/// Constraints.
pub fn r1cs(data: &[u8]) {
    match R1cs::read(data) {
        Ok(read) if read.wires <= WIRES => {
            let matrices = matrices_of(&read).expect("constraints whose wires exist");
            assert_eq!(R1cs::read(&constraints::write(&matrices)).as_ref(), Ok(&read));
            let _ = read.first_broken(&vec![Fr::from(1u64); read.wires]);
        }
        Ok(_) => {}
        Err(error) => judge_error(&error.to_string()),
    }
}

/// A witness.
pub fn wtns(data: &[u8]) {
    match witness::read(data) {
        Ok(read) => assert_eq!(witness::read(&witness::write(&read)), Ok(read)),
        Err(error) => judge_error(&error.to_string()),
    }
}

/// snarkjs' proof, and public inputs.
pub fn snarkjs(data: &[u8]) {
    match json::read_proof(data) {
        Ok(read) => {
            let written = serde_json::to_vec(&json::proof(&read)).expect("strings serialise");
            assert_eq!(json::read_proof(&written), Ok(read));
        }
        Err(error) => judge_error(&error.to_string()),
    }
    match json::read_public_inputs(data) {
        Ok(read) => {
            let written = serde_json::to_vec(&json::public_inputs(&read)).expect("strings serialise");
            assert_eq!(json::read_public_inputs(&written), Ok(read));
        }
        Err(error) => judge_error(&error.to_string()),
    }
}
