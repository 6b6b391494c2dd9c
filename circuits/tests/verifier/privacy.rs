//! What presentations tell of documents that satisfy a policy equally: nothing that a statistic over many of each finds,
//! beyond what `docs/threats.md` lists: both documents here have kind, attester, times and tallies in common, and their ids
//! are left out.
//!
//! Every value of a presentation, down to those inside its signed objects, is compared bit by bit between the two heaps,
//! and so is which values of one presentation are equal. Leaks that are planted are found, so the comparison can fail.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use consign_circuits::{assign::Assigned, prove::Plan};
use consign_documents::document::Document;
use serde_json::{Value, json};

use super::{
    packs::sign,
    world::{KEYS, NOW, Trust, attested, judge, manifest, party, policy, request, time},
};

/// Presentations of each document; `CONSIGN_PRIVACY_SAMPLES` asks for another number.
const SAMPLES: usize = 150;
/// Standard deviations that are taken for a difference: by chance once in some ten billion bits.
const STRIKING: f64 = 6.5;

/// What a presentation shows: bytes by their place.
type Shown = BTreeMap<String, Vec<u8>>;

/// All values below one, with hexadecimal and base64url undone, and signed objects opened.
fn flatten(at: &str, value: &Value, out: &mut Shown) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| flatten(&format!("{at}.{name}"), value, out)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| flatten(&format!("{at}[{i}]"), value, out))
        }
        Value::String(text) if text.contains('~') || text.split('.').count() == 3 && text.len() > 100 => {
            for (i, part) in text.split(['~', '.']).enumerate() {
                encoded(&format!("{at}/{i}"), part, out);
            }
        }
        Value::String(text) => encoded(at, text, out),
        other => drop(out.insert(at.into(), other.to_string().into())),
    }
}

fn encoded(at: &str, text: &str, out: &mut Shown) {
    let bytes = hex::decode(text.trim_start_matches("0x"))
        .ok()
        .or_else(|| BASE64_URL_SAFE_NO_PAD.decode(text).ok().filter(|_| text.len() > 15))
        .unwrap_or_else(|| text.as_bytes().to_vec());
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => flatten(&format!("{at}:"), &value, out),
        _ => drop(out.insert(at.into(), bytes)),
    }
}

fn shown(presentation: &[u8]) -> Shown {
    let mut out = Shown::from([("length".into(), presentation.len().to_string().into())]);
    flatten("", &serde_json::from_slice(presentation).unwrap(), &mut out);
    // By this a document is known again, as is listed.
    let id = out.remove(".documents[0].attestation/1:.id").unwrap();
    assert!(id.len() >= 16);
    // Which values are equal: for each the first that it is equal to, where it is long enough not to be so by chance.
    let mut first: BTreeMap<&[u8], &String> = BTreeMap::new();
    let mut equal = Vec::new();
    for (at, bytes) in out.iter().filter(|(_, bytes)| bytes.len() >= 16) {
        equal.push((format!("{at} equals"), first.entry(bytes).or_insert(at).as_bytes().to_vec()));
    }
    out.extend(equal);
    out
}

/// The places at which two heaps differ by more than chance, and by how many standard deviations.
fn differences(left: &[Shown], right: &[Shown]) -> Vec<(String, f64)> {
    let form = |shown: &Shown| shown.iter().map(|(at, bytes)| (at.clone(), bytes.len())).collect::<Vec<_>>();
    let expected = form(&left[0]);
    if let Some(other) = left.iter().chain(right).find(|shown| form(shown) != expected) {
        let differs = form(other).into_iter().find(|place| !expected.contains(place));
        return vec![(format!("another form: {differs:?}"), f64::INFINITY)];
    }
    let mut found = Vec::new();
    for (at, length) in expected {
        for bit in 0..8 * length {
            let set =
                |heap: &[Shown]| heap.iter().filter(|shown| shown[&at][bit / 8] >> (bit % 8) & 1 == 1).count() as f64;
            let (l, r) = (set(left), set(right));
            let (m, n) = (left.len() as f64, right.len() as f64);
            let both = (l + r) / (m + n);
            let deviation = (both * (1.0 - both) * (1.0 / m + 1.0 / n)).sqrt();
            // Where a bit never changes, in neither heap, there is nothing to tell.
            if deviation > 0.0 && ((l / m - r / n) / deviation).abs() > STRIKING {
                found.push((at.clone(), ((l / m - r / n) / deviation).abs()));
            }
        }
    }
    found
}

/// Two manifests of so many lines that have nothing in common but what is listed.
fn documents(lines: [usize; 2]) -> [Document; 2] {
    let few = manifest("MAN-1", lines[0], |_| ());
    let many = manifest("X/2026/000017", lines[1], |document| {
        for (i, line) in document["lines"].as_array_mut().unwrap().iter_mut().enumerate() {
            line["origin"] = json!(if i % 2 == 0 { "DE" } else { "FR" });
            line["hs"] = json!("300490");
            line["gross_mass"]["value"] = json!((4000 + i).to_string());
            line["value"] = json!("99999.99");
        }
        document["references"] = json!({"shipment": "another"});
    });
    [few, many]
}

#[test]
#[ignore = "hundreds of presentations: some minutes"]
fn documents_that_satisfy_a_policy_equally_look_alike() {
    // By tallies, of 90 rows.
    alike(documents([41, 88]), "chains[0][0].inputs[1]");
}

#[test]
#[ignore = "hundreds of presentations: some minutes"]
fn short_documents_that_satisfy_a_policy_equally_look_alike() {
    // Directly, of 40 rows.
    alike(documents([3, 38]), "verdicts[0].inputs[1]");
}

/// That no statistic tells the two apart, and that it would find what is planted; `commitment` ends the place at which a
/// dossier is known again.
fn alike([few, many]: [Document; 2], commitment: &str) {
    let samples = std::env::var("CONSIGN_PRIVACY_SAMPLES").ok().map_or(SAMPLES, |n| n.parse().unwrap());
    let asked = request(policy(
        "[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\nid = \"mass\"\nclaim = \"total gross_mass <= 1000000 kg\"\n\
         source = \"test\"\n[[claims]]\nid = \"arms\"\nclaim = \"no hs in 9301, 3601..3606\"\nsource = \"test\"\n",
    ));
    let signed = sign(&asked);
    let accepted = signed.clone().accept(&Trust::new().list(), time(NOW)).unwrap();
    let present = |document: &Document, seed: u64| {
        let dossier = attested(document, "carrier", seed);
        let assigned = Assigned::new(&asked.policy, vec![(None, dossier)]).unwrap();
        let plan = Plan::new(&accepted, &assigned).unwrap();
        plan.prove(&KEYS.proving, &party("shipper"), time(NOW), &|| ()).unwrap().to_bytes()
    };
    judge(&present(&few, 0), &signed).unwrap();
    let heap = |document: &Document, from: u64| -> Vec<Shown> {
        (0..samples as u64).map(|i| shown(&present(document, from + i))).collect()
    };
    let (left, right) = (heap(&few, 1 << 20), heap(&many, 1 << 30));
    let places = left[0].len();
    let bits: usize = left[0].values().map(|bytes| 8 * bytes.len()).sum();
    println!("{samples} presentations of each of two documents: {places} places, {bits} bits");
    assert!(places > 60 && bits > 20_000, "{places} places, {bits} bits");
    assert_eq!(differences(&left, &right), []);

    // A bit of a proof that nine times in ten says which document it is; and a value that repeats in one heap only.
    let proof = left[0].keys().find(|at| at.contains("proof.a")).expect("a proof").clone();
    let mut biased = right.clone();
    for (_, shown) in biased.iter_mut().enumerate().filter(|(i, _)| i % 10 != 0) {
        shown.get_mut(&proof).unwrap()[5] |= 4;
    }
    let found = differences(&left, &biased);
    assert!(!found.is_empty() && found.iter().all(|(at, _)| *at == proof), "{found:?}");
    // The same dossier presented over and over is known again by its commitment, as is documented.
    let dossier = attested(&many, "carrier", 5);
    let assigned = Assigned::new(&asked.policy, vec![(None, dossier)]).unwrap();
    let plan = Plan::new(&accepted, &assigned).unwrap();
    let again: Vec<Shown> = (0..100)
        .map(|_| shown(&plan.prove(&KEYS.proving, &party("shipper"), time(NOW), &|| ()).unwrap().to_bytes()))
        .collect();
    let found = differences(&left, &again);
    assert!(found.iter().any(|(at, _)| at.ends_with(commitment)), "{found:?}");
}
