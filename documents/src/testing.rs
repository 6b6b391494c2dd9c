//! Random documents and policies for property tests, here and in the circuits; behind the feature `testing`.
//!
//! A [`Case`] is a policy and documents for its roles. Codes come from small sets so that lists hit; bounds lie at, just
//! below or just above the figure they are compared with, mostly so that the claim holds; lists have as many codes as a
//! class test and a tally hold, and one more. A few policies cannot be compiled (two currencies asked of one role, too
//! many terms or filter sets): those are for evaluation alone. Facts are sometimes incomplete, in another currency, or
//! documents missing.

mod packs;
pub mod seeds;
pub mod targets;

pub use packs::{PackCase, TODAY, pack_cases};

use crate::{
    codes::{Country, Criterion, Unit},
    evaluate::{Documents, Figure, evaluate},
    facts::Facts,
    policy::{Policy, ResolvedPolicy, RoleName},
    profile::{Column, Content, Kind, Place},
    table::{MEASURE_BITS, Row, RowKind, Table},
};
use proptest::prelude::{Strategy, any};
use std::{collections::BTreeMap, fmt::Write as _};

/// Lengths of lists that matter: one, as many as a test holds, as a tally holds, one more of each, and several
/// tallies' worth.
const LENGTHS: [usize; 6] = [1, 16, 17, 64, 65, 200];
const COUNTRIES: [&str; 8] = ["CN", "VN", "TH", "JP", "DE", "US", "IN", "NO"];
const HS: [&str; 10] =
    ["847130", "847141", "840999", "850760", "930100", "360100", "360610", "610910", "840100", "850110"];
const UN: [&str; 5] = ["none", "UN3480", "UN3481", "UN1993", "UN0004"];
const UNITS: [&str; 3] = ["KGM", "MTR", "H87"];
const CRITERIA: [&str; 3] = ["WO", "CTC", "B"];
const YES_NO: [&str; 2] = ["yes", "no"];
const METHODS: [&str; 2] = ["SM1", "SM2"];
const CURRENCIES: [&str; 3] = ["USD", "EUR", "JPY"];

/// A policy and documents for its roles.
#[derive(Clone, Debug)]
pub struct Case {
    /// The policy.
    pub policy: ResolvedPolicy,
    /// The documents, with their roles.
    pub tables: Vec<(RoleName, Table, Facts)>,
}

impl Case {
    /// The documents as evaluation and compiler take them.
    pub fn documents(&self) -> Documents<'_> {
        documents(&self.tables)
    }
}

fn documents(tables: &[(RoleName, Table, Facts)]) -> Documents<'_> {
    let mut documents = Documents::new();
    for (role, table, facts) in tables {
        documents.entry(role.clone()).or_default().push((table, facts));
    }
    documents
}

/// Random cases: at most this many goods lines in a document, and claims in a policy.
pub fn cases(max_lines: usize, max_claims: usize) -> impl Strategy<Value = Case> {
    let lines = 0..=max_lines;
    let claims = 1..=max_claims.max(1);
    (any::<u64>(), lines, claims).prop_map(|(seed, lines, claims)| case(seed, lines, claims))
}

/// Random tables of a kind, with at most this many goods lines.
pub fn tables(kind: Kind, max_lines: usize) -> impl Strategy<Value = Table> {
    (any::<u64>(), 0..=max_lines).prop_map(move |(seed, lines)| table(&mut Draw(seed), kind, lines))
}

/// The case of a seed: exactly this many claims, at most this many goods lines in a document.
pub fn case(seed: u64, lines: usize, claims: usize) -> Case {
    let mut draw = Draw(seed);
    let mut roles = vec![("manifest", Kind::CargoManifest, 1 + draw.below(2)), ("invoice", Kind::CommercialInvoice, 1)];
    if draw.chance(20) {
        roles.push(("second", Kind::CargoManifest, 2));
    }
    if draw.chance(40) {
        roles.push(("other", Kind::ALL[draw.below(Kind::ALL.len())], 1));
    }
    let mut tables = Vec::new();
    for (role, kind, count) in &roles {
        for _ in 0..*count {
            let lines = draw.below(lines + 1);
            tables.push(((*role).to_owned(), table(&mut draw, *kind, lines), facts(&mut draw, *kind)));
        }
    }
    let (policy, mut draw) = policy(draw, roles, &tables, claims);
    if draw.chance(3) {
        tables.pop();
    }
    Case { policy, tables }
}

/// The case of a seed over tables that one has: their roles `manifest` (cargo manifests) and `invoice` (commercial
/// invoices), exactly this many claims.
pub fn case_over(seed: u64, tables: Vec<(RoleName, Table, Facts)>, claims: usize) -> Case {
    let count = |name: &str| tables.iter().filter(|(role, ..)| role == name).count();
    let roles = [("manifest", Kind::CargoManifest), ("invoice", Kind::CommercialInvoice)];
    let roles = roles.map(|(name, kind)| (name, kind, count(name)));
    let (policy, _) = policy(Draw(seed), roles.into_iter().filter(|role| role.2 > 0).collect(), &tables, claims);
    Case { policy, tables }
}

fn policy(
    draw: Draw,
    roles: Vec<(&'static str, Kind, usize)>,
    tables: &[(RoleName, Table, Facts)],
    claims: usize,
) -> (ResolvedPolicy, Draw) {
    let mut writer = Writer { draw, roles, tables, lists: BTreeMap::new(), claims: Vec::new() };
    while writer.claims.len() < claims {
        let claim = writer.claim();
        writer.claims.push(claim);
    }
    (writer.policy(&writer.claims, true), writer.draw)
}

/// SplitMix64: enough for test data, and the same everywhere.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

fn table(draw: &mut Draw, kind: Kind, lines: usize) -> Table {
    let profile = kind.profile();
    let document = row(draw, RowKind::Document, profile.document);
    let goods = (0..lines).map(|_| row(draw, RowKind::Goods, profile.goods)).collect();
    Table::new(document, goods).expect("rows are of the right kinds")
}

fn row(draw: &mut Draw, kind: RowKind, columns: &[Column]) -> Row {
    let (mut measures, mut origin, mut codes, mut hs) = ([0; 4], 0, [0; 2], [0; 3]);
    for column in columns {
        let unknown = draw.chance(2);
        let code = match column.content.unknown_code().filter(|_| unknown) {
            Some(code) => code,
            None => alphabet_code(draw, column.content),
        };
        match column.place {
            Place::Measure(i) => {
                measures[usize::from(i)] = match (column.content, draw.below(20)) {
                    (Content::Date, _) => 20_000 + draw.below(1_000) as u64,
                    (_, 0) => (1 << MEASURE_BITS) - 1,
                    (_, 1..=4) => 0,
                    _ => draw.next() % 5_000,
                };
            }
            Place::Origin => origin = code as u16,
            Place::C2 => codes[0] = code as u16,
            Place::C3 => codes[1] = code as u16,
            Place::Hs => hs = [code / 10_000, code / 100 % 100, code % 100].map(|group| group as u8),
        }
    }
    Row::new(kind, measures, origin, codes, hs).expect("columns are in range")
}

/// A code that rows have, as the column holds it.
fn alphabet_code(draw: &mut Draw, content: Content) -> u32 {
    match content {
        Content::Country => Country::new(draw.pick(&COUNTRIES)).expect("a country").number().into(),
        Content::Hs => draw.pick(&HS).parse().expect("digits"),
        Content::Dangerous => draw.pick(&UN).trim_start_matches("UN").parse().unwrap_or(0),
        Content::Container => draw.below(4) as u32,
        Content::Unit => Unit::new(draw.pick(&UNITS)).expect("a unit").number().into(),
        Content::Currency => crate::codes::Currency::new(draw.pick(&CURRENCIES)).expect("a currency").number().into(),
        Content::Originating => draw.below(2) as u32,
        Content::Criterion => Criterion::new(draw.pick(&CRITERIA)).expect("a criterion").number().into(),
        Content::Method => 1 + draw.below(2) as u32,
        Content::Mass | Content::Packages | Content::Quantity | Content::Money | Content::Date => 0,
    }
}

fn facts(draw: &mut Draw, kind: Kind) -> Facts {
    let profile = kind.profile();
    let goods = profile.goods.iter().map(|c| c.name.to_owned());
    let complete = goods.chain(profile.document.iter().map(|c| format!("document.{}", c.name)));
    let currency = match draw.below(40) {
        0 => None,
        1 => Some("EUR".to_owned()),
        _ => Some("USD".to_owned()),
    };
    let unit = match draw.below(40) {
        0 => None,
        1 => Some("MTR".to_owned()),
        _ => Some("KGM".to_owned()),
    };
    let shipment = if draw.chance(3) { "S-2" } else { "S-1" };
    let mut references = BTreeMap::from([("shipment".to_owned(), shipment.to_owned())]);
    if draw.chance(2) {
        references.clear();
    }
    Facts { complete: complete.filter(|_| !draw.chance(1)).collect(), currency, unit, references }
}

struct Writer<'a> {
    draw: Draw,
    roles: Vec<(&'static str, Kind, usize)>,
    tables: &'a [(RoleName, Table, Facts)],
    lists: BTreeMap<String, Vec<String>>,
    claims: Vec<String>,
}

impl Writer<'_> {
    fn policy(&self, claims: &[String], same: bool) -> ResolvedPolicy {
        let mut toml = String::from("name = \"random\"\nversion = \"1\"\nvalid-from = 2026-01-01\n");
        // Writing to a string cannot fail.
        if same {
            toml.push_str("same = [\"shipment\"]\n");
        }
        for (role, kind, documents) in &self.roles {
            // A range where there may be more: as many as there are, or one less or more.
            let count = match documents {
                1 => "1".to_owned(),
                n => format!("\"{}..{}\"", n - 1, n + 1),
            };
            let _ = writeln!(toml, "[roles.{role}]\nkind = \"{kind}\"\ndocuments = {count}");
        }
        toml.push_str("[lists]\n");
        for (name, codes) in &self.lists {
            let _ = writeln!(toml, "{name} = {codes:?}");
        }
        for claim in claims {
            let _ = writeln!(toml, "[[claims]]\nclaim = \"{claim}\"\nsource = \"a test\"");
        }
        let policy = Policy::from_toml(&toml).unwrap_or_else(|e| panic!("{e}\n{toml}"));
        policy.resolve(&BTreeMap::new()).expect("no parameters")
    }

    /// The figure that a claim of its own, without its bound, would be compared with.
    fn figure(&self, claim: &str) -> Option<Figure> {
        let policy = self.policy(&[claim.to_owned()], false);
        evaluate(&policy, &documents(self.tables)).into_iter().next().and_then(|outcome| outcome.figure)
    }

    fn claim(&mut self) -> String {
        let (role, kind, _) = self.roles[self.draw.below(self.roles.len())];
        match self.draw.below(14) {
            10 | 11 => self.sums(role, kind),
            12 => self.header_sum(role, kind),
            13 => self.per_container(),
            0 | 1 => {
                let column = self.measure(kind.profile().goods);
                let subject = format!("total {} of {role}{}", column.name, self.condition(kind, 60));
                self.bounded(&subject, column.content)
            }
            2 => {
                let (other, other_kind, _) = self.roles[self.draw.below(self.roles.len())];
                let column = self.measure(kind.profile().goods);
                let same: Vec<&Column> =
                    other_kind.profile().goods.iter().filter(|c| c.content == column.content).collect();
                let Some(right) = same.get(self.draw.below(same.len())) else { return "count of invoice >= 1".into() };
                // Two conditions on either side can ask for four terms, which is refused.
                let (left_where, right_where) =
                    if self.draw.chance(50) { (self.condition(kind, 60), String::new()) } else { Default::default() };
                let left = format!("total {} of {role}{left_where}", column.name);
                let right = format!("total {} of {other}{right_where}", right.name);
                let relation = match self.figure(&format!("{left} = {right}")) {
                    Some(Figure::Pair { left, right, .. }) if !self.draw.chance(15) => match left.cmp(&right) {
                        std::cmp::Ordering::Less => self.draw.pick(&["<", "<="]),
                        std::cmp::Ordering::Equal => self.draw.pick(&["<=", ">=", "="]),
                        std::cmp::Ordering::Greater => self.draw.pick(&[">", ">="]),
                    },
                    _ => self.draw.pick(&["<=", ">=", "<", ">", "="]),
                };
                format!("{left} {relation} {right}")
            }
            3 | 4 => {
                let column = self.measure(kind.profile().goods);
                let subject = format!("share of {} of {role}{}", column.name, self.condition(kind, 100));
                self.share(&subject)
            }
            5 => {
                let subject = format!("count of {role}{}", self.condition(kind, 80));
                self.bounded(&subject, Content::Packages)
            }
            6 | 7 => {
                let column = self.code(kind.profile().goods);
                let no = self.draw.chance(50);
                let (word, wish) = if no { ("no", Wish::Avoid) } else { ("every", Wish::Cover) };
                let list = self.list(column.content, wish);
                format!("{word} {} of {role} in {list}{}", column.name, self.narrowed(kind, true))
            }
            8 => {
                let column = self.measure(kind.profile().goods);
                let figure = if self.draw.chance(70) { 1 << MEASURE_BITS } else { self.draw.next() % 6_000 };
                let (lo, hi) = (number(0, column.content), number(figure.into(), column.content));
                let bound = match self.draw.below(3) {
                    0 => format!(">= {lo}"),
                    1 => format!("< {hi}"),
                    _ => format!("between {lo} and {hi}"),
                };
                format!("each {} of {role} {bound}{}", column.name, self.narrowed(kind, false))
            }
            _ => self.document(role, kind),
        }
    }

    /// A `where` behind the bound of `every`, `no` and `each`, or none.
    fn narrowed(&mut self, kind: Kind, threshold: bool) -> String {
        match self.draw.below(4) {
            0 => {
                let column = self.code(kind.profile().goods);
                let not = if self.draw.chance(50) { "not " } else { "" };
                format!(" where {} {not}in {}", column.name, self.list(column.content, Wish::Any))
            }
            1 if threshold => {
                let column = self.measure(kind.profile().goods);
                let figure = number((self.draw.next() % 5_000).into(), column.content);
                format!(" where {} >= {figure}", column.name)
            }
            _ => String::new(),
        }
    }

    /// Two sums, one of them with a percentage, or apart by a tolerance.
    fn sums(&mut self, role: &'static str, kind: Kind) -> String {
        let (other, other_kind, _) = self.roles[self.draw.below(self.roles.len())];
        let column = self.measure(kind.profile().goods);
        let same: Vec<&Column> = other_kind.profile().goods.iter().filter(|c| c.content == column.content).collect();
        let Some(right) = same.get(self.draw.below(same.len())) else { return format!("count of {role} >= 1") };
        let condition = self.condition(kind, 30);
        let (left, right) =
            (format!("total {} of {role}{condition}", column.name), format!("total {} of {other}", right.name));
        let Some(Figure::Pair { left: a, right: b, .. }) = self.figure(&format!("{left} = {right}")) else {
            return format!("{left} = {right}");
        };
        // The ratio in hundredths of a percent, rounded up, beside it, or anything.
        let ratio = (a.unsigned_abs() * 10_000).div_ceil(b.unsigned_abs().max(1)).min(100_000);
        let percent = |n: u128| format!("{}.{:02} %", n / 100, n % 100);
        match self.draw.below(6) {
            0 => format!("{left} <= {} of {right}", percent(ratio)),
            1 => format!("{left} >= {} of {right}", percent(ratio.saturating_sub(1))),
            2 => format!("{left} > {} of {right}", percent(ratio)),
            3 => format!("{} of {right} >= {left}", percent(ratio)),
            4 => format!("{left} within {} of {right}", percent(ratio.abs_diff(10_000).min(10_000))),
            _ => {
                // Of a figure: as written, a tenth above it, or a tenth below.
                let figure = number(a.unsigned_abs(), column.content);
                let words =
                    self.draw.pick(&["within 10 % of", "<= 100.5 % of", "< 110 % of", "> 90 % of", "within 0 % of"]);
                format!("{left} {words} {figure}")
            }
        }
    }

    /// A sum with a header fact in it, bounded by a figure or another.
    fn header_sum(&mut self, role: &'static str, kind: Kind) -> String {
        let column = self.measure(kind.profile().document);
        let same: Vec<&Column> = kind.profile().goods.iter().filter(|c| c.content == column.content).collect();
        let Some(goods) = same.get(self.draw.below(same.len())) else {
            // No goods column of its content: a date, which does not add up.
            return format!("document {} of {role} >= {}", column.name, number(0, column.content));
        };
        let sum = format!("document {} of {role} + total {} of {role}", column.name, goods.name);
        match self.draw.below(3) {
            0 => format!("{sum} >= document {} of {role}", column.name),
            1 => format!("document {} of {role} <= 60 % of total {} of {role}", column.name, goods.name),
            _ => self.bounded(&sum, column.content),
        }
    }

    fn per_container(&mut self) -> String {
        // The first role is of manifests; one document numbers its containers.
        let (role, kind, documents) = self.roles[0];
        let column = self.measure(kind.profile().goods);
        if documents != 1 {
            return format!("total {} over {role} >= {}", column.name, number(0, column.content));
        }
        let threshold = if self.draw.chance(20) { " where packages >= 3" } else { "" };
        let condition = match self.draw.below(4) {
            0 => {
                let code = self.code(kind.profile().goods);
                format!(" where {} in {}", code.name, self.list(code.content, Wish::Any))
            }
            _ => threshold.to_owned(),
        };
        let most = self.draw.pick(&["", " up to 3", " up to 4", " up to 13"]);
        let subject = format!("per container{most} total {} of {role}{condition}", column.name);
        let figure = match self.figure(&format!("{subject} <= {}", number(1 << 70, column.content))) {
            Some(Figure::Amount { amount, .. }) => amount.unsigned_abs(),
            _ => 9_000,
        };
        match self.draw.below(4) {
            0 => format!("{subject} < {}", number(figure.max(1), column.content)),
            1 => format!("{subject} <= 150 % of total {} of {role}", column.name),
            _ => format!("{subject} <= {}", number(figure, column.content)),
        }
    }

    fn document(&mut self, role: &str, kind: Kind) -> String {
        if self.draw.chance(50) {
            let column = self.code(kind.profile().document);
            let not = self.draw.chance(50);
            let (word, wish) = if not { ("not in", Wish::Avoid) } else { ("in", Wish::Cover) };
            return format!("document {} of {role} {word} {}", column.name, self.list(column.content, wish));
        }
        let column = self.measure(kind.profile().document);
        let base = if column.content == Content::Date { 20_000 } else { 0 };
        let figure = u128::from(base + self.draw.next() % if column.content == Content::Date { 1_000 } else { 5_000 });
        match self.draw.below(3) {
            0 => format!("document {} of {role} >= {}", column.name, number(base.into(), column.content)),
            1 => format!("document {} of {role} <= {}", column.name, number(figure, column.content)),
            _ => {
                let (lo, hi) = (number(base.into(), column.content), number(1 << 20, column.content));
                format!("document {} of {role} between {lo} and {hi}", column.name)
            }
        }
    }

    fn measure(&mut self, columns: &'static [Column]) -> &'static Column {
        let measures: Vec<&Column> = columns.iter().filter(|c| matches!(c.place, Place::Measure(_))).collect();
        measures[self.draw.below(measures.len())]
    }

    fn code(&mut self, columns: &'static [Column]) -> &'static Column {
        let codes: Vec<&Column> = columns.iter().filter(|c| !matches!(c.place, Place::Measure(_))).collect();
        codes[self.draw.below(codes.len())]
    }

    /// A `where` clause, or none.
    fn condition(&mut self, kind: Kind, percent: usize) -> String {
        if !self.draw.chance(percent) {
            return String::new();
        }
        let mut conditions = Vec::new();
        for _ in 0..self.draw.below(3) {
            let column = self.code(kind.profile().goods);
            let not = if self.draw.chance(50) { "not " } else { "" };
            let list = self.list(column.content, Wish::Any);
            conditions.push(format!("{} {not}in {list}", column.name));
        }
        if conditions.is_empty() || self.draw.chance(30) {
            let column = self.measure(kind.profile().goods);
            let relation = self.draw.pick(&["<=", ">=", "<", ">"]);
            let figure = number((self.draw.next() % 5_000).into(), column.content);
            conditions.push(format!("{} {relation} {figure}", column.name));
        }
        format!(" where {}", conditions.join(" and "))
    }

    /// The subject with a bound at its figure or beside it.
    fn bounded(&mut self, subject: &str, content: Content) -> String {
        let zero = number(0, content);
        let figure = match self.figure(&format!("{subject} >= {zero}")) {
            Some(Figure::Amount { amount, .. }) => amount.unsigned_abs(),
            Some(Figure::Lines(lines)) => lines as u128,
            _ => 7,
        };
        let (below, at, above) = (figure.saturating_sub(1), figure, figure + 1);
        let number = |n| number(n, content);
        if self.draw.chance(85) {
            match self.draw.below(4) {
                0 => format!("{subject} <= {}", number(at)),
                1 => format!("{subject} >= {}", number(at)),
                2 => format!("{subject} < {}", number(above)),
                _ => format!("{subject} between {} and {}", number(below), number(at)),
            }
        } else {
            match self.draw.below(3) {
                0 => format!("{subject} > {}", number(at)),
                1 => format!("{subject} < {}", number(at)),
                _ => format!("{subject} = {}", number(above)),
            }
        }
    }

    fn share(&mut self, subject: &str) -> String {
        let hundredths = match self.figure(&format!("{subject} >= 0 %")) {
            Some(Figure::Share { part, whole }) => part * 10_000 / whole,
            _ => 5_000,
        };
        let percent = |n: u128| format!("{}.{:02} %", n.min(10_000) / 100, n.min(10_000) % 100);
        match self.draw.below(6) {
            0..=2 => format!("{subject} >= {}", percent(hundredths)),
            3 => format!("{subject} <= {}", percent(hundredths + 1)),
            4 => format!("{subject} between {} and {}", percent(hundredths), percent(hundredths + 1)),
            _ => format!("{subject} > {}", percent(hundredths)),
        }
    }

    /// A list of codes: written out if short, else a named one.
    fn list(&mut self, content: Content, wish: Wish) -> String {
        let length = LENGTHS[self.draw.below(LENGTHS.len())];
        let (alphabet, mut codes): (Vec<String>, Vec<String>) = (alphabet(content), Vec::new());
        let wish = if self.draw.chance(20) { Wish::Any } else { wish };
        for code in &alphabet {
            let taken = match wish {
                Wish::Cover => true,
                Wish::Avoid => false,
                Wish::Any => self.draw.chance(40),
            };
            if taken {
                codes.push(code.clone());
            }
        }
        if wish == Wish::Any {
            codes.truncate(length);
        }
        while codes.len() < length {
            let filler = self.filler(content, wish == Wish::Avoid);
            codes.push(filler);
        }
        if codes.len() > 1 && codes.len() <= 4 {
            return codes.join(", ");
        }
        let name = format!("list{}", self.lists.len());
        self.lists.insert(name.clone(), codes);
        format!("@{name}")
    }

    /// A code to fill a list with; repeats and nested HS codes occur.
    fn filler(&mut self, content: Content, avoid: bool) -> String {
        loop {
            let code = match content {
                Content::Country => match Country::from_number(self.draw.below(900) as u16) {
                    Some(country) => country.letters().to_owned(),
                    None => continue,
                },
                Content::Hs => {
                    let chapter = 1 + self.draw.below(97);
                    let rest = self.draw.below(10_000);
                    match self.draw.below(12) {
                        0 => format!("{chapter:02}"),
                        1..=4 => format!("{chapter:02}{:02}", rest / 100),
                        5 => format!("{chapter:02}{:02}..{chapter:02}{:02}", rest / 200, rest / 200 + 4),
                        6 => format!("{chapter:02}{:02}97..{chapter:02}{:02}03", rest / 200, rest / 200 + 2),
                        _ => format!("{chapter:02}{rest:04}"),
                    }
                }
                Content::Dangerous => format!("UN{:04}", 4 + self.draw.below(3_990)),
                Content::Container => (1 + self.draw.below(60_000)).to_string(),
                Content::Criterion => format!("Q{}", 10 + self.draw.below(90)),
                Content::Unit => UNITS[self.draw.below(UNITS.len())].to_owned(),
                Content::Originating => YES_NO[self.draw.below(2)].to_owned(),
                Content::Method => METHODS[self.draw.below(2)].to_owned(),
                _ => CURRENCIES[self.draw.below(CURRENCIES.len())].to_owned(),
            };
            // These have no codes beside those that rows use.
            let exhausted =
                matches!(content, Content::Unit | Content::Currency | Content::Originating | Content::Method);
            let hit = match content {
                Content::Hs => ["84", "85", "93", "36", "61"].iter().any(|chapter| code.starts_with(chapter)),
                _ => alphabet(content).contains(&code),
            };
            if exhausted || !avoid || !hit {
                return code;
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Cover,
    Avoid,
    Any,
}

fn alphabet(content: Content) -> Vec<String> {
    let own = |codes: &[&str]| codes.iter().map(|&c| c.to_owned()).collect();
    match content {
        Content::Country => own(&COUNTRIES),
        Content::Hs => own(&HS),
        Content::Dangerous => own(&UN),
        Content::Container => own(&["none", "1", "2", "3"]),
        Content::Unit => own(&UNITS),
        Content::Criterion => own(&CRITERIA),
        Content::Originating => own(&YES_NO),
        Content::Method => own(&METHODS),
        _ => own(&CURRENCIES),
    }
}

/// A number of a column's smallest unit, as a claim writes it.
fn number(n: u128, content: Content) -> String {
    match content {
        Content::Mass => format!("{n} g"),
        Content::Money => format!("{}.{:02} USD", n / 100, n % 100),
        Content::Quantity => format!("{}.{:03}", n / 1000, n % 1000),
        Content::Date => {
            let span = jiff::Span::new().days(i64::try_from(n.min(2_000_000)).unwrap_or_default());
            jiff::civil::date(1970, 1, 1).checked_add(span).expect("before the year 9999").to_string()
        }
        _ => n.to_string(),
    }
}
