//! Octets of the quadratic extension `Fq2 = Fq[u] / (u u + 1)`, from octets of `Fq`.

use ark_bn254::{Fq, Fq2};

use super::octet::{LANES, Octet, PrimeOctet, Words, each_lane};

/// `c0 + c1 u`, eight times.
#[derive(Clone, Copy)]
pub struct Quadratic<O> {
    c0: O,
    c1: O,
}

impl<O: PrimeOctet<Field = Fq>> Octet for Quadratic<O> {
    type Backend = O::Backend;
    type Field = Fq2;
    type Stored = [Words; 2];
    const BYTES: usize = 2 * O::BYTES;

    #[inline(always)]
    fn integers(bytes: &[u8]) -> [Words; 2] {
        let (c0, c1) = bytes.split_at(O::BYTES);
        [O::integers(c0), O::integers(c1)]
    }
    #[inline(always)]
    fn to_stored(element: &Fq2) -> [Words; 2] {
        [O::to_stored(&element.c0), O::to_stored(&element.c1)]
    }
    #[inline(always)]
    fn from_stored([c0, c1]: &[Words; 2]) -> Fq2 {
        Fq2::new(O::from_stored(c0), O::from_stored(c1))
    }
    #[inline(always)]
    fn prefetch(backend: O::Backend, [c0, _]: &[Words; 2]) {
        // Both are in one line of the cache.
        O::prefetch(backend, c0);
    }
    #[inline(always)]
    fn load(backend: O::Backend, from: [&[Words; 2]; LANES]) -> Self {
        Quadratic {
            c0: O::load(backend, each_lane!(i => &from[i][0])),
            c1: O::load(backend, each_lane!(i => &from[i][1])),
        }
    }
    #[inline(always)]
    fn splat(backend: O::Backend, [c0, c1]: &[Words; 2]) -> Self {
        Quadratic { c0: O::splat(backend, c0), c1: O::splat(backend, c1) }
    }
    #[inline(always)]
    fn from_field(backend: O::Backend, from: [&Fq2; LANES]) -> Self {
        Quadratic {
            c0: O::from_field(backend, each_lane!(i => &from[i].c0)),
            c1: O::from_field(backend, each_lane!(i => &from[i].c1)),
        }
    }
    #[inline(always)]
    fn from_integers(backend: O::Backend, from: [&[Words; 2]; LANES]) -> Self {
        Quadratic {
            c0: O::from_integers(backend, each_lane!(i => &from[i][0])),
            c1: O::from_integers(backend, each_lane!(i => &from[i][1])),
        }
    }
    #[inline(always)]
    fn store(self) -> [[Words; 2]; LANES] {
        let (c0, c1) = (self.c0.store(), self.c1.store());
        each_lane!(i => [c0[i], c1[i]])
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Quadratic { c0: self.c0.add(other.c0), c1: self.c1.add(other.c1) }
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Quadratic { c0: self.c0.sub(other.c0), c1: self.c1.sub(other.c1) }
    }
    /// Two sums of two products each, with one reduction: as many multiplications as three products after Karatsuba,
    /// fewer additions, and the result is tight.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Quadratic {
            c0: self.c0.sum_of_products(other.c0, self.c1.negate(), other.c1),
            c1: self.c0.sum_of_products(other.c1, self.c1, other.c0),
        }
    }
    /// `(c0 + c1)(c0 - c1) + 2 c0 c1 u`.
    #[inline(always)]
    fn square(self) -> Self {
        Quadratic { c0: self.c0.add(self.c1).mul(self.c0.sub(self.c1)), c1: self.c0.add(self.c0).mul(self.c1) }
    }
    #[inline(always)]
    fn tight(self) -> Self {
        Quadratic { c0: self.c0.tight(), c1: self.c1.tight() }
    }
    #[inline(always)]
    fn canonical(self) -> Self {
        Quadratic { c0: self.c0.canonical(), c1: self.c1.canonical() }
    }
    #[inline(always)]
    fn negate_where(self, mask: u8) -> Self {
        Quadratic { c0: self.c0.negate_where(mask), c1: self.c1.negate_where(mask) }
    }
    #[inline(always)]
    fn same(self, other: Self) -> u8 {
        self.c0.same(other.c0) & self.c1.same(other.c1)
    }
    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Quadratic { c0: O::select(mask, yes.c0, no.c0), c1: O::select(mask, yes.c1, no.c1) }
    }
}
