//! Transforms between the values of polynomials on a domain and on its coset, for the quotient of a proof.
//!
//! Values become coefficients by decimation in frequency, which leaves them in bit-reversed order; there they are scaled,
//! and go back by decimation in time, which takes that order: nothing is ever permuted. The first three layers add eight
//! octets of consecutive elements; then lane `h` of every octet holds the `h`-th eighth of the elements, and all other
//! layers multiply whole octets by one root. Roots are computed once a domain.

use ark_bn254::Fr;
use ark_ff::{Field, One};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rayon::prelude::*;

use super::octet::{Backend, Kernel, LANES, Octet, PrimeOctet, Words, each_lane};

/// The smallest domain: eight octets.
pub const SMALLEST: usize = LANES * LANES;
/// Octets of a block that stays in the second-level cache over many layers.
const BLOCK: usize = 1 << 10;

/// Roots of unity of a domain, in a backend's form.
pub struct Domain {
    size: usize,
    /// For each layer, powers of its root, which is the square of the one before; and those of its inverse.
    roots: Vec<Vec<Words>>,
    inverses: Vec<Vec<Words>>,
    /// Powers of the coset's shift over the domain's size, in the order of coefficients in octets.
    shifts: Vec<Words>,
}

impl Domain {
    /// The domain with so many elements, a power of two from [`SMALLEST`]; `None` for others. The shift is a root of unity
    /// of twice the order.
    pub fn new<B: Backend>(backend: B, size: usize) -> Option<Domain> {
        if size < SMALLEST || !size.is_power_of_two() {
            return None;
        }
        let shift = Radix2EvaluationDomain::<Fr>::new(2 * size)?.group_gen;
        let scale = Fr::from(size as u64).inverse().expect("a power of two is not zero in the field");
        let powers = |first: Fr, ratio: Fr, number: usize| backend.run(Powers { first, ratio, number });
        let scaled = powers(scale, shift, size);
        let layers = size.ilog2();
        // The square of the shift is the domain's root.
        let of_layers = |shift: Fr| {
            let powers = powers(Fr::one(), shift.square(), size / 2);
            let of_layer = |layer: u32| powers.iter().step_by(1 << layer).copied().collect();
            (0..layers).map(of_layer).collect()
        };
        let eighth = size / LANES;
        let shifts = (0..size).map(|place| {
            let position = place % LANES * eighth + place / LANES;
            scaled[position.reverse_bits() >> (usize::BITS - layers)]
        });
        let (roots, inverses) = (of_layers(shift), of_layers(shift.inverse()?));
        Some(Domain { size, roots, inverses, shifts: shifts.collect() })
    }

    /// The values of `a b - c` on the coset, each as an integer brought to some form, from the values of `a` and `b` on the
    /// domain, where `c` is their product.
    pub fn quotient<B: Backend, T: Copy + Default + Send>(
        &self,
        backend: B,
        [a, b]: [Vec<Fr>; 2],
        form: impl Fn(Words) -> T + Sync,
    ) -> Vec<T> {
        assert!(a.len() == self.size && b.len() == self.size, "values on the whole domain");
        let inputs: [[&[Fr]; 2]; 3] = [[&a, &[]], [&b, &[]], [&a, &b]];
        let shifted: Vec<_> = inputs.into_par_iter().map(|input| self.to_coset(backend, input)).collect();
        drop((a, b));
        let [a, b, c]: [Vec<B::Scalar>; 3] = shifted.try_into().unwrap_or_else(|_| unreachable!("three inputs"));
        let eighth = self.size / LANES;
        let mut out = vec![T::default(); self.size];
        let chunk = LANES * LANES;
        let parts: Vec<Vec<[T; LANES]>> = (0..eighth.div_ceil(chunk))
            .into_par_iter()
            .map(|i| {
                let range = i * chunk..eighth.min((i + 1) * chunk);
                let values = backend.run(Finish {
                    domain: self,
                    start: range.start,
                    abc: [&a[range.clone()], &b[range.clone()], &c[range]],
                });
                values.into_iter().map(|eight| eight.map(&form)).collect()
            })
            .collect();
        for (i, values) in parts.iter().enumerate() {
            for (block, values) in values.chunks_exact(LANES).enumerate() {
                for (part, values) in values.iter().enumerate() {
                    out[part * eighth + i * chunk + block * LANES..][..LANES].copy_from_slice(values);
                }
            }
        }
        out
    }

    /// From values on the domain to values on the coset, in eighths, before the last three layers. With two inputs, of
    /// their product.
    fn to_coset<B: Backend>(&self, backend: B, input: [&[Fr]; 2]) -> Vec<B::Scalar> {
        let mut octets = backend.run(Start { domain: self, input });
        let length = octets.len();
        let block = length.min(BLOCK);
        backend.run(Layers { domain: self, octets: &mut octets, largest: length, smallest: 2 * block, backward: true });
        octets.par_chunks_mut(block).enumerate().for_each(|(i, octets)| {
            let shifts = &self.shifts[i * block * LANES..][..block * LANES];
            backend.run(Layers { domain: self, octets, largest: block, smallest: 2, backward: true });
            backend.run(Scale { octets, shifts });
            backend.run(Layers { domain: self, octets, largest: block, smallest: 2, backward: false });
        });
        backend.run(Layers {
            domain: self,
            octets: &mut octets,
            largest: length,
            smallest: 2 * block,
            backward: false,
        });
        octets
    }
}

/// A number of elements of which each is the one before, times the ratio.
struct Powers {
    first: Fr,
    ratio: Fr,
    number: usize,
}

impl<B: Backend> Kernel<B> for Powers {
    type Output = Vec<Words>;

    #[inline(always)]
    fn on(self, backend: B) -> Vec<Words> {
        let mut first = [self.first; LANES];
        for i in 1..LANES {
            first[i] = first[i - 1] * self.ratio;
        }
        let ratio = B::Scalar::splat(backend, &B::Scalar::to_stored(&self.ratio.pow([LANES as u64])));
        let mut octet = B::Scalar::from_field(backend, each_lane!(i => &first[i]));
        let mut powers = Vec::with_capacity(self.number);
        for _ in 0..self.number / LANES {
            powers.extend(octet.store());
            octet = octet.mul(ratio);
        }
        powers
    }
}

/// `(a + b, (a - b) root)`, the step of decimation in frequency. Tight to tight.
#[inline(always)]
fn apart<O: Octet>(a: &mut O, b: &mut O, root: O) {
    (*a, *b) = (a.add(*b).tight(), a.sub(*b).mul(root));
}

/// `(a + b root, a - b root)`, the step of decimation in time. Tight to tight.
#[inline(always)]
fn together<O: Octet>(a: &mut O, b: &mut O, root: O) {
    let b_root = b.mul(root);
    (*a, *b) = (a.add(b_root).tight(), a.sub(b_root).tight());
}

#[inline(always)]
fn octet<B: Backend>(backend: B, words: &[Words]) -> B::Scalar {
    let words = &words[..LANES];
    B::Scalar::load(backend, each_lane!(i => &words[i]))
}

#[inline(always)]
fn read<B: Backend>(backend: B, from: &[Fr]) -> B::Scalar {
    let from = &from[..LANES];
    B::Scalar::from_field(backend, each_lane!(i => &from[i]))
}

/// The layers between eighths: `root` gives the roots of a layer for a part of it.
#[inline(always)]
fn between_eighths<O: Octet>(x: &mut [O; LANES], root: impl Fn(usize, usize) -> O, backward: bool) {
    for step in 0..3 {
        let layer = if backward { step } else { 2 - step };
        let distance = (LANES / 2) >> layer;
        for part in 0..distance {
            let root = root(layer, part);
            for first in (part..LANES).step_by(2 * distance) {
                let (low, high) = x.split_at_mut(first + distance);
                let (a, b) = (&mut low[first], &mut high[0]);
                if backward { apart(a, b, root) } else { together(a, b, root) }
            }
        }
    }
}

/// The first three layers, and the turn from consecutive elements in an octet to eighths in its lanes.
struct Start<'a> {
    domain: &'a Domain,
    input: [&'a [Fr]; 2],
}

impl<B: Backend> Kernel<B> for Start<'_> {
    type Output = Vec<B::Scalar>;

    #[inline(always)]
    fn on(self, backend: B) -> Vec<B::Scalar> {
        let Start { domain, input: [values, factors] } = self;
        let eighth = domain.size / LANES;
        let mut out = Vec::with_capacity(eighth);
        for at in (0..eighth).step_by(LANES) {
            let mut x = each_lane!(part => read(backend, &values[part * eighth + at..]));
            if !factors.is_empty() {
                x = each_lane!(part => x[part].mul(read(backend, &factors[part * eighth + at..])));
            }
            let root = |layer: usize, part: usize| octet(backend, &domain.inverses[layer][part * eighth + at..]);
            between_eighths(&mut x, root, true);
            out.extend(B::Scalar::transpose(x));
        }
        out
    }
}

/// Layers within eighths, over blocks of octets of sizes between two powers of two.
struct Layers<'a, O> {
    domain: &'a Domain,
    octets: &'a mut [O],
    largest: usize,
    smallest: usize,
    backward: bool,
}

impl<B: Backend> Kernel<B> for Layers<'_, B::Scalar> {
    type Output = ();

    #[inline(always)]
    fn on(self, backend: B) {
        let Layers { domain, octets, largest, smallest, backward } = self;
        let mut size = if backward { largest } else { smallest };
        while size >= smallest && size <= largest {
            let layer = (domain.size / size).ilog2() as usize;
            let roots = if backward { &domain.inverses[layer] } else { &domain.roots[layer] };
            for block in octets.chunks_exact_mut(size) {
                let (low, high) = block.split_at_mut(size / 2);
                for ((a, b), root) in low.iter_mut().zip(high).zip(roots) {
                    let root = B::Scalar::splat(backend, root);
                    if backward { apart(a, b, root) } else { together(a, b, root) }
                }
            }
            size = if backward { size / 2 } else { size * 2 };
        }
    }
}

/// Multiplies coefficients by the powers of the shift.
struct Scale<'a, O> {
    octets: &'a mut [O],
    shifts: &'a [Words],
}

impl<B: Backend> Kernel<B> for Scale<'_, B::Scalar> {
    type Output = ();

    #[inline(always)]
    fn on(self, backend: B) {
        for (octet_of, shifts) in self.octets.iter_mut().zip(self.shifts.chunks_exact(LANES)) {
            *octet_of = octet_of.mul(octet(backend, shifts));
        }
    }
}

/// The last three layers of three polynomials from some octet on, and `a b - c`: for every eight octets, those of each
/// eighth.
struct Finish<'a, O> {
    domain: &'a Domain,
    start: usize,
    abc: [&'a [O]; 3],
}

impl<B: Backend> Kernel<B> for Finish<'_, B::Scalar> {
    type Output = Vec<[Words; LANES]>;

    #[inline(always)]
    fn on(self, backend: B) -> Vec<[Words; LANES]> {
        let Finish { domain, start, abc } = self;
        let eighth = domain.size / LANES;
        let mut out = Vec::with_capacity(abc[0].len());
        for at in (0..abc[0].len()).step_by(LANES) {
            let root = |layer: usize, part: usize| octet(backend, &domain.roots[layer][part * eighth + start + at..]);
            let mut values = [[abc[0][at]; LANES]; 3];
            for (x, octets) in values.iter_mut().zip(abc) {
                let octets = &octets[at..at + LANES];
                *x = B::Scalar::transpose(each_lane!(i => octets[i]));
                between_eighths(x, root, false);
            }
            let [a, b, c] = &values;
            for part in 0..LANES {
                out.push(a[part].mul(b[part]).sub(c[part]).to_integers());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use std::array::from_fn;

    use ark_ff::{PrimeField, UniformRand};
    use ark_poly::GeneralEvaluationDomain;
    use rand_arkworks::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{prover::testing, qap};

    fn agrees<B: Backend>(backend: B, size: usize) {
        let rng = &mut StdRng::seed_from_u64(size as u64);
        let [a, b]: [Vec<Fr>; 2] = from_fn(|_| (0..size).map(|_| Fr::rand(rng)).collect());
        let domain = Domain::new(backend, size).expect("a power of two");
        let found = domain.quotient(backend, [a.clone(), b.clone()], |integer| integer);
        let expected = qap::quotient::<Fr, GeneralEvaluationDomain<Fr>>(a, b, &[]).expect("a power of two");
        let expected: Vec<Words> = expected.iter().map(|x| x.into_bigint().0).collect();
        assert!(found == expected, "size {size}");
    }

    #[test]
    fn quotients_are_those_of_arkworks() {
        for log in [6, 7, 9, 10, 13, 14, 15] {
            testing::on_each_backend!(agrees, 1 << log);
        }
    }

    #[test]
    fn other_sizes_have_no_domain() {
        assert!(
            [0, 1, 32, 63, 65, 1 << 29].iter().all(|&size| Domain::new(super::super::octet::Portable, size).is_none())
        );
    }
}
