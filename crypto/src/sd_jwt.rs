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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::samples::{party, rng, time};

    /// RFC 9901, sections 4.2.3 and 5.1.
    #[test]
    fn digests_are_those_of_the_rfc() {
        for (text, name, value, digest) in [
            (
                "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
                "family_name",
                "Möbius",
                "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
            ),
            (
                "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd",
                "given_name",
                "John",
                "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4",
            ),
            (
                "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd",
                "family_name",
                "Doe",
                "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo",
            ),
        ] {
            let disclosure = Disclosure::parse(text, 1).unwrap();
            assert_eq!((disclosure.name(), disclosure.value()), (name, &json!(value)));
            assert_eq!(disclosure.digest(), digest);
        }
        // The array element of section 4.2.4.2 has two parts; ours have three.
        let element = Disclosure::parse("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", 5);
        assert!(matches!(element, Err(SdJwtError::Disclosure(5))));
    }

    fn concealed(names: &[&str]) -> (Vec<String>, Vec<Disclosure>) {
        conceal(names.iter().map(|&n| (n.to_owned(), json!(n))).collect(), &mut rng(1))
    }

    fn check(digests: &[String], disclosures: &[Disclosure]) -> Result<BTreeMap<String, Value>, SdJwtError> {
        disclosed(digests, ALGORITHM, &["iss"], disclosures)
    }

    proptest! {
        #[test]
        fn a_presented_subset_discloses_itself(
            names in proptest::collection::btree_set("[a-z.]{1,12}", 0..80), mask: u128, seed: u64
        ) {
            prop_assume!(!names.contains("...") && !names.contains("iss"));
            let claims: BTreeMap<String, Value> = names.iter().map(|n| (n.clone(), json!({"n": n}))).collect();
            let (digests, all) = conceal(claims.clone(), &mut rng(seed));
            prop_assert!(digests.is_sorted() && digests.len().is_multiple_of(DIGESTS) && !digests.is_empty());
            let whole = SdJwt::new("a.b.c".into(), all);
            let shown: BTreeMap<_, _> =
                claims.into_iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, c)| c).collect();
            let part = whole.showing(shown.keys().map(String::as_str)).unwrap();
            let read = SdJwt::parse(&part.to_string()).unwrap();
            prop_assert_eq!(&read, &part);
            prop_assert_eq!(check(&digests, read.disclosures()).unwrap(), shown);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[A-Za-z0-9_.~-]{0,200}") {
            if let Ok(read) = SdJwt::parse(&text) {
                prop_assert_eq!(read.to_string(), text.clone());
            }
            if let Ok(read) = Presented::parse(&text) {
                prop_assert_eq!(read.to_string(), text);
            }
        }
    }

    #[test]
    fn each_disclosure_is_hashed_in_exactly_once() {
        let (digests, all) = concealed(&["a", "b"]);
        let (_, others) = concealed(&["c", "d"]);
        let [a, b] = [&all[0], &all[1]].map(Disclosure::clone);
        assert_eq!(check(&digests, &all).unwrap().len(), 2);
        let twice = [a.clone(), a.clone()];
        assert!(matches!(check(&digests, &twice), Err(SdJwtError::RepeatedDisclosure(n)) if n == "a"));
        assert!(matches!(check(&digests, &others), Err(SdJwtError::Unreferenced(n)) if n == "c"));
        let mut repeated = digests.clone();
        repeated.push(digests[3].clone());
        assert!(matches!(check(&repeated, &all), Err(SdJwtError::RepeatedDigest(d)) if d == digests[3]));
        assert!(matches!(disclosed(&digests, "sha-512", &[], &all), Err(SdJwtError::Algorithm(a)) if a == "sha-512"));
        assert!(matches!(disclosed(&digests, ALGORITHM, &["b"], &all), Err(SdJwtError::Clash(n)) if n == "b"));
        let second = Disclosure::new("b".into(), json!(2), &mut rng(2));
        let both = [digests, vec![second.digest()]].concat();
        assert!(matches!(check(&both, &[b, second]), Err(SdJwtError::RepeatedName(n)) if n == "b"));
        // The same content in other words (a blank more) is another disclosure, which nobody signed.
        let spaced = String::from_utf8(URL_SAFE_NO_PAD.decode(&a.text).unwrap()).unwrap().replacen(',', ", ", 1);
        let spaced = Disclosure::parse(&URL_SAFE_NO_PAD.encode(spaced), 1).unwrap();
        assert_eq!((spaced.name(), spaced.value()), (a.name(), a.value()));
        assert!(matches!(check(&both, &[spaced]), Err(SdJwtError::Unreferenced(_))));
    }

    #[test]
    fn form() {
        let encode = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for bad in ["[\"s\",\"n\"]", "[\"s\",\"n\",1,2]", "[1,\"n\",1]", "{}", "[\"s\",\"n\",{\"a\":1,\"a\":1}]", ""] {
            assert!(matches!(Disclosure::parse(&encode(bad), 3), Err(SdJwtError::Disclosure(3))), "{bad}");
        }
        for bad in ["[\"s\",\"_sd\",1]", "[\"s\",\"...\",1]", "[\"s\",\"n\",[{\"_sd\":[]}]]"] {
            assert!(matches!(Disclosure::parse(&encode(bad), 3), Err(SdJwtError::Reserved(_))), "{bad}");
        }
        for bad in ["", "~", "a.b.c", "~a~"] {
            assert!(matches!(SdJwt::parse(bad), Err(SdJwtError::Form)), "{bad}");
        }
        assert!(matches!(SdJwt::parse("a.b.c~~"), Err(SdJwtError::Disclosure(1))));
        assert!(matches!(SdJwt::parse(&"~".repeat(MAX_BYTES + 1)), Err(SdJwtError::TooLong(_))));
        assert!(matches!(SdJwt::parse(&format!("a{}", "~a".repeat(5000) + "~")), Err(SdJwtError::TooMany(5000))));
        assert!(matches!(Presented::parse("a.b.c~"), Err(SdJwtError::NotBound)));
        assert!(matches!(Presented::parse("a.b.c"), Err(SdJwtError::Form)));
        let none = SdJwt::parse("a.b.c~").unwrap().showing(["x"]);
        assert!(matches!(none, Err(SdJwtError::NoSuchClaim(n)) if n == "x"));
    }

    #[test]
    fn a_key_binding_is_for_one_audience_nonce_text_and_list_of_proofs() {
        let holder = party("Shipper");
        let (from, now) = (time("2026-03-01T00:00:00Z"), time("2026-03-02T00:00:00Z"));
        let (_, all) = concealed(&["a", "b"]);
        let sd_jwt = SdJwt::new("a.b.c".into(), all);
        let presented = sd_jwt.clone().bind(&holder, "Customs", "n-1", &[7; 32], now).unwrap();
        let presented = Presented::parse(&presented.to_string()).unwrap();
        let key = holder.public().signer();
        let expected = Expected { audience: "Customs", nonce: "n-1", proofs: &[7; 32], from, now };
        presented.verify_binding(key, &expected).unwrap();

        let fails = |expected: Expected<'_>| presented.verify_binding(key, &expected).unwrap_err();
        assert!(matches!(fails(Expected { audience: "Other", ..expected }), SdJwtError::Audience { .. }));
        assert!(matches!(fails(Expected { nonce: "n-2", ..expected }), SdJwtError::Nonce));
        assert!(matches!(fails(Expected { proofs: &[8; 32], ..expected }), SdJwtError::Proofs));
        let other = party("Bank");
        let error = presented.verify_binding(other.public().signer(), &expected).unwrap_err();
        assert!(matches!(error, SdJwtError::Binding(JwsError::OtherSigner { .. })));

        let fewer = Presented { sd_jwt: sd_jwt.showing(["a"]).unwrap(), binding: presented.binding.clone() };
        assert!(matches!(fewer.verify_binding(key, &expected), Err(SdJwtError::Hash)));
        let not_one = Presented { sd_jwt, binding: "x.y.z".into() };
        assert!(matches!(not_one.verify_binding(key, &expected), Err(SdJwtError::Binding(_))));

        for (from, now, accepted) in [
            ("2026-03-02T00:01:00Z", "2026-03-03T00:00:00Z", true),
            ("2026-03-02T00:01:01Z", "2026-03-03T00:00:00Z", false),
            ("2026-03-01T00:00:00Z", "2026-03-01T23:59:00Z", true),
            ("2026-03-01T00:00:00Z", "2026-03-01T23:58:59Z", false),
        ] {
            let expected = Expected { from: time(from), now: time(now), ..expected };
            match presented.verify_binding(key, &expected) {
                Ok(()) => assert!(accepted, "{from} {now}"),
                Err(SdJwtError::Time { .. }) => assert!(!accepted, "{from} {now}"),
                Err(other) => panic!("{other}"),
            }
        }
    }
}
