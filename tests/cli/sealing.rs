//! Granting, listing and revoking what was sealed; a body that is kept once; standard output.

use std::{
    process::{Command, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use crate::harness::{Folder, example};

/// A folder with an identity `NAME.key`, `NAME.pub`, made with these options.
fn party(name: &str, called: &str, options: &[&str]) -> Folder {
    let folder = Folder::new();
    let (key, public) = (format!("{name}.key"), format!("{name}.pub"));
    folder.ok(&[&["keygen", called, "-o", &key], options].concat());
    folder.ok(&["id", "--key", &key, "-o", &public]);
    folder
}

/// Introduces a shipper and a reader to each other.
fn introduce(shipper: &Folder, reader: &Folder, name: &str) {
    reader.send(&format!("{name}.pub"), shipper);
    shipper.send("shipper.pub", reader);
    reader.ok(&["trust", "add", "shipper.pub", "--as", "sender,issuer:commercial-invoice"]);
}

/// The shipper, who has sealed an invoice of its own for the bank, and the bank, which has it. Nothing is proved. Tests
/// that change anything work on copies.
pub fn sealed() -> &'static (Folder, Folder) {
    static SEALED: OnceLock<(Folder, Folder)> = OnceLock::new();
    SEALED.get_or_init(|| {
        let shipper = party("shipper", "Saigon Pacific Trading", &[]);
        let bank = party("bank", "Maas Trade Bank", &[]);
        introduce(&shipper, &bank, "bank");
        for name in ["invoice.xml", "scan.pdf"] {
            std::fs::copy(example(&format!("documents/{name}")), shipper.path(name)).unwrap();
        }
        shipper.ok(&["attest", "invoice.xml", "--key", "shipper.key"]);
        shipper.ok(&["seal", "invoice.dossier", "--to", "bank.pub", "--attach", "scan.pdf", "--key", "shipper.key"]);
        shipper.send("invoice.bank.age", &bank);
        (shipper, bank)
    })
}

/// The shipper and a broker whom it may send things to, and who knows the shipper.
fn with_broker() -> (Folder, Folder) {
    let (shipper, broker) = (sealed().0.copy(), party("broker", "Delta Brokers", &[]));
    introduce(&shipper, &broker, "broker");
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
    let bank = sealed().1.copy();
    shipper.ok(&GRANT);
    shipper.send("invoice.broker.age", &broker);
    broker.ok(&["open", "invoice.broker.age", "--key", "broker.key"]);

    let revoke = ["revoke", "invoice.own.age", "--from", "broker.pub", "--key", "shipper.key"];
    shipper.fails(2, "exists already", &revoke);
    shipper.fails(
        1,
        "was never given this document",
        &["revoke", "invoice.own.age", "--from", "shipper.pub", "--key", "shipper.key"],
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

/// A state folder from a backup knows nothing of the last epochs; one's own copy does.
#[test]
fn a_restored_register_begins_no_epoch_again() {
    const REGISTER: &str = "home/grants.jsonl";
    let (shipper, broker) = with_broker();
    shipper.ok(&GRANT);
    let backup = shipper.read(REGISTER);
    let revoke = ["revoke", "invoice.own.age", "--from", "broker.pub", "--key", "shipper.key", "--force"];
    assert!(shipper.ok(&revoke).stderr.contains("(epoch 2, "));
    shipper.write(REGISTER, &backup);
    assert!(shipper.ok(&revoke).stderr.contains("(epoch 3, "));
    shipper.write(REGISTER, &backup);
    let seal = ["seal", "invoice.own.age", "--to", "broker.pub", "--key", "shipper.key", "--force"];
    assert!(shipper.ok(&seal).stderr.contains("(epoch 4, "));
    shipper.send("invoice.broker.age", &broker);
    broker.ok(&["open", "invoice.broker.age", "--key", "broker.key"]);
}

/// A pipe is read once.
#[cfg(unix)]
#[test]
fn files_come_from_a_pipe() {
    let (shipper, bank) = sealed();
    let (shipper, bank) = (shipper.copy(), bank.copy());
    let from_pipe = |folder: &Folder, file: &str, words: &str| {
        let script = format!("cat {file} | exec \"$0\" {words}");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_consign")]).current_dir(folder.path(""));
        let output = command.env("CONSIGN_HOME", "home").output().unwrap();
        (output.status.code(), [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat())
    };
    let done = |(status, text): (Option<i32>, String), with: &str| {
        assert!(status == Some(0) && text.contains(with), "{text}");
    };
    done(from_pipe(&bank, "invoice.bank.age", "open /dev/stdin --key bank.key -o piped"), "from Saigon");
    assert_eq!(bank.read("piped/scan.pdf"), shipper.read("scan.pdf"));
    done(from_pipe(&bank, "invoice.bank.age", "open - --key bank.key -o again"), "from Saigon");
    done(from_pipe(&bank, "invoice.bank.age", "inspect /dev/stdin"), "sealed file");
    done(from_pipe(&bank, "invoice.bank.age", "inspect /dev/stdin --key bank.key"), "purpose");
    done(from_pipe(&shipper, "invoice.xml", "inspect /dev/stdin"), "document in the clear");
    done(
        from_pipe(
            &shipper,
            "invoice.dossier",
            "check /dev/stdin --key shipper.key --claim 'total net_mass <= 9999999 kg'",
        ),
        "holds",
    );
    let secret = from_pipe(&bank, "bank.key", "inspect /dev/stdin");
    assert!(secret.0 == Some(3) && secret.1.contains("is not a regular file"), "{}", secret.1);
    shipper.write("pass", "some words");
    std::fs::set_permissions(shipper.path("pass"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    shipper.ok(&["seal", "invoice.dossier", "--archive-passphrase-file", "pass", "--key", "shipper.key"]);
    let open = "open /dev/stdin --archive-passphrase-file pass --key shipper.key -o archived";
    done(from_pipe(&shipper, "invoice.archive.age", open), "from yourself");
}

#[test]
fn an_insurer_is_granted_a_part() {
    let (shipper, broker) = with_broker();
    let only = ["--only", "lines/*/net_mass,lines/*/hs", "--purpose", "cover"];
    shipper.fails(
        2,
        "lines/*/gros_mass names nothing in this document",
        &[&GRANT[..], &["--only", "lines/*/gros_mass"]].concat(),
    );
    shipper.fails(2, "no choice of values", &[&GRANT[..], &["--only", "lines//hs"]].concat());
    shipper.ok(&[&GRANT[..], &only].concat());
    insta::assert_snapshot!(
        "grants-of-a-part",
        shipper.ok(&["grants", "invoice.own.age", "--key", "shipper.key"]).shown()
    );
    shipper.send("invoice.broker.age", &broker);
    let open = ["open", "invoice.broker.age", "--key", "broker.key"];
    insta::assert_snapshot!("open-part", broker.ok(&open).shown());
    let part: serde_json::Value = serde_json::from_slice(&broker.read("invoice.broker/part.json")).unwrap();
    assert_eq!(part["consign"], "part/1");
    let members: Vec<&String> = part["shown"]["lines"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["hs", "net_mass"]);
    let json = broker.ok(&[&open[..], &["-o", "again", "--json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(report["document"].is_null() && report["shown"]["/lines/0/hs"].is_string());
    assert!(broker.ok(&[&open[..], &["-o", "-"]].concat()).stdout.contains("\"part/1\""));
    assert!(broker.ok(&["inspect", "invoice.broker.age", "--key", "broker.key"]).stdout.contains("lines/*/hs"));
    // It is no dossier: it cannot be sealed on, nor proved from.
    let seal = ["seal", "invoice.broker.age", "--to", "shipper.pub", "--key", "broker.key"];
    broker.fails(3, "holds a part of a document", &seal);

    // When the bank is revoked, the part is made anew for the broker, under the next epoch.
    shipper.ok(&["revoke", "invoice.own.age", "--from", "bank.pub", "--key", "shipper.key", "--force"]);
    shipper.send("invoice.broker.age", &broker);
    let again = broker.ok(&[&open[..], &["-o", "third"]].concat());
    assert!(again.stderr.contains("epoch 2") && again.stderr.contains("purpose: cover"), "{}", again.stderr);
    assert_eq!(broker.read("third/part.json"), broker.read("invoice.broker/part.json"));
}

#[cfg(unix)]
#[test]
fn an_identity_is_kept_under_a_passphrase() {
    let shipper = sealed().0.copy();
    let secret = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        shipper.write(name, text);
        std::fs::set_permissions(shipper.path(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    };
    secret("word", "correct horse\n");
    secret("other", "battery staple\n");
    secret("empty", "\n");
    let made = shipper.ok(&["keygen", "Vault", "-o", "vault.key", "--passphrase-file", "word"]);
    let text = String::from_utf8(shipper.read("vault.key")).unwrap();
    assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n") && !text.contains("Vault"));
    let id = |word: &'static str| ["id", "--key", "vault.key", "--passphrase-file", word];
    assert_eq!(shipper.ok(&id("word")).stdout, made.stdout);
    shipper.fails(1, "the passphrase does not open the identity", &id("other"));
    shipper.fails(3, "begins with an empty line", &id("empty"));
    // A passphrase that others can read is none; and without a terminal nobody is asked.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(shipper.path("other"), std::fs::Permissions::from_mode(0o644)).unwrap();
        shipper.fails(3, "others can read it", &id("other"));
    }

    // One's own archive: a passphrase, no reader, and only what one sealed oneself.
    let archive = ["seal", "invoice.dossier", "--key", "shipper.key", "--archive-passphrase-file", "word"];
    shipper.fails(2, "cannot be used with", &[&archive[..], &["--to", "bank.pub"]].concat());
    shipper.ok(&archive);
    let open = ["open", "invoice.archive.age", "--key", "shipper.key", "--archive-passphrase-file", "word"];
    assert!(shipper.ok(&open).stderr.contains("from yourself for Saigon Pacific Trading, purpose: own archive"));
    let vault = ["open", "invoice.archive.age", "-o", "x", "--key", "vault.key", "--passphrase-file", "word"];
    shipper.fails(1, "is expected", &[&vault[..], &["--archive-passphrase-file", "word"]].concat());
    secret("third", "tr0ub4dor\n");
    let wrong =
        ["open", "invoice.archive.age", "-o", "x", "--key", "shipper.key", "--archive-passphrase-file", "third"];
    shipper.fails(1, "does not open the file", &wrong);
}

/// Passphrases are asked on the terminal, which util-linux's `script` is for the program.
#[cfg(unix)]
#[test]
fn a_passphrase_is_asked_on_the_terminal() {
    use std::io::Write;
    if !Command::new("script").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no `script` on the path");
        return;
    }
    let folder = Folder::new();
    let on_a_terminal = |words: &str, typed: &str| {
        let program = format!("{} {words}", env!("CARGO_BIN_EXE_consign"));
        let mut child = Command::new("script")
            .args(["-qec", &program, "/dev/null"])
            .current_dir(folder.path(""))
            .env("CONSIGN_HOME", "home")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, said) = on_a_terminal("keygen Vault -o vault.key --passphrase", "correct horse\ncorect horse\n");
    assert!(status == Some(2) && said.contains("the two passphrases differ"), "{said}");
    assert!(folder.files().is_empty());
    let (status, said) = on_a_terminal("keygen Vault -o vault.key --passphrase", "correct horse\ncorrect horse\n");
    assert!(status == Some(0) && said.contains("consign-id-1 age1"), "{said}");
    let (status, said) = on_a_terminal("id --key vault.key", "correct horse\n");
    assert!(status == Some(0) && said.contains("consign-id-1 age1"), "{said}");
    let (status, said) = on_a_terminal("id --key vault.key", "battery staple\n");
    assert!(status == Some(1) && said.contains("the passphrase does not open the identity"), "{said}");
}

#[test]
fn post_quantum_parties_seal_to_each_other() {
    let (shipper, bank) = (party("shipper", "Saigon", &["--post-quantum"]), party("bank", "Maas", &["--post-quantum"]));
    introduce(&shipper, &bank, "bank");
    std::fs::copy(example("documents/invoice.xml"), shipper.path("invoice.xml")).unwrap();
    shipper.ok(&["attest", "invoice.xml", "--key", "shipper.key"]);
    shipper.ok(&["seal", "invoice.dossier", "--to", "bank.pub", "--key", "shipper.key"]);
    shipper.send("invoice.bank.age", &bank);
    bank.ok(&["open", "invoice.bank.age", "--key", "bank.key"]);
    let shown = bank.ok(&["inspect", "invoice.bank.age"]).stdout;
    assert!(shown.contains("sealed file\n") && shown.contains("mlkem768x25519, consign-grant-1"), "{shown}");

    // A reader without such a key would give the body away to whoever waits for the computer.
    let broker = party("broker", "Delta Brokers", &[]);
    introduce(&shipper, &broker, "broker");
    shipper.fails(3, "a post-quantum recipient beside one that is not", &GRANT);
    let both = ["seal", "invoice.dossier", "--to", "broker.pub", "--key", "shipper.key", "-o", "home"];
    shipper.fails(3, "a post-quantum recipient beside one that is not", &both);
}

/// Memory for an attachment is constant: 400 MB pass through a program that takes less than 100 MB.
#[cfg(target_os = "linux")]
#[test]
fn attachments_stream() {
    let (shipper, bank) = (sealed().0.copy(), sealed().1.copy());
    std::fs::File::create(shipper.path("big.bin")).unwrap().set_len(400 << 20).unwrap();
    let limited = |folder: &Folder, words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consign"));
        command.args(words).current_dir(folder.path("")).env("CONSIGN_HOME", "home").env("RAYON_NUM_THREADS", "2");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Its greatest resident size so far, until it ends.
        let (status, mut peak) = (format!("/proc/{}/status", child.id()), 0);
        let ended = loop {
            let lines = std::fs::read_to_string(&status).unwrap_or_default();
            let size = lines.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
            peak = size.map_or(peak, |size| size.parse::<u64>().unwrap() << 10);
            if let Some(ended) = child.try_wait().unwrap() {
                break ended;
            }
            thread::sleep(Duration::from_millis(5));
        };
        assert!(ended.success(), "{words:?}");
        assert!((1 << 20..100 << 20).contains(&peak), "{peak} bytes of memory: {words:?}");
    };
    limited(
        &shipper,
        &["seal", "invoice.dossier", "--to", "bank.pub", "--attach", "big.bin", "--key", "shipper.key", "--force"],
    );
    let whole = std::fs::metadata(shipper.path("invoice.bank.age")).unwrap().len();
    assert!((400 << 20..(400 << 20) / 100 * 113).contains(&whole), "{whole}");
    shipper.send("invoice.bank.age", &bank);
    limited(&bank, &["open", "invoice.bank.age", "--key", "bank.key"]);
    assert_eq!(std::fs::metadata(bank.path("invoice.bank/big.bin")).unwrap().len(), 400 << 20);
}
