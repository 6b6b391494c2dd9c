//! What the fuzzers call; behind the feature `testing`.

pub mod targets;
