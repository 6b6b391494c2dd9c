//! The shape of a circuit: its constraint matrices, the names of wires and constraints, its public inputs.
//!
//! Made once, when keys are made, and kept with the keys; proving evaluates the matrices and never synthesises.

use std::{collections::HashMap, fmt, sync::Arc};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Zero};
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use consign_crypto::field;

/// Where a wire or constraint stands: the path of scopes, then its own name.
#[derive(Clone, PartialEq, Eq)]
pub struct Name {
    scope: Arc<str>,
    name: &'static str,
}

impl Name {
    /// A name under a path.
    pub fn new(scope: &[String], name: &'static str) -> Name {
        Name { scope: scope.join(" ").into(), name }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scope.is_empty() { f.write_str(self.name) } else { write!(f, "{} {}", self.scope, self.name) }
    }
}
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A sparse matrix, row after row; coefficients, of which there are few different ones, are kept once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Matrix {
    /// Where each row ends.
    ends: Vec<u32>,
    /// Wire and number of the coefficient of each nonzero.
    entries: Vec<(u32, u32)>,
}

impl Matrix {
    /// From where rows end and what they hold; `None` unless the ends ascend to the number of entries and every entry
    /// names one of so many wires and coefficients.
    pub fn new(ends: Vec<u32>, entries: Vec<(u32, u32)>, wires: usize, coefficients: usize) -> Option<Matrix> {
        let ascending = ends.is_sorted() && ends.last().copied().unwrap_or(0) as usize == entries.len();
        // The largest of all, and not the first that is too large: eight entries at a time.
        let largest = entries.iter().fold((0, 0), |(w, c), entry| (entry.0.max(w), entry.1.max(c)));
        let known = entries.is_empty() || (largest.0 as usize) < wires && (largest.1 as usize) < coefficients;
        (ascending && known).then_some(Matrix { ends, entries })
    }
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.ends.len()
    }
    /// Where each row ends among the entries.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }
    /// All nonzeros: wire, number of the coefficient.
    pub fn entries(&self) -> &[(u32, u32)] {
        &self.entries
    }
    /// The nonzeros of a row.
    pub fn row(&self, row: usize) -> &[(u32, u32)] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        &self.entries[start..self.ends[row] as usize]
    }
}

/// The three matrices of a circuit and how many wires and public inputs it has.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Matrices {
    /// Public inputs, without the constant one.
    pub publics: usize,
    /// Wires: the constant one, the public inputs, the witness.
    pub wires: usize,
    /// The different coefficients.
    pub coefficients: Vec<Fr>,
    /// `A`, `B` and `C` of `(A w) * (B w) = C w`.
    pub abc: [Matrix; 3],
}

impl Matrices {
    /// Which wires one of the three matrices has an entry for.
    pub fn wires_of(&self, which: usize) -> Vec<bool> {
        let mut has = vec![false; self.wires];
        self.abc[which].entries.iter().for_each(|&(wire, _)| has[wire as usize] = true);
        has
    }
    /// Number of constraints.
    pub fn constraints(&self) -> usize {
        self.abc[0].rows()
    }

    /// Size of the evaluation domain: the power of two that holds the constraints and one row a public input and the
    /// constant.
    pub fn domain(&self) -> usize {
        (self.constraints() + self.publics + 1).next_power_of_two()
    }

    /// Nonzeros of the three matrices.
    pub fn nonzeros(&self) -> [usize; 3] {
        [0, 1, 2].map(|i| self.abc[i].entries.len())
    }

    /// A row of a matrix times the assignment.
    pub fn evaluate(&self, matrix: &Matrix, row: usize, assignment: &[Fr]) -> Fr {
        matrix.row(row).iter().fold(Fr::ZERO, |sum, &(wire, coefficient)| {
            sum + self.coefficients[coefficient as usize] * assignment[wire as usize]
        })
    }

    /// The products of one matrix with the assignment, all rows.
    pub fn product(&self, which: usize, assignment: &[Fr]) -> Vec<Fr> {
        let matrix = &self.abc[which];
        (0..matrix.rows()).into_par_iter().map(|row| self.evaluate(matrix, row, assignment)).collect()
    }

    /// The first constraint that the assignment breaks.
    pub fn first_broken(&self, assignment: &[Fr]) -> Option<usize> {
        (0..self.constraints()).into_par_iter().find_first(|&row| self.breaks(row, assignment))
    }

    /// Whether the assignment breaks this constraint.
    pub fn breaks(&self, row: usize, assignment: &[Fr]) -> bool {
        let [a, b, c] = [0, 1, 2].map(|i| self.evaluate(&self.abc[i], row, assignment));
        a * b != c
    }

    /// SHA-256 over the numbers of public inputs, wires and constraints and every nonzero: what a key set pins.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for number in [self.publics, self.wires, self.constraints()] {
            hash.update((number as u64).to_le_bytes());
        }
        for matrix in &self.abc {
            for row in 0..matrix.rows() {
                let entries = matrix.row(row);
                hash.update((entries.len() as u32).to_le_bytes());
                for &(wire, coefficient) in entries {
                    hash.update(wire.to_le_bytes());
                    hash.update(field::to_bytes(&self.coefficients[coefficient as usize]));
                }
            }
        }
        hash.finalize().into()
    }
}

impl ConstraintSynthesizer<Fr> for &Matrices {
    /// Hands the matrices to arkworks, whose key generation starts from a circuit. Values are not needed there.
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let mut variables = vec![Variable::One];
        for wire in 1..self.wires {
            variables.push(if wire <= self.publics {
                cs.new_input_variable(|| Ok(Fr::ZERO))?
            } else {
                cs.new_witness_variable(|| Ok(Fr::ZERO))?
            });
        }
        for row in 0..self.constraints() {
            let combination = |matrix: &Matrix| {
                let terms = matrix.row(row).iter();
                LinearCombination(terms.map(|&(w, c)| (self.coefficients[c as usize], variables[w as usize])).collect())
            };
            let [a, b, c] = &self.abc;
            cs.enforce_r1cs_constraint(|| combination(a), || combination(b), || combination(c))?;
        }
        Ok(())
    }
}

/// A recorded circuit: matrices and names.
#[derive(Clone, Default)]
pub struct Shape {
    matrices: Matrices,
    numbers: HashMap<Fr, u32>,
    publics: Vec<&'static str>,
    wires: Vec<Name>,
    constraints: Vec<Name>,
}

impl Shape {
    pub(crate) fn new() -> Shape {
        let mut shape = Shape::default();
        shape.push_wire(Name::new(&[], "one"));
        shape
    }

    pub(crate) fn push_wire(&mut self, name: Name) {
        self.wires.push(name);
        self.matrices.wires += 1;
    }

    pub(crate) fn push_public(&mut self, name: &'static str) {
        self.publics.push(name);
        self.matrices.publics += 1;
    }

    /// Appends a constraint; terms on the same wire are merged and zeros dropped.
    pub(crate) fn push_constraint(&mut self, name: Name, combinations: [&[(u32, Fr)]; 3]) {
        self.constraints.push(name);
        for (matrix, terms) in self.matrices.abc.iter_mut().zip(combinations) {
            let mut terms = terms.to_vec();
            terms.sort_by_key(|&(wire, _)| wire);
            for run in terms.chunk_by(|a, b| a.0 == b.0) {
                let coefficient = run.iter().fold(Fr::ZERO, |sum, (_, c)| sum + c);
                if !coefficient.is_zero() {
                    let number = *self.numbers.entry(coefficient).or_insert_with(|| {
                        self.matrices.coefficients.push(coefficient);
                        self.matrices.coefficients.len() as u32 - 1
                    });
                    matrix.entries.push((run[0].0, number));
                }
            }
            matrix.ends.push(matrix.entries.len() as u32);
        }
    }

    /// The matrices.
    pub fn matrices(&self) -> &Matrices {
        &self.matrices
    }
    /// Names of the public inputs, in order.
    pub fn publics(&self) -> &[&'static str] {
        &self.publics
    }
    /// Name of each wire.
    pub fn wires(&self) -> &[Name] {
        &self.wires
    }
    /// Name of each constraint.
    pub fn constraints(&self) -> &[Name] {
        &self.constraints
    }
    /// The matrices alone.
    pub fn into_matrices(self) -> Matrices {
        self.matrices
    }
}
