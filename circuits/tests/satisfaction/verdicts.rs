//! The verdict as a whole: bounds at their edges, and what its public inputs must be.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use consign_circuits::verdict::{self, VerdictWitness};
use consign_crypto::totals::{TotalsBlinding, TotalsCommitment};
use consign_documents::filter::{BOUNDS, Bound, Bounds, TOTALS, Term, Totals};
use rand_arkworks::{Rng, SeedableRng, rngs::StdRng};
use std::collections::BTreeSet;

use super::{
    VERDICT,
    trial::{Trial, broken, names},
};

fn check(totals: &Totals, bounds: &Bounds, rng: &mut StdRng) -> BTreeSet<String> {
    let blinding = TotalsBlinding::random(rng);
    let witness = VerdictWitness { totals, blinding: &blinding, bounds, context: Fr::rand(rng) };
    let (values, statement) = verdict::assign(&witness);
    assert_eq!(statement, witness.statement());
    assert_eq!(values[1..5], statement.inputs());
    let broken = broken(&VERDICT, &values);
    assert_eq!(broken.is_empty(), bounds.hold(totals));
    broken
}

const WEIGHT: i32 = (1 << 20) - 1;
const TOTAL: u128 = (1 << 72) - 1;

#[test]
fn a_bound_holds_from_lo_to_hi_and_no_further() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut totals = Totals([0; TOTALS]);
    totals.0[0] = TOTAL;
    totals.0[17] = 12_345;
    totals.0[29] = TOTAL - 1;
    let term = |total, weight| Term { total, weight };
    for (place, terms) in [
        (0, vec![]),
        (1, vec![term(17, 1)]),
        (2, vec![term(17, -1)]),
        (5, vec![term(0, WEIGHT), term(29, WEIGHT), term(0, WEIGHT)]),
        (6, vec![term(0, -WEIGHT), term(29, -WEIGHT), term(0, -WEIGHT)]),
        (10, vec![term(0, WEIGHT), term(29, -WEIGHT), term(17, 7)]),
        (11, vec![term(29, WEIGHT), term(0, -WEIGHT), term(17, -WEIGHT)]),
    ] {
        let figure = Bound::new(&terms, None, None).unwrap().figure(&totals);
        let too_small = format!("bound {place} sum less lo");
        let too_large = format!("bound {place} hi less sum");
        for (lo, hi, expected) in [
            (None, None, names([])),
            (Some(figure), Some(figure), names([])),
            (Some(figure - 1), Some(figure + 1), names([])),
            (Some(figure), None, names([])),
            (None, Some(figure), names([])),
            (Some(figure + 1), None, names([&too_small])),
            (None, Some(figure - 1), names([&too_large])),
            (Some(figure + 1), Some(figure - 1), names([&too_small, &too_large])),
            (Some(Bound::LIMIT), None, names([&too_small])),
            (None, Some(-Bound::LIMIT), names([&too_large])),
        ] {
            let mut bounds = Bounds::new(&[]).unwrap();
            bounds.0[place] = Bound::new(&terms, lo, hi).unwrap();
            assert_eq!(check(&totals, &bounds, &mut rng), expected, "bound {place}, {lo:?} to {hi:?} of {figure}");
        }
    }
}

#[test]
fn random_bounds_agree_with_their_native_half() {
    let mut rng = StdRng::seed_from_u64(2);
    for _ in 0..40 {
        let totals = Totals(std::array::from_fn(|_| match rng.gen_range(0..3) {
            0 => 0,
            1 => rng.gen_range(0..100),
            _ => rng.gen_range(0..=TOTAL),
        }));
        let bounds = Bounds(std::array::from_fn(|_| {
            let term = |rng: &mut StdRng| Term {
                total: rng.gen_range(0..TOTALS as u8),
                weight: [0, 1, -1, WEIGHT, -WEIGHT, 77][rng.gen_range(0..6)],
            };
            let terms: Vec<Term> = (0..rng.gen_range(0..4)).map(|_| term(&mut rng)).collect();
            let figure = Bound::new(&terms, None, None).unwrap().figure(&totals);
            // A dozen bounds, so each misses rarely.
            let lo = figure - rng.gen_range(0..40) + i128::from(rng.gen_range(0..40) == 0);
            let hi = figure + rng.gen_range(0..40) - i128::from(rng.gen_range(0..40) == 0);
            Bound::new(&terms, Some(lo), Some(hi)).unwrap()
        }));
        check(&totals, &bounds, &mut rng);
    }
}

#[test]
fn each_public_input_is_what_the_witness_makes_it() {
    let mut rng = StdRng::seed_from_u64(3);
    let totals = Totals(std::array::from_fn(|i| i as u128));
    let blinding = TotalsBlinding::random(&mut rng);
    let bounds = Bounds([Bound::unused(); BOUNDS]);
    let witness = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &bounds, context: Fr::rand(&mut rng) };
    let honest = verdict::assign(&witness).0;
    let other = |changes: &[(usize, Fr)]| {
        let mut values = honest.clone();
        changes.iter().for_each(|&(input, value)| values[input] = value);
        broken(&VERDICT, &values)
    };
    let (x, y) = ("commitment x of the commitment", "commitment y of the commitment");
    assert_eq!(other(&[(1, honest[1] + Fr::ONE)]), names([x]));
    assert_eq!(other(&[(2, honest[2] + Fr::ONE)]), names([y]));
    assert_eq!(other(&[(3, honest[3] + Fr::ONE)]), names(["bounds"]));
    assert_eq!(other(&[(4, honest[4] + Fr::ONE)]), names(["context squared"]));
    let mut wrong = totals;
    wrong.0[3] = 4;
    let (wx, wy) = TotalsCommitment::commit(&wrong, &blinding).coordinates();
    assert_eq!(other(&[(1, wx), (2, wy)]), names([x, y]));
}

#[test]
fn terms_select_one_total_and_totals_are_bits() {
    let mut rng = StdRng::seed_from_u64(4);
    let totals = Totals(std::array::from_fn(|i| 1000 + i as u128));
    let blinding = TotalsBlinding::random(&mut rng);
    let bounds = Bounds([Bound::unused(); BOUNDS]);
    let witness = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &bounds, context: Fr::rand(&mut rng) };
    let honest = verdict::assign(&witness).0;
    let beside_digest = |trial: &Trial| {
        let broken = trial.broken().into_iter();
        broken.filter(|name| !name.contains("bounds digest")).collect::<BTreeSet<String>>()
    };
    let mut trial = Trial::new(&VERDICT, honest.clone());
    // The unused term's weight is zero: that it selects two totals, or none, changes nothing else.
    for (first, second) in [(Fr::ZERO, Fr::ZERO), (Fr::ONE, Fr::ONE), (Fr::from(2u64), -Fr::ONE)] {
        let index = trial.wires("bound 4 term 1 index");
        assert_eq!(index.len(), TOTALS);
        trial.set(index[0], first);
        trial.set(index[1], second);
        trial.settle();
        assert_eq!(beside_digest(&trial), names(["bound 4 term 1 index"]));
    }
    let mut trial = Trial::new(&VERDICT, honest.clone());
    let weight = trial.wires("bound 4 term 1 weight");
    assert_eq!(weight.len(), 21);
    // 2 at bit 19 is what 1 at bit 20 is, the weight zero.
    trial.set(weight[20], Fr::ZERO);
    trial.set(weight[19], Fr::from(2u64));
    trial.settle();
    assert_eq!(trial.broken(), names(["bound 4 term 1 weight"]));
    let mut trial = Trial::new(&VERDICT, honest);
    let total = trial.wires("total 8 total");
    assert_eq!(total.len(), 72);
    trial.set(total[71], Fr::from(2u64));
    trial.settle();
    assert!(trial.broken().contains("total 8 total"));
}
