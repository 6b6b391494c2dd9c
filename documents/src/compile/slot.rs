//! Slots: one of the six filters of a verdict, as a sum of disjoint pieces, each of which one filter holds.
//!
//! A condition whose tests fit one filter set is one piece. A longer list is cut into disjoint positive chunks; two
//! lists into the cross products of their chunks, disjoint too. The negation of a long list is derived: all minus in.

use super::{CompileError, MAX_CHAINS, classes::ClassSet};
use crate::{
    claim::{Lines, ListCondition, Range, RoleName},
    filter::{CLASS_TESTS, ClassTest, FilterKind, Threshold},
    profile::{Column, Place},
    table::{Code, MEASURE_BITS},
};

/// A threshold with its polarity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ThresholdPart {
    pub(super) threshold: Threshold,
    pub(super) holds: bool,
}

/// One group of a piece: the OR of the tests, or its negation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) tests: Vec<ClassTest>,
    pub(super) negated: bool,
}

impl Part {
    pub(super) const TRUE: Part = Part { tests: Vec::new(), negated: true };
}

/// Both groups of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) a: Part,
    pub(super) b: Part,
}

/// A filter of a verdict: the sum of its pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) role: RoleName,
    pub(super) kind: FilterKind,
    pub(super) threshold: Option<ThresholdPart>,
    pub(super) pieces: Vec<Piece>,
}

/// What a condition on rows becomes: the rows of one slot, less those of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) plus: Slot,
    pub(super) minus: Option<Slot>,
}

impl From<Slot> for Difference {
    fn from(plus: Slot) -> Difference {
        Difference { plus, minus: None }
    }
}

impl Slot {
    /// Every row of the kind.
    pub(super) fn all(role: &str, kind: FilterKind) -> Slot {
        Slot::new(role, kind, None, vec![Piece { a: Part::TRUE, b: Part::TRUE }])
    }

    fn new(role: &str, kind: FilterKind, threshold: Option<ThresholdPart>, pieces: Vec<Piece>) -> Slot {
        Slot { role: role.to_owned(), kind, threshold, pieces }
    }
}

/// The rows whose measure is at least the number; 2^47 is more than any measure.
fn at_least(number: usize, column: &Column, least: i128) -> Result<Threshold, CompileError> {
    let range = || CompileError::Range { claim: number };
    let Place::Measure(measure) = column.place else { return Err(range()) };
    let least = u64::try_from(least.clamp(0, 1 << MEASURE_BITS)).map_err(|_| range())?;
    Threshold::new(measure, least).ok_or_else(range)
}

/// The rows whose measure lies in a range that is bounded on one side.
fn one_sided(number: usize, column: &Column, range: &Range) -> Result<ThresholdPart, CompileError> {
    match (range.lo, range.hi) {
        (Some(lo), None) => Ok(ThresholdPart { threshold: at_least(number, column, lo)?, holds: true }),
        (None, Some(hi)) => Ok(ThresholdPart { threshold: at_least(number, column, hi + 1)?, holds: false }),
        _ => Err(CompileError::Range { claim: number }),
    }
}

/// The goods lines that meet the conditions.
pub(super) fn of_lines(number: usize, lines: &Lines) -> Result<Difference, CompileError> {
    split(number, &lines.role, FilterKind::Goods, &lines.lists, threshold_of(number, lines)?)
}

/// The goods lines that meet one list condition.
pub(super) fn of_condition(number: usize, role: &str, condition: &ListCondition) -> Result<Difference, CompileError> {
    split(number, role, FilterKind::Goods, std::slice::from_ref(condition), None)
}

/// The document rows that meet one list condition.
pub(super) fn of_documents(number: usize, role: &str, condition: &ListCondition) -> Result<Difference, CompileError> {
    split(number, role, FilterKind::Document, std::slice::from_ref(condition), None)
}

/// The goods lines that meet the conditions, but not the one that they ought to.
pub(super) fn against(number: usize, lines: &Lines, ought: &ListCondition) -> Result<Difference, CompileError> {
    let mut lines = lines.clone();
    lines.lists.push(ought.negation());
    of_lines(number, &lines)
}

/// Of the rows that meet list conditions, those with a measure below the range and those above it.
pub(super) fn outside(
    number: usize,
    kind: FilterKind,
    lines: &Lines,
    column: &Column,
    range: &Range,
) -> Result<Vec<Difference>, CompileError> {
    let sides = [range.lo.map(|lo| (lo, false)), range.hi.map(|hi| (hi + 1, true))];
    let rows = |(least, holds)| {
        let threshold = at_least(number, column, least)?;
        split(number, &lines.role, kind, &lines.lists, Some(ThresholdPart { threshold, holds }))
    };
    sides.into_iter().flatten().map(rows).collect()
}

fn threshold_of(number: usize, lines: &Lines) -> Result<Option<ThresholdPart>, CompileError> {
    lines.threshold.as_ref().map(|t| one_sided(number, t.column, &t.range)).transpose()
}

/// Codes that four class tests tell apart.
pub(super) const PAIRS: usize = 6;

/// For each of at most six codes a piece that holds for it alone. Each code is in two of four class tests, no two codes
/// in the same two: so the AND of those two is the code.
pub(super) fn pairs(column: &Column, codes: &[u32]) -> Option<Vec<Piece>> {
    const TESTS: [[usize; 2]; PAIRS] = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]];
    let code = match column.place {
        Place::Origin => Code::Origin,
        Place::C2 => Code::C2,
        Place::C3 => Code::C3,
        Place::Hs | Place::Measure(_) => return None,
    };
    let part = |test: usize| {
        let listed = codes.iter().zip(TESTS).filter(|(_, tests)| tests.contains(&test)).map(|(code, _)| *code);
        Some(Part { tests: vec![ClassTest::new(code, listed.collect())?], negated: false })
    };
    codes.iter().zip(TESTS).map(|(_, [a, b])| Some(Piece { a: part(a)?, b: part(b)? })).collect()
}

/// The goods lines in a piece and beyond the threshold of the lines, which have no lists.
pub(super) fn of_piece(number: usize, lines: &Lines, piece: Option<&Piece>) -> Result<Difference, CompileError> {
    let pieces = piece.cloned().into_iter().collect();
    Ok(Slot::new(&lines.role, FilterKind::Goods, threshold_of(number, lines)?, pieces).into())
}

/// A set of codes and whether the code must not be in it.
type Signed = (ClassSet, bool);

fn split(
    number: usize,
    role: &str,
    kind: FilterKind,
    conditions: &[ListCondition],
    threshold: Option<ThresholdPart>,
) -> Result<Difference, CompileError> {
    let signed: Vec<Signed> = conditions.iter().map(|c| (ClassSet::new(c.column.place, &c.list), c.negated)).collect();
    let mut parts = Vec::new();
    for (set, negated) in together(signed) {
        let tests = set.tests().ok_or(CompileError::Codes { claim: number })?;
        // In nothing holds for no row, not in nothing for all: the latter is no condition.
        if !(tests.is_empty() && negated) {
            parts.push(Part { tests, negated });
        }
    }
    let (plus, minus) = match <[Part; 2]>::try_from(parts) {
        Ok([a, b]) => two(a, b),
        Err(parts) => one(parts.into_iter().next().unwrap_or(Part::TRUE)),
    }
    .map_err(|found| CompileError::Chains { claim: Some(number), found })?;
    let slot = |pieces| Slot::new(role, kind, threshold, pieces);
    Ok(Difference { plus: slot(plus), minus: (!minus.is_empty()).then(|| slot(minus)) })
}

/// Joins two conditions on one column into one.
fn together(mut signed: Vec<Signed>) -> Vec<Signed> {
    let joined = match signed.as_slice() {
        [(a, not_a), (b, not_b)] if a.place() == b.place() => match (not_a, not_b) {
            (false, false) => (a.intersection(b), false),
            (false, true) => (a.difference(b), false),
            (true, false) => (b.difference(a), false),
            (true, true) => (a.union(b), true),
        },
        _ => return signed,
    };
    signed.clear();
    signed.push(joined);
    signed
}

/// Pieces to add, pieces to take away; or how many would be needed where that is too many.
type Pieces = Result<(Vec<Piece>, Vec<Piece>), usize>;

fn whole(part: Part) -> Piece {
    Piece { a: part, b: Part::TRUE }
}

fn one(part: Part) -> Pieces {
    if part.negated && part.tests.len() > CLASS_TESTS {
        return Ok((vec![whole(Part::TRUE)], chunks(&part.tests)?));
    }
    let plus = if part.negated { vec![whole(part)] } else { chunks(&part.tests)? };
    Ok((plus, Vec::new()))
}

fn two(a: Part, b: Part) -> Pieces {
    if a.tests.len() + b.tests.len() <= CLASS_TESTS {
        // In nothing: no row.
        let impossible = |part: &Part| part.tests.is_empty() && !part.negated;
        let plus = if impossible(&a) || impossible(&b) { Vec::new() } else { vec![Piece { a, b }] };
        return Ok((plus, Vec::new()));
    }
    match (a.negated, b.negated) {
        (false, false) => Ok((cross(&a.tests, &b.tests)?, Vec::new())),
        (false, true) => in_and_not_in(&a.tests, &b),
        (true, false) => in_and_not_in(&b.tests, &a),
        (true, true) => neither(&a, &b),
    }
}

/// In the first and not in the second: beside each chunk of the first the second as it is, or the first less both.
fn in_and_not_in(inside: &[ClassTest], outside: &Part) -> Pieces {
    let beside = beside(inside, outside);
    let subtracted = chunk_count(inside.len(), CLASS_TESTS) + cross_shape(inside.len(), outside.tests.len()).1;
    match beside {
        Some(count) if count <= subtracted => Ok((with(inside, outside)?, Vec::new())),
        _ => Ok((chunks(inside)?, cross(inside, &outside.tests)?)),
    }
}

/// In neither: not in the one, less those of the other; or all and both, less each.
fn neither(a: &Part, b: &Part) -> Pieces {
    let with_a = beside(&b.tests, a).map(|count| count + 1);
    let with_b = beside(&a.tests, b).map(|count| count + 1);
    let each = chunk_count(a.tests.len(), CLASS_TESTS) + chunk_count(b.tests.len(), CLASS_TESTS);
    let all = 1 + each + cross_shape(a.tests.len(), b.tests.len()).1;
    let least = [with_a, with_b, Some(all)].into_iter().flatten().min();
    if with_a == least {
        return Ok((vec![whole(a.clone())], with(&b.tests, a)?));
    }
    if with_b == least {
        return Ok((vec![whole(b.clone())], with(&a.tests, b)?));
    }
    // Rows of both are taken away twice and added back once: exact, and no more than two slots.
    let mut plus = vec![whole(Part::TRUE)];
    plus.extend(cross(&a.tests, &b.tests)?);
    let mut minus = chunks(&a.tests)?;
    minus.extend(chunks(&b.tests)?);
    Ok((plus, minus))
}

fn chunk_count(tests: usize, size: usize) -> usize {
    tests.div_ceil(size)
}

/// How many pieces it takes to stand the part beside each chunk of the tests; `None` where it leaves no room.
fn beside(tests: &[ClassTest], part: &Part) -> Option<usize> {
    let room = CLASS_TESTS.checked_sub(part.tests.len()).filter(|&room| room > 0)?;
    Some(chunk_count(tests.len(), room))
}

fn with(tests: &[ClassTest], part: &Part) -> Result<Vec<Piece>, usize> {
    let room = CLASS_TESTS.saturating_sub(part.tests.len()).max(1);
    check(chunk_count(tests.len(), room))?;
    let piece = |chunk: &[ClassTest]| Piece { a: Part { tests: chunk.to_vec(), negated: false }, b: part.clone() };
    Ok(tests.chunks(room).map(piece).collect())
}

fn check(count: usize) -> Result<(), usize> {
    if count > MAX_CHAINS { Err(count) } else { Ok(()) }
}

fn chunks(tests: &[ClassTest]) -> Result<Vec<Piece>, usize> {
    with(tests, &Part::TRUE)
}

/// How many tests of the first go with the rest of the second, and how many pieces that makes.
fn cross_shape(a: usize, b: usize) -> (usize, usize) {
    let count = |size: usize| chunk_count(a, size) * chunk_count(b, CLASS_TESTS - size);
    (1..CLASS_TESTS).map(|size| (size, count(size))).min_by_key(|&(_, count)| count).unwrap_or((1, 0))
}

/// In both: each chunk of the one with each of the other.
fn cross(a: &[ClassTest], b: &[ClassTest]) -> Result<Vec<Piece>, usize> {
    let (size, count) = cross_shape(a.len(), b.len());
    check(count)?;
    let part = |chunk: &[ClassTest]| Part { tests: chunk.to_vec(), negated: false };
    let row = |x: &[ClassTest]| -> Vec<Piece> {
        b.chunks(CLASS_TESTS - size).map(|y| Piece { a: part(x), b: part(y) }).collect()
    };
    Ok(a.chunks(size).flat_map(row).collect())
}
