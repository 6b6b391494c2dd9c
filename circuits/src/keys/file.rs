//! The container of key files: a head that lists every section with its digest, then the sections.
//!
//! `consign-keys-1\n`, one byte `P` or `V`, the head's length (4 bytes, little-endian), the head (canonical JSON), then
//! each section, all padded with zeros to a multiple of 64 bytes from the file's start so that the file can be mapped.
//! `verify.keys` has the sections whose name ends in `/verifying`, `prove.keys` has all; the head is the same in both and
//! its SHA-256 is the key set's id. Source: design section 10, `docs/format.md`, "Key files".

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{self, ErrorKind},
    str::FromStr,
    sync::Arc,
};

use consign_crypto::{identity::Name, strict_json};
use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::source::KeyBytes;

/// First bytes of a key file.
const MAGIC: &[u8; 15] = b"consign-keys-1\n";
/// Largest head: a few kilobytes in fact.
const MAX_HEAD: usize = 64 * 1024;
/// Largest file, and so the largest section.
const MAX_FILE: u64 = 1 << 30;
const ALIGNMENT: usize = 64;
/// Bytes before the head: first bytes, role, length of the head.
const PREFIX: usize = MAGIC.len() + 5;
/// How the names of sections that verifiers need end.
pub const VERIFYING: &str = "/verifying";

/// Why bytes are no key file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Another kind of file.
    #[error("this is not a consign key file")]
    NotAKeyFile,
    /// `verify.keys` where `prove.keys` is needed or the other way round.
    #[error("this file holds the keys to {found}; the keys to {expected} are needed")]
    OtherRole {
        /// What was asked for.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// Shorter or longer than its head says.
    #[error("the file has {found} bytes where its head says {expected}")]
    Length {
        /// By the head.
        expected: u64,
        /// In fact.
        found: u64,
    },
    /// Larger than any key file.
    #[error("the file has {0} bytes; a key file may have {MAX_FILE}")]
    TooLarge(u64),
    /// The system refused.
    #[error("the key file cannot be read: {0}")]
    Read(ErrorKind),
    /// The head is not what this version writes.
    #[error("the head of the key file is malformed: {0}")]
    Head(String),
    /// A section's bytes are not those the head pins.
    #[error("section {0} does not have the digest that the head pins")]
    Digest(String),
    /// It was written to, or replaced, while it was read.
    #[error("the key file changed while it was used")]
    Changed,
    /// A section's content.
    #[error("section {0} is malformed")]
    Section(String),
    /// A section that this version needs is not listed.
    #[error("section {0} is missing")]
    Missing(String),
}

/// The SHA-256 of a key set's head.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeySetId([u8; 32]);

impl KeySetId {
    /// From its bytes.
    pub fn new(bytes: [u8; 32]) -> KeySetId {
        KeySetId(bytes)
    }
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
impl fmt::Display for KeySetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Debug for KeySetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySetId({self})")
    }
}

/// Text that is no key set id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key set id is 64 lower-case hexadecimal digits; found {0:?}")]
pub struct NotAKeySetId(String);

impl FromStr for KeySetId {
    type Err = NotAKeySetId;
    fn from_str(text: &str) -> Result<KeySetId, NotAKeySetId> {
        let error = || NotAKeySetId(text.chars().take(80).collect());
        let lower = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let bytes = lower.then(|| hex::decode(text).ok()).flatten().ok_or_else(error)?;
        bytes.try_into().map(KeySetId).map_err(|_| error())
    }
}

/// What a key set says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// `keys/1`.
    consign: String,
    /// Name that the maker gave itself; the trust list says whose a key set is.
    pub maker: String,
    /// When it was made, RFC 3339.
    pub created: String,
    /// `bn254`.
    curve: String,
    /// `circom`.
    reduction: String,
    /// The sections in the order of `prove.keys`.
    sections: Vec<Section>,
}

impl Head {
    /// The digest of a section, 64 hexadecimal digits.
    pub fn digest(&self, section: &str) -> Option<&str> {
        self.sections.iter().find(|s| s.name == section).map(|s| s.sha256.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    name: String,
    bytes: u64,
    sha256: String,
}

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `prove.keys`
    Prove,
    /// `verify.keys`
    Verify,
}

impl Role {
    fn byte(self) -> u8 {
        match self {
            Role::Prove => b'P',
            Role::Verify => b'V',
        }
    }
    fn name(self) -> &'static str {
        match self {
            Role::Prove => "prove",
            Role::Verify => "verify",
        }
    }
    fn holds(self, section: &str) -> bool {
        self == Role::Prove || section.ends_with(VERIFYING)
    }
}

/// The sections of a key set with their head, before they are written.
pub struct Sections {
    head: Vec<u8>,
    parsed: Head,
    contents: Vec<Vec<u8>>,
}

impl Sections {
    /// Lists and digests the sections.
    pub fn new(maker: &str, created: &str, sections: Vec<(String, Vec<u8>)>) -> Sections {
        let listed = sections
            .par_iter()
            .map(|(name, content)| Section {
                name: name.clone(),
                bytes: content.len() as u64,
                sha256: hex::encode(Sha256::digest(content)),
            })
            .collect();
        let parsed = Head {
            consign: "keys/1".into(),
            maker: maker.into(),
            created: created.into(),
            curve: "bn254".into(),
            reduction: "circom".into(),
            sections: listed,
        };
        let head = serde_json_canonicalizer::to_vec(&parsed).expect("strings and numbers have a canonical form");
        Sections { head, parsed, contents: sections.into_iter().map(|(_, content)| content).collect() }
    }

    /// The key set's id.
    pub fn id(&self) -> KeySetId {
        KeySetId(Sha256::digest(&self.head).into())
    }

    /// The bytes of one of the two files.
    pub fn to_file(&self, role: Role) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.push(role.byte());
        out.extend_from_slice(&(self.head.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.head);
        for (section, content) in self.parsed.sections.iter().zip(&self.contents) {
            if role.holds(&section.name) {
                out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
                out.extend_from_slice(content);
            }
        }
        out
    }
}

/// A key file whose head has been read; sections are read and checked when they are used.
#[derive(Clone)]
pub struct KeyFile {
    id: KeySetId,
    head: Head,
    source: Arc<dyn KeyBytes>,
    places: BTreeMap<String, Place>,
}

/// Where a section stands.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    size: u64,
    digest: [u8; 32],
}

impl Place {
    fn size(&self) -> Result<usize, KeyFileError> {
        usize::try_from(self.size).map_err(|_| KeyFileError::TooLarge(self.size))
    }

    fn check(&self, name: &str, bytes: &[u8]) -> Result<(), KeyFileError> {
        let found: [u8; 32] = Sha256::digest(bytes).into();
        if found == self.digest { Ok(()) } else { Err(KeyFileError::Digest(name.into())) }
    }
}

/// A section that stays in its file.
pub(crate) struct StoredSection {
    source: Arc<dyn KeyBytes>,
    circuit: &'static str,
    name: String,
    place: Place,
    size: usize,
}

impl StoredSection {
    /// Number of bytes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Fills `out` with the bytes from a place on, as they come.
    pub(super) fn read(&self, place: usize, out: &mut [u8]) -> Result<(), KeyFileError> {
        self.source.read_at(self.place.start + place as u64, out).map_err(read_error)
    }

    /// All bytes, with the digest that the head pins unless they are still those that were found whole.
    pub(super) fn checked(&self) -> Result<Vec<u8>, KeyFileError> {
        let mut bytes = vec![0; self.size];
        let before = self.whole_before();
        self.read(0, &mut bytes)?;
        if !(before && self.whole_before()) {
            self.place.check(&self.name, &bytes)?;
        }
        Ok(bytes)
    }

    /// Whether the circuit's sections were found whole once and the file has not changed since.
    pub(super) fn whole_before(&self) -> bool {
        self.source.whole_before(self.circuit)
    }
}

impl KeyFile {
    /// Reads the head, alone, and finds the sections.
    ///
    /// # Errors
    /// [`KeyFileError`] for another file, another role, a malformed head or a wrong length.
    pub fn open(source: impl KeyBytes + 'static, role: Role) -> Result<KeyFile, KeyFileError> {
        let length = source.size().map_err(read_error)?;
        if length > MAX_FILE {
            return Err(KeyFileError::TooLarge(length));
        }
        let malformed = |what: &str| KeyFileError::Head(what.into());
        let mut prefix = [0; PREFIX];
        let there = PREFIX.min(length as usize);
        source.read_at(0, &mut prefix[..there]).map_err(read_error)?;
        if !prefix.starts_with(MAGIC) {
            return Err(KeyFileError::NotAKeyFile);
        }
        let [.., byte, s0, s1, s2, s3] = prefix;
        if byte != role.byte() {
            let other = if role == Role::Prove { Role::Verify } else { Role::Prove };
            return Err(if byte == other.byte() {
                KeyFileError::OtherRole { expected: role.name(), found: other.name() }
            } else {
                KeyFileError::NotAKeyFile
            });
        }
        let size = u32::from_le_bytes([s0, s1, s2, s3]) as usize;
        if size > MAX_HEAD || (PREFIX + size) as u64 > length {
            return Err(malformed("it ends early"));
        }
        let mut head_bytes = vec![0; size];
        source.read_at(PREFIX as u64, &mut head_bytes).map_err(read_error)?;
        let head: Head = strict_json::from_slice(&head_bytes).map_err(|e| malformed(&e.to_string()))?;
        if (head.consign.as_str(), head.curve.as_str(), head.reduction.as_str()) != ("keys/1", "bn254", "circom") {
            return Err(malformed("another version, curve or reduction"));
        }
        // Both are shown to people.
        if head.maker.parse::<Name>().is_err() || head.created.parse::<Timestamp>().is_err() {
            return Err(malformed("the maker's name or the time"));
        }
        let mut at = (PREFIX + size) as u64;
        let mut places = BTreeMap::new();
        for section in &head.sections {
            let digest: KeySetId = section.sha256.parse().map_err(|_| malformed("a digest"))?;
            if section.bytes > MAX_FILE {
                return Err(malformed("a size"));
            }
            if role.holds(&section.name) {
                let start = at.next_multiple_of(ALIGNMENT as u64);
                let place = Place { start, size: section.bytes, digest: digest.0 };
                places.insert(section.name.clone(), place);
                // At most 65,536 bytes of head list sections: far from overflowing.
                at = start + section.bytes;
            }
        }
        let names: BTreeSet<&str> = head.sections.iter().map(|section| section.name.as_str()).collect();
        if names.len() != head.sections.len() {
            return Err(malformed("a section listed twice"));
        }
        if at != length {
            return Err(KeyFileError::Length { expected: at, found: length });
        }
        let id = KeySetId(Sha256::digest(&head_bytes).into());
        Ok(KeyFile { id, head, source: Arc::new(source), places })
    }

    /// The key set's id.
    pub fn id(&self) -> KeySetId {
        self.id
    }
    /// The head.
    pub fn head(&self) -> &Head {
        &self.head
    }
    /// The bytes, for what is remembered of them.
    pub(super) fn source(&self) -> &dyn KeyBytes {
        &*self.source
    }

    /// A section's bytes, with the digest that the head pins.
    ///
    /// # Errors
    /// [`KeyFileError::Missing`], [`KeyFileError::Read`] or [`KeyFileError::Digest`].
    pub fn section(&self, name: &str) -> Result<Vec<u8>, KeyFileError> {
        let bytes = self.unchecked(name)?;
        self.check(name, &bytes)?;
        Ok(bytes)
    }

    /// A section's bytes as they come.
    pub(super) fn unchecked(&self, name: &str) -> Result<Vec<u8>, KeyFileError> {
        let place = self.place(name)?;
        let mut bytes = vec![0; place.size()?];
        self.source.read_at(place.start, &mut bytes).map_err(read_error)?;
        Ok(bytes)
    }

    /// A section of a circuit that stays in its file.
    pub(super) fn stored(&self, circuit: &'static str, name: &str) -> Result<StoredSection, KeyFileError> {
        let place = *self.place(name)?;
        Ok(StoredSection { source: Arc::clone(&self.source), circuit, name: name.into(), place, size: place.size()? })
    }

    /// Whether these bytes have the digest that the head pins for a section.
    pub(super) fn check(&self, name: &str, bytes: &[u8]) -> Result<(), KeyFileError> {
        self.place(name)?.check(name, bytes)
    }

    fn place(&self, name: &str) -> Result<&Place, KeyFileError> {
        self.places.get(name).ok_or_else(|| KeyFileError::Missing(name.into()))
    }
}

fn read_error(error: io::Error) -> KeyFileError {
    KeyFileError::Read(error.kind())
}
