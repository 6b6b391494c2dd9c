//! Sealing: one body, encrypted once, and a header for each recipient.
//!
//! In: a dossier and attachments. Out: a [`Sealed`] body under a file key of its own, from which any number of files are
//! written, each for one recipient. Attachments of any size pass through in constant memory: each is read twice, once
//! for the record, which comes first, and once for the archive, and must not change in between.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::archive::{ArchiveWriter, measure};
use super::error::SealError;
use super::grant::{Granter, Purpose};
use super::name::MemberName;
use super::record::{DOSSIER_NAME, Digest32, Epoch, Member, Record};
use crate::age::FreshFileKey;
use crate::commitment::Commitment;
use crate::files::{self, Existing, PendingFile};
use crate::identity::{Identity, RecipientKey};

/// What is to be sealed: a dossier, whose commitment the record will name, and attachments.
#[derive(Debug)]
pub struct Consignment {
    dossier: Zeroizing<Vec<u8>>,
    commitment: Commitment,
    attachments: Vec<(MemberName, PathBuf)>,
}

impl Consignment {
    /// A consignment of `dossier.json` alone. That `commitment` is the dossier's is the caller's to know; whoever opens
    /// the file compares again.
    pub fn new(dossier: Zeroizing<Vec<u8>>, commitment: Commitment) -> Consignment {
        Consignment { dossier, commitment, attachments: Vec::new() }
    }

    /// Adds the file at `path` under `name`. It is read when the consignment is sealed.
    pub fn attach(&mut self, name: MemberName, path: PathBuf) {
        self.attachments.push((name, path));
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
        let (dossier, listed) = record.members().split_first().expect("a record lists its dossier");
        archive.append(DOSSIER_NAME, dossier.size(), self.dossier.as_slice())?;
        for (member, (_, path)) in listed.iter().zip(&self.attachments) {
            let failed = |source| SealError::Attachment { path: path.clone(), source };
            let file = File::open(path).map_err(failed)?;
            let digest = archive.append(member.name().as_str(), member.size(), file).map_err(failed)?;
            if digest != *member.sha256() {
                return Err(failed(io::Error::new(io::ErrorKind::InvalidData, "the file changed while it was read")));
            }
        }
        let body = archive.finish()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        let granter = Granter { sender, file_key, record: Digest32::of(signed.as_bytes()), epoch };
        Ok(Sealed { body, granter, record })
    }

    fn record(&self, file_key: Digest32, epoch: Epoch, now: Timestamp) -> Result<Record, SealError> {
        let name: MemberName = DOSSIER_NAME.parse().expect("a constant that is a plain name");
        let size = self.dossier.len() as u64;
        let mut members = vec![Member { name, size, sha256: Digest32::of(&self.dossier) }];
        for (name, path) in &self.attachments {
            // Asked before it is opened: a pipe would wait for a writer, and a device has no end.
            let (size, sha256) = fs::metadata(path)
                .and_then(|found| match found.is_file() {
                    true => File::open(path),
                    false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
                })
                .and_then(measure)
                .map_err(|source| SealError::Attachment { path: path.clone(), source })?;
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

    /// Writes the sender's own copy, from which it can grant the file to others later.
    ///
    /// # Errors
    /// As [`Sealed::write`].
    pub fn write_own(&mut self, now: Timestamp, rng: &mut dyn CryptoRng, out: impl Write) -> Result<(), SealError> {
        let own = *self.granter.sender.public().recipient();
        self.write(&own, &Purpose::own_copy(), now, rng, out)
    }

    /// Writes one file for each of `recipients` and the sender's own copy, all or none of them.
    ///
    /// # Errors
    /// As [`Sealed::write`], and [`SealError::File`] for a target that exists or cannot be written.
    pub fn write_files(
        &mut self,
        recipients: &[(RecipientKey, Purpose, PathBuf)],
        own: Option<&Path>,
        existing: Existing,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), SealError> {
        let mut files = Vec::new();
        for (recipient, purpose, target) in recipients {
            let mut file = PendingFile::create(target, existing)?;
            self.write(recipient, purpose, now, rng, &mut file)?;
            files.push(file);
        }
        if let Some(target) = own {
            let mut file = PendingFile::create(target, existing)?;
            self.write_own(now, rng, &mut file)?;
            files.push(file);
        }
        Ok(files::commit_all(files)?)
    }
}
