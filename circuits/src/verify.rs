//! Verifying a presentation: every check that a verifier needs, in one place and in one order, none left to the caller.
//!
//! In: a presentation, the trust list, the verifying keys, and who reads (the verifier with its own request, or a third
//! party). Out: a [`Report`] of what was proved, by whom attested, and what is not promised; or the first check that
//! failed. The order is that of design section 7.

mod error;

use std::collections::{BTreeMap, BTreeSet};

use ark_bn254::Fr;
use consign_crypto::{
    attestation::{Attestation, VerifiedAttestation},
    commitment::chain_start,
    sd_jwt::Expected,
    statement::{bounds_digest, filter_digest},
    totals::TotalsCommitment,
    trust::TrustList,
};
use consign_documents::{
    compile::{Compiled, VerdictPlan, compile},
    facts::Facts,
    policy::ResolvedPolicy,
};
use jiff::Timestamp;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{
    answers::{Answered, Answers},
    keys::{Circuit, VerifyingKeys},
    presentation::{MAX_TALLIES, Place, Presentation, ProvedVerdict, proofs_digest},
    report::{AttestedDocument, ProvedClaim, Report},
    request::SignedRequest,
};

pub use error::VerifyError;

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
    /// The keys.
    pub keys: &'a VerifyingKeys,
    /// The present time.
    pub now: Timestamp,
}

/// Verifies the bytes of a presentation. About 1.5 ms a proof and core.
///
/// # Errors
/// The first check that fails; see [`VerifyError`].
pub fn verify(bytes: &[u8], known: Known<'_>, reader: Reader<'_>) -> Result<Report, VerifyError> {
    // Version, size, number and form of public inputs, points.
    let presentation = Presentation::parse(bytes)?;
    let asked = presentation.request.request();

    // The request: mine, by its audience, in force.
    if let Reader::Audience { request, .. } = &reader
        && request.jws() != presentation.request.jws()
    {
        return Err(VerifyError::NotMyRequest { audience: asked.audience.clone(), issued: asked.issued });
    }
    presentation.request.check_signer(known.trust, known.now)?;
    match reader {
        Reader::Audience { .. } => presentation.request.check_time(known.now)?,
        // It may be past its time, but it was in force when it was made, and that is not in the future.
        Reader::ThirdParty => {
            presentation.request.check_time(known.now.min(asked.issued))?;
            presentation.request.check_made(known.now)?;
        }
    }

    // The key set.
    if known.keys.id() != asked.key_set {
        return Err(VerifyError::OtherKeySet { expected: asked.key_set, found: known.keys.id() });
    }
    let key_set = known.trust.key_set(asked.key_set.as_bytes()).ok_or(VerifyError::KeySetNotAccepted(asked.key_set))?;

    let documents = verify_documents(&presentation, known)?;
    let compiled = compile(&asked.policy)?;
    let mut facts: BTreeMap<String, Vec<&Facts>> = BTreeMap::new();
    let disclosed: Vec<Facts> = documents.iter().map(|(_, attestation)| attestation.facts()).collect();
    for ((role, _), facts_of) in documents.iter().zip(&disclosed) {
        facts.entry((*role).to_owned()).or_default().push(facts_of);
    }
    compiled.needs_met(&facts).map_err(VerifyError::Disclosure)?;
    verify_holders(&presentation, &documents, known)?;
    verify_statements(&presentation, &documents, &compiled)?;
    verify_proofs(&presentation.verdicts, known.keys)?;

    // Last, and only then: the nonce.
    let mut accepted_before = None;
    let third_party = match reader {
        Reader::Audience { answers, .. } => {
            // Of the content, not of the spaces between.
            let digest = Sha256::digest(presentation.to_bytes()).into();
            match answers.accept(&asked.nonce, &digest, known.now).map_err(VerifyError::Answers)? {
                Answered::First => {}
                Answered::SameBefore(at) => accepted_before = Some(at),
                Answered::OtherBefore(at) => return Err(VerifyError::AnsweredBefore(at)),
            }
            false
        }
        Reader::ThirdParty => true,
    };

    let policy = &asked.policy;
    let attested = documents.iter().map(|(role, attestation)| AttestedDocument::new(role, attestation)).collect();
    let claims = policy.claims().iter().zip(policy.sources()).map(|(claim, source)| ProvedClaim {
        id: source.id.clone(),
        claim: claim.text().to_owned(),
        meaning: claim.explain(),
        source: source.source.clone(),
    });
    Ok(Report {
        audience: asked.audience.clone(),
        requested: asked.issued,
        expires: asked.expires,
        expired: asked.expires <= known.now,
        third_party,
        accepted_before,
        policy: policy.name().into(),
        policy_version: policy.version().into(),
        policy_digest: hex::encode(policy.digest()),
        key_set: asked.key_set.to_string(),
        key_set_name: key_set.name.to_string(),
        key_set_made_by: key_set.made_by.to_string(),
        documents: attested,
        claims: claims.collect(),
        tallies: presentation.tallies(),
        verdicts: presentation.verdicts.len(),
        notes: notes(policy, &documents),
    })
}

type Documents<'a> = Vec<(&'a str, VerifiedAttestation)>;

/// Attestations, issuers, kinds, numbers, and that no document is there twice.
fn verify_documents<'a>(presentation: &'a Presentation, known: Known<'_>) -> Result<Documents<'a>, VerifyError> {
    let policy = &presentation.request.request().policy;
    // Roles and numbers first: they cost nothing.
    for (i, presented) in presentation.documents.iter().enumerate() {
        let (document, role) = (i + 1, presented.role.clone());
        if !policy.roles().contains_key(&role) {
            return Err(VerifyError::UnknownRole { document, role });
        }
        if presentation.documents[..i].last().is_some_and(|before| before.role > role) {
            return Err(VerifyError::RoleOrder { document, role });
        }
    }
    for (role, expected) in policy.roles() {
        let found = presentation.documents.iter().filter(|presented| presented.role == *role).count();
        if !expected.documents.accepts(found) {
            return Err(VerifyError::DocumentCount { role: role.clone(), expected: expected.documents, found });
        }
    }
    let mut documents: Documents<'a> = Vec::new();
    for (i, presented) in presentation.documents.iter().enumerate() {
        let (document, role) = (i + 1, presented.role.as_str());
        let failed = |source| VerifyError::Attestation { document, role: role.into(), source };
        let attestation = Attestation::of(presented.attestation.sd_jwt().clone()).map_err(failed)?;
        let attestation = attestation.verify(known.trust, known.now).map_err(failed)?;
        documents.push((role, attestation));
    }
    for (i, (role, attestation)) in documents.iter().enumerate() {
        let (document, role) = (i + 1, (*role).to_owned());
        let Some(expected) = policy.roles().get(&role) else {
            return Err(VerifyError::UnknownRole { document, role });
        };
        if attestation.kind() != expected.kind || attestation.profile() != expected.profile {
            return Err(VerifyError::OtherKind { document, role, expected: expected.kind, found: attestation.kind() });
        }
        let issuer = attestation.issuer().as_str();
        if !expected.issuers.is_empty() && !expected.issuers.iter().any(|name| name == issuer) {
            return Err(VerifyError::IssuerNotInPolicy { document, role, issuer: issuer.into() });
        }
    }
    let mut seen = BTreeMap::new();
    for (i, (_, attestation)) in documents.iter().enumerate() {
        // Ids are under each issuer's own secret: equal ids of one issuer are one document.
        if let Some(first) = seen.insert((attestation.issuer().as_str(), *attestation.id()), i) {
            return Err(VerifyError::DocumentTwice { first: first + 1, second: i + 1 });
        }
    }
    let mut commitments = BTreeMap::new();
    for (i, (_, attestation)) in documents.iter().enumerate() {
        // Honest attesters draw fresh blindings, so equal commitments are one table under two names.
        if let Some(first) = commitments.insert(attestation.commitment(), i) {
            return Err(VerifyError::DocumentTwice { first: first + 1, second: i + 1 });
        }
    }
    Ok(documents)
}

/// The holder's signature on each document, over audience, nonce and all proofs.
fn verify_holders(presentation: &Presentation, documents: &Documents<'_>, known: Known<'_>) -> Result<(), VerifyError> {
    let request = presentation.request.request();
    let proofs = proofs_digest(&presentation.verdicts);
    let nonce = presentation.request.nonce();
    let expected = Expected {
        audience: &request.audience,
        nonce: &nonce,
        proofs: &proofs,
        from: request.issued,
        now: known.now.min(request.expires),
    };
    for (i, (presented, (role, attestation))) in presentation.documents.iter().zip(documents).enumerate() {
        presented
            .attestation
            .verify_binding(attestation.holder(), &expected)
            .map_err(|source| VerifyError::Holder { document: i + 1, role: (*role).into(), source })?;
    }
    Ok(())
}

/// Exactly the verdicts and chains that the compiler yields, each statement what it must be.
fn verify_statements(
    presentation: &Presentation,
    documents: &Documents<'_>,
    compiled: &Compiled,
) -> Result<(), VerifyError> {
    let (expected, found) = (compiled.verdicts.len(), presentation.verdicts.len());
    if found != expected {
        return Err(VerifyError::VerdictCount { expected, found });
    }
    let request = presentation.request.request();
    let context = request.context(documents.iter().map(|(role, attestation)| (*role, attestation.sd_jwt())));
    for (i, (plan, verdict)) in compiled.verdicts.iter().zip(&presentation.verdicts).enumerate() {
        verify_chains(i + 1, plan, verdict, documents)?;
        if verdict.statement.bounds != bounds_digest(&plan.bounds) {
            return Err(VerifyError::OtherBounds(i + 1));
        }
        let tallies = verdict.chains.iter().flatten().map(|tally| &tally.statement.totals);
        if TotalsCommitment::sum(tallies) != verdict.statement.totals {
            return Err(VerifyError::Sum(i + 1));
        }
        if verdict.statement.context != context.of_verdict(i) {
            return Err(VerifyError::OtherContext(i + 1));
        }
    }
    Ok(())
}

/// One chain for each filter set and document of its role: from the profile's first value to the attested commitment
/// without a gap, all tallies of that filter set.
fn verify_chains(
    number: usize,
    plan: &VerdictPlan,
    verdict: &ProvedVerdict,
    documents: &Documents<'_>,
) -> Result<(), VerifyError> {
    let expected: Vec<(Fr, &VerifiedAttestation)> = plan
        .chains
        .iter()
        .flat_map(|(role, filters)| {
            let digest = filter_digest(filters);
            documents.iter().filter(move |(r, _)| r == role).map(move |(_, attestation)| (digest, attestation))
        })
        .collect();
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

/// The pairing checks, over all cores; the first proof in order that fails is named.
fn verify_proofs(verdicts: &[ProvedVerdict], keys: &VerifyingKeys) -> Result<(), VerifyError> {
    let mut proofs = Vec::new();
    for (i, verdict) in verdicts.iter().enumerate() {
        for (j, chain) in verdict.chains.iter().enumerate() {
            for (k, tally) in chain.iter().enumerate() {
                let place = Place::Tally { verdict: i + 1, chain: j + 1, tally: k + 1 };
                proofs.push((place, Circuit::Tally(tally.size), tally.statement.inputs().to_vec(), &tally.proof));
            }
        }
        let place = Place::Verdict(i + 1);
        proofs.push((place, Circuit::Verdict, verdict.statement.inputs().to_vec(), &verdict.proof));
    }
    debug_assert!(proofs.len() <= MAX_TALLIES + verdicts.len());
    let failed = proofs.par_iter().find_map_first(|(place, circuit, inputs, proof)| {
        match keys.key(*circuit).verify(inputs, proof) {
            Ok(true) => None,
            Ok(false) => Some(VerifyError::Proof(*place)),
            Err(source) => Some(VerifyError::Key { place: *place, source }),
        }
    });
    failed.map_or(Ok(()), Err)
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
            let of_role = documents.iter().filter(|(r, _)| r == name);
            let issuers: BTreeSet<&str> = of_role.map(|(_, attestation)| attestation.issuer().as_str()).collect();
            if issuers.len() > 1 {
                // The id is under each issuer's own secret, so it tells nothing across issuers.
                notes.push(format!("{name}: attested by several parties, which may have attested one document twice"));
            }
        }
    }
    let kinds: BTreeSet<&str> = policy.roles().values().map(|role| role.kind.name()).collect();
    if kinds.len() < policy.roles().len() {
        notes.push("two roles are of one kind: which document plays which was chosen by the prover".into());
    }
    if policy.roles().len() > 1 && policy.same().is_empty() {
        notes.push("the documents are not shown to concern one shipment".into());
    }
    notes
}
