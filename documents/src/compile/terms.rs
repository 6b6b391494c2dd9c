//! From one claim to its bounds over slots, the bounds against vacuity included.

use super::{
    CompileError,
    slot::{self, Difference, Slot},
};
use crate::{
    claim::{Claim, DocumentTest, Lines, Range, Ratio, Relation, RoleName, ShareRange, Statement, Sum},
    filter::{FilterKind, TERMS},
    policy::Role,
    profile::Place,
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

/// Which of a filter's totals.
const COUNT: u8 = 0;

/// The bounds of a claim, all of which must lie in one verdict.
pub(super) fn of(
    number: usize,
    claim: &Claim,
    roles: &BTreeMap<RoleName, Role>,
) -> Result<Vec<SlotBound>, CompileError> {
    let mut claim_bounds = Bounds { number, bounds: Vec::new() };
    claim_bounds.statement(claim.statement(), roles)?;
    Ok(claim_bounds.bounds)
}

struct Bounds {
    number: usize,
    bounds: Vec<SlotBound>,
}

impl Bounds {
    fn statement(&mut self, statement: &Statement, roles: &BTreeMap<RoleName, Role>) -> Result<(), CompileError> {
        match statement {
            Statement::Total { sum, range } => {
                let terms = self.sum(sum, 1)?;
                self.push(terms, range.lo, range.hi)?;
                self.some_goods(&sum.lines.role)
            }
            Statement::Compare { left, relation, right } => {
                let terms = [self.sum(left, 1)?, self.sum(right, -1)?].concat();
                let (lo, hi) = match relation {
                    Relation::AtMost => (None, Some(0)),
                    Relation::AtLeast => (Some(0), None),
                    Relation::Below => (None, Some(-1)),
                    Relation::Above => (Some(1), None),
                    Relation::Equal => (Some(0), Some(0)),
                };
                self.push(terms, lo, hi)?;
                self.some_goods(&left.lines.role)?;
                self.some_goods(&right.lines.role)
            }
            Statement::Share { part, range } => self.share(part, range),
            Statement::Count { lines, range } => {
                let terms = self.count(slot::of_lines(self.number, lines)?);
                self.push(terms, range.lo, range.hi)?;
                self.some_goods(&lines.role)
            }
            Statement::Every { role, condition } => {
                let mut against = condition.clone();
                against.negated = !against.negated;
                let terms = self.count(slot::of_condition(self.number, role, FilterKind::Goods, &against)?);
                self.push(terms, Some(0), Some(0))?;
                self.some_goods(role)
            }
            Statement::Each { role, column, range } => {
                for against in self.outside(role, FilterKind::Goods, column, range)? {
                    let terms = self.count(Difference { plus: against, minus: None });
                    self.push(terms, Some(0), Some(0))?;
                }
                self.some_goods(role)
            }
            Statement::Document { role, test } => {
                let documents = roles.get(role).map_or(0, |role| i128::from(role.documents));
                let against = match test {
                    DocumentTest::Measure { column, range } => {
                        let slots = self.outside(role, FilterKind::Document, column, range)?;
                        slots.into_iter().map(|plus| Difference { plus, minus: None }).collect()
                    }
                    DocumentTest::Code(condition) => {
                        let mut against = condition.clone();
                        against.negated = !against.negated;
                        vec![slot::of_condition(self.number, role, FilterKind::Document, &against)?]
                    }
                };
                for difference in against {
                    let terms = self.count(difference);
                    self.push(terms, Some(0), Some(0))?;
                }
                let all = Difference { plus: Slot::all(role, FilterKind::Document), minus: None };
                let terms = self.count(all);
                self.push(terms, Some(documents), Some(documents))
            }
        }
    }

    /// The rows below the range and those above it.
    fn outside(
        &self,
        role: &str,
        kind: FilterKind,
        column: &crate::profile::Column,
        range: &Range,
    ) -> Result<Vec<Slot>, CompileError> {
        let mut slots = Vec::new();
        if let Some(lo) = range.lo {
            slots.push(slot::passing(role, kind, slot::at_least(self.number, column, lo)?, false));
        }
        if let Some(hi) = range.hi {
            slots.push(slot::passing(role, kind, slot::at_least(self.number, column, hi + 1)?, true));
        }
        Ok(slots)
    }

    /// `denominator * part - numerator * whole` has the sign of the share less the ratio.
    fn share(&mut self, part: &Sum, range: &ShareRange) -> Result<(), CompileError> {
        let all = Lines { role: part.lines.role.clone(), lists: Vec::new(), threshold: None };
        let whole = Sum { column: part.column, lines: all };
        let over = |bounds: &Bounds, ratio: &Ratio| -> Result<Vec<SlotTerm>, CompileError> {
            let weight = |n: u32| i32::try_from(n).map_err(|_| CompileError::Range { claim: bounds.number });
            let part = bounds.sum(part, weight(ratio.denominator)?)?;
            Ok([part, bounds.sum(&whole, -weight(ratio.numerator)?)?].concat())
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

    fn some_goods(&mut self, role: &str) -> Result<(), CompileError> {
        let terms = self.count(Difference { plus: Slot::all(role, FilterKind::Goods), minus: None });
        let bound = SlotBound { terms, lo: Some(1), hi: None };
        if !self.bounds.contains(&bound) {
            self.bounds.push(bound);
        }
        Ok(())
    }

    fn count(&self, difference: Difference) -> Vec<SlotTerm> {
        terms(difference, COUNT, 1)
    }

    fn sum(&self, sum: &Sum, weight: i32) -> Result<Vec<SlotTerm>, CompileError> {
        let Place::Measure(measure) = sum.column.place else {
            return Err(CompileError::Range { claim: self.number });
        };
        Ok(terms(slot::of_lines(self.number, &sum.lines)?, measure + 1, weight))
    }

    /// Adds a bound; terms of one total become one, those of no weight none.
    fn push(&mut self, terms: Vec<SlotTerm>, lo: Option<i128>, hi: Option<i128>) -> Result<(), CompileError> {
        let mut merged: Vec<SlotTerm> = Vec::new();
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
        self.bounds.push(SlotBound { terms: merged, lo, hi });
        Ok(())
    }
}

fn terms(difference: Difference, total: u8, weight: i32) -> Vec<SlotTerm> {
    let mut terms = vec![SlotTerm { slot: difference.plus, total, weight }];
    terms.extend(difference.minus.map(|slot| SlotTerm { slot, total, weight: -weight }));
    terms
}
