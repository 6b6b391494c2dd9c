//! A proving key as a `zkey` file: what snarkjs, rapidsnark and arkworks' `ark-circom` prove with, and what the
//! participants of a ceremony hand from one to the next.
//!
//! Our keys are made by circom's map from constraints to polynomials with gamma one, so every point goes into the file
//! as it is. The file also holds `A` and `B` (`C` is not needed to prove), and the contributions made so far.

use ark_bn254::{Bn254, Fr, G1Affine, G2Affine};
use ark_ff::Field;
use ark_groth16::{ProvingKey, VerifyingKey};

use super::{
    container::{ContainerError, Cursor, FileKind, Reader, Writer},
    points::{base_modulus, g1_section, g1s, g2_section, g2s, put_coefficient, put_g1, put_g2, scalar_modulus},
};
use crate::{
    keys::points::{G1_BYTES, G2_BYTES},
    shape::Matrices,
};

/// `zkey` files.
pub const ZKEY: FileKind = FileKind { magic: b"zkey", version: 1 };

/// The sections of a Groth16 zkey.
mod section {
    pub const PROTOCOL: u32 = 1;
    pub const HEADER: u32 = 2;
    pub const IC: u32 = 3;
    pub const COEFFICIENTS: u32 = 4;
    pub const A: u32 = 5;
    pub const B1: u32 = 6;
    pub const B2: u32 = 7;
    pub const L: u32 = 8;
    pub const H: u32 = 9;
    pub const CONTRIBUTIONS: u32 = 10;
}

/// Protocol number of Groth16.
const GROTH16: u32 = 1;

/// The file of a key with its matrices and its contributions, as section 10 holds them.
pub fn write(key: &ProvingKey<Bn254>, matrices: &Matrices, contributions: &[u8]) -> Vec<u8> {
    let mut header = sizes(matrices);
    let vk = &key.vk;
    put_g1(&mut header, &vk.alpha_g1);
    put_g1(&mut header, &key.beta_g1);
    put_g2(&mut header, &vk.beta_g2);
    put_g2(&mut header, &vk.gamma_g2);
    put_g1(&mut header, &key.delta_g1);
    put_g2(&mut header, &vk.delta_g2);

    let mut file = Writer::new(ZKEY);
    file.section(section::PROTOCOL, &GROTH16.to_le_bytes());
    file.section(section::HEADER, &header);
    file.section(section::IC, &g1_section(&vk.gamma_abc_g1));
    file.section(section::COEFFICIENTS, &coefficients(matrices));
    file.section(section::A, &g1_section(&key.a_query));
    file.section(section::B1, &g1_section(&key.b_g1_query));
    file.section(section::B2, &g2_section(&key.b_g2_query));
    file.section(section::L, &g1_section(&key.l_query));
    file.section(section::H, &g1_section(&key.h_query));
    file.section(section::CONTRIBUTIONS, contributions);
    file.finish()
}

/// Both fields' moduli, numbers of wires and public inputs, size of the domain: the header up to its first point.
fn sizes(matrices: &Matrices) -> Vec<u8> {
    let mut out = Vec::new();
    for modulus in [base_modulus(), scalar_modulus()] {
        out.extend_from_slice(&32u32.to_le_bytes());
        out.extend(modulus);
    }
    for number in [matrices.wires, matrices.publics, matrices.domain()] {
        out.extend_from_slice(&(number as u32).to_le_bytes());
    }
    out
}

/// The nonzeros of `A` and `B`, constraint by constraint, then the rows of `A` that stand for constant and public
/// inputs.
fn coefficients(matrices: &Matrices) -> Vec<u8> {
    let [a, b, _] = &matrices.abc;
    let count = a.entries().len() + b.entries().len() + matrices.publics + 1;
    let mut out = Vec::with_capacity(4 + 44 * count);
    out.extend_from_slice(&(count as u32).to_le_bytes());
    let mut put = |matrix: u32, row: usize, wire: u32, coefficient: &Fr| {
        [matrix, row as u32, wire].iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes()));
        put_coefficient(&mut out, coefficient);
    };
    for row in 0..matrices.constraints() {
        for (number, matrix) in [(0, a), (1, b)] {
            for &(wire, coefficient) in matrix.row(row) {
                put(number, row, wire, &matrices.coefficients[coefficient as usize]);
            }
        }
    }
    for input in 0..=matrices.publics {
        put(0, matrices.constraints() + input, input as u32, &Fr::ONE);
    }
    out
}

/// The sizes of a zkey's circuit, by which it is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Wires, with the constant one.
    pub wires: usize,
    /// Public inputs.
    pub publics: usize,
    /// Size of the domain.
    pub domain: usize,
}

impl Sizes {
    /// Reads them from a file.
    ///
    /// # Errors
    /// [`ContainerError`] for a file that is no Groth16 zkey over BN254.
    pub fn read(bytes: &[u8]) -> Result<Sizes, ContainerError> {
        let (_, [wires, publics, domain]) = header(&Reader::new(bytes, ZKEY)?)?;
        Ok(Sizes { wires, publics, domain })
    }

    /// Those of matrices.
    pub fn of(matrices: &Matrices) -> Sizes {
        Sizes { wires: matrices.wires, publics: matrices.publics, domain: matrices.domain() }
    }
}

/// The header's points, after its sizes.
fn header<'a>(file: &Reader<'a>) -> Result<(Cursor<'a>, [usize; 3]), ContainerError> {
    let mut protocol = Cursor::new(section::PROTOCOL, file.section(section::PROTOCOL)?);
    if protocol.word()? != GROTH16 {
        return Err(protocol.error("another protocol than Groth16"));
    }
    protocol.end()?;
    let mut cursor = Cursor::new(section::HEADER, file.section(section::HEADER)?);
    for modulus in [base_modulus(), scalar_modulus()] {
        if cursor.word()? != 32 || cursor.bytes(32)? != modulus {
            return Err(cursor.error("another curve than BN254"));
        }
    }
    let sizes = [cursor.word()?, cursor.word()?, cursor.word()?].map(|n| n as usize);
    Ok((cursor, sizes))
}

/// A zkey for known matrices: every point in its group. What the points are is for [`super::import`] to check.
pub struct Zkey {
    /// The key.
    pub key: ProvingKey<Bn254>,
    /// Section 10.
    pub contributions: Vec<u8>,
}

impl Zkey {
    /// Reads a file that was made for these matrices.
    ///
    /// # Errors
    /// [`ContainerError`] for another file, other sizes, other constraints, another number of points, and a point that
    /// is not in its group.
    pub fn read(bytes: &[u8], matrices: &Matrices) -> Result<Zkey, ContainerError> {
        let file = Reader::new(bytes, ZKEY)?;
        let (mut cursor, sizes) = header(&file)?;
        if sizes != [matrices.wires, matrices.publics, matrices.domain()] {
            return Err(cursor.error("another number of wires, public inputs or rows than the circuit has"));
        }
        let g1 = |cursor: &mut Cursor<'_>| one(cursor.bytes(G1_BYTES)?, g1s, section::HEADER);
        let g2 = |cursor: &mut Cursor<'_>| one(cursor.bytes(G2_BYTES)?, g2s, section::HEADER);
        let (alpha_g1, beta_g1) = (g1(&mut cursor)?, g1(&mut cursor)?);
        let (beta_g2, gamma_g2) = (g2(&mut cursor)?, g2(&mut cursor)?);
        let (delta_g1, delta_g2) = (g1(&mut cursor)?, g2(&mut cursor)?);
        cursor.end()?;
        if file.section(section::COEFFICIENTS)? != coefficients(matrices) {
            let what = "other constraints than this version's circuit has";
            return Err(ContainerError::Section { section: section::COEFFICIENTS, what });
        }
        let points = |number, count| many(file.section(number)?, g1s, count, number);
        let wires = matrices.wires;
        let vk =
            VerifyingKey { alpha_g1, beta_g2, gamma_g2, delta_g2, gamma_abc_g1: points(section::IC, sizes[1] + 1)? };
        let key = ProvingKey {
            vk,
            beta_g1,
            delta_g1,
            a_query: points(section::A, wires)?,
            b_g1_query: points(section::B1, wires)?,
            b_g2_query: many(file.section(section::B2)?, g2s, wires, section::B2)?,
            h_query: points(section::H, matrices.domain())?,
            l_query: points(section::L, wires - matrices.publics - 1)?,
        };
        Ok(Zkey { key, contributions: file.section(section::CONTRIBUTIONS)?.to_vec() })
    }
}

/// Points of a section, each in its group.
fn many<P>(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Option<Vec<P>>,
    count: usize,
    section: u32,
) -> Result<Vec<P>, ContainerError> {
    let points = read(bytes).ok_or(ContainerError::Section { section, what: "a point that is not in the group" })?;
    let what = "another number of points than the circuit needs";
    if points.len() == count { Ok(points) } else { Err(ContainerError::Section { section, what }) }
}

fn one<P: Copy>(bytes: &[u8], read: impl Fn(&[u8]) -> Option<Vec<P>>, section: u32) -> Result<P, ContainerError> {
    Ok(many(bytes, read, 1, section)?[0])
}

/// The points of a key that its circuit's hash covers beside the header: for keys of one's own randomness.
pub fn hashed_points(key: &ProvingKey<Bn254>) -> impl Iterator<Item = &G1Affine> {
    [&key.vk.gamma_abc_g1, &key.h_query, &key.l_query, &key.a_query, &key.b_g1_query].into_iter().flatten()
}

/// The points of G2 among them.
pub fn hashed_twist(key: &ProvingKey<Bn254>) -> impl Iterator<Item = &G2Affine> {
    key.b_g2_query.iter()
}
