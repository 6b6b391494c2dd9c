//! The circuits of tallies and verdicts: gadgets, keys, proofs, presentations and their verification.
//!
//! - [`builder`] and [`shape`]: constraints laid out once, witnesses computed each time.
//! - [`gadgets`]: the parts; [`tally`], [`verdict`] and [`direct`]: the statements.
//! - [`qap`], [`groth16`], [`keys`]: proving and verifying one statement, and the files of keys; [`prover`]: the sums and
//!   transforms that proving consists of.
//! - [`iden3`]: the same keys, constraints and proofs in the files of others, and ceremonies.
//! - [`request`], [`assign`], [`prove`], [`presentation`]: from a verifier's question to its answer.
//! - [`verify`], [`answers`], [`report`]: every check of the answer, in one order.

pub mod answers;
pub mod assign;
pub mod builder;
pub mod direct;
pub mod gadgets;
pub mod groth16;
pub mod iden3;
pub mod keys;
pub mod presentation;
pub mod prove;
pub mod prover;
pub mod qap;
pub mod report;
pub mod request;
pub mod shape;
pub mod tally;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
pub mod verdict;
pub mod verify;
