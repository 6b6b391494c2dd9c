//! JSON values, parsed strictly: no key twice in an object, no nesting beyond the limit, no number that is no finite double.
//!
//! `serde_json` does the parsing; what it would let pass is refused by a visitor of our own, whose typed fault is handed
//! out beside serde's error. Numbers are doubles, as RFC 8785 has them, and are read by their shortest decimal form.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
};

use serde::{
    Serialize, Serializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

use crate::error::{Fault, ImportError, MAX_DEPTH, MAX_VALUES, OBJECT_VALUES, Place};

/// A JSON value.
pub(crate) enum Node {
    Null,
    Bool(bool),
    /// A whole number below 2^64.
    Integer(u64),
    /// Any other number.
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Object(BTreeMap<String, Node>),
}

impl Node {
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
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Object(members) => members.get(key),
            _ => None,
        }
    }

    /// Whether this is an object with such a member.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Parses a text that is one JSON value; `file` is the name that errors carry.
    pub fn parse(text: &str, file: &str) -> Result<Node, ImportError> {
        let (fault, room) = (RefCell::new(None), Room::default());
        let parse = || {
            let mut deserializer = serde_json::Deserializer::from_str(text);
            // Our own limit is lower than serde_json's and names itself.
            let node = Strict { depth: 0, fault: &fault, room: &room }.deserialize(&mut deserializer)?;
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

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(b) => serializer.serialize_bool(*b),
            Node::Integer(n) => serializer.serialize_u64(*n),
            Node::Number(n) => serializer.serialize_f64(*n),
            Node::Text(text) => serializer.serialize_str(text),
            Node::List(items) => serializer.collect_seq(items),
            Node::Object(members) => serializer.collect_map(members),
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

/// Builds a [`Node`], or leaves a typed fault behind.
struct Strict<'a> {
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
    type Value = Node;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
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
    type Value = Node;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Node, E> {
        Ok(Node::Bool(b))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Node, E> {
        Ok(Node::Integer(n))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Node, E> {
        Ok(Node::Number(n as f64))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Node, E> {
        Ok(Node::Number(n))
    }
    fn visit_str<E>(self, s: &str) -> Result<Node, E> {
        Ok(Node::Text(s.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.deeper())? {
            items.push(item);
        }
        Ok(Node::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        if let Err(fault) = self.room.object() {
            return self.refuse(fault);
        }
        let mut members = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if members.contains_key(&key) {
                return self.refuse(Fault::DuplicateKey(key));
            }
            let value = map.next_value_seed(self.deeper())?;
            members.insert(key, value);
        }
        Ok(Node::Object(members))
    }
}
