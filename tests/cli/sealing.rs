//! Granting, listing and revoking what was sealed; a body that is kept once; standard output.

use crate::{flow::flow, harness::Folder};

/// The shipper and a broker whom it may send things to, and who knows the shipper.
fn with_broker() -> (Folder, Folder) {
    let (shipper, broker) = (flow().shipper.copy(), Folder::new());
    broker.ok(&["keygen", "Delta Brokers", "-o", "broker.key"]);
    broker.ok(&["id", "--key", "broker.key", "-o", "broker.pub"]);
    broker.send("broker.pub", &shipper);
    shipper.send("shipper.pub", &broker);
    broker.ok(&["trust", "add", "shipper.pub", "--as", "sender,issuer:commercial-invoice"]);
    (shipper, broker)
}

const GRANT: [&str; 6] = ["grant", "invoice.own.age", "--key", "shipper.key", "--to", "broker.pub"];

#[test]
fn a_body_is_kept_once_and_each_reader_has_a_header() {
    let (shipper, broker) = with_broker();
    shipper.ok(&[&GRANT[..], &["--header-only", "--purpose", "customs clearance"]].concat());
    shipper.ok(&["grant", "invoice.own.age", "--key", "shipper.key", "--body-only"]);
    assert!(shipper.read("invoice.broker.header").len() < 1024);
    shipper.send("invoice.broker.header", &broker);
    shipper.send("invoice.body", &broker);
    let open = ["open", "--header", "invoice.broker.header", "invoice.body", "--key", "broker.key"];
    assert!(broker.ok(&open).stderr.contains("purpose: customs clearance"));
    assert_eq!(broker.read("invoice.broker/scan.pdf"), shipper.read("scan.pdf"));

    // The two in one file are what `grant` writes.
    broker.write("whole.age", [broker.read("invoice.broker.header"), broker.read("invoice.body")].concat());
    broker.ok(&["open", "whole.age", "--key", "broker.key"]);
    assert!(
        broker.ok(&["inspect", "invoice.broker.header"]).stdout.contains("header of a sealed file, without its body")
    );

    // Mixed up, or of another file.
    let pair = |header, body| ["open", "--header", header, body, "--key", "broker.key", "-o", "new"];
    broker.fails(3, "has a header of its own", &pair("invoice.broker.header", "whole.age"));
    broker.fails(3, "goes on after its header", &pair("whole.age", "invoice.body"));
    broker.fails(3, "not an age file", &pair("invoice.body", "invoice.body"));
    broker.fails(3, "not an age file", &["open", "invoice.body", "--key", "broker.key", "-o", "new"]);
    shipper.ok(&["seal", "invoice.dossier", "--to", "broker.pub", "--key", "shipper.key", "-o", "home"]);
    let other = ["grant", "home/invoice.own.age", "--key", "shipper.key", "--body-only", "-o", "other.body"];
    shipper.ok(&other);
    shipper.send("other.body", &broker);
    broker.fails(3, "chunk 0: does not authenticate", &pair("invoice.broker.header", "other.body"));
}

#[test]
fn standard_output_gets_nothing_before_all_is_verified() {
    let (shipper, broker) = with_broker();
    let grant = shipper.run_bytes(&[&GRANT[..], &["-o", "-"]].concat());
    assert_eq!(grant.0, 0);
    broker.write("invoice.age", &grant.1);
    let open = ["open", "invoice.age", "--key", "broker.key", "-o", "-"];
    let shown = broker.ok(&open);
    assert!(shown.stdout.starts_with("{\"consign\":\"document/1\""), "{}", shown.stdout);
    assert!(shown.stderr.contains("not written: scan.pdf"));
    broker.fails(2, "cannot both go to standard output", &[&open[..], &["--json"]].concat());

    // The last byte is changed: all before it is in order, and none of it is handed out.
    let mut damaged = grant.1;
    *damaged.last_mut().unwrap() ^= 1;
    broker.write("invoice.age", &damaged);
    assert_eq!(broker.fails(3, "does not authenticate", &open).stdout, "");
    let mut own = shipper.read("invoice.own.age");
    *own.last_mut().unwrap() ^= 1;
    shipper.write("invoice.own.age", own);
    assert_eq!(shipper.fails(3, "does not authenticate", &[&GRANT[..], &["-o", "-"]].concat()).stdout, "");
    shipper.fails(3, "does not authenticate", &GRANT);
}

#[test]
fn the_register_says_who_was_given_what() {
    let (shipper, broker) = with_broker();
    let grants = ["grants", "invoice.own.age", "--key", "shipper.key"];
    shipper.ok(&[&GRANT[..], &["--purpose", "customs clearance"]].concat());
    // The invoice was attested by the shipper itself, so its own dossier is no entry.
    insta::assert_snapshot!("grants", shipper.ok(&grants).shown());
    let json = shipper.ok(&[&grants[..], &["--json"]].concat());
    let rows: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((rows[1]["reader"].as_str(), rows[1]["act"].as_str()), (Some("Delta Brokers"), Some("grant")));
    // It is the sender's: nobody else's copy has one.
    shipper.send("invoice.own.age", &broker);
    broker.fails(1, "this key does not open the file", &["grants", "invoice.own.age", "--key", "broker.key"]);
    shipper.send("invoice.broker.age", &broker);
    broker.fails(1, "was sealed by", &["grants", "invoice.broker.age", "--key", "broker.key"]);
}

#[test]
fn a_reader_is_revoked() {
    let (shipper, broker) = with_broker();
    let bank = flow().bank.copy();
    shipper.ok(&GRANT);
    shipper.send("invoice.broker.age", &broker);
    broker.ok(&["open", "invoice.broker.age", "--key", "broker.key"]);

    let revoke = ["revoke", "invoice.own.age", "--from", "broker.pub", "--key", "shipper.key"];
    shipper.fails(2, "exists already", &revoke);
    shipper.fails(
        1,
        "was never given this document",
        &["revoke", "invoice.own.age", "--from", "carrier.pub", "--key", "shipper.key"],
    );
    let old = shipper.read("invoice.own.age");
    let run = shipper.ok(&[&revoke[..], &["--force"]].concat());
    insta::assert_snapshot!("revoke", run.shown());
    insta::assert_snapshot!(
        "grants-after-revoke",
        shipper.ok(&["grants", "invoice.own.age", "--key", "shipper.key"]).shown()
    );

    // The bank stays, with a body of its own key; attachments came along; the old file is refused from now on.
    bank.ok(&["open", "invoice.bank.age", "--key", "bank.key"]);
    let before = bank.read("invoice.bank.age");
    shipper.send("invoice.bank.age", &bank);
    let opened = bank.ok(&["open", "invoice.bank.age", "--key", "bank.key", "-o", "again"]);
    assert!(opened.stderr.contains("epoch 2"), "{}", opened.stderr);
    assert_eq!(bank.read("again/scan.pdf"), shipper.read("scan.pdf"));
    bank.write("invoice.bank.age", before);
    bank.fails(1, "has superseded it with epoch 2", &["open", "invoice.bank.age", "--key", "bank.key", "-o", "old"]);

    // Old copies stay readable, as the program says; the new ones are not for the broker.
    broker.ok(&["open", "invoice.broker.age", "--key", "broker.key", "-o", "old"]);
    shipper.send("invoice.bank.age", &broker);
    broker.fails(1, "this key does not open", &["open", "invoice.bank.age", "--key", "broker.key", "-o", "new"]);

    // The superseded copy grants nobody any more; whoever is back is granted from the new one.
    shipper.write("old.own.age", old);
    shipper.fails(
        1,
        "which epoch 2 superseded",
        &["grant", "old.own.age", "--to", "broker.pub", "--key", "shipper.key"],
    );
    shipper.ok(&[&GRANT[..], &["--force"]].concat());
    // Only the sender revokes.
    let foreign = ["revoke", "invoice.bank.age", "--from", "shipper.pub", "--key", "bank.key"];
    shipper.send("invoice.bank.age", &bank);
    bank.fails(1, "was sealed by", &foreign);
}
