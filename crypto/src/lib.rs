//! Commitments, attestations, identities and sealing.

pub mod commitment;
pub mod field;
pub mod labels;
pub mod poseidon;
pub mod statement;
pub mod totals;
