//! The trust list: whom one knows, for what, and from when to when.
//!
//! In: a TOML file of one's own, parties with name, public line, validity and capacities, and key sets one accepts. Out:
//! answers to "who holds this key, and may they do this at that time". Senders, issuers and verifiers are known by this
//! list alone, never by a key or a name found in a file. Sources: design section 10, ISO 17442 (LEI), Regulation (EU)
//! 952/2013 (EORI), TOML 1.0.

use std::{collections::BTreeSet, fmt, str::FromStr};

use consign_documents::profile::{Kind, UnknownKind};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    document_digest::digest_from_hex,
    identity::{Name, NameError, PublicIdentity, PublicLineError, RecipientKey, SignerKey},
};

/// Name and version of the file, the value of its key `consign`.
pub const FORMAT: &str = "trust/1";
/// Longest trust list that is read, in bytes.
pub const MAX_BYTES: usize = 4 << 20;

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
    /// [`TrustListError::Validity`].
    pub fn valid(self, from: Option<Date>, until: Option<Date>) -> Result<Party, TrustListError> {
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
fn is_lei(text: &str) -> bool {
    let alphanumeric = text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let remainder = text.bytes().fold(0u32, |r, b| match b {
        b'0'..=b'9' => (r * 10 + u32::from(b - b'0')) % 97,
        _ => (r * 100 + u32::from(b.wrapping_sub(b'A')) + 10) % 97,
    });
    text.len() == 20 && alphanumeric && text.as_bytes()[18..].iter().all(u8::is_ascii_digit) && remainder == 1
}

/// Two letters of a country, one to fifteen letters and digits.
fn is_eori(text: &str) -> bool {
    let (country, rest) = text.as_bytes().split_at(text.len().min(2));
    country.len() == 2
        && country.iter().all(u8::is_ascii_uppercase)
        && (1..=15).contains(&rest.len())
        && rest.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// A key set one accepts, and who made it: whoever relies on it relies on them not to forge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    /// SHA-256 of its head.
    pub id: [u8; 32],
    /// What one calls it.
    pub name: Name,
    /// Who ran the set-up.
    pub made_by: Name,
}

/// The parties one knows and the key sets one accepts: no name and no key twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustList {
    parties: Vec<Party>,
    key_sets: Vec<KeySet>,
}

impl TrustList {
    /// Reads a trust list.
    ///
    /// # Errors
    /// [`TrustListError`].
    pub fn parse(text: &str) -> Result<TrustList, TrustListError> {
        if text.len() > MAX_BYTES {
            return Err(TrustListError::TooLong(text.len()));
        }
        let file: File = toml::from_str(text).map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or("");
            TrustListError::Toml { line: 1 + before.matches('\n').count(), message: e.message().replace('\n', ", ") }
        })?;
        if file.consign != FORMAT {
            return Err(TrustListError::Version(file.consign));
        }
        let mut list = TrustList::default();
        for entry in file.party {
            list.add(entry.party()?)?;
        }
        for entry in file.key_set {
            let (name, made_by) = (entry.name.parse::<Name>()?, entry.made_by.parse()?);
            let id = digest_from_hex(&entry.id).map_err(|_| TrustListError::KeySetId(name.clone()))?;
            list.accept(KeySet { id, name, made_by })?;
        }
        Ok(list)
    }

    /// The file that [`TrustList::parse`] reads.
    pub fn to_toml(&self) -> String {
        let party = self.parties.iter().map(PartyEntry::from).collect();
        let key_set = self.key_sets.iter().map(KeySetEntry::from).collect();
        // It fails on maps without string keys, of which there are none.
        toml::to_string(&File { consign: FORMAT.into(), party, key_set }).unwrap_or_default()
    }

    /// Adds a party.
    ///
    /// # Errors
    /// [`TrustListError::RepeatedName`], [`TrustListError::RepeatedSigner`], [`TrustListError::RepeatedRecipient`].
    pub fn add(&mut self, party: Party) -> Result<(), TrustListError> {
        for known in &self.parties {
            let names = || (known.name.clone(), party.name.clone());
            if known.name == party.name {
                return Err(TrustListError::RepeatedName(party.name.to_string()));
            }
            if known.public.signer() == party.public.signer() {
                let (a, b) = names();
                return Err(TrustListError::RepeatedSigner(a, b));
            }
            if known.public.recipient() == party.public.recipient() {
                let (a, b) = names();
                return Err(TrustListError::RepeatedRecipient(a, b));
            }
        }
        self.parties.push(party);
        Ok(())
    }

    /// Takes a party off the list.
    ///
    /// # Errors
    /// [`TrustListError::NoSuchParty`].
    pub fn remove(&mut self, name: &str) -> Result<Party, TrustListError> {
        let at = self.parties.iter().position(|p| p.name.as_str() == name);
        at.map(|at| self.parties.remove(at)).ok_or_else(|| TrustListError::NoSuchParty(name.into()))
    }

    /// Accepts a key set.
    ///
    /// # Errors
    /// [`TrustListError::RepeatedKeySet`].
    pub fn accept(&mut self, key_set: KeySet) -> Result<(), TrustListError> {
        if self.key_sets.iter().any(|k| k.id == key_set.id || k.name == key_set.name) {
            return Err(TrustListError::RepeatedKeySet(key_set.name));
        }
        self.key_sets.push(key_set);
        Ok(())
    }

    /// All parties, in the order of the file.
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }
    /// All key sets, in the order of the file.
    pub fn key_sets(&self) -> &[KeySet] {
        &self.key_sets
    }
    /// The party of that name.
    pub fn named(&self, name: &str) -> Option<&Party> {
        self.parties.iter().find(|p| p.name.as_str() == name)
    }
    /// The party that signs with this key.
    pub fn signer(&self, key: &SignerKey) -> Option<&Party> {
        self.parties.iter().find(|p| p.public.signer() == key)
    }
    /// The party that is sealed to by this key.
    pub fn recipient(&self, key: &RecipientKey) -> Option<&Party> {
        self.parties.iter().find(|p| p.public.recipient() == key)
    }
    /// The accepted key set with this id.
    pub fn key_set(&self, id: &[u8; 32]) -> Option<&KeySet> {
        self.key_sets.iter().find(|k| k.id == *id)
    }

    /// The party that signs with `key`, if it is trusted as `capacity` at that time.
    ///
    /// # Errors
    /// [`NotTrusted`].
    pub fn trusted(&self, key: &SignerKey, capacity: Capacity, at: Timestamp) -> Result<&Party, NotTrusted> {
        let party = self.signer(key).ok_or(NotTrusted::Unknown(*key))?;
        party.check(capacity, at).map(|()| party)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consign: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    party: Vec<PartyEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    key_set: Vec<KeySetEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyEntry {
    name: String,
    public: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lei: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eori: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<toml::value::Datetime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<toml::value::Datetime>,
    capacities: Vec<String>,
}

impl PartyEntry {
    fn party(self) -> Result<Party, TrustListError> {
        let name: Name = self.name.parse()?;
        let public = self.public.parse().map_err(|e| TrustListError::PublicLine(name.clone(), e))?;
        let capacities: Vec<Capacity> = self
            .capacities
            .iter()
            .map(|c| c.parse().map_err(|e| TrustListError::Capacity(name.clone(), e)))
            .collect::<Result<_, _>>()?;
        let date = |d: Option<toml::value::Datetime>| match d {
            Some(d) => civil(&d).map(Some).ok_or_else(|| TrustListError::Date(name.clone(), d.to_string())),
            None => Ok(None),
        };
        let (from, until) = (date(self.valid_from)?, date(self.valid_until)?);
        let count = capacities.len();
        let mut party = Party::new(name, public, capacities)?.valid(from, until)?;
        if party.capacities.len() != count {
            return Err(TrustListError::Capacities(party.name));
        }
        if let Some(lei) = &self.lei {
            party = party.lei(lei)?;
        }
        if let Some(eori) = &self.eori {
            party = party.eori(eori)?;
        }
        Ok(party)
    }
}

impl From<&Party> for PartyEntry {
    fn from(party: &Party) -> PartyEntry {
        let date = |d: Date| toml::value::Datetime {
            date: Some(toml::value::Date {
                year: u16::try_from(d.year()).unwrap_or(0),
                month: d.month().unsigned_abs(),
                day: d.day().unsigned_abs(),
            }),
            time: None,
            offset: None,
        };
        PartyEntry {
            name: party.name.to_string(),
            public: party.public.to_string(),
            lei: party.lei.clone(),
            eori: party.eori.clone(),
            valid_from: party.valid_from.map(date),
            valid_until: party.valid_until.map(date),
            capacities: party.capacities.iter().map(Capacity::to_string).collect(),
        }
    }
}

/// The civil date of a TOML local date.
fn civil(date: &toml::value::Datetime) -> Option<Date> {
    match date {
        toml::value::Datetime { date: Some(d), time: None, offset: None } => {
            Date::new(d.year.try_into().ok()?, d.month.try_into().ok()?, d.day.try_into().ok()?).ok()
        }
        _ => None,
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeySetEntry {
    id: String,
    name: String,
    made_by: String,
}

impl From<&KeySet> for KeySetEntry {
    fn from(key_set: &KeySet) -> KeySetEntry {
        KeySetEntry {
            id: hex::encode(key_set.id),
            name: key_set.name.to_string(),
            made_by: key_set.made_by.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
