//! Malformed files for each verb that reads one: two lines, exit 3, no panic, nothing left behind.

use std::fs::File;

use crate::{
    flow::flow,
    harness::{Folder, example},
};

/// Files that are no good to anybody, by name.
fn write_bad_files(folder: &Folder) -> Vec<&'static str> {
    let manifest = std::fs::read_to_string(example("documents/manifest.xml")).unwrap();
    let mass = "<cbc:GrossWeightMeasure unitCode=\"KGM\">26330.045<";
    assert!(manifest.contains(mass));
    let with_mass =
        |figure: &str| manifest.replace(mass, &format!("<cbc:GrossWeightMeasure unitCode=\"KGM\">{figure}<"));
    folder.write("empty", "");
    folder.write("blank", "  \n\n");
    folder.write("truncated.xml", &manifest[..manifest.len() / 2]);
    folder.write("deep.json", format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)));
    folder.write("deep-object.json", format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
    folder.write("deep.xml", "<a>".repeat(100_000));
    folder.write("twice.json", r#"{"consign":"document/1","consign":"document/1"}"#);
    folder.write("other-version.json", r#"{"consign":"document/99"}"#);
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(manifest.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    folder.write("utf-16.xml", utf16);
    folder.write("latin-1.xml", [manifest.as_bytes(), b"<!-- \xe9 -->"].concat());
    folder.write("binary", (0..=255).cycle().take(5000).collect::<Vec<u8>>());
    folder.write("negative.xml", with_mass("-1"));
    folder.write("overflow.xml", with_mass(&"9".repeat(400)));
    folder.write("huge-exponent.xml", with_mass("1e999999999"));
    let entity = "<?xml version=\"1.0\"?><!DOCTYPE m [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>";
    folder.write("entity.xml", format!("{entity}<Manifest>&e;</Manifest>"));
    File::create(folder.path("100-mib")).unwrap().set_len(100 << 20).unwrap();
    vec![
        "empty",
        "blank",
        "truncated.xml",
        "deep.json",
        "deep-object.json",
        "deep.xml",
        "twice.json",
        "other-version.json",
        "utf-16.xml",
        "latin-1.xml",
        "binary",
        "negative.xml",
        "overflow.xml",
        "huge-exponent.xml",
        "entity.xml",
        "100-mib",
        "no-such-file",
    ]
}

/// Runs each command line with `@` replaced by each bad file.
fn refuse_all(folder: &Folder, lines: &[&[&str]]) {
    let files = write_bad_files(folder);
    for line in lines {
        for file in &files {
            let words: Vec<&str> = line.iter().map(|word| if *word == "@" { *file } else { *word }).collect();
            folder.fails(3, "", &words);
        }
    }
}

#[test]
fn documents_policies_and_public_lines() {
    let folder = Folder::new();
    folder.ok(&["keygen", "Me", "-o", "me.key"]);
    folder.ok(&["id", "--key", "me.key", "-o", "me.pub"]);
    std::fs::copy(example("documents/manifest.xml"), folder.path("manifest.xml")).unwrap();
    std::fs::copy(example("documents/manifest.csv"), folder.path("manifest.csv")).unwrap();
    refuse_all(
        &folder,
        &[
            &["import", "@"],
            &["import", "@", "-o", "out.json"],
            &["import", "manifest.csv", "--mapping", "@"],
            &["check", "@", "--claim", "total gross_mass <= 1 kg"],
            &["check", "manifest.xml", "--policy", "@"],
            &["attest", "@", "--key", "me.key"],
            &["attest", "manifest.xml", "--key", "me.key", "--holder", "@"],
            &["inspect", "@"],
            &["trust", "add", "@", "--as", "sender"],
            &["trust", "keys", "@"],
            &["request", "@", "--key", "me.key"],
            &["verify", "@"],
            &["verify", "manifest.xml", "--request", "@"],
            &["open", "@", "--key", "me.key"],
            &["grant", "@", "--to", "me.pub", "--key", "me.key"],
            &["seal", "@", "--to", "me.pub", "--key", "me.key"],
        ],
    );
}

#[test]
fn files_of_the_story() {
    let shipper = flow().shipper.copy();
    refuse_all(
        &shipper,
        &[
            &["prove", "@", "manifest.dossier", "invoice.dossier", "--key", "shipper.key", "-o", "x.json"],
            &["prove", "request.json", "@", "invoice.dossier", "--key", "shipper.key", "-o", "x.json"],
            &[
                "prove",
                "request.json",
                "manifest.dossier",
                "invoice.dossier",
                "--keys",
                "@",
                "--key",
                "shipper.key",
                "-o",
                "x.json",
            ],
            &["seal", "invoice.dossier", "--to", "@", "--key", "shipper.key"],
        ],
    );
    let bank = flow().bank.copy();
    refuse_all(
        &bank,
        &[
            &["open", "invoice.bank.age", "--key", "bank.key", "--presentation", "@"],
            &["open", "invoice.bank.age", "--key", "bank.key", "--presentation", "answer.json", "--keys", "@"],
            &["verify", "answer.json", "--keys", "@"],
        ],
    );
}

/// Standard input is read once, and what was verified is what is kept.
#[test]
fn keys_from_standard_input_are_kept_whole() {
    let customs = flow().customs.copy();
    let keys = customs.read("verify.keys");
    let stored = std::fs::read_dir(customs.path("home/keys")).unwrap().map(|entry| entry.unwrap().path());
    let stored: Vec<_> = stored.filter(|path| path.to_string_lossy().ends_with(".verify.keys")).collect();
    assert_eq!(stored.len(), 1);
    for before in [Some(&keys[..]), None] {
        match before {
            Some(bytes) => std::fs::write(&stored[0], bytes).unwrap(),
            None => std::fs::remove_file(&stored[0]).unwrap(),
        }
        let input = std::fs::File::open(customs.path("verify.keys")).unwrap();
        let run = customs.command(&["trust", "keys", "-"]).stdin(input).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        assert!(std::fs::read(&stored[0]).unwrap() == keys, "other bytes than were verified");
    }
}

/// Each file that consign writes, cut short at many places.
#[test]
fn own_files_cut_short() {
    let (customs, bank, shipper) = (flow().customs.copy(), flow().bank.copy(), flow().shipper.copy());
    let cuts = |len: usize| [0, 1, len / 3, len / 2, len - 2];
    let cut = |folder: &Folder, from: &str, words: &[&str]| {
        let whole = folder.read(from);
        for at in cuts(whole.len()) {
            folder.write("cut", &whole[..at]);
            folder.fails(3, "", words);
        }
    };
    cut(&customs, "answer.json", &["verify", "cut", "--request", "request.json"]);
    cut(&customs, "request.json", &["verify", "answer.json", "--request", "cut"]);
    cut(&customs, "verify.keys", &["verify", "answer.json", "--keys", "cut"]);
    // A public line ends with the name: cut within it, it is a whole line with another name.
    let line = customs.read("customs.pub");
    for at in [0, 1, 40, 100] {
        customs.write("cut", &line[..at]);
        customs.fails(3, "", &["trust", "add", "cut", "--as", "sender"]);
    }
    cut(&bank, "invoice.bank.age", &["open", "cut", "--key", "bank.key"]);
    cut(&shipper, "manifest.dossier", &["seal", "cut", "--to", "bank.pub", "--key", "shipper.key"]);
    cut(
        &shipper,
        "prove.keys",
        &[
            "prove",
            "request.json",
            "manifest.dossier",
            "invoice.dossier",
            "--keys",
            "cut",
            "--key",
            "shipper.key",
            "-o",
            "x.json",
        ],
    );
}
