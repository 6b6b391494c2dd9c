//! Presentations on EVM chains: our Solidity contracts, and the calls that deploy and use them.
//!
//! - [`artifacts`]: the compiled contracts, and what deploys them.
//! - [`keys`]: from a key set to the contract that verifies proofs with it.
//! - [`anchor`]: what an attester puts on a chain about a document it attests.
//! - [`statement`]: what a verifier registers, from a request; and what cannot be checked there.
//! - [`presentation`]: what a holder submits, from an answer.
//! - [`abi`]: the contracts' structs, errors, events and functions, read from their Solidity source.
//!
//! Nothing here talks to a chain: out come the bytes of calls, for any wallet or node to send. What the contracts check,
//! and what they cannot, stands in `contracts/README.md`.

pub mod anchor;
pub mod artifacts;
pub mod keys;
pub mod presentation;
pub mod statement;

use alloy_primitives::{B256, U256};
use ark_ff::PrimeField;
use consign_crypto::field;

/// The contracts' interface.
// The items are documented in the Solidity file that they are made from.
#[allow(missing_docs)]
pub mod abi {
    alloy_sol_types::sol!(#![sol(all_derives)] "solidity/Interfaces.sol");
}

/// A field element as a word of the EVM.
fn word<F: PrimeField>(element: &F) -> U256 {
    U256::from_be_bytes(field::to_bytes(element))
}

/// A short code, such as a currency's letters, padded with zeros on the right; `None` if it is longer than a word, empty
/// or no plain ASCII.
fn code(text: &str) -> Option<B256> {
    let bytes = text.as_bytes();
    let plain = (1..=32).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    plain.then(|| B256::right_padding_from(bytes))
}
