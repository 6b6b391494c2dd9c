//! What the owner of an identity hands out: the public line `consign-id-1 age1… <Ed25519 key> <name>`.

use std::{fmt, str::FromStr};

use super::{FILE_BYTES, KeyError, Name, NameError, RecipientKey, SignerKey};

/// First word of a public line, with the version of its form.
const PUBLIC_LINE: &str = "consign-id-1";

/// What is wrong with a public line or a `.pub` file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicLineError {
    /// Not four words that begin with `consign-id-1`.
    #[error("not a public line; it reads {PUBLIC_LINE} age1… <Ed25519 key> <name>")]
    Form,
    /// A key is malformed or unsafe.
    #[error("public line: {0}")]
    Key(#[from] KeyError),
    /// The name is none.
    #[error("public line: {0}")]
    Name(#[from] NameError),
    /// A file with no public line, or with more than one.
    #[error("the file holds {0} public lines; exactly one is accepted beside comment lines")]
    Lines(usize),
    /// A file beyond [`FILE_BYTES`].
    #[error("the file has {0} bytes; a public file has at most {FILE_BYTES}")]
    TooLong(usize),
}

impl PublicLineError {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        "ask its owner for the output of `consign id`, one line that begins with consign-id-1"
    }
}

/// What the owner of an identity hands out: name, age key, Ed25519 key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicIdentity {
    name: Name,
    recipient: RecipientKey,
    signer: SignerKey,
}

impl PublicIdentity {
    /// The identity of these parts.
    pub fn new(name: Name, recipient: RecipientKey, signer: SignerKey) -> PublicIdentity {
        PublicIdentity { name, recipient, signer }
    }

    /// Reads a `.pub` file: one public line, comment lines that begin with `#`, one line break at the end.
    ///
    /// # Errors
    /// [`PublicLineError`].
    pub fn parse_file(text: &str) -> Result<PublicIdentity, PublicLineError> {
        if text.len() > FILE_BYTES {
            return Err(PublicLineError::TooLong(text.len()));
        }
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        match (lines.next(), lines.count()) {
            (None, _) => Err(PublicLineError::Lines(0)),
            (Some(line), 0) => line.parse(),
            (Some(_), more) => Err(PublicLineError::Lines(1 + more)),
        }
    }

    /// The name its owner goes by.
    pub fn name(&self) -> &Name {
        &self.name
    }
    /// The key to seal to.
    pub fn recipient(&self) -> &RecipientKey {
        &self.recipient
    }
    /// The key to check signatures with.
    pub fn signer(&self) -> &SignerKey {
        &self.signer
    }
}

impl FromStr for PublicIdentity {
    type Err = PublicLineError;
    fn from_str(line: &str) -> Result<PublicIdentity, PublicLineError> {
        let mut words = line.splitn(4, ' ');
        let (Some(PUBLIC_LINE), Some(recipient), Some(signer), Some(name)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(PublicLineError::Form);
        };
        Ok(PublicIdentity { name: name.parse()?, recipient: recipient.parse()?, signer: signer.parse()? })
    }
}

impl fmt::Display for PublicIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_LINE} {} {} {}", self.recipient, self.signer, self.name)
    }
}
