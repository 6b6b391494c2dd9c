//! What no fact alone shows: goods there are, identifiers are unique, totals agree, text prints, facts suit the kind.

use bigdecimal::BigDecimal;
use jiff::civil::Date;

use super::{Container, Header, Line, Party, Source, Totals, form::is_plain_name};
use crate::{
    error::MAX_FILE,
    profile::Kind,
    quantity::{MAX_MEASURE, QuantityError, round_to_gram, shorten},
    table::OutOfRange,
};

/// Longest identifier, number or reference, in characters.
pub const MAX_NAME: usize = 200;
/// Longest description, address or other text, in characters.
pub const MAX_TEXT: usize = 4_000;
/// Facts of a line that only some kinds have a column for, beside money.
const LINE_FACTS: [&str; 14] = [
    "hs",
    "origin",
    "gross_mass",
    "net_mass",
    "tare_mass",
    "verified_mass",
    "max_gross_mass",
    "packages",
    "quantity",
    "dangerous",
    "container",
    "originating",
    "criterion",
    "method",
];
/// Masses that a header may total.
const TOTAL_MASSES: [&str; 4] = ["gross_mass", "net_mass", "tare_mass", "verified_mass"];
/// Containers that column `c3` can number; 65,535 stands for unknown.
pub(super) const MAX_CONTAINERS: usize = 65_534;

/// Facts that make no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct Invalid {
    /// Where, as a JSON pointer into the canonical document.
    pub pointer: String,
    /// Index of the goods line, if it lies on one.
    pub line: Option<usize>,
    /// What.
    pub fault: InvalidFault,
}

/// What is wrong with the facts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFault {
    /// No goods lines.
    #[error("no goods lines; accepted is at least one")]
    NoGoods,
    /// Two lines with one identifier.
    #[error("two goods lines {id:?}; accepted is one line of each identifier")]
    DuplicateLine {
        /// The identifier.
        id: String,
    },
    /// A declared total that is not the total of the lines.
    #[error("{fact}: the declared total is {declared}, the lines make {lines}; accepted are totals that agree")]
    TotalsDisagree {
        /// Name of the fact.
        fact: &'static str,
        /// As declared.
        declared: String,
        /// Of the lines.
        lines: String,
    },
    /// Money without a currency.
    #[error("{fact}: an amount without a currency; accepted is one currency for the document")]
    NoCurrency {
        /// Name of the fact.
        fact: &'static str,
    },
    /// A figure that does not fit.
    #[error("{fact}: {error}")]
    Quantity {
        /// Name of the fact.
        fact: &'static str,
        /// Why.
        error: QuantityError,
    },
    /// A fact that documents of this kind do not have.
    #[error("{fact}: a {kind} has no such fact")]
    NoColumn {
        /// Name of the fact.
        fact: &'static str,
        /// Kind of document.
        kind: Kind,
    },
    /// A date before the day that counting starts at.
    #[error("issue_date: {found} is before 1970; accepted is 1970-01-01 and later")]
    Before1970 {
        /// The date.
        found: Date,
    },
    /// Text that is missing.
    #[error("{what}: no text; accepted are 1 to {max} characters")]
    EmptyText {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// Text beyond its limit.
    #[error("{what}: {length} characters; accepted are at most {max}")]
    LongText {
        /// Of what.
        what: &'static str,
        /// Characters found.
        length: usize,
        /// The limit.
        max: usize,
    },
    /// Characters that do not print: they could forge what a terminal shows.
    #[error("{what}: the control character U+{code:04X}; accepted is text that prints")]
    Control {
        /// Of what.
        what: &'static str,
        /// The character.
        code: u32,
    },
    /// Blanks around a name, which would make it differ from itself.
    #[error("{what}: white space around {found:?}; accepted is text without")]
    Padded {
        /// Of what.
        what: &'static str,
        /// The text.
        found: String,
    },
    /// A role or reference name that is not plain.
    #[error(
        "{what}: the name {found:?}; accepted are lower-case letters, digits and underscores, at most 40, and `document` is taken"
    )]
    Name {
        /// Of what.
        what: &'static str,
        /// The name.
        found: String,
    },
    /// A container named like the word for no container.
    #[error("container: the identifier \"none\"; accepted is any other, for that word says that there is no container")]
    Reserved,
    /// More containers than the column can number.
    #[error("{found} containers; accepted are at most {MAX_CONTAINERS}")]
    Containers {
        /// Containers found.
        found: usize,
    },
    /// A canonical form beyond the limit.
    #[error("the canonical document has more than {MAX_FILE} bytes; accepted are at most {MAX_FILE}")]
    Oversize,
    /// A figure that no column takes.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl InvalidFault {
    pub(super) fn quantity(fact: &'static str) -> impl Fn(QuantityError) -> InvalidFault {
        move |error| InvalidFault::Quantity { fact, error }
    }

    pub(crate) fn hint(&self) -> &'static str {
        match self {
            InvalidFault::NoGoods => "a document without goods proves nothing; check that the lines were exported",
            InvalidFault::DuplicateLine { .. } => "number the lines so that each has its own identifier",
            InvalidFault::TotalsDisagree { .. } => "ask whoever issued the document which figure is right",
            InvalidFault::NoCurrency { .. } => "state the currency of the amounts",
            InvalidFault::NoColumn { .. } => "leave the fact out, or state it in a document of the other kind",
            InvalidFault::Oversize | InvalidFault::Containers { .. } => "split the document",
            _ => "correct the fact in the document that the file was exported from",
        }
    }
}

/// A fault of a line's fact.
pub(super) fn at_line(line: usize, fact: &str, fault: InvalidFault) -> Invalid {
    Invalid { pointer: format!("/lines/{line}/{fact}"), line: Some(line), fault }
}

/// A fault of a header fact, by its column's name.
pub(super) fn at_header(fact: &str, fault: InvalidFault) -> Invalid {
    let pointer = match fact {
        "issue_date" | "currency" | "export_country" | "import_country" => format!("/{fact}"),
        _ => match fact.strip_prefix("product_") {
            Some(fact) => format!("/product/{fact}"),
            None => format!("/totals/{fact}"),
        },
    };
    Invalid { pointer, line: None, fault }
}

pub(super) fn header(kind: Kind, header: &Header) -> Result<(), Invalid> {
    let at = |pointer: String| move |fault| Invalid { pointer, line: None, fault };
    name("number", &header.number).map_err(at("/number".into()))?;
    let product = &header.product;
    if let Some(description) = &product.description {
        text("description", description).map_err(at("/product/description".into()))?;
    }
    let of_product =
        product.description.is_some() || product.hs.is_some() || product.value.is_some() || product.mass.is_some();
    for (fact, present) in [("currency", header.currency.is_some()), ("product_value", of_product)] {
        if present && kind.profile().document_column(fact).is_none() {
            return Err(at_header(fact, InvalidFault::NoColumn { fact, kind }));
        }
    }
    for (key, reference) in &header.references {
        plain("references", key).map_err(at("/references".into()))?;
        name("reference", reference).map_err(at(format!("/references/{key}")))?;
    }
    for (role, party) in &header.parties {
        plain("parties", role).map_err(at("/parties".into()))?;
        let Party { name: called, identifier, address, country: _ } = party;
        for (what, value) in [("name", called), ("identifier", identifier), ("address", address)] {
            let Some(value) = value else { continue };
            text(what, value).map_err(at(format!("/parties/{role}/{what}")))?;
        }
    }
    Ok(())
}

pub(super) fn source(source: &Source) -> Result<(), Invalid> {
    let at = |pointer: String| move |fault| Invalid { pointer, line: None, fault };
    name("format", &source.format).map_err(at("/source/format".into()))?;
    for (i, dropped) in source.dropped.iter().enumerate() {
        text("dropped", dropped).map_err(at(format!("/source/dropped/{i}")))?;
    }
    Ok(())
}

pub(super) fn line(kind: Kind, line: &Line) -> Result<(), (&'static str, InvalidFault)> {
    let on = |fact| move |fault| (fact, fault);
    name("id", &line.id).map_err(on("id"))?;
    if let Some(description) = &line.description {
        text("description", description).map_err(on("description"))?;
    }
    if let Some(Container::Id(id)) = &line.container {
        name("container", id).map_err(on("container"))?;
        if id == "none" {
            return Err(("container", InvalidFault::Reserved));
        }
    }
    let without_column = |fact: &&str| line.states(fact) && kind.profile().goods_column(fact).is_none();
    if let Some(fact) = LINE_FACTS.into_iter().find(without_column) {
        return Err((fact, InvalidFault::NoColumn { fact, kind }));
    }
    if line.money.is_some() && kind.profile().money().is_none() {
        return Err(("value", InvalidFault::NoColumn { fact: "value", kind }));
    }
    packages(line.packages).map_err(on("packages"))
}

fn packages(packages: Option<u64>) -> Result<(), InvalidFault> {
    match packages.filter(|&n| n > MAX_MEASURE) {
        Some(n) => Err(InvalidFault::Quantity {
            fact: "packages",
            error: QuantityError::TooLarge { found: n.to_string(), unit: "packages" },
        }),
        None => Ok(()),
    }
}

/// What the lines make of the totals that a header declares.
#[derive(Default)]
pub(super) struct Sums {
    masses: [BigDecimal; TOTAL_MASSES.len()],
    packages: u128,
    money: BigDecimal,
}

impl Sums {
    /// Adds what a line has of the facts that are declared.
    pub fn add(&mut self, declared: &Totals, line: &Line) {
        for (sum, fact) in self.masses.iter_mut().zip(TOTAL_MASSES) {
            if let (Some(_), Some(mass)) = (declared.mass(fact), line.mass(fact)) {
                *sum += mass.exact_grams();
            }
        }
        self.packages += u128::from(line.packages.unwrap_or_default());
        if let (Some(_), Some(money)) = (&declared.money, &line.money) {
            self.money += money.value();
        }
    }
}

/// Declared totals against the lines: equal where every line has the fact, no less than the lines' sum where some
/// lack it. Masses are compared after rounding the exact sum to the gram. `whole` says whether every line has a fact.
pub(super) fn totals(kind: Kind, header: &Header, sums: &Sums, whole: impl Fn(&str) -> bool) -> Result<(), Invalid> {
    let totals = &header.totals;
    for (sum, fact) in sums.masses.iter().zip(TOTAL_MASSES) {
        let Some(declared) = totals.mass(fact) else { continue };
        if kind.profile().goods_column(fact).is_none() {
            return Err(at_header(fact, InvalidFault::NoColumn { fact, kind }));
        }
        let grams = round_to_gram(sum);
        let agree = grams.is_some_and(|g| if whole(fact) { g == declared.grams() } else { g <= declared.grams() });
        disagree(agree, fact, declared, format!("{} g", sum.normalized().to_plain_string()))?;
    }
    packages(totals.packages).map_err(|fault| at_header("packages", fault))?;
    if let Some(declared) = totals.packages {
        let fact = "packages";
        if kind.profile().goods_column(fact).is_none() {
            return Err(at_header(fact, InvalidFault::NoColumn { fact, kind }));
        }
        let (sum, declared) = (sums.packages, u128::from(declared));
        let agree = if whole(fact) { sum == declared } else { sum <= declared };
        disagree(agree, fact, &declared, sum.to_string())?;
    }
    if let Some(declared) = &totals.money {
        let fact =
            kind.money_key().ok_or_else(|| at_header("value", InvalidFault::NoColumn { fact: "value", kind }))?;
        let sum = &sums.money;
        let agree = if whole(fact) { *sum == declared.value() } else { *sum <= declared.value() };
        disagree(agree, fact, declared, sum.normalized().to_plain_string())?;
    }
    Ok(())
}

fn disagree(agree: bool, fact: &'static str, declared: &impl ToString, lines: String) -> Result<(), Invalid> {
    let fault = || InvalidFault::TotalsDisagree { fact, declared: declared.to_string(), lines };
    if agree { Ok(()) } else { Err(at_header(fact, fault())) }
}

/// A text that prints: any length up to the limit.
fn text(what: &'static str, value: &str) -> Result<(), InvalidFault> {
    bounded(what, value, MAX_TEXT)
}

/// An identifier: some text, short, with no blanks around it, since it is compared letter by letter.
fn name(what: &'static str, value: &str) -> Result<(), InvalidFault> {
    bounded(what, value, MAX_NAME)?;
    match value.trim() == value {
        true => Ok(()),
        false => Err(InvalidFault::Padded { what, found: shorten(value) }),
    }
}

fn bounded(what: &'static str, value: &str, max: usize) -> Result<(), InvalidFault> {
    if value.is_empty() {
        return Err(InvalidFault::EmptyText { what, max });
    }
    let length = value.chars().count();
    if length > max {
        return Err(InvalidFault::LongText { what, length, max });
    }
    match value.chars().find(|c| c.is_control()) {
        Some(c) => Err(InvalidFault::Control { what, code: c.into() }),
        None => Ok(()),
    }
}

fn plain(what: &'static str, key: &str) -> Result<(), InvalidFault> {
    let taken = what == "references" && key == "document";
    match is_plain_name(key) && !taken {
        true => Ok(()),
        false => Err(InvalidFault::Name { what, found: shorten(key) }),
    }
}
