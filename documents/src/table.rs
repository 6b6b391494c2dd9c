//! The table: what a document becomes before any cryptography sees it.
//!
//! In: facts of a [`Document`](crate::document::Document), through its profile. Out: [`Row`]s, each of which fits one
//! element of BN254's scalar field. The circuits know tables, never documents. Source: design section 4 and
//! `docs/format.md`, "Row".

use std::fmt;

/// Bits of a measure: grams, thousandths of a unit, minor units of a currency or packages.
pub const MEASURE_BITS: u32 = 47;
/// Measures of a row.
pub const MEASURES: usize = 4;
/// Bits of the origin column (ISO 3166-1 numeric).
pub const ORIGIN_BITS: u32 = 10;
/// Bits of the code columns `c2` and `c3`.
pub const CODE_BITS: u32 = 16;
/// Bits of one two-digit group of an HS code; a group is below 100.
pub const HS_GROUP_BITS: u32 = 7;
/// Bits of a whole row, below BN254's 254-bit scalar modulus with one bit to spare.
pub const ROW_BITS: u32 = 2 + 4 * MEASURE_BITS + ORIGIN_BITS + 2 * CODE_BITS + 3 * HS_GROUP_BITS;

/// What a row is. The value 3 of its two bits is impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum RowKind {
    /// Fills the last block; counts nowhere.
    #[default]
    Empty,
    /// A goods line.
    Goods,
    /// The header facts; exactly one in each document.
    Document,
}

impl RowKind {
    /// The two bits of the kind as a number: 0, 1 or 2.
    pub fn code(self) -> u8 {
        match self {
            RowKind::Empty => 0,
            RowKind::Goods => 1,
            RowKind::Document => 2,
        }
    }
}

/// A fact that does not fit its column of the row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{column} of {value} does not fit its column, which takes 0 to {max}")]
pub struct OutOfRange {
    /// Name of the column.
    pub column: &'static str,
    /// What was given.
    pub value: u64,
    /// The largest value the column takes.
    pub max: u64,
}

/// One row of a table: every column within its width, by construction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Row {
    kind: RowKind,
    measures: [u64; MEASURES],
    origin: u16,
    c2: u16,
    c3: u16,
    hs: [u8; 3],
}

impl Row {
    /// A row of the given columns.
    ///
    /// # Errors
    /// [`OutOfRange`] when a measure has more than 47 bits, the origin more than 10, or an HS group is above 99.
    pub fn new(
        kind: RowKind,
        measures: [u64; MEASURES],
        origin: u16,
        codes: [u16; 2],
        hs: [u8; 3],
    ) -> Result<Row, OutOfRange> {
        const NAMES: [&str; MEASURES] = ["measure 0", "measure 1", "measure 2", "measure 3"];
        let below =
            |column, value: u64, max: u64| (value <= max).then_some(()).ok_or(OutOfRange { column, value, max });
        for (name, m) in NAMES.iter().zip(measures) {
            below(name, m, (1 << MEASURE_BITS) - 1)?;
        }
        below("origin", origin.into(), (1 << ORIGIN_BITS) - 1)?;
        for group in hs {
            below("HS group", group.into(), 99)?;
        }
        Ok(Row { kind, measures, origin, c2: codes[0], c3: codes[1], hs })
    }

    /// The row that fills a block: all zero, counted by no filter.
    pub const EMPTY: Row = Row { kind: RowKind::Empty, measures: [0; 4], origin: 0, c2: 0, c3: 0, hs: [0; 3] };

    /// Kind of the row.
    pub fn kind(&self) -> RowKind {
        self.kind
    }
    /// The four measures, 47 bits each.
    pub fn measures(&self) -> [u64; MEASURES] {
        self.measures
    }
    /// The origin column.
    pub fn origin(&self) -> u16 {
        self.origin
    }
    /// The code columns `c2` and `c3`.
    pub fn codes(&self) -> [u16; 2] {
        [self.c2, self.c3]
    }
    /// The HS code as three two-digit groups, each below 100.
    pub fn hs(&self) -> [u8; 3] {
        self.hs
    }

    /// What a class test on `code` sees in this row.
    pub fn code(&self, code: Code) -> u32 {
        let [a, b, c] = self.hs.map(u32::from);
        match code {
            Code::Origin => self.origin.into(),
            Code::Hs2 => a,
            Code::Hs4 => a * 100 + b,
            Code::Hs6 => a * 10_000 + b * 100 + c,
            Code::C2 => self.c2.into(),
            Code::C3 => self.c3.into(),
        }
    }

    /// The row's bits, least significant first: kind (2), m0 to m3 (47 each), origin (10), c2, c3 (16 each), the HS
    /// groups from chapter to subheading (7 each). The row's field element is the number with these bits.
    pub fn bits(&self) -> [bool; ROW_BITS as usize] {
        let mut bits = [false; ROW_BITS as usize];
        let mut at = 0;
        let mut put = |value: u64, width: u32| {
            for i in 0..width {
                bits[at] = value >> i & 1 == 1;
                at += 1;
            }
        };
        put(self.kind.code().into(), 2);
        self.measures.iter().for_each(|&m| put(m, MEASURE_BITS));
        put(self.origin.into(), ORIGIN_BITS);
        put(self.c2.into(), CODE_BITS);
        put(self.c3.into(), CODE_BITS);
        self.hs.iter().for_each(|&g| put(g.into(), HS_GROUP_BITS));
        bits
    }
}

impl fmt::Debug for Row {
    /// Rows are secret: only the kind shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({:?}, ..)", self.kind)
    }
}

/// Which of a row's codes a class test looks at. The discriminants are in the digest of a filter set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// ISO 3166-1 numeric.
    Origin = 0,
    /// HS chapter, 0 to 99.
    Hs2 = 1,
    /// HS heading, 0 to 9999.
    Hs4 = 2,
    /// HS subheading, 0 to 999999.
    Hs6 = 3,
    /// First code column of the profile.
    C2 = 4,
    /// Second code column of the profile.
    C3 = 5,
}

impl Code {
    /// All codes, in the order of their discriminants.
    pub const ALL: [Code; 6] = [Code::Origin, Code::Hs2, Code::Hs4, Code::Hs6, Code::C2, Code::C3];
}

/// The rows of one document: its document row first, then its goods lines in order. Never empty rows: those are the
/// blocks' business.
#[derive(Clone, PartialEq, Eq)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// A table of one document row and its goods rows; `None` when a row is of another kind than its place asks for.
    pub fn new(document: Row, goods: Vec<Row>) -> Option<Table> {
        if document.kind != RowKind::Document || goods.iter().any(|row| row.kind != RowKind::Goods) {
            return None;
        }
        let mut rows = goods;
        rows.insert(0, document);
        Some(Table { rows })
    }

    /// All rows, the document row first.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} rows)", self.rows.len())
    }
}
