//! The document: header facts and goods lines of one kind, checked once when it is made.
//!
//! In: facts that an importer has parsed into types. Out: the [`Table`] that the circuits know, the [`Facts`] beside it,
//! the canonical JSON, and its leaves, over which the document digest runs. A [`Document`] that exists is well-formed:
//! its rows fit, its totals agree, its text prints. Source: design section 4, `docs/documents.md`.

mod canonical;
mod check;
mod derive;
mod draft;
mod form;

use std::{collections::BTreeMap, fmt};

use bigdecimal::BigDecimal;
use jiff::civil::Date;

pub(crate) use self::draft::Draft;
pub use self::{
    check::{Invalid, InvalidFault},
    form::Form,
};
use crate::{
    codes::{Country, Criterion, Currency, Dangerous, HsCode, Method, Unit},
    error::ImportError,
    facts::Facts,
    profile::{Column, Kind, Profile},
    quantity::{Decimal, Mass},
    table::Table,
};

/// Name and version of the canonical form, the value of its key `consign`.
pub const FORMAT: &str = "document/1";

/// A well-formed document of one kind.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    kind: Kind,
    header: Header,
    source: Option<Source>,
    table: Table,
    /// In the order of their numbers.
    containers: Vec<Box<str>>,
    /// How many lines have the fact of each column.
    known: Vec<usize>,
    /// The unit of all quantities, if it is one.
    unit: Option<Unit>,
    /// The canonical form, which alone has the words of the lines.
    json: String,
}

/// Facts of the document as a whole. An absent fact is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Number that the issuer gave it: 1 to 200 characters.
    pub number: String,
    /// Day of issue, from 1970-01-01.
    pub issue_date: Option<Date>,
    /// The one currency of all its money.
    pub currency: Option<Currency>,
    /// Country the goods leave.
    pub export_country: Option<Country>,
    /// Country the goods enter.
    pub import_country: Option<Country>,
    /// Totals as declared; where the lines say the same fact, they agree.
    pub totals: Totals,
    /// The goods that a bill of materials is about.
    pub product: Product,
    /// Parties by role, such as `consignor`.
    pub parties: BTreeMap<String, Party>,
    /// References to other things by name, such as `shipment` and `order`.
    pub references: BTreeMap<String, String>,
}

/// Totals that a header declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Gross mass.
    pub gross_mass: Option<Mass>,
    /// Net mass.
    pub net_mass: Option<Mass>,
    /// Mass of the empty containers (weight statement).
    pub tare_mass: Option<Mass>,
    /// Verified mass of the loaded containers (weight statement).
    pub verified_mass: Option<Mass>,
    /// Whole packages, below 2^47.
    pub packages: Option<u64>,
    /// Amount of an invoice, value of another document.
    pub money: Option<Decimal>,
}

/// The finished goods of a bill of materials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// What they are.
    pub description: Option<String>,
    /// Their HS code.
    pub hs: Option<HsCode>,
    /// Their value free on board, in the document's currency.
    pub value: Option<Decimal>,
    /// Their net mass.
    pub mass: Option<Mass>,
}

/// Somebody named in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Name.
    pub name: Option<String>,
    /// Identifier, such as a tax number.
    pub identifier: Option<String>,
    /// Address in one line, without the country.
    pub address: Option<String>,
    /// Country of the address.
    pub country: Option<Country>,
}

/// A quantity and its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The figure, at most three decimals.
    pub value: Decimal,
    /// The unit, if it is known.
    pub unit: Option<Unit>,
}

/// The container a line travels in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// Declared to travel in none.
    None,
    /// Identifier, such as `MSKU9070323`.
    Id(String),
}

/// A goods line. An absent fact is unknown, which is neither zero nor none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Identifier, unique in the document: 1 to 200 characters.
    pub id: String,
    /// What the goods are.
    pub description: Option<String>,
    /// HS code.
    pub hs: Option<HsCode>,
    /// Country of origin.
    pub origin: Option<Country>,
    /// Gross mass; of a container's contents in a weight statement.
    pub gross_mass: Option<Mass>,
    /// Net mass.
    pub net_mass: Option<Mass>,
    /// Mass of the empty container.
    pub tare_mass: Option<Mass>,
    /// Verified mass of the loaded container.
    pub verified_mass: Option<Mass>,
    /// Greatest mass of the loaded container that its safety plate (CSC) allows.
    pub max_gross_mass: Option<Mass>,
    /// Whole packages, below 2^47.
    pub packages: Option<u64>,
    /// Amount of an invoice's line, value of another's, in the document's currency.
    pub money: Option<Decimal>,
    /// Quantity.
    pub quantity: Option<Quantity>,
    /// Dangerous goods, or none.
    pub dangerous: Option<Dangerous>,
    /// Container.
    pub container: Option<Container>,
    /// Whether the material originates where the rule of origin asks.
    pub originating: Option<bool>,
    /// Criterion by which the goods originate.
    pub criterion: Option<Criterion>,
    /// How the container was weighed.
    pub method: Option<Method>,
}

impl Line {
    /// The mass in the column of this name.
    pub(crate) fn mass(&self, column: &str) -> Option<&Mass> {
        match column {
            "gross_mass" => self.gross_mass.as_ref(),
            "net_mass" => self.net_mass.as_ref(),
            "tare_mass" => self.tare_mass.as_ref(),
            "verified_mass" => self.verified_mass.as_ref(),
            "max_gross_mass" => self.max_gross_mass.as_ref(),
            _ => None,
        }
    }

    /// Whether the line has the fact of the column of this name.
    pub(crate) fn states(&self, column: &str) -> bool {
        match column {
            "hs" => self.hs.is_some(),
            "origin" => self.origin.is_some(),
            "packages" => self.packages.is_some(),
            "value" | "amount" => self.money.is_some(),
            "quantity" => self.quantity.is_some(),
            "unit" => self.quantity.as_ref().is_some_and(|q| q.unit.is_some()),
            "dangerous" => self.dangerous.is_some(),
            "container" => self.container.is_some(),
            "originating" => self.originating.is_some(),
            "criterion" => self.criterion.is_some(),
            "method" => self.method.is_some(),
            mass => self.mass(mass).is_some(),
        }
    }
}

impl Totals {
    /// The mass declared for the column of this name.
    pub(crate) fn mass(&self, column: &str) -> Option<&Mass> {
        match column {
            "gross_mass" => self.gross_mass.as_ref(),
            "net_mass" => self.net_mass.as_ref(),
            "tare_mass" => self.tare_mass.as_ref(),
            "verified_mass" => self.verified_mass.as_ref(),
            _ => None,
        }
    }
}

impl Kind {
    /// Name of the money fact in documents of this kind, if it has one.
    pub(crate) fn money_key(self) -> Option<&'static str> {
        self.profile().money().map(|column| column.name)
    }
}

/// The file that a document was imported from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its format, such as `UBL 2.3 Manifest`.
    pub format: String,
    /// What it said beyond this model, one entry a kind of fact.
    pub dropped: Vec<String>,
}

impl Document {
    /// Makes a document, checking everything that no fact alone shows.
    ///
    /// # Errors
    /// [`Invalid`], with the place of the fact in the canonical document.
    pub fn new(kind: Kind, header: Header, lines: &[Line], source: Option<Source>) -> Result<Document, Invalid> {
        let mut draft = Draft::new(kind);
        lines.iter().try_for_each(|line| draft.push(&header, line))?;
        draft.finish(header, source)
    }

    /// Reads the canonical JSON that [`Document::as_json`] has; other JSON of the same keys is read too, so that
    /// people can write it by hand. `file` is the name that errors carry.
    ///
    /// # Errors
    /// [`ImportError`]: unknown, missing or repeated keys, values of another type or beyond their limits, and
    /// everything that [`Document::new`] refuses.
    pub fn from_json(bytes: &[u8], file: &str) -> Result<Document, ImportError> {
        crate::import::json::read(bytes, file)
    }

    /// The canonical form: JSON by RFC 8785, at most 64 MiB.
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// The canonical form as a JSON value: what [`Document::as_json`] is the text of.
    pub fn to_value(&self) -> serde_json::Value {
        canonical::value(self)
    }

    /// Every leaf of the canonical form, as JSON pointer (RFC 6901) and canonical text of the value, sorted by pointer.
    /// Empty lists and objects are leaves. Together they say every word of the document.
    pub fn leaves(&self) -> Vec<(String, String)> {
        canonical::leaves(self)
    }

    /// Kind of the document.
    pub fn kind(&self) -> Kind {
        self.kind
    }
    /// Its profile.
    pub fn profile(&self) -> &'static Profile {
        self.kind.profile()
    }
    /// Facts of the whole.
    pub fn header(&self) -> &Header {
        &self.header
    }
    /// Goods lines, at least one, read anew from the canonical form.
    pub fn lines(&self) -> Vec<Line> {
        crate::import::json::lines(self)
    }
    /// How many goods lines there are.
    pub(crate) fn line_count(&self) -> usize {
        self.table.rows().len() - 1
    }
    /// Number that the issuer gave it.
    pub fn number(&self) -> &str {
        &self.header.number
    }
    /// Day of issue.
    pub fn issue_date(&self) -> Option<Date> {
        self.header.issue_date
    }
    /// The file it was imported from.
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }
    /// Containers in the order in which lines first name them: the one at index `i` has number `i + 1` in the table.
    pub fn containers(&self) -> Vec<&str> {
        self.containers.iter().map(|id| &**id).collect()
    }
    /// The rows: the document row, then one a line.
    pub fn table(&self) -> Table {
        self.table.clone()
    }
    /// Each column of goods lines, and how many lines have its fact.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&'static Column, usize)> {
        self.profile().goods.iter().zip(self.known.iter().copied())
    }
    /// What a claim may depend on beside the rows.
    pub fn facts(&self) -> Facts {
        derive::facts(self)
    }
}

impl fmt::Debug for Document {
    /// Documents are confidential: kind and length only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({}, {} lines)", self.kind, self.line_count())
    }
}

/// The facts of a line that a header may total, by their names in the profile.
pub(crate) fn exact_sum(masses: impl Iterator<Item = BigDecimal>) -> BigDecimal {
    masses.fold(BigDecimal::default(), |sum, m| sum + m)
}
