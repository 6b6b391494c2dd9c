//! Checks of chains, sums, bounds and contexts: each with proofs that are valid, over statements that are not those asked
//! for.

use consign_circuits::{
    presentation::{Place, PresentationError, ProvedVerdict},
    verify::VerifyError,
};
use consign_crypto::{chain_contract::ChainContract, totals::TotalsBlinding};
use consign_documents::{
    compile::MAX_CHAINS,
    filter::{Bound, Bounds, ClassTest, Filter, FilterSet},
    table::Code,
};
use rand_arkworks::rngs::OsRng;

use super::{
    forge::{BASE, Forge, Tally},
    world::{judge, policy},
};

const SECOND: Place = Place::Tally { verdict: 1, chain: 2, tally: 2 };

fn refused(forge: &Forge) -> VerifyError {
    judge(&forge.present(), &forge.signed()).unwrap_err()
}

/// The manifest's chain replaced, and the verdict over what is left.
fn with_chain(chain: impl FnOnce(&Forge, &FilterSet) -> Vec<Tally>) -> Forge {
    let mut forge = BASE.clone();
    let filters = forge.verdicts[0].chains[1][0].filters.clone();
    forge.verdicts[0].chains[1] = chain(&BASE, &filters);
    forge
}

#[test]
fn a_chain_without_its_first_rows() {
    let forge = with_chain(|base, _| vec![base.verdicts[0].chains[1][1].clone()]);
    let error = refused(&forge);
    assert!(matches!(error, VerifyError::FirstRowsMissing(Place::Tally { verdict: 1, chain: 2, tally: 1 })), "{error}");
}

#[test]
fn a_chain_without_its_last_rows() {
    let forge = with_chain(|base, _| vec![base.verdicts[0].chains[1][0].clone()]);
    assert!(matches!(refused(&forge), VerifyError::LastRowsMissing { verdict: 1, chain: 2 }));
    // Nor is a chain without any tally one; the verdict asks for goods, so it judges what is not there.
    let mut forge = with_chain(|_, _| Vec::new());
    forge.verdicts[0].judged = Some(BASE.verdicts[0].sum());
    assert!(matches!(refused(&forge), VerifyError::LastRowsMissing { verdict: 1, chain: 2 }));
}

#[test]
fn a_chain_with_a_gap() {
    // Six blocks, the fifth left out.
    let forge = with_chain(|base, filters| {
        let dossier = &base.documents[1].dossier;
        assert_eq!(dossier.chain().values().len(), 7);
        vec![base.verdicts[0].chains[1][0].clone(), Tally::over(dossier, filters, 5, 6)]
    });
    assert!(matches!(refused(&forge), VerifyError::Gap(SECOND)));
}

#[test]
fn a_chain_that_goes_over_rows_twice() {
    let forge = with_chain(|base, filters| {
        let dossier = &base.documents[1].dossier;
        vec![base.verdicts[0].chains[1][0].clone(), Tally::over(dossier, filters, 3, 6)]
    });
    assert!(matches!(refused(&forge), VerifyError::Gap(SECOND)));
    // The whole chain twice: the second pass does not begin where the first ends.
    let forge = with_chain(|base, _| [&base.verdicts[0].chains[1][..]; 2].concat());
    assert!(matches!(refused(&forge), VerifyError::Gap(Place::Tally { verdict: 1, chain: 2, tally: 3 })));
}

#[test]
fn tallies_that_skip_every_block_change_nothing() {
    let forge = with_chain(|base, filters| {
        let mut chain = base.verdicts[0].chains[1].clone();
        let blocks = base.documents[1].dossier.chain().values().len() - 1;
        chain.push(Tally::over(&base.documents[1].dossier, filters, blocks, blocks));
        chain
    });
    assert!(judge(&forge.present(), &forge.signed()).is_ok());
}

#[test]
fn a_chain_too_few() {
    // All tallies are there and the sum is right: the invoice's chain goes on with the manifest's.
    let mut forge = BASE.clone();
    let manifest = forge.verdicts[0].chains.pop().unwrap();
    forge.verdicts[0].chains[0].extend(manifest);
    assert!(matches!(refused(&forge), VerifyError::ChainMissing { verdict: 1, expected: 2, found: 1 }));
}

#[test]
fn a_tally_left_over() {
    let mut forge = BASE.clone();
    let last = forge.verdicts[0].chains[1].pop().unwrap();
    forge.verdicts[0].chains.push(vec![last]);
    assert!(matches!(refused(&forge), VerifyError::TallyLeftOver { verdict: 1, expected: 2, found: 3 }));
    // A document counted twice: its chain once more, and a verdict on the sum.
    let mut forge = BASE.clone();
    let again = forge.verdicts[0].chains[0].clone();
    forge.verdicts[0].chains.push(again);
    assert!(matches!(refused(&forge), VerifyError::TallyLeftOver { verdict: 1, expected: 2, found: 3 }));
}

#[test]
fn a_document_counted_twice_in_the_sum_alone() {
    // The chains are as they must be; the verdict judges the invoice twice.
    let mut forge = BASE.clone();
    let again = forge.verdicts[0].chains[0][0].totals();
    forge.verdicts[0].judged = forge.verdicts[0].sum().checked_add(&again);
    assert!(forge.verdicts[0].judged.is_some());
    assert!(matches!(refused(&forge), VerifyError::Sum(1)));
}

#[test]
fn a_sum_that_is_off_by_one() {
    let mut forge = BASE.clone();
    let mut less = forge.verdicts[0].sum();
    let largest = (0..30).max_by_key(|&i| less.0[i]).unwrap();
    less.0[largest] -= 1;
    forge.verdicts[0].judged = Some(less);
    assert!(matches!(refused(&forge), VerifyError::Sum(1)));

    // The same totals under another blinding: the verdict of tallies that are not these.
    let mut other = BASE.clone();
    other.verdicts[0].chains[0][0].blinding = TotalsBlinding::random(&mut OsRng);
    let mut verdict = None;
    other.present_with(|verdicts| verdict = Some((verdicts[0].statement, verdicts[0].proof))).unwrap();
    let bytes = BASE.present_with(|verdicts| (verdicts[0].statement, verdicts[0].proof) = verdict.unwrap()).unwrap();
    assert!(matches!(judge(&bytes, &BASE.signed()), Err(VerifyError::Sum(1))));
}

#[test]
fn a_tally_of_another_filter_set() {
    // One more code in a test that no filter uses: the same totals, another set.
    let mut other = BASE.verdicts[0].chains[1][1].filters.clone();
    let used =
        |i: usize| other.filters.iter().any(|f| matches!(f, Filter::Rows { a, b, .. } if a.tests[i] || b.tests[i]));
    let unused = (0..4).find(|&i| !used(i)).unwrap();
    other.tests[unused] = ClassTest::new(Code::Origin, vec![1]).unwrap();
    let mut forge = BASE.clone();
    forge.verdicts[0].chains[1][1].filters = other;
    assert!(matches!(refused(&forge), VerifyError::OtherFilters(SECOND)));
}

#[test]
fn a_tally_from_another_policy() {
    // The manifest's tallies under a policy with one origin less, whose lines are not counted against it.
    let milder = policy(&super::forge::POLICY.replace("in VN, TH\"", "in VN, TH, LA\""));
    let compiled = consign_documents::compile::compile(&milder).unwrap();
    let (_, filters) = compiled.verdicts[0].chains.iter().find(|(role, _)| role == "manifest").unwrap();
    let forge = with_chain(|base, _| Tally::chain(&base.documents[1].dossier, filters));
    let error = refused(&forge);
    assert!(matches!(error, VerifyError::OtherFilters(Place::Tally { verdict: 1, chain: 2, tally: 1 })), "{error}");
}

#[test]
fn bounds_other_than_the_policys() {
    let mut forge = BASE.clone();
    let bounds = &forge.verdicts[0].bounds;
    let looser = bounds.0.map(|b| {
        let hi = if b.hi() == Bound::LIMIT { b.hi() } else { b.hi() + 1 };
        Bound::new(b.terms(), Some(b.lo()), Some(hi)).unwrap()
    });
    forge.verdicts[0].bounds = Bounds(looser);
    assert_ne!(forge.verdicts[0].bounds, BASE.verdicts[0].bounds);
    assert!(matches!(refused(&forge), VerifyError::OtherBounds(1)));
}

#[test]
fn a_verdict_for_another_request() {
    for change in [
        (|f: &mut Forge| f.request.nonce = [8; 32]) as fn(&mut Forge),
        |f| f.request.audience = "port office".into(),
        |f| f.request.expires += jiff::SignedDuration::from_secs(1),
        |f| f.documents.swap(0, 1),
        |f| f.documents[0].role = "manifest".into(),
        |f| f.request.policy = policy(&super::forge::POLICY.replace("26500 kg", "26501 kg")),
        |f| f.request.chain = Some(chain(1, [1; 20])),
    ] {
        let mut other = BASE.clone();
        change(&mut other);
        let mut forge = BASE.clone();
        forge.verdicts[0].context = Some(other.context(0));
        assert_ne!(other.context(0), BASE.context(0));
        assert!(matches!(refused(&forge), VerifyError::OtherContext(1)));
    }
    // The second verdict's context in the first.
    let mut forge = BASE.clone();
    forge.verdicts[0].context = Some(forge.context(1));
    assert!(matches!(refused(&forge), VerifyError::OtherContext(1)));
}

fn chain(id: u64, address: [u8; 20]) -> ChainContract {
    ChainContract::new(id, address).unwrap()
}

#[test]
fn a_verdict_for_another_chain_or_contract() {
    let bound = |chain| {
        let mut forge = BASE.clone();
        forge.request.chain = chain;
        forge
    };
    let mine = bound(Some(chain(1, [1; 20])));
    let report = judge(&mine.present(), &mine.signed()).unwrap();
    assert_eq!(report.chain, mine.request.chain);
    // Unbound, on another chain, for another contract on the same: each a context of its own.
    let others = [None, Some(chain(2, [1; 20])), Some(chain(1, [2; 20]))].map(bound);
    let mut contexts = vec![mine.context(0)];
    for other in others {
        let context = other.context(0);
        assert!(!contexts.contains(&context));
        contexts.push(context);
        let mut forge = mine.clone();
        forge.verdicts[0].context = Some(context);
        assert!(matches!(refused(&forge), VerifyError::OtherContext(1)));
    }
}

#[test]
fn a_verdict_too_many_or_too_few() {
    let bytes = BASE.present_with(|verdicts| verdicts.push(verdicts[0].clone())).unwrap();
    let error = judge(&bytes, &BASE.signed()).unwrap_err();
    assert!(matches!(error, VerifyError::VerdictCount { expected: 1, found: 2 }), "{error}");
    // As many as a policy compiles to at most are read, and no more.
    let times = |n: usize| BASE.present_with(|verdicts| *verdicts = vec![verdicts[0].clone(); n]).unwrap();
    let error = judge(&times(MAX_CHAINS), &BASE.signed()).unwrap_err();
    assert!(matches!(error, VerifyError::VerdictCount { expected: 1, found: MAX_CHAINS }), "{error}");
    let error = judge(&times(MAX_CHAINS + 1), &BASE.signed()).unwrap_err();
    let VerifyError::Presentation(PresentationError::TooManyVerdicts(found)) = error else { panic!("{error}") };
    assert_eq!(found, MAX_CHAINS + 1);
    let bytes = BASE.present_with(Vec::clear).unwrap();
    let error = judge(&bytes, &BASE.signed()).unwrap_err();
    assert!(matches!(error, VerifyError::VerdictCount { expected: 1, found: 0 }), "{error}");
}

#[test]
fn proofs_of_other_statements() {
    // Valid proofs, each of another statement of the same circuit.
    let bytes = BASE.present_with(|verdicts| verdicts[0].chains[1][1].proof = verdicts[0].chains[1][0].proof).unwrap();
    assert!(matches!(judge(&bytes, &BASE.signed()), Err(VerifyError::Proof(SECOND))));
    // Of two that do not hold the first is named.
    let swap = |verdicts: &mut Vec<ProvedVerdict>| {
        let [one, other] = &mut verdicts[0].chains[1][..] else { panic!("the second chain has two tallies") };
        std::mem::swap(&mut one.proof, &mut other.proof);
    };
    let bytes = BASE.present_with(swap).unwrap();
    let first = Place::Tally { verdict: 1, chain: 2, tally: 1 };
    assert!(matches!(judge(&bytes, &BASE.signed()), Err(VerifyError::Proof(place)) if place == first));

    let mut looser = BASE.clone();
    looser.verdicts[0].context = Some(looser.context(7));
    let mut other = None;
    looser.present_with(|verdicts| other = Some(verdicts[0].proof)).unwrap();
    let bytes = BASE.present_with(|verdicts| verdicts[0].proof = other.unwrap()).unwrap();
    assert!(matches!(judge(&bytes, &BASE.signed()), Err(VerifyError::Proof(Place::Verdict(1)))));

    // A proof of another circuit, and a statement under another circuit's name.
    let bytes = BASE.present_with(|verdicts| verdicts[0].chains[0][0].proof = verdicts[0].proof).unwrap();
    let first = Place::Tally { verdict: 1, chain: 1, tally: 1 };
    assert!(matches!(judge(&bytes, &BASE.signed()), Err(VerifyError::Proof(place)) if place == first));
    let long = consign_circuits::tally::TallySize::Long;
    let bytes = BASE.present_with(|verdicts| verdicts[0].chains[0][0].size = long).unwrap();
    assert!(matches!(judge(&bytes, &BASE.signed()), Err(VerifyError::Proof(place)) if place == first));
}
