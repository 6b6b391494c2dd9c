//! Why a file is not imported: which file, where in it, what was found and what is accepted.

use std::fmt;

use crate::{codes::CodeError, document::Invalid, profile::Kind, quantity::QuantityError};

/// The largest file that is read, in bytes; a canonical document is no larger either.
pub const MAX_FILE: usize = 64 << 20;
/// Most values in a text of JSON or YAML. A goods line of 215 bytes counts 61, so a document of 64 MiB has fewer; a text of
/// small objects, which would take a hundred times its length in memory, is refused before it is built.
pub const MAX_VALUES: usize = 20 << 20;
/// As how many values an object counts beside its members: it takes as much memory as that many numbers.
pub const OBJECT_VALUES: usize = 16;
/// How deep elements and values may nest.
pub const MAX_DEPTH: usize = 64;

/// A file that is not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError(Box<Details>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    file: String,
    place: Place,
    line_id: Option<String>,
    fault: Fault,
}

/// Where in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A line and a column, both from 1; the column counts characters.
    At {
        /// Line.
        line: u64,
        /// Column, in characters.
        column: u64,
    },
    /// A line, and the name of a column of a table.
    Column {
        /// Line.
        line: u64,
        /// Name of the column.
        name: String,
    },
    /// A value of a JSON file, by JSON pointer (RFC 6901).
    Pointer(String),
    /// A segment of UN/EDIFACT.
    Segment {
        /// Its number in the file, from 1 for UNB.
        number: u64,
        /// Its tag; empty if it could not be read.
        tag: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File => f.write_str("the file"),
            Place::At { line, column } => write!(f, "line {line}, column {column}"),
            Place::Column { line, name } => write!(f, "line {line}, column {name:?}"),
            Place::Pointer(pointer) if pointer.is_empty() => f.write_str("the document"),
            Place::Pointer(pointer) => f.write_str(pointer),
            Place::Segment { number, tag } if tag.is_empty() => write!(f, "segment {number}"),
            Place::Segment { number, tag } => write!(f, "segment {number} ({tag})"),
        }
    }
}

/// The longest message, in characters: what a hostile file puts into one must not flood a terminal.
const MAX_MESSAGE: usize = 1_000;

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = format!("{}: {}", Where(&self.0), self.0.fault);
        // Names of columns, keys and elements are the file's own: nothing of them may command a terminal.
        message
            .chars()
            .take(MAX_MESSAGE)
            .try_for_each(|c| fmt::Write::write_char(f, if c.is_control() { ' ' } else { c }))
    }
}

impl std::error::Error for ImportError {}

struct Where<'a>(&'a Details);

impl fmt::Display for Where<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { file, place, line_id, .. } = self.0;
        match place {
            Place::File => write!(f, "{file}")?,
            Place::At { line, column } => write!(f, "{file}:{line}:{column}")?,
            place => write!(f, "{file}: {place}")?,
        }
        match line_id {
            Some(id) => write!(f, ": goods line {id:?}"),
            None => Ok(()),
        }
    }
}

impl ImportError {
    /// An error in `file` at `place`.
    pub(crate) fn new(file: &str, place: Place, fault: impl Into<Fault>) -> ImportError {
        ImportError(Box::new(Details { file: file.into(), place, line_id: None, fault: fault.into() }))
    }
    /// The same error, said of a goods line.
    pub(crate) fn on_line(mut self, id: Option<&str>) -> ImportError {
        self.0.line_id = self.0.line_id.or_else(|| id.map(str::to_owned));
        self
    }

    /// Name of the file, as it was given.
    pub fn file(&self) -> &str {
        &self.0.file
    }
    /// Where in the file.
    pub fn place(&self) -> &Place {
        &self.0.place
    }
    /// Identifier of the goods line, if the fault lies on one.
    pub fn line_id(&self) -> Option<&str> {
        self.0.line_id.as_deref()
    }
    /// What is wrong.
    pub fn fault(&self) -> &Fault {
        &self.0.fault
    }
    /// One action that the user can take.
    pub fn hint(&self) -> String {
        self.0.fault.hint().to_owned()
    }
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No bytes, or white space only.
    #[error(
        "the file is empty; accepted are XML, JSON and EDIFACT of the formats in docs/documents.md, and CSV or XLSX with a mapping"
    )]
    Empty,
    /// More bytes than are read.
    #[error("the file has {size} bytes; accepted are at most {MAX_FILE}")]
    Oversize {
        /// Bytes found.
        size: usize,
    },
    /// Not UTF-8.
    #[error("the text is {found}; accepted is UTF-8")]
    Encoding {
        /// What it looks like.
        found: String,
    },
    /// Neither of the formats.
    #[error(
        "not a format that is known, it begins with {found:?}; accepted are XML, JSON and EDIFACT of the formats in docs/documents.md, and CSV or XLSX with a mapping"
    )]
    UnknownFormat {
        /// The first characters.
        found: String,
    },
    /// JSON that is no document that is read.
    #[error(
        "JSON with the keys {found:?}; accepted are documents of consign, transport documents and VGM declarations of the DCSA, and W3C traceability credentials"
    )]
    UnknownJson {
        /// The first keys.
        found: String,
    },
    /// A credential that is none of those that are read.
    #[error("a credential of type {found:?}; accepted are {accepted}")]
    Credential {
        /// Its types.
        found: String,
        /// Those that are read.
        accepted: String,
    },
    /// YAML that does not parse.
    #[error("malformed YAML: {0}")]
    Yaml(String),
    /// An anchor or alias of YAML.
    #[error("an anchor or alias, which can make a small file large; accepted is YAML without them")]
    YamlAlias,
    /// XML that is not well-formed.
    #[error("malformed XML: {0}")]
    Xml(String),
    /// A document type declaration, and with it entities.
    #[error("a document type declaration (DTD), which can define entities; accepted is XML without one")]
    Dtd,
    /// XML with more attributes on one element than any UBL file has.
    #[error("an element with more than {max} attributes; accepted are at most {max}")]
    TooManyAttributes {
        /// The limit.
        max: usize,
    },
    /// Elements or values within one another without end.
    #[error("nesting deeper than {MAX_DEPTH}; accepted are at most {MAX_DEPTH} levels")]
    TooDeep,
    /// More values than any document has.
    #[error("more than {MAX_VALUES} values, an object counted as {OBJECT_VALUES}; no document has so many")]
    TooManyValues,
    /// XML whose root is no document that is read.
    #[error("root element {found}; accepted are the documents of UBL and UN/CEFACT that docs/documents.md lists")]
    Root {
        /// Namespace and name.
        found: String,
    },
    /// No kind of document.
    #[error("unknown kind of document {found:?}; accepted are {kinds}", kinds = Kind::names())]
    Kind {
        /// As written.
        found: String,
    },
    /// A version beyond those that are read.
    #[error("{what} {found:?}; accepted is {accepted}")]
    Version {
        /// Of what.
        what: &'static str,
        /// As written.
        found: String,
        /// What is accepted.
        accepted: &'static str,
    },
    /// An element that may stand once.
    #[error("a second {0}; accepted is one")]
    Repeated(String),
    /// An indicator that is neither true nor false.
    #[error("{found:?} is no indicator; accepted are true and false")]
    Indicator {
        /// As written.
        found: String,
    },
    /// Two statements that cannot both be true.
    #[error("{0}")]
    Contradiction(String),
    /// A credit line of an invoice.
    #[error(
        "a credit line of {found}; accepted are zero and more, for goods that came back are not goods of this shipment"
    )]
    Credit {
        /// Amount or quantity as written.
        found: String,
    },
    /// Declarations that were all taken back.
    #[error("every declaration is retracted; accepted is one that stands")]
    Retracted,
    /// A credit note, which gives money back for goods that were invoiced before.
    #[error("a credit note; accepted are invoices, for a credit note's amounts are money given back")]
    CreditNote,
    /// JSON that does not parse.
    #[error("malformed JSON: {0}")]
    Json(String),
    /// A key that stands twice in one object.
    #[error("the key {0:?} stands twice; accepted is once")]
    DuplicateKey(String),
    /// A key that the format does not have.
    #[error("unknown key {found:?}; accepted are {accepted}")]
    UnknownKey {
        /// The key.
        found: String,
        /// The keys of this object.
        accepted: String,
    },
    /// A key that must be there.
    #[error("the key {0:?} is missing")]
    MissingKey(&'static str),
    /// A value of another type.
    #[error("found {found}; accepted is {accepted}")]
    Type {
        /// What is there.
        found: &'static str,
        /// What is accepted.
        accepted: &'static str,
    },
    /// More lines than so few bytes can say anything of. Only of a file with very many.
    #[error("{lines} lines and groups in {size} bytes; accepted are {accepted} bytes and more for each")]
    Hollow {
        /// Lines so far.
        lines: usize,
        /// Bytes of the file.
        size: usize,
        /// The least that a line takes.
        accepted: usize,
    },
    /// UN/EDIFACT that does not parse.
    #[error("malformed EDIFACT: {0}")]
    Edifact(String),
    /// A trailer that counts another number of segments or messages than there are.
    #[error("{tag} counts {declared:?} {what}, the file has {found}; accepted are counts that agree")]
    TrailerCount {
        /// `UNT` or `UNZ`.
        tag: &'static str,
        /// What it counts.
        what: &'static str,
        /// As written.
        declared: String,
        /// Those there are.
        found: u64,
    },
    /// A trailer that belongs to another header.
    #[error("{tag} has the reference {found:?}, its header {expected:?}; accepted is the same in both")]
    TrailerReference {
        /// `UNT` or `UNZ`.
        tag: &'static str,
        /// Reference of the trailer.
        found: String,
        /// Reference of the header.
        expected: String,
    },
    /// A message that is no document that is read.
    #[error("a message of type {found:?}; accepted are CUSCAR and IFTMCS")]
    MessageType {
        /// As written.
        found: String,
    },
    /// A message that is not the whole document.
    #[error(
        "message function {found:?}; accepted are 5, 6, 7, 9, 31 and 43, for other messages are not a whole document"
    )]
    MessageFunction {
        /// As written.
        found: String,
    },
    /// Several messages, each a document of its own.
    #[error("a second message; accepted is one in a file, for each is a document of its own")]
    SecondMessage,
    /// CSV that does not parse.
    #[error("malformed CSV: {0}")]
    Csv(String),
    /// A row with more or fewer fields than the heading.
    #[error("a row of {found} fields; accepted are {expected}, as many as the heading has")]
    Ragged {
        /// Fields of the row.
        found: u64,
        /// Fields of the heading.
        expected: u64,
    },
    /// A mapped column that the heading lacks.
    #[error("no column {name:?} in the heading, which has {heading}")]
    MissingColumn {
        /// The mapped column.
        name: String,
        /// The columns there are.
        heading: String,
    },
    /// Two columns of one name.
    #[error("two columns {0:?} in the heading; accepted is one of each name")]
    DuplicateColumn(String),
    /// A row that sums up others.
    #[error("a row of totals, {found:?}; accepted are rows of goods, for totals would count twice")]
    TotalsRow {
        /// The word that says so.
        found: String,
    },
    /// Rows that state a fact of the whole document differently.
    #[error("{fact}: {found:?} beside {other:?}; accepted is one in a document")]
    TwoValues {
        /// Name of the fact.
        fact: &'static str,
        /// In this row.
        found: String,
        /// In an earlier one.
        other: String,
    },
    /// An HS code that a spreadsheet may have shortened.
    #[error("hs: {found:?} has {digits} digits, as a code whose leading zero was lost; accepted is the whole code")]
    LostZero {
        /// As written.
        found: String,
        /// Digits found.
        digits: usize,
    },
    /// A workbook that is not read.
    #[error("malformed XLSX: {0}")]
    Xlsx(String),
    /// A workbook that unpacks to more than any list of goods.
    #[error("a workbook that unpacks to more than {max} bytes; accepted are at most {max}")]
    UnpacksTooLarge {
        /// The limit.
        max: u64,
    },
    /// A workbook in which several sheets may be the list.
    #[error("{found}; accepted is one visible sheet, or the one that a mapping names")]
    Sheets {
        /// The sheets there are.
        found: String,
    },
    /// A cell whose formula failed.
    #[error("the cell shows the error {found}; accepted are texts, numbers and dates")]
    CellError {
        /// As the spreadsheet shows it.
        found: String,
    },
    /// A table without a mapping.
    #[error("a mapping is needed to read a table")]
    NoMapping,
    /// A table that tells no mapping.
    #[error("no mapping can be proposed: {0}")]
    Guess(String),
    /// A mapping that is not read.
    #[error("malformed mapping: {0}")]
    Mapping(String),
    /// A figure.
    #[error("{fact}: {error}")]
    Quantity {
        /// Name of the fact.
        fact: String,
        /// Why.
        error: QuantityError,
    },
    /// A code.
    #[error("{fact}: {error}")]
    Code {
        /// Name of the fact.
        fact: String,
        /// Why.
        error: CodeError,
    },
    /// A date.
    #[error("{fact}: {found:?} is not a date; accepted is {accepted}")]
    Date {
        /// Name of the fact.
        fact: &'static str,
        /// As written.
        found: String,
        /// The form that is read.
        accepted: String,
    },
    /// Two currencies among the amounts that are used.
    #[error("{fact} in {found}, beside {other}; accepted is one currency in a document")]
    TwoCurrencies {
        /// Name of the fact.
        fact: &'static str,
        /// This currency.
        found: String,
        /// The document's.
        other: String,
    },
    /// Two UN numbers on one line.
    #[error("dangerous: {0} beside {1} on one line; accepted is one UN number a line")]
    TwoUnNumbers(String, String),
    /// Facts that make no document.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

impl Fault {
    /// [`Fault::Hollow`], if it is so. What is kept of a line that says nothing takes many times its bytes.
    pub(crate) fn hollow(lines: usize, size: usize, free: usize, accepted: usize) -> Option<Fault> {
        (lines > free && lines.saturating_mul(accepted) > size).then_some(Fault::Hollow { lines, size, accepted })
    }

    fn hint(&self) -> &'static str {
        match self {
            Fault::Empty => "check that the file was saved and copied whole",
            Fault::Oversize { .. } => "split the document, or leave attachments out of it and seal them beside it",
            Fault::Encoding { .. } => "save the file as UTF-8",
            Fault::UnknownFormat { .. } => "export the document as UBL XML or as CSV, and give CSV a mapping file",
            Fault::NoMapping => {
                "`consign import --guess` proposes a mapping; save it, look it over and give it with --mapping"
            }
            Fault::Guess(_) => "say the kind with --kind, or write the mapping by hand (docs/documents.md shows one)",
            Fault::TotalsRow { .. } => "remove the row, or state its figures as totals of the document in the mapping",
            Fault::TwoValues { .. } => "split the file into one file a document",
            Fault::LostZero { .. } => "store HS codes as texts, and write the lost zero again",
            Fault::Sheets { .. } => "name the sheet in the mapping: sheet = \"...\"",
            Fault::CellError { .. } => "correct the formula, and save the workbook again",
            Fault::UnpacksTooLarge { .. } => "save the list alone, without pictures and other sheets",
            Fault::Xml(_) | Fault::Json(_) | Fault::Yaml(_) | Fault::Csv(_) | Fault::Xlsx(_) | Fault::Edifact(_) => {
                "open the file at that place and correct it, or export it again"
            }
            Fault::TrailerCount { .. } | Fault::TrailerReference { .. } => {
                "ask for the file again: a part of it was lost, or two were mixed"
            }
            Fault::SecondMessage => "split the interchange into one file a message, each with its own UNB and UNZ",
            Fault::MessageFunction { .. } => {
                "ask for the message as an original or a replacement, which says everything"
            }
            Fault::YamlAlias => "write the values out where the aliases stand",
            Fault::Dtd => "remove the <!DOCTYPE ...> part; UBL needs none",
            Fault::TooDeep | Fault::TooManyValues | Fault::TooManyAttributes { .. } | Fault::Hollow { .. } => {
                "no trade document looks like this; ask the sender for another file"
            }
            Fault::Retracted => "ask for the declaration that replaces it",
            Fault::UnknownJson { .. }
            | Fault::Credential { .. }
            | Fault::Root { .. }
            | Fault::MessageType { .. }
            | Fault::Kind { .. }
            | Fault::Version { .. } => "ask for the document in a format that docs/documents.md lists",
            Fault::CreditNote => "seal the credit note beside the invoice; nothing can be proved about it",
            Fault::Credit { .. } => {
                "write the credit as a credit note, or leave credit lines out knowingly with --leave-out-credit-lines"
            }
            Fault::DuplicateKey(_) | Fault::UnknownKey { .. } | Fault::MissingKey(_) | Fault::Type { .. } => {
                "compare the file with the canonical document in docs/documents.md"
            }
            Fault::Ragged { .. } => "look for a stray delimiter or an unclosed quotation mark on that line",
            Fault::MissingColumn { .. } | Fault::DuplicateColumn(_) => {
                "make the mapping and the heading of the file agree, letter by letter"
            }
            Fault::Mapping(_) => "compare the mapping with the one in docs/documents.md",
            Fault::Quantity { .. } | Fault::Code { .. } | Fault::Date { .. } | Fault::Indicator { .. } => {
                "correct the fact in the document that the file was exported from"
            }
            Fault::TwoCurrencies { .. } => "state all amounts that are to be proved in one currency",
            Fault::TwoUnNumbers(..) => "split the line into one line a UN number",
            Fault::Repeated(_) | Fault::Contradiction(_) => "ask whoever issued the document which statement is right",
            Fault::Invalid(invalid) => invalid.fault.hint(),
        }
    }
}
