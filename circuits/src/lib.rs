//! The tally and verdict circuits: gadgets, keys, proofs, presentations and their verification.

pub mod builder;
pub mod gadgets;
pub mod groth16;
pub mod keys;
pub mod qap;
pub mod shape;
pub mod tally;
pub mod verdict;
