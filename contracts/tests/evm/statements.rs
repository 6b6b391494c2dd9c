//! Verdicts, chains and sums: statements of a presentation that are not those asked for, each with its own error.

use alloy_primitives::U256;
use consign_contracts::abi::{self, IProofVerifier, IRegistry as E};

use super::{
    proofs::R,
    world::{World, number},
};

#[test]
fn as_many_verdicts_and_chains_as_the_statement_has() {
    let error = World::refused(|p| p.verdicts.clear()).error::<E::VerdictCount>();
    assert_eq!((error.expected, error.found), (number(1), number(0)));
    World::refused(|p| p.verdicts.push(p.verdicts[0].clone())).error::<E::VerdictCount>();
    let error = World::refused(|p| drop(p.verdicts[0].chains.pop())).error::<E::ChainCount>();
    assert_eq!((error.verdict, error.expected, error.found), (number(0), number(2), number(1)));
    World::refused(|p| p.verdicts[0].chains.push(vec![])).error::<E::ChainCount>();
}

#[test]
fn every_row_of_every_document() {
    // The manifest's chain has two tallies.
    let chain = |p: &mut abi::Presentation| p.verdicts[0].chains[1].clone();
    assert_eq!(chain(&mut World::new().presentation).len(), 2);
    let last = |error: E::LastRowsMissing| (error.verdict, error.chain);
    let error = World::refused(|p| p.verdicts[0].chains[1].truncate(1)).error::<E::LastRowsMissing>();
    assert_eq!(last(error), (number(0), number(1)));
    World::refused(|p| p.verdicts[0].chains[1].clear()).error::<E::LastRowsMissing>();
    let error = World::refused(|p| p.verdicts[0].chains[1] = p.verdicts[0].chains[1].split_off(1))
        .error::<E::FirstRowsMissing>();
    assert_eq!((error.verdict, error.chain), (number(0), number(1)));
    let again = |p: &mut abi::Presentation| {
        let chain = &mut p.verdicts[0].chains[1];
        chain.insert(0, chain[0].clone());
    };
    let error = World::refused(again).error::<E::Gap>();
    assert_eq!((error.verdict, error.chain, error.tally), (number(0), number(1), number(1)));
    World::refused(|p| p.verdicts[0].chains[1].swap(0, 1)).error::<E::FirstRowsMissing>();
    World::refused(|p| p.verdicts[0].chains[1][0].inputs[1] += U256::from(1)).error::<E::Gap>();
    // One more after the end.
    let more = |p: &mut abi::Presentation| {
        let chain = &mut p.verdicts[0].chains[1];
        chain.push(chain[1].clone());
    };
    World::refused(more).error::<E::Gap>();
    // The document's chain under the other document's filters.
    World::refused(|p| p.verdicts[0].chains.swap(0, 1)).error::<E::OtherFilters>();
}

#[test]
fn each_input_of_a_tally() {
    let change = |input: usize, by: U256| {
        World::refused(move |p| {
            let inputs = &mut p.verdicts[0].chains[1][0].inputs;
            inputs[input] = inputs[input].add_mod(by, R);
        })
    };
    change(0, U256::from(1)).error::<E::FirstRowsMissing>();
    change(1, U256::from(1)).error::<E::Gap>();
    let error = change(2, U256::from(1)).error::<E::OtherFilters>();
    assert_eq!((error.verdict, error.chain, error.tally), (number(0), number(1), number(0)));
    change(3, U256::from(1)).error::<E::TotalsNotOnCurve>();
    change(4, U256::from(1)).error::<E::TotalsNotOnCurve>();
}

#[test]
fn each_input_of_a_verdict() {
    let change = |input: usize| {
        World::refused(move |p| {
            let inputs = &mut p.verdicts[0].inputs;
            inputs[input] = inputs[input].add_mod(U256::from(1), R);
        })
    };
    assert_eq!(change(0).error::<E::OtherSum>().verdict, number(0));
    change(1).error::<E::OtherSum>();
    change(2).error::<E::OtherBounds>();
    change(3).error::<E::OtherContext>();
}

#[test]
fn a_sum_of_other_tallies() {
    // Points of the curve that do not add up: opposite, exchanged for one another's, or the identity.
    let negate = |p: &mut abi::Presentation| {
        let inputs = &mut p.verdicts[0].chains[0][0].inputs;
        inputs[3] = R - inputs[3];
    };
    World::refused(negate).error::<E::OtherSum>();
    let identity = |p: &mut abi::Presentation| {
        let inputs = &mut p.verdicts[0].chains[1][1].inputs;
        (inputs[3], inputs[4]) = (U256::ZERO, U256::from(1));
    };
    World::refused(identity).error::<E::OtherSum>();
    let opposite = |p: &mut abi::Presentation| p.verdicts[0].inputs[0] = R - p.verdicts[0].inputs[0];
    World::refused(opposite).error::<E::OtherSum>();
    // Exchanged between two tallies they add up, and neither proof is of the other's point.
    let exchanged = |p: &mut abi::Presentation| {
        let (a, b) = (p.verdicts[0].chains[0][0].inputs, p.verdicts[0].chains[1][1].inputs);
        p.verdicts[0].chains[0][0].inputs[3..].copy_from_slice(&b[3..]);
        p.verdicts[0].chains[1][1].inputs[3..].copy_from_slice(&a[3..]);
    };
    World::refused(exchanged).error::<IProofVerifier::ProofsDoNotVerify>();
}

#[test]
fn an_input_and_the_modulus() {
    // Those that are compared with a value differ from it; the points' coordinates pass the arithmetic modulo the order,
    // and are too large as inputs.
    let tally = |input: usize| World::refused(move |p| p.verdicts[0].chains[1][0].inputs[input] += R);
    tally(0).error::<E::FirstRowsMissing>();
    tally(1).error::<E::Gap>();
    tally(2).error::<E::OtherFilters>();
    for input in [3, 4] {
        let error = tally(input).error::<IProofVerifier::InputTooLarge>();
        assert_eq!((error.proof, error.input), (number(1), U256::from(input)));
    }
    let verdict = |input: usize| World::refused(move |p| p.verdicts[0].inputs[input] += R);
    for input in [0, 1] {
        let error = verdict(input).error::<IProofVerifier::InputTooLarge>();
        assert_eq!((error.proof, error.input), (number(3), U256::from(input)));
    }
    verdict(2).error::<E::OtherBounds>();
    verdict(3).error::<E::OtherContext>();
}

#[test]
fn statements_of_another_policy() {
    World::refused_under(|s| s.verdicts[0].bounds += U256::from(1)).error::<E::OtherBounds>();
    World::refused_under(|s| s.verdicts[0].chains[1].filters += U256::from(1)).error::<E::OtherFilters>();
    World::refused_under(|s| s.verdicts[0].chains.truncate(1)).error::<E::ChainCount>();
    World::refused_under(|s| s.verdicts.push(s.verdicts[0].clone())).error::<E::VerdictCount>();
}

#[test]
fn proofs_of_other_statements() {
    let exchanged = |p: &mut abi::Presentation| {
        p.verdicts[0].chains[1][1].points = p.verdicts[0].chains[0][0].points;
    };
    World::refused(exchanged).error::<IProofVerifier::ProofsDoNotVerify>();
    World::refused(|p| p.verdicts[0].points = p.verdicts[0].chains[0][0].points)
        .error::<IProofVerifier::ProofsDoNotVerify>();
    World::refused(|p| p.verdicts[0].chains[0][0].circuit = 1).error::<IProofVerifier::ProofsDoNotVerify>();
    // A verdict in a tally's place.
    for circuit in [2, 3] {
        let error = World::refused(move |p| p.verdicts[0].chains[0][0].circuit = circuit).error::<E::NotATally>();
        assert_eq!((error.chain, error.tally), (number(0), number(0)));
    }
}
