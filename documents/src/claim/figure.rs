//! Figures: numbers with units, dates and percentages, as whole numbers of the smallest unit. Exact: a figure that is
//! no whole number is refused, never rounded.

use super::{
    FIGURE_BITS, Ratio,
    error::{Fault, Problem},
    lexer::Token,
    parse,
};
use crate::profile::Content;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of figure a place takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FigureKind {
    /// A mass in kg, g, t or lb: a whole number of grams.
    Mass,
    /// Money with its currency's letters: a whole number of minor units.
    Money,
    /// A whole number: packages, lines.
    Number,
    /// A quantity, with a UN/ECE Recommendation 20 unit or without: a whole number of thousandths.
    Quantity,
    /// A day from 1970-01-01 on.
    Date,
    /// A percentage: from 0 to 100 as a share or tolerance, to 1000 as a factor.
    Percent,
    /// No figure: a list of codes, for a place in a list.
    Codes,
}

impl FigureKind {
    /// The kind that bounds a column of the content; `None` for codes.
    pub fn of(content: Content) -> Option<FigureKind> {
        match content {
            Content::Mass => Some(FigureKind::Mass),
            Content::Packages => Some(FigureKind::Number),
            Content::Quantity => Some(FigureKind::Quantity),
            Content::Money => Some(FigureKind::Money),
            Content::Date => Some(FigureKind::Date),
            _ => None,
        }
    }

    /// A figure of the kind, as one writes it.
    pub fn example(self) -> &'static str {
        match self {
            FigureKind::Mass => "26500 kg",
            FigureKind::Money => "250000 USD",
            FigureKind::Number => "12",
            FigureKind::Quantity => "1500 or 1500 MTR",
            FigureKind::Date => "2026-01-31",
            FigureKind::Percent => "40 %",
            FigureKind::Codes => "8471, 8473..8479",
        }
    }
}

impl fmt::Display for FigureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FigureKind::Mass => "a mass in kg, g, t or lb",
            FigureKind::Money => "an amount of money with its currency",
            FigureKind::Number => "a whole number",
            FigureKind::Quantity => "a quantity",
            FigureKind::Date => "a date",
            FigureKind::Percent => "a percentage",
            FigureKind::Codes => "a list of codes",
        })
    }
}

/// What a figure's whole number counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denomination {
    /// Grams.
    Grams,
    /// Minor units of the currency with these ISO 4217 letters.
    Currency(String),
    /// Packages or lines.
    Number,
    /// Thousandths of the unit with this Recommendation 20 code, if one was named, else of the documents' unit.
    Thousandths(Option<String>),
    /// Days since 1970-01-01.
    Days,
}

/// A figure as written.
#[derive(Clone, Debug)]
pub(super) struct FigureText {
    pub(super) at: usize,
    pub(super) amount: Written,
}

#[derive(Clone, Debug)]
pub(super) enum Written {
    Number(String, Option<(usize, String)>),
    Percent(String),
    Date(String),
    Parameter(String),
}

impl FigureText {
    /// As the text of a bound shows it.
    pub(super) fn text(&self) -> String {
        match &self.amount {
            Written::Number(number, None) | Written::Date(number) => number.clone(),
            Written::Number(number, Some((_, unit))) => format!("{number} {unit}"),
            Written::Percent(number) => format!("{number} %"),
            Written::Parameter(name) => format!("${name}"),
        }
    }

    fn describe(&self) -> String {
        match &self.amount {
            Written::Parameter(name) => Token::Parameter(name.clone()).describe(),
            _ => format!("{:?}", self.text()),
        }
    }
}

/// A figure understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Whole(i128, Denomination),
    Share(Ratio),
}

/// The value of a parameter: a figure of the kind, or codes. Which codes is for the claim to say.
pub(crate) fn check(kind: FigureKind, text: &str) -> Result<(), (usize, Problem)> {
    if kind == FigureKind::Codes {
        return parse::codes(text).map(|_| ());
    }
    figure(kind, &parse::figure(text)?).map(|_| ())
}

/// Understands a figure that is no parameter.
pub(super) fn figure(kind: FigureKind, text: &FigureText) -> Result<Figure, Fault> {
    let refuse = || (text.at, Problem::Figure { takes: kind, found: text.describe() });
    let at = |problem| (text.at, problem);
    match (kind, &text.amount) {
        (FigureKind::Percent, Written::Percent(number)) => share(number).map(Figure::Share).map_err(at),
        (FigureKind::Date, Written::Date(date)) => days(date).map(|d| Figure::Whole(d, Denomination::Days)).map_err(at),
        (FigureKind::Number, Written::Number(number, None)) => {
            whole(text, number, 1, "ones").map(|n| Figure::Whole(n, Denomination::Number))
        }
        (FigureKind::Number, Written::Number(_, Some((unit_at, unit)))) => {
            Err((*unit_at, Problem::Figure { takes: kind, found: format!("the unit {unit:?}") }))
        }
        (FigureKind::Quantity, Written::Number(number, unit)) => {
            if let Some((at, unit)) = unit
                && !super::codes::is_unit(unit)
            {
                let accepted = "a UN/ECE Recommendation 20 code such as KGM, MTR or H87";
                return Err((*at, Problem::Unit { what: "unit", found: unit.clone(), accepted }));
            }
            let denomination = Denomination::Thousandths(unit.as_ref().map(|(_, unit)| unit.clone()));
            whole(text, number, 1000, "thousandths").map(|n| Figure::Whole(n, denomination))
        }
        (FigureKind::Mass, Written::Number(number, Some((at, unit)))) => {
            // A pound is 453.59237 g: its figure counts hundred-thousandths of a gram.
            let (number, factor) = match unit.as_str() {
                "g" => (number.clone(), 1),
                "kg" => (number.clone(), 1000),
                "t" => (number.clone(), 1_000_000),
                "lb" => (shift(number, 5), 45_359_237),
                _ => {
                    let accepted = "kg, g, t or lb";
                    return Err((*at, Problem::Unit { what: "unit of mass", found: unit.clone(), accepted }));
                }
            };
            whole(text, &number, factor, "grams").map(|n| Figure::Whole(n, Denomination::Grams))
        }
        (FigureKind::Money, Written::Number(number, Some((at, letters)))) => {
            let Some((_, digits)) = super::codes::currency(letters) else {
                let accepted = "the three letters of an ISO 4217 currency, such as USD";
                return Err((*at, Problem::Unit { what: "currency", found: letters.clone(), accepted }));
            };
            let factor = 10u128.pow(digits);
            let of = format!("the minor unit of {letters}, which has {digits} decimals");
            whole(text, number, factor, &of).map(|n| Figure::Whole(n, Denomination::Currency(letters.clone())))
        }
        _ => Err(refuse()),
    }
}

/// The number divided by ten to the power `places`, as text.
fn shift(number: &str, places: usize) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let padded = format!("{whole:0>width$}", width = places + 1);
    let (whole, moved) = padded.split_at(padded.len() - places);
    format!("{whole}.{moved}{fraction}")
}

/// Digits without the point, and how many of them stood behind it. Thirty digits and five more fit 128 bits.
fn decimal(number: &str) -> Option<(u128, u32)> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    Some((digits.parse().ok()?, u32::try_from(fraction.len()).ok()?))
}

/// The number times the factor, if that is whole and below 2^72.
fn whole(text: &FigureText, number: &str, factor: u128, of: &str) -> Result<i128, Fault> {
    let large = || (text.at, Problem::TooLarge(text.text()));
    let (digits, scale) = decimal(number).ok_or_else(large)?;
    let divisor = 10u128.checked_pow(scale).ok_or_else(large)?;
    // Reduced before multiplying, so that nothing overflows that fits in the end.
    let common = num_integer::gcd(factor, divisor);
    let (factor, divisor) = (factor / common, divisor / common);
    if digits % divisor != 0 {
        return Err((text.at, Problem::NotWhole { found: text.text(), of: of.to_owned() }));
    }
    let figure = (digits / divisor).checked_mul(factor).filter(|n| n >> FIGURE_BITS == 0).ok_or_else(large)?;
    i128::try_from(figure).map_err(|_| large())
}

/// A percentage of at most a thousand, which is what a factor takes.
fn share(number: &str) -> Result<Ratio, Problem> {
    let over = || Problem::OverWhole(number.to_owned(), 1000);
    let (digits, scale) = decimal(number).ok_or_else(over)?;
    let divisor = 10u128.checked_pow(scale + 2).ok_or_else(over)?;
    if digits / 10 > divisor || digits / 10 == divisor && digits % 10 > 0 {
        return Err(over());
    }
    let common = num_integer::gcd(digits, divisor);
    let (p, q) = (digits / common, divisor / common);
    let weight = |n| u32::try_from(n).ok().filter(|n| n >> crate::filter::WEIGHT_BITS == 0);
    match (weight(p), weight(q)) {
        (Some(numerator), Some(denominator)) => Ok(Ratio { numerator, denominator }),
        _ => Err(Problem::FineShare(number.to_owned(), p, q)),
    }
}

fn days(text: &str) -> Result<i128, Problem> {
    let refuse = || Problem::Date(text.to_owned());
    let shape = text.len() == 10 && text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(7) == Some(&b'-');
    let date: jiff::civil::Date = text.parse().ok().filter(|_| shape).ok_or_else(refuse)?;
    let days = date.since(jiff::civil::date(1970, 1, 1)).map_err(|_| refuse())?.get_days();
    u32::try_from(days).map(i128::from).map_err(|_| refuse())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(text: &str) -> Result<i128, Problem> {
        match figure(FigureKind::Mass, &parse::figure(text).map_err(|(_, p)| p)?).map_err(|(_, p)| p)? {
            Figure::Whole(n, Denomination::Grams) => Ok(n),
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn masses_are_whole_grams() {
        assert_eq!(grams("26500 kg"), Ok(26_500_000));
        assert_eq!(grams("26.5 t"), Ok(26_500_000));
        assert_eq!(grams("0.0010 kg"), Ok(1));
        assert_eq!(grams("100000 lb"), Ok(45_359_237));
        assert_eq!(grams("1.00000 t"), Ok(1_000_000));
        assert!(matches!(grams("1 lb"), Err(Problem::NotWhole { .. })));
        assert!(matches!(grams("0.5 g"), Err(Problem::NotWhole { .. })));
        assert_eq!(grams("4722366482869645213695 g"), Ok((1 << 72) - 1));
        assert!(matches!(grams("4722366482869645213696 g"), Err(Problem::TooLarge(_))));
        assert!(matches!(grams("999999999999999999999999999999 t"), Err(Problem::TooLarge(_))));
        assert!(matches!(grams("999999999999999999999999999999 lb"), Err(Problem::NotWhole { .. })));
        assert!(matches!(grams("999999999999999999999999900000 lb"), Err(Problem::TooLarge(_))));
    }

    #[test]
    fn shares_are_ratios_in_lowest_terms() {
        assert_eq!(share("40"), Ok(Ratio { numerator: 2, denominator: 5 }));
        assert_eq!(share("12.5"), Ok(Ratio { numerator: 1, denominator: 8 }));
        assert_eq!(share("0"), Ok(Ratio { numerator: 0, denominator: 1 }));
        assert_eq!(share("100.0"), Ok(Ratio { numerator: 1, denominator: 1 }));
        assert_eq!(share("1000.0"), Ok(Ratio { numerator: 10, denominator: 1 }));
        assert_eq!(share("1000.01"), Err(Problem::OverWhole("1000.01".into(), 1000)));
        assert_eq!(share("33.33333"), Err(Problem::FineShare("33.33333".into(), 3_333_333, 10_000_000)));
        assert!(matches!(share("0.00000000000000000000000000001"), Err(Problem::FineShare(..))));
    }

    #[test]
    fn days_count_from_1970() {
        assert_eq!(days("1970-01-01"), Ok(0));
        assert_eq!(days("2026-01-01"), Ok(20_454));
        for wrong in ["1969-12-31", "2026-02-30", "2026-1-1", "99999-01-01"] {
            assert_eq!(days(wrong), Err(Problem::Date(wrong.into())));
        }
    }
}
