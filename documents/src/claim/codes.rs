//! Lists of codes: countries, HS codes, UN numbers, containers, units and currencies, as the columns hold them.

use super::error::Problem;
use crate::{
    codes::{Country, Criterion, Currency, Dangerous, Method, Unit},
    profile::Content,
};

/// Most codes of a list, named or written out.
pub(crate) const MAX_CODES: usize = 10_000;

/// A list in a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeList {
    /// The codes in the order written, named lists in place; repeats and overlaps are kept.
    pub items: Vec<CodeItem>,
    /// As written: `CN, VN, @rcep`.
    pub text: String,
}

/// One code of a list, or a range of HS codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeItem {
    /// The number that the column holds for the code.
    Code(u32),
    /// HS codes of 2, 4 or 6 digits, from the first to the last, and all that start with one of them.
    Hs {
        /// 2, 4 or 6.
        digits: u8,
        /// First code.
        from: u32,
        /// Last code, not before the first.
        to: u32,
    },
}

/// The item as one would write it.
pub(crate) fn spelled(content: Content, item: &CodeItem) -> String {
    let code = match *item {
        CodeItem::Hs { digits, from, to } => {
            let width = usize::from(digits);
            let first = format!("{from:0width$}");
            return if from == to { first } else { format!("{first}..{to:0width$}") };
        }
        CodeItem::Code(code) => code,
    };
    if content.none_code() == Some(code) {
        return "none".into();
    }
    let number = u16::try_from(code).ok();
    let letters = match content {
        Content::Country => number.and_then(Country::from_number).map(|c| c.to_string()),
        Content::Currency => number.and_then(Currency::from_number).map(|c| c.to_string()),
        Content::Unit => number.and_then(Unit::from_number).map(|c| c.to_string()),
        Content::Dangerous => Some(format!("UN{code:04}")),
        Content::Originating => Some(if code == 0 { "no" } else { "yes" }.to_owned()),
        Content::Criterion => number.and_then(Criterion::from_number).map(|c| c.letters().to_owned()),
        Content::Method => Some(format!("SM{code}")),
        _ => None,
    };
    letters.unwrap_or_else(|| code.to_string())
}

/// Reads one item of a list.
pub(super) fn item(content: Content, from: &str, to: Option<&str>) -> Result<CodeItem, Problem> {
    if from == "none"
        && to.is_none()
        && let Some(none) = content.none_code()
    {
        return Ok(CodeItem::Code(none));
    }
    if content == Content::Hs {
        return hs(from, to);
    }
    if to.is_some() {
        return Err(Problem::CodeRange);
    }
    let (code, accepted) = match content {
        Content::Country => {
            (Country::new(from).ok().map(|c| c.number().into()), "the two letters of an ISO 3166-1 country, such as VN")
        }
        Content::Currency => (currency(from).map(|(n, _)| n), "the three letters of an ISO 4217 currency, such as USD"),
        Content::Dangerous => {
            let number = Dangerous::un(from.strip_prefix("UN").unwrap_or(from)).ok();
            (number.map(|n| n.number().into()), "a UN number from UN0004 to UN3999, or none")
        }
        Content::Container => (container(from), "the number of a container, 1 to 65534, or none"),
        Content::Unit => {
            (Unit::new(from).ok().map(|u| u.number().into()), "a UN/ECE Recommendation 20 code, such as KGM")
        }
        Content::Originating => (["no", "yes"].iter().zip(0..).find(|(w, _)| **w == from).map(|w| w.1), "yes or no"),
        Content::Criterion => (
            Criterion::new(from).ok().map(|c| c.number().into()),
            "one to three capital letters and digits, such as WO",
        ),
        Content::Method => (Method::new(from).ok().map(|m| m.number().into()), "SM1 or SM2"),
        _ => (None, "a code"),
    };
    code.map(CodeItem::Code).ok_or_else(|| Problem::Code { found: from.to_owned(), accepted })
}

fn hs(from: &str, to: Option<&str>) -> Result<CodeItem, Problem> {
    let accepted = "an HS code of 2, 4 or 6 digits, chapter 01 to 99";
    let read = |text: &str| {
        let refuse = || Problem::Code { found: text.to_owned(), accepted };
        // 8471.30 is how tariffs print it.
        let plain = if text.len() == 7 && text.as_bytes().get(4) == Some(&b'.') {
            text.replacen('.', "", 1)
        } else {
            text.to_owned()
        };
        let digits = match plain.len() {
            2 => 2,
            4 => 4,
            6 => 6,
            _ => return Err(refuse()),
        };
        let numeric = plain.bytes().all(|b| b.is_ascii_digit()) && !plain.starts_with("00");
        let code: u32 = plain.parse().ok().filter(|_| numeric).ok_or_else(refuse)?;
        Ok((digits, code))
    };
    let first = read(from)?;
    let last = to.map_or(Ok(first), read)?;
    if first.0 != last.0 || first.1 > last.1 {
        return Err(Problem::HsRange { from: from.to_owned(), to: to.unwrap_or(from).to_owned() });
    }
    Ok(CodeItem::Hs { digits: first.0, from: first.1, to: last.1 })
}

/// ISO 4217 number and decimals of a currency.
pub(crate) fn currency(letters: &str) -> Option<(u32, u32)> {
    let currency = Currency::new(letters).ok()?;
    Some((currency.number().into(), currency.exponent().into()))
}

fn container(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|n| plain && (1..65_535).contains(n))
}

/// Whether the text is a Recommendation 20 code.
pub(super) fn is_unit(text: &str) -> bool {
    Unit::new(text).is_ok()
}
