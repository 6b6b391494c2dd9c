//! The hybrid post-quantum recipient type of age 1.3 (C2SP `age.md`, "The mlkem768x25519 recipient type").
//!
//! In: a file key and a public key, or a stanza and a secret key. Out: the stanza `-> mlkem768x25519 <enc>`, whose body
//! is the file key under HPKE (RFC 9180, base mode, one message), or the file key. The KEM is MLKEM768-X25519, also
//! known as X-Wing (`draft-ietf-hpke-pq`, id 0x647a): it holds as long as one of ML-KEM-768 (FIPS 203) and X25519 does.
//! HKDF-SHA256 and ChaCha20-Poly1305 complete the suite. Public keys are `age1pq1…`, secret ones `AGE-SECRET-KEY-PQ-1…`.
//!
//! A trade archive outlives today's key agreement: who records a file now could open it with the quantum computer of
//! later. One recipient without this protection gives the file away, so no header is written that mixes the two.
//!
//! A stanza takes 1.6 KB; wrapping and unwrapping take about 0.1 ms each.
//!
//! ```
//! use consign_crypto::age::{self, AgeError, HeaderError, HybridIdentity, X25519Identity};
//! use std::io::{Read, Write};
//!
//! let mut rng = rand::rng();
//! let archive = HybridIdentity::generate(&mut rng);
//! let mut writer = age::encrypt(Vec::new(), &[&archive.recipient()], &mut rng)?;
//! writer.write_all(b"to be kept for thirty years")?;
//! let file = writer.finish()?;
//! let mut text = String::new();
//! age::decrypt(&file[..], &[&archive])?.read_to_string(&mut text)?;
//! assert_eq!(text, "to be kept for thirty years");
//!
//! // One reader without such a key would undo it for all.
//! let bank = X25519Identity::generate(&mut rng);
//! let mixed = age::encrypt(Vec::new(), &[&archive.recipient(), &bank.recipient()], &mut rng);
//! assert!(matches!(mixed, Err(AgeError::Header(HeaderError::Mixed))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use hkdf::{Hkdf, HkdfExtract};
use rand::CryptoRng;
use sha2::Sha256;
use x_wing::{
    Ciphertext, DecapsulationKeyRejectNonContrib, Decapsulator, Encapsulate, EncapsulationKey, KeyExport,
    TryDecapsulate,
};
use zeroize::{Zeroize, Zeroizing};

use super::error::HeaderError;
use super::key::{FileKey, WRAPPED_BYTES};
use super::stanza::{Stanza, Unwrap, Wrap};
use super::x25519::{KeyTextError, SharedSecret, encode};
use crate::identity::{HYBRID_SECRET_HRP as SECRET_HRP, RecipientKey, decode_bech32};

/// The stanza's type.
pub const TAG: &str = "mlkem768x25519";
/// Bytes of a public key: 1,184 of ML-KEM-768 and 32 of X25519.
pub const PUBLIC_KEY_BYTES: usize = x_wing::ENCAPSULATION_KEY_SIZE;
const MLKEM_KEY_BYTES: usize = 1184;
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
const RECIPIENT_HRP: &str = "age1pq";

/// A public key to encrypt to: its ML-KEM half is one that FIPS 203 accepts, its X25519 half canonical and not of low
/// order.
#[derive(Clone, PartialEq, Eq)]
pub struct HybridRecipient(Box<EncapsulationKey>);

impl HybridRecipient {
    /// The key with these bytes, ML-KEM's half first. `None` where one half is no valid key.
    pub fn from_bytes(bytes: &[u8; PUBLIC_KEY_BYTES]) -> Option<HybridRecipient> {
        let x25519 = bytes[MLKEM_KEY_BYTES..].try_into().ok()?;
        RecipientKey::from_bytes(x25519).ok()?;
        EncapsulationKey::try_from(bytes.as_slice()).ok().map(|key| HybridRecipient(Box::new(key)))
    }

    /// The key's bytes.
    pub fn to_bytes(&self) -> [u8; PUBLIC_KEY_BYTES] {
        self.0.to_bytes().into()
    }

    /// Wraps `file_key` and also returns what sender and recipient now share.
    pub(crate) fn wrap_shared(
        &self,
        file_key: &FileKey,
        rng: &mut dyn CryptoRng,
    ) -> Result<(Stanza, SharedSecret), HeaderError> {
        let (encapsulated, mut agreed) = self.0.encapsulate_with_rng(rng);
        let secret = Zeroizing::new(agreed.into());
        agreed.zeroize();
        let (key, nonce) = hpke_context(&secret);
        let stanza = Stanza::new(TAG, &[&BASE64.encode(encapsulated)], file_key.encrypt(&key, &nonce))?;
        Ok((stanza, SharedSecret::new(secret, &encapsulated, &self.to_bytes())))
    }
}

impl Wrap for HybridRecipient {
    fn wrap(&self, file_key: &FileKey, rng: &mut dyn CryptoRng) -> Result<Stanza, HeaderError> {
        Ok(self.wrap_shared(file_key, rng)?.0)
    }
}

impl fmt::Display for HybridRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(RECIPIENT_HRP, &self.to_bytes()))
    }
}

impl fmt::Debug for HybridRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for HybridRecipient {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<HybridRecipient, KeyTextError> {
        decode_bech32(RECIPIENT_HRP, text)
            .and_then(|bytes| HybridRecipient::from_bytes(&bytes))
            .ok_or(KeyTextError::HybridRecipient)
    }
}

/// A secret key that opens stanzas: 32 bytes, from which both halves are derived. Wiped on drop, never printed.
pub struct HybridIdentity(Box<DecapsulationKeyRejectNonContrib>);

impl HybridIdentity {
    /// Draws a secret key.
    pub fn generate(rng: &mut dyn CryptoRng) -> HybridIdentity {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        let identity = HybridIdentity::from_bytes(seed);
        seed.zeroize();
        identity
    }

    /// From 32 secret bytes.
    pub fn from_bytes(mut seed: [u8; 32]) -> HybridIdentity {
        let identity = HybridIdentity(Box::new(seed.into()));
        seed.zeroize();
        identity
    }

    /// The public key of this identity.
    pub fn recipient(&self) -> HybridRecipient {
        HybridRecipient(Box::new(self.0.encapsulation_key().clone()))
    }

    /// `AGE-SECRET-KEY-PQ-1…`, as `age -i` reads it. A secret: it belongs in a file of mode 0600.
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(self.0.to_bytes().into());
        let text = Zeroizing::new(encode(SECRET_HRP, seed.as_slice()));
        Zeroizing::new(text.to_ascii_uppercase())
    }

    /// The file key in `stanza` and what sender and recipient share; otherwise as [`Unwrap::unwrap`].
    pub(crate) fn unwrap_shared(&self, stanza: &Stanza) -> Result<Option<(FileKey, SharedSecret)>, HeaderError> {
        if stanza.tag() != TAG {
            return Ok(None);
        }
        let malformed = |what| HeaderError::Stanza { tag: TAG, what };
        let Some([encapsulated]) = stanza.arguments() else {
            return Err(malformed("one argument is accepted, the encapsulated key"));
        };
        let encapsulated: Ciphertext = BASE64
            .decode(encapsulated)
            .ok()
            .and_then(|bytes| bytes.as_slice().try_into().ok())
            .ok_or(malformed("the encapsulated key is not 1,120 bytes of canonical unpadded base64"))?;
        if stanza.body().len() != WRAPPED_BYTES {
            return Err(malformed("the body is not 32 bytes"));
        }
        // ML-KEM rejects implicitly: what is not for this key gives some other secret, and the body does not open. The
        // X25519 half has one thing to refuse, a share of low order.
        let mut agreed = self
            .0
            .try_decapsulate(&encapsulated)
            .map_err(|_| HeaderError::LowOrder("age header: mlkem768x25519 stanza: share"))?;
        let secret = Zeroizing::new(agreed.into());
        agreed.zeroize();
        let (key, nonce) = hpke_context(&secret);
        let opened = FileKey::decrypt(&key, &nonce, stanza.body());
        Ok(opened.map(|file_key| {
            (file_key, SharedSecret::new(secret, &encapsulated, &self.0.encapsulation_key().to_bytes()))
        }))
    }
}

impl Unwrap for HybridIdentity {
    fn unwrap(&self, stanza: &Stanza) -> Result<Option<FileKey>, HeaderError> {
        Ok(self.unwrap_shared(stanza)?.map(|(file_key, _)| file_key))
    }
}

impl fmt::Debug for HybridIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The public key alone is 1,959 characters; its first ones tell identities apart.
        write!(f, "HybridIdentity({}…)", &self.recipient().to_string()[..24])
    }
}

impl FromStr for HybridIdentity {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<HybridIdentity, KeyTextError> {
        let seed = decode_bech32(SECRET_HRP, text).ok_or(KeyTextError::HybridIdentity)?;
        Ok(HybridIdentity::from_bytes(*seed))
    }
}

/// HPKE's suite: MLKEM768-X25519, HKDF-SHA256, ChaCha20-Poly1305.
const SUITE: [u8; 10] = *b"HPKE\x64\x7a\x00\x01\x00\x03";

/// Key and nonce of HPKE's first and only message: `KeySchedule` of RFC 9180, section 5.1, in base mode.
fn hpke_context(secret: &[u8; 32]) -> (Zeroizing<[u8; 32]>, [u8; 12]) {
    let mut context = vec![0]; // mode_base
    context.extend_from_slice(&*labeled_extract(&[], b"psk_id_hash", &[]).0);
    context.extend_from_slice(&*labeled_extract(&[], b"info_hash", INFO).0);
    let (_, schedule) = labeled_extract(secret, b"secret", &[]);
    let (mut key, mut nonce) = (Zeroizing::new([0; 32]), [0; 12]);
    labeled_expand(&schedule, b"key", &context, key.as_mut());
    labeled_expand(&schedule, b"base_nonce", &context, &mut nonce);
    (key, nonce)
}

/// `LabeledExtract` of RFC 9180, section 4; also as the key that `LabeledExpand` takes.
fn labeled_extract(salt: &[u8], label: &[u8], ikm: &[u8]) -> (Zeroizing<[u8; 32]>, Hkdf<Sha256>) {
    let mut extract = HkdfExtract::<Sha256>::new(Some(salt));
    [b"HPKE-v1", &SUITE[..], label, ikm].iter().for_each(|part| extract.input_ikm(part));
    let (key, hkdf) = extract.finalize();
    (Zeroizing::new(key.into()), hkdf)
}

/// `LabeledExpand` of RFC 9180, section 4.
fn labeled_expand(key: &Hkdf<Sha256>, label: &[u8], info: &[u8], out: &mut [u8]) {
    let length = (out.len() as u16).to_be_bytes();
    key.expand_multi_info(&[&length, b"HPKE-v1", &SUITE, label, info], out)
        .expect("44 bytes are within HKDF-SHA256's 8,160");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn key_texts_have_one_spelling() {
        let identity = HybridIdentity::generate(&mut rand::rng());
        let text = identity.recipient().to_string();
        assert_eq!((text.len(), &text[..7]), (1959, "age1pq1"));
        assert_eq!(text.parse(), Ok(identity.recipient()));
        assert_eq!(text.to_uppercase().parse::<HybridRecipient>(), Err(KeyTextError::HybridRecipient));
        let secret = identity.to_secret_text();
        assert!(secret.starts_with("AGE-SECRET-KEY-PQ-1"));
        assert_eq!(secret.parse::<HybridIdentity>().unwrap().recipient(), identity.recipient());
        assert!(!format!("{identity:?}").contains("SECRET"));
        let swapped = text.replacen('q', "p", 3);
        for bad in ["", "age1pq1", &text[..text.len() - 1], &format!("{text} "), &swapped] {
            assert_eq!(bad.parse::<HybridRecipient>(), Err(KeyTextError::HybridRecipient), "{bad}");
        }
        assert_eq!(text.parse::<HybridIdentity>().unwrap_err(), KeyTextError::HybridIdentity);
        assert_eq!(secret.parse::<super::super::X25519Identity>().unwrap_err(), KeyTextError::Identity);
    }

    #[test]
    fn keys_that_protect_nothing_are_refused() {
        let good = HybridIdentity::generate(&mut rand::rng()).recipient().to_bytes();
        let mut low_order = good;
        low_order[MLKEM_KEY_BYTES..].fill(0);
        assert!(HybridRecipient::from_bytes(&low_order).is_none());
        // A coefficient of 4095 is none modulo 3329: FIPS 203 asks for this check.
        let mut unreduced = good;
        unreduced[..2].fill(0xff);
        assert!(HybridRecipient::from_bytes(&unreduced).is_none());
        assert_eq!(HybridRecipient::from_bytes(&good).unwrap().to_bytes(), good);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn only_the_recipient_unwraps(key: [u8; 16], seed: [u8; 32], at: prop::sample::Index, bit in 0u8..8) {
            let mut rng = rand::rng();
            let (mine, other) = (HybridIdentity::from_bytes(seed), HybridIdentity::generate(&mut rng));
            let (stanza, sent) = mine.recipient().wrap_shared(&FileKey::from_bytes(key), &mut rng).unwrap();
            let (opened, received) = mine.unwrap_shared(&stanza).unwrap().unwrap();
            prop_assert_eq!(opened.as_bytes(), &key);
            prop_assert!(other.unwrap(&stanza).unwrap().is_none());
            prop_assert_eq!(sent.key_for(&[1], b"x"), received.key_for(&[1], b"x"));

            // A change in either half of the encapsulated key, or in the body, is no key for this file.
            let mut parts = [BASE64.decode(stanza.arguments::<1>().unwrap()[0]).unwrap(), stanza.body().to_vec()].concat();
            let at = at.index(parts.len());
            parts[at] ^= 1 << bit;
            let (share, body) = parts.split_at(x_wing::CIPHERTEXT_SIZE);
            let changed = Stanza::new(TAG, &[&BASE64.encode(share)], body.to_vec()).unwrap();
            // X25519 ignores the top bit of a share; the hybrid secret does not.
            prop_assert!(mine.unwrap(&changed).unwrap().is_none());
        }
    }
}
