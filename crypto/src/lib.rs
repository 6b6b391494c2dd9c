//! Commitments, attestations, identities and sealing.

pub mod age;
pub mod commitment;
pub mod field;
pub mod identity;
pub mod jws;
pub mod labels;
pub mod poseidon;
pub mod statement;
pub mod strict_json;
pub mod totals;
