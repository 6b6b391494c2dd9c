//! What several importers make of imperfect facts: placeholders, and units as people write them.
//!
//! In: text as somebody's system exported it. Out: a fact, or that it says nothing. Source: `docs/documents.md`,
//! "Imperfect data".

use crate::codes::{CodeError, Unit};

/// Words that stand where a fact should: what templates, schema tools and clerks write for "not filled in".
const PLACEHOLDERS: [&str; 12] =
    ["n/a", "na", "n.a.", "tba", "tbd", "tbn", "none given", "unknown", "normalizedstring", "string", "null", "?"];

/// Whether a text stands for a fact that was not filled in: `{CBR}`, `<HS code>`, `[origin]`, `N/A`, dashes.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let within = |open, close| text.len() > 1 && text.starts_with(open) && text.ends_with(close);
    let dashes = !text.is_empty() && text.bytes().all(|b| matches!(b, b'-' | b'.' | b'_'));
    let bracketed = within('{', '}') || within('<', '>') || within('[', ']') || text.starts_with("${");
    // What generators of test messages write: TRANSPORT_DOCUMENT_REFERENCE_PLACEHOLDER.
    let named = text.ends_with("PLACEHOLDER");
    bracketed || dashes || named || PLACEHOLDERS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The unit of a quantity: a code of Recommendation 20 in any letter case, a package code of Recommendation 21 without
/// its X, or a spelling in daily use that has one meaning.
///
/// # Errors
/// [`CodeError::Unit`].
pub(crate) fn unit(text: &str) -> Result<Unit, CodeError> {
    let upper = text.trim().to_ascii_uppercase();
    let everyday = match upper.as_str() {
        "KG" | "KGS" => "KGM",
        "LB" | "LBS" => "LBR",
        "PCS" | "PC" | "PIECES" | "PIECE" | "UNIT" | "UNITS" => "H87",
        "EACH" => "EA",
        "CARTON" | "CARTONS" | "CTN" | "CTNS" => "XCT",
        "PALLET" | "PALLETS" => "XPX",
        "BOX" | "BOXES" => "XBX",
        code => code,
    };
    let package = || (everyday.len() == 2).then(|| Unit::new(&format!("X{everyday}")).ok()).flatten();
    Unit::new(everyday).or_else(|error| package().ok_or(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        for text in
            ["{CBR}", "<HS>", "[n]", "N/A", "-", "--", "tbd", "normalizedString", "${hs}", "REFERENCE_PLACEHOLDER"]
        {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["", "CBR", "851671", "VN", "{CBR", "NO-1"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn units() {
        for (text, code) in [("kgm", "KGM"), ("KG", "KGM"), ("pcs", "H87"), ("BX", "BX"), ("ctns", "XCT"), ("EA", "EA")]
        {
            assert_eq!(unit(text).map(Unit::letters), Ok(code), "{text}");
        }
        assert!(unit("smidgen").is_err() && unit("").is_err());
    }
}
