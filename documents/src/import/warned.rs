//! Warnings as they arise: equal ones are one, with the number of times.

use std::{cell::RefCell, collections::BTreeMap};

use super::Warning;
use crate::error::Place;

/// What was warned of while a file was read.
#[derive(Default)]
pub(super) struct Warned {
    /// By text: the order of its first appearance, the place, and how often it applies.
    by_text: RefCell<BTreeMap<String, (usize, Place, usize)>>,
}

impl Warned {
    /// One more. Only the first place of a text is kept.
    pub fn add(&self, place: Place, text: impl Into<String>) {
        let mut by_text = self.by_text.borrow_mut();
        let order = by_text.len();
        by_text.entry(text.into()).or_insert((order, place, 0)).2 += 1;
    }

    /// The warnings, in the order in which they arose.
    pub fn list(&self) -> Vec<Warning> {
        let by_text = self.by_text.borrow();
        let mut sorted: Vec<_> = by_text.iter().collect();
        sorted.sort_by_key(|(_, (order, ..))| *order);
        let text = |text: &str, times| if times == 1 { text.to_owned() } else { format!("{text} ({times} times)") };
        let warning = |(t, (_, place, times)): (&String, &(usize, Place, usize))| Warning {
            place: place.clone(),
            text: text(t, *times),
        };
        sorted.into_iter().map(warning).collect()
    }
}
