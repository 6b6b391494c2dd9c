//! The example inside a YAML schema, which is how the W3C traceability vocabulary publishes its credentials.
//!
//! In: YAML 1.2. Out: the one value under the key `example` at the root, as JSON: a text that is JSON, or YAML that says the
//! same. Nothing else of the file is kept. Anchors and aliases are refused, for a few lines of them make gigabytes.

use std::{borrow::Cow, collections::BTreeMap};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::node::{Node, Room};
use crate::error::{Fault, ImportError, MAX_DEPTH, Place};

/// The key whose value is the document.
const KEY: &str = "example";

type Read<T> = Result<T, ImportError>;

/// Whether a text has a line that begins with the key.
pub(super) fn has_example(text: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(KEY).is_some_and(|rest| rest.starts_with(':')))
}

/// The example of a schema.
pub(super) fn example(text: &str, file: &str) -> Result<Node<'static>, ImportError> {
    let mut events = Events { parser: Parser::new_from_str(text), file, room: Room::default() };
    match events.example()? {
        Node::Text(json) => Node::parse(&json, file).map(Node::into_owned),
        node => Ok(node),
    }
}

struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    file: &'a str,
    room: Room,
}

fn place(line: usize, column: usize) -> Place {
    Place::At { line: line as u64, column: column as u64 + 1 }
}

impl<'a> Events<'a> {
    fn fail<T>(&self, at: Place, fault: Fault) -> Read<T> {
        Err(ImportError::new(self.file, at, fault))
    }

    fn malformed<T>(&self, error: &ScanError) -> Read<T> {
        let at = error.marker();
        self.fail(place(at.line(), at.col()), Fault::Yaml(error.info().chars().take(200).collect()))
    }

    /// The next event, with anchors and aliases refused.
    fn next(&mut self) -> Read<(Event<'a>, Place)> {
        let Some(next) = self.parser.next_event() else {
            return self.fail(Place::File, Fault::Yaml("it ends too soon".into()));
        };
        let (event, span): (Event<'a>, Span) = match next {
            Ok(next) => next,
            Err(error) => return self.malformed(&error),
        };
        let at = place(span.start.line(), span.start.col());
        match event {
            Event::Alias(_) => self.fail(at, Fault::YamlAlias),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                self.fail(at, Fault::YamlAlias)
            }
            event => Ok((event, at)),
        }
    }

    fn example(&mut self) -> Read<Node<'static>> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
                (Event::MappingStart(..), _) => break,
                (_, at) => return self.fail(at, Fault::Yaml("the root is no mapping".into())),
            }
        }
        let mut found = None;
        loop {
            let (key, at) = self.next()?;
            match key {
                Event::MappingEnd => break,
                Event::Scalar(key, ..) if key == KEY => {
                    let (event, value_at) = self.next()?;
                    if found.replace(self.value(event, value_at, 0)?).is_some() {
                        return self.fail(at, Fault::DuplicateKey(KEY.into()));
                    }
                }
                key => {
                    // A key may be any value; it and what it names are passed over.
                    self.skip(&key)?;
                    let (value, _) = self.next()?;
                    self.skip(&value)?;
                }
            }
        }
        found.map_or_else(|| self.fail(Place::File, Fault::MissingKey(KEY)), Ok)
    }

    /// Passes over the rest of a value.
    fn skip(&mut self, first: &Event<'_>) -> Read<()> {
        let mut depth = match first {
            Event::MappingStart(..) | Event::SequenceStart(..) => 1,
            _ => 0,
        };
        while depth > 0 {
            let (event, at) = self.next()?;
            match event {
                Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
                Event::MappingEnd | Event::SequenceEnd => depth -= 1,
                _ => {}
            }
            if depth > MAX_DEPTH {
                return self.fail(at, Fault::TooDeep);
            }
        }
        Ok(())
    }

    fn value(&mut self, event: Event<'a>, at: Place, depth: usize) -> Read<Node<'static>> {
        if depth > MAX_DEPTH {
            return self.fail(at, Fault::TooDeep);
        }
        let object = matches!(event, Event::MappingStart(..));
        let taken = self.room.value().and_then(|()| if object { self.room.object() } else { Ok(()) });
        if let Err(fault) = taken {
            return self.fail(at, fault);
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => Ok(plain(&text)),
            Event::Scalar(text, ..) => Ok(Node::Text(text.into_owned().into())),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => return Ok(Node::List(items.into())),
                        (event, at) => items.push(self.value(event, at, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut members = BTreeMap::new();
                loop {
                    let (key, at) = match self.next()? {
                        (Event::MappingEnd, _) => return Ok(Node::Object(members.into_iter().collect())),
                        (Event::Scalar(key, ..), at) => (Cow::<str>::Owned(key.into_owned()), at),
                        (_, at) => return self.fail(at, Fault::Yaml("a key that is no text".into())),
                    };
                    let (event, value_at) = self.next()?;
                    let value = self.value(event, value_at, depth + 1)?;
                    if members.insert(key.clone(), value).is_some() {
                        return self.fail(at, Fault::DuplicateKey(key.into_owned()));
                    }
                }
            }
            _ => self.fail(at, Fault::Yaml("a value is missing".into())),
        }
    }
}

/// A plain scalar by the JSON schema of YAML: what JSON reads as null, a boolean or a number is one, all else is text.
fn plain(text: &str) -> Node<'static> {
    match Node::parse(text, "") {
        Ok(node @ (Node::Null | Node::Bool(_) | Node::Integer(_) | Node::Number(_))) => node.into_owned(),
        _ if text.is_empty() => Node::Null,
        _ => Node::Text(text.to_owned().into()),
    }
}
