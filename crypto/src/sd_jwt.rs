//! Selective disclosure: claims that a signed object carries as salted digests, and a holder shows or keeps back.
//!
//! In: claims by name, to be concealed in a payload's `_sd`; or the compact text `jwt~disclosure~…~` and with a holder's
//! key-binding JWT at its end. Out: the digests and their disclosures; or the disclosed claims, each found exactly once
//! among the digests. Only members of the payload itself are disclosable here, neither array elements nor members of
//! members: what has such is refused. Source: RFC 9901, sections 4 and 7.

mod binding;
mod error;

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::CryptoRng;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use self::{
    binding::{Expected, Presented},
    error::SdJwtError,
};
use crate::strict_json::{self, printable};

/// The `_sd_alg` of every payload.
pub const ALGORITHM: &str = "sha-256";
/// The number of digests is a multiple of this: decoys fill the rest, so that it tells nothing of the claims.
pub const DIGESTS: usize = 64;
/// Longest SD-JWT that is read, in bytes.
pub const MAX_BYTES: usize = 4 << 20;
/// Most disclosures that are read.
pub const MAX_DISCLOSURES: usize = 4096;
/// Longest name of a claim, in bytes.
pub const MAX_NAME: usize = 200;
/// How far clocks may differ, in seconds.
pub const SKEW_SECONDS: i64 = 60;

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
        if name.len() > MAX_NAME {
            return Err(SdJwtError::Disclosure(index));
        }
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
        return Err(SdJwtError::Algorithm(printable(algorithm, 100)));
    }
    let mut unused = BTreeSet::new();
    for digest in digests {
        if !unused.insert(digest.as_str()) {
            return Err(SdJwtError::RepeatedDigest(printable(digest, 100)));
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

#[cfg(test)]
mod tests;
