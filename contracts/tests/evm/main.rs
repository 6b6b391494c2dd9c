//! The contracts on a real EVM, with real keys, proofs and presentations: what they accept, and each thing that they
//! refuse, by the very error.

mod artifacts;
mod binding;
mod chain;
mod direct;
mod documents;
mod gas;
mod keys;
mod proofs;
mod requests;
mod statements;
mod world;
