//! Our keys, witnesses and proofs in the hands of snarkjs, and its in ours.
//!
//! | module | what |
//! |---|---|
//! | `snarkjs` | npm's snarkjs as a program, found in `tests/peers/node_modules` |
//! | `key_file` | a key set with a section of it changed |
//! | `powers` | a file of powers of tau whose tau is known: quick to make, and for tests only |
//! | `files` | what is written is read back, and what was changed is refused |
//! | `proofs` | proving and verifying, ours and theirs |
//! | `ceremonies` | keys from powers of tau, contributions, and zkeys that are refused |
//! | `key_sets` | the zkeys of all circuits together, and the key set that they began from |

mod ceremonies;
mod files;
#[path = "../keys/key_file.rs"]
mod key_file;
mod key_sets;
mod powers;
mod proofs;
mod snarkjs;
