//! Documents that others wrote, with the figures that a reader finds in them. They are read in place, through
//! `CONSIGN_TEST_DATA`.

use std::path::PathBuf;

use consign_documents::{
    error::{Fault, Place},
    import::{ImportOptions, Imported, import},
    profile::Kind,
    summary::summary,
};

fn read(name: &str) -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("CONSIGN_TEST_DATA") else {
        eprintln!("skipped: CONSIGN_TEST_DATA is not set");
        return None;
    };
    Some(std::fs::read(PathBuf::from(folder).join("documents").join(name)).expect("the test data holds this file"))
}

struct Expected {
    file: &'static str,
    credits: bool,
    kind: Kind,
    format: &'static str,
    number: &'static str,
    lines: usize,
    currency: &'static str,
    totals: &'static [(&'static str, u128)],
    incomplete: &'static [&'static str],
    warnings: &'static [&'static str],
}

const FILES: [Expected; 3] = [
    Expected {
        file: "UBL-Manifest-2.3-Example-Shipment.xml",
        credits: false,
        kind: Kind::CargoManifest,
        format: "UBL 2.3 Manifest",
        number: "KHN23-44048",
        lines: 1,
        currency: "USD",
        totals: &[("gross_mass", 130_000), ("net_mass", 110_000), ("packages", 0), ("value", 100_000)],
        incomplete: &["packages", "origin", "container"],
        warnings: &[
            "TotalTransportHandlingUnitQuantity counts pallets and the like, not packages: left out",
            "a total DeclaredCustomsValueAmount is left out: lines are valued by ValueAmount",
            "a total FreeOnBoardValueAmount is left out: lines are valued by ValueAmount",
            "DeclaredCustomsValueAmount of a goods item is left out: lines are valued by ValueAmount (and in another \
             currency)",
            "DeclaredStatisticsValueAmount of a goods item is left out: lines are valued by ValueAmount",
            "FreeOnBoardValueAmount of a goods item is left out: lines are valued by ValueAmount",
            "Quantity of a goods item counts goods, not packages: left out",
        ],
    },
    Expected {
        file: "UBL-Invoice-2.1-Example.xml",
        credits: true,
        kind: Kind::CommercialInvoice,
        format: "UBL 2.1 Invoice",
        number: "TOSL108",
        lines: 3,
        currency: "EUR",
        totals: &[("net_mass", 0), ("quantity", 253_000), ("amount", 146_546), ("packages", 0)],
        incomplete: &["net_mass", "packages", "origin", "hs"],
        warnings: &[
            "allowances and charges of the whole invoice are in no line's amount: left out",
            "a credit line is left out, and with it the declared totals (2 times)",
        ],
    },
    Expected {
        file: "EN16931-ubl-tc434-example1.xml",
        credits: true,
        kind: Kind::CommercialInvoice,
        format: "UBL 2 Invoice",
        number: "12115118",
        lines: 19,
        currency: "EUR",
        totals: &[("net_mass", 0), ("quantity", 32_000), ("amount", 33_958), ("packages", 0)],
        incomplete: &["net_mass", "packages", "origin", "hs"],
        warnings: &["a credit line is left out, and with it the declared totals"],
    },
];

#[test]
fn figures() {
    for expected in FILES {
        let Some(bytes) = read(expected.file) else { return };
        let options = ImportOptions { leave_out_credit_lines: expected.credits, ..ImportOptions::default() };
        let Imported { document, format, warnings } = import(&bytes, expected.file, &options).expect(expected.file);
        let summary = summary(&document);
        assert_eq!(document.kind(), expected.kind);
        assert_eq!(format, expected.format);
        assert_eq!(document.number(), expected.number);
        assert_eq!(document.table().rows().len(), expected.lines + 1);
        assert_eq!(summary.currency.as_deref(), Some(expected.currency));
        let totals: Vec<_> = summary.totals.iter().map(|t| (t.name, t.sum)).collect();
        assert_eq!(totals, expected.totals, "{}", expected.file);
        assert_eq!(summary.incomplete, expected.incomplete, "{}", expected.file);
        let texts: Vec<_> = warnings.iter().map(|w| w.text.as_str()).collect();
        assert_eq!(texts, expected.warnings, "{}", expected.file);
        assert!(!document.source().expect("imported").dropped.is_empty());
    }
}

/// The traps of the example: what is near is not the same.
#[test]
fn manifest_facts() {
    let Some(bytes) = read("UBL-Manifest-2.3-Example-Shipment.xml") else { return };
    let imported = import(&bytes, "m.xml", &ImportOptions::default()).expect("a manifest");
    let document = imported.document;
    let facts = document.facts();
    assert_eq!(facts.references["shipment"], "CONS-0001");
    assert_eq!(facts.references["bill_of_lading"], "XD534533");
    let header = document.header();
    assert_eq!(header.export_country.map(|c| c.letters()), Some("US"));
    assert_eq!(header.import_country.map(|c| c.letters()), Some("GB"));
    assert_eq!(header.totals.money, None);
    let line = &document.lines()[0];
    assert_eq!(
        line.hs.as_ref().map(|hs| (hs.to_string(), hs.written().to_owned())),
        Some(("152190".into(), "15219000".into()))
    );
    assert_eq!(line.dangerous.map(|d| d.to_string()).as_deref(), Some("none"));
    let row = document.table().rows()[1];
    assert_eq!(row.measures(), [130_000, 110_000, 0, 100_000]);
    assert_eq!((row.origin(), row.codes(), row.hs()), (1023, [0, 65_535], [15, 21, 90]));
    let dropped = &document.source().expect("imported").dropped;
    assert!(dropped.contains(&"Shipment/FreeOnBoardValueAmount: 1200.00 USD".to_owned()), "{dropped:#?}");
}

/// Credits are refused unless the user decides otherwise.
#[test]
fn credits_are_refused() {
    for (file, line, column, found, id) in [
        ("UBL-Invoice-2.1-Example.xml", 323, 3, "-1", "2"),
        ("EN16931-ubl-tc434-example1.xml", 512, 9, "-109.98", "20"),
    ] {
        let Some(bytes) = read(file) else { return };
        let error = import(&bytes, file, &ImportOptions::default()).expect_err("has a credit line");
        assert_eq!(*error.fault(), Fault::Credit { found: found.into() });
        assert_eq!(error.line_id(), Some(id));
        assert_eq!(*error.place(), Place::At { line, column });
    }
}

/// The table of the page, row by row: files that others wrote, and what importing them says. A file that the test data
/// lacks is skipped. Each file that is imported comes back from its canonical form as the very same document.
#[test]
fn files_tried() {
    let page = include_str!("../../docs/documents.md");
    let (_, table) = page.split_once("| format | file | lines | warnings |\n").expect("the page has the table");
    let rows: Vec<&str> = table.lines().skip(1).take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 10);
    let Some(folder) = std::env::var_os("CONSIGN_TEST_DATA") else {
        eprintln!("skipped: CONSIGN_TEST_DATA is not set");
        return;
    };
    let mut wrong = Vec::new();
    for row in rows {
        let name = row.split('`').nth(1).expect("a row names its file");
        let Ok(bytes) = std::fs::read(PathBuf::from(&folder).join("documents").join(name)) else {
            eprintln!("skipped: {name} is not among the test data");
            continue;
        };
        let strict = import(&bytes, name, &ImportOptions::default());
        let credits = strict.as_ref().is_err_and(|e| matches!(e.fault(), Fault::Credit { .. }));
        let options = ImportOptions { leave_out_credit_lines: credits, ..ImportOptions::default() };
        let said = match import(&bytes, name, &options) {
            Err(error) => format!("| - | `{name}` | - | refused: {} |", error.fault()),
            Ok(Imported { document, format, warnings }) => {
                let again = import(document.as_json().as_bytes(), "again.json", &ImportOptions::default());
                assert_eq!(again.expect("our own form").document, document, "{name}");
                let flag = if credits { "with `--leave-out-credit-lines`: " } else { "" };
                let texts: Vec<_> = warnings.iter().map(|w| w.text.replace('|', "/")).collect();
                let texts = if texts.is_empty() { "none".into() } else { texts.join("; ") };
                format!("| {format} | `{name}` | {} | {flag}{texts} |", document.lines().len())
            }
        };
        if said != row {
            wrong.push(said);
        }
    }
    assert!(wrong.is_empty(), "rows that the page should have:\n{}", wrong.join("\n"));
}
