//! Our prover beside others', on the same matrices and witness, in one process: a tally of a document of 89 lines with its
//! verdict.
//!
//! `cargo bench --bench peers` prints the times (medians of interleaved runs), and `ratio A/B: VALUE` lines, each the time
//! of A over that of B: the lower the better. `CONSIGN_BENCH_RUNS` sets the number of runs (by default 11).
//! `CONSIGN_PEER_PROVER` names a program that takes part as well, called as `PROGRAM key.zkey witness.wtns proof.json
//! public.json`, with its start and its reading of the key, as it is used.

use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

#[path = "documents/mod.rs"]
mod documents;
#[path = "peers/instance.rs"]
mod instance;
#[path = "peers/leak.rs"]
mod leak;
#[path = "peers/process.rs"]
mod process;
#[path = "peers/provers.rs"]
mod provers;
#[path = "peers/rows.rs"]
mod rows;

/// Rows of the document that peers are compared on: its lines and the header.
const ROWS: usize = 90;

fn main() {
    // `cargo test --benches` calls with `--test`: nothing to test here.
    if std::env::args().any(|word| word == "--test") {
        return;
    }
    let runs = std::env::var("CONSIGN_BENCH_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(11);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let pools = [pool(threads), pool(1)];

    let case = instance::Case::new(ROWS);
    let instances = instance::tally_and_verdict(&case);
    for one in &instances {
        println!("{}", one.words());
    }
    let provers = provers::all(&instances);
    for prover in &provers {
        prover.check();
    }
    let jobs: Vec<_> = pools
        .iter()
        .flat_map(|pool| provers.iter().map(move |prover| move || pool.install(|| prover.prove())))
        .collect();
    let times = all_in_turns(runs, &jobs);
    let (all, one) = times.split_at(provers.len());
    for (prover, (all, one)) in provers.iter().zip(all.iter().zip(one)) {
        println!("time {}: {all:.1?} on {threads} threads, {one:.1?} on one", prover.name());
    }
    let fastest = |times: &[Duration]| *times[1..].iter().min().expect("there are peers");
    ratio("prove/fastest-peer", all[0], fastest(all));
    ratio("prove/fastest-peer, one thread", one[0], fastest(one));
    for (prover, time) in provers.iter().zip(all).skip(1) {
        ratio(&format!("prove/{}", prover.name()), all[0], *time);
    }
    ratio("two-cores/one", all[0], one[0]);
    let jobs: [&dyn Fn(); 2] =
        [&|| pools[0].install(|| drop(case.assign())), &|| pools[0].install(|| provers[0].prove())];
    let [witness, proofs] = in_turns(runs, &jobs);
    println!("time witness: {witness:.1?}, proofs: {proofs:.1?}");
    ratio("witness/prove", witness, proofs);

    let [empty, _] = instance::tally_and_verdict(&instance::Case::new(2));
    let [fast, constant] = leak::times(&instances[0], &empty, runs);
    println!("time full and almost empty tally, one thread: {fast:.1?}; with constant work: {constant:.1?}");
    ratio("empty/full", fast[1], fast[0]);
    ratio("empty/full, constant work", constant[1], constant[0]);
    ratio("constant work/fast", constant[0], fast[0]);

    let asked = process::asked(ROWS);
    let jobs: [&dyn Fn(); 2] = [&|| process::prove(&asked), &|| pools[0].install(|| provers[0].prove())];
    let [whole, proofs] = in_turns(runs, &jobs);
    println!("time consign prove: {whole:.1?}, its proofs alone: {proofs:.1?}");
    ratio("process/proof", whole, proofs);

    let [few, many, long] = rows::prove([20, ROWS, 1000], runs);
    println!("time answer of 20, {ROWS}, 1000 rows: {few:.1?}, {many:.1?}, {long:.1?}");
    ratio("rows-20/rows-90", few, many);
    ratio("rows-1000/rows-90 per row", long / 1000, many / ROWS as u32);
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}

fn ratio(name: &str, a: Duration, b: Duration) {
    println!("ratio {name}: {:.3}", a.as_secs_f64() / b.as_secs_f64());
}

/// Medians of jobs that take turns, so that what else the machine does falls on all of them.
fn all_in_turns(runs: usize, jobs: &[impl Fn()]) -> Vec<Duration> {
    let mut times = vec![Vec::new(); jobs.len()];
    for _ in 0..runs {
        for (job, times) in jobs.iter().zip(&mut times) {
            let started = Instant::now();
            job();
            times.push(started.elapsed());
        }
    }
    times.into_iter().map(middle).collect()
}

/// The same of so many jobs.
fn in_turns<const N: usize>(runs: usize, jobs: &[impl Fn(); N]) -> [Duration; N] {
    let times = all_in_turns(runs, jobs);
    std::array::from_fn(|i| times[i])
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
