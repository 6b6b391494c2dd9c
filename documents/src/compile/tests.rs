//! The compiler against plain evaluation.

use super::*;
use crate::{
    evaluate::evaluate,
    testing::{Case, case},
};
use proptest::prelude::*;

/// Evaluation, and needs with totals and bounds, say the same of the case, as a whole and verdict by verdict.
fn agree(case: &Case) -> (bool, usize) {
    let documents = case.documents();
    let outcomes = evaluate(&case.policy, &documents);
    let plain = outcomes.iter().all(|outcome| outcome.holds);
    let compiled = match compile(&case.policy) {
        Ok(compiled) => compiled,
        Err(CompileError::Conflict { .. }) => {
            assert!(!plain);
            return (plain, 0);
        }
        // Two long negated lists on the left of a comparison: more terms than a bound takes.
        Err(CompileError::Terms { .. }) => return (plain, 0),
        Err(error) => panic!("{error}"),
    };
    let met = compiled.needs_met(&documents);
    assert_eq!(plain, met.is_ok() && compiled.holds(&documents), "{met:?} {outcomes:#?}");
    if met.is_ok() {
        for verdict in &compiled.verdicts {
            let totals = verdict.totals(&documents).expect("small totals");
            let claims = verdict.claims.iter().all(|&i| outcomes[i].holds);
            assert_eq!(verdict.bounds.hold(&totals), claims, "{outcomes:#?}");
        }
    }
    let decided: usize = compiled.verdicts.iter().map(|v| v.claims.len()).sum();
    assert_eq!(decided, case.policy.claims().len());
    (plain, compiled.verdicts.iter().map(|v| v.chains.len()).sum())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn what_evaluates_compiles_to_bounds_that_hold(case in crate::testing::cases(40, 4)) {
        agree(&case);
    }
}

#[test]
fn random_cases_are_worth_drawing() {
    let results: Vec<_> = (0..600).map(|seed| agree(&case(seed, 40, 1 + seed as usize % 3))).collect();
    let hold = results.iter().filter(|(holds, _)| *holds).count();
    let split = results.iter().filter(|(_, sets)| *sets > 6).count();
    assert!((120..480).contains(&hold), "{hold} of 600 hold");
    assert!(split > 50, "{split} of 600 need more than six filter sets");
}

#[test]
fn the_json_form_is_the_policy() {
    for seed in 0..50 {
        let policy = case(seed, 3, 4).policy;
        let json = policy.to_json();
        let read = ResolvedPolicy::from_json(&json).unwrap();
        assert_eq!(read, policy);
        assert_eq!((read.to_json(), read.digest()), (json, policy.digest()));
        assert_eq!(compile(&read), compile(&policy));
    }
}
