//! Presentations that are bound to a contract on a chain, and such as are not.

use consign_contracts::{abi::IRegistry as E, artifacts::REGISTRY};

use super::world::{BOUND, CHAIN, DEPLOYER, UNBOUND, World, number};

const OTHER_CHAIN: u64 = 1;

#[test]
fn unbound_it_holds_on_two_chains() {
    for chain in [CHAIN, OTHER_CHAIN] {
        World::ready(chain, &UNBOUND).check().unwrap();
    }
}

#[test]
fn bound_it_holds_on_its_own_alone() {
    World::ready(CHAIN, &BOUND).check().unwrap();
    let error = World::ready(OTHER_CHAIN, &BOUND).check().unwrap_err().error::<E::OtherContext>();
    assert_eq!(error.verdict, number(0));
}

#[test]
fn bound_it_holds_for_its_contract_alone() {
    let mut world = World::bare(CHAIN, &BOUND);
    world.registry = world.chain.deploy(DEPLOYER, REGISTRY.bytecode.clone()).unwrap().created.unwrap();
    world.anchor();
    world.register();
    world.ask();
    world.check().unwrap_err().error::<E::OtherContext>();
}

#[test]
fn it_cannot_be_passed_off_as_the_other() {
    // What was asked bound, answered unbound, and the reverse: the verifier's word decides.
    for (presentation, bound) in [(&UNBOUND, true), (&BOUND, false)] {
        let mut world = World::ready(CHAIN, presentation);
        world.presentation.bound = bound;
        assert_eq!(world.check().unwrap_err().error::<E::NotAsked>().nonce, world.presentation.nonce);
        // Where the verifier asks the other way, the context is another.
        let mut world = World::bare(CHAIN, presentation);
        world.statement.bound = bound;
        world.presentation.bound = bound;
        world.anchor();
        world.register();
        world.ask();
        world.check().unwrap_err().error::<E::OtherContext>();
    }
}
