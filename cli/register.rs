//! The sender's register: what was sealed, for whom and what for, under which epoch (design sections 9 and 10).
//!
//! In: each act of sealing, granting or revoking, entered before its files are in their places. Out: the next epoch of a
//! document, and who may read it now. An entry is never changed; who reads now is what all entries of a document add up
//! to. The file stays locked from reading the last epoch to writing this one.

use std::collections::BTreeMap;

use consign_crypto::{
    commitment::Commitment,
    document_digest::Pattern,
    identity::PublicIdentity,
    seal::{Epoch, Purpose, Record, Sealed},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Failure, one_line},
    home::Home,
    journal::Journal,
};

const FILE: &str = "grants.jsonl";

/// What an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// Attested, and sealed to its holder.
    Attest,
    /// Sealed, under a new file key: whoever is not named here reads no longer.
    Seal,
    /// One more reader.
    Grant,
    /// Sealed again, under a new file key, for all readers but some.
    Revoke,
}

/// A reader of what was sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reader {
    /// Its public line.
    public: String,
    /// What stands for it in the names of files.
    pub word: String,
    /// What it was sent for.
    pub purpose: String,
    /// What it sees of the document; all of it where nothing stands here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
}

impl Reader {
    /// A reader, and what it is sent for.
    pub fn new(word: &str, public: &PublicIdentity, purpose: &Purpose) -> Reader {
        Reader { public: public.to_string(), word: word.into(), purpose: purpose.to_string(), only: Vec::new() }
    }

    /// The same, of a part of the document.
    pub fn of_part(mut self, only: &[Pattern]) -> Reader {
        self.only = only.iter().map(Pattern::to_string).collect();
        self
    }

    /// Whether it sees a part only.
    pub fn is_of_part(&self) -> bool {
        !self.only.is_empty()
    }

    /// What it sees of the document.
    pub fn patterns(&self) -> Result<Vec<Pattern>, Failure> {
        let patterns: Result<_, _> = self.only.iter().map(|text| text.parse::<Pattern>()).collect();
        patterns.map_err(|e| Failure::input(format!("{FILE}: {e}"), "restore the file from a backup"))
    }

    /// Its public identity.
    pub fn public(&self) -> Result<PublicIdentity, Failure> {
        self.public.parse().map_err(|e| Failure::input(format!("{FILE}: {e}"), "restore the file from a backup"))
    }

    /// Its name, as its public line gives it.
    pub fn name(&self) -> String {
        self.public().map_or_else(|_| one_line(&self.public), |public| public.name().to_string())
    }

    /// Whether it is that party: parties are told apart by the key that they are sealed to.
    pub fn is(&self, party: &PublicIdentity) -> bool {
        self.public().is_ok_and(|public| public.recipient() == party.recipient())
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub act: Act,
    /// The document's commitment.
    pub commitment: String,
    /// Epoch of the body.
    pub epoch: u64,
    /// SHA-256 of the record.
    pub record: String,
    /// For whom.
    pub to: Vec<Reader>,
    /// Who reads no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Reader>,
}

impl Sent {
    /// The entry of a body that was sealed.
    pub fn sealed(sealed: &Sealed<'_>, at: Timestamp, act: Act, to: Vec<Reader>) -> Sent {
        Sent::of(sealed.record(), sealed.record_digest().to_string(), at, act, to)
    }

    /// The entry of a body with this record.
    pub fn of(record: &Record, digest: String, at: Timestamp, act: Act, to: Vec<Reader>) -> Sent {
        let commitment = record.commitment().to_hex();
        Sent { at, act, commitment, epoch: record.epoch().number(), record: digest, to, from: Vec::new() }
    }
}

/// The register, open and locked.
pub struct Register(Journal<Sent>);

impl Register {
    /// Opens the register of a state folder, and waits for whoever has it.
    pub fn open(home: &Home) -> Result<Register, Failure> {
        home.journal(FILE).map(Register)
    }

    /// The entries of a document, oldest first.
    pub fn entries(&self, of: &Commitment) -> Vec<&Sent> {
        let commitment = of.to_hex();
        self.0.entries().iter().filter(|sent| sent.commitment == commitment).collect()
    }

    /// The epoch that sealing a document again begins: after all that were entered, and after that of one's own copy,
    /// which a register restored from a backup knows nothing of.
    pub fn next_epoch(&self, of: &Commitment, copy: Option<Epoch>) -> Result<Epoch, Failure> {
        let last = self.latest_epoch(of).max(copy.map(Epoch::number)).unwrap_or(0);
        last.checked_add(1).and_then(Epoch::new).ok_or_else(|| {
            Failure::input(
                format!("{FILE}: epoch {last} is the last that there can be"),
                "restore the file from a backup",
            )
        })
    }

    /// The latest epoch of a document; `None` where nothing was entered of it.
    pub fn latest_epoch(&self, of: &Commitment) -> Option<u64> {
        self.entries(of).iter().map(|sent| sent.epoch).max()
    }

    /// Who may read a document now, each with the latest purpose, in the order of their keys.
    pub fn readers(&self, of: &Commitment) -> Vec<&Reader> {
        let mut readers = BTreeMap::new();
        for sent in self.entries(of) {
            if sent.act == Act::Seal || sent.act == Act::Revoke {
                readers.clear();
            }
            for reader in &sent.to {
                // Who has the whole is given no less by being given a part as well.
                let had_all = readers.get(reader.public.as_str()).is_some_and(|had: &&Reader| !had.is_of_part());
                if !(had_all && reader.is_of_part()) {
                    readers.insert(reader.public.as_str(), reader);
                }
            }
        }
        readers.into_values().collect()
    }

    /// Enters an act; when this returns, it is on the disk.
    pub fn enter(&mut self, sent: Sent) -> Result<(), Failure> {
        self.0.append(sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use consign_crypto::identity::Identity;

    fn reader(name: &str, purpose: &str) -> (Reader, PublicIdentity) {
        let identity = Identity::generate(name.parse().unwrap(), Timestamp::UNIX_EPOCH, &mut rand::rng());
        (Reader::new(name, identity.public(), &purpose.parse().unwrap()), identity.public().clone())
    }

    #[test]
    fn who_reads_now_is_what_the_entries_add_up_to() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(folder.path())).unwrap();
        let mut register = Register::open(&home).unwrap();
        let document = Commitment::from_hex(&format!("{:064x}", 1)).unwrap();
        let other = Commitment::from_hex(&format!("{:064x}", 2)).unwrap();
        let ((bank, _), (insurer, party), (broker, _)) =
            (reader("bank", "credit"), reader("insurer", "cover"), reader("broker", "quote"));
        let sent = |of: &Commitment, act, epoch, to: &[&Reader], from: &[&Reader]| Sent {
            at: Timestamp::UNIX_EPOCH,
            act,
            commitment: of.to_hex(),
            epoch,
            record: String::new(),
            to: to.iter().copied().cloned().collect(),
            from: from.iter().copied().cloned().collect(),
        };
        let next = |register: &Register, copy: Option<u64>| {
            register.next_epoch(&document, copy.and_then(Epoch::new)).unwrap().number()
        };
        let words = |register: &Register| {
            let mut words: Vec<_> = register.readers(&document).iter().map(|reader| reader.word.clone()).collect();
            words.sort();
            words
        };
        assert_eq!((register.latest_epoch(&document), next(&register, None)), (None, 1));
        assert_eq!(next(&register, Some(3)), 4);
        register.enter(sent(&document, Act::Seal, 1, &[&bank, &insurer], &[])).unwrap();
        register.enter(sent(&other, Act::Seal, 9, &[&broker], &[])).unwrap();
        register.enter(sent(&document, Act::Grant, 1, &[&broker], &[])).unwrap();
        assert_eq!(words(&register), ["bank", "broker", "insurer"]);
        register.enter(sent(&document, Act::Revoke, 2, &[&bank, &broker], &[&insurer])).unwrap();
        assert_eq!(words(&register), ["bank", "broker"]);
        register.enter(sent(&document, Act::Seal, 3, &[&insurer], &[])).unwrap();
        drop(register);
        let register = Register::open(&home).unwrap();
        assert_eq!(words(&register), ["insurer"]);
        assert!(register.readers(&document)[0].is(&party));
        assert_eq!([None, Some(2), Some(5)].map(|copy| next(&register, copy)), [4, 4, 6]);
        let last = register.next_epoch(&document, Epoch::new(u64::MAX)).unwrap_err();
        assert!(last.message().contains("18446744073709551615 is the last"), "{}", last.message());
        assert_eq!(register.entries(&document).len(), 4);
    }
}
