//! What a verified presentation says, for a person or as JSON.

use consign_crypto::{attestation::VerifiedAttestation, chain_contract::ChainContract, status::Standing};
use jiff::Timestamp;
use serde::Serialize;

/// What no presentation promises.
pub const NOT_PROMISED: [&str; 7] = [
    "that the attester told the truth",
    "that the goods exist",
    "legal title to them",
    "that no other document was withheld",
    "who else has seen the documents",
    "that this presentation was not passed on",
    "that it cannot be linked to others about the same document, by its commitment",
];

/// A presentation that passed every check.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Name of the verifier that asked.
    pub audience: String,
    /// When it asked.
    pub requested: Timestamp,
    /// Until when it could be answered.
    pub expires: Timestamp,
    /// The contract that alone accepts it on a chain, where it is bound to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<ChainContract>,
    /// Whether that is past (only a third party gets to see this).
    pub expired: bool,
    /// Whether it was verified without the request: it was made for `audience`, not for the reader.
    pub third_party: bool,
    /// When these very bytes were accepted before.
    pub accepted_before: Option<Timestamp>,
    /// Name of the policy.
    pub policy: String,
    /// Its version.
    pub policy_version: String,
    /// Its digest with all parameter values.
    pub policy_digest: String,
    /// Id of the key set.
    pub key_set: String,
    /// What the reader calls it.
    pub key_set_name: String,
    /// Who made it and could forge.
    pub key_set_made_by: String,
    /// The documents in their roles.
    pub documents: Vec<AttestedDocument>,
    /// The claims; each is true of the attested documents.
    pub claims: Vec<ProvedClaim>,
    /// Number of tallies.
    pub tallies: usize,
    /// Number of verdicts.
    pub verdicts: usize,
    /// How far the policy reaches.
    pub notes: Vec<String>,
}

impl Report {
    /// What the report does not promise.
    pub fn not_promised(&self) -> &'static [&'static str] {
        &NOT_PROMISED
    }
}

/// Who attested a document, and when.
#[derive(Clone, Debug, Serialize)]
pub struct AttestedDocument {
    /// The role that it plays.
    pub role: String,
    /// Its kind.
    pub kind: String,
    /// Version of its profile.
    pub profile: u32,
    /// The attester, by the reader's trust list.
    pub issuer: String,
    /// When it attested.
    pub issued: Timestamp,
    /// Until when.
    pub expires: Timestamp,
    /// When the attester last said that it is not revoked, where the policy asks for that.
    pub not_revoked: Option<Timestamp>,
    /// The attester's id of the document.
    pub document_id: String,
    /// The commitment to its table.
    pub commitment: String,
    /// The digest of the document.
    pub document_digest: String,
    /// The holder's key, which presented it.
    pub holder: String,
    /// What was disclosed of it.
    pub disclosed: std::collections::BTreeMap<String, serde_json::Value>,
}

impl AttestedDocument {
    /// Of an attestation in a role.
    pub(crate) fn new(role: &str, attestation: &VerifiedAttestation, standing: Option<&Standing>) -> AttestedDocument {
        AttestedDocument {
            role: role.into(),
            kind: attestation.kind().name().into(),
            profile: attestation.profile().version,
            issuer: attestation.issuer().to_string(),
            issued: attestation.issued(),
            expires: attestation.expires(),
            not_revoked: standing.map(|standing| standing.as_of),
            document_id: hex::encode(attestation.id()),
            commitment: attestation.commitment().to_hex(),
            document_digest: attestation.digest().to_string(),
            holder: attestation.holder().to_string(),
            disclosed: attestation.disclosed().clone(),
        }
    }
}

/// A claim that was proved.
#[derive(Clone, Debug, Serialize)]
pub struct ProvedClaim {
    /// Its short name.
    pub id: Option<String>,
    /// As written.
    pub claim: String,
    /// In plain words, with the values of parameters.
    pub meaning: String,
    /// The citation.
    pub source: String,
}
