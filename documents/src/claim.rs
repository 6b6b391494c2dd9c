//! The claim language: what customs writes about documents, one sentence at a time.
//!
//! In: a line of text such as `total gross_mass <= 26500 kg`, and the [`Scope`] that says which roles, lists and
//! parameters it may name. Out: a [`Claim`], in which every name has become a column, every literal a whole number in
//! the column's unit and every list its codes; or a [`ClaimError`] that points at the character. Source: design
//! section 6; the grammar is in `docs/claims.md`.

mod bind;
mod codes;
mod error;
mod explain;
mod figure;
mod lexer;
mod parse;

pub use bind::{Parameter, RoleScope, Scope};
pub use codes::{CodeItem, CodeList};
pub use error::{ClaimError, Problem};
pub use figure::{Denomination, FigureKind};
pub(crate) use {codes::currency, error::is_plain, figure::check as check_figure};

use crate::profile::Column;
use std::fmt;

/// Name of a role in a policy.
pub type RoleName = String;

/// Longest claim, in bytes.
pub const MAX_CLAIM_BYTES: usize = 4096;
/// List conditions that one `where` takes.
pub const MAX_LIST_CONDITIONS: usize = 2;
/// A figure for a total is below two to this power, as is every total.
pub const FIGURE_BITS: u32 = crate::filter::TOTAL_BITS;

/// A claim whose every name and literal is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    text: String,
    statement: Statement,
}

impl Claim {
    /// Reads a claim: at most 4 KiB, in time linear in its length and its lists.
    ///
    /// # Errors
    /// [`ClaimError`], with the character at which reading stopped.
    pub fn parse(text: &str, scope: &Scope<'_>) -> Result<Claim, ClaimError> {
        let fail = |(at, problem)| ClaimError::new(text, at, problem);
        let syntax = parse::claim(text).map_err(fail)?;
        let statement = bind::statement(&syntax, scope).map_err(fail)?;
        Ok(Claim { text: text.trim().replace(['\t', '\n', '\r'], " "), statement })
    }

    /// The claim as it was written, on one line and without surrounding blanks: printable ASCII.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The claim in an English sentence, with the values of parameters in place.
    pub fn explain(&self) -> String {
        explain::statement(&self.statement)
    }

    /// The bound alone, as it is printed beside a figure: `<= 26500 kg`, `in CN, VN, @rcep`.
    pub fn bound(&self) -> String {
        explain::bound(&self.statement)
    }

    /// Names of the roles it speaks of, in the order in which they are named.
    pub fn roles(&self) -> Vec<&str> {
        match &self.statement {
            Statement::Total { sum, .. } | Statement::Share { part: sum, .. } => vec![&sum.lines.role],
            Statement::Compare { left, right, .. } if left.lines.role == right.lines.role => vec![&left.lines.role],
            Statement::Compare { left, right, .. } => vec![&left.lines.role, &right.lines.role],
            Statement::Count { lines, .. } => vec![&lines.role],
            Statement::Every { role, .. } | Statement::Each { role, .. } | Statement::Document { role, .. } => {
                vec![role]
            }
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether the word has a meaning of its own in claims, so that nothing may be named by it.
pub(crate) fn is_keyword(word: &str) -> bool {
    parse::KEYWORDS.contains(&word)
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `total COLUMN .. <= FIGURE`: a sum over goods lines of all documents of the role lies in a range.
    Total {
        /// What is summed.
        sum: Sum,
        /// Where the sum lies.
        range: Range,
    },
    /// `total COLUMN .. = total COLUMN ..`: two sums compared.
    Compare {
        /// The sum on the left.
        left: Sum,
        /// How they compare.
        relation: Relation,
        /// The sum on the right.
        right: Sum,
    },
    /// `share of COLUMN where .. >= PERCENT`: the sum over the lines that meet the condition, divided by the sum over
    /// all lines of the role.
    Share {
        /// The part; the whole is the same column over all lines of the same role.
        part: Sum,
        /// Where the ratio lies.
        range: ShareRange,
    },
    /// `count where .. = NUMBER`: how many goods lines meet the condition.
    Count {
        /// Which lines are counted.
        lines: Lines,
        /// Where the number lies.
        range: Range,
    },
    /// `every COLUMN in LIST` and `no COLUMN in LIST`: each goods line meets the condition.
    Every {
        /// Role whose lines are meant.
        role: RoleName,
        /// The condition each line meets; for `no` it is negated.
        condition: ListCondition,
    },
    /// `each COLUMN <= FIGURE`: the measure of each goods line lies in the range.
    Each {
        /// Role whose lines are meant.
        role: RoleName,
        /// The measure.
        column: &'static Column,
        /// Where it lies.
        range: Range,
    },
    /// `document COLUMN ..`: a header fact of each document of the role.
    Document {
        /// Role whose documents are meant.
        role: RoleName,
        /// What each document meets.
        test: DocumentTest,
    },
}

/// A sum over goods lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The measure that is summed; its place is a measure.
    pub column: &'static Column,
    /// The lines it is summed over.
    pub lines: Lines,
}

/// Some goods lines of a role: those that meet all conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The role.
    pub role: RoleName,
    /// At most [`MAX_LIST_CONDITIONS`].
    pub lists: Vec<ListCondition>,
    /// At most one measure on one side of a figure.
    pub threshold: Option<Threshold>,
}

/// `COLUMN in LIST` or `COLUMN not in LIST`, on a column of codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListCondition {
    /// The column; its place is one of codes.
    pub column: &'static Column,
    /// Whether the code must not be in the list.
    pub negated: bool,
    /// The list.
    pub list: CodeList,
}

/// `COLUMN >= FIGURE` in a `where`: exactly one side of the range is bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The measure.
    pub column: &'static Column,
    /// Where it lies.
    pub range: Range,
}

/// What a header fact must meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentTest {
    /// A measure in a range.
    Measure {
        /// The measure.
        column: &'static Column,
        /// Where it lies.
        range: Range,
    },
    /// A code in or not in a list.
    Code(ListCondition),
}

/// A range of whole numbers, both ends within.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Least number; `None` for no bound from below. At least 0 and below 2^72 + 1.
    pub lo: Option<i128>,
    /// Largest number; `None` for no bound from above. At least -1 (`< 0`) and below 2^72.
    pub hi: Option<i128>,
    /// What the numbers are figures of.
    pub denomination: Denomination,
    /// The range as written, parameters replaced by their values: `<= 26500 kg`.
    pub text: String,
}

impl Range {
    /// Whether the number lies in the range.
    pub fn contains(&self, figure: i128) -> bool {
        self.lo.is_none_or(|lo| lo <= figure) && self.hi.is_none_or(|hi| figure <= hi)
    }
}

/// How two sums compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `>`
    Above,
    /// `=`
    Equal,
}

impl Relation {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Relation::AtMost => "<=",
            Relation::AtLeast => ">=",
            Relation::Below => "<",
            Relation::Above => ">",
            Relation::Equal => "=",
        }
    }
}

/// A limit of a share: `numerator / denominator`, in lowest terms, both below 2^20, at most 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Numerator.
    pub numerator: u32,
    /// Denominator, not zero.
    pub denominator: u32,
}

/// Where a share lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareRange {
    /// Least share, and whether the share must be above it rather than at it.
    pub lo: Option<(Ratio, bool)>,
    /// Largest share, and whether the share must be below it rather than at it.
    pub hi: Option<(Ratio, bool)>,
    /// The range as written, parameters replaced by their values: `>= 40 %`.
    pub text: String,
}

#[cfg(test)]
mod tests;
