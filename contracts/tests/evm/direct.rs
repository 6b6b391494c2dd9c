//! Direct verdicts: one filter set over the whole of one document, and no tallies.

use alloy_primitives::U256;
use consign_contracts::abi::{self, IProofVerifier, IRegistry as E};

use super::{
    proofs::R,
    world::{CHAIN, DIRECT, UNBOUND, World, number},
};

fn refused(change: impl FnOnce(&mut abi::Presentation)) -> super::chain::Reverted {
    World::refused_of(&DIRECT, |_| (), change)
}

#[test]
fn a_direct_verdict_is_accepted() {
    let mut world = World::ready(CHAIN, &DIRECT);
    assert_eq!((world.presentation.verdicts.len(), world.presentation.verdicts[0].inputs.len()), (1, 5));
    assert!(world.presentation.verdicts[0].chains.is_empty());
    world.check().unwrap();
    world.accept().unwrap();
    world.accept().unwrap_err().error::<E::Replayed>();
}

#[test]
fn each_input_counts() {
    let change = |input: usize, by: U256| {
        refused(move |p| {
            let inputs = &mut p.verdicts[0].inputs;
            inputs[input] += by;
        })
    };
    for by in [U256::from(1), R] {
        assert_eq!(change(0, by).error::<E::FirstRowsMissing>().verdict, number(0));
        change(1, by).error::<E::LastRowsMissing>();
        change(2, by).error::<E::OtherFilters>();
        change(3, by).error::<E::OtherBounds>();
        change(4, by).error::<E::OtherContext>();
    }
    World::refused_of(&DIRECT, |s| s.verdicts[0].bounds += U256::from(1), |_| ()).error::<E::OtherBounds>();
    World::refused_of(&DIRECT, |s| s.verdicts[0].chains[0].filters += U256::from(1), |_| ()).error::<E::OtherFilters>();
}

#[test]
fn verdicts_of_another_form() {
    for inputs in [0, 3, 6] {
        let error = refused(|p| p.verdicts[0].inputs.resize(inputs, U256::ZERO)).error::<E::VerdictForm>();
        assert_eq!((error.verdict, error.inputs), (number(0), U256::from(inputs)));
    }
    // Four inputs are those of a verdict on tallies, and there are none.
    refused(|p| p.verdicts[0].inputs.truncate(4)).error::<E::ChainCount>();
    // Five are those of a direct verdict, and tallies beside it would be proved for nothing.
    let error = refused(|p| p.verdicts[0].chains.push(vec![])).error::<E::ChainCount>();
    assert_eq!((error.expected, error.found), (number(0), number(1)));
    // Where tallies are asked for.
    let error = World::refused(|p| {
        p.verdicts[0].inputs.push(U256::ZERO);
        p.verdicts[0].chains.clear();
    })
    .error::<E::NotForDirect>();
    assert_eq!((error.verdict, error.expected), (number(0), number(2)));
    let twice = |s: &mut abi::Statement| {
        let again = s.verdicts[0].chains[0].clone();
        s.verdicts[0].chains.push(again);
    };
    World::refused_of(&DIRECT, twice, |_| ()).error::<E::NotForDirect>();
}

#[test]
fn proofs_of_other_statements() {
    let other = World::ready(CHAIN, &UNBOUND).presentation.verdicts[0].points;
    refused(|p| p.verdicts[0].points = other).error::<IProofVerifier::ProofsDoNotVerify>();
    refused(|p| p.verdicts[0].points[0] = U256::from(1)).error::<IProofVerifier::PointNotOnCurve>();
}
