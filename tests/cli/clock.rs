//! Clocks that are days off: what is refused says so with both times, and nothing is lost once the clock is right again.
#![cfg(unix)]

use std::process::Command;

use crate::{
    flow::flow,
    harness::{Folder, Run},
    sealing,
};

/// Runs the program with its clock so far off; `None`, said out loud, without `faketime`.
fn off(by: &str, folder: &Folder, words: &[&str]) -> Option<Run> {
    let mut command = Command::new("faketime");
    command.args(["-f", by, env!("CARGO_BIN_EXE_consign")]).args(words);
    let Ok(output) = command.current_dir(folder.path("")).env("CONSIGN_HOME", "home").output() else {
        eprintln!("skipped: faketime is not installed");
        return None;
    };
    Some(Run::of(output))
}

#[test]
fn requests_and_answers_out_of_their_time() {
    let (shipper, customs) = (flow().shipper.copy(), flow().customs.copy());
    let prove =
        ["prove", "request.json", "manifest.dossier", "invoice.dossier", "--key", "shipper.key", "-o", "new.json"];
    let verify = ["verify", "answer.json", "--request", "request.json"];
    let (files, asked) = (shipper.files(), shipper.read("home/asked.jsonl"));
    for (by, with) in [("-1d", "the request was made at "), ("+8d", "the request expired at ")] {
        let Some(run) = off(by, &shipper, &prove) else { return };
        run.refused(1, with);
        off(by, &customs, &verify).unwrap().refused(1, with);
    }
    // Nothing was answered, and nothing was entered.
    assert_eq!((shipper.files(), shipper.read("home/asked.jsonl")), (files, asked));
    // Accepted by a clock a day ahead: it is the same answer today, and another one is still refused.
    assert_eq!(off("+1d", &customs, &verify).unwrap().status, 0);
    assert!(customs.ok(&verify).stdout.contains("already accepted at "));
    off("-1d", &customs, &verify).unwrap().refused(1, "the request was made at ");
    shipper.ok(&[&prove[..], &["--reveal"]].concat());
    shipper.send("new.json", &customs);
    customs.fails(1, "answered before", &["verify", "new.json", "--request", "request.json"]);
}

#[test]
fn files_sealed_by_a_clock_that_is_ahead() {
    let (shipper, bank) = (sealing::sealed().0.copy(), sealing::sealed().1.copy());
    let seal = ["seal", "invoice.dossier", "--to", "bank.pub", "--key", "shipper.key", "--force"];
    // Behind: the shipper's own dossier is from what is the future there.
    let Some(run) = off("-1d", &shipper, &seal) else { return };
    run.refused(1, "in the future");
    let old = shipper.read("invoice.bank.age");
    assert_eq!(off("+1d", &shipper, &seal).unwrap().status, 0);
    assert_ne!(shipper.read("invoice.bank.age"), old);
    shipper.send("invoice.bank.age", &bank);
    let open = ["open", "invoice.bank.age", "--key", "bank.key", "-o", "opened"];
    bank.fails(1, "in the future", &open);
    assert_eq!(off("+1d", &bank, &open).unwrap().status, 0);
    // Granted today, the body is still from tomorrow. The register goes on, and what is sealed anew is from today.
    shipper.ok(&["grant", "invoice.own.age", "--to", "bank.pub", "--key", "shipper.key", "-o", "again.age"]);
    shipper.send("again.age", &bank);
    bank.fails(1, "in the future", &["open", "again.age", "--key", "bank.key", "-o", "again"]);
    shipper.ok(&seal);
    shipper.send("invoice.bank.age", &bank);
    bank.ok(&["open", "invoice.bank.age", "--key", "bank.key", "-o", "today"]);
}
