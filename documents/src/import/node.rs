//! JSON values, parsed strictly: no key twice in an object, no nesting beyond the limit, no number that is no finite double.
//!
//! `serde_json` does the parsing; what it would let pass is refused by a visitor of our own, whose typed fault is handed
//! out beside serde's error. Numbers are doubles, as RFC 8785 has them, and are read by their shortest decimal form.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
};

use serde::{
    Deserialize, Serialize, Serializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

use crate::error::{Fault, ImportError, MAX_DEPTH, MAX_VALUES, OBJECT_VALUES, Place};

/// A JSON value. What stands in the text as it is meant is borrowed from it, and nothing has room to grow: a long list
/// of small values takes not many times its text.
pub(crate) enum Node<'t> {
    Null,
    Bool(bool),
    /// A whole number below 2^64.
    Integer(u64),
    /// Any other number.
    Number(f64),
    Text(Cow<'t, str>),
    List(Box<[Node<'t>]>),
    /// Members in the order of their names.
    Object(Box<[Member<'t>]>),
}

/// A name and its value.
pub(crate) type Member<'t> = (Cow<'t, str>, Node<'t>);

impl<'t> Node<'t> {
    pub fn type_name(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Integer(_) => "a number",
            Node::Number(_) => "a fraction, an exponent or a negative number",
            Node::Text(_) => "a string",
            Node::List(_) => "an array",
            Node::Object(_) => "an object",
        }
    }

    /// The member of an object.
    pub fn get(&self, key: &str) -> Option<&Node<'t>> {
        let Node::Object(members) = self else { return None };
        members.binary_search_by(|(name, _)| (**name).cmp(key)).ok().map(|i| &members[i].1)
    }

    /// Whether this is an object with such a member.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The same value without the text that it was read from.
    pub fn into_owned(self) -> Node<'static> {
        let owned = |text: Cow<'t, str>| Cow::Owned(text.into_owned());
        match self {
            Node::Null => Node::Null,
            Node::Bool(b) => Node::Bool(b),
            Node::Integer(n) => Node::Integer(n),
            Node::Number(n) => Node::Number(n),
            Node::Text(text) => Node::Text(owned(text)),
            Node::List(items) => Node::List(items.into_iter().map(Node::into_owned).collect()),
            Node::Object(members) => {
                Node::Object(members.into_iter().map(|(name, value)| (owned(name), value.into_owned())).collect())
            }
        }
    }

    /// Parses a text that is one JSON value; `file` is the name that errors carry.
    pub fn parse(text: &'t str, file: &str) -> Result<Node<'t>, ImportError> {
        Node::walk(text, file, true)
    }

    /// Reads a text as [`Node::parse`] does, and keeps nothing: whoever takes its parts one by one afterwards finds no fault.
    pub fn check(text: &'t str, file: &str) -> Result<(), ImportError> {
        Node::walk(text, file, false).map(drop)
    }

    fn walk(text: &'t str, file: &str, keep: bool) -> Result<Node<'t>, ImportError> {
        let (fault, room) = (RefCell::new(None), Room::default());
        let parse = || {
            let mut deserializer = serde_json::Deserializer::from_str(text);
            // Our own limit is lower than serde_json's and names itself.
            let node = Strict { keep, depth: 0, fault: &fault, room: &room }.deserialize(&mut deserializer)?;
            deserializer.end().map(|()| node)
        };
        parse().map_err(|e: serde_json::Error| {
            let place = Place::At { line: e.line() as u64, column: e.column() as u64 };
            let plain = || {
                let message = e.to_string();
                Fault::Json(message.split(" at line ").next().unwrap_or_default().to_owned())
            };
            ImportError::new(file, place, fault.take().unwrap_or_else(plain))
        })
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(b) => serializer.serialize_bool(*b),
            Node::Integer(n) => serializer.serialize_u64(*n),
            Node::Number(n) => serializer.serialize_f64(*n),
            Node::Text(text) => serializer.serialize_str(text),
            Node::List(items) => serializer.collect_seq(items),
            Node::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}

/// How many values a text may still have.
pub(super) struct Room(Cell<usize>);

impl Default for Room {
    fn default() -> Room {
        Room(Cell::new(MAX_VALUES))
    }
}

impl Room {
    /// Takes the room of a value.
    pub fn value(&self) -> Result<(), Fault> {
        self.take(1)
    }

    /// Takes what an object needs beside its members.
    pub fn object(&self) -> Result<(), Fault> {
        self.take(OBJECT_VALUES - 1)
    }

    fn take(&self, values: usize) -> Result<(), Fault> {
        self.0.set(self.0.get().checked_sub(values).ok_or(Fault::TooManyValues)?);
        Ok(())
    }
}

/// A name, borrowed where it stands as it is meant.
#[derive(Deserialize)]
struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

/// Builds a [`Node`], or leaves a typed fault behind.
struct Strict<'a> {
    /// Whether items and members are kept.
    keep: bool,
    depth: usize,
    fault: &'a RefCell<Option<Fault>>,
    room: &'a Room,
}

impl Strict<'_> {
    fn deeper(&self) -> Strict<'_> {
        Strict { depth: self.depth + 1, ..*self }
    }
    fn refuse<T, E: serde::de::Error>(&self, fault: Fault) -> Result<T, E> {
        let error = E::custom(&fault);
        self.fault.replace(Some(fault));
        Err(error)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Node<'de>;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        if self.depth > MAX_DEPTH {
            return self.refuse(Fault::TooDeep);
        }
        match self.room.value() {
            Ok(()) => deserializer.deserialize_any(self),
            Err(fault) => self.refuse(fault),
        }
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Node<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(b))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Node<'de>, E> {
        Ok(Node::Integer(n))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(n as f64))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Node<'de>, E> {
        Ok(Node::Number(n))
    }
    fn visit_str<E>(self, s: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(s.to_owned())))
    }
    fn visit_borrowed_str<E>(self, s: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(s)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.deeper())? {
            if self.keep {
                items.push(item);
            }
        }
        Ok(Node::List(items.into()))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        if let Err(fault) = self.room.object() {
            return self.refuse(fault);
        }
        let mut members = BTreeMap::new();
        while let Some(Name(key)) = map.next_key()? {
            if members.contains_key(&key) {
                return self.refuse(Fault::DuplicateKey(key.into_owned()));
            }
            let value = map.next_value_seed(self.deeper())?;
            members.insert(key, value);
        }
        Ok(Node::Object(members.into_iter().collect()))
    }
}
