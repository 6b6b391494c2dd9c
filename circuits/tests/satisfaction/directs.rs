//! The direct verdict: that it judges the totals of all its rows, and what its public inputs must be. Its parts are those
//! of tallies and verdicts, which are tested there.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use consign_circuits::{
    direct::{self, DirectWitness},
    tally::{Block, TallySize},
};
use consign_documents::{
    filter::{BOUNDS, Bound, Bounds, TOTALS, Term},
    table::{Row, RowKind},
};
use rand_arkworks::{SeedableRng, rngs::StdRng};

use super::{
    DIRECT,
    trial::{Sample, Trial, broken, names},
    wires::bounds_around,
};

/// The rows and filters of a sample of a short tally, which has as many blocks.
pub fn direct_witness<'a>(sample: &'a Sample, bounds: &'a Bounds, context: Fr) -> DirectWitness<'a> {
    let Sample { start, blocks, filters, .. } = sample;
    DirectWitness { start: *start, blocks, filters, bounds, context }
}

fn sample(seed: u64) -> (Sample, StdRng) {
    let mut rng = StdRng::seed_from_u64(seed);
    (Sample::new(TallySize::Short, &mut rng), rng)
}

/// An assignment whose bounds hold.
fn trial(sample: &Sample, rng: &mut StdRng) -> Trial<'static> {
    let none = Bounds::new(&[]).unwrap();
    let totals = direct_witness(sample, &none, Fr::ZERO).totals();
    let bounds = bounds_around(&totals, BOUNDS - 1, rng);
    let witness = direct_witness(sample, &bounds, Fr::rand(rng));
    let (values, statement) = direct::assign(&witness);
    assert_eq!(statement, witness.statement());
    assert_eq!(values[1..6], statement.inputs());
    let trial = Trial::new(&DIRECT, values);
    assert_eq!(trial.broken(), names([]));
    trial
}

#[test]
fn each_total_is_judged_to_the_smallest_unit() {
    let (mut sample, mut rng) = sample(1);
    // The largest measures in every row, so that totals reach what they can.
    let most = (1 << 47) - 1;
    let rows = [Row::new(RowKind::Goods, [most; 4], 1023, [u16::MAX; 2], [99; 3]).unwrap(); 10];
    let heavy = Block::Rows { blinding: Fr::rand(&mut rng), rows: Box::new(rows) };
    for blocks in [sample.blocks.clone(), vec![heavy; direct::BLOCKS]] {
        sample.blocks = blocks;
        let none = Bounds::new(&[]).unwrap();
        let totals = direct_witness(&sample, &none, Fr::ONE).totals();
        for index in 0..TOTALS as u8 {
            let terms = [Term { total: index, weight: 1 }];
            let figure = Bound::new(&terms, None, None).unwrap().figure(&totals);
            for (lo, hi, name) in [
                (figure, figure, None),
                (figure + 1, figure + 1, Some("bound 10 sum less lo")),
                (figure - 1, figure - 1, Some("bound 10 hi less sum")),
            ] {
                let mut bounds = none.clone();
                bounds.0[10] = Bound::new(&terms, Some(lo), Some(hi)).unwrap();
                let (values, _) = direct::assign(&direct_witness(&sample, &bounds, Fr::ONE));
                let expected = name.into_iter().map(str::to_owned).collect();
                assert_eq!(broken(&DIRECT, &values), expected, "total {index}");
            }
        }
    }
}

#[test]
fn each_public_input_is_what_the_witness_makes_it() {
    let (sample, mut rng) = sample(2);
    let honest = trial(&sample, &mut rng);
    let other = |input: usize| {
        let mut values = honest.values.clone();
        values[input] += Fr::ONE;
        broken(&DIRECT, &values)
    };
    let start = other(1);
    assert!(!start.is_empty() && start.iter().all(|name| name.starts_with("block 0 ")), "{start:?}");
    assert_eq!(other(2), names(["end"]));
    assert_eq!(other(3), names(["filters"]));
    assert_eq!(other(4), names(["bounds"]));
    assert_eq!(other(5), names(["context squared"]));
}

#[test]
fn the_totals_that_are_judged_are_those_that_were_counted() {
    let (sample, mut rng) = sample(3);
    for total in [0, 1, 14, 29] {
        let mut trial = trial(&sample, &mut rng);
        let wire = trial.wires("total")[total];
        trial.set(wire, trial.values[wire] + Fr::ONE);
        trial.settle();
        assert!(trial.broken().contains("total"), "total {total}: {:?}", trial.broken());
    }
}

#[test]
fn a_twelfth_bound_is_none_of_a_direct_verdicts() {
    let (sample, mut rng) = sample(4);
    let bound = Bound::new(&[Term { total: 0, weight: 1 }], None, None).unwrap();
    for (bounds, can) in [(vec![bound; BOUNDS - 1], true), (vec![bound; BOUNDS], false)] {
        let bounds = Bounds::new(&bounds).unwrap();
        assert_eq!(direct::can_judge(&bounds), can);
        let witness = direct_witness(&sample, &bounds, Fr::rand(&mut rng));
        let (values, statement) = direct::assign(&witness);
        assert_eq!(broken(&DIRECT, &values), names([]));
        // Where there are twelve, what is proved is of other bounds than those.
        assert_eq!(statement.bounds == witness.statement().bounds, can);
    }
}
