//! What each call costs. Gas is deterministic: the figures here are those of `contracts/README.md`, and a change of a
//! contract that moves them is seen in review.

use consign_contracts::{artifacts::REGISTRY, keys::deployment};

use super::{
    chain::Chain,
    proofs::{Verifier, proofs_of},
    world::{BOUND, CARRIER, CHAIN, CUSTOMS, DEPLOYER, DIRECT, KEYS, NOW, UNBOUND, World, anchors, seconds},
};

/// Figures vary with the zero bytes of keys and proofs, each of which costs less: by a few hundred, and by one in a
/// thousand where a proof is there 32 times.
fn slack(pinned: u64) -> u64 {
    500 + pinned / 1_000
}

fn pinned(what: &str, found: u64, pinned: u64) {
    println!("{what}: {found}");
    assert!(found.abs_diff(pinned) <= slack(pinned), "{what} takes {found} gas; {pinned} are pinned");
}

#[test]
fn what_calls_cost() {
    let mut chain = Chain::new(CHAIN, seconds(NOW));
    pinned("deploy Registry", chain.deploy(DEPLOYER, REGISTRY.bytecode.clone()).unwrap().gas, 3_052_206);
    pinned("deploy ProofVerifier", chain.deploy(DEPLOYER, deployment(&KEYS.verifying)).unwrap().gas, 2_653_682);

    let mut verifier = Verifier::new();
    let all = verifier.proofs.clone();
    pinned("verify one tally", verifier.one(&all[0]).unwrap().gas, 268_496);
    pinned("verify one verdict", verifier.one(&all[3]).unwrap().gas, 259_964);
    let direct = proofs_of(&DIRECT);
    pinned("verify one direct verdict", verifier.one(&direct[0]).unwrap().gas, 268_520);
    pinned("verify three tallies and a verdict", verifier.verify(all.clone()).unwrap().gas, 704_699);
    let tallies = vec![all[0].clone(); 32];
    pinned("verify 32 tallies", verifier.verify(tallies).unwrap().gas, 2_230_845);

    let mut world = World::bare(CHAIN, &UNBOUND);
    let [_, manifest] = anchors();
    pinned("anchor", world.send(CARRIER, manifest.anchor.anchor_call()).unwrap().gas, 50_470);
    pinned("revoke", world.send(CARRIER, manifest.anchor.revoke_call()).unwrap().gas, 28_535);
    pinned("register", world.register().gas, 85_937);
    pinned("ask", world.ask().gas, 50_095);
    pinned("withdraw", world.send(CUSTOMS, world.statement.withdraw_call()).unwrap().gas, 23_775);
    let mut world = World::new();
    pinned("check", world.check().unwrap().gas, 802_903);
    pinned("accept", world.accept().unwrap().gas, 808_246);
    pinned("accept, direct", World::ready(CHAIN, &DIRECT).accept().unwrap().gas, 326_523);
    pinned("accept, bound", World::ready(CHAIN, &BOUND).accept().unwrap().gas, 809_894);
}
