//! What holds, what does not, and each reason.

use super::*;
use crate::policy::Policy;

/// Goods: gross mass, value, origin, HS, dangerous.
fn manifest(goods: &[(u64, u64, u16, [u8; 3], u16)]) -> Table {
    // Containers 1, 1 and 3.
    let line = |(i, &(mass, value, origin, hs, dangerous)): (usize, &(u64, u64, u16, [u8; 3], u16))| {
        let container = if i < 2 { 1 } else { 3 };
        Row::new(RowKind::Goods, [mass, 0, 1, value], origin, [dangerous, container], hs).unwrap()
    };
    let header = Row::new(RowKind::Document, [20_454, 0, 0, 0], 704, [840, 276], [0; 3]).unwrap();
    Table::new(header, goods.iter().enumerate().map(line).collect()).unwrap()
}

fn facts() -> Facts {
    let profile = crate::profile::Kind::CargoManifest.profile();
    let names = profile.goods.iter().map(|c| c.name.to_owned());
    let complete = names.chain(profile.document.iter().map(|c| format!("document.{}", c.name))).collect();
    Facts { complete, currency: Some("USD".into()), ..Facts::default() }
}

const GOODS: &[(u64, u64, u16, [u8; 3], u16)] = &[
    (1_500, 10_050, 704, [84, 71, 30], 0),
    (2_000, 20_000, 156, [85, 7, 60], 3480),
    (500, 9_950, 704, [61, 9, 10], 0),
];

fn outcome(claim: &str, documents: &[(&Table, &Facts)]) -> Outcome {
    let kinds = vec![crate::profile::Kind::CargoManifest; documents.len().max(1)];
    let policy = Policy::from_claims(&[claim], &kinds).unwrap().resolve(&BTreeMap::new()).unwrap();
    let documents = Documents::from([("manifest".to_owned(), documents.to_vec())]);
    evaluate(&policy, &documents).remove(0)
}

#[test]
fn figures_are_those_of_the_rows() {
    let (table, facts) = (manifest(GOODS), facts());
    for (claim, figure, holds) in [
        ("total gross_mass <= 4 kg", "4 kg", true),
        ("total gross_mass < 4 kg", "4 kg", false),
        ("total value >= 400 USD", "400 USD", true),
        ("total value where origin in VN < 200.01 USD", "200 USD", true),
        ("total value where hs in 8471 = 100.50 USD", "100.50 USD", true),
        ("total packages between 3 and 4", "3", true),
        ("share of value where origin in VN = 50 %", "50 %", true),
        ("share of value where dangerous in none > 50 %", "50 %", false),
        ("count where gross_mass >= 1.5 kg = 2", "2 lines", true),
        ("count where hs not in 84, 85 and origin in VN = 1", "1 line", true),
        ("every origin in VN, CN", "all 3 lines", true),
        ("every origin in VN", "not 1 of 3 lines", false),
        ("no hs in 8500..8506", "all 3 lines", true),
        ("no hs in 8500..8507", "not 1 of 3 lines", false),
        ("no dangerous in UN3481", "all 3 lines", true),
        ("each gross_mass between 0.5 kg and 2 kg", "all 3 lines", true),
        ("each gross_mass > 0.5 kg", "not 1 of 3 lines", false),
        ("document issue_date >= 2026-01-01", "2026-01-01", true),
        ("document currency in USD", "all 1 documents", true),
        ("document import_country not in DE", "not 1 of 1 documents", false),
        ("total gross_mass > total net_mass", "4 kg and 0 kg", true),
        ("total gross_mass where origin = VN within 0.01 % of 2 kg", "2 kg", true),
        ("total gross_mass where origin = VN = 50 % of total gross_mass", "2 kg and 4 kg", true),
        ("total gross_mass where origin = VN within 50 % of total gross_mass", "2 kg and 4 kg", true),
        ("total gross_mass where origin = VN within 49.99 % of total gross_mass", "2 kg and 4 kg", false),
        ("total gross_mass where origin = CN - total gross_mass where origin = VN < 0 kg", "0 kg", false),
        ("total value where origin = CN - total value <= 0 USD", "-200 USD", true),
        ("80 % of total value >= 320 USD", "400 USD", true),
        ("80 % of total value >= 320.01 USD", "400 USD", false),
        ("document value + total value = 400 USD", "400 USD", true),
        ("no dangerous in UN3480 where origin in VN", "all 2 lines", true),
        ("each gross_mass <= 1.5 kg where dangerous in none", "all 2 lines", true),
        ("each gross_mass <= 1.499 kg where dangerous in none", "not 1 of 2 lines", false),
        ("per container up to 3 total gross_mass <= 3.5 kg", "3.5 kg", true),
        ("per container up to 3 total gross_mass <= 3.499 kg", "3.5 kg", false),
        ("per container up to 2 total gross_mass <= 1 t", "not 1 of 3 lines", false),
        ("per container up to 3 total net_mass <= total gross_mass", "0 kg and 3.5 kg", true),
    ] {
        let outcome = outcome(claim, &[(&table, &facts)]);
        let shown = outcome.figure.map(|f| f.to_string());
        assert_eq!((shown.as_deref(), outcome.holds, outcome.reason), (Some(figure), holds, None), "{claim}");
    }
}

#[test]
fn each_reason_is_given() {
    let (table, facts, empty) = (manifest(GOODS), facts(), manifest(&[]));
    let role = || "manifest".to_owned();
    let reason = |claim: &str, documents: &[(&Table, &Facts)]| {
        let outcome = outcome(claim, documents);
        assert!(!outcome.holds && outcome.figure.is_none());
        outcome.reason.unwrap()
    };
    for claim in ["total gross_mass <= 1 t", "every origin in VN", "count = 0", "each value <= 1 USD"] {
        assert_eq!(reason(claim, &[(&empty, &facts)]), Reason::NoGoods { role: role() });
    }
    let nothing = Reason::NothingToShare { role: role() };
    for claim in [
        "share of net_mass where origin in VN >= 0 %",
        "total net_mass <= 50 % of total net_mass",
        "total net_mass within 1 % of total net_mass",
        "total net_mass >= 1 % of total net_mass - total gross_mass",
    ] {
        assert_eq!(reason(claim, &[(&table, &facts)]), nothing);
    }

    let mut partial = facts.clone();
    partial.complete.remove("origin");
    let incomplete = Reason::Incomplete { role: role(), document: 2, column: "origin".into() };
    for claim in ["no origin in US", "total gross_mass where origin in VN <= 1 t"] {
        assert_eq!(reason(claim, &[(&table, &facts), (&table, &partial)]), incomplete);
    }
    assert!(outcome("total gross_mass <= 1 t", &[(&table, &partial)]).holds);
    partial.complete.remove("document.currency");
    let incomplete = Reason::Incomplete { role: role(), document: 1, column: "document.currency".into() };
    assert_eq!(reason("document currency in USD", &[(&table, &partial)]), incomplete);

    let euro = Facts { currency: Some("EUR".into()), ..facts.clone() };
    let none = Facts { currency: None, ..facts.clone() };
    let other = Reason::OtherCurrency { role: role(), expected: "USD".into(), found: "EUR".into() };
    assert_eq!(reason("count where value > 1 USD >= 1", &[(&table, &euro)]), other);
    let unknown = Reason::CurrencyUnknown { role: role() };
    assert_eq!(reason("total value <= 1 USD", &[(&table, &facts), (&table, &none)]), unknown);
    let mixed = Reason::MixedCurrencies { roles: role() };
    assert_eq!(reason("share of value where origin in VN >= 1 %", &[(&table, &facts), (&table, &euro)]), mixed);

    let missing = Reason::Documents { role: role(), expected: DocumentCount::ONE, found: 0 };
    assert_eq!(reason("total gross_mass <= 1 t", &[]), missing);
}

#[test]
fn documents_of_two_shipments_do_not_go_together() {
    let toml = "name = \"p\"\nversion = \"1\"\nvalid-from = 2026-01-01\nsame = [\"shipment\"]\n[roles.manifest]\nkind = \
                \"cargo-manifest\"\ndocuments = 2\n[[claims]]\nclaim = \"count >= 1\"\nsource = \"a test\"\n";
    let policy = Policy::from_toml(toml).unwrap().resolve(&BTreeMap::new()).unwrap();
    let table = manifest(GOODS);
    let of = |shipment: Option<&str>| {
        let references = shipment.map(|s| ("shipment".to_owned(), s.to_owned())).into_iter().collect();
        Facts { references, ..facts() }
    };
    let last = |a: &Facts, b: &Facts| {
        let documents = Documents::from([("manifest".to_owned(), vec![(&table, a), (&table, b)])]);
        let outcomes = evaluate(&policy, &documents);
        assert_eq!(outcomes.len(), 2);
        outcomes[1].reason.clone()
    };
    assert_eq!(last(&of(Some("a")), &of(Some("a"))), None);
    let differ = Reason::ReferencesDiffer { reference: "shipment".into() };
    assert_eq!(last(&of(Some("a")), &of(Some("b"))), Some(differ));
    let missing = Reason::ReferenceMissing { role: "manifest".into(), reference: "shipment".into() };
    assert_eq!(last(&of(Some("a")), &of(None)), Some(missing));
}

/// Each rule of the pack holds of the documents that satisfy it, and not of those that miss it by the smallest unit.
#[test]
fn each_policy_of_the_pack_is_satisfied_and_missed_by_a_unit() {
    let cases = crate::testing::pack_cases();
    let named: Vec<&str> = cases.iter().map(|case| case.name).collect();
    let pack: Vec<&str> = crate::policy::pack::ENTRIES.iter().map(|entry| entry.name).collect();
    assert_eq!(named, pack);
    for case in cases {
        let satisfied = evaluate(&case.satisfied.policy, &case.satisfied.documents());
        assert!(satisfied.iter().all(|outcome| outcome.holds), "{}: {satisfied:#?}", case.name);
        let missed = evaluate(&case.missed.policy, &case.missed.documents());
        let against: Vec<_> = missed.iter().filter(|outcome| !outcome.holds).collect();
        // By its figure, not for want of a fact.
        let by_figure = against.iter().all(|outcome| outcome.figure.is_some() && outcome.reason.is_none());
        assert!(!against.is_empty() && by_figure, "{}: {missed:#?}", case.name);
        let compiled = crate::compile::compile(&case.missed.policy).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        assert!(compiled.holds(&case.satisfied.documents()) && !compiled.holds(&case.missed.documents()));
    }
}
