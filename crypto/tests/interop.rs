//! Our age files and those of others, both ways: `age` (Go), `rage` (Rust) and npm's `age-encryption` (TypeScript), the
//! first two as found on the path, the third under `tests/peers/node_modules`. What is not there is skipped, and said.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use consign_crypto::age::{
    self, ArmorWriter, HybridIdentity, HybridRecipient, Passphrase, ScryptIdentity, ScryptRecipient, Unwrap, Wrap,
    X25519Identity,
};
use consign_crypto::commitment::Commitment;
use consign_crypto::identity::Identity;
use consign_crypto::seal::{Consignment, Epoch};

const SIZES: [u64; 6] = [0, 1, 65_535, 65_536, 65_537, 1 << 20];

/// Another implementation, as a program with files for standard input and output.
#[derive(Clone)]
enum Peer {
    /// `age` and `rage` have one command line.
    Program(&'static str),
    Npm(PathBuf),
}

impl Peer {
    /// Those that are there.
    fn all() -> Vec<Peer> {
        let mut peers = Vec::new();
        for name in ["age", "rage"] {
            match Command::new(name).arg("--version").output() {
                Ok(output) if output.status.success() => peers.push(Peer::Program(name)),
                _ => eprintln!("skipped: no `{name}` on the path"),
            }
        }
        peers.extend(Peer::npm());
        peers
    }

    fn npm() -> Option<Peer> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers");
        let node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
        if node && folder.join("node_modules/age-encryption").is_dir() {
            Some(Peer::Npm(folder.join("age.mjs")))
        } else {
            eprintln!("skipped: no `node`, or no `npm ci` in tests/peers was done: npm's age-encryption");
            None
        }
    }

    fn name(&self) -> &str {
        match self {
            Peer::Program(name) => name,
            Peer::Npm(_) => "age-encryption",
        }
    }

    /// Encrypts the file at `from` into `to`.
    fn encrypt(&self, recipient: &str, armor: bool, from: &Path, to: &Path) {
        let mut command = match self {
            Peer::Program(name) => {
                let mut command = Command::new(name);
                command.args(["-e", "-r", recipient]);
                command
            }
            Peer::Npm(script) => npm(script, &["encrypt", "--recipient", recipient]),
        };
        if armor {
            command.arg(if matches!(self, Peer::Npm(_)) { "--armor" } else { "-a" });
        }
        assert!(run(&mut command, from, to), "{} encrypts", self.name());
    }

    /// Decrypts the file at `from` into `to`, and whether that went well.
    fn decrypt(&self, identity: &str, armor: bool, from: &Path, to: &Path) -> bool {
        let mut command = match self {
            Peer::Program(name) => {
                let key = to.with_extension("key");
                fs::write(&key, identity).unwrap();
                let mut command = Command::new(name);
                command.arg("-d").arg("-i").arg(key);
                command
            }
            Peer::Npm(script) => npm(script, &["decrypt", "--identity", identity]),
        };
        if armor && matches!(self, Peer::Npm(_)) {
            command.arg("--armor");
        }
        run(&mut command, from, to)
    }
}

fn npm(script: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.arg(script).args(arguments);
    command
}

fn run(command: &mut Command, from: &Path, to: &Path) -> bool {
    let (from, to) = (File::open(from).unwrap(), File::create(to).unwrap());
    command.stdin(from).stdout(to).stderr(Stdio::null()).status().unwrap().success()
}

/// Bytes that no two chunks share.
struct Pattern(u64);

impl Read for Pattern {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        for byte in &mut *out {
            *byte = (self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
            self.0 += 1;
        }
        Ok(out.len())
    }
}

fn plain_file(path: &Path, size: u64) {
    io::copy(&mut Pattern(0).take(size), &mut io::BufWriter::new(File::create(path).unwrap())).unwrap();
}

fn same(a: &Path, b: &Path) -> bool {
    let (mut a, mut b) = (BufReader::new(File::open(a).unwrap()), BufReader::new(File::open(b).unwrap()));
    let (mut left, mut right) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    loop {
        let read = a.read(&mut left).unwrap();
        if read == 0 {
            return b.read(&mut right).unwrap() == 0;
        }
        if b.read_exact(&mut right[..read]).is_err() || left[..read] != right[..read] {
            return false;
        }
    }
}

fn encrypt(recipient: &dyn Wrap, armor: bool, from: &Path, to: &Path) {
    let (mut input, out) = (File::open(from).unwrap(), File::create(to).unwrap());
    if armor {
        let mut writer = age::encrypt(ArmorWriter::new(out).unwrap(), &[recipient], &mut rand::rng()).unwrap();
        writer.write_from(&mut input).unwrap();
        writer.finish().unwrap().finish().unwrap();
    } else {
        let mut writer = age::encrypt(out, &[recipient], &mut rand::rng()).unwrap();
        writer.write_from(&mut input).unwrap();
        writer.finish().unwrap();
    }
}

fn decrypt(identity: &dyn Unwrap, from: &Path, to: &Path) {
    let input = BufReader::new(File::open(from).unwrap());
    age::decrypt(input, &[identity]).unwrap().copy_to(&mut File::create(to).unwrap()).unwrap();
}

/// One file each way.
fn both_ways(peer: &Peer, key: (&str, &str, &dyn Wrap, &dyn Unwrap), armor: bool, size: u64) {
    let (secret, public, recipient, identity) = key;
    let folder = tempfile::tempdir().unwrap();
    let [plain, sealed, opened] = ["plain", "sealed", "opened"].map(|name| folder.path().join(name));
    let what = format!("{}, {size} bytes, armor {armor}", peer.name());
    plain_file(&plain, size);

    peer.encrypt(public, armor, &plain, &sealed);
    decrypt(identity, &sealed, &opened);
    assert!(same(&plain, &opened), "theirs to us: {what}");

    encrypt(recipient, armor, &plain, &sealed);
    assert!(peer.decrypt(secret, armor, &sealed, &opened), "ours to them: {what}");
    assert!(same(&plain, &opened), "ours to them: {what}");
}

fn x25519_both_ways(peer: &Peer, armor: bool, size: u64) {
    let identity = X25519Identity::generate(&mut rand::rng());
    let (secret, public) = (identity.to_secret_text(), identity.recipient());
    both_ways(peer, (&secret, &public.to_string(), &public, &identity), armor, size);
}

fn hybrid_both_ways(peer: &Peer, armor: bool, size: u64) {
    let identity = HybridIdentity::generate(&mut rand::rng());
    let (secret, public) = (identity.to_secret_text(), identity.recipient());
    both_ways(peer, (&secret, &public.to_string(), &public, &identity), armor, size);
}

#[test]
fn others_and_we_open_each_other() {
    for peer in Peer::all() {
        for size in SIZES {
            x25519_both_ways(&peer, false, size);
        }
        x25519_both_ways(&peer, true, 100_000);
    }
}

#[test]
fn post_quantum_files_pass_both_ways() {
    let Some(peer) = Peer::npm() else { return };
    for size in [0, 65_537] {
        hybrid_both_ways(&peer, false, size);
    }
    hybrid_both_ways(&peer, true, 100_000);

    // A secret key of theirs is the public key of theirs to us.
    let Peer::Npm(script) = &peer else { return };
    let keys = String::from_utf8(npm(script, &["keygen"]).output().unwrap().stdout).unwrap();
    let (secret, public) = keys.trim().split_once('\n').unwrap();
    let identity: HybridIdentity = secret.parse().unwrap();
    assert_eq!(public.parse::<HybridRecipient>().unwrap(), identity.recipient());
}

/// What is sealed for a post-quantum reader is a plain age file to others, and a tar that begins with its record.
#[test]
fn a_sealed_post_quantum_file_opens_elsewhere() {
    let Some(peer) = Peer::npm() else { return };
    let (mut rng, now, folder) = (rand::rng(), jiff::Timestamp::now(), tempfile::tempdir().unwrap());
    let bank = Identity::generate_post_quantum("Bank".parse().unwrap(), now, &mut rng);
    let consignment = Consignment::new(b"{}".to_vec().into(), Commitment::from_hex(&format!("{:064x}", 1)).unwrap());
    let mut body = consignment.seal(&bank, Epoch::FIRST, now, folder.path(), &mut rng).unwrap();
    let [sealed, opened] = ["sealed", "opened"].map(|name| folder.path().join(name));
    body.write_own(now, &mut rng, File::create(&sealed).unwrap()).unwrap();
    let file = bank.to_file();
    assert!(peer.decrypt(file.lines().last().unwrap(), false, &sealed, &opened));
    assert!(fs::read(&opened).unwrap().starts_with(b"record.jws\0"));
}

#[test]
fn passphrases_pass_both_ways() {
    let Some(Peer::Npm(script)) = Peer::npm() else { return };
    let folder = tempfile::tempdir().unwrap();
    let [plain, sealed, opened] = ["plain", "sealed", "opened"].map(|name| folder.path().join(name));
    plain_file(&plain, 1000);
    let passphrase = || Passphrase::new("correct horse".to_string().into()).unwrap();
    let words = ["--passphrase", "correct horse"];

    assert!(run(npm(&script, &["encrypt"]).args(words), &plain, &sealed));
    decrypt(&ScryptIdentity::new(passphrase()), &sealed, &opened);
    assert!(same(&plain, &opened));

    let recipient = ScryptRecipient::new(passphrase()).with_work_factor(12).unwrap();
    encrypt(&recipient, false, &plain, &sealed);
    assert!(run(npm(&script, &["decrypt"]).args(words), &sealed, &opened));
    assert!(same(&plain, &opened));
    assert!(!run(npm(&script, &["decrypt", "--passphrase", "another"]).args([""; 0]), &sealed, &opened));
}

/// `age` asks for passphrases on a terminal, which `script` (util-linux) gives it.
#[test]
fn passphrases_pass_both_ways_on_a_terminal() {
    let there = |name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there("script") || !there("age") {
        eprintln!("skipped: no `script` or no `age` on the path");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let on_a_terminal = |arguments: &str, lines: &str| {
        let mut child = Command::new("script")
            .args(["-qec", &format!("age {arguments}"), "/dev/null"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut terminal = child.stdin.take().unwrap();
        terminal.write_all(lines.as_bytes()).unwrap();
        let done = child.wait().unwrap().success();
        drop(terminal);
        assert!(done, "age {arguments}");
    };
    let [plain, sealed, opened] = ["plain", "sealed", "opened"].map(|name| folder.path().join(name));
    plain_file(&plain, 1000);
    let passphrase = || Passphrase::new("correct horse".to_string().into()).unwrap();

    on_a_terminal("-p -o sealed plain", "correct horse\ncorrect horse\n");
    decrypt(&ScryptIdentity::new(passphrase()), &sealed, &opened);
    assert!(same(&plain, &opened));

    encrypt(&ScryptRecipient::new(passphrase()).with_work_factor(12).unwrap(), false, &plain, &sealed);
    fs::remove_file(&opened).unwrap();
    on_a_terminal("-d -o opened sealed", "correct horse\n");
    assert!(same(&plain, &opened));
}

#[test]
#[ignore = "slow: a file of 1 GiB both ways, with each of three implementations"]
fn a_large_file_passes_both_ways() {
    for peer in Peer::all() {
        x25519_both_ways(&peer, false, 1 << 30);
    }
}
