//! The matrices of a circuit in key files: numbers of public inputs, wires and coefficients, the coefficients, then each
//! matrix: numbers of rows and entries, the rows' ends, the entries (wire, coefficient). All numbers 4 bytes, little-endian.

use std::ops::Range;

use super::points::{numbers, put};
use crate::{
    prover::Bases,
    shape::{Matrices, Matrix},
};

/// The section of these matrices.
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

/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// Reads a section, in pieces; `None` if it is malformed.
///
/// # Errors
/// A section that cannot be read.
pub(super) fn read_matrices<B: Bases + ?Sized>(section: &B) -> Result<Option<Matrices>, B::Error> {
    let mut reader = Reader { section, at: 0 };
    let Some([publics, wires, coefficients]) = reader.sizes()? else { return Ok(None) };
    let Some(place) = reader.take(coefficients, 32) else { return Ok(None) };
    let Some(coefficients) = numbers(section.read(place, &mut Vec::new())?) else { return Ok(None) };
    let mut matrices = Vec::new();
    for _ in 0..3 {
        let Some([rows, entries]) = reader.sizes()? else { return Ok(None) };
        let places = reader.take(rows, 4).zip(reader.take(entries, 8));
        let Some((ends, entries)) = places else { return Ok(None) };
        let ends = read_each(section, ends, |word| u32::from_le_bytes(*word))?;
        let entries = read_each(section, entries, |[a, b, c, d, coefficient @ ..]: &[u8; 8]| {
            (u32::from_le_bytes([*a, *b, *c, *d]), u32::from_le_bytes(*coefficient))
        })?;
        let Some(matrix) = Matrix::new(ends, entries, wires, coefficients.len()) else { return Ok(None) };
        matrices.push(matrix);
    }
    let Ok(abc) = <[Matrix; 3]>::try_from(matrices) else { return Ok(None) };
    let same = abc.iter().all(|matrix| matrix.rows() == abc[0].rows());
    let good = same && reader.at == section.size() && publics < wires;
    Ok(good.then_some(Matrices { publics, wires, coefficients, abc }))
}

/// What has been taken from a section so far.
struct Reader<'a, B: ?Sized> {
    section: &'a B,
    at: usize,
}

impl<B: Bases + ?Sized> Reader<'_, B> {
    /// The place of so many items, each of so many bytes; `None` if the section ends before.
    fn take(&mut self, count: usize, each: usize) -> Option<Range<usize>> {
        let end = count.checked_mul(each)?.checked_add(self.at)?;
        let place = self.at..end;
        self.at = end;
        (end <= self.section.size()).then_some(place)
    }

    /// Some sizes; `None` if the section ends before.
    fn sizes<const COUNT: usize>(&mut self) -> Result<Option<[usize; COUNT]>, B::Error> {
        let Some(place) = self.take(COUNT, 4) else { return Ok(None) };
        let words = read_each(self.section, place, |word| u32::from_le_bytes(*word) as usize)?;
        Ok(words.try_into().ok())
    }
}

/// The items at a place, each of so many bytes.
fn read_each<T, const SIZE: usize, B>(
    section: &B,
    place: Range<usize>,
    item: impl Fn(&[u8; SIZE]) -> T,
) -> Result<Vec<T>, B::Error>
where
    B: Bases + ?Sized,
{
    let (mut items, mut space) = (Vec::with_capacity(place.len() / SIZE), Vec::new());
    for start in place.clone().step_by(PIECE) {
        let bytes = section.read(start..place.end.min(start + PIECE), &mut space)?;
        items.extend(bytes.as_chunks().0.iter().map(&item));
    }
    Ok(items)
}
