//! Direct verdicts: one filter set over the whole of one document, and no tallies.

use alloy_primitives::{B256, U256};
use consign_contracts::{
    abi::{self, IProofVerifier, IRegistry as E},
    anchor::Anchor,
};

use super::{
    proofs::R,
    world::{CHAIN, CHAMBER, DIRECT, MIXED, UNBOUND, World, anchors, number},
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
fn a_direct_verdict_is_of_the_one_document_of_its_role() {
    let mut world = World::bare(CHAIN, &DIRECT);
    world.statement.statement.roles[0].most = 2;
    world.anchor();
    world.register();
    world.ask();
    world.check().unwrap();
    // A second invoice, with which the filter set has two documents to run over.
    let [mut other, _] = anchors();
    other.anchor.commitment = U256::from(5);
    other.anchor.facts.document = B256::repeat_byte(9);
    world.send(CHAMBER, other.anchor.anchor_call()).unwrap();
    let Anchor { commitment, facts } = other.anchor;
    world.presentation.documents[0].push(abi::Document { attester: CHAMBER, commitment, facts });
    let error = world.check().unwrap_err().error::<E::NotForDirect>();
    assert_eq!((error.verdict, error.expected), (number(0), number(2)));
}

#[test]
fn a_direct_verdict_beside_others() {
    let mut world = World::ready(CHAIN, &MIXED);
    let forms: Vec<usize> = world.presentation.verdicts.iter().map(|verdict| verdict.inputs.len()).collect();
    assert_eq!(forms, [4, 4, 5], "the tests count on this");
    world.check().unwrap();
    world.accept().unwrap();
    let refused = |change: fn(&mut abi::Presentation)| World::refused_of(&MIXED, |_| (), change);
    // The other document's rows, another verdict's context, and verdicts in another order.
    let cargo = |p: &mut abi::Presentation| {
        p.verdicts[2].inputs[0] = p.documents[0][0].facts.start;
        p.verdicts[2].inputs[1] = p.documents[0][0].commitment;
    };
    assert_eq!(refused(cargo).error::<E::FirstRowsMissing>().verdict, number(2));
    let error = refused(|p| p.verdicts[2].inputs[4] = p.verdicts[0].inputs[3]).error::<E::OtherContext>();
    assert_eq!(error.verdict, number(2));
    let error = refused(|p| p.verdicts.swap(0, 2)).error::<E::OtherFilters>();
    assert_eq!(error.verdict, number(0));
    refused(|p| p.verdicts[2].points = p.verdicts[0].points).error::<IProofVerifier::ProofsDoNotVerify>();
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
