//! Keys that the proof verifier refuses to be made with, each by its own error.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use ark_bn254::G2Affine;
use ark_ec::AffineRepr;
use consign_contracts::{
    abi::{self, IProofVerifier as V},
    keys::{CIRCUITS, deployment_of, key},
};
use consign_crypto::field;

use super::{
    chain::{Chain, Done, Reverted},
    proofs::{Q, outside_the_subgroup},
    world::{CHAIN, CUSTOMS, DEPLOYER, KEYS, NOW, UNBOUND, World, seconds},
};

fn deployed(change: impl FnOnce(&mut [abi::Key; 4])) -> Result<Done, Reverted> {
    let mut keys = CIRCUITS.map(|circuit| key(KEYS.verifying.key(circuit)));
    change(&mut keys);
    Chain::new(CHAIN, seconds(NOW)).deploy(DEPLOYER, deployment_of(B256::ZERO, keys))
}

#[test]
fn a_sound_key_set_is_taken_under_its_id() {
    deployed(|_| ()).unwrap();
    let mut world = World::bare(CHAIN, &UNBOUND);
    let id = world.chain.call(CUSTOMS, world.proofs, V::keySetCall {}.abi_encode()).unwrap().output;
    assert_eq!(id[..], KEYS.verifying.id().as_bytes()[..]);
}

#[test]
fn keys_of_another_number_of_inputs() {
    for circuit in 0..4u8 {
        let expected = U256::from(if circuit == 2 { 4 } else { 5 });
        let short = |keys: &mut [abi::Key; 4]| keys[circuit as usize].inputs.truncate(2 * 4);
        let error = deployed(short).unwrap_err().error::<V::KeyInputCount>();
        assert_eq!((error.circuit, error.expected), (circuit, expected));
    }
    // A coordinate alone.
    deployed(|keys| keys[0].inputs.truncate(11)).unwrap_err().error::<V::KeyInputCount>();
}

#[test]
fn points_that_are_none() {
    let refused = |change: fn(&mut abi::Key)| {
        for circuit in 0..4u8 {
            let error = deployed(|keys| change(&mut keys[circuit as usize])).unwrap_err().error::<V::KeyPoint>();
            assert_eq!(error.circuit, circuit);
        }
    };
    refused(|key| key.alpha = [U256::ZERO; 2]);
    refused(|key| key.alpha[0] = key.alpha[0].add_mod(U256::from(1), Q));
    refused(|key| key.alpha[0] += Q);
    refused(|key| key.inputs[2..4].fill(U256::ZERO));
    refused(|key| key.inputs[9] = key.inputs[9].add_mod(U256::from(1), Q));
    refused(|key| key.beta = [U256::ZERO; 4]);
    refused(|key| key.beta[0] = key.beta[0].add_mod(U256::from(1), Q));
    refused(|key| key.beta = outside_the_subgroup());
    refused(|key| key.delta = [U256::ZERO; 4]);
    refused(|key| key.delta[3] += Q);
    refused(|key| key.delta = outside_the_subgroup());
}

#[test]
fn a_delta_that_anybody_can_divide_by() {
    let generator = G2Affine::generator();
    for point in [generator, -generator] {
        let words = [point.x.c1, point.x.c0, point.y.c1, point.y.c0];
        let words = words.map(|x| U256::from_be_bytes(field::to_bytes(&x)));
        for circuit in 0..4u8 {
            let error = deployed(|keys| keys[circuit as usize].delta = words).unwrap_err().error::<V::KeyDelta>();
            assert_eq!(error.circuit, circuit);
        }
    }
}
