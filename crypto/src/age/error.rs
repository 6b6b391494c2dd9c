//! What can be wrong with an age file, by part: armor, header, header MAC, key, body.
//!
//! The parts follow the outcomes that the C2SP test vectors tell apart: armor failure, header failure, HMAC failure, no
//! match, payload failure.

use std::io;

use super::header::{MAX_HEADER_BYTES, MAX_STANZAS};

/// Why a header is not one of `age-encryption.org/v1`. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The file is empty, or begins with something else than a version line of age.
    #[error("not an age file: the first line is not `age-encryption.org/v1`")]
    Version,
    /// An ASCII-armored age file where the binary form is read; see [`super::armor`].
    #[error("the age file is armored (`-----BEGIN AGE ENCRYPTED FILE-----`); only the binary form is accepted here")]
    Armored,
    /// The file ends inside its header.
    #[error("age header, line {line}: the file ends here, inside the header")]
    Truncated {
        /// The unfinished line.
        line: usize,
    },
    /// The header is longer than [`MAX_HEADER_BYTES`].
    #[error("age header: longer than {MAX_HEADER_BYTES} bytes")]
    TooLong,
    /// The header has more stanzas than [`MAX_STANZAS`].
    #[error("age header: more than {MAX_STANZAS} stanzas")]
    TooManyStanzas,
    /// The header has no stanza at all.
    #[error("age header: no recipient stanza")]
    NoStanza,
    /// A line that begins neither a stanza nor the MAC.
    #[error("age header, line {line}: expected a stanza (`-> `) or the header MAC (`--- `)")]
    LineStart {
        /// Where.
        line: usize,
    },
    /// A stanza without arguments, with an empty one, or with a byte that is not a visible ASCII character.
    #[error("age header, line {line}: stanza arguments are visible ASCII characters, separated by one space")]
    Argument {
        /// Where.
        line: usize,
    },
    /// A body line over 64 columns.
    #[error("age header, line {line}: a stanza's body is wrapped at 64 columns")]
    BodyLine {
        /// Where.
        line: usize,
    },
    /// Base64 with padding, with characters outside the alphabet or with non-zero trailing bits.
    #[error("age header, line {line}: not canonical unpadded base64")]
    Base64 {
        /// Where.
        line: usize,
    },
    /// The MAC line is not `--- ` and 43 characters of base64.
    #[error("age header, line {line}: not a header MAC (`--- ` and 32 bytes of unpadded base64)")]
    MacLine {
        /// Where.
        line: usize,
    },
    /// A passphrase stanza beside other stanzas; by the rules of age it stands alone.
    #[error("age header: a scrypt stanza beside other stanzas")]
    ScryptNotAlone,
    /// A passphrase stanza that asks for more work than is accepted.
    #[error("age header: scrypt stanza: work factor {found}; at most {most} is accepted")]
    WorkFactor {
        /// What the file asks for: scrypt's N is two to this power.
        found: u8,
        /// The limit.
        most: u8,
    },
    /// To be written: a post-quantum recipient and one that is not, which would leave the file as safe as the second.
    #[error("a post-quantum recipient beside one that is not")]
    Mixed,
    /// A stanza of a known type whose arguments are not what that type has.
    #[error("age header: {tag} stanza: {what}")]
    Stanza {
        /// The stanza's type.
        tag: &'static str,
        /// What was found and what is accepted.
        what: &'static str,
    },
    /// The Diffie-Hellman share of a stanza, or the recipient to encrypt to, is a point of low order.
    #[error("{0}: a point of low order, with which everybody would share the same secret")]
    LowOrder(&'static str),
    /// The file ends before the 16-byte nonce that follows the header.
    #[error("age file: ends before the 16-byte nonce that follows the header")]
    Nonce,
}

/// Why an armored file is none. Lines count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArmorError {
    /// The first line that is not blank is no begin line.
    #[error("armor, line {line}: expected `-----BEGIN AGE ENCRYPTED FILE-----`")]
    Begin {
        /// Where.
        line: u64,
    },
    /// A line that is not base64 in its canonical form, or padded before the last line.
    #[error("armor, line {line}: not canonical base64")]
    Base64 {
        /// Where.
        line: u64,
    },
    /// A line of another length than 64 columns, before the last one of base64; an empty or unfinished one, too.
    #[error("armor, line {line}: every line but the last has 64 columns, and the last has 4 to 64")]
    LineLength {
        /// Where.
        line: u64,
    },
    /// The file ends before its end line.
    #[error("armor, line {line}: the file ends here, without `-----END AGE ENCRYPTED FILE-----`")]
    Truncated {
        /// The line that is missing.
        line: u64,
    },
    /// Something else than white space follows the end line.
    #[error("armor: bytes follow `-----END AGE ENCRYPTED FILE-----`")]
    Trailing,
    /// More white space before or after than anybody needs.
    #[error("armor: more than 1,024 bytes of white space around it")]
    WhiteSpace,
}

impl ArmorError {
    /// The armor error inside an I/O error of [`super::ArmorReader`], if that is what it is.
    pub fn of(error: &io::Error) -> Option<ArmorError> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<ArmorError>()).copied()
    }
}

impl From<ArmorError> for io::Error {
    fn from(error: ArmorError) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// Why a body is refused. What was released before is authentic, and a prefix of what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// A chunk that does not authenticate: changed, cut, moved, or of another file.
    #[error("age body, chunk {chunk}: does not authenticate (changed, cut short, or from another file)")]
    Chunk {
        /// Which, from 0; every chunk but the last holds 65,536 bytes.
        chunk: u64,
    },
    /// The body ends without a chunk marked as the last.
    #[error("age body, chunk {chunk}: the file ends without its last chunk")]
    Truncated {
        /// Which, from 0, is missing.
        chunk: u64,
    },
    /// The last chunk is empty although others precede it.
    #[error("age body, chunk {chunk}: an empty last chunk after others")]
    EmptyLast {
        /// Which, from 0.
        chunk: u64,
    },
    /// Bytes follow the last chunk.
    #[error("age body, chunk {chunk}: bytes follow the last chunk")]
    Trailing {
        /// Which, from 0, was the last chunk.
        chunk: u64,
    },
}

impl PayloadError {
    /// The payload error inside an I/O error of [`super::StreamReader`], if that is what it is.
    pub fn of(error: &io::Error) -> Option<PayloadError> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<PayloadError>()).copied()
    }
}

impl From<PayloadError> for io::Error {
    fn from(error: PayloadError) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// Why an age file could not be written or opened.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    /// The header is not as the format says.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The armor around the file is not as the format says.
    #[error(transparent)]
    Armor(ArmorError),
    /// The header was changed after it was written: its MAC is of other bytes.
    #[error("age header: the MAC does not match; the header was changed")]
    Mac,
    /// None of the identities has a stanza in this header.
    #[error("no identity given opens this age file")]
    NoKey,
    /// The body is not as the format says, or not of this file.
    #[error(transparent)]
    Payload(PayloadError),
    /// Reading or writing failed.
    #[error("{0}")]
    Io(io::Error),
}

impl From<io::Error> for AgeError {
    fn from(error: io::Error) -> AgeError {
        if let Some(payload) = PayloadError::of(&error) {
            AgeError::Payload(payload)
        } else if let Some(armor) = ArmorError::of(&error) {
            AgeError::Armor(armor)
        } else {
            AgeError::Io(error)
        }
    }
}

impl AgeError {
    /// One action that the user can take.
    pub fn hint(&self) -> String {
        match self {
            AgeError::Header(HeaderError::Armored) => {
                "convert it: `age -d` it with another tool, or ask for the binary file"
            }
            AgeError::Header(HeaderError::Version) => "give a file that `consign seal` or `age` wrote",
            AgeError::Header(HeaderError::LowOrder(_)) => "ask that party for its public line again",
            AgeError::Header(HeaderError::WorkFactor { .. }) => {
                "ask for a file with a lower work factor, or open this one with `age`"
            }
            AgeError::Header(HeaderError::Mixed) => "name post-quantum recipients only, or none",
            AgeError::Header(HeaderError::ScryptNotAlone) => "give a passphrase, or recipients, not both",
            AgeError::Header(_) | AgeError::Mac | AgeError::Armor(_) | AgeError::Payload(_) => {
                "the file was damaged or changed on its way; ask the sender for it again"
            }
            AgeError::NoKey => "open it with the key, or the passphrase, that it was sealed to",
            AgeError::Io(_) => "check the path, its permissions and the space on the disk",
        }
        .into()
    }
}
