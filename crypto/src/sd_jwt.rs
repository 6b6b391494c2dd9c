//! Selective disclosure: claims that a signed object carries as salted digests, and a holder shows or keeps back.
//!
//! In: claims by name, to be concealed in a payload's `_sd`; or the compact text `jwt~disclosure~…~` and with a holder's
//! key-binding JWT at its end. Out: the digests and their disclosures; or the disclosed claims, each found exactly once
//! among the digests. Only members of the payload itself are disclosable here, neither array elements nor members of
//! members: what has such is refused. Source: RFC 9901, sections 4 and 7.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    document_digest::digest_from_hex,
    identity::{Identity, SignerKey},
    jws::{self, JwsError, ObjectType},
    strict_json,
};

/// The `_sd_alg` of every payload.
pub const ALGORITHM: &str = "sha-256";
/// The number of digests is a multiple of this: decoys fill the rest, so that it tells nothing of the claims.
pub const DIGESTS: usize = 64;
/// Longest SD-JWT that is read, in bytes.
pub const MAX_BYTES: usize = 4 << 20;
/// Most disclosures that are read.
pub const MAX_DISCLOSURES: usize = 4096;
/// How far clocks may differ, in seconds.
pub const SKEW_SECONDS: i64 = 60;

/// What is wrong with an SD-JWT, its disclosures or its key binding.
#[derive(Debug, thiserror::Error)]
pub enum SdJwtError {
    /// Beyond [`MAX_BYTES`].
    #[error("the SD-JWT has {0} bytes; it may have {MAX_BYTES}")]
    TooLong(usize),
    /// No `~` at the end where there is no key binding, or none at all.
    #[error("not an SD-JWT, which is jwt~disclosure~…~")]
    Form,
    /// Beyond [`MAX_DISCLOSURES`].
    #[error("the SD-JWT has {0} disclosures; it may have {MAX_DISCLOSURES}")]
    TooMany(usize),
    /// A disclosure is not canonical base64url of a JSON array of salt, name and value.
    #[error("disclosure {0} is not base64url of [salt, name, value]")]
    Disclosure(usize),
    /// A disclosure discloses what belongs to the mechanism, or has disclosures within.
    #[error("the disclosure of {0:?} uses _sd or ..., which is not accepted")]
    Reserved(String),
    /// Digests of the payload are made otherwise.
    #[error("the digests are made with {0:?}; only \"sha-256\" is accepted")]
    Algorithm(String),
    /// One digest stands twice in the payload.
    #[error("the digest {0} stands twice in the signed object")]
    RepeatedDigest(String),
    /// The same disclosure twice.
    #[error("{0:?} is disclosed twice")]
    RepeatedDisclosure(String),
    /// Two disclosures of one name.
    #[error("two disclosures of {0:?} with different content")]
    RepeatedName(String),
    /// A disclosure of a claim that stands openly in the payload.
    #[error("{0:?} is disclosed and stands in the signed object too")]
    Clash(String),
    /// A disclosure whose digest was not signed.
    #[error("the disclosure of {0:?} is not among the signed digests")]
    Unreferenced(String),
    /// A claim to be presented is not there.
    #[error("there is no disclosure of {0:?} to present")]
    NoSuchClaim(String),
    /// No key-binding JWT where one must be.
    #[error("the holder's signature is missing")]
    NotBound,
    /// The key-binding JWT does not hold.
    #[error("the holder's signature: {0}")]
    Binding(JwsError),
    /// Made for another audience.
    #[error("presented to {found:?}, where {expected:?} is expected")]
    Audience {
        /// As signed.
        found: String,
        /// As asked for.
        expected: String,
    },
    /// Made for another request.
    #[error("the holder signed another nonce than the request's")]
    Nonce,
    /// Made over other disclosures.
    #[error("the holder signed other disclosures than these")]
    Hash,
    /// Made over other proofs.
    #[error("the holder signed other proofs than these")]
    Proofs,
    /// Made before the request or after now.
    #[error("the holder signed at {found}, where {from} to {until} is accepted")]
    Time {
        /// As signed.
        found: String,
        /// From this instant.
        from: Timestamp,
        /// Until this instant.
        until: Timestamp,
    },
}

/// One claim with its salt, as text whose digest is signed. The text is kept as it came: its bytes are what is hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct Disclosure {
    text: String,
    name: String,
    value: Value,
}

impl Disclosure {
    /// A disclosure with a fresh salt of 128 bits.
    fn new(name: String, value: Value, rng: &mut (impl CryptoRng + ?Sized)) -> Disclosure {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let json = Value::from(vec![URL_SAFE_NO_PAD.encode(salt).into(), name.as_str().into(), value.clone()]);
        Disclosure { text: URL_SAFE_NO_PAD.encode(json.to_string()), name, value }
    }

    /// Reads a disclosure; `index` is the number that its error carries.
    ///
    /// # Errors
    /// [`SdJwtError::Disclosure`] and [`SdJwtError::Reserved`].
    pub fn parse(text: &str, index: usize) -> Result<Disclosure, SdJwtError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SdJwtError::Disclosure(index))?;
        let (_salt, name, value): (String, String, Value) =
            strict_json::from_slice(&bytes).map_err(|_| SdJwtError::Disclosure(index))?;
        if reserved(&name) || nests(&value) {
            return Err(SdJwtError::Reserved(name));
        }
        Ok(Disclosure { text: text.into(), name, value })
    }

    /// Name of the claim.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Value of the claim.
    pub fn value(&self) -> &Value {
        &self.value
    }
    /// Base64url of SHA-256 over the text.
    pub fn digest(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.text))
    }
}

impl std::fmt::Debug for Disclosure {
    /// A value may be confidential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Disclosure({:?}, ..)", self.name)
    }
}

fn reserved(name: &str) -> bool {
    matches!(name, "_sd" | "_sd_alg" | "...")
}

/// Whether a value has digests of its own.
fn nests(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, v)| reserved(name) || nests(v)),
        Value::Array(items) => items.iter().any(nests),
        _ => false,
    }
}

/// Salts claims: their digests and enough decoys for a multiple of [`DIGESTS`], sorted, and their disclosures in the
/// order of their names.
pub fn conceal(claims: BTreeMap<String, Value>, rng: &mut (impl CryptoRng + ?Sized)) -> (Vec<String>, Vec<Disclosure>) {
    let disclosures: Vec<_> = claims.into_iter().map(|(name, value)| Disclosure::new(name, value, rng)).collect();
    let mut digests: Vec<String> = disclosures.iter().map(Disclosure::digest).collect();
    while digests.is_empty() || !digests.len().is_multiple_of(DIGESTS) {
        let mut decoy = [0; 32];
        rng.fill_bytes(&mut decoy);
        digests.push(URL_SAFE_NO_PAD.encode(decoy));
    }
    digests.sort_unstable();
    (digests, disclosures)
}

/// The claims that `disclosures` show of a payload with these `_sd` and `_sd_alg`, whose open members are `open`.
///
/// # Errors
/// [`SdJwtError`]: another algorithm, a digest or a disclosure or a name twice, a disclosure that is not referenced or
/// that clashes with an open member.
pub fn disclosed(
    digests: &[String],
    algorithm: &str,
    open: &[&str],
    disclosures: &[Disclosure],
) -> Result<BTreeMap<String, Value>, SdJwtError> {
    if algorithm != ALGORITHM {
        return Err(SdJwtError::Algorithm(algorithm.into()));
    }
    let mut unused = BTreeSet::new();
    for digest in digests {
        if !unused.insert(digest.as_str()) {
            return Err(SdJwtError::RepeatedDigest(digest.clone()));
        }
    }
    let mut seen = BTreeSet::new();
    let mut claims = BTreeMap::new();
    for disclosure in disclosures {
        let name = || disclosure.name.clone();
        let digest = disclosure.digest();
        if !unused.remove(digest.as_str()) {
            let error = if seen.contains(&digest) { SdJwtError::RepeatedDisclosure } else { SdJwtError::Unreferenced };
            return Err(error(name()));
        }
        seen.insert(digest);
        if open.contains(&disclosure.name.as_str()) {
            return Err(SdJwtError::Clash(name()));
        }
        if claims.insert(name(), disclosure.value.clone()).is_some() {
            return Err(SdJwtError::RepeatedName(name()));
        }
    }
    Ok(claims)
}

/// A signed object and some of its disclosures: `jwt~disclosure~…~`. Nothing is verified by reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdJwt {
    jwt: String,
    disclosures: Vec<Disclosure>,
}

impl SdJwt {
    /// A signed object with all its disclosures.
    pub(crate) fn new(jwt: String, disclosures: Vec<Disclosure>) -> SdJwt {
        SdJwt { jwt, disclosures }
    }

    /// Reads `jwt~disclosure~…~`.
    ///
    /// # Errors
    /// [`SdJwtError`], by form and size only.
    pub fn parse(text: &str) -> Result<SdJwt, SdJwtError> {
        if text.len() > MAX_BYTES {
            return Err(SdJwtError::TooLong(text.len()));
        }
        let mut parts: Vec<&str> = text.strip_suffix('~').ok_or(SdJwtError::Form)?.split('~').collect();
        let jwt = parts.remove(0);
        if jwt.is_empty() {
            return Err(SdJwtError::Form);
        }
        if parts.len() > MAX_DISCLOSURES {
            return Err(SdJwtError::TooMany(parts.len()));
        }
        let disclosures = parts.into_iter().zip(1..).map(|(part, i)| Disclosure::parse(part, i));
        Ok(SdJwt { jwt: jwt.into(), disclosures: disclosures.collect::<Result<_, _>>()? })
    }

    /// The signed object.
    pub fn jwt(&self) -> &str {
        &self.jwt
    }
    /// Its disclosures.
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// The same object with the disclosures of these claims only.
    ///
    /// # Errors
    /// [`SdJwtError::NoSuchClaim`].
    pub fn showing<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<SdJwt, SdJwtError> {
        let names: BTreeSet<&str> = names.into_iter().collect();
        let find = |name: &&str| {
            let found = self.disclosures.iter().find(|d| d.name == *name);
            found.cloned().ok_or_else(|| SdJwtError::NoSuchClaim((*name).into()))
        };
        Ok(SdJwt { jwt: self.jwt.clone(), disclosures: names.iter().map(find).collect::<Result<_, _>>()? })
    }

    /// Signs it as the holder, for one audience, nonce and list of proofs.
    ///
    /// # Errors
    /// [`SdJwtError::Binding`] when audience and nonce are too long to sign.
    pub fn bind(
        self,
        holder: &Identity,
        audience: &str,
        nonce: &str,
        proofs: &[u8; 32],
        now: Timestamp,
    ) -> Result<Presented, SdJwtError> {
        let claims = KeyBinding {
            iat: now.as_second(),
            aud: audience.into(),
            nonce: nonce.into(),
            sd_hash: self.hash(),
            proofs: hex::encode(proofs),
        };
        let binding = jws::sign(ObjectType::KeyBinding, &claims, holder).map_err(SdJwtError::Binding)?;
        Ok(Presented { sd_jwt: self, binding })
    }

    /// The `sd_hash` of a key binding: base64url of SHA-256 over the whole text.
    fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.to_string()))
    }
}

impl std::fmt::Display for SdJwt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~", self.jwt)?;
        self.disclosures.iter().try_for_each(|d| write!(f, "{}~", d.text))
    }
}

/// Claims of a key-binding JWT; `proofs` is ours.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyBinding {
    iat: i64,
    aud: String,
    nonce: String,
    sd_hash: String,
    proofs: String,
}

/// What a key binding must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Name of the verifier.
    pub audience: &'a str,
    /// The request's nonce.
    pub nonce: &'a str,
    /// Digest of the ordered proofs.
    pub proofs: &'a [u8; 32],
    /// When the request was made; nobody answers earlier.
    pub from: Timestamp,
    /// The present time.
    pub now: Timestamp,
}

/// An SD-JWT with a holder's signature at its end: `jwt~disclosure~…~kb-jwt`. Nothing is verified by reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    sd_jwt: SdJwt,
    binding: String,
}

impl Presented {
    /// Reads `jwt~disclosure~…~kb-jwt`.
    ///
    /// # Errors
    /// [`SdJwtError::NotBound`] when the text ends with `~`, and those of [`SdJwt::parse`].
    pub fn parse(text: &str) -> Result<Presented, SdJwtError> {
        if text.len() > MAX_BYTES {
            return Err(SdJwtError::TooLong(text.len()));
        }
        let end = text.rfind('~').ok_or(SdJwtError::Form)? + 1;
        if end == text.len() {
            return Err(SdJwtError::NotBound);
        }
        Ok(Presented { sd_jwt: SdJwt::parse(&text[..end])?, binding: text[end..].into() })
    }

    /// What is presented.
    pub fn sd_jwt(&self) -> &SdJwt {
        &self.sd_jwt
    }

    /// Checks the holder's signature.
    ///
    /// # Errors
    /// [`SdJwtError::Binding`], [`SdJwtError::Audience`], [`SdJwtError::Nonce`], [`SdJwtError::Proofs`],
    /// [`SdJwtError::Hash`], [`SdJwtError::Time`] with a minute's grace on both sides.
    pub fn verify_binding(&self, holder: &SignerKey, expected: &Expected<'_>) -> Result<(), SdJwtError> {
        let signed = jws::open::<KeyBinding>(ObjectType::KeyBinding, &self.binding).map_err(SdJwtError::Binding)?;
        let claims = signed.by(holder).map_err(SdJwtError::Binding)?;
        if claims.aud != expected.audience {
            return Err(SdJwtError::Audience { found: claims.aud, expected: expected.audience.into() });
        }
        if claims.nonce != expected.nonce {
            return Err(SdJwtError::Nonce);
        }
        if digest_from_hex(&claims.proofs).as_ref() != Ok(expected.proofs) {
            return Err(SdJwtError::Proofs);
        }
        if claims.sd_hash != self.sd_jwt.hash() {
            return Err(SdJwtError::Hash);
        }
        let (from, until) = (expected.from.as_second() - SKEW_SECONDS, expected.now.as_second() + SKEW_SECONDS);
        if !(from..=until).contains(&claims.iat) {
            let found = Timestamp::from_second(claims.iat).map_or_else(|_| claims.iat.to_string(), |t| t.to_string());
            return Err(SdJwtError::Time { found, from: expected.from, until: expected.now });
        }
        Ok(())
    }
}

impl std::fmt::Display for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.sd_jwt, self.binding)
    }
}
