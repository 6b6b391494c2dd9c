//! Given the public inputs and the named inputs of a witness, every other wire has one value: shown wire by wire, by
//! reasoning on the constraints alone, and not on how the builder fills them in.
//!
//! The inputs are what a prover chooses: every bit that stands for itself, the blindings of blocks, a bound's limits. What
//! needs more than linear reasoning is counted by the name of the constraint and argued in `docs/circuits.md`.

mod propagate;

use std::collections::BTreeMap;

use consign_circuits::{direct, keys::Circuit, shape::Shape, tally, verdict};

use crate::propagate::{Reason, propagate};

fn shape(circuit: Circuit) -> Shape {
    let shape = match circuit {
        Circuit::Tally(size) => tally::shape(size),
        Circuit::Verdict => verdict::shape(),
        Circuit::Direct => direct::shape(),
    };
    shape.unwrap()
}

/// The wires that a prover chooses, by name: bits, but for those of decomposed numbers, and what is no bit.
fn is_input(circuit: Circuit, name: &str, is_bit: bool) -> bool {
    let decomposed: &[&str] = match circuit {
        // A tally computes its totals; a verdict is given them.
        Circuit::Tally(_) => &["difference", "total"],
        Circuit::Verdict => &["sum less lo", "hi less sum"],
        Circuit::Direct => &["difference", "sum less lo", "hi less sum"],
    };
    let blinding = || name.starts_with("block") && name.ends_with(" blinding");
    let limit = || ["lo", "hi"].iter().any(|limit| (0..12).any(|i| name == format!("bound {i} {limit}")));
    let chosen = match circuit {
        Circuit::Tally(_) => blinding(),
        Circuit::Verdict => limit(),
        Circuit::Direct => blinding() || limit(),
    };
    chosen || is_bit && !decomposed.iter().any(|part| name.ends_with(part))
}

/// What is argued and not computed, by the last word of the constraint's name: how many wires.
type Argued = BTreeMap<(Reason, String), usize>;

fn check(circuit: Circuit) -> Argued {
    let shape = shape(circuit);
    let names: Vec<String> = shape.wires().iter().map(ToString::to_string).collect();
    let found = propagate(shape.matrices(), &|wire, is_bit| is_input(circuit, &names[wire], is_bit));
    let open: Vec<&String> = found.open.iter().map(|&wire| &names[wire]).collect();
    assert!(
        open.is_empty(),
        "{}: {} wires have no argument: {:?}",
        circuit.name(),
        open.len(),
        &open[..open.len().min(20)]
    );
    eprintln!("{}: {} inputs, {:?}", circuit.name(), found.inputs, found.by_rule);
    let mut argued = Argued::new();
    for (wire, reason) in found.argued {
        let name = &names[wire];
        let last = ["slope", "Edwards x", "Edwards y", "listed", "inverse of the product"];
        let last = last.iter().find(|last| name.ends_with(*last)).map_or(name.as_str(), |last| last);
        *argued.entry((reason, last.to_owned())).or_default() += 1;
    }
    argued
}

fn expected(slopes: usize, class_tests: usize) -> Argued {
    let mut all = Vec::new();
    if slopes > 0 {
        all.push(((Reason::Quotient, "slope"), slopes));
        all.push(((Reason::Quotient, "Edwards x"), 1));
        all.push(((Reason::Quotient, "Edwards y"), 1));
    }
    if class_tests > 0 {
        all.push(((Reason::ZeroTest, "listed"), class_tests));
        all.push(((Reason::FreeInverse, "inverse of the product"), class_tests));
    }
    all.into_iter().map(|((reason, name), count)| ((reason, name.to_owned()), count)).collect()
}

#[test]
fn every_wire_of_the_short_tally_follows_from_the_inputs() {
    assert_eq!(check(Circuit::ALL[0]), expected(528, 160));
}

#[test]
fn every_wire_of_the_long_tally_follows_from_the_inputs() {
    assert_eq!(check(Circuit::ALL[1]), expected(534, 360));
}

#[test]
fn every_wire_of_the_verdict_follows_from_the_inputs() {
    assert_eq!(check(Circuit::Verdict), expected(804, 0));
}

#[test]
fn every_wire_of_the_direct_verdict_follows_from_the_inputs() {
    assert_eq!(check(Circuit::Direct), expected(0, 160));
}

#[test]
fn a_wire_that_nothing_determines_is_found() {
    // The verdict without one of its constraints: a wire that it alone determined, and what follows from it, stay open.
    let shape = shape(Circuit::Verdict);
    let names: Vec<String> = shape.wires().iter().map(ToString::to_string).collect();
    let inputs = |wire: usize, is_bit: bool| is_input(Circuit::Verdict, &names[wire], is_bit);
    for part in ["product of totals", "selected total", "weighted total", "window u", "bound 3 sum less lo"] {
        let row = shape.constraints().iter().position(|name| name.to_string().ends_with(part)).unwrap();
        let found = propagate(&propagate::without(shape.matrices(), row), &inputs);
        assert!(!found.open.is_empty(), "without {part} every wire is still determined");
    }
}
