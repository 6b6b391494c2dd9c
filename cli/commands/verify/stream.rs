//! Many answers from one stream: JSON objects one after another, with or without line breaks between.
//!
//! In: bytes. Out: each object's bytes, as soon as it is whole. Only braces and strings are looked at here; what an
//! object says is for its reader. An object over the limit is passed over and named, so that it spoils no other.

use std::io::{self, BufRead};

/// What stood in the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// An object.
    Object(Vec<u8>),
    /// An object of more bytes than the limit.
    TooLong,
}

/// Why the stream cannot be read on.
#[derive(Debug)]
pub enum StreamError {
    /// The system.
    Io(io::Error),
    /// Something other than an object, at this byte from 0.
    NoObject(u64),
    /// It ends within an object.
    CutShort,
}

/// The objects of a stream.
pub struct Objects<R> {
    from: R,
    limit: usize,
    at: u64,
}

impl<R: BufRead> Objects<R> {
    /// Of objects of at most `limit` bytes.
    pub fn new(from: R, limit: usize) -> Objects<R> {
        Objects { from, limit, at: 0 }
    }

    /// The next object; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Piece>, StreamError> {
        let (mut object, mut too_long) = (Vec::new(), false);
        // How many braces are open, and where in a string this is.
        let (mut depth, mut string, mut escaped) = (0u64, false, false);
        loop {
            let buffer = match self.from.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer.map_err(StreamError::Io)?,
            };
            if buffer.is_empty() {
                return if depth == 0 { Ok(None) } else { Err(StreamError::CutShort) };
            }
            let (mut used, mut begins, mut whole) = (0, 0, false);
            for &byte in buffer {
                if depth == 0 {
                    match byte {
                        b'{' => (depth, begins) = (1, used),
                        b' ' | b'\t' | b'\r' | b'\n' => {}
                        _ => return Err(StreamError::NoObject(self.at + used as u64)),
                    }
                } else if string {
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        b'"' => string = false,
                        _ => {}
                    }
                } else {
                    match byte {
                        b'"' => string = true,
                        b'{' => depth += 1,
                        b'}' => depth -= 1,
                        _ => {}
                    }
                    whole = depth == 0;
                }
                used += 1;
                if whole {
                    break;
                }
            }
            if depth > 0 || whole {
                too_long |= object.len() + used - begins > self.limit;
                if too_long {
                    object = Vec::new();
                } else {
                    object.extend_from_slice(&buffer[begins..used]);
                }
            }
            self.from.consume(used);
            self.at += used as u64;
            if whole {
                return Ok(Some(if too_long { Piece::TooLong } else { Piece::Object(object) }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn objects(text: &[u8], buffer: usize, limit: usize) -> (Vec<Piece>, Option<StreamError>) {
        let mut objects = Objects::new(BufReader::with_capacity(buffer, text), limit);
        let mut found = Vec::new();
        loop {
            match objects.next() {
                Ok(Some(piece)) => found.push(piece),
                Ok(None) => return (found, None),
                Err(error) => return (found, Some(error)),
            }
        }
    }

    proptest! {
        #[test]
        fn objects_come_out_as_they_went_in(
            texts in prop::collection::vec("[\"\\\\{}\\[\\]a\n\u{e9}]{0,20}", 0..8),
            gap in "[ \t\r\n]{0,3}",
            buffer in 1usize..40,
        ) {
            let written: Vec<Vec<u8>> =
                texts.iter().map(|t| serde_json::to_vec(&serde_json::json!({"a": {"b": [t]}, t: {}})).unwrap()).collect();
            let stream = written.iter().flat_map(|one| [gap.as_bytes(), one]).collect::<Vec<_>>().concat();
            let (found, error) = objects(&stream, buffer, 1000);
            prop_assert!(error.is_none());
            prop_assert_eq!(found, written.into_iter().map(Piece::Object).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_none_is_named() {
        for buffer in [1, 7, 100] {
            let (found, error) = objects(br#"{"a":1} {"b":"0123456789"}{"c":2}"#, buffer, 7);
            assert_eq!(found.len(), 3);
            assert_eq!((&found[1], error.is_none()), (&Piece::TooLong, true));
            let (found, error) = objects(b"{} \n[1] {}", buffer, 9);
            assert!(found.len() == 1 && matches!(error, Some(StreamError::NoObject(4))), "{error:?}");
            let (found, error) = objects(br#"{}{"a":"}"#, buffer, 9);
            assert!(found.len() == 1 && matches!(error, Some(StreamError::CutShort)), "{error:?}");
        }
    }
}
