//! The rule pack: policies that come with the program, to be used by their names.
//!
//! They are the files of the folder `policies/`, in the program so that a fresh installation has them; each claim cites
//! its source. What they say of law is as of their versions, and a policy past its last day is refused with the name of
//! its successor.

use super::{Policy, PolicyError};
use jiff::civil::Date;

/// A policy of the pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, which is that of its file.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
}

macro_rules! entry {
    ($name:literal) => {
        Entry { name: $name, text: include_str!(concat!("../../../policies/", $name, ".toml")) }
    };
}

/// All policies of the pack by name.
pub const ENTRIES: [Entry; 26] = [
    entry!("arms-screen"),
    entry!("concentration"),
    entry!("container-payload"),
    entry!("dangerous-goods-within"),
    entry!("dual-use-screen"),
    entry!("eu-low-value"),
    entry!("eu-low-value-2025"),
    entry!("eu-road"),
    entry!("invoice-finance"),
    entry!("invoice-matches-manifest"),
    entry!("invoice-near-manifest"),
    entry!("no-dangerous-goods"),
    entry!("origin-outside"),
    entry!("origin-within"),
    entry!("quota"),
    entry!("rcep-cth"),
    entry!("rcep-de-minimis"),
    entry!("rcep-rvc"),
    entry!("solas-vgm"),
    entry!("ucp600-about"),
    entry!("ucp600-less"),
    entry!("ucp600-quantity"),
    entry!("uflpa-screen"),
    entry!("us-informal-entry"),
    entry!("us-road"),
    entry!("usmca-rvc"),
];

/// The files that lists of the pack stand in.
const LISTS: [(&str, &str); 3] = [
    ("lists/arms-headings.csv", include_str!("../../../policies/lists/arms-headings.csv")),
    ("lists/dual-use-headings.csv", include_str!("../../../policies/lists/dual-use-headings.csv")),
    ("lists/uflpa-priority-sectors.csv", include_str!("../../../policies/lists/uflpa-priority-sectors.csv")),
];

/// The policy of this name; `None` where the pack has none.
///
/// # Errors
/// [`PolicyError`], if the pack were faulty; a test reads all of it.
pub fn policy(name: &str) -> Option<Result<Policy, PolicyError>> {
    ENTRIES.iter().find(|entry| entry.name == name).map(Entry::policy)
}

/// The policy that follows one that is past its last day: the first of those that it leads to which is not.
pub fn successor(name: &str, day: Date) -> Option<&'static str> {
    let mut known = policy(name)?.ok()?;
    // Successors have successors, none of them twice.
    for _ in 0..ENTRIES.len() {
        let entry = ENTRIES.iter().find(|entry| Some(entry.name) == known.successor())?;
        known = entry.policy().ok()?;
        if known.valid_until().is_none_or(|until| day <= until) {
            return Some(entry.name);
        }
    }
    None
}

impl Entry {
    /// Reads it.
    ///
    /// # Errors
    /// [`PolicyError`], if the pack were faulty.
    pub fn policy(&self) -> Result<Policy, PolicyError> {
        Policy::from_toml_beside(self.text, &|path| {
            let found = LISTS.iter().find(|(name, _)| path == std::path::Path::new(name));
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "the pack has no such file".into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn all_of_the_pack_reads_and_is_the_folder() {
        let names: Vec<String> = ENTRIES.iter().map(|entry| entry.name.to_owned()).collect();
        for entry in &ENTRIES {
            let policy = entry.policy().unwrap_or_else(|e| panic!("{}: {e}", entry.name));
            assert_eq!(policy.name(), entry.name);
            assert!(policy.about().is_some(), "{}", entry.name);
            assert!(policy.successor().is_none_or(|name| names.iter().any(|known| known == name)), "{}", entry.name);
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = files.filter_map(|file| file.strip_suffix(".toml").map(str::to_owned)).collect();
        files.sort();
        assert_eq!(files, names);
    }

    #[test]
    fn a_policy_past_its_day_has_a_successor() {
        assert_eq!(successor("eu-low-value-2025", date(2026, 7, 1)), Some("eu-low-value"));
        assert_eq!(successor("eu-low-value-2025", date(2028, 7, 1)), None);
        assert_eq!(successor("quota", date(2030, 1, 1)), None);
        assert_eq!(successor("no such policy", date(2026, 7, 1)), None);
    }
}
