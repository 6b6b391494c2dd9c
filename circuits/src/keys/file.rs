//! The container of key files: a head that lists every section with its digest, then the sections.
//!
//! `consign-keys-1\n`, one byte `P` or `V`, the head's length (4 bytes, little-endian), the head (canonical JSON), then
//! each section, all padded with zeros to a multiple of 64 bytes from the file's start so that the file can be mapped.
//! `verify.keys` has the sections whose name ends in `/verifying`, `prove.keys` has all; the head is the same in both and
//! its SHA-256 is the key set's id. Source: design section 10, `docs/format.md`, "Key files".

use std::{collections::BTreeMap, fmt, ops::Range, str::FromStr, sync::Arc};

use consign_crypto::{identity::Name, strict_json};
use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// First bytes of a key file.
const MAGIC: &[u8; 15] = b"consign-keys-1\n";
/// Largest head: a few kilobytes in fact.
const MAX_HEAD: usize = 64 * 1024;
const ALIGNMENT: usize = 64;
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
        expected: usize,
        /// In fact.
        found: usize,
    },
    /// The head is not what this version writes.
    #[error("the head of the key file is malformed: {0}")]
    Head(String),
    /// A section's bytes are not those the head pins.
    #[error("section {0} does not have the digest that the head pins")]
    Digest(String),
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

/// A key file whose head has been read; sections are checked when they are used.
#[derive(Clone)]
pub struct KeyFile {
    id: KeySetId,
    head: Head,
    bytes: Arc<[u8]>,
    places: BTreeMap<String, (Range<usize>, [u8; 32])>,
}

impl KeyFile {
    /// Reads the head and finds the sections.
    ///
    /// # Errors
    /// [`KeyFileError`] for another file, another role, a malformed head or a wrong length.
    pub fn parse(bytes: impl Into<Arc<[u8]>>, role: Role) -> Result<KeyFile, KeyFileError> {
        let bytes: Arc<[u8]> = bytes.into();
        let rest = bytes.strip_prefix(MAGIC).ok_or(KeyFileError::NotAKeyFile)?;
        let (&byte, rest) = rest.split_first().ok_or(KeyFileError::NotAKeyFile)?;
        if byte != role.byte() {
            let other = if role == Role::Prove { Role::Verify } else { Role::Prove };
            return Err(if byte == other.byte() {
                KeyFileError::OtherRole { expected: role.name(), found: other.name() }
            } else {
                KeyFileError::NotAKeyFile
            });
        }
        let malformed = |what: &str| KeyFileError::Head(what.into());
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(|| malformed("it ends early"))?;
        let length = u32::from_le_bytes(*length) as usize;
        let head_bytes = rest.get(..length).filter(|_| length <= MAX_HEAD).ok_or_else(|| malformed("it ends early"))?;
        let head: Head = strict_json::from_slice(head_bytes).map_err(|e| malformed(&e.to_string()))?;
        if (head.consign.as_str(), head.curve.as_str(), head.reduction.as_str()) != ("keys/1", "bn254", "circom") {
            return Err(malformed("another version, curve or reduction"));
        }
        // Both are shown to people.
        if head.maker.parse::<Name>().is_err() || head.created.parse::<Timestamp>().is_err() {
            return Err(malformed("the maker's name or the time"));
        }
        let mut at = MAGIC.len() + 5 + length;
        let mut places = BTreeMap::new();
        for section in &head.sections {
            let digest: KeySetId = section.sha256.parse().map_err(|_| malformed("a digest"))?;
            let size =
                usize::try_from(section.bytes).ok().filter(|&s| s <= 1 << 40).ok_or_else(|| malformed("a size"))?;
            let (start, size) =
                if role.holds(&section.name) { (at.next_multiple_of(ALIGNMENT), size) } else { (at, 0) };
            if places.insert(section.name.clone(), (start..start + size, digest.0)).is_some() {
                return Err(malformed("a section listed twice"));
            }
            at = start + size;
        }
        if at != bytes.len() {
            return Err(KeyFileError::Length { expected: at, found: bytes.len() });
        }
        let id = KeySetId(Sha256::digest(head_bytes).into());
        Ok(KeyFile { id, head, bytes, places })
    }

    /// The key set's id.
    pub fn id(&self) -> KeySetId {
        self.id
    }
    /// The head.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// A section's bytes, with the digest that the head pins.
    ///
    /// # Errors
    /// [`KeyFileError::Missing`] or [`KeyFileError::Digest`].
    pub fn section(&self, name: &str) -> Result<&[u8], KeyFileError> {
        let (range, digest) = self.places.get(name).ok_or_else(|| KeyFileError::Missing(name.into()))?;
        let bytes = &self.bytes[range.clone()];
        let found: [u8; 32] = Sha256::digest(bytes).into();
        (found == *digest).then_some(bytes).ok_or_else(|| KeyFileError::Digest(name.into()))
    }
}
