//! What is proved: the tally of a document and its verdict, as matrices and assignments.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::{One, UniformRand, Zero};
use consign_circuits::{
    keys::Circuit,
    shape::Matrices,
    tally::{self, Block, TallySize, TallyWitness},
    verdict::{self, VerdictWitness},
};
use consign_crypto::{
    commitment::{blocks, chain_start},
    totals::TotalsBlinding,
};
use consign_documents::{
    compile::{VerdictPlan, compile},
    document::Document,
    import::{ImportOptions, import},
    policy::{Policy, ResolvedPolicy},
    profile::Kind,
};
use rand_arkworks::rngs::OsRng;
use rayon::join;

use crate::documents;

/// Claims of one filter set and one verdict.
pub const CLAIMS: [&str; 4] = [
    "total gross_mass <= 900000 kg",
    "total value where origin in VN, TH >= 1 USD",
    "no hs in 3601, 3602, 9301",
    "each gross_mass <= 1000 kg",
];

/// A circuit with a witness that satisfies it.
pub struct Instance {
    /// The circuit's name.
    pub name: &'static str,
    /// Its matrices.
    pub matrices: Matrices,
    /// One, the public inputs, the witness.
    pub assignment: Vec<Fr>,
}

impl Instance {
    /// Its size in words.
    pub fn words(&self) -> String {
        let share = self.assignment.iter().filter(|x| x.is_zero() || x.is_one()).count() * 100 / self.assignment.len();
        let (constraints, wires) = (self.matrices.constraints(), self.matrices.wires);
        format!("{}: {constraints} constraints, {wires} wires, {share} % of them 0 or 1", self.name)
    }

    /// The public inputs.
    pub fn inputs(&self) -> &[Fr] {
        &self.assignment[1..=self.matrices.publics]
    }
}

/// A manifest with so many rows.
pub fn document(rows: usize) -> Document {
    let text = documents::manifest(rows);
    import(text.as_bytes(), "m.json", &ImportOptions::default()).expect("the document is well-formed").document
}

/// The claims as a policy.
pub fn policy() -> ResolvedPolicy {
    let policy = Policy::from_claims(&CLAIMS, &[Kind::CargoManifest]).expect("they are claims");
    policy.resolve(&BTreeMap::new()).expect("no parameters")
}

/// A document ready to be proved.
pub struct Case {
    start: Fr,
    blocks: Vec<Block>,
    verdict: VerdictPlan,
    blinding: TotalsBlinding,
}

impl Case {
    /// A manifest of at most 90 rows.
    pub fn new(rows: usize) -> Case {
        let document = document(rows);
        let rows = |rows| Block::Rows { blinding: Fr::rand(&mut OsRng), rows: Box::new(rows) };
        let mut verdicts = compile(&policy()).expect("the claims compile").verdicts;
        assert!(verdicts.len() == 1 && verdicts[0].chains.len() == 1, "one verdict on one tally");
        let mut blocks: Vec<Block> = blocks(&document.table()).map(rows).collect();
        blocks.resize(TallySize::Long.blocks(), Block::Skipped);
        Case {
            start: chain_start(document.profile()),
            blocks,
            verdict: verdicts.remove(0),
            blinding: TotalsBlinding::random(&mut OsRng),
        }
    }

    /// The assignments of the tally and of its verdict, side by side as where they are proved.
    pub fn assign(&self) -> [Vec<Fr>; 2] {
        let (_, filters) = &self.verdict.chains[0];
        let witness = TallyWitness { start: self.start, blocks: &self.blocks, filters, blinding: &self.blinding };
        let totals = witness.totals();
        let (bounds, blinding) = (&self.verdict.bounds, &self.blinding);
        let context = Fr::rand(&mut OsRng);
        let judged = VerdictWitness { totals: &totals, blinding, bounds, context };
        let ((tally, _), (verdict, _)) = join(|| tally::assign(&witness), || verdict::assign(&judged));
        [tally, verdict]
    }
}

/// A long tally and its verdict.
pub fn tally_and_verdict(case: &Case) -> [Instance; 2] {
    let [tally, verdict] = case.assign();
    let instance =
        |circuit: Circuit, assignment| Instance { name: circuit.name(), matrices: circuit.matrices(), assignment };
    [instance(Circuit::Tally(TallySize::Long), tally), instance(Circuit::Verdict, verdict)]
}
