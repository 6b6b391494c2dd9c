//! Verifying a presentation: every check that a verifier needs, in one place and in one order, none left to the caller.
//!
//! In: a presentation, the trust list, the verifying keys, and who reads (the verifier with its own request, or a third
//! party). Out: a [`Report`] of what was proved, by whom attested, and what is not promised; or the first check that
//! failed. The order is that of design section 7.

use std::collections::{BTreeMap, BTreeSet};

use ark_bn254::Fr;
use consign_crypto::{
    attestation::{Attestation, AttestationError, VerifiedAttestation},
    commitment::chain_start,
    sd_jwt::{Expected, SdJwtError},
    statement::{Context, bounds_digest, filter_digest},
    totals::TotalsCommitment,
    trust::TrustList,
};
use consign_documents::{
    compile::{CompileError, Compiled, VerdictPlan, compile},
    evaluate::Reason,
    facts::Facts,
    policy::ResolvedPolicy,
    profile::Kind,
};
use jiff::Timestamp;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{
    answers::{Answered, Answers, AnswersError},
    groth16::KeyError,
    keys::{Circuit, KeySetId, VerifyingKeys},
    presentation::{MAX_TALLIES, Place, Presentation, PresentationError, ProvedVerdict, proofs_digest},
    report::{AttestedDocument, ProvedClaim, Report},
    request::{RequestError, SignedRequest},
};

/// The first check that failed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file: version, size, number and form of public inputs, points.
    #[error(transparent)]
    Presentation(#[from] PresentationError),
    /// It answers another request than one's own.
    #[error("the presentation answers another request than yours: one by {audience:?} of {issued}")]
    NotMyRequest {
        /// Whose it names.
        audience: String,
        /// When that one was made.
        issued: Timestamp,
    },
    /// The request: signer, audience, time.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The keys at hand are not those of the request.
    #[error("the presentation was made for key set {expected}; these keys are of {found}")]
    OtherKeySet {
        /// The request's.
        expected: KeySetId,
        /// The file's.
        found: KeySetId,
    },
    /// The key set is not on the trust list.
    #[error("key set {0} is not one that you accept")]
    KeySetNotAccepted(KeySetId),
    /// A document's attestation.
    #[error("the attestation of document {document} ({role}): {source}")]
    Attestation {
        /// Its number, from 1.
        document: usize,
        /// Its role.
        role: String,
        /// What is wrong.
        source: AttestationError,
    },
    /// A role that the policy does not have.
    #[error("document {document} plays the role {role:?}, which the policy does not have")]
    UnknownRole {
        /// Its number, from 1.
        document: usize,
        /// The role.
        role: String,
    },
    /// Documents out of the order of roles.
    #[error("document {document} ({role}) stands after a later role")]
    RoleOrder {
        /// Its number, from 1.
        document: usize,
        /// The role.
        role: String,
    },
    /// A document of another kind or profile than the role's.
    #[error("document {document} plays the role {role:?}, which is for a {expected}; it is a {found}")]
    OtherKind {
        /// Its number, from 1.
        document: usize,
        /// The role.
        role: String,
        /// Kind of the role.
        expected: Kind,
        /// Kind of the document.
        found: Kind,
    },
    /// More or fewer documents than the policy says.
    #[error("{found} documents play the role {role:?}; the policy says {expected}")]
    DocumentCount {
        /// The role.
        role: String,
        /// How many the policy says.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// An issuer that the policy does not name for the role.
    #[error("document {document} ({role}) is attested by {issuer:?}, whom the policy does not accept for it")]
    IssuerNotInPolicy {
        /// Its number, from 1.
        document: usize,
        /// The role.
        role: String,
        /// Who attested.
        issuer: String,
    },
    /// One document presented twice, perhaps under two attestations.
    #[error("documents {first} and {second} are one document: same issuer, same document id")]
    DocumentTwice {
        /// Number of the first, from 1.
        first: usize,
        /// Number of the second.
        second: usize,
    },
    /// Something that the policy needs is not disclosed, or is not what it must be.
    #[error("what is disclosed does not satisfy the policy: {0}")]
    Disclosure(Reason),
    /// The holder's signature.
    #[error("the holder's signature on document {document} ({role}): {source}")]
    Holder {
        /// Its number, from 1.
        document: usize,
        /// The role.
        role: String,
        /// What is wrong.
        source: SdJwtError,
    },
    /// The policy cannot be compiled, so nothing can have been proved.
    #[error("the request's policy: {0}")]
    Compile(#[from] CompileError),
    /// More or fewer verdicts than the policy has.
    #[error("{found} verdicts where the policy compiles to {expected}")]
    VerdictCount {
        /// What the compiler yields.
        expected: usize,
        /// What there is.
        found: usize,
    },
    /// Fewer chains than the policy has.
    #[error("verdict {verdict} has {found} chains of tallies where the policy compiles to {expected}")]
    ChainMissing {
        /// The verdict, from 1.
        verdict: usize,
        /// What the compiler yields.
        expected: usize,
        /// What there is.
        found: usize,
    },
    /// More chains than the policy has.
    #[error("verdict {verdict} has {found} chains of tallies, the policy only {expected}: a tally is left over")]
    TallyLeftOver {
        /// The verdict, from 1.
        verdict: usize,
        /// What the compiler yields.
        expected: usize,
        /// What there is.
        found: usize,
    },
    /// Tallies of another filter set than the compiled one.
    #[error("{0}: it is a tally of another filter set than the policy's")]
    OtherFilters(Place),
    /// A chain that does not begin where documents of the kind begin.
    #[error("{0}: the chain does not begin at the first row")]
    FirstRowsMissing(Place),
    /// A tally that does not begin where the one before it ends.
    #[error("{0}: it does not begin where the tally before it ends")]
    Gap(Place),
    /// A chain that does not end at the attested commitment.
    #[error("verdict {verdict}, chain {chain}: it does not end at the commitment that was attested")]
    LastRowsMissing {
        /// The verdict, from 1.
        verdict: usize,
        /// The chain, from 1.
        chain: usize,
    },
    /// Bounds other than the compiled ones.
    #[error("verdict {0}: its bounds are not the policy's")]
    OtherBounds(usize),
    /// The verdict judges other totals than those of its tallies.
    #[error("verdict {0}: it judges other totals than the sum of its tallies")]
    Sum(usize),
    /// The verdict answers something else.
    #[error("verdict {0}: it was made for another request or other attestations")]
    OtherContext(usize),
    /// A proof that does not verify.
    #[error("{0}: the proof is not valid")]
    Proof(Place),
    /// A key of another number of inputs, which a checked key set does not have.
    #[error("{place}: {source}")]
    Key {
        /// Which proof.
        place: Place,
        /// What is wrong.
        source: KeyError,
    },
    /// The nonce was answered before by another presentation.
    #[error("this request was answered before, at {0}, by another presentation")]
    AnsweredBefore(Timestamp),
    /// The record of answers cannot be used.
    #[error("the record of answers cannot be used: {0}")]
    Answers(AnswersError),
}

impl VerifyError {
    /// One action the user can take.
    pub fn hint(&self) -> String {
        match self {
            VerifyError::Presentation(_) => "get the file again from the prover; `consign prove` makes it".into(),
            VerifyError::NotMyRequest { .. } => "verify with the request that it answers, or without --request".into(),
            VerifyError::Request(error) => error.hint(),
            VerifyError::OtherKeySet { .. } => "give the verify.keys of that key set with --keys".into(),
            VerifyError::KeySetNotAccepted(_) => {
                "if you trust whoever made it not to forge, accept it with `consign trust keys`".into()
            }
            VerifyError::Attestation { source, .. } => source.hint().into(),
            VerifyError::Compile(error) => error.hint(),
            VerifyError::AnsweredBefore(_) => "make a new request for each answer".into(),
            VerifyError::Answers(_) => "mend the file, or name another folder with --home".into(),
            _ => "do not rely on this presentation; ask the prover for another".into(),
        }
    }
}

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
        if found != expected.documents as usize {
            let expected = expected.documents as usize;
            return Err(VerifyError::DocumentCount { role: role.clone(), expected, found });
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
    let policy = request.policy.digest();
    let attestations: Vec<(&str, [u8; 32])> = documents
        .iter()
        .map(|(role, attestation)| (*role, Sha256::digest(attestation.sd_jwt().jwt()).into()))
        .collect();
    for (i, (plan, verdict)) in compiled.verdicts.iter().zip(&presentation.verdicts).enumerate() {
        verify_chains(i + 1, plan, verdict, documents)?;
        if verdict.statement.bounds != bounds_digest(&plan.bounds) {
            return Err(VerifyError::OtherBounds(i + 1));
        }
        let tallies = verdict.chains.iter().flatten().map(|tally| &tally.statement.totals);
        if TotalsCommitment::sum(tallies) != verdict.statement.totals {
            return Err(VerifyError::Sum(i + 1));
        }
        let context = Context {
            audience: &request.audience,
            nonce: &request.nonce,
            expires: request.expires.as_second(),
            policy: &policy,
            verdict: i as u32,
            attestations: &attestations,
        };
        if verdict.statement.context != context.element() {
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
        if role.documents > 1 {
            notes.push(format!("{name}: of the {} documents presented; completeness not shown", role.documents));
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
