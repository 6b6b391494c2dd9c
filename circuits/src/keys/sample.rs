//! Random witnesses that satisfy the circuits and are nobody's secret, to try keys with.

use ark_bn254::Fr;
use ark_ff::UniformRand;
use consign_crypto::{commitment::BLOCK_ROWS, totals::TotalsBlinding};
use consign_documents::{
    filter::{
        BOUNDS, Bound, Bounds, ClassTest, Filter, FilterKind, FilterSet, Group, TERMS, TOTAL_BITS, TOTALS, Term,
        Threshold, ThresholdUse, Totals,
    },
    table::{Code, MEASURE_BITS, Row, RowKind},
};
use rand_arkworks::{CryptoRng, Rng, RngCore};

use super::Circuit;
use crate::{
    tally::{self, Block, TallyWitness},
    verdict::{self, VerdictWitness},
};

/// How many witnesses a circuit is tried with.
pub(super) const WITNESSES: usize = 2;

/// A random assignment that satisfies the circuit, and its public inputs.
pub(super) fn witness(circuit: Circuit, rng: &mut (impl CryptoRng + RngCore)) -> (Vec<Fr>, Vec<Fr>) {
    let blinding = TotalsBlinding::random(rng);
    match circuit {
        Circuit::Tally(size) => {
            let blocks: Vec<Block> = (0..size.blocks()).map(|_| block(rng)).collect();
            let filters = filters(rng);
            let witness =
                TallyWitness { start: Fr::rand(rng), blocks: &blocks, filters: &filters, blinding: &blinding };
            let (assignment, statement) = tally::assign(&witness);
            (assignment, statement.inputs().to_vec())
        }
        Circuit::Verdict => {
            let totals = Totals(std::array::from_fn(|_| rng.r#gen::<u128>() >> (128 - TOTAL_BITS)));
            let bounds = Bounds([Bound::unused(); BOUNDS].map(|unused| bound(&totals, rng).unwrap_or(unused)));
            let context = Fr::rand(rng);
            let witness = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &bounds, context };
            let (assignment, statement) = verdict::assign(&witness);
            (assignment, statement.inputs().to_vec())
        }
    }
}

fn block(rng: &mut impl RngCore) -> Block {
    if rng.gen_ratio(1, 8) {
        return Block::Skipped;
    }
    let rows = std::array::from_fn::<Row, BLOCK_ROWS, _>(|_| {
        let kind = [RowKind::Empty, RowKind::Goods, RowKind::Document][rng.gen_range(0..3)];
        let measures = [(); 4].map(|()| rng.r#gen::<u64>() >> (64 - MEASURE_BITS));
        let hs = [(); 3].map(|()| rng.gen_range(0..100));
        Row::new(kind, measures, rng.gen_range(0..1024), [rng.r#gen(), rng.r#gen()], hs).unwrap_or(Row::EMPTY)
    });
    Block::Rows { blinding: Fr::rand(rng), rows: Box::new(rows) }
}

fn filters(rng: &mut impl RngCore) -> FilterSet {
    let mut set = FilterSet::null();
    for test in &mut set.tests {
        let mut codes: Vec<u32> = (0..12).map(|_| rng.gen_range(0..100)).collect();
        codes.sort_unstable();
        codes.dedup();
        *test = ClassTest::new(Code::ALL[rng.gen_range(0..6)], codes).unwrap_or_else(ClassTest::unused);
    }
    for threshold in &mut set.thresholds {
        let bound = rng.r#gen::<u64>() >> (64 - MEASURE_BITS);
        *threshold = Threshold::new(rng.gen_range(0..4), bound).unwrap_or_else(Threshold::unused);
    }
    let group =
        |rng: &mut dyn RngCore| Group { tests: [(); 4].map(|()| rng.gen_bool(0.5)), negated: rng.gen_bool(0.5) };
    set.filters = [(); 6].map(|()| Filter::Rows {
        kind: if rng.gen_bool(0.7) { FilterKind::Goods } else { FilterKind::Document },
        a: group(rng),
        b: group(rng),
        threshold: [ThresholdUse::Any, ThresholdUse::Holds(0), ThresholdUse::Fails(1)][rng.gen_range(0..3)],
    });
    set
}

fn bound(totals: &Totals, rng: &mut impl RngCore) -> Option<Bound> {
    let terms = [(); TERMS]
        .map(|()| Term { total: rng.gen_range(0..TOTALS as u8), weight: rng.gen_range(-(1 << 20) + 1..1 << 20) });
    let figure = Bound::new(&terms, None, None)?.figure(totals);
    Bound::new(&terms, Some(figure - rng.gen_range(0..1 << 40)), Some(figure + rng.gen_range(0..1 << 40)))
}
