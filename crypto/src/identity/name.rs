//! Names of parties: short, printable, and not to be mistaken for each other by what does not print.

use std::{fmt, str::FromStr};

/// Longest name of a party, in characters.
pub const NAME_CHARS: usize = 100;

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No character at all.
    #[error("a name is empty; it takes 1 to {NAME_CHARS} characters")]
    Empty,
    /// More than [`NAME_CHARS`].
    #[error("a name has {0} characters; it takes 1 to {NAME_CHARS}")]
    TooLong(usize),
    /// A space at either end.
    #[error("the name {0:?} begins or ends with a space")]
    Space(String),
    /// A control, formatting or private character, or white space other than a plain space.
    #[error("the name {0:?} holds {1:?}, which does not print")]
    Unprintable(String, char),
}

/// The name of a party: 1 to 100 printable characters, no space at either end.
///
/// A name identifies nobody by itself: what counts is the name that one's own trust list gives to a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that are invisible or turn the text around them: a name that holds one can pass for another.
fn deceives(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
}

impl FromStr for Name {
    type Err = NameError;
    fn from_str(s: &str) -> Result<Name, NameError> {
        let chars = s.chars().count();
        if chars == 0 {
            return Err(NameError::Empty);
        }
        if chars > NAME_CHARS {
            return Err(NameError::TooLong(chars));
        }
        if s.starts_with(' ') || s.ends_with(' ') {
            return Err(NameError::Space(s.into()));
        }
        match s.chars().find(|&c| c.is_control() || deceives(c) || c.is_whitespace() && c != ' ') {
            Some(c) => Err(NameError::Unprintable(s.into(), c)),
            None => Ok(Name(s.into())),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
