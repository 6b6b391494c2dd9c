//! What the fuzzers call: one function a target, which panics where a reader breaks a promise that it makes for any
//! bytes.
//!
//! Promised: no panic; an error of one line; what was read is written and read again as the very same; what verifies as
//! an answer to a request of a party whose key the fuzzer does not have is the answer that was given, and no part of it
//! was changed. Digests and signatures keep a fuzzer out of what is behind them, so targets also sign what they are
//! given, and pin digests anew. `fuzz/` has a fuzzer for each target, and the seeds that the test replays.

mod answers;
mod iden3;
mod keys;

pub use self::{
    answers::{presentation, request},
    iden3::{ptau, r1cs, snarkjs, wtns, zkey},
    keys::{prove_keys, verify_keys},
};

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 9] = [
    ("request", request),
    ("presentation", presentation),
    ("verify_keys", verify_keys),
    ("prove_keys", prove_keys),
    ("zkey", zkey),
    ("ptau", ptau),
    ("r1cs", r1cs),
    ("wtns", wtns),
    ("snarkjs", snarkjs),
];

/// A file among the seeds, which a target holds others against.
fn seed(path: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(path);
    std::fs::read(path).expect("a seed")
}

#[cfg(test)]
mod tests;
