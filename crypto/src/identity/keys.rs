//! Public keys, checked when they are read: in their one canonical spelling, and of no small order.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bech32::{Bech32, Checksum, Hrp, primitives::decode::CheckedHrpstring};
use ed25519_dalek::VerifyingKey;
use rand::CryptoRng;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::age::x25519::SharedSecret;
use crate::age::{FileKey, HeaderError, HybridRecipient, Stanza, X25519Recipient, hybrid, x25519};

pub(crate) const RECIPIENT_HRP: &str = "age";
/// Before the separator `1` of an age secret key.
pub(crate) const SECRET_HRP: &str = "AGE-SECRET-KEY-";
/// Before the separator `1` of a post-quantum age secret key.
pub(crate) const HYBRID_SECRET_HRP: &str = "AGE-SECRET-KEY-PQ-";

/// What is wrong with a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 43 characters of base64url without padding, in canonical form.
    #[error("the Ed25519 key is not 32 bytes in canonical base64url without padding")]
    Encoding,
    /// Not a point of the curve in its one canonical form.
    #[error("the Ed25519 key is not the canonical form of a point on the curve")]
    NotAPoint,
    /// The point is of small order, or has a part of small order: signatures under it bind nobody.
    #[error("the Ed25519 key is not in the prime-order subgroup")]
    Weak,
    /// Not `age1` and 32 bytes in lower-case bech32.
    #[error("the age recipient is not age1 and 32 bytes in lower-case bech32")]
    Recipient,
    /// Not `age1pq1` and a valid post-quantum key in lower-case bech32.
    #[error("the age recipient is not age1pq1 and a valid post-quantum key in lower-case bech32")]
    PostQuantum,
    /// At or above 2^255 - 19: a second spelling of another key.
    #[error("the age recipient is not in canonical form")]
    NonCanonicalRecipient,
    /// A point of low order, with which every shared secret is zero.
    #[error("the age recipient is a point of low order; anybody could open what is sealed to it")]
    LowOrder,
}

/// An Ed25519 public key of the prime-order subgroup, in canonical form. Written as base64url of its 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignerKey([u8; 32]);

impl SignerKey {
    /// The key with these 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::NotAPoint`] and [`KeyError::Weak`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<SignerKey, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        let point = key.to_edwards();
        if point.compress().to_bytes() != *bytes {
            return Err(KeyError::NotAPoint);
        }
        if key.is_weak() || !point.is_torsion_free() {
            return Err(KeyError::Weak);
        }
        Ok(SignerKey(*bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is this key's over `message`, by the strict rules: canonical `S`, no point of small order.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;
    fn from_str(s: &str) -> Result<SignerKey, KeyError> {
        let bytes = URL_SAFE_NO_PAD.decode(s).map_err(|_| KeyError::Encoding)?;
        SignerKey::from_bytes(&bytes.try_into().map_err(|_| KeyError::Encoding)?)
    }
}

impl fmt::Display for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.as_bytes()))
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({self})")
    }
}

impl serde::Serialize for SignerKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for SignerKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<SignerKey, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The key that files are sealed to: X25519, `age1…`; or X25519 and ML-KEM-768 together, `age1pq1…`, which a quantum
/// computer does not open. Canonical, not of low order.
#[derive(Clone, PartialEq, Eq)]
pub struct RecipientKey(Public);

#[derive(Clone, PartialEq, Eq)]
enum Public {
    X25519(X25519Recipient),
    Hybrid(HybridRecipient),
}

impl RecipientKey {
    /// The X25519 key with these 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::NonCanonicalRecipient`] and [`KeyError::LowOrder`].
    pub fn from_bytes(bytes: [u8; 32]) -> Result<RecipientKey, KeyError> {
        // 2^255 - 19 is ed ff .. ff 7f, least significant byte first.
        let above = bytes[31] > 0x7f || (bytes[31] == 0x7f && bytes[1..31] == [0xff; 30] && bytes[0] >= 0xed);
        if above {
            return Err(KeyError::NonCanonicalRecipient);
        }
        let key = PublicKey::from(bytes);
        // A clamped scalar is a multiple of the cofactor, so one product tells whether the order is low.
        if !StaticSecret::from([0x42; 32]).diffie_hellman(&key).was_contributory() {
            return Err(KeyError::LowOrder);
        }
        Ok(RecipientKey(Public::X25519(X25519Recipient::from_bytes(bytes))))
    }

    /// Whether it is a post-quantum key.
    pub fn is_post_quantum(&self) -> bool {
        matches!(self.0, Public::Hybrid(_))
    }

    /// The type of the stanzas that are for such keys.
    pub(crate) fn stanza_tag(&self) -> &'static str {
        match self.0 {
            Public::X25519(_) => x25519::TAG,
            Public::Hybrid(_) => hybrid::TAG,
        }
    }

    /// Wraps `file_key` and also returns what sender and recipient now share.
    pub(crate) fn wrap_shared(
        &self,
        file_key: &FileKey,
        rng: &mut dyn CryptoRng,
    ) -> Result<(Stanza, SharedSecret), HeaderError> {
        match &self.0 {
            Public::X25519(key) => key.wrap_shared(file_key, rng),
            Public::Hybrid(key) => key.wrap_shared(file_key, rng),
        }
    }

    /// The key as an error names it: enough of it to tell which.
    pub(crate) fn short(&self) -> String {
        let text = self.to_string();
        if text.len() > 62 { format!("{}…", &text[..62]) } else { text }
    }
}

impl From<HybridRecipient> for RecipientKey {
    /// Such a key was checked when it was made.
    fn from(key: HybridRecipient) -> RecipientKey {
        RecipientKey(Public::Hybrid(key))
    }
}

impl FromStr for RecipientKey {
    type Err = KeyError;
    fn from_str(s: &str) -> Result<RecipientKey, KeyError> {
        if s.starts_with("age1pq1") {
            return s.parse().map(|key| RecipientKey(Public::Hybrid(key))).map_err(|_| KeyError::PostQuantum);
        }
        RecipientKey::from_bytes(*decode_bech32(RECIPIENT_HRP, s).ok_or(KeyError::Recipient)?)
    }
}

impl fmt::Display for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Public::X25519(key) => key.fmt(f),
            Public::Hybrid(key) => key.fmt(f),
        }
    }
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecipientKey({})", self.short())
    }
}

/// The checksum of BIP 173 without its limit on length, which age does not have: a post-quantum recipient takes 1,959
/// characters. Over so many the code no longer promises to find every error of four characters; a key's use does.
pub(crate) enum LongBech32 {}

impl Checksum for LongBech32 {
    type MidstateRepr = <Bech32 as Checksum>::MidstateRepr;
    type CorrectionField = <Bech32 as Checksum>::CorrectionField;
    const ROOT_GENERATOR: Self::CorrectionField = Bech32::ROOT_GENERATOR;
    const ROOT_EXPONENTS: std::ops::RangeInclusive<usize> = Bech32::ROOT_EXPONENTS;
    const CODE_LENGTH: usize = 4096;
    const CHECKSUM_LENGTH: usize = Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [Self::MidstateRepr; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: Self::MidstateRepr = Bech32::TARGET_RESIDUE;
}

/// Exactly `N` bytes of bech32 under `hrp`, in the case that `hrp` has and with zero padding bits, as age asks.
pub(crate) fn decode_bech32<const N: usize>(hrp: &str, text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mixed = if hrp.bytes().any(|b| b.is_ascii_uppercase()) {
        text.bytes().any(|b| b.is_ascii_lowercase())
    } else {
        text.bytes().any(|b| b.is_ascii_uppercase())
    };
    // HRP, the separator, five bits a character of data, 6 of checksum.
    if mixed || text.len() != hrp.len() + 1 + (8 * N).div_ceil(5) + 6 || !text.starts_with(hrp) {
        return None;
    }
    let checked = CheckedHrpstring::new::<LongBech32>(text).ok()?;
    checked.validate_segwit_padding().ok()?;
    if checked.hrp() != Hrp::parse(hrp).ok()? || checked.byte_iter().len() != N {
        return None;
    }
    let mut bytes = Zeroizing::new([0; N]);
    bytes.iter_mut().zip(checked.byte_iter()).for_each(|(to, from)| *to = from);
    Some(bytes)
}
