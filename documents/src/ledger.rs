//! The prover's ledger: what answers to policies make known of the figures of one's own documents.
//!
//! In: the policies that were asked of some documents, and one that is asked now. Out: the figures that an answer, yes or
//! no, would narrow to less than a stated width. Each bound is fair on its own; `<= 500`, `<= 250` and `<= 375` of one
//! total are a search for it. Source: design section 8; `docs/threats.md` says what a ledger cannot see.
//!
//! A figure is what it is taken from, not how a claim words it: two claims that add up the same rows speak of one figure,
//! whatever their lists are. The ledger takes it that whoever asks learns of every claim alone whether it holds, and that
//! all who ask tell each other. What it says of a policy does not depend on whether its claims hold; it depends on what was
//! learnt before, and on which rows a condition picks, measures included.

mod subject;

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed as _;

use self::subject::{Scale, Subject};
use crate::{claim::RoleName, policy::ResolvedPolicy, table::Table};

/// A figure is narrow when it is known to less than one part in this many of its larger end: to less than 25 %.
pub const WIDTH: u32 = 4;
/// A date is narrow when it is known to less than so many days.
pub const WIDTH_DAYS: u32 = 7;

/// For each role, which of the ledger's documents are in it: their places in the list that the ledger was made of.
pub type Places = BTreeMap<RoleName, Vec<usize>>;

/// What is known of a few documents.
#[derive(Debug)]
pub struct Ledger<'a> {
    documents: Vec<&'a Table>,
    known: BTreeMap<FigureId, Interval>,
}

/// SHA-256 of what a figure is taken from.
type FigureId = [u8; 32];

/// A figure that an answer would narrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowed {
    /// The figure in words: `the total gross mass of all goods lines of manifest`.
    pub figure: String,
    /// What is known of it from earlier answers: `at most 500 kg`; `None` where nothing is.
    pub known: Option<String>,
    /// What an answer could make known, each in words: `from 250 kg to 375 kg`.
    pub could: Vec<String>,
}

impl std::fmt::Display for Narrowed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} could become known: {}", self.figure, self.could.join(", or "))?;
        self.known.as_ref().map_or(Ok(()), |known| write!(f, " (known already: {known})"))
    }
}

/// Where a figure lies: between two cuts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Interval {
    lo: Option<Cut>,
    hi: Option<Cut>,
}

/// A place between figures: just below a number, or just above it. A claim says on which side of a cut its figure lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cut {
    at: BigRational,
    above: bool,
}

impl Cut {
    fn is_above(&self, figure: &BigRational) -> bool {
        *figure < self.at || *figure == self.at && self.above
    }
}

impl Interval {
    /// Whether to know the side of the cut is to know more.
    fn is_cut_by(&self, cut: &Cut) -> bool {
        self.lo.as_ref().is_none_or(|lo| lo < cut) && self.hi.as_ref().is_none_or(|hi| cut < hi)
    }

    /// What is known once it is known on which side of the cut the figure lies.
    fn learn(&mut self, cut: &Cut, figure: &BigRational) {
        if self.is_cut_by(cut) {
            *(if cut.is_above(figure) { &mut self.hi } else { &mut self.lo }) = Some(cut.clone());
        }
    }

    /// The parts that cuts, in order, make of it.
    fn parts(&self, cuts: &[Cut]) -> Vec<Interval> {
        let cuts = cuts.iter().filter(|cut| self.is_cut_by(cut)).map(|cut| Some(cut.clone()));
        let all: Vec<_> = [self.lo.clone()].into_iter().chain(cuts).chain([self.hi.clone()]).collect();
        all.windows(2).map(|pair| Interval { lo: pair[0].clone(), hi: pair[1].clone() }).collect()
    }

    fn is_narrow(&self, scale: &Scale) -> bool {
        let (Some(lo), Some(hi)) = (&self.lo, &self.hi) else { return false };
        let width = &hi.at - &lo.at;
        if scale.is_day() {
            return width < BigRational::from(BigInt::from(WIDTH_DAYS));
        }
        width * BigInt::from(WIDTH) < lo.at.abs().max(hi.at.abs())
    }
}

impl<'a> Ledger<'a> {
    /// A ledger of these documents, of which nothing is known.
    pub fn new(documents: Vec<&'a Table>) -> Ledger<'a> {
        Ledger { documents, known: BTreeMap::new() }
    }

    /// Takes in that the policy was asked of the documents, and answered or refused. Claims about roles that `places`
    /// leaves out, or has other numbers of documents for, are passed over. Costs a pass over the rows for each claim.
    pub fn asked(&mut self, policy: &ResolvedPolicy, places: &Places) {
        for subject in self.subjects(policy, places) {
            let known = self.known.entry(subject.id).or_insert_with(|| subject.nothing());
            subject.cuts.iter().for_each(|cut| known.learn(cut, &subject.value));
        }
    }

    /// The figures that an answer to the policy would narrow, on top of what is known: the answer yes, or the answer no,
    /// for the ledger does not look which it will be.
    pub fn narrowed_by(&self, policy: &ResolvedPolicy, places: &Places) -> Vec<Narrowed> {
        let mut figures: BTreeMap<FigureId, Subject> = BTreeMap::new();
        for subject in self.subjects(policy, places) {
            match figures.get_mut(&subject.id) {
                Some(same) => same.cuts.extend(subject.cuts),
                None => drop(figures.insert(subject.id, subject)),
            }
        }
        let narrowed = figures.into_values().filter_map(|mut subject| {
            subject.cuts.sort();
            subject.cuts.dedup();
            let nothing = subject.nothing();
            let known = self.known.get(&subject.id).unwrap_or(&nothing);
            let new = |part: &Interval| part != known && part.is_narrow(&subject.scale);
            let could: Vec<Interval> = known.parts(&subject.cuts).into_iter().filter(new).collect();
            let words = |interval: &Interval| subject.scale.words(interval);
            (!could.is_empty()).then(|| Narrowed {
                known: (*known != nothing).then(|| words(known)),
                could: could.iter().map(words).collect(),
                figure: subject.words.clone(),
            })
        });
        narrowed.collect()
    }

    fn subjects(&self, policy: &ResolvedPolicy, places: &Places) -> Vec<Subject> {
        let documents = |role: &str| {
            let found = places.get(role)?.iter().map(|&place| Some((place, *self.documents.get(place)?)));
            let found: Vec<_> = found.collect::<Option<_>>()?;
            policy.roles().get(role).is_some_and(|role| role.documents.accepts(found.len())).then_some(found)
        };
        policy.claims().iter().flat_map(|claim| subject::of(claim.statement(), &documents)).collect()
    }
}

#[cfg(test)]
mod tests;
