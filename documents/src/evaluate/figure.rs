//! Figures as a person reads them: `26450.5 kg`, `1 of 40 lines against it`.

use crate::claim::{Denomination, currency};
use std::fmt;

/// The figure that a bound is compared with. Secret until it is disclosed: it prints in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A sum, or a header fact of a single document, in the denomination's smallest unit.
    Amount {
        /// The number; below zero where a sum is subtracted.
        amount: i128,
        /// What it counts.
        denomination: Denomination,
    },
    /// The two sums of a comparison.
    Pair {
        /// The sum on the left.
        left: i128,
        /// The sum on the right.
        right: i128,
        /// What both count.
        denomination: Denomination,
    },
    /// A part of a whole that is not zero.
    Share {
        /// The part.
        part: u128,
        /// The whole.
        whole: u128,
    },
    /// Goods lines that meet a condition.
    Lines(usize),
    /// Goods lines that do not meet what every line must.
    Against {
        /// How many do not.
        against: usize,
        /// Out of how many.
        of: usize,
    },
    /// Documents that do not meet what every document must.
    AgainstDocuments {
        /// How many do not.
        against: usize,
        /// Out of how many.
        of: usize,
    },
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Amount { amount, denomination } => write_amount(f, *amount, denomination),
            Figure::Pair { left, right, denomination } => {
                write_amount(f, *left, denomination)?;
                f.write_str(" and ")?;
                write_amount(f, *right, denomination)
            }
            Figure::Share { part, whole } => {
                // Rounded down to a hundredth of a percent: a figure to read, the bound is compared exactly.
                let hundredths = part.saturating_mul(10_000) / (*whole).max(1);
                write_decimal(f, hundredths, 2)?;
                f.write_str(" %")
            }
            Figure::Lines(1) => f.write_str("1 line"),
            Figure::Lines(n) => write!(f, "{n} lines"),
            Figure::Against { against: 0, of } => write!(f, "all {of} lines"),
            Figure::Against { against, of } => write!(f, "not {against} of {of} lines"),
            Figure::AgainstDocuments { against: 0, of } => write!(f, "all {of} documents"),
            Figure::AgainstDocuments { against, of } => write!(f, "not {against} of {of} documents"),
        }
    }
}

fn write_amount(f: &mut fmt::Formatter<'_>, amount: i128, denomination: &Denomination) -> fmt::Result {
    if amount < 0 {
        f.write_str("-")?;
    }
    let amount = amount.unsigned_abs();
    match denomination {
        Denomination::Grams => {
            write_decimal(f, amount, 3)?;
            f.write_str(" kg")
        }
        Denomination::Currency(letters) => {
            let decimals = currency(letters).map_or(0, |(_, decimals)| decimals);
            let unit = 10u128.pow(decimals);
            // Money shows all of its decimals, or none when they are zero.
            if amount.is_multiple_of(unit) {
                write!(f, "{} {letters}", amount / unit)
            } else {
                write!(f, "{}.{:0width$} {letters}", amount / unit, amount % unit, width = decimals as usize)
            }
        }
        Denomination::Number => write!(f, "{amount}"),
        Denomination::Thousandths(unit) => {
            write_decimal(f, amount, 3)?;
            unit.as_ref().map_or(Ok(()), |unit| write!(f, " {unit}"))
        }
        Denomination::Days => {
            let day = i64::try_from(amount).ok().and_then(|days| {
                jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
            });
            match day {
                Some(day) => write!(f, "{day}"),
                None => write!(f, "day {amount}"),
            }
        }
    }
}

/// The number divided by ten to the power `decimals`, without trailing zeros.
fn write_decimal(f: &mut fmt::Formatter<'_>, number: u128, decimals: u32) -> fmt::Result {
    let unit = 10u128.pow(decimals);
    let fraction = format!("{:0width$}", number % unit, width = decimals as usize);
    match fraction.trim_end_matches('0') {
        "" => write!(f, "{}", number / unit),
        fraction => write!(f, "{}.{fraction}", number / unit),
    }
}
