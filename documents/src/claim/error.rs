//! What is wrong with a claim, and where: each problem with its place and one thing to do about it.

use super::figure::FigureKind;
use std::fmt::Write as _;

/// A place (in characters from the start) and what is wrong there.
pub(super) type Fault = (usize, Problem);

/// A claim that cannot be read, or not in this policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (column {})", .at + 1)]
pub struct ClaimError {
    text: String,
    at: usize,
    problem: Problem,
}

impl ClaimError {
    pub(crate) fn new(text: &str, at: usize, problem: Problem) -> ClaimError {
        ClaimError { text: text.to_owned(), at, problem }
    }

    /// The character at which the problem lies, counted from 0; at most the length of the claim.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The claim on one line and a caret under the character, both indented by two. Characters that a terminal might
    /// obey are replaced.
    pub fn render(&self) -> String {
        const AROUND: usize = 100;
        let from = self.at.saturating_sub(AROUND / 2);
        let shown: String = self.text.chars().skip(from).take(AROUND).map(printable).collect();
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = write!(out, "  {}\n  {:>width$}", shown.trim_end(), "^", width = self.at - from + 1);
        out
    }

    /// One thing to do about it.
    pub fn hint(&self) -> String {
        self.problem.hint()
    }
}

/// The character, or a replacement where a terminal might obey it.
fn printable(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        c if is_plain(c) => c,
        _ => char::REPLACEMENT_CHARACTER,
    }
}

/// Whether a character may be printed as it is: neither a control character nor one that reorders or hides text
/// (Unicode bidirectional controls, zero-width characters).
pub(crate) fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// What can be wrong with a claim.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Over the limit of bytes.
    #[error("the claim has {0} bytes; at most 4096 are read")]
    TooLong(usize),
    /// A character that the language does not use.
    #[error("unexpected character {0:?}")]
    Character(char),
    /// A number of more digits than the limit.
    #[error("a number of {0} digits; at most 30 are read")]
    Digits(usize),
    /// Something else was expected.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What would be accepted.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// More sums on one side than are read.
    #[error("more than {0} sums on one side")]
    Operands(usize),
    /// Dates do not add up: they compare one with one.
    #[error("a date compares with a date, or with one of another document where each role has one document")]
    DateSum,
    /// A percentage of a date.
    #[error("a date has no part: a percentage or a tolerance goes with other figures")]
    DatePart,
    /// `per` something else.
    #[error("{0} does not name containers: a claim is `per container`")]
    PerColumn(String),
    /// A role whose documents are several, or may be: each numbers its containers on its own.
    #[error("{0} may have several documents, and each numbers its containers from 1")]
    ContainersOfMany(String),
    /// Sums of a claim per container over several roles, or header facts in it.
    #[error("a claim per container adds up goods lines of one role")]
    MixedContainers,
    /// A bound that a container without lines misses.
    #[error("{0} does not hold of a container without lines, and how many there are is not known")]
    EmptyContainer(String),
    /// More containers than are taken, or none.
    #[error("{0} containers; 1 to 1000 are taken")]
    ContainerCount(i128),
    /// No goods column of that name.
    #[error("no goods column {name:?}; known are {known}")]
    UnknownColumn {
        /// What was found.
        name: String,
        /// Names of the columns of the roles in question.
        known: String,
    },
    /// No header fact of that name.
    #[error("no header fact {name:?}; known are {known}")]
    UnknownFact {
        /// What was found.
        name: String,
        /// Names of the header facts of the roles in question.
        known: String,
    },
    /// No role of that name.
    #[error("no role {name:?}; known are {known}")]
    UnknownRole {
        /// What was found.
        name: String,
        /// The policy's roles.
        known: String,
    },
    /// More than one role has the columns named.
    #[error("{roles} all have {what}; the claim must say which is meant")]
    AmbiguousRole {
        /// What they have.
        what: String,
        /// The roles.
        roles: String,
    },
    /// Columns named together that no role has together.
    #[error("no role has all of {0}")]
    NoRole(String),
    /// A list condition on a measure, or a figure for a code.
    #[error("{column} is {is}, and {used} takes {takes}")]
    WrongColumn {
        /// The column.
        column: String,
        /// What it is.
        is: &'static str,
        /// The word that it was used with.
        used: &'static str,
        /// What that takes.
        takes: &'static str,
    },
    /// More list conditions than a `where` takes.
    #[error("a where takes at most two list conditions")]
    ThirdList,
    /// More thresholds than a `where` takes.
    #[error("a where takes at most one threshold")]
    SecondThreshold,
    /// `=` or `between` in a `where`.
    #[error("a threshold in a where has one side: <=, >=, < or >")]
    TwoSidedThreshold,
    /// No list of that name.
    #[error("the policy has no list @{0}")]
    UnknownList(String),
    /// A fault within a named list.
    #[error("in the list @{list}: {problem}")]
    InList {
        /// Name of the list.
        list: String,
        /// The fault.
        problem: Box<Problem>,
    },
    /// More codes than the limit.
    #[error("the list has more than {0} codes")]
    LongList(usize),
    /// A code that is none of its kind.
    #[error("{found:?} is not {accepted}")]
    Code {
        /// What was found.
        found: String,
        /// What is accepted.
        accepted: &'static str,
    },
    /// A range where there is none.
    #[error("a range of codes is for HS codes only")]
    CodeRange,
    /// A range of HS codes that ends before it starts, or between codes of different length.
    #[error("the range {from}..{to} needs two HS codes of equal length, the smaller first")]
    HsRange {
        /// First code.
        from: String,
        /// Last code.
        to: String,
    },
    /// No parameter of that name.
    #[error("the policy has no parameter ${0}")]
    UnknownParameter(String),
    /// A parameter of another kind than its place takes.
    #[error("${name} is {is}; this place takes {takes}")]
    ParameterKind {
        /// Name of the parameter.
        name: String,
        /// Its kind.
        is: FigureKind,
        /// What the place takes.
        takes: FigureKind,
    },
    /// A fault within a parameter's value.
    #[error("in the value of ${name}: {problem}")]
    InParameter {
        /// Name of the parameter.
        name: String,
        /// The fault.
        problem: Box<Problem>,
    },
    /// A figure that is none of its kind.
    #[error("expected {takes}, found {found}")]
    Figure {
        /// What the place takes.
        takes: FigureKind,
        /// What was found.
        found: String,
    },
    /// A unit or currency that is not known for the figure.
    #[error("unknown {what} {found:?}; accepted {accepted}")]
    Unit {
        /// `unit of mass`, `currency`, `unit`.
        what: &'static str,
        /// What was found.
        found: String,
        /// What is accepted.
        accepted: &'static str,
    },
    /// More precise than the column.
    #[error("{found} is not a whole number of {of}")]
    NotWhole {
        /// What was found.
        found: String,
        /// Grams, cents of a currency, thousandths.
        of: String,
    },
    /// Larger than any total.
    #[error("{0} is larger than any total can be")]
    TooLarge(String),
    /// A date that is not in the calendar or before 1970.
    #[error("{0} is not a day from 1970-01-01 on")]
    Date(String),
    /// A percentage above the limit: 100 for a share or tolerance, 1000 for a factor.
    #[error("{0} % is more than {1} %")]
    OverWhole(String, u32),
    /// A ratio whose terms are too large to be weights.
    #[error("{0} % is {1}/{2} in lowest terms; at most 1048575 are taken")]
    FineShare(String, u128, u128),
    /// `between` with the larger figure first.
    #[error("between {0} and {1} holds for nothing")]
    Reversed(String, String),
    /// `between` in two currencies or units.
    #[error("between takes two figures of one unit, found {0} and {1}")]
    MixedRange(String, String),
    /// Two sums of different things.
    #[error("{left} is {left_is}, {right} is {right_is}: they do not compare")]
    Incomparable {
        /// Column on the left.
        left: String,
        /// What it is.
        left_is: &'static str,
        /// Column on the right.
        right: String,
        /// What it is.
        right_is: &'static str,
    },
}

impl Problem {
    /// One thing to do about it.
    pub fn hint(&self) -> String {
        let fixed = match self {
            Problem::TooLong(_) => "split it into several claims, or move its codes into a named list",
            Problem::Character(',') => "write numbers without separators: 26500",
            Problem::Character(_) => "claims are written in plain ASCII; see docs/claims.md",
            Problem::Digits(_) => "use a larger unit",
            Problem::Expected { .. } => "a claim reads like: total gross_mass <= 26500 kg; see docs/claims.md",
            Problem::Operands(_) => "split the claim",
            Problem::DateSum => "write it like: document issue_date of invoice <= document issue_date of manifest",
            Problem::DatePart => "write the days: document issue_date between 2026-01-01 and 2026-01-31",
            Problem::PerColumn(_) => "write it like: per container total gross_mass <= 26500 kg",
            Problem::ContainersOfMany(_) => "give the role one document, and each document a role",
            Problem::MixedContainers => "leave out what is not of the containers, or split the claim",
            Problem::EmptyContainer(_) => "use <=, a sum compared by <=, >= or =, or `each` for a bound from below",
            Problem::ContainerCount(_) => "write how many containers there may be: per container up to 40",
            Problem::UnknownColumn { .. } => "use one of the columns named",
            Problem::UnknownFact { .. } => "use one of the header facts named",
            Problem::UnknownRole { .. } => "use one of the roles named, or add this one to the policy",
            Problem::AmbiguousRole { .. } => "add `of ROLE` after the column",
            Problem::NoRole(_) => "a claim's columns must all be of one document; split the claim",
            Problem::WrongColumn { .. } => "see docs/claims.md for the columns and what may be said of them",
            Problem::ThirdList | Problem::SecondThreshold => "split the claim in two, or join two lists into one",
            Problem::TwoSidedThreshold => "use one side, or subtract: write two claims",
            Problem::UnknownList(_) => "add it to [lists] of the policy file",
            Problem::InList { problem, .. } | Problem::InParameter { problem, .. } => return problem.hint(),
            Problem::LongList(_) => "use shorter HS codes, each of which covers all that start with it",
            Problem::Code { .. } => "correct the code; letters are upper case",
            Problem::CodeRange => "list the codes one by one",
            Problem::HsRange { .. } => "write the range like 3601..3606",
            Problem::UnknownParameter(_) => "add it to [parameters] of the policy file",
            Problem::ParameterKind { takes, .. } | Problem::Figure { takes, .. } => {
                return format!("write it like {}", takes.example());
            }
            Problem::Unit { accepted, .. } => return format!("use {accepted}"),
            Problem::NotWhole { .. } => "round the figure",
            Problem::TooLarge(_) => "use a figure below 2^72 of the smallest unit",
            Problem::Date(_) => "write it like 2026-01-31",
            Problem::OverWhole(_, max) => return format!("use a figure from 0 to {max}"),
            Problem::FineShare(..) => "round the percentage to at most four decimals",
            Problem::Reversed(..) => "write the smaller figure first",
            Problem::MixedRange(..) => "give both figures in one unit",
            Problem::Incomparable { .. } => "compare masses with masses and money with money",
        };
        fixed.to_owned()
    }
}
