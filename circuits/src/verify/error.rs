//! The checks of a presentation that fail, each with its own words.

use consign_crypto::{attestation::AttestationError, sd_jwt::SdJwtError, status::StatusError};
use consign_documents::{compile::CompileError, evaluate::Reason, policy::DocumentCount, profile::Kind};
use jiff::Timestamp;

use crate::{
    answers::AnswersError,
    groth16::KeyError,
    keys::KeySetId,
    presentation::{Place, PresentationError},
    request::RequestError,
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
    /// A document's attestation is revoked, or not shown not to be.
    #[error("the status of document {document} ({role}): {source}")]
    Status {
        /// Its number, from 1.
        document: usize,
        /// Its role.
        role: String,
        /// What is wrong.
        source: StatusError,
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
        expected: DocumentCount,
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
    /// A direct verdict where more than one filter set and document are to be judged together.
    #[error("verdict {verdict} judges one document directly where the policy compiles to {expected} chains of tallies")]
    NotForDirect {
        /// The verdict, from 1.
        verdict: usize,
        /// What the compiler yields.
        expected: usize,
    },
    /// Another filter set than the compiled one.
    #[error("{0}: its filter set is not the policy's")]
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
            VerifyError::Status { source, .. } => source.hint().into(),
            VerifyError::Compile(error) => error.hint(),
            VerifyError::AnsweredBefore(_) => "make a new request for each answer".into(),
            VerifyError::Answers(_) => "mend the file, or name another folder with --home".into(),
            _ => "do not rely on this presentation; ask the prover for another".into(),
        }
    }
}
