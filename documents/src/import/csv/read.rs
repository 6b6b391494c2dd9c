//! CSV to rows.

use csv::{Error, ErrorKind, ReaderBuilder};

use super::{
    super::Imported,
    Mapping,
    rows::{Read, Record, Table},
};
use crate::error::{Fault, ImportError, Place};

/// Bytes that a line of goods has at least, where there are more lines than are read in any case: the shortest has a heading
/// of six digits and an origin.
const LEAST: usize = 10;
const FREE: usize = 100_000;

/// Imports CSV by a mapping; `sha256` is the digest of the file's bytes.
pub(crate) fn import(text: &str, file: &str, sha256: [u8; 32], mapping: &Mapping) -> Read<Imported> {
    check_quotes(text, mapping.delimiter, file)?;
    let mut csv = ReaderBuilder::new().delimiter(mapping.delimiter).from_reader(text.as_bytes());
    let heading = csv.headers().map_err(|e| malformed(file, e))?.clone();
    let rows = csv.records().zip(1..).map(|(record, number)| {
        let cells = record.map_err(|e| malformed(file, e))?;
        let line = cells.position().map_or(0, |p| p.line());
        match Fault::hollow(number, text.len(), FREE, LEAST) {
            Some(hollow) => Err(ImportError::new(file, Place::At { line, column: 1 }, hollow)),
            None => Ok(Record { line, cells, forms: Vec::new() }),
        }
    });
    Table::new(file, mapping, heading, 1)?.import(rows, "CSV", sha256)
}

/// Refuses quotation marks that RFC 4180 does not have. The parser is lenient with them, and an unclosed one would
/// take all further lines, and their goods, into one cell.
fn check_quotes(text: &str, delimiter: u8, file: &str) -> Read<()> {
    #[derive(PartialEq)]
    enum State {
        Start,
        Plain,
        Quoted,
        Closed,
    }
    let (mut state, mut line, mut opened) = (State::Start, 1, 1);
    let fail = |line, reason: &str| {
        let place = Place::At { line, column: 1 };
        Err(ImportError::new(file, place, Fault::Csv(reason.into())))
    };
    for b in text.bytes() {
        state = match (state, b) {
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) => State::Quoted,
            (State::Closed, b'"') => State::Quoted,
            (State::Start, b'"') => {
                opened = line;
                State::Quoted
            }
            (_, b'\n' | b'\r') => State::Start,
            (_, b) if b == delimiter => State::Start,
            (State::Plain, b'"') => return fail(line, "a quotation mark inside a field that does not begin with one"),
            (State::Closed, _) => return fail(line, "text after a closing quotation mark"),
            _ => State::Plain,
        };
        line += u64::from(b == b'\n');
    }
    match state {
        State::Quoted => fail(opened, "a quotation mark that is never closed"),
        _ => Ok(()),
    }
}

fn malformed(file: &str, error: Error) -> ImportError {
    let line = error.position().map_or(1, |p| p.line());
    let place = Place::At { line, column: 1 };
    let fault = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => Fault::Ragged { found: *len, expected: *expected_len },
        _ => Fault::Csv(error.to_string()),
    };
    ImportError::new(file, place, fault)
}
