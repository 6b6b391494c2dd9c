//! Attestations: an issuer vouches for a document, over every row and every word of it.
//!
//! In: a [`Document`], its issuer and its holder, for [`attest`]; or an SD-JWT and a trust list. Out: a [`Dossier`], in
//! which everything was computed here (no commitment is ever taken from somebody else); or a [`VerifiedAttestation`],
//! whose issuer's name comes from the trust list. Openly it carries issuer, kind, profile, document id, commitment,
//! document digest, times and holder; all else is disclosed or not. Sources: design section 8, RFC 9901, RFC 7519, RFC
//! 7800 (`cnf`), RFC 8037.

mod claims;
mod error;

use std::collections::BTreeMap;

use consign_documents::{
    document::Document,
    facts::Facts,
    profile::{Kind, Profile},
};
use jiff::Timestamp;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::claims::claims;
use self::claims::{columns, known};
pub use self::error::{AttestError, AttestationError};
use crate::{
    commitment::{self, Blindings, Commitment},
    document_digest::{DocumentDigest, Seed, digest_from_hex},
    dossier::{CheckedDossier, Dossier, DossierError},
    identity::{Identity, Name, PublicIdentity, SignerKey},
    jws::{self, ObjectType},
    sd_jwt::{self, SKEW_SECONDS, SdJwt},
    status::{self, StatusReference},
    strict_json::printable,
    trust::{Capacity, NotTrusted, TrustList},
};

/// Members that stand openly in the payload.
const OPEN: [&str; 12] = [
    "iss",
    "iat",
    "exp",
    "kind",
    "profile",
    "id",
    "commitment",
    "document_digest",
    "credentialStatus",
    "cnf",
    "_sd",
    "_sd_alg",
];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jwk: Jwk,
}

/// An Ed25519 key by RFC 8037.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Jwk {
    kty: String,
    crv: String,
    x: SignerKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: SignerKey,
    iat: i64,
    exp: i64,
    kind: String,
    profile: u32,
    id: String,
    commitment: String,
    document_digest: String,
    #[serde(rename = "credentialStatus", skip_serializing_if = "Option::is_none")]
    status: Option<status::Entry>,
    cnf: Confirmation,
    _sd: Vec<String>,
    _sd_alg: String,
}

/// When an attestation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// From when: the present time.
    pub issued: Timestamp,
    /// Until when.
    pub expires: Timestamp,
}

/// Vouches for a document: draws seed and blindings, computes digest and commitment, signs, and checks the whole as its
/// reader will.
///
/// # Errors
/// [`AttestError`].
pub fn attest(
    document: &Document,
    issuer: &Identity,
    holder: &PublicIdentity,
    validity: Validity,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<CheckedDossier, AttestError> {
    attest_revocable(document, issuer, holder, validity, None, rng)
}

/// The same, saying where the issuer publishes whether it still holds.
///
/// # Errors
/// [`AttestError`].
pub fn attest_revocable(
    document: &Document,
    issuer: &Identity,
    holder: &PublicIdentity,
    validity: Validity,
    status: Option<&StatusReference>,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<CheckedDossier, AttestError> {
    let Validity { issued, expires } = validity;
    if expires.as_second() <= issued.as_second() {
        return Err(AttestError::Validity { issued, expires });
    }
    let table = document.table();
    let seed = Seed::random(rng);
    let blindings = Blindings::random(table.rows().len(), &mut ForArkworks(rng));
    let chain = commitment::commit(document.profile(), &table, &blindings)
        .map_err(|e| AttestError::Dossier(Box::new(e.into())))?;
    let (_sd, disclosures) = sd_jwt::conceal(claims(document), rng);
    let payload = Payload {
        iss: *issuer.public().signer(),
        iat: issued.as_second(),
        exp: expires.as_second(),
        kind: document.kind().name().into(),
        profile: document.profile().version,
        id: hex::encode(issuer.document_id(document.kind(), document.number())),
        commitment: chain.commitment().to_hex(),
        document_digest: DocumentDigest::of(document, &seed).to_string(),
        status: status.map(status::Entry::from),
        cnf: Confirmation { jwk: Jwk { kty: "OKP".into(), crv: "Ed25519".into(), x: *holder.signer() } },
        _sd,
        _sd_alg: sd_jwt::ALGORITHM.into(),
    };
    let jwt = jws::sign(ObjectType::Attestation, &payload, issuer)?;
    let sd_jwt = SdJwt::new(&jwt, disclosures.iter().map(String::as_str));
    let attested = || -> Result<CheckedDossier, DossierError> {
        let attestation = Attestation::parse(&sd_jwt.to_string())?;
        // Through its stored form, so that nothing leaves which a reader would refuse.
        Dossier::parse(&Dossier::write(document, &seed, &blindings, &attestation)?)?.check()
    };
    attested().map_err(|e| AttestError::Dossier(Box::new(e)))
}

/// An attestation whose signature and disclosures hold under the key that it names. Whether that key's owner may vouch
/// for such a document is for [`Attestation::verify`] to say.
#[derive(Clone, PartialEq, Eq)]
pub struct Attestation {
    sd_jwt: SdJwt,
    issuer: SignerKey,
    kind: Kind,
    id: [u8; 32],
    commitment: Commitment,
    digest: DocumentDigest,
    issued: Timestamp,
    expires: Timestamp,
    holder: SignerKey,
    status: Option<StatusReference>,
    disclosed: BTreeMap<String, Value>,
}

impl std::fmt::Debug for Attestation {
    /// What it discloses may be confidential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attestation({}, {:?}, ..)", self.kind, self.digest)
    }
}

impl Attestation {
    /// Reads the text of an SD-JWT without a holder's signature.
    ///
    /// # Errors
    /// [`AttestationError`], but those of trust and time.
    pub fn parse(text: &str) -> Result<Attestation, AttestationError> {
        Attestation::of(SdJwt::parse(text)?)
    }

    /// Reads an SD-JWT.
    ///
    /// # Errors
    /// [`AttestationError`], but those of trust and time.
    pub fn of(sd_jwt: SdJwt) -> Result<Attestation, AttestationError> {
        let signed = jws::open::<Payload>(ObjectType::Attestation, sd_jwt.jwt())?;
        let (named, signer) = (signed.whoever_signed().iss, *signed.signer());
        if named != signer {
            return Err(AttestationError::Issuer { named, signed: signer });
        }
        let payload = signed.by(&named)?;
        let member = |member, found: &str, accepted| {
            let found = printable(found, 100);
            AttestationError::Member { member, found, accepted }
        };
        const DIGITS: &str = "64 lower-case hexadecimal digits";

        let kind: Kind = payload
            .kind
            .parse()
            .map_err(|_| member("kind", &payload.kind, "a kind of document that this program knows"))?;
        let known_version = kind.profile().version;
        if payload.profile != known_version {
            return Err(AttestationError::Profile { kind, found: payload.profile, known: known_version });
        }
        let id = digest_from_hex(&payload.id).map_err(|_| member("id", &payload.id, DIGITS))?;
        let commitment = Commitment::from_hex(&payload.commitment)
            .map_err(|_| member("commitment", &payload.commitment, "a field element in 64 hexadecimal digits"))?;
        let digest = payload.document_digest.parse();
        let digest = digest.map_err(|_| member("document_digest", &payload.document_digest, DIGITS))?;
        let time = |name, seconds: i64| {
            Timestamp::from_second(seconds).map_err(|_| member(name, &seconds.to_string(), "seconds since 1970"))
        };
        let (issued, expires) = (time("iat", payload.iat)?, time("exp", payload.exp)?);
        if expires <= issued {
            return Err(member("exp", &expires.to_string(), "a time after iat"));
        }
        let Jwk { kty, crv, x: holder } = payload.cnf.jwk;
        if kty != "OKP" || crv != "Ed25519" {
            return Err(member("cnf", &format!("{kty} {crv}"), "an Ed25519 key, OKP Ed25519"));
        }
        let disclosed = sd_jwt::disclosed(&payload._sd, &payload._sd_alg, &OPEN, &sd_jwt)?;
        if let Some((name, _)) = disclosed.iter().find(|(name, value)| !known(kind.profile(), name, value)) {
            return Err(AttestationError::Claim(name.clone()));
        }
        let status = match payload.status {
            None => None,
            Some(entry) => {
                let accepted = "a BitstringStatusListEntry for revocation with an index below 2^23";
                Some(entry.reference().ok_or_else(|| member("credentialStatus", "another", accepted))?)
            }
        };
        Ok(Attestation {
            sd_jwt,
            issuer: named,
            kind,
            id,
            commitment,
            digest,
            issued,
            expires,
            holder,
            status,
            disclosed,
        })
    }

    /// Judges it by the trust list: the issuer is trusted for this kind, when it signed and now; it was not signed in
    /// the future (a minute's grace) and has not expired.
    ///
    /// # Errors
    /// [`AttestationError::UnknownIssuer`], [`AttestationError::NotAnIssuer`], [`AttestationError::NotTrustedThen`],
    /// [`AttestationError::NotTrustedNow`], [`AttestationError::FromTheFuture`], [`AttestationError::Expired`].
    pub fn verify(self, trust: &TrustList, now: Timestamp) -> Result<VerifiedAttestation, AttestationError> {
        let capacity = Capacity::Issuer(self.kind);
        trust.trusted(&self.issuer, capacity, self.issued).map_err(|e| match e {
            NotTrusted::Unknown(key) => AttestationError::UnknownIssuer(key),
            NotTrusted::Capacity { .. } => AttestationError::NotAnIssuer(e),
            NotTrusted::NotYet { .. } | NotTrusted::NoLonger { .. } => AttestationError::NotTrustedThen(e),
        })?;
        let party = trust.trusted(&self.issuer, capacity, now).map_err(AttestationError::NotTrustedNow)?;
        if self.issued.as_second() > now.as_second().saturating_add(SKEW_SECONDS) {
            return Err(AttestationError::FromTheFuture { issued: self.issued, now });
        }
        if self.expires <= now {
            return Err(AttestationError::Expired(self.expires));
        }
        Ok(VerifiedAttestation { issuer: party.name().clone(), attestation: self })
    }

    /// The text it was read from.
    pub fn sd_jwt(&self) -> &SdJwt {
        &self.sd_jwt
    }
    /// The key that signed.
    pub fn issuer_key(&self) -> &SignerKey {
        &self.issuer
    }
    /// Kind of the document.
    pub fn kind(&self) -> Kind {
        self.kind
    }
    /// Profile of its table.
    pub fn profile(&self) -> &'static Profile {
        self.kind.profile()
    }
    /// The issuer's id of the document: the same document attested twice has one.
    pub fn id(&self) -> &[u8; 32] {
        &self.id
    }
    /// Commitment to the table.
    pub fn commitment(&self) -> Commitment {
        self.commitment
    }
    /// Digest of the document.
    pub fn digest(&self) -> DocumentDigest {
        self.digest
    }
    /// When it was signed, by the issuer's word.
    pub fn issued(&self) -> Timestamp {
        self.issued
    }
    /// Until when it holds.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }
    /// Whose the dossier is: who alone can present it.
    pub fn holder(&self) -> &SignerKey {
        &self.holder
    }
    /// Where its state is published.
    pub fn status(&self) -> Option<&StatusReference> {
        self.status.as_ref()
    }
    /// All disclosed claims by name.
    pub fn disclosed(&self) -> &BTreeMap<String, Value> {
        &self.disclosed
    }
    /// Whether the column is complete, if that is disclosed; the document row's columns are `document.NAME`.
    pub fn complete(&self, column: &str) -> Option<bool> {
        self.disclosed.get(&format!("complete.{column}")).and_then(Value::as_bool)
    }

    /// The disclosed facts that claims depend on.
    pub fn facts(&self) -> Facts {
        let text = |name: &str| self.disclosed.get(name).and_then(Value::as_str).map(str::to_owned);
        let reference = |(name, value): (&String, &Value)| {
            Some((name.strip_prefix("reference.")?.to_owned(), value.as_str()?.to_owned()))
        };
        Facts {
            complete: columns(self.profile()).filter(|column| self.complete(column) == Some(true)).collect(),
            currency: text("currency"),
            unit: text("unit"),
            references: self.disclosed.iter().filter_map(reference).collect(),
        }
    }
}

/// An attestation by an issuer whom one's trust list knows for such documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAttestation {
    issuer: Name,
    attestation: Attestation,
}

impl VerifiedAttestation {
    /// The issuer's name, from the trust list.
    pub fn issuer(&self) -> &Name {
        &self.issuer
    }
}

impl std::ops::Deref for VerifiedAttestation {
    type Target = Attestation;
    fn deref(&self) -> &Attestation {
        &self.attestation
    }
}

/// A generator of this generation of crates, in the form that arkworks asks for.
struct ForArkworks<'a, R: ?Sized>(&'a mut R);

impl<R: CryptoRng + ?Sized> rand_arkworks::RngCore for ForArkworks<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_arkworks::Error> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng + ?Sized> rand_arkworks::CryptoRng for ForArkworks<'_, R> {}

#[cfg(test)]
mod tests;
