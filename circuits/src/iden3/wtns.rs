//! A witness as a `wtns` file. It is secret: it holds the rows of a document, and the blindings that hide them.

use ark_bn254::Fr;

use super::{
    container::{ContainerError, Cursor, FileKind, Reader, Writer},
    points::scalar_modulus,
};
use crate::keys::points::{numbers, put};

/// `wtns` files.
pub const WTNS: FileKind = FileKind { magic: b"wtns", version: 2 };
const HEADER: u32 = 1;
const VALUES: u32 = 2;

/// The file of an assignment: the constant one, the public inputs, the witness. Secret.
pub fn write(assignment: &[Fr]) -> Vec<u8> {
    let mut header = 32u32.to_le_bytes().to_vec();
    header.extend(scalar_modulus());
    header.extend_from_slice(&(assignment.len() as u32).to_le_bytes());
    let mut values = Vec::with_capacity(32 * assignment.len());
    assignment.iter().for_each(|x| put(&mut values, x));

    let mut file = Writer::new(WTNS);
    file.section(HEADER, &header);
    file.section(VALUES, &values);
    file.finish()
}

/// Reads a file over BN254's scalar field.
///
/// # Errors
/// [`ContainerError`] for another file, another field, a value that is not below the modulus, another number of values.
pub fn read(bytes: &[u8]) -> Result<Vec<Fr>, ContainerError> {
    let file = Reader::new(bytes, WTNS)?;
    let mut header = Cursor::new(HEADER, file.section(HEADER)?);
    if header.word()? != 32 || header.bytes(32)? != scalar_modulus() {
        return Err(header.error("another field than BN254's scalars"));
    }
    let count = header.word()? as usize;
    header.end()?;
    let values = Cursor::new(VALUES, file.section(VALUES)?);
    let read = numbers(file.section(VALUES)?).filter(|read| read.len() == count);
    read.ok_or_else(|| values.error("a value out of range, or another number of values"))
}
