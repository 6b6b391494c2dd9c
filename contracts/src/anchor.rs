//! What an attester puts on a chain about a document that it attests: the commitment, and the facts that the chain's
//! checks need. Never the document.
//!
//! File: `{"consign":"anchor/1", …}`, for the attester to send and for the holder to present with. It shows which columns
//! are complete, the currency and the unit to everybody, as the chain does.

use std::collections::BTreeSet;

use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolValue};
use consign_crypto::{attestation::Attestation, commitment::chain_start, dossier::CheckedDossier, strict_json};
use consign_documents::profile::{Place, Profile};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{abi, code, word};

/// Version word of the file.
const FORMAT: &str = "anchor/1";
/// Longest file.
pub const MAX_BYTES: usize = 64 << 10;
/// The bit of the first place of the document row; those of goods lines begin at 0.
const DOCUMENT_COLUMNS: usize = 128;

/// Why there is no anchor.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// Larger than [`MAX_BYTES`].
    #[error("the anchor has {0} bytes; it may have {MAX_BYTES}")]
    TooLarge(usize),
    /// Not the JSON of an anchor.
    #[error("this is not an anchor: {0}")]
    Json(strict_json::JsonError),
    /// Another version.
    #[error("this file is {0:?}; an anchor is \"{FORMAT}\"")]
    Version(String),
    /// The calls in the file are not those of its facts.
    #[error("the {0} of the anchor is not that of its facts")]
    Call(&'static str),
    /// A currency or unit that the contracts have no room for.
    #[error("{0:?} has more than 32 characters, or others than ASCII")]
    Code(String),
}

/// A commitment with the facts that go on the chain with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The commitment.
    pub commitment: U256,
    /// The facts.
    pub facts: abi::Facts,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consign: String,
    commitment: U256,
    facts: FactsJson,
    anchor: alloy_primitives::Bytes,
    revoke: alloy_primitives::Bytes,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FactsJson {
    attestation: B256,
    document: B256,
    start: U256,
    complete: U256,
    currency: B256,
    unit: B256,
    expires: u64,
}

impl Anchor {
    /// The anchor of an attested document, as its attester or its holder has it.
    ///
    /// # Errors
    /// [`AnchorError::Code`].
    pub fn of(dossier: &CheckedDossier) -> Result<Anchor, AnchorError> {
        let facts = dossier.document().facts();
        let text = |text: &Option<String>| match text {
            Some(text) => code(text).ok_or_else(|| AnchorError::Code(strict_json::printable(text, 80))),
            None => Ok(B256::ZERO),
        };
        let attestation = dossier.attestation();
        let (currency, unit) = (text(&facts.currency)?, text(&facts.unit)?);
        let complete = complete(attestation.profile(), &facts.complete);
        Ok(Anchor {
            commitment: word(&attestation.commitment().element()),
            facts: abi::Facts {
                attestation: attestation_digest(attestation),
                document: B256::from(*attestation.id()),
                start: word(&chain_start(attestation.profile())),
                complete,
                currency,
                unit,
                expires: attestation.expires().as_second().try_into().unwrap_or(0),
            },
        })
    }

    /// The attester's call that puts it on record.
    pub fn anchor_call(&self) -> Vec<u8> {
        abi::IRegistry::anchorCall { commitment: self.commitment, facts: self.facts.clone() }.abi_encode()
    }

    /// The attester's call that takes it back.
    pub fn revoke_call(&self) -> Vec<u8> {
        abi::IRegistry::revokeCall { commitment: self.commitment }.abi_encode()
    }

    /// What the registry stores.
    pub fn digest(&self) -> B256 {
        alloy_primitives::keccak256(self.facts.abi_encode())
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let abi::Facts { attestation, document, start, complete, currency, unit, expires } = self.facts.clone();
        let file = File {
            consign: FORMAT.into(),
            commitment: self.commitment,
            facts: FactsJson { attestation, document, start, complete, currency, unit, expires },
            anchor: self.anchor_call().into(),
            revoke: self.revoke_call().into(),
        };
        let mut bytes = serde_json::to_vec_pretty(&file).expect("numbers and strings serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`AnchorError`].
    pub fn parse(bytes: &[u8]) -> Result<Anchor, AnchorError> {
        if bytes.len() > MAX_BYTES {
            return Err(AnchorError::TooLarge(bytes.len()));
        }
        let file: File = strict_json::from_slice(bytes).map_err(AnchorError::Json)?;
        if file.consign != FORMAT {
            return Err(AnchorError::Version(strict_json::printable(&file.consign, 80)));
        }
        let FactsJson { attestation, document, start, complete, currency, unit, expires } = file.facts;
        let facts = abi::Facts { attestation, document, start, complete, currency, unit, expires };
        let anchor = Anchor { commitment: file.commitment, facts };
        // Whoever sends what the file says is to send what the facts say.
        if file.anchor != anchor.anchor_call() {
            return Err(AnchorError::Call("call anchor"));
        }
        if file.revoke != anchor.revoke_call() {
            return Err(AnchorError::Call("call revoke"));
        }
        Ok(anchor)
    }

    /// Whether it is of this attestation.
    pub fn is_of(&self, attestation: &Attestation) -> bool {
        self.facts.attestation == attestation_digest(attestation)
    }
}

/// SHA-256 of the issuer-signed JWT, which contexts bind.
fn attestation_digest(attestation: &Attestation) -> B256 {
    B256::from(<[u8; 32]>::from(Sha256::digest(attestation.sd_jwt().jwt())))
}

/// The bit of a place in the row.
fn bit(place: Place) -> usize {
    match place {
        Place::Measure(number) => number.into(),
        Place::Origin => 4,
        Place::Hs => 5,
        Place::C2 => 6,
        Place::C3 => 7,
    }
}

/// The bits of columns that are named as in claims.
pub(crate) fn complete(profile: &Profile, names: &BTreeSet<String>) -> U256 {
    let goods = profile.goods.iter().filter(|c| names.contains(c.name)).map(|c| bit(c.place));
    let header = profile.document.iter().filter(|c| names.contains(&format!("document.{}", c.name)));
    let header = header.map(|c| DOCUMENT_COLUMNS + bit(c.place));
    goods.chain(header).fold(U256::ZERO, |bits, bit| bits | (U256::from(1) << bit))
}
