//! Which wires of a circuit follow from others, constraint by constraint.
//!
//! Rules, each sound by itself: a constraint that is linear in one unknown with a constant coefficient; a number below the
//! modulus as the sum of unknown bits; linear constraints together, by elimination. Where these end, a quotient by a
//! number that is not constant, and the test for zero, are taken and listed: that is what must be argued.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField, Zero};
use consign_circuits::shape::{Matrices, Matrix};

/// Why a wire is taken as determined though linear reasoning does not say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is a quotient: determined where the divisor is not zero.
    Quotient,
    /// It says whether a product is zero.
    ZeroTest,
    /// It is the inverse that shows a product not to be zero: free where the product is zero, and no other constraint
    /// has it.
    FreeInverse,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of wires by rule.
    pub by_rule: BTreeMap<&'static str, usize>,
    /// Wires that need an argument.
    pub argued: Vec<(usize, Reason)>,
    /// Wires that nothing determines.
    pub open: Vec<usize>,
}

type Row = Vec<(usize, Fr)>;

struct Propagation {
    rows: Vec<[Row; 3]>,
    /// Constraints in which a wire stands.
    of_wire: Vec<Vec<usize>>,
    bits: Vec<bool>,
    known: Vec<bool>,
    queue: Vec<usize>,
    /// Constraints that had an unknown when last looked at.
    open: Vec<usize>,
    found: Found,
}

/// The matrices without one constraint.
pub fn without(matrices: &Matrices, row: usize) -> Matrices {
    let cut = |matrix: &Matrix| {
        let (mut ends, mut entries) = (Vec::new(), Vec::new());
        for kept in (0..matrix.rows()).filter(|&kept| kept != row) {
            entries.extend_from_slice(matrix.row(kept));
            ends.push(entries.len() as u32);
        }
        Matrix::new(ends, entries, matrices.wires, matrices.coefficients.len()).unwrap()
    };
    Matrices { abc: matrices.abc.each_ref().map(cut), ..matrices.clone() }
}

/// Propagates from the constant, the public inputs and the wires that `is_input` names, which is told of each wire whether
/// a constraint makes it a bit.
pub fn propagate(matrices: &Matrices, is_input: &dyn Fn(usize, bool) -> bool) -> Found {
    let value = |&(wire, c): &(u32, u32)| (wire as usize, matrices.coefficients[c as usize]);
    let rows: Vec<[Row; 3]> = (0..matrices.constraints())
        .map(|row| [0, 1, 2].map(|i| matrices.abc[i].row(row).iter().map(value).collect()))
        .collect();
    let mut of_wire = vec![Vec::new(); matrices.wires];
    let mut bits = vec![false; matrices.wires];
    for (i, row) in rows.iter().enumerate() {
        let wires: BTreeSet<usize> = row.iter().flatten().map(|(wire, _)| *wire).collect();
        wires.into_iter().for_each(|wire| of_wire[wire].push(i));
        // w (1 - w) = 0.
        if let [(wire, _)] = row[0][..]
            && wire > 0
            && is_complement(row)
        {
            bits[wire] = true;
        }
    }
    let known = vec![false; matrices.wires];
    let open: Vec<usize> = (0..rows.len()).collect();
    let mut p = Propagation { rows, of_wire, bits, known, queue: open.clone(), open, found: Found::default() };
    for wire in 0..matrices.wires {
        if wire <= matrices.publics {
            p.known[wire] = true;
        } else if is_input(wire, p.bits[wire]) {
            p.known[wire] = true;
            p.found.inputs += 1;
        }
    }
    p.run();
    p.found.open = (0..matrices.wires).filter(|&wire| !p.known[wire]).collect();
    p.found
}

/// Whether a constraint is `L (1 - L) = 0`.
fn is_complement([a, b, c]: &[Row; 3]) -> bool {
    let mut sum: HashMap<usize, Fr> = HashMap::new();
    a.iter().chain(b).for_each(|&(wire, coefficient)| *sum.entry(wire).or_default() += coefficient);
    sum.retain(|_, coefficient| !coefficient.is_zero());
    c.is_empty() && sum.len() == 1 && sum.get(&0) == Some(&Fr::ONE)
}

/// The power of two that a number is, with its sign dropped.
fn power(number: Fr) -> Option<u32> {
    let of = |x: Fr| {
        let x = x.into_bigint();
        let top = x.num_bits().checked_sub(1)?;
        (0..top).all(|i| !x.get_bit(i as usize)).then_some(top)
    };
    of(number).or_else(|| of(-number))
}

impl Propagation {
    fn run(&mut self) {
        loop {
            while let Some(row) = self.queue.pop() {
                self.consider(row);
            }
            let (rows, known) = (&self.rows, &self.known);
            self.open.retain(|&row| rows[row].iter().flatten().any(|(wire, _)| !known[*wire]));
            if !self.eliminate() && !self.zero_test() && !self.divide() {
                return;
            }
        }
    }

    fn unknown(&self, row: &Row) -> Row {
        row.iter().filter(|(wire, _)| !self.known[*wire]).copied().collect()
    }

    fn learn(&mut self, wire: usize, rule: &'static str) {
        if !std::mem::replace(&mut self.known[wire], true) {
            *self.found.by_rule.entry(rule).or_default() += 1;
            self.queue.extend_from_slice(&self.of_wire[wire]);
        }
    }

    fn argue(&mut self, wire: usize, reason: Reason) {
        self.found.argued.push((wire, reason));
        self.learn(wire, "argued");
    }

    /// The unknowns of a constraint with constant coefficients, if it is linear in them: `A` or `B` is a constant, or
    /// neither has an unknown.
    fn linear(&self, row: usize) -> Option<Row> {
        let [a, b, c] = &self.rows[row];
        let constant = |row: &Row| match row[..] {
            [] => Some(Fr::ZERO),
            [(0, k)] => Some(k),
            _ => None,
        };
        let mut sum: BTreeMap<usize, Fr> = BTreeMap::new();
        let mut add = |terms: Row, by: Fr| terms.into_iter().for_each(|(w, k)| *sum.entry(w).or_default() += k * by);
        add(self.unknown(c), -Fr::ONE);
        match (constant(a), constant(b), self.unknown(a).is_empty(), self.unknown(b).is_empty()) {
            (Some(k), ..) => add(self.unknown(b), k),
            (_, Some(k), ..) => add(self.unknown(a), k),
            (_, _, true, true) => {}
            _ => return None,
        }
        sum.retain(|_, k| !k.is_zero());
        Some(sum.into_iter().collect())
    }

    fn consider(&mut self, row: usize) {
        if let Some(unknown) = self.linear(row) {
            if let [(wire, _)] = unknown[..] {
                self.learn(wire, "linear");
            } else if self.are_digits(&unknown, None) {
                unknown.iter().for_each(|(wire, _)| self.learn(*wire, "bits"));
            }
            return;
        }
        // A number less its upper bits is its lowest bit.
        let [a, ..] = &self.rows[row];
        let unknown = self.unknown(a);
        if is_complement(&self.rows[row]) && unknown.len() < a.len() && self.are_digits(&unknown, Some(Fr::ONE)) {
            unknown.iter().for_each(|(wire, _)| self.learn(*wire, "bits"));
        }
    }

    /// Whether all are bits, at different powers of two (of `lowest` too, where a bit stands there already), and all of
    /// one sign, and together below half the modulus: then their sum has one decomposition.
    fn are_digits(&self, unknown: &Row, lowest: Option<Fr>) -> bool {
        let Some(first) = unknown.first() else { return false };
        // With a lowest bit L = N - sum 2^i b_i: N = L + sum 2^i b_i, so the unknowns stand with minus their powers.
        let scale = lowest.map_or(first.1, |one| -one);
        let mut powers: BTreeSet<u32> = lowest.map(|_| 0).into_iter().collect();
        unknown.iter().all(|&(wire, coefficient)| {
            let ratio = coefficient / scale;
            let exact = power(ratio).filter(|&k| ratio == Fr::from(2u64).pow([u64::from(k)]));
            self.bits[wire] && exact.is_some_and(|k| k < 252 && powers.insert(k))
        })
    }

    /// Linear constraints that share unknowns, by elimination. Whether anything was learnt.
    fn eliminate(&mut self) -> bool {
        let equations: Vec<Row> =
            self.open.iter().filter_map(|&row| self.linear(row)).filter(|unknown| !unknown.is_empty()).collect();
        // Equations by the component of their unknowns.
        let mut leader: HashMap<usize, usize> = HashMap::new();
        fn find(leader: &mut HashMap<usize, usize>, wire: usize) -> usize {
            let next = *leader.entry(wire).or_insert(wire);
            if next == wire {
                return wire;
            }
            let top = find(leader, next);
            leader.insert(wire, top);
            top
        }
        for equation in &equations {
            let first = find(&mut leader, equation[0].0);
            for (wire, _) in &equation[1..] {
                let other = find(&mut leader, *wire);
                leader.insert(other, first);
            }
        }
        let mut components: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
        for equation in equations {
            components.entry(find(&mut leader, equation[0].0)).or_default().push(equation);
        }
        let mut learnt = false;
        for component in components.into_values() {
            let wires: BTreeSet<usize> = component.iter().flatten().map(|(wire, _)| *wire).collect();
            // Larger ones are sums of many unknowns, which later rules make smaller.
            if component.len() < 2 || component.len() > 64 || wires.len() > 64 {
                continue;
            }
            for wire in solved(&component, &wires) {
                self.learn(wire, "elimination");
                learnt = true;
            }
        }
        learnt
    }

    /// `p inverse = 1 - z`, `p z = 0` with known `p`: `z` says whether `p` is zero, and `inverse` stands nowhere else.
    fn zero_test(&mut self) -> bool {
        let mut learnt = false;
        for row in self.open.clone() {
            let [a, b, c] = &self.rows[row];
            let ([(inverse, _)], [(0, k), (z, minus)]) = (&b[..], &c[..]) else { continue };
            let (inverse, z) = (*inverse, *z);
            let fits = *k == Fr::ONE && *minus == -Fr::ONE && self.unknown(a).is_empty();
            if !fits || self.known[inverse] || self.known[z] || self.of_wire[inverse] != [row] {
                continue;
            }
            let product_with_z = |other: &usize| {
                let [x, y, zero] = &self.rows[*other];
                x == a && y[..] == [(z, Fr::ONE)] && zero.is_empty()
            };
            if self.of_wire[z].iter().any(product_with_z) {
                self.argue(z, Reason::ZeroTest);
                self.argue(inverse, Reason::FreeInverse);
                learnt = true;
            }
        }
        learnt
    }

    /// A constraint with one unknown whose coefficient is not constant. Whether there was one.
    fn divide(&mut self) -> bool {
        for &row in &self.open {
            let [a, b, c] = &self.rows[row];
            let (a, b, c) = (self.unknown(a), self.unknown(b), self.unknown(c));
            let wires: BTreeSet<usize> = a.iter().chain(&b).chain(&c).map(|(wire, _)| *wire).collect();
            // In A or in B, not in both: a square has two roots.
            if let (1, Some(&wire), true) = (wires.len(), wires.first(), a.is_empty() != b.is_empty()) {
                self.argue(wire, Reason::Quotient);
                return true;
            }
        }
        false
    }
}

/// The wires that a system of linear equations with constant coefficients determines.
fn solved(equations: &[Row], wires: &BTreeSet<usize>) -> Vec<usize> {
    let columns: Vec<usize> = wires.iter().copied().collect();
    let place: HashMap<usize, usize> = columns.iter().enumerate().map(|(i, wire)| (*wire, i)).collect();
    let mut table: Vec<Vec<Fr>> = equations
        .iter()
        .map(|equation| {
            let mut row = vec![Fr::ZERO; columns.len()];
            equation.iter().for_each(|(wire, k)| row[place[wire]] += k);
            row
        })
        .collect();
    let mut pivots = Vec::new();
    for column in 0..columns.len() {
        let top = pivots.len();
        let Some(found) = (top..table.len()).find(|&row| !table[row][column].is_zero()) else { continue };
        table.swap(top, found);
        let inverse = table[top][column].inverse().unwrap();
        table[top].iter_mut().for_each(|k| *k *= inverse);
        let pivot = table[top].clone();
        for (row, values) in table.iter_mut().enumerate() {
            let factor = values[column];
            if row != top && !factor.is_zero() {
                values.iter_mut().zip(&pivot).for_each(|(value, k)| *value -= factor * k);
            }
        }
        pivots.push(column);
    }
    let alone = |row: usize| table[row].iter().filter(|k| !k.is_zero()).count() == 1;
    pivots.iter().enumerate().filter(|&(row, _)| alone(row)).map(|(_, &column)| columns[column]).collect()
}
