//! Revocation: an issuer's status list says which of its attestations no longer hold.
//!
//! In: the text of a list, supplied by whoever verifies, for nothing is fetched here. Out: a [`StatusList`] under a
//! signature that holds; [`StatusLists`] judge an attestation by those that its own issuer signed. Whatever is missing,
//! stale or unreadable is an error and never a yes.
//!
//! A list is a W3C Bitstring Status List credential (Bitstring Status List v1.0) secured as a JWT (VC-JOSE-COSE, type
//! `vc+jwt`): one bit an attestation, in at least 131,072, so that a list does not tell which one is asked after. An
//! attestation says by `credentialStatus` where its bit stands.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    attestation::Attestation,
    identity::{Identity, SignerKey},
    jws::{self, JwsError, ObjectType},
    sd_jwt::SKEW_SECONDS,
    strict_json::printable,
};

/// Fewest bits of a list, by the specification: so many that one index tells nothing.
pub const MIN_BITS: u64 = 131_072;
/// Most bits of a list that is read: a mebibyte of them.
pub const MAX_BITS: u64 = 8 << 20;
/// Longest address of a list, in bytes.
pub const MAX_URI: usize = 1_000;
/// What `@context` begins with (Verifiable Credentials Data Model v2.0).
const CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";
const CREDENTIAL: [&str; 2] = ["VerifiableCredential", "BitstringStatusListCredential"];
const ENTRY: &str = "BitstringStatusListEntry";
const LIST: &str = "BitstringStatusList";
const PURPOSE: &str = "revocation";

/// Where the state of an attestation is published: a bit of a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusReference {
    /// Index of the bit.
    pub index: u64,
    /// The list's own address, by which it is known; an absolute URI.
    pub list: String,
}

/// `credentialStatus` as it stands in an attestation.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(rename = "type")]
    typ: String,
    status_purpose: String,
    status_list_index: String,
    status_list_credential: String,
}

impl From<&StatusReference> for Entry {
    fn from(reference: &StatusReference) -> Entry {
        Entry {
            typ: ENTRY.into(),
            status_purpose: PURPOSE.into(),
            status_list_index: reference.index.to_string(),
            status_list_credential: reference.list.clone(),
        }
    }
}

impl Entry {
    /// The reference, if the entry is one for revocation with an index in its one spelling.
    pub(crate) fn reference(&self) -> Option<StatusReference> {
        let index: u64 = self.status_list_index.parse().ok()?;
        let plain = index < MAX_BITS && index.to_string() == self.status_list_index;
        let known = self.typ == ENTRY && self.status_purpose == PURPOSE && is_address(&self.status_list_credential);
        (plain && known).then(|| StatusReference { index, list: self.status_list_credential.clone() })
    }
}

/// Whether a text can be the address of a list: an absolute URI of printable ASCII.
pub fn is_address(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let named = scheme.is_some_and(|s| {
        s.starts_with(|c: char| c.is_ascii_alphabetic())
            && s.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    named && text.len() <= MAX_URI && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Credential {
    #[serde(rename = "@context")]
    context: Vec<String>,
    id: String,
    #[serde(rename = "type")]
    typ: Vec<String>,
    issuer: String,
    valid_from: Timestamp,
    valid_until: Timestamp,
    credential_subject: Subject,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Subject {
    id: String,
    #[serde(rename = "type")]
    typ: String,
    status_purpose: String,
    encoded_list: String,
}

/// What is wrong with a status list, or with an attestation by it.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The signed object.
    #[error("status list: {0}")]
    Jws(#[from] JwsError),
    /// A member that does not have the form it must have.
    #[error("status list: {member} is {found:?}; accepted is {accepted}")]
    Member {
        /// Name of the member.
        member: &'static str,
        /// As signed.
        found: String,
        /// What is accepted.
        accepted: &'static str,
    },
    /// The bits cannot be unpacked.
    #[error("status list: encodedList is not the letter u and a gzip file in base64url")]
    Encoding,
    /// Too few or too many bits.
    #[error("status list: it has {0} bits or more; accepted are {MIN_BITS} to {MAX_BITS}, in whole bytes")]
    Size(u64),
    /// An index beyond the list.
    #[error("the status list {list} has {bits} bits, and bit {index} is asked for")]
    Index {
        /// Address of the list.
        list: String,
        /// Its size.
        bits: u64,
        /// What is asked for.
        index: u64,
    },
    /// The attestation does not say where its state is published.
    #[error("the attestation names no status list, and its status is asked for")]
    NoReference,
    /// No list of that address by that issuer was supplied.
    #[error("the status list {list} of the attestation's issuer is not at hand")]
    NotAtHand {
        /// Its address.
        list: String,
    },
    /// Made longer ago than is accepted.
    #[error("the status list {list} was made at {made}; accepted are lists of the last {hours} hours")]
    TooOld {
        /// Its address.
        list: String,
        /// When it was made.
        made: Timestamp,
        /// The greatest age.
        hours: u32,
    },
    /// Past the time that its issuer gave it.
    #[error("the status list {list} holds until {until}, and it is {now}")]
    Over {
        /// Its address.
        list: String,
        /// Until when it holds.
        until: Timestamp,
        /// The present time.
        now: Timestamp,
    },
    /// Made later than now.
    #[error("the status list {list} says that it was made at {made}, and it is {now}")]
    FromTheFuture {
        /// Its address.
        list: String,
        /// When it was made, by its own word.
        made: Timestamp,
        /// The present time.
        now: Timestamp,
    },
    /// The issuer took the attestation back.
    #[error("the attestation is revoked: bit {index} of {list}, made at {made}")]
    Revoked {
        /// Address of the list.
        list: String,
        /// Which bit.
        index: u64,
        /// When the list was made.
        made: Timestamp,
    },
}

impl StatusError {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            StatusError::NoReference => "ask the holder for a document that was attested with a status list",
            StatusError::NotAtHand { .. } => {
                "get the list from that address, or from the issuer, and name its file with --status"
            }
            StatusError::TooOld { .. } | StatusError::Over { .. } => {
                "get the list anew, and name its file with --status"
            }
            StatusError::FromTheFuture { .. } => "check the clock of this machine",
            StatusError::Revoked { .. } => "do not rely on the document; its issuer can say why it took it back",
            _ => "get the list anew from its issuer",
        }
    }
}

/// A status list under a signature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    address: String,
    issuer: SignerKey,
    made: Timestamp,
    until: Timestamp,
    bits: Vec<u8>,
}

/// An issuer as a credential names it (did:jwk), which follows from its key.
fn did(key: &SignerKey) -> String {
    let jwk = json!({"crv": "Ed25519", "kty": "OKP", "x": key});
    format!("did:jwk:{}", URL_SAFE_NO_PAD.encode(jwk.to_string()))
}

impl StatusList {
    /// Signs a list of `bits` bits with those of `revoked` set. It holds from `made` until `until`.
    ///
    /// # Errors
    /// [`StatusError::Member`] for an address that is none or times out of order, [`StatusError::Size`],
    /// [`StatusError::Index`], [`StatusError::Jws`] when it is too long to sign.
    pub fn sign(
        address: &str,
        bits: u64,
        revoked: &BTreeSet<u64>,
        (made, until): (Timestamp, Timestamp),
        issuer: &Identity,
    ) -> Result<String, StatusError> {
        if !(MIN_BITS..=MAX_BITS).contains(&bits) || !bits.is_multiple_of(8) {
            return Err(StatusError::Size(bits));
        }
        let mut bytes = vec![0; bits as usize / 8];
        for &index in revoked {
            let byte = usize::try_from(index / 8).ok().and_then(|at| bytes.get_mut(at));
            // Bit 0 is the first from the left.
            *byte.ok_or_else(|| StatusError::Index { list: address.into(), bits, index })? |= 0x80 >> (index % 8);
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&bytes).expect("a vector takes bytes");
        let encoded_list = format!("u{}", URL_SAFE_NO_PAD.encode(packed.finish().expect("a vector takes bytes")));
        let credential = Credential {
            context: vec![CONTEXT.into()],
            id: address.into(),
            typ: CREDENTIAL.map(String::from).into(),
            issuer: did(issuer.public().signer()),
            valid_from: made,
            valid_until: until,
            credential_subject: Subject {
                id: format!("{address}#list"),
                typ: LIST.into(),
                status_purpose: PURPOSE.into(),
                encoded_list,
            },
        };
        let text = jws::sign(ObjectType::StatusList, &credential, issuer)?;
        StatusList::parse(&text)?;
        Ok(text)
    }

    /// Reads a list, white space around it aside, and checks its signature under the key that it names. Whether that
    /// key is an attestation's issuer is for [`StatusLists::check`] to say.
    ///
    /// # Errors
    /// [`StatusError::Jws`], [`StatusError::Member`], [`StatusError::Encoding`], [`StatusError::Size`].
    pub fn parse(text: &str) -> Result<StatusList, StatusError> {
        let signed = jws::open::<Credential>(ObjectType::StatusList, text.trim())?;
        let issuer = *signed.signer();
        let Credential { context, id, typ, issuer: named, valid_from, valid_until, credential_subject: subject } =
            signed.by(&issuer)?;
        let member = |member, found: &str, accepted| {
            let found = printable(found, 100);
            Err(StatusError::Member { member, found, accepted })
        };
        if context.first().map(String::as_str) != Some(CONTEXT) {
            return member("@context", &context.join(" "), CONTEXT);
        }
        if typ != CREDENTIAL {
            return member("type", &typ.join(" "), "VerifiableCredential and BitstringStatusListCredential");
        }
        if named != did(&issuer) {
            return member("issuer", &named, "the did:jwk of the key that signed");
        }
        if !is_address(&id) {
            return member("id", &id, "an absolute URI");
        }
        if valid_until <= valid_from {
            return member("validUntil", &valid_until.to_string(), "a time after validFrom");
        }
        if subject.typ != LIST {
            return member("credentialSubject.type", &subject.typ, LIST);
        }
        if subject.status_purpose != PURPOSE {
            return member("statusPurpose", &subject.status_purpose, PURPOSE);
        }
        let bits = unpack(&subject.encoded_list)?;
        Ok(StatusList { address: id, issuer, made: valid_from, until: valid_until, bits })
    }

    /// Its own address.
    pub fn address(&self) -> &str {
        &self.address
    }
    /// The key that signed.
    pub fn issuer(&self) -> &SignerKey {
        &self.issuer
    }
    /// When it was made.
    pub fn made(&self) -> Timestamp {
        self.made
    }
    /// Until when it holds.
    pub fn until(&self) -> Timestamp {
        self.until
    }
    /// Number of bits.
    pub fn size(&self) -> u64 {
        self.bits.len() as u64 * 8
    }
    /// How many attestations it takes back.
    pub fn revoked(&self) -> u64 {
        self.bits.iter().map(|byte| u64::from(byte.count_ones())).sum()
    }
    /// The bit, `None` beyond the list.
    pub fn bit(&self, index: u64) -> Option<bool> {
        let byte = self.bits.get(usize::try_from(index / 8).ok()?)?;
        Some(byte & (0x80 >> (index % 8)) != 0)
    }
}

/// The bytes of the bits; never more than [`MAX_BITS`] are unpacked.
fn unpack(encoded: &str) -> Result<Vec<u8>, StatusError> {
    let packed = encoded.strip_prefix('u').and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let packed = packed.ok_or(StatusError::Encoding)?;
    let mut bits = Vec::new();
    let mut reader = GzDecoder::new(&packed[..]).take(MAX_BITS / 8 + 1);
    reader.read_to_end(&mut bits).map_err(|_| StatusError::Encoding)?;
    let size = bits.len() as u64 * 8;
    if (MIN_BITS..=MAX_BITS).contains(&size) { Ok(bits) } else { Err(StatusError::Size(size)) }
}

/// What is said of an attestation by the list that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// When the list was made that does not revoke it.
    pub as_of: Timestamp,
}

/// The status lists that a verifier has at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusLists(Vec<StatusList>);

impl StatusLists {
    /// These lists.
    pub fn new(lists: impl IntoIterator<Item = StatusList>) -> StatusLists {
        StatusLists(lists.into_iter().collect())
    }

    /// Judges an attestation by the list that it names, signed by its own issuer: the latest of them at hand. With
    /// `hours` a status must be shown, by a list of that age at most. Without, a list at hand can only take back: its
    /// bit counts however old it is, for what is revoked stays so, and its silence says nothing.
    ///
    /// # Errors
    /// [`StatusError`], but those of a list's form.
    pub fn check(
        &self,
        attestation: &Attestation,
        hours: Option<u32>,
        now: Timestamp,
    ) -> Result<Option<Standing>, StatusError> {
        let Some(StatusReference { index, list }) = attestation.status().cloned() else {
            return hours.map_or(Ok(None), |_| Err(StatusError::NoReference));
        };
        let of_issuer = self.0.iter().filter(|l| l.address == list && l.issuer == *attestation.issuer_key());
        let mut latest: Option<&StatusList> = None;
        for found in of_issuer {
            match found.bit(index) {
                Some(true) => return Err(StatusError::Revoked { list, index, made: found.made }),
                Some(false) => latest = latest.filter(|other| other.made >= found.made).or(Some(found)),
                None => return Err(StatusError::Index { list, bits: found.size(), index }),
            }
        }
        let (latest, hours) = match (latest, hours) {
            (_, None) => return Ok(None),
            (None, Some(_)) => return Err(StatusError::NotAtHand { list }),
            (Some(latest), Some(hours)) => (latest, hours),
        };
        let StatusList { made, until, .. } = *latest;
        if made.as_second() > now.as_second().saturating_add(SKEW_SECONDS) {
            return Err(StatusError::FromTheFuture { list, made, now });
        }
        if until <= now {
            return Err(StatusError::Over { list, until, now });
        }
        if now.duration_since(made) > SignedDuration::from_hours(hours.into()) {
            return Err(StatusError::TooOld { list, made, hours });
        }
        Ok(Some(Standing { as_of: made }))
    }
}

#[cfg(test)]
mod tests;
