//! CSV.
use super::Imported;
use crate::error::{Fault, ImportError, Place};
/// A mapping.
#[derive(Clone, Debug)]
pub struct Mapping;
pub(crate) fn import(text: &str, file: &str, _: [u8; 32], _: &Mapping) -> Result<Imported, ImportError> {
    Err(ImportError::new(
        file,
        Place::File,
        Fault::UnknownFormat { found: super::collapse(text).chars().take(20).collect() },
    ))
}
