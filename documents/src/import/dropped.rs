//! What a file says beyond our model: one entry a path, with the first value and how often the path stands.

use std::collections::BTreeMap;

use super::collapse;
use crate::quantity::shorten;

/// Kinds of dropped facts that are listed one by one.
const MAX_DROPPED: usize = 500;

/// The list as it grows.
#[derive(Default)]
pub(crate) struct Dropped {
    paths: BTreeMap<String, (usize, String)>,
    more: usize,
}

impl Dropped {
    /// Notes a value; one without text says nothing.
    pub fn add(&mut self, path: String, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        if let Some((times, _)) = self.paths.get_mut(&path) {
            *times += 1;
        } else if self.paths.len() < MAX_DROPPED {
            self.paths.insert(path, (1, shorten(&collapse(value))));
        } else {
            self.more += 1;
        }
    }

    /// The entries as the document keeps them.
    pub fn list(self) -> Vec<String> {
        let entry = |(path, (times, first)): (String, (usize, String))| match times {
            1 => format!("{path}: {first}"),
            _ => format!("{path}: {first} and others, {times} in all"),
        };
        let mut dropped: Vec<String> = self.paths.into_iter().map(entry).collect();
        if self.more > 0 {
            dropped.push(format!("{} values of further kinds", self.more));
        }
        dropped.iter_mut().for_each(|entry| *entry = entry.replace(char::is_control, " "));
        dropped
    }
}
