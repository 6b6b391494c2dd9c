//! What each part of a circuit costs the prover: a tally of 90 rows, full, and its verdict, on one thread.
//!
//! `cargo bench --bench parts`
//!
//! In two shares. What wires cost, in the sums of `A`, `B` and `L`: the time of these sums with the part's wires alone, all
//! others zero. What constraints cost, in the transforms and the sum of `H`: the time of these, divided by the size of the
//! domain, for each constraint. Prints milliseconds, a line a part, of the fastest of several runs.

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::PrimeGroup;
use ark_ff::{One, UniformRand, Zero};
use ark_groth16::Groth16;
use consign_circuits::{
    keys::points::{g1_bytes, g2_bytes},
    prover::{Queries, Roots, Work, sum_g1, sum_g2, sums, values},
    qap::CircomReduction,
    shape::Shape,
    tally::{self, TallySize},
    verdict,
};
use rand_arkworks::rngs::OsRng;
use rayon::ThreadPoolBuilder;

#[path = "documents/mod.rs"]
mod documents;
#[path = "peers/instance.rs"]
#[expect(dead_code, reason = "the peers need more of it")]
mod instance;
#[path = "../circuits/tests/shape/parts.rs"]
mod parts;

/// Runs of each measurement; the fastest counts.
const RUNS: usize = 15;

fn main() {
    // `cargo test --benches` builds it, and has nothing to test here.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let [tally, verdict] = instance::Case::new(90).assign();
    let one = ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    one.install(|| {
        measure("tally-90", &tally::shape(TallySize::Long).expect("a shape"), &tally, parts::tally_part);
        measure("verdict", &verdict::shape().expect("a shape"), &verdict, parts::verdict_part);
    });
}

/// What is counted and measured of a part.
#[derive(Default)]
struct Part {
    constraints: usize,
    ones: usize,
    /// Wires that are neither zero nor one.
    dense: usize,
    mask: Vec<bool>,
}

fn measure(name: &str, shape: &Shape, assignment: &[Fr], part_of: fn(&str) -> &'static str) {
    let matrices = shape.matrices();
    let [alpha, beta, gamma, delta] = [0; 4].map(|_| Fr::rand(&mut OsRng));
    let (g1, g2) = (G1Projective::generator(), G2Projective::generator());
    let key = Groth16::<Bn254, CircomReduction>::generate_parameters_with_qap(
        matrices, alpha, beta, gamma, delta, g1, g2, &mut OsRng,
    );
    let key = key.expect("set-up");
    let [a, b1, l, h] = [&key.a_query, &key.b_g1_query, &key.l_query, &key.h_query].map(|query| g1_bytes(query));
    let b2 = g2_bytes(&key.b_g2_query);
    let wires = [0, 1].map(|which| matrices.wires_of(which));
    let wires = [&wires[0][..], &wires[1]];
    let queries = Queries { a: &a[..], b1: &b1[..], b2: &b2[..], l: &l[..], h: &h[..], wires };
    let roots = Roots::default();

    let domain = matrices.domain();
    let [mut of_a, mut of_b, _] = values(matrices, assignment, Work::Fast);
    of_a.extend_from_slice(&assignment[..=matrices.publics]);
    of_a.resize(domain, Fr::zero());
    of_b.resize(domain, Fr::zero());
    let no_wires = vec![Fr::zero(); assignment.len()];
    let of_domain = fastest(|| {
        let _ = black_box(sums(&queries, &roots, &no_wires, [of_a.clone(), of_b.clone()], Work::Fast));
    });
    let time = |assignment: &[Fr]| {
        fastest(|| {
            let _ = black_box((sum_g1(&a, assignment), sum_g1(&b1, assignment), sum_g2(&b2, assignment)));
            let _ = black_box(sum_g1(&l, &assignment[matrices.publics + 1..]));
        })
    };
    // To look through all wires and find them zero.
    let of_none = time(&no_wires);
    let of_wires = time(assignment).saturating_sub(of_none);
    let of_values = fastest(|| drop(values(matrices, assignment, Work::Fast)));

    let mut all: BTreeMap<&str, Part> = BTreeMap::new();
    for constraint in shape.constraints() {
        all.entry(part_of(&constraint.to_string())).or_default().constraints += 1;
    }
    for (wire, (wire_name, value)) in shape.wires().iter().zip(assignment).enumerate().skip(matrices.publics + 1) {
        let part = all.entry(part_of(&wire_name.to_string())).or_default();
        part.mask.resize(assignment.len(), false);
        part.mask[wire] = true;
        part.ones += usize::from(value.is_one());
        part.dense += usize::from(!value.is_zero() && !value.is_one());
    }
    println!(
        "{name}: domain {domain}; transforms and sum of H {of_domain:.1?}, sums of all wires {of_wires:.1?}, values of rows {of_values:.1?}"
    );
    println!(
        "| part of {name} | constraints | wires of value 1 | neither 0 nor 1 | ms for wires | ms for constraints |"
    );
    println!("|---|---|---|---|---|---|");
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    for (part, Part { constraints, ones, dense, mask, .. }) in all {
        let masked = |(value, kept): (&Fr, &bool)| if *kept { *value } else { Fr::zero() };
        let alone: Vec<Fr> = assignment.iter().zip(&mask).map(masked).collect();
        let wires = if mask.is_empty() { 0.0 } else { milliseconds(time(&alone).saturating_sub(of_none)) };
        let share = milliseconds(of_domain) * constraints as f64 / domain as f64;
        println!("| {part} | {constraints} | {ones} | {dense} | {wires:.1} | {share:.1} |");
    }
}

/// The least time of several runs: parts are small, and what else the machine does only adds to it.
fn fastest(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let started = Instant::now();
        run();
        started.elapsed()
    };
    (0..RUNS).map(time).min().expect("there are runs")
}
