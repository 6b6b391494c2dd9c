//! What is not imported, each with its own error: hostile files, and facts that would have to be guessed.

use consign_documents::{
    codes::CodeError,
    document::{Document, InvalidFault},
    error::{Fault, ImportError, MAX_FILE, Place},
    import::{ImportOptions, Mapping, import},
    quantity::QuantityError,
};

fn fails(bytes: &[u8], file: &str, mapping: Option<Mapping>) -> ImportError {
    let options = ImportOptions { mapping, ..ImportOptions::default() };
    let error = import(bytes, file, &options).expect_err("must be refused");
    assert!(!error.hint().is_empty() && !error.to_string().contains('\n'), "{error}");
    error
}

fn fault(text: &str) -> Fault {
    fails(text.as_bytes(), "file", None).fault().clone()
}

/// A manifest of one goods item, around what a test puts into the shipment and the goods item.
fn manifest(shipment: &str, goods: &str) -> String {
    const HEAD: &str = concat!(
        r#"<Manifest xmlns="urn:oasis:names:specification:ubl:schema:xsd:Manifest-2" "#,
        r#"xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" "#,
        r#"xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">"#
    );
    format!(
        "{HEAD}\n<b:ID>M1</b:ID><a:Shipment>{shipment}\n<a:GoodsItem><b:ID>7</b:ID>{goods}</a:GoodsItem></a:Shipment></Manifest>"
    )
}

fn quantity(fact: &str, error: QuantityError) -> Fault {
    Fault::Quantity { fact: fact.into(), error }
}

fn code(fact: &str, error: CodeError) -> Fault {
    Fault::Code { fact: fact.into(), error }
}

const INVOICE: &str = r#"{"consign":"document/1","kind":"commercial-invoice","profile":1,"number":"I1","currency":"EUR","lines":[{"id":"1","amount":"1.00"}]}"#;

#[test]
fn a_minimal_document_is_read() {
    import(manifest("", "").as_bytes(), "m.xml", &ImportOptions::default()).expect("no more than an identifier");
    Document::from_json(INVOICE.as_bytes(), "i.json").expect("no more than an amount");
}

#[test]
fn hostile_bytes() {
    assert_eq!(fault(""), Fault::Empty);
    assert_eq!(fault(" \r\n\t"), Fault::Empty);
    assert_eq!(*fails(&[b'<'; MAX_FILE + 1], "x", None).fault(), Fault::Oversize { size: MAX_FILE + 1 });
    assert_eq!(*fails(b"\xff\xfe<\0a\0", "x", None).fault(), Fault::Encoding { found: "UTF-16".into() });
    let latin1 = b"<a>caf\xe9</a>";
    assert_eq!(*fails(latin1, "x", None).fault(), Fault::Encoding { found: "not UTF-8 from byte 6 on".into() });
    let declared = "<?xml version='1.0' encoding='ISO-8859-1'?><a>caf\u{e9}</a>";
    assert_eq!(fault(declared), Fault::Encoding { found: "declared to be ISO-8859-1".into() });
    assert!(matches!(fault("%PDF-1.4"), Fault::UnknownFormat { .. }));
    assert_eq!(*fails(b"a,b\n1,2", "list.CSV", None).fault(), Fault::NoMapping);
}

#[test]
fn hostile_xml() {
    let whole = manifest("", "");
    for cut in [1, 20, whole.len() / 2, whole.len() - 1] {
        assert!(matches!(fault(&whole[..cut]), Fault::Xml(_)), "cut at {cut}");
    }
    let entity = "<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>";
    let error = fails(entity.as_bytes(), "x.xml", None);
    assert_eq!((error.fault(), error.place()), (&Fault::Dtd, &Place::At { line: 2, column: 1 }));
    let laughs = "<!DOCTYPE a [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><a>&c;</a>";
    assert_eq!(fault(laughs), Fault::Dtd);
    assert!(matches!(fault("<a>&undefined;</a>"), Fault::Xml(_)));
    assert_eq!(fault(&"<a>".repeat(5_000_000)), Fault::TooDeep);
    assert_eq!(fault(&format!("<a {}/>", "b='' ".repeat(3_000_000))), Fault::TooManyAttributes { max: 64 });
    // What looks like nesting, attributes or a DTD within comments and CDATA is text.
    let text = manifest("<!-- <!DOCTYPE a> <a><a> -->", "<b:Description><![CDATA[<a><!DOCTYPE]]></b:Description>");
    import(text.as_bytes(), "m.xml", &ImportOptions::default()).expect("well-formed");
    assert!(matches!(fault("<Order xmlns='urn:x'/>"), Fault::Root { .. }));
    assert!(matches!(fault("<Manifest/>"), Fault::Root { .. }));
    let version = manifest("", "").replace("<b:ID>M1", "<b:UBLVersionID>3.0</b:UBLVersionID><b:ID>M1");
    assert!(matches!(fault(&version), Fault::Version { what: "UBLVersionID", .. }));
}

#[test]
fn hostile_json() {
    for cut in [1, 30, INVOICE.len() / 2, INVOICE.len() - 1] {
        assert!(matches!(fault(&INVOICE[..cut]), Fault::Json(_)), "cut at {cut}");
    }
    assert_eq!(fault(&("{\"a\":".to_owned() + &"[".repeat(5_000_000))), Fault::TooDeep);
    assert_eq!(fault(&"{\"a\":".repeat(2_000_000)), Fault::TooDeep);
    // A file of small objects, which would take gigabytes.
    assert_eq!(fault(&format!("{{\"a\":[{}0]}}", "{\"\":0},".repeat(2_000_000))), Fault::TooManyValues);
    assert!(matches!(fault(&format!("{INVOICE} {INVOICE}")), Fault::Json(_)));
    assert!(matches!(fault(&INVOICE.replace("I1", "\\ud800")), Fault::Json(_)));
}

#[test]
fn facts_of_xml() {
    let in_goods = |goods: &str| fault(&manifest("", goods));
    let mass = |unit: &str, figure: &str| {
        in_goods(&format!("<b:GrossWeightMeasure unitCode='{unit}'>{figure}</b:GrossWeightMeasure>"))
    };
    let fob = |currency: &str, figure: &str| {
        in_goods(&format!("<b:FreeOnBoardValueAmount currencyID='{currency}'>{figure}</b:FreeOnBoardValueAmount>"))
    };
    let found = |text: &str| text.to_owned();
    assert_eq!(mass("KGM", "-5"), quantity("gross_mass", QuantityError::Negative { found: found("-5") }));
    assert_eq!(mass("KGM", "1e3"), quantity("gross_mass", QuantityError::NotDecimal { found: found("1e3") }));
    assert_eq!(mass("KGM", "1,5"), quantity("gross_mass", QuantityError::NotDecimal { found: found("1,5") }));
    assert_eq!(mass("STN", "1"), quantity("gross_mass", QuantityError::UnknownMassUnit { found: found("STN") }));
    assert_eq!(
        mass("TNE", "140737489"),
        quantity("gross_mass", QuantityError::TooLarge { found: found("140737489 TNE"), unit: "grams" })
    );
    assert_eq!(mass("KGM", &"9".repeat(41)), quantity("gross_mass", QuantityError::TooLong { length: 41 }));
    let invalid = |fault: Fault| match fault {
        Fault::Invalid(invalid) => invalid.fault,
        other => panic!("{other}"),
    };
    let minor = QuantityError::MinorUnit { found: found("10.005"), currency: "USD", exponent: 2 };
    assert_eq!(invalid(fob("USD", "10.005")), InvalidFault::Quantity { fact: "value", error: minor });
    let minor = QuantityError::MinorUnit { found: found("10.5"), currency: "JPY", exponent: 0 };
    assert_eq!(invalid(fob("JPY", "10.5")), InvalidFault::Quantity { fact: "value", error: minor });
    assert_eq!(fob("XAU", "1"), code("value, currencyID", CodeError::Currency { found: found("XAU") }));
    let item = |item: &str| in_goods(&format!("<a:Item>{item}</a:Item>"));
    let hs = |text: &str| {
        item(&format!(
            "<a:CommodityClassification><b:CommodityCode>{text}</b:CommodityCode></a:CommodityClassification>"
        ))
    };
    assert_eq!(hs("8504"), code("hs", CodeError::HsShort { found: found("8504"), digits: 4 }));
    assert_eq!(hs("770110"), code("hs", CodeError::HsGroup { found: found("770110") }));
    assert_eq!(hs("85044x"), code("hs", CodeError::HsForm { found: found("85044x") }));
    let origin =
        |c: &str| item(&format!("<a:OriginCountry><b:IdentificationCode>{c}</b:IdentificationCode></a:OriginCountry>"));
    assert_eq!(origin("EU"), code("origin", CodeError::Country { found: found("EU") }));
    let un = |a: &str, b: &str| {
        let one = |n| format!("<a:HazardousItem><b:UNDGCode>{n}</b:UNDGCode></a:HazardousItem>");
        item(&(one(a) + &one(b)))
    };
    assert_eq!(un("3480", "UN3481"), Fault::TwoUnNumbers("UN3480".into(), "UN3481".into()));
    assert_eq!(un("9999", "9999"), code("dangerous", CodeError::Dangerous { found: found("9999") }));
    let harmless = "<b:HazardousRiskIndicator>false</b:HazardousRiskIndicator>";
    let contradiction = in_goods(&format!("{harmless}<a:Item><a:HazardousItem/></a:Item>"));
    assert!(matches!(contradiction, Fault::Contradiction(_)));
    let quantity_of = |n| in_goods(&format!("<a:ContainingPackage><b:Quantity>{n}</b:Quantity></a:ContainingPackage>"));
    assert_eq!(quantity_of("1.5"), quantity("packages", QuantityError::Fraction { found: found("1.5") }));
    assert_eq!(in_goods("<b:ID>8</b:ID>"), Fault::Repeated("ID".into()));
}

#[test]
fn facts_that_disagree() {
    let kg = |name: &str, n: &str| format!("<b:{name} unitCode='KGM'>{n}</b:{name}>");
    let fob = |n: &str| format!("<b:FreeOnBoardValueAmount currencyID='USD'>{n}</b:FreeOnBoardValueAmount>");
    let total = fault(&manifest(&kg("GrossWeightMeasure", "130"), &kg("GrossWeightMeasure", "129.9")));
    let expected =
        InvalidFault::TotalsDisagree { fact: "gross_mass", declared: "130 KGM".into(), lines: "129900 g".into() };
    assert!(matches!(total, Fault::Invalid(i) if i.fault == expected));
    // FOB values the line, so the shipment's FOB is the same fact.
    let total = fault(&manifest(&fob("1200.00"), &fob("1241.30")));
    let expected = InvalidFault::TotalsDisagree { fact: "value", declared: "1200.00".into(), lines: "1241.3".into() };
    assert!(matches!(total, Fault::Invalid(i) if i.fault == expected));
    let second = "</a:GoodsItem><a:GoodsItem><b:ID>8</b:ID><b:FreeOnBoardValueAmount currencyID='GBP'>1</b:FreeOnBoardValueAmount>";
    let error = fails(manifest("", &(fob("1") + second)).as_bytes(), "m.xml", None);
    let expected = Fault::TwoCurrencies { fact: "value", found: "GBP".into(), other: "USD".into() };
    assert_eq!((error.fault(), error.line_id()), (&expected, Some("8")));
    let twice = fails(manifest("", "</a:GoodsItem>\n<a:GoodsItem><b:ID>7</b:ID>").as_bytes(), "m.xml", None);
    assert!(matches!(twice.fault(), Fault::Invalid(i) if i.fault == InvalidFault::DuplicateLine { id: "7".into() }));
    assert_eq!(twice.place(), &Place::At { line: 4, column: 1 });
    assert_eq!(twice.to_string().split(':').take(3).collect::<Vec<_>>(), ["m.xml", "4", "1"]);
    let stray = "<a:TransportHandlingUnit><a:GoodsItem><b:ID>9</b:ID></a:GoodsItem></a:TransportHandlingUnit>";
    assert!(matches!(fault(&manifest(stray, "")), Fault::Contradiction(_)));
    let none = manifest("", "").replace("<a:GoodsItem><b:ID>7</b:ID></a:GoodsItem>", "");
    assert!(matches!(fault(&none), Fault::Invalid(i) if i.fault == InvalidFault::NoGoods));
    let old = manifest("", "").replace("<a:Shipment>", "<b:IssueDate>1969-12-31</b:IssueDate><a:Shipment>");
    assert!(matches!(fault(&old), Fault::Invalid(i) if matches!(i.fault, InvalidFault::Before1970 { .. })));
}

/// A tariff code of a consignment is its only goods item's, and nobody's where there are several.
#[test]
fn tariff_codes_are_not_spread() {
    let consignment = "<a:Consignment><b:ID>C</b:ID><b:TariffCode>15219000</b:TariffCode></a:Consignment>";
    let read = |text: String| import(text.as_bytes(), "m.xml", &ImportOptions::default()).expect("a manifest");
    let one = read(manifest(consignment, ""));
    assert!(one.warnings.is_empty() && one.document.facts().complete.contains("hs"));
    let two = read(manifest(consignment, "</a:GoodsItem><a:GoodsItem><b:ID>8</b:ID>"));
    assert_eq!(two.warnings.len(), 1);
    assert!(two.document.lines().iter().all(|line| line.hs.is_none()));
}

#[test]
fn json_by_key_and_place() {
    let with = |from: &str, to: &str| {
        let error = fails(INVOICE.replacen(from, to, 1).as_bytes(), "i.json", None);
        (error.place().to_string(), error.fault().clone())
    };
    let pointer = |p: &str, fault: Fault| (p.to_owned(), fault);
    let duplicate = with("\"number\"", "\"number\":\"x\",\"number\"").1;
    assert_eq!(duplicate, Fault::DuplicateKey("number".into()));
    let duplicate = with("{\"id\"", "{\"id\":\"1\",\"id\"").1;
    assert_eq!(duplicate, Fault::DuplicateKey("id".into()));
    assert!(matches!(with("\"number\"", "\"numbre\"").1, Fault::MissingKey("number")));
    assert!(matches!(with("{\"id\"", "{\"gross_mass\":{},\"id\"").1, Fault::MissingKey("value")));
    let unknown = with("{\"id\"", "{\"colour\":\"red\",\"id\"");
    assert_eq!(unknown.0, "/lines/0");
    assert!(matches!(unknown.1, Fault::UnknownKey { found, .. } if found == "colour"));
    let number = Fault::Type { found: "a number", accepted: "a string" };
    assert_eq!(with("\"1.00\"", "1"), pointer("/lines/0/amount", number));
    assert!(matches!(with("\"1.00\"", "1.5").1, Fault::Type { .. }));
    assert!(matches!(with("\"1.00\"", "1e400").1, Fault::Json(_)));
    assert!(matches!(with("\"1.00\"", "-1").1, Fault::Quantity { error: QuantityError::Negative { .. }, .. }));
    for spelling in ["+1.00", "01.00", ".5", "1.", " 1", "1_0", "\u{661}"] {
        let not_canonical = with("1.00", spelling).1;
        assert!(matches!(not_canonical, Fault::Quantity { error: QuantityError::NotDecimal { .. }, .. }), "{spelling}");
    }
    let negative = quantity("amount", QuantityError::Negative { found: "-1.00".into() });
    assert_eq!(with("1.00", "-1.00"), pointer("/lines/0/amount", negative));
    assert!(matches!(with("\"profile\":1", "\"profile\":2").1, Fault::Version { what: "profile", .. }));
    assert!(matches!(with("document/1", "document/2").1, Fault::Version { what: "consign", .. }));
    assert!(matches!(with("commercial-invoice", "waybill").1, Fault::Kind { .. }));
    let invalid = |from: &str, to: &str| match with(from, to).1 {
        Fault::Invalid(invalid) => invalid.fault,
        other => panic!("{other}"),
    };
    assert!(matches!(invalid("\"currency\":\"EUR\",", ""), InvalidFault::NoCurrency { fact: "amount" }));
    assert!(matches!(invalid("I1", "I1\\u001b[2J"), InvalidFault::Control { what: "number", code: 0x1b }));
    assert!(matches!(invalid("I1", " I1"), InvalidFault::Padded { what: "number", .. }));
    assert!(matches!(invalid("I1", ""), InvalidFault::EmptyText { what: "number", .. }));
    assert!(matches!(invalid("I1", &"x".repeat(201)), InvalidFault::LongText { length: 201, .. }));
    let dangerous = invalid("{\"id\"", "{\"dangerous\":\"none\",\"id\"");
    assert!(matches!(dangerous, InvalidFault::NoColumn { fact: "dangerous", .. }));
    let packages = invalid("{\"id\"", "{\"packages\":140737488355328,\"id\"");
    assert!(matches!(packages, InvalidFault::Quantity { fact: "packages", error: QuantityError::TooLarge { .. } }));
    let name = invalid("\"lines\"", "\"references\":{\"document\":\"x\"},\"lines\"");
    assert!(matches!(name, InvalidFault::Name { what: "references", .. }));
}

#[test]
fn csv_and_mapping() {
    const MAPPING: &str = "consign = 'mapping/1'\nkind = 'cargo-manifest'\n[document]\nnumber = 'C1'\ncurrency = 'USD'\n[columns]\nid = 'no'\ngross_mass = 'kg'\nvalue = 'fob'\n[units]\ngross_mass = 'kg'\n";
    let mapping = |text: &str| Mapping::from_toml(text.as_bytes(), "m.toml");
    let error = |csv: &str| fails(csv.as_bytes(), "f.csv", Some(mapping(MAPPING).expect("a mapping")));
    let ragged = error("no,kg,fob\n1,2,3\n2,3\n");
    assert_eq!(
        (ragged.fault(), ragged.place()),
        (&Fault::Ragged { found: 2, expected: 3 }, &Place::At { line: 3, column: 1 })
    );
    assert!(matches!(error("no,kg\n1,2\n").fault(), Fault::MissingColumn { name, .. } if name == "fob"));
    assert_eq!(*error("no,kg,fob,kg\n1,2,3,4\n").fault(), Fault::DuplicateColumn("kg".into()));
    let open = error("no,kg,fob\n1,2,\"3\n2,3,4\n3,4,5\n");
    assert_eq!((open.place(), matches!(open.fault(), Fault::Csv(_))), (&Place::At { line: 2, column: 1 }, true));
    assert!(matches!(error("no,kg,fob\n1,2,3\"\"\n").fault(), Fault::Csv(_)));
    let negative = error("no,kg,fob\n1,2,3\n9,-2,3\n");
    assert_eq!(*negative.fault(), quantity("gross_mass", QuantityError::Negative { found: "-2".into() }));
    assert_eq!((negative.place(), negative.line_id()), (&Place::Column { line: 3, name: "kg".into() }, Some("9")));
    assert!(matches!(error("no,kg,fob\n").fault(), Fault::Invalid(i) if i.fault == InvalidFault::NoGoods));
    assert!(
        matches!(error("no,kg,fob\n,2,3\n").fault(), Fault::Invalid(i) if matches!(i.fault, InvalidFault::EmptyText { what: "id", .. }))
    );
    for (from, to) in [
        ("mapping/1", "mapping/2"),
        ("cargo-manifest", "waybill"),
        ("id = 'no'", "line = 'no'"),
        ("id = 'no'\n", ""),
        ("gross_mass = 'kg'\n[", "["),
        ("[units]\ngross_mass = 'kg'", ""),
        ("[units]\ngross_mass = 'kg'", "[units]\ngross_mass = 'stone'"),
        ("value = 'fob'", "amount = 'fob'"),
        ("'USD'", "'usd'"),
        ("number = 'C1'", "number = 'C1'\nissue_date = '2026-02-30'"),
        ("kind", "delimiter = 'x'\nkind"),
    ] {
        let text = MAPPING.replacen(from, to, 1);
        let refused = mapping(&text);
        // Without its column, a unit of a column is idle, not wrong.
        if from.ends_with('[') {
            refused.expect("still a mapping");
            continue;
        }
        let error = refused.expect_err(to);
        assert!(matches!(error.fault(), Fault::Mapping(_)), "{error}");
    }
}
