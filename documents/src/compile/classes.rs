//! Sets of codes without repeats or overlap: disjoint ascending spans, and the class tests that cover them exactly.
//!
//! An HS set is one of six-digit codes, whatever the length of the codes it was written with; the tests then take the
//! shortest codes that cover a span, so that 84 swallows 8471 and no code is tested twice.

use crate::{
    claim::{CodeItem, CodeList},
    filter::{CODES_PER_TEST, ClassTest},
    profile::Place,
    table::Code,
};

/// Most codes of a set.
const MAX_CODES: usize = 10_000;

/// A set of codes of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClassSet {
    place: Place,
    /// First and last code of each span; ascending, disjoint, not adjacent.
    spans: Vec<(u32, u32)>,
}

impl ClassSet {
    pub(super) fn new(place: Place, list: &CodeList) -> ClassSet {
        let span = |item: &CodeItem| match *item {
            CodeItem::Code(code) => (code, code),
            CodeItem::Hs { digits, from, to } => {
                let unit = 10u32.pow(6 - u32::from(digits.min(6)));
                (from * unit, to * unit + (unit - 1))
            }
        };
        ClassSet { place, spans: merge(list.items.iter().map(span).collect()) }
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn union(&self, other: &ClassSet) -> ClassSet {
        ClassSet { place: self.place, spans: merge([self.spans.as_slice(), &other.spans].concat()) }
    }

    pub(super) fn intersection(&self, other: &ClassSet) -> ClassSet {
        let (mut left, mut right) = (self.spans.iter().peekable(), other.spans.iter().peekable());
        let mut spans = Vec::new();
        while let (Some(&&a), Some(&&b)) = (left.peek(), right.peek()) {
            let (from, to) = (a.0.max(b.0), a.1.min(b.1));
            if from <= to {
                spans.push((from, to));
            }
            if a.1 <= b.1 {
                left.next();
            } else {
                right.next();
            }
        }
        ClassSet { place: self.place, spans: merge(spans) }
    }

    pub(super) fn difference(&self, other: &ClassSet) -> ClassSet {
        let mut gaps = Vec::new();
        let mut from = 0;
        for &(first, last) in &other.spans {
            if first > from {
                gaps.push((from, first - 1));
            }
            from = last + 1;
        }
        gaps.push((from, u32::MAX - 1));
        self.intersection(&ClassSet { place: self.place, spans: gaps })
    }

    /// Disjoint tests that together are true for exactly the codes of the set; `None` when those are too many.
    pub(super) fn tests(&self) -> Option<Vec<ClassTest>> {
        let code = match self.place {
            Place::Origin => Code::Origin,
            Place::C2 => Code::C2,
            Place::C3 => Code::C3,
            Place::Hs => return self.hs_tests(),
            Place::Measure(_) => return None,
        };
        let mut codes = Vec::new();
        for &(from, to) in &self.spans {
            codes.extend((from..=to).take(MAX_CODES + 1));
            if codes.len() > MAX_CODES {
                return None;
            }
        }
        chunks(code, &codes)
    }

    fn hs_tests(&self) -> Option<Vec<ClassTest>> {
        let (mut chapters, mut headings, mut subheadings) = (Vec::new(), Vec::new(), Vec::new());
        for &(from, to) in &self.spans {
            let mut at = from;
            while at <= to {
                if at % 10_000 == 0 && at + 9_999 <= to {
                    chapters.push(at / 10_000);
                    at += 10_000;
                } else if at % 100 == 0 && at + 99 <= to {
                    headings.push(at / 100);
                    at += 100;
                } else {
                    subheadings.push(at);
                    at += 1;
                }
            }
            if chapters.len() + headings.len() + subheadings.len() > MAX_CODES {
                return None;
            }
        }
        let tests = [chunks(Code::Hs2, &chapters)?, chunks(Code::Hs4, &headings)?, chunks(Code::Hs6, &subheadings)?];
        Some(tests.concat())
    }
}

fn chunks(code: Code, codes: &[u32]) -> Option<Vec<ClassTest>> {
    codes.chunks(CODES_PER_TEST).map(|chunk| ClassTest::new(code, chunk.to_vec())).collect()
}

fn merge(mut spans: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    spans.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 + 1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hs(items: &[(u8, u32, u32)]) -> ClassSet {
        let items = items.iter().map(|&(digits, from, to)| CodeItem::Hs { digits, from, to }).collect();
        ClassSet::new(Place::Hs, &CodeList { items, text: String::new() })
    }

    #[test]
    fn a_chapter_swallows_its_headings() {
        let tests = hs(&[(4, 8471, 8471), (2, 84, 84), (6, 847_130, 847_130)]).tests();
        assert_eq!(tests, ClassTest::new(Code::Hs2, vec![84]).map(|t| vec![t]));
    }

    #[test]
    fn a_range_takes_the_shortest_codes() {
        let tests = hs(&[(6, 840_000, 860_199)]).tests().unwrap();
        let codes: Vec<_> = tests.iter().map(|t| (t.code(), t.codes().to_vec())).collect();
        assert_eq!(codes, [(Code::Hs2, vec![84, 85]), (Code::Hs4, vec![8600, 8601])]);
    }

    #[test]
    fn sets_obey_set_algebra() {
        let (a, b) = (hs(&[(2, 84, 85)]), hs(&[(4, 8471, 8471), (2, 90, 90)]));
        assert_eq!(a.intersection(&b), hs(&[(4, 8471, 8471)]));
        assert_eq!(a.difference(&b), hs(&[(4, 8400, 8470), (4, 8472, 8599)]));
        assert_eq!(a.union(&b), hs(&[(2, 84, 85), (2, 90, 90)]));
        assert_eq!(a.difference(&a), hs(&[]));
    }
}
