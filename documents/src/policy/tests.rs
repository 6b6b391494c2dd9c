//! Policies: files, limits, values, digests.

use super::*;
use crate::claim::Problem;

const EXAMPLE: &str = include_str!("../../../examples/policies/eu-entry.toml");

const SMALL: &str = r#"
name = "small"
version = "1"
valid-from = 2026-01-01
valid-until = 2026-12-31
[roles.manifest]
kind = "cargo-manifest"
[parameters.ceiling]
kind = "mass"
[[claims]]
id = "mass"
claim = "total gross_mass <= $ceiling"
source = "a rule"
"#;

fn values(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_example_is_a_policy_of_six_claims() {
    let policy = Policy::from_toml(EXAMPLE).unwrap().resolve(&BTreeMap::new()).unwrap();
    assert_eq!(policy.claims().len(), 6);
    let compiled = crate::compile::compile(&policy).unwrap();
    let cost = compiled.cost(&BTreeMap::from([("manifest".to_owned(), 1), ("invoice".to_owned(), 1)]));
    assert_eq!((cost.verdicts, cost.filter_sets, cost.tallies), (1, 2, 2));
    assert_eq!(ResolvedPolicy::from_json(&policy.to_json()).unwrap(), policy);
}

#[test]
fn values_fill_parameters() {
    let policy = Policy::from_toml(SMALL).unwrap();
    let resolved = policy.resolve(&values(&[("ceiling", "26.5 t")])).unwrap();
    assert_eq!(resolved.claims()[0].bound(), "<= 26.5 t");
    assert_eq!(resolved.values().collect::<Vec<_>>(), [("ceiling", FigureKind::Mass, "26.5 t")]);
    assert_ne!(resolved.digest(), policy.resolve(&values(&[("ceiling", "26500 kg")])).unwrap().digest());
    assert!(resolved.in_force(jiff::civil::date(2026, 12, 31)) && !resolved.in_force(jiff::civil::date(2027, 1, 1)));

    let missing = PolicyError::MissingValue { name: "ceiling".into(), kind: FigureKind::Mass };
    assert_eq!(policy.resolve(&values(&[])), Err(missing));
    let unknown = policy.resolve(&values(&[("ceiling", "1 kg"), ("floor", "1 kg")]));
    assert_eq!(unknown, Err(PolicyError::UnknownParameter("floor".into())));
    assert!(matches!(policy.resolve(&values(&[("ceiling", "1 USD")])), Err(PolicyError::Value { .. })));
    assert!(matches!(policy.resolve(&values(&[("ceiling", "$ceiling")])), Err(PolicyError::Value { .. })));
    let long = format!("1{} kg", " ".repeat(100));
    assert!(matches!(policy.resolve(&values(&[("ceiling", &long)])), Err(PolicyError::Limit { .. })));
}

/// The canonical form and the digest are fixed: every signed request hangs on them.
#[test]
fn the_json_form_is_pinned() {
    let policy = Policy::from_toml(SMALL).unwrap().resolve(&values(&[("ceiling", "26500 kg")])).unwrap();
    let json = concat!(
        r#"{"claims":[{"claim":"total gross_mass <= $ceiling","id":"mass","source":"a rule"}],"lists":{},"#,
        r#""name":"small","parameters":{"ceiling":{"kind":"mass","value":"26500 kg"}},"#,
        r#""roles":{"manifest":{"documents":1,"issuers":[],"kind":"cargo-manifest","profile":1}},"same":[],"#,
        r#""valid-from":"2026-01-01","valid-until":"2026-12-31","version":"1"}"#,
    );
    assert_eq!(policy.to_json(), json);
    let digest = Sha256::new().chain_update(b"consign/policy/v1\0\0\0\0\x03").chain_update(json).finalize();
    assert_eq!(policy.digest()[..], digest[..]);
    for (from, to) in [
        (r#""same":[]"#, r#""same":[],"same":[]"#),
        (r#""lists":{}"#, r#""lists":{"a":[],"a":[]}"#),
        (r#""lists":{}"#, r#""lists":{},"more":1"#),
        (r#""value":"26500 kg""#, r#""value":"26500 kg","default":"1 kg""#),
        (r#""value":"26500 kg""#, r#""value":"26500""#),
        (r#""profile":1"#, r#""profile":2"#),
    ] {
        assert!(matches!(ResolvedPolicy::from_json(&json.replace(from, to)), Err(PolicyError::Json(_))), "{to}");
    }
}

#[track_caller]
fn refuses(from: &str, to: &str) -> PolicyError {
    assert!(SMALL.contains(from));
    let error = Policy::from_toml(&SMALL.replacen(from, to, 1)).expect_err("an error");
    assert!(!error.hint().is_empty());
    error
}

#[test]
fn each_fault_of_a_file_has_its_error() {
    let unknown_key = refuses("version = \"1\"", "version = \"1\"\nextra = 1");
    assert!(matches!(unknown_key, PolicyError::Toml { line: 4, column: 1, .. }), "{unknown_key:?}");
    assert!(matches!(refuses("name = \"small\"", "name = \"small"), PolicyError::Toml { line: 2, .. }));
    assert!(matches!(refuses("version", "name"), PolicyError::Toml { .. }));
    assert!(matches!(refuses("2026-01-01", "2026-02-30"), PolicyError::Toml { .. }));
    assert!(matches!(refuses("2026-01-01", "2026-01-01T00:00:00Z"), PolicyError::Toml { .. }));
    assert!(matches!(refuses("2026-01-01", "2027-01-01"), PolicyError::Validity { .. }));
    assert_eq!(refuses("valid-from = 2026-01-01", ""), PolicyError::Missing("valid-from"));
    assert!(matches!(refuses("\"small\"", "\"\""), PolicyError::Text { .. }));
    assert!(matches!(refuses("\"small\"", "\"\\u001b[2J\""), PolicyError::Text { .. }));
    assert!(matches!(refuses("\"a rule\"", "\" \""), PolicyError::Text { .. }));
    assert!(matches!(refuses("\"1\"", "\"1\"\nsame = [\"ship\"]"), PolicyError::Reference(_)));
    assert!(matches!(refuses("\"1\"", "\"1\"\nsame = [\"order\", \"order\"]"), PolicyError::Reference(_)));
    assert!(matches!(refuses("roles.manifest", "roles.total"), PolicyError::Name { .. }));
    assert!(matches!(refuses("roles.manifest", "roles.\"a b\""), PolicyError::Name { .. }));
    assert!(matches!(refuses("cargo-manifest", "cargo"), PolicyError::Kind { .. }));
    assert!(matches!(
        refuses("-manifest\"", "-manifest\"\nprofile = 2"),
        PolicyError::Profile { found: 2, known: 1, .. }
    ));
    for wrong in ["0", "4097", "-1", "\"1..1\"", "\"2..1\"", "\"0..4\"", "\"01..4\"", "\"1..4096\"", "\"many\"", "1.5"]
    {
        let documents = format!("-manifest\"\ndocuments = {wrong}");
        assert!(matches!(refuses("-manifest\"", &documents), PolicyError::Toml { .. }), "{wrong}");
    }
    assert_eq!(refuses("[[claims]]", "[lists]\nempty = []\n[[claims]]"), PolicyError::EmptyList("empty".into()));
    for age in ["0", "8785"] {
        let error = refuses("\"1\"", &format!("\"1\"\nstatus = {{ max-age-hours = {age} }}"));
        assert!(matches!(error, PolicyError::StatusAge { .. }), "{age}");
    }
    for wrong in ["true", "{}", "{ max-age-hours = -1 }", "{ max-age-hours = 24, hours = 1 }"] {
        assert!(matches!(refuses("\"1\"", &format!("\"1\"\nstatus = {wrong}")), PolicyError::Toml { .. }), "{wrong}");
    }
    let expected = refuses("-manifest\"", "-manifest\"\ndocuments = 3\nexpected = [\"a\", \"b\"]");
    assert!(matches!(expected, PolicyError::Expected { found: 2, .. }));
    let twice = refuses("-manifest\"", "-manifest\"\nexpected = [\"a\", \"b\", \"a\"]");
    assert!(matches!(twice, PolicyError::ExpectedTwice { .. }));
    assert!(matches!(refuses("\"mass\"", "\"mass\"\ndefault = \"1\""), PolicyError::Value { .. }));
    let PolicyError::Claim { number: 1, id: Some(id), error } = refuses("total gross_mass", "total value") else {
        panic!("a claim's error");
    };
    assert_eq!((id.as_str(), error.at()), ("mass", 15));
    assert!(matches!(error.problem(), Problem::ParameterKind { .. }));
}

#[test]
fn limits_hold() {
    let claims: Vec<&str> = vec!["count >= 1"; 65];
    let found = Policy::from_claims(&claims, &[Kind::CargoManifest]);
    assert_eq!(found, Err(PolicyError::Limit { what: "claims", found: 65, max: 64 }));
    assert_eq!(Policy::from_claims(&[], &[Kind::CargoManifest]), Err(PolicyError::Missing("claims")));
    assert_eq!(Policy::from_claims(&["count >= 1"], &[]), Err(PolicyError::Missing("roles")));
    let codes = format!("[lists]\nlong = [{}]\n[[claims]]", "\"84\",".repeat(10_001));
    let error = Policy::from_toml(&SMALL.replace("[[claims]]", &codes)).unwrap_err();
    assert_eq!(error, PolicyError::Limit { what: "codes in a list", found: 10_001, max: 10_000 });
    let big = "#".repeat(form::MAX_TOML + 1);
    assert!(matches!(Policy::from_toml(&big), Err(PolicyError::TooLarge { .. })));
    assert!(matches!(ResolvedPolicy::from_json(&"[".repeat(600_000)), Err(PolicyError::TooLarge { .. })));
    assert!(matches!(ResolvedPolicy::from_json(&"[".repeat(500_000)), Err(PolicyError::Json(_))));
    assert!(matches!(Policy::from_toml(&"a=[".repeat(50_000)), Err(PolicyError::Toml { .. })));
    assert!(matches!(Policy::from_toml(&format!("a={}", "[".repeat(200_000))), Err(PolicyError::Toml { .. })));
}

#[test]
fn claims_alone_make_a_policy() {
    let kinds = [Kind::CargoManifest, Kind::CommercialInvoice, Kind::CargoManifest];
    let policy = Policy::from_claims(&["total amount of invoice = total value of manifest"], &kinds).unwrap();
    let documents: Vec<_> = policy.roles().iter().map(|(name, role)| (name.as_str(), role.documents.only())).collect();
    assert_eq!(documents, [("invoice", Some(1)), ("manifest", Some(2))]);
    policy.resolve(&BTreeMap::new()).unwrap();
}

#[test]
fn as_many_documents_as_are_expected_by_number() {
    let text = SMALL.replace("-manifest\"", "-manifest\"\nexpected = [\"a\", \"b\"]");
    let resolved = Policy::from_toml(&text).unwrap().resolve(&values(&[("ceiling", "1 kg")])).unwrap();
    let role = &resolved.roles()["manifest"];
    assert_eq!((role.documents.only(), &role.expected[..]), (Some(2), &["a".to_owned(), "b".to_owned()][..]));
    assert_eq!(serde_json::from_value::<ResolvedPolicy>(serde_json::to_value(&resolved).unwrap()).unwrap(), resolved);

    // Named by the verifier: any number where the file says none, else one that it allows.
    let numbers = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    let expecting = |documents: &str, n: usize| {
        let text = SMALL.replace("-manifest\"", &format!("-manifest\"\n{documents}"));
        Policy::from_toml(&text)
            .unwrap()
            .expecting("manifest", numbers(n))
            .map(|p| p.roles()["manifest"].documents.only())
    };
    assert_eq!(expecting("", 3), Ok(Some(3)));
    assert_eq!(expecting("documents = \"any\"", 3), Ok(Some(3)));
    assert_eq!(expecting("documents = \"2..4\"", 3), Ok(Some(3)));
    for (documents, count) in
        [("documents = 2", DocumentCount::exactly(2)), ("documents = \"4..5\"", DocumentCount::between(4, 5))]
    {
        let error = PolicyError::Expected { role: "manifest".into(), documents: count.unwrap(), found: 3 };
        assert_eq!(expecting(documents, 3), Err(error));
    }
}

#[test]
fn a_policy_says_whether_it_asks_for_status() {
    let resolve = |text: &str| Policy::from_toml(text).unwrap().resolve(&values(&[("ceiling", "1 kg")])).unwrap();
    assert_eq!(resolve(SMALL).status_hours(), None);
    let asks = resolve(&SMALL.replace("\"1\"", "\"1\"\nstatus = { max-age-hours = 24 }"));
    assert_eq!(asks.status_hours(), Some(24));
    assert!(asks.to_json().contains(r#""status":{"max-age-hours":24}"#));
    assert_eq!(ResolvedPolicy::from_json(&asks.to_json()).unwrap(), asks);
    assert_ne!(asks.digest(), resolve(SMALL).digest());
}
