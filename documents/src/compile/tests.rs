//! The compiler against plain evaluation.

use super::*;
use crate::{
    evaluate::evaluate,
    policy::Policy,
    profile::Kind,
    table::{Row, RowKind, Table},
    testing::{Case, case},
};
use num_rational::BigRational;
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
        // Beyond the limits, and refused for it.
        Err(
            CompileError::Terms { .. }
            | CompileError::Chains { .. }
            | CompileError::Places { .. }
            | CompileError::Weights { .. },
        ) => return (plain, 0),
        Err(error) => panic!("{error}"),
    };
    let facts = documents.iter().map(|(role, list)| (role.clone(), list.iter().map(|(_, facts)| *facts).collect()));
    let met = compiled.needs_met(&facts.collect());
    assert_eq!(plain, met.is_ok() && compiled.holds(&documents), "{met:?} {outcomes:#?}");
    if met.is_ok() {
        let hold: Vec<bool> = compiled
            .verdicts
            .iter()
            .map(|verdict| verdict.bounds.hold(&verdict.totals(&documents).expect("small totals")))
            .collect();
        for (i, outcome) in outcomes.iter().enumerate().take(case.policy.claims().len()) {
            // A claim alone in its verdicts holds exactly if they do; beside others, they do only if it does.
            let own: Vec<usize> = (0..hold.len()).filter(|&v| compiled.verdicts[v].claims.contains(&i)).collect();
            let alone = own.iter().all(|&v| compiled.verdicts[v].claims == [i]);
            let all = own.iter().all(|&v| hold[v]);
            assert!(!own.is_empty() && (outcome.holds || !all) && (!alone || outcome.holds == all), "{outcomes:#?}");
        }
        for (verdict, holds) in compiled.verdicts.iter().zip(&hold) {
            let claims = verdict.claims.iter().all(|&i| outcomes[i].holds);
            assert!(*holds || !claims, "{outcomes:#?}");
        }
    }
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
    assert!(split > 25, "{split} of 600 need more than six filter sets");
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

fn resolved(toml_lists: &str, claims: &[&str]) -> ResolvedPolicy {
    let mut toml = format!(
        "name = \"p\"\nversion = \"1\"\nvalid-from = 2026-01-01\n[roles.manifest]\nkind = \"cargo-manifest\"\n[roles.invoice]\nkind = \
         \"commercial-invoice\"\n[lists]\n{toml_lists}\n"
    );
    for claim in claims {
        toml.push_str(&format!("[[claims]]\nclaim = \"{claim}\"\nsource = \"a test\"\n"));
    }
    crate::policy::Policy::from_toml(&toml).unwrap().resolve(&BTreeMap::new()).unwrap()
}

/// A list of this many UN numbers.
fn un(name: &str, from: usize, count: usize) -> String {
    let codes: Vec<String> = (from..from + count).map(|n| format!("{n:04}")).collect();
    format!("{name} = {codes:?}\n")
}

fn hs(name: &str, count: usize) -> String {
    let codes: Vec<String> = (0..count).map(|n| format!("{:06}", 10_101 + 2 * n)).collect();
    format!("{name} = {codes:?}\n")
}

#[test]
fn claims_share_places() {
    let claims = [
        "total gross_mass <= 1 t",
        "total gross_mass >= 1 kg",
        "total net_mass of manifest <= 1 t",
        "count of manifest <= 40",
        "no origin of manifest in CN",
        "count where origin in CN and container in none = 0",
    ];
    let compiled = compile(&resolved("", &claims)).unwrap();
    // All goods, those of CN, those of CN without a container: three filters in one set.
    let [verdict] = compiled.verdicts.as_slice() else { panic!("one verdict") };
    let [(role, set)] = verdict.chains.as_slice() else { panic!("one chain") };
    assert_eq!(role, "manifest");
    assert_eq!(set.filters.iter().filter(|f| **f != crate::filter::Filter::Null).count(), 3);
    assert_eq!(set.tests.iter().filter(|t| !t.codes().is_empty()).count(), 2);
    assert_eq!(verdict.claims, [0, 1, 2, 3, 4, 5]);
    assert_eq!(verdict.bounds.0.iter().filter(|b| **b != crate::filter::Bound::unused()).count(), 7);
}

#[test]
fn a_list_takes_as_many_sets_as_its_length_asks_for() {
    for (count, sets) in [(1, 1), (64, 1), (65, 2), (128, 2), (129, 3)] {
        let lists = un("a", 10, count);
        let positive = compile(&resolved(&lists, &["no dangerous in @a"])).unwrap();
        let negative = compile(&resolved(&lists, &["every dangerous in @a"])).unwrap();
        for compiled in [positive, negative] {
            assert_eq!(compiled.verdicts.iter().map(|v| v.chains.len()).collect::<Vec<_>>(), [sets], "{count} codes");
        }
    }
}

#[test]
fn a_claim_per_container_takes_as_many_verdicts_as_its_filters_ask_for() {
    let verdicts = |claim: &str| {
        let compiled = compile(&resolved("", &[claim])).unwrap();
        assert!(compiled.verdicts.iter().all(|verdict| verdict.chains.len() == 1), "{claim}");
        compiled.verdicts.len()
    };
    // The first verdict has the filters of all lines and of those in no container beside it.
    assert_eq!(verdicts("per container up to 12 total gross_mass <= 1 t"), 3);
    // Two filters a container, then three: six containers take two groups of filters, then three.
    let where_three = "per container up to 12 total gross_mass where packages >= 3 <= 80 % of total gross_mass";
    assert_eq!(verdicts(where_three), 5);
    let two = "per container up to 12 total gross_mass where packages >= 3 <= total gross_mass where packages >= 2 + total \
               gross_mass";
    assert_eq!(verdicts(two), 7);
}

fn table(packages: u64) -> Table {
    let header = Row::new(RowKind::Document, [20_454, 0, 0, 0], 0, [0, 0], [0; 3]).unwrap();
    Table::new(header, vec![Row::new(RowKind::Goods, [0, 0, packages, 0], 0, [0, 0], [0; 3]).unwrap()]).unwrap()
}

/// What evaluation and the bounds say of a claim about so many packages.
fn packages(claim: &str, packages: u64) -> [bool; 2] {
    let policy = Policy::from_claims(&[claim], &[Kind::CargoManifest]).unwrap().resolve(&BTreeMap::new()).unwrap();
    let (table, complete) = (table(packages), ["packages".to_owned()].into());
    let facts = Facts { complete, ..Facts::default() };
    let documents = Documents::from([("manifest".to_owned(), vec![(&table, &facts)])]);
    [evaluate(&policy, &documents)[0].holds, compile(&policy).unwrap().holds(&documents)]
}

#[test]
fn half_a_package_counts() {
    for (claim, holds) in [
        ("50 % of total packages < 10", true),
        ("50 % of total packages > 9", true),
        ("50 % of total packages <= 50 % of 19", true),
        ("50 % of total packages >= 50 % of 19", true),
        ("50 % of total packages = 50 % of 19", true),
        ("50 % of total packages within 5 % of 10", true),
        ("50 % of total packages within 5.5 % of 9", false),
        ("50 % of total packages <= 9", false),
        ("50 % of total packages >= 10", false),
        ("50 % of total packages < 50 % of 19", false),
    ] {
        assert_eq!(packages(claim, 19), [holds; 2], "{claim}");
    }
}

fn percent(hundredths: i128) -> String {
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    // Exact rationals, from the numbers that the text is made of: nothing of it passes through a range or a bound.
    #[test]
    fn parts_are_compared_without_rounding(
        factor in prop_oneof![Just(0i128), 1i128..=400, (1i128..=20).prop_map(|n| n * 500), 1i128..=100_000],
        part in prop_oneof![(1i128..=20).prop_map(|n| n * 500), 1i128..=10_000],
        count in 0u64..=300,
        beside in -1i128..=1,
        form in 0usize..12,
    ) {
        let left = BigRational::new((factor * i128::from(count)).into(), 10_000.into());
        let of = |hundredths: i128, figure: i128| BigRational::new((hundredths * figure).into(), 10_000.into());
        let whole = |figure: i128| of(10_000, figure);
        // A figure that the left side is at, or next to.
        let near = |hundredths: i128| (factor * i128::from(count) / hundredths + beside).max(0);
        let signs = ["<=", ">=", "<", ">", "="];
        let compares = |sign: &str, right: BigRational| match sign {
            "<=" => left <= right,
            ">=" => left >= right,
            "<" => left < right,
            ">" => left > right,
            _ => left == right,
        };
        let (predicate, holds) = match form {
            0..=4 => {
                let (sign, figure) = (signs[form], near(10_000));
                (format!("{sign} {figure}"), compares(sign, whole(figure)))
            }
            5..=9 => {
                let (sign, figure) = (signs[form - 5], near(part));
                (format!("{sign} {} of {figure}", percent(part)), compares(sign, of(part, figure)))
            }
            10 => {
                let figure = near(10_000 - part * i128::from(part < 10_000));
                let holds = of(10_000 - part, figure) <= left && left <= of(10_000 + part, figure);
                (format!("within {} of {figure}", percent(part)), holds)
            }
            _ => {
                let (lo, hi) = (near(10_000), near(10_000) + 1);
                (format!("between {lo} and {hi}"), whole(lo) <= left && left <= whole(hi))
            }
        };
        let claim = format!("{} of total packages {predicate}", percent(factor));
        prop_assert_eq!(packages(&claim, count), [holds; 2], "{} of {}", claim, count);
    }
}

#[test]
fn what_cannot_be_expressed_is_refused() {
    let lists = un("a", 10, 200) + &un("b", 1000, 200);
    let long = "where dangerous not in @a";
    let claim = format!("total gross_mass {long} = total net_mass of manifest where dangerous not in @b");
    assert_eq!(compile(&resolved(&lists, &[&claim])), Err(CompileError::Terms { claim: 1, found: 4 }));
    let one = format!("total gross_mass {long} <= total net_mass of manifest");
    assert!(compile(&resolved(&lists, &[&one])).is_ok());

    let lists = un("a", 10, 1_000) + &hs("h", 5_000);
    let cross = "count where dangerous in @a and hs in @h = 0";
    let error = compile(&resolved(&lists, &["count of invoice >= 1", cross])).unwrap_err();
    assert!(matches!(error, CompileError::Chains { claim: Some(2), found: 4_000..6_000 }), "{error:?}");
    let many: Vec<String> =
        (0..64).map(|n| format!("count where dangerous in @a and gross_mass > {n} g = 0")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let error = compile(&resolved(&lists, &many)).unwrap_err();
    assert!(matches!(error, CompileError::Chains { claim: None, .. }), "{error:?}");

    let wide = "w = [\"010101..970199\"]\n".to_owned()
        + "n = ["
        + &(1..98).map(|c| format!("\"{c:02}0101..{c:02}9998\",")).collect::<String>()
        + "]\n";
    let compiled = compile(&resolved(&wide, &["no hs of manifest in @w"])).unwrap();
    assert!(compiled.cost(&BTreeMap::new()).filter_sets <= 5);
    let error = compile(&resolved(&wide, &["no hs of manifest in @n"])).unwrap_err();
    assert_eq!(error, CompileError::Codes { claim: 1 });

    let claims = ["total value <= 1 USD", "document value of manifest <= 1 EUR"];
    let conflict =
        CompileError::Conflict { claim: 2, role: "manifest".into(), first: "USD".into(), second: "EUR".into() };
    assert_eq!(compile(&resolved("", &claims)), Err(conflict));
    assert!(!CompileError::Terms { claim: 1, found: 4 }.hint().is_empty());
}

#[test]
fn needs_name_what_must_be_disclosed() {
    let claims = [
        "total amount of invoice = total value of manifest",
        "share of value where origin in VN and gross_mass > 1 kg >= 1 %",
        "total quantity <= 5 KGM",
        "each amount <= 7 USD",
        "document issue_date of invoice >= 2026-01-01",
    ];
    let compiled = compile(&resolved("", &claims)).unwrap();
    let names = |needs: &Needs| needs.complete.iter().cloned().collect::<Vec<_>>().join(" ");
    let (invoice, manifest) = (&compiled.needs["invoice"], &compiled.needs["manifest"]);
    assert_eq!(names(invoice), "amount document.issue_date quantity");
    assert_eq!(names(manifest), "gross_mass origin value");
    assert_eq!((&invoice.currency, &manifest.currency), (&CurrencyNeed::Is("USD".into()), &CurrencyNeed::Same));
    assert_eq!((&invoice.unit, &manifest.unit), (&UnitNeed::Is("KGM".into()), &UnitNeed::None));
    let roles = ["invoice".to_owned(), "manifest".to_owned()].into();
    assert_eq!(compiled.agreements, [Agreement { subject: Subject::Currency, roles }]);
}
