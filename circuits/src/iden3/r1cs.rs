//! The constraints of a circuit as an `r1cs` file, which circom's tools and provers start from.
//!
//! Wires keep their numbers: the constant one, the public inputs, the witness. Every public input is a public input
//! (`nPubIn`); no wire is declared a private input, for nothing here computes a witness from a few of them.

use super::{
    container::{ContainerError, Cursor, FileKind, Reader, Writer},
    points::scalar_modulus,
};
use crate::{
    keys::points::{number, put},
    shape::Matrices,
};
use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

/// `r1cs` files.
pub const R1CS: FileKind = FileKind { magic: b"r1cs", version: 1 };
const HEADER: u32 = 1;
const CONSTRAINTS: u32 = 2;
const LABELS: u32 = 3;

/// The file.
pub fn write(matrices: &Matrices) -> Vec<u8> {
    let mut header = 32u32.to_le_bytes().to_vec();
    header.extend(scalar_modulus());
    // Wires, public outputs, public inputs, private inputs.
    for number in [matrices.wires as u32, 0, matrices.publics as u32, 0] {
        header.extend_from_slice(&number.to_le_bytes());
    }
    header.extend_from_slice(&(matrices.wires as u64).to_le_bytes());
    header.extend_from_slice(&(matrices.constraints() as u32).to_le_bytes());

    let mut constraints = Vec::new();
    for row in 0..matrices.constraints() {
        for matrix in &matrices.abc {
            let entries = matrix.row(row);
            constraints.extend_from_slice(&(entries.len() as u32).to_le_bytes());
            for &(wire, coefficient) in entries {
                constraints.extend_from_slice(&wire.to_le_bytes());
                put(&mut constraints, &matrices.coefficients[coefficient as usize]);
            }
        }
    }
    let labels: Vec<u8> = (0..matrices.wires as u64).flat_map(u64::to_le_bytes).collect();

    let mut file = Writer::new(R1CS);
    file.section(HEADER, &header);
    file.section(CONSTRAINTS, &constraints);
    file.section(LABELS, &labels);
    file.finish()
}

/// A constraint: the nonzeros of `A`, `B` and `C`, each a wire and its coefficient.
pub type Constraint = [Vec<(u32, Fr)>; 3];

/// The constraints of a file, as others see them.
#[derive(Debug, PartialEq, Eq)]
pub struct R1cs {
    /// Public inputs, outputs among them, without the constant one.
    pub publics: usize,
    /// All wires, with the constant one.
    pub wires: usize,
    /// The constraints in order.
    pub constraints: Vec<Constraint>,
}

impl R1cs {
    /// Reads a file over BN254's scalar field.
    ///
    /// # Errors
    /// [`ContainerError`] for another file, another field, a wire that does not exist, a coefficient that is not below
    /// the modulus, a section of another length.
    pub fn read(bytes: &[u8]) -> Result<R1cs, ContainerError> {
        let file = Reader::new(bytes, R1CS)?;
        let mut header = Cursor::new(HEADER, file.section(HEADER)?);
        if header.word()? != 32 || header.bytes(32)? != scalar_modulus() {
            return Err(header.error("another field than BN254's scalars"));
        }
        let [wires, outputs, inputs, _private] = [header.word()?, header.word()?, header.word()?, header.word()?];
        header.bytes(8)?;
        let count = header.word()?;
        header.end()?;

        let mut cursor = Cursor::new(CONSTRAINTS, file.section(CONSTRAINTS)?);
        let mut constraints = Vec::new();
        for _ in 0..count {
            let mut constraint = Constraint::default();
            for terms in &mut constraint {
                for _ in 0..cursor.word()? {
                    let wire = cursor.word()?;
                    let coefficient = number(cursor.bytes(32)?).filter(|_| wire < wires);
                    terms.push((wire, coefficient.ok_or_else(|| cursor.error("a wire or coefficient out of range"))?));
                }
            }
            constraints.push(constraint);
        }
        cursor.end()?;
        let publics = outputs.checked_add(inputs).filter(|&publics| publics < wires);
        let publics =
            publics.ok_or(ContainerError::Section { section: HEADER, what: "more public inputs than wires" })?;
        Ok(R1cs { publics: publics as usize, wires: wires as usize, constraints })
    }

    /// The first constraint that the assignment breaks.
    ///
    /// # Panics
    /// If the assignment has fewer elements than there are wires.
    pub fn first_broken(&self, assignment: &[Fr]) -> Option<usize> {
        let value = |terms: &[(u32, Fr)]| terms.iter().fold(Fr::ZERO, |sum, (w, c)| sum + *c * assignment[*w as usize]);
        self.constraints.iter().position(|[a, b, c]| value(a) * value(b) != value(c))
    }
}
