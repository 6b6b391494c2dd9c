//! Parties and documents that tests share.

use consign_documents::document::Document;
use jiff::Timestamp;
use rand::{SeedableRng, rngs::StdRng};

use crate::{
    attestation::{Validity, attest},
    dossier::CheckedDossier,
    identity::Identity,
};

pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A party whose keys follow from its name.
pub fn party(name: &str) -> Identity {
    let seed = name.bytes().fold(0, |seed, b| seed * 31 + u64::from(b));
    Identity::generate(name.parse().unwrap(), Timestamp::UNIX_EPOCH, &mut rng(seed))
}

/// Twelve lines, so two blocks; `origin` of line 3 is unknown.
pub(crate) fn manifest() -> Document {
    let lines: Vec<_> = (0..12)
        .map(|i| {
            let mut line = serde_json::json!({
                "id": i.to_string(),
                "description": format!("machine parts, lot {i}"),
                "hs": "847989",
                "origin": "VN",
                "gross_mass": {"value": format!("{}.5", 100 + i), "unit": "KGM"},
                "net_mass": {"value": "90", "unit": "KGM"},
                "packages": 2,
                "value": "1000.50",
                "dangerous": "none",
                "container": format!("MSKU907032{}", i % 2),
            });
            if i == 3 {
                line.as_object_mut().unwrap().remove("origin");
            }
            line
        })
        .collect();
    let document = serde_json::json!({
        "consign": "document/1",
        "kind": "cargo-manifest",
        "profile": 1,
        "number": "MAN-17",
        "issue_date": "2026-02-01",
        "currency": "USD",
        "export_country": "VN",
        "import_country": "DE",
        "parties": {"consignor": {"name": "Saigon Parts", "country": "VN"}, "consignee": {"name": "Elbe GmbH"}},
        "references": {"shipment": "SHP-9", "order": "PO-4"},
        "lines": lines,
    });
    Document::from_json(document.to_string().as_bytes(), "manifest.json").unwrap()
}

pub(crate) const ISSUED: &str = "2026-02-02T10:00:00Z";
pub(crate) const EXPIRES: &str = "2026-05-02T10:00:00Z";

/// Another manifest, of this number, attested by the same.
#[cfg(test)]
pub(crate) fn dossier_of(number: &str) -> CheckedDossier {
    let mut value = manifest().to_value();
    value["number"] = number.into();
    let document = Document::from_json(value.to_string().as_bytes(), "manifest.json").unwrap();
    let validity = Validity { issued: time(ISSUED), expires: time(EXPIRES) };
    attest(&document, &party("Carrier"), party("Shipper").public(), validity, &mut rng(10)).unwrap()
}

/// A manifest of one line, attested by `Carrier` for `Shipper`: short enough for a seed of the fuzzers.
pub(crate) fn short_dossier() -> CheckedDossier {
    let mut value = manifest().to_value();
    value["number"] = "MAN-18".into();
    value["lines"].as_array_mut().unwrap().truncate(1);
    let document = Document::from_json(value.to_string().as_bytes(), "manifest.json").unwrap();
    let validity = Validity { issued: time(ISSUED), expires: time(EXPIRES) };
    attest(&document, &party("Carrier"), party("Shipper").public(), validity, &mut rng(11)).unwrap()
}

/// The manifest, attested by `Carrier` for `Shipper`.
pub(crate) fn dossier() -> CheckedDossier {
    let validity = Validity { issued: time(ISSUED), expires: time(EXPIRES) };
    attest(&manifest(), &party("Carrier"), party("Shipper").public(), validity, &mut rng(9)).unwrap()
}
