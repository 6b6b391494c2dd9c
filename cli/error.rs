//! Why a verb stops, in two lines: `error: …` and `hint: …`, and the exit status that goes with it.
//!
//! In: the typed errors of the floors below, each of which knows its own words and its own hint. Out: a [`Failure`]. A
//! claim that cannot be read has two lines more between, which point at the character.

use std::{fmt, io, path::Path};

use consign_crypto::{
    attestation::{AttestError, AttestationError},
    dossier::DossierError,
    files::FileError,
    identity::{IdentityError, NameError, PublicLineError},
    jws::JwsError,
    seal,
    trust::{NotTrusted, TrustListError},
    view::ViewError,
};
use consign_documents::{compile::CompileError, error::ImportError, policy::PolicyError};

/// What a failure means for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The question was understood and the answer is no.
    No,
    /// The command line asks for something that cannot be.
    Usage,
    /// A file cannot be read or written, or is malformed.
    Input,
    /// A mistake in this program.
    Bug,
}

impl Class {
    /// The exit status.
    pub fn status(self) -> u8 {
        match self {
            Class::No => 1,
            Class::Usage => 2,
            Class::Input => 3,
            Class::Bug => 255,
        }
    }
}

/// Why a verb stops.
#[derive(Clone, Debug)]
pub struct Failure {
    class: Class,
    message: String,
    pointer: Option<String>,
    hint: String,
}

impl Failure {
    /// A failure of the class; `hint` is one thing to do about it.
    pub fn new(class: Class, message: impl fmt::Display, hint: impl Into<String>) -> Failure {
        Failure { class, message: message.to_string(), pointer: None, hint: hint.into() }
    }
    /// The answer is no.
    pub fn no(message: impl fmt::Display, hint: impl Into<String>) -> Failure {
        Failure::new(Class::No, message, hint)
    }
    /// The command line is at fault.
    pub fn usage(message: impl fmt::Display, hint: impl Into<String>) -> Failure {
        Failure::new(Class::Usage, message, hint)
    }
    /// A file is at fault.
    pub fn input(message: impl fmt::Display, hint: impl Into<String>) -> Failure {
        Failure::new(Class::Input, message, hint)
    }

    /// The same, said of a file.
    pub fn of(mut self, file: &Path) -> Failure {
        self.message = format!("{}: {}", file.display(), self.message);
        self
    }

    /// The same, pointing into a text: lines to print between error and hint.
    pub fn pointing(mut self, lines: String) -> Failure {
        self.pointer = Some(lines);
        self
    }

    /// What it means.
    pub fn class(&self) -> Class {
        self.class
    }
    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
    /// What to do about it.
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", one_line(&self.message))?;
        if let Some(lines) = &self.pointer {
            writeln!(f, "{lines}")?;
        }
        writeln!(f, "hint: {}", one_line(&self.hint))
    }
}

/// The text on one line, without characters that a terminal might obey: messages quote files that others wrote.
pub fn one_line(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
            char::REPLACEMENT_CHARACTER
        }
        c => c,
    };
    text.chars().map(shown).collect()
}

/// Names the file in an error.
pub trait OfFile<T> {
    /// The failure, said of this file.
    fn of_file(self, file: &Path) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> OfFile<T> for Result<T, E> {
    fn of_file(self, file: &Path) -> Result<T, Failure> {
        self.map_err(|e| e.into().of(file))
    }
}

impl From<io::Error> for Failure {
    /// Writing to standard output is the only thing whose error carries no path.
    fn from(error: io::Error) -> Failure {
        Failure::input(format!("cannot write to standard output: {error}"), "check where standard output goes")
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Failure {
        Failure::input(&error, error.hint())
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Failure {
        let class = match error {
            PolicyError::UnknownParameter(_) | PolicyError::MissingValue { .. } | PolicyError::Value { .. } => {
                Class::Usage
            }
            _ => Class::Input,
        };
        let failure = Failure::new(class, &error, error.hint());
        match error {
            PolicyError::Claim { error, .. } | PolicyError::Value { error, .. } => failure.pointing(error.render()),
            _ => failure,
        }
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Failure {
        Failure::input(&error, error.hint())
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Failure {
        match error {
            FileError::Exists(_) => Failure::usage(&error, "choose another name with -o, or replace it with --force"),
            FileError::Same(_) => Failure::usage(&error, error.hint()),
            _ => Failure::input(&error, error.hint()),
        }
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Failure {
        Failure::usage(&error, "give a name of 1 to 100 printable characters")
    }
}

impl From<PublicLineError> for Failure {
    fn from(error: PublicLineError) -> Failure {
        Failure::input(&error, error.hint())
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Failure {
        let class = if error == IdentityError::Passphrase { Class::No } else { Class::Input };
        Failure::new(class, &error, error.hint())
    }
}

impl From<TrustListError> for Failure {
    fn from(error: TrustListError) -> Failure {
        let class = match error {
            TrustListError::TooLong(_) | TrustListError::Toml { .. } | TrustListError::Version(_) => Class::Input,
            _ => Class::Usage,
        };
        Failure::new(class, &error, error.hint())
    }
}

impl From<NotTrusted> for Failure {
    fn from(error: NotTrusted) -> Failure {
        Failure::no(&error, error.hint())
    }
}

impl From<JwsError> for Failure {
    fn from(error: JwsError) -> Failure {
        Failure::input(&error, "ask whoever sent it for the file as it was written")
    }
}

impl From<AttestError> for Failure {
    fn from(error: AttestError) -> Failure {
        let class = match error {
            AttestError::Validity { .. } => Class::Usage,
            AttestError::Jws(_) | AttestError::Dossier(_) => Class::Input,
        };
        Failure::new(class, &error, error.hint())
    }
}

impl From<AttestationError> for Failure {
    fn from(error: AttestationError) -> Failure {
        let class = match error {
            AttestationError::NotTrustedThen(_)
            | AttestationError::NotTrustedNow(_)
            | AttestationError::Expired(_)
            | AttestationError::FromTheFuture { .. }
            | AttestationError::Jws(JwsError::Signature | JwsError::OtherSigner { .. })
            | AttestationError::Issuer { .. } => Class::No,
            _ => Class::Input,
        };
        Failure::new(class, &error, error.hint())
    }
}

impl From<DossierError> for Failure {
    fn from(error: DossierError) -> Failure {
        let hint = error.hint();
        match error {
            DossierError::Attestation(error) => Failure::from(error),
            error if error.is_mismatch() => Failure::no(&error, hint),
            error => Failure::input(&error, hint),
        }
    }
}

impl From<ViewError> for Failure {
    fn from(error: ViewError) -> Failure {
        let class = match error {
            ViewError::Nothing(_) | ViewError::TooDeep(_) | ViewError::Pattern(_) | ViewError::Patterns(_) => {
                Class::Usage
            }
            ref error if error.is_mismatch() => Class::No,
            _ => Class::Input,
        };
        Failure::new(class, &error, error.hint())
    }
}

fn class_of(class: seal::Class) -> Class {
    match class {
        seal::Class::No => Class::No,
        seal::Class::Malformed | seal::Class::Io => Class::Input,
    }
}

impl From<seal::OpenError> for Failure {
    fn from(error: seal::OpenError) -> Failure {
        Failure::new(class_of(error.class()), &error, error.hint())
    }
}

impl From<seal::SealError> for Failure {
    fn from(error: seal::SealError) -> Failure {
        match error {
            seal::SealError::File(error) => error.into(),
            error => Failure::new(class_of(error.class()), &error, error.hint()),
        }
    }
}
