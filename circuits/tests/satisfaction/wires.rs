//! Every wire of every circuit counts: changed by one, and each bit flipped, it breaks a constraint.
//!
//! The one exception, argued: `inverse of the product` of a class test, where the product is zero. Then the constraint
//! `product * inverse = 1 - listed` reads `0 = 1 - listed` whatever the inverse is, so `listed` is forced and nothing
//! else reads the wire.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use consign_circuits::{
    direct,
    shape::Shape,
    tally::{self, TallySize},
    verdict::{self, VerdictWitness},
};
use consign_crypto::totals::TotalsBlinding;
use consign_documents::filter::{BOUNDS, Bound, Bounds, TOTALS, Term, Totals};
use rand_arkworks::{Rng, SeedableRng, rngs::StdRng};
use rayon::prelude::*;

use super::{
    DIRECT, VERDICT,
    directs::direct_witness,
    tally_shape,
    trial::{Sample, is_bit},
};

/// So many bounds that hold, of no term to three, and unused ones.
pub fn bounds_around(totals: &Totals, used: usize, rng: &mut StdRng) -> Bounds {
    let bounds = (0..used).map(|i| {
        let mut term = || Term { total: rng.gen_range(0..TOTALS as u8), weight: rng.gen_range(-1000..1000) };
        let terms = [term(), term(), term()];
        let figure = Bound::new(&terms[..i % 4], None, None).unwrap().figure(totals);
        Bound::new(&terms[..i % 4], Some(figure - i as i128), Some(figure + 5)).unwrap()
    });
    Bounds::new(&bounds.collect::<Vec<_>>()).unwrap()
}

/// Names of the wires that may change without breaking a constraint, of a satisfying assignment.
fn inert(shape: &Shape, values: &[Fr]) -> Vec<String> {
    let m = shape.matrices();
    let products = [0, 1, 2].map(|which| m.product(which, values));
    assert!((0..m.constraints()).all(|row| products[0][row] * products[1][row] == products[2][row]));
    // The constraints of each wire, with its coefficient in A, B and C.
    let mut uses: Vec<Vec<(usize, [Fr; 3])>> = vec![Vec::new(); m.wires];
    for row in 0..m.constraints() {
        for (which, matrix) in m.abc.iter().enumerate() {
            for &(wire, coefficient) in matrix.row(row) {
                let uses = &mut uses[wire as usize];
                if uses.last().is_none_or(|(last, _)| *last != row) {
                    uses.push((row, [Fr::ZERO; 3]));
                }
                uses.last_mut().unwrap().1[which] += m.coefficients[coefficient as usize];
            }
        }
    }
    let breaks = |wire: usize, change: Fr| {
        uses[wire].iter().any(|(row, coefficients)| {
            let [a, b, c] = [0, 1, 2].map(|i| products[i][*row] + coefficients[i] * change);
            a * b != c
        })
    };
    let inert = (0..m.wires).into_par_iter().filter(|&wire| {
        let flip = if is_bit(&values[wire]) { Fr::ONE - values[wire].double() } else { Fr::ONE };
        !breaks(wire, Fr::ONE) || !breaks(wire, flip)
    });
    inert.map(|wire| shape.wires()[wire].to_string()).collect()
}

/// Those inverses whose class test is met, of which there are some.
fn met(shape: &Shape, values: &[Fr]) -> Vec<String> {
    let met: Vec<String> = (shape.wires().iter().zip(values))
        .map(|(name, value)| (name.to_string(), value))
        .filter(|(name, value)| name.ends_with(" listed") && **value == Fr::ONE)
        .map(|(name, _)| name.replace(" listed", " inverse of the product"))
        .collect();
    assert!(!met.is_empty());
    met
}

#[test]
fn every_wire_of_the_tallies_counts() {
    let mut rng = StdRng::seed_from_u64(7);
    for size in TallySize::ALL {
        for _ in 0..3 {
            let shape = tally_shape(size);
            let (values, _) = tally::assign(&Sample::new(size, &mut rng).witness());
            let inert = inert(shape, &values);
            assert_eq!(inert, met(shape, &values), "{}", size.name());
        }
    }
}

#[test]
fn every_wire_of_the_direct_verdict_counts() {
    let mut rng = StdRng::seed_from_u64(9);
    for _ in 0..3 {
        let sample = Sample::new(TallySize::Short, &mut rng);
        let totals = direct_witness(&sample, &Bounds([Bound::unused(); BOUNDS]), Fr::ZERO).totals();
        let bounds = bounds_around(&totals, BOUNDS - 1, &mut rng);
        let (values, _) = direct::assign(&direct_witness(&sample, &bounds, Fr::rand(&mut rng)));
        assert_eq!(inert(&DIRECT, &values), met(&DIRECT, &values));
    }
}

#[test]
fn every_wire_of_the_verdict_counts() {
    let mut rng = StdRng::seed_from_u64(8);
    for _ in 0..3 {
        let totals = Totals(std::array::from_fn(|_| rng.gen_range(0..1u128 << 72)));
        let bounds = bounds_around(&totals, BOUNDS, &mut rng);
        let blinding = TotalsBlinding::random(&mut rng);
        let context = Fr::rand(&mut rng);
        let witness = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &bounds, context };
        assert_eq!(inert(&VERDICT, &verdict::assign(&witness).0), Vec::<String>::new());
    }
}
