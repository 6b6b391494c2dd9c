//! Patterns that choose values of a document, such as `lines/*/gross_mass`: names of members and places of items from the
//! root, `*` for each of them. A pattern chooses what it names with all that is in it.

use std::{fmt, str::FromStr};

/// Longest pattern, in bytes.
const MAX_BYTES: usize = 200;

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no choice of values; it reads `lines/*/gross_mass`: names and places of at most 200 letters, digits, _ and -, or *, with / between them"
)]
pub struct NotAPattern(String);

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Segment {
    /// Each member or item.
    Each,
    /// The member of this name, or the item at this place.
    Named(String),
}

impl Segment {
    /// What is left of a pattern that begins with this step, below a member of that name.
    pub(super) fn rest<'a>(&self, key: &str, pattern: &'a [Segment]) -> Option<&'a [Segment]> {
        match self {
            Segment::Each => Some(&pattern[1..]),
            Segment::Named(name) => (name == key).then_some(&pattern[1..]),
        }
    }
}

/// A choice of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern(Vec<Segment>);

impl Pattern {
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.0
    }
}

impl FromStr for Pattern {
    type Err = NotAPattern;

    fn from_str(text: &str) -> Result<Pattern, NotAPattern> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let segment = |text: &str| match text {
            "*" => Some(Segment::Each),
            _ => (!text.is_empty() && text.chars().all(plain)).then(|| Segment::Named(text.into())),
        };
        let segments = if text.len() > MAX_BYTES { None } else { text.split('/').map(segment).collect() };
        segments.map(Pattern).ok_or_else(|| NotAPattern(text.chars().take(MAX_BYTES).collect()))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            let slash = if i == 0 { "" } else { "/" };
            let text = match segment {
                Segment::Each => "*",
                Segment::Named(name) => name,
            };
            write!(f, "{slash}{text}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_one_spelling() {
        for text in ["lines", "lines/*/gross_mass", "*/0/a-b", &"a".repeat(200)] {
            assert_eq!(text.parse::<Pattern>().unwrap().to_string(), text);
        }
        for text in ["", "/lines", "lines/", "lines//x", "lines/**", "a b", "a,b", "ä", &"a".repeat(201)] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
    }
}
