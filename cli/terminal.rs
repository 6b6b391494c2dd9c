//! What is asked on the terminal: passphrases, which it does not show.
//!
//! In: what the passphrase is of. Out: what was typed, or a failure where there is no terminal to ask on. Standard input
//! is left to data: the terminal itself is asked.

use consign_crypto::age::Passphrase;
use zeroize::Zeroizing;

use crate::error::Failure;

/// Asks for a passphrase.
pub fn passphrase(what: &str) -> Result<Passphrase, Failure> {
    Passphrase::new(ask(what)?).ok_or_else(|| Failure::usage("no passphrase was typed", "type one"))
}

/// Asks twice for a passphrase that is to be set.
pub fn new_passphrase(what: &str) -> Result<Passphrase, Failure> {
    let first = ask(what)?;
    if *first != *ask(&format!("{what}, again"))? {
        return Err(Failure::usage("the two passphrases differ", "type the same one twice"));
    }
    Passphrase::new(first).ok_or_else(|| Failure::usage("no passphrase was typed", "type one"))
}

fn ask(what: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(format!("{what}: ")).map(Zeroizing::new).map_err(|e| {
        Failure::usage(
            format!("cannot ask for the {what}: {e}"),
            "run it on a terminal, or name a file that holds the passphrase",
        )
    })
}
