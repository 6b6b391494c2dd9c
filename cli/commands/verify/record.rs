//! What one's requests have accepted, in the state folder.

use std::collections::HashMap;

use consign_circuits::answers::{Answer, Answered, Answers, AnswersError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{error::Failure, home::Home};

const ANSWERS: &str = "answers.jsonl";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    at: Timestamp,
    nonce: String,
    presentation: String,
}

/// The record of answers, opened when it is asked.
pub struct OnDisk<'a>(pub &'a Home);

impl Answers for OnDisk<'_> {
    fn accept(&mut self, answer: &Answer) -> Result<Answered, AnswersError> {
        let answered = self.accept_all(std::slice::from_ref(answer))?;
        answered.first().copied().ok_or_else(|| AnswersError::new("it does not say of the answer"))
    }

    /// One reading and one writing of the file, which no other process comes between.
    fn accept_all(&mut self, answers: &[Answer]) -> Result<Vec<Answered>, AnswersError> {
        let fault = |failure: Failure| AnswersError::new(failure.message());
        let mut journal = self.0.journal::<Accepted>(ANSWERS).map_err(fault)?;
        let mut known: HashMap<String, (String, Timestamp)> = HashMap::new();
        for entry in journal.entries() {
            // The first counts, should a nonce stand there twice.
            known.entry(entry.nonce.clone()).or_insert_with(|| (entry.presentation.clone(), entry.at));
        }
        let mut new = Vec::new();
        let said = answers.iter().map(|answer| {
            let (nonce, presentation) = (hex::encode(answer.nonce), hex::encode(answer.presentation));
            match known.get(&nonce) {
                Some((same, at)) if *same == presentation => Answered::SameBefore(*at),
                Some((_, at)) => Answered::OtherBefore(*at),
                None => {
                    known.insert(nonce.clone(), (presentation.clone(), answer.now));
                    new.push(Accepted { at: answer.now, nonce, presentation });
                    Answered::First
                }
            }
        });
        let said = said.collect();
        journal.append_all(new).map_err(fault)?;
        Ok(said)
    }
}
