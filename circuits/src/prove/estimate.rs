//! How many proofs an answer takes, and how long they will.

use std::collections::BTreeMap;

use consign_crypto::commitment::BLOCK_ROWS;
use consign_documents::compile::Compiled;

use super::{is_direct, segments};
use crate::tally::TallySize;

/// What proving costs, by figures measured once: a word to whoever waits, not a promise. See `docs/performance.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Tallies of 90 rows.
    pub long: u64,
    /// Tallies of 40 rows.
    pub short: u64,
    /// Verdicts on tallies.
    pub verdicts: u64,
    /// Direct verdicts.
    pub direct: u64,
}

impl Estimate {
    /// Milliseconds a proof takes on two cores, checking it included: between what a processor with AVX-512 IFMA takes and
    /// what one without does.
    const LONG: u64 = 300;
    const SHORT: u64 = 200;
    const VERDICT: u64 = 100;
    const DIRECT: u64 = 200;

    /// For a policy and the numbers of rows of the documents in each role.
    pub fn of(compiled: &Compiled, rows: &BTreeMap<String, Vec<usize>>) -> Estimate {
        let mut estimate = Estimate { long: 0, short: 0, verdicts: 0, direct: 0 };
        for plan in &compiled.verdicts {
            let chains = plan.chains.iter().flat_map(|(role, _)| rows.get(role).into_iter().flatten());
            let chains: Vec<usize> = chains.map(|rows| rows.div_ceil(BLOCK_ROWS)).collect();
            if is_direct(plan, &chains) {
                estimate.direct += 1;
                continue;
            }
            estimate.verdicts += 1;
            for size in chains.into_iter().flat_map(segments) {
                match size {
                    TallySize::Long => estimate.long += 1,
                    TallySize::Short => estimate.short += 1,
                }
            }
        }
        estimate
    }

    /// Number of tallies.
    pub fn tallies(&self) -> u64 {
        self.long.saturating_add(self.short)
    }

    /// In seconds on a machine with two cores, rounded up.
    pub fn seconds(&self) -> u64 {
        let times = |number: u64, each: u64| number.saturating_mul(each);
        let parts = [
            times(self.long, Self::LONG),
            times(self.short, Self::SHORT),
            times(self.verdicts, Self::VERDICT),
            times(self.direct, Self::DIRECT),
        ];
        parts.into_iter().fold(0, u64::saturating_add).div_ceil(1000)
    }

    /// Number of proofs.
    pub fn proofs(&self) -> u64 {
        self.tallies().saturating_add(self.verdicts).saturating_add(self.direct)
    }

    /// For people: `3 proofs, about 1 s on two cores`.
    pub fn words(&self) -> String {
        let (proofs, seconds) = (self.proofs(), self.seconds());
        let plural = if proofs == 1 { "" } else { "s" };
        match seconds {
            0..120 => format!("{proofs} proof{plural}, about {seconds} s on two cores"),
            _ => format!("{proofs} proofs, about {} min on two cores", seconds.div_ceil(60)),
        }
    }
}
