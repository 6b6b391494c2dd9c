//! The six commands, and what they may not do.

use crate::{flow::flow, harness::Folder};

#[test]
fn customs_verifies_once() {
    let customs = flow().customs.copy();
    let verify = ["verify", "answer.json", "--request", "request.json"];
    let first = customs.ok(&verify);
    insta::assert_snapshot!("verify", first.shown());
    let again = customs.ok(&verify);
    assert!(again.stdout.contains("already accepted at"), "{}", again.stdout);

    let json = customs.ok(&["verify", "answer.json", "--request", "request.json", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["valid"], true);
    assert_eq!(report["claims"].as_array().unwrap().len(), 6);

    // A second proof for the same request is another answer.
    let shipper = flow().shipper.copy();
    shipper.ok(&[
        "prove",
        "request.json",
        "manifest.dossier",
        "invoice.dossier",
        "--key",
        "shipper.key",
        "-o",
        "second.json",
    ]);
    shipper.send("second.json", &customs);
    let second = ["verify", "second.json", "--request", "request.json"];
    customs.fails(1, "this request was answered before", &second);
    let json = customs.run(&["verify", "second.json", "--request", "request.json", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.status, &report["valid"]), (1, &false.into()));

    // Without the request it is reported as made for somebody else.
    assert!(customs.ok(&["verify", "second.json"]).stdout.contains("made for Rotterdam Customs"));

    // A record of answers that cannot be used lets nothing pass.
    customs.write("home/answers.jsonl", "{\n");
    customs.fails(3, "answers.jsonl", &verify);
}

#[test]
fn the_bank_opens_what_was_proved() {
    let bank = flow().bank.copy();
    let open = ["open", "invoice.bank.age", "--key", "bank.key", "--presentation", "answer.json"];
    insta::assert_snapshot!("open", bank.ok(&open).shown());
    let scan = std::fs::read(bank.path("invoice.bank/scan.pdf")).unwrap();
    assert_eq!(scan, flow().shipper.read("scan.pdf"));
    // The document is the canonical one, and reads as such.
    bank.ok(&["import", "invoice.bank/document.json"]);
    bank.fails(2, "exists already", &open);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name| std::fs::metadata(bank.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("invoice.bank"), mode("invoice.bank/document.json")), (0o700, 0o600));
    }
}

#[test]
fn another_reader_is_granted_later() {
    let (shipper, carrier) = (flow().shipper.copy(), flow().carrier.copy());
    shipper.ok(&["grant", "invoice.own.age", "--to", "carrier.pub", "--purpose", "freight", "--key", "shipper.key"]);
    shipper.send("invoice.carrier.age", &carrier);
    let open = ["open", "invoice.carrier.age", "--key", "carrier.key"];
    carrier.fails(1, "belongs to nobody on the trust list", &open);
    carrier.ok(&["trust", "add", "shipper.pub", "--as", "sender,issuer:commercial-invoice"]);
    assert!(carrier.ok(&open).stderr.contains("purpose: freight"));
    // Only the sender can name another reader.
    carrier.fails(1, "was sealed by", &["grant", "invoice.carrier.age", "--to", "bank.pub", "--key", "carrier.key"]);
}

#[test]
fn a_later_epoch_supersedes() {
    let (shipper, bank) = (flow().shipper.copy(), flow().bank.copy());
    let seal = ["seal", "invoice.dossier", "--to", "bank.pub", "--key", "shipper.key", "--force"];
    assert!(shipper.ok(&seal).stderr.contains("supersedes epoch 1"));
    std::fs::rename(bank.path("invoice.bank.age"), bank.path("old.age")).unwrap();
    shipper.send("invoice.bank.age", &bank);
    bank.ok(&["open", "invoice.bank.age", "--key", "bank.key"]);
    bank.fails(1, "superseded", &["open", "old.age", "--key", "bank.key"]);
}

#[test]
fn what_is_not_answered() {
    let (shipper, customs) = (flow().shipper.copy(), flow().customs.copy());
    let prove = |request: &'static str| {
        ["prove", request, "manifest.dossier", "invoice.dossier", "--key", "shipper.key", "-o", "new.json"]
    };
    // A claim that does not hold.
    customs.ok(&["request", "eu-entry.toml", "--set", "ceiling=15 t", "--key", "customs.key", "-o", "strict.json"]);
    customs.send("strict.json", &shipper);
    shipper.fails(1, "the claim does not hold: total gross_mass", &prove("strict.json"));
    // An answer to this, yes or no, would say that the mass lies between 15 t and 17 t, or between 17 t and 26.5 t; and
    // the next one whether it is below 20 t.
    let figure = "the total gross mass of all goods lines of manifest could become known";
    customs.ok(&["request", "eu-entry.toml", "--set", "ceiling=17 t", "--key", "customs.key", "-o", "closer.json"]);
    customs.send("closer.json", &shipper);
    let said = format!("{figure}: from 15000 kg to 17000 kg (known already: from 15000 kg to 26500 kg)");
    let before = shipper.read("home/asked.jsonl");
    shipper.fails(1, &said, &prove("closer.json"));
    let wtns = ["export", "wtns", "closer.json", "manifest.dossier", "invoice.dossier", "--key", "shipper.key"];
    shipper.fails(1, &said, &[&wtns[..], &["-o", "secret"]].concat());
    assert_eq!(shipper.read("home/asked.jsonl"), before, "what was not answered is not on record");
    shipper.fails(1, "the claim does not hold", &[&prove("closer.json")[..], &["--reveal"]].concat());
    assert_ne!(shipper.read("home/asked.jsonl"), before, "a refusal is an answer");
    // Asked again, it tells nothing more.
    shipper.fails(1, "the claim does not hold", &prove("closer.json"));
    // Attested anew, it is still the same document.
    let carrier = flow().carrier.copy();
    carrier.ok(&["attest", "manifest.xml", "--key", "carrier.key", "--holder", "shipper.pub", "-o", "anew.dossier"]);
    carrier.send("anew.dossier", &shipper);
    customs.ok(&["request", "eu-entry.toml", "--set", "ceiling=20 t", "--key", "customs.key", "-o", "third.json"]);
    customs.send("third.json", &shipper);
    let anew = ["prove", "third.json", "anew.dossier", "invoice.dossier", "--key", "shipper.key", "-o", "new.json"];
    shipper.fails(1, &format!("{figure}: from 17000 kg to 20000 kg"), &anew);
    // A document too few.
    shipper.fails(
        2,
        "the role \"invoice\" takes 1",
        &["prove", "request.json", "manifest.dossier", "--key", "shipper.key", "-o", "new.json"],
    );
    // A verifier that one does not know.
    shipper.ok(&["trust", "remove", "Rotterdam Customs"]);
    shipper.fails(1, "not from a verifier you know", &prove("request.json"));
    // A verifier that one knows by another name: another's request could be relayed.
    shipper.ok(&["trust", "add", "customs.pub", "--as", "verifier", "--name", "Hamburg Customs"]);
    shipper.fails(1, "the request is for \"Rotterdam Customs\"", &prove("request.json"));
    // A dossier that is somebody else's.
    let stranger = Folder::new();
    stranger.ok(&["keygen", "Somebody", "-o", "stranger.key"]);
    flow().shipper.send("manifest.dossier", &stranger);
    stranger.fails(
        1,
        "this key does not open the file",
        &["check", "manifest.dossier", "--claim", "count >= 1", "--key", "stranger.key"],
    );
}

#[test]
fn what_the_demo_prints() {
    let folder = Folder::new();
    let run = folder.ok(&["demo", "--keep", "kept"]);
    assert!(run.stdout.contains("five of them refused"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("\n  error: ").count(), 5);
    assert!(folder.path("kept/bank/invoice.bank/document.json").exists());
    folder.fails(2, "is not empty", &["demo", "--keep", "kept"]);
}
