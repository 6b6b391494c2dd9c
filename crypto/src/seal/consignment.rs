//! Sealing: one body, encrypted once, and a header for each recipient.
//!
//! In: a dossier or a view of one, and attachments. Out: a [`Sealed`] body under a file key of its own, from which any number of files are
//! written, each for one recipient. Attachments of any size pass through in constant memory: each is read twice, once
//! for the record, which comes first, and once for the archive, and must not change in between.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::archive::{ArchiveWriter, measure};
use super::error::SealError;
use super::grant::{Granter, Purpose};
use super::name::MemberName;
use super::open::Opened;
use super::record::{DOSSIER_NAME, Digest32, Epoch, Member, Record, VIEW_NAME};
use crate::age::{FreshFileKey, Passphrase};
use crate::commitment::Commitment;
use crate::files::{self, Existing, PendingFile};
use crate::identity::{Identity, RecipientKey};

/// What is to be sealed: a dossier or a view, whose commitment the record will name, and attachments.
pub struct Consignment<'a> {
    /// Of the first member.
    name: &'static str,
    document: Zeroizing<Vec<u8>>,
    commitment: Commitment,
    attachments: Vec<(MemberName, Content<'a>)>,
}

/// Where an attachment comes from.
#[derive(Debug)]
enum Content<'a> {
    /// A file.
    File(PathBuf),
    /// A member of a sealed file that was opened, by its place in the record.
    Member(&'a Opened, usize),
}

impl Content<'_> {
    /// Opens it for one reading. A file is asked what it is before: a pipe would wait for a writer, and a device has no
    /// end.
    fn read(&self) -> Result<Box<dyn Read + '_>, io::Error> {
        match self {
            Content::File(path) if !fs::metadata(path)?.is_file() => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
            }
            Content::File(path) => Ok(Box::new(File::open(path)?)),
            Content::Member(opened, index) => Ok(Box::new(opened.content(*index)?)),
        }
    }

    /// An error in reading it.
    fn failed(&self, source: io::Error) -> SealError {
        let path = match self {
            Content::File(path) => path.clone(),
            Content::Member(opened, index) => opened.record().members()[*index].name().as_str().into(),
        };
        SealError::Attachment { path, source }
    }
}

impl std::fmt::Debug for Consignment<'_> {
    /// The document is confidential, and wiping it does not keep it from being printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Consignment({}, {} attachments, ..)", self.name, self.attachments.len())
    }
}

impl<'c> Consignment<'c> {
    /// A consignment of `dossier.json` alone. That `commitment` is the dossier's is the caller's to know; whoever opens
    /// the file compares again.
    pub fn new(dossier: Zeroizing<Vec<u8>>, commitment: Commitment) -> Consignment<'c> {
        Consignment { name: DOSSIER_NAME, document: dossier, commitment, attachments: Vec::new() }
    }

    /// A consignment of `view.json`, a part of the document with this commitment.
    pub fn of_view(view: Zeroizing<Vec<u8>>, commitment: Commitment) -> Consignment<'c> {
        Consignment { name: VIEW_NAME, document: view, commitment, attachments: Vec::new() }
    }

    /// Adds the file at `path` under `name`. It is read when the consignment is sealed.
    pub fn attach(&mut self, name: MemberName, path: PathBuf) {
        self.attachments.push((name, Content::File(path)));
    }

    /// Adds the attachments of a sealed file that was opened, as they are.
    pub fn attach_all_of(&mut self, opened: &'c Opened) {
        for (index, member) in opened.record().members().iter().enumerate().skip(1) {
            self.attachments.push((member.name().clone(), Content::Member(opened, index)));
        }
    }

    /// Signs the record and encrypts the body, once, into an unnamed file in `folder`.
    ///
    /// # Errors
    /// [`SealError::Attachment`] for one that cannot be read or that changes meanwhile, [`SealError::Record`] for too
    /// many, too long or equally named members, [`SealError::Io`].
    pub fn seal<'a>(
        &self,
        sender: &'a Identity,
        epoch: Epoch,
        now: Timestamp,
        folder: &Path,
        rng: &mut dyn CryptoRng,
    ) -> Result<Sealed<'a>, SealError> {
        let fresh = FreshFileKey::generate(rng);
        let record = self.record(Digest32::of_file_key(fresh.file_key()), epoch, now)?;
        let signed = record.sign(sender)?;

        let body = io::BufWriter::new(tempfile::tempfile_in(folder)?);
        let (stream, file_key) = fresh.encrypt_body(body, rng)?;
        let mut archive = ArchiveWriter::new(stream, signed.as_bytes())?;
        let (document, listed) = record.members().split_first().expect("a record lists its document");
        archive.append(self.name, document.size(), self.document.as_slice())?;
        for (member, (_, content)) in listed.iter().zip(&self.attachments) {
            let reader = content.read().map_err(|e| content.failed(e))?;
            let digest =
                archive.append(member.name().as_str(), member.size(), reader).map_err(|e| content.failed(e))?;
            if digest != *member.sha256() {
                let changed = io::Error::new(io::ErrorKind::InvalidData, "the file changed while it was read");
                return Err(content.failed(changed));
            }
        }
        let body = archive.finish()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        let record_digest = Digest32::of(signed.as_bytes());
        let granter = Granter { sender, file_key, record: record_digest, epoch, protection: None };
        Ok(Sealed { body, granter, record })
    }

    fn record(&self, file_key: Digest32, epoch: Epoch, now: Timestamp) -> Result<Record, SealError> {
        let name: MemberName = self.name.parse().expect("a constant that is a plain name");
        let size = self.document.len() as u64;
        let mut members = vec![Member { name, size, sha256: Digest32::of(&self.document) }];
        for (name, content) in &self.attachments {
            let (size, sha256) = content.read().and_then(measure).map_err(|e| content.failed(e))?;
            members.push(Member { name: name.clone(), size, sha256 });
        }
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Ok(Record::new(members, self.commitment, file_key, epoch, now)?)
    }
}

/// A body, sealed, and the right of its sender to grant it.
#[derive(Debug)]
pub struct Sealed<'a> {
    body: File,
    granter: Granter<'a>,
    record: Record,
}

impl Sealed<'_> {
    /// What the sender signed of the body.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// SHA-256 of `record.jws`, by which readers can compare that they hold the same.
    pub fn record_digest(&self) -> &Digest32 {
        &self.granter.record
    }

    /// Writes the sealed file for one recipient: a header of its own, and the body.
    ///
    /// # Errors
    /// [`SealError::Recipient`], [`SealError::Signature`], [`SealError::Io`].
    pub fn write(
        &mut self,
        recipient: &RecipientKey,
        purpose: &Purpose,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
        mut out: impl Write,
    ) -> Result<(), SealError> {
        out.write_all(self.granter.header(recipient, purpose, now, rng)?.as_bytes())?;
        self.body.seek(SeekFrom::Start(0))?;
        io::copy(&mut self.body, &mut out)?;
        out.flush()?;
        Ok(())
    }

    /// Writes the file that opens with a passphrase, for the sender's own archive: it names nobody, so that it is worth as
    /// much as the passphrase is secret. The body has no other header. Takes half a second and 256 MiB.
    ///
    /// # Errors
    /// As [`Sealed::write`].
    pub fn write_archive(
        &mut self,
        passphrase: &Passphrase,
        rng: &mut dyn CryptoRng,
        mut out: impl Write,
    ) -> Result<(), SealError> {
        out.write_all(self.granter.archive_header(passphrase, rng)?.as_bytes())?;
        self.body.seek(SeekFrom::Start(0))?;
        io::copy(&mut self.body, &mut out)?;
        out.flush()?;
        Ok(())
    }

    /// Writes the sender's own copy, from which it can grant the file to others later.
    ///
    /// # Errors
    /// As [`Sealed::write`].
    pub fn write_own(&mut self, now: Timestamp, rng: &mut dyn CryptoRng, out: impl Write) -> Result<(), SealError> {
        let own = self.granter.sender.public().recipient().clone();
        self.write(&own, &Purpose::own_copy(), now, rng, out)
    }

    /// Writes one file for each of `recipients` and the sender's own copy, all or none of them.
    ///
    /// # Errors
    /// As [`Sealed::prepare_files`].
    pub fn write_files(
        &mut self,
        recipients: &[(RecipientKey, Purpose, PathBuf)],
        own: Option<&Path>,
        existing: Existing,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), SealError> {
        Ok(files::commit_all(self.prepare_files(recipients, own, existing, now, rng)?)?)
    }

    /// Writes these files beside their places, for [`files::commit_all`] to put them there. The sender's own copy is the
    /// first: whoever has it can grant the others again.
    ///
    /// # Errors
    /// As [`Sealed::write`], and [`SealError::File`] for a target that exists or cannot be written.
    pub fn prepare_files(
        &mut self,
        recipients: &[(RecipientKey, Purpose, PathBuf)],
        own: Option<&Path>,
        existing: Existing,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<PendingFile>, SealError> {
        let mut files = Vec::new();
        if let Some(target) = own {
            let mut file = PendingFile::create(target, existing)?;
            self.write_own(now, rng, &mut file)?;
            files.push(file);
        }
        for (recipient, purpose, target) in recipients {
            let mut file = PendingFile::create(target, existing)?;
            self.write(recipient, purpose, now, rng, &mut file)?;
            files.push(file);
        }
        Ok(files)
    }
}
