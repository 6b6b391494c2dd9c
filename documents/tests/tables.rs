//! CSV and XLSX beyond the plain case, and mappings proposed from headings.

use std::io::{Cursor, Write};

use consign_documents::{
    document::InvalidFault,
    error::{Fault, ImportError, Place},
    import::{ImportOptions, Imported, Mapping, guess, import},
    profile::Kind,
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A cell of a test's workbook.
#[derive(Clone, Copy)]
enum Cell<'a> {
    Text(&'a str),
    Number(&'a str),
    /// A day in the serial numbers of spreadsheets: 46297 is 2026-10-02.
    Day(u32),
    Error,
    Empty,
}
use Cell::{Day, Empty, Number, Text};

/// Sheets of a workbook: name, whether it is hidden, rows.
type Sheets<'a> = [(&'a str, bool, Vec<Vec<Cell<'a>>>)];

fn archive(members: &[(String, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        zip.start_file(name, SimpleFileOptions::default()).expect("a member");
        zip.write_all(text.as_bytes()).expect("memory to write to");
    }
    zip.finish().expect("an archive").into_inner()
}

fn workbook(sheets: &Sheets<'_>) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let (mut listed, mut related, mut members) = (String::new(), String::new(), Vec::new());
    for (i, (name, hidden, rows)) in sheets.iter().enumerate() {
        let n = i + 1;
        let state = if *hidden { " state='hidden'" } else { "" };
        listed += &format!("<sheet name='{name}' sheetId='{n}' r:id='rId{n}'{state}/>");
        related +=
            &format!("<Relationship Id='rId{n}' Type='{RELATIONS}/worksheet' Target='worksheets/sheet{n}.xml'/>");
        let mut data = String::new();
        for (r, row) in rows.iter().enumerate() {
            data += &format!("<row r='{}'>", r + 1);
            for (c, cell) in row.iter().enumerate() {
                let at = format!("{}{}", char::from(b'A' + c as u8), r + 1);
                data += &match cell {
                    Text(text) => format!("<c r='{at}' t='inlineStr'><is><t>{text}</t></is></c>"),
                    Number(number) => format!("<c r='{at}'><v>{number}</v></c>"),
                    Day(day) => format!("<c r='{at}' s='1'><v>{day}</v></c>"),
                    Cell::Error => format!("<c r='{at}' t='e'><v>#REF!</v></c>"),
                    Empty => String::new(),
                };
            }
            data += "</row>";
        }
        let sheet = format!("<worksheet xmlns='{MAIN}'><sheetData>{data}</sheetData></worksheet>");
        members.push((format!("xl/worksheets/sheet{n}.xml"), sheet));
    }
    members.push((
        "xl/workbook.xml".into(),
        format!("<workbook xmlns='{MAIN}' xmlns:r='{RELATIONS}'><sheets>{listed}</sheets></workbook>"),
    ));
    members.push((
        "xl/_rels/workbook.xml.rels".into(),
        format!("<Relationships xmlns='{PACKAGE}'>{related}<Relationship Id='rIdS' Type='{RELATIONS}/styles' Target='styles.xml'/></Relationships>"),
    ));
    members.push((
        "_rels/.rels".into(),
        format!("<Relationships xmlns='{PACKAGE}'><Relationship Id='rId1' Type='{RELATIONS}/officeDocument' Target='xl/workbook.xml'/></Relationships>"),
    ));
    let styles = format!(
        "<styleSheet xmlns='{MAIN}'><cellXfs count='2'><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>"
    );
    members.push(("xl/styles.xml".into(), styles));
    archive(&members)
}

const MAPPING: &str = r#"
consign = "mapping/1"
kind = "commercial-invoice"
[document]
currency = "USD"
date_format = "%d/%m/%Y"
[columns]
id = "Line"
number = "Invoice"
issue_date = "Date"
hs = "HS"
net_mass = "Net kg"
amount = "Amount"
quantity = "Qty"
unit = "Unit"
[units]
net_mass = "kg"
"#;

fn heading() -> Vec<Cell<'static>> {
    ["Line", "Invoice", "Date", "HS", "Net kg", "Amount", "Qty", "Unit"].map(Text).to_vec()
}

fn line(hs: Cell<'static>) -> Vec<Cell<'static>> {
    // What a spreadsheet stores for 0.1 + 0.2.
    vec![
        Number("1"),
        Text("I-7"),
        Day(46297),
        hs,
        Number("0.30000000000000004"),
        Number("1241.3"),
        Number("12"),
        Text("pcs"),
    ]
}

fn read(bytes: &[u8], mapping: &str) -> Result<Imported, ImportError> {
    let mapping = Mapping::from_toml(mapping.as_bytes(), "m.toml").expect("a mapping");
    import(bytes, "list.xlsx", &ImportOptions { mapping: Some(mapping), ..ImportOptions::default() })
}

fn fault(sheets: &Sheets<'_>) -> Fault {
    let error = read(&workbook(sheets), MAPPING).expect_err("refused");
    assert!(!error.to_string().contains('\n') && !error.hint().is_empty(), "{error}");
    error.fault().clone()
}

#[test]
fn a_workbook() {
    let mut second = line(Text("8516.71"));
    second[0] = Number("2");
    second[3] = Text("N/A");
    let sheets = [
        ("Lines", false, vec![vec![Empty], heading(), line(Number("851671")), vec![], second]),
        ("Notes", true, vec![vec![Text("x")]]),
    ];
    let imported = read(&workbook(&sheets), MAPPING).expect("a workbook");
    let document = &imported.document;
    assert_eq!((imported.format.as_str(), document.number()), ("XLSX", "I-7"));
    assert_eq!(document.header().issue_date.map(|d| d.to_string()).as_deref(), Some("2026-10-02"));
    assert_eq!(document.table().rows()[1].measures(), [300, 12_000, 124_130, 0]);
    assert_eq!(document.lines()[0].net_mass.as_ref().map(|m| m.value().as_str()), Some("0.3"));
    assert_eq!(document.facts().unit.as_deref(), Some("H87"));
    assert_eq!(document.lines()[1].hs, None);
    let warnings: Vec<String> = imported.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["line 5, column \"HS\": the placeholder \"N/A\" says nothing: unknown"]);
}

#[test]
fn refused_workbooks() {
    let one = |rows: Vec<Vec<Cell<'static>>>| fault(&[("Lines", false, rows)]);
    // 030617 as a number is 30617, and 03061792 is 3061792: the leading zero is gone.
    let lost = one(vec![heading(), line(Number("3061792"))]);
    assert_eq!(lost, Fault::LostZero { found: "3061792".into(), digits: 7 });
    assert!(matches!(one(vec![heading(), line(Number("30617"))]), Fault::Code { .. }));
    assert_eq!(one(vec![heading(), line(Cell::Error)]), Fault::CellError { found: "#REF!".into() });
    let mut other = line(Text("851671"));
    other[1] = Text("I-8");
    let two = one(vec![heading(), line(Text("851671")), other]);
    assert_eq!(two, Fault::TwoValues { fact: "number", found: "I-8".into(), other: "I-7".into() });
    let total = one(vec![heading(), line(Text("851671")), vec![Text("Total:"), Empty, Empty, Empty, Number("0.3")]]);
    assert_eq!(total, Fault::TotalsRow { found: "Total:".into() });
    let sheet = || vec![heading(), line(Text("851671"))];
    assert!(
        matches!(fault(&[("A", false, sheet()), ("B", false, sheet())]), Fault::Sheets { found } if found.contains("\"B\""))
    );
    assert!(matches!(one(vec![]), Fault::Empty));
    assert!(matches!(one(vec![heading()]), Fault::Invalid(_)), "no line, and so no number either");
    let named = workbook(&[("A", false, sheet()), ("B", false, vec![])]);
    read(&named, &MAPPING.replace("kind =", "sheet = \"A\"\nkind =")).expect("the sheet that is named");
    assert_eq!(*import(&named, "x", &ImportOptions::default()).expect_err("no mapping").fault(), Fault::NoMapping);
}

/// Archives that are no workbook, are cut short, or unpack without end.
#[test]
fn hostile_workbooks() {
    let whole = workbook(&[("Lines", false, vec![heading(), line(Text("851671"))])]);
    for cut in [4, 30, whole.len() / 2, whole.len() - 1] {
        assert!(matches!(read(&whole[..cut], MAPPING).expect_err("cut").fault(), Fault::Xlsx(_)), "cut at {cut}");
    }
    assert!(matches!(read(&archive(&[("a".into(), "b".into())]), MAPPING).expect_err("empty").fault(), Fault::Xlsx(_)));
    // 300 MiB of blanks pack into 300 KiB.
    let bomb = archive(&[("xl/sharedStrings.xml".into(), " ".repeat(300 << 20))]);
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(read(&bomb, MAPPING).expect_err("too large").fault(), Fault::UnpacksTooLarge { .. }));
    // A cell far out costs no more than its own memory.
    let far = "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row r='1048576'>\
        <c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>";
    let sheets = workbook(&[("Lines", false, vec![heading()])]);
    let mut zip = zip::ZipArchive::new(Cursor::new(&sheets[..])).expect("an archive");
    let mut members = Vec::new();
    for i in 0..zip.len() {
        let mut member = zip.by_index(i).expect("a member");
        let mut text = String::new();
        std::io::Read::read_to_string(&mut member, &mut text).expect("text");
        let name = member.name().expect("a name").into_owned();
        let text = if name.contains("worksheets") { far.to_owned() } else { text };
        members.push((name, text));
    }
    let error = read(&archive(&members), MAPPING).expect_err("too many columns");
    assert_eq!(
        (error.fault(), error.place()),
        (&Fault::Xlsx("more than 1000 columns".into()), &Place::At { line: 1_048_576, column: 16_384 })
    );
}

fn proposed(text: &str, file: &str) -> String {
    guess(text.as_bytes(), file, None).expect("a proposal").toml
}

#[test]
fn a_mapping_is_proposed() {
    let csv = "Pos;Rechnungsnummer;Datum;Warennummer;Bruttogewicht (kg);Nettogewicht KG;Menge (Stk.);Betrag EUR;Ursprungsland;Bemerkung\n\
        1;R-77;2.10.2026;8516.71;12,5;10,25;4;1241,30;VN;x\n2;R-77;2.10.2026;85044090;7;6;1;10,00;CN;\n";
    let guessed = guess(csv.as_bytes(), "liste.csv", Some(Kind::CommercialInvoice)).expect("a proposal");
    let expected = [
        "kind = \"commercial-invoice\"",
        "delimiter = \";\"",
        "decimal_point = \",\"",
        "date_format = \"%d.%m.%Y\"",
        "currency = \"EUR\"    # by the heading \"Betrag EUR\"",
        "amount = \"Betrag EUR\"",
        "hs = \"Warennummer\"",
        "id = \"Pos\"",
        "net_mass = \"Nettogewicht KG\"",
        "number = \"Rechnungsnummer\"",
        "net_mass = \"kg\"    # by the heading \"Nettogewicht KG\"",
        "# \"Bruttogewicht (kg)\" is left out: a commercial-invoice has no gross_mass",
    ];
    for line in expected {
        assert!(guessed.toml.lines().any(|l| l == line), "{line}\n{}", guessed.toml);
    }
    let options = ImportOptions { mapping: Some(guessed.mapping), ..ImportOptions::default() };
    let document = import(csv.as_bytes(), "liste.csv", &options).expect("by the proposal").document;
    assert_eq!(document.table().rows()[1].measures()[..3], [10_250, 4_000, 124_130]);
    assert_eq!(document.facts().unit.as_deref(), Some("H87"), "no Stück is a stick of cigarettes (STK)");
    assert_eq!(document.number(), "R-77");
}

/// What can be read in two ways is asked, not guessed.
#[test]
fn a_guess_leaves_open_what_is_open() {
    let csv = "Line,Weight (kg),FOB value USD,CIF value USD,Value date,Date,Net weight,HS,Gross weight (kg)\n\
        1,5,1.00,2.00,x,02/10/2026,4,8516,6\n1,5,1.00,2.00,x,02/10/2026,4,851671,6\n";
    let toml = proposed(csv, "manifest.csv");
    for line in [
        "# gross_mass = \"Weight (kg)\"    gross or net?",
        "# issue_date = \"Date\"    with which date_format? \"02/10/2026\"",
        "# net_mass = \"Net weight\"    in which unit? Write it under [units]",
        "# hs = \"HS\"    the cell \"8516\" is no hs",
        "# id = \"Line\"    does not name every line differently",
        "number_lines = true    # no column names the lines",
        "number = \"\"    # write the number of the document",
        "gross_mass = \"Gross weight (kg)\"",
    ] {
        assert!(toml.lines().any(|l| l == line), "{line}\n{toml}");
    }
    let two = proposed("Line,Amount USD,Total price USD\n1,5,6\n2,5,6\n", "invoice.csv");
    assert!(two.contains("# amount = \"Amount USD\"    or \"Total price USD\"?"), "{two}");
    // The proposal as it stands names no document.
    let mapping = Mapping::from_toml(toml.as_bytes(), "m.toml").expect("a mapping");
    let options = ImportOptions { mapping: Some(mapping), ..ImportOptions::default() };
    let error = import(csv.as_bytes(), "manifest.csv", &options).expect_err("no number");
    assert!(
        matches!(error.fault(), Fault::Invalid(i) if matches!(i.fault, InvalidFault::EmptyText { what: "number", .. }))
    );
}

#[test]
fn what_no_mapping_is_proposed_for() {
    let reason = |text: &str| match guess(text.as_bytes(), "list.csv", None).expect_err("no proposal").fault() {
        Fault::Guess(reason) => reason.clone(),
        other => panic!("{other}"),
    };
    assert!(reason("a,b\n1,2\n").contains("no heading"));
    assert!(reason("Line,HS\n1,851671\n").contains("kind"));
    assert!(reason("Line;Gross (kg);Amount\n1;1,250;2\n").contains("two ways"));
    assert!(reason("Line,HS;Origin\n1,2;3\n").contains("equally well"));
    assert!(reason("Line\n1\n").contains("no delimiter"));
    assert_eq!(*guess(b"", "list.csv", None).expect_err("empty").fault(), Fault::Empty);
    // A heading cannot write lines of the mapping.
    let toml = proposed("Line,\"x\"\"\nkind = 'cargo-manifest'\",Amount USD\n1,2,3\n", "invoice.csv");
    assert_eq!(toml.lines().filter(|line| line.starts_with("kind")).count(), 1, "{toml}");
}

#[test]
fn a_workbook_is_guessed_below_its_title() {
    let mut named = heading();
    named[4] = Text("Net weight (kg)");
    named[5] = Text("Amount (USD)");
    let rows = vec![vec![Text("Saigon Pacific Trading")], vec![], named, line(Text("851671"))];
    let bytes = workbook(&[("Lines", false, rows)]);
    let guessed = guess(&bytes, "list.xlsx", None).expect("a proposal");
    assert!(guessed.toml.contains("heading_row = 3"), "{}", guessed.toml);
    let imported =
        import(&bytes, "list.xlsx", &ImportOptions { mapping: Some(guessed.mapping), ..ImportOptions::default() });
    assert_eq!(imported.expect("by the proposal").document.table().rows()[1].measures(), [300, 12_000, 124_130, 0]);
}

/// What is kept of a line takes many times its bytes where it says as good as nothing.
#[test]
fn very_many_lines_say_something() {
    let mapping = "consign = 'mapping/1'\nkind = 'cargo-manifest'\nnumber_lines = true\n[document]\nnumber = 'N'\n\
        [columns]\nhs = 'hs'\n";
    let read = |text: &str| {
        let mapping = Mapping::from_toml(mapping.as_bytes(), "m.toml").expect("a mapping");
        import(text.as_bytes(), "list.csv", &ImportOptions { mapping: Some(mapping), ..ImportOptions::default() })
    };
    let list = |line: &str, lines: usize| format!("hs\n{}", line.repeat(lines));
    let text = list("870323\n", 100_100);
    let error = read(&text).expect_err("refused");
    let expected = Fault::Hollow { lines: 100_001, size: text.len(), accepted: 10 };
    assert_eq!((error.place(), error.fault()), (&Place::At { line: 100_002, column: 1 }, &expected));
    // As long, or so many.
    for text in [list("8703230000\n", 100_100), list("870323\n", 99_900)] {
        let lines = text.lines().count() - 1;
        assert_eq!(read(&text).expect("a list").document.table().rows().len(), lines + 1);
    }
}
