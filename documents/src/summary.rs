//! What a document says, in short: what `attest` shows before it signs, and `inspect` to whoever holds the document.
//!
//! In: a [`Document`]. Out: plain data for a table on a terminal or for `--json`. Figures are in the units of the
//! profile's columns; a total is of the lines that have the fact, and `complete` says whether that is all of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    claim::{CodeItem, spelled},
    codes::Country,
    document::Document,
    profile::{Content, Place},
    table::Code,
};

/// A document in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Kind, such as `cargo-manifest`.
    pub kind: &'static str,
    /// Version of the profile.
    pub profile: u32,
    /// Number of the document.
    pub number: String,
    /// Day of issue, `YYYY-MM-DD`.
    pub issue_date: Option<String>,
    /// ISO 4217 letters.
    pub currency: Option<String>,
    /// Unit of all quantities, if it is one.
    pub unit: Option<String>,
    /// Country of export.
    pub export_country: Option<&'static str>,
    /// Country of import.
    pub import_country: Option<&'static str>,
    /// References by name, the document's own number among them.
    pub references: BTreeMap<String, String>,
    /// Names of the parties by role.
    pub parties: BTreeMap<String, String>,
    /// Goods lines; the table has one row more.
    pub lines: usize,
    /// One entry a measure of the profile, in the order of its columns.
    pub totals: Vec<Total>,
    /// Lines by country of origin; `unknown` for those that name none. Empty for kinds without that column.
    pub origins: BTreeMap<String, usize>,
    /// Lines by HS chapter, two digits; `unknown` for those without a code. Empty for kinds without that column.
    pub chapters: BTreeMap<String, usize>,
    /// Lines by UN number or `none`; `unknown` where nothing is said. Empty for kinds without that column.
    pub dangerous: BTreeMap<String, usize>,
    /// Containers in the order of their numbers from 1.
    pub containers: Vec<String>,
    /// Columns of goods lines that are complete, in the order of the profile.
    pub complete: Vec<&'static str>,
    /// Columns that are not: a claim on these cannot hold.
    pub incomplete: Vec<&'static str>,
    /// Columns of the document row that are known.
    pub header_complete: Vec<&'static str>,
    /// Columns of the document row that are not known.
    pub header_incomplete: Vec<&'static str>,
}

/// The total of one measure over the lines that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
    /// Name of the column.
    pub name: &'static str,
    /// The sum in the column's unit: grams, packages, thousandths or minor units.
    pub sum: u128,
    /// The sum for people: `12 345.678 kg`, `40 packages`, `1 241.30 USD`.
    pub text: String,
    /// Lines that have the fact.
    pub known: usize,
}

/// Sums a document up.
pub fn summary(document: &Document) -> Summary {
    let facts = document.facts();
    let profile = document.profile();
    let header = document.header();
    let table = document.table();
    let goods = &table.rows()[1..];

    let mut totals = Vec::new();
    for (column, known) in document.known() {
        let Place::Measure(i) = column.place else { continue };
        let sum = goods.iter().map(|row| u128::from(row.measures()[usize::from(i)])).sum();
        let text = match column.content {
            Content::Mass => format!("{} kg", decimals(sum, 3)),
            Content::Quantity => {
                format!("{} {}", decimals(sum, 3), facts.unit.as_deref().unwrap_or("of several or unknown units"))
            }
            Content::Money => match header.currency {
                Some(currency) => format!("{} {currency}", decimals(sum, currency.exponent().into())),
                None => "unknown".into(),
            },
            _ => format!("{} {}", decimals(sum, 0), column.name),
        };
        totals.push(Total { name: column.name, sum, text, known });
    }
    let count = |name: &str, code: Code| -> BTreeMap<String, usize> {
        let Some(content) = profile.goods_column(name).map(|column| column.content) else { return BTreeMap::new() };
        let mut counts = BTreeMap::new();
        goods.iter().for_each(|row| *counts.entry(row.code(code)).or_insert(0) += 1);
        let spelled = |code| match content {
            _ if content.unknown_code() == Some(code) => "unknown".into(),
            Content::Hs => format!("{code:02}"),
            _ => spelled(content, &CodeItem::Code(code)),
        };
        counts.into_iter().map(|(code, lines)| (spelled(code), lines)).collect()
    };
    let is_complete = |name: &str| facts.complete.contains(name);
    let (complete, incomplete) = profile.goods.iter().map(|c| c.name).partition(|name| is_complete(name));
    let (header_complete, header_incomplete) =
        profile.document.iter().map(|c| c.name).partition(|name| is_complete(&format!("document.{name}")));
    let parties = header.parties.iter().filter_map(|(role, party)| Some((role.clone(), party.name.clone()?)));
    Summary {
        kind: document.kind().name(),
        profile: profile.version,
        number: document.number().to_owned(),
        issue_date: header.issue_date.map(|d| d.to_string()),
        currency: facts.currency,
        unit: facts.unit,
        export_country: header.export_country.map(Country::letters),
        import_country: header.import_country.map(Country::letters),
        references: facts.references,
        parties: parties.collect(),
        lines: goods.len(),
        totals,
        origins: count("origin", Code::Origin),
        chapters: count("hs", Code::Hs2),
        dangerous: count("dangerous", Code::C2),
        containers: document.containers().into_iter().map(str::to_owned).collect(),
        complete,
        incomplete,
        header_complete,
        header_incomplete,
    }
}

/// A whole figure with its last `places` digits behind a point, in groups of three.
fn decimals(figure: u128, places: usize) -> String {
    let digits = format!("{figure:0width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    if part.is_empty() { grouped } else { format!("{grouped}.{part}") }
}
