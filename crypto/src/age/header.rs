//! The header of an age file (C2SP `age.md`, "Header"): version line, stanzas, MAC.
//!
//! In: the first bytes of a file, or stanzas and a file key. Out: a [`Header`] whose stanzas are canonical. It is read
//! line by line, once, in time linear in its length, and the reader stops at the byte after it. Two limits hold
//! whatever a file says: 1,024 stanzas, and 2 MiB, which is what 1,024 post-quantum stanzas of 1.6 KB take.

use std::io::{self, BufRead, Read};

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::error::{AgeError, HeaderError};
use super::key::FileKey;
use super::stanza::Stanza;
use super::{hybrid, scrypt, x25519};

/// The most stanzas that a header may have.
pub const MAX_STANZAS: usize = 1024;
/// The longest header, in bytes.
pub const MAX_HEADER_BYTES: usize = 2 << 20;

const VERSION: &[u8] = b"age-encryption.org/v1\n";
const ARMOR: &[u8] = b"-----BEGIN AGE ENCRYP";

/// A header as it stands in a file, with its MAC, which [`Header::verify`] checks once the file key is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    stanzas: Vec<Stanza>,
    /// All bytes, from the version line to the line end after the MAC.
    bytes: Vec<u8>,
    /// How many of them, from the first, the MAC covers: up to and with `---`.
    covered: usize,
    mac: [u8; 32],
}

impl Header {
    /// A header with these stanzas, authenticated under `file_key`. Fails when there is none, when there are too many,
    /// when a passphrase stanza does not stand alone, or when post-quantum recipients stand beside others: such headers
    /// are read, but not written.
    pub fn new(stanzas: Vec<Stanza>, file_key: &FileKey) -> Result<Header, HeaderError> {
        check_stanzas(&stanzas)?;
        let has = |tag| stanzas.iter().any(|stanza| stanza.tag() == tag);
        if has(hybrid::TAG) && has(x25519::TAG) {
            return Err(HeaderError::Mixed);
        }
        let mut bytes = VERSION.to_vec();
        for stanza in &stanzas {
            stanza.write(&mut bytes);
        }
        bytes.extend_from_slice(b"---");
        let covered = bytes.len();
        let mac: [u8; 32] = mac(file_key, &bytes).finalize().into_bytes().into();
        bytes.extend_from_slice(format!(" {}\n", BASE64.encode(mac)).as_bytes());
        if bytes.len() > MAX_HEADER_BYTES {
            return Err(HeaderError::TooLong);
        }
        Ok(Header { stanzas, bytes, covered, mac })
    }

    /// Reads a header and leaves `input` at the first byte after it.
    ///
    /// Errors: [`AgeError::Header`] for whatever the format does not allow, with the line; [`AgeError::Io`] when
    /// reading fails.
    pub fn read(input: &mut impl BufRead) -> Result<Header, AgeError> {
        let mut lines = Lines { input, bytes: Vec::new(), number: 0 };
        lines.version()?;
        let mut stanzas = Vec::new();
        loop {
            let line = lines.next()?;
            let (text, number) = (&lines.bytes[line.clone()], lines.number);
            if let Some(arguments) = text.strip_prefix(b"-> ") {
                if stanzas.len() == MAX_STANZAS {
                    return Err(HeaderError::TooManyStanzas.into());
                }
                let mut stanza = Stanza::parse_arguments(arguments, number)?;
                loop {
                    let line = lines.next()?;
                    if stanza.push_body_line(&lines.bytes[line], lines.number)? {
                        break;
                    }
                }
                stanzas.push(stanza);
            } else if let Some(mac) = text.strip_prefix(b"---") {
                let mac = parse_mac(mac).ok_or(HeaderError::MacLine { line: number })?;
                check_stanzas(&stanzas)?;
                return Ok(Header { stanzas, covered: line.start + 3, mac, bytes: lines.bytes });
            } else {
                return Err(HeaderError::LineStart { line: number }.into());
            }
        }
    }

    /// Checks the header MAC. Fails with [`AgeError::Mac`].
    pub fn verify(&self, file_key: &FileKey) -> Result<(), AgeError> {
        mac(file_key, &self.bytes[..self.covered]).verify_slice(&self.mac).map_err(|_| AgeError::Mac)
    }

    /// The stanzas, in order; at least one.
    pub fn stanzas(&self) -> &[Stanza] {
        &self.stanzas
    }

    /// The header as it stands in the file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn check_stanzas(stanzas: &[Stanza]) -> Result<(), HeaderError> {
    if stanzas.is_empty() {
        return Err(HeaderError::NoStanza);
    }
    if stanzas.len() > MAX_STANZAS {
        return Err(HeaderError::TooManyStanzas);
    }
    // Whoever knows the passphrase could otherwise pass for a sender to the other recipients.
    if stanzas.len() > 1 && stanzas.iter().any(|stanza| stanza.tag() == scrypt::TAG) {
        return Err(HeaderError::ScryptNotAlone);
    }
    Ok(())
}

fn mac(file_key: &FileKey, bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(file_key.mac_key().as_slice()).expect("HMAC takes any key length");
    mac.update(bytes);
    mac
}

fn parse_mac(text: &[u8]) -> Option<[u8; 32]> {
    BASE64.decode(text.strip_prefix(b" ")?).ok()?.try_into().ok()
}

/// The lines of a header, each kept in `bytes` with its end.
struct Lines<'a, R> {
    input: &'a mut R,
    bytes: Vec<u8>,
    /// The line last read, from 1.
    number: usize,
}

impl<R: BufRead> Lines<'_, R> {
    /// The first line. No more than its length is read, so that a file that is none of age's is told at once.
    fn version(&mut self) -> Result<(), AgeError> {
        self.number = 1;
        self.input.take(VERSION.len() as u64).read_to_end(&mut self.bytes)?;
        if self.bytes == VERSION {
            Ok(())
        } else if self.bytes.starts_with(ARMOR) {
            Err(HeaderError::Armored.into())
        } else {
            Err(HeaderError::Version.into())
        }
    }

    /// Reads one line; its place in `bytes`, without its end.
    fn next(&mut self) -> Result<std::ops::Range<usize>, AgeError> {
        self.number += 1;
        let start = self.bytes.len();
        let room = MAX_HEADER_BYTES - start;
        let read: io::Result<usize> = self.input.take(room as u64).read_until(b'\n', &mut self.bytes);
        if read? == room && self.bytes.last() != Some(&b'\n') {
            return Err(HeaderError::TooLong.into());
        }
        if self.bytes.len() == start || self.bytes.last() != Some(&b'\n') {
            return Err(HeaderError::Truncated { line: self.number }.into());
        }
        Ok(start..self.bytes.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> FileKey {
        FileKey::from_bytes(*b"YELLOW SUBMARINE")
    }

    fn read(bytes: &[u8]) -> Result<Header, HeaderError> {
        match Header::read(&mut &bytes[..]) {
            Ok(header) => Ok(header),
            Err(AgeError::Header(error)) => Err(error),
            Err(error) => panic!("{error}"),
        }
    }

    fn stanzas(count: usize) -> Vec<Stanza> {
        vec![Stanza::new("grease", &["x"], vec![9; 48]).unwrap(); count]
    }

    #[test]
    fn limits_hold() {
        assert_eq!(Header::new(stanzas(1025), &key()), Err(HeaderError::TooManyStanzas));
        let most = Header::new(stanzas(1024), &key()).unwrap();
        assert_eq!(read(most.as_bytes()).unwrap(), most);
        let mut more = VERSION.to_vec();
        stanzas(1025).iter().for_each(|stanza| stanza.write(&mut more));
        assert_eq!(read(&more), Err(HeaderError::TooManyStanzas));

        let mut long = b"age-encryption.org/v1\n-> ".to_vec();
        long.resize(100 << 20, b'a');
        assert_eq!(read(&long), Err(HeaderError::TooLong));
        long[1 << 20] = b'\n';
        assert_eq!(read(&long), Err(HeaderError::TooLong));
        // A million arguments are kept as the one line that they are.
        let many = format!("age-encryption.org/v1\n-> a{}\nAAAA\n--- {}\n", " b".repeat(1_000_000), "A".repeat(43));
        let header = read(many.as_bytes()).unwrap();
        assert_eq!((header.stanzas()[0].tag(), header.stanzas()[0].arguments::<2>()), ("a", None));
        assert_eq!(header.as_bytes(), many.as_bytes());
        let stanza = Stanza::new("a", &["b", "c"], vec![]).unwrap();
        assert_eq!((stanza.arguments(), stanza.arguments::<1>()), (Some(["b", "c"]), None));
        for words in [[""; 2], ["a b", "c"], ["a", "b\n"], ["a", "é"], ["a", ""], ["\u{7f}", "b"]] {
            let [tag, argument] = words;
            assert_eq!(Stanza::new(tag, &[argument], vec![]), Err(HeaderError::Argument { line: 0 }), "{words:?}");
        }
        let huge = Stanza::new("x", &[], vec![0; 2 << 20]).unwrap();
        assert_eq!(Header::new(vec![huge], &key()), Err(HeaderError::TooLong));
    }

    #[test]
    fn headers_that_protect_nothing_are_not_written() {
        let new = |tags: &[&str]| {
            Header::new(tags.iter().map(|tag| Stanza::new(tag, &["x"], vec![]).unwrap()).collect(), &key()).map(drop)
        };
        assert_eq!(new(&[]), Err(HeaderError::NoStanza));
        assert_eq!(new(&[x25519::TAG, hybrid::TAG]), Err(HeaderError::Mixed));
        assert_eq!(new(&[hybrid::TAG, "grease", x25519::TAG]), Err(HeaderError::Mixed));
        assert_eq!(new(&[scrypt::TAG, "grease"]), Err(HeaderError::ScryptNotAlone));
        for tags in [&[x25519::TAG, x25519::TAG, "grease"][..], &[hybrid::TAG, hybrid::TAG], &[scrypt::TAG]] {
            assert_eq!(new(tags), Ok(()), "{tags:?}");
        }
    }

    #[test]
    fn each_fault_has_its_line() {
        let good = "age-encryption.org/v1\n-> a b\nAAAA\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
        assert!(read(good.as_bytes()).is_ok());
        for (from, to, error) in [
            ("v1", "v2", HeaderError::Version),
            ("-> a b\nAAAA\n", "", HeaderError::NoStanza),
            ("-> a b", "-> ", HeaderError::Argument { line: 2 }),
            ("-> a b", "-> a  b", HeaderError::Argument { line: 2 }),
            ("-> a b", "-> a\tb", HeaderError::Argument { line: 2 }),
            ("-> a b", "->a b", HeaderError::LineStart { line: 2 }),
            ("AAAA", "AAA\nAAAA", HeaderError::LineStart { line: 4 }),
            ("AAAA", "AAAA=", HeaderError::Base64 { line: 3 }),
            ("AAAA\n", "AB\n", HeaderError::Base64 { line: 3 }),
            ("AAAA\n", "A\n", HeaderError::Base64 { line: 3 }),
            ("AAAA\n", "AAAA\n\n", HeaderError::LineStart { line: 4 }),
            ("AAAA\n", &format!("{}\n", "A".repeat(65)), HeaderError::BodyLine { line: 3 }),
            ("-> a b\n", "-> a b\n\n-> scrypt x 1\n", HeaderError::ScryptNotAlone),
            ("--- A", "---  A", HeaderError::MacLine { line: 4 }),
            ("--- A", "--- AAAAA", HeaderError::MacLine { line: 4 }),
            ("--- A", "---", HeaderError::MacLine { line: 4 }),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_eq!(read(bad.as_bytes()), Err(error), "{bad}");
        }
        for cut in 1..good.len() {
            let error = read(&good.as_bytes()[..cut]).unwrap_err();
            if cut < VERSION.len() {
                assert_eq!(error, HeaderError::Version);
            } else {
                assert!(matches!(error, HeaderError::Truncated { .. }), "{cut}: {error}");
            }
        }
        assert_eq!(read(b"-----BEGIN AGE ENCRYPTED FILE-----\n"), Err(HeaderError::Armored));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            parts in prop::collection::vec(("[!-~]{1,9}", prop::collection::vec("[!-~]{1,70}", 0..4),
                prop::collection::vec(any::<u8>(), 0..200)), 1..6),
            rest: Vec<u8>,
        ) {
            let stanzas: Vec<_> = parts.iter().map(|(tag, arguments, body)| {
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                Stanza::new(tag, &arguments, body.clone()).unwrap()
            }).collect();
            let header = Header::new(stanzas, &key()).unwrap();
            let file = [header.as_bytes(), &rest].concat();
            let mut input = &file[..];
            let again = Header::read(&mut input).unwrap();
            prop_assert_eq!(input, &rest[..]);
            again.verify(&key()).unwrap();
            let refused = matches!(again.verify(&FileKey::from_bytes([0; 16])), Err(AgeError::Mac));
            prop_assert!(refused);
            prop_assert_eq!(again, header);
        }

        #[test]
        fn any_bytes_are_read_or_refused(text in "[-> \\nA-Ba=]{0,200}") {
            let bytes = [VERSION, text.as_bytes()].concat();
            if let Ok(header) = read(&bytes) {
                // Canonical: what was accepted is what would be written.
                let mut again = VERSION.to_vec();
                header.stanzas().iter().for_each(|stanza| stanza.write(&mut again));
                prop_assert_eq!(&again[..], &header.as_bytes()[..header.covered - 3]);
            }
        }
    }
}
