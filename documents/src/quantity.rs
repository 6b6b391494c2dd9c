//! Figures of trade documents: exact decimals, masses, money, packages and quantities.
//!
//! In: numerals as a document writes them. Out: whole grams, minor units, packages and thousandths, which is what the
//! columns of a table hold. No floating point anywhere; only masses round, half to even, to the gram. Source: design
//! section 4, `docs/documents.md`, "Figures"; units by UN/ECE Recommendation 20, minor units by ISO 4217.

use std::{fmt, str::FromStr};

use bigdecimal::{BigDecimal, RoundingMode, num_bigint::BigInt};

use crate::{codes::Currency, table::MEASURE_BITS};

/// The longest numeral that is read, in characters: bounds the work that one hostile figure can cause.
pub const MAX_NUMERAL: usize = 40;

/// A figure that is not read, or does not fit its column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a plain decimal numeral.
    #[error("{found:?} is not a decimal number; accepted are digits with at most one point, such as 1241.30")]
    NotDecimal {
        /// As written, shortened.
        found: String,
    },
    /// Too many characters.
    #[error("a number of {length} characters; accepted are at most {MAX_NUMERAL}")]
    TooLong {
        /// Characters found.
        length: usize,
    },
    /// Below zero.
    #[error("{found} is negative; accepted are zero and more")]
    Negative {
        /// As written.
        found: String,
    },
    /// Not a unit of mass that is known.
    #[error("unknown unit of mass {found:?}; accepted are {}", MassUnit::ACCEPTED)]
    UnknownMassUnit {
        /// As written, shortened.
        found: String,
    },
    /// A part of a package.
    #[error("{found} packages; accepted are whole packages")]
    Fraction {
        /// As written.
        found: String,
    },
    /// Money finer than the currency's minor unit.
    #[error("{found} {currency} does not fit the minor unit of {currency}, which has {exponent} decimals")]
    MinorUnit {
        /// As written.
        found: String,
        /// ISO 4217 letters.
        currency: &'static str,
        /// Decimals of the currency.
        exponent: u16,
    },
    /// A quantity finer than a thousandth of its unit.
    #[error("a quantity of {found} is finer than a thousandth of the unit; accepted are at most three decimals")]
    Thousandth {
        /// As written.
        found: String,
    },
    /// A figure of 2^47 or more in the unit of its column.
    #[error("{found} is too large; accepted is below 2^47 {unit}, that is at most {} {unit}", MAX_MEASURE)]
    TooLarge {
        /// As written.
        found: String,
        /// Unit of the column: grams, minor units, packages or thousandths.
        unit: &'static str,
    },
}

/// The largest figure that a measure of a row holds.
pub const MAX_MEASURE: u64 = (1 << MEASURE_BITS) - 1;

/// What is shown of a hostile string.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_NUMERAL) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A non-negative decimal as written: digits, at most one point with digits on both sides, no exponent, no sign, no
/// leading zeros, at most [`MAX_NUMERAL`] characters. Trailing zeros stay, for they say how finely something was
/// measured.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(String);

impl Decimal {
    /// Reads the canonical form, refusing every other spelling of the same figure.
    ///
    /// # Errors
    /// As for [`Decimal::read`], and `NotDecimal` for a spelling that [`Decimal::read`] would change.
    pub fn new(text: &str) -> Result<Decimal, QuantityError> {
        let read = Decimal::read(text)?;
        if read.0 == text { Ok(read) } else { Err(QuantityError::NotDecimal { found: text.into() }) }
    }

    /// Reads the form of XML Schema's `xs:decimal`, as other people's files write it: white space around, a plus sign,
    /// leading zeros and a missing digit on one side of the point are tolerated and dropped.
    ///
    /// # Errors
    /// `TooLong`, `NotDecimal`, or `Negative` for a figure below zero ("-0.00" is zero).
    pub fn read(text: &str) -> Result<Decimal, QuantityError> {
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        if text.len() > MAX_NUMERAL {
            return Err(QuantityError::TooLong { length: text.chars().count() });
        }
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(part) || whole.len() + part.len() == 0 {
            return Err(QuantityError::NotDecimal { found: shorten(text) });
        }
        if negative && digits.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            return Err(QuantityError::Negative { found: text.into() });
        }
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            kept => kept,
        };
        Ok(Decimal(if part.is_empty() { whole.into() } else { format!("{whole}.{part}") }))
    }

    /// As it stands in the canonical document.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The exact value.
    pub fn value(&self) -> BigDecimal {
        // Digits and one point always parse; the length was bounded above.
        BigDecimal::from_str(&self.0).unwrap_or_default()
    }

    /// The figure times `10^decimals` as a measure, which must be exact: minor units of money, thousandths of a unit,
    /// or whole packages with no decimals.
    fn scaled(&self, decimals: u32) -> Result<u64, ScaleError> {
        let scaled = self.value() * BigDecimal::from(10u64.pow(decimals));
        if !scaled.is_integer() {
            return Err(ScaleError::Inexact);
        }
        measure(&scaled).ok_or(ScaleError::TooLarge)
    }

    /// Whole packages.
    ///
    /// # Errors
    /// `Fraction`, or `TooLarge` from 2^47.
    pub fn packages(&self) -> Result<u64, QuantityError> {
        self.scaled(0).map_err(|e| match e {
            ScaleError::Inexact => QuantityError::Fraction { found: self.0.clone() },
            ScaleError::TooLarge => QuantityError::TooLarge { found: self.0.clone(), unit: "packages" },
        })
    }

    /// Money in minor units of the currency: 1241.30 USD is 124,130.
    ///
    /// # Errors
    /// `MinorUnit` when the figure is finer than the currency allows, or `TooLarge` from 2^47 minor units.
    pub fn minor_units(&self, currency: Currency) -> Result<u64, QuantityError> {
        let exponent = currency.exponent();
        self.scaled(exponent.into()).map_err(|e| match e {
            ScaleError::Inexact => {
                QuantityError::MinorUnit { found: self.0.clone(), currency: currency.letters(), exponent }
            }
            ScaleError::TooLarge => QuantityError::TooLarge { found: self.0.clone(), unit: "minor units" },
        })
    }

    /// Thousandths of a unit.
    ///
    /// # Errors
    /// `Thousandth` for a finer figure, or `TooLarge` from 2^47 thousandths.
    pub fn thousandths(&self) -> Result<u64, QuantityError> {
        self.scaled(3).map_err(|e| match e {
            ScaleError::Inexact => QuantityError::Thousandth { found: self.0.clone() },
            ScaleError::TooLarge => QuantityError::TooLarge { found: self.0.clone(), unit: "thousandths" },
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

enum ScaleError {
    Inexact,
    TooLarge,
}

/// A whole, non-negative figure as a measure of a row.
fn measure(value: &BigDecimal) -> Option<u64> {
    let (digits, _) = value.with_scale(0).into_bigint_and_scale();
    u64::try_from(digits).ok().filter(|&m| m <= MAX_MEASURE)
}

/// A unit of mass, with its exact weight in grams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MassUnit {
    /// Milligram, `MGM`.
    Milligram,
    /// Gram, `GRM`.
    Gram,
    /// Kilogram, `KGM`.
    Kilogram,
    /// Metric ton, `TNE`.
    Tonne,
    /// Avoirdupois pound, `LBR`: 453.59237 g (international yard and pound agreement, 1959).
    Pound,
    /// Avoirdupois ounce, `ONZ`: a sixteenth of a pound.
    Ounce,
}

impl MassUnit {
    const ACCEPTED: &'static str = "KGM, GRM, MGM, TNE, LBR, ONZ, and kg, g, mg, t, lb, lbs, oz";

    /// The unit of a Recommendation 20 code or of a spelling in daily use, exactly as listed in `docs/documents.md`.
    /// Letter case matters, except for `KG`, `LB` and `LBS`, which scales print: `T` or `G` alone might mean anything.
    pub fn read(text: &str) -> Option<MassUnit> {
        Some(match text {
            "MGM" | "mg" => MassUnit::Milligram,
            "GRM" | "g" => MassUnit::Gram,
            "KGM" | "kg" | "KG" | "Kg" => MassUnit::Kilogram,
            "TNE" | "t" => MassUnit::Tonne,
            "LBR" | "lb" | "lbs" | "LB" | "LBS" => MassUnit::Pound,
            "ONZ" | "oz" => MassUnit::Ounce,
            _ => return None,
        })
    }

    /// Grams in one unit: an integer and the power of ten it is divided by.
    fn grams(self) -> (u64, i64) {
        match self {
            MassUnit::Milligram => (1, 3),
            MassUnit::Gram => (1, 0),
            MassUnit::Kilogram => (1_000, 0),
            MassUnit::Tonne => (1_000_000, 0),
            MassUnit::Pound => (45_359_237, 5),
            MassUnit::Ounce => (28_349_523_125, 9),
        }
    }
}

/// A mass: figure and unit as written, and the grams they make.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mass {
    value: Decimal,
    unit: String,
    grams: u64,
}

impl Mass {
    /// The mass of a figure in a unit.
    ///
    /// # Errors
    /// `UnknownMassUnit`, or `TooLarge` from 2^47 grams (about 140 million tonnes).
    pub fn new(value: Decimal, unit: &str) -> Result<Mass, QuantityError> {
        let known = MassUnit::read(unit).ok_or_else(|| QuantityError::UnknownMassUnit { found: shorten(unit) })?;
        let exact = exact_grams(&value, known);
        let grams = round_to_gram(&exact)
            .ok_or_else(|| QuantityError::TooLarge { found: format!("{value} {unit}"), unit: "grams" })?;
        Ok(Mass { value, unit: unit.to_owned(), grams })
    }

    /// The figure as written.
    pub fn value(&self) -> &Decimal {
        &self.value
    }
    /// The unit as written.
    pub fn unit(&self) -> &str {
        &self.unit
    }
    /// Grams, rounded half to even; below 2^47.
    pub fn grams(&self) -> u64 {
        self.grams
    }
    /// Grams before rounding.
    pub fn exact_grams(&self) -> BigDecimal {
        // The unit was recognised when the mass was made.
        MassUnit::read(&self.unit).map(|unit| exact_grams(&self.value, unit)).unwrap_or_default()
    }
}

impl fmt::Display for Mass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value, self.unit)
    }
}

fn exact_grams(value: &Decimal, unit: MassUnit) -> BigDecimal {
    let (numerator, scale) = unit.grams();
    value.value() * BigDecimal::new(BigInt::from(numerator), scale)
}

/// Rounds half to even; `None` from 2^47 grams.
pub(crate) fn round_to_gram(exact: &BigDecimal) -> Option<u64> {
    measure(&exact.with_scale_round(0, RoundingMode::HalfEven))
}
