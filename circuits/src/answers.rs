//! What a verifier has accepted for each nonce, so that a request is answered once.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    error::Error,
    sync::Arc,
};

use jiff::Timestamp;

/// The record cannot be read or written; the check fails.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct AnswersError(Arc<dyn Error + Send + Sync>);

impl AnswersError {
    /// With its cause.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> AnswersError {
        AnswersError(cause.into().into())
    }
}

/// A presentation in which every other check found no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The nonce of the request that it answers.
    pub nonce: [u8; 32],
    /// SHA-256 of its content.
    pub presentation: [u8; 32],
    /// The present time.
    pub now: Timestamp,
}

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
    fn accept(&mut self, answer: &Answer) -> Result<Answered, AnswersError>;

    /// The same of many, in order. A record that takes long to reach does it once for all.
    ///
    /// # Errors
    /// As [`Answers::accept`]: then none of these is accepted, though some may be on record.
    fn accept_all(&mut self, answers: &[Answer]) -> Result<Vec<Answered>, AnswersError> {
        answers.iter().map(|answer| self.accept(answer)).collect()
    }
}

/// A record that lasts as long as the process: for a service that keeps it elsewhere, and for tests.
#[derive(Clone, Debug, Default)]
pub struct MemoryAnswers(BTreeMap<[u8; 32], ([u8; 32], Timestamp)>);

impl Answers for MemoryAnswers {
    fn accept(&mut self, answer: &Answer) -> Result<Answered, AnswersError> {
        Ok(match self.0.entry(answer.nonce) {
            Entry::Vacant(place) => {
                place.insert((answer.presentation, answer.now));
                Answered::First
            }
            Entry::Occupied(known) if known.get().0 == answer.presentation => Answered::SameBefore(known.get().1),
            Entry::Occupied(known) => Answered::OtherBefore(known.get().1),
        })
    }
}
