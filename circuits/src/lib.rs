//! The tally and verdict circuits: gadgets, keys, proofs, presentations and their verification.

pub mod builder;
pub mod gadgets;
pub mod shape;
pub mod tally;
pub mod verdict;
