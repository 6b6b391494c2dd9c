//! From an imported document to a verified presentation of its attestation, through public items only.

use consign_crypto::{
    attestation::{Attestation, Validity, attest},
    dossier::Dossier,
    identity::Identity,
    sd_jwt::{Expected, Presented},
    trust::{Capacity, Party, TrustList},
};
use consign_documents::import::{ImportOptions, import};
use jiff::Timestamp;
use rand::{SeedableRng, rngs::StdRng};

const MANIFEST: &str = r#"{"consign": "document/1", "kind": "cargo-manifest", "profile": 1, "number": "M-1", "currency": "EUR",
    "lines": [{"id": "1", "hs": "080510", "gross_mass": {"value": "1200.5", "unit": "KGM"}, "value": "900"}]}"#;
const INVOICE: &str = r#"{"consign": "document/1", "kind": "commercial-invoice", "profile": 1, "number": "I-1", "currency": "EUR",
    "lines": [{"id": "1", "description": "oranges", "origin": "ZA", "amount": "900.00"}]}"#;

#[test]
fn attested_checked_presented_and_verified() {
    let rng = &mut StdRng::seed_from_u64(1);
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let [carrier, shipper] =
        ["Carrier", "Shipper"].map(|name| Identity::generate(name.parse().unwrap(), Timestamp::UNIX_EPOCH, rng));
    let mut trust = TrustList::default();
    let name = "The Carrier".parse().unwrap();
    trust.add(Party::new(name, carrier.public().clone(), [Capacity::IssuerOfAll]).unwrap()).unwrap();

    for (file, text) in [("manifest.json", MANIFEST), ("invoice.json", INVOICE)] {
        let document = import(text.as_bytes(), file, &ImportOptions::default()).unwrap().document;
        let validity = Validity { issued: time("2026-02-01T00:00:00Z"), expires: time("2026-05-01T00:00:00Z") };
        let attested = attest(&document, &carrier, shipper.public(), validity, rng).unwrap();
        let dossier = Dossier::parse(&attested.to_json().unwrap()).unwrap().check().unwrap();
        assert_eq!(dossier.document(), &document);

        let now = time("2026-03-01T00:00:00Z");
        let complete: Vec<_> = document.facts().complete.iter().map(|c| format!("complete.{c}")).collect();
        let shown = dossier.attestation().sd_jwt().showing(complete.iter().map(String::as_str)).unwrap();
        let text = shown.bind(&shipper, "Customs", "n", &[1; 32], now).unwrap().to_string();

        let presented = Presented::parse(&text).unwrap();
        let verified = Attestation::of(presented.sd_jwt().clone()).unwrap().verify(&trust, now).unwrap();
        let expected = Expected { audience: "Customs", nonce: "n", proofs: &[1; 32], from: now, now };
        presented.verify_binding(verified.holder(), &expected).unwrap();
        assert_eq!(verified.issuer().as_str(), "The Carrier");
        assert_eq!(verified.commitment(), dossier.chain().commitment());
        assert_eq!(verified.facts().complete, document.facts().complete);
        assert_eq!(verified.facts().currency, None, "not disclosed");
    }
}
