//! One recipient stanza (C2SP `age.md`, "Recipient stanza"), and how kinds of recipients join.
//!
//! A stanza is `-> type argument…` and a body in base64, wrapped at 64 columns, whose last line is shorter than that and
//! may be empty. Arguments are visible ASCII; a type that nobody knows is ignored. Reading is done by
//! [`super::header`]; this module checks what a stanza may hold and writes it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use rand::CryptoRng;

use super::error::HeaderError;
use super::key::FileKey;

/// Columns of a full line of a stanza's body.
pub(super) const COLUMNS: usize = 64;

/// A stanza: its type, further arguments, and a body of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    /// The type and the arguments, with a blank between them. One text, for a line of many short arguments would be
    /// thirty times its length as a list of them, before anything is authenticated.
    line: String,
    body: Vec<u8>,
}

impl Stanza {
    /// A stanza of type `tag`. Fails with [`HeaderError::Argument`] (line 0) when a type or argument is empty or has a
    /// character outside visible ASCII.
    pub fn new(tag: &str, arguments: &[&str], body: Vec<u8>) -> Result<Stanza, HeaderError> {
        let words = || std::iter::once(tag).chain(arguments.iter().copied());
        if words().any(|argument| !is_argument(argument.as_bytes())) {
            return Err(HeaderError::Argument { line: 0 });
        }
        Ok(Stanza { line: words().collect::<Vec<_>>().join(" "), body })
    }

    /// Parses what follows `-> ` on a stanza's first line; the body is added by the header's reader.
    pub(super) fn parse_arguments(text: &[u8], line: usize) -> Result<Stanza, HeaderError> {
        if !text.split(|byte| *byte == b' ').all(is_argument) {
            return Err(HeaderError::Argument { line });
        }
        Ok(Stanza { line: text.iter().map(|byte| char::from(*byte)).collect(), body: Vec::new() })
    }

    /// Adds one line of the body and says whether it was the last.
    pub(super) fn push_body_line(&mut self, text: &[u8], line: usize) -> Result<bool, HeaderError> {
        if text.len() > COLUMNS {
            return Err(HeaderError::BodyLine { line });
        }
        BASE64.decode_vec(text, &mut self.body).map_err(|_| HeaderError::Base64 { line })?;
        Ok(text.len() < COLUMNS)
    }

    /// The stanza's type, `X25519` say.
    pub fn tag(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }

    /// The arguments after the type, where there are so many.
    pub fn arguments<const N: usize>(&self) -> Option<[&str; N]> {
        let mut words = self.line.split(' ').skip(1);
        let mut arguments = [""; N];
        for argument in &mut arguments {
            *argument = words.next()?;
        }
        words.next().is_none().then_some(arguments)
    }

    /// The body, decoded.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Appends the stanza as it stands in a header.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"-> ");
        out.extend_from_slice(self.line.as_bytes());
        out.push(b'\n');
        let text = BASE64.encode(&self.body);
        let mut lines = text.as_bytes().chunks_exact(COLUMNS);
        for full in &mut lines {
            out.extend_from_slice(full);
            out.push(b'\n');
        }
        // The last line is always short, so it is there even when it is empty.
        out.extend_from_slice(lines.remainder());
        out.push(b'\n');
    }
}

fn is_argument(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| (0x21..=0x7e).contains(byte))
}

/// Whoever a file key can be wrapped for.
pub trait Wrap {
    /// A stanza from which that party, and nobody else, recovers `file_key`. Fails when the recipient's key cannot be
    /// encrypted to.
    fn wrap(&self, file_key: &FileKey, rng: &mut dyn CryptoRng) -> Result<Stanza, HeaderError>;
}

/// Whoever can recover a file key.
pub trait Unwrap {
    /// The file key in `stanza`: `Ok(None)` when the stanza is not for this identity, an error when it is of this
    /// identity's type and malformed.
    fn unwrap(&self, stanza: &Stanza) -> Result<Option<FileKey>, HeaderError>;
}
