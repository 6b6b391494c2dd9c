//! The canonical JSON of consign, read strictly: no unknown key, no key twice, no other type, no deep nesting.
//!
//! Parsing is [`Node`]'s; here integers are the only numbers, and every key is asked for. Lines are parsed one by one: all at
//! a time, they would take some times their text.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::node::{Member, Node};
use crate::{
    codes::{CodeError, Country, Criterion, Currency, Dangerous, HsCode, Method, Unit},
    document::{Container, Document, Draft, FORMAT, Header, Invalid, Line, Party, Product, Quantity, Source, Totals},
    error::{Fault, ImportError, Place},
    import::text,
    profile::Kind,
    quantity::{Decimal, Mass, QuantityError},
};

/// Reads a document of our own.
pub(crate) fn read(bytes: &[u8], file: &str) -> Result<Document, ImportError> {
    let text = text(bytes, file)?;
    if text.trim_start().is_empty() {
        return Err(ImportError::new(file, Place::File, Fault::Empty));
    }
    Node::check(text, file)?;
    Reader { file }.document(text)
}

/// Whether a text says that it is a document of our own.
pub(super) fn is_ours(text: &str) -> bool {
    serde_json::from_str::<BTreeMap<String, IgnoredAny>>(text).is_ok_and(|members| members.contains_key("consign"))
}

/// The goods lines of a document, read anew.
pub(crate) fn lines(document: &Document) -> Vec<Line> {
    let reader = Reader { file: "" };
    let read = || {
        let members: Members = reader.parts("", document.as_json(), '{', "an object")?;
        let lines: Vec<&RawValue> = reader.parts("/lines", members["lines"].get(), '[', "an array")?;
        lines.into_iter().enumerate().map(|(i, line)| reader.line(document.kind(), i, line)).collect()
    };
    let read: Read<Vec<Line>> = read();
    read.expect("what was written from lines is read as them")
}

struct Reader<'a> {
    file: &'a str,
}

/// An object whose keys are taken one by one; what is left at the end is unknown.
struct Object<'a, 't> {
    reader: &'a Reader<'a>,
    pointer: String,
    entries: Vec<Member<'t>>,
    asked: Vec<&'static str>,
}

type Read<T> = Result<T, ImportError>;
/// The members of an object, each by its text.
type Members<'t> = BTreeMap<String, &'t RawValue>;

impl Reader<'_> {
    fn fail(&self, pointer: &str, fault: impl Into<Fault>) -> ImportError {
        ImportError::new(self.file, Place::Pointer(pointer.into()), fault)
    }

    fn object<'t>(&self, pointer: String, node: Node<'t>) -> Read<Object<'_, 't>> {
        match node {
            Node::Object(members) => Ok(Object { reader: self, pointer, entries: members.into(), asked: Vec::new() }),
            other => Err(self.fail(&pointer, Fault::Type { found: other.type_name(), accepted: "an object" })),
        }
    }

    fn text(&self, pointer: &str, node: Node) -> Read<String> {
        match node {
            Node::Text(text) => Ok(text.into_owned()),
            other => Err(self.fail(pointer, Fault::Type { found: other.type_name(), accepted: "a string" })),
        }
    }

    fn list<'t>(&self, pointer: &str, node: Node<'t>) -> Read<Box<[Node<'t>]>> {
        match node {
            Node::List(items) => Ok(items),
            other => Err(self.fail(pointer, Fault::Type { found: other.type_name(), accepted: "an array" })),
        }
    }

    /// The members or items of an object or list, each by its text. The whole was checked before.
    fn parts<'t, T: Deserialize<'t>>(
        &self,
        pointer: &str,
        text: &'t str,
        opens: char,
        accepted: &'static str,
    ) -> Read<T> {
        match text.trim_start().starts_with(opens) {
            true => serde_json::from_str(text).map_err(|e| self.fail(pointer, Fault::Json(e.to_string()))),
            false => {
                Err(self.fail(pointer, Fault::Type { found: Node::parse(text, self.file)?.type_name(), accepted }))
            }
        }
    }

    fn document(&self, text: &str) -> Read<Document> {
        let mut members: Members = self.parts("", text, '{', "an object")?;
        let lines = members.remove("lines");
        let entries = members.into_iter().map(|(name, value)| Ok((name.into(), Node::parse(value.get(), self.file)?)));
        let entries = entries.collect::<Read<_>>()?;
        let mut root = Object { reader: self, pointer: String::new(), entries, asked: Vec::new() };
        let format = root.required("consign", Reader::text)?;
        if format != FORMAT {
            let fault = Fault::Version { what: "consign", found: format, accepted: "document/1" };
            return Err(self.fail("/consign", fault));
        }
        let name = root.required("kind", Reader::text)?;
        let kind = Kind::from_str(&name).map_err(|_| self.fail("/kind", Fault::Kind { found: name }))?;
        let profile = root.required("profile", Reader::integer)?;
        if profile != u64::from(kind.profile().version) {
            let fault = Fault::Version { what: "profile", found: profile.to_string(), accepted: "1" };
            return Err(self.fail("/profile", fault));
        }
        let header = Header {
            number: root.required("number", Reader::text)?,
            issue_date: root.optional("issue_date", Reader::date)?,
            currency: root.code("currency", Currency::new)?,
            export_country: root.code("export_country", Country::new)?,
            import_country: root.code("import_country", Country::new)?,
            totals: match root.child("totals")? {
                Some(totals) => totals.totals(kind)?,
                None => Totals::default(),
            },
            product: match root.child("product")? {
                Some(product) => product.product()?,
                None => Product::default(),
            },
            parties: match root.child("parties")? {
                Some(parties) => parties.map(|reader, pointer, node| reader.object(pointer, node)?.party())?,
                None => BTreeMap::new(),
            },
            references: match root.child("references")? {
                Some(references) => references.map(|reader, pointer, node| reader.text(&pointer, node))?,
                None => BTreeMap::new(),
            },
        };
        let mut draft = Draft::new(kind);
        root.asked.push("lines");
        let lines = lines.ok_or_else(|| self.fail("", Fault::MissingKey("lines")))?;
        let lines: Vec<&RawValue> = self.parts("/lines", lines.get(), '[', "an array")?;
        for (i, line) in lines.into_iter().enumerate() {
            let line = self.line(kind, i, line)?;
            let fail = |invalid: Invalid| self.fail(&invalid.pointer.clone(), invalid).on_line(Some(&line.id));
            draft.push(&header, &line).map_err(fail)?;
        }
        let source = match root.child("source")? {
            Some(source) => Some(source.source()?),
            None => None,
        };
        root.finish()?;
        draft.finish(header, source).map_err(|invalid| self.fail(&invalid.pointer.clone(), invalid))
    }

    /// The `i`th line.
    fn line(&self, kind: Kind, i: usize, text: &RawValue) -> Read<Line> {
        let mut object = self.object(format!("/lines/{i}"), Node::parse(text.get(), self.file)?)?;
        let id = object.required("id", Reader::text)?;
        object.line(kind, id.clone()).map_err(|e| e.on_line(Some(&id)))
    }

    fn integer(&self, pointer: &str, node: Node) -> Read<u64> {
        if let Some(found) = negative(&node) {
            return Err(self.quantity(pointer, QuantityError::Negative { found }));
        }
        match node {
            Node::Integer(n) => Ok(n),
            other => Err(self.fail(pointer, Fault::Type { found: other.type_name(), accepted: "a whole number" })),
        }
    }

    fn boolean(&self, pointer: &str, node: Node) -> Read<bool> {
        match node {
            Node::Bool(b) => Ok(b),
            other => Err(self.fail(pointer, Fault::Type { found: other.type_name(), accepted: "true or false" })),
        }
    }

    fn date(&self, pointer: &str, node: Node) -> Read<jiff::civil::Date> {
        let found = self.text(pointer, node)?;
        super::iso_date(&found)
            .ok_or_else(|| self.fail(pointer, Fault::Date { fact: "issue_date", found, accepted: "YYYY-MM-DD".into() }))
    }

    fn decimal(&self, pointer: &str, node: Node) -> Read<Decimal> {
        if let Some(found) = negative(&node) {
            return Err(self.quantity(pointer, QuantityError::Negative { found }));
        }
        let text = self.text(pointer, node)?;
        Decimal::new(&text).map_err(|error| self.quantity(pointer, error))
    }

    fn quantity(&self, pointer: &str, error: QuantityError) -> ImportError {
        self.fail(pointer, Fault::Quantity { fact: last(pointer), error })
    }
}

/// A number below zero, as it is written in full.
fn negative(node: &Node) -> Option<String> {
    match node {
        Node::Number(n) if *n < 0.0 => Some(n.to_string()),
        _ => None,
    }
}

fn last(pointer: &str) -> String {
    pointer.rsplit('/').next().unwrap_or_default().to_owned()
}

impl<'a, 't> Object<'a, 't> {
    fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Reader<'a>, &str, Node<'t>) -> Read<T>,
    ) -> Read<Option<T>> {
        self.asked.push(key);
        let pointer = format!("{}/{key}", self.pointer);
        let found = self.entries.iter().position(|(name, _)| name == key);
        found.map(|i| read(self.reader, &pointer, self.entries.remove(i).1)).transpose()
    }

    fn required<T>(&mut self, key: &'static str, read: impl Fn(&Reader<'a>, &str, Node<'t>) -> Read<T>) -> Read<T> {
        self.optional(key, read)?.ok_or_else(|| self.reader.fail(&self.pointer, Fault::MissingKey(key)))
    }

    fn child(&mut self, key: &'static str) -> Read<Option<Object<'a, 't>>> {
        let reader = self.reader;
        self.optional(key, |_, pointer, node| reader.object(pointer.to_owned(), node))
    }

    fn code<T>(&mut self, key: &'static str, parse: impl Fn(&str) -> Result<T, CodeError>) -> Read<Option<T>> {
        self.optional(key, |reader, pointer, node| {
            let text = reader.text(pointer, node)?;
            parse(&text).map_err(|error| reader.fail(pointer, Fault::Code { fact: last(pointer), error }))
        })
    }

    /// Refuses what was not asked for.
    fn finish(self) -> Read<()> {
        match self.entries.into_iter().next() {
            None => Ok(()),
            Some((found, _)) => {
                let found = found.into_owned();
                let fault = Fault::UnknownKey { found, accepted: self.asked.join(", ") };
                Err(self.reader.fail(&self.pointer, fault))
            }
        }
    }

    fn map<T>(self, read: impl Fn(&Reader<'a>, String, Node<'t>) -> Read<T>) -> Read<BTreeMap<String, T>> {
        let Object { reader, pointer, entries, .. } = self;
        // The key is part of the pointer as RFC 6901 escapes it; whether it is plain is checked with the document.
        let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
        let read = |(key, node): Member<'t>| {
            let at = format!("{pointer}/{}", escape(&key));
            Ok((key.into_owned(), read(reader, at, node)?))
        };
        entries.into_iter().map(read).collect()
    }

    fn mass(&mut self, key: &'static str) -> Read<Option<Mass>> {
        let Some(mut object) = self.child(key)? else { return Ok(None) };
        let value = object.required("value", Reader::decimal)?;
        let unit = object.required("unit", Reader::text)?;
        let error = |e| object.reader.fail(&object.pointer, Fault::Quantity { fact: key.into(), error: e });
        let mass = Mass::new(value, &unit).map_err(error)?;
        object.finish().map(|()| Some(mass))
    }

    fn totals(mut self, kind: Kind) -> Read<Totals> {
        let totals = Totals {
            gross_mass: self.mass("gross_mass")?,
            net_mass: self.mass("net_mass")?,
            tare_mass: self.mass("tare_mass")?,
            verified_mass: self.mass("verified_mass")?,
            packages: self.optional("packages", Reader::integer)?,
            money: self.money(kind)?,
        };
        self.finish().map(|()| totals)
    }

    fn money(&mut self, kind: Kind) -> Read<Option<Decimal>> {
        match kind.money_key() {
            Some(key) => self.optional(key, Reader::decimal),
            None => Ok(None),
        }
    }

    fn product(mut self) -> Read<Product> {
        let product = Product {
            description: self.optional("description", Reader::text)?,
            hs: self.code("hs", HsCode::new)?,
            value: self.optional("value", Reader::decimal)?,
            mass: self.mass("mass")?,
        };
        self.finish().map(|()| product)
    }

    fn party(mut self) -> Read<Party> {
        let party = Party {
            name: self.optional("name", Reader::text)?,
            identifier: self.optional("identifier", Reader::text)?,
            address: self.optional("address", Reader::text)?,
            country: self.code("country", Country::new)?,
        };
        self.finish().map(|()| party)
    }

    fn line(mut self, kind: Kind, id: String) -> Read<Line> {
        let quantity = match self.child("quantity")? {
            Some(mut object) => {
                let value = object.required("value", Reader::decimal)?;
                let unit = object.code("unit", Unit::new)?;
                object.finish()?;
                Some(Quantity { value, unit })
            }
            None => None,
        };
        let container = self.optional("container", Reader::text)?;
        let line = Line {
            id,
            description: self.optional("description", Reader::text)?,
            hs: self.code("hs", HsCode::new)?,
            origin: self.code("origin", Country::new)?,
            gross_mass: self.mass("gross_mass")?,
            net_mass: self.mass("net_mass")?,
            tare_mass: self.mass("tare_mass")?,
            verified_mass: self.mass("verified_mass")?,
            max_gross_mass: self.mass("max_gross_mass")?,
            packages: self.optional("packages", Reader::integer)?,
            money: self.money(kind)?,
            quantity,
            dangerous: self.code("dangerous", Dangerous::new)?,
            container: container.map(|id| if id == "none" { Container::None } else { Container::Id(id) }),
            originating: self.optional("originating", Reader::boolean)?,
            criterion: self.code("criterion", Criterion::new)?,
            method: self.code("method", Method::new)?,
        };
        self.finish().map(|()| line)
    }

    fn source(mut self) -> Read<Source> {
        let sha256 = self.required("sha256", |reader, pointer, node| {
            let text = reader.text(pointer, node)?;
            let mut digest = [0; 32];
            let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
            match hex::decode_to_slice(&text, &mut digest) {
                Ok(()) if lower => Ok(digest),
                _ => {
                    let fault = Fault::Type { found: "other text", accepted: "64 lower-case hexadecimal digits" };
                    Err(reader.fail(pointer, fault))
                }
            }
        })?;
        let format = self.required("format", Reader::text)?;
        let dropped = self.required("dropped", |reader, pointer, node| {
            let items = reader.list(pointer, node)?.into_iter().enumerate();
            items.map(|(i, item)| reader.text(&format!("{pointer}/{i}"), item)).collect()
        })?;
        self.finish().map(|()| Source { sha256, format, dropped })
    }
}
