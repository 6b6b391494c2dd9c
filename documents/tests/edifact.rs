//! Messages of UN/EDIFACT: the examples of the project, and what is made of them when a segment changes.

use std::path::Path;

use consign_documents::{
    document::{Container, InvalidFault},
    error::{Fault, Place},
    import::{ImportOptions, Imported, import},
    profile::Kind,
    quantity::QuantityError,
    summary::summary,
};
use proptest::prelude::*;

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/documents").join(name);
    std::fs::read_to_string(path).expect("the example is part of the project")
}

fn bill() -> String {
    example("bill-of-lading.edi")
}

fn manifest() -> String {
    example("manifest.edi")
}

/// A message with some of its text changed, and the count of UNT after it.
fn changed(message: &str, from: &str, to: &str) -> String {
    assert!(message.contains(from), "{from}");
    let text = message.replacen(from, to, 1);
    let inside = text.split("UNH+").nth(1).and_then(|rest| rest.split("UNT+").next()).expect("a message");
    let segments = inside.replace("?'", "").matches('\'').count() + 1;
    let (head, tail) = text.split_once("UNT+").expect("a trailer");
    format!("{head}UNT+{segments}{}", &tail[tail.find('+').expect("a reference")..])
}

fn read(text: &str) -> Imported {
    import(text.as_bytes(), "m.edi", &ImportOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn refused(bytes: &[u8]) -> (Place, Fault) {
    let error = import(bytes, "m.edi", &ImportOptions::default()).expect_err("refused");
    assert!(!error.to_string().contains('\n') && !error.hint().is_empty(), "{error}");
    (error.place().clone(), error.fault().clone())
}

fn fault(message: &str, from: &str, to: &str) -> Fault {
    refused(changed(message, from, to).as_bytes()).1
}

fn warned(imported: &Imported, words: &str) -> bool {
    imported.warnings.iter().any(|warning| warning.text.contains(words))
}

fn contradiction(fault: &Fault, words: &str) -> bool {
    matches!(fault, Fault::Contradiction(text) if text.contains(words))
}

#[test]
fn bill_of_lading() {
    let imported = read(&bill());
    assert_eq!((imported.format.as_str(), &imported.warnings[..]), ("UN/EDIFACT IFTMCS D.99B", &[][..]));
    let document = &imported.document;
    assert_eq!((document.kind(), document.number()), (Kind::BillOfLading, "HCMU26100412"));
    assert_eq!(document.issue_date().map(|day| day.to_string()).as_deref(), Some("2026-10-05"));
    let table = document.table();
    let rows = table.rows();
    // 2,204.62 lb are 999,998.7775094 g; the declared total has them rounded with the rest.
    assert_eq!(rows[0].measures()[1..], [13_600_249, 1_090, 912_050]);
    assert_eq!(rows[1].measures(), [8_400_250, 8_000_000, 700, 0]);
    assert_eq!(rows[3].measures(), [999_999, 0, 40, 0]);
    assert_eq!((rows[3].codes(), rows[3].hs()), ([3480, 2], [85, 7, 60]));
    assert_eq!(document.lines()[2].description.as_deref(), Some("Battery packs for electric bicycles"));
    assert_eq!(document.lines()[0].dangerous, None, "what is not listed as dangerous is not declared free of danger");
    let summary = summary(document);
    assert_eq!(summary.parties["notify"], "Elbe Forwarding KG");
    let facts = document.facts();
    assert_eq!(
        (facts.references["booking"].as_str(), facts.references["shipment"].as_str()),
        ("BKG2610550", "SI-26-7781")
    );
    let consignee = &document.header().parties["consignee"];
    assert_eq!(consignee.identifier.as_deref(), Some("529900NORDHAFEN00X19"));
    assert_eq!(consignee.address.as_deref(), Some("Am Sandtorkai, 20457, Hamburg"));
    assert_eq!(consignee.country.map(|c| c.letters()), Some("DE"));
    let dropped = &document.source().expect("imported").dropped;
    for entry in ["LOC+9: VNCLI 139 6", "GID/PCI+28: NHI 4500118823", "EQD/MEA+AAE: T KGM 4480"] {
        assert!(dropped.iter().any(|d| d == entry), "{entry}: {dropped:?}");
    }
}

#[test]
fn cargo_report() {
    let imported = read(&manifest());
    assert_eq!((imported.format.as_str(), &imported.warnings[..]), ("UN/EDIFACT CUSCAR D.95B", &[][..]));
    let document = &imported.document;
    assert_eq!((document.kind(), document.number()), (Kind::CargoManifest, "SLM-26-2641W"));
    let ids: Vec<_> = document.lines().into_iter().map(|line| line.id).collect();
    assert_eq!(ids, ["1.1", "1.2", "2.1"]);
    let table = document.table();
    assert_eq!(table.rows()[1].measures(), [8_400_250, 0, 700, 4_200_125]);
    assert_eq!(table.rows()[3].measures(), [999_999, 0, 40, 912_050]);
    let origins: Vec<_> = document.lines().iter().map(|line| line.origin.map(|c| c.letters())).collect();
    assert_eq!(origins, [None, None, Some("TH")], "of a consignment with one goods item");
    let header = document.header();
    assert_eq!(
        header.export_country.zip(header.import_country).map(|(a, b)| (a.letters(), b.letters())),
        Some(("VN", "DE"))
    );
    assert_eq!(header.references.keys().collect::<Vec<_>>(), ["voyage"], "no bill's number is the manifest's");
    let dropped = &document.source().expect("imported").dropped;
    for entry in
        ["CNI: HCMU26100412 and others, 2 in all", "CNI/NAD+CZ: Saigon Pacific Trading Co., Ltd. and others, 2 in all"]
    {
        assert!(dropped.iter().any(|d| d == entry), "{entry}: {dropped:?}");
    }
}

#[test]
fn service_characters() {
    let plain = read(&bill()).document;
    let same = |bytes: &[u8]| {
        let imported = import(bytes, "m.edi", &ImportOptions::default()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(imported.document.lines(), plain.lines());
        assert_eq!(imported.document.header(), plain.header());
    };
    let text = bill();
    // A byte order mark, white space, no UNA, line ends as in other systems and none at all.
    same(format!("\u{feff}\r\n {text}").as_bytes());
    same(text.replace("UNA:+.? '\n", "").as_bytes());
    same(text.replace('\n', "\r\n").as_bytes());
    same(text.replace('\n', "").as_bytes());
    // Other characters. Commas are released where they stand for themselves.
    let other = text.replace("UNA:+.? '", "").replace(':', "|").replace('+', ";").replace('\'', "~");
    same(format!("UNA|;.? ~{other}").as_bytes());
    let comma = text.replace("UNA:+.? '", "UNA:+,? '");
    let point = refused(comma.as_bytes()).1;
    assert!(matches!(point, Fault::Quantity { error: QuantityError::NotDecimal { found }, .. } if found == "9120.50"));
    let mut comma = comma.replace("8507.60", "850760");
    for figure in ["9120.50", "13600.249", "8400.25", "2204.62"] {
        comma = comma.replace(figure, &figure.replace('.', ","));
    }
    let read = read(&comma).document;
    assert_eq!(read.table().rows()[1..], plain.table().rows()[1..]);
    // A comma that UNA does not name may part thousands.
    let thousands = fault(&text, "KGM:4200", "KGM:4,200");
    assert!(
        matches!(thousands, Fault::Quantity { fact, error: QuantityError::NotDecimal { .. } } if fact == "gross_mass")
    );
    let released = self::read(&changed(&text, "Elbe Forwarding KG", "O?'Neill ?+ Co?: 50?? ?'"));
    assert_eq!(summary(&released.document).parties["notify"], "O'Neill + Co: 50? '");
}

#[test]
fn character_sets() {
    let name = |bytes: &[u8]| {
        let imported = import(bytes, "m.edi", &ImportOptions::default()).unwrap_or_else(|e| panic!("{e}"));
        summary(&imported.document).parties["notify"].clone()
    };
    let with = |set: &str, bytes: &[u8]| {
        let text = bill().replace("UNOC:3", set);
        let (before, after) = text.split_once("Elbe Forwarding KG").expect("the notify party");
        [before.as_bytes(), bytes, after.as_bytes()].concat()
    };
    assert_eq!(name(&with("UNOC:3", b"M\xfcller")), "Müller");
    assert_eq!(name(&with("UNOE:3", b"\xbc\xde\xe1\xda\xd2\xd0")), "Москва");
    assert_eq!(name(&with("UNOY:4", "Müller 漢".as_bytes())), "Müller 漢");
    for (set, bytes) in [("UNOA:1", &b"M\xfcller"[..]), ("UNOY:4", b"M\xfcller"), ("UNOX:3", b"M"), ("ABCD:3", b"M")] {
        let (place, fault) = refused(&with(set, bytes));
        assert!(matches!(fault, Fault::Edifact(_)), "{set}: {fault:?}");
        assert!(matches!(place, Place::Segment { number: 1, .. }));
    }
}

#[test]
fn envelopes() {
    let text = bill();
    let count = refused(text.replace("UNT+45", "UNT+44").as_bytes());
    assert_eq!(count.0, Place::Segment { number: 46, tag: "UNT".into() });
    let declared =
        |tag, what, declared: &str, found| Fault::TrailerCount { tag, what, declared: declared.into(), found };
    assert_eq!(count.1, declared("UNT", "segments", "44", 45));
    // A segment that was lost on the way.
    assert_eq!(refused(text.replace("SGP+MSKU9070323+700'\n", "").as_bytes()).1, declared("UNT", "segments", "45", 44));
    assert_eq!(refused(text.replace("UNZ+1", "UNZ+2").as_bytes()).1, declared("UNZ", "messages", "2", 1));
    let reference = |tag, found: &str, expected: &str| {
        let (found, expected) = (found.into(), expected.into());
        Fault::TrailerReference { tag, found, expected }
    };
    assert_eq!(refused(text.replace("UNT+45+1", "UNT+45+2").as_bytes()).1, reference("UNT", "2", "1"));
    let interchange = refused(text.replace("UNZ+1+SL261005001", "UNZ+1+SL").as_bytes()).1;
    assert_eq!(interchange, reference("UNZ", "SL", "SL261005001"));
    let (message, end) = text.split_at(text.find("UNZ").expect("a trailer"));
    let second = &message[message.find("UNH").expect("a header")..];
    assert_eq!(refused(format!("{message}{second}{end}").as_bytes()).1, Fault::SecondMessage);
    let other = text.replace("UNA:+.? '\n", "");
    assert_eq!(refused(format!("{text}{other}").as_bytes()).1, Fault::SecondMessage);
    let group = text.replace("UNH+1", "UNG+IFTMCS+A+B+261005:1420+1+UN+D:99B'UNH+1");
    let malformed = [message, &group, &text.replace("UNB+UNOC", "UNB+UNOC'UNB+UNOC"), &text.replacen("UNH", "unh", 1)];
    for text in malformed {
        assert!(matches!(refused(text.as_bytes()).1, Fault::Edifact(_)), "{text}");
    }
    assert!(matches!(
        refused(text.replace("SL261005001'\nUNH", "SL261005001+++++1+?").as_bytes()).1,
        Fault::Edifact(_)
    ));
    let test = text.replace("261005:1420+SL261005001", "261005:1420+SL261005001++++++1");
    assert!(warned(&read(&test), "marked as a test"));
    let type_of = |from: &str, to: &str| refused(text.replace(from, to).as_bytes()).1;
    assert_eq!(type_of("IFTMCS:D", "IFTMIN:D"), Fault::MessageType { found: "IFTMIN".into() });
    assert!(matches!(type_of("D:99B:UN", "S:93A:UN"), Fault::Version { found, .. } if found == "S:93A:UN"));
    for function in ["1", "2", "3", "4"] {
        let found = Fault::MessageFunction { found: function.into() };
        assert_eq!(type_of("HCMU26100412+9", &format!("HCMU26100412+{function}")), found);
    }
}

#[test]
fn containers() {
    let container = |text: &str| {
        let imported = read(text);
        let container = imported.document.lines()[0].container.clone();
        (container, imported.warnings.into_iter().map(|w| w.text).collect::<Vec<_>>())
    };
    let placed = "SGP+MSKU9070323+700'";
    let id = |id: &str| Some(Container::Id(id.into()));
    let split = changed(&bill(), placed, "SGP+MSKU9070323+300'\nSGP+TCLU4410296+400'");
    assert_eq!(container(&split), (None, vec!["goods in several containers: container is unknown".into()]));
    let part = changed(&bill(), placed, "SGP+MSKU9070323+300'");
    let text = "only some of the packages of goods are placed in a container: container is unknown";
    assert_eq!(container(&part), (None, vec![text.into()]));
    let twice = changed(&bill(), placed, "SGP+MSKU9070323+300'\nSGP+MSKU9070323+400'");
    assert_eq!(container(&twice), (id("MSKU9070323"), vec![]));
    assert_eq!(container(&changed(&bill(), placed, "SGP+MSKU9070323'")).0, id("MSKU9070323"));
    assert_eq!(container(&changed(&bill(), &format!("{placed}\n"), "")), (None, vec![]));
    let more = fault(&bill(), placed, "SGP+MSKU9070323+300'\nSGP+TCLU4410296+401'");
    assert!(contradiction(&more, "701 are placed"), "{more:?}");
    let trailer = changed(&bill(), "EQD+CN+MSKU9070323", "EQD+TE+MSKU9070323");
    assert_eq!(container(&trailer).1, ["goods on equipment that is no container: container is unknown"]);
    // What is placed is not the item, and behind EQD everything is the container's.
    let mass = read(&changed(&bill(), placed, &format!("{placed}\nMEA+AAE+G+KGM:5'")));
    assert!(warned(&mass, "MEA of what is placed"));
    assert_eq!(mass.document.table().rows()[1].measures()[0], 8_400_250);
    // In IFTMCS SGP behind DGS places the dangerous goods.
    let dangerous = read(&changed(&bill(), "3480'", "3480'\nSGP+XXXU1234567+1'"));
    assert_eq!(dangerous.document.lines()[2].container, id("TCLU4410296"));
}

#[test]
fn what_is_unknown() {
    let ports = read(&changed(&bill(), "LOC+35+VN:162:5'\n", ""));
    assert_eq!(ports.document.header().export_country, None);
    assert!(warned(&ports, "ports are where the voyage begins and ends"));
    let text = changed(&bill(), "DGS+IMD+9+3480'", "DGS+IMD+9'");
    let unnumbered = read(&text);
    assert_eq!(unnumbered.document.lines()[2].dangerous, None);
    assert!(warned(&unnumbered, "dangerous goods without a UN number"));
    let hs = read(&changed(&bill(), "03061792:HS", "03061792:HS+160521:HS+4711:SA"));
    assert_eq!(hs.document.lines()[0].hs, None);
    assert!(warned(&hs, "several HS codes"));
    for attribute in ["AAA", "AAD", "WT"] {
        let vague = changed(&bill(), "CNT+7:13600.249:KGM'\n", "");
        let vague = read(&changed(&vague, "MEA+AAE+G+KGM:8400.25", &format!("MEA+WT+{attribute}+KGM:8400.25")));
        assert_eq!(vague.document.lines()[0].gross_mass, None);
        assert!(warned(&vague, &format!("MEA+WT+{attribute} does not say whether")));
    }
    let placeholder = read(&changed(&bill(), "RFF+BN:BKG2610550", "RFF+BN:TBA"));
    assert!(!placeholder.document.facts().references.contains_key("booking"));
    let two = read(&changed(&bill(), "RFF+BN:BKG2610550'", "RFF+BN:BKG2610550'\nRFF+BN:BKG2'"));
    assert!(!two.document.facts().references.contains_key("booking") && warned(&two, "several references"));
    // Behind a reference a date is the reference's, and behind a party a reference is the party's.
    let date = changed(&bill(), "DTM+137:20261005:102'\n", "");
    let date = read(&changed(&date, "RFF+BN:BKG2610550'", "RFF+BN:BKG2610550'\nDTM+137:20200101:102'"));
    assert_eq!(date.document.issue_date(), None);
    let count = read(&changed(&bill(), "CNT+16:2", "CNT+16:3"));
    assert!(warned(&count, "CNT+16 is 3, the message has 2 pieces of equipment"));
    let pieces = read(&changed(&bill(), "CNT+16:2", "CNT+8:2"));
    assert!(warned(&pieces, "counts pieces"));
    let list = read(&changed(&manifest(), "CST++03061792:122", "CST++T1"));
    assert!(list.document.lines()[0].hs.is_none() && warned(&list, "no HS code: left out"));
    let procedure = read(&changed(&manifest(), "CST++03061792:122", "CST++40000000:117"));
    assert!(procedure.document.lines()[0].hs.is_none());
}

#[test]
fn what_a_message_may_not_say() {
    let bill = bill();
    let quantity = |from: &str, to: &str, name: &str| match fault(&bill, from, to) {
        Fault::Quantity { fact, error } => {
            assert_eq!(fact, name);
            error
        }
        other => panic!("{other:?}"),
    };
    let unit = quantity("KGM:8400.25", "STN:8400.25", "gross_mass");
    assert_eq!(unit, QuantityError::UnknownMassUnit { found: "STN".into() });
    assert_eq!(quantity("KGM:8400.25", "KGM:-1", "gross_mass"), QuantityError::Negative { found: "-1".into() });
    assert_eq!(quantity("GID+1+700", "GID+1+700.5", "packages"), QuantityError::Fraction { found: "700.5".into() });
    let (place, _) = refused(changed(&bill, "KGM:8400.25", "STN:8400.25").as_bytes());
    assert_eq!(place, Place::Segment { number: 24, tag: "MEA".into() });
    let total = refused(changed(&bill, "CNT+11:1090", "CNT+11:1091").as_bytes());
    assert_eq!(total.0, Place::Segment { number: 8, tag: "CNT".into() });
    assert!(contradiction(&total.1, "the declared total is 1091, the lines make 1090 packages"));
    assert!(contradiction(&fault(&bill, "CNT+7:13600.249", "CNT+7:13600.248"), "gross_mass"));
    let some = fault(&changed(&bill, "MEA+AAE+G+KGM:4200'\n", ""), "CNT+7:13600.249:KGM", "CNT+7:9400.248:KGM");
    assert!(contradiction(&some, "the lines make 9400249 g"), "no less than the lines that state it");
    assert!(contradiction(&fault(&bill, "AAL+KGM:8000", "G+KGM:8401"), "for the same goods"));
    let two = fault(&bill, "DGS+IMD+9+3480'", "DGS+IMD+9+3480'\nDGS+IMD+9+3481'");
    assert_eq!(two, Fault::TwoUnNumbers("UN3480".into(), "UN3481".into()));
    assert!(matches!(fault(&bill, "LOC+27+VN", "LOC+27+VNM"), Fault::Code { fact, .. } if fact == "origin"));
    assert!(matches!(fault(&bill, "03061792:HS", "0306:HS"), Fault::Code { fact, .. } if fact == "hs"));
    assert!(matches!(fault(&bill, "CUX+2:USD", "CUX+2:US"), Fault::Code { fact, .. } if fact == "currency"));
    assert!(matches!(fault(&bill, "CUX+2:USD'\n", ""), Fault::Code { fact, .. } if fact == "currency"));
    assert!(matches!(fault(&bill, "20261005:102", "261005:101"), Fault::Date { .. }));
    assert!(matches!(fault(&bill, "20261005:102", "20261305:102"), Fault::Date { .. }));
    assert_eq!(fault(&bill, "DTM+137", "BGM+710+X+9'\nDTM+137"), Fault::Repeated("BGM".into()));
    let invalid = |from: &str, to: &str| match fault(&bill, from, to) {
        Fault::Invalid(invalid) => invalid.fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(invalid("GID+2", "GID+1"), InvalidFault::DuplicateLine { id: "1".into() });
    assert!(matches!(invalid("BGM+710+HCMU26100412", "BGM+710+"), InvalidFault::EmptyText { what: "number", .. }));
    let manifest = manifest();
    let currency = fault(&manifest, "21000:USD", "21000:EUR");
    assert_eq!(currency, Fault::TwoCurrencies { fact: "value", found: "EUR".into(), other: "USD".into() });
    let of_one = fault(&manifest, "CNT+7:2204.62:LBR", "CNT+7:1:TNE");
    assert!(contradiction(&of_one, "the declared total is 1 TNE, the lines make 999999 g"));
    assert!(matches!(fault(&manifest, "CNI+1+HCMU26100412'\n", ""), Fault::Edifact(text) if text.contains("CNI")));
    let repeated = bill.replace("UNA:+.? '", "UNA:+.?*'").replace("8400.25", "8400.25*KGM:1");
    assert!(matches!(refused(repeated.as_bytes()).1, Fault::Edifact(text) if text.contains("repeated")));
}

#[test]
fn consignments() {
    // Of the only consignment, what is said is said of the manifest.
    let text = manifest();
    let (head, rest) = text.split_once("CNI+2").expect("two consignments");
    let one = changed(&format!("{head}{}", &rest[rest.find("UNT").expect("a trailer")..]), "CNT+10:2", "CNT+10:1");
    let imported = read(&one);
    let header = imported.document.header();
    assert_eq!(header.totals.packages, Some(1_050));
    assert_eq!(header.references["consignment"], "HCMU26100412");
    assert_eq!(header.references["bill_of_lading"], "HCMU26100412");
    assert_eq!(header.parties["consignee"].name.as_deref(), Some("Nordhafen Import GmbH"));
    assert_eq!(imported.warnings, []);
    // A further bill within a CNI is a consignment of its own.
    let bills = changed(&text, "CNI+2+HCMU26100413'\n", "");
    let ids: Vec<_> = read(&bills).document.lines().into_iter().map(|line| line.id).collect();
    assert_eq!(ids, ["1.1", "1.2", "2.1"]);
    let other = read(&changed(&text, "LOC+36+DE", "LOC+36+NL"));
    assert_eq!(other.document.header().import_country, None);
    assert!(warned(&other, "import_country is not one and the same of all consignments"));
    let whole = read(&changed(&text, "RFF+VON:2641W'", "RFF+VON:2641W'\nLOC+27+VN'"));
    assert!(warned(&whole, "not spread over several goods items"));
    let spread = read(&changed(&text, "LOC+35+VN:162:5'", "LOC+35+VN:162:5'\nLOC+27+VN'"));
    assert!(warned(&spread, "not spread over several goods items"));
    let fob = read(&changed(&text, "MOA+40:21000:USD", "MOA+63:21000:USD"));
    assert_eq!(fob.document.lines()[1].money, None);
    assert!(warned(&fob, "MOA+63 of a goods item is left out: lines are valued by MOA+40 (customs value)"));
}

#[test]
fn every_prefix_is_refused() {
    for text in [bill(), manifest()] {
        let whole = text.trim_end().len();
        for cut in 0..whole {
            let fault = refused(&text.as_bytes()[..cut]).1;
            let known = matches!(
                fault,
                Fault::Edifact(_) | Fault::Empty | Fault::UnknownFormat { .. } | Fault::TrailerCount { .. }
            );
            assert!(known, "{cut}: {fault:?}");
        }
    }
}

proptest! {
    #[test]
    fn changed_bytes_break_nothing(
        which in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = if which { bill() } else { manifest() }.into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        match import(&bytes, "m.edi", &ImportOptions::default()) {
            Ok(imported) => prop_assert!(!imported.document.lines().is_empty()),
            Err(error) => prop_assert!(!error.to_string().contains(char::is_control) && !error.hint().is_empty()),
        }
    }
}

/// A segment of thousands of components costs no more than many short ones.
/// Groups that say nothing are cheap to write, and each is kept until the message ends.
#[test]
fn very_many_groups_say_something() {
    let hollow = |group: &str| {
        let text = changed(&manifest(), "GID+", &format!("{}GID+", group.repeat(30_000)));
        let size = text.len();
        assert_eq!(refused(text.as_bytes()).1, Fault::Hollow { lines: 20_001, size, accepted: 40 }, "{group}");
    };
    hollow("GID'");
    hollow("CNI+7'");
    let item = |i: u32| format!("GID+{i}'FTX+AAA+++RICE IN BAGS OF FIFTY KILOGRAMS'");
    let items: String = (1_000..26_000).map(item).collect();
    let imported = read(&changed(&bill(), "GID+", &format!("{items}GID+")));
    assert!(imported.document.table().rows().len() > 25_000);
}

#[test]
fn long_segments_take_linear_time() {
    let parts = "a:".repeat(32_000);
    let text =
        changed(&bill(), "GID+1+700:4G'", &format!("GID+1+700:4G'\n{}", format!("FTX+AAC+++{parts}'\n").repeat(20)));
    let begun = std::time::Instant::now();
    read(&text);
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    let long = changed(&bill(), "FTX+AAA+++Shrimps, frozen", &format!("FTX+AAA+++{}", "a".repeat(70_000)));
    assert!(matches!(refused(long.as_bytes()).1, Fault::Edifact(_)));
}

/// Every byte in turn as each of a few that mean something.
#[test]
fn every_byte_may_change() {
    let bytes = bill().into_bytes();
    for at in 0..bytes.len() {
        for byte in *b"'+:?*., 0A\n\x00\x9c\xff" {
            let mut changed = bytes.clone();
            changed[at] = byte;
            if let Err(error) = import(&changed, "m.edi", &ImportOptions::default()) {
                assert!(!error.to_string().contains(char::is_control), "{error}");
            }
        }
    }
}
