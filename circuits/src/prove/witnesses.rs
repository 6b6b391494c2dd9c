//! The witnesses behind a presentation, for provers other than ours.

use ark_bn254::Fr;
use consign_crypto::totals::TotalsBlinding;
use consign_documents::filter::Totals;

use super::{Plan, ProveError, Short, chains, jobs};
use crate::{
    direct,
    keys::Circuit,
    tally,
    verdict::{self, VerdictWitness},
};

/// Takes the assignment of one proof: secret.
pub type TakeWitness<'a, E> = dyn FnMut(Circuit, &[Fr]) -> Result<(), E> + 'a;

impl Plan<'_> {
    /// Hands out the assignment of every proof that a presentation takes, in the order of the presentation: for each
    /// verdict its tallies, if it has any, then its own. **Secret**: an assignment holds the rows of a document and
    /// every blinding. The commitments' blindings are fresh each time, so the assignments of two calls do not fit
    /// together.
    ///
    /// # Errors
    /// [`ProveError::Contradiction`] for totals out of range, or whatever `each` returns.
    pub fn witnesses<E: From<ProveError>>(&self, each: &mut TakeWitness<'_, E>) -> Result<(), E> {
        let attested = self.documents.ordered().map(|(role, dossier)| (role, dossier.attestation().sd_jwt()));
        let context = self.request.request().context(attested);
        for (i, plan) in self.compiled.verdicts.iter().enumerate() {
            let context = context.of_verdict(i);
            let chains = chains(plan, self.documents);
            if let Some(short) = Short::of(plan, &chains) {
                each(Circuit::Direct, &direct::assign(&short.witness(context)).0)?;
                continue;
            }
            let (mut totals, mut blindings) = (Totals::ZERO, Vec::new());
            for job in chains.into_iter().flat_map(|(dossier, filters)| jobs(dossier, filters)) {
                let (assignment, _) = tally::assign(&job.witness());
                each(Circuit::Tally(job.size), &assignment)?;
                let sum = totals.checked_add(&job.totals);
                totals = sum.ok_or_else(|| ProveError::Contradiction("a total reaches 2^72".into()))?;
                blindings.push(job.blinding);
            }
            let blinding = TotalsBlinding::sum(&blindings);
            let witness = VerdictWitness { totals: &totals, blinding: &blinding, bounds: &plan.bounds, context };
            each(Circuit::Verdict, &verdict::assign(&witness).0)?;
        }
        Ok(())
    }
}
