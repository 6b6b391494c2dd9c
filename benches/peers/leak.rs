//! How much the time of a proof tells of its witness: an almost empty tally beside a full one, on one thread.

use std::time::Duration;

use consign_circuits::{groth16::Proving, prover::Work};
use rand_arkworks::rngs::OsRng;

use crate::{in_turns, instance::Instance, pool};

/// Medians of interleaved runs: for each kind of work, the full witness and the empty one.
pub fn times(full: &Instance, empty: &Instance, runs: usize) -> [[Duration; 2]; 2] {
    let key = Proving::setup(full.matrices.clone(), &mut OsRng).expect("set-up");
    let (key, one) = (&key, &pool(1));
    let jobs = [(Work::Fast, full), (Work::Fast, empty), (Work::Constant, full), (Work::Constant, empty)].map(
        |(work, instance)| {
            move || {
                one.install(|| key.prove_with(&instance.assignment, work, &mut OsRng)).expect("it proves");
            }
        },
    );
    // The first round computes roots of unity, and does not count.
    jobs.iter().for_each(|job| job());
    let [full_fast, empty_fast, full_constant, empty_constant] = in_turns(runs, &jobs);
    [[full_fast, empty_fast], [full_constant, empty_constant]]
}
