//! The rule pack and the largest claims with real proofs: a document for each policy that is proved and verified, one that
//! misses it by the smallest unit and is refused to the honest prover and to one that goes on regardless; a list of a
//! thousand codes; forty documents under one verdict.

use std::time::Instant;

use consign_circuits::{
    assign::Assigned,
    groth16::ProveError as Groth16Error,
    presentation::Presentation,
    prove::{Plan, ProveError},
    request::{Request, SignedRequest},
};
use consign_crypto::dossier::CheckedDossier;
use consign_documents::{
    codes::{Country, Criterion, Method},
    document::Document,
    policy::ResolvedPolicy,
    profile::{Column, Content, Kind, Place},
    table::{Row, RowKind},
    testing::{Case, pack_cases},
};
use serde_json::{Map, Value, json};

use super::{
    forge::Forge,
    world::{KEYS, NOW, Trust, attested, judge, judge_with, manifest, party, policy, request, time},
};

/// A document that yields this case's table: the inverse of the profile, in the units of the columns.
fn document(kind: Kind, table: &[Row], currency: Option<&str>, number: usize) -> Document {
    let (header, goods) = table.split_first().unwrap();
    assert_eq!(header.kind(), RowKind::Document);
    let profile = kind.profile();
    let mut document = json!({
        "consign": "document/1",
        "kind": kind.name(),
        "profile": profile.version,
        "number": format!("D-{number}"),
        "references": {"shipment": "S-1"},
    });
    let lines = goods.iter().enumerate().map(|(i, row)| {
        let mut line = json!({"id": (i + 1).to_string(), "description": "goods"});
        for column in profile.goods {
            put(line.as_object_mut().unwrap(), column, column.name, row, currency);
        }
        line
    });
    document["lines"] = lines.collect();
    let whole = document.as_object_mut().unwrap();
    if let Some(currency) = currency {
        whole.insert("currency".into(), json!(currency));
    }
    let mut product = Map::new();
    for column in profile.document {
        // Totals may be left out; what a case says of a product or a day must be there.
        match column.name.strip_prefix("product_") {
            Some(name) => put(&mut product, column, name, header, currency),
            None if column.content == Content::Date => put(whole, column, column.name, header, currency),
            None => {}
        }
    }
    if !product.is_empty() {
        whole.insert("product".into(), product.into());
    }
    Document::from_json(document.to_string().as_bytes(), "case.json").unwrap_or_else(|e| panic!("{e}\n{document}"))
}

/// The fact of a column, unless it is one that no document states this way.
fn put(facts: &mut Map<String, Value>, column: &Column, name: &str, row: &Row, currency: Option<&str>) {
    let number = match column.place {
        Place::Measure(i) => row.measures()[usize::from(i)],
        Place::Origin => row.origin().into(),
        Place::C2 => row.codes()[0].into(),
        Place::C3 => row.codes()[1].into(),
        Place::Hs => row.hs().iter().fold(0, |code, &group| code * 100 + u64::from(group)),
    };
    let decimals = |places: usize| {
        let digits = format!("{number:0width$}", width = places + 1);
        let (whole, rest) = digits.split_at(digits.len() - places);
        if places == 0 { whole.to_owned() } else { format!("{whole}.{rest}") }
    };
    let small = || u16::try_from(number).unwrap();
    let value = match column.content {
        Content::Mass => json!({"value": decimals(3), "unit": "KGM"}),
        Content::Packages => json!(number),
        Content::Quantity => json!({"value": decimals(3), "unit": "KGM"}),
        Content::Money => match currency {
            Some("JPY") => json!(decimals(0)),
            Some(_) => json!(decimals(2)),
            None => return,
        },
        // A case that does not write a country or an HS code has zero, which is none of them.
        Content::Country => match Country::from_number(small()) {
            Some(country) => json!(country.letters()),
            None => return,
        },
        Content::Hs if number == 0 => return,
        Content::Hs => json!(format!("{number:06}")),
        Content::Dangerous if number == 0 => json!("none"),
        Content::Dangerous => json!(format!("UN{number:04}")),
        Content::Container if number == 0 => json!("none"),
        Content::Container => json!(format!("CONT{number:07}")),
        Content::Originating => json!(number == 1),
        Content::Criterion => match Criterion::from_number(small()) {
            Some(criterion) => json!(criterion.letters()),
            None => return,
        },
        Content::Method => {
            match ["SM1", "SM2"].map(|code| Method::new(code).unwrap()).iter().find(|m| m.number() == small()) {
                Some(method) => json!(method.letters()),
                None => return,
            }
        }
        Content::Date => {
            json!(jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(number as i64)).unwrap())
        }
        // Said once for the document, and by quantities.
        Content::Unit | Content::Currency => return,
    };
    facts.insert(name.into(), value);
}

fn dossiers(case: &Case) -> Vec<(String, CheckedDossier)> {
    let dossier = |(i, (role, table, facts)): (usize, &(String, consign_documents::table::Table, _))| {
        let facts: &consign_documents::facts::Facts = facts;
        let kind = case.policy.roles()[role].kind;
        let document = document(kind, table.rows(), facts.currency.as_deref(), i);
        (role.clone(), attested(&document, "carrier", 100 + i as u64))
    };
    case.tables.iter().enumerate().map(dossier).collect()
}

fn present(asked: &Request, dossiers: &[(String, CheckedDossier)]) -> Result<Presentation, ProveError> {
    let accepted = sign(asked).accept(&Trust::new().list(), asked.issued).unwrap();
    let named = dossiers.iter().map(|(role, dossier)| (Some(role.clone()), dossier.clone()));
    let assigned = Assigned::new(&asked.policy, named.collect()).unwrap();
    Plan::new(&accepted, &assigned)?.prove(&KEYS.proving, &party("shipper"), asked.issued, &|| ())
}

/// A request on a day on which the policy is in force.
fn in_force(policy: ResolvedPolicy) -> Request {
    let mut asked = request(policy);
    for later in ["2026-06-01", "2026-07-01"] {
        let at = |hour: &str| time(&format!("{later}T{hour}:00:00Z"));
        (asked.issued, asked.expires) = (at("08"), at("20"));
        if asked.policy.in_force(later.parse().unwrap()) {
            return asked;
        }
    }
    panic!("{} is in force on neither day", asked.policy.name())
}

pub fn sign(asked: &Request) -> SignedRequest {
    SignedRequest::sign(asked, &party("customs")).unwrap()
}

#[test]
#[ignore = "26 policies proved: minutes"]
fn each_policy_of_the_pack_is_proved_and_what_misses_it_by_the_smallest_unit_is_refused() {
    for case in pack_cases() {
        let asked = in_force(case.satisfied.policy.clone());
        let presentation = present(&asked, &dossiers(&case.satisfied)).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        let report = judge_with(&presentation.to_bytes(), &sign(&asked), &Trust::new(), &asked.issued.to_string())
            .unwrap_or_else(|e| panic!("{}: {e}", case.name));
        assert_eq!(report.policy, case.name);
        assert_eq!(report.claims.len(), asked.policy.claims().len(), "{}", case.name);

        let missed = dossiers(&case.missed);
        let asked = in_force(case.missed.policy.clone());
        let error = present(&asked, &missed).unwrap_err();
        assert!(matches!(&error, ProveError::DoesNotHold(outcomes) if !outcomes.is_empty()), "{}: {error}", case.name);
        // The prover that does not ask whether it holds finds no witness.
        let named: Vec<(&str, CheckedDossier)> = missed.iter().map(|(role, d)| (role.as_str(), d.clone())).collect();
        let error = Forge::honest(asked, &named).try_present().unwrap_err();
        assert!(matches!(error, Groth16Error::Unsatisfied(_)), "{}: {error}", case.name);
    }
}

fn listed(codes: &[String]) -> ResolvedPolicy {
    policy(&format!(
        "[roles.manifest]\nkind = \"cargo-manifest\"\n[lists]\ncodes = {codes:?}\n[[claims]]\n\
         claim = \"no hs of manifest in @codes\"\nsource = \"a test\""
    ))
}

#[test]
#[ignore = "32 proofs: most of a minute"]
fn a_list_of_a_thousand_codes_over_a_hundred_rows() {
    // Even headings of chapters 01 to 76; the manifest has chapter 84 alone.
    let codes: Vec<String> =
        (0..1_000).map(|i| format!("{:02}{:02}{:02}", i % 76 + 1, i / 76 + 1, i % 50 * 2)).collect();
    let asked = request(listed(&codes));
    let goods = manifest("MAN-LONG", 99, |_| ());
    let began = Instant::now();
    let accepted = sign(&asked).accept(&Trust::new().list(), time(NOW)).unwrap();
    let dossier = attested(&goods, "carrier", 200);
    let assigned = Assigned::new(&asked.policy, vec![(None, dossier)]).unwrap();
    let plan = Plan::new(&accepted, &assigned).unwrap();
    let estimate = plan.estimate();
    let presentation = plan.prove(&KEYS.proving, &party("shipper"), time(NOW), &|| ()).unwrap();
    println!(
        "1,000 codes, 100 rows: {} tallies, {} verdicts, {:?}",
        estimate.tallies(),
        estimate.verdicts,
        began.elapsed()
    );
    let report = judge(&presentation.to_bytes(), &sign(&asked)).unwrap();
    assert_eq!(report.tallies as u64, estimate.tallies());

    // One line under the last code of the list.
    let last = codes.last().unwrap();
    let hit = manifest("MAN-HIT", 99, |d| d["lines"][98]["hs"] = json!(last));
    let error = present(&asked, &[("manifest".into(), attested(&hit, "carrier", 201))]).unwrap_err();
    assert!(matches!(error, ProveError::DoesNotHold(_)), "{error}");
}

#[test]
#[ignore = "134 proofs: a minute or two"]
fn four_hundred_containers() {
    let asked = request(policy(
        "[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\n\
         claim = \"per container up to 400 total gross_mass of manifest <= 26500 kg\"\nsource = \"a test\"",
    ));
    let dossiers = [("manifest".to_owned(), attested(&manifest("MAN-C", 4, |_| ()), "carrier", 500))];
    let presentation = present(&asked, &dossiers).unwrap();
    let report = judge(&presentation.to_bytes(), &sign(&asked)).unwrap();
    assert!(report.verdicts > 64, "{}", report.verdicts);
}

#[test]
#[ignore = "41 proofs: most of a minute"]
fn forty_documents_under_one_verdict() {
    let numbers: Vec<String> = (0..40).map(|i| format!("DEC-{i}")).collect();
    let expected: Vec<String> = numbers.iter().map(|number| format!("{number:?}")).collect();
    let quota = |bound: u64| {
        request(policy(&format!(
            "[roles.declarations]\nkind = \"cargo-manifest\"\nexpected = [{}]\n[[claims]]\n\
             claim = \"total net_mass of declarations <= {bound} kg\"\nsource = \"a test\"",
            expected.join(", ")
        )))
    };
    let dossiers: Vec<(String, CheckedDossier)> = numbers
        .iter()
        .enumerate()
        .map(|(i, number)| {
            ("declarations".to_owned(), attested(&manifest(number, 2, |_| ()), "carrier", 300 + i as u64))
        })
        .collect();
    // Two lines of 90 kg in each.
    let asked = quota(40 * 180);
    let presentation = present(&asked, &dossiers).unwrap();
    let report = judge(&presentation.to_bytes(), &sign(&asked)).unwrap();
    assert_eq!((report.documents.len(), report.tallies, report.verdicts), (40, 40, 1));
    assert!(
        report.notes.iter().any(|note| note.contains("of all 40 documents that the verifier expects")),
        "{report:?}"
    );
    let error = present(&quota(40 * 180 - 1), &dossiers).unwrap_err();
    assert!(matches!(error, ProveError::DoesNotHold(_)), "{error}");
    // Another in the place of one that is expected.
    let mut swapped = dossiers.clone();
    swapped[7].1 = attested(&manifest("DEC-40", 2, |_| ()), "carrier", 400);
    let error = present(&asked, &swapped).unwrap_err();
    assert!(matches!(error, ProveError::DoesNotHold(_)), "{error}");
}
