//! The circuits against evaluation in the clear, on the matrices.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::UniformRand;
use consign_circuits::{
    shape::Shape,
    tally::{self, Block, TallySize, TallyWitness},
    verdict::{self, VerdictWitness},
};
use consign_crypto::{commitment::BLOCK_ROWS, totals::TotalsBlinding};
use consign_documents::{
    filter::*,
    table::{Code, Row, RowKind},
};
use rand_arkworks::{Rng, SeedableRng, rngs::StdRng};

static TALLY: LazyLock<Shape> = LazyLock::new(|| tally::shape(TallySize::Short).unwrap());
static VERDICT: LazyLock<Shape> = LazyLock::new(|| verdict::shape().unwrap());

#[test]
fn a_random_tally_and_verdict_satisfy_their_circuits() {
    let mut rng = StdRng::seed_from_u64(1);
    let row = |rng: &mut StdRng| {
        let kind = [RowKind::Empty, RowKind::Goods, RowKind::Document][rng.gen_range(0..3)];
        Row::new(kind, [rng.gen_range(0..1 << 47), 0, (1 << 47) - 1, 5], rng.gen_range(0..1024), [3, 65535], [99, 0, 7])
            .unwrap()
    };
    let blocks: Vec<Block> = (0..4)
        .map(|i| match i {
            2 => Block::Skipped,
            _ => {
                let rows: [Row; BLOCK_ROWS] = std::array::from_fn(|_| row(&mut rng));
                Block::Rows { blinding: Fr::rand(&mut rng), rows: Box::new(rows) }
            }
        })
        .collect();
    let mut filters = FilterSet::null();
    filters.tests[1] = ClassTest::new(Code::Origin, vec![1, 5, 77]).unwrap();
    filters.filters[0] = Filter::all(FilterKind::Goods);
    filters.filters[1] = Filter::Rows {
        kind: FilterKind::Goods,
        a: Group { tests: [false, true, false, false], negated: true },
        b: Group::TRUE,
        threshold: ThresholdUse::Any,
    };
    let blinding = TotalsBlinding::random(&mut rng);
    let witness = TallyWitness { start: Fr::rand(&mut rng), blocks: &blocks, filters: &filters, blinding: &blinding };
    let start = std::time::Instant::now();
    let (assignment, statement) = tally::assign(&witness);
    println!("witness {:?}", start.elapsed());
    assert_eq!(statement, witness.statement());
    let broken = TALLY.matrices().first_broken(&assignment).map(|i| TALLY.constraints()[i].to_string());
    assert_eq!(broken, None);

    let totals = witness.totals();
    let bound = Bound::new(&[Term { total: 1, weight: 3 }, Term { total: 0, weight: -7 }], Some(0), None).unwrap();
    let bounds = Bounds::new(&[bound]).unwrap();
    assert!(bounds.hold(&totals));
    let verdict = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &bounds, context: Fr::rand(&mut rng) };
    let (assignment, _) = verdict::assign(&verdict);
    let broken = VERDICT.matrices().first_broken(&assignment).map(|i| VERDICT.constraints()[i].to_string());
    assert_eq!(broken, None);
}
