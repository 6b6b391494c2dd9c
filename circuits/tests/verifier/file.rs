//! Checks of the file itself: version, size, number and form of public inputs, points; and every field of it changed.

use std::collections::BTreeMap;

use ark_bn254::{Fq, Fq2, Fr, G2Affine};
use ark_ff::{BigInteger, Field, PrimeField};
use consign_circuits::{
    groth16::ProofError,
    presentation::{MAX_BYTES, MAX_DOCUMENTS, MAX_TALLIES, Place, PresentationError},
    request::SignedRequest,
    verify::VerifyError,
};
use consign_crypto::{
    field::{FieldError, from_hex, to_hex},
    sd_jwt::SdJwtError,
    totals::PointError,
};
use serde_json::{Value, json};

use super::{
    direct::{SHORT, honest as direct},
    forge::BASE,
    world::judge,
};

const FIRST: Place = Place::Tally { verdict: 1, chain: 1, tally: 1 };
const TALLY: &str = "/verdicts/0/chains/0/0";
const VERDICT: &str = "/verdicts/0";

fn base() -> Value {
    serde_json::from_slice(&BASE.present()).unwrap()
}

/// The error of a presentation of which one part is changed.
fn changed(pointer: &str, change: impl FnOnce(&mut Value)) -> VerifyError {
    let mut file = base();
    change(file.pointer_mut(pointer).unwrap());
    judge(file.to_string().as_bytes(), &BASE.signed()).unwrap_err()
}

fn malformed(pointer: &str, change: impl FnOnce(&mut Value)) -> PresentationError {
    match changed(pointer, change) {
        VerifyError::Presentation(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn one_public_input_more_or_less() {
    for (pointer, place, expected) in [(TALLY, FIRST, 5), (VERDICT, Place::Verdict(1), 4)] {
        let inputs = format!("{pointer}/inputs");
        // A zero that arkworks would ignore, and one that it would take for granted.
        let error = malformed(&inputs, |inputs| inputs.as_array_mut().unwrap().push(json!("0".repeat(64))));
        assert!(
            matches!(error, PresentationError::Inputs { place: p, expected: e, found } if p == place && e == expected && found == e + 1)
        );
        let error = malformed(&inputs, |inputs| drop(inputs.as_array_mut().unwrap().pop()));
        assert!(
            matches!(error, PresentationError::Inputs { place: p, expected: e, found } if p == place && e == expected && found == e - 1)
        );
    }
}

/// The same number with the modulus added: it would verify, were it reduced.
fn with_modulus(text: &Value) -> Value {
    let mut number = from_hex::<Fr>(text.as_str().unwrap()).unwrap().into_bigint();
    assert!(!number.add_with_carry(&Fr::MODULUS));
    hex::encode(number.to_bytes_be()).into()
}

#[test]
fn a_public_input_that_is_not_canonical() {
    for (i, name) in ["start", "end", "filters", "x", "y"].into_iter().enumerate() {
        let pointer = format!("{TALLY}/inputs/{i}");
        let error = malformed(&pointer, |input| *input = with_modulus(input));
        assert!(
            matches!(error, PresentationError::Input { place: FIRST, input, source: FieldError::NotCanonical(_) } if input == name)
        );
        let upper = |input: &mut Value| *input = format!("+{}", &input.as_str().unwrap()[1..]).into();
        let error = malformed(&pointer, upper);
        assert!(
            matches!(error, PresentationError::Input { place: FIRST, input, source: FieldError::Spelling(_) } if input == name)
        );
    }
    for (i, name) in ["x", "y", "bounds", "context"].into_iter().enumerate() {
        let error = malformed(&format!("{VERDICT}/inputs/{i}"), |input| *input = with_modulus(input));
        assert!(
            matches!(error, PresentationError::Input { place: Place::Verdict(1), input, source: FieldError::NotCanonical(_) } if input == name)
        );
    }
}

#[test]
fn a_commitment_that_is_no_point_of_the_subgroup() {
    for (pointer, at, place) in [(TALLY, 3, FIRST), (VERDICT, 0, Place::Verdict(1))] {
        let inputs = format!("{pointer}/inputs");
        let error = malformed(&inputs, |inputs| {
            let y: Fr = from_hex(inputs[at + 1].as_str().unwrap()).unwrap();
            inputs[at + 1] = to_hex(&(y + Fr::ONE)).into();
        });
        assert!(matches!(error, PresentationError::Totals { place: p, source: PointError::NotOnCurve } if p == place));
        // The commitment plus the point of order two, (0, -1); and that point alone.
        for alone in [false, true] {
            let error = malformed(&inputs, |inputs| {
                for i in [at, at + 1] {
                    let coordinate: Fr = from_hex(inputs[i].as_str().unwrap()).unwrap();
                    let two = if i == at { Fr::from(0u64) } else { -Fr::ONE };
                    inputs[i] = to_hex(&if alone { two } else { -coordinate }).into();
                }
            });
            assert!(
                matches!(error, PresentationError::Totals { place: p, source: PointError::NotInSubgroup } if p == place)
            );
        }
    }
}

#[test]
fn a_proof_that_is_no_point_of_the_group() {
    for (pointer, place) in [(TALLY, FIRST), (VERDICT, Place::Verdict(1))] {
        let proof =
            |part: &str, change: &dyn Fn(&mut Value)| match malformed(&format!("{pointer}/proof/{part}"), change) {
                PresentationError::Proof { place: p, source } if p == place => source,
                other => panic!("{other}"),
            };
        let more = |text: &mut Value| {
            let x: Fq = from_hex(text.as_str().unwrap()).unwrap();
            *text = to_hex(&(x + Fq::ONE)).into();
        };
        for (part, point) in [("a/1", "a"), ("b/1/0", "b"), ("b/1/1", "b"), ("c/1", "c")] {
            assert_eq!(proof(part, &more), ProofError::NotOnCurve(point));
            let not_canonical = |text: &mut Value| *text = "f".repeat(64).into();
            let error = proof(part, &not_canonical);
            assert!(
                matches!(error, ProofError::Coordinate { point: p, source: FieldError::NotCanonical(_) } if p == point)
            );
        }
        let outside = (0u64..)
            .filter_map(|i| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(i), Fq::ONE), false))
            .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
            .unwrap();
        let twist = |x: &Fq2| json!([to_hex(&x.c0), to_hex(&x.c1)]);
        let outside = json!([twist(&outside.x), twist(&outside.y)]);
        assert_eq!(proof("b", &|b| *b = outside.clone()), ProofError::NotInSubgroup("b"));
    }
}

#[test]
fn a_file_that_is_none_or_of_another_version() {
    let error = |bytes: &[u8]| match judge(bytes, &BASE.signed()).unwrap_err() {
        VerifyError::Presentation(error) => error,
        other => panic!("{other}"),
    };
    assert!(
        matches!(malformed("/consign", |v| *v = json!("presentation/2")), PresentationError::Version(v) if v == "presentation/2")
    );
    let circuit = |name: &'static str| malformed(&format!("{TALLY}/circuit"), move |v| *v = json!(name));
    assert!(matches!(circuit("tally-30"), PresentationError::Circuit { place: FIRST, found } if found == "tally-30"));
    assert!(matches!(circuit("verdict"), PresentationError::Circuit { .. }));
    assert!(matches!(error(b""), PresentationError::Json(_)));
    assert!(matches!(error(&vec![b'['; 1 << 20]), PresentationError::Json(_)));
    assert!(matches!(error(&vec![b' '; MAX_BYTES + 1]), PresentationError::TooLarge(n) if n == MAX_BYTES + 1));
    assert!(matches!(error(&vec![b' '; MAX_BYTES]), PresentationError::Json(_)));
    let bytes = BASE.present();
    for length in (0..bytes.len() - 1).step_by(997) {
        assert!(matches!(error(&bytes[..length]), PresentationError::Json(_)));
    }
    let text = String::from_utf8(bytes).unwrap();
    let twice = text.replacen("\"request\":", "\"request\":\"\",\"request\":", 1);
    assert!(matches!(error(twice.as_bytes()), PresentationError::Json(_)));
    assert!(matches!(malformed("", |v| v["more"] = json!(1)), PresentationError::Json(_)));
    let more = |v: &mut Value| v["more"] = json!(1);
    assert!(matches!(malformed(TALLY, more), PresentationError::Json(_)));

    let tally = r#"{"circuit":"","inputs":[],"proof":{"a":["",""],"b":[["",""],["",""]],"c":["",""]}}"#;
    let mut file = base();
    let tally: Value = serde_json::from_str(tally).unwrap();
    file["verdicts"][0]["chains"] = json!([vec![tally.clone(); MAX_TALLIES], [tally]]);
    let many = error(file.to_string().as_bytes());
    assert!(matches!(many, PresentationError::TooManyTallies(n) if n == MAX_TALLIES + 1), "{many}");
    file["verdicts"][0]["chains"].as_array_mut().unwrap().pop();
    let most = error(file.to_string().as_bytes());
    assert!(matches!(most, PresentationError::Circuit { place: FIRST, .. }), "{most}");
    let mut file = base();
    file["documents"] = json!(vec![file["documents"][0].clone(); MAX_DOCUMENTS + 1]);
    let many = error(file.to_string().as_bytes());
    assert!(matches!(many, PresentationError::TooManyDocuments(n) if n == MAX_DOCUMENTS + 1), "{many}");
    file["documents"].as_array_mut().unwrap().pop();
    let most = judge(file.to_string().as_bytes(), &BASE.signed()).unwrap_err();
    assert!(matches!(most, VerifyError::DocumentCount { found: MAX_DOCUMENTS, .. }), "{most}");
    // Chains without tallies count for nothing, and are not built.
    let mut file = base();
    file["verdicts"][0]["chains"] = json!(vec![json!([]); 1 << 20]);
    let empty = error(file.to_string().as_bytes()).to_string();
    assert!(empty.contains("more than 1048576 values"), "{empty}");
}

#[test]
fn a_role_whose_name_is_none() {
    for name in ["", "a b", "a\u{1b}[2J", "é", &"r".repeat(101)] {
        let error = malformed("/documents/1/role", |role| *role = json!(name));
        assert!(matches!(&error, PresentationError::Role { document: 2, .. }), "{name:?}: {error}");
    }
    // The longest is one, though not of this policy.
    let error = changed("/documents/1/role", |role| *role = json!("r".repeat(100)));
    assert!(matches!(&error, VerifyError::UnknownRole { document: 2, .. }), "{error}");
}

#[test]
fn a_document_without_the_holders_signature() {
    for document in [0, 1] {
        let error = malformed(&format!("/documents/{document}/attestation"), |text| {
            let whole = text.as_str().unwrap();
            *text = whole[..=whole.rfind('~').unwrap()].into();
        });
        assert!(
            matches!(error, PresentationError::Document { document: d, source: SdJwtError::NotBound } if d == document + 1)
        );
    }
}

/// Every string of the file with its pointer.
fn leaves(value: &Value, pointer: String, out: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => out.push((pointer, text.clone())),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| leaves(item, format!("{pointer}/{i}"), out));
        }
        Value::Object(members) => members.iter().for_each(|(k, v)| leaves(v, format!("{pointer}/{k}"), out)),
        other => panic!("the file has no {other}"),
    }
}

/// The field that a pointer names, its numbers left out.
fn field(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).collect::<Vec<_>>();
    let mut field = String::new();
    for (i, part) in parts.iter().enumerate() {
        // The number of an input says which it is; that of a coordinate does not matter.
        let keep = part.parse::<u32>().is_err() || parts[i - 1] == "inputs";
        if keep {
            field = format!("{field}/{part}");
        }
    }
    field
}

fn class(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::Presentation(PresentationError::Version(_)) => "version",
        VerifyError::Presentation(PresentationError::Request(_)) => "request",
        VerifyError::Presentation(PresentationError::Document { .. }) => "form of the attestation",
        VerifyError::Presentation(PresentationError::Circuit { .. } | PresentationError::Form { .. }) => "circuit",
        VerifyError::Presentation(PresentationError::Totals { source: PointError::NotOnCurve, .. }) => "commitment",
        VerifyError::Presentation(PresentationError::Proof { source: ProofError::NotOnCurve(_), .. }) => "proof",
        VerifyError::UnknownRole { .. } => "role",
        VerifyError::Attestation { .. } => "attestation",
        VerifyError::Holder { source: SdJwtError::Proofs, .. } => "proofs signed for",
        VerifyError::Holder { .. } => "holder's signature",
        other => panic!("{other}"),
    }
}

/// How a character of each field that is changed is noticed.
fn noticed(file: &Value, request: &SignedRequest) -> BTreeMap<String, Vec<&'static str>> {
    let mut all = Vec::new();
    leaves(file, String::new(), &mut all);
    let mut seen: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (pointer, text) in all {
        // First, middle and last character, and the middle of each part of what is signed.
        let mut places = vec![0, text.len() / 2, text.len() - 1];
        let ends: Vec<usize> =
            text.bytes().enumerate().filter(|(_, b)| matches!(b, b'.' | b'~')).map(|(i, _)| i).collect();
        places.extend(ends.windows(2).map(|pair| pair[0].midpoint(pair[1])).filter(|at| !ends.contains(at)));
        for at in places {
            let mut other = text.clone();
            // A digit and a letter of hexadecimal and base64url alike.
            other.replace_range(at..=at, if &text[at..=at] == "0" { "1" } else { "0" });
            let mut file = file.clone();
            *file.pointer_mut(&pointer).unwrap() = other.into();
            let error = match judge(file.to_string().as_bytes(), request) {
                Ok(_) => panic!("{pointer}: character {at} does not matter"),
                Err(error) => error,
            };
            let classes = seen.entry(field(&pointer)).or_default();
            if !classes.contains(&class(&error)) {
                classes.push(class(&error));
            }
        }
    }
    seen.values_mut().for_each(|classes| classes.sort_unstable());
    seen
}

#[test]
fn one_character_changed_in_each_field() {
    let seen = noticed(&base(), &BASE.signed());
    let tally = "/verdicts/chains/inputs";
    let input = |n: usize| format!("{tally}/{n}");
    let expected: BTreeMap<String, Vec<&str>> = [
        ("/consign".into(), vec!["version"]),
        ("/request".into(), vec!["request"]),
        ("/documents/role".into(), vec!["role"]),
        ("/documents/attestation".into(), vec!["attestation", "holder's signature"]),
        ("/verdicts/chains/circuit".into(), vec!["circuit"]),
        (input(0), vec!["proofs signed for"]),
        (input(1), vec!["proofs signed for"]),
        (input(2), vec!["proofs signed for"]),
        (input(3), vec!["commitment"]),
        (input(4), vec!["commitment"]),
        ("/verdicts/chains/proof/a".into(), vec!["proof"]),
        ("/verdicts/chains/proof/b".into(), vec!["proof"]),
        ("/verdicts/chains/proof/c".into(), vec!["proof"]),
        ("/verdicts/inputs/0".into(), vec!["commitment"]),
        ("/verdicts/inputs/1".into(), vec!["commitment"]),
        ("/verdicts/inputs/2".into(), vec!["proofs signed for"]),
        ("/verdicts/inputs/3".into(), vec!["proofs signed for"]),
        ("/verdicts/proof/a".into(), vec!["proof"]),
        ("/verdicts/proof/b".into(), vec!["proof"]),
        ("/verdicts/proof/c".into(), vec!["proof"]),
    ]
    .into();
    assert_eq!(seen, expected);
}

#[test]
fn one_character_changed_in_each_field_of_a_direct_answer() {
    let file = serde_json::from_slice(&SHORT.sign(vec![direct().prove().unwrap()])).unwrap();
    let seen = noticed(&file, &SHORT.signed());
    let mut expected: BTreeMap<String, Vec<&str>> = [
        ("/consign".into(), vec!["version"]),
        ("/request".into(), vec!["request"]),
        ("/documents/role".into(), vec!["role"]),
        ("/documents/attestation".into(), vec!["attestation", "holder's signature"]),
        ("/verdicts/circuit".into(), vec!["circuit"]),
    ]
    .into();
    expected.extend((0..5).map(|input| (format!("/verdicts/inputs/{input}"), vec!["proofs signed for"])));
    expected.extend(["a", "b", "c"].map(|point| (format!("/verdicts/proof/{point}"), vec!["proof"])));
    assert_eq!(seen, expected);
}
