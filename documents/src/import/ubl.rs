//! UBL.
use super::{ImportOptions, Imported};
use crate::error::{Fault, ImportError, Place};
pub(crate) fn import(text: &str, file: &str, _: [u8; 32], _: &ImportOptions) -> Result<Imported, ImportError> {
    Err(ImportError::new(
        file,
        Place::File,
        Fault::UnknownFormat { found: super::collapse(text).chars().take(20).collect() },
    ))
}
