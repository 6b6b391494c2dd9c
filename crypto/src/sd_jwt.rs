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
/// Most values of all disclosed claims together, as [`strict_json`] counts them: three lists of as many containers as a
/// document can have.
pub const MAX_VALUES: usize = 1 << 18;
/// Longest name of a claim, in bytes.
pub const MAX_NAME: usize = 200;
/// How far clocks may differ, in seconds.
pub const SKEW_SECONDS: i64 = 60;

/// One claim with its salt, as text whose digest is signed. What it says is read when its digest was found among the
/// signed ones: a stranger's text would otherwise cost many times its length in memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Disclosure<'a>(&'a str);

impl<'a> Disclosure<'a> {
    /// The text of a claim under a fresh salt of 128 bits.
    fn conceal(name: &str, value: &Value, rng: &mut (impl CryptoRng + ?Sized)) -> String {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let json = Value::from(vec![URL_SAFE_NO_PAD.encode(salt).into(), name.into(), value.clone()]);
        URL_SAFE_NO_PAD.encode(json.to_string())
    }

    /// A text that is not read yet.
    pub fn of(text: &'a str) -> Disclosure<'a> {
        Disclosure(text)
    }

    /// Name and value of the claim; `index` is the number that its error carries, `left` how many values it may still
    /// have, of which it takes its own.
    ///
    /// # Errors
    /// [`SdJwtError::Disclosure`], [`SdJwtError::Reserved`], [`SdJwtError::TooManyValues`].
    pub fn claim(self, index: usize, left: &mut usize) -> Result<(String, Value), SdJwtError> {
        let bytes = URL_SAFE_NO_PAD.decode(self.0).map_err(|_| SdJwtError::Disclosure(index))?;
        let read = strict_json::from_slice_counted(&bytes, left);
        let (_salt, name, value): (String, String, Value) = read.map_err(|_| match *left {
            0 => SdJwtError::TooManyValues,
            _ => SdJwtError::Disclosure(index),
        })?;
        if name.len() > MAX_NAME {
            return Err(SdJwtError::Disclosure(index));
        }
        if reserved(&name) || nests(&value) {
            return Err(SdJwtError::Reserved(name));
        }
        Ok((name, value))
    }

    /// Base64url of SHA-256 over the text.
    pub fn digest(self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0))
    }
}

impl std::fmt::Debug for Disclosure<'_> {
    /// A value may be confidential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disclosure(..)")
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

/// Salts claims: their digests and enough decoys for a multiple of [`DIGESTS`], sorted, and the texts of their
/// disclosures in the order of their names.
pub fn conceal(claims: BTreeMap<String, Value>, rng: &mut (impl CryptoRng + ?Sized)) -> (Vec<String>, Vec<String>) {
    let texts: Vec<_> = claims.iter().map(|(name, value)| Disclosure::conceal(name, value, rng)).collect();
    let mut digests: Vec<String> = texts.iter().map(|text| Disclosure(text).digest()).collect();
    while digests.is_empty() || !digests.len().is_multiple_of(DIGESTS) {
        let mut decoy = [0; 32];
        rng.fill_bytes(&mut decoy);
        digests.push(URL_SAFE_NO_PAD.encode(decoy));
    }
    digests.sort_unstable();
    (digests, texts)
}

/// The claims that an SD-JWT shows of its payload with these `_sd` and `_sd_alg`, whose open members are `open`.
///
/// # Errors
/// [`SdJwtError`]: another algorithm, a digest or a disclosure or a name twice, a disclosure that is not referenced, is
/// malformed or clashes with an open member.
pub fn disclosed(
    digests: &[String],
    algorithm: &str,
    open: &[&str],
    sd_jwt: &SdJwt,
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
    let (mut seen, mut claims, mut left) = (BTreeMap::new(), BTreeMap::new(), MAX_VALUES);
    for (disclosure, index) in sd_jwt.disclosures().zip(1..) {
        let digest = disclosure.digest();
        if !unused.remove(digest.as_str()) {
            return Err(match seen.remove(&digest) {
                Some(name) => SdJwtError::RepeatedDisclosure(name),
                None => SdJwtError::Unreferenced(index),
            });
        }
        let (name, value) = disclosure.claim(index, &mut left)?;
        if open.contains(&name.as_str()) {
            return Err(SdJwtError::Clash(name));
        }
        seen.insert(digest, name.clone());
        if claims.insert(name.clone(), value).is_some() {
            return Err(SdJwtError::RepeatedName(name));
        }
    }
    Ok(claims)
}

/// A signed object and some of its disclosures: `jwt~disclosure~…~`. Nothing is verified by reading it, and nothing but
/// its text is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SdJwt(String);

impl SdJwt {
    /// A signed object with these texts of disclosures.
    pub(crate) fn new<'a>(jwt: &str, disclosures: impl IntoIterator<Item = &'a str>) -> SdJwt {
        let mut text = format!("{jwt}~");
        disclosures.into_iter().for_each(|disclosure| text.extend([disclosure, "~"]));
        SdJwt(text)
    }

    /// Reads `jwt~disclosure~…~`.
    ///
    /// # Errors
    /// [`SdJwtError`], by form and size only.
    pub fn parse(text: &str) -> Result<SdJwt, SdJwtError> {
        if text.len() > MAX_BYTES {
            return Err(SdJwtError::TooLong(text.len()));
        }
        if text.starts_with('~') || !text.ends_with('~') {
            return Err(SdJwtError::Form);
        }
        let number = text.bytes().filter(|byte| *byte == b'~').count() - 1;
        if number > MAX_DISCLOSURES {
            return Err(SdJwtError::TooMany(number));
        }
        let read = SdJwt(text.into());
        let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let malformed = |Disclosure(text): Disclosure<'_>| text.is_empty() || !text.bytes().all(in_alphabet);
        if let Some(before) = read.disclosures().position(malformed) {
            return Err(SdJwtError::Disclosure(before + 1));
        }
        Ok(read)
    }

    /// The signed object.
    pub fn jwt(&self) -> &str {
        self.0.split('~').next().unwrap_or_default()
    }
    /// Its disclosures.
    pub fn disclosures(&self) -> impl Iterator<Item = Disclosure<'_>> {
        self.0.split_terminator('~').skip(1).map(Disclosure)
    }

    /// The names of the claims that are disclosed, in the order of the disclosures. That they are signed is for
    /// [`disclosed`] to say.
    ///
    /// # Errors
    /// As [`Disclosure::claim`].
    pub fn names(&self) -> Result<Vec<String>, SdJwtError> {
        let mut left = MAX_VALUES;
        let name = |(disclosure, index): (Disclosure<'_>, usize)| Ok(disclosure.claim(index, &mut left)?.0);
        self.disclosures().zip(1..).map(name).collect()
    }

    /// The same object with the disclosures of these claims only.
    ///
    /// # Errors
    /// [`SdJwtError::NoSuchClaim`], and as [`Disclosure::claim`].
    pub fn showing<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<SdJwt, SdJwtError> {
        let wanted: BTreeSet<&str> = names.into_iter().collect();
        let names = if wanted.is_empty() { Vec::new() } else { self.names()? };
        let found: BTreeMap<&str, Disclosure<'_>> = names.iter().map(String::as_str).zip(self.disclosures()).collect();
        let text = |name: &&str| match found.get(name) {
            Some(Disclosure(text)) => Ok(*text),
            None => Err(SdJwtError::NoSuchClaim((*name).into())),
        };
        Ok(SdJwt::new(self.jwt(), wanted.iter().map(text).collect::<Result<Vec<_>, _>>()?))
    }

    /// The `sd_hash` of a key binding: base64url of SHA-256 over the whole text.
    fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.0))
    }
}

impl std::fmt::Display for SdJwt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for SdJwt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SdJwt({} disclosures, ..)", self.disclosures().count())
    }
}

#[cfg(test)]
mod tests;
