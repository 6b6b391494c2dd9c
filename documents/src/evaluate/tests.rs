//! What holds, what does not, and each reason.

use super::*;
use crate::policy::Policy;

/// Goods: gross mass, value, origin, HS, dangerous.
fn manifest(goods: &[(u64, u64, u16, [u8; 3], u16)]) -> Table {
    let line = |&(mass, value, origin, hs, dangerous): &(u64, u64, u16, [u8; 3], u16)| {
        Row::new(RowKind::Goods, [mass, 0, 1, value], origin, [dangerous, 0], hs).unwrap()
    };
    let header = Row::new(RowKind::Document, [20_454, 0, 0, 0], 704, [840, 276], [0; 3]).unwrap();
    Table::new(header, goods.iter().map(line).collect()).unwrap()
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
    assert_eq!(reason("share of net_mass where origin in VN >= 0 %", &[(&table, &facts)]), nothing);

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

    let missing = Reason::Documents { role: role(), expected: 1, found: 0 };
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
