//! What is wrong with a policy.

use crate::claim::{ClaimError, FigureKind};

/// A policy that cannot be read or used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Over the limit of bytes.
    #[error("a policy of {found} bytes; at most {max} are read")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes accepted.
        max: usize,
    },
    /// No TOML, or none that says a policy.
    #[error("line {line}, column {column}: {message}")]
    Toml {
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What the reader says.
        message: String,
    },
    /// No JSON, or none that says a policy.
    #[error("not the JSON of a policy: {0}")]
    Json(String),
    /// A key that every policy file has.
    #[error("the policy has no {0}")]
    Missing(&'static str),
    /// More or longer than the limit.
    #[error("{found} {what}; at most {max} are taken")]
    Limit {
        /// What is counted.
        what: &'static str,
        /// How many were found.
        found: usize,
        /// How many are accepted.
        max: usize,
    },
    /// An empty text, or one with characters that a terminal might obey.
    #[error("{place} is empty or has control characters")]
    Text {
        /// Which text.
        place: String,
    },
    /// A name that a claim could not spell.
    #[error("{found:?} does not name {what}: {accepted}")]
    Name {
        /// Of what.
        what: &'static str,
        /// What was found.
        found: String,
        /// What is accepted.
        accepted: &'static str,
    },
    /// A kind of document that is not known.
    #[error("role {role}: {error}")]
    Kind {
        /// The role.
        role: String,
        /// The error.
        error: crate::profile::UnknownKind,
    },
    /// A profile version that is not known.
    #[error("role {role}: {kind} has no profile version {found}; known is {known}")]
    Profile {
        /// The role.
        role: String,
        /// Its kind.
        kind: crate::profile::Kind,
        /// What was found.
        found: u32,
        /// What is known.
        known: u32,
    },
    /// Another number of documents than of those expected.
    #[error("role {role}: {found} documents are expected by number, and documents says {documents}")]
    Expected {
        /// The role.
        role: String,
        /// How many the role says.
        documents: super::DocumentCount,
        /// How many are named.
        found: usize,
    },
    /// An age of status lists that no policy can accept.
    #[error("status: max-age-hours is {found}; accepted are 1 to {max}")]
    StatusAge {
        /// In hours.
        found: u32,
        /// The most.
        max: u32,
    },
    /// A document that is expected twice.
    #[error("role {role}: document {number:?} is expected twice")]
    ExpectedTwice {
        /// The role.
        role: String,
        /// Its number.
        number: String,
    },
    /// A role that the policy does not have.
    #[error("the policy has no role {0:?}")]
    UnknownRole(String),
    /// A list without codes: nothing is in it, so a claim that forbids it would forbid nothing.
    #[error("list {0}: it has no codes")]
    EmptyList(String),
    /// A list whose file cannot be read.
    #[error("list {list}: {file}: {message}")]
    ListFile {
        /// The list.
        list: String,
        /// Name of the file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A day relative to that of a request, without one.
    #[error("the value of {0} is a day relative to that of a request; there is none")]
    NoDay(String),
    /// A day that looks relative and is not.
    #[error("the value of {name} is {found:?}; a relative day is written like today - 90 days")]
    RelativeDay {
        /// The parameter.
        name: String,
        /// Its value.
        found: String,
    },
    /// A reference that documents do not have, or that is named twice.
    #[error("same: {0:?} is no reference or is repeated; known are document, shipment and order")]
    Reference(String),
    /// Ends before it starts.
    #[error("valid-until {until} is before valid-from {from}")]
    Validity {
        /// First day.
        from: String,
        /// Last day.
        until: String,
    },
    /// A claim that cannot be read.
    #[error("claim {number}{}: {error}", id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default())]
    Claim {
        /// Number of the claim, from 1.
        number: usize,
        /// Its name.
        id: Option<String>,
        /// What is wrong with it.
        error: Box<ClaimError>,
    },
    /// A value that is none of its kind.
    #[error("the value of {name} must be {kind}: {error}")]
    Value {
        /// The parameter.
        name: String,
        /// Its kind.
        kind: FigureKind,
        /// What is wrong with the value.
        error: Box<ClaimError>,
    },
    /// A value for a parameter that the policy does not have.
    #[error("the policy has no parameter {0:?}")]
    UnknownParameter(String),
    /// No value for a parameter without a default.
    #[error("the parameter {name} needs a value: {kind}")]
    MissingValue {
        /// The parameter.
        name: String,
        /// Its kind.
        kind: FigureKind,
    },
}

impl PolicyError {
    /// One thing to do about it.
    pub fn hint(&self) -> String {
        match self {
            PolicyError::TooLarge { .. } | PolicyError::Limit { .. } => "split the policy".into(),
            PolicyError::Toml { .. } | PolicyError::Missing(_) => "docs/claims.md describes the policy file".into(),
            PolicyError::Json(_) => "use the request as the verifier wrote it".into(),
            PolicyError::Text { .. } | PolicyError::Name { .. } => "correct the text".into(),
            PolicyError::Kind { .. } => "use one of the kinds named".into(),
            PolicyError::Profile { known, .. } => format!("write profile = {known}"),
            PolicyError::StatusAge { .. } => {
                "say how many hours old a list of revoked attestations may be: 24, for one that is published daily"
                    .into()
            }
            PolicyError::Expected { .. } => {
                "expect as many as documents says, or leave it out: as many are meant as are expected".into()
            }
            PolicyError::ExpectedTwice { .. } => "name each document once".into(),
            PolicyError::UnknownRole(_) => "use one of the policy's roles".into(),
            PolicyError::EmptyList(_) => "name its codes, or leave out the list and the claims that use it".into(),
            PolicyError::ListFile { .. } => {
                "name a CSV file in the policy's folder and its column, or one with a code a line".into()
            }
            PolicyError::NoDay(name) => format!("give {name} a date such as {}", FigureKind::Date.example()),
            PolicyError::RelativeDay { .. } => "correct the day".into(),
            PolicyError::Reference(_) => "write same = [\"shipment\"]".into(),
            PolicyError::Validity { .. } => "correct the dates".into(),
            PolicyError::Claim { error, .. } => error.hint(),
            PolicyError::Value { kind, .. } => format!("write it like {}", kind.example()),
            PolicyError::UnknownParameter(_) => "give values only for the policy's parameters".into(),
            PolicyError::MissingValue { name, kind } => format!("give {name} a value such as {}", kind.example()),
        }
    }
}
