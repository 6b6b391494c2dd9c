//! The statements of a presentation: exactly the verdicts and chains that the policy compiles to, each what it must be,
//! and the equations that their proofs must satisfy.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use ark_bn254::Fr;
use consign_crypto::{
    attestation::VerifiedAttestation,
    commitment::chain_start,
    statement::{bounds_digest, filter_digest},
    totals::TotalsCommitment,
};
use consign_documents::{
    compile::{CompileError, Compiled, compile},
    policy::ResolvedPolicy,
};

use super::{VerifyError, documents::Documents};
use crate::{
    groth16::Equation,
    keys::VerifyingKeys,
    presentation::{Judged, Place, Presentation, Proved, ProvedDirect, ProvedVerdict, proofs},
};

/// What a policy asks of a presentation's statements: what it compiles to, with its digests.
pub(super) struct Expectation {
    pub(super) compiled: Compiled,
    verdicts: Vec<ExpectedVerdict>,
}

/// A verdict's digest of bounds, and the roles of its chains with their digests of filters.
struct ExpectedVerdict {
    bounds: Fr,
    chains: Vec<(String, Fr)>,
}

impl Expectation {
    fn new(policy: &ResolvedPolicy) -> Result<Expectation, CompileError> {
        let compiled = compile(policy)?;
        let verdicts = compiled.verdicts.iter().map(|plan| ExpectedVerdict {
            bounds: bounds_digest(&plan.bounds),
            chains: plan.chains.iter().map(|(role, filters)| (role.clone(), filter_digest(filters))).collect(),
        });
        Ok(Expectation { verdicts: verdicts.collect(), compiled })
    }
}

/// The expectations of all policies of one batch, each worked out once: the digests are most of what verifying costs
/// beside signatures and pairings.
#[derive(Default)]
pub(super) struct Expectations(Mutex<HashMap<[u8; 32], Arc<Expected>>>);

type Expected = OnceLock<Result<Arc<Expectation>, CompileError>>;

impl Expectations {
    /// That of a policy, by the digest of all that it says.
    pub(super) fn of(&self, policy: &ResolvedPolicy) -> Result<Arc<Expectation>, CompileError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let one = Arc::clone(all.entry(policy.digest()).or_default());
        drop(all);
        one.get_or_init(|| Expectation::new(policy).map(Arc::new)).clone()
    }
}

/// Exactly the verdicts and chains that the compiler yields, each statement what it must be.
pub(super) fn verify_statements(
    presentation: &Presentation,
    documents: &Documents<'_>,
    expectation: &Expectation,
) -> Result<(), VerifyError> {
    let (expected, found) = (expectation.verdicts.len(), presentation.verdicts.len());
    if found != expected {
        return Err(VerifyError::VerdictCount { expected, found });
    }
    let request = presentation.request.request();
    let context = request.context(documents.iter().map(|(role, attestation)| (*role, attestation.sd_jwt())));
    for (i, (expected, verdict)) in expectation.verdicts.iter().zip(&presentation.verdicts).enumerate() {
        let number = i + 1;
        let bounds = |found| if found == expected.bounds { Ok(()) } else { Err(VerifyError::OtherBounds(number)) };
        let answers =
            |found| if found == context.of_verdict(i) { Ok(()) } else { Err(VerifyError::OtherContext(number)) };
        match verdict {
            Judged::Tallied(verdict) => {
                verify_chains(number, expected, verdict, documents)?;
                bounds(verdict.statement.bounds)?;
                let tallies = verdict.chains.iter().flatten().map(|tally| &tally.statement.totals);
                if TotalsCommitment::sum(tallies) != verdict.statement.totals {
                    return Err(VerifyError::Sum(number));
                }
                answers(verdict.statement.context)?;
            }
            Judged::Direct(verdict) => {
                verify_direct(number, expected, verdict, documents)?;
                bounds(verdict.statement.bounds)?;
                answers(verdict.statement.context)?;
            }
        }
    }
    Ok(())
}

/// A document and the digest of a filter set that is to run over it.
type ExpectedChain<'a> = (Fr, &'a VerifiedAttestation);

impl ExpectedVerdict {
    /// One chain for each filter set and document of its role.
    fn chains<'a>(&'a self, documents: &'a Documents<'_>) -> Vec<ExpectedChain<'a>> {
        let chains = self.chains.iter().flat_map(|(role, filters)| {
            documents.iter().filter(move |(r, _)| r == role).map(move |(_, attestation)| (*filters, attestation))
        });
        chains.collect()
    }
}

/// The one filter set over the whole of the one document, from the profile's first value to the attested commitment.
fn verify_direct(
    number: usize,
    expected: &ExpectedVerdict,
    verdict: &ProvedDirect,
    documents: &Documents<'_>,
) -> Result<(), VerifyError> {
    let expected = expected.chains(documents);
    let &[(filters, attestation)] = &expected[..] else {
        return Err(VerifyError::NotForDirect { verdict: number, expected: expected.len() });
    };
    let place = Place::Verdict(number);
    if verdict.statement.filters != filters {
        return Err(VerifyError::OtherFilters(place));
    }
    if verdict.statement.start != chain_start(attestation.profile()) {
        return Err(VerifyError::FirstRowsMissing(place));
    }
    if verdict.statement.end != attestation.commitment().element() {
        return Err(VerifyError::LastRowsMissing { verdict: number, chain: 1 });
    }
    Ok(())
}

/// One chain for each filter set and document of its role: from the profile's first value to the attested commitment
/// without a gap, all tallies of that filter set.
fn verify_chains(
    number: usize,
    expected: &ExpectedVerdict,
    verdict: &ProvedVerdict,
    documents: &Documents<'_>,
) -> Result<(), VerifyError> {
    let expected = expected.chains(documents);
    let found = verdict.chains.len();
    match found.cmp(&expected.len()) {
        std::cmp::Ordering::Less => {
            return Err(VerifyError::ChainMissing { verdict: number, expected: expected.len(), found });
        }
        std::cmp::Ordering::Greater => {
            return Err(VerifyError::TallyLeftOver { verdict: number, expected: expected.len(), found });
        }
        std::cmp::Ordering::Equal => {}
    }
    for (i, (chain, (filters, attestation))) in verdict.chains.iter().zip(expected).enumerate() {
        let mut at = chain_start(attestation.profile());
        for (j, tally) in chain.iter().enumerate() {
            let place = Place::Tally { verdict: number, chain: i + 1, tally: j + 1 };
            if tally.statement.filters != filters {
                return Err(VerifyError::OtherFilters(place));
            }
            if tally.statement.start != at {
                return Err(if j == 0 { VerifyError::FirstRowsMissing(place) } else { VerifyError::Gap(place) });
            }
            at = tally.statement.end;
        }
        if at != attestation.commitment().element() {
            return Err(VerifyError::LastRowsMissing { verdict: number, chain: i + 1 });
        }
    }
    Ok(())
}

/// What the proofs must satisfy, with their places.
pub(super) fn equations<'a>(
    verdicts: &'a [Judged],
    keys: &'a VerifyingKeys,
) -> Result<Vec<(Place, Equation<'a>)>, VerifyError> {
    let equation = |proved: Proved<'a>| {
        let Proved { place, circuit, inputs, proof } = proved;
        let equation = Equation::new(keys.key(circuit), &inputs, proof);
        Ok((place, equation.map_err(|source| VerifyError::Key { place, source })?))
    };
    proofs(verdicts).map(equation).collect()
}
