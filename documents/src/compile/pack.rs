//! Packing: bounds into verdicts, slots into the six places of each, pieces into filter sets. Greedy, in the order of
//! the claims, and so the same wherever it runs.

use super::{
    CompileError, MAX_CHAINS, VerdictPlan,
    slot::{Part, Piece, Slot},
    terms::{Group, SlotBound},
};
use crate::{
    claim::RoleName,
    filter::{
        BOUNDS, Bound, Bounds, CLASS_TESTS, ClassTest, FILTERS, Filter, FilterSet, Group as FilterGroup, THRESHOLDS,
        TOTALS_PER_FILTER, Term, Threshold, ThresholdUse,
    },
};

/// A verdict while it fills.
#[derive(Default)]
struct Open {
    slots: Vec<Slot>,
    bounds: Vec<SlotBound>,
    claims: Vec<usize>,
}

/// The verdicts for the bounds of each claim: each group of them in the first verdict that has room.
pub(super) fn verdicts(claims: Vec<Vec<Group>>) -> Result<Vec<VerdictPlan>, CompileError> {
    let mut open: Vec<Open> = Vec::new();
    let groups = claims.into_iter().enumerate().flat_map(|(i, groups)| groups.into_iter().map(move |group| (i, group)));
    for (i, bounds) in groups {
        let at = open.iter().position(|verdict| verdict.has_room(&bounds)).unwrap_or(open.len());
        if at == open.len() {
            // Each verdict is one chain at least: stops before the search for room takes long.
            if open.len() == MAX_CHAINS {
                return Err(CompileError::Chains { claim: Some(i + 1), found: open.len() + 1 });
            }
            open.push(Open::default());
            // An empty verdict has room for most groups: up to six slots in up to twelve bounds.
            if !open[at].has_room(&bounds) {
                return Err(CompileError::Places { claim: i + 1, found: slots(&bounds) });
            }
        }
        open[at].add(i, bounds);
    }
    let mut plans = Vec::new();
    let mut found = 0;
    for verdict in open {
        let plan = verdict.close()?;
        found += plan.chains.len();
        // Stops before the work of packing what is refused anyway.
        if found > MAX_CHAINS {
            return Err(CompileError::Chains { claim: None, found });
        }
        plans.push(plan);
    }
    Ok(plans)
}

/// How many filters bounds take together.
pub(super) fn slots(bounds: &[SlotBound]) -> usize {
    new_slots(&[], bounds).len()
}

fn new_slots<'a>(known: &[Slot], bounds: &'a [SlotBound]) -> Vec<&'a Slot> {
    let mut new: Vec<&Slot> = Vec::new();
    for term in bounds.iter().flat_map(|b| &b.terms) {
        if !known.contains(&term.slot) && !new.contains(&&term.slot) {
            new.push(&term.slot);
        }
    }
    new
}

impl Open {
    fn has_room(&self, bounds: &[SlotBound]) -> bool {
        let new_bounds = bounds.iter().filter(|b| !self.bounds.contains(b)).count();
        self.slots.len() + new_slots(&self.slots, bounds).len() <= FILTERS && self.bounds.len() + new_bounds <= BOUNDS
    }

    fn add(&mut self, claim: usize, bounds: Vec<SlotBound>) {
        let new: Vec<Slot> = new_slots(&self.slots, &bounds).into_iter().cloned().collect();
        self.slots.extend(new);
        for bound in bounds {
            if !self.bounds.contains(&bound) {
                self.bounds.push(bound);
            }
        }
        if self.claims.last() != Some(&claim) {
            self.claims.push(claim);
        }
    }

    fn close(self) -> Result<VerdictPlan, CompileError> {
        let range = || CompileError::Range { claim: self.claims.first().map_or(0, |claim| claim + 1) };
        let bound = |b: &SlotBound| {
            let term = |t: &super::terms::SlotTerm| {
                let slot = self.slots.iter().position(|slot| *slot == t.slot)?;
                let total = u8::try_from(slot * TOTALS_PER_FILTER).ok()? + t.total;
                Some(Term { total, weight: t.weight })
            };
            let terms = b.terms.iter().map(term).collect::<Option<Vec<_>>>()?;
            Bound::new(&terms, b.lo, b.hi)
        };
        let bounds = self.bounds.iter().map(bound).collect::<Option<Vec<_>>>().ok_or_else(range)?;
        let bounds = Bounds::new(&bounds).ok_or_else(range)?;
        let mut roles: Vec<&RoleName> = self.slots.iter().map(|slot| &slot.role).collect();
        roles.sort();
        roles.dedup();
        let mut chains = Vec::new();
        for role in roles {
            let mut sets: Vec<Draft> = Vec::new();
            for (place, slot) in self.slots.iter().enumerate().filter(|(_, slot)| slot.role == *role) {
                for piece in &slot.pieces {
                    let fits = sets.iter_mut().any(|set| set.place(place, slot, piece));
                    if !fits {
                        let mut set = Draft::default();
                        if !set.place(place, slot, piece) || sets.len() >= MAX_CHAINS {
                            return Err(CompileError::Chains { claim: None, found: sets.len() + 1 });
                        }
                        sets.push(set);
                    }
                }
            }
            for set in sets {
                chains.push((role.clone(), set.close().ok_or_else(range)?));
            }
        }
        Ok(VerdictPlan { bounds, chains, claims: self.claims })
    }
}

/// A filter set while it fills. Unlike slots, tests and thresholds are shared between filters.
#[derive(Clone, Default)]
struct Draft {
    tests: Vec<ClassTest>,
    thresholds: Vec<Threshold>,
    filters: [Option<Filter>; FILTERS],
}

impl Draft {
    /// Puts the piece at its slot's place, if that is free and the tests fit; else leaves the set as it is.
    fn place(&mut self, place: usize, slot: &Slot, piece: &Piece) -> bool {
        if self.filters.get(place).is_none_or(Option::is_some) {
            return false;
        }
        let mut draft = self.clone();
        let (a, b) = (draft.group(&piece.a), draft.group(&piece.b));
        let threshold = match &slot.threshold {
            None => Some(ThresholdUse::Any),
            Some(part) => index(&mut draft.thresholds, &part.threshold, THRESHOLDS)
                .and_then(|i| u8::try_from(i).ok())
                .map(|i| if part.holds { ThresholdUse::Holds(i) } else { ThresholdUse::Fails(i) }),
        };
        let (Some(a), Some(b), Some(threshold)) = (a, b, threshold) else { return false };
        draft.filters[place] = Some(Filter::Rows { kind: slot.kind, a, b, threshold });
        *self = draft;
        true
    }

    fn group(&mut self, part: &Part) -> Option<FilterGroup> {
        let mut group = FilterGroup { tests: [false; CLASS_TESTS], negated: part.negated };
        for test in &part.tests {
            group.tests[index(&mut self.tests, test, CLASS_TESTS)?] = true;
        }
        Some(group)
    }

    fn close(self) -> Option<FilterSet> {
        let mut set = FilterSet::null();
        for (place, test) in set.tests.iter_mut().zip(self.tests) {
            *place = test;
        }
        for (place, threshold) in set.thresholds.iter_mut().zip(self.thresholds) {
            *place = threshold;
        }
        set.filters = self.filters.map(|filter| filter.unwrap_or(Filter::Null));
        Some(set)
    }
}

/// Where the item stands in the list, or goes if there is room.
fn index<T: Clone + PartialEq>(list: &mut Vec<T>, item: &T, max: usize) -> Option<usize> {
    if let Some(i) = list.iter().position(|known| known == item) {
        return Some(i);
    }
    (list.len() < max).then(|| {
        list.push(item.clone());
        list.len() - 1
    })
}
