//! The witnesses behind a presentation, for provers other than ours.

use ark_bn254::Fr;
use consign_crypto::totals::TotalsBlinding;
use consign_documents::filter::Totals;

use super::{Plan, ProveError, jobs};
use crate::{
    keys::Circuit,
    tally,
    verdict::{self, VerdictWitness},
};

/// Takes the assignment of one proof: secret.
pub type TakeWitness<'a, E> = dyn FnMut(Circuit, &[Fr]) -> Result<(), E> + 'a;

impl Plan<'_> {
    /// Hands out the assignment of every proof that a presentation takes, in the order of the presentation: for each
    /// verdict its tallies, then its own. **Secret**: an assignment holds the rows of a document and every blinding. The
    /// commitments' blindings are fresh each time, so the assignments of two calls do not fit together.
    ///
    /// # Errors
    /// [`ProveError::Contradiction`] for totals out of range, or whatever `each` returns.
    pub fn witnesses<E: From<ProveError>>(&self, each: &mut TakeWitness<'_, E>) -> Result<(), E> {
        let attested = self.documents.ordered().map(|(role, dossier)| (role, dossier.attestation().sd_jwt()));
        let context = self.request.request().context(attested);
        for (i, plan) in self.compiled.verdicts.iter().enumerate() {
            let (mut totals, mut blindings) = (Totals::ZERO, Vec::new());
            for (role, filters) in &plan.chains {
                for job in self.documents.roles().get(role).into_iter().flatten().flat_map(|d| jobs(d, filters)) {
                    let (assignment, _) = tally::assign(&job.witness());
                    each(Circuit::Tally(job.size), &assignment)?;
                    let sum = totals.checked_add(&job.totals);
                    totals = sum.ok_or_else(|| ProveError::Contradiction("a total reaches 2^72".into()))?;
                    blindings.push(job.blinding);
                }
            }
            let blinding = TotalsBlinding::sum(&blindings);
            let context = context.of_verdict(i);
            let witness = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &plan.bounds, context };
            each(Circuit::Verdict, &verdict::assign(&witness).0)?;
        }
        Ok(())
    }
}
