//! Our age files and those of others, both ways: `age` (Go), `rage` (Rust) and npm's `age-encryption` (TypeScript), the
//! first two as found on the path, the third under `tests/peers/node_modules`. What is not there is skipped, and said.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

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

    /// Encrypts its standard input.
    fn encrypt(&self, recipient: &str, armor: bool) -> Command {
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
        command
    }

    /// Decrypts its standard input; the identity's file goes into `folder`.
    fn decrypt(&self, identity: &str, armor: bool, folder: &Path) -> Command {
        let mut command = match self {
            Peer::Program(name) => {
                let key = folder.join("key");
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
        command
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

/// Runs a program between two pipes, so that a gibibyte needs no room on a disk; it must succeed.
fn through(command: &mut Command, feed: impl FnOnce(ChildStdin) + Send, take: impl FnOnce(ChildStdout)) {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    thread::scope(|scope| {
        scope.spawn(|| feed(stdin));
        take(stdout);
    });
    assert!(child.wait().unwrap().success(), "{command:?}");
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
    io::copy(&mut pattern(size), &mut File::create(path).unwrap()).unwrap();
}

fn same(a: &Path, b: &Path) -> bool {
    fs::read(a).unwrap() == fs::read(b).unwrap()
}

fn pattern(size: u64) -> io::Take<Pattern> {
    Pattern(0).take(size)
}

/// Accepts the pattern's bytes and no others.
struct Expected {
    rest: io::Take<Pattern>,
    buffer: Vec<u8>,
}

impl Expected {
    fn new(size: u64) -> Expected {
        Expected { rest: pattern(size), buffer: Vec::new() }
    }

    fn assert_whole(&self) {
        assert_eq!(self.rest.limit(), 0, "bytes are missing at the end");
    }
}

impl Write for Expected {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.resize(bytes.len(), 0);
        self.rest.read_exact(&mut self.buffer).expect("no byte follows the end");
        assert!(self.buffer == bytes, "bytes differ");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn encrypt(recipient: &dyn Wrap, armor: bool, mut input: impl Read, out: impl Write) {
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

fn decrypt(identity: &dyn Unwrap, input: impl Read, mut out: impl Write) {
    age::decrypt(BufReader::new(input), &[identity]).unwrap().copy_to(&mut out).unwrap();
}

/// One message each way.
fn both_ways(peer: &Peer, key: (&str, &str, &(dyn Wrap + Sync), &(dyn Unwrap + Sync)), armor: bool, size: u64) {
    let (secret, public, recipient, identity) = key;
    let folder = tempfile::tempdir().unwrap();
    eprintln!("{}, {size} bytes, armor {armor}", peer.name());

    let mut opened = Expected::new(size);
    through(
        &mut peer.encrypt(public, armor),
        |mut stdin| assert_eq!(io::copy(&mut pattern(size), &mut stdin).unwrap(), size),
        |stdout| decrypt(identity, stdout, &mut opened),
    );
    opened.assert_whole();

    let mut opened = Expected::new(size);
    through(
        &mut peer.decrypt(secret, armor, folder.path()),
        |stdin| encrypt(recipient, armor, pattern(size), stdin),
        |mut stdout| assert_eq!(io::copy(&mut stdout, &mut opened).unwrap(), size),
    );
    opened.assert_whole();
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
    let mut command = peer.decrypt(file.lines().last().unwrap(), false, folder.path());
    assert!(run(&mut command, &sealed, &opened));
    assert!(fs::read(&opened).unwrap().starts_with(b"record.jws\0"));
}

fn open_with(passphrase: Passphrase, from: &Path, to: &Path) {
    decrypt(&ScryptIdentity::new(passphrase), File::open(from).unwrap(), File::create(to).unwrap());
}

fn seal_with(passphrase: Passphrase, from: &Path, to: &Path) {
    let recipient = ScryptRecipient::new(passphrase).with_work_factor(12).unwrap();
    encrypt(&recipient, false, File::open(from).unwrap(), File::create(to).unwrap());
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
    open_with(passphrase(), &sealed, &opened);
    assert!(same(&plain, &opened));

    seal_with(passphrase(), &plain, &sealed);
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
    open_with(passphrase(), &sealed, &opened);
    assert!(same(&plain, &opened));

    seal_with(passphrase(), &plain, &sealed);
    fs::remove_file(&opened).unwrap();
    on_a_terminal("-d -o opened sealed", "correct horse\n");
    assert!(same(&plain, &opened));
}

#[test]
#[ignore = "slow: 1 GiB both ways, with each of three implementations"]
fn a_gibibyte_passes_both_ways() {
    for peer in Peer::all() {
        x25519_both_ways(&peer, false, 1 << 30);
    }
}
