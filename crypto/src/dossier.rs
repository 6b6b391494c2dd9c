//! The dossier: a document with what is needed to prove claims about it. Secret: on disk it is always sealed.
//!
//! In: `dossier.json`, canonical document, seed, blindings and the attestation with all its disclosures. Out: a
//! [`CheckedDossier`], whose document is, row for row and word for word, the one that was attested: rows are derived
//! anew (none are stored), digest and commitment are computed anew. Sources: design sections 5 and 8, `docs/format.md`.

use std::fmt;

use consign_documents::{document::Document, error::ImportError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    attestation::{self, Attestation, AttestationError},
    commitment::{self, Blindings, Chain, WrongNumberOfBlindings},
    document_digest::{DocumentDigest, Seed},
    field::FieldError,
    strict_json,
};

/// Name and version of the file, the value of its member `consign`.
pub const FORMAT: &str = "dossier/1";
/// Longest dossier that is read, in bytes: a document of 16 MiB and as much beside it.
pub const MAX_BYTES: usize = 32 << 20;
/// The name that errors in the document carry.
const NAME: &str = "dossier.json";

/// What is wrong with a dossier.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// Beyond [`MAX_BYTES`].
    #[error("the dossier has {0} bytes; it may have {MAX_BYTES}")]
    TooLong(usize),
    /// Not JSON, or not with these members.
    #[error("dossier: {0}")]
    Json(serde_json::Error),
    /// Another file, or another version.
    #[error("the dossier says \"consign\": {0:?}; \"{FORMAT}\" is accepted")]
    Version(String),
    /// The document is not well-formed.
    #[error("the document of the dossier: {0}")]
    Document(#[from] ImportError),
    /// The document is not spelled as its canonical form is.
    #[error("the document of the dossier is not in canonical form")]
    NotCanonical,
    /// The seed is not 32 bytes in base64url.
    #[error("the seed of the dossier is not 32 bytes in canonical base64url without padding")]
    Seed,
    /// A blinding is no field element.
    #[error("a blinding of the dossier: {0}")]
    Blinding(#[from] FieldError),
    /// Not as many blindings as the table has blocks.
    #[error("dossier: {0}")]
    Blindings(#[from] WrongNumberOfBlindings),
    /// The attestation is malformed or its signature does not hold.
    #[error("dossier: {0}")]
    Attestation(#[from] AttestationError),
    /// The attestation is of another kind of document.
    #[error("the dossier holds a {document}, and its attestation speaks of a {attested}")]
    Kind {
        /// Kind of the document.
        document: consign_documents::profile::Kind,
        /// Kind in the attestation.
        attested: consign_documents::profile::Kind,
    },
    /// The rows are not those that were attested.
    #[error(
        "the figures of the document are not those that were attested: its rows do not give the commitment{}",
        if *.digest_too { ", nor its words the digest" } else { "" }
    )]
    Commitment {
        /// Whether the digest differs as well, as it does when the document was changed.
        digest_too: bool,
    },
    /// The words are not those that were attested, though the rows are.
    #[error("the text of the document is not that which was attested, though its figures are")]
    Digest,
    /// A disclosure says something else than the document.
    #[error("the attestation says otherwise than the document about {0:?}")]
    Claim(String),
    /// A disclosure that should be there is not.
    #[error("the dossier lacks the disclosure of {0:?}")]
    MissingDisclosure(String),
}

impl DossierError {
    /// What the user can do.
    pub fn hint(&self) -> String {
        match self {
            DossierError::Document(e) => e.hint(),
            DossierError::Attestation(e) => e.hint().into(),
            DossierError::Commitment { .. } | DossierError::Digest | DossierError::Claim(_) => {
                "do not rely on this document; ask the issuer for the dossier it wrote".into()
            }
            _ => "ask the issuer for the dossier as it was written".into(),
        }
    }
}

/// The stored form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    consign: String,
    document: Value,
    seed: String,
    blindings: Vec<String>,
    attestation: String,
}

impl Drop for File {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.seed.zeroize();
        self.blindings.zeroize();
    }
}

/// A dossier whose parts are well-formed and whose attestation's signature holds. That they belong together is for
/// [`Dossier::check`] to say.
#[derive(Clone)]
pub struct Dossier {
    document: Document,
    seed: Seed,
    blindings: Blindings,
    attestation: Attestation,
}

impl Dossier {
    pub(crate) fn new(document: Document, seed: Seed, blindings: Blindings, attestation: Attestation) -> Dossier {
        Dossier { document, seed, blindings, attestation }
    }

    /// Reads `dossier.json`.
    ///
    /// # Errors
    /// [`DossierError`], but those of [`Dossier::check`].
    pub fn parse(bytes: &[u8]) -> Result<Dossier, DossierError> {
        if bytes.len() > MAX_BYTES {
            return Err(DossierError::TooLong(bytes.len()));
        }
        let file: File = strict_json::from_slice(bytes).map_err(DossierError::Json)?;
        if file.consign != FORMAT {
            return Err(DossierError::Version(file.consign.clone()));
        }
        let canonical = serde_json_canonicalizer::to_vec(&file.document).map_err(DossierError::Json)?;
        let document = Document::from_json(&canonical, NAME)?;
        if document.to_json() != canonical {
            return Err(DossierError::NotCanonical);
        }
        let seed = Seed::from_base64url(&file.seed).ok_or(DossierError::Seed)?;
        let blindings = Blindings::from_hex(&file.blindings)?;
        let attestation = Attestation::parse(&file.attestation)?;
        Ok(Dossier { document, seed, blindings, attestation })
    }

    /// The stored form. Secret: seal it.
    ///
    /// # Errors
    /// [`DossierError::Json`] when it does not serialise, [`DossierError::TooLong`].
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, DossierError> {
        let file = File {
            consign: FORMAT.into(),
            document: serde_json::from_slice(&self.document.to_json()).map_err(DossierError::Json)?,
            seed: self.seed.to_base64url().to_string(),
            blindings: self.blindings.to_hex(),
            attestation: self.attestation.sd_jwt().to_string(),
        };
        // Measured first: a buffer that grew while secrets were written to it would leave copies behind.
        let mut length = Length(0);
        serde_json::to_writer(&mut length, &file).map_err(DossierError::Json)?;
        if length.0 > MAX_BYTES {
            return Err(DossierError::TooLong(length.0));
        }
        let mut json = Zeroizing::new(Vec::with_capacity(length.0));
        serde_json::to_writer(&mut *json, &file).map_err(DossierError::Json)?;
        Ok(json)
    }

    /// Derives the rows anew, computes commitment and digest anew, and compares them and every disclosure with the
    /// attestation.
    ///
    /// # Errors
    /// [`DossierError::Kind`], [`DossierError::Blindings`], [`DossierError::Commitment`], [`DossierError::Digest`],
    /// [`DossierError::Claim`], [`DossierError::MissingDisclosure`].
    pub fn check(self) -> Result<CheckedDossier, DossierError> {
        let Dossier { document, seed, blindings, attestation } = &self;
        if document.kind() != attestation.kind() {
            return Err(DossierError::Kind { document: document.kind(), attested: attestation.kind() });
        }
        let chain = commitment::commit(document.profile(), &document.table(), blindings)?;
        let digest_differs = DocumentDigest::of(document, seed) != attestation.digest();
        if chain.commitment() != attestation.commitment() {
            return Err(DossierError::Commitment { digest_too: digest_differs });
        }
        if digest_differs {
            return Err(DossierError::Digest);
        }
        let claims = attestation::claims(document);
        if let Some((name, _)) = attestation.disclosed().iter().find(|(name, v)| claims.get(*name) != Some(v)) {
            return Err(DossierError::Claim(name.clone()));
        }
        if let Some(name) = claims.keys().find(|name| !attestation.disclosed().contains_key(*name)) {
            return Err(DossierError::MissingDisclosure(name.clone()));
        }
        Ok(CheckedDossier { dossier: self, chain })
    }

    /// The document, as the file says it.
    pub fn document(&self) -> &Document {
        &self.document
    }
    /// The attestation, with all disclosures that the file has.
    pub fn attestation(&self) -> &Attestation {
        &self.attestation
    }
}

impl fmt::Debug for Dossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dossier({:?}, ..)", self.document)
    }
}

/// Counts what is written.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A dossier whose document is the one that was attested.
#[derive(Clone)]
pub struct CheckedDossier {
    dossier: Dossier,
    chain: Chain,
}

impl CheckedDossier {
    /// The document.
    pub fn document(&self) -> &Document {
        &self.dossier.document
    }
    /// The attestation, with all disclosures.
    pub fn attestation(&self) -> &Attestation {
        &self.dossier.attestation
    }
    /// The blinding of each block. Secret.
    pub fn blindings(&self) -> &Blindings {
        &self.dossier.blindings
    }
    /// From what the salts of leaves come. Secret.
    pub fn seed(&self) -> &Seed {
        &self.dossier.seed
    }
    /// The chain values, the last of which is the attested commitment.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }
    /// The stored form. Secret: seal it.
    ///
    /// # Errors
    /// [`DossierError::Json`], [`DossierError::TooLong`].
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, DossierError> {
        self.dossier.to_json()
    }
}

impl fmt::Debug for CheckedDossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checked{:?}", self.dossier)
    }
}
