//! The program from outside: what it prints, what it returns, what it leaves behind.
//!
//! | module | what |
//! |---|---|
//! | `harness` | folders of parties, runs of the binary, words without keys and times |
//! | `flow` | the whole story, played once for all tests that need its files |
//! | `help`, `errors` | snapshots of help texts and of errors |
//! | `many` | folders and streams of answers |
//! | `expected` | documents and codes that a verifier names in files |
//! | `revocation` | attestations taken back |
//! | `story` | the six commands |
//! | `sealing` | granting, revoking, parts, passphrases, bodies kept once |
//! | `interruption` | killed in the midst of it |
//! | `clock` | clocks that are days off |
//! | `chain` | what goes on an EVM chain, sent there |
//! | `tampering` | each file changed on its way |
//! | `export`, `independent` | what goes out to other programs, and a verifier that shares no code with us |
//! | `ceremony` | keys from powers of tau and contributions |
//! | `tables` | mappings, proposed and used |
//! | `bad_input` | malformed files for each verb that reads one |

mod bad_input;
mod ceremony;
mod chain;
mod clock;
mod errors;
// The EVM that the contracts are tested on, of which the tests here need a part.
#[allow(dead_code)]
#[path = "../../contracts/tests/evm/chain.rs"]
mod evm;
mod expected;
mod export;
mod faults;
mod flow;
mod harness;
mod help;
mod independent;
mod interruption;
mod many;
// Powers of tau whose tau is known, quick to make.
#[path = "../../circuits/tests/iden3/powers.rs"]
mod powers;
mod revocation;
mod sealing;
mod story;
mod tables;
mod tampering;
