//! Names of members: plain file names that mean the same on every system.
//!
//! In: a text from a command line or a record. Out: a [`MemberName`] that can be created as a file in any folder of any
//! system without leaving the folder, naming a device, hiding, or passing for an option or another name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::identity::Name;

/// Longest name, in bytes: what the name field of a ustar header holds.
pub const NAME_BYTES: usize = 100;

/// Why a text is not the name of a member.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemberNameError {
    /// Empty, or longer than [`NAME_BYTES`].
    #[error("the member name {0:?} has {len} bytes; it may have 1 to {NAME_BYTES}", len = .0.len())]
    Length(String),
    /// A separator, a wildcard, a quote, or a character that does not print.
    #[error("the member name {0:?} holds {1:?}, which a plain file name does not")]
    Character(String, char),
    /// `.`, `..`, a hidden file, an option (`-`), a space at an end, a dot at the end.
    #[error("the member name {0:?} begins or ends with {1:?}")]
    Edge(String, char),
    /// A device of Windows, with or without an extension.
    #[error("the member name {0:?} is that of a device on Windows")]
    Reserved(String),
}

/// A plain file name, 1 to 100 bytes of UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MemberName(String);

impl MemberName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two names that differ in case only have in common. It folds further than any file system does.
    pub(super) fn folded(&self) -> String {
        self.0.to_uppercase().to_lowercase()
    }
}

impl FromStr for MemberName {
    type Err = MemberNameError;

    fn from_str(text: &str) -> Result<MemberName, MemberNameError> {
        if text.is_empty() || text.len() > NAME_BYTES {
            return Err(MemberNameError::Length(text.into()));
        }
        if let Some(edge) = text.chars().next().filter(|c| matches!(c, '.' | '-' | ' ' | '~')) {
            return Err(MemberNameError::Edge(text.into(), edge));
        }
        if let Some(edge) = text.chars().next_back().filter(|c| matches!(c, '.' | ' ')) {
            return Err(MemberNameError::Edge(text.into(), edge));
        }
        let forbidden = |c: &char| matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
        // A character prints here when a party's name may hold it: one rule against invisible and turning characters.
        let unprintable = |c: &char| *c != ' ' && c.to_string().parse::<Name>().is_err();
        if let Some(bad) = text.chars().find(|c| forbidden(c) || unprintable(c)) {
            return Err(MemberNameError::Character(text.into(), bad));
        }
        if is_device(text) {
            return Err(MemberNameError::Reserved(text.into()));
        }
        Ok(MemberName(text.into()))
    }
}

/// CON, PRN, AUX, NUL, CONIN$, CONOUT$, COM and LPT with a digit (superscripts too), whatever extension follows.
fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or(text).trim_end().to_uppercase();
    let port = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut rest = rest.chars();
            matches!(rest.next(), Some('0'..='9' | '¹' | '²' | '³')) && rest.next().is_none()
        })
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") || port("COM") || port("LPT")
}

impl TryFrom<String> for MemberName {
    type Error = MemberNameError;

    fn try_from(text: String) -> Result<MemberName, MemberNameError> {
        text.parse()
    }
}

impl From<MemberName> for String {
    fn from(name: MemberName) -> String {
        name.0
    }
}

impl fmt::Display for MemberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_not_plain_are_refused() {
        let long = "a".repeat(101);
        for (text, error) in [
            ("", MemberNameError::Length(String::new())),
            (long.as_str(), MemberNameError::Length(long.clone())),
            (".", MemberNameError::Edge(".".into(), '.')),
            ("..", MemberNameError::Edge("..".into(), '.')),
            (".bashrc", MemberNameError::Edge(".bashrc".into(), '.')),
            ("-rf", MemberNameError::Edge("-rf".into(), '-')),
            ("~root", MemberNameError::Edge("~root".into(), '~')),
            ("scan.pdf.", MemberNameError::Edge("scan.pdf.".into(), '.')),
            ("scan ", MemberNameError::Edge("scan ".into(), ' ')),
            ("a/b", MemberNameError::Character("a/b".into(), '/')),
            ("/etc/passwd", MemberNameError::Character("/etc/passwd".into(), '/')),
            ("a/../b", MemberNameError::Character("a/../b".into(), '/')),
            ("a\\b", MemberNameError::Character("a\\b".into(), '\\')),
            ("c:x", MemberNameError::Character("c:x".into(), ':')),
            ("a\0b", MemberNameError::Character("a\0b".into(), '\0')),
            ("a\nb", MemberNameError::Character("a\nb".into(), '\n')),
            ("gpj.\u{202e}exe", MemberNameError::Character("gpj.\u{202e}exe".into(), '\u{202e}')),
            ("a\u{200b}b", MemberNameError::Character("a\u{200b}b".into(), '\u{200b}')),
            ("a\u{a0}b", MemberNameError::Character("a\u{a0}b".into(), '\u{a0}')),
            ("CON", MemberNameError::Reserved("CON".into())),
            ("nul.pdf", MemberNameError::Reserved("nul.pdf".into())),
            ("Com1.tar.gz", MemberNameError::Reserved("Com1.tar.gz".into())),
            ("lpt³", MemberNameError::Reserved("lpt³".into())),
            ("aux .txt", MemberNameError::Reserved("aux .txt".into())),
        ] {
            assert_eq!(text.parse::<MemberName>(), Err(error), "{text}");
        }
    }

    #[test]
    fn plain_names_are_accepted() {
        let long = "a".repeat(100);
        for text in ["scan.pdf", "Packing list 3.xlsx", "发票.pdf", "räkning.pdf", "con-1.pdf", "com10", "a", &long]
        {
            assert_eq!(text.parse::<MemberName>().unwrap().as_str(), text);
        }
        let fold = |text: &str| text.parse::<MemberName>().unwrap().folded();
        assert_eq!(fold("Straße"), fold("STRASSE"));
        assert_eq!(fold("Scan.PDF"), fold("scan.pdf"));
    }
}
