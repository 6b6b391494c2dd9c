//! What is wrong with an attestation, and why a document is not attested.

use consign_documents::profile::Kind;
use jiff::Timestamp;

use crate::{dossier::DossierError, identity::SignerKey, jws::JwsError, sd_jwt::SdJwtError, trust::NotTrusted};

/// What is wrong with an attestation.
#[derive(Debug, thiserror::Error)]
pub enum AttestationError {
    /// The signed object: form, type, signature, members.
    #[error("attestation: {0}")]
    Jws(#[from] JwsError),
    /// The disclosures.
    #[error("attestation: {0}")]
    SdJwt(#[from] SdJwtError),
    /// The issuer it names is not who signed.
    #[error("attestation: it names the issuer {named}, and {signed} signed it")]
    Issuer {
        /// `iss` of the payload.
        named: SignerKey,
        /// The key that signed.
        signed: SignerKey,
    },
    /// A member that does not have the form it must have.
    #[error("attestation: {member} is \"{found}\"; accepted is {accepted}")]
    Member {
        /// Name of the member.
        member: &'static str,
        /// As signed.
        found: String,
        /// What is accepted.
        accepted: &'static str,
    },
    /// A profile that this version does not know.
    #[error("attestation: version {found} of profile {kind}; this program knows version {known}")]
    Profile {
        /// Kind of document.
        kind: Kind,
        /// As signed.
        found: u32,
        /// The one version known.
        known: u32,
    },
    /// A disclosed claim that is not one, or has another type.
    #[error("attestation: the disclosed claim {0:?} is unknown or of a wrong type")]
    Claim(String),
    /// The issuer is nobody one knows.
    #[error("the issuer of the attestation is unknown: the key {0} belongs to nobody on the trust list")]
    UnknownIssuer(SignerKey),
    /// The issuer is known, but not for such documents.
    #[error("the issuer of the attestation: {0}")]
    NotAnIssuer(NotTrusted),
    /// The issuer was not trusted when it signed.
    #[error("attestation, when it was signed: {0}")]
    NotTrustedThen(NotTrusted),
    /// The issuer is not trusted at present.
    #[error("attestation, at present: {0}")]
    NotTrustedNow(NotTrusted),
    /// Its time is over.
    #[error("the attestation expired at {0}")]
    Expired(Timestamp),
    /// Its time has not come.
    #[error("the attestation says that it was signed at {issued}, and it is {now}")]
    FromTheFuture {
        /// When it was signed, by its own word.
        issued: Timestamp,
        /// The present time.
        now: Timestamp,
    },
}

impl AttestationError {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            AttestationError::UnknownIssuer(key) => NotTrusted::Unknown(*key).hint(),
            AttestationError::NotAnIssuer(e)
            | AttestationError::NotTrustedThen(e)
            | AttestationError::NotTrustedNow(e) => e.hint(),
            AttestationError::Expired(_) => "ask the issuer to attest the document again",
            AttestationError::FromTheFuture { .. } => "check the clock of this machine",
            AttestationError::Profile { .. } | AttestationError::Claim(_) => {
                "it may come from a newer version of consign; see whether there is an update"
            }
            _ => "ask whoever sent it for the file as the issuer wrote it",
        }
    }
}

/// Why a document is not attested.
#[derive(Debug, thiserror::Error)]
pub enum AttestError {
    /// The times are the wrong way round or beyond what a date can be.
    #[error("an attestation from {issued} until {expires} never holds")]
    Validity {
        /// From when.
        issued: Timestamp,
        /// Until when.
        expires: Timestamp,
    },
    /// Too large to sign.
    #[error("the attestation cannot be signed: {0}")]
    Jws(#[from] JwsError),
    /// What was made does not hold when it is checked as a reader would.
    #[error("the document is not attested, for its dossier does not hold: {0}")]
    Dossier(Box<DossierError>),
}

impl AttestError {
    /// What the user can do.
    pub fn hint(&self) -> String {
        match self {
            AttestError::Validity { .. } => "give an expiry that lies in the future".into(),
            AttestError::Jws(_) => "shorten the document's references".into(),
            AttestError::Dossier(e) => e.hint(),
        }
    }
}
