//! Searches for a figure are stopped, however they are worded; plain rules are not.

use proptest::prelude::*;

use super::*;
use crate::{
    policy::Policy,
    profile::Kind,
    table::Row,
    testing::{Case, cases},
};

/// Goods: gross mass, value, origin.
fn manifest(goods: &[(u64, u64, u16)]) -> Table {
    let line = |&(mass, value, origin): &(u64, u64, u16)| {
        Row::new(crate::table::RowKind::Goods, [mass, 0, 1, value], origin, [0, 1], [84, 71, 30]).unwrap()
    };
    let header = Row::new(crate::table::RowKind::Document, [20_454, 0, 0, 9_000], 704, [840, 276], [0; 3]).unwrap();
    Table::new(header, goods.iter().map(line).collect()).unwrap()
}

/// 300 kg in three lines.
fn three() -> Table {
    manifest(&[(100_000, 10_000, 704), (150_000, 25_000, 704), (50_000, 5_000, 156)])
}

fn policy(claims: &[&str]) -> ResolvedPolicy {
    Policy::from_claims(claims, &[Kind::CargoManifest]).unwrap().resolve(&BTreeMap::new()).unwrap()
}

fn places() -> Places {
    Places::from([("manifest".to_owned(), vec![0])])
}

/// What is said of the last of a series of policies, each asked before the next.
fn last(table: &Table, series: &[&[&str]]) -> Vec<String> {
    let mut ledger = Ledger::new(vec![table]);
    let (last, before) = series.split_last().unwrap();
    for claims in before {
        ledger.asked(&policy(claims), &places());
    }
    ledger.narrowed_by(&policy(last), &places()).iter().map(ToString::to_string).collect()
}

#[test]
fn a_search_is_stopped_with_what_has_become_known() {
    let table = three();
    let asked = |series: &[&str]| last(&table, &series.iter().map(std::slice::from_ref).collect::<Vec<_>>());
    assert_eq!(asked(&["total gross_mass <= 500 kg"]), [""; 0]);
    // Refused, and that is an answer.
    assert_eq!(asked(&["total gross_mass <= 500 kg", "total gross_mass <= 250 kg"]), [""; 0]);
    let total = "the total gross mass of all goods lines of manifest could become known";
    assert_eq!(
        asked(&["total gross_mass <= 500 kg", "total gross_mass <= 250 kg", "total gross_mass <= 400 kg"]),
        [format!("{total}: from 400 kg to 500 kg (known already: from 250 kg to 500 kg)")]
    );
    assert_eq!(
        asked(&["total gross_mass <= 500 kg", "total gross_mass <= 250 kg", "total gross_mass <= 320 kg"]),
        [format!("{total}: from 250 kg to 320 kg (known already: from 250 kg to 500 kg)")]
    );
    // Asked again, or asked what is known, it tells nothing.
    assert_eq!(asked(&["total gross_mass <= 500 kg", "total gross_mass <= 500 kg"]), [""; 0]);
    assert_eq!(asked(&["total gross_mass <= 310 kg", "total gross_mass < 400 kg"]), [""; 0]);
}

#[test]
fn other_words_for_a_figure_are_the_same_figure() {
    let table = three();
    for claim in [
        "total gross_mass >= 280 kg",
        "total gross_mass where origin not in DE >= 280 kg",
        "total gross_mass where gross_mass > 1 g >= 280 kg",
        "total gross_mass where origin = VN + total gross_mass where origin = CN >= 280 kg",
        "200 % of total gross_mass >= 560 kg",
        "total gross_mass + total gross_mass >= 560 kg",
        "80 % of total gross_mass > 230 kg",
    ] {
        let asked = policy(&[claim]);
        let mut ledger = Ledger::new(vec![&table]);
        ledger.asked(&policy(&["total gross_mass <= 310 kg"]), &places());
        let found = ledger.narrowed_by(&asked, &places());
        assert_eq!(found.len(), 1, "{claim}: {found:?}");
        assert!(found[0].known.is_some(), "{claim}");
    }
    let other =
        ["total gross_mass where origin not in CN >= 280 kg", "total net_mass >= 280 kg", "total value >= 280 USD"];
    for claim in other {
        assert_eq!(last(&table, &[&["total gross_mass <= 310 kg"], &[claim]]), [""; 0], "{claim}");
    }
}

#[test]
fn every_kind_of_figure_can_be_searched_for() {
    let table = three();
    let lines = "goods lines of manifest";
    for (claims, expected) in [
        (
            &["total value between 380 USD and 410 USD"][..],
            format!("the total value of all {lines} could become known: from 380 USD to 410 USD"),
        ),
        (
            &["total value >= 380 USD", "total value <= 410 USD"],
            format!("the total value of all {lines} could become known: from 380 USD to 410 USD"),
        ),
        (
            &["count where origin = VN = 2"],
            format!("the number of the {lines} with origin among VN could become known: exactly 2"),
        ),
        (
            &["each gross_mass <= 160 kg", "each gross_mass <= 150 kg"],
            format!("the largest gross mass of all {lines} could become known: from 150 kg to 160 kg"),
        ),
        (
            &["each gross_mass >= 49 kg", "each gross_mass > 50 kg"],
            format!("the smallest gross mass of all {lines} could become known: from 49 kg to 50.001 kg"),
        ),
        (
            &["document issue_date between 2025-12-29 and 2026-01-02"],
            "the issue date in the header of manifest could become known: from 2025-12-29 to 2026-01-02".into(),
        ),
        (
            &["share of value where origin = CN between 12 % and 13 %"],
            format!(
                "the share of the {lines} with origin among CN in the total value of manifest could become known: from 12.00 % to 13.00 %"
            ),
        ),
        (
            &[
                "total value where origin = CN <= 13 % of total value",
                "total value where origin = CN >= 12 % of total value",
            ],
            format!(
                "the total value of the {lines} with origin among CN as a part of the total value of all {lines} could become known: from 12.00 % to 13.00 %"
            ),
        ),
        (
            &["per container up to 1 total packages <= 3", "total packages > 2"],
            format!("the total packages of all {lines} (container 1) could become known: exactly 3"),
        ),
    ] {
        assert_eq!(last(&table, &[claims]), [expected], "{claims:?}");
    }
    // A share is a part of a sum by another name.
    let share = &["share of value where origin = CN <= 13 %"][..];
    assert_eq!(last(&table, &[share, &["total value where origin = CN >= 12 % of total value"]]).len(), 1);
}

#[test]
fn plain_rules_are_answered() {
    let table = three();
    for claims in [
        &["total gross_mass <= 26500 kg", "total value <= 2500 USD", "each gross_mass <= 1 t"][..],
        &[
            "every origin in VN, CN",
            "no dangerous in UN3480",
            "count where origin = KP = 0",
            "total value where origin = KP = 0 USD",
        ],
        // Sums that must agree, and dates within a quarter.
        &["total gross_mass within 10 % of total net_mass", "total value = document value"],
        &["document issue_date between 2025-10-01 and 2026-01-01", "share of value where origin = VN >= 80 %"],
        &["count where origin = VN >= 1", "total value > 0 USD"],
    ] {
        assert_eq!(last(&table, &[claims]), [""; 0], "{claims:?}");
    }
}

#[test]
fn roles_that_are_not_there_are_passed_over() {
    let table = three();
    let mut ledger = Ledger::new(vec![&table]);
    let exact = policy(&["total gross_mass = 300 kg"]);
    for places in
        [Places::new(), Places::from([("manifest".into(), vec![])]), Places::from([("manifest".into(), vec![7])])]
    {
        ledger.asked(&exact, &places);
        assert!(ledger.narrowed_by(&exact, &places).is_empty());
    }
    assert!(ledger.known.is_empty());
}

fn of_case(case: &Case) -> (Vec<&Table>, Places) {
    let mut places = Places::new();
    for (i, (role, ..)) in case.tables.iter().enumerate() {
        places.entry(role.clone()).or_default().push(i);
    }
    (case.tables.iter().map(|(_, table, _)| table).collect(), places)
}

proptest! {
    /// What is known is true, and to ask the same again tells nothing.
    #[test]
    fn what_is_known_is_true(case in cases(12, 6)) {
        let (tables, places) = of_case(&case);
        let mut ledger = Ledger::new(tables);
        ledger.asked(&case.policy, &places);
        prop_assert_eq!(ledger.narrowed_by(&case.policy, &places), vec![]);
        for subject in ledger.subjects(&case.policy, &places) {
            let known = &ledger.known[&subject.id];
            prop_assert!(known.lo.as_ref().is_none_or(|lo| !lo.is_above(&subject.value)), "{}", subject.words);
            prop_assert!(known.hi.as_ref().is_none_or(|hi| hi.is_above(&subject.value)), "{}", subject.words);
        }
    }
}
