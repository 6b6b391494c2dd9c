//! Keys from powers of tau, through a ceremony with another program, to an answer that customs accepts.

use crate::{export::node, flow::flow, powers::ptau};

/// Every verb that a ceremony takes, on files of the real size.
#[test]
#[ignore = "makes and checks the keys of all circuits twice: minutes"]
fn keys_from_a_ceremony_prove_and_verify() {
    let (customs, shipper) = (flow().customs.copy(), flow().shipper.copy());
    for folder in ["first", "second", "third"] {
        std::fs::create_dir(customs.path(folder)).unwrap();
    }
    customs.write("pot.ptau", ptau(17, &[14, 15, 16]));
    customs.ok(&["setup", "--ptau", "pot.ptau", "--key", "customs.key", "-o", "first"]);
    customs.ok(&["export", "zkey", "--keys", "first/prove.keys", "-o", "zkeys"]);
    let circuits = ["tally-40", "tally-90", "verdict"];
    let mut last = circuits.map(|circuit| format!("zkeys/{circuit}.zkey"));
    for (circuit, zkey) in circuits.iter().zip(&mut last) {
        let next = format!("zkeys/{circuit}-2.zkey");
        let words = ["zkey", "contribute", zkey, &next, "--name=Blue Meridian Lines", "-e=anything"];
        if let Some((yes, printed)) = node("tests/peers/node_modules/snarkjs/build/cli.cjs", &customs, &words) {
            assert!(yes, "{printed}");
            *zkey = next;
        }
    }
    let contributed = last.iter().all(|zkey| zkey.ends_with("-2.zkey"));
    let words =
        ["import-key", &last[0], &last[1], &last[2], "--ptau", "pot.ptau", "--key", "customs.key", "-o", "second"];
    let shown = customs.ok(&words).stderr;
    assert!(shown.contains("tally-90 contribution 1, Rotterdam Customs: "), "{shown}");
    assert_eq!(contributed, shown.contains("tally-90 contribution 2, Blue Meridian Lines: "), "{shown}");
    // A zkey of one circuit twice, and a key set that it does not come from.
    let twice =
        ["import-key", &last[0], &last[0], &last[2], "--ptau", "pot.ptau", "--key", "customs.key", "-o", "third"];
    customs.fails(3, "tally-40", &twice);
    let other =
        ["import-key", &last[0], &last[1], &last[2], "--from", "prove.keys", "--key", "customs.key", "-o", "third"];
    customs.fails(3, "tally-40", &other);

    let request =
        ["request", "eu-entry.toml", "--keys", "second/verify.keys", "--key", "customs.key", "-o", "new.json"];
    customs.ok(&request);
    customs.send("new.json", &shipper);
    std::fs::copy(customs.path("second/prove.keys"), shipper.path("second.keys")).unwrap();
    let prove = ["prove", "new.json", "manifest.dossier", "invoice.dossier", "--keys", "second.keys"];
    let run = shipper.ok(&[&prove[..], &["--key", "shipper.key", "-o", "new-answer.json"]].concat());
    assert!(run.stderr.contains("each verified here"), "{}", run.stderr);
    shipper.send("new-answer.json", &customs);
    customs.ok(&["verify", "new-answer.json", "--request", "new.json", "--keys", "second/verify.keys"]);
    // Not the keys that the request names.
    customs.fails(1, "key set", &["verify", "new-answer.json", "--request", "new.json", "--keys", "verify.keys"]);
}
