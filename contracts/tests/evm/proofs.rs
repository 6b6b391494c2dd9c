//! The proof verifier: proofs that are none, inputs that are not the proof's, and the form of both.

use alloy_primitives::{Address, U256, uint};
use alloy_sol_types::SolCall;
use consign_circuits::presentation::{self, Presentation, Proved};
use consign_contracts::{
    abi::{self, IProofVerifier as V},
    keys::circuit_number,
    presentation::points,
};
use consign_crypto::field;

use super::{
    chain::{Done, Reverted},
    world::{CHAIN, SHIPPER, UNBOUND, World},
};

pub const R: U256 = uint!(21888242871839275222246405745257275088548364400416034343698204186575808495617_U256);
pub const Q: U256 = uint!(21888242871839275222246405745257275088696311157297823662689037894645226208583_U256);

/// All proofs of a presentation: tallies of the invoice (short) and of the manifest (long, short), and the verdict.
pub fn proofs_of(presentation: &Presentation) -> Vec<abi::Proved> {
    let word = |x: &ark_bn254::Fr| U256::from_be_bytes(field::to_bytes(x));
    let mut proofs = Vec::new();
    for Proved { circuit, inputs, proof, .. } in presentation::proofs(&presentation.verdicts) {
        let inputs = inputs.iter().map(word).collect();
        proofs.push(abi::Proved { circuit: circuit_number(circuit), inputs, points: points(proof) });
    }
    proofs
}

pub struct Verifier {
    world: World,
    pub proofs: Vec<abi::Proved>,
}

impl Verifier {
    pub fn new() -> Verifier {
        Verifier { world: World::bare(CHAIN, &UNBOUND), proofs: proofs_of(&UNBOUND) }
    }

    pub fn verify(&mut self, proofs: Vec<abi::Proved>) -> Result<Done, Reverted> {
        let to: Address = self.world.proofs;
        self.world.chain.call(SHIPPER, to, V::verifyCall { proofs }.abi_encode())
    }

    /// One proof alone.
    pub fn one(&mut self, proof: &abi::Proved) -> Result<Done, Reverted> {
        self.verify(vec![proof.clone()])
    }
}

#[test]
fn proofs_verify_one_by_one_and_together_in_any_order() {
    let mut verifier = Verifier::new();
    let all = verifier.proofs.clone();
    assert_eq!(all.iter().map(|proof| proof.circuit).collect::<Vec<_>>(), [0, 1, 0, 2], "the tests count on this");
    for proof in &all {
        verifier.one(proof).unwrap();
    }
    verifier.verify(all.clone()).unwrap();
    verifier.verify(all.iter().rev().cloned().collect()).unwrap();
    // The same proof twice is two proofs.
    verifier.verify([&all[..], &all[..]].concat()).unwrap();
}

#[test]
fn each_input_of_each_proof_counts() {
    let mut verifier = Verifier::new();
    let all = verifier.proofs.clone();
    for (i, proof) in all.iter().enumerate() {
        for input in 0..proof.inputs.len() {
            let mut changed = proof.clone();
            changed.inputs[input] = changed.inputs[input].add_mod(U256::from(1), R);
            verifier.one(&changed).unwrap_err().error::<V::ProofsDoNotVerify>();
            let mut together = all.clone();
            together[i] = changed;
            verifier.verify(together).unwrap_err().error::<V::ProofsDoNotVerify>();
        }
    }
}

#[test]
fn errors_do_not_cancel() {
    // Two proofs of one circuit with their inputs changed by opposite amounts: what an unweighted sum would accept.
    let mut verifier = Verifier::new();
    let mut all = verifier.proofs.clone();
    for input in 0..5 {
        let mut changed = all.clone();
        changed[0].inputs[input] = changed[0].inputs[input].add_mod(U256::from(1), R);
        changed[2].inputs[input] = changed[2].inputs[input].add_mod(R - U256::from(1), R);
        verifier.verify(changed).unwrap_err().error::<V::ProofsDoNotVerify>();
    }
    // The C of two proofs of one circuit, exchanged.
    let (first, second) = ([all[0].points[6], all[0].points[7]], [all[2].points[6], all[2].points[7]]);
    all[0].points[6..].copy_from_slice(&second);
    all[2].points[6..].copy_from_slice(&first);
    verifier.verify(all).unwrap_err().error::<V::ProofsDoNotVerify>();
}

#[test]
fn an_input_has_one_spelling() {
    let mut verifier = Verifier::new();
    for proof in verifier.proofs.clone() {
        for input in 0..proof.inputs.len() {
            let mut changed = proof.clone();
            changed.inputs[input] += R;
            let error = verifier.one(&changed).unwrap_err().error::<V::InputTooLarge>();
            assert_eq!((error.proof, error.input), (U256::ZERO, U256::from(input)));
        }
    }
}

#[test]
fn the_number_of_inputs_is_the_circuits() {
    let mut verifier = Verifier::new();
    for proof in verifier.proofs.clone() {
        let expected = proof.inputs.len();
        for found in [expected - 1, expected + 1] {
            let mut changed = proof.clone();
            // What is missing would count as zero, and what is more would be ignored, were it not counted.
            changed.inputs.resize(found, U256::ZERO);
            let error = verifier.one(&changed).unwrap_err().error::<V::InputCount>();
            assert_eq!((error.expected, error.found), (U256::from(expected), U256::from(found)));
        }
    }
    verifier.verify(vec![]).unwrap_err().error::<V::NoProof>();
}

#[test]
fn a_proof_is_of_one_circuit() {
    let mut verifier = Verifier::new();
    let all = verifier.proofs.clone();
    let mut other_size = all[0].clone();
    other_size.circuit = 1;
    verifier.one(&other_size).unwrap_err().error::<V::ProofsDoNotVerify>();
    let mut unknown = all[0].clone();
    unknown.circuit = 4;
    assert_eq!(verifier.one(&unknown).unwrap_err().error::<V::UnknownCircuit>().circuit, 4);
    let mut others_proof = all[0].clone();
    others_proof.points = all[2].points;
    verifier.one(&others_proof).unwrap_err().error::<V::ProofsDoNotVerify>();
}

#[test]
fn points_are_points() {
    let mut verifier = Verifier::new();
    let (proof, other) = (verifier.proofs[0].clone(), verifier.proofs[1].clone());
    for coordinate in 0..8 {
        let mut changed = proof.clone();
        changed.points[coordinate] += Q;
        let error = verifier.one(&changed).unwrap_err().error::<V::CoordinateTooLarge>();
        assert_eq!(error.coordinate, U256::from(coordinate));
        // Off the curve: G1 by our check, G2 by the precompiled contract's.
        let mut changed = proof.clone();
        changed.points[coordinate] = changed.points[coordinate].add_mod(U256::from(1), Q);
        let error = verifier.one(&changed).unwrap_err();
        match coordinate {
            0 | 1 => assert_eq!(error.error::<V::PointNotOnCurve>().point, U256::from(0)),
            6 | 7 => assert_eq!(error.error::<V::PointNotOnCurve>().point, U256::from(2)),
            _ => drop(error.error::<V::PointNotInGroup>()),
        }
    }
    for (point, coordinates) in [(0, 0..2), (1, 2..6), (2, 6..8)] {
        let mut changed = proof.clone();
        changed.points[coordinates.clone()].fill(U256::ZERO);
        let error = verifier.one(&changed).unwrap_err().error::<V::PointIsIdentity>();
        assert_eq!(error.point, U256::from(point));
        // A point of another proof, and the opposite point.
        let mut changed = proof.clone();
        changed.points[coordinates.clone()].copy_from_slice(&other.points[coordinates.clone()]);
        verifier.one(&changed).unwrap_err().error::<V::ProofsDoNotVerify>();
        let mut changed = proof.clone();
        changed.points[coordinates.start + coordinates.len() / 2..coordinates.end].iter_mut().for_each(|y| *y = Q - *y);
        verifier.one(&changed).unwrap_err().error::<V::ProofsDoNotVerify>();
    }
    // On the twist and outside the subgroup: x = 1 + i is such a point's, as the test of the crate's curve says.
    let mut changed = proof.clone();
    changed.points[2..6].copy_from_slice(&outside_the_subgroup());
    verifier.one(&changed).unwrap_err().error::<V::PointNotInGroup>();
}

/// A point of the twist that is not in the subgroup of prime order.
pub fn outside_the_subgroup() -> [U256; 4] {
    use ark_bn254::{Fq, Fq2, G2Affine};
    let point = (1u64..)
        .find_map(|i| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(i), Fq::from(1u64)), false))
        .unwrap();
    assert!(point.is_on_curve() && !point.is_in_correct_subgroup_assuming_on_curve());
    [point.x.c1, point.x.c0, point.y.c1, point.y.c0].map(|x| U256::from_be_bytes(field::to_bytes(&x)))
}
