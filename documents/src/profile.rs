//! Profiles: for one kind of document, which fact goes in which column of the table, and in which unit.
//!
//! A profile is versioned and its version is hashed into the start of the chain, so a column never changes its meaning
//! under a commitment. Source: design section 4, `docs/documents.md`.

use std::{fmt, str::FromStr};

/// Kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// What is on board: masses, packages, origins, dangerous goods, containers.
    CargoManifest,
    /// What is asked to be paid.
    CommercialInvoice,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 2] = [Kind::CargoManifest, Kind::CommercialInvoice];

    /// Name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::CargoManifest => "cargo-manifest",
            Kind::CommercialInvoice => "commercial-invoice",
        }
    }

    /// Number that is hashed into the start of the chain; never reused.
    pub fn number(self) -> u32 {
        match self {
            Kind::CargoManifest => 1,
            Kind::CommercialInvoice => 2,
        }
    }

    /// The profile of this kind that new documents get.
    pub fn profile(self) -> &'static Profile {
        match self {
            Kind::CargoManifest => &CARGO_MANIFEST,
            Kind::CommercialInvoice => &COMMERCIAL_INVOICE,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no kind of document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of document {0:?}; known are cargo-manifest and commercial-invoice")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(s: &str) -> Result<Kind, UnknownKind> {
        Kind::ALL.into_iter().find(|k| k.name() == s).ok_or_else(|| UnknownKind(s.into()))
    }
}

/// Where in a row a column lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Measure 0 to 3.
    Measure(u8),
    /// The origin column.
    Origin,
    /// The three HS groups.
    Hs,
    /// First code column.
    C2,
    /// Second code column.
    C3,
}

/// What a column holds, and so which literals a claim on it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// Mass in grams.
    Mass,
    /// Whole packages.
    Packages,
    /// Quantity in thousandths of the document's unit.
    Quantity,
    /// Money in minor units of the document's currency.
    Money,
    /// Days since 1970-01-01.
    Date,
    /// ISO 3166-1 numeric country.
    Country,
    /// HS code of six digits.
    Hs,
    /// UN number of dangerous goods, or none.
    Dangerous,
    /// Container, numbered from 1 by order of appearance, or none.
    Container,
    /// UN/ECE Recommendation 20 unit.
    Unit,
    /// ISO 4217 numeric currency.
    Currency,
}

impl Content {
    /// The code that stands for "not known" in a column of this content; `None` for measures, whose unknown is a zero
    /// with the column not complete. HS chapter 00 does not exist.
    pub fn unknown_code(self) -> Option<u32> {
        match self {
            Content::Country => Some(1023),
            Content::Hs => Some(0),
            Content::Dangerous | Content::Container | Content::Unit | Content::Currency => Some(65_535),
            Content::Mass | Content::Packages | Content::Quantity | Content::Money | Content::Date => None,
        }
    }

    /// The code that stands for "known to be none", where that makes sense.
    pub fn none_code(self) -> Option<u32> {
        matches!(self, Content::Dangerous | Content::Container).then_some(0)
    }
}

/// A column of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// Name in claims and in the canonical document.
    pub name: &'static str,
    /// Where it lies.
    pub place: Place,
    /// What it holds.
    pub content: Content,
}

const fn column(name: &'static str, place: Place, content: Content) -> Column {
    Column { name, place, content }
}

/// Which fact goes where, for goods lines and for the document row.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// Kind of document.
    pub kind: Kind,
    /// Version, hashed into the start of the chain.
    pub version: u32,
    /// Columns of goods lines.
    pub goods: &'static [Column],
    /// Columns of the document row.
    pub document: &'static [Column],
}

impl Profile {
    /// The column of goods lines with this name.
    pub fn goods_column(&self, name: &str) -> Option<&'static Column> {
        self.goods.iter().find(|c| c.name == name)
    }
    /// The column of the document row with this name.
    pub fn document_column(&self, name: &str) -> Option<&'static Column> {
        self.document.iter().find(|c| c.name == name)
    }
}

/// `cargo-manifest`, version 1.
pub static CARGO_MANIFEST: Profile = Profile {
    kind: Kind::CargoManifest,
    version: 1,
    goods: &[
        column("gross_mass", Place::Measure(0), Content::Mass),
        column("net_mass", Place::Measure(1), Content::Mass),
        column("packages", Place::Measure(2), Content::Packages),
        column("value", Place::Measure(3), Content::Money),
        column("origin", Place::Origin, Content::Country),
        column("hs", Place::Hs, Content::Hs),
        column("dangerous", Place::C2, Content::Dangerous),
        column("container", Place::C3, Content::Container),
    ],
    document: &[
        column("issue_date", Place::Measure(0), Content::Date),
        column("gross_mass", Place::Measure(1), Content::Mass),
        column("packages", Place::Measure(2), Content::Packages),
        column("value", Place::Measure(3), Content::Money),
        column("export_country", Place::Origin, Content::Country),
        column("currency", Place::C2, Content::Currency),
        column("import_country", Place::C3, Content::Country),
    ],
};

/// `commercial-invoice`, version 1.
pub static COMMERCIAL_INVOICE: Profile = Profile {
    kind: Kind::CommercialInvoice,
    version: 1,
    goods: &[
        column("net_mass", Place::Measure(0), Content::Mass),
        column("quantity", Place::Measure(1), Content::Quantity),
        column("amount", Place::Measure(2), Content::Money),
        column("packages", Place::Measure(3), Content::Packages),
        column("origin", Place::Origin, Content::Country),
        column("hs", Place::Hs, Content::Hs),
        column("unit", Place::C2, Content::Unit),
    ],
    document: &[
        column("issue_date", Place::Measure(0), Content::Date),
        column("amount", Place::Measure(1), Content::Money),
        column("net_mass", Place::Measure(2), Content::Mass),
        column("packages", Place::Measure(3), Content::Packages),
        column("export_country", Place::Origin, Content::Country),
        column("currency", Place::C2, Content::Currency),
        column("import_country", Place::C3, Content::Country),
    ],
};
