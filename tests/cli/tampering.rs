//! Each file of the story, changed on its way: the exact refusal, and nothing released.

use serde_json::Value;

use crate::{flow::flow, harness::Folder};

/// Changes one character of a text, to another of its alphabet.
fn changed(text: &str, at: usize) -> String {
    let new = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    format!("{}{new}{}", &text[..at], &text[at + 1..])
}

/// Customs with the answer changed.
fn customs_with(change: impl FnOnce(&mut Value)) -> Folder {
    let customs = flow().customs.copy();
    let mut answer: Value = serde_json::from_slice(&customs.read("answer.json")).unwrap();
    change(&mut answer);
    customs.write("answer.json", serde_json::to_vec(&answer).unwrap());
    customs
}

const VERIFY: [&str; 4] = ["verify", "answer.json", "--request", "request.json"];

/// A field element other than this one, in the same form.
fn other_element(hex: &Value) -> Value {
    let hex = hex.as_str().unwrap();
    let last = if hex.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &hex[..hex.len() - 1]).into()
}

#[test]
fn an_answer_changed_anywhere_is_refused() {
    let inputs: [(&str, i32, &str); 9] = [
        ("/verdicts/0/chains/0/0/inputs/0", 1, "the chain does not begin at the first row"),
        ("/verdicts/0/chains/0/0/inputs/1", 1, "does not end at the commitment that was attested"),
        ("/verdicts/0/chains/0/0/inputs/2", 1, "a tally of another filter set"),
        ("/verdicts/0/chains/0/0/inputs/3", 3, "the commitment to totals"),
        ("/verdicts/0/chains/0/0/inputs/4", 3, "the commitment to totals"),
        ("/verdicts/0/inputs/0", 3, "the commitment to totals"),
        ("/verdicts/0/inputs/1", 3, "the commitment to totals"),
        ("/verdicts/0/inputs/2", 1, "its bounds are not the policy's"),
        ("/verdicts/0/inputs/3", 1, "it was made for another request or other attestations"),
    ];
    for (pointer, status, with) in inputs {
        let customs = customs_with(|answer| {
            let input = answer.pointer_mut(pointer).unwrap();
            *input = other_element(input);
        });
        // The holder signed the proofs, so that any change of one breaks that signature first, where it is read at all.
        let with = if status == 1 { "the holder signed other proofs" } else { with };
        customs.fails(status, with, &VERIFY);
    }

    let customs = customs_with(|answer| answer["verdicts"][0]["inputs"].as_array_mut().unwrap().push("00".into()));
    customs.fails(3, "5 public inputs where the circuit has 4", &VERIFY);
    let customs = customs_with(|answer| drop(answer["verdicts"][0]["inputs"].as_array_mut().unwrap().pop()));
    customs.fails(3, "3 public inputs where the circuit has 4", &VERIFY);
    let customs = customs_with(|answer| drop(answer["documents"].as_array_mut().unwrap().pop()));
    customs.fails(1, "0 documents play the role \"manifest\"", &VERIFY);
    let customs = customs_with(|answer| {
        let again = answer["documents"][0].clone();
        answer["documents"].as_array_mut().unwrap().insert(0, again);
    });
    customs.fails(1, "2 documents play the role \"invoice\"", &VERIFY);
    let customs = customs_with(|answer| answer["consign"] = "presentation/9".into());
    customs.fails(3, "presentation/9", &VERIFY);
    let customs = customs_with(|answer| answer["more"] = 1.into());
    customs.fails(3, "more", &VERIFY);
    let customs = customs_with(|answer| {
        let text = answer["documents"][0]["attestation"].as_str().unwrap();
        // The last characters of an SD-JWT with key binding are the holder's signature.
        answer["documents"][0]["attestation"] = changed(text, text.len() - 20).into();
    });
    customs.fails(1, "the holder's signature", &VERIFY);
    let customs = customs_with(|answer| {
        let text = answer["documents"][0]["attestation"].as_str().unwrap();
        let signature = text.find('~').unwrap() - 20;
        answer["documents"][0]["attestation"] = changed(text, signature).into();
    });
    customs.fails(1, "the signature does not hold", &VERIFY);
    let customs = customs_with(|answer| {
        let text = answer["request"].as_str().unwrap();
        answer["request"] = changed(text, text.len() - 20).into();
    });
    customs.fails(1, "the signature does not hold", &VERIFY);
}

#[test]
fn whom_the_verifier_does_not_trust_counts_for_nothing() {
    let customs = flow().customs.copy();
    customs.ok(&["trust", "remove", "Blue Meridian Lines"]);
    customs.fails(1, "belongs to nobody on the trust list", &VERIFY);
    customs.ok(&["trust", "add", "carrier.pub", "--as", "sender"]);
    customs.fails(1, "but not as issuer:cargo-manifest", &VERIFY);
    customs.ok(&["trust", "remove", "Blue Meridian Lines"]);
    customs.ok(&["trust", "add", "carrier.pub", "--as", "issuer:cargo-manifest", "--until", "2026-01-01"]);
    customs.fails(1, "is trusted until 2026-01-01", &VERIFY);

    let customs = flow().customs.copy();
    customs.ok(&["request", "eu-entry.toml", "--key", "customs.key", "-o", "request.json", "--force"]);
    customs.fails(1, "the presentation answers another request than yours", &VERIFY);

    // Another key set: neither its keys nor its id are accepted.
    let bank = flow().bank.copy();
    let trust = String::from_utf8(bank.read("home/trust.toml")).unwrap();
    let id = trust.lines().find_map(|line| line.strip_prefix("id = ")).unwrap().to_owned();
    bank.write("home/trust.toml", trust.replace(&id, &format!("\"{}\"", "0".repeat(64))));
    bank.fails(1, "is not one that you accept", &["verify", "answer.json"]);
}

#[test]
fn a_sealed_file_changed_anywhere_is_refused() {
    let bank = flow().bank.copy();
    let whole = bank.read("invoice.bank.age");
    let body = whole.windows(5).position(|w| w == b"\n--- ").unwrap() + 50;
    let open = ["open", "changed.age", "--key", "bank.key"];
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        bank.write("changed.age", &changed);
        let before = bank.files();
        let run = bank.run(&open);
        assert!(matches!(run.status, 1 | 3), "byte {at}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 2, "byte {at}: {}", run.stderr);
        assert_eq!(bank.files(), before, "byte {at}");
    }
    for cut in [1, 100, whole.len() - body, whole.len() - 1] {
        bank.write("changed.age", &whole[..whole.len() - cut]);
        assert!(matches!(bank.run(&open).status, 1 | 3));
    }
    bank.write("changed.age", [&whole[..], b"x"].concat());
    assert_eq!(bank.run(&open).status, 3);
}

#[test]
fn a_file_for_another_document_is_told_apart() {
    let (shipper, bank) = (flow().shipper.copy(), flow().bank.copy());
    // The same invoice attested again has another commitment: it is not the one that was proved.
    shipper.ok(&["attest", "invoice.xml", "--key", "shipper.key", "-o", "again.dossier"]);
    shipper.ok(&["seal", "again.dossier", "--to", "bank.pub", "--key", "shipper.key"]);
    shipper.send("again.bank.age", &bank);
    bank.ok(&["open", "again.bank.age", "--key", "bank.key", "-o", "elsewhere"]);
    bank.fails(
        1,
        "holds another document than those",
        &["open", "again.bank.age", "--key", "bank.key", "--presentation", "answer.json"],
    );
}
