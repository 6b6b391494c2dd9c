//! Verifying presentations: every check that a verifier needs, in one place and in one order, none left to the caller.
//!
//! In: a presentation, the trust list, the verifying keys, and who reads (the verifier with its own request, or a third
//! party). Out: a [`Report`] of what was proved, by whom attested, and what is not promised; or the first check that
//! failed. The order is that of design section 7. Many presentations go through the same checks, each by itself; only
//! their proofs are decided together, which costs less.

mod documents;
mod error;
mod own;
mod statements;

use std::collections::{BTreeMap, BTreeSet};

use consign_crypto::{
    status::{Standing, StatusLists},
    trust::{KeySet, TrustList},
};
use consign_documents::{facts::Facts, policy::ResolvedPolicy};
use jiff::Timestamp;
use rand_arkworks::rngs::OsRng;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use self::{
    documents::{Documents, verify_documents, verify_holders, verify_status},
    statements::{Expectations, equations, verify_statements},
};
pub use self::{error::VerifyError, own::OwnRequests};
use crate::{
    answers::{Answer, Answered, Answers, AnswersError},
    groth16::{self, Equation},
    keys::VerifyingKeys,
    presentation::{Place, Presentation},
    report::{AttestedDocument, ProvedClaim, Report},
    request::SignedRequest,
};

/// Who reads a presentation.
pub enum Reader<'a> {
    /// The verifier that asked: its own request, and its record of what it has accepted.
    Audience {
        /// The request that it made.
        request: &'a SignedRequest,
        /// What it has accepted for each nonce.
        answers: &'a mut dyn Answers,
    },
    /// Anybody else, to whom the presentation was passed on: it is reported as made for its audience at its time, and
    /// whether that time is past is not held against it.
    ThirdParty,
}

/// What a presentation is verified against.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The parties one knows and the key sets one accepts.
    pub trust: &'a TrustList,
    /// What the attesters have taken back, as far as it is at hand.
    pub status: &'a StatusLists,
    /// The keys.
    pub keys: &'a VerifyingKeys,
    /// The present time.
    pub now: Timestamp,
}

/// One of many presentations.
#[derive(Clone, Copy)]
pub struct Submitted<'a> {
    /// The presentation, as [`Presentation::parse`] read it: within its limits, every point in its group.
    pub presentation: &'a Presentation,
    /// What it is verified against.
    pub known: Known<'a>,
    /// One's own requests, one of which it must answer; `None` for a third party, as [`Reader::ThirdParty`].
    pub own: Option<&'a OwnRequests>,
}

/// Verifies the bytes of a presentation. About 1 ms a proof and core.
///
/// # Errors
/// The first check that fails; see [`VerifyError`].
pub fn verify(bytes: &[u8], known: Known<'_>, reader: Reader<'_>) -> Result<Report, VerifyError> {
    // Version, size, number and form of public inputs, points.
    let presentation = &Presentation::parse(bytes)?;
    let (own, answers) = match reader {
        Reader::Audience { request, answers } => (Some(OwnRequests::from_iter([request])), Some(answers)),
        Reader::ThirdParty => (None, None),
    };
    let checked = Checked::new(Submitted { presentation, known, own: own.as_ref() }, &Expectations::default());
    settle(vec![checked], answers).pop().expect("one goes in and one comes out")
}

/// Verifies many presentations at once, each with every check of [`verify`]; results are in their order. What is accepted
/// is recorded in that order, and after all proofs were decided: of two answers to one request the first counts.
///
/// # Errors
/// For each presentation the first check that fails; see [`VerifyError`].
pub fn verify_many(submitted: &[Submitted<'_>], answers: &mut dyn Answers) -> Vec<Result<Report, VerifyError>> {
    let expectations = Expectations::default();
    settle(submitted.par_iter().map(|one| Checked::new(*one, &expectations)).collect(), Some(answers))
}

/// A presentation that passed every check but those of its proofs and its nonce.
struct Checked<'a> {
    submitted: Submitted<'a>,
    documents: Documents<'a>,
    standings: Vec<Option<Standing>>,
    key_set: &'a KeySet,
    proofs: Vec<(Place, Equation<'a>)>,
}

impl<'a> Checked<'a> {
    fn new(submitted: Submitted<'a>, expectations: &Expectations) -> Result<Checked<'a>, VerifyError> {
        let Submitted { presentation, known, own } = submitted;
        let asked = presentation.request.request();

        // The request: mine, by its audience, in force.
        if own.is_some_and(|own| !own.contains(&presentation.request)) {
            return Err(VerifyError::NotMyRequest { audience: asked.audience.clone(), issued: asked.issued });
        }
        presentation.request.check_signer(known.trust, known.now)?;
        match own {
            Some(_) => presentation.request.check_time(known.now)?,
            // It may be past its time, but it was in force when it was made, and that is not in the future.
            None => {
                presentation.request.check_time(known.now.min(asked.issued))?;
                presentation.request.check_made(known.now)?;
            }
        }

        // The key set.
        if known.keys.id() != asked.key_set {
            return Err(VerifyError::OtherKeySet { expected: asked.key_set, found: known.keys.id() });
        }
        let key_set = known.trust.key_set(asked.key_set.as_bytes());
        let key_set = key_set.ok_or(VerifyError::KeySetNotAccepted(asked.key_set))?;

        let documents = verify_documents(presentation, known)?;
        let standings = verify_status(&asked.policy, &documents, known)?;
        let expectation = expectations.of(&asked.policy)?;
        let mut facts: BTreeMap<String, Vec<&Facts>> = BTreeMap::new();
        let disclosed: Vec<Facts> = documents.iter().map(|(_, attestation)| attestation.facts()).collect();
        for ((role, _), facts_of) in documents.iter().zip(&disclosed) {
            facts.entry((*role).to_owned()).or_default().push(facts_of);
        }
        expectation.compiled.needs_met(&facts).map_err(VerifyError::Disclosure)?;
        verify_holders(presentation, &documents, known)?;
        verify_statements(presentation, &documents, &expectation)?;
        let proofs = equations(&presentation.verdicts, known.keys)?;
        Ok(Checked { submitted, documents, standings, key_set, proofs })
    }

    /// Whether it answers a request of the reader's own.
    fn is_mine(&self) -> bool {
        self.submitted.own.is_some()
    }

    fn answer(&self) -> Answer {
        let Submitted { presentation, known, .. } = self.submitted;
        Answer {
            nonce: presentation.request.request().nonce,
            // Of the content, not of the spaces between.
            presentation: Sha256::digest(presentation.to_bytes()).into(),
            now: known.now,
        }
    }

    fn report(&self, accepted_before: Option<Timestamp>) -> Report {
        let Submitted { presentation, known, .. } = self.submitted;
        let asked = presentation.request.request();
        let policy = &asked.policy;
        let attested = self
            .documents
            .iter()
            .zip(&self.standings)
            .map(|((role, attestation), standing)| AttestedDocument::new(role, attestation, standing.as_ref()));
        let claims = policy.claims().iter().zip(policy.sources()).map(|(claim, source)| ProvedClaim {
            id: source.id.clone(),
            claim: claim.text().to_owned(),
            meaning: claim.explain(),
            source: source.source.clone(),
        });
        Report {
            audience: asked.audience.clone(),
            requested: asked.issued,
            expires: asked.expires,
            chain: asked.chain,
            expired: asked.expires <= known.now,
            third_party: !self.is_mine(),
            accepted_before,
            policy: policy.name().into(),
            policy_version: policy.version().into(),
            policy_digest: hex::encode(policy.digest()),
            key_set: asked.key_set.to_string(),
            key_set_name: self.key_set.name.to_string(),
            key_set_made_by: self.key_set.made_by.to_string(),
            documents: attested.collect(),
            claims: claims.collect(),
            tallies: presentation.tallies(),
            verdicts: presentation.verdicts.len(),
            notes: notes(policy, &self.documents),
        }
    }
}

/// The last two checks, of all that passed the others: the proofs, and only then the nonces.
fn settle(
    mut checked: Vec<Result<Checked<'_>, VerifyError>>,
    answers: Option<&mut dyn Answers>,
) -> Vec<Result<Report, VerifyError>> {
    decide_proofs(&mut checked);
    let mine: Vec<Answer> = checked.iter().flatten().filter(|one| one.is_mine()).map(Checked::answer).collect();
    let recorded = match answers {
        Some(answers) if !mine.is_empty() => answers.accept_all(&mine),
        _ => Ok(Vec::new()),
    };
    let mut recorded = recorded.map(Vec::into_iter);
    let settled = checked.into_iter().map(|checked| {
        let checked = checked?;
        if !checked.is_mine() {
            return Ok(checked.report(None));
        }
        // A record that cannot be used, or says too little, fails every check that rests on it.
        let said = recorded.as_mut().map_err(|fault| VerifyError::Answers(fault.clone()))?.next();
        match said.ok_or_else(|| VerifyError::Answers(AnswersError::new("it does not say of each answer")))? {
            Answered::First => Ok(checked.report(None)),
            Answered::SameBefore(at) => Ok(checked.report(Some(at))),
            Answered::OtherBefore(at) => Err(VerifyError::AnsweredBefore(at)),
        }
    });
    settled.collect()
}

/// The pairing checks of all presentations as one; of each that fails, the first proof in order that does is named.
fn decide_proofs(checked: &mut [Result<Checked<'_>, VerifyError>]) {
    let (mut places, mut proofs) = (Vec::new(), Vec::new());
    for (number, one) in checked.iter_mut().enumerate() {
        for (place, equation) in one.iter_mut().flat_map(|one| one.proofs.drain(..)) {
            places.push((number, place));
            proofs.push(equation);
        }
    }
    // Drawn here, when all that it decides is fixed.
    for failed in groth16::failing(&proofs, &mut OsRng) {
        let (number, place) = places[failed];
        if checked[number].is_ok() {
            checked[number] = Err(VerifyError::Proof(place));
        }
    }
}

/// What a reader of the report must know about how far the policy reaches.
fn notes(policy: &ResolvedPolicy, documents: &Documents<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, role) in policy.roles() {
        if role.documents.only() != Some(1) {
            let presented = documents.iter().filter(|(r, _)| r == name).count();
            notes.push(if role.expected.is_empty() {
                format!("{name}: of the {presented} documents presented; completeness not shown")
            } else {
                format!("{name}: of all {presented} documents that the verifier expects, by their numbers")
            });
        }
    }
    let mut issuers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, attestation) in documents.iter() {
        issuers.entry(attestation.kind().name()).or_default().insert(attestation.issuer().as_str());
    }
    for (kind, _) in issuers.iter().filter(|(_, issuers)| issuers.len() > 1) {
        // The id is under each issuer's own secret, so it tells nothing across issuers; roles tell one kind no better apart.
        notes.push(format!("{kind}: attested by several parties, which may have attested one document twice"));
    }
    let kinds: BTreeSet<&str> = policy.roles().values().map(|role| role.kind.name()).collect();
    if kinds.len() < policy.roles().len() {
        notes.push("two roles are of one kind: which document plays which was chosen by the prover".into());
    }
    if policy.status_hours().is_none() {
        notes.push("the policy asks for no status: an attestation may have been revoked since".into());
    }
    if policy.roles().len() > 1 && policy.same().is_empty() {
        notes.push("the documents are not shown to concern one shipment".into());
    }
    notes
}
