//! What is left when the program is ended: the old file or the new one, and after a signal that can be caught nothing else.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use consign_crypto::{
    identity::Identity,
    seal::{Opening, OwnCopy},
    trust::{Capacity, Party, TrustList},
};
use jiff::Timestamp;
use rand::RngExt;

use crate::{harness::Folder, sealing};

/// How often each verb is killed.
const KILLS: u32 = 200;

/// A shipper's folder in which all is sealed, with the keys to look into it.
struct Scene {
    folder: Folder,
    shipper: Identity,
    bank: Identity,
    trust: TrustList,
}

impl Scene {
    fn new() -> Scene {
        let folder = sealing::sealed().0.copy();
        let [shipper, bank] = [sealing::sealed().0.read("shipper.key"), sealing::sealed().1.read("bank.key")]
            .map(|text| Identity::parse(&String::from_utf8(text).unwrap()).unwrap());
        let mut trust = TrustList::default();
        let party = Party::new("Shipper".parse().unwrap(), shipper.public().clone(), [Capacity::Sender]).unwrap();
        trust.add(party).unwrap();
        Scene { folder, shipper, bank, trust }
    }

    /// Whether a file for the bank opens to its last byte, with its document.
    fn opens(&self, name: &str) -> bool {
        let opening = Opening {
            identity: &self.bank,
            trust: &self.trust,
            known_epoch: &|_, _| None,
            now: Timestamp::now(),
            temporary: None,
        };
        let file = self.folder.read(name);
        opening.open(&file[..]).is_ok_and(|opened| opened.checked_dossier().is_ok())
    }

    /// Whether the sender's own copy is whole.
    fn grants(&self, name: &str) -> bool {
        let file = self.folder.read(name);
        OwnCopy::open(&file[..], &self.shipper).is_ok_and(|copy| copy.body(std::io::sink()).is_ok())
    }

    /// Runs a verb, kills it at a random moment of the time that it takes, and has `check` look at what is there; again
    /// and again, each time from the same files. Says how often the verb was done before.
    fn kill(&self, words: &[&str], check: impl Fn(&Scene)) {
        let before = self.folder.copy();
        let mut usual = Duration::ZERO;
        for _ in 0..5 {
            let began = Instant::now();
            assert!(self.spawn(words).wait().unwrap().success(), "{words:?}");
            usual += began.elapsed() / 5;
            check(self);
            self.reset(&before);
        }
        let (mut rng, mut done, mut old) = (rand::rng(), 0, 0);
        for _ in 0..KILLS {
            let mut child = self.spawn(words);
            sleep(usual.mul_f64(rng.random_range(0.0..1.1)));
            done += u32::from(child.try_wait().unwrap().is_some());
            child.kill().unwrap();
            child.wait().unwrap();
            check(self);
            old += u32::from(self.folder.files() == before.files());
            // What was killed may leave files and folders that say whose they are, and a register that can be read.
            for name in self.folder.files().difference(&before.files()) {
                assert!(name.starts_with(".consign-") || words.iter().any(|word| word == name), "{name}");
            }
            for journal in ["home/grants.jsonl", "home/epochs.jsonl"] {
                let text = fs::read_to_string(self.folder.path(journal)).unwrap_or_default();
                assert!(text.is_empty() || text.ends_with('\n'), "{journal}");
                text.lines().for_each(|line| drop(serde_json::from_str::<serde_json::Value>(line).unwrap()));
            }
            self.reset(&before);
        }
        eprintln!(
            "{}: killed {KILLS} times within {usual:?}, {done} times too late, {old} times nothing there",
            words[0]
        );
        assert!(done < KILLS / 4 * 3, "most kills came too late to mean anything");
    }

    fn spawn(&self, words: &[&str]) -> Child {
        self.folder.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn reset(&self, to: &Folder) {
        fn copy(from: &Path, to: &Path) {
            for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
                let target = to.join(entry.file_name());
                if entry.path().is_dir() {
                    fs::create_dir_all(&target).unwrap();
                    copy(&entry.path(), &target);
                } else {
                    fs::copy(entry.path(), &target).unwrap();
                }
            }
        }
        for name in self.folder.files() {
            let path = self.folder.path(&name);
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        fs::remove_dir_all(self.folder.path("home")).unwrap();
        copy(&to.path(""), &self.folder.path(""));
    }
}

#[test]
#[ignore = "a minute: 200 kills of each verb"]
fn sealing_killed_leaves_the_old_files_or_the_new() {
    let scene = Scene::new();
    let words =
        ["seal", "invoice.dossier", "--to", "bank.pub", "--attach", "scan.pdf", "--key", "shipper.key", "--force"];
    scene.kill(&words, |scene| {
        assert!(scene.opens("invoice.bank.age"));
        assert!(scene.grants("invoice.own.age"));
    });
}

#[test]
#[ignore = "a minute: 200 kills of each verb"]
fn granting_killed_leaves_no_file_or_a_whole_one() {
    let scene = Scene::new();
    let words =
        ["grant", "invoice.own.age", "--to", "bank.pub", "-o", "new.age", "--purpose", "again", "--key", "shipper.key"];
    scene.kill(&words, |scene| {
        assert!(!scene.folder.path("new.age").exists() || scene.opens("new.age"));
        // Whoever has the file stands in the register.
        let register = String::from_utf8(scene.folder.read("home/grants.jsonl")).unwrap();
        assert!(!scene.folder.path("new.age").exists() || register.contains("\"again\""));
    });
}

#[test]
#[ignore = "a minute: 200 kills of each verb"]
fn revoking_killed_leaves_the_old_files_or_the_new() {
    let scene = Scene::new();
    scene.folder.ok(&["grant", "invoice.own.age", "--to", "shipper.pub", "--key", "shipper.key"]);
    let words = ["revoke", "invoice.own.age", "--from", "shipper.pub", "--key", "shipper.key", "--force"];
    scene.kill(&words, |scene| {
        assert!(scene.opens("invoice.bank.age"));
        assert!(scene.grants("invoice.own.age"));
    });
}

#[test]
#[ignore = "a minute: 200 kills of each verb"]
fn opening_killed_leaves_no_folder_or_a_whole_one() {
    let scene = Scene::new();
    let words = ["open", "invoice.own.age", "-o", "opened", "--key", "shipper.key"];
    let scan = scene.folder.read("scan.pdf");
    scene.kill(&words, |scene| {
        if scene.folder.path("opened").exists() {
            assert!(scene.folder.read("opened/scan.pdf") == scan);
            let document = scene.folder.read("opened/document.json");
            serde_json::from_slice::<serde_json::Value>(&document).unwrap();
            assert_eq!(fs::read_dir(scene.folder.path("opened")).unwrap().count(), 2);
        }
    });
}

/// A signal in the midst of writing: nothing is left, and the exit status says which signal it was.
#[cfg(unix)]
#[test]
fn a_signal_leaves_nothing_behind() {
    let scene = Scene::new();
    let seal =
        ["seal", "invoice.dossier", "--to", "bank.pub", "--attach", "big.bin", "--key", "shipper.key", "--force"];
    fs::File::create(scene.folder.path("big.bin")).unwrap().set_len(48 << 20).unwrap();
    scene.folder.ok(&seal);
    let before = scene.folder.copy();
    let temporaries = || scene.folder.files().iter().filter(|name| name.starts_with(".consign-")).count();
    for (signal, status, words) in [
        ("-INT", 130, &["grant", "invoice.own.age", "--to", "bank.pub", "-o", "new.age", "--key", "shipper.key"][..]),
        ("-TERM", 143, &["open", "invoice.own.age", "-o", "opened", "--key", "shipper.key"]),
        ("-INT", 130, &seal),
    ] {
        let interrupted = || {
            let mut child = scene.spawn(words);
            // Until something is being written.
            while temporaries() == 0 && child.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
            assert!(Command::new("kill").args([signal, &child.id().to_string()]).output().is_ok());
            let ended = child.wait().unwrap().code();
            if ended == Some(0) {
                // It was faster than the signal: once more, from the same files.
                scene.reset(&before);
            } else {
                assert_eq!(ended, Some(status), "{words:?}");
            }
            ended != Some(0)
        };
        assert!((0..50).any(|_| interrupted()), "{words:?}: never interrupted");
        assert_eq!(temporaries(), 0, "{words:?}");
        let whole = |name: &&String| !words.contains(&name.as_str());
        let left: Vec<String> = scene.folder.files().difference(&before.files()).filter(whole).cloned().collect();
        assert!(left.is_empty(), "{words:?}: {left:?}");
        assert!(scene.opens("invoice.bank.age") && scene.grants("invoice.own.age"), "{words:?}");
    }
}
