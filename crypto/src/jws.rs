//! Signed objects: compact JWS with EdDSA, each kind of object under its own `typ`.
//!
//! In: a payload and an [`Identity`], or the text of a JWS and the `typ` that is expected. Out: the text
//! `header.payload.signature`, or a [`Signed`] payload, which is handed over only to a caller who says whose it must
//! be: the key that a file names is never a reason to believe it. The header is exactly `alg`, `typ` and `kid`, the
//! base64url of the signer's 32-byte key. Sources: RFC 7515, RFC 8037 (EdDSA), RFC 8725 (explicit types), RFC 8032.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    identity::{Identity, KeyError, SignerKey},
    strict_json::{self, JsonError, printable},
};

/// Longest JWS that is read or written, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// What is signed. A signature under one type never counts under another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectType {
    /// An issuer vouches for a document.
    Attestation,
    /// The holder of an attestation presents it (RFC 9901).
    KeyBinding,
    /// A verifier asks for a presentation.
    Request,
    /// A sender describes the members of a sealed file.
    Record,
    /// A sender grants one recipient a sealed file.
    Grant,
    /// An issuer says which attestations it has taken back (VC-JOSE-COSE).
    StatusList,
}

impl ObjectType {
    /// All types.
    pub const ALL: [ObjectType; 6] = [
        ObjectType::Attestation,
        ObjectType::KeyBinding,
        ObjectType::Request,
        ObjectType::Record,
        ObjectType::Grant,
        ObjectType::StatusList,
    ];

    /// The `typ` of the header.
    pub fn name(self) -> &'static str {
        match self {
            ObjectType::Attestation => "consign-attestation+sd-jwt",
            ObjectType::KeyBinding => "kb+jwt",
            ObjectType::Request => "consign-request+jwt",
            ObjectType::Record => "consign-record+jwt",
            ObjectType::Grant => "consign-grant+jwt",
            ObjectType::StatusList => "vc+jwt",
        }
    }
}

/// What is wrong with a JWS.
#[derive(Debug, thiserror::Error)]
pub enum JwsError {
    /// Beyond [`MAX_BYTES`].
    #[error("the signed object has {0} bytes; it may have {MAX_BYTES}")]
    TooLong(usize),
    /// Not three parts with dots between them.
    #[error("the signed object is not a compact JWS, three parts with dots between them")]
    Parts,
    /// A part is not canonical base64url without padding.
    #[error("the {0} of the signed object is not canonical base64url without padding")]
    Base64(&'static str),
    /// The header is not a JSON object of `alg`, `typ`, `kid`.
    #[error("the header of the signed object is not accepted: {0}")]
    Header(JsonError),
    /// Another algorithm than EdDSA.
    #[error("the signed object names the algorithm \"{0}\"; only \"EdDSA\" is accepted")]
    Algorithm(String),
    /// Another type than expected.
    #[error("the signed object is of type \"{found}\" where \"{expected}\" is expected")]
    Type {
        /// The `typ` of the header.
        found: String,
        /// The `typ` asked for.
        expected: &'static str,
    },
    /// The `kid` is no safe Ed25519 key.
    #[error("the key id of the signed object is not accepted: {0}")]
    Key(#[from] KeyError),
    /// The signature has not 64 bytes or does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// Signed by another key than the caller asks for.
    #[error("signed by the key {found}, where {expected} is expected")]
    OtherSigner {
        /// Who signed.
        found: SignerKey,
        /// Who should have.
        expected: SignerKey,
    },
    /// The payload is not what its type asks for, or a member stands twice.
    #[error("the payload of the signed object is not accepted: {0}")]
    Payload(JsonError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// Signs `payload`, a struct whose reader denies unknown members.
///
/// # Errors
/// [`JwsError::Payload`] when it does not serialise as JSON, [`JwsError::TooLong`].
pub fn sign<T: Serialize>(typ: ObjectType, payload: &T, signer: &Identity) -> Result<String, JwsError> {
    let header = Header { alg: "EdDSA".into(), typ: typ.name().into(), kid: signer.public().signer().to_string() };
    let mut text = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).map_err(|e| JwsError::Header(e.into()))?);
    text.push('.');
    text += &URL_SAFE_NO_PAD.encode(serde_json::to_vec(payload).map_err(|e| JwsError::Payload(e.into()))?);
    let signature = signer.sign(text.as_bytes());
    text.push('.');
    text += &URL_SAFE_NO_PAD.encode(signature);
    if text.len() > MAX_BYTES { Err(JwsError::TooLong(text.len())) } else { Ok(text) }
}

/// Reads a JWS of the given type and checks the signature under the key that its header names.
///
/// # Errors
/// Every variant of [`JwsError`] but [`JwsError::OtherSigner`].
pub fn open<T: DeserializeOwned>(typ: ObjectType, text: &str) -> Result<Signed<T>, JwsError> {
    if text.len() > MAX_BYTES {
        return Err(JwsError::TooLong(text.len()));
    }
    let (signed, signature) = text.rsplit_once('.').ok_or(JwsError::Parts)?;
    let (header, payload) = signed.split_once('.').ok_or(JwsError::Parts)?;
    if payload.contains('.') {
        return Err(JwsError::Parts);
    }
    let decode = |what, part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Base64(what));

    let header: Header = strict_json::from_slice(&decode("header", header)?).map_err(JwsError::Header)?;
    if header.alg != "EdDSA" {
        return Err(JwsError::Algorithm(printable(&header.alg, 100)));
    }
    if header.typ != typ.name() {
        return Err(JwsError::Type { found: printable(&header.typ, 100), expected: typ.name() });
    }
    let signer: SignerKey = header.kid.parse()?;
    let signature: [u8; 64] = decode("signature", signature)?.try_into().map_err(|_| JwsError::Signature)?;
    if !signer.verifies(signed.as_bytes(), &signature) {
        return Err(JwsError::Signature);
    }
    let payload = strict_json::from_slice(&decode("payload", payload)?).map_err(JwsError::Payload)?;
    Ok(Signed { signer, payload })
}

/// A payload under a signature that holds. Whose it is, is for the caller to judge by the trust list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<T> {
    signer: SignerKey,
    payload: T,
}

impl<T> Signed<T> {
    /// The key that signed.
    pub fn signer(&self) -> &SignerKey {
        &self.signer
    }

    /// The payload, if it is `expected` who signed.
    ///
    /// # Errors
    /// [`JwsError::OtherSigner`].
    pub fn by(self, expected: &SignerKey) -> Result<T, JwsError> {
        if self.signer != *expected {
            return Err(JwsError::OtherSigner { found: self.signer, expected: *expected });
        }
        Ok(self.payload)
    }

    /// The payload, whoever signed: to show to a person, or to find out in it who should have.
    pub fn whoever_signed(&self) -> &T {
        &self.payload
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng, rngs::StdRng};
    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Payload {
        iat: i64,
        text: String,
    }

    fn signer() -> Identity {
        Identity::generate("A".parse().unwrap(), jiff::Timestamp::UNIX_EPOCH, &mut StdRng::seed_from_u64(1))
    }

    fn encode(bytes: impl AsRef<[u8]>) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A JWS over any header and payload, signed as they are.
    fn forged(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let signed = format!("{}.{}", encode(header), encode(payload));
        format!("{signed}.{}", encode(signer().sign(signed.as_bytes())))
    }

    fn header() -> Value {
        json!({"alg": "EdDSA", "typ": "consign-grant+jwt", "kid": signer().public().signer()})
    }

    fn fails(text: &str) -> JwsError {
        open::<Payload>(ObjectType::Grant, text).unwrap_err()
    }

    proptest! {
        #[test]
        fn round_trips_and_refuses_every_changed_character(iat: i64, text: String, at: usize, to in "[A-Za-z0-9_.-]") {
            let payload = Payload { iat, text };
            let jws = sign(ObjectType::Grant, &payload, &signer()).unwrap();
            let opened = open::<Payload>(ObjectType::Grant, &jws).unwrap();
            prop_assert_eq!(opened.by(signer().public().signer()).unwrap(), payload);
            let at = at % jws.len();
            prop_assume!(jws[at..=at] != to);
            let mut changed = jws.clone();
            changed.replace_range(at..=at, &to);
            prop_assert!(open::<Payload>(ObjectType::Grant, &changed).is_err());
        }

        #[test]
        fn any_text_is_refused(text in "[A-Za-z0-9_.-]{0,200}") {
            prop_assert!(open::<Value>(ObjectType::Grant, &text).is_err());
        }
    }

    #[test]
    fn each_type_opens_only_as_itself() {
        for signed in ObjectType::ALL {
            let jws = sign(signed, &json!({}), &signer()).unwrap();
            for expected in ObjectType::ALL {
                match open::<Value>(expected, &jws) {
                    Ok(_) => assert_eq!(signed, expected),
                    Err(JwsError::Type { found, .. }) => assert!(signed != expected && found == signed.name()),
                    Err(other) => panic!("{other}"),
                }
            }
        }
    }

    #[test]
    fn the_payload_is_the_expected_signers_only() {
        let jws = sign(ObjectType::Grant, &json!({}), &signer()).unwrap();
        let mut rng = StdRng::seed_from_u64(2);
        let other = Identity::generate("B".parse().unwrap(), jiff::Timestamp::UNIX_EPOCH, &mut rng);
        let signed = open::<Value>(ObjectType::Grant, &jws).unwrap();
        assert!(matches!(signed.by(other.public().signer()), Err(JwsError::OtherSigner { .. })));
    }

    #[test]
    fn headers_are_exact() {
        let payload = r#"{"iat":1,"text":"a"}"#;
        open::<Payload>(ObjectType::Grant, &forged(header().to_string(), payload)).unwrap();
        for (member, value) in [("crit", json!(["exp"])), ("jwk", json!({})), ("b64", json!(false))] {
            let mut more = header();
            more[member] = value;
            assert!(matches!(fails(&forged(more.to_string(), payload)), JwsError::Header(_)), "{member}");
        }
        for member in ["alg", "typ", "kid"] {
            let mut less = header();
            less.as_object_mut().unwrap().remove(member);
            assert!(matches!(fails(&forged(less.to_string(), payload)), JwsError::Header(_)), "{member}");
        }
        let twice = header().to_string().replacen('{', r#"{"alg":"EdDSA","#, 1);
        assert!(matches!(fails(&forged(twice, payload)), JwsError::Header(_)));
        let list = json!(["EdDSA", "consign-grant+jwt", signer().public().signer()]).to_string();
        assert!(matches!(fails(&forged(list, payload)), JwsError::Header(e) if e.to_string().contains("sequence")));
        for alg in ["none", "HS256", "Ed25519", "eddsa"] {
            let mut other = header();
            other["alg"] = json!(alg);
            assert!(matches!(fails(&forged(other.to_string(), payload)), JwsError::Algorithm(found) if found == alg));
        }
        let mut other = header();
        other["kid"] = json!(encode([0; 32]));
        assert!(matches!(fails(&forged(other.to_string(), payload)), JwsError::Key(KeyError::Weak)));
    }

    #[test]
    fn payloads_are_strict() {
        for payload in [
            r#"{"iat":1,"text":"a","more":1}"#,
            r#"{"iat":1}"#,
            r#"{"iat":1,"iat":1,"text":"a"}"#,
            r#"{"iat":1.5,"text":"a"}"#,
            r#"{"iat":1,"text":"a"}x"#,
            r#"[1,"a"]"#,
            "",
        ] {
            assert!(matches!(fails(&forged(header().to_string(), payload)), JwsError::Payload(_)), "{payload}");
        }
    }

    #[test]
    fn the_text_is_canonical() {
        let jws = sign(ObjectType::Grant, &Payload { iat: 1, text: "a".into() }, &signer()).unwrap();
        assert!(matches!(fails(&format!("{jws}=")), JwsError::Base64("signature")));
        assert!(matches!(fails(&format!("{jws}.")), JwsError::Parts));
        assert!(matches!(fails("a"), JwsError::Parts));
        assert!(matches!(fails("a.b"), JwsError::Parts));
        assert!(matches!(fails(&format!(" {jws}")), JwsError::Base64("header")));
        // 64 bytes are 86 characters, the last of which carries four bits that must be zero.
        let last = jws.chars().last().unwrap();
        let next = char::from(last as u8 + 1);
        let changed = format!("{}{next}", &jws[..jws.len() - 1]);
        assert!(matches!(fails(&changed), JwsError::Base64("signature")), "{changed}");
        assert!(matches!(fails(&jws[..jws.len() - 2]), JwsError::Signature));
        assert!(matches!(fails(&"a".repeat(MAX_BYTES + 1)), JwsError::TooLong(_)));
        let long = Payload { iat: 1, text: "a".repeat(MAX_BYTES) };
        assert!(matches!(sign(ObjectType::Grant, &long, &signer()), Err(JwsError::TooLong(_))));
    }

    /// Not every length is that of a text in base64url, so the types are tried until one has it.
    #[test]
    fn the_longest_is_signed_and_read() {
        let text = |bytes: usize| Payload { iat: 1, text: "a".repeat(bytes) };
        let found = ObjectType::ALL.into_iter().any(|typ| {
            let least = sign(typ, &text(0), &signer()).unwrap().len();
            let about = (MAX_BYTES - least) / 4 * 3;
            (about - 3..about + 6).any(|bytes| match sign(typ, &text(bytes), &signer()) {
                Ok(longest) if longest.len() == MAX_BYTES => {
                    assert!(open::<Payload>(typ, &longest).is_ok());
                    assert!(matches!(open::<Payload>(typ, &format!("{longest}A")), Err(JwsError::TooLong(_))));
                    true
                }
                _ => false,
            })
        });
        assert!(found);
    }

    /// RFC 8032, section 7.1, tests 1 to 3; and the same with `S + L`, the second form of a signature.
    #[test]
    fn signatures_are_those_of_rfc_8032() {
        for (key, message, signature) in [
            (
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let key: [u8; 32] = hex::decode(key).unwrap().try_into().unwrap();
            let key = SignerKey::from_bytes(&key).unwrap();
            let message = hex::decode(message).unwrap();
            let mut signature: [u8; 64] = hex::decode(signature).unwrap().try_into().unwrap();
            assert!(key.verifies(&message, &signature));
            let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
            let mut carry = 0;
            for (byte, l) in signature[32..].iter_mut().zip(order) {
                let sum = u16::from(*byte) + u16::from(l) + carry;
                (*byte, carry) = (sum as u8, sum >> 8);
            }
            assert!(!key.verifies(&message, &signature));
        }
    }

    /// RFC 8037, appendix A.4: a JWS of another header is refused, its signature is one of ours.
    #[test]
    fn the_example_of_rfc_8037_verifies_beneath_our_header() {
        let key: SignerKey = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".parse().unwrap();
        let (signed, signature) = concat!(
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWb",
            "hijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        )
        .rsplit_once('.')
        .unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap().try_into().unwrap();
        assert!(key.verifies(signed.as_bytes(), &bytes));
        assert!(matches!(fails(&format!("{signed}.{signature}")), JwsError::Header(_)));
    }
}
