//! JSON as signed objects and our own files are read: no member twice, nothing after the value, no list for an object, no
//! more values than the largest document has.
//!
//! In: bytes. Out: a type whose own reader refuses unknown members. A parser that silently keeps the last of two equal
//! members lets a signer show one reader one thing and another reader another. Source: RFC 8259, section 4; RFC 7515,
//! section 4.

mod objects;

use std::{cell::Cell, collections::BTreeSet, fmt};

pub use consign_documents::error::{MAX_VALUES, OBJECT_VALUES};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// Why a text is not read, with line and column. Fit to print: short, and without what would steer a terminal.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(String);

impl fmt::Debug for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonError({:?})", self.0)
    }
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> JsonError {
        // Serde quotes the names that it found as they are, and they may be a stranger's. The place stands at the end.
        let text = error.to_string();
        let place = text.rfind(" at line ").unwrap_or(text.len());
        let (what, place) = text.split_at(place);
        JsonError(format!("{}{place}", printable(what, 200)))
    }
}

/// The first `max` characters, with escapes for what does not print.
pub fn printable(text: &str, max: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(max) {
        // `Debug` escapes what is invisible or turns the text around; quotation marks are harmless.
        if matches!(c, '"' | '\'' | '\\') { shown.push(c) } else { shown.extend(c.escape_debug()) }
    }
    if text.chars().nth(max).is_some() {
        shown.push('…');
    }
    shown
}

/// Reads one JSON value of at most 128 levels.
///
/// # Errors
/// What is wrong and at which line and column: not JSON, a member twice at any depth, more than [`MAX_VALUES`], or not
/// what `T` takes.
pub fn from_slice<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, JsonError> {
    from_slice_within(bytes, MAX_VALUES)
}

/// The same, of at most so many values: for a format whose largest file has fewer than the largest document.
///
/// # Errors
/// As [`from_slice`].
pub fn from_slice_within<'a, T: Deserialize<'a>>(bytes: &'a [u8], max: usize) -> Result<T, JsonError> {
    from_slice_counted(bytes, &mut { max })
}

/// The same, of at most `left` values, for texts that share a bound. What is left of it is 0 after an error only where
/// there were too many.
///
/// # Errors
/// As [`from_slice`].
pub fn from_slice_counted<'a, T: Deserialize<'a>>(bytes: &'a [u8], left: &mut usize) -> Result<T, JsonError> {
    let budget = Budget { left: Cell::new(*left), max: *left };
    let mut whole = serde_json::Deserializer::from_slice(bytes);
    let walked = Unique(&budget).deserialize(&mut whole).and_then(|()| whole.end());
    *left = budget.left.get();
    walked?;
    let mut whole = serde_json::Deserializer::from_slice(bytes);
    Ok(T::deserialize(objects::Objects(&mut whole))?)
}

/// How many values there may be, and may still be.
struct Budget {
    left: Cell<usize>,
    max: usize,
}

impl Budget {
    fn take<E: serde::de::Error>(&self, values: usize) -> Result<(), E> {
        let left = self.left.get().checked_sub(values);
        self.left.set(left.unwrap_or(0));
        left.map(drop).ok_or_else(|| E::custom(format_args!("more than {} values", self.max)))
    }
}

/// Walks a value, counts the values within it and refuses equal member names in one object.
#[derive(Clone, Copy)]
struct Unique<'a>(&'a Budget);

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.take(1)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.take(OBJECT_VALUES - 1)?;
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(self)?;
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(format_args!("member {name:?} stands twice in one object")));
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        IgnoredAny::deserialize(deserializer).map(drop)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a struct is expected, at any depth and by whatever way, a list of its members in order is none.
    #[test]
    fn refuses_a_list_for_an_object() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Point {
            x: u8,
        }
        #[derive(Debug, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "lowercase", deny_unknown_fields)]
        enum Choice {
            Bare,
            Struct { x: u8 },
            One(Point),
            Two(u8, u8),
        }
        #[derive(Debug, PartialEq, serde::Deserialize)]
        #[serde(transparent)]
        struct Wrapped(Point);
        fn both<T: serde::de::DeserializeOwned>(good: &str, bad: &str, expected: &str) {
            assert!(from_slice::<T>(good.as_bytes()).is_ok(), "{good}");
            let error = from_slice::<T>(bad.as_bytes()).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.starts_with(&format!("invalid type: sequence, expected {expected}")), "{bad}: {error}");
        }
        both::<Point>(r#"{"x":1}"#, "[1]", "struct Point");
        both::<Vec<Point>>(r#"[{"x":1}]"#, "[[1]]", "struct Point");
        both::<Option<Point>>(r#"{"x":1}"#, "[1]", "struct Point");
        both::<Wrapped>(r#"{"x":1}"#, "[1]", "struct Point");
        both::<std::collections::BTreeMap<String, Point>>(r#"{"a":{"x":1}}"#, r#"{"a":[1]}"#, "struct Point");
        both::<(u8, Point)>(r#"[1,{"x":1}]"#, "[1,[1]]", "struct Point");
        both::<Choice>(r#"{"struct":{"x":1}}"#, r#"{"struct":[1]}"#, "struct variant Choice::Struct");
        both::<Choice>(r#"{"one":{"x":1}}"#, r#"{"one":[1]}"#, "struct Point");
        for (text, choice) in [(r#""bare""#, Choice::Bare), (r#"{"two":[1,2]}"#, Choice::Two(1, 2))] {
            assert_eq!(from_slice::<Choice>(text.as_bytes()), Ok(choice));
        }
    }

    #[test]
    fn refuses_a_member_that_stands_twice_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            let error = from_slice::<serde_json::Value>(text.as_bytes()).unwrap_err();
            assert!(error.to_string().starts_with("member \"a\" stands twice"), "{error}");
        }
        from_slice::<serde_json::Value>(br#"{"a":{"a":[null,true,-1,1,1.5,"a"]},"b":{"a":0}}"#).unwrap();
    }

    #[test]
    fn refuses_what_follows_and_what_nests_too_deep() {
        let error = |bytes: &[u8]| from_slice::<serde_json::Value>(bytes).unwrap_err().to_string();
        assert_eq!(error(b"{} {}"), "trailing characters at line 1 column 4");
        assert!(error(&[b'['; 100_000]).starts_with("recursion limit exceeded at line 1 column 12"));
        assert!(error(b"").starts_with("EOF"));
    }

    #[test]
    fn refuses_more_values_than_any_document_has() {
        let many = |n: usize| format!("[{}0]", "0,".repeat(n - 1));
        from_slice::<serde_json::Value>(many(MAX_VALUES - 1).as_bytes()).unwrap();
        let error = from_slice::<serde_json::Value>(many(MAX_VALUES).as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("more than 20971520 values"), "{error}");
        // An object counts as sixteen, beside its members.
        let objects = |n: usize| format!("[{}0]", r#"{"":0},"#.repeat(n));
        let within = |text: &str, max| from_slice_within::<serde_json::Value>(text.as_bytes(), max).map(drop);
        assert_eq!(within(&objects(100), 1702), Ok(()));
        let error = within(&objects(100), 1701).unwrap_err().to_string();
        assert!(error.starts_with("more than 1701 values at line 1 column "), "{error}");
    }

    #[test]
    fn a_bound_is_shared_and_says_whether_it_was_met() {
        let mut left = 10;
        let mut read = |text: &str| {
            let read = from_slice_counted::<serde_json::Value>(text.as_bytes(), &mut left).is_ok();
            (read, left)
        };
        assert_eq!(read("[1,2]"), (true, 7));
        assert_eq!(read("[1,2"), (false, 4));
        assert_eq!(read("{}"), (false, 0));
    }

    #[test]
    fn errors_are_short_and_print() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Empty {}
        let name = format!("\\u001b[2J\\u202e{}", "a".repeat(1 << 20));
        let error = from_slice::<Empty>(format!("{{\"{name}\":1}}").as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("unknown field `\\u{1b}[2J\\u{202e}aaa"), "{error}");
        assert!(error.len() < 300 && error.contains(" at line 1 column "), "{error}");
    }
}
