//! Matrices in key files: the bytes of a circuit's section, written and read. Source: `docs/format.md`, "Key files".

use rayon::prelude::*;

use super::points::{numbers, put};
use crate::shape::{Matrices, Matrix};

/// Numbers of public inputs, wires and coefficients, the coefficients, then each matrix: numbers of rows and entries,
/// the rows' ends, the entries (wire, coefficient). All numbers 4 bytes, little-endian.
pub(crate) fn matrices_bytes(matrices: &Matrices) -> Vec<u8> {
    let mut out = Vec::new();
    let word = |out: &mut Vec<u8>, x: u32| out.extend_from_slice(&x.to_le_bytes());
    for size in [matrices.publics, matrices.wires, matrices.coefficients.len()] {
        word(&mut out, size as u32);
    }
    matrices.coefficients.iter().for_each(|c| put(&mut out, c));
    for matrix in &matrices.abc {
        word(&mut out, matrix.rows() as u32);
        word(&mut out, matrix.entries().len() as u32);
        matrix.ends().iter().for_each(|&end| word(&mut out, end));
        for &(wire, coefficient) in matrix.entries() {
            word(&mut out, wire);
            word(&mut out, coefficient);
        }
    }
    out
}

/// Matrices of a key file; `None` unless they are whole, canonical, and stay within their bounds.
pub(super) fn read_matrices(mut bytes: &[u8]) -> Option<Matrices> {
    fn take<'a>(bytes: &mut &'a [u8], count: usize, each: usize) -> Option<&'a [u8]> {
        let (taken, rest) = bytes.split_at_checked(count.checked_mul(each)?)?;
        *bytes = rest;
        Some(taken)
    }
    fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
        bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word))
    }
    fn size(bytes: &mut &[u8]) -> Option<usize> {
        words(take(bytes, 1, 4)?).next().map(|w| w as usize)
    }
    let bytes = &mut bytes;
    let (publics, wires, coefficients) = (size(bytes)?, size(bytes)?, size(bytes)?);
    let coefficients = numbers(take(bytes, coefficients, 32)?)?;
    let mut matrix = || {
        let (rows, entries) = (size(bytes)?, size(bytes)?);
        Some((take(bytes, rows, 4)?, take(bytes, entries, 8)?))
    };
    let parts = [matrix()?, matrix()?, matrix()?];
    let matrix = |(ends, entries): &(&[u8], &[u8])| {
        let entries = entries
            .as_chunks::<8>()
            .0
            .iter()
            .map(|[a, b, c, d, rest @ ..]| (u32::from_le_bytes([*a, *b, *c, *d]), u32::from_le_bytes(*rest)));
        Matrix::new(words(ends).collect(), entries.collect(), wires, coefficients.len())
    };
    let matrices: Option<Vec<Matrix>> = parts.par_iter().map(matrix).collect();
    let abc: [Matrix; 3] = matrices?.try_into().ok()?;
    let same = abc.iter().all(|m| m.rows() == abc[0].rows());
    (same && bytes.is_empty() && publics < wires).then_some(Matrices { publics, wires, coefficients, abc })
}
