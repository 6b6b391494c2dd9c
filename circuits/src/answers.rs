//! What a verifier has accepted for each nonce, so that a request is answered once.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::Timestamp;

/// The record cannot be read or written; the check fails.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct AnswersError(pub Box<dyn std::error::Error + Send + Sync>);

/// What the record says of a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Not answered before; the answer is now on record.
    First,
    /// Answered before by these very bytes.
    SameBefore(Timestamp),
    /// Answered before by others.
    OtherBefore(Timestamp),
}

/// A verifier's record of answers.
pub trait Answers {
    /// Looks a nonce up and, if it is new, records the presentation's digest under it, durably, in one step that no
    /// other process can come between.
    ///
    /// # Errors
    /// [`AnswersError`] when the record cannot be used: then nothing is accepted.
    fn accept(&mut self, nonce: &[u8; 32], digest: &[u8; 32], now: Timestamp) -> Result<Answered, AnswersError>;
}

/// A record that lasts as long as the process: for a service that keeps it elsewhere, and for tests.
#[derive(Clone, Debug, Default)]
pub struct MemoryAnswers(BTreeMap<[u8; 32], ([u8; 32], Timestamp)>);

impl Answers for MemoryAnswers {
    fn accept(&mut self, nonce: &[u8; 32], digest: &[u8; 32], now: Timestamp) -> Result<Answered, AnswersError> {
        Ok(match self.0.entry(*nonce) {
            Entry::Vacant(place) => {
                place.insert((*digest, now));
                Answered::First
            }
            Entry::Occupied(known) if known.get().0 == *digest => Answered::SameBefore(known.get().1),
            Entry::Occupied(known) => Answered::OtherBefore(known.get().1),
        })
    }
}
