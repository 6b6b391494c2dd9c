//! A mapping proposed from the heading of a table: what `consign import --guess` writes for a person to look over.
//!
//! In: CSV or XLSX. Out: the mapping as TOML, where every guess names its reason. A column is mapped only if its name
//! means one fact, no other column means the same, its unit or currency is known and every cell looked at is such a fact;
//! else it stands in the mapping as a comment that says what to decide. Nothing is imported by a guess that nobody saw.
//! Source: `docs/documents.md`, "Guessing a mapping".

mod names;
mod proposal;
mod values;

use csv::ReaderBuilder;

use self::{
    names::{Meaning, meaning},
    proposal::Proposal,
};
use super::{
    Mapping,
    csv::{Form, Read, Record},
    text, within_limit, xlsx,
};
use crate::{
    error::{Fault, ImportError, Place},
    profile::Kind,
};

/// Rows that are looked at.
const MAX_ROWS: usize = 1_000;
/// Rows of a workbook among which the heading is looked for.
const MAX_HEADING: usize = 20;

/// A proposed mapping.
#[derive(Clone, Debug)]
pub struct Guess {
    /// The mapping file, with comments.
    pub toml: String,
    /// What it says. Where the table does not say the document's number, this has `?` for it and the file nothing.
    pub mapping: Mapping,
}

/// A table that is looked at.
struct Sample {
    heading: Vec<String>,
    rows: Vec<Record>,
    delimiter: u8,
    /// Of a workbook.
    heading_row: Option<u64>,
}

/// Proposes a mapping to documents of a kind, or of the kind that name and headings tell. `file` is the name that errors
/// carry, and whose words may tell the kind.
///
/// # Errors
/// [`ImportError`]: not a table, no heading that means anything, or no way to tell the delimiter, the decimal point or the
/// kind ([`Fault::Guess`]).
pub fn guess(bytes: &[u8], file: &str, kind: Option<Kind>) -> Result<Guess, ImportError> {
    let fail = |reason: String| ImportError::new(file, Place::File, Fault::Guess(reason));
    within_limit(bytes, file)?;
    let sample = if xlsx::is_archive(bytes) { sheet(bytes, file)? } else { csv(text(bytes, file)?, file)? };
    let meanings: Vec<Option<Meaning>> = sample.heading.iter().map(|heading| meaning(heading)).collect();
    let kind = match kind.or_else(|| told_kind(file, &sample.heading, &meanings)) {
        Some(kind) => kind,
        None => {
            return Err(fail(format!("the headings do not tell the kind of document; accepted are {}", Kind::names())));
        }
    };
    let toml = Proposal::new(&sample, &meanings, kind).map_err(fail)?.toml();
    let mut mapping = Mapping::from_toml(toml.as_bytes(), file)?;
    mapping.number_unless_stated("?");
    Ok(Guess { toml, mapping })
}

/// The sheet from the heading on: the first row in which two names mean something.
fn sheet(bytes: &[u8], file: &str) -> Read<Sample> {
    let mut workbook = xlsx::open(bytes, file)?;
    let rows = xlsx::Rows::of(&mut workbook, None, file)?.take(MAX_HEADING + MAX_ROWS);
    let mut rows = rows.collect::<Read<Vec<Record>>>()?;
    let means = |row: &Record| row.cells.iter().filter(|cell| meaning(cell.trim()).is_some()).count();
    let Some(at) = rows.iter().take(MAX_HEADING).position(|row| means(row) > 1) else {
        return Err(ImportError::new(file, Place::File, no_heading()));
    };
    let mut rest = rows.split_off(at);
    let below = rest.split_off(1);
    let heading = rest.pop().map(|row| (row.line, row.cells)).unwrap_or_default();
    let names = heading.1.iter().map(str::to_owned).collect();
    let rows = below.into_iter().take(MAX_ROWS).collect();
    Ok(Sample { heading: names, rows, delimiter: b',', heading_row: (at > 0).then_some(heading.0) })
}

/// CSV by the delimiter with which all rows have as many cells as the heading, and most of them.
fn csv(text: &str, file: &str) -> Read<Sample> {
    let fail = |fault| Err(ImportError::new(file, Place::File, fault));
    if text.trim_start().is_empty() {
        return fail(Fault::Empty);
    }
    let mut samples: Vec<Sample> = [b',', b';', b'\t', b'|'].into_iter().filter_map(|d| parted_by(text, d)).collect();
    samples.sort_by_key(|sample| std::cmp::Reverse(sample.heading.len()));
    let equal = samples.windows(2).next().is_some_and(|two| two[0].heading.len() == two[1].heading.len());
    match samples.into_iter().next() {
        Some(_) if equal => fail(Fault::Guess("two delimiters part the rows equally well".into())),
        Some(sample) if sample.heading.iter().any(|name| meaning(name).is_some()) => Ok(sample),
        Some(_) => fail(no_heading()),
        None => fail(Fault::Guess("no delimiter parts all rows into as many cells as the heading".into())),
    }
}

fn no_heading() -> Fault {
    Fault::Guess("no heading means a fact that consign knows".into())
}

fn parted_by(text: &str, delimiter: u8) -> Option<Sample> {
    let mut csv = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let heading: Vec<String> = csv.headers().ok()?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in csv.records().take(MAX_ROWS) {
        rows.push(Record { line: 0, cells: record.ok()?, forms: Vec::new() });
    }
    (heading.len() > 1).then_some(Sample { heading, rows, delimiter, heading_row: None })
}

impl Sample {
    /// The cells of a column that say something.
    fn cells(&self, column: usize) -> Vec<(&str, Form)> {
        let cell = |row: &'_ Record| {
            let form = row.forms.get(column).copied().unwrap_or(Form::Text);
            (column, form)
        };
        let cells = self.rows.iter().map(|row| (row.cells.get(column).unwrap_or_default().trim(), cell(row).1));
        cells.filter(|(text, _)| !text.is_empty()).collect()
    }
}

/// The kind that the file's name or the headings tell.
fn told_kind(file: &str, heading: &[String], meanings: &[Option<Meaning>]) -> Option<Kind> {
    let has = |name: &str| meanings.iter().flatten().any(|m| matches!(m, Meaning::Fact { fact, .. } if *fact == name));
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
    let words = [
        ("manifest", Kind::CargoManifest),
        ("invoice", Kind::CommercialInvoice),
        ("packing", Kind::PackingList),
        ("lading", Kind::BillOfLading),
        ("waybill", Kind::BillOfLading),
        ("materials", Kind::BillOfMaterials),
        ("bom", Kind::BillOfMaterials),
        ("vgm", Kind::WeightStatement),
        ("declaration", Kind::CustomsDeclaration),
        ("origin", Kind::CertificateOfOrigin),
    ];
    let named: Vec<Kind> = words.iter().filter(|(word, _)| name.contains(word)).map(|(_, kind)| *kind).collect();
    if let [kind] = named[..] {
        return Some(kind);
    }
    let heads = |word: &str| heading.iter().any(|h| h.to_lowercase().contains(word));
    let (gross, money) = (has("gross_mass"), has("money"));
    let by_facts = [
        (has("originating"), Kind::BillOfMaterials),
        (has("verified_mass"), Kind::WeightStatement),
        (has("criterion"), Kind::CertificateOfOrigin),
        (heads("manifest"), Kind::CargoManifest),
        (heads("invoice") || heads("unit price") || heads("amount"), Kind::CommercialInvoice),
        (gross && money, Kind::CargoManifest),
        (gross && has("quantity"), Kind::PackingList),
    ];
    by_facts.into_iter().find(|(told, _)| *told).map(|(_, kind)| kind)
}
