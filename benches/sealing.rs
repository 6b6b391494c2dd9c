//! Sealing and opening a gibibyte, side by side with `age` and `rage` and with the cipher alone; and reading headers.
//!
//! `cargo bench --bench sealing`
//!
//! Each program, ours included, is a process of its own that reads a file from the page cache and writes to `/dev/null`,
//! bound to one core by `taskset`; runs are interleaved, and figures are medians. A line `ratio NAME: VALUE` is
//! throughput of ours over theirs: above 1 is better for us. What is not on the path is skipped, and said.

use std::{
    env,
    fs::File,
    hint::black_box,
    io::{self, BufReader, Read, Write},
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use consign_crypto::age::{self, Header, HybridIdentity, Unwrap, Wrap, X25519Identity};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const PLAIN_BYTES: u64 = 1 << 30;
const RUNS: usize = 5;
/// Headers are read so often in a run.
const HEADER_READS: usize = 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["worker", "seal", recipient, file] => seal(recipient, file),
        ["worker", "open", key, file] => open(key, file),
        // `cargo test --benches` runs without `--bench`, and asks for nothing that takes long.
        _ if !arguments.contains(&"--bench") => Ok(()),
        _ => bench(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Our own process: seals a file to standard output.
fn seal(recipient: &str, file: &str) -> Outcome<()> {
    let recipient: age::X25519Recipient = recipient.parse()?;
    let mut writer = age::encrypt(io::stdout().lock(), &[&recipient], &mut rand::rng())?;
    writer.write_from(&mut File::open(file)?)?;
    writer.finish()?.flush()?;
    Ok(())
}

/// Our own process: opens a file to standard output.
fn open(key: &str, file: &str) -> Outcome<()> {
    let identity: X25519Identity = std::fs::read_to_string(key)?.trim().parse()?;
    age::decrypt(BufReader::new(File::open(file)?), &[&identity])?.copy_to(&mut io::stdout().lock())?;
    Ok(())
}

fn bench() -> Outcome<()> {
    println!(
        "throughput in MiB/s, median of {RUNS} interleaved runs; a ratio is ours / theirs, above 1 is better for us"
    );
    let folder = tempfile::tempdir()?;
    let [plain, sealed, key] = ["plain", "sealed", "key"].map(|name| folder.path().join(name));
    io::copy(&mut io::repeat(0x5a).take(PLAIN_BYTES), &mut File::create(&plain)?)?;
    let identity = X25519Identity::generate(&mut rand::rng());
    let recipient = identity.recipient().to_string();
    std::fs::write(&key, identity.to_secret_text().as_bytes())?;
    let mut writer = age::encrypt(File::create(&sealed)?, &[&identity.recipient()], &mut rand::rng())?;
    writer.write_from(&mut File::open(&plain)?)?;
    writer.finish()?;
    let (plain, sealed, key) = (text(&plain)?, text(&sealed)?, text(&key)?);

    let own = env::current_exe()?;
    let own = text(&own)?;
    let one_core = is_there("taskset");
    if !one_core {
        println!("skipped: no `taskset` on the path: programs use all cores");
    }
    let pin: &[&str] = if one_core { &["taskset", "-c", "0"] } else { &[] };
    let mut races = Races::default();
    races.add("seal", "ours", pin, &[own, "worker", "seal", &recipient, plain]);
    races.add("open", "ours", pin, &[own, "worker", "open", key, sealed]);
    for peer in ["age", "rage"] {
        if is_there(peer) {
            let version = Command::new(peer).arg("--version").output()?;
            println!("{peer}: {}", String::from_utf8_lossy(&version.stdout).trim());
            races.add("seal", peer, pin, &[peer, "-e", "-r", &recipient, plain]);
            races.add("open", peer, pin, &[peer, "-d", "-i", key, sealed]);
        } else {
            println!("skipped: no `{peer}` on the path");
        }
    }
    races.add("seal", "ours, all cores", &[], &[own, "worker", "seal", &recipient, plain]);
    races.add("open", "ours, all cores", &[], &[own, "worker", "open", key, sealed]);
    races.run()?;
    for peer in ["age", "rage"] {
        races.ratio("seal", "ours", peer, &format!("seal/{peer}"));
        races.ratio("open", "ours", peer, &format!("open/{peer}"));
    }
    if one_core && std::thread::available_parallelism()?.get() == 2 {
        races.ratio("seal", "ours, all cores", "ours", "two-cores/one");
        races.ratio("open", "ours, all cores", "ours", "two-cores/one (open)");
    } else {
        println!("skipped: two-cores/one needs `taskset` and two cores");
    }
    primitive()?;
    headers()
}

fn text(path: &Path) -> Outcome<&str> {
    path.to_str().ok_or_else(|| "a path that is no text".into())
}

fn is_there(program: &str) -> bool {
    let output = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    output.is_ok_and(|status| status.success())
}

fn mebibytes_per_second(bytes: u64, seconds: f64) -> f64 {
    bytes as f64 / f64::from(1 << 20) / seconds
}

fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Programs that do the same thing, run in turns.
#[derive(Default)]
struct Races(Vec<Racer>);

struct Racer {
    what: &'static str,
    who: String,
    command: Vec<String>,
    figures: Vec<f64>,
}

impl Races {
    fn add(&mut self, what: &'static str, who: &str, pin: &[&str], command: &[&str]) {
        let command = pin.iter().chain(command).map(|part| part.to_string()).collect();
        self.0.push(Racer { what, who: who.into(), command, figures: Vec::new() });
    }

    fn run(&mut self) -> Outcome<()> {
        // The first run warms up and does not count.
        for run in 0..=RUNS {
            for racer in &mut self.0 {
                let began = Instant::now();
                let mut command = Command::new(&racer.command[0]);
                let status = command.args(&racer.command[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
                if !status.success() {
                    return Err(format!("{} does not {}: {status}", racer.who, racer.what).into());
                }
                if run > 0 {
                    racer.figures.push(mebibytes_per_second(PLAIN_BYTES, began.elapsed().as_secs_f64()));
                }
            }
        }
        for racer in &self.0 {
            println!("{} by {}: {:.0} MiB/s", racer.what, racer.who, median(&racer.figures));
        }
        Ok(())
    }

    fn ratio(&self, what: &str, ours: &str, theirs: &str, name: &str) {
        let of = |who: &str| self.0.iter().find(|racer| racer.what == what && racer.who == who);
        if let (Some(ours), Some(theirs)) = (of(ours), of(theirs)) {
            println!("ratio {name}: {:.2}", median(&ours.figures) / median(&theirs.figures));
        }
    }
}

/// Ours in memory on one thread, beside the cipher alone on the same chunks, whose results go where the last ones went.
fn primitive() -> Outcome<()> {
    const CHUNK: usize = age::stream::CHUNK_BYTES;
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let identity = X25519Identity::generate(&mut rand::rng());
    let plain = vec![0x5a; 64 << 20];
    let mut writer = age::encrypt(Vec::new(), &[&identity.recipient()], &mut rand::rng())?;
    writer.write_all(&plain)?;
    let sealed = writer.finish()?;
    let cipher = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &[7; 32])?);
    let nonce = |chunk: usize| {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&chunk.to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    };
    let (mut text, mut tags) = (vec![0; CHUNK], vec![[0; 16]; plain.len() / CHUNK]);
    let mut bodies = plain.clone();
    for (i, body) in bodies.chunks_mut(CHUNK).enumerate() {
        tags[i].copy_from_slice(cipher.seal_in_place_separate_tag(nonce(i), Aad::empty(), body)?.as_ref());
    }
    let mut figures: [Vec<f64>; 4] = Default::default();
    for run in 0..=3 * RUNS {
        let mut timed = |at: usize, what: &mut dyn FnMut() -> Outcome<()>| -> Outcome<()> {
            let began = Instant::now();
            what()?;
            if run > 0 {
                figures[at].push(mebibytes_per_second(plain.len() as u64, began.elapsed().as_secs_f64()));
            }
            Ok(())
        };
        let recipient = identity.recipient();
        timed(0, &mut || {
            alone.install(|| -> Result<(), age::AgeError> {
                let mut writer = age::encrypt(io::sink(), &[&recipient], &mut rand::rng())?;
                writer.write_from(&mut &plain[..])?;
                writer.finish()?;
                Ok(())
            })?;
            Ok(())
        })?;
        timed(1, &mut || {
            for (i, chunk) in plain.chunks(CHUNK).enumerate() {
                let mut tag = [0; 16];
                cipher.seal_out_of_place_scatter(nonce(i), Aad::empty(), chunk, &mut text, &[], &mut tag)?;
                black_box((&text, tag));
            }
            Ok(())
        })?;
        timed(2, &mut || {
            alone.install(|| -> Result<u64, age::AgeError> {
                Ok(age::decrypt(&sealed[..], &[&identity])?.copy_to(&mut io::sink())?)
            })?;
            Ok(())
        })?;
        timed(3, &mut || {
            for (i, body) in bodies.chunks(CHUNK).enumerate() {
                cipher.open_separate_gather(nonce(i), Aad::empty(), body, &tags[i], &mut text)?;
                black_box(&text);
            }
            Ok(())
        })?;
    }
    let [seal, raw_seal, open, raw_open] = figures.map(|figures| median(&figures));
    println!(
        "in memory, one thread: seal {seal:.0}, open {open:.0}; the cipher alone {raw_seal:.0}, {raw_open:.0} MiB/s"
    );
    println!("ratio seal/primitive: {:.2}", seal / raw_seal);
    println!("ratio open/primitive: {:.2}", open / raw_open);
    Ok(())
}

/// Reading headers in which the last recipient is ours, in memory; and by programs, start and end included.
fn headers() -> Outcome<()> {
    let rng = &mut rand::rng();
    let folder = tempfile::tempdir()?;
    let own = env::current_exe()?;
    for recipients in [1, 100, 1000] {
        let identity = X25519Identity::generate(rng);
        let mut to: Vec<Box<dyn Wrap>> = Vec::new();
        (1..recipients).for_each(|_| to.push(Box::new(X25519Identity::generate(rng).recipient())));
        to.push(Box::new(identity.recipient()));
        let to: Vec<&dyn Wrap> = to.iter().map(|recipient| &**recipient).collect();
        let file = age::encrypt(Vec::new(), &to, rng)?.finish()?;
        let (mut parsing, mut opening) = (Vec::new(), Vec::new());
        for _ in 0..HEADER_READS {
            let began = Instant::now();
            black_box(Header::read(&mut &file[..])?);
            parsing.push(began.elapsed().as_secs_f64() * 1e6);
            let began = Instant::now();
            black_box(age::decrypt(&file[..], &[&identity])?);
            opening.push(began.elapsed().as_secs_f64() * 1e6);
        }
        println!(
            "header of {recipients} recipients: {:.0} µs to parse, {:.0} µs to find the last one's key",
            median(&parsing),
            median(&opening)
        );
        let [path, key] = ["header", "header.key"].map(|name| folder.path().join(name));
        std::fs::write(&path, &file)?;
        std::fs::write(&key, identity.to_secret_text().as_bytes())?;
        let (path, key, own) = (text(&path)?, text(&key)?, text(&own)?);
        let ours = milliseconds(&[own, "worker", "open", key, path])?;
        for peer in ["age", "rage"].into_iter().filter(|peer| is_there(peer)) {
            let theirs = milliseconds(&[peer, "-d", "-i", key, path])?;
            println!("ratio header-{recipients}/{peer}: {:.2} ({ours:.1} ms, {theirs:.1} ms)", theirs / ours);
        }
    }
    let hybrid = HybridIdentity::generate(rng);
    let began = Instant::now();
    let file = age::encrypt(Vec::new(), &[&hybrid.recipient()], rng)?.finish()?;
    let wrapped = began.elapsed();
    let began = Instant::now();
    let header = Header::read(&mut &file[..])?;
    black_box(hybrid.unwrap(&header.stanzas()[0])?);
    println!("a post-quantum recipient: {wrapped:.0?} to wrap, {:.0?} to unwrap", began.elapsed());
    Ok(())
}

/// The median time of a process from start to end.
fn milliseconds(command: &[&str]) -> Outcome<f64> {
    let mut times = Vec::new();
    for _ in 0..HEADER_READS {
        let began = Instant::now();
        let status =
            Command::new(command[0]).args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if !status.success() {
            return Err(format!("{} does not open a header: {status}", command[0]).into());
        }
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(&times))
}
