//! The whole `consign prove` process: start, keys, dossier, witness, proofs, answer.

use std::{fs, path::Path, process::Command, thread, time::Duration};

use crate::{documents, instance::CLAIMS, median};

/// Its time for a document of so many rows; one party plays all.
pub fn prove(rows: usize, runs: usize) -> Duration {
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
    let prove = || run(&["prove", "request.json", "manifest.dossier", "--key", "party.key", "--force"]);
    // Keys that just changed are not remembered as whole: they are left alone for a while, and used once.
    thread::sleep(Duration::from_secs(3));
    prove();
    median(runs, prove)
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
