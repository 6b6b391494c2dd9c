//! A party of the trust list: its keys, its identifiers, what it is trusted to do and on which days.

use std::{collections::BTreeSet, fmt, str::FromStr};

use consign_documents::profile::{Kind, UnknownKind};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{NotTrusted, TrustListError};
use crate::identity::{Name, PublicIdentity};

/// What a party is trusted to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capacity {
    /// Vouch for documents of one kind: `issuer:cargo-manifest`.
    Issuer(Kind),
    /// Vouch for documents of every kind: `issuer:*`.
    IssuerOfAll,
    /// Send sealed files: `sender`.
    Sender,
    /// Ask for presentations: `verifier`.
    Verifier,
}

impl Capacity {
    /// Whether whoever has this capacity has `other` too.
    fn covers(self, other: Capacity) -> bool {
        self == other || self == Capacity::IssuerOfAll && matches!(other, Capacity::Issuer(_))
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Capacity::Issuer(kind) => write!(f, "issuer:{kind}"),
            Capacity::IssuerOfAll => f.write_str("issuer:*"),
            Capacity::Sender => f.write_str("sender"),
            Capacity::Verifier => f.write_str("verifier"),
        }
    }
}

/// What is wrong with a capacity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapacityError {
    /// Not one of the words.
    #[error("unknown capacity {0:?}; known are issuer:KIND, issuer:*, sender and verifier")]
    Unknown(String),
    /// An issuer of no known kind.
    #[error("capacity: {0}")]
    Kind(#[from] UnknownKind),
}

impl FromStr for Capacity {
    type Err = CapacityError;
    fn from_str(s: &str) -> Result<Capacity, CapacityError> {
        match s {
            "issuer:*" => Ok(Capacity::IssuerOfAll),
            "sender" => Ok(Capacity::Sender),
            "verifier" => Ok(Capacity::Verifier),
            _ => match s.strip_prefix("issuer:") {
                Some(kind) => Ok(Capacity::Issuer(kind.parse()?)),
                None => Err(CapacityError::Unknown(s.into())),
            },
        }
    }
}

/// Somebody one knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    name: Name,
    public: PublicIdentity,
    lei: Option<String>,
    eori: Option<String>,
    valid_from: Option<Date>,
    valid_until: Option<Date>,
    capacities: BTreeSet<Capacity>,
}

impl Party {
    /// A party of that name, which may differ from the name in its public line, trusted at any time.
    ///
    /// # Errors
    /// [`TrustListError::Capacities`] without any capacity.
    pub fn new(
        name: Name,
        public: PublicIdentity,
        capacities: impl IntoIterator<Item = Capacity>,
    ) -> Result<Party, TrustListError> {
        let capacities: BTreeSet<_> = capacities.into_iter().collect();
        if capacities.is_empty() {
            return Err(TrustListError::Capacities(name));
        }
        Ok(Party { name, public, lei: None, eori: None, valid_from: None, valid_until: None, capacities })
    }

    /// The same, trusted from the first moment of `from` to the last of `until`, both in UTC.
    ///
    /// # Errors
    /// [`TrustListError::Validity`]; [`TrustListError::Date`] before the year 0, which TOML cannot write.
    pub fn valid(self, from: Option<Date>, until: Option<Date>) -> Result<Party, TrustListError> {
        if let Some(date) = [from, until].into_iter().flatten().find(|date| date.year() < 0) {
            return Err(TrustListError::Date(self.name, date.to_string()));
        }
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            return Err(TrustListError::Validity { name: self.name, from, until });
        }
        Ok(Party { valid_from: from, valid_until: until, ..self })
    }

    /// The same, with a legal entity identifier.
    ///
    /// # Errors
    /// [`TrustListError::Lei`].
    pub fn lei(self, lei: &str) -> Result<Party, TrustListError> {
        if !is_lei(lei) {
            return Err(TrustListError::Lei(self.name, lei.into()));
        }
        Ok(Party { lei: Some(lei.into()), ..self })
    }

    /// The same, with an Economic Operators Registration and Identification number.
    ///
    /// # Errors
    /// [`TrustListError::Eori`].
    pub fn eori(self, eori: &str) -> Result<Party, TrustListError> {
        if !is_eori(eori) {
            return Err(TrustListError::Eori(self.name, eori.into()));
        }
        Ok(Party { eori: Some(eori.into()), ..self })
    }

    /// The name it has here.
    pub fn name(&self) -> &Name {
        &self.name
    }
    /// Its keys, and the name it gives itself.
    pub fn public(&self) -> &PublicIdentity {
        &self.public
    }
    /// Its legal entity identifier.
    pub fn lei_code(&self) -> Option<&str> {
        self.lei.as_deref()
    }
    /// Its EORI number.
    pub fn eori_number(&self) -> Option<&str> {
        self.eori.as_deref()
    }
    /// First and last day on which it is trusted.
    pub fn validity(&self) -> (Option<Date>, Option<Date>) {
        (self.valid_from, self.valid_until)
    }
    /// What it is trusted to do.
    pub fn capacities(&self) -> impl Iterator<Item = Capacity> + '_ {
        self.capacities.iter().copied()
    }

    /// Whether it is trusted for this at that time.
    ///
    /// # Errors
    /// [`NotTrusted`], every variant but [`NotTrusted::Unknown`].
    pub fn check(&self, capacity: Capacity, at: Timestamp) -> Result<(), NotTrusted> {
        let name = || self.name.clone();
        if !self.capacities.iter().any(|c| c.covers(capacity)) {
            return Err(NotTrusted::Capacity { name: name(), capacity });
        }
        let day = at.to_zoned(TimeZone::UTC).date();
        match (self.valid_from, self.valid_until) {
            (Some(from), _) if day < from => Err(NotTrusted::NotYet { name: name(), from, at }),
            (_, Some(until)) if day > until => Err(NotTrusted::NoLonger { name: name(), until, at }),
            _ => Ok(()),
        }
    }
}

/// ISO 17442: 18 capital letters and digits, two check digits; letters count as 10 to 35 and the whole is 1 modulo 97.
pub(super) fn is_lei(text: &str) -> bool {
    let alphanumeric = text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let remainder = text.bytes().fold(0u32, |r, b| match b {
        b'0'..=b'9' => (r * 10 + u32::from(b - b'0')) % 97,
        _ => (r * 100 + u32::from(b.wrapping_sub(b'A')) + 10) % 97,
    });
    text.len() == 20 && alphanumeric && text.as_bytes()[18..].iter().all(u8::is_ascii_digit) && remainder == 1
}

/// Two letters of a country, one to fifteen letters and digits.
pub(super) fn is_eori(text: &str) -> bool {
    let (country, rest) = text.as_bytes().split_at(text.len().min(2));
    country.len() == 2
        && country.iter().all(u8::is_ascii_uppercase)
        && (1..=15).contains(&rest.len())
        && rest.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}
