//! How soon a key set is ready: from opening `prove.keys` to the key of a circuit in hand, its sections read and checked.
//!
//! `cargo bench --bench loading`
//!
//! The file is in the system's cache. Prints medians as `figure NAME: VALUE`.

use std::{
    fs::File,
    hint::black_box,
    io,
    path::Path,
    time::{Duration, Instant},
};

use consign_circuits::{
    keys::{self, Circuit, KeyBytes, UncheckedKeys, VerifyingKeys},
    tally::TallySize,
};
use rand_arkworks::rngs::OsRng;
use sha2::{Digest, Sha256};

/// Runs of each measurement; the median counts.
const RUNS: usize = 9;

/// A file whose sections were found whole before.
struct Remembered(File);

impl KeyBytes for Remembered {
    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }
    fn read_at(&self, place: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_at(place, out)
    }
    fn whole_before(&self, _: &str) -> bool {
        true
    }
}

fn figure(name: &str, mut run: impl FnMut()) {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed()
        })
        .collect();
    times.sort();
    println!("figure {name}: {:.2} ms", times[RUNS / 2].as_secs_f64() * 1e3);
}

fn open(path: &Path) -> File {
    File::open(path).expect("it was just written")
}

fn main() {
    // `cargo test --benches` builds it, and has nothing to test here.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let made = keys::setup("Customs", jiff::Timestamp::UNIX_EPOCH, &mut OsRng, &mut |_| ()).expect("set-up");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("prove.keys");
    std::fs::write(&path, made.prove_file()).expect("room for it");
    println!("prove.keys: {} bytes", made.prove_file().len());

    let answers: [(&str, &[Circuit]); 3] = [
        ("direct-40", &[Circuit::Direct]),
        ("tally-40 and verdict", &[Circuit::Tally(TallySize::Short), Circuit::Verdict]),
        ("tally-90 and verdict", &[Circuit::Tally(TallySize::Long), Circuit::Verdict]),
    ];
    for (name, used) in answers {
        let ready = |keys: UncheckedKeys| {
            let keys = keys.checked_before();
            for circuit in used {
                black_box(keys.key(*circuit).expect("they are whole"));
            }
        };
        figure(&format!("{name} ready, first time"), || {
            ready(UncheckedKeys::open(open(&path)).expect("a key file"));
        });
        figure(&format!("{name} ready, remembered"), || {
            ready(UncheckedKeys::open(Remembered(open(&path))).expect("a key file"));
        });
    }
    figure("all circuits ready, the file read whole", || {
        let keys = UncheckedKeys::parse(std::fs::read(&path).expect("it is there")).expect("a key file");
        let keys = keys.checked_before();
        for circuit in Circuit::ALL {
            black_box(keys.key(circuit).expect("they are whole"));
        }
    });

    // What the parts cost.
    let bytes = made.prove_file();
    figure("read the file", || drop(black_box(std::fs::read(&path).expect("it is there"))));
    figure("SHA-256 of it, one core", || {
        black_box(Sha256::digest(&bytes));
    });
    figure("open prove.keys", || drop(black_box(UncheckedKeys::open(open(&path)).expect("a key file"))));
    let verify = made.verify_file();
    figure("read and check verify.keys", || drop(black_box(VerifyingKeys::parse(verify.clone()).expect("it is one"))));
}
