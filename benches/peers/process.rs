//! The whole `consign prove` process: start, keys, dossier, witness, proofs, answer.

use std::{fs, path::Path, process::Command, thread, time::Duration};

use tempfile::TempDir;

use crate::{documents, instance::CLAIMS};

/// A folder in which a request about a document of so many rows waits for its answer; one party plays all.
pub fn asked(rows: usize) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str]| consign(folder.path(), words);
    let mut policy = String::from(
        "name = \"bench\"
version = \"1\"
valid-from = 2026-01-01

[roles.manifest]
kind = \"cargo-manifest\"
profile = 1
",
    );
    for (number, claim) in CLAIMS.iter().enumerate() {
        policy += &format!(
            "
[[claims]]
id = \"{number}\"
claim = \"{claim}\"
source = \"bench\"
"
        );
    }
    fs::write(folder.path().join("policy.toml"), policy).expect("space");
    fs::write(folder.path().join("manifest.json"), documents::manifest(rows)).expect("space");
    run(&["keygen", "Customs", "-o", "party.key"]);
    run(&["id", "--key", "party.key", "-o", "party.pub"]);
    run(&["trust", "add", "party.pub", "--as", "issuer:cargo-manifest,verifier"]);
    run(&["attest", "manifest.json", "--key", "party.key"]);
    run(&["setup", "--key", "party.key"]);
    run(&["request", "policy.toml", "--key", "party.key"]);
    // Keys that just changed are not remembered as whole: they are left alone for a while, and used once.
    thread::sleep(Duration::from_secs(3));
    prove(&folder);
    folder
}

/// Answers it.
pub fn prove(folder: &TempDir) {
    consign(folder.path(), &["prove", "request.json", "manifest.dossier", "--key", "party.key", "--force"]);
}

fn consign(folder: &Path, words: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_consign"))
        .args(words)
        .current_dir(folder)
        .env("CONSIGN_HOME", "home")
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "consign {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr));
}
