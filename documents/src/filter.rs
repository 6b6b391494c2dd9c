//! Filters, totals and bounds: the one form that every claim compiles to, and its evaluation in the clear.
//!
//! A filter set is what a tally proves about a table, a list of bounds is what a verdict proves about the totals.
//! What is here is the native half of `consign_circuits::{tally, verdict}`, which is tested against it. Source: design
//! section 6.

use crate::table::{Code, MEASURE_BITS, MEASURES, Row, RowKind};

/// Class tests of a filter set.
pub const CLASS_TESTS: usize = 4;
/// Codes that one class test holds.
pub const CODES_PER_TEST: usize = 16;
/// Threshold tests of a filter set.
pub const THRESHOLDS: usize = 2;
/// Filters of a filter set.
pub const FILTERS: usize = 6;
/// Totals of one filter: the count, then the sums of the four measures.
pub const TOTALS_PER_FILTER: usize = 1 + MEASURES;
/// Totals of a filter set.
pub const TOTALS: usize = FILTERS * TOTALS_PER_FILTER;
/// Bounds of a verdict.
pub const BOUNDS: usize = 12;
/// Terms of a bound.
pub const TERMS: usize = 3;
/// Bits of a listed code: wide enough for HS-6 and for values that no column can take.
pub const LISTED_CODE_BITS: u32 = 20;
/// The last unused place of a class test holds this value, the one before it this less one, and so on: values that no
/// column can take (HS-6 ends at 999,999).
pub const PADDING: u32 = (1 << LISTED_CODE_BITS) - 1;
/// A total is below two to this power, summed over all segments and documents.
pub const TOTAL_BITS: u32 = 72;
/// Size of a weight is below two to this power.
pub const WEIGHT_BITS: u32 = 20;
/// `lo` is at least minus, `hi` at most plus two to this power; no combination of three terms reaches it.
pub const LIMIT_BITS: u32 = 97;

/// Is the selected code one of at most sixteen?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClassTest {
    code: Code,
    codes: Vec<u32>,
}

impl ClassTest {
    /// A test for the listed codes; `None` unless they are strictly ascending, at most sixteen and each below 1,000,000
    /// (so distinct from the padding).
    pub fn new(code: Code, codes: Vec<u32>) -> Option<ClassTest> {
        let ascending = codes.windows(2).all(|pair| pair[0] < pair[1]);
        let fits = codes.len() <= CODES_PER_TEST && codes.iter().all(|&c| c < 1_000_000);
        (ascending && fits).then_some(ClassTest { code, codes })
    }

    /// The test of an unused place: no listed code.
    pub fn unused() -> ClassTest {
        ClassTest { code: Code::Origin, codes: Vec::new() }
    }

    /// Which code of the row is tested.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The listed codes, strictly ascending, without padding.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The sixteen places as they enter the digest: the codes, then padding that ends at [`PADDING`].
    pub fn places(&self) -> [u32; CODES_PER_TEST] {
        std::array::from_fn(|i| self.codes.get(i).copied().unwrap_or(PADDING - (CODES_PER_TEST - 1 - i) as u32))
    }

    fn holds(&self, row: &Row) -> bool {
        self.codes.contains(&row.code(self.code))
    }
}

/// Is the selected measure at least a bound?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Threshold {
    measure: u8,
    at_least: u64,
}

impl Threshold {
    /// A test on measure 0 to 3; `None` unless `at_least` is at most 2^47 (which no measure reaches).
    pub fn new(measure: u8, at_least: u64) -> Option<Threshold> {
        (usize::from(measure) < MEASURES && at_least <= 1 << MEASURE_BITS).then_some(Threshold { measure, at_least })
    }
    /// The test of an unused place: measure 0 is at least zero.
    pub fn unused() -> Threshold {
        Threshold { measure: 0, at_least: 0 }
    }
    /// Index of the measure, 0 to 3.
    pub fn measure(&self) -> u8 {
        self.measure
    }
    /// The bound.
    pub fn at_least(&self) -> u64 {
        self.at_least
    }
    fn holds(&self, row: &Row) -> bool {
        row.measures()[usize::from(self.measure)] >= self.at_least
    }
}

/// The OR of some class tests, or its negation. The default, the negation of the empty OR, is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// Which of the set's class tests are in the OR.
    pub tests: [bool; CLASS_TESTS],
    /// Whether the OR is negated.
    pub negated: bool,
}

impl Group {
    /// Holds for every row.
    pub const TRUE: Group = Group { tests: [false; CLASS_TESTS], negated: true };

    fn holds(&self, tests: &[bool; CLASS_TESTS]) -> bool {
        self.tests.iter().zip(tests).any(|(&member, &holds)| member && holds) != self.negated
    }
}

/// Which threshold a filter asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThresholdUse {
    /// None.
    Any,
    /// Test number 0 or 1 holds.
    Holds(u8),
    /// Test number 0 or 1 fails.
    Fails(u8),
}

impl ThresholdUse {
    /// The form that enters the circuit: which of the two tests, and whether the outcome is negated. `Any` is the
    /// negation of no test.
    pub fn parts(self) -> ([bool; THRESHOLDS], bool) {
        match self {
            ThresholdUse::Any => ([false; 2], true),
            ThresholdUse::Holds(i) => ([i == 0, i == 1], false),
            ThresholdUse::Fails(i) => ([i == 0, i == 1], true),
        }
    }
}

/// A condition on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// No row passes.
    Null,
    /// Rows of one kind that meet both groups and the threshold.
    Rows {
        /// Goods or document.
        kind: FilterKind,
        /// Group A.
        a: Group,
        /// Group B.
        b: Group,
        /// The threshold.
        threshold: ThresholdUse,
    },
}

/// The kind of row a filter speaks of: never empty rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FilterKind {
    /// Goods lines.
    Goods,
    /// The document row.
    Document,
}

impl Filter {
    /// Every row of the kind.
    pub fn all(kind: FilterKind) -> Filter {
        Filter::Rows { kind, a: Group::TRUE, b: Group::TRUE, threshold: ThresholdUse::Any }
    }
}

/// What one tally answers: six filters over four class tests and two thresholds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilterSet {
    /// The class tests.
    pub tests: [ClassTest; CLASS_TESTS],
    /// The threshold tests.
    pub thresholds: [Threshold; THRESHOLDS],
    /// The filters.
    pub filters: [Filter; FILTERS],
}

impl FilterSet {
    /// The set that counts nothing.
    pub fn null() -> FilterSet {
        FilterSet {
            tests: std::array::from_fn(|_| ClassTest::unused()),
            thresholds: [Threshold::unused(); THRESHOLDS],
            filters: [Filter::Null; FILTERS],
        }
    }

    /// The totals of the filters over the rows: for each filter the count, then the sums of the measures.
    pub fn totals<'a>(&self, rows: impl IntoIterator<Item = &'a Row>) -> Totals {
        let mut totals = [0u128; TOTALS];
        for row in rows {
            let tests: [bool; CLASS_TESTS] = std::array::from_fn(|i| self.tests[i].holds(row));
            let thresholds: [bool; THRESHOLDS] = std::array::from_fn(|i| self.thresholds[i].holds(row));
            for (filter, out) in self.filters.iter().zip(totals.chunks_exact_mut(TOTALS_PER_FILTER)) {
                let Filter::Rows { kind, a, b, threshold } = filter else { continue };
                let kind = match kind {
                    FilterKind::Goods => RowKind::Goods,
                    FilterKind::Document => RowKind::Document,
                };
                let (members, negated) = threshold.parts();
                let threshold = (members[0] && thresholds[0] || members[1] && thresholds[1]) != negated;
                if row.kind() == kind && a.holds(&tests) && b.holds(&tests) && threshold {
                    out[0] += 1;
                    for (sum, m) in out[1..].iter_mut().zip(row.measures()) {
                        *sum += u128::from(m);
                    }
                }
            }
        }
        Totals(totals)
    }
}

/// The thirty totals of a filter set: index `5 f` is the count of filter `f`, `5 f + 1 + m` its sum of measure `m`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Totals(pub [u128; TOTALS]);

impl Totals {
    /// All zero.
    pub const ZERO: Totals = Totals([0; TOTALS]);

    /// The sum, place by place; `None` once a total reaches 2^72.
    pub fn checked_add(&self, other: &Totals) -> Option<Totals> {
        let mut sum = [0; TOTALS];
        for (s, (a, b)) in sum.iter_mut().zip(self.0.iter().zip(other.0)) {
            *s = a.checked_add(b).filter(|&t| t >> TOTAL_BITS == 0)?;
        }
        Some(Totals(sum))
    }
}

impl std::fmt::Debug for Totals {
    /// Totals are secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Totals(..)")
    }
}

/// A total with a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// Index into the totals.
    pub total: u8,
    /// Weight, in size below 2^20; zero for an unused term.
    pub weight: i32,
}

/// `lo <= sum of weight * total <= hi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bound {
    terms: [Term; TERMS],
    lo: i128,
    hi: i128,
}

impl Bound {
    /// Two to the power 97: as `hi` no bound from above, and its negative as `lo` no bound from below.
    pub const LIMIT: i128 = 1 << LIMIT_BITS;

    /// A bound on up to three terms; `None` when there are more, a total or weight is out of range, or `lo`/`hi` lie
    /// beyond the limits. `None` for a side means unbounded.
    pub fn new(terms: &[Term], lo: Option<i128>, hi: Option<i128>) -> Option<Bound> {
        let mut all = [Term { total: 0, weight: 0 }; TERMS];
        all.get_mut(..terms.len())?.copy_from_slice(terms);
        let (lo, hi) = (lo.unwrap_or(-Bound::LIMIT), hi.unwrap_or(Bound::LIMIT));
        let terms_fit = all.iter().all(|t| usize::from(t.total) < TOTALS && t.weight.unsigned_abs() < 1 << WEIGHT_BITS);
        let limits = -Bound::LIMIT..=Bound::LIMIT;
        (terms_fit && limits.contains(&lo) && limits.contains(&hi)).then_some(Bound { terms: all, lo, hi })
    }

    /// The bound of an unused place: no terms, which always holds.
    pub fn unused() -> Bound {
        Bound { terms: [Term { total: 0, weight: 0 }; TERMS], lo: -Bound::LIMIT, hi: Bound::LIMIT }
    }

    /// The three terms.
    pub fn terms(&self) -> &[Term; TERMS] {
        &self.terms
    }
    /// Lower limit.
    pub fn lo(&self) -> i128 {
        self.lo
    }
    /// Upper limit.
    pub fn hi(&self) -> i128 {
        self.hi
    }

    /// The weighted sum. Exact: three terms of 92 bits each.
    pub fn figure(&self, totals: &Totals) -> i128 {
        self.terms.iter().map(|t| i128::from(t.weight) * totals.0[usize::from(t.total)] as i128).sum()
    }

    /// Whether the totals satisfy the bound.
    pub fn holds(&self, totals: &Totals) -> bool {
        (self.lo..=self.hi).contains(&self.figure(totals))
    }
}

/// The dozen bounds of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bounds(pub [Bound; BOUNDS]);

impl Bounds {
    /// Up to twelve bounds, the rest unused; `None` when there are more.
    pub fn new(bounds: &[Bound]) -> Option<Bounds> {
        let mut all = [Bound::unused(); BOUNDS];
        all.get_mut(..bounds.len())?.copy_from_slice(bounds);
        Some(Bounds(all))
    }

    /// Whether the totals satisfy all of them.
    pub fn hold(&self, totals: &Totals) -> bool {
        self.0.iter().all(|b| b.holds(totals))
    }
}
