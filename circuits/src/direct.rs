//! The direct verdict: the proof that the totals of a short document satisfy eleven bounds, without a commitment to
//! them.
//!
//! Public inputs: `start` and `end` (chain values), `filters` and `bounds` (digests), `context`. Witness: rows, block
//! blindings, a skip bit a block, the filters, the bounds. It says of one document and one filter set what a tally and
//! its verdict say together, in two thirds of their time. Source: design section 7; `docs/circuits.md` lists every
//! constraint.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use consign_crypto::{
    commitment::BLOCK_ROWS,
    statement::{bounds_digest, filter_digest},
};
use consign_documents::filter::{BOUNDS, Bound, Bounds, FilterSet, Totals};

use crate::{
    builder::Builder,
    gadgets::filter::FilterSetGadget,
    shape::Shape,
    tally::{Block, end, synthesize_blocks, totals},
    verdict::judge,
};

/// Blocks of a direct verdict: 40 rows, a domain of 2^15. As many as a short tally has, so that neither tells more of a
/// document's length than the other.
pub const BLOCKS: usize = 4;
/// The first so many bounds are judged; with all twelve, 40 rows would miss the domain. The last must be unused.
const JUDGED: usize = BOUNDS - 1;
/// Rows of a direct verdict, that of the document among them.
pub const ROWS: usize = BLOCKS * BLOCK_ROWS;
/// Name in files.
pub const NAME: &str = "direct-40";

/// What a direct verdict's witness is made from.
pub struct DirectWitness<'a> {
    /// Chain value before the first block.
    pub start: Fr,
    /// [`BLOCKS`] blocks.
    pub blocks: &'a [Block],
    /// The filter set.
    pub filters: &'a FilterSet,
    /// The bounds, of which a direct verdict can prove what [`can_judge`].
    pub bounds: &'a Bounds,
    /// The context.
    pub context: Fr,
}

/// Whether a direct verdict can be made of these bounds: the twelfth is unused.
pub fn can_judge(bounds: &Bounds) -> bool {
    bounds.0[JUDGED..].iter().all(|bound| *bound == Bound::unused())
}

/// The public inputs of a direct verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectStatement {
    /// Chain value before the first block.
    pub start: Fr,
    /// Chain value after the last block.
    pub end: Fr,
    /// Digest of the filter set.
    pub filters: Fr,
    /// Digest of the bounds.
    pub bounds: Fr,
    /// What the verdict answers.
    pub context: Fr,
}

impl DirectStatement {
    /// Public inputs of a direct verdict.
    pub const INPUTS: [&'static str; 5] = ["start", "end", "filters", "bounds", "context"];

    /// The inputs in order.
    pub fn inputs(&self) -> [Fr; 5] {
        [self.start, self.end, self.filters, self.bounds, self.context]
    }

    /// The statement with these inputs.
    pub fn of_inputs([start, end, filters, bounds, context]: [Fr; 5]) -> DirectStatement {
        DirectStatement { start, end, filters, bounds, context }
    }
}

impl DirectWitness<'_> {
    /// The totals of the rows that are not skipped.
    pub fn totals(&self) -> Totals {
        totals(self.blocks, self.filters)
    }

    /// The statement that this witness proves, if the bounds hold.
    pub fn statement(&self) -> DirectStatement {
        DirectStatement {
            start: self.start,
            end: end(self.start, self.blocks),
            filters: filter_digest(self.filters),
            bounds: bounds_digest(self.bounds),
            context: self.context,
        }
    }
}

/// Lays out the circuit.
pub fn shape() -> Option<Shape> {
    let blocks = vec![Block::Skipped; BLOCKS];
    let (filters, bounds) = (FilterSet::null(), Bounds([Bound::unused(); BOUNDS]));
    let mut b = Builder::recording();
    let (start, context) = (Fr::ZERO, Fr::ZERO);
    synthesize(&mut b, &DirectWitness { start, blocks: &blocks, filters: &filters, bounds: &bounds, context });
    b.into_shape()
}

/// The assignment for a witness, and the statement that it proves if the bounds hold. If they do not, no assignment
/// satisfies the circuit, and neither does this one.
pub fn assign(witness: &DirectWitness<'_>) -> (Vec<Fr>, DirectStatement) {
    let mut b = Builder::proving();
    let statement = synthesize(&mut b, witness);
    (b.into_assignment(), statement)
}

fn synthesize(b: &mut Builder, witness: &DirectWitness<'_>) -> DirectStatement {
    assert_eq!(witness.blocks.len(), BLOCKS, "a direct verdict has four blocks");
    // What is computed below is not computed twice: it enters no other value than its own.
    let mut statement = DirectStatement::of_inputs([witness.start, Fr::ZERO, Fr::ZERO, Fr::ZERO, witness.context]);
    let [start, end, filters, bounds, context] = b.publics(DirectStatement::INPUTS, statement.inputs());

    // The context takes part in no other constraint; this one ties it to the proof in every reduction.
    b.product("context squared", &context, &context);

    let (set, digest) = b.scoped(|| "filters".into(), |b| FilterSetGadget::new(b, witness.filters));
    b.enforce_equal("filters", &digest, &filters);
    statement.filters = digest.value();

    let (chain, totals) = synthesize_blocks(b, witness.blocks, start, &set);
    b.enforce_equal("end", &chain, &end);
    statement.end = chain.value();

    // A wire each, for every bound reads all of them. Forty measures of 47 bits are below 2^53.
    let one = b.one();
    let totals = totals.iter().map(|total| b.product("total", total, &one)).collect();
    let digest = judge(b, totals, witness.bounds, JUDGED);
    b.enforce_equal("bounds", &digest, &bounds);
    statement.bounds = digest.value();
    b.set_publics(&statement.inputs());
    statement
}
