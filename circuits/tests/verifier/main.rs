//! Real proofs through the real verifier: that what holds is accepted, and for each check of the verifier a presentation
//! that is right in all but what that check catches, with that check's own error.

mod direct;
mod documents;
mod file;
mod forge;
#[path = "../keys/key_file.rs"]
mod key_file;
mod many;
mod packs;
mod privacy;
mod proofs;
mod prover;
mod requests;
mod soundness;
mod statements;
mod world;
