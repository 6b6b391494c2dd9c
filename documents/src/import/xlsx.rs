//! XLSX (Office Open XML, ECMA-376) with the same mapping file as CSV.
//!
//! In: the bytes of a workbook. Out: the rows of its one visible sheet, or of the one that the mapping names, below the
//! heading. Values are those that the spreadsheet last computed. A number counts to fifteen significant digits, which is
//! what a spreadsheet shows of it. Source: `docs/documents.md`, "XLSX".

use std::io::{Cursor, Read as _};

use bigdecimal::BigDecimal;
use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
use csv::StringRecord;

use super::{
    Imported, Mapping,
    csv::{Form, Read, Record, Table},
};
use crate::{
    error::{Fault, ImportError, MAX_FILE, Place},
    quantity::shorten,
};

/// What the members of a workbook may unpack to together, in bytes: XML is some four times the text in it.
const MAX_UNPACKED: u64 = 4 * MAX_FILE as u64;
/// Members of a workbook's archive; a workbook of one list has a dozen.
const MAX_MEMBERS: usize = 10_000;
/// Columns of a sheet that are read.
const MAX_COLUMNS: usize = 1_000;

/// Whether a file begins as a ZIP archive does.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Imports a workbook by a mapping; `sha256` is the digest of the file's bytes.
pub(super) fn import(bytes: &[u8], file: &str, sha256: [u8; 32], mapping: &Mapping) -> Read<Imported> {
    let mut workbook = open(bytes, file)?;
    let mut rows = Rows::of(&mut workbook, mapping.sheet.as_deref(), file)?;
    let is_heading = |row: &Record| mapping.heading_row.is_none_or(|number| row.line == u64::from(number));
    let heading = rows.find(|row| row.as_ref().map_or(true, is_heading));
    let heading = heading.ok_or_else(|| ImportError::new(file, Place::File, Fault::Empty))??;
    Table::new(file, mapping, heading.cells, heading.line)?.import(rows, "XLSX", sha256)
}

/// A workbook that was looked over.
type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Opens a workbook that stays within its limits.
pub(super) fn open<'a>(bytes: &'a [u8], file: &str) -> Read<Workbook<'a>> {
    let fail = |fault| ImportError::new(file, Place::File, fault);
    bound(bytes).map_err(fail)?;
    Xlsx::new(Cursor::new(bytes)).map_err(|e| fail(malformed(&e)))
}

/// The rows of a sheet that are not empty, one after the other.
pub(super) struct Rows<'w> {
    file: &'w str,
    cells: XlsxCellReader<'w, Cursor<&'w [u8]>>,
    ended: bool,
    /// The row that is being read: its number from 0, and its cells so far.
    row: Option<(u32, Vec<String>, Vec<Form>)>,
}

impl<'w> Rows<'w> {
    /// The rows of the sheet of this name, or of the only visible one.
    pub fn of(workbook: &'w mut Workbook<'w>, name: Option<&str>, file: &'w str) -> Read<Rows<'w>> {
        let fail = |fault| ImportError::new(file, Place::File, fault);
        let visible = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
        let sheets = workbook.sheets_metadata();
        let names: Vec<&str> = match name {
            Some(name) => sheets.iter().map(|s| s.name.as_str()).filter(|n| *n == name).collect(),
            None => sheets.iter().filter(visible).map(|s| s.name.as_str()).collect(),
        };
        let [only] = names[..] else {
            let all: Vec<String> = sheets.iter().take(20).map(|s| format!("{:?}", shorten(&s.name))).collect();
            return Err(fail(Fault::Sheets { found: format!("sheets {}", all.join(", ")) }));
        };
        let only = only.to_owned();
        let cells = workbook.worksheet_cells_reader(&only).map_err(|e| fail(malformed(&e)))?;
        Ok(Rows { file, cells, ended: false, row: None })
    }

    /// Reads on to the end of a row; `None` at the end of the sheet.
    fn read(&mut self) -> Read<Option<Record>> {
        loop {
            let broken = |e| ImportError::new(self.file, Place::File, malformed(&e));
            let cell = if self.ended { None } else { self.cells.next_cell().map_err(broken)? };
            let Some(cell) = cell else {
                self.ended = true;
                return Ok(self.row.take().and_then(record));
            };
            let ((number, column), value) = (cell.get_position(), cell.get_value());
            let fail = |fault| {
                let at = Place::At { line: u64::from(number) + 1, column: u64::from(column) + 1 };
                ImportError::new(self.file, at, fault)
            };
            let Some((text, form)) = text(value).map_err(fail)? else { continue };
            let column = column as usize;
            if column >= MAX_COLUMNS {
                return Err(fail(Fault::Xlsx(format!("more than {MAX_COLUMNS} columns"))));
            }
            let finished = match &self.row {
                Some((current, ..)) if *current == number => None,
                Some((current, ..)) if *current > number => {
                    return Err(fail(Fault::Xlsx("rows that are not in their order".into())));
                }
                _ => self.row.replace((number, Vec::new(), Vec::new())),
            };
            if let Some((_, texts, forms)) = &mut self.row {
                if texts.len() <= column {
                    texts.resize(column + 1, String::new());
                    forms.resize(column + 1, Form::Text);
                }
                texts[column] = text;
                forms[column] = form;
            }
            if let Some(record) = finished.and_then(record) {
                return Ok(Some(record));
            }
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Read<Record>;
    fn next(&mut self) -> Option<Read<Record>> {
        self.read().transpose()
    }
}

/// A row that says something.
fn record((number, texts, forms): (u32, Vec<String>, Vec<Form>)) -> Option<Record> {
    let said = texts.iter().any(|text| !text.trim().is_empty());
    said.then(|| Record { line: u64::from(number) + 1, cells: StringRecord::from(texts), forms })
}

fn malformed(error: &XlsxError) -> Fault {
    Fault::Xlsx(shorten_message(&error.to_string()))
}

/// Messages of the parser may quote a hostile file.
fn shorten_message(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Unpacks every member into nothing, to know that the whole stays within the limit: what an archive declares of itself
/// is no bound.
fn bound(bytes: &[u8]) -> Result<(), Fault> {
    let fail = |e: &dyn std::error::Error| Fault::Xlsx(shorten_message(&e.to_string()));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| fail(&e))?;
    if archive.len() > MAX_MEMBERS {
        return Err(Fault::Xlsx(format!("{} members; accepted are at most {MAX_MEMBERS}", archive.len())));
    }
    let (mut left, mut bytes) = (MAX_UNPACKED, Vec::new());
    for i in 0..archive.len() {
        let member = archive.by_index(i).map_err(|e| fail(&e))?;
        bytes.clear();
        let unpacked = member.take(left + 1).read_to_end(&mut bytes).map_err(|e| fail(&e))?;
        left = left.checked_sub(unpacked as u64).ok_or(Fault::UnpacksTooLarge { max: MAX_UNPACKED })?;
        if !has_plain_references(&bytes) {
            return Err(Fault::Xlsx("a reference that no cell of a sheet can have".into()));
        }
    }
    Ok(())
}

/// Whether cells and rows are called as those of a sheet can be: at most three letters and seven digits. Longer names make
/// the parser overflow.
fn has_plain_references(xml: &[u8]) -> bool {
    let plain = |name: &[u8]| {
        let letters = name.iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'$').count();
        letters <= 5 && name.len() - letters <= 8
    };
    xml.split(|b| *b == b'<').all(|rest| {
        let tag = rest.split(|b| *b == b'>').next().unwrap_or_default();
        let name = tag.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        if !matches!(name.rsplit(|b| *b == b':').next(), Some(b"c" | b"row" | b"dimension" | b"f" | b"mergeCell")) {
            return true;
        }
        let parts: Vec<&[u8]> = tag.split(|b| matches!(b, b'"' | b'\'')).collect();
        parts.windows(2).all(|two| {
            let key = two[0].trim_ascii_end().strip_suffix(b"=").unwrap_or_default().trim_ascii_end();
            let key = key.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
            !matches!(key, b"r" | b"ref") || two[1].split(|b| *b == b':').all(plain)
        })
    })
}

/// What a cell shows, and how it is stored.
fn text(value: &DataRef<'_>) -> Result<Option<(String, Form)>, Fault> {
    Ok(Some(match value {
        DataRef::Empty => return Ok(None),
        DataRef::Int(n) => (n.to_string(), Form::Number),
        DataRef::Float(f) => (figure(*f).ok_or_else(|| Fault::CellError { found: f.to_string() })?, Form::Number),
        DataRef::String(text) => (text.clone(), Form::Text),
        DataRef::SharedString(text) => ((*text).to_owned(), Form::Text),
        DataRef::Bool(yes) => (if *yes { "yes" } else { "no" }.to_owned(), Form::Text),
        DataRef::DateTime(date) => (day(date), Form::Date),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => (text.clone(), Form::Date),
        DataRef::Error(error) => return Err(Fault::CellError { found: Data::Error(error.clone()).to_string() }),
    }))
}

/// A number to fifteen significant digits, without exponent.
fn figure(number: f64) -> Option<String> {
    let digits: BigDecimal = format!("{number:.14e}").parse().ok()?;
    // The exponents of doubles end at 308; a figure of a list of goods has a dozen digits.
    (number == 0.0 || (1e-15..1e25).contains(&number.abs())).then(|| digits.normalized().to_plain_string())
}

/// The day of a date, with its time where that is not midnight.
fn day(date: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    match (hour, minute, second) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
    }
}
