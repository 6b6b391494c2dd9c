//! Trade documents, the tables they become, and the claim language of consign.
//!
//! No cryptography here: this floor can say whether a policy holds on a document in the clear, and that evaluation is
//! the reference the circuits are tested against.

#![forbid(unsafe_code)]

pub mod claim;
pub mod codes;
pub mod compile;
pub mod document;
pub mod error;
pub mod evaluate;
pub mod facts;
pub mod filter;
pub mod import;
pub mod ledger;
pub mod policy;
pub mod profile;
pub mod quantity;
pub mod summary;
pub mod table;

#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
