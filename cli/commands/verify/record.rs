//! What one's requests have accepted, in the state folder.

use std::collections::{BTreeMap, btree_map::Entry};

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

/// The record of answers: opened when it is asked, and then only what was added since is read.
pub struct OnDisk {
    home: Home,
    /// By nonce, digest of the presentation and time, as far as the file was read.
    known: BTreeMap<[u8; 32], ([u8; 32], Timestamp)>,
    read: u64,
}

impl OnDisk {
    /// In the state folder.
    pub fn new(home: &Home) -> OnDisk {
        OnDisk { home: home.clone(), known: BTreeMap::new(), read: 0 }
    }
}

impl Answers for OnDisk {
    fn accept(&mut self, answer: &Answer) -> Result<Answered, AnswersError> {
        let answered = self.accept_all(std::slice::from_ref(answer))?;
        answered.first().copied().ok_or_else(|| AnswersError::new("it does not say of the answer"))
    }

    /// One reading and one writing of the file, which no other process comes between.
    fn accept_all(&mut self, answers: &[Answer]) -> Result<Vec<Answered>, AnswersError> {
        let fault = |failure: Failure| AnswersError::new(failure.message());
        let mut journal = self.home.journal_after::<Accepted>(ANSWERS, self.read).map_err(fault)?;
        for entry in journal.entries() {
            let digest = |text: &str| {
                let bytes = hex::decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
                bytes.ok_or_else(|| AnswersError::new(format!("{ANSWERS}: {text:?} is no digest and no nonce")))
            };
            // The first counts, should a nonce stand there twice.
            let seen = (digest(&entry.presentation)?, entry.at);
            self.known.entry(digest(&entry.nonce)?).or_insert(seen);
        }
        self.read = journal.end();
        let (mut new, mut said) = (BTreeMap::new(), Vec::new());
        let mut lines = Vec::new();
        for answer in answers {
            let known = self.known.get(&answer.nonce).copied();
            let seen = match (known, new.entry(answer.nonce)) {
                (Some(seen), _) => Some(seen),
                (None, Entry::Occupied(seen)) => Some(*seen.get()),
                (None, Entry::Vacant(place)) => {
                    place.insert((answer.presentation, answer.now));
                    let (nonce, presentation) = (hex::encode(answer.nonce), hex::encode(answer.presentation));
                    lines.push(Accepted { at: answer.now, nonce, presentation });
                    None
                }
            };
            said.push(match seen {
                None => Answered::First,
                Some((same, at)) if same == answer.presentation => Answered::SameBefore(at),
                Some((_, at)) => Answered::OtherBefore(at),
            });
        }
        // Known from now on by reading them, once they are on the disk.
        journal.append_all(lines).map_err(fault)?;
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(nonce: u8, presentation: u8, second: i64) -> Answer {
        let now = Timestamp::from_second(second).unwrap();
        Answer { nonce: [nonce; 32], presentation: [presentation; 32], now }
    }

    #[test]
    fn what_another_process_accepts_meanwhile_counts() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(folder.path())).unwrap();
        let (mut one, mut other) = (OnDisk::new(&home), OnDisk::new(&home));
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(one.accept(&answer(1, 1, 1)).unwrap(), Answered::First);
        assert_eq!(other.accept(&answer(2, 2, 2)).unwrap(), Answered::First);
        let said =
            one.accept_all(&[answer(2, 9, 3), answer(3, 3, 3), answer(3, 3, 3), answer(3, 4, 3), answer(1, 1, 3)]);
        assert_eq!(
            said.unwrap(),
            [
                Answered::OtherBefore(at(2)),
                Answered::First,
                Answered::SameBefore(at(3)),
                Answered::OtherBefore(at(3)),
                Answered::SameBefore(at(1))
            ]
        );
        assert_eq!(other.accept(&answer(3, 3, 4)).unwrap(), Answered::SameBefore(at(3)));
        assert_eq!(OnDisk::new(&home).accept(&answer(2, 2, 5)).unwrap(), Answered::SameBefore(at(2)));

        // A record that became shorter, or that says what it cannot, accepts nothing more.
        let path = folder.path().join(ANSWERS);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &whole[..whole.find('\n').unwrap() + 1]).unwrap();
        assert!(other.accept(&answer(4, 4, 6)).unwrap_err().to_string().contains("shorter"));
        std::fs::write(&path, whole.replacen("01", "xx", 1)).unwrap();
        assert!(OnDisk::new(&home).accept(&answer(4, 4, 6)).is_err());
    }
}
