//! Documents of the DCSA: the examples of the project and what is made of them when a fact changes.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use consign_documents::{
    error::{Fault, Place},
    import::{ImportOptions, Imported, import},
    profile::Kind,
    summary::summary,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn example(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/documents").join(name);
    serde_json::from_slice(&std::fs::read(path).expect("the example is part of the project")).expect("JSON")
}

fn bill() -> Value {
    example("bill-of-lading.json")
}

fn read(file: &Value) -> Imported {
    import(file.to_string().as_bytes(), "d.json", &ImportOptions::default()).expect("well-formed")
}

fn refused(file: &Value) -> (Place, Fault) {
    let error = import(file.to_string().as_bytes(), "d.json", &ImportOptions::default()).expect_err("refused");
    assert!(!error.to_string().contains('\n'), "{error}");
    (error.place().clone(), error.fault().clone())
}

fn warned(imported: &Imported, words: &str) -> bool {
    imported.warnings.iter().any(|warning| warning.text.contains(words))
}

#[test]
fn transport_document() {
    let imported = read(&bill());
    assert_eq!(imported.format, "DCSA transport document 3");
    let document = &imported.document;
    assert_eq!((document.kind(), document.number()), (Kind::BillOfLading, "HCMU26100412"));
    let table = document.table();
    let rows = table.rows();
    // 2,204.62 lb are 999,998.7775094 g.
    assert_eq!(rows[0].measures()[3], 912_050, "the value declared to the carrier");
    assert_eq!(rows[1].measures(), [8_400_250, 8_000_000, 700, 0]);
    assert_eq!(rows[3].measures(), [999_999, 0, 40, 0]);
    assert_eq!((rows[3].codes(), rows[3].hs()), ([3480, 2], [85, 7, 60]));
    assert_eq!(document.lines()[2].description.as_deref(), Some("Battery packs for electric bicycles"));
    assert_eq!(document.lines()[0].dangerous, None, "what is not listed as dangerous is not declared free of danger");
    let facts = document.facts();
    assert!(facts.complete.contains("gross_mass") && !facts.complete.contains("dangerous"));
    for (name, value) in [("booking", "BKG2610550"), ("vessel", "Saola Star"), ("shipping_instructions", "SI-26-7781")]
    {
        assert_eq!(facts.references[name], value);
    }
    assert_eq!(summary(document).parties["notify"], "Elbe Forwarding KG");
    assert!(document.source().expect("imported").dropped.iter().any(|d| d.starts_with("transports/portOfLoading")));
}

/// SHA-256 of the canonical JSON, computed here from the text of RFC 8785's rules that the example exercises: sorted keys,
/// no blanks, and numbers in their shortest form.
#[test]
fn checksum() {
    let bill = bill();
    // `serde_json` sorts keys and writes no blanks, and the example has neither exponents nor escapes.
    let expected = hex::encode(Sha256::digest(bill.to_string()));
    assert_eq!(read(&bill).document.facts().references["transport_document_checksum"], expected);
    // Another spelling of the same JSON has the same checksum.
    let spelt =
        bill.to_string().replace("8400.25", "8.40025e3").replace(":4200", " : 4200.0").replace("Saola", "\\u0053aola");
    let imported = import(spelt.as_bytes(), "d.json", &ImportOptions::default()).expect("the same document");
    assert_eq!(imported.document.facts().references["transport_document_checksum"], expected);
    // Another document has another.
    let mut other = bill;
    other["termsAndConditions"] = "none".into();
    assert_ne!(read(&other).document.facts().references["transport_document_checksum"], expected);
}

fn jws(payload: &Value) -> String {
    format!("eyJhbGciOiJFZERTQSJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(payload.to_string()))
}

#[test]
fn envelopes() {
    let bill = bill();
    let checksum = read(&bill).document.facts().references["transport_document_checksum"].clone();
    let chain = [jws(&json!({"eblPlatform": "BOLE", "transportDocumentChecksum": checksum, "transactions": []}))];
    let envelope = |said: &str| {
        json!({"transportDocument": bill, "envelopeTransferChain": chain,
            "envelopeManifestSignedContent": jws(&json!({"transportDocumentChecksum": said}))})
    };
    let imported = read(&envelope(&checksum));
    assert_eq!(imported.format, "DCSA PINT envelope 3");
    assert_eq!(imported.document.facts().references["transport_document_checksum"], checksum);
    assert!(warned(&imported, "signatures of the envelope are not checked (2 times)"));
    let (place, fault) = refused(&envelope(&"0".repeat(64)));
    assert_eq!(place, Place::Pointer("/envelopeManifestSignedContent".into()));
    assert!(matches!(fault, Fault::Contradiction(text) if text.contains(&checksum)));
    let mut broken = envelope(&checksum);
    broken["envelopeTransferChain"][0] = "e30.e30".into();
    assert_eq!(refused(&broken).0, Place::Pointer("/envelopeTransferChain/0".into()));
    let issuance =
        json!({"document": bill, "issuanceManifestSignedContent": jws(&json!({"documentChecksum": checksum}))});
    assert_eq!(read(&issuance).format, "DCSA issuance request 3");
}

#[test]
fn what_a_bill_does_not_say() {
    let mut template = bill();
    template["transportDocumentReference"] = "{TDR}".into();
    template["consignmentItems"][0]["carrierBookingReference"] = "{CBR}".into();
    template["consignmentItems"][1]["HSCodes"] = json!(["850760", "871160"]);
    template["consignmentItems"][1]["cargoItems"][0]["outerPackaging"]["dangerousGoods"] =
        json!([{"NANumber": "9037"}]);
    template.as_object_mut().expect("an object").remove("issueDate");
    let imported = read(&template);
    let facts = imported.document.facts();
    assert_eq!(
        imported.document.number(),
        format!("SHA256-{}", &facts.references["transport_document_checksum"][..16])
    );
    assert!(!facts.references.contains_key("booking"));
    let line = &imported.document.lines()[2];
    assert_eq!((&line.hs, line.dangerous), (&None, None));
    for words in [
        "carrierBookingReference: the placeholder \"{CBR}\" says nothing",
        "numbered by the beginning of its checksum",
        "several HS codes for the same goods",
        "dangerous goods without a UN number",
        "shippedOnBoardDate is not the day of issue",
    ] {
        assert!(warned(&imported, words), "{words}: {:?}", imported.warnings);
    }
}

#[test]
fn what_a_bill_may_not_say() {
    let at = |pointer: &str, value: Value| {
        let mut changed = bill();
        *changed.pointer_mut(pointer).expect("the example has it") = value;
        refused(&changed)
    };
    let cargo = "/consignmentItems/1/cargoItems/0";
    let (place, fault) = at(&format!("{cargo}/cargoGrossWeight/unit"), "STN".into());
    assert_eq!(place, Place::Pointer(format!("{cargo}/cargoGrossWeight")));
    assert!(matches!(fault, Fault::Quantity { fact, .. } if fact == "gross_mass"));
    assert!(matches!(at(&format!("{cargo}/outerPackaging/numberOfPackages"), 1.5.into()).1, Fault::Quantity { .. }));
    assert!(matches!(at(&format!("{cargo}/cargoGrossWeight/value"), (-1).into()).1, Fault::Quantity { .. }));
    let goods = json!([{"UNNumber": "3480"}, {"UNNumber": "3481"}]);
    let two = at(&format!("{cargo}/outerPackaging/dangerousGoods"), goods).1;
    assert_eq!(two, Fault::TwoUnNumbers("UN3480".into(), "UN3481".into()));
    let contents = at("/utilizedTransportEquipments/0/cargoGrossWeight/value", 8400.into());
    assert!(matches!(contents.1, Fault::Contradiction(text) if text.contains("8400250 g")));
    assert!(matches!(at("/declaredValueCurrency", "XXX".into()).1, Fault::Code { .. }));
    assert!(matches!(at("/issueDate", "05/10/2026".into()).1, Fault::Date { .. }));
    assert!(matches!(at("/consignmentItems", json!([])).1, Fault::Invalid(_)));
    assert!(matches!(at("/documentParties", json!("none")).1, Fault::Type { .. }));
    assert_eq!(
        at("/consignmentItems/0/HSCodes/0", json!({})).1,
        Fault::Type { found: "an object", accepted: "a string or a number" }
    );
    let other = json!({"orders": []});
    assert!(matches!(refused(&other).1, Fault::UnknownJson { found } if found == "orders"));
}

#[test]
fn verified_gross_masses() {
    let vgm = example("vgm.json");
    let imported = read(&vgm);
    let document = &imported.document;
    assert_eq!((document.kind(), document.number()), (Kind::WeightStatement, "VGM-BKG2610550"));
    let table = document.table();
    assert_eq!(table.rows()[1].measures(), [8_400_250, 4_480_000, 12_880_250, 0]);
    // 5,070.6 lb are 2,299,985.471322 g.
    assert_eq!(table.rows()[2].measures(), [5_200_000, 2_299_985, 7_500_000, 0]);
    assert_eq!([table.rows()[1].codes(), table.rows()[2].codes()], [[2, 1], [1, 2]]);
    let facts = document.facts();
    assert_eq!(facts.references["bill_of_lading"], "HCMU26100412");
    assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);

    let mut retracted = vgm.clone();
    retracted["VGMDeclarations"][1]["isRetracted"] = true.into();
    assert_eq!(refused(&retracted).1, Fault::Retracted, "a retraction is of all that have its reference");
    retracted["VGMDeclarations"][1]["declarationReference"] = "VGM-2".into();
    let one = read(&retracted);
    assert_eq!(one.document.containers(), ["MSKU9070323"]);
    assert!(warned(&one, "retracted"));
    let alone = read(&vgm["VGMDeclarations"][0]);
    assert_eq!(alone.document.lines().len(), 1);
    let mut twice = vgm;
    twice["VGMDeclarations"][1] = twice["VGMDeclarations"][0].clone();
    assert!(matches!(refused(&twice).1, Fault::Invalid(_)), "two masses of one container");
}
