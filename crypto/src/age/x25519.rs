//! The X25519 recipient type of age (C2SP `age.md`, "The X25519 recipient type"; RFC 7748).
//!
//! In: a file key and a 32-byte public key, or a stanza and a secret key. Out: the stanza `-> X25519 <share>` whose body
//! is the file key under ChaCha20-Poly1305, or the file key. Public and secret keys have bech32 forms (BIP 173),
//! `age1…` and `AGE-SECRET-KEY-1…`. The secret that both sides share comes out as a `SharedSecret`, because a grant
//! is encrypted under a key derived from it too.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use bech32::Hrp;
use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::KeyInit;
use rand::CryptoRng;
use x25519_dalek::{EphemeralSecret, PublicKey, StaticSecret};
use zeroize::{Zeroize, Zeroizing};

use super::error::HeaderError;
use super::key::{FileKey, WRAPPED_BYTES, hkdf32};
use super::stanza::{Stanza, Unwrap, Wrap};
use crate::identity::{LongBech32, RECIPIENT_HRP, SECRET_HRP, decode_bech32};

/// The stanza's type.
pub const TAG: &str = "X25519";
const INFO: &[u8] = b"age-encryption.org/v1/X25519";

/// Why a text is not an X25519 key of age. The text itself is never repeated: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// Not `age1…`.
    #[error("not an age X25519 recipient (`age1` and 58 characters of bech32)")]
    Recipient,
    /// Not `AGE-SECRET-KEY-1…`.
    #[error("not an age X25519 identity (`AGE-SECRET-KEY-1` and 58 characters of bech32)")]
    Identity,
    /// Not `age1pq1…`, or not the key that it should be.
    #[error("not a post-quantum age recipient (`age1pq1` and 1,952 characters of bech32 that are a valid key)")]
    HybridRecipient,
    /// Not `AGE-SECRET-KEY-PQ-1…`.
    #[error("not a post-quantum age identity (`AGE-SECRET-KEY-PQ-1` and 58 characters of bech32)")]
    HybridIdentity,
}

/// A public key to encrypt to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct X25519Recipient([u8; 32]);

impl X25519Recipient {
    /// The u-coordinate, little endian (RFC 7748).
    pub fn from_bytes(bytes: [u8; 32]) -> X25519Recipient {
        X25519Recipient(bytes)
    }

    /// The u-coordinate, little endian.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Wraps `file_key` and also returns what sender and recipient now share.
    pub(crate) fn wrap_shared(
        &self,
        file_key: &FileKey,
        rng: &mut dyn CryptoRng,
    ) -> Result<(Stanza, SharedSecret), HeaderError> {
        let ephemeral = EphemeralSecret::random_from_rng(rng);
        let share = PublicKey::from(&ephemeral).to_bytes();
        let secret = ephemeral.diffie_hellman(&PublicKey::from(self.0));
        if !secret.was_contributory() {
            return Err(HeaderError::LowOrder("X25519 recipient"));
        }
        let shared = SharedSecret::new(Zeroizing::new(secret.to_bytes()), &share, &self.0);
        let body = file_key.encrypt(&shared.key_for(&[], INFO), &[0; 12]);
        Ok((Stanza::new(TAG, &[&BASE64.encode(share)], body)?, shared))
    }
}

impl Wrap for X25519Recipient {
    fn wrap(&self, file_key: &FileKey, rng: &mut dyn CryptoRng) -> Result<Stanza, HeaderError> {
        Ok(self.wrap_shared(file_key, rng)?.0)
    }
}

impl fmt::Display for X25519Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(RECIPIENT_HRP, &self.0))
    }
}

impl fmt::Debug for X25519Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for X25519Recipient {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<X25519Recipient, KeyTextError> {
        decode_bech32(RECIPIENT_HRP, text).map(|bytes| X25519Recipient(*bytes)).ok_or(KeyTextError::Recipient)
    }
}

/// A secret key that opens stanzas. Wiped on drop, never printed.
pub struct X25519Identity {
    secret: StaticSecret,
    recipient: X25519Recipient,
}

impl X25519Identity {
    /// Draws a secret key.
    pub fn generate(rng: &mut dyn CryptoRng) -> X25519Identity {
        X25519Identity::from_secret(StaticSecret::random_from_rng(rng))
    }

    /// From 32 secret bytes (a scalar before clamping, RFC 7748).
    pub fn from_bytes(mut bytes: [u8; 32]) -> X25519Identity {
        let identity = X25519Identity::from_secret(StaticSecret::from(bytes));
        bytes.zeroize();
        identity
    }

    pub(crate) fn from_secret(secret: StaticSecret) -> X25519Identity {
        let recipient = X25519Recipient(PublicKey::from(&secret).to_bytes());
        X25519Identity { secret, recipient }
    }

    /// The public key of this identity.
    pub fn recipient(&self) -> X25519Recipient {
        self.recipient
    }

    /// `AGE-SECRET-KEY-1…`, as `age -i` reads it. A secret: it belongs in a file of mode 0600.
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(encode(SECRET_HRP, self.secret.as_bytes()));
        Zeroizing::new(text.to_ascii_uppercase())
    }

    /// The file key in `stanza` and what sender and recipient share; otherwise as [`Unwrap::unwrap`].
    pub(crate) fn unwrap_shared(&self, stanza: &Stanza) -> Result<Option<(FileKey, SharedSecret)>, HeaderError> {
        if stanza.tag() != TAG {
            return Ok(None);
        }
        let Some([share]) = stanza.arguments() else {
            return Err(HeaderError::Stanza { tag: TAG, what: "one argument is accepted, the sender's share" });
        };
        let share: [u8; 32] = BASE64
            .decode(share)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(HeaderError::Stanza { tag: TAG, what: "the share is not 32 bytes of canonical unpadded base64" })?;
        if stanza.body().len() != WRAPPED_BYTES {
            return Err(HeaderError::Stanza { tag: TAG, what: "the body is not 32 bytes" });
        }
        let secret = self.secret.diffie_hellman(&PublicKey::from(share));
        if !secret.was_contributory() {
            return Err(HeaderError::LowOrder("age header: X25519 stanza: share"));
        }
        let shared = SharedSecret::new(Zeroizing::new(secret.to_bytes()), &share, self.recipient.as_bytes());
        let file_key = FileKey::decrypt(&shared.key_for(&[], INFO), &[0; 12], stanza.body());
        Ok(file_key.map(|file_key| (file_key, shared)))
    }
}

impl Unwrap for X25519Identity {
    fn unwrap(&self, stanza: &Stanza) -> Result<Option<FileKey>, HeaderError> {
        Ok(self.unwrap_shared(stanza)?.map(|(file_key, _)| file_key))
    }
}

impl fmt::Debug for X25519Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X25519Identity({})", self.recipient)
    }
}

impl FromStr for X25519Identity {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<X25519Identity, KeyTextError> {
        let bytes = decode_bech32(SECRET_HRP, text).ok_or(KeyTextError::Identity)?;
        Ok(X25519Identity::from_bytes(*bytes))
    }
}

/// What the two sides of one stanza share: the secret of a key agreement that is fresh for each stanza, and what both
/// saw of it: the sender's share and the recipient's public key.
pub(crate) struct SharedSecret {
    secret: Zeroizing<[u8; 32]>,
    /// Share and recipient.
    salt: Vec<u8>,
}

impl SharedSecret {
    pub(super) fn new(secret: Zeroizing<[u8; 32]>, share: &[u8], recipient: &[u8]) -> SharedSecret {
        SharedSecret { secret, salt: [share, recipient].concat() }
    }

    /// `HKDF(secret ‖ more, salt = share ‖ recipient, info)`.
    pub(super) fn key_for(&self, more: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
        hkdf32(&[self.secret.as_slice(), more], &[&self.salt], info)
    }

    /// ChaCha20-Poly1305 under [`SharedSecret::key_for`]. Each such key encrypts once, under a nonce of zeros: the share
    /// is fresh.
    pub(crate) fn cipher_for(&self, more: &[u8], info: &[u8]) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new((&*self.key_for(more, info)).into())
    }
}

/// Bech32 without BIP 173's limit of 90 characters, as age has it; lower case.
pub(super) fn encode(hrp: &str, bytes: &[u8]) -> String {
    let hrp = Hrp::parse(hrp).expect("a constant that BIP 173 accepts");
    bech32::encode_lower::<LongBech32>(hrp, bytes).expect("keys are far below 4,096 characters")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn low_order_recipients_are_refused() {
        let key = FileKey::from_bytes([7; 16]);
        // The points of order 1, 2 and 4 in the form of RFC 7748, and one of order 8.
        let order_8 = hex::decode("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157").unwrap();
        let mut one = [0; 32];
        one[0] = 1;
        for point in [[0; 32], one, order_8.try_into().unwrap()] {
            let error = X25519Recipient(point).wrap(&key, &mut rand::rng()).unwrap_err();
            assert_eq!(error, HeaderError::LowOrder("X25519 recipient"));
        }
    }

    #[test]
    fn key_texts_have_one_spelling() {
        let identity = X25519Identity::generate(&mut rand::rng());
        let text = identity.recipient().to_string();
        assert_eq!(text.parse(), Ok(identity.recipient()));
        assert_eq!(text.to_uppercase().parse::<X25519Recipient>(), Err(KeyTextError::Recipient));
        let secret = identity.to_secret_text();
        assert!(secret.starts_with("AGE-SECRET-KEY-1"));
        assert_eq!(secret.parse::<X25519Identity>().unwrap().recipient(), identity.recipient());
        assert_eq!(text.parse::<X25519Identity>().unwrap_err(), KeyTextError::Identity);
        assert!(!format!("{identity:?}").contains("SECRET"));
        for bad in ["", "age1", "age1qqqq", &text[..text.len() - 1], &format!("{text} ")] {
            assert_eq!(bad.parse::<X25519Recipient>(), Err(KeyTextError::Recipient), "{bad}");
        }
    }

    #[test]
    fn each_of_two_recipients_opens_a_file_with_any_of_its_keys() {
        use std::io::{Read, Write};
        let mut rng = rand::rng();
        let [one, two, other] = [(); 3].map(|()| X25519Identity::generate(&mut rng));
        let mut writer = crate::age::encrypt(Vec::new(), &[&one.recipient(), &two.recipient()], &mut rng).unwrap();
        writer.write_all(b"tea").unwrap();
        let file = writer.finish().unwrap();
        let open = |identities: &[&dyn Unwrap]| {
            let mut plain = Vec::new();
            crate::age::decrypt(&file[..], identities).map(|mut reader| reader.read_to_end(&mut plain).map(|_| plain))
        };
        for identities in [&[&one as &dyn Unwrap][..], &[&two], &[&other, &two]] {
            assert_eq!(open(identities).unwrap().unwrap(), b"tea");
        }
        assert!(matches!(open(&[&other]), Err(crate::age::AgeError::NoKey)));
    }

    proptest! {
        #[test]
        fn only_the_recipient_unwraps(key: [u8; 16]) {
            let mut rng = rand::rng();
            let (mine, other) = (X25519Identity::generate(&mut rng), X25519Identity::generate(&mut rng));
            let stanza = mine.recipient().wrap(&FileKey::from_bytes(key), &mut rng).unwrap();
            let opened = mine.unwrap(&stanza).unwrap().unwrap();
            prop_assert_eq!(opened.as_bytes(), &key);
            prop_assert!(other.unwrap(&stanza).unwrap().is_none());
        }
    }
}
