//! Grants: what lets one recipient open a sealed file, signed by its sender for that recipient (design section 9).
//!
//! In: a file key, the digest of a record, a recipient. Out: an age header of two stanzas, `X25519` or `mlkem768x25519` and
//! `consign-grant-1`; age ignores the second. Its body is a JWS of type `consign-grant+jwt`, encrypted under a key that
//! only a party who can open the first stanza derives: HKDF-SHA256 over shared secret and file key, with the ephemeral
//! share and the recipient as salt. The share is fresh in every header, so is the key, and the nonce is zero.

use std::io::{self, BufRead, Read, Write};

use chacha20poly1305::Nonce;
use chacha20poly1305::aead::Aead;
use jiff::Timestamp;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use super::error::{OpenError, SealError};
use super::open;
use super::record::{Digest32, Epoch, Record};
use crate::age::x25519::SharedSecret;
use crate::age::{FileKey, Header, HeaderError, Passphrase, ScryptRecipient, Stanza, StreamReader, Wrap};
use crate::identity::{Identity, Name, NameError, RecipientKey};
use crate::jws::{self, ObjectType, Signed};
use crate::labels;

/// The stanza's type.
pub const TAG: &str = "consign-grant-1";
/// The longest body of a grant stanza, in bytes.
const MAX_BODY_BYTES: usize = 4096;

/// What a file was sent for, in the sender's words: 1 to 100 printable characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose(Name);

impl Purpose {
    /// The purpose as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What the sender's own copy says.
    pub fn own_copy() -> Purpose {
        Purpose("own copy".parse().expect("a constant that is a name"))
    }

    /// What an archive under a passphrase is for.
    pub(super) fn own_archive() -> Purpose {
        Purpose("own archive".parse().expect("a constant that is a name"))
    }
}

impl std::str::FromStr for Purpose {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Purpose, NameError> {
        text.parse().map(Purpose)
    }
}

impl std::fmt::Display for Purpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The payload of a grant, as it is signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payload {
    record: Digest32,
    file_key: Digest32,
    recipient: String,
    epoch: Epoch,
    iat: i64,
    purpose: String,
}

/// What a grant says, each field parsed; whose word it is, its caller has checked.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) record: Digest32,
    pub(super) file_key: Digest32,
    pub(super) recipient: RecipientKey,
    pub(super) epoch: Epoch,
    pub(super) time: Timestamp,
    pub(super) purpose: Purpose,
}

impl Grant {
    pub(super) fn parse(payload: &Payload) -> Result<Grant, OpenError> {
        Ok(Grant {
            record: payload.record,
            file_key: payload.file_key,
            recipient: payload
                .recipient
                .parse()
                .map_err(|_| OpenError::GrantField("the recipient is not an age key"))?,
            epoch: payload.epoch,
            time: Timestamp::from_second(payload.iat).map_err(|_| OpenError::GrantField("the time is out of range"))?,
            purpose: payload
                .purpose
                .parse()
                .map_err(|_| OpenError::GrantField("the purpose is not 1 to 100 printable characters"))?,
        })
    }
}

/// Whoever can grant a sealed file: its sender, with the file key and the digest of its record.
#[derive(Debug)]
pub(super) struct Granter<'a> {
    pub(super) sender: &'a Identity,
    pub(super) file_key: FileKey,
    pub(super) record: Digest32,
    pub(super) epoch: Epoch,
    /// What protects the file key in every header of the body, once there is one.
    pub(super) protection: Option<Protection>,
}

/// What protects a file key. A body is as safe as the weakest of its headers, so all of them have one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    /// X25519 alone.
    Classical,
    /// X25519 and ML-KEM-768.
    PostQuantum,
    /// A passphrase, which knows no readers.
    Passphrase,
}

impl Protection {
    pub(super) fn of(recipient: &RecipientKey) -> Protection {
        if recipient.is_post_quantum() { Protection::PostQuantum } else { Protection::Classical }
    }
}

impl Granter<'_> {
    /// Binds the body to one kind of protection, or refuses another than it has.
    fn protect(&mut self, by: Protection) -> Result<(), HeaderError> {
        match *self.protection.get_or_insert(by) {
            bound if bound == by => Ok(()),
            Protection::Passphrase => Err(HeaderError::ScryptNotAlone),
            _ if by == Protection::Passphrase => Err(HeaderError::ScryptNotAlone),
            _ => Err(HeaderError::Mixed),
        }
    }

    /// A header that opens the file with a passphrase. It has no grant: whoever knows the passphrase can write such files.
    pub(super) fn archive_header(
        &mut self,
        passphrase: &Passphrase,
        rng: &mut dyn CryptoRng,
    ) -> Result<Header, SealError> {
        self.protect(Protection::Passphrase)?;
        let stanza = ScryptRecipient::new(passphrase.clone()).wrap(&self.file_key, rng)?;
        Ok(Header::new(vec![stanza], &self.file_key)?)
    }

    /// A fresh header that opens the file for `recipient`.
    pub(super) fn header(
        &mut self,
        recipient: &RecipientKey,
        purpose: &Purpose,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Header, SealError> {
        self.protect(Protection::of(recipient))?;
        let (stanza, shared) = recipient.wrap_shared(&self.file_key, rng)?;
        let payload = Payload {
            record: self.record,
            file_key: Digest32::of_file_key(&self.file_key),
            recipient: recipient.to_string(),
            epoch: self.epoch,
            iat: now.as_second(),
            purpose: purpose.as_str().into(),
        };
        let signed = jws::sign(ObjectType::Grant, &payload, self.sender)?;
        Ok(Header::new(vec![stanza, encrypt(&signed, &shared, &self.file_key)?], &self.file_key)?)
    }
}

/// The grant stanza with this content.
pub(super) fn encrypt(content: &str, shared: &SharedSecret, file_key: &FileKey) -> Result<Stanza, SealError> {
    let body = shared
        .cipher_for(file_key.as_bytes(), labels::GRANT)
        .encrypt(&Nonce::default(), content.as_bytes())
        .expect("a grant is far below ChaCha20-Poly1305's limit");
    Ok(Stanza::new(TAG, &[], body)?)
}

/// Finds this identity's stanza in `header`, checks the MAC, and decrypts the grant beside it. Of the grant nothing but
/// its signature under the key that it names is checked.
pub(super) fn decrypt(header: &Header, identity: &Identity) -> Result<(FileKey, Signed<Payload>), OpenError> {
    let mut found = None;
    for stanza in header.stanzas() {
        if let Some(opened) = identity.unwrap_shared(stanza).map_err(OpenError::Header)? {
            found = Some(opened);
            break;
        }
    }
    let (file_key, shared) = found.ok_or(OpenError::NoKey)?;
    header.verify(&file_key)?;

    let cipher = shared.cipher_for(file_key.as_bytes(), labels::GRANT);
    let text = header
        .stanzas()
        .iter()
        .filter(|stanza| {
            stanza.tag() == TAG && stanza.arguments::<0>().is_some() && stanza.body().len() <= MAX_BODY_BYTES
        })
        .find_map(|stanza| cipher.decrypt(&Nonce::default(), stanza.body()).ok())
        .ok_or(OpenError::NotAddressed)?;
    // Only the sender and this reader can have written what decrypted; still, a header names one recipient.
    match header.stanzas() {
        [recipient, grant] if recipient.tag() == identity.public().recipient().stanza_tag() && grant.tag() == TAG => {}
        stanzas => return Err(OpenError::Stanzas(stanzas.len())),
    }
    let text = String::from_utf8(text).map_err(|_| OpenError::GrantField("not text"))?;
    Ok((file_key, jws::open(ObjectType::Grant, &text).map_err(OpenError::Grant)?))
}

/// The sender's own copy of a sealed file, its grant verified, ready to grant it to others.
#[derive(Debug)]
pub struct OwnCopy<'a, R> {
    granter: Granter<'a>,
    body: R,
}

impl<'a, R: BufRead> OwnCopy<'a, R> {
    /// Reads the header of `sender`'s own copy.
    ///
    /// # Errors
    /// [`SealError::Copy`] when it does not open with the sender's key, [`SealError::NotSender`] when somebody else
    /// sealed it: only the sender can name another recipient.
    pub fn open(mut input: R, sender: &'a Identity) -> Result<OwnCopy<'a, R>, SealError> {
        let header = Header::read(&mut input).map_err(OpenError::from)?;
        let (file_key, signed) = decrypt(&header, sender)?;
        if signed.signer() != sender.public().signer() {
            return Err(SealError::NotSender(*signed.signer()));
        }
        let grant = Grant::parse(signed.whoever_signed())?;
        if grant.recipient != *sender.public().recipient() {
            return Err(OpenError::OtherRecipient(grant.recipient).into());
        }
        if grant.file_key != Digest32::of_file_key(&file_key) {
            return Err(OpenError::GrantFileKey.into());
        }
        let protection = Some(Protection::of(sender.public().recipient()));
        let granter = Granter { sender, file_key, record: grant.record, epoch: grant.epoch, protection };
        Ok(OwnCopy { granter, body: input })
    }

    /// The epoch of the file.
    pub fn epoch(&self) -> Epoch {
        self.granter.epoch
    }

    /// SHA-256 of the record.
    pub fn record_digest(&self) -> &Digest32 {
        &self.granter.record
    }

    /// The record, read from the beginning of the body and held against the grant; the rest of the body is not read.
    ///
    /// # Errors
    /// [`SealError::Copy`].
    pub fn record(self) -> Result<Record, SealError> {
        let facts = self.facts();
        let body = StreamReader::new(&self.granter.file_key, self.body).map_err(OpenError::from)?;
        Ok(open::verify_record(body, &facts)?.1)
    }

    fn facts(&self) -> open::Facts {
        open::Facts {
            sender: *self.granter.sender.public().signer(),
            record: Some(self.granter.record),
            file_key: Digest32::of_file_key(&self.granter.file_key),
            epoch: Some(self.granter.epoch),
        }
    }

    /// A header alone, under 1 KB for a short purpose: before a copy of the body it is a sealed file for `recipient`.
    ///
    /// # Errors
    /// [`SealError::Recipient`] and [`SealError::Signature`].
    pub fn header_for(
        &mut self,
        recipient: &RecipientKey,
        purpose: &Purpose,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        Ok(self.granter.header(recipient, purpose, now, rng)?.as_bytes().to_vec())
    }

    /// Writes a whole sealed file for `recipient`: a fresh header, and the body's bytes as they are. On the way the body
    /// is verified in full, as [`Opening::open`](super::Opening::open) does, so that no grant is handed out with a body
    /// that somebody else has put in the copy; the record is returned. On failure what was written is of no use.
    ///
    /// # Errors
    /// As [`OwnCopy::header_for`], [`SealError::Copy`] when the body does not verify, [`SealError::Io`].
    pub fn grant(
        mut self,
        recipient: &RecipientKey,
        purpose: &Purpose,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
        mut out: impl Write,
    ) -> Result<Record, SealError> {
        out.write_all(self.granter.header(recipient, purpose, now, rng)?.as_bytes())?;
        self.body(out)
    }

    /// Writes the body alone, to be kept where each reader's header can be put before it. It is verified on the way as
    /// by [`OwnCopy::grant`].
    ///
    /// # Errors
    /// [`SealError::Copy`] when the body does not verify, [`SealError::Io`].
    pub fn body(self, out: impl Write) -> Result<Record, SealError> {
        let facts = self.facts();
        let mut tee = Tee { input: self.body, out, failed: None };
        let verified = StreamReader::new(&self.granter.file_key, &mut tee)
            .map_err(OpenError::from)
            .and_then(|reader| open::verify_body(reader, &facts, |_| Ok(()), |_| Ok(io::sink())));
        match (tee.failed, verified) {
            (Some(error), _) => Err(SealError::Io(error)),
            (None, verified) => {
                tee.out.flush()?;
                Ok(verified?.0)
            }
        }
    }
}

/// Hands on what it reads, byte for byte.
struct Tee<R, W> {
    input: R,
    out: W,
    /// Why writing failed, told apart from failures to read.
    failed: Option<io::Error>,
}

impl<R: Read, W: Write> Read for Tee<R, W> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(bytes)?;
        if let Err(error) = self.out.write_all(&bytes[..read]) {
            self.failed = Some(error);
            return Err(io::Error::other("cannot write"));
        }
        Ok(read)
    }
}
