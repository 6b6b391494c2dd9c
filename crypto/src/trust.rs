//! The trust list: whom one knows, for what, and from when to when.
//!
//! In: a TOML file of one's own, parties with name, public line, validity and capacities, and key sets one accepts. Out:
//! answers to "who holds this key, and may they do this at that time". Senders, issuers and verifiers are known by this
//! list alone, never by a key or a name found in a file. Sources: design section 10, ISO 17442 (LEI), Regulation (EU)
//! 952/2013 (EORI), TOML 1.0.

mod error;
mod file;
mod party;

use jiff::Timestamp;

use self::file::{File, KeySetEntry, PartyEntry};
pub use self::{
    error::{NotTrusted, TrustListError},
    party::{Capacity, CapacityError, Party},
};
use crate::{
    identity::{Name, RecipientKey, SignerKey},
    strict_json::printable,
};

/// Name and version of the file, the value of its key `consign`.
pub const FORMAT: &str = "trust/1";
/// Longest trust list that is read, in bytes.
pub const MAX_BYTES: usize = 4 << 20;

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
            TrustListError::Toml {
                line: 1 + before.matches('\n').count(),
                message: printable(&e.message().replace('\n', ", "), 200),
            }
        })?;
        if file.consign != FORMAT {
            return Err(TrustListError::Version(file.consign));
        }
        let mut list = TrustList::default();
        for entry in file.party {
            list.add(entry.party()?)?;
        }
        for entry in file.key_set {
            list.accept(entry.key_set()?)?;
        }
        Ok(list)
    }

    /// The file that [`TrustList::parse`] reads.
    pub fn to_toml(&self) -> String {
        let party = self.parties.iter().map(PartyEntry::from).collect();
        let key_set = self.key_sets.iter().map(KeySetEntry::from).collect();
        // It fails on maps without string keys, of which there are none.
        toml::to_string(&File { consign: FORMAT.into(), party, key_set })
            .expect("strings, dates and lists of them serialise")
    }

    /// Adds a party.
    ///
    /// # Errors
    /// [`TrustListError::RepeatedName`], [`TrustListError::RepeatedSigner`], [`TrustListError::RepeatedRecipient`].
    pub fn add(&mut self, party: Party) -> Result<(), TrustListError> {
        for known in &self.parties {
            let names = || (known.name().clone(), party.name().clone());
            if known.name() == party.name() {
                return Err(TrustListError::RepeatedName(party.name().to_string()));
            }
            if known.public().signer() == party.public().signer() {
                let (a, b) = names();
                return Err(TrustListError::RepeatedSigner(a, b));
            }
            if known.public().recipient() == party.public().recipient() {
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
        let at = self.parties.iter().position(|p| p.name().as_str() == name);
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
        self.parties.iter().find(|p| p.name().as_str() == name)
    }
    /// The party that signs with this key.
    pub fn signer(&self, key: &SignerKey) -> Option<&Party> {
        self.parties.iter().find(|p| p.public().signer() == key)
    }
    /// The party that is sealed to by this key.
    pub fn recipient(&self, key: &RecipientKey) -> Option<&Party> {
        self.parties.iter().find(|p| p.public().recipient() == key)
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

#[cfg(test)]
mod tests;
