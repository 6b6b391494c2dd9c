//! Selection by one-hot bits, and inner products, with half the multiplications.
//!
//! `(a0 + x1)(a1 + x0) - a0 a1 - x0 x1 = a0 x0 + a1 x1` (Winograd, 1968): the products of the `x` alone are shared by
//! all uses of the same `x`, those of the `a` alone by all rows, or are zero where the `a` are one-hot.

use ark_ff::{AdditiveGroup, Field};

use ark_bn254::Fr;

use crate::builder::{Bit, Builder, Num};

/// Values in pairs with the products of the pairs.
pub struct Paired {
    values: Vec<Num>,
    products: Vec<Num>,
}

impl Paired {
    /// Pairs neighbours; the number of values is even. One constraint a pair.
    pub fn new(b: &mut Builder, name: &'static str, values: Vec<Num>) -> Paired {
        assert!(values.len().is_multiple_of(2), "values come in pairs");
        let products = values.chunks_exact(2).map(|pair| b.product(name, &pair[0], &pair[1])).collect();
        Paired { values, products }
    }

    /// The inner product with `weights`, which carry the products of their own pairs. One constraint a pair.
    pub fn inner_product(&self, b: &mut Builder, name: &'static str, weights: &Paired) -> Num {
        let mut sum = Num::zero();
        for (i, (x, a)) in self.values.chunks_exact(2).zip(weights.values.chunks_exact(2)).enumerate() {
            sum = &sum + &cross(b, name, [&a[0], &a[1]], [&x[0], &x[1]]);
            sum = &sum - &self.products[i];
            sum = &sum - &weights.products[i];
        }
        sum
    }

    /// The value that a one-hot selection picks; its pairs have product zero. One constraint a pair.
    pub fn select(&self, b: &mut Builder, name: &'static str, selection: &OneHot) -> Num {
        let mut sum = Num::zero();
        for (i, (x, s)) in self.values.chunks_exact(2).zip(selection.bits.chunks_exact(2)).enumerate() {
            sum = &sum + &cross(b, name, [s[0].num(), s[1].num()], [&x[0], &x[1]]);
            sum = &sum - &self.products[i];
        }
        sum
    }
}

/// `(a0 + x1)(a1 + x0)`.
fn cross(b: &mut Builder, name: &'static str, a: [&Num; 2], x: [&Num; 2]) -> Num {
    b.product(name, &(a[0] + x[1]), &(a[1] + x[0]))
}

/// Bits of which exactly one is set.
pub struct OneHot {
    bits: Vec<Bit>,
}

impl OneHot {
    /// A selection of `index` among `choices`. `choices + 1` constraints.
    pub fn new(b: &mut Builder, name: &'static str, index: usize, choices: usize) -> OneHot {
        let bits: Vec<Bit> = (0..choices).map(|i| b.bit(name, i == index)).collect();
        let sum = Num::sum(bits.iter().map(Bit::num));
        let one = b.one();
        b.enforce_equal(name, &sum, &one);
        OneHot { bits }
    }

    /// The index as a number: since exactly one bit is set, it determines them all.
    pub fn index(&self) -> Num {
        let mut factor = Fr::ZERO;
        let mut sum = Num::zero();
        for bit in &self.bits {
            sum.add_scaled(bit.num(), factor);
            factor += Fr::ONE;
        }
        sum
    }
}
