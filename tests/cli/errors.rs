//! Errors, word for word: output, hint and exit status.

use crate::harness::{Folder, example};

/// A folder with an identity and the example documents.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.ok(&["keygen", "Saigon Pacific Trading", "-o", "me.key"]);
    folder.ok(&["id", "--key", "me.key", "-o", "me.pub"]);
    for (name, from) in [
        ("manifest.xml", "documents/manifest.xml"),
        ("invoice.xml", "documents/invoice.xml"),
        ("table.csv", "documents/manifest.csv"),
        ("policy.toml", "policies/eu-entry.toml"),
    ] {
        std::fs::copy(example(from), folder.path(name)).unwrap();
    }
    folder
}

#[test]
fn errors_are_two_lines_and_a_status() {
    let folder = folder();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        folder.write("open.key", folder.read("me.key"));
        std::fs::set_permissions(folder.path("open.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    folder.write("broken.toml", "name = \"x\"\nversion = ");
    let cases: [(&str, &[&str]); 26] = [
        ("no-verb", &[]),
        ("unknown-verb", &["prvoe"]),
        ("nameless", &["keygen", ""]),
        ("name-that-does-not-print", &["keygen", "a\u{202e}b"]),
        ("identity-exists", &["keygen", "Somebody", "-o", "me.key"]),
        ("no-identity", &["id"]),
        ("no-such-identity", &["id", "--key", "no.key"]),
        ("exposed-identity", &["id", "--key", "open.key"]),
        ("public-is-no-identity", &["id", "--key", "me.pub"]),
        ("identity-is-no-public-line", &["trust", "add", "manifest.xml", "--as", "sender"]),
        ("unknown-capacity", &["trust", "add", "me.pub", "--as", "friend"]),
        ("wrong-lei", &["trust", "add", "me.pub", "--as", "sender", "--lei", "5493001KJTIIGC8Y1R13"]),
        ("no-such-party", &["trust", "remove", "Nobody"]),
        ("no-mapping", &["import", "table.csv"]),
        ("no-such-file", &["import", "no.xml"]),
        ("a-folder", &["import", "."]),
        ("claim-does-not-parse", &["check", "manifest.xml", "--claim", "total gross_mas <= 26500 kg"]),
        ("claim-fails", &["check", "manifest.xml", "--claim", "total gross_mass <= 20 t"]),
        ("unknown-parameter", &["check", "invoice.xml", "manifest.xml", "--policy", "policy.toml", "--set", "x=1"]),
        ("value-is-none", &["check", "manifest.xml", "--policy", "policy.toml", "--set", "ceiling=20000"]),
        ("a-document-missing", &["check", "manifest.xml", "--policy", "policy.toml"]),
        ("broken-policy", &["check", "manifest.xml", "--policy", "broken.toml"]),
        ("no-key-set", &["request", "policy.toml", "--key", "me.key"]),
        ("not-sealed", &["open", "manifest.xml", "--key", "me.key"]),
        ("not-an-answer", &["verify", "manifest.xml"]),
        ("output-twice", &["seal", "x.dossier", "--to", "me.pub", "--to", "./me.pub", "--key", "me.key"]),
    ];
    let before = folder.files();
    for (name, words) in cases {
        let run = folder.run(words);
        assert_ne!(run.status, 0, "{name}");
        insta::assert_snapshot!(format!("error-{name}"), run.shown());
    }
    assert_eq!(folder.files(), before);
}

#[test]
fn reports_are_json_where_asked() {
    let folder = folder();
    folder.ok(&["trust", "add", "me.pub", "--as", "sender", "--lei", "5493001KJTIIGC8Y1R12", "--from", "2026-01-01"]);
    let words: [&[&str]; 5] = [
        &["trust", "list", "--json"],
        &["import", "manifest.xml", "--json"],
        &["check", "manifest.xml", "--claim", "total gross_mass <= 26500 kg", "--json"],
        &["inspect", "me.pub", "--json"],
        &["inspect", "policy.toml", "--json"],
    ];
    for words in words {
        let run = folder.ok(words);
        serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap_or_else(|e| panic!("{words:?}: {e}"));
    }
    insta::assert_snapshot!("trust-list", folder.ok(&["trust", "list"]).shown());
    insta::assert_snapshot!("import", folder.ok(&["import", "manifest.xml", "-o", "m.json"]).shown());
    insta::assert_snapshot!(
        "check",
        folder.ok(&["check", "invoice.xml", "manifest.xml", "--policy", "policy.toml"]).shown()
    );
}

/// A reader that goes away is no error of ours.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_failure() {
    use std::process::{Command, Stdio};
    let folder = folder();
    let mut child = Command::new(env!("CARGO_BIN_EXE_consign"))
        .args(["import", "manifest.xml"])
        .current_dir(folder.path(""))
        .env("CONSIGN_HOME", "home")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_the_state_says_is_needed() {
    let folder = folder();
    std::fs::create_dir_all(folder.path("home")).unwrap();
    folder.write("home/trust.toml", "consign = \"trust/1\"\nfriends = 1\n");
    folder.fails(3, "friends", &["trust", "list"]);
    folder.fails(3, "friends", &["trust", "add", "me.pub", "--as", "sender"]);
}
