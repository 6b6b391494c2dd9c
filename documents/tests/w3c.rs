//! Credentials of the W3C traceability vocabulary, and the YAML around their examples.

use std::path::Path;

use consign_documents::{
    document::InvalidFault,
    error::{Fault, Place},
    import::{ImportOptions, Imported, import},
    profile::Kind,
};
use serde_json::{Value, json};

fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/documents/invoice-credential.json");
    std::fs::read_to_string(path).expect("the example is part of the project")
}

fn read(text: &str) -> Imported {
    import(text.as_bytes(), "c.json", &ImportOptions::default()).expect("well-formed")
}

fn refused(text: &str) -> (Place, Fault) {
    let error = import(text.as_bytes(), "c.yml", &ImportOptions::default()).expect_err("refused");
    assert!(!error.to_string().contains('\n') && !error.hint().is_empty(), "{error}");
    (error.place().clone(), error.fault().clone())
}

fn warned(imported: &Imported, words: &str) -> bool {
    imported.warnings.iter().any(|warning| warning.text.contains(words))
}

/// A credential of a type around a subject.
fn credential(name: &str, subject: &Value) -> String {
    json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential", name],
        "id": "urn:uuid:7d5f0a52-6a0e-4f0b-9d0a-0d6f7a3c9a11", "validFrom": "2026-03-01T10:00:00Z",
        "issuer": {"id": "did:web:mill.example.com", "name": "Red River Mill"}, "credentialSubject": subject})
    .to_string()
}

fn mass(value: &str, unit: &str) -> Value {
    json!({"type": ["QuantitativeValue"], "value": value, "unitCode": unit})
}

#[test]
fn commercial_invoice() {
    let imported = read(&example());
    let document = &imported.document;
    assert_eq!((document.kind(), document.number()), (Kind::CommercialInvoice, "INV-26-0117"));
    let table = document.table();
    // 1,000 lb are 453,592.37 g.
    assert_eq!(table.rows()[1].measures(), [453_592, 20_000, 520_000, 20]);
    assert_eq!((table.rows()[1].origin(), table.rows()[1].hs()), (484, [72, 19, 33]));
    assert_eq!(table.rows()[0].measures()[1], 965_050, "what is due is the sum of the lines");
    assert_eq!(document.facts().references["order"], "PO-55120");
    assert_eq!(document.facts().unit, None);
    assert!(warned(&imported, "grossWeight is left out"));
    let other = read(&example().replace("9650.50", "9700.50"));
    assert_eq!(other.document.header().totals.money, None);
    assert!(warned(&other, "totalPaymentDue is not the sum of the lines"));
    let subtotal = example().replace("\"totalPaymentDue\"", "\"invoiceSubtotal\"").replace("9650.50", "9700.50");
    assert!(
        matches!(refused(&subtotal).1, Fault::Invalid(i) if matches!(i.fault, InvalidFault::TotalsDisagree { .. }))
    );
    let two = example().replacen("\"priceCurrency\": \"USD\"", "\"priceCurrency\": \"MXN\"", 1);
    assert!(matches!(refused(&two).1, Fault::TwoCurrencies { fact: "amount", .. }));
}

#[test]
fn packing_list() {
    let goods = json!({"description": "Rollators", "itemCount": 540,
        "product": {"commodity": {"commodityCode": "8713.10", "commodityCodeType": "HS"}, "countryOfOrigin": "CN"}});
    let package =
        json!({"includedTradeLineItems": [goods], "netWeight": mass("3834", "kg"), "grossWeight": mass("4302", "kg")});
    let two = json!({"includedTradeLineItems": [goods, {"description": "Spares", "itemCount": 2}], "grossWeight": mass("44", "kg")});
    let subject = json!({"orderNumber": "PO-9", "items": [
        {"packageQuantity": 540, "transportPackages": [package]},
        {"packageQuantity": 3, "transportPackages": [two, {"grossWeight": mass("6.5", "kg")}]}],
        "totalGrossWeight": mass("4352.5", "kg"), "totalNumberOfPackages": 543});
    let imported = read(&credential("PackingListCredential", &subject));
    let document = &imported.document;
    assert_eq!(document.number(), "urn:uuid:7d5f0a52-6a0e-4f0b-9d0a-0d6f7a3c9a11");
    let ids: Vec<String> = document.lines().into_iter().map(|line| line.id).collect();
    assert_eq!(ids, ["1", "2.1", "2.2"]);
    let table = document.table();
    assert_eq!(table.rows()[1].measures(), [4_302_000, 3_834_000, 540, 540_000]);
    assert_eq!(table.rows()[2].measures(), [44_000, 0, 0, 0], "packages and counts that are shared are not guessed");
    assert!(document.lines()[1].hs.is_none() && document.lines()[0].hs.is_some());
    for words in ["numbered by the id of the credential", "not spread over several kinds", "what they do not share"] {
        assert!(warned(&imported, words), "{words}");
    }
    let wrong = credential("PackingListCredential", &subject).replace("4352.5", "4352.4");
    assert!(matches!(refused(&wrong).1, Fault::Invalid(_)));
}

fn bill(containers: usize) -> Value {
    let equipment: Vec<Value> =
        (0..containers).map(|i| json!({"equipmentReference": format!("APZU481209{i}")})).collect();
    json!({"billOfLadingNumber": "EX6008", "bookingNumber": ["EX6"], "shipper": {"name": "Caffè S.p.A.",
        "location": {"address": {"addressLocality": "Goro", "addressCountry": "United States"}}},
        "notifyParty": [{"name": "One"}, {"name": "Two"}], "totalNumberOfPackages": 2200,
        "utilizedTransportEquipment": equipment, "declaredValue": {"price": 240000, "priceCurrency": "USD"},
        "includedConsignmentItems": [{"marksAndNumbers": "Espresso", "packageQuantity": 2200,
            "commodity": {"commodityCode": "851671", "commodityCodeType": "HS"},
            "netWeight": mass("14600", "kg"), "grossWeight": mass("15960", "kg")}]})
}

#[test]
fn bill_of_lading() {
    let imported = read(&credential("MasterBillOfLadingCredential", &bill(1)));
    let document = &imported.document;
    let row = document.table().rows()[1];
    assert_eq!((row.measures(), row.codes()), ([15_960_000, 14_600_000, 2_200, 0], [65_535, 1]));
    assert_eq!(document.table().rows()[0].measures()[3], 24_000_000);
    let header = document.header();
    assert_eq!(header.parties["notify_2"].name.as_deref(), Some("Two"));
    let shipper = &header.parties["shipper"];
    assert_eq!((shipper.address.as_deref(), shipper.country), (Some("Goro, United States"), None));
    let several = read(&credential("HouseBillOfLadingCredential", &bill(2)));
    assert!(several.document.containers().is_empty() && warned(&several, "several containers"));
    let mut unpaired = bill(1);
    unpaired["totalNumberOfPackages"] = 220.into();
    assert!(matches!(refused(&credential("BillOfLadingCredential", &unpaired)).1, Fault::Invalid(_)));
}

#[test]
fn sea_cargo_manifest() {
    let subject = |total: u64| {
        json!({"vesselName": "Seventh Sea", "voyageNumber": "W-02", "totalNumberOfPackages": total,
            "totalNumberOfTransportDocuments": 2, "transportDocumentInformation": [bill(1), bill(0)]})
    };
    let imported = read(&credential("SeaCargoManifestCredential", &subject(4400)));
    let document = &imported.document;
    assert_eq!((document.kind(), document.lines().len()), (Kind::CargoManifest, 2));
    assert_eq!(document.containers(), ["APZU4812090"]);
    assert_eq!(document.facts().references["voyage"], "W-02");
    // A manifest that lists fewer goods than it counts has left some out.
    assert!(matches!(refused(&credential("SeaCargoManifestCredential", &subject(13_044))).1, Fault::Invalid(_)));
    let mut inner = subject(4400);
    inner["transportDocumentInformation"][0]["totalNumberOfPackages"] = 1.into();
    assert!(matches!(refused(&credential("SeaCargoManifestCredential", &inner)).1, Fault::Contradiction(_)));
}

#[test]
fn usmca() {
    let goods = json!({"description": "Steel rolls", "commodityCode": "721320", "commodityCodeType": "HS",
        "originCriterion": "A", "countryOfOrigin": "MX"});
    let subject =
        json!({"invoiceNumber": "inv-9", "goods": [goods], "importerDetails": [{"name": "Acero", "taxId": "12-3"}]});
    let document = read(&credential("USMCACertificationOfOrigin", &subject)).document;
    assert_eq!(document.kind(), Kind::CertificateOfOrigin);
    assert_eq!(document.lines()[0].criterion.as_ref().map(|c| c.letters()), Some("A"));
    assert_eq!(document.facts().references["invoice"], "inv-9");
    assert_eq!(document.header().parties["importer"].identifier.as_deref(), Some("12-3"));
}

#[test]
fn other_credentials() {
    let (_, fault) = refused(&credential("BankAccountCredential", &json!({})));
    assert!(matches!(fault, Fault::Credential { found, .. } if found.contains("BankAccount")));
    let several = credential("CommercialInvoiceCredential", &json!([{}, {}]));
    assert_eq!(refused(&several).1, Fault::Repeated("credentialSubject".into()));
}

/// The example of a schema, as text that is JSON and as YAML that says the same.
#[test]
fn yaml() {
    let json = example();
    let indented: String = json.lines().map(|line| format!("  {line}\n")).collect();
    let block = format!(
        "title: A schema\nproperties:\n  example:\n    type: string\nexample: |-\n{indented}tags: [x, {{a: b}}]\n"
    );
    let imported = read(&block);
    assert_eq!(imported.format, "W3C CommercialInvoiceCredential");
    assert_eq!(imported.document.lines(), read(&json).document.lines());
    // JSON is YAML, flow style.
    let flow = read(&format!("example: {}\n", json.replace('\n', " ")));
    assert_eq!(flow.document.lines(), imported.document.lines());
}

#[test]
fn hostile_yaml() {
    let bomb = "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nexample: *b\n";
    assert_eq!(refused(bomb).1, Fault::YamlAlias);
    assert_eq!(refused("example: *nowhere\n").1, Fault::Yaml("while parsing node, found unknown anchor".into()));
    let deep = format!("example: {}1{}\n", "[".repeat(100), "]".repeat(100));
    assert_eq!(refused(&deep).1, Fault::TooDeep);
    assert_eq!(refused(&format!("x: {}1{}\nexample: 1\n", "[".repeat(100), "]".repeat(100))).1, Fault::TooDeep);
    assert_eq!(refused(&format!("example: [{}0]\n", "{a: 0}, ".repeat(2_000_000))).1, Fault::TooManyValues);
    assert_eq!(refused("example: 1\nexample: 2\n").1, Fault::DuplicateKey("example".into()));
    assert_eq!(refused("example: {a: 1, a: 2}\n").1, Fault::DuplicateKey("a".into()));
    assert!(matches!(refused("example: |-\n  {\"a\": \n").1, Fault::Json(_)));
    assert!(matches!(refused("example: [1\n").1, Fault::Yaml(_)));
    assert!(matches!(refused("- x\n- y\nexample:\n").1, Fault::Yaml(_)));
    assert!(matches!(refused("example: text\n").1, Fault::Json(_)));
}
