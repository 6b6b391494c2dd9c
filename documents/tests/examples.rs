//! The documents under `examples/documents`: what each says, and that they belong together.

use std::path::Path;

use consign_documents::{
    document::Document,
    import::{ImportOptions, Imported, Mapping, import},
    summary::summary,
};

fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/documents");
    std::fs::read(folder.join(name)).expect("the example is part of the project")
}

fn read(name: &str, options: &ImportOptions) -> Imported {
    import(&bytes(name), name, options).expect(name)
}

#[test]
fn manifest() {
    let Imported { document, format, warnings } = read("manifest.xml", &ImportOptions::default());
    let summary = summary(&document);
    assert_eq!((format.as_str(), &warnings[..]), ("UBL 2.3 Manifest", &[][..]));
    assert_eq!((summary.lines, summary.containers.len(), summary.chapters.len()), (40, 3, 25));
    let totals: Vec<_> = summary.totals.iter().map(|t| (t.name, t.text.as_str())).collect();
    let expected = [
        ("gross_mass", "26 330.045 kg"),
        ("net_mass", "22 998.540 kg"),
        ("packages", "1 862 packages"),
        ("value", "454 222.18 USD"),
    ];
    assert_eq!(totals, expected);
    assert!(summary.incomplete.is_empty() && summary.header_incomplete.is_empty(), "{summary:#?}");
    assert_eq!(summary.dangerous, [("UN3481".to_owned(), 2), ("none".to_owned(), 38)].into());
    let origins = [("CN", 5), ("DE", 2), ("JP", 6), ("TH", 11), ("VN", 16)].map(|(c, n)| (c.to_owned(), n));
    assert_eq!(summary.origins, origins.into());
}

#[test]
fn invoice_belongs_to_manifest() {
    let manifest = read("manifest.xml", &ImportOptions::default()).document;
    let Imported { document: invoice, warnings, .. } = read("invoice.xml", &ImportOptions::default());
    assert_eq!(warnings, []);
    let (of_manifest, of_invoice) = (manifest.facts(), invoice.facts());
    for reference in ["shipment", "order"] {
        assert_eq!(of_manifest.references[reference], of_invoice.references[reference]);
    }
    let sum = |document: &Document, measure: usize| -> u128 {
        document.table().rows()[1..].iter().map(|row| u128::from(row.measures()[measure])).sum()
    };
    assert_eq!(sum(&manifest, 3), sum(&invoice, 2), "value and amount");
    assert_eq!(sum(&manifest, 1), sum(&invoice, 0), "net mass");
    let summary = summary(&invoice);
    assert_eq!(summary.unit.as_deref(), Some("C62"));
    assert!(summary.incomplete.is_empty() && summary.header_incomplete.is_empty(), "{summary:#?}");
}

#[test]
fn csv() {
    let mapping = Mapping::from_toml(&bytes("manifest.toml"), "manifest.toml").expect("a mapping");
    let Imported { document, .. } =
        read("manifest.csv", &ImportOptions { mapping: Some(mapping), ..ImportOptions::default() });
    // 2204.62 lb are 999,998.7775094 g.
    assert_eq!(document.table().rows()[1].measures(), [999_999, 0, 1_000, 1_240_000]);
    assert_eq!(document.header().issue_date.map(|d| d.to_string()).as_deref(), Some("2026-10-02"));
    assert_eq!(document.source().expect("imported").dropped, ["column Type"]);
    assert_eq!(summary(&document).incomplete, ["net_mass"]);
}

#[test]
fn json_is_canonical() {
    let bytes = bytes("invoice.json");
    let document = Document::from_json(&bytes, "invoice.json").expect("our own format");
    assert_eq!(document.as_json().as_bytes(), bytes);
    assert_eq!(summary(&document).totals[2].text, "18 276.50 EUR");
}
