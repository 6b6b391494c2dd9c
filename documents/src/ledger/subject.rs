//! From a claim to the figures it speaks of, what each is taken from, and where the claim cuts them.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_rational::BigRational;
use num_traits::{One as _, Signed as _, Zero as _};
use sha2::{Digest as _, Sha256};

use super::{Cut, FigureId, Interval};
use crate::{
    claim::{
        Amount, Combination, Comparison, Denomination, DocumentTest, Lines, ListCondition, Range, Ratio, Relation,
        Statement, explain,
    },
    evaluate::{Figure, meets},
    profile::{Column, Place},
    table::{Row, RowKind, Table},
};

/// A figure that a claim speaks of.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) id: FigureId,
    pub(super) words: String,
    /// What the claim calls one unit of the figure.
    pub(super) scale: Scale,
    pub(super) cuts: Vec<Cut>,
    /// Secret.
    pub(super) value: BigRational,
    from_zero: bool,
}

impl Subject {
    /// What anybody knows.
    pub(super) fn nothing(&self) -> Interval {
        Interval { lo: self.from_zero.then(|| Cut { at: BigRational::zero(), above: false }), hi: None }
    }
}

/// How a claim counts a figure: times a number, in a denomination; `None` for a ratio.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    factor: BigRational,
    denomination: Option<Denomination>,
}

impl Scale {
    pub(super) fn is_day(&self) -> bool {
        self.denomination == Some(Denomination::Days)
    }

    /// `from 250 kg to 375 kg`. Ends between two smallest units are rounded.
    pub(super) fn words(&self, interval: &Interval) -> String {
        let end = |cut: &Option<Cut>| cut.as_ref().map(|cut| self.end(&cut.at));
        let (lo, hi) = (end(&interval.lo), end(&interval.hi));
        let (a, b) = if self.factor.is_negative() { (hi, lo) } else { (lo, hi) };
        match (a, b) {
            (Some(a), Some(b)) if a == b => format!("exactly {a}"),
            (Some(a), Some(b)) => format!("from {a} to {b}"),
            (None, Some(b)) => format!("at most {b}"),
            (Some(a), None) => format!("at least {a}"),
            (None, None) => "any".into(),
        }
    }

    fn end(&self, end: &BigRational) -> String {
        let scaled = end * &self.factor;
        let whole = |number: BigRational| i128::try_from(number.round().to_integer()).unwrap_or(i128::MAX);
        match &self.denomination {
            Some(denomination) => {
                Figure::Amount { amount: whole(scaled), denomination: denomination.clone() }.to_string()
            }
            None => {
                let hundredths = whole(scaled * BigInt::from(10_000));
                format!("{}.{:02} %", hundredths / 100, hundredths.unsigned_abs() % 100)
            }
        }
    }
}

/// The documents of a role with their places; `None` where they are not all there.
type OfRole<'a> = &'a dyn Fn(&str) -> Option<Vec<(usize, &'a Table)>>;

/// The figures of a claim. None for what has no figure: lists that every line meets, sums that must agree.
pub(super) fn of<'a>(statement: &Statement, documents: OfRole<'a>) -> Vec<Subject> {
    let of = Of { documents };
    match statement {
        Statement::Sums { left, comparison } => of.sums(left, comparison, None).into_iter().collect(),
        Statement::PerContainer { column, most, left, comparison } => {
            let one = |number| of.sums(left, comparison, Some(&ListCondition::containers(column, number..=number)));
            (1..=*most).filter_map(one).collect()
        }
        Statement::Share { part, range } => {
            let whole = Lines::all(&part.lines.role);
            let (part_form, whole) = (of.goods(&part.lines, part.column, None), of.goods(&whole, part.column, None));
            let lo = range.lo.map(|(at, strict)| Cut { at: rational(at), above: strict });
            let hi = range.hi.map(|(at, strict)| Cut { at: rational(at), above: !strict });
            let cuts = [lo, hi].into_iter().flatten().collect();
            let (Some(part_form), Some(whole)) = (part_form, whole) else { return Vec::new() };
            ratio(part_form, whole, cuts, explain::share(part)).into_iter().collect()
        }
        Statement::Count { lines, range } => {
            let form = of.rows(&lines.role, RowKind::Goods, COUNT, |row| meets(lines, row));
            form.and_then(|form| amount(form, Ratio::ONE, range, explain::number(lines))).into_iter().collect()
        }
        Statement::Each { lines, column, range } => {
            let form = of.goods(lines, column, None);
            form.map_or_else(Vec::new, |form| extremes(form, range, &|which| explain::each(which, lines, column)))
        }
        Statement::Document { role, test: DocumentTest::Measure { column, range } } => {
            let form = of.header(role, column);
            form.map_or_else(Vec::new, |form| extremes(form, range, &|which| explain::header(which, role, column)))
        }
        Statement::Every { .. } | Statement::Document { test: DocumentTest::Code(_), .. } => Vec::new(),
    }
}

/// What is added up of a row: one of its measures, or one for each row.
const COUNT: u8 = 4;

/// A weighted sum over rows: for each document and measure, the weight and value of each row.
#[derive(Clone, Debug, Default)]
struct Form(BTreeMap<(usize, u8), Vec<(i64, u64)>>);

impl Form {
    fn add(&mut self, other: Form, negative: bool) {
        let signed = |weight: i64| if negative { -weight } else { weight };
        for (place, rows) in other.0 {
            match self.0.get_mut(&place) {
                Some(known) => known.iter_mut().zip(rows).for_each(|(known, (weight, _))| known.0 += signed(weight)),
                None => drop(self.0.insert(place, rows.into_iter().map(|(w, value)| (signed(w), value)).collect())),
            }
        }
    }

    fn rows(&self) -> impl Iterator<Item = (i64, u64)> {
        self.0.values().flatten().copied().filter(|(weight, _)| *weight != 0)
    }

    /// In lowest terms and with a first weight above zero, so that a sum and its multiples are one; and what the lowest
    /// terms were multiplied by. `None` for the sum of nothing.
    fn reduced(mut self) -> Option<(Form, BigInt)> {
        let common = self.rows().fold(0, |common, (weight, _)| common.gcd(&weight));
        let sign = if self.rows().next()?.0 < 0 { -1 } else { 1 };
        self.0.values_mut().flatten().for_each(|(weight, _)| *weight /= common * sign);
        Some((self, BigInt::from(common * sign)))
    }

    fn value(&self) -> BigRational {
        let sum: BigInt = self.rows().map(|(weight, value)| BigInt::from(weight) * value).sum();
        BigRational::from(sum)
    }

    fn is_positive(&self) -> bool {
        self.rows().all(|(weight, _)| weight > 0)
    }

    fn id(&self, tag: &[u8]) -> FigureId {
        let mut hash = Sha256::new_with_prefix(tag);
        for ((document, measure), rows) in &self.0 {
            if rows.iter().all(|(weight, _)| *weight == 0) {
                continue;
            }
            hash.update((*document as u64).to_be_bytes());
            hash.update([*measure]);
            hash.update((rows.len() as u64).to_be_bytes());
            rows.iter().for_each(|(weight, _)| hash.update(weight.to_be_bytes()));
        }
        hash.finalize().into()
    }
}

fn rational(ratio: Ratio) -> BigRational {
    BigRational::new(ratio.numerator.into(), ratio.denominator.into())
}

/// The cuts of a range of figures that are counted in such units.
fn cuts(range: &Range, unit: &BigRational) -> impl Iterator<Item = Cut> {
    // A unit below zero turns the range about.
    let turned = unit.is_negative();
    let cut = |at: Option<i128>, above| at.map(|at| Cut { at: BigRational::from(BigInt::from(at)) / unit, above });
    [cut(range.lo, turned), cut(range.hi, !turned)].into_iter().flatten()
}

/// A sum, times a factor that is not zero, in a range whose ends are times the factor's denominator.
fn amount(form: Form, factor: Ratio, range: &Range, words: String) -> Option<Subject> {
    let (form, multiple) = form.reduced()?;
    let unit = BigRational::from(&multiple * factor.numerator);
    let factor = rational(factor) * multiple;
    Some(Subject {
        id: form.id(b"sum"),
        words,
        cuts: cuts(range, &unit).collect(),
        value: form.value(),
        from_zero: form.is_positive(),
        scale: Scale { factor, denomination: Some(range.denomination.clone()) },
    })
}

/// A sum as a part of another that is above zero.
fn ratio(part: Form, whole: Form, mut cuts: Vec<Cut>, words: String) -> Option<Subject> {
    let ((part, a), (whole, b)) = (part.reduced()?, whole.reduced()?);
    if !whole.value().is_positive() {
        return None;
    }
    let factor = BigRational::new(a, b);
    for cut in &mut cuts {
        cut.at /= &factor;
        cut.above ^= factor.is_negative();
    }
    let mut hash = Sha256::new_with_prefix(b"ratio");
    hash.update(part.id(b"sum"));
    hash.update(whole.id(b"sum"));
    Some(Subject {
        id: hash.finalize().into(),
        words,
        cuts,
        value: part.value() / whole.value(),
        from_zero: part.is_positive() && whole.is_positive(),
        scale: Scale { factor, denomination: None },
    })
}

/// The smallest and the largest of some values; a single one is the sum of itself.
fn extremes(form: Form, range: &Range, words: &dyn Fn(&str) -> String) -> Vec<Subject> {
    let one = BigRational::one();
    let values = || form.rows().map(|(_, value)| value);
    if values().nth(1).is_none() {
        return amount(form, Ratio::ONE, range, words("")).into_iter().collect();
    }
    let (least, most) = (values().min().unwrap_or(0), values().max().unwrap_or(0));
    let subject = |limit: Option<i128>, above: bool, tag: &[u8], word: &str, value: u64| Subject {
        id: form.id(tag),
        words: words(word),
        cuts: limit.map(|at| Cut { at: BigRational::from(BigInt::from(at)), above }).into_iter().collect(),
        value: BigRational::from(BigInt::from(value)),
        from_zero: true,
        scale: Scale { factor: one.clone(), denomination: Some(range.denomination.clone()) },
    };
    let both = [
        subject(range.lo, false, b"smallest", "smallest ", least),
        subject(range.hi, true, b"largest", "largest ", most),
    ];
    both.into_iter().filter(|subject| !subject.cuts.is_empty()).collect()
}

struct Of<'a> {
    documents: OfRole<'a>,
}

impl Of<'_> {
    fn rows(&self, role: &str, kind: RowKind, of: u8, meets: impl Fn(&Row) -> bool) -> Option<Form> {
        let value = |row: &Row| row.measures().get(usize::from(of)).copied().unwrap_or(1);
        let weight = |row: &Row| i64::from(row.kind() == kind && meets(row));
        let mut form = Form::default();
        for (place, table) in (self.documents)(role)? {
            form.0.insert((place, of), table.rows().iter().map(|row| (weight(row), value(row))).collect());
        }
        Some(form)
    }

    fn goods(&self, lines: &Lines, column: &Column, within: Option<&ListCondition>) -> Option<Form> {
        let Place::Measure(measure) = column.place else { return None };
        let mut lines = lines.clone();
        lines.lists.extend(within.cloned());
        self.rows(&lines.role, RowKind::Goods, measure, |row| meets(&lines, row))
    }

    fn header(&self, role: &str, column: &Column) -> Option<Form> {
        let Place::Measure(measure) = column.place else { return None };
        self.rows(role, RowKind::Document, measure, |_| true)
    }

    fn combination(&self, of: &Combination, within: Option<&ListCondition>) -> Option<Form> {
        let mut sum = Form::default();
        for operand in &of.operands {
            let form = match &operand.amount {
                Amount::Goods(sum) => self.goods(&sum.lines, sum.column, within)?,
                Amount::Header { role, column } => self.header(role, column)?,
            };
            sum.add(form, operand.negative);
        }
        Some(sum)
    }

    fn sums(&self, left: &Combination, comparison: &Comparison, within: Option<&ListCondition>) -> Option<Subject> {
        let form = self.combination(left, within)?;
        let factor = rational(left.ratio());
        if factor.is_zero() {
            return None;
        }
        let of = |right: &Combination| explain::part(left, right, within);
        match comparison {
            Comparison::Range(range) => amount(form, left.ratio(), range, explain::sum(left, within)),
            Comparison::Sum { relation, right } => {
                let at = rational(right.ratio()) / factor;
                let cuts = match relation {
                    // That two sums agree tells neither.
                    Relation::Equal if at.is_one() => return None,
                    Relation::Equal => vec![false, true],
                    Relation::AtMost | Relation::Above => vec![true],
                    Relation::AtLeast | Relation::Below => vec![false],
                };
                let cuts = cuts.into_iter().map(|above| Cut { at: at.clone(), above }).collect();
                ratio(form, self.combination(right, within)?, cuts, of(right))
            }
            Comparison::Within { tolerance, right } => {
                if factor.is_one() {
                    return None;
                }
                let Ratio { numerator, denominator } = tolerance.ratio;
                let cut = |part: u32, above| {
                    let at = BigRational::new(part.into(), denominator.into()) / &factor;
                    Cut { at, above }
                };
                let cuts = vec![cut(denominator - numerator, false), cut(denominator + numerator, true)];
                ratio(form, self.combination(right, within)?, cuts, of(right))
            }
        }
    }
}
