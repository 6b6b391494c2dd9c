//! What is wrong with a trust list, and why a key is not trusted.

use jiff::{Timestamp, civil::Date};

use super::{Capacity, CapacityError, FORMAT, MAX_BYTES};
use crate::identity::{Name, NameError, PublicLineError, SignerKey};

/// What is wrong with a trust list, or with what is to be added to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustListError {
    /// Beyond [`MAX_BYTES`].
    #[error("the trust list has {0} bytes; it may have {MAX_BYTES}")]
    TooLong(usize),
    /// Not TOML, or not with these keys.
    #[error("trust list, line {line}: {message}")]
    Toml {
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// Another file, or another version.
    #[error("the trust list says consign = {0:?}; \"{FORMAT}\" is accepted")]
    Version(String),
    /// A party or key set without a usable name.
    #[error("trust list: {0}")]
    Name(#[from] NameError),
    /// The public line of a party.
    #[error("{0}: {1}")]
    PublicLine(Name, PublicLineError),
    /// A capacity of a party.
    #[error("{0}: {1}")]
    Capacity(Name, CapacityError),
    /// No capacity, or one twice.
    #[error("{0}: each party has one or more capacities, each once")]
    Capacities(Name),
    /// A LEI that is none.
    #[error("{0}: {1:?} is not a LEI, 18 letters and digits and two check digits (ISO 17442)")]
    Lei(Name, String),
    /// An EORI number that is none.
    #[error("{0}: {1:?} is not an EORI number, two letters and up to 15 letters and digits")]
    Eori(Name, String),
    /// Dates the wrong way round.
    #[error("{name}: valid from {from} until {until}, which is earlier")]
    Validity {
        /// The party.
        name: Name,
        /// First day.
        from: Date,
        /// Last day.
        until: Date,
    },
    /// A time of day, or a date that does not exist, where a date must be.
    #[error("{0}: {1} is not a date like 2026-01-31")]
    Date(Name, String),
    /// Two parties of one name.
    #[error("there are two parties {0:?}")]
    RepeatedName(String),
    /// Two parties with one Ed25519 key.
    #[error("{0} and {1} have the same Ed25519 key")]
    RepeatedSigner(Name, Name),
    /// Two parties with one age recipient.
    #[error("{0} and {1} have the same age recipient")]
    RepeatedRecipient(Name, Name),
    /// A key set id that is none.
    #[error("key set {0}: the id is not 64 lower-case hexadecimal digits")]
    KeySetId(Name),
    /// Two key sets of one id or name.
    #[error("key set {0} is there already, by its id or its name")]
    RepeatedKeySet(Name),
    /// Nobody of that name.
    #[error("there is no party {0:?}")]
    NoSuchParty(String),
}

impl TrustListError {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            TrustListError::TooLong(_) | TrustListError::Version(_) => "give a trust list that this program wrote",
            TrustListError::Toml { .. } => "correct the file there; `consign trust add` writes its entries for you",
            TrustListError::Name(_) => "give a name of 1 to 100 printable characters",
            TrustListError::PublicLine(..) => "ask the party for the output of `consign id`",
            TrustListError::Capacity(..) | TrustListError::Capacities(_) => {
                "give capacities among issuer:KIND, issuer:*, sender and verifier"
            }
            TrustListError::Lei(..) => "look the LEI up at search.gleif.org, or leave it out",
            TrustListError::Eori(..) => "check the number with the party, or leave it out",
            TrustListError::Validity { .. } | TrustListError::Date(..) => "give dates like 2026-01-31, the first first",
            TrustListError::RepeatedName(_)
            | TrustListError::RepeatedSigner(..)
            | TrustListError::RepeatedRecipient(..)
            | TrustListError::RepeatedKeySet(_) => "remove the old entry first; `consign trust list` shows them",
            TrustListError::KeySetId(_) => "copy the id that `consign setup` or `consign inspect` prints",
            TrustListError::NoSuchParty(_) => "`consign trust list` shows the names",
        }
    }
}

/// Why a key is not trusted for something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTrusted {
    /// Nobody on the list has the key.
    #[error("the key {0} belongs to nobody on the trust list")]
    Unknown(SignerKey),
    /// The party is there for other things.
    #[error("{name} is on the trust list, but not as {capacity}")]
    Capacity {
        /// The party.
        name: Name,
        /// What is asked of it.
        capacity: Capacity,
    },
    /// The time is before the party's first day.
    #[error("{name} is trusted from {from}, which is after {at}")]
    NotYet {
        /// The party.
        name: Name,
        /// First day.
        from: Date,
        /// The time in question.
        at: Timestamp,
    },
    /// The time is after the party's last day.
    #[error("{name} is trusted until {until}, which is before {at}")]
    NoLonger {
        /// The party.
        name: Name,
        /// Last day.
        until: Date,
        /// The time in question.
        at: Timestamp,
    },
}

impl NotTrusted {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            NotTrusted::Unknown(_) => "if you know whose key it is, add the party with `consign trust add`",
            NotTrusted::Capacity { .. } => "if it should be, add the capacity to its entry on the trust list",
            NotTrusted::NotYet { .. } | NotTrusted::NoLonger { .. } => {
                "ask the party for its present public line, and check the dates on the trust list"
            }
        }
    }
}
