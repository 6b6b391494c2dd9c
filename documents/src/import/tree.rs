//! Reading facts out of JSON that others wrote, with the place of each, and keeping account of what was not read.
//!
//! The counterpart of the XML reader: absent and `null` say nothing, placeholders say nothing with a warning, a value of
//! another type is an error, and every scalar that no importer asked for is listed as dropped.

use std::{cell::RefCell, collections::HashSet, ptr};

use super::{
    Imported, Warning, collapse, dropped::Dropped, facts::is_placeholder, iso_date, node::Node, warned::Warned,
};
use crate::{
    codes::{CodeError, Country, Currency, HsCode},
    document::{Document, Header, Line, Source},
    error::{Fault, ImportError, Place},
    profile::Kind,
    quantity::{Decimal, Mass, QuantityError, shorten},
};

pub(crate) type Read<T> = Result<T, ImportError>;

/// A value and where it stands.
#[derive(Clone)]
pub(crate) struct At<'a> {
    pub node: &'a Node<'a>,
    pointer: String,
}

/// An amount of money in its currency.
pub(crate) struct Amount {
    pub value: Decimal,
    pub currency: Currency,
}

/// A file being read.
pub(crate) struct Tree<'a> {
    file: &'a str,
    /// Where the scalars stand that were read.
    used: RefCell<HashSet<*const ()>>,
    warned: Warned,
}

impl<'a> Tree<'a> {
    pub fn new(file: &'a str) -> Tree<'a> {
        Tree { file, used: RefCell::default(), warned: Warned::default() }
    }

    /// The root of a file, or of the part of it that is the document.
    pub fn root(node: &'a Node<'a>, pointer: &str) -> At<'a> {
        At { node, pointer: pointer.to_owned() }
    }

    pub fn fail(&self, at: &At<'_>, fault: impl Into<Fault>) -> ImportError {
        ImportError::new(self.file, Place::Pointer(at.pointer.clone()), fault)
    }

    /// Warns that a fact was left out. Equal warnings are counted, so `text` says nothing of a single line.
    pub fn warn(&self, at: &At<'_>, text: impl Into<String>) {
        self.warned.add(Place::Pointer(at.pointer.clone()), text);
    }

    /// The warnings, in the order in which they arose.
    pub fn warnings(&self) -> Vec<Warning> {
        self.warned.list()
    }

    fn wrong_type(&self, at: &At<'_>, accepted: &'static str) -> ImportError {
        self.fail(at, Fault::Type { found: at.node.type_name(), accepted })
    }

    /// The member of an object; absent and `null` are nothing.
    pub fn get(&self, at: &At<'a>, key: &str) -> Read<Option<At<'a>>> {
        match at.node {
            Node::Object(_) => Ok(at.node.get(key).filter(|node| !matches!(node, Node::Null)).map(|node| At {
                node,
                // As RFC 6901 writes a key.
                pointer: format!("{}/{}", at.pointer, key.replace('~', "~0").replace('/', "~1")),
            })),
            _ => Err(self.wrong_type(at, "an object")),
        }
    }

    /// The value at the end of a path of keys.
    pub fn at(&self, at: &At<'a>, path: &[&str]) -> Read<Option<At<'a>>> {
        let mut at = Some(at.clone());
        for key in path {
            let Some(parent) = at else { break };
            at = self.get(&parent, key)?;
        }
        Ok(at)
    }

    /// The items of a list; one value that is no list is a list of one, as JSON-LD has it.
    pub fn items(&self, at: &At<'a>, key: &str) -> Read<Vec<At<'a>>> {
        let Some(list) = self.get(at, key)? else { return Ok(Vec::new()) };
        let Node::List(items) = list.node else { return Ok(vec![list]) };
        let item = |(i, node)| At { node, pointer: format!("{}/{i}", list.pointer) };
        Ok(items.iter().enumerate().map(item).filter(|at| !matches!(at.node, Node::Null)).collect())
    }

    /// A scalar as text, read and so not dropped; white space collapsed.
    pub fn text(&self, at: &At<'a>) -> Read<String> {
        let text = scalar(at.node).ok_or_else(|| self.wrong_type(at, "a string or a number"))?;
        self.used.borrow_mut().insert(ptr::from_ref(at.node).cast());
        Ok(collapse(&text))
    }

    /// The text at the end of a path; one without characters, or a placeholder, says nothing.
    pub fn text_at(&self, at: &At<'a>, path: &[&str]) -> Read<Option<String>> {
        match self.at(at, path)? {
            Some(found) => self.said(&found, path.last().copied().unwrap_or_default()),
            None => Ok(None),
        }
    }

    /// The text of a value, unless it says nothing.
    pub fn said(&self, at: &At<'a>, fact: &str) -> Read<Option<String>> {
        let text = self.text(at)?;
        if is_placeholder(&text) {
            self.warn(at, format!("{fact}: the placeholder {:?} says nothing: unknown", shorten(&text)));
            return Ok(None);
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// Several texts as one.
    pub fn texts(&self, at: &At<'a>, key: &str) -> Read<Option<String>> {
        let mut texts = Vec::new();
        for item in self.items(at, key)? {
            texts.extend(self.said(&item, key)?);
        }
        Ok(Some(texts.join(" ")).filter(|t| !t.is_empty()))
    }

    pub fn code<T>(&self, at: &At<'a>, fact: &str, parse: impl Fn(&str) -> Result<T, CodeError>) -> Read<Option<T>> {
        let Some(text) = self.said(at, fact)? else { return Ok(None) };
        parse(&text).map(Some).map_err(|error| self.fail(at, Fault::Code { fact: fact.into(), error }))
    }

    pub fn code_at<T>(
        &self,
        at: &At<'a>,
        key: &str,
        fact: &str,
        parse: impl Fn(&str) -> Result<T, CodeError>,
    ) -> Read<Option<T>> {
        match self.get(at, key)? {
            Some(found) => self.code(&found, fact, parse),
            None => Ok(None),
        }
    }

    /// The one code of several in a list: codes that differ in six digits are none, with a warning.
    pub fn one_hs(&self, codes: &[At<'a>]) -> Read<Option<HsCode>> {
        let mut found: Option<HsCode> = None;
        for at in codes {
            let Some(code) = self.code(at, "hs", HsCode::new)? else { continue };
            match &found {
                Some(first) if first.groups() != code.groups() => {
                    self.warn(at, "several HS codes for the same goods: hs is unknown");
                    return Ok(None);
                }
                Some(_) => {}
                None => found = Some(code),
            }
        }
        Ok(found)
    }

    /// A date, or the day of a date and time as it stands there.
    pub fn date(&self, at: &At<'a>, key: &str) -> Read<Option<jiff::civil::Date>> {
        let Some(at) = self.get(at, key)? else { return Ok(None) };
        let Some(found) = self.said(&at, "issue_date")? else { return Ok(None) };
        let day = found.get(..10).filter(|_| found.len() == 10 || found.as_bytes().get(10) == Some(&b'T'));
        let fault = || Fault::Date { fact: "issue_date", found: shorten(&found), accepted: "YYYY-MM-DD".into() };
        day.and_then(iso_date).map(Some).ok_or_else(|| self.fail(&at, fault()))
    }

    pub fn decimal(&self, at: &At<'a>, fact: &str) -> Read<Option<Decimal>> {
        let Some(text) = self.said(at, fact)? else { return Ok(None) };
        Decimal::read(&text).map(Some).map_err(|error| self.quantity(at, fact, error))
    }

    pub fn quantity(&self, at: &At<'a>, fact: &str, error: QuantityError) -> ImportError {
        self.fail(at, Fault::Quantity { fact: fact.into(), error })
    }

    /// The mass under a key: an object of `value` and a unit under the key that this format gives it.
    pub fn mass(&self, at: &At<'a>, key: &str, unit_key: &str, fact: &str) -> Read<Option<Mass>> {
        let Some(at) = self.get(at, key)? else { return Ok(None) };
        let Some(value) = self.get(&at, "value")? else { return Ok(None) };
        let Some(figure) = self.decimal(&value, fact)? else { return Ok(None) };
        let unit = self.text_at(&at, &[unit_key])?.unwrap_or_default();
        Mass::new(figure, &unit).map(Some).map_err(|error| self.quantity(&at, fact, error))
    }

    pub fn packages(&self, at: &At<'a>, key: &str) -> Read<Option<u64>> {
        let Some(at) = self.get(at, key)? else { return Ok(None) };
        let Some(figure) = self.decimal(&at, "packages")? else { return Ok(None) };
        figure.packages().map(Some).map_err(|error| self.quantity(&at, "packages", error))
    }

    /// An amount and its currency, each under its key.
    pub fn amount(&self, at: &At<'a>, key: &str, currency_key: &str, fact: &str) -> Read<Option<Amount>> {
        let Some(figure) = self.get(at, key)? else { return Ok(None) };
        let Some(value) = self.decimal(&figure, fact)? else { return Ok(None) };
        let currency = self.get(at, currency_key)?;
        let missing = || self.fail(at, Fault::Code { fact: "currency".into(), error: no_currency() });
        let currency = match &currency {
            Some(at) => self.code(at, "currency", Currency::new)?,
            None => None,
        };
        Ok(Some(Amount { value, currency: currency.ok_or_else(missing)? }))
    }

    /// A country of an address, which people also write in words: then it stays in the address.
    pub fn address_country(&self, at: &At<'a>, key: &str) -> Read<Result<Option<Country>, String>> {
        let Some(text) = self.text_at(at, &[key])? else { return Ok(Ok(None)) };
        Ok(match Country::new(&text) {
            Ok(country) => Ok(Some(country)),
            Err(_) => Err(text),
        })
    }

    /// What the file says that was never read.
    pub fn dropped(&self, root: &At<'a>) -> Vec<String> {
        let mut dropped = Dropped::default();
        self.collect(root.node, &mut Vec::new(), &mut dropped);
        dropped.list()
    }

    fn collect<'b>(&self, node: &'b Node<'_>, path: &mut Vec<&'b str>, dropped: &mut Dropped) {
        match node {
            Node::Object(members) => {
                for (key, value) in members {
                    path.push(key);
                    self.collect(value, path, dropped);
                    path.pop();
                }
            }
            Node::List(items) => items.iter().for_each(|item| self.collect(item, path, dropped)),
            leaf if self.used.borrow().contains(&ptr::from_ref(leaf).cast()) => {}
            leaf => {
                let names: Vec<String> = path.iter().map(|key| key.chars().take(80).collect()).collect();
                let name: String = names.join("/").chars().take(400).collect();
                dropped.add(name, &scalar(leaf).unwrap_or_default());
            }
        }
    }
}

fn no_currency() -> CodeError {
    CodeError::Currency { found: String::new() }
}

/// A scalar in text; a number in its shortest decimal form.
fn scalar(node: &Node) -> Option<String> {
    match node {
        Node::Bool(b) => Some(b.to_string()),
        Node::Integer(n) => Some(n.to_string()),
        Node::Number(n) => Some(n.to_string()),
        Node::Text(text) => Some(text.clone().into_owned()),
        Node::Null | Node::List(_) | Node::Object(_) => None,
    }
}

/// A document that is not yet checked, with the place of each line.
pub(crate) struct Parts<'a> {
    pub header: Header,
    pub lines: Vec<Line>,
    pub places: Vec<At<'a>>,
}

impl<'a> Tree<'a> {
    /// The document, checked; what of the file was not read is listed with it.
    pub fn document(&self, kind: Kind, parts: Parts<'a>, root: &At<'a>, source: (String, [u8; 32])) -> Read<Imported> {
        let Parts { header, lines, places } = parts;
        let (format, sha256) = source;
        let source = Source { sha256, format: format.clone(), dropped: self.dropped(root) };
        let document = Document::new(kind, header, &lines, Some(source)).map_err(|invalid| {
            let line = invalid.line;
            let at = line.and_then(|i| places.get(i)).unwrap_or(root);
            self.fail(at, invalid).on_line(line.and_then(|i| lines.get(i)).map(|line| line.id.as_str()))
        })?;
        Ok(Imported { document, format, warnings: self.warnings() })
    }
}

/// The value that all of several have, if they have one.
pub(crate) fn common<T: PartialEq>(values: impl IntoIterator<Item = Option<T>>) -> Option<T> {
    let mut values = values.into_iter();
    let first = values.next().flatten()?;
    values.all(|value| value.as_ref() == Some(&first)).then_some(first)
}
