//! The tally: the proof that committed totals are the totals of a filter set over some blocks of a table.
//!
//! Public inputs: `start` and `end` (chain values), `filters` (digest), `x` and `y` (the commitment to the totals).
//! Witness: rows, block blindings, a skip bit a block, the filters, the commitment's blinding. The same code lays out
//! every size; a document is a run of tallies with chained `start` and `end`. Source: design section 7;
//! `docs/circuits.md` lists every constraint.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use consign_documents::{
    filter::{FilterSet, TOTALS, TOTALS_PER_FILTER, Totals},
    table::{MEASURE_BITS, Row},
};

use crate::{
    builder::{Bit, Builder, Num},
    gadgets::{
        bits::{allocate, decompose, low_bits},
        filter::FilterSetGadget,
        pedersen, poseidon,
        row::RowGadget,
    },
    shape::Shape,
};
use consign_crypto::{
    commitment::{BLOCK_ROWS, chain_step},
    statement::filter_digest,
    totals::{SCALAR_BITS, TotalsBlinding, TotalsCommitment},
};

/// The two sizes of a tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TallySize {
    /// Four blocks, 40 rows, a domain of 2^15.
    Short,
    /// Nine blocks, 90 rows, a domain of 2^16.
    Long,
}

impl TallySize {
    /// Both sizes.
    pub const ALL: [TallySize; 2] = [TallySize::Short, TallySize::Long];

    /// Blocks of ten rows.
    pub fn blocks(self) -> usize {
        match self {
            TallySize::Short => 4,
            TallySize::Long => 9,
        }
    }

    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            TallySize::Short => "tally-40",
            TallySize::Long => "tally-90",
        }
    }

    /// The size with this name.
    pub fn from_name(name: &str) -> Option<TallySize> {
        TallySize::ALL.into_iter().find(|size| size.name() == name)
    }
}

/// One block of a tally. Secret.
#[derive(Clone)]
pub enum Block {
    /// Ten rows and their blinding.
    Rows {
        /// Blinding of the block.
        blinding: Fr,
        /// The rows.
        rows: Box<[Row; BLOCK_ROWS]>,
    },
    /// Leaves the chain as it is and counts nothing.
    Skipped,
}

/// What a tally's witness is made from.
pub struct TallyWitness<'a> {
    /// Chain value before the first block.
    pub start: Fr,
    /// As many blocks as the size has.
    pub blocks: &'a [Block],
    /// The filter set.
    pub filters: &'a FilterSet,
    /// Blinding of the commitment to the totals.
    pub blinding: &'a TotalsBlinding,
}

/// The public inputs of a tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TallyStatement {
    /// Chain value before the first block.
    pub start: Fr,
    /// Chain value after the last block.
    pub end: Fr,
    /// Digest of the filter set.
    pub filters: Fr,
    /// Commitment to the totals.
    pub totals: TotalsCommitment,
}

impl TallyStatement {
    /// Public inputs of a tally.
    pub const INPUTS: [&'static str; 5] = ["start", "end", "filters", "x", "y"];

    /// The inputs in order.
    pub fn inputs(&self) -> [Fr; 5] {
        let (x, y) = self.totals.coordinates();
        [self.start, self.end, self.filters, x, y]
    }
}

impl TallyWitness<'_> {
    /// The totals of the rows that are not skipped.
    pub fn totals(&self) -> Totals {
        totals(self.blocks, self.filters)
    }

    /// The statement that this witness proves.
    pub fn statement(&self) -> TallyStatement {
        let end = end(self.start, self.blocks);
        let totals = TotalsCommitment::commit(&self.totals(), self.blinding);
        TallyStatement { start: self.start, end, filters: filter_digest(self.filters), totals }
    }
}

/// The totals of the rows of blocks that are not skipped.
pub(crate) fn totals(blocks: &[Block], filters: &FilterSet) -> Totals {
    let rows = blocks.iter().filter_map(|block| match block {
        Block::Rows { rows, .. } => Some(rows.iter()),
        Block::Skipped => None,
    });
    filters.totals(rows.flatten())
}

/// The chain value after blocks.
pub(crate) fn end(start: Fr, blocks: &[Block]) -> Fr {
    blocks.iter().fold(start, |before, block| match block {
        Block::Rows { blinding, rows } => chain_step(before, *blinding, rows),
        Block::Skipped => before,
    })
}

/// Lays out the circuit of one size.
pub fn shape(size: TallySize) -> Option<Shape> {
    let blocks = vec![Block::Skipped; size.blocks()];
    let blinding = TotalsBlinding::zero();
    let filters = FilterSet::null();
    let mut b = Builder::recording();
    synthesize(&mut b, &TallyWitness { start: Fr::ZERO, blocks: &blocks, filters: &filters, blinding: &blinding });
    b.into_shape()
}

/// The assignment for a witness, and the statement that it proves.
pub fn assign(witness: &TallyWitness<'_>) -> (Vec<Fr>, TallyStatement) {
    let mut b = Builder::proving();
    let statement = synthesize(&mut b, witness);
    (b.into_assignment(), statement)
}

fn synthesize(b: &mut Builder, witness: &TallyWitness<'_>) -> TallyStatement {
    // All but the start are computed below and not twice: they enter no other value than their own.
    let totals = TotalsCommitment::sum([]);
    let mut statement = TallyStatement { start: witness.start, end: Fr::ZERO, filters: Fr::ZERO, totals };
    let [start, end, filters, x, y] = b.publics(TallyStatement::INPUTS, statement.inputs());

    let (set, digest) = b.scoped(|| "filters".into(), |b| FilterSetGadget::new(b, witness.filters));
    b.enforce_equal("filters", &digest, &filters);

    let (chain, mut totals) = synthesize_blocks(b, witness.blocks, start, &set);
    b.enforce_equal("end", &chain, &end);

    // A total has the bits of a measure and those of the number of rows; a count the latter.
    let rows = witness.blocks.len() * BLOCK_ROWS;
    let count_bits = (rows.ilog2() + 1) as usize;
    let totals: [Vec<Bit>; TOTALS] = std::array::from_fn(|i| {
        let width = if i % TOTALS_PER_FILTER == 0 { count_bits } else { MEASURE_BITS as usize + count_bits };
        let total = std::mem::replace(&mut totals[i], Num::zero()).merged();
        b.scoped(|| format!("total {i}"), |b| decompose(b, "total", &total, width))
    });
    let blinding = blinding_bits(b, witness.blinding);
    let totals = b.scoped(|| "commitment".into(), |b| pedersen::commit(b, &totals, &blinding, &x, &y));
    statement = TallyStatement { end: chain.value(), filters: digest.value(), totals, ..statement };
    b.set_publics(&statement.inputs());
    statement
}

/// The blinding's 251 bits: whatever they say, the commitment is to the same totals. 251 constraints.
pub(crate) fn blinding_bits(b: &mut Builder, blinding: &TotalsBlinding) -> Vec<Bit> {
    let values = low_bits(&blinding.bits(), SCALAR_BITS);
    values.into_iter().map(|value| b.bit("blinding", value)).collect()
}

/// Runs blocks through a filter set: the chain value after the last, and the totals of the rows.
pub(crate) fn synthesize_blocks(
    b: &mut Builder,
    blocks: &[Block],
    start: Num,
    set: &FilterSetGadget,
) -> (Num, [Num; TOTALS]) {
    let mut totals: [Num; TOTALS] = std::array::from_fn(|_| Num::zero());
    let mut chain = start;
    for (i, block) in blocks.iter().enumerate() {
        chain = b.scoped(|| format!("block {i}"), |b| synthesize_block(b, block, &chain, set, &mut totals));
    }
    (chain, totals)
}

fn synthesize_block(
    b: &mut Builder,
    block: &Block,
    before: &Num,
    set: &FilterSetGadget,
    totals: &mut [Num; TOTALS],
) -> Num {
    const NO_ROWS: [Row; BLOCK_ROWS] = [Row::EMPTY; BLOCK_ROWS];
    let (rows, blinding, skipped) = match block {
        Block::Rows { blinding, rows } => (&**rows, *blinding, false),
        Block::Skipped => (&NO_ROWS, Fr::ZERO, true),
    };
    let skip = b.bit("skip", skipped);
    let blinding = b.witness("blinding", blinding);
    let mut inputs: [Num; 12] = std::array::from_fn(|_| Num::zero());
    inputs[0] = before.clone();
    inputs[1] = blinding;
    let mut kinds = Num::zero();
    for (i, row) in rows.iter().enumerate() {
        b.scoped(
            || format!("row {i}"),
            |b| {
                let row = RowGadget::new(b, row);
                set.count(b, &row, totals);
                row.kind.iter().for_each(|bit| kinds.add_scaled(bit.num(), Fr::ONE));
                inputs[i + 2] = row.packed;
            },
        );
    }
    // At most twenty, so the product vanishes only if the block is not skipped or all its rows are empty.
    b.enforce("skipped rows are empty", skip.num(), &kinds, &Num::zero());
    let hashed = b.scoped(|| "hash".into(), |b| poseidon::hash(b, &inputs));
    let after = b.witness("chain", if skipped { before.value() } else { hashed.value() });
    b.enforce("chain", skip.num(), &(before - &hashed), &(&after - &hashed));
    after
}

/// Bits that a value of a witness has, for callers that build one.
pub(crate) fn allocate_number(b: &mut Builder, name: &'static str, value: u128, width: usize) -> (Num, Vec<Bit>) {
    let bits = allocate(b, name, value, width);
    (Num::from_bits(&bits), bits)
}
