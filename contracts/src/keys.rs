//! From a key set to the contract that verifies proofs with it.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolValue;
use ark_bn254::{G1Affine, G2Affine};
use consign_circuits::{
    groth16::Verifying,
    keys::{Circuit, VerifyingKeys},
    tally::TallySize,
};

use crate::{abi, artifacts::PROOF_VERIFIER, word};

/// The circuits in the order of the contract's numbers.
pub const CIRCUITS: [Circuit; 4] =
    [Circuit::Tally(TallySize::Short), Circuit::Tally(TallySize::Long), Circuit::Verdict, Circuit::Direct];

/// The number of a circuit in the contracts.
pub fn circuit_number(circuit: Circuit) -> u8 {
    match circuit {
        Circuit::Tally(TallySize::Short) => 0,
        Circuit::Tally(TallySize::Long) => 1,
        Circuit::Verdict => 2,
        Circuit::Direct => 3,
    }
}

/// The data of the transaction that deploys `ProofVerifier` with the keys of a key set: creation code, then constructor
/// arguments. The contract checks the keys again.
pub fn deployment(keys: &VerifyingKeys) -> Vec<u8> {
    let id = B256::from(*keys.id().as_bytes());
    let given = CIRCUITS.map(|circuit| key(keys.key(circuit)));
    deployment_of(id, given)
}

/// The same for any keys, which the contract may refuse.
pub fn deployment_of(key_set: B256, keys: [abi::Key; 4]) -> Vec<u8> {
    let mut data = PROOF_VERIFIER.bytecode.clone();
    data.extend((key_set, keys).abi_encode_params());
    data
}

/// A verifying key as the contract takes it.
pub fn key(verifying: &Verifying) -> abi::Key {
    let key = verifying.key();
    abi::Key {
        alpha: g1(&key.alpha_g1),
        beta: g2(&key.beta_g2),
        delta: g2(&key.delta_g2),
        inputs: key.gamma_abc_g1.iter().flat_map(g1).collect(),
    }
}

fn g1(point: &G1Affine) -> [U256; 2] {
    [word(&point.x), word(&point.y)]
}

/// In the order of EIP-197: imaginary part first.
fn g2(point: &G2Affine) -> [U256; 4] {
    [word(&point.x.c1), word(&point.x.c0), word(&point.y.c1), word(&point.y.c0)]
}
