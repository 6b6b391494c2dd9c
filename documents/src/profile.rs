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
    /// What a carrier takes over: bills of lading, waybills, and the instructions they are made from.
    BillOfLading,
    /// What is in which package.
    PackingList,
    /// What goods were made of, and which of it originates in the parties' territory.
    BillOfMaterials,
    /// What loaded containers weigh: one line a container.
    WeightStatement,
    /// What is declared to customs.
    CustomsDeclaration,
    /// Where goods come from, and by which rule.
    CertificateOfOrigin,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Kind; 8] = [
        Kind::CargoManifest,
        Kind::CommercialInvoice,
        Kind::BillOfLading,
        Kind::PackingList,
        Kind::BillOfMaterials,
        Kind::WeightStatement,
        Kind::CustomsDeclaration,
        Kind::CertificateOfOrigin,
    ];

    /// Name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::CargoManifest => "cargo-manifest",
            Kind::CommercialInvoice => "commercial-invoice",
            Kind::BillOfLading => "bill-of-lading",
            Kind::PackingList => "packing-list",
            Kind::BillOfMaterials => "bill-of-materials",
            Kind::WeightStatement => "weight-statement",
            Kind::CustomsDeclaration => "customs-declaration",
            Kind::CertificateOfOrigin => "certificate-of-origin",
        }
    }

    /// The names of all kinds, for messages.
    pub fn names() -> String {
        Kind::ALL.map(Kind::name).join(", ")
    }

    /// Number that is hashed into the start of the chain; never reused.
    pub fn number(self) -> u32 {
        match self {
            Kind::CargoManifest => 1,
            Kind::CommercialInvoice => 2,
            Kind::BillOfLading => 3,
            Kind::PackingList => 4,
            Kind::BillOfMaterials => 5,
            Kind::WeightStatement => 6,
            Kind::CustomsDeclaration => 7,
            Kind::CertificateOfOrigin => 8,
        }
    }

    /// The profile of this kind that new documents get.
    pub fn profile(self) -> &'static Profile {
        match self {
            Kind::CargoManifest => &CARGO_MANIFEST,
            Kind::CommercialInvoice => &COMMERCIAL_INVOICE,
            Kind::BillOfLading => &BILL_OF_LADING,
            Kind::PackingList => &PACKING_LIST,
            Kind::BillOfMaterials => &BILL_OF_MATERIALS,
            Kind::WeightStatement => &WEIGHT_STATEMENT,
            Kind::CustomsDeclaration => &CUSTOMS_DECLARATION,
            Kind::CertificateOfOrigin => &CERTIFICATE_OF_ORIGIN,
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
#[error("unknown kind of document {0:?}; known are {known}", known = Kind::names())]
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
    /// Whether goods originate in the territory that a rule of origin speaks of: 1 yes, 0 no.
    Originating,
    /// Criterion of origin, up to three letters and digits such as `WO`, `PE` or `B`, by the numbers of units.
    Criterion,
    /// Method by which a loaded container was weighed (SOLAS VI/2): 1 as a whole, 2 by its parts.
    Method,
}

impl Content {
    /// The code that stands for "not known" in a column of this content; `None` for measures, whose unknown is a zero
    /// with the column not complete. HS chapter 00 does not exist.
    pub fn unknown_code(self) -> Option<u32> {
        match self {
            Content::Country => Some(1023),
            Content::Hs => Some(0),
            Content::Dangerous
            | Content::Container
            | Content::Unit
            | Content::Currency
            | Content::Originating
            | Content::Criterion
            | Content::Method => Some(65_535),
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
    /// The column of goods lines that holds money, if the kind speaks of money.
    pub fn money(&self) -> Option<&'static Column> {
        self.goods.iter().find(|c| c.content == Content::Money)
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

/// `bill-of-lading`, version 1. The value is the one that the shipper declares to the carrier, if any.
pub static BILL_OF_LADING: Profile = Profile {
    kind: Kind::BillOfLading,
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

/// `packing-list`, version 1.
pub static PACKING_LIST: Profile = Profile {
    kind: Kind::PackingList,
    version: 1,
    goods: &[
        column("gross_mass", Place::Measure(0), Content::Mass),
        column("net_mass", Place::Measure(1), Content::Mass),
        column("packages", Place::Measure(2), Content::Packages),
        column("quantity", Place::Measure(3), Content::Quantity),
        column("origin", Place::Origin, Content::Country),
        column("hs", Place::Hs, Content::Hs),
        column("unit", Place::C2, Content::Unit),
        column("container", Place::C3, Content::Container),
    ],
    document: &[
        column("issue_date", Place::Measure(0), Content::Date),
        column("gross_mass", Place::Measure(1), Content::Mass),
        column("net_mass", Place::Measure(2), Content::Mass),
        column("packages", Place::Measure(3), Content::Packages),
        column("export_country", Place::Origin, Content::Country),
        column("import_country", Place::C3, Content::Country),
    ],
};

/// `bill-of-materials`, version 1. Lines are the materials, the document row is about the goods made of them.
pub static BILL_OF_MATERIALS: Profile = Profile {
    kind: Kind::BillOfMaterials,
    version: 1,
    goods: &[
        column("value", Place::Measure(0), Content::Money),
        column("net_mass", Place::Measure(1), Content::Mass),
        column("quantity", Place::Measure(2), Content::Quantity),
        column("origin", Place::Origin, Content::Country),
        column("hs", Place::Hs, Content::Hs),
        column("originating", Place::C2, Content::Originating),
        column("unit", Place::C3, Content::Unit),
    ],
    document: &[
        column("issue_date", Place::Measure(0), Content::Date),
        column("value", Place::Measure(1), Content::Money),
        column("product_value", Place::Measure(2), Content::Money),
        column("product_mass", Place::Measure(3), Content::Mass),
        column("export_country", Place::Origin, Content::Country),
        column("product_hs", Place::Hs, Content::Hs),
        column("currency", Place::C2, Content::Currency),
        column("import_country", Place::C3, Content::Country),
    ],
};

/// `weight-statement`, version 1. Lines are containers: the mass of the cargo with its packing, of the empty container, of
/// both as verified, and the greatest that the container's safety plate allows.
pub static WEIGHT_STATEMENT: Profile = Profile {
    kind: Kind::WeightStatement,
    version: 1,
    goods: &[
        column("gross_mass", Place::Measure(0), Content::Mass),
        column("tare_mass", Place::Measure(1), Content::Mass),
        column("verified_mass", Place::Measure(2), Content::Mass),
        column("max_gross_mass", Place::Measure(3), Content::Mass),
        column("method", Place::C2, Content::Method),
        column("container", Place::C3, Content::Container),
    ],
    document: &[
        column("issue_date", Place::Measure(0), Content::Date),
        column("gross_mass", Place::Measure(1), Content::Mass),
        column("tare_mass", Place::Measure(2), Content::Mass),
        column("verified_mass", Place::Measure(3), Content::Mass),
        column("export_country", Place::Origin, Content::Country),
        column("import_country", Place::C3, Content::Country),
    ],
};

/// `customs-declaration`, version 1. The value is the statistical or customs value.
pub static CUSTOMS_DECLARATION: Profile = Profile {
    kind: Kind::CustomsDeclaration,
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

/// `certificate-of-origin`, version 1.
pub static CERTIFICATE_OF_ORIGIN: Profile = Profile {
    kind: Kind::CertificateOfOrigin,
    version: 1,
    goods: &[
        column("gross_mass", Place::Measure(0), Content::Mass),
        column("quantity", Place::Measure(1), Content::Quantity),
        column("packages", Place::Measure(2), Content::Packages),
        column("value", Place::Measure(3), Content::Money),
        column("origin", Place::Origin, Content::Country),
        column("hs", Place::Hs, Content::Hs),
        column("criterion", Place::C2, Content::Criterion),
        column("unit", Place::C3, Content::Unit),
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
