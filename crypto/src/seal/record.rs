//! The record: the sender's signature over what a sealed file holds (design section 9).
//!
//! In: the members, the document's commitment, the file key's commitment, epoch and time. Out: `record.jws`, the first
//! member of the archive, a JWS of type `consign-record+jwt`; and back, a [`Record`] whose members have plain, distinct
//! names, `dossier.json` or `view.json` first. It names no recipient: that is the grant's part.

use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroU64;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::RecordFault;
use super::name::MemberName;
use crate::age::FileKey;
use crate::commitment::Commitment;
use crate::identity::{Identity, SignerKey};
use crate::jws::{self, JwsError, ObjectType};
use crate::labels;

/// The name of the record in the archive.
pub const RECORD_NAME: &str = "record.jws";
/// The name of the dossier, the first member that a record lists.
pub const DOSSIER_NAME: &str = "dossier.json";
/// The name of a view, the first member where a part of a document is sealed.
pub const VIEW_NAME: &str = "view.json";
/// The name of the document that a dossier holds, where it was opened.
pub const DOCUMENT_NAME: &str = "document.json";
/// The name of what a view shows, where it was opened.
pub const PART_NAME: &str = "part.json";
/// Names of documents, in a sealed file or where one was opened: no attachment may pass for one.
pub const RESERVED_NAMES: [&str; 4] = [DOCUMENT_NAME, PART_NAME, DOSSIER_NAME, VIEW_NAME];
/// The most members that a record lists.
pub const MAX_MEMBERS: usize = 1000;
/// The longest member, in bytes: what a ustar header can say, 8 GiB less one.
pub const MAX_MEMBER_BYTES: u64 = (8 << 30) - 1;

/// How often a document has been sealed under a new file key, from 1. A higher epoch supersedes a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(NonZeroU64);

impl Epoch {
    /// The first epoch, 1.
    pub const FIRST: Epoch = Epoch(NonZeroU64::MIN);

    /// The epoch of this number; `None` for 0.
    pub fn new(number: u64) -> Option<Epoch> {
        NonZeroU64::new(number).map(Epoch)
    }

    /// Its number, from 1.
    pub fn number(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// 32 bytes in 64 lower-case hexadecimal digits: a SHA-256, or a file key's commitment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest32(pub [u8; 32]);

impl Digest32 {
    /// SHA-256 (FIPS 180-4) of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest32 {
        Digest32(Sha256::digest(bytes).into())
    }

    /// The commitment to a file key, `HKDF-SHA256(file key, no salt, "consign/commit")`.
    pub fn of_file_key(file_key: &FileKey) -> Digest32 {
        Digest32(file_key.derive(labels::FILE_KEY))
    }
}

impl TryFrom<String> for Digest32 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Digest32, &'static str> {
        let mut bytes = [0; 32];
        match hex::decode_to_slice(&text, &mut bytes) {
            Ok(()) if !text.bytes().any(|byte| byte.is_ascii_uppercase()) => Ok(Digest32(bytes)),
            _ => Err("not 64 lower-case hexadecimal digits"),
        }
    }
}

impl From<Digest32> for String {
    fn from(digest: Digest32) -> String {
        hex::encode(digest.0)
    }
}

impl fmt::Display for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A member as the record describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub(super) name: MemberName,
    pub(super) size: u64,
    pub(super) sha256: Digest32,
}

impl Member {
    /// Its name, plain and unlike every other in the file.
    pub fn name(&self) -> &MemberName {
        &self.name
    }
    /// Its length in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }
    /// SHA-256 of its bytes.
    pub fn sha256(&self) -> &Digest32 {
        &self.sha256
    }
}

/// The payload of `record.jws`, as it is signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    members: Vec<Member>,
    commitment: String,
    file_key: Digest32,
    epoch: Epoch,
    iat: i64,
}

/// What a sender says of the body of a sealed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    members: Vec<Member>,
    commitment: Commitment,
    file_key: Digest32,
    epoch: Epoch,
    time: Timestamp,
}

impl Record {
    /// A record of these members. Fails where they are none, too many, too long, not led by a document, or where two
    /// names differ in case only or another member has a name of [`RESERVED_NAMES`].
    pub(super) fn new(
        members: Vec<Member>,
        commitment: Commitment,
        file_key: Digest32,
        epoch: Epoch,
        time: Timestamp,
    ) -> Result<Record, RecordFault> {
        if members.first().is_none_or(|first| ![DOSSIER_NAME, VIEW_NAME].contains(&first.name.as_str())) {
            return Err(RecordFault::NoDossier);
        }
        if members.len() > MAX_MEMBERS {
            return Err(RecordFault::TooMany(members.len()));
        }
        let mut names = HashSet::from([RECORD_NAME.to_string()]);
        for (place, member) in members.iter().enumerate() {
            if !names.insert(member.name.folded()) {
                return Err(RecordFault::SameName(member.name.clone()));
            }
            if place > 0 && RESERVED_NAMES.contains(&member.name.folded().as_str()) {
                return Err(RecordFault::Reserved(member.name.clone()));
            }
            if member.size > MAX_MEMBER_BYTES {
                return Err(RecordFault::TooLong(member.name.clone(), member.size));
            }
        }
        Ok(Record { members, commitment, file_key, epoch, time })
    }

    /// Signs the record: the bytes of `record.jws`.
    pub(super) fn sign(&self, sender: &Identity) -> Result<String, JwsError> {
        let payload = Payload {
            members: self.members.clone(),
            commitment: self.commitment.to_hex(),
            file_key: self.file_key,
            epoch: self.epoch,
            iat: self.time.as_second(),
        };
        jws::sign(ObjectType::Record, &payload, sender)
    }

    /// Reads `record.jws`, which `sender` must have signed.
    pub(super) fn open(bytes: &[u8], sender: &SignerKey) -> Result<Record, RecordFault> {
        let text = std::str::from_utf8(bytes).map_err(|_| RecordFault::NotText)?;
        let payload: Payload = jws::open(ObjectType::Record, text)?.by(sender)?;
        let commitment = Commitment::from_hex(&payload.commitment).map_err(|_| RecordFault::Commitment)?;
        let time = Timestamp::from_second(payload.iat).map_err(|_| RecordFault::Time(payload.iat))?;
        Record::new(payload.members, commitment, payload.file_key, payload.epoch, time)
    }

    /// Whether the first member is a part of a document, a view, and not a dossier.
    pub fn is_of_view(&self) -> bool {
        self.members[0].name.as_str() == VIEW_NAME
    }

    /// The members, in the order of the archive; `dossier.json` or `view.json` first.
    pub fn members(&self) -> &[Member] {
        &self.members
    }
    /// The commitment that the dossier inside must have. The caller compares.
    pub fn commitment(&self) -> &Commitment {
        &self.commitment
    }
    /// The commitment to the file key.
    pub fn file_key(&self) -> &Digest32 {
        &self.file_key
    }
    /// The epoch.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }
    /// When the body was sealed, to the second, by the sender's clock.
    pub fn time(&self) -> Timestamp {
        self.time
    }
}
