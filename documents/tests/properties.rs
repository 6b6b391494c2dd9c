//! Properties of documents and figures, over random ones.

use std::collections::BTreeMap;

use bigdecimal::num_bigint::BigUint;
use consign_documents::{
    codes::{Country, Criterion, Currency, Dangerous, HsCode, Method, Unit},
    document::{Container, Document, Form, Header, Line, Party, Product, Quantity, Source, Totals},
    profile::{Column, Content, Kind, Place},
    quantity::{Decimal, Mass},
};
use proptest::{collection::vec, option, prelude::*};

fn decimal(digits: u32, places: u32) -> impl Strategy<Value = Decimal> {
    (0..10u64.pow(digits), 0..10u64.pow(places), 0..=places).prop_map(move |(whole, part, shown)| {
        let part = format!("{part:0width$}", width = places as usize);
        let text = if shown == 0 { whole.to_string() } else { format!("{whole}.{}", &part[..shown as usize]) };
        Decimal::new(&text).expect("a canonical numeral")
    })
}

fn mass() -> impl Strategy<Value = Mass> {
    const UNITS: [&str; 8] = ["KGM", "GRM", "TNE", "LBR", "ONZ", "MGM", "kg", "lbs"];
    (decimal(6, 6), prop::sample::select(&UNITS[..])).prop_map(|(value, unit)| Mass::new(value, unit).expect("small"))
}

fn country() -> impl Strategy<Value = Country> {
    prop::sample::select(vec!["VN", "TH", "JP", "CN", "DE", "AF", "ZW"]).prop_map(|c| Country::new(c).expect("known"))
}

/// Words that JSON must escape and others need not.
fn words() -> impl Strategy<Value = String> {
    "[a-zA-Z\"\\\\/é漢😀<&]([a-z\"\\\\/é漢😀 ]{0,20}[a-z])?"
}

fn hs_code((a, b, c): (u32, u32, u32)) -> HsCode {
    HsCode::new(&format!("{a:02}{b:02}.{c:02} 00")).expect("a code")
}

prop_compose! {
    fn product()(
        description in option::of(words()),
        hs in option::of((1u32..=76, 1u32..=99, 0u32..=99)),
        value in option::of(decimal(9, 2)),
        mass in option::of(mass()),
    ) -> Product {
        Product { description, hs: hs.map(hs_code), value, mass }
    }
}

prop_compose! {
    fn line(kind: Kind)(
        description in option::of(words()),
        hs in option::of((1u32..=76, 1u32..=99, 0u32..=99)),
        origin in option::of(country()),
        gross_mass in option::of(mass()),
        net_mass in option::of(mass()),
        packages in option::of(0u64..1 << 47),
        money in option::of(decimal(9, 2)),
        quantity in option::of((decimal(9, 3), option::of(prop::sample::select(vec!["C62", "KGM", "XCT"])))),
        dangerous in option::of(prop_oneof![Just(Dangerous::None), (4u16..4000).prop_map(Dangerous::Un)]),
        container in option::of(prop_oneof![Just(Container::None), "[A-Z]{4}[0-9]".prop_map(Container::Id)]),
        masses in [option::of(mass()), option::of(mass()), option::of(mass())],
        originating in option::of(any::<bool>()),
        criterion in option::of("[A-Z0-9]{1,3}".prop_map(|c| Criterion::new(&c).expect("a criterion"))),
        method in option::of(prop::sample::select(&[Method::Whole, Method::Parts][..])),
    ) -> Line {
        let has = |fact: &str| kind.profile().goods_column(fact).is_some();
        let unit = |code: &str| Unit::new(code).expect("known");
        let [tare_mass, verified_mass, max_gross_mass] = masses;
        Line {
            id: String::new(),
            description,
            hs: hs.filter(|_| has("hs")).map(hs_code),
            origin: origin.filter(|_| has("origin")),
            gross_mass: gross_mass.filter(|_| has("gross_mass")),
            net_mass: net_mass.filter(|_| has("net_mass")),
            tare_mass: tare_mass.filter(|_| has("tare_mass")),
            verified_mass: verified_mass.filter(|_| has("verified_mass")),
            max_gross_mass: max_gross_mass.filter(|_| has("max_gross_mass")),
            packages: packages.filter(|_| has("packages")),
            money: money.filter(|_| has("value") || has("amount")),
            quantity: quantity.filter(|_| has("quantity")).map(|(value, u)| Quantity { value, unit: u.map(unit) }),
            dangerous: dangerous.filter(|_| has("dangerous")),
            container: container.filter(|_| has("container")),
            originating: originating.filter(|_| has("originating")),
            criterion: criterion.filter(|_| has("criterion")),
            method: method.filter(|_| has("method")),
        }
    }
}

prop_compose! {
    fn document()(kind in prop::sample::select(&Kind::ALL[..]))(
        kind in Just(kind),
        lines in vec(line(kind), 1..12),
        number in words(),
        days in option::of(0i64..40_000),
        countries in (option::of(country()), option::of(country())),
        parties in prop::collection::btree_map("[a-z_]{1,12}", (option::of(words()), option::of(country())), 0..4),
        references in prop::collection::btree_map("[a-z]{1,12}", words(), 0..4),
        source in option::of((any::<[u8; 32]>(), words(), vec(words(), 0..4))),
        product in product(),
    ) -> Document {
        let epoch = jiff::civil::date(1970, 1, 1);
        let mut lines = lines;
        lines.iter_mut().enumerate().for_each(|(i, line)| line.id = (i + 1).to_string());
        let counted = kind.profile().goods_column("packages").is_some();
        let whole: Option<u64> = lines.iter().map(|l| l.packages).sum::<Option<u64>>().filter(|_| counted);
        let mut references: BTreeMap<_, _> = references;
        references.remove("document");
        let header = Header {
            number,
            issue_date: days.map(|d| epoch.saturating_add(jiff::Span::new().days(d))),
            currency: kind.profile().money().map(|_| Currency::new("USD").expect("known")),
            export_country: countries.0,
            import_country: countries.1,
            totals: Totals { packages: whole.filter(|&n| n < 1 << 47), ..Totals::default() },
            product: if kind == Kind::BillOfMaterials { product } else { Product::default() },
            parties: parties
                .into_iter()
                .map(|(role, (name, country))| (role, Party { name, country, ..Party::default() }))
                .collect(),
            references,
        };
        let source = source.map(|(sha256, format, dropped)| Source { sha256, format, dropped });
        Document::new(kind, header, &lines, source).expect("made to be valid")
    }
}

/// What a column must hold for a line, said a second time and by content instead of by name.
fn expected(line: &Line, column: &Column, containers: &[&str]) -> Option<u64> {
    Some(match column.content {
        Content::Mass => match column.name {
            "gross_mass" => &line.gross_mass,
            "net_mass" => &line.net_mass,
            "tare_mass" => &line.tare_mass,
            "verified_mass" => &line.verified_mass,
            "max_gross_mass" => &line.max_gross_mass,
            other => panic!("no mass {other}"),
        }
        .as_ref()?
        .grams(),
        Content::Packages => line.packages?,
        Content::Money => scaled(line.money.as_ref()?.as_str(), 2),
        Content::Quantity => scaled(line.quantity.as_ref()?.value.as_str(), 3),
        Content::Country => line.origin?.number().into(),
        Content::Hs => line.hs.as_ref()?.to_string().parse().ok()?,
        Content::Dangerous => match line.dangerous? {
            Dangerous::None => 0,
            Dangerous::Un(n) => n.into(),
        },
        Content::Container => match line.container.as_ref()? {
            Container::None => 0,
            Container::Id(id) => containers.iter().position(|c| c == id)? as u64 + 1,
        },
        Content::Unit => base_37(line.quantity.as_ref()?.unit?.letters()),
        Content::Criterion => base_37(line.criterion.as_ref()?.letters()),
        Content::Originating => line.originating?.into(),
        Content::Method => match line.method? {
            Method::Whole => 1,
            Method::Parts => 2,
        },
        Content::Date | Content::Currency => unreachable!("no column of goods lines"),
    })
}

fn base_37(code: &str) -> u64 {
    let digit = |c: char| 1 + u64::from(c.to_digit(36).expect("a letter or digit"));
    code.chars().fold(0, |n, c| 37 * n + digit(c))
}

/// A numeral with its point moved to the right, on its digits alone.
fn scaled(text: &str, places: usize) -> u64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<places$}").parse().expect("digits")
}

proptest! {
    #[test]
    fn json_round_trip(document in document()) {
        let json = document.as_json();
        let again = Document::from_json(json.as_bytes(), "d.json").expect("our own form");
        prop_assert_eq!(&again, &document);
        prop_assert_eq!(again.as_json(), json);
    }

    #[test]
    fn rows_are_the_facts(document in document()) {
        let (table, lines) = (document.table(), document.lines());
        let containers = document.containers();
        let facts = document.facts();
        prop_assert_eq!(table.rows().len(), lines.len() + 1);
        for column in document.profile().goods {
            let mut complete = true;
            for (row, line) in table.rows()[1..].iter().zip(&lines) {
                let [a, b, c] = row.hs().map(u64::from);
                let held = match column.place {
                    Place::Measure(i) => row.measures()[usize::from(i)],
                    Place::Origin => row.origin().into(),
                    Place::Hs => a * 10_000 + b * 100 + c,
                    Place::C2 => row.codes()[0].into(),
                    Place::C3 => row.codes()[1].into(),
                };
                let fact = expected(line, column, &containers);
                complete &= fact.is_some();
                let unknown = u64::from(column.content.unknown_code().unwrap_or(0));
                prop_assert_eq!(held, fact.unwrap_or(unknown), "{}", column.name);
            }
            prop_assert_eq!(facts.complete.contains(column.name), complete, "{}", column.name);
        }
    }

    #[test]
    fn every_leaf_stands_where_the_form_has_a_place(document in document()) {
        for (pointer, _) in document.leaves() {
            let below = |form: Form, step: &str| form.item().or_else(|| form.member(document.kind(), step));
            let form = pointer[1..].split('/').try_fold(Form::Document, below);
            // Else an empty object or list.
            prop_assert!(form.is_some_and(|f| matches!(f, Form::Plain | Form::Party | Form::Texts)), "{}", pointer);
        }
    }

    /// Every word is in a leaf: the leaves put together again are the document.
    #[test]
    fn leaves_say_everything(document in document()) {
        let leaves = document.leaves();
        prop_assert!(leaves.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let value: serde_json::Value = serde_json::from_str(document.as_json()).expect("JSON");
        let mut size = 0;
        for (pointer, text) in &leaves {
            let leaf = value.pointer(pointer).expect("the pointer leads somewhere");
            prop_assert_eq!(leaf, &serde_json::from_str::<serde_json::Value>(text).expect("JSON"));
            size += 1;
        }
        fn count(value: &serde_json::Value) -> usize {
            match value {
                serde_json::Value::Object(o) if !o.is_empty() => o.values().map(count).sum(),
                serde_json::Value::Array(a) if !a.is_empty() => a.iter().map(count).sum(),
                _ => 1,
            }
        }
        prop_assert_eq!(size, count(&value));
    }

    /// Grams against integers: grams = round-half-even(digits * numerator / 10^places).
    #[test]
    fn masses_are_exact(value in decimal(8, 8)) {
        let units: [(&str, u64, u32); 6] =
            [("KGM", 1000, 0), ("GRM", 1, 0), ("TNE", 1_000_000, 0), ("MGM", 1, 3), ("LBR", 45_359_237, 5),
             ("ONZ", 28_349_523_125, 9)];
        for (unit, numerator, scale) in units {
            let (whole, part) = value.as_str().split_once('.').unwrap_or((value.as_str(), ""));
            let digits: BigUint = format!("{whole}{part}").parse().expect("digits");
            let one = BigUint::from(10u8).pow(scale + part.len() as u32);
            let product = digits * numerator;
            let (floor, rest) = (&product / &one, &product % &one);
            let twice = rest * 2u8;
            let up = twice > one || twice == one && floor.bit(0);
            let grams = if up { floor + 1u8 } else { floor };
            let expected = u64::try_from(grams).ok().filter(|&g| g < 1 << 47);
            prop_assert_eq!(Mass::new(value.clone(), unit).ok().map(|m| m.grams()), expected, "{}", unit);
        }
    }

    #[test]
    fn numerals_never_panic(text in "[-+0-9.eE, \u{660}]{0,50}") {
        if let Ok(read) = Decimal::read(&text) {
            prop_assert_eq!(Decimal::new(read.as_str()), Ok(read));
        }
    }

    #[test]
    fn importing_never_panics(bytes in vec(any::<u8>(), 0..200), at in 0usize..3000, text in ".{0,40}") {
        let options = consign_documents::import::ImportOptions::default();
        let _ = consign_documents::import::import(&bytes, "x", &options);
        let example = include_str!("../../examples/documents/manifest.xml");
        let mut broken = example[..6000].to_owned() + "</cac:GoodsItem></cac:Shipment></Manifest>";
        let at = (0..=at).rev().find(|i| broken.is_char_boundary(*i)).unwrap_or(0);
        broken.insert_str(at, &text);
        let _ = consign_documents::import::import(broken.as_bytes(), "x", &options);
        let json = include_str!("../../examples/documents/invoice.json");
        let _ = Document::from_json((json[..at.min(json.len())].to_owned() + &text).as_bytes(), "x");
    }
}

/// Halves go to the even gram.
#[test]
fn halves() {
    for (value, grams) in [("0.5", 0), ("1.5", 2), ("2.5", 2), ("2.5000001", 3), ("3.4999", 3)] {
        assert_eq!(Mass::new(Decimal::new(value).expect("a numeral"), "GRM").expect("small").grams(), grams);
    }
}

/// The page of documents has the columns of every profile.
#[test]
fn columns_on_the_page() {
    let page = include_str!("../../docs/documents.md");
    const PLACES: [Place; 8] = [
        Place::Measure(0),
        Place::Measure(1),
        Place::Measure(2),
        Place::Measure(3),
        Place::Origin,
        Place::Hs,
        Place::C2,
        Place::C3,
    ];
    for kind in Kind::ALL {
        let profile = kind.profile();
        for columns in [profile.goods, profile.document] {
            let named =
                |place| columns.iter().find(|c| c.place == place).map_or("-".into(), |c| format!("`{}`", c.name));
            let row = format!("| `{kind}` {} | {} |\n", profile.version, PLACES.map(named).join(" | "));
            assert!(page.contains(&row), "{row}");
        }
    }
}

/// Every criterion finds its way back from its number, and no other number is one.
#[test]
fn criteria() {
    let all: Vec<Criterion> = (0..=u16::MAX).filter_map(Criterion::from_number).collect();
    assert_eq!(all.len(), 36 + 36 * 36 + 36 * 36 * 36);
    assert!(all.iter().all(|c| Criterion::from_number(c.number()).as_ref() == Some(c)));
}

/// No two units share a number, and each finds its way back.
#[test]
fn units() {
    assert_eq!(Unit::new("EA").map(Unit::number), Ok(15 * 37 + 11));
    let all: Vec<Unit> = (0..=u16::MAX).filter_map(Unit::from_number).collect();
    assert_eq!(all.len(), 2534);
    assert!(all.iter().all(|u| Unit::from_number(u.number()) == Some(*u) && Unit::new(u.letters()) == Ok(*u)));
}
