//! Every domain tag of the project, in one place, so that no two values that are hashed for different purposes can be
//! mistaken for each other.
//!
//! A tag of the field hash is a small number in the first input; a tag of SHA-256 and HKDF is a string. Poseidon is
//! also separated by arity: a chain step has twelve inputs, the start of a chain three, a filter digest ten, a step of
//! a list digest eleven: different arities are different permutations.

/// First input of the start of a chain: `Poseidon(CHAIN_START, kind, profile version)`.
pub const CHAIN_START: u64 = 0x636f_6e73_0001;
/// First input of the digest of a filter set.
pub const FILTERS: u64 = 0x636f_6e73_0002;
/// Initial state of the digest of a verdict's bounds.
pub const BOUNDS: u64 = 0x636f_6e73_0003;

/// Seed of the generators of the Pedersen commitment.
pub const PEDERSEN: &[u8] = b"consign/pedersen/1";
/// Prefix of what is hashed into a verdict's context.
pub const CONTEXT: &[u8] = b"consign/context/1";
/// Prefix of the digest of a presentation's ordered proofs.
pub const PROOFS: &[u8] = b"consign/proofs/1";

/// HKDF info of the secret under which an issuer names documents.
pub const ISSUER_SECRET: &[u8] = b"consign/issuer-secret/1";
/// Prefix of what an issuer's HMAC turns into a document's id.
pub const DOCUMENT_ID: &[u8] = b"consign/document-id/1";
/// Prefix of the HKDF info of a leaf's salt.
pub const LEAF_SALT: &[u8] = b"consign/leaf-salt/1";
/// Prefix of a leaf's digest.
pub const LEAF: &[u8] = b"consign/leaf/1";
/// Prefix of the digest of an object or list.
pub const BRANCH: &[u8] = b"consign/branch/1";
/// Prefix of a document's digest. Number 1 ran over a sorted list of all leaves.
pub const DOCUMENT_DIGEST: &[u8] = b"consign/document-digest/2";
/// HKDF info of the commitment to a sealed file's key.
pub const FILE_KEY: &[u8] = b"consign/commit";
/// HKDF info of the key that encrypts a grant.
pub const GRANT: &[u8] = b"consign/grant/1";
