//! Random tables and policies: evaluation in the clear, the compiler and the circuits say the same.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::UniformRand;
use consign_circuits::{
    direct::{self, DirectWitness},
    prove::segments,
    tally::{self, Block, TallySize, TallyWitness},
    verdict::{self, VerdictWitness},
};
use consign_crypto::{
    commitment::{Blindings, blocks, commit},
    statement::bounds_digest,
    totals::{TotalsBlinding, TotalsCommitment},
};
use consign_documents::{
    compile::{Compiled, compile},
    evaluate::evaluate,
    facts::Facts,
    filter::{FilterSet, Totals},
    policy::ResolvedPolicy,
    table::Table,
    testing::{Case, case, pack_cases},
};
use rand_arkworks::{SeedableRng, rngs::StdRng};
use rayon::prelude::*;

use super::{DIRECT, VERDICT, tally_shape};

/// Pairs of tables and a policy.
const PAIRS: usize = 2_000;
/// Most tallies of a pair; a few have more.
const TALLIES: usize = 6;

/// What a pair was made of.
#[derive(Default)]
struct Seen {
    holds: usize,
    bounds_missed: usize,
    needs_missed: usize,
    tallies: [usize; 2],
    verdicts: usize,
    direct: usize,
    several_documents: usize,
    several_sets: usize,
}

impl Seen {
    fn add(mut self, other: Seen) -> Seen {
        self.holds += other.holds;
        self.bounds_missed += other.bounds_missed;
        self.needs_missed += other.needs_missed;
        self.tallies = [0, 1].map(|i| self.tallies[i] + other.tallies[i]);
        self.verdicts += other.verdicts;
        self.direct += other.direct;
        self.several_documents += other.several_documents;
        self.several_sets += other.several_sets;
        self
    }
}

fn draw(seed: u64) -> Option<(u64, Case, Compiled)> {
    let lines = match seed % 25 {
        0 => 110,
        1..=3 => 55,
        _ => 14,
    };
    let case = case(seed, lines, 1 + usize::from(seed.is_multiple_of(4)));
    let compiled = compile(&case.policy).ok()?;
    let documents = case.documents();
    let chains = compiled.verdicts.iter().flat_map(|verdict| &verdict.chains);
    let tables = chains.flat_map(|(role, _)| documents.get(role).into_iter().flatten());
    let tallies: usize = tables.map(|(table, _)| segments(blocks(table).count()).len()).sum();
    (tallies <= TALLIES || seed.is_multiple_of(97)).then_some((seed, case, compiled))
}

#[test]
fn a_policy_holds_exactly_when_its_circuits_are_satisfied() {
    let cases: Vec<_> = (0..4_000).into_par_iter().filter_map(draw).collect();
    assert!(cases.len() >= PAIRS, "only {} cases", cases.len());
    let seen = cases[..PAIRS]
        .par_iter()
        .map(|(seed, case, compiled)| check(*seed, case, compiled))
        .reduce(Seen::default, Seen::add);
    println!(
        "{} hold, {} miss a bound, {} a disclosure; {:?} tallies, {} verdicts, {} of them direct too, {} over several documents, {} filter sets",
        seen.holds,
        seen.bounds_missed,
        seen.needs_missed,
        seen.tallies,
        seen.verdicts,
        seen.direct,
        seen.several_documents,
        seen.several_sets
    );
    // Neither answer is rare, and each part occurs.
    assert!(seen.holds > PAIRS / 5 && seen.bounds_missed > PAIRS / 20 && seen.needs_missed > PAIRS / 50);
    assert!(seen.direct > 100, "{} direct verdicts", seen.direct);
    assert!(seen.tallies.iter().all(|&n| n > 50) && seen.several_documents > 200 && seen.several_sets > 200);
}

/// The rules that come with the program: satisfied and missed by the smallest unit, on the matrices.
#[test]
fn each_policy_of_the_pack_is_satisfied_and_refused() {
    pack_cases().par_iter().for_each(|case| {
        let compiled = compile(&case.satisfied.policy).unwrap();
        let satisfied = check(0, &case.satisfied, &compiled);
        assert_eq!((satisfied.holds, satisfied.bounds_missed), (1, 0), "{}", case.name);
        let missed = check(1, &case.missed, &compiled);
        assert_eq!((missed.holds, missed.bounds_missed, missed.needs_missed), (0, 1, 0), "{}", case.name);
    });
}

fn check(seed: u64, case: &Case, compiled: &Compiled) -> Seen {
    let documents = case.documents();
    let policy: &ResolvedPolicy = &case.policy;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut seen = Seen::default();

    let truth = evaluate(policy, &documents).iter().all(|outcome| outcome.holds);
    let facts: BTreeMap<String, Vec<&Facts>> =
        documents.iter().map(|(role, list)| (role.clone(), list.iter().map(|(_, facts)| *facts).collect())).collect();
    let needs = compiled.needs_met(&facts).is_ok();

    let mut satisfied = true;
    for plan in &compiled.verdicts {
        let mut sum = Totals::ZERO;
        let mut blindings = Vec::new();
        let mut commitments = Vec::new();
        let mut runs = Vec::new();
        for (role, filters) in &plan.chains {
            let profile = policy.roles()[role].profile;
            let tables = documents.get(role).map_or(&[][..], Vec::as_slice);
            seen.several_documents += usize::from(tables.len() > 1);
            for (table, _) in tables {
                let secret = Blindings::random(table.rows().len(), &mut rng);
                let chain = commit(profile, table, &secret).unwrap();
                let (totals, end) = chained(
                    table,
                    &secret,
                    chain.values(),
                    filters,
                    &mut Parts {
                        rng: &mut rng,
                        blindings: &mut blindings,
                        commitments: &mut commitments,
                        tallies: &mut seen.tallies,
                    },
                );
                assert_eq!(end, chain.commitment().element(), "seed {seed}");
                assert_eq!(totals, filters.totals(table.rows()), "seed {seed}");
                sum = sum.checked_add(&totals).unwrap();
                runs.push((*table, secret, chain, filters));
            }
        }
        seen.several_sets += usize::from(plan.chains.len() > 1);
        assert_eq!(Some(sum), plan.totals(&documents), "seed {seed}");

        // The verdict on the summed totals under the summed blindings, whose commitment is the sum.
        let blinding = TotalsBlinding::sum(&blindings);
        let context = Fr::rand(&mut rng);
        let witness = VerdictWitness { totals: &sum, blinding: &blinding, bounds: &plan.bounds, context };
        let (values, statement) = verdict::assign(&witness);
        assert_eq!(statement.totals, TotalsCommitment::sum(&commitments), "seed {seed}");
        assert_eq!((statement.bounds, statement.context), (bounds_digest(&plan.bounds), context));
        assert_eq!(values[1..5], statement.inputs());
        let broken = VERDICT.matrices().first_broken(&values).map(|row| VERDICT.constraints()[row].to_string());
        assert_eq!(broken.is_none(), plan.bounds.hold(&sum), "seed {seed}: {broken:?}");
        if let Some(name) = &broken {
            assert!(name.ends_with(" sum less lo") || name.ends_with(" hi less sum"), "seed {seed}: {name}");
        }
        satisfied &= broken.is_none();
        seen.verdicts += 1;

        // Where a direct verdict can say it, it says the same.
        if let [(table, secret, chain, filters)] = &runs[..]
            && chain.values().len() <= direct::BLOCKS + 1
            && direct::can_judge(&plan.bounds)
        {
            let mut blocks = blocks_of(table, secret);
            blocks.resize(direct::BLOCKS, Block::Skipped);
            let start = chain.values()[0];
            let witness = DirectWitness { start, blocks: &blocks, filters, bounds: &plan.bounds, context };
            let (values, statement) = direct::assign(&witness);
            assert_eq!(statement, witness.statement());
            assert_eq!(values[1..6], statement.inputs());
            assert_eq!((statement.end, witness.totals()), (chain.commitment().element(), sum));
            let found = DIRECT.matrices().first_broken(&values).map(|row| DIRECT.constraints()[row].to_string());
            assert_eq!(found, broken, "seed {seed}");
            seen.direct += 1;
        }
    }
    assert_eq!(truth, needs && satisfied, "seed {seed}: needs {needs}, satisfied {satisfied}");
    seen.holds += usize::from(truth);
    seen.bounds_missed += usize::from(!satisfied);
    seen.needs_missed += usize::from(!needs);
    seen
}

/// What the tallies of a chain add to.
struct Parts<'a> {
    rng: &'a mut StdRng,
    blindings: &'a mut Vec<TotalsBlinding>,
    commitments: &'a mut Vec<TotalsCommitment>,
    tallies: &'a mut [usize; 2],
}

fn blocks_of(table: &Table, secret: &Blindings) -> Vec<Block> {
    let block = |(rows, &blinding)| Block::Rows { blinding, rows: Box::new(rows) };
    blocks(table).zip(secret.elements()).map(block).collect()
}

/// Runs a table through a filter set in the planner's segments; each satisfies its circuit. Gives the totals and the
/// last chain value.
fn chained(
    table: &Table,
    secret: &Blindings,
    chain: &[Fr],
    filters: &FilterSet,
    parts: &mut Parts<'_>,
) -> (Totals, Fr) {
    let mut rest = blocks_of(table, secret).into_iter().peekable();
    let (mut at, mut done, mut sum) = (chain[0], 0, Totals::ZERO);
    for size in segments(chain.len() - 1) {
        let mut cut: Vec<Block> = rest.by_ref().take(size.blocks()).collect();
        done += cut.len();
        cut.resize(size.blocks(), Block::Skipped);
        let blinding = TotalsBlinding::random(parts.rng);
        let witness = TallyWitness { start: at, blocks: &cut, filters, blinding: &blinding };
        let (values, statement) = tally::assign(&witness);
        assert_eq!(values[1..6], statement.inputs());
        assert_eq!((statement.start, statement.end), (at, chain[done]));
        let shape = tally_shape(size);
        let broken = shape.matrices().first_broken(&values).map(|row| shape.constraints()[row].to_string());
        assert_eq!(broken, None);
        at = statement.end;
        sum = sum.checked_add(&witness.totals()).unwrap();
        parts.blindings.push(blinding);
        parts.commitments.push(statement.totals);
        parts.tallies[usize::from(size == TallySize::Long)] += 1;
    }
    assert!(rest.peek().is_none());
    (sum, at)
}
