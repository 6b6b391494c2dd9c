//! The points of a proving key that are multiplied with a witness: in memory, or left in their file, from which they are
//! read in pieces where they are multiplied.
//!
//! A section may stay in its file if it was found whole before and the file is the same one, unchanged. That is asked
//! before the first piece is read and after the last: [`Query::is_still_whole`].

use std::{borrow::Cow, ops::Range};

use super::file::{KeyFileError, StoredSection};
use crate::prover::Bases;

/// Points as a key file holds them ([`super::points`]).
pub(crate) enum Query {
    /// In memory.
    Memory(Vec<u8>),
    /// In a section of a file.
    Stored(StoredSection),
}

impl Query {
    /// All bytes; those of a file are what was found whole, or have the digest that its head pins.
    ///
    /// # Errors
    /// [`KeyFileError::Read`], [`KeyFileError::Digest`].
    pub(crate) fn bytes(&self) -> Result<Cow<'_, [u8]>, KeyFileError> {
        match self {
            Query::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
            Query::Stored(section) => section.checked().map(Cow::Owned),
        }
    }

    /// Whether what was read is what was once found whole.
    pub(crate) fn is_still_whole(&self) -> bool {
        match self {
            Query::Memory(_) => true,
            Query::Stored(section) => section.whole_before(),
        }
    }
}

impl From<Vec<u8>> for Query {
    fn from(bytes: Vec<u8>) -> Query {
        Query::Memory(bytes)
    }
}

impl Bases for Query {
    type Error = KeyFileError;

    fn size(&self) -> usize {
        match self {
            Query::Memory(bytes) => bytes.len(),
            Query::Stored(section) => section.size(),
        }
    }

    fn read<'a>(&'a self, places: Range<usize>, space: &'a mut Vec<u8>) -> Result<&'a [u8], KeyFileError> {
        match self {
            Query::Memory(bytes) => Ok(&bytes[places]),
            Query::Stored(section) => {
                space.resize(places.len(), 0);
                section.read(places.start, space)?;
                Ok(space)
            }
        }
    }
}
