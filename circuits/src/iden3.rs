//! The files of iden3's tools, so that others prove, verify and hold ceremonies for our circuits: `r1cs`, `wtns`, `zkey`
//! and `ptau`, and snarkjs' JSON of verifying keys, proofs and public inputs.
//!
//! | module | what |
//! |---|---|
//! | [`container`] | the sections that all of the binary files are made of |
//! | [`points`] | points and numbers in Montgomery's form, and as the hashes of ceremonies see them |
//! | [`r1cs`], [`wtns`] | constraints, and a witness (secret) |
//! | [`zkey`] | a proving key with its contributions |
//! | [`json`] | verifying key, proof, public inputs |
//! | [`ptau`] | a public file of powers of tau, checked before it is used |
//! | [`initial`] | the key that powers of tau and matrices give, which nobody has contributed to yet |
//! | [`ceremony`] | contributions to a key: their proofs of knowledge, and one's own |
//! | [`import`] | a zkey that others contributed to, held against the key that they began from |
//! | [`key_set`] | key sets from powers of tau and from others' zkeys |
//!
//! Source: `github.com/iden3/r1csfile`, `github.com/iden3/snarkjs` (`zkey_utils.js`, `zkey_new.js`,
//! `zkey_verify_frominit.js`, `powersoftau_utils.js`); `docs/interop.md`.

pub mod ceremony;
pub mod container;
pub mod import;
pub mod initial;
pub mod json;
pub mod key_set;
pub mod points;
pub mod ptau;
pub mod r1cs;
pub mod wtns;
pub mod zkey;
