//! Class tests, thresholds and filters in the circuit; native half [`consign_documents::filter`].
//!
//! The filter set is part of the witness and the same for all rows: its parts are allocated and range-checked once, with
//! their digest, and each row then costs 20 constraints a class test, 50 a threshold and 20 a filter.

use ark_bn254::Fr;
use ark_ff::Zero;
use consign_documents::{
    filter::{
        CLASS_TESTS, CODES_PER_TEST, ClassTest, FILTERS, FilterSet, LISTED_CODE_BITS, THRESHOLDS, TOTALS,
        TOTALS_PER_FILTER, Threshold,
    },
    table::{Code, MEASURE_BITS, MEASURES},
};

use super::{
    bits, poseidon,
    row::RowGadget,
    select::{OneHot, Paired},
};
use crate::builder::{Bit, Builder, Num};
use consign_crypto::{
    labels,
    statement::{CODES_PER_ELEMENT, FILTER_ELEMENTS, FilterParts, THRESHOLD_BITS, power_of_two},
};

struct ClassTestGadget {
    code: OneHot,
    codes: Vec<Num>,
}

struct ThresholdGadget {
    measure: OneHot,
    at_least: Num,
}

struct GroupGadget {
    members: Paired,
    negated: Bit,
}

struct FilterGadget {
    kind: [Bit; 2],
    groups: [GroupGadget; 2],
    threshold: [Bit; 2],
    threshold_negated: Bit,
}

/// A filter set, every part within its range.
pub struct FilterSetGadget {
    tests: Vec<ClassTestGadget>,
    thresholds: Vec<ThresholdGadget>,
    filters: Vec<FilterGadget>,
}

impl FilterSetGadget {
    /// Allocates a filter set and gives its digest; native half [`consign_crypto::statement::filter_digest`].
    pub fn new(b: &mut Builder, set: &FilterSet) -> (FilterSetGadget, Num) {
        let mut elements: Vec<Num> = Vec::with_capacity(FILTER_ELEMENTS);
        let mut rest = Packer::default();
        let mut tests = Vec::new();
        for (i, test) in set.tests.iter().enumerate() {
            let test = b.scoped(|| format!("class test {i}"), |b| ClassTestGadget::new(b, test, &mut elements));
            rest.put(&test.code.index(), 3);
            tests.push(test);
        }
        let mut thresholds = Vec::new();
        for (i, threshold) in set.thresholds.iter().enumerate() {
            let threshold = b.scoped(|| format!("threshold {i}"), |b| ThresholdGadget::new(b, threshold));
            rest.put(&threshold.measure.index(), 2);
            rest.put(&threshold.at_least, THRESHOLD_BITS);
            thresholds.push(threshold);
        }
        let mut filters = Vec::new();
        for (i, filter) in set.filters.iter().enumerate() {
            let parts = FilterParts::from(filter);
            filters.push(b.scoped(|| format!("filter {i}"), |b| FilterGadget::new(b, &parts, &mut rest)));
        }
        elements.push(rest.sum);
        let mut inputs: [Num; FILTER_ELEMENTS + 1] = std::array::from_fn(|_| Num::zero());
        inputs[0] = b.constant(Fr::from(labels::FILTERS));
        inputs[1..].iter_mut().zip(elements).for_each(|(input, element)| *input = element);
        let digest = b.scoped(|| "filter digest".into(), |b| poseidon::hash(b, &inputs));
        (FilterSetGadget { tests, thresholds, filters }, digest)
    }

    /// Adds what a row contributes to the thirty totals; native half [`FilterSet::totals`].
    pub fn count(&self, b: &mut Builder, row: &RowGadget, totals: &mut [Num; TOTALS]) {
        let tests: Vec<Num> = (0..CLASS_TESTS)
            .map(|i| b.scoped(|| format!("class test {i}"), |b| self.tests[i].holds(b, row).num().clone()))
            .collect();
        let tests = Paired::new(b, "product of class tests", tests);
        let reached: [Bit; THRESHOLDS] =
            std::array::from_fn(|i| b.scoped(|| format!("threshold {i}"), |b| self.thresholds[i].holds(b, row)));
        let both = b.product("product of thresholds", reached[0].num(), reached[1].num());
        for (i, (filter, totals)) in self.filters.iter().zip(totals.chunks_exact_mut(TOTALS_PER_FILTER)).enumerate() {
            b.scoped(
                || format!("filter {i}"),
                |b| {
                    let passes = filter.passes(b, row, &tests, &reached, &both);
                    totals[0] = &totals[0] + &passes;
                    for (total, measure) in totals[1..].iter_mut().zip(&row.measure) {
                        *total = &*total + &b.product("measure if it passes", &passes, measure);
                    }
                },
            );
        }
    }
}

impl ClassTestGadget {
    fn new(b: &mut Builder, test: &ClassTest, elements: &mut Vec<Num>) -> ClassTestGadget {
        let code = OneHot::new(b, "selected code", test.code() as usize, Code::ALL.len());
        let codes: Vec<Num> = test
            .places()
            .iter()
            .map(|&place| Num::from_bits(&bits::allocate(b, "listed code", place.into(), LISTED_CODE_BITS as usize)))
            .collect();
        for half in codes.chunks_exact(CODES_PER_ELEMENT) {
            let mut packer = Packer::default();
            half.iter().for_each(|code| packer.put(code, LISTED_CODE_BITS));
            elements.push(packer.sum);
        }
        ClassTestGadget { code, codes }
    }

    /// The product of the differences is zero exactly if the code is listed. 20 constraints.
    fn holds(&self, b: &mut Builder, row: &RowGadget) -> Bit {
        let x = row.codes.select(b, "selected code", &self.code);
        let mut product = &x - &self.codes[0];
        for code in &self.codes[1..CODES_PER_TEST] {
            product = b.product("product of differences", &product, &(&x - code));
        }
        // `inverse` is free where the product is zero, and there only: then `listed` is 1 whatever it is.
        let inverse = b.inverse("inverse of the product", &product);
        let listed = b.witness("listed", Fr::from(product.value().is_zero()));
        let unlisted = &b.one() - &listed;
        b.enforce("unlisted if the product is not zero", &product, &inverse, &unlisted);
        b.enforce("listed only if the product is zero", &product, &listed, &Num::zero());
        // A bit: product zero forces unlisted to 0, and a product other than zero forces listed to 0.
        Bit::known(listed)
    }
}

impl ThresholdGadget {
    fn new(b: &mut Builder, threshold: &Threshold) -> ThresholdGadget {
        let measure = OneHot::new(b, "selected measure", threshold.measure().into(), MEASURES);
        let bits = bits::allocate(b, "at least", threshold.at_least().into(), THRESHOLD_BITS as usize);
        ThresholdGadget { measure, at_least: Num::from_bits(&bits) }
    }

    /// Bit 47 of `measure - bound + 2^47`, for a bound of at most 2^47. 50 constraints.
    fn holds(&self, b: &mut Builder, row: &RowGadget) -> Bit {
        let measure = row.measures.select(b, "selected measure", &self.measure);
        let shifted = &(&measure - &self.at_least) + &b.constant(power_of_two(MEASURE_BITS));
        let bits = bits::decompose(b, "difference", &shifted, MEASURE_BITS as usize + 1);
        bits[MEASURE_BITS as usize].clone()
    }
}

impl FilterGadget {
    fn new(b: &mut Builder, parts: &FilterParts, rest: &mut Packer) -> FilterGadget {
        let kind = [b.bit("goods", parts.kind[0]), b.bit("document", parts.kind[1])];
        b.enforce("not both kinds", kind[0].num(), kind[1].num(), &Num::zero());
        kind.iter().for_each(|bit| rest.put_bit(bit));
        let groups = [(&parts.a, "group A"), (&parts.b, "group B")].map(|(group, name)| {
            let members: Vec<Num> = group
                .tests
                .iter()
                .map(|&member| {
                    let bit = b.bit(name, member);
                    rest.put_bit(&bit);
                    bit.num().clone()
                })
                .collect();
            let negated = b.bit(name, group.negated);
            rest.put_bit(&negated);
            GroupGadget { members: Paired::new(b, name, members), negated }
        });
        let (members, negated) = parts.threshold.parts();
        let threshold = members.map(|member| b.bit("threshold", member));
        b.enforce("at most one threshold", threshold[0].num(), threshold[1].num(), &Num::zero());
        threshold.iter().for_each(|bit| rest.put_bit(bit));
        let threshold_negated = b.bit("threshold", negated);
        rest.put_bit(&threshold_negated);
        FilterGadget { kind, groups, threshold, threshold_negated }
    }

    /// 1 if the row passes, else 0. 16 constraints.
    fn passes(&self, b: &mut Builder, row: &RowGadget, tests: &Paired, reached: &[Bit; 2], both: &Num) -> Num {
        // The two kinds exclude each other in the row as in the filter, so this is the whole inner product.
        let [goods, document] = [self.kind[0].num(), self.kind[1].num()];
        let kind = b.product("kind", &(goods + row.kind[1].num()), &(document + row.kind[0].num()));
        let [a, c] = [&self.groups[0], &self.groups[1]].map(|group| group.holds(b, tests));
        let [r0, r1] = [self.threshold[0].num(), self.threshold[1].num()];
        let chosen = b.product("threshold", &(r0 + reached[1].num()), &(r1 + reached[0].num()));
        let threshold = exclusive_or(b, "threshold", &(&chosen - both), self.threshold_negated.num());
        let left = b.product("kind and group A", &kind, &a);
        let right = b.product("group B and threshold", &c, &threshold);
        b.product("passes", &left, &right)
    }
}

impl GroupGadget {
    /// How many of the members hold is 0 to 4; `(s^2 - 5s + 4)(s^2 - 5s + 6) = 24` at 0 and 0 elsewhere. Five
    /// constraints.
    fn holds(&self, b: &mut Builder, tests: &Paired) -> Num {
        let sum = tests.inner_product(b, "members that hold", &self.members);
        let square = b.product("members squared", &sum, &sum);
        let q = &square - &(&sum * 5);
        let [four, six] = [4u64, 6].map(|n| b.constant(Fr::from(n)));
        let any = b.witness("any member", Fr::from(!sum.value().is_zero()));
        let none = (&b.one() - &any).scaled(Fr::from(24u64));
        b.enforce("any member", &(&q + &four), &(&q + &six), &none);
        exclusive_or(b, "group", &any, self.negated.num())
    }
}

/// Of two bits. One constraint.
fn exclusive_or(b: &mut Builder, name: &'static str, x: &Num, y: &Num) -> Num {
    let both = b.product(name, &(x * 2), y);
    &(x + y) - &both
}

/// Adds parts of known width to an element, lowest bits first; native half in [`consign_crypto::statement`].
pub struct Packer {
    sum: Num,
    bits: u32,
}

impl Default for Packer {
    fn default() -> Packer {
        Packer { sum: Num::zero(), bits: 0 }
    }
}

impl Packer {
    /// Appends a number that is range-checked to the width.
    pub fn put(&mut self, number: &Num, width: u32) {
        assert!(self.bits + width <= 250, "a packed element has at most 250 bits");
        self.sum.add_scaled(number, power_of_two(self.bits));
        self.bits += width;
    }
    fn put_bit(&mut self, bit: &Bit) {
        self.put(bit.num(), 1);
    }
    /// The element.
    pub fn into_element(self) -> Num {
        self.sum
    }
}

const _: () = assert!(FILTERS * TOTALS_PER_FILTER == TOTALS);
