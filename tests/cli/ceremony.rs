//! Keys from powers of tau, through a ceremony with another program.

use crate::{export::node, flow::flow, powers::ptau};

/// Every verb that a ceremony takes, on files of the real size. That such keys prove is tested in `circuits/tests/iden3/`.
#[test]
#[ignore = "makes and checks the keys of all circuits twice: minutes"]
fn a_key_set_from_powers_of_tau_and_contributions() {
    let customs = flow().customs.copy();
    for folder in ["first", "second", "third"] {
        std::fs::create_dir(customs.path(folder)).unwrap();
    }
    customs.write("pot.ptau", ptau(17, &[14, 15, 16]));
    customs.ok(&["setup", "--ptau", "pot.ptau", "--key", "customs.key", "-o", "first"]);
    customs.ok(&["export", "zkey", "--keys", "first/prove.keys", "-o", "zkeys"]);
    let circuits = ["tally-40", "tally-90", "verdict", "direct-40"];
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
    let [short, long, verdict, direct] = last.each_ref().map(String::as_str);
    let rest = ["--ptau", "pot.ptau", "--key", "customs.key", "-o"];
    let import = [&["import-key", short, long, verdict, direct], &rest[..], &["second"]].concat();
    let shown = customs.ok(&import).stderr;
    assert!(shown.contains("tally-90 contribution 1, Rotterdam Customs: "), "{shown}");
    assert_eq!(contributed, shown.contains("tally-90 contribution 2, Blue Meridian Lines: "), "{shown}");
    // A zkey of one circuit twice.
    let twice = [&["import-key", short, short, verdict, direct], &rest[..], &["third"]].concat();
    customs.fails(3, "2 zkeys of circuit tally-40", &twice);
}
