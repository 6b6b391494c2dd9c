//! Importers: from the bytes of somebody's file to a [`Document`].
//!
//! In: UBL XML, invoices in the syntax of UN/CEFACT, JSON of the DCSA, of the W3C traceability vocabulary or of consign
//! itself, messages of UN/EDIFACT, CSV or XLSX with a mapping, told apart by their content. Out: the document, what the
//! file was, and what a careful reader should know about it. What is exact or follows a stated rule is converted, a fact
//! that is left out is warned of, and a guess that could change a claim is refused. Source: `docs/documents.md`,
//! "Importing".

pub mod csv;
mod dcsa;
mod dropped;
mod edifact;
mod facts;
mod guess;
pub(crate) mod json;
mod node;
mod tree;
mod w3c;
mod warned;
mod xlsx;
mod xml;
mod yaml;

use std::fmt;

use sha2::{Digest, Sha256};

use self::node::Node;
pub use self::{
    csv::Mapping,
    guess::{Guess, guess},
};
use crate::{
    document::Document,
    error::{Fault, ImportError, MAX_FILE, Place},
    quantity::shorten,
};

/// What the user decides about an import.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// How to read CSV and XLSX; without it, they are refused.
    pub mapping: Option<Mapping>,
    /// Leave out an invoice's credit lines (negative amount or quantity) with a warning each, and with them its declared
    /// totals, instead of refusing the invoice.
    pub leave_out_credit_lines: bool,
}

/// A document that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The document.
    pub document: Document,
    /// What the file was, such as `UBL 2.3 Manifest`.
    pub format: String,
    /// Facts that the file states and the document does not, where a reader might expect them.
    pub warnings: Vec<Warning>,
}

/// A fact that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where in the file.
    pub place: Place,
    /// What was left out, and why.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// Imports a file, recognising its format by its content. `file` is the name that errors carry.
///
/// # Errors
/// [`ImportError`], with the place in the file, what was found and what is accepted.
pub fn import(bytes: &[u8], file: &str, options: &ImportOptions) -> Result<Imported, ImportError> {
    if xlsx::is_archive(bytes) {
        within_limit(bytes, file)?;
        let mapping = options.mapping.as_ref();
        let mapping = mapping.ok_or_else(|| ImportError::new(file, Place::File, Fault::NoMapping))?;
        return xlsx::import(bytes, file, digest(bytes), mapping);
    }
    if edifact::is_interchange(bytes) {
        within_limit(bytes, file)?;
        return edifact::import(bytes, file, digest(bytes));
    }
    let text = text(bytes, file)?;
    match text.trim_start().as_bytes().first() {
        None => Err(ImportError::new(file, Place::File, Fault::Empty)),
        Some(b'<') => xml::import(text, file, digest(bytes), options),
        Some(b'{') if json::is_ours(text) => import_ours(bytes, file),
        Some(b'{') => import_json(Node::parse(text, file)?, file, digest(bytes)),
        Some(_) if options.mapping.is_none() && yaml::has_example(text) => {
            import_json(yaml::example(text, file)?, file, digest(bytes))
        }
        Some(_) => match &options.mapping {
            Some(mapping) => csv::import(text, file, digest(bytes), mapping),
            None if file.to_ascii_lowercase().ends_with(".csv") => {
                Err(ImportError::new(file, Place::File, Fault::NoMapping))
            }
            None => {
                let found = shorten(text.trim_start().lines().next().unwrap_or_default());
                Err(ImportError::new(file, Place::File, Fault::UnknownFormat { found }))
            }
        },
    }
}

fn import_ours(bytes: &[u8], file: &str) -> Result<Imported, ImportError> {
    let document = json::read(bytes, file)?;
    Ok(Imported { document, format: "consign document/1".into(), warnings: Vec::new() })
}

fn import_json(root: Node<'_>, file: &str, sha256: [u8; 32]) -> Result<Imported, ImportError> {
    if root.has("consign") {
        let text = serde_json::to_vec(&root);
        return import_ours(&text.map_err(|e| ImportError::new(file, Place::File, Fault::Json(e.to_string())))?, file);
    }
    if let Some(shape) = dcsa::shape(&root) {
        return dcsa::import(&root, &shape, file, sha256);
    }
    if w3c::is_credential(&root) {
        return w3c::import(&root, file, sha256);
    }
    let keys = match &root {
        Node::Object(members) => members.iter().map(|(name, _)| &**name).take(8).collect::<Vec<_>>().join(", "),
        other => other.type_name().to_owned(),
    };
    Err(ImportError::new(file, Place::File, Fault::UnknownJson { found: shorten(&keys) }))
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn within_limit(bytes: &[u8], file: &str) -> Result<(), ImportError> {
    let fault = || Fault::Oversize { size: bytes.len() };
    if bytes.len() > MAX_FILE { Err(ImportError::new(file, Place::File, fault())) } else { Ok(()) }
}

/// The text of a file: UTF-8, a byte order mark tolerated, at most 64 MiB.
pub(crate) fn text<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str, ImportError> {
    let fail = |fault| Err(ImportError::new(file, Place::File, fault));
    within_limit(bytes, file)?;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return fail(Fault::Encoding { found: "UTF-16".into() });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(e) => fail(Fault::Encoding { found: format!("not UTF-8 from byte {} on", e.valid_up_to()) }),
    }
}

/// Runs of white space as one blank, none around: what XML means by a token, and what prints on one line.
pub(crate) fn collapse(text: &str) -> String {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| all + " " + word)
}

/// A date in the one form that our own files have, `YYYY-MM-DD`.
pub(crate) fn iso_date(text: &str) -> Option<jiff::civil::Date> {
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit()).then(|| s.parse::<i16>().ok()).flatten();
    let (year, month, day) = (text.get(0..4)?, text.get(5..7)?, text.get(8..10)?);
    let form = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    form.then(|| jiff::civil::Date::new(year, month as i8, day as i8).ok()).flatten()
}
