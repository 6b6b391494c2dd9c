//! What a holder submits to a chain: the statements and proofs of a presentation, and the anchors of its documents.
//! Neither attestations nor what they disclose.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use consign_circuits::{
    groth16::Proof,
    keys::Circuit,
    presentation::{Judged, Presentation, ProvedTally},
};
use consign_crypto::attestation::{Attestation, AttestationError};

use crate::{abi, anchor::Anchor, keys::circuit_number, statement::OnChain, word};

/// Why a presentation cannot be submitted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// A document's attestation.
    #[error("document {document}: {source}")]
    Attestation {
        /// Its number, from 1.
        document: usize,
        /// What is wrong.
        source: AttestationError,
    },
    /// No anchor of a document was given.
    #[error("there is no anchor for document {document}, the {role}")]
    NoAnchor {
        /// Its number, from 1.
        document: usize,
        /// Its role.
        role: String,
    },
}

impl SubmitError {
    /// One action the user can take.
    pub fn hint(&self) -> &'static str {
        match self {
            SubmitError::Attestation { .. } => "get the answer again from whoever made it",
            SubmitError::NoAnchor { .. } => {
                "give the anchor that its attester made with `consign attest --anchor`, and the attester's address"
            }
        }
    }
}

/// An anchor and the address of the attester that sent it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The attester.
    pub attester: Address,
    /// What it anchored.
    pub anchor: Anchor,
}

/// The presentation as the registry takes it, under the statement of its request.
///
/// # Errors
/// [`SubmitError`].
pub fn submission(
    presentation: &Presentation,
    statement: &OnChain,
    anchors: &[Sent],
) -> Result<abi::Presentation, SubmitError> {
    let mut documents = vec![Vec::new(); statement.statement.roles.len()];
    for (i, presented) in presentation.documents.iter().enumerate() {
        let attestation = Attestation::of(presented.attestation.sd_jwt().clone())
            .map_err(|source| SubmitError::Attestation { document: i + 1, source })?;
        let sent = anchors.iter().find(|sent| sent.anchor.is_of(&attestation));
        let role = statement.statement.roles.iter().position(|role| role.name == presented.role);
        let (Some(sent), Some(role)) = (sent, role) else {
            return Err(SubmitError::NoAnchor { document: i + 1, role: presented.role.clone() });
        };
        let Anchor { commitment, facts } = sent.anchor.clone();
        documents[role].push(abi::Document { attester: sent.attester, commitment, facts });
    }
    Ok(abi::Presentation {
        nonce: statement.nonce,
        expires: statement.expires,
        bound: statement.bound,
        documents,
        verdicts: presentation.verdicts.iter().map(verdict).collect(),
    })
}

/// The call that checks a presentation, for a node to answer without a transaction.
pub fn check_call(statement: &OnChain, presentation: abi::Presentation) -> Vec<u8> {
    let (verifier, statement) = (statement.parties.verifier, statement.statement.clone());
    abi::IRegistry::checkCall { verifier, statement, presentation }.abi_encode()
}

/// The call that checks it and puts on record that the request is answered.
pub fn accept_call(statement: &OnChain, presentation: abi::Presentation) -> Vec<u8> {
    let (verifier, statement) = (statement.parties.verifier, statement.statement.clone());
    abi::IRegistry::acceptCall { verifier, statement, presentation }.abi_encode()
}

fn verdict(proved: &Judged) -> abi::Verdict {
    let (_, inputs, proof) = proved.own();
    abi::Verdict {
        chains: proved.chains().iter().map(|chain| chain.iter().map(tally).collect()).collect(),
        inputs: inputs.iter().map(word).collect(),
        points: points(proof),
    }
}

fn tally(proved: &ProvedTally) -> abi::Tally {
    abi::Tally {
        circuit: circuit_number(Circuit::Tally(proved.size)),
        inputs: proved.statement.inputs().map(|input| word(&input)),
        points: points(&proved.proof),
    }
}

/// The coordinates of a proof with those of G2 in the order of EIP-197.
pub fn points(proof: &Proof) -> [U256; 8] {
    let [ax, ay, bx0, bx1, by0, by1, cx, cy] = proof.coordinates().map(|x| word(&x));
    [ax, ay, bx1, bx0, by1, by0, cx, cy]
}
