//! Commitments, attestations, identities and sealing.

#![forbid(unsafe_code)]

pub mod age;
pub mod attestation;
pub mod chain_contract;
pub mod commitment;
pub mod document_digest;
pub mod dossier;
pub mod field;
pub mod files;
pub mod identity;
pub mod jws;
pub mod labels;
pub mod poseidon;
#[cfg(any(test, feature = "testing"))]
mod samples;
pub mod sd_jwt;
pub mod seal;
pub mod statement;
pub mod status;
pub mod strict_json;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
pub mod totals;
pub mod trust;
pub mod view;
#[cfg(test)]
mod wycheproof;
