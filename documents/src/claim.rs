//! The claim language: what customs writes about documents, one sentence at a time.
//!
//! In: a line of text such as `total gross_mass <= 26500 kg`, and the [`Scope`] that says which roles, lists and
//! parameters it may name. Out: a [`Claim`], in which every name has become a column, every literal a whole number in
//! the column's unit and every list its codes; or a [`ClaimError`] that points at the character. Source: design
//! section 6; the grammar is in `docs/claims.md`.

mod bind;
mod codes;
mod containers;
mod error;
pub(crate) mod explain;
mod figure;
mod lexer;
mod parse;

pub use bind::{Parameter, RoleScope, Scope};
pub use codes::{CodeItem, CodeList};
pub use error::{ClaimError, Problem};
pub use figure::{Denomination, FigureKind};
pub(crate) use {
    codes::{currency, spelled},
    error::is_plain,
    figure::check as check_figure,
};

use crate::profile::{Column, Content};
use std::fmt;

/// Name of a role in a policy.
pub type RoleName = String;

/// Longest claim, in bytes.
pub const MAX_CLAIM_BYTES: usize = 4096;
/// List conditions that one `where` takes; the list of `every` and `no`, and the container of `per container`, count
/// among them.
pub const MAX_LIST_CONDITIONS: usize = 2;
/// Sums of a combination that are read; a bound has room for three after lists are split.
pub const MAX_OPERANDS: usize = 6;
/// The largest number of containers in `per container up to ..`.
pub const MAX_CONTAINERS: u32 = 1000;
/// Containers that `per container` speaks of where it does not say how many.
pub const DEFAULT_CONTAINERS: u32 = 6;
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
        let mut roles: Vec<&str> = match &self.statement {
            Statement::Sums { left, comparison } | Statement::PerContainer { left, comparison, .. } => {
                left.roles().chain(comparison.right().into_iter().flat_map(Combination::roles)).collect()
            }
            Statement::Share { part, .. } => vec![&part.lines.role],
            Statement::Count { lines, .. } | Statement::Every { lines, .. } | Statement::Each { lines, .. } => {
                vec![&lines.role]
            }
            Statement::Document { role, .. } => vec![role],
        };
        let mut seen = std::collections::BTreeSet::new();
        roles.retain(|role| seen.insert(*role));
        roles
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
    /// `total COLUMN .. <= FIGURE`: a weighted sum against a figure or another sum.
    Sums {
        /// The sum.
        left: Combination,
        /// What it is compared with.
        comparison: Comparison,
    },
    /// `per container total COLUMN .. <= FIGURE`: the same of the lines of each container of the one document of the
    /// role; no line is outside containers 1 to `most`.
    PerContainer {
        /// The column of the containers.
        column: &'static Column,
        /// The largest number of a container, at most [`MAX_CONTAINERS`].
        most: u32,
        /// The sum, of goods lines of one role, each operand with at most one list condition.
        left: Combination,
        /// What it is compared with: what holds of a container without lines.
        comparison: Comparison,
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
    /// `every COLUMN in LIST` and `no COLUMN in LIST`: each of the goods lines meets the condition.
    Every {
        /// The lines; at most one list condition.
        lines: Lines,
        /// The condition each line meets; for `no` it is negated.
        condition: ListCondition,
    },
    /// `each COLUMN <= FIGURE`: the measure of each of the goods lines lies in the range.
    Each {
        /// The lines; without a threshold.
        lines: Lines,
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

/// What a sum is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<= FIGURE`: it lies in a range. The ends are times the denominator of the left side's factor, to be compared with
    /// the sum times the numerator: rounded once, after both.
    Range(Range),
    /// `<= PERCENT of total COLUMN ..`: it compares to another sum. Where that has a factor, it is above zero: there is
    /// no part of nothing.
    Sum {
        /// How they compare.
        relation: Relation,
        /// The other sum.
        right: Combination,
    },
    /// `within PERCENT of total COLUMN ..`: it differs from another sum, which is above zero, by at most a part of that.
    Within {
        /// The part, at most the whole.
        tolerance: Factor,
        /// The other sum.
        right: Combination,
    },
}

impl Comparison {
    /// The other sum, if it is compared with one.
    pub fn right(&self) -> Option<&Combination> {
        match self {
            Comparison::Range(_) => None,
            Comparison::Sum { right, .. } | Comparison::Within { right, .. } => Some(right),
        }
    }

    /// Whether the other sum has to be above zero.
    pub fn is_part(&self) -> bool {
        match self {
            Comparison::Range(_) => false,
            Comparison::Sum { right, .. } => right.factor.is_some(),
            Comparison::Within { .. } => true,
        }
    }
}

/// A part of a sum of sums: `80 % of total amount of invoice - total value of returns`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Combination {
    /// What the sum is multiplied by, if by anything.
    pub factor: Option<Factor>,
    /// At least one, all of the same content.
    pub operands: Vec<Operand>,
}

impl Combination {
    /// The roles of the operands.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.operands.iter().map(|operand| operand.amount.role())
    }

    /// What the operands hold.
    pub fn content(&self) -> Content {
        // An empty combination is not made.
        self.operands.first().map_or(Content::Packages, |operand| operand.amount.column().content)
    }

    /// The factor; one where none is written.
    pub fn ratio(&self) -> Ratio {
        self.factor.as_ref().map_or(Ratio::ONE, |factor| factor.ratio)
    }
}

/// What a sum is multiplied by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// The factor.
    pub ratio: Ratio,
    /// As written, a parameter replaced by its value: `80 %`.
    pub text: String,
}

/// One of the sums of a combination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// Whether it is subtracted.
    pub negative: bool,
    /// What is added or subtracted.
    pub amount: Amount,
}

/// What a combination adds up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount {
    /// `total COLUMN ..`: a sum over goods lines.
    Goods(Sum),
    /// `document COLUMN ..`: a header fact, summed over the documents of the role.
    Header {
        /// The role.
        role: RoleName,
        /// The header fact; its place is a measure.
        column: &'static Column,
    },
}

impl Amount {
    /// The role whose lines or headers are meant.
    pub fn role(&self) -> &str {
        match self {
            Amount::Goods(sum) => &sum.lines.role,
            Amount::Header { role, .. } => role,
        }
    }

    /// The measure.
    pub fn column(&self) -> &'static Column {
        match self {
            Amount::Goods(sum) => sum.column,
            Amount::Header { column, .. } => column,
        }
    }
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

impl Lines {
    /// All goods lines of the role.
    pub fn all(role: &str) -> Lines {
        Lines { role: role.to_owned(), lists: Vec::new(), threshold: None }
    }
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

impl ListCondition {
    /// The condition that holds where this one does not.
    pub(crate) fn negation(&self) -> ListCondition {
        ListCondition { negated: !self.negated, ..self.clone() }
    }

    /// The containers with these numbers.
    pub(crate) fn containers(column: &'static Column, numbers: std::ops::RangeInclusive<u32>) -> ListCondition {
        let text = match numbers.clone().into_inner() {
            (one, same) if one == same => one.to_string(),
            (first, last) => format!("{first}..{last}"),
        };
        ListCondition { column, negated: false, list: CodeList { items: numbers.map(CodeItem::Code).collect(), text } }
    }
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
    /// Least number; `None` for no bound from below. At least 0 and at most 2^96.
    pub lo: Option<i128>,
    /// Largest number; `None` for no bound from above. At least -1 (`< 0`) and below 2^96.
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

/// A percentage as `numerator / denominator`, in lowest terms, both below 2^20. As a share or a tolerance it is at most
/// 1, as a factor at most 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Numerator.
    pub numerator: u32,
    /// Denominator, not zero.
    pub denominator: u32,
}

impl Ratio {
    /// The whole.
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1 };
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
