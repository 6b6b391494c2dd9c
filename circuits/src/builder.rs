//! A thin builder of rank-1 constraint systems: the same code lays out the constraints once, when keys are made, and
//! computes the witness, without any matrix, each time something is proved.
//!
//! In: calls that allocate wires and enforce products. Out: a [`Shape`](crate::shape::Shape) when recording, the
//! assignment when proving. Linear combinations are written directly; nothing is interned or inlined afterwards.

use std::ops::{Add, Mul, Sub};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero, batch_inversion};

use crate::shape::{Name, Shape};

/// A linear combination of wires and its value, which may be secret. When not recording it is the value alone.
#[derive(Clone)]
pub struct Num {
    value: Fr,
    terms: Vec<(u32, Fr)>,
}

impl Num {
    /// The empty combination.
    pub fn zero() -> Num {
        Num { value: Fr::ZERO, terms: Vec::new() }
    }
    /// The value under the current assignment.
    pub fn value(&self) -> Fr {
        self.value
    }
    /// The combination times a constant.
    pub fn scaled(&self, by: Fr) -> Num {
        Num { value: self.value * by, terms: self.terms.iter().map(|(w, c)| (*w, *c * by)).collect() }
    }
    /// Adds `by` times `other` in place.
    pub fn add_scaled(&mut self, other: &Num, by: Fr) {
        self.value += other.value * by;
        self.terms.extend(other.terms.iter().map(|(w, c)| (*w, *c * by)));
    }
    /// The sum of combinations with coefficients.
    pub fn combination<'a>(parts: impl IntoIterator<Item = (&'a Num, Fr)>) -> Num {
        let mut sum = Num::zero();
        parts.into_iter().for_each(|(part, by)| sum.add_scaled(part, by));
        sum
    }
    /// The sum.
    pub fn sum<'a>(parts: impl IntoIterator<Item = &'a Num>) -> Num {
        let mut sum = Num::zero();
        for part in parts {
            sum.value += part.value;
            sum.terms.extend_from_slice(&part.terms);
        }
        sum
    }
    /// The same combination with terms on the same wire merged.
    pub fn merged(mut self) -> Num {
        self.terms.sort_by_key(|&(wire, _)| wire);
        self.terms.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        self
    }
    /// Bits, least significant first, as a number.
    pub fn from_bits<'a>(bits: impl IntoIterator<Item = &'a Bit>) -> Num {
        let mut sum = Num::zero();
        sum.add_bits(bits, Fr::ONE);
        sum
    }
    /// Adds bits, least significant first, as a number times `by`. Products of values are not needed for it.
    pub fn add_bits<'a>(&mut self, bits: impl IntoIterator<Item = &'a Bit>, mut by: Fr) {
        for bit in bits {
            if bit.is_one() {
                self.value += by;
            }
            self.terms.extend(bit.0.terms.iter().map(|(w, c)| (*w, *c * by)));
            by.double_in_place();
        }
    }
}

impl Add for &Num {
    type Output = Num;
    fn add(self, other: &Num) -> Num {
        let mut sum = self.clone();
        sum.value += other.value;
        sum.terms.extend_from_slice(&other.terms);
        sum
    }
}

impl Sub for &Num {
    type Output = Num;
    fn sub(self, other: &Num) -> Num {
        let mut difference = self.clone();
        difference.add_scaled(other, -Fr::ONE);
        difference
    }
}

impl Mul<u64> for &Num {
    type Output = Num;
    fn mul(self, by: u64) -> Num {
        self.scaled(Fr::from(by))
    }
}

/// A combination that has been constrained to 0 or 1.
#[derive(Clone)]
pub struct Bit(Num);

impl Bit {
    /// As a number.
    pub fn num(&self) -> &Num {
        &self.0
    }
    /// Whether its value is one.
    pub fn is_one(&self) -> bool {
        !self.0.value.is_zero()
    }
    /// For a combination that other constraints already force to 0 or 1; the caller argues why, in a comment.
    pub fn known(num: Num) -> Bit {
        Bit(num)
    }
}

/// Lays out constraints, or computes a witness.
pub struct Builder {
    recording: Option<Shape>,
    values: Vec<Fr>,
    publics: usize,
    /// Wires that hold an element and are to hold its inverse.
    inverses: Vec<usize>,
    scope: Vec<String>,
}

impl Builder {
    /// A builder that records the shape of a circuit.
    pub fn recording() -> Builder {
        Builder { recording: Some(Shape::new()), ..Builder::proving() }
    }

    /// A builder that computes an assignment and nothing else.
    pub fn proving() -> Builder {
        // Room for the wires of the largest circuit.
        let mut values = Vec::with_capacity(1 << 16);
        values.push(Fr::ONE);
        Builder { recording: None, values, publics: 0, inverses: Vec::new(), scope: Vec::new() }
    }

    /// The recorded shape; `None` from a builder that computed a witness.
    pub fn into_shape(self) -> Option<Shape> {
        self.recording
    }

    /// The assignment: one, the public inputs, the witness.
    pub fn into_assignment(mut self) -> Vec<Fr> {
        let mut inverses: Vec<Fr> = self.inverses.iter().map(|&wire| self.values[wire]).collect();
        batch_inversion(&mut inverses);
        for (&wire, inverse) in self.inverses.iter().zip(inverses) {
            self.values[wire] = inverse;
        }
        self.values
    }

    /// Whether constraints are recorded. Where not, combinations that only they need may be left out.
    pub fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    fn wire(&mut self, name: &'static str, value: Fr) -> Num {
        let index = self.values.len() as u32;
        self.values.push(value);
        let mut terms = Vec::new();
        if let Some(shape) = &mut self.recording {
            shape.push_wire(Name::new(&self.scope, name));
            terms.push((index, Fr::ONE));
        }
        Num { value, terms }
    }

    /// The next public input. All public inputs come before the first witness.
    pub fn public(&mut self, name: &'static str, value: Fr) -> Num {
        assert_eq!(self.values.len(), self.publics + 1, "public inputs come before the witness");
        self.publics += 1;
        if let Some(shape) = &mut self.recording {
            shape.push_public(name);
        }
        self.wire(name, value)
    }

    /// The next public inputs, in order.
    pub fn publics<const N: usize>(&mut self, names: [&'static str; N], values: [Fr; N]) -> [Num; N] {
        std::array::from_fn(|i| self.public(names[i], values[i]))
    }

    /// The values of all public inputs, some of which were not known when they were allocated; nothing was computed from
    /// those since.
    pub fn set_publics(&mut self, values: &[Fr]) {
        assert_eq!(values.len(), self.publics, "a value for each public input");
        self.values[1..=values.len()].copy_from_slice(values);
    }

    /// A witness wire with the inverse of a combination, or zero where that is zero. All inverses are computed at the end,
    /// with one inversion: the combination that this gives has no value yet, and may only be constrained.
    pub fn inverse(&mut self, name: &'static str, of: &Num) -> Num {
        self.inverses.push(self.values.len());
        let num = self.wire(name, of.value);
        Num { value: Fr::ZERO, ..num }
    }

    /// A witness wire.
    pub fn witness(&mut self, name: &'static str, value: Fr) -> Num {
        self.wire(name, value)
    }

    /// The constant.
    pub fn constant(&self, value: Fr) -> Num {
        let terms = if self.recording.is_some() && !value.is_zero() { vec![(0, value)] } else { Vec::new() };
        Num { value, terms }
    }

    /// The constant one.
    pub fn one(&self) -> Num {
        self.constant(Fr::ONE)
    }

    /// `a * b = c`. One constraint.
    pub fn enforce(&mut self, name: &'static str, a: &Num, b: &Num, c: &Num) {
        if let Some(shape) = &mut self.recording {
            shape.push_constraint(Name::new(&self.scope, name), [&a.terms, &b.terms, &c.terms]);
        }
    }

    /// `a = b`. One constraint.
    pub fn enforce_equal(&mut self, name: &'static str, a: &Num, b: &Num) {
        let one = self.one();
        self.enforce(name, a, &one, b);
    }

    /// A wire that holds the product. One constraint.
    pub fn product(&mut self, name: &'static str, a: &Num, b: &Num) -> Num {
        let product = self.witness(name, a.value * b.value);
        self.enforce(name, a, b, &product);
        product
    }

    /// A wire that holds 0 or 1. One constraint.
    pub fn bit(&mut self, name: &'static str, value: bool) -> Bit {
        let num = self.witness(name, if value { Fr::ONE } else { Fr::ZERO });
        self.assert_bit(name, num)
    }

    /// Constrains a combination to 0 or 1. One constraint.
    pub fn assert_bit(&mut self, name: &'static str, num: Num) -> Bit {
        let complement = &self.one() - &num;
        self.enforce(name, &num, &complement, &Num::zero());
        Bit(num)
    }

    /// Runs `inside` with one more level in the names of wires and constraints.
    pub fn scoped<T>(&mut self, level: impl FnOnce() -> String, inside: impl FnOnce(&mut Builder) -> T) -> T {
        if self.recording.is_some() {
            self.scope.push(level());
        }
        let result = inside(self);
        if self.recording.is_some() {
            self.scope.pop();
        }
        result
    }
}
