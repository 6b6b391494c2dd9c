//! One pass over XML text before it is parsed: what no trade document has is refused before any memory is spent on it.
//!
//! Well-formedness is the parser's business; this looks for document type declarations, deep nesting, elements with
//! hundreds of attributes (the parser compares each with each), and a declared encoding that the text is not in.

use crate::error::{Fault, MAX_DEPTH, Place};

/// Attributes of one element; UBL has fewer than a dozen, and namespaces of signatures some more.
const MAX_ATTRIBUTES: usize = 64;

/// A fault and the byte it lies at.
type Refused = (usize, Fault);

pub(super) fn scan(text: &str) -> Result<(), Refused> {
    let bytes = text.as_bytes();
    encoding(text)?;
    let (mut at, mut depth) = (0, 0usize);
    while let Some(found) = find(bytes, at, b"<") {
        let rest = &bytes[found..];
        let skip = |end: &[u8]| find(bytes, found, end).map_or(bytes.len(), |i| i + end.len());
        at = if rest.starts_with(b"<!--") {
            skip(b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            skip(b"]]>")
        } else if rest.starts_with(b"<?") {
            skip(b"?>")
        } else if rest.starts_with(b"<!") {
            return Err((found, Fault::Dtd));
        } else if rest.starts_with(b"</") {
            depth = depth.saturating_sub(1);
            skip(b">")
        } else {
            let (end, attributes, empty) = tag(bytes, found);
            if attributes > MAX_ATTRIBUTES {
                return Err((found, Fault::TooManyAttributes { max: MAX_ATTRIBUTES }));
            }
            depth += usize::from(!empty);
            if depth > MAX_DEPTH {
                return Err((found, Fault::TooDeep));
            }
            end
        };
    }
    Ok(())
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    match what {
        [one] => rest.iter().position(|b| b == one),
        _ => rest.windows(what.len()).position(|w| w == what),
    }
    .map(|i| from + i)
}

/// The end of a start tag, how many attributes it has, and whether it is empty.
fn tag(bytes: &[u8], start: usize) -> (usize, usize, bool) {
    let (mut quote, mut attributes) = (None, 0);
    for (i, &b) in bytes.iter().enumerate().skip(start) {
        match (quote, b) {
            (Some(q), _) if q == b => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(b),
            (None, b'=') => attributes += 1,
            (None, b'>') => return (i + 1, attributes, bytes[i - 1] == b'/'),
            (None, _) => {}
        }
    }
    (bytes.len(), attributes, true)
}

/// Refuses text that declares another encoding, unless it is all ASCII and so the same in both.
fn encoding(text: &str) -> Result<(), Refused> {
    let declaration = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map(|(head, _)| head);
    let Some((_, value)) = declaration.and_then(|d| d.split_once("encoding")) else { return Ok(()) };
    let declared = value.trim_start_matches([' ', '=', '\t', '\r', '\n']);
    let declared = declared.trim_start_matches(['"', '\'']).split(['"', '\'']).next().unwrap_or_default();
    match text.is_ascii() || declared.eq_ignore_ascii_case("UTF-8") {
        true => Ok(()),
        false => Err((0, Fault::Encoding { found: format!("declared to be {}", crate::quantity::shorten(declared)) })),
    }
}

/// Line and column of a byte.
pub(super) fn place(text: &str, offset: usize) -> Place {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = before.bytes().filter(|&b| b == b'\n').count() as u64 + 1;
    Place::At { line, column: before[line_start..].chars().count() as u64 + 1 }
}
