//! What is exported, by which names, and what other programs make of it.

use std::{fs, path::Path, process::Command};

use crate::{flow::flow, harness::Folder};

/// Runs node with a script of a folder of the repository, in a party's folder; `None` where node or its packages are
/// missing.
pub fn node(script: &str, folder: &Folder, words: &[&str]) -> Option<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let packages = script.ancestors().any(|folder| folder.ends_with("node_modules"))
        || script.parent().is_some_and(|folder| folder.join("node_modules").is_dir());
    let there = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there || !packages || !script.is_file() {
        eprintln!("skipped: no `node`, or no `npm ci` was done for {}", script.display());
        return None;
    }
    let output = Command::new("node").arg(script).args(words).current_dir(folder.path("")).output().unwrap();
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    Some((output.status.success(), printed))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn circuits_keys_and_proofs_go_out_in_the_files_of_others() {
    let customs = flow().customs.copy();
    customs.ok(&["export", "r1cs", "verdict", "-o", "out"]);
    customs.ok(&["export", "zkey", "verdict", "-o", "out"]);
    customs.ok(&["export", "vkey", "-o", "out"]);
    let expected = [
        "direct-40.vkey.json",
        "tally-40.vkey.json",
        "tally-90.vkey.json",
        "verdict.r1cs",
        "verdict.vkey.json",
        "verdict.zkey",
    ];
    assert_eq!(names(&customs.path("out")), expected);
    customs.ok(&["export", "proof", "answer.json", "-o", "proofs"]);
    let proofs = names(&customs.path("proofs"));
    let verdict = proofs.iter().find(|name| name.ends_with("-verdict.proof.json")).expect("a verdict");
    assert!(proofs.iter().any(|name| name.starts_with("1-tally-")), "{proofs:?}");
    let public = verdict.replace(".proof.", ".public.");

    let snarkjs = "tests/peers/node_modules/snarkjs/build/cli.cjs";
    let [proof, public] = [verdict, &public].map(|name| format!("proofs/{name}"));
    let words = ["groth16", "verify", "out/verdict.vkey.json", &public, &proof];
    if let Some((yes, printed)) = node(snarkjs, &customs, &words) {
        assert!(yes && printed.contains("OK!"), "{printed}");
    }

    customs.fails(2, "exists already", &["export", "r1cs", "verdict", "-o", "out"]);
    customs.ok(&["export", "r1cs", "verdict", "-o", "out", "--force"]);
    customs.fails(2, "tally-40, tally-90, verdict and direct-40", &["export", "r1cs", "tally-50"]);
    customs.fails(3, "keys to verify", &["export", "zkey", "--keys", "verify.keys"]);
    customs.fails(3, "not a presentation", &["export", "proof", "request.json"]);
    customs.fails(3, "not a request", &["export", "statement", "eu-entry.toml"]);
}

#[test]
fn witnesses_are_secret_and_fit_the_zkeys() {
    let shipper = flow().shipper.copy();
    let words = ["export", "wtns", "request.json", "manifest.dossier", "invoice.dossier", "--key", "shipper.key"];
    let run = shipper.ok(&[&words[..], &["-o", "secret"]].concat());
    assert!(run.stderr.contains("warning: a witness is as secret as the document"), "{}", run.stderr);
    let files = names(&shipper.path("secret"));
    let verdict = files.iter().find(|name| name.ends_with("-verdict.wtns")).expect("a verdict");
    #[cfg(unix)]
    for name in &files {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(shipper.path("secret").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let answer: serde_json::Value = serde_json::from_slice(&shipper.read("answer.json")).unwrap();
    let verdicts = answer["verdicts"].as_array().unwrap();
    let tallies = verdicts.iter().flat_map(|v| v["chains"].as_array().unwrap()).flat_map(|c| c.as_array().unwrap());
    assert_eq!(files.len(), tallies.count() + verdicts.len());

    shipper.ok(&["export", "r1cs", "verdict"]);
    let snarkjs = "tests/peers/node_modules/snarkjs/build/cli.cjs";
    let words = ["wtns", "check", "verdict.r1cs", &format!("secret/{verdict}")];
    if let Some((yes, printed)) = node(snarkjs, &shipper, &words) {
        assert!(yes && printed.contains("WITNESS IS CORRECT"), "{printed}");
    }
}
