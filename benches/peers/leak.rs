//! How much the time of a proof tells of its witness: an almost empty tally beside a full one, on one thread.

use std::time::{Duration, Instant};

use consign_circuits::{groth16::Proving, prover::Work};
use rand_arkworks::rngs::OsRng;

use crate::{instance::Instance, middle, pool};

/// Medians of interleaved runs: for each kind of work, the full witness and the empty one.
pub fn times(full: &Instance, empty: &Instance, runs: usize) -> [[Duration; 2]; 2] {
    let key = Proving::setup(full.matrices.clone(), &mut OsRng).expect("set-up");
    let one = pool(1);
    let mut times = [const { [const { Vec::new() }; 2] }; 2];
    // The first round computes roots of unity, and does not count.
    for run in 0..=runs {
        for (work, times) in [Work::Fast, Work::Constant].into_iter().zip(&mut times) {
            for (instance, times) in [full, empty].into_iter().zip(times) {
                let started = Instant::now();
                one.install(|| key.prove_with(&instance.assignment, work, &mut OsRng)).expect("it proves");
                if run > 0 {
                    times.push(started.elapsed());
                }
            }
        }
    }
    times.map(|times| times.map(middle))
}
