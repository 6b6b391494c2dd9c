//! CSV (RFC 4180), and what XLSX shares with it: tables with a mapping file that says which column is which fact.
//!
//! In: UTF-8 text with a heading, and a [`Mapping`] in TOML. Out: a document. Nothing is guessed from names: a column
//! that the mapping does not name is dropped, one that it names must be there, and a cell is read by one rule. Source:
//! `docs/documents.md`, "CSV".

mod mapping;
mod read;
mod rows;

pub use self::mapping::Mapping;
pub(crate) use self::read::import;
pub(super) use self::{
    mapping::read_date,
    rows::{Form, Read, Record, Table},
};
