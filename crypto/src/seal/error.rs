//! Why something could not be sealed, or why a sealed file is not released: one error for each check.

use std::io;
use std::path::PathBuf;

use super::name::MemberName;
use super::record::{DOSSIER_NAME, Epoch, MAX_MEMBER_BYTES, MAX_MEMBERS, RECORD_NAME, VIEW_NAME};
use crate::age::{AgeError, HeaderError, PayloadError};
use crate::dossier::DossierError;
use crate::files::FileError;
use crate::identity::{RecipientKey, SignerKey};
use crate::jws::JwsError;
use crate::trust::NotTrusted;
use crate::view::ViewError;

/// What an error means for the question that was asked, and so for the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The file was understood and the answer is no: not for this reader, not by a known sender, not what was signed.
    No,
    /// The file is not what it should be: damaged, cut, or of another kind.
    Malformed,
    /// The system refused to read or write.
    Io,
}

/// What is wrong with a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordFault {
    /// Not UTF-8.
    #[error("{RECORD_NAME} is not text")]
    NotText,
    /// Not a record under the sender's signature.
    #[error("{RECORD_NAME}: {0}")]
    Signature(#[from] JwsError),
    /// The first member listed is neither a dossier nor a view.
    #[error("{RECORD_NAME}: the first member listed is neither {DOSSIER_NAME} nor {VIEW_NAME}")]
    NoDossier,
    /// Too many members.
    #[error("{RECORD_NAME}: {0} members are listed; at most {MAX_MEMBERS} are accepted")]
    TooMany(usize),
    /// Two members of one name, or of names that differ in case only; or one named as the record is.
    #[error("{RECORD_NAME}: two members are named {0}, or differ in case only")]
    SameName(MemberName),
    /// An attachment that would pass for a document.
    #[error("{RECORD_NAME}: an attachment is named {0}, as a document is")]
    Reserved(MemberName),
    /// A member beyond what a tar can hold.
    #[error("{RECORD_NAME}: {0} has {1} bytes; a member may have {MAX_MEMBER_BYTES}")]
    TooLong(MemberName, u64),
    /// The commitment is no field element.
    #[error("{RECORD_NAME}: the commitment is not a field element in hexadecimal")]
    Commitment,
    /// The time is out of range.
    #[error("{RECORD_NAME}: {0} is no time in seconds since 1970")]
    Time(i64),
}

/// What is wrong with the archive inside.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveFault {
    /// It does not begin with a record.
    #[error("the archive inside does not begin with {RECORD_NAME}")]
    NoRecord,
    /// A member's header is not the one that the record asks for.
    #[error("the archive inside does not hold {0} where the record lists it")]
    Header(MemberName),
    /// A member is not what the record says.
    #[error("{0} is not the file that the sender signed: its SHA-256 differs")]
    Digest(MemberName),
    /// It ends early.
    #[error("the archive inside ends before what its record lists")]
    Short,
    /// Something else than zeros where only zeros may be.
    #[error("the archive inside holds something in its padding")]
    Padding,
    /// It goes on after its padding.
    #[error("the archive inside goes on after its padding")]
    Trailing,
    /// Reading the body failed.
    #[error("{0}")]
    Read(io::Error),
    /// Writing a member failed.
    #[error("cannot write a member: {0}")]
    Write(io::Error),
}

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// An attachment cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Attachment {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The members do not make a record.
    #[error(transparent)]
    Record(#[from] RecordFault),
    /// The record or grant cannot be signed.
    #[error(transparent)]
    Signature(#[from] JwsError),
    /// The recipient's key cannot be encrypted to.
    #[error(transparent)]
    Recipient(#[from] HeaderError),
    /// Writing failed.
    #[error("cannot write the sealed file: {0}")]
    Io(#[from] io::Error),
    /// An output cannot be put in its place.
    #[error(transparent)]
    File(#[from] FileError),
    /// The copy to grant from does not open.
    #[error("the copy to grant from: {0}")]
    Copy(#[from] OpenError),
    /// Only the sender can name another recipient.
    #[error("the copy to grant from was sealed by {0}, not by the key given")]
    NotSender(SignerKey),
}

impl SealError {
    /// What it means for the exit status.
    pub fn class(&self) -> Class {
        match self {
            SealError::Record(_) | SealError::Signature(_) | SealError::Recipient(_) => Class::Malformed,
            SealError::Attachment { .. } | SealError::Io(_) | SealError::File(_) => Class::Io,
            SealError::Copy(error) => error.class(),
            SealError::NotSender(_) => Class::No,
        }
    }

    /// One action that the user can take.
    pub fn hint(&self) -> String {
        match self {
            SealError::Attachment { .. } => "check the path and that the file is not being written".into(),
            SealError::Record(RecordFault::SameName(_)) => "rename one of the two".into(),
            SealError::Record(_) | SealError::Signature(_) => "attach fewer or smaller files".into(),
            SealError::Recipient(HeaderError::Mixed) => {
                "a body has post-quantum readers only, its sender among them, or none: seal for the others apart".into()
            }
            SealError::Recipient(_) => "ask that party for its public line again".into(),
            SealError::Io(_) => "check the path, its permissions and the space on the disk".into(),
            SealError::File(error) => error.hint(),
            SealError::Copy(error) => error.hint(),
            SealError::NotSender(_) => "ask the sender to grant it, or seal the dossier anew in your own name".into(),
        }
    }
}

/// Why a sealed file is not released, by the check that it did not pass, in their order.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The header is not one of age.
    #[error(transparent)]
    Header(HeaderError),
    /// No stanza is for this key.
    #[error("this key does not open the file")]
    NoKey,
    /// The header was changed.
    #[error("age header: the MAC does not match; the header was changed")]
    Mac,
    /// There is no grant for this key: whoever made this file is not its sender, or did not mean this reader.
    #[error("this file was not addressed to you: its sender signed no grant for your key")]
    NotAddressed,
    /// A header that names more than its one recipient.
    #[error("the header has {0} stanzas; a sealed file has two, one recipient's and its grant")]
    Stanzas(usize),
    /// The grant is malformed.
    #[error("the grant: {0}")]
    Grant(JwsError),
    /// The dossier inside is malformed, or not what was attested.
    #[error(transparent)]
    Dossier(Box<DossierError>),
    /// The view inside is malformed, not what was attested, or hides what it is to show.
    #[error(transparent)]
    View(Box<ViewError>),
    /// A part of a document where a whole one is asked for.
    #[error("the file holds a part of a document, and the whole is needed")]
    Part,
    /// The record names another commitment than the dossier's.
    #[error("the sender signed for another document than the one inside")]
    OtherDocument,
    /// A field of the grant is malformed.
    #[error("the grant: {0}")]
    GrantField(&'static str),
    /// The sender is not one that the reader's trust list accepts now.
    #[error("the sender: {0}")]
    Sender(NotTrusted),
    /// The grant is for another key.
    #[error("this file was not addressed to you: its grant names {}", .0.short())]
    OtherRecipient(RecipientKey),
    /// The grant is for a file with another file key.
    #[error("the grant is for another file: its file-key commitment is not that of this file")]
    GrantFileKey,
    /// The time of the grant or of the record has not come.
    #[error("the file is dated {0}, in the future")]
    Future(jiff::Timestamp),
    /// The body is damaged, cut, or not of this header.
    #[error(transparent)]
    Payload(PayloadError),
    /// The archive is not as the format says, or not what the record says.
    #[error(transparent)]
    Archive(ArchiveFault),
    /// The record is not one, or not by the sender of the grant.
    #[error(transparent)]
    Record(RecordFault),
    /// The record is not the one that was granted.
    #[error("the body was exchanged: its record is not the one that the sender granted")]
    OtherRecord,
    /// Record and grant are of different epochs.
    #[error("the record is of epoch {record}, the grant of epoch {grant}")]
    EpochMismatch {
        /// In the record.
        record: Epoch,
        /// In the grant.
        grant: Epoch,
    },
    /// The record is of a body under another file key.
    #[error("the record is of another file: its file-key commitment is not that of this file")]
    RecordFileKey,
    /// A later epoch of this document has been seen from this sender.
    #[error("the file is of epoch {found}; the sender has superseded it with epoch {known}")]
    OlderEpoch {
        /// The file's.
        found: Epoch,
        /// The least that is accepted.
        known: Epoch,
    },
    /// Reading the file failed.
    #[error("cannot read the sealed file: {0}")]
    Io(io::Error),
    /// Temporary files or outputs cannot be written.
    #[error("cannot write what was sealed: {0}")]
    Temporary(io::Error),
}

impl From<AgeError> for OpenError {
    fn from(error: AgeError) -> OpenError {
        match error {
            AgeError::Header(error) => OpenError::Header(error),
            AgeError::Mac => OpenError::Mac,
            AgeError::NoKey => OpenError::NoKey,
            AgeError::Payload(error) => OpenError::Payload(error),
            AgeError::Armor(error) => OpenError::Io(error.into()),
            AgeError::Io(error) => OpenError::Io(error),
        }
    }
}

impl From<ArchiveFault> for OpenError {
    fn from(fault: ArchiveFault) -> OpenError {
        match fault {
            ArchiveFault::Read(error) => AgeError::from(error).into(),
            ArchiveFault::Write(error) => OpenError::Temporary(error),
            fault => OpenError::Archive(fault),
        }
    }
}

impl OpenError {
    /// What it means for the exit status.
    pub fn class(&self) -> Class {
        match self {
            OpenError::NoKey
            | OpenError::NotAddressed
            | OpenError::Sender(_)
            | OpenError::OtherRecipient(_)
            | OpenError::GrantFileKey
            | OpenError::Future(_)
            | OpenError::Archive(ArchiveFault::Digest(_) | ArchiveFault::Header(_))
            | OpenError::Record(RecordFault::Signature(JwsError::OtherSigner { .. } | JwsError::Signature))
            | OpenError::Grant(JwsError::Signature)
            | OpenError::OtherRecord
            | OpenError::EpochMismatch { .. }
            | OpenError::RecordFileKey
            | OpenError::OtherDocument
            | OpenError::OlderEpoch { .. } => Class::No,
            OpenError::Dossier(error) if error.is_mismatch() => Class::No,
            OpenError::View(error) if error.is_mismatch() => Class::No,
            OpenError::Header(_)
            | OpenError::Dossier(_)
            | OpenError::View(_)
            | OpenError::Part
            | OpenError::Mac
            | OpenError::Stanzas(_)
            | OpenError::Grant(_)
            | OpenError::GrantField(_)
            | OpenError::Payload(_)
            | OpenError::Archive(_)
            | OpenError::Record(_) => Class::Malformed,
            OpenError::Io(_) | OpenError::Temporary(_) => Class::Io,
        }
    }

    /// One action that the user can take.
    pub fn hint(&self) -> String {
        match self {
            OpenError::Header(error) => AgeError::Header(error.clone()).hint(),
            OpenError::NoKey => "open it with the key of the party it was sealed to".into(),
            OpenError::NotAddressed | OpenError::OtherRecipient(_) | OpenError::Stanzas(_) => {
                "ask the sender to `consign grant` it to your public line; do not rely on what is inside".into()
            }
            OpenError::Sender(refused) => refused.hint().into(),
            OpenError::Dossier(error) => error.hint(),
            OpenError::View(error) => error.hint(),
            OpenError::Part => "ask the sender for the whole document, or use this part with `consign open`".into(),
            OpenError::OtherDocument => "do not rely on this document; ask the sender for it again".into(),
            OpenError::Future(_) => "check your clock, and the sender's".into(),
            OpenError::OlderEpoch { .. } => "ask the sender for the current file".into(),
            OpenError::Mac | OpenError::Payload(_) => {
                "the file was damaged or changed on its way; ask the sender for it again".into()
            }
            OpenError::Io(_) | OpenError::Temporary(_) => {
                "check the path, its permissions and the space on the disk".into()
            }
            OpenError::Grant(_)
            | OpenError::GrantField(_)
            | OpenError::GrantFileKey
            | OpenError::Archive(_)
            | OpenError::Record(_)
            | OpenError::OtherRecord
            | OpenError::EpochMismatch { .. }
            | OpenError::RecordFileKey => {
                "somebody other than the sender made this file; tell the sender, and ask for it again".into()
            }
        }
    }
}
