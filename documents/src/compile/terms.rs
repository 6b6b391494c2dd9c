//! From one claim to its bounds over slots, the bounds against vacuity included.
//!
//! A claim becomes one group of bounds or, per container, several; the bounds of a group go into one verdict.

use super::{
    CompileError, pack,
    slot::{self, Difference, Slot},
};
use crate::{
    claim::{
        Amount, Claim, Combination, Comparison, DocumentTest, Lines, ListCondition, Ratio, Relation, RoleName,
        ShareRange, Statement, Sum,
    },
    filter::{FILTERS, FilterKind, TERMS, WEIGHT_BITS},
    policy::Role,
    profile::{Column, Place},
};
use std::collections::BTreeMap;

/// A total of a slot with a weight: total 0 is the count, 1 to 4 the sums of the measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SlotTerm {
    pub(super) slot: Slot,
    pub(super) total: u8,
    pub(super) weight: i32,
}

/// A bound over slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SlotBound {
    pub(super) terms: Vec<SlotTerm>,
    pub(super) lo: Option<i128>,
    pub(super) hi: Option<i128>,
}

/// Bounds that must lie in one verdict.
pub(super) type Group = Vec<SlotBound>;

/// Which of a filter's totals.
const COUNT: u8 = 0;

/// The bounds of a claim.
pub(super) fn of(number: usize, claim: &Claim, roles: &BTreeMap<RoleName, Role>) -> Result<Vec<Group>, CompileError> {
    let mut bounds = Bounds { number, roles, groups: vec![Group::new()] };
    bounds.statement(claim.statement())?;
    Ok(bounds.groups)
}

/// A term before weights are put in lowest terms; they may be large.
struct Weighted {
    slot: Slot,
    total: u8,
    weight: i64,
}

/// What an operand is taken over: its own lines, or those of a container.
type Over<'a> = &'a dyn Fn(&Lines) -> Result<Difference, CompileError>;

struct Bounds<'a> {
    number: usize,
    roles: &'a BTreeMap<RoleName, Role>,
    /// Never empty; bounds are added to the last.
    groups: Vec<Group>,
}

impl Bounds<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<(), CompileError> {
        match statement {
            Statement::Sums { left, comparison } => {
                let number = self.number;
                self.compare(left, comparison, &|lines| slot::of_lines(number, lines))?;
                if let Some(right) = comparison.right().filter(|_| comparison.is_part()) {
                    let terms = self.combination(right, 1, &|lines| slot::of_lines(number, lines))?;
                    self.push(terms, Some(1), None)?;
                }
                let operands = [Some(left), comparison.right()].into_iter().flatten().flat_map(|side| &side.operands);
                for operand in operands {
                    match &operand.amount {
                        Amount::Goods(sum) => self.some_goods(&sum.lines.role)?,
                        Amount::Header { role, .. } => self.all_documents(role)?,
                    }
                }
                Ok(())
            }
            Statement::PerContainer { column, most, left, comparison } => {
                self.per_container(column, *most, left, comparison)
            }
            Statement::Share { part, range } => self.share(part, range),
            Statement::Count { lines, range } => {
                let terms = count(slot::of_lines(self.number, lines)?);
                self.push(terms, range.lo, range.hi)?;
                self.some_goods(&lines.role)
            }
            Statement::Every { lines, condition } => {
                self.none(slot::against(self.number, lines, condition)?)?;
                self.some_goods(&lines.role)
            }
            Statement::Each { lines, column, range } => {
                for against in slot::outside(self.number, FilterKind::Goods, lines, column, range)? {
                    self.none(against)?;
                }
                self.some_goods(&lines.role)
            }
            Statement::Document { role, test } => {
                match test {
                    DocumentTest::Measure { column, range } => {
                        let lines = Lines::all(role);
                        for against in slot::outside(self.number, FilterKind::Document, &lines, column, range)? {
                            self.none(against)?;
                        }
                    }
                    DocumentTest::Code(condition) => {
                        self.none(slot::of_documents(self.number, role, &condition.negation())?)?;
                    }
                }
                self.all_documents(role)
            }
        }
    }

    /// The bounds of a comparison, operands taken as `over` says.
    fn compare(&mut self, left: &Combination, comparison: &Comparison, over: Over<'_>) -> Result<(), CompileError> {
        match comparison {
            Comparison::Range(range) => {
                let terms = self.combination(left, left.ratio().numerator.into(), over)?;
                self.push(terms, range.lo, range.hi)
            }
            Comparison::Sum { relation, right } => {
                let (lo, hi) = match relation {
                    Relation::AtMost => (None, Some(0)),
                    Relation::AtLeast => (Some(0), None),
                    Relation::Below => (None, Some(-1)),
                    Relation::Above => (Some(1), None),
                    Relation::Equal => (Some(0), Some(0)),
                };
                let terms = self.difference(left, right, right.ratio(), over)?;
                self.push(terms, lo, hi)
            }
            Comparison::Within { tolerance, right } => {
                let Ratio { numerator, denominator } = tolerance.ratio;
                let times = |numerator| Ratio { numerator, denominator };
                let terms = self.difference(left, right, times(denominator - numerator), over)?;
                self.push(terms, Some(0), None)?;
                let terms = self.difference(left, right, times(denominator + numerator), over)?;
                self.push(terms, None, Some(0))
            }
        }
    }

    /// The left side with its factor, less the right side with the ratio, times both denominators.
    fn difference(
        &self,
        left: &Combination,
        right: &Combination,
        ratio: Ratio,
        over: Over<'_>,
    ) -> Result<Vec<Weighted>, CompileError> {
        let factor = left.ratio();
        let weight = |a: u32, b: u32| i64::from(a) * i64::from(b);
        let mut terms = self.combination(left, weight(factor.numerator, ratio.denominator), over)?;
        terms.extend(self.combination(right, -weight(ratio.numerator, factor.denominator), over)?);
        Ok(terms)
    }

    /// The operands, times the weight.
    fn combination(&self, of: &Combination, weight: i64, over: Over<'_>) -> Result<Vec<Weighted>, CompileError> {
        let mut terms = Vec::new();
        for operand in &of.operands {
            let weight = if operand.negative { -weight } else { weight };
            let (rows, column) = match &operand.amount {
                Amount::Goods(sum) => (over(&sum.lines)?, sum.column),
                Amount::Header { role, column } => (Slot::all(role, FilterKind::Document).into(), *column),
            };
            terms.extend(weighted(rows, self.total(column)?, weight));
        }
        Ok(terms)
    }

    /// Containers 1 to `most`, and none outside.
    fn per_container(
        &mut self,
        column: &'static Column,
        most: u32,
        left: &Combination,
        comparison: &Comparison,
    ) -> Result<(), CompileError> {
        let number = self.number;
        let Some(role) = left.roles().next() else { return Err(self.range()) };
        let within = ListCondition::containers(column, 1..=most);
        self.none(slot::of_condition(number, role, &within.negation())?)?;
        self.some_goods(role)?;
        let operands = || left.operands.iter().chain(comparison.right().into_iter().flat_map(|right| &right.operands));
        let listed =
            operands().any(|operand| matches!(&operand.amount, Amount::Goods(sum) if !sum.lines.lists.is_empty()));
        let containers: Vec<u32> = (1..=most).collect();
        for six in containers.chunks(slot::PAIRS) {
            // One filter set tells six containers apart; beside a list of the claim's own, each goes where there is room.
            let apart = if listed { None } else { slot::pairs(column, six) };
            for (i, &container) in six.iter().enumerate() {
                self.groups.push(Group::new());
                self.compare(left, comparison, &|lines| match &apart {
                    Some(pieces) => slot::of_piece(number, lines, pieces.get(i)),
                    None => {
                        let mut lines = lines.clone();
                        lines.lists.push(ListCondition::containers(column, container..=container));
                        slot::of_lines(number, &lines)
                    }
                })?;
                if i > 0 && !listed {
                    self.join_last();
                }
            }
        }
        self.groups.retain(|group| !group.is_empty());
        Ok(())
    }

    /// Makes one group of the last two where six filters hold both: sums with thresholds of their own take several a
    /// container.
    fn join_last(&mut self) {
        let Some(last) = self.groups.pop() else { return };
        match self.groups.last_mut() {
            Some(group) if pack::slots([&group[..], &last].concat().as_slice()) <= FILTERS => {
                group.extend(last.into_iter().filter(|bound| !group.contains(bound)).collect::<Vec<_>>());
            }
            _ => self.groups.push(last),
        }
    }

    /// `denominator * part - numerator * whole` has the sign of the share less the ratio.
    fn share(&mut self, part: &Sum, range: &ShareRange) -> Result<(), CompileError> {
        let whole = Sum { column: part.column, lines: Lines::all(&part.lines.role) };
        let over = |bounds: &Bounds<'_>, ratio: &Ratio| -> Result<Vec<Weighted>, CompileError> {
            let mut terms = bounds.sum(part, ratio.denominator.into())?;
            terms.extend(bounds.sum(&whole, -i64::from(ratio.numerator))?);
            Ok(terms)
        };
        match (&range.lo, &range.hi) {
            (Some((lo, false)), Some((hi, false))) if lo == hi => {
                let terms = over(self, lo)?;
                self.push(terms, Some(0), Some(0))?;
            }
            (lo, hi) => {
                if let Some((ratio, strict)) = lo {
                    let terms = over(self, ratio)?;
                    self.push(terms, Some(i128::from(*strict)), None)?;
                }
                if let Some((ratio, strict)) = hi {
                    let terms = over(self, ratio)?;
                    self.push(terms, None, Some(-i128::from(*strict)))?;
                }
            }
        }
        // A whole of at least 1 has a line that it is the whole of.
        let terms = self.sum(&whole, 1)?;
        self.push(terms, Some(1), None)
    }

    /// No row is among these.
    fn none(&mut self, rows: Difference) -> Result<(), CompileError> {
        self.push(count(rows), Some(0), Some(0))
    }

    fn some_goods(&mut self, role: &str) -> Result<(), CompileError> {
        self.push(count(Slot::all(role, FilterKind::Goods).into()), Some(1), None)
    }

    /// As many document rows as the role has documents.
    fn all_documents(&mut self, role: &str) -> Result<(), CompileError> {
        let documents = self.roles.get(role).map(|role| role.documents).ok_or_else(|| self.range())?;
        let (least, most) = (documents.least().into(), documents.most().into());
        self.push(count(Slot::all(role, FilterKind::Document).into()), Some(least), Some(most))
    }

    fn sum(&self, sum: &Sum, weight: i64) -> Result<Vec<Weighted>, CompileError> {
        Ok(weighted(slot::of_lines(self.number, &sum.lines)?, self.total(sum.column)?, weight))
    }

    fn total(&self, column: &Column) -> Result<u8, CompileError> {
        match column.place {
            Place::Measure(measure) => Ok(measure + 1),
            _ => Err(self.range()),
        }
    }

    fn range(&self) -> CompileError {
        CompileError::Range { claim: self.number }
    }

    /// Adds a bound, unless it is there; terms of one total become one, those of no weight none.
    fn push(&mut self, terms: Vec<Weighted>, lo: Option<i128>, hi: Option<i128>) -> Result<(), CompileError> {
        let mut merged: Vec<Weighted> = Vec::new();
        for term in terms {
            match merged.iter_mut().find(|t| t.total == term.total && t.slot == term.slot) {
                Some(known) => known.weight += term.weight,
                None => merged.push(term),
            }
        }
        merged.retain(|term| term.weight != 0);
        if merged.len() > TERMS {
            return Err(CompileError::Terms { claim: self.number, found: merged.len() });
        }
        // In lowest terms, so that as many percentages as possible are within the weights.
        let common = merged.iter().fold(0, |common, term| num_integer::gcd(common, term.weight)).max(1);
        let weights = CompileError::Weights { claim: self.number };
        let fits = |weight: i64| i32::try_from(weight).ok().filter(|w| w.unsigned_abs() >> WEIGHT_BITS == 0);
        let terms = merged.into_iter().map(|term| {
            let weight = fits(term.weight / common)?;
            Some(SlotTerm { slot: term.slot, total: term.total, weight })
        });
        let terms = terms.collect::<Option<Vec<_>>>().ok_or(weights)?;
        let common = i128::from(common);
        let bound = SlotBound {
            terms,
            lo: lo.map(|lo| num_integer::Integer::div_ceil(&lo, &common)),
            hi: hi.map(|hi| num_integer::Integer::div_floor(&hi, &common)),
        };
        if let Some(group) = self.groups.last_mut().filter(|group| !group.contains(&bound)) {
            group.push(bound);
        }
        Ok(())
    }
}

fn count(rows: Difference) -> Vec<Weighted> {
    weighted(rows, COUNT, 1)
}

fn weighted(rows: Difference, total: u8, weight: i64) -> Vec<Weighted> {
    let mut terms = vec![Weighted { slot: rows.plus, total, weight }];
    terms.extend(rows.minus.map(|slot| Weighted { slot, total, weight: -weight }));
    terms
}
