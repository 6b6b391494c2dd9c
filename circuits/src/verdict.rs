//! The verdict: the proof that committed totals satisfy a dozen bounds.
//!
//! Public inputs: `x` and `y` (the commitment to the totals), `bounds` (digest), `context`. Witness: the totals, the
//! blinding, the bounds. The commitment may be the sum of those of many tallies. Source: design section 7;
//! `docs/circuits.md` lists every constraint.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use consign_documents::filter::{BOUNDS, Bound, Bounds, TERMS, TOTAL_BITS, TOTALS, Totals, WEIGHT_BITS};

use crate::{
    builder::{Bit, Builder, Num},
    gadgets::{
        bits::decompose,
        filter::Packer,
        pedersen, poseidon,
        select::{OneHot, Paired},
    },
    shape::Shape,
    tally::{allocate_number, blinding_bits},
};
use consign_crypto::{
    field::from_signed,
    labels,
    statement::{BOUNDS_STEP, bounds_digest, power_of_two},
    totals::{TotalsBlinding, TotalsCommitment},
};

/// Width of the two differences of a bound: limits of 2^97 and sums below 2^94 in size leave them below 2^98.
const DIFFERENCE_BITS: usize = 99;
/// Bounds whose terms share a packed element.
const BOUNDS_PER_ELEMENT: usize = 3;

/// What a verdict's witness is made from.
pub struct VerdictWitness<'a> {
    /// The totals.
    pub totals: &'a Totals,
    /// Their commitment's blinding.
    pub blinding: &'a TotalsBlinding,
    /// The bounds.
    pub bounds: &'a Bounds,
    /// The context.
    pub context: Fr,
}

/// The public inputs of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictStatement {
    /// Commitment to the totals.
    pub totals: TotalsCommitment,
    /// Digest of the bounds.
    pub bounds: Fr,
    /// What the verdict answers.
    pub context: Fr,
}

impl VerdictStatement {
    /// Public inputs of a verdict.
    pub const INPUTS: [&'static str; 4] = ["x", "y", "bounds", "context"];

    /// The inputs in order.
    pub fn inputs(&self) -> [Fr; 4] {
        let (x, y) = self.totals.coordinates();
        [x, y, self.bounds, self.context]
    }
}

impl VerdictWitness<'_> {
    /// The statement that this witness proves, if the bounds hold.
    pub fn statement(&self) -> VerdictStatement {
        VerdictStatement {
            totals: TotalsCommitment::commit(self.totals, self.blinding),
            bounds: bounds_digest(self.bounds),
            context: self.context,
        }
    }
}

/// Lays out the circuit.
pub fn shape() -> Option<Shape> {
    let bounds = Bounds([Bound::unused(); BOUNDS]);
    let blinding = TotalsBlinding::zero();
    let mut b = Builder::recording();
    let witness = VerdictWitness { totals: &Totals::ZERO, blinding: &blinding, bounds: &bounds, context: Fr::ZERO };
    synthesize(&mut b, &witness);
    b.into_shape()
}

/// The assignment for a witness, and the statement that it proves if the bounds hold. If they do not, no assignment
/// satisfies the circuit, and neither does this one.
pub fn assign(witness: &VerdictWitness<'_>) -> (Vec<Fr>, VerdictStatement) {
    let mut b = Builder::proving();
    let statement = synthesize(&mut b, witness);
    (b.into_assignment(), statement)
}

fn synthesize(b: &mut Builder, witness: &VerdictWitness<'_>) -> VerdictStatement {
    // Commitment and digest are computed below and not twice: they enter no other value than their own.
    let totals = TotalsCommitment::sum([]);
    let mut statement = VerdictStatement { totals, bounds: Fr::ZERO, context: witness.context };
    let [x, y, bounds, context] = b.publics(VerdictStatement::INPUTS, statement.inputs());

    // The context takes part in no other constraint; this one ties it to the proof in every reduction.
    b.product("context squared", &context, &context);

    let (totals, bits): (Vec<Num>, Vec<Vec<Bit>>) = witness
        .totals
        .0
        .iter()
        .enumerate()
        .map(|(i, &total)| {
            b.scoped(|| format!("total {i}"), |b| allocate_number(b, "total", total, TOTAL_BITS as usize))
        })
        .unzip();
    let bits: [Vec<Bit>; TOTALS] = bits.try_into().unwrap_or_else(|_| unreachable!("thirty totals"));
    let blinding = blinding_bits(b, witness.blinding);
    statement.totals = b.scoped(|| "commitment".into(), |b| pedersen::commit(b, &bits, &blinding, &x, &y));

    let digest = judge(b, totals, witness.bounds, BOUNDS);
    b.enforce_equal("bounds", &digest, &bounds);
    statement.bounds = digest.value();
    b.set_publics(&statement.inputs());
    statement
}

/// That totals satisfy the first `used` bounds; the others must be unused. Gives the digest of them all. Totals are below
/// 2^72: the caller sees to it. 6,237 constraints for twelve.
pub(crate) fn judge(b: &mut Builder, totals: Vec<Num>, bounds: &Bounds, used: usize) -> Num {
    let totals = Paired::new(b, "product of totals", totals);
    let mut elements = Vec::new();
    let mut limits = Vec::new();
    for (i, triple) in bounds.0.chunks_exact(BOUNDS_PER_ELEMENT).enumerate() {
        let mut packer = Packer::default();
        for (j, bound) in triple.iter().enumerate() {
            let number = BOUNDS_PER_ELEMENT * i + j;
            limits.extend(if number < used {
                let inside = |b: &mut Builder| synthesize_bound(b, bound, &totals, &mut packer);
                b.scoped(|| format!("bound {number}"), inside)
            } else {
                unused_bound(b, &mut packer)
            });
        }
        elements.push(packer.into_element());
    }
    elements.extend(limits);

    let mut digest = b.constant(Fr::from(labels::BOUNDS));
    for (i, step) in elements.chunks(BOUNDS_STEP).enumerate() {
        let mut inputs: [Num; BOUNDS_STEP + 1] = std::array::from_fn(|_| Num::zero());
        inputs[0] = digest;
        inputs[1..=step.len()].clone_from_slice(step);
        digest = b.scoped(|| format!("bounds digest {i}"), |b| poseidon::hash(b, &inputs));
    }
    digest
}

/// A bound that holds of any totals, as constants; gives its two limits. No constraints.
fn unused_bound(b: &Builder, packer: &mut Packer) -> [Num; 2] {
    let bound = Bound::unused();
    for _ in bound.terms() {
        packer.put(&Num::zero(), 5);
        packer.put(&b.constant(power_of_two(WEIGHT_BITS)), WEIGHT_BITS + 1);
    }
    [bound.lo(), bound.hi()].map(|limit| b.constant(from_signed(limit)))
}

/// `lo <= sum of weight * total <= hi`; gives the two limits, which are hashed as they are.
fn synthesize_bound(b: &mut Builder, bound: &Bound, totals: &Paired, packer: &mut Packer) -> [Num; 2] {
    let mut sum = Num::zero();
    for (i, term) in bound.terms().iter().enumerate() {
        b.scoped(
            || format!("term {i}"),
            |b| {
                let index = OneHot::new(b, "index", term.total.into(), TOTALS);
                let total = totals.select(b, "selected total", &index);
                let offset = (i128::from(term.weight) + (1 << WEIGHT_BITS)) as u128;
                let (shifted, _) = allocate_number(b, "weight", offset, WEIGHT_BITS as usize + 1);
                packer.put(&index.index(), 5);
                packer.put(&shifted, WEIGHT_BITS + 1);
                let weight = &shifted - &b.constant(power_of_two(WEIGHT_BITS));
                sum = &sum + &b.product("weighted total", &weight, &total);
            },
        );
    }
    debug_assert_eq!(bound.terms().len(), TERMS);
    let lo = b.witness("lo", from_signed(bound.lo()));
    let hi = b.witness("hi", from_signed(bound.hi()));
    decompose(b, "sum less lo", &(&sum - &lo), DIFFERENCE_BITS);
    decompose(b, "hi less sum", &(&hi - &sum), DIFFERENCE_BITS);
    [lo, hi]
}
