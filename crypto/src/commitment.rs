//! The commitment: one field element that binds a whole table and hides it.
//!
//! A block is ten rows: `c[i+1] = Poseidon12(c[i], r[i], ten rows)` with `r[i]` uniform and secret and `c[0] =
//! Poseidon3(tag, kind, profile version)`; the last block is filled with empty rows and the last `c` is the commitment.
//! Each block has its own blinding, so every `c[i]` may be published. Native half of the hash in
//! `consign_circuits::tally`. Source: design section 5.

use std::fmt;

use ark_bn254::Fr;
use ark_ff::{BigInteger256, PrimeField, UniformRand};
use consign_documents::{
    profile::Profile,
    table::{Row, Table},
};
use rand_arkworks::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{field, labels, poseidon};

/// Rows of a block.
pub const BLOCK_ROWS: usize = 10;

/// The commitment to a table. Public; equal tables have unequal commitments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Commitment(Fr);

impl Commitment {
    /// 64 hexadecimal digits, see [`field::to_hex`].
    pub fn to_hex(&self) -> String {
        field::to_hex(&self.0)
    }
    /// Reads [`Commitment::to_hex`].
    ///
    /// # Errors
    /// [`field::FieldError`] for any other spelling.
    pub fn from_hex(text: &str) -> Result<Commitment, field::FieldError> {
        field::from_hex(text).map(Commitment)
    }
    /// The field element.
    pub fn element(&self) -> Fr {
        self.0
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}
impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({self})")
    }
}

/// The blinding of each block. Secret: whoever knows it can test guesses of the rows.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Blindings(Vec<Fr>);

impl Blindings {
    /// Uniform blindings for a table of this many rows.
    pub fn random(rows: usize, rng: &mut (impl CryptoRng + RngCore)) -> Blindings {
        Blindings((0..rows.div_ceil(BLOCK_ROWS)).map(|_| Fr::rand(rng)).collect())
    }
    /// From the spellings in a dossier.
    ///
    /// # Errors
    /// [`field::FieldError`] for the first that is no field element.
    pub fn from_hex<S: AsRef<str>>(blindings: &[S]) -> Result<Blindings, field::FieldError> {
        blindings.iter().map(|b| field::from_hex(b.as_ref())).collect::<Result<_, _>>().map(Blindings)
    }
    /// The spellings in a dossier. Secret.
    pub fn to_hex(&self) -> Vec<String> {
        self.0.iter().map(field::to_hex).collect()
    }
    /// One element a block. Secret.
    pub fn elements(&self) -> &[Fr] {
        &self.0
    }
}

impl fmt::Debug for Blindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blindings({} blocks, ..)", self.0.len())
    }
}

/// A table needs another number of blindings than it was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a table of {rows} rows has {expected} blocks and needs as many blindings; found {found}")]
pub struct WrongNumberOfBlindings {
    /// Rows of the table.
    pub rows: usize,
    /// Blocks of the table.
    pub expected: usize,
    /// Blindings given.
    pub found: usize,
}

/// The row as a field element: the number whose bits are [`Row::bits`].
pub fn row_element(row: &Row) -> Fr {
    let mut limbs = [0u64; 4];
    for (i, bit) in row.bits().into_iter().enumerate() {
        limbs[i / 64] |= u64::from(bit) << (i % 64);
    }
    Fr::from_bigint(BigInteger256::new(limbs)).expect("253 bits are below the 254-bit modulus")
}

/// `c[0]`: the start of every chain of this kind and profile version.
pub fn chain_start(profile: &Profile) -> Fr {
    poseidon::hash(&[labels::CHAIN_START, profile.kind.number().into(), profile.version.into()].map(Fr::from))
}

/// `c[i+1]` from `c[i]`, the block's blinding and its rows.
pub fn chain_step(before: Fr, blinding: Fr, rows: &[Row; BLOCK_ROWS]) -> Fr {
    let mut inputs = [before; 12];
    inputs[1] = blinding;
    for (input, row) in inputs[2..].iter_mut().zip(rows) {
        *input = row_element(row);
    }
    poseidon::hash(&inputs)
}

/// The rows in blocks of ten, the last one filled with empty rows.
pub fn blocks(table: &Table) -> impl Iterator<Item = [Row; BLOCK_ROWS]> + '_ {
    table.rows().chunks(BLOCK_ROWS).map(|rows| std::array::from_fn(|i| rows.get(i).copied().unwrap_or(Row::EMPTY)))
}

/// All chain values of a table: `c[0]` to the commitment, one more than there are blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain(Vec<Fr>);

impl Chain {
    /// The values, `c[0]` first.
    pub fn values(&self) -> &[Fr] {
        &self.0
    }
    /// The last value.
    pub fn commitment(&self) -> Commitment {
        Commitment(*self.0.last().expect("a chain holds c[0]"))
    }
}

/// Commits to a table.
///
/// # Errors
/// [`WrongNumberOfBlindings`] unless there is one blinding a block.
pub fn commit(profile: &Profile, table: &Table, blindings: &Blindings) -> Result<Chain, WrongNumberOfBlindings> {
    let expected = table.rows().len().div_ceil(BLOCK_ROWS);
    if blindings.0.len() != expected {
        return Err(WrongNumberOfBlindings { rows: table.rows().len(), expected, found: blindings.0.len() });
    }
    let mut chain = vec![chain_start(profile)];
    for (rows, &blinding) in blocks(table).zip(&blindings.0) {
        let before = chain[chain.len() - 1];
        chain.push(chain_step(before, blinding, &rows));
    }
    Ok(Chain(chain))
}
