//! Code lists: countries (ISO 3166-1), currencies (ISO 4217), units (UN/ECE Recommendation 20), HS codes, UN numbers of
//! dangerous goods, criteria of origin and methods of weighing.
//!
//! In: codes as a document writes them. Out: the numbers that code columns hold. An unknown code is an error, never a
//! guess; an absent one is the importer's business. Source: `docs/documents.md`, "Codes".

use std::{fmt, sync::LazyLock};

use crate::quantity::shorten;

/// A code that is in no list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not a country.
    #[error("unknown country {found:?}; accepted are two letters of ISO 3166-1, such as VN")]
    Country {
        /// As written, shortened.
        found: String,
    },
    /// Not a currency with a minor unit.
    #[error("unknown currency {found:?}; accepted are three letters of ISO 4217 with a minor unit, such as USD")]
    Currency {
        /// As written, shortened.
        found: String,
    },
    /// Not a unit.
    #[error("unknown unit {found:?}; accepted are codes of UN/ECE Recommendation 20, such as KGM, C62 or XCT")]
    Unit {
        /// As written, shortened.
        found: String,
    },
    /// Not made of digits.
    #[error("{found:?} is not an HS code; accepted are 6 to 12 digits, with points or spaces between them")]
    HsForm {
        /// As written, shortened.
        found: String,
    },
    /// Fewer than six digits.
    #[error("HS code {found:?} has {digits} digits; accepted are 6 to 12")]
    HsShort {
        /// As written.
        found: String,
        /// Digits found.
        digits: usize,
    },
    /// A chapter or heading that the Harmonized System does not have.
    #[error(
        "HS code {found:?} names no group of the Harmonized System; accepted are chapters 01 to 99 without 77, headings from 01"
    )]
    HsGroup {
        /// As written.
        found: String,
    },
    /// Not a criterion of origin.
    #[error("unknown criterion of origin {found:?}; accepted are one to three capital letters and digits, such as WO")]
    Criterion {
        /// As written, shortened.
        found: String,
    },
    /// Neither yes nor no.
    #[error("{found:?} does not say whether goods originate; accepted are yes and no")]
    Originating {
        /// As written, shortened.
        found: String,
    },
    /// Not a method of weighing.
    #[error("unknown method of weighing {found:?}; accepted are SM1 (as a whole) and SM2 (by its parts)")]
    Method {
        /// As written, shortened.
        found: String,
    },
    /// Not a UN number.
    #[error("unknown dangerous goods {found:?}; accepted are \"none\" and UN numbers from UN0004 to UN3999")]
    Dangerous {
        /// As written, shortened.
        found: String,
    },
}

/// A country of ISO 3166-1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country(rust_iso3166::CountryCode);

impl Country {
    /// The country with these two capital letters.
    ///
    /// # Errors
    /// [`CodeError::Country`].
    pub fn new(letters: &str) -> Result<Country, CodeError> {
        let form = letters.len() == 2 && letters.bytes().all(|b| b.is_ascii_uppercase());
        let country = form.then(|| rust_iso3166::from_alpha2(letters)).flatten();
        // Origin columns take ten bits, of which 1023 stands for unknown; ISO numbers end at 894.
        country.filter(|c| c.numeric < 1_000).map(Country).ok_or_else(|| CodeError::Country { found: shorten(letters) })
    }
    /// The country with this number, if there is one.
    pub fn from_number(number: u16) -> Option<Country> {
        rust_iso3166::from_numeric(number).map(Country)
    }
    /// Two capital letters.
    pub fn letters(self) -> &'static str {
        self.0.alpha2
    }
    /// ISO 3166-1 numeric, below 1000.
    pub fn number(self) -> u16 {
        self.0.numeric
    }
    /// English short name.
    pub fn name(self) -> &'static str {
        self.0.name
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letters())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({})", self.letters())
    }
}

/// A currency of ISO 4217 that has a minor unit (gold and test codes have none).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with these three capital letters.
    ///
    /// # Errors
    /// [`CodeError::Currency`].
    pub fn new(letters: &str) -> Result<Currency, CodeError> {
        let form = letters.len() == 3 && letters.bytes().all(|b| b.is_ascii_uppercase());
        let currency = form.then(|| iso_currency::Currency::from_code(letters)).flatten();
        let usable = currency.filter(|c| c.exponent().is_some_and(|e| e <= 4));
        usable.map(Currency).ok_or_else(|| CodeError::Currency { found: shorten(letters) })
    }
    /// The currency with this number, if there is one with a minor unit.
    pub fn from_number(number: u16) -> Option<Currency> {
        iso_currency::Currency::from_numeric(number).and_then(|c| Currency::new(c.code()).ok())
    }
    /// Three capital letters.
    pub fn letters(self) -> &'static str {
        self.0.code()
    }
    /// ISO 4217 number.
    pub fn number(self) -> u16 {
        self.0.numeric()
    }
    /// Decimals of the minor unit, 0 to 4.
    pub fn exponent(self) -> u16 {
        self.0.exponent().unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letters())
    }
}

/// The codes of Recommendation 20 with the package codes of Recommendation 21 behind an X, sorted: those of its
/// current revision and those that UBL 2.0 listed and that later ones withdrew.
static UNITS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("codes/rec20.txt").split_ascii_whitespace().collect());

/// A unit of UN/ECE Recommendation 20: two or three capital letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unit {
    code: &'static str,
}

impl Unit {
    /// The unit with this code.
    ///
    /// # Errors
    /// [`CodeError::Unit`].
    pub fn new(code: &str) -> Result<Unit, CodeError> {
        let found = UNITS.binary_search(&code).ok().map(|at| UNITS[at]);
        found.map(|code| Unit { code }).ok_or_else(|| CodeError::Unit { found: shorten(code) })
    }
    /// The code's letters.
    pub fn letters(self) -> &'static str {
        self.code
    }
    /// The code as a number in base 37, digits 1 to 10 and letters 11 to 36: `EA` is 15 * 37 + 11. No two codes of up
    /// to three characters share one, the largest (`ZZZ`) is 50,652, and zero is none of them.
    pub fn number(self) -> u16 {
        base_37(self.code)
    }
    /// The unit with this number, if there is one.
    pub fn from_number(number: u16) -> Option<Unit> {
        UNITS.iter().map(|code| Unit { code }).find(|u| u.number() == number)
    }
    /// Whether the unit is a kind of package (Recommendation 21 behind an X).
    pub fn is_package(self) -> bool {
        self.code.len() == 3 && self.code.starts_with('X')
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unit({})", self.code)
    }
}

/// Up to three capital letters and digits as a number of base 37, digits 1 to 10 and letters 11 to 36.
fn base_37(code: &str) -> u16 {
    code.bytes()
        .fold(0, |n, b| n * 37 + u16::from(if b.is_ascii_digit() { b - b'0' + 1 } else { b.wrapping_sub(b'A') + 11 }))
}

/// The criterion by which goods originate, in the letters of their agreement: `A` to `D` (USMCA), `WO`, `PE`, `CTC` and
/// others (RCEP). Whether an agreement has it is not checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Criterion(String);

impl Criterion {
    /// The criterion of one to three capital letters and digits.
    ///
    /// # Errors
    /// [`CodeError::Criterion`].
    pub fn new(letters: &str) -> Result<Criterion, CodeError> {
        let form = letters.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let read = (form && (1..=3).contains(&letters.len())).then(|| Criterion(letters.to_owned()));
        read.ok_or_else(|| CodeError::Criterion { found: shorten(letters) })
    }
    /// The criterion with this number, if it is one.
    pub fn from_number(number: u16) -> Option<Criterion> {
        let digits = [number / 1369, number / 37 % 37, number % 37];
        let letter = |d: u16| char::from_digit(u32::from(d).checked_sub(1)?, 36).map(|c| c.to_ascii_uppercase());
        let letters: Option<String> = digits.into_iter().skip_while(|d| *d == 0).map(letter).collect();
        letters.and_then(|letters| Criterion::new(&letters).ok())
    }
    /// Its letters.
    pub fn letters(&self) -> &str {
        &self.0
    }
    /// As column `c2` holds it: the number that the same letters have as a unit.
    pub fn number(&self) -> u16 {
        base_37(&self.0)
    }
}

/// How the verified gross mass of a loaded container was found (SOLAS, chapter VI, regulation 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Method 1: the loaded container was weighed.
    Whole,
    /// Method 2: its contents were weighed, and the mass of the empty container added.
    Parts,
}

impl Method {
    /// Reads `SM1` or `SM2`, the codes of UN/EDIFACT VERMAS.
    ///
    /// # Errors
    /// [`CodeError::Method`].
    pub fn new(code: &str) -> Result<Method, CodeError> {
        match code {
            "SM1" => Ok(Method::Whole),
            "SM2" => Ok(Method::Parts),
            _ => Err(CodeError::Method { found: shorten(code) }),
        }
    }
    /// Its code.
    pub fn letters(self) -> &'static str {
        match self {
            Method::Whole => "SM1",
            Method::Parts => "SM2",
        }
    }
    /// What the column holds, 1 or 2.
    pub fn number(self) -> u16 {
        match self {
            Method::Whole => 1,
            Method::Parts => 2,
        }
    }
}

/// An HS code as written, of which the first six digits count. Nationally the system has up to twelve.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HsCode {
    written: String,
    groups: [u8; 3],
}

impl HsCode {
    /// Reads `152190`, `15219000`, `1521.90.00` or `1521 90 00`.
    ///
    /// # Errors
    /// [`CodeError::HsForm`], [`CodeError::HsShort`] or [`CodeError::HsGroup`].
    pub fn new(written: &str) -> Result<HsCode, CodeError> {
        let digits: Vec<u8> = written.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        let between = |b: u8| b.is_ascii_digit() || b == b'.' || b == b' ';
        let ends = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_digit());
        let form = written.bytes().all(between) && ends(written.bytes().next()) && ends(written.bytes().next_back());
        if !form || digits.len() > 12 || written.len() > 24 {
            return Err(CodeError::HsForm { found: shorten(written) });
        }
        let [a, b, c, d, e, f, ..] = digits[..] else {
            return Err(CodeError::HsShort { found: written.into(), digits: digits.len() });
        };
        let groups = [a * 10 + b, c * 10 + d, e * 10 + f];
        // Chapter 77 is reserved by the WCO, 98 and 99 are the parties' own; no heading is numbered 00.
        if matches!(groups[0], 0 | 77) || groups[1] == 0 {
            return Err(CodeError::HsGroup { found: written.into() });
        }
        Ok(HsCode { written: written.to_owned(), groups })
    }
    /// As written in the document.
    pub fn written(&self) -> &str {
        &self.written
    }
    /// Chapter, heading within it, subheading within that: each below 100.
    pub fn groups(&self) -> [u8; 3] {
        self.groups
    }
}

impl fmt::Display for HsCode {
    /// Six digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.groups;
        write!(f, "{a:02}{b:02}{c:02}")
    }
}

/// What a line says on dangerous goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dangerous {
    /// Declared free of them.
    None,
    /// A UN number, 4 to 3999.
    Un(u16),
}

impl Dangerous {
    /// Reads the canonical form, `none` or `UN3481`.
    ///
    /// # Errors
    /// [`CodeError::Dangerous`].
    pub fn new(text: &str) -> Result<Dangerous, CodeError> {
        let number = match text {
            "none" => return Ok(Dangerous::None),
            _ => text.strip_prefix("UN"),
        };
        Dangerous::un(number.unwrap_or_default()).map_err(|_| CodeError::Dangerous { found: shorten(text) })
    }
    /// Reads the four digits of a UN number.
    ///
    /// # Errors
    /// [`CodeError::Dangerous`].
    pub fn un(digits: &str) -> Result<Dangerous, CodeError> {
        let form = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
        let number = form.then(|| digits.parse().ok()).flatten().filter(|n| (4..=3999).contains(n));
        number.map(Dangerous::Un).ok_or_else(|| CodeError::Dangerous { found: shorten(digits) })
    }
    /// What the column holds: 0 for none.
    pub fn number(self) -> u16 {
        match self {
            Dangerous::None => 0,
            Dangerous::Un(number) => number,
        }
    }
}

impl fmt::Display for Dangerous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dangerous::None => f.write_str("none"),
            Dangerous::Un(number) => write!(f, "UN{number:04}"),
        }
    }
}
