//! The committed artefacts are what the committed sources compile to, with the compiler that they name.

use std::{path::Path, process::Command};

use consign_contracts::artifacts::{PROOF_VERIFIER, REGISTRY};

/// Bytes of code that a contract may have (EIP-170).
const CODE_LIMIT: usize = 24_576;

#[test]
fn compiling_again_gives_the_same_bytes() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = here.join("node_modules/solc").is_dir();
    if !installed || Command::new("node").arg("--version").output().is_err() {
        println!("skipped: no solc; install node and run `npm ci` in contracts/");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("node").arg(here.join("compile.mjs")).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for artifact in [&PROOF_VERIFIER, &REGISTRY] {
        let again = std::fs::read_to_string(folder.path().join(format!("{}.json", artifact.contract))).unwrap();
        assert_eq!(again, artifact.json, "{}: run `npm run build` in contracts/", artifact.contract);
    }
}

#[test]
fn they_name_their_compiler_and_fit_on_a_chain() {
    for artifact in [&PROOF_VERIFIER, &REGISTRY] {
        assert!(artifact.compiler.starts_with("0.8.37+commit."), "{}", artifact.compiler);
        assert!(artifact.bytecode.len() < CODE_LIMIT, "{}", artifact.bytecode.len());
    }
}
