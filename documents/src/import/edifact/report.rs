//! What the reading of an interchange leaves behind beside the document: warnings and what was dropped; and how a
//! single fact is read out of a segment.

use std::cell::RefCell;

use super::{Read, segment::Seg};
use crate::{
    codes::{CodeError, Country, Currency},
    error::{Fault, ImportError, Place},
    import::{Warning, dropped::Dropped, facts::is_placeholder, tree::Amount, warned::Warned},
    quantity::{Decimal, Mass, QuantityError, shorten},
};

/// An interchange being read.
pub(super) struct Report<'a> {
    file: &'a str,
    decimal_mark: u8,
    warned: Warned,
    dropped: RefCell<Dropped>,
}

impl<'a> Report<'a> {
    pub fn new(file: &'a str, decimal_mark: u8) -> Report<'a> {
        Report { file, decimal_mark, warned: Warned::default(), dropped: RefCell::default() }
    }

    pub fn fail(&self, segment: &Seg<'_>, fault: impl Into<Fault>) -> ImportError {
        self.fail_at(segment.place(), fault)
    }

    pub fn fail_at(&self, place: Place, fault: impl Into<Fault>) -> ImportError {
        ImportError::new(self.file, place, fault)
    }

    /// Warns that a fact was left out. Equal warnings are counted, so `text` says nothing of a single line.
    pub fn warn(&self, segment: &Seg<'_>, text: impl Into<String>) {
        self.warn_at(segment.place(), text);
    }

    pub fn warn_at(&self, place: Place, text: impl Into<String>) {
        self.warned.add(place, text);
    }

    /// The warnings, in the order in which they arose.
    pub fn warnings(&self) -> Vec<Warning> {
        self.warned.list()
    }

    /// Notes what nobody read of a segment; `within` is what it belongs to, such as `GID/`.
    pub fn unread(&self, within: &str, segment: &Seg<'_>) {
        let (name, values) = segment.unread();
        self.drop(format!("{within}{name}"), &values);
    }

    /// Notes a fact that was read and has no place in the document.
    pub fn drop(&self, name: String, value: &str) {
        self.dropped.borrow_mut().add(name, value);
    }

    /// What was dropped.
    pub fn dropped(&self) -> Vec<String> {
        self.dropped.take().list()
    }

    /// The text of a component; a placeholder says nothing, with a warning.
    pub fn said(&self, segment: &Seg<'_>, (element, component): (usize, usize), fact: &str) -> Option<String> {
        let text = segment.text(element, component);
        if is_placeholder(&text) {
            self.warn(segment, format!("{fact}: the placeholder {:?} says nothing: unknown", shorten(&text)));
            return None;
        }
        Some(text).filter(|text| !text.is_empty())
    }

    pub fn code<T>(
        &self,
        segment: &Seg<'_>,
        at: (usize, usize),
        fact: &str,
        parse: impl Fn(&str) -> Result<T, CodeError>,
    ) -> Read<Option<T>> {
        let Some(text) = self.said(segment, at, fact) else { return Ok(None) };
        parse(&text).map(Some).map_err(|error| self.fail(segment, Fault::Code { fact: fact.into(), error }))
    }

    /// The country of a LOC, whatever list it says the code is of: two letters are of one only.
    pub fn country(&self, loc: &Seg<'_>, fact: &str) -> Read<Option<Country>> {
        let _ = (loc.text(1, 1), loc.text(1, 2));
        self.code(loc, (1, 0), fact, Country::new)
    }

    /// A figure. Its decimal mark is the one that UNA names, else the point; there are no separators of thousands.
    pub fn decimal(&self, segment: &Seg<'_>, at: (usize, usize), fact: &str) -> Read<Option<Decimal>> {
        let Some(text) = self.said(segment, at, fact) else { return Ok(None) };
        let quantity = |error| self.fail(segment, Fault::Quantity { fact: fact.into(), error });
        if self.decimal_mark != b',' {
            return Decimal::read(&text).map(Some).map_err(quantity);
        }
        // Where the comma is the mark, a point could part thousands.
        if text.contains('.') {
            return Err(quantity(QuantityError::NotDecimal { found: shorten(&text) }));
        }
        Decimal::read(&text.replacen(',', ".", 1)).map(Some).map_err(quantity)
    }

    /// A mass: its unit and its figure.
    pub fn mass(&self, segment: &Seg<'_>, unit: (usize, usize), at: (usize, usize), fact: &str) -> Read<Option<Mass>> {
        let Some(figure) = self.decimal(segment, at, fact)? else { return Ok(None) };
        let unit = segment.text(unit.0, unit.1);
        let quantity = |error| self.fail(segment, Fault::Quantity { fact: fact.into(), error });
        Mass::new(figure, &unit).map(Some).map_err(quantity)
    }

    pub fn packages(&self, segment: &Seg<'_>, at: (usize, usize)) -> Read<Option<u64>> {
        let Some(figure) = self.decimal(segment, at, "packages")? else { return Ok(None) };
        let quantity = |error| self.fail(segment, Fault::Quantity { fact: "packages".into(), error });
        figure.packages().map(Some).map_err(quantity)
    }

    /// The amount of a MOA, in its own currency or else in the default one.
    pub fn amount(&self, segment: &Seg<'_>, default: Option<Currency>) -> Read<Option<Amount>> {
        let Some(value) = self.decimal(segment, (0, 1), "value")? else { return Ok(None) };
        let own = self.code(segment, (0, 2), "currency", Currency::new)?;
        let missing = || {
            let error = CodeError::Currency { found: String::new() };
            self.fail(segment, Fault::Code { fact: "currency".into(), error })
        };
        let currency = own.or(default).ok_or_else(missing)?;
        Ok(Some(Amount { value, currency }))
    }
}
