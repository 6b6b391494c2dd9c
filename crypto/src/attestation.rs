//! Attestations: an issuer vouches for a document, over every row and every word of it.
//!
//! In: a [`Document`], its issuer and its holder, for [`attest`]; or an SD-JWT and a trust list. Out: a [`Dossier`], in
//! which everything was computed here (no commitment is ever taken from somebody else); or a [`VerifiedAttestation`],
//! whose issuer's name comes from the trust list. Openly it carries issuer, kind, profile, document id, commitment,
//! document digest, times and holder; all else is disclosed or not. Sources: design section 8, RFC 9901, RFC 7519, RFC
//! 7800 (`cnf`), RFC 8037.

use std::collections::BTreeMap;

use consign_documents::{
    document::{Document, Party},
    facts::Facts,
    profile::{Kind, Profile},
};
use jiff::Timestamp;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    commitment::{self, Blindings, Commitment},
    document_digest::{DocumentDigest, Seed, digest_from_hex},
    dossier::{CheckedDossier, Dossier, DossierError},
    identity::{Identity, Name, PublicIdentity, SignerKey},
    jws::{self, JwsError, ObjectType},
    sd_jwt::{self, SKEW_SECONDS, SdJwt, SdJwtError},
    trust::{Capacity, NotTrusted, TrustList},
};

/// Members that stand openly in the payload.
const OPEN: [&str; 12] =
    ["iss", "iat", "exp", "kind", "profile", "id", "commitment", "document_digest", "status", "cnf", "_sd", "_sd_alg"];

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
    #[error("attestation: {member} is {found:?}; accepted is {accepted}")]
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
            AttestationError::NotTrustedThen(e) | AttestationError::NotTrustedNow(e) => e.hint(),
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

/// Where the state of an attestation is published (IETF Token Status List). Reported, and not yet consulted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusReference {
    /// Index in the list.
    pub idx: u64,
    /// Where the list is.
    pub uri: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    status_list: StatusReference,
}

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
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
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
        status: None,
        cnf: Confirmation { jwk: Jwk { kty: "OKP".into(), crv: "Ed25519".into(), x: *holder.signer() } },
        _sd,
        _sd_alg: sd_jwt::ALGORITHM.into(),
    };
    let sd_jwt = SdJwt::new(jws::sign(ObjectType::Attestation, &payload, issuer)?, disclosures);
    let attested = || -> Result<CheckedDossier, DossierError> {
        let attestation = Attestation::parse(&sd_jwt.to_string())?;
        let dossier = Dossier::new(document.clone(), seed, blindings, attestation);
        // Through its stored form, so that nothing leaves which a reader would refuse.
        Dossier::parse(&dossier.to_json()?)?.check()
    };
    attested().map_err(|e| AttestError::Dossier(Box::new(e)))
}

/// The claims of a document that its attestation lets be disclosed.
pub(crate) fn claims(document: &Document) -> BTreeMap<String, Value> {
    let facts = document.facts();
    let flag = |name: String| (format!("complete.{name}"), Value::from(facts.complete.contains(&name)));
    let mut claims: BTreeMap<String, Value> = columns(document.profile()).map(flag).collect();
    let mut claim = |name: String, value: Value| claims.insert(name, value);
    if let Some(currency) = facts.currency {
        claim("currency".into(), currency.into());
    }
    if let Some(unit) = facts.unit {
        claim("unit".into(), unit.into());
    }
    for (name, text) in facts.references {
        claim(format!("reference.{name}"), text.into());
    }
    for (role, party) in &document.header().parties {
        claim(format!("party.{role}"), party_claim(party));
    }
    let containers = document.containers();
    if !containers.is_empty() {
        claim("containers".into(), containers.into());
    }
    if let Some(source) = document.source() {
        claim("source".into(), hex::encode(source.sha256).into());
    }
    claims
}

/// The names of a profile's columns as the `complete` flags have them.
fn columns(profile: &'static Profile) -> impl Iterator<Item = String> {
    let goods = profile.goods.iter().map(|c| c.name.to_owned());
    goods.chain(profile.document.iter().map(|c| format!("document.{}", c.name)))
}

fn party_claim(party: &Party) -> Value {
    let Party { name, identifier, address, country } = party;
    let members = [
        ("name", name.as_deref()),
        ("identifier", identifier.as_deref()),
        ("address", address.as_deref()),
        ("country", country.map(|c| c.letters())),
    ];
    let known = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
    Value::Object(known.collect::<Map<_, _>>())
}

/// Whether a disclosed claim is one of [`claims`], by name and type.
fn known(profile: &'static Profile, name: &str, value: &Value) -> bool {
    let strings = |items: &[Value]| items.iter().all(Value::is_string);
    match name.split_once('.') {
        Some(("complete", column)) => value.is_boolean() && columns(profile).any(|c| c == column),
        Some(("reference", name)) => value.is_string() && !name.is_empty(),
        Some(("party", role)) => {
            !role.is_empty() && value.as_object().is_some_and(|o| o.values().all(Value::is_string))
        }
        Some(_) => false,
        None => match name {
            "currency" | "unit" => value.is_string(),
            "source" => value.as_str().is_some_and(|text| digest_from_hex(text).is_ok()),
            "containers" => value.as_array().is_some_and(|items| strings(items)),
            _ => false,
        },
    }
}

/// An attestation whose signature and disclosures hold under the key that it names. Whether that key's owner may vouch
/// for such a document is for [`Attestation::verify`] to say.
#[derive(Clone, Debug, PartialEq, Eq)]
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
            let found = found.chars().take(100).collect();
            AttestationError::Member { member, found, accepted }
        };
        const DIGITS: &str = "64 lower-case hexadecimal digits";

        let kind: Kind =
            payload.kind.parse().map_err(|_| member("kind", &payload.kind, "cargo-manifest or commercial-invoice"))?;
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
        let disclosed = sd_jwt::disclosed(&payload._sd, &payload._sd_alg, &OPEN, sd_jwt.disclosures())?;
        if let Some((name, _)) = disclosed.iter().find(|(name, value)| !known(kind.profile(), name, value)) {
            return Err(AttestationError::Claim(name.clone()));
        }
        let status = payload.status.map(|status| status.status_list);
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
    /// [`AttestationError::NotTrustedThen`], [`AttestationError::NotTrustedNow`],
    /// [`AttestationError::FromTheFuture`], [`AttestationError::Expired`].
    pub fn verify(self, trust: &TrustList, now: Timestamp) -> Result<VerifiedAttestation, AttestationError> {
        let capacity = Capacity::Issuer(self.kind);
        trust.trusted(&self.issuer, capacity, self.issued).map_err(AttestationError::NotTrustedThen)?;
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
