//! How many documents a role has: a number, a range, or any.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// Most documents of a role: as many as an answer has of all roles together.
pub const MAX_DOCUMENTS: u32 = 4096;

/// How many documents: at least one, at most 4,096. In files a number, `"2..40"`, or `"any"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentCount {
    least: u32,
    most: u32,
}

impl DocumentCount {
    /// One.
    pub const ONE: DocumentCount = DocumentCount { least: 1, most: 1 };
    /// One or more.
    pub const ANY: DocumentCount = DocumentCount { least: 1, most: MAX_DOCUMENTS };

    /// This many; `None` unless 1 to 4,096.
    pub fn exactly(count: u32) -> Option<DocumentCount> {
        DocumentCount::between(count, count)
    }

    /// From the least to the most; `None` unless 1 <= least <= most <= 4,096.
    pub fn between(least: u32, most: u32) -> Option<DocumentCount> {
        (1 <= least && least <= most && most <= MAX_DOCUMENTS).then_some(DocumentCount { least, most })
    }

    /// The least number.
    pub fn least(self) -> u32 {
        self.least
    }
    /// The largest number.
    pub fn most(self) -> u32 {
        self.most
    }
    /// The number, where there is only one.
    pub fn only(self) -> Option<usize> {
        (self.least == self.most).then_some(self.least as usize)
    }
    /// Whether so many documents are as many as that.
    pub fn accepts(self, count: usize) -> bool {
        (self.least as usize..=self.most as usize).contains(&count)
    }
}

impl fmt::Display for DocumentCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (least, most) if least == most => write!(f, "{least}"),
            (1, MAX_DOCUMENTS) => f.write_str("any number"),
            (least, most) => write!(f, "{least} to {most}"),
        }
    }
}

impl Serialize for DocumentCount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.least, self.most) {
            (least, most) if least == most => serializer.serialize_u32(least),
            (1, MAX_DOCUMENTS) => serializer.serialize_str(ANY),
            (least, most) => serializer.collect_str(&format_args!("{least}..{most}")),
        }
    }
}

const ANY: &str = "any";

impl<'de> Deserialize<'de> for DocumentCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DocumentCount, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = DocumentCount;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of documents from 1 to 4096, a range such as \"2..40\", or \"any\"")
            }
            fn visit_u64<E: de::Error>(self, count: u64) -> Result<DocumentCount, E> {
                let read = u32::try_from(count).ok().and_then(DocumentCount::exactly);
                read.ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(count), &self))
            }
            fn visit_i64<E: de::Error>(self, count: i64) -> Result<DocumentCount, E> {
                match u64::try_from(count) {
                    Ok(count) => self.visit_u64(count),
                    Err(_) => Err(E::invalid_value(de::Unexpected::Signed(count), &self)),
                }
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<DocumentCount, E> {
                let plain = |text: &str| {
                    let number: u32 = text.parse().ok()?;
                    // One spelling: no sign, no leading zero.
                    (number.to_string() == text).then_some(number)
                };
                let range = || {
                    let (least, most) = text.split_once("..")?;
                    DocumentCount::between(plain(least)?, plain(most)?).filter(|count| count.only().is_none())
                };
                let read = if text == ANY { Some(DocumentCount::ANY) } else { range() };
                let read = read.filter(|count| *count != DocumentCount::ANY || text == ANY);
                read.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
