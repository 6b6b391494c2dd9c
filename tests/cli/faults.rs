//! A system that refuses: files that may not grow, folders and records that cannot be written, two runs at once, a closed
//! standard input. Each ends with an error that says what was refused, and leaves what was there as it was.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use crate::{
    harness::{Folder, Run},
    sealing,
};

const REGISTER: &str = "home/grants.jsonl";
const HEADER: [&str; 7] = ["grant", "invoice.own.age", "--to", "bank.pub", "--key", "shipper.key", "--header-only"];

/// Runs the program from a shell that first does `before`.
fn after(folder: &Folder, before: &str, words: &[&str]) -> Run {
    let script = format!("{before}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_consign")]).args(words);
    Run::of(command.current_dir(folder.path("")).env("CONSIGN_HOME", "home").output().unwrap())
}

/// Runs the program where no file may grow beyond so many blocks of 512 bytes: what a full disk does, without one.
fn with_room_for(blocks: u64, folder: &Folder, words: &[&str]) -> Run {
    after(folder, &format!("trap '' XFSZ; ulimit -f {blocks}"), words)
}

#[test]
fn a_full_disk_leaves_no_output_and_no_entry() {
    let shipper = sealing::sealed().0.copy();
    let (files, register) = (shipper.files(), shipper.read(REGISTER));
    let words = ["grant", "invoice.own.age", "--to", "bank.pub", "--key", "shipper.key", "-o", "new.age"];
    with_room_for(1, &shipper, &words).refused(3, "File too large");
    assert_eq!((shipper.files(), shipper.read(REGISTER)), (files, register));
    shipper.ok(&words);
}

/// The entry of a register fits in part: none of it stays, and the register can be read ever after.
#[test]
fn a_full_disk_leaves_no_half_entry() {
    let shipper = sealing::sealed().0.copy();
    let size = || shipper.read(REGISTER).len() as u64;
    let mut grants = 0;
    let room = loop {
        let before = size();
        shipper.ok(&[&HEADER[..], &["-o", &format!("{grants}.header")]].concat());
        grants += 1;
        let (entry, left) = (size() - before, 512 - size() % 512);
        // More room than the header takes, and less than one more entry.
        if size() > 1024 && left < entry {
            break size().div_ceil(512);
        }
    };
    let (files, register) = (shipper.files(), shipper.read(REGISTER));
    let words = [&HEADER[..], &["-o", "new.header"]].concat();
    with_room_for(room, &shipper, &words).refused(3, "grants.jsonl");
    assert!(shipper.read(REGISTER) == register, "half an entry is left");
    assert_eq!(shipper.files(), files);
    shipper.ok(&words);
    shipper.ok(&["grants", "invoice.own.age", "--key", "shipper.key"]);
}

#[test]
fn a_folder_that_cannot_be_written() {
    let shipper = sealing::sealed().0.copy();
    fs::create_dir(shipper.path("shut")).unwrap();
    fs::set_permissions(shipper.path("shut"), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(shipper.path("shut/try"), "").is_ok() {
        eprintln!("skipped: this user may write anywhere");
        return;
    }
    let register = shipper.read(REGISTER);
    shipper.fails(3, "shut", &[&HEADER[..], &["-o", "shut/new.header"]].concat());
    assert_eq!(shipper.read(REGISTER), register);
}

/// A register that cannot be opened, whoever asks: nothing is granted that is not entered.
#[test]
fn a_register_that_cannot_be_used() {
    let shipper = sealing::sealed().0.copy();
    fs::remove_file(shipper.path(REGISTER)).unwrap();
    fs::create_dir(shipper.path(REGISTER)).unwrap();
    shipper.fails(3, "grants.jsonl", &[&HEADER[..], &["-o", "new.header"]].concat());
    let attest = ["attest", "invoice.xml", "--holder", "bank.pub", "--key", "shipper.key", "--anchor", "new.anchor"];
    shipper.fails(3, "grants.jsonl", &[&attest[..], &["-o", "new.dossier"]].concat());
    let standard = shipper.fails(3, "grants.jsonl", &[&attest[..], &["-o", "-"]].concat());
    assert_eq!(standard.stdout, "");
}

#[test]
fn runs_at_once_wait_for_each_other() {
    let shipper = sealing::sealed().0.copy();
    let before = String::from_utf8(shipper.read(REGISTER)).unwrap().lines().count();
    let spawn = |name: &str| {
        let words = [&HEADER[..], &["-o", name]].concat();
        shipper.command(&words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let names: Vec<String> = (0..6).map(|i| format!("{i}.header")).collect();
    let children: Vec<_> = names.iter().map(|name| spawn(name)).collect();
    children.into_iter().for_each(|child| assert!(child.wait_with_output().unwrap().status.success()));
    let register = String::from_utf8(shipper.read(REGISTER)).unwrap();
    assert_eq!(register.lines().count(), before + names.len());
    register.lines().for_each(|line| drop(serde_json::from_str::<serde_json::Value>(line).unwrap()));
    // One and the same output: one of them makes it, and the others say that it is there.
    let children: Vec<_> = (0..4).map(|_| spawn("one.header")).collect();
    let runs: Vec<Run> = children.into_iter().map(|child| Run::of(child.wait_with_output().unwrap())).collect();
    assert_eq!(runs.iter().filter(|run| run.status == 0).count(), 1);
    let late = runs.iter().filter(|run| run.status != 0);
    late.for_each(|run| assert!(run.status == 2 && run.stderr.contains("exists already"), "{}", run.stderr));
    assert!(!shipper.read("one.header").is_empty());
}

#[test]
fn a_closed_standard_input_is_an_empty_one() {
    let shipper = sealing::sealed().0.copy();
    let files = shipper.files();
    let words = ["open", "-", "--key", "shipper.key", "-o", "opened"];
    let closed = after(&shipper, "exec <&-", &words);
    let empty = after(&shipper, "exec </dev/null", &words);
    assert_eq!((closed.status, &closed.stderr), (empty.status, &empty.stderr));
    closed.refused(3, "");
    assert_eq!(shipper.files(), files);
}
