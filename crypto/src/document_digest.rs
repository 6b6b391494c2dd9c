//! The digest that binds every word of a document, and lets chosen words be shown without the rest.
//!
//! In: a canonical [`Document`] and a secret [`Seed`]. Out: the root of a tree of SHA-256 digests that has the shape of
//! the document's JSON. A leaf is salted, and shown by its pointer, value and salt: each salt comes from the seed and the
//! pointer and gives nothing away about the others. What is not shown of the document is one digest for each subtree.
//! Sources: design section 9; RFC 5869, RFC 6901, RFC 8785.

mod pattern;
mod tree;

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use consign_documents::document::Document;
use hkdf::Hkdf;
use rand::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub(crate) use self::tree::is_leaf;
pub use self::{
    pattern::{NotAPattern, Pattern},
    tree::{Node, TooDeep},
};
use crate::labels;

/// From which all salts of one document come. Secret: whoever has it can test guesses of every hidden leaf.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A fresh seed.
    pub fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Seed {
        let mut seed = Seed([0; 32]);
        rng.fill_bytes(&mut seed.0);
        seed
    }

    /// Reads [`Seed::to_base64url`]; `None` unless it is 32 bytes in canonical base64url without padding.
    pub fn from_base64url(text: &str) -> Option<Seed> {
        salt_from_base64url(text).map(|bytes| Seed(*bytes))
    }

    /// The spelling in a dossier. Secret.
    pub fn to_base64url(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// Digest of one leaf: SHA-256 of tag, length and bytes of the pointer, length and bytes of the value, salt. Lengths
/// are 64-bit, most significant byte first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafDigest([u8; 32]);

impl LeafDigest {
    /// The digest of the leaf at `pointer` with the canonical JSON `value`.
    pub fn new(pointer: &str, value: &str, salt: &[u8; 32]) -> LeafDigest {
        let mut hash = Sha256::new_with_prefix(labels::LEAF);
        for part in [pointer, value] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.update(salt);
        LeafDigest(hash.finalize().into())
    }
}

/// The salts of a document's leaves.
pub struct Salts(Hkdf<Sha256>);

impl Salts {
    /// The salts that come from a seed.
    pub fn new(seed: &Seed) -> Salts {
        Salts(Hkdf::new(None, &seed.0))
    }

    /// The salt of the leaf at `pointer`: HKDF-SHA256 with tag and pointer as info.
    pub fn of(&self, pointer: &str) -> Zeroizing<[u8; 32]> {
        let mut salt = Zeroizing::new([0; 32]);
        // 32 bytes are always within what HKDF-SHA256 expands to.
        let expanded = self.0.expand_multi_info(&[labels::LEAF_SALT, pointer.as_bytes()], &mut *salt);
        debug_assert!(expanded.is_ok());
        salt
    }
}

/// The spelling of a salt in a view.
pub(crate) fn salt_to_base64url(salt: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(salt)
}

/// Reads [`salt_to_base64url`]; `None` for any other spelling.
pub(crate) fn salt_from_base64url(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut salt = Zeroizing::new([0; 32]);
    (text.len() == 43 && URL_SAFE_NO_PAD.decode_slice(text, &mut *salt).ok()? == 32).then_some(salt)
}

/// The digest of a document. Public; equal documents have unequal digests.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentDigest([u8; 32]);

impl DocumentDigest {
    /// The digest of a document.
    pub fn of(document: &Document, seed: &Seed) -> DocumentDigest {
        DocumentDigest::of_root(tree::digest(document.as_json(), "", &Salts::new(seed)))
    }

    /// The digest of the document whose tree this is, whatever the tree hides.
    pub fn of_tree(tree: &Node) -> DocumentDigest {
        DocumentDigest::of_root(tree.digest(""))
    }

    fn of_root(root: [u8; 32]) -> DocumentDigest {
        DocumentDigest(Sha256::new_with_prefix(labels::DOCUMENT_DIGEST).chain_update(root).finalize().into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for DocumentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for DocumentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentDigest({self})")
    }
}

/// Not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest is not 64 lower-case hexadecimal digits")]
pub struct NotADigest;

/// Reads 64 lower-case hexadecimal digits.
///
/// # Errors
/// [`NotADigest`] for any other spelling.
pub fn digest_from_hex(text: &str) -> Result<[u8; 32], NotADigest> {
    let mut bytes = [0; 32];
    let upper = text.bytes().any(|b| b.is_ascii_uppercase());
    hex::decode_to_slice(text, &mut bytes).ok().filter(|_| !upper).map(|_| bytes).ok_or(NotADigest)
}

impl FromStr for DocumentDigest {
    type Err = NotADigest;
    fn from_str(text: &str) -> Result<DocumentDigest, NotADigest> {
        digest_from_hex(text).map(DocumentDigest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    fn seed(n: u64) -> Seed {
        Seed::random(&mut samples::rng(n))
    }

    #[test]
    fn every_leaf_and_the_seed_count() {
        let document = samples::manifest();
        let digest = DocumentDigest::of(&document, &seed(1));
        assert_ne!(digest, DocumentDigest::of(&document, &seed(2)));
        let (salts, value) = (Salts::new(&seed(1)), document.to_value());
        assert_eq!(digest, DocumentDigest::of_root(tree::digest(&value.to_string(), "", &salts)));
        for (pointer, _) in document.leaves() {
            let mut changed = value.clone();
            *changed.pointer_mut(&pointer).unwrap() = "other".into();
            assert_ne!(digest, DocumentDigest::of_root(tree::digest(&changed.to_string(), "", &salts)), "{pointer}");
        }
    }

    /// Lengths part pointer from value, so no two leaves are hashed alike.
    #[test]
    fn pointer_and_value_do_not_run_together() {
        assert_ne!(LeafDigest::new("/a", "bc", &[0; 32]), LeafDigest::new("/ab", "c", &[0; 32]));
    }

    /// Values by an implementation of its own (Python's hashlib and hmac).
    #[test]
    fn known_values() {
        let seed = Seed([7; 32]);
        let salt = Salts::new(&seed).of("/number");
        assert_eq!(hex::encode(*salt), SALT);
        let leaf = LeafDigest::new("/number", "\"MAN-17\"", &salt);
        assert_eq!(hex::encode(leaf.0), LEAF);
        let value = serde_json::json!({"number": "MAN-17", "lines": [{"id": "1", "packages": 2}, {}]});
        assert_eq!(
            DocumentDigest::of_root(tree::digest(&value.to_string(), "", &Salts::new(&seed))).to_string(),
            DIGEST
        );
    }
    const SALT: &str = "81e03d960c62f6f1603d06a6f8e1350d7ee63b2cff067f3e025d54fccb10a59e";
    const LEAF: &str = "9ee463a615e90719211810dae684d4bfa6a2b1b88aa5971dfcc6573483230930";
    const DIGEST: &str = "dec504ec60f379620d9d918ea93942c7baf2a7193edefc083e58032b6fcb1f2b";

    proptest! {
        #[test]
        fn seeds_and_digests_round_trip(n: u64, bytes: [u8; 32]) {
            prop_assert_eq!(Seed::from_base64url(&seed(n).to_base64url()), Some(seed(n)));
            let digest = DocumentDigest(bytes);
            prop_assert_eq!(digest.to_string().parse(), Ok(digest));
            let upper = digest.to_string().to_uppercase();
            prop_assert!(upper == digest.to_string() || upper.parse::<DocumentDigest>() == Err(NotADigest));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let text = seed(1).to_base64url();
        assert_eq!(Seed::from_base64url(&text[..42]), None);
        assert_eq!(Seed::from_base64url(&format!("{}=", *text)), None);
        assert_eq!("00".parse::<DocumentDigest>(), Err(NotADigest));
        assert_eq!(format!("{:?}", seed(1)), "Seed(..)");
    }
}
