//! Opening a sealed file: every check of design section 9, in order, before anything is released.
//!
//! In: a sealed file, the reader's identity, the reader's trust list, and which epochs it has seen. Out: an
//! [`Opened`] file whose members lie in a temporary file without a name, which is gone with the process however that
//! ends, or the error of the first check that failed. Whether the dossier inside is the attested one, and the one that was proved, is for the caller
//! to check against [`Opened::record`].

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroizing;

use super::archive::ArchiveReader;
use super::error::{OpenError, RecordFault};
use super::grant::{self, Grant, Purpose};
use super::record::{DOSSIER_NAME, Digest32, Epoch, Member, Record};
use crate::age::{Header, Passphrase, ScryptIdentity, StreamReader, Unwrap, hybrid, scrypt, stream, x25519};
use crate::attestation::Attestation;
use crate::commitment::Commitment;
use crate::dossier::{self, CheckedDossier, Dossier, DossierError};
use crate::files::{Existing, FileError, PendingFile, commit_all};
use crate::identity::{Identity, Name, SignerKey};
use crate::trust::{Capacity, NotTrusted, TrustList};
use crate::view::{CheckedView, View, ViewError};

/// How far ahead of the reader's clock a sender's may be.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// The reader's side of opening.
pub struct Opening<'a> {
    /// Who opens.
    pub identity: &'a Identity,
    /// Whose grants are accepted: senders and issuers that are valid now. The reader's own always are.
    pub trust: &'a TrustList,
    /// The least epoch accepted of a document from a sender, where the reader has seen one.
    pub known_epoch: &'a dyn Fn(&SignerKey, &Commitment) -> Option<Epoch>,
    /// The reader's clock.
    pub now: Timestamp,
    /// The folder that holds the temporary file without a name; the system's place for such where `None`.
    pub temporary: Option<&'a Path>,
}

impl fmt::Debug for Opening<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({:?})", self.identity)
    }
}

impl Opening<'_> {
    /// Opens a sealed file, read once from first byte to last.
    ///
    /// # Errors
    /// [`OpenError`]: one variant a check, in the order of the checks.
    pub fn open(&self, mut input: impl BufRead) -> Result<Opened, OpenError> {
        let header = Header::read(&mut input)?;
        let (file_key, signed) = grant::decrypt(&header, self.identity)?;

        let key = *signed.signer();
        let sender = self.sender(&key)?;
        let grant = Grant::parse(signed.whoever_signed())?;
        if grant.recipient != *self.identity.public().recipient() {
            return Err(OpenError::OtherRecipient(grant.recipient));
        }
        let file_key_commitment = Digest32::of_file_key(&file_key);
        if grant.file_key != file_key_commitment {
            return Err(OpenError::GrantFileKey);
        }
        let latest = self.now.saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX);
        if grant.time > latest {
            return Err(OpenError::Future(grant.time));
        }

        let members = self.temporary_file()?;
        let facts =
            Facts { sender: key, record: Some(grant.record), file_key: file_key_commitment, epoch: Some(grant.epoch) };
        let (record, _) = verify_body(
            StreamReader::new(&file_key, input)?,
            &facts,
            |record| match (self.known_epoch)(&key, record.commitment()) {
                Some(known) if record.epoch() < known => Err(OpenError::OlderEpoch { found: record.epoch(), known }),
                _ if record.time() > latest => Err(OpenError::Future(record.time())),
                _ => Ok(()),
            },
            |_| Ok(&members),
        )?;
        Ok(Opened { members, sender, key, grant, record })
    }

    /// Opens a file that the reader sealed for its own archive, under a passphrase, read once from first byte to last. It
    /// has no grant: whoever knows the passphrase can have written its header, so the record must be the reader's own.
    ///
    /// # Errors
    /// [`OpenError`], as for [`Opening::open`]; [`OpenError::NoKey`] where the passphrase does not open it or there is
    /// none to open.
    pub fn open_archive(&self, mut input: impl BufRead, passphrase: &Passphrase) -> Result<Opened, OpenError> {
        let header = Header::read(&mut input)?;
        let stanza = header.stanzas().iter().find(|stanza| stanza.tag() == scrypt::TAG).ok_or(OpenError::NoKey)?;
        let unwrapped = ScryptIdentity::new(passphrase.clone()).unwrap(stanza).map_err(OpenError::Header)?;
        let file_key = unwrapped.ok_or(OpenError::NoKey)?;
        header.verify(&file_key)?;

        let members = self.temporary_file()?;
        let own = self.identity.public();
        let file_key_commitment = Digest32::of_file_key(&file_key);
        let facts = Facts { sender: *own.signer(), record: None, file_key: file_key_commitment, epoch: None };
        let (record, digest) = verify_body(StreamReader::new(&file_key, input)?, &facts, |_| Ok(()), |_| Ok(&members))?;
        let grant = Grant {
            record: digest,
            file_key: file_key_commitment,
            recipient: own.recipient().clone(),
            epoch: record.epoch(),
            time: record.time(),
            purpose: Purpose::own_archive(),
        };
        Ok(Opened { members, sender: Sender::Own, key: *own.signer(), grant, record })
    }

    fn temporary_file(&self) -> Result<File, OpenError> {
        let file = match self.temporary {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        file.map_err(OpenError::Temporary)
    }

    fn sender(&self, key: &SignerKey) -> Result<Sender, OpenError> {
        if key == self.identity.public().signer() {
            return Ok(Sender::Own);
        }
        let refused = match self.trust.trusted(key, Capacity::Sender, self.now) {
            Ok(party) => return Ok(Sender::Known(party.name().clone())),
            Err(refused) => refused,
        };
        // An attester sends its holder the dossier without being known as a sender of other things.
        let party = self.trust.signer(key);
        let issuer = party.filter(|party| {
            let mut capacities = party.capacities();
            capacities.any(|c| !matches!(c, Capacity::Sender | Capacity::Verifier) && party.check(c, self.now).is_ok())
        });
        match issuer {
            Some(party) => Ok(Sender::Issuer(party.name().clone())),
            None => Err(OpenError::Sender(refused)),
        }
    }
}

/// What a verified grant says of a body.
pub(super) struct Facts {
    pub(super) sender: SignerKey,
    /// `None` where nothing but the record itself says so: in an archive of one's own.
    pub(super) record: Option<Digest32>,
    pub(super) file_key: Digest32,
    /// As for the record.
    pub(super) epoch: Option<Epoch>,
}

/// Reads a body to its end: the record against the grant, then `accept`, then each member against the record into the
/// sink that `sink` makes for it, then the padding and the last chunk.
pub(super) fn verify_body<W: io::Write>(
    body: impl Read,
    facts: &Facts,
    accept: impl FnOnce(&Record) -> Result<(), OpenError>,
    mut sink: impl FnMut(&Member) -> io::Result<W>,
) -> Result<(Record, Digest32), OpenError> {
    let (mut archive, record, digest) = verify_record(body, facts)?;
    accept(&record)?;
    for member in record.members() {
        let mut out = sink(member).map_err(OpenError::Temporary)?;
        archive.member(member, &mut out)?;
        out.flush().map_err(OpenError::Temporary)?;
    }
    archive.finish()?;
    Ok((record, digest))
}

/// Reads the beginning of a body, up to its record, and holds the record against the grant.
pub(super) fn verify_record<R: Read>(
    body: R,
    facts: &Facts,
) -> Result<(ArchiveReader<R>, Record, Digest32), OpenError> {
    let (archive, bytes) = ArchiveReader::new(body)?;
    let record = Record::open(&bytes, &facts.sender).map_err(OpenError::Record)?;
    let digest = Digest32::of(&bytes);
    if facts.record.is_some_and(|granted| granted != digest) {
        return Err(OpenError::OtherRecord);
    }
    if let Some(grant) = facts.epoch.filter(|grant| *grant != record.epoch()) {
        return Err(OpenError::EpochMismatch { record: record.epoch(), grant });
    }
    if *record.file_key() != facts.file_key {
        return Err(OpenError::RecordFileKey);
    }
    Ok((archive, record, digest))
}

/// Who sent a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// The reader itself: its own copy.
    Own,
    /// A party that the reader's trust list names so, and knows as a sender.
    Known(Name),
    /// A party that the trust list knows as an issuer, but not as a sender: what it sends counts only where it attested
    /// the dossier inside, see [`Opened::checked_dossier`].
    Issuer(Name),
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sender::Own => f.write_str("yourself"),
            Sender::Known(name) | Sender::Issuer(name) => name.fmt(f),
        }
    }
}

/// The document of a sealed file, checked against its attestation.
#[derive(Debug)]
pub enum Checked {
    /// All of it.
    Whole(Box<CheckedDossier>),
    /// Some of its values.
    Part(Box<CheckedView>),
}

impl Checked {
    /// Who vouches for it, and for what.
    pub fn attestation(&self) -> &Attestation {
        match self {
            Checked::Whole(dossier) => dossier.attestation(),
            Checked::Part(view) => view.attestation(),
        }
    }
}

/// A sealed file, opened and verified. Its members lie in a temporary file without a name, which goes when this does.
#[derive(Debug)]
pub struct Opened {
    /// One after the other, in the order of the record.
    members: File,
    sender: Sender,
    key: SignerKey,
    grant: Grant,
    record: Record,
}

impl Opened {
    /// Who sent it, by the reader's own trust list.
    pub fn sender(&self) -> &Sender {
        &self.sender
    }
    /// The sender's signing key.
    pub fn sender_key(&self) -> &SignerKey {
        &self.key
    }
    /// Holds the sender against whoever attested the dossier inside: a party that is known as an issuer only may send
    /// its own attestations, not those of others.
    ///
    /// # Errors
    /// [`OpenError::Sender`].
    pub(super) fn check_issuer(&self, issuer: &SignerKey) -> Result<(), OpenError> {
        match &self.sender {
            Sender::Issuer(name) if self.key != *issuer => {
                Err(OpenError::Sender(NotTrusted::Capacity { name: name.clone(), capacity: Capacity::Sender }))
            }
            _ => Ok(()),
        }
    }
    /// When the body was sealed, by the sender's clock.
    pub fn sealed_at(&self) -> Timestamp {
        self.record.time()
    }
    /// When it was granted to this reader, by the sender's clock.
    pub fn granted_at(&self) -> Timestamp {
        self.grant.time
    }
    /// What it was sent for, in the sender's words.
    pub fn purpose(&self) -> &Purpose {
        &self.grant.purpose
    }
    /// What the sender signed: members, epoch, and the commitment that the dossier must have.
    pub fn record(&self) -> &Record {
        &self.record
    }
    /// SHA-256 of `record.jws`, by which readers can compare that they hold the same.
    pub fn record_digest(&self) -> &Digest32 {
        &self.grant.record
    }

    /// The document inside, or the part of it, held against all that came with it: it is what was attested, of the
    /// document that the sender's record names, and the sender may send it. Whether the attester is trusted is for
    /// [`Attestation::verify`](crate::attestation::Attestation::verify) to say.
    ///
    /// # Errors
    /// [`OpenError::Dossier`], [`OpenError::View`], [`OpenError::OtherDocument`], [`OpenError::Sender`],
    /// [`OpenError::Io`].
    pub fn checked(&self) -> Result<Checked, OpenError> {
        let checked = match self.record.is_of_view() {
            true => Checked::Part(Box::new(self.view()?)),
            false => Checked::Whole(Box::new(self.dossier()?)),
        };
        let attestation = checked.attestation();
        if *self.record.commitment() != attestation.commitment() {
            return Err(OpenError::OtherDocument);
        }
        self.check_issuer(attestation.issuer_key())?;
        Ok(checked)
    }

    /// As [`Opened::checked`], where the whole document is needed.
    ///
    /// # Errors
    /// As [`Opened::checked`], and [`OpenError::Part`].
    pub fn checked_dossier(&self) -> Result<CheckedDossier, OpenError> {
        match self.checked()? {
            Checked::Whole(dossier) => Ok(*dossier),
            Checked::Part(_) => Err(OpenError::Part),
        }
    }

    fn view(&self) -> Result<CheckedView, OpenError> {
        let bytes = self.unchecked_dossier(dossier::MAX_BYTES as u64).map_err(|error| match error {
            FileError::Io { source, .. } => OpenError::Io(source),
            _ => OpenError::View(Box::new(ViewError::TooLong(self.record.members()[0].size() as usize))),
        })?;
        View::parse(&bytes).and_then(View::check).map_err(|e| OpenError::View(Box::new(e)))
    }

    fn dossier(&self) -> Result<CheckedDossier, OpenError> {
        let bytes = self.unchecked_dossier(dossier::MAX_BYTES as u64).map_err(|error| match error {
            FileError::Io { source, .. } => OpenError::Io(source),
            _ => OpenError::Dossier(Box::new(DossierError::TooLong(self.record.members()[0].size() as usize))),
        })?;
        Dossier::parse(&bytes).and_then(Dossier::check).map_err(|e| OpenError::Dossier(Box::new(e)))
    }

    /// The bytes of `dossier.json`, or of `view.json`, of at most `limit` bytes, as the sender put them in: nothing says yet that they are
    /// a dossier, or the one that the record names. [`Opened::checked_dossier`] says so.
    ///
    /// # Errors
    /// [`FileError::TooLong`], [`FileError::Io`].
    pub fn unchecked_dossier(&self, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileError> {
        let size = self.record.members()[0].size();
        if size > limit {
            return Err(FileError::TooLong { path: DOSSIER_NAME.into(), limit });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(size as usize + 1));
        match self.content(0).and_then(|mut content| content.read_to_end(&mut bytes)) {
            Ok(_) => Ok(bytes),
            Err(source) => Err(FileError::Io { doing: "read", path: DOSSIER_NAME.into(), source }),
        }
    }

    /// The bytes of a member, by its place in the record. Reading one ends the reading of another.
    pub(super) fn content(&self, index: usize) -> io::Result<impl Read + '_> {
        let sizes = self.record.members().iter().map(Member::size);
        let mut members = &self.members;
        members.seek(SeekFrom::Start(sizes.clone().take(index).sum()))?;
        Ok(members.take(sizes.clone().nth(index).unwrap_or(0)))
    }

    /// Copies the members that `choose` picks into `target`, a folder that exists, each written beside its place and
    /// renamed; all of them or none, and never over a file that is there. Returns their paths.
    ///
    /// # Errors
    /// [`FileError::Exists`], [`FileError::Io`].
    pub fn release_to(&self, target: &Path, choose: impl Fn(&Member) -> bool) -> Result<Vec<PathBuf>, FileError> {
        let chosen: Vec<_> = self.record.members().iter().enumerate().filter(|(_, member)| choose(member)).collect();
        let paths: Vec<PathBuf> = chosen.iter().map(|(_, member)| target.join(member.name().as_str())).collect();
        let mut files = Vec::new();
        for ((index, _), path) in chosen.iter().zip(&paths) {
            let mut file = PendingFile::create(path, Existing::Refuse)?;
            self.content(*index)
                .and_then(|mut member| io::copy(&mut member, &mut file))
                .map_err(|source| FileError::Io { doing: "write", path: path.clone(), source })?;
            files.push(file);
        }
        commit_all(files)?;
        Ok(paths)
    }
}

/// What can be said of a sealed file without a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The types of the header's stanzas, in order.
    pub stanzas: Vec<String>,
    /// Bytes of the header.
    pub header_bytes: u64,
    /// Bytes after the header.
    pub body_bytes: u64,
    /// Bytes of the plaintext, padding included; `None` where no plaintext has such a body: the file is cut.
    pub plain_bytes: Option<u64>,
}

impl Inspection {
    /// Whether the header has the form of a sealed file: one recipient and a grant.
    pub fn is_sealed(&self) -> bool {
        [x25519::TAG, hybrid::TAG].iter().any(|tag| self.stanzas == [*tag, grant::TAG])
    }
}

/// Reads a file to its end and says what shows of it without a key.
///
/// # Errors
/// [`OpenError::Header`] and [`OpenError::Io`].
pub fn inspect(mut input: impl BufRead) -> Result<Inspection, OpenError> {
    let header = Header::read(&mut input)?;
    let body_bytes = io::copy(&mut input, &mut io::sink()).map_err(OpenError::Io)?;
    Ok(Inspection {
        stanzas: header.stanzas().iter().map(|stanza| stanza.tag().to_string()).collect(),
        header_bytes: header.as_bytes().len() as u64,
        body_bytes,
        plain_bytes: stream::plain_bytes(body_bytes),
    })
}

impl From<RecordFault> for OpenError {
    fn from(fault: RecordFault) -> OpenError {
        OpenError::Record(fault)
    }
}
