//! JSON as signed objects and our own files are read: no member twice, nothing after the value.
//!
//! In: bytes. Out: a type whose own reader refuses unknown members. A parser that silently keeps the last of two equal
//! members lets a signer show one reader one thing and another reader another. Source: RFC 8259, section 4; RFC 7515,
//! section 4.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// Reads one JSON value of at most 128 levels.
///
/// # Errors
/// What is wrong and at which line and column: not JSON, a member twice at any depth, or not what `T` takes.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let mut whole = serde_json::Deserializer::from_slice(bytes);
    Unique.deserialize(&mut whole)?;
    whole.end()?;
    serde_json::from_slice(bytes)
}

/// Walks a value and refuses equal member names in one object.
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(Unique)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(Unique)?;
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(format_args!("member {name:?} stands twice in one object")));
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Unique)?.is_some() {}
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
        assert!(from_slice::<serde_json::Value>(b"{} {}").unwrap_err().is_syntax());
        assert!(from_slice::<serde_json::Value>(&[b'['; 100_000]).unwrap_err().is_syntax());
    }
}
