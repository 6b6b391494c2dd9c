//! File keys (C2SP `age.md`, "File key", "Header MAC" and "Payload").
//!
//! A file key is 16 random bytes, drawn once a file. Sealing rests on one rule that age leaves to its callers: a file
//! key never encrypts a second body. Here the rule is a type: only a [`FreshFileKey`] encrypts a body, doing so consumes
//! it, and the [`FileKey`] that remains can wrap, authenticate headers and decrypt.

use std::fmt;
use std::io::{self, Write};

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hkdf::Hkdf;
use rand::CryptoRng;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::stream::StreamWriter;

/// Bytes in a file key.
pub const FILE_KEY_BYTES: usize = 16;
/// Bytes of a wrapped file key: the key and its Poly1305 tag.
pub(super) const WRAPPED_BYTES: usize = FILE_KEY_BYTES + 16;
/// Bytes in the nonce that precedes the chunks of a body.
pub const NONCE_BYTES: usize = 16;

/// The symmetric key of one age file: 16 bytes, wiped on drop, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct FileKey([u8; FILE_KEY_BYTES]);

impl FileKey {
    #[cfg(test)]
    pub(crate) fn from_bytes(bytes: [u8; FILE_KEY_BYTES]) -> FileKey {
        FileKey(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; FILE_KEY_BYTES] {
        &self.0
    }

    /// `HKDF-SHA256(ikm = file key, no salt, info = label)`, 32 bytes: a value that binds this file key under a label
    /// of the caller's. It does not reveal the key.
    pub fn derive(&self, label: &[u8]) -> [u8; 32] {
        *hkdf32(&[&self.0], &[], label)
    }

    /// The body of a stanza: this key under ChaCha20-Poly1305, with a key and nonce that encrypt nothing else.
    pub(super) fn encrypt(&self, key: &[u8; 32], nonce: &[u8; 12]) -> Vec<u8> {
        ChaCha20Poly1305::new(key.into())
            .encrypt(&Nonce::from(*nonce), self.0.as_slice())
            .expect("16 bytes are within ChaCha20-Poly1305's limit")
    }

    /// The file key in a stanza's body. Its length is the caller's to check before, as the format demands: a longer
    /// body under a cipher that does not commit to its key could open under many keys.
    pub(super) fn decrypt(key: &[u8; 32], nonce: &[u8; 12], body: &[u8]) -> Option<FileKey> {
        let opened = ChaCha20Poly1305::new(key.into()).decrypt(&Nonce::from(*nonce), body).ok().map(Zeroizing::new)?;
        Some(FileKey(opened.as_slice().try_into().ok()?))
    }

    /// The key of the header MAC.
    pub(super) fn mac_key(&self) -> Zeroizing<[u8; 32]> {
        hkdf32(&[&self.0], &[], b"header")
    }

    /// The key of the body's chunks.
    pub(super) fn payload_key(&self, nonce: &[u8; NONCE_BYTES]) -> Zeroizing<[u8; 32]> {
        hkdf32(&[&self.0], &[nonce], b"payload")
    }

    /// The attacker's step: the right to encrypt another body under a key that has had its own.
    #[cfg(test)]
    pub(crate) fn forge_fresh(&self) -> FreshFileKey {
        FreshFileKey(FileKey(self.0))
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(..)")
    }
}

/// A file key that has encrypted no body yet.
#[derive(Debug)]
pub struct FreshFileKey(FileKey);

impl FreshFileKey {
    /// Draws a file key.
    pub fn generate(rng: &mut dyn CryptoRng) -> FreshFileKey {
        let mut bytes = [0; FILE_KEY_BYTES];
        rng.fill_bytes(&mut bytes);
        let key = FreshFileKey(FileKey(bytes));
        bytes.zeroize();
        key
    }

    /// The key itself, to wrap it and to authenticate headers.
    pub fn file_key(&self) -> &FileKey {
        &self.0
    }

    /// Uses up the right to a body: writes its nonce to `out` and returns a writer of the plaintext, which must be
    /// finished, and the key for whatever headers are still to be written.
    pub fn encrypt_body<W: Write>(self, mut out: W, rng: &mut dyn CryptoRng) -> io::Result<(StreamWriter<W>, FileKey)> {
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        out.write_all(&nonce)?;
        Ok((StreamWriter::new(&self.0.payload_key(&nonce), out), self.0))
    }
}

/// HKDF-SHA256 (RFC 5869) over the concatenated parts of key material and salt, 32 bytes out.
pub(crate) fn hkdf32(ikm: &[&[u8]], salt: &[&[u8]], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let ikm = Zeroizing::new(ikm.concat());
    let mut out = Zeroizing::new([0; 32]);
    // An empty salt and no salt are the same by RFC 5869: both are a block of zeros to HMAC.
    Hkdf::<Sha256>::new(Some(&salt.concat()), &ikm)
        .expand(info, out.as_mut())
        .expect("32 bytes are within HKDF-SHA256's 8,160");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_key_is_not_printed() {
        let key = FileKey::from_bytes(*b"YELLOW SUBMARINE");
        assert_eq!(format!("{key:?}"), "FileKey(..)");
        assert_eq!(format!("{:?}", key.forge_fresh()), "FreshFileKey(FileKey(..))");
    }

    #[test]
    fn labels_separate_what_is_derived() {
        let key = FileKey::from_bytes(*b"YELLOW SUBMARINE");
        assert_ne!(key.derive(b"consign/commit"), key.derive(b"header"));
        assert_eq!(key.derive(b"header"), *key.mac_key());
    }
}
