//! The tally as a whole: what its public inputs must be, and that a block is skipped only if it counts nothing.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use consign_circuits::tally::{self, Block, TallySize};
use consign_crypto::totals::TotalsCommitment;
use consign_documents::table::Row;
use rand_arkworks::{SeedableRng, rngs::StdRng};

use super::{
    SHORT, tally_shape,
    trial::{Sample, Trial, broken, names},
};

const START: usize = 1;
const END: usize = 2;
const FILTERS: usize = 3;
const X: usize = 4;
const Y: usize = 5;

fn trial(sample: &Sample) -> Trial<'static> {
    let (values, statement) = tally::assign(&sample.witness());
    assert_eq!(statement, sample.witness().statement());
    assert_eq!(values[1..6], statement.inputs());
    Trial::new(&SHORT, values)
}

#[test]
fn random_tallies_of_both_sizes_are_satisfied() {
    let mut rng = StdRng::seed_from_u64(1);
    for size in TallySize::ALL {
        for _ in 0..6 {
            let sample = Sample::new(size, &mut rng);
            let (values, statement) = tally::assign(&sample.witness());
            assert_eq!(statement, sample.witness().statement());
            assert_eq!(broken(tally_shape(size), &values), names([]));
        }
    }
}

#[test]
fn each_public_input_is_what_the_witness_makes_it() {
    let mut rng = StdRng::seed_from_u64(2);
    let sample = Sample::new(TallySize::Short, &mut rng);
    let honest = trial(&sample);
    let other = |changes: &[(usize, Fr)]| {
        let mut trial = Trial::new(&SHORT, honest.values.clone());
        changes.iter().for_each(|&(input, value)| trial.values[input] = value);
        trial.broken()
    };
    let values = &honest.values;
    let start = other(&[(START, Fr::rand(&mut rng))]);
    assert!(!start.is_empty() && start.iter().all(|name| name.starts_with("block 0 ")), "{start:?}");
    // A wrong chain value, another filter set's digest.
    assert_eq!(other(&[(END, values[END] + Fr::ONE)]), names(["end"]));
    assert_eq!(other(&[(FILTERS, values[FILTERS] + Fr::ONE)]), names(["filters"]));
    let (x, y) = ("commitment x of the commitment", "commitment y of the commitment");
    assert_eq!(other(&[(X, values[X] + Fr::ONE)]), names([x]));
    assert_eq!(other(&[(Y, values[Y] + Fr::ONE)]), names([y]));
    // A commitment to totals of which one is off by one.
    for total in [0, 1, 14, 29] {
        let mut wrong = sample.witness().totals();
        wrong.0[total] += 1;
        let (wx, wy) = TotalsCommitment::commit(&wrong, &sample.blinding).coordinates();
        assert_eq!(other(&[(X, wx), (Y, wy)]), names([x, y]), "total {total}");
    }
    // Another blinding's.
    let blinding = consign_crypto::totals::TotalsBlinding::random(&mut rng);
    let (wx, wy) = TotalsCommitment::commit(&sample.witness().totals(), &blinding).coordinates();
    assert_eq!(other(&[(X, wx), (Y, wy)]), names([x, y]));
}

#[test]
fn totals_and_blinding_are_bits() {
    let sample = Sample::new(TallySize::Short, &mut StdRng::seed_from_u64(3));
    let honest = trial(&sample);
    for (wires, constraint) in
        [("total 0 total", "total 0 total"), ("total 6 total", "total 6 total"), ("blinding", "blinding")]
    {
        for wire in honest.wires(wires).into_iter().step_by(7) {
            let mut trial = Trial::new(&SHORT, honest.values.clone());
            trial.set(wire, Fr::from(2u64));
            trial.settle();
            assert!(trial.broken().contains(constraint), "{constraint}");
        }
    }
    // A total's bits that are another number's.
    for wire in honest.wires("total 6 total").into_iter().step_by(5) {
        let mut trial = Trial::new(&SHORT, honest.values.clone());
        trial.set(wire, Fr::ONE - honest.values[wire]);
        trial.settle();
        assert!(trial.broken().contains("total 6 total"));
    }
}

#[test]
fn a_block_is_skipped_only_if_its_rows_are_empty() {
    let mut rng = StdRng::seed_from_u64(4);
    let skip_last = |sample: &Sample| {
        let mut trial = trial(sample);
        let (skip, chain, before) =
            (trial.wire("block 3 skip"), trial.wire("block 3 chain"), trial.wire("block 2 chain"));
        let before = trial.values[before];
        trial.set(skip, Fr::ONE);
        trial.set(chain, before);
        trial.set(END, before);
        trial.settle();
        trial.broken()
    };
    // Rows that count but are not hashed.
    let mut sample = Sample::new(TallySize::Short, &mut rng);
    assert_eq!(skip_last(&sample), names(["block 3 skipped rows are empty"]));
    // One row is enough, of either kind.
    for kind in [consign_documents::table::RowKind::Goods, consign_documents::table::RowKind::Document] {
        let mut rows = [Row::EMPTY; 10];
        rows[9] = Row::new(kind, [0; 4], 0, [0; 2], [0; 3]).unwrap();
        sample.blocks[3] = Block::Rows { blinding: Fr::rand(&mut rng), rows: Box::new(rows) };
        assert_eq!(skip_last(&sample), names(["block 3 skipped rows are empty"]));
    }
    // Empty rows count nothing, whether they are hashed or not.
    sample.blocks[3] = Block::Rows { blinding: Fr::rand(&mut rng), rows: Box::new([Row::EMPTY; 10]) };
    assert_eq!(skip_last(&sample), names([]));

    // A skip that is neither, and a skipped block that moves the chain.
    let mut trial = trial(&sample);
    let skip = trial.wire("block 2 skip");
    trial.set(skip, Fr::ZERO);
    assert_eq!(trial.broken(), names(["block 2 chain"]));
    trial.set(skip, Fr::from(2u64));
    assert!(trial.broken().contains("block 2 skip"));
}

#[test]
fn a_tally_of_skipped_blocks_ends_where_it_starts() {
    let mut sample = Sample::new(TallySize::Short, &mut StdRng::seed_from_u64(5));
    sample.blocks.fill(Block::Skipped);
    let statement = sample.witness().statement();
    assert_eq!((statement.start, sample.witness().totals().0), (statement.end, [0; 30]));
    assert_eq!(trial(&sample).broken(), names([]));
}
