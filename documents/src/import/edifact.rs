//! UN/EDIFACT (ISO 9735): cargo reports (CUSCAR) and the contents of bills of lading (IFTMCS), directories D.
//!
//! In: the bytes of an interchange, in the character set that its UNB names. Out: a cargo manifest or a bill of lading.
//! `edifact-rs` splits the bytes into segments, one at a time. It is young and of one author, so nothing else of it is
//! used: the envelope is checked here, for its counts and references tell a file that was cut or mixed; and what the
//! segments say is read in `message`. Rules: `docs/documents.md`, "UN/EDIFACT"; qualifiers by the code lists of UNTDID.

mod consignment;
mod goods;
mod message;
mod report;
mod segment;

use edifact_rs::{EdifactError, ReaderConfig, ServiceStringAdvice, decode_interchange, from_bytes_with_config};

use self::{
    message::{Message, Type},
    report::Report,
    segment::Seg,
};
use super::Imported;
use crate::{
    document::{Document, Source},
    error::{Fault, ImportError, Place},
    quantity::shorten,
};

type Read<T> = Result<T, ImportError>;

/// The longest segment, in bytes: a hundred times what any directory allows.
const MAX_SEGMENT: usize = 1 << 16;

/// The bytes behind a byte order mark and white space.
fn content(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes).trim_ascii_start()
}

/// Whether a file is an interchange: a service string advice with six characters that separate, or UNB.
pub(super) fn is_interchange(bytes: &[u8]) -> bool {
    let bytes = content(bytes);
    let service = |b: &u8| b.is_ascii_punctuation() || *b == b' ';
    let advice = bytes.strip_prefix(b"UNA").and_then(|rest| rest.get(..6));
    bytes.starts_with(b"UNB+") || advice.is_some_and(|six| six.iter().all(service))
}

/// Imports an interchange of one message; `sha256` is the digest of the file's bytes.
pub(super) fn import(bytes: &[u8], file: &str, sha256: [u8; 32]) -> Read<Imported> {
    let bytes = content(bytes);
    let malformed = |number: u64, error: &EdifactError| {
        let place = Place::Segment { number, tag: String::new() };
        ImportError::new(file, place, Fault::Edifact(error.to_string().chars().take(200).collect()))
    };
    let advice = ServiceStringAdvice::from_bytes(bytes).map_err(|e| malformed(1, &e))?;
    let decoded = decode_interchange(bytes).map_err(|e| malformed(1, &e))?;
    let report = Report::new(file, advice.decimal_mark);
    let size = bytes.len();
    let mut envelope = Envelope::Before;
    let mut last = Place::File;
    let config = ReaderConfig::default().max_segment_bytes(MAX_SEGMENT);
    for (number, segment) in (1..).zip(from_bytes_with_config(&decoded, config)) {
        let segment = Seg::new(number, segment.map_err(|e| malformed(number, &e))?);
        last = segment.place();
        envelope = envelope.next(&report, &segment, size)?;
    }
    match envelope {
        Envelope::Ended(message) => finish(*message, &report, sha256),
        _ => Err(ImportError::new(file, last, Fault::Edifact("it ends without UNT and UNZ".into()))),
    }
}

/// How far the envelope has been read.
enum Envelope<'r, 'a> {
    Before,
    /// Behind UNB, of this reference.
    Interchange(String),
    /// Behind UNH: the interchange's reference, the message's, and its segments so far.
    Message {
        interchange: String,
        reference: String,
        segments: u64,
        message: Box<Message<'r, 'a>>,
    },
    /// Behind UNT.
    Trailer {
        interchange: String,
        message: Box<Message<'r, 'a>>,
    },
    /// Behind UNZ.
    Ended(Box<Message<'r, 'a>>),
}

impl<'r, 'a> Envelope<'r, 'a> {
    fn next(self, report: &'r Report<'a>, segment: &Seg<'_>, size: usize) -> Read<Self> {
        let malformed = |what: &str| {
            let found = shorten(segment.tag());
            Err(report.fail(segment, Fault::Edifact(format!("{found} where {what} is expected"))))
        };
        match (self, segment.tag()) {
            (Envelope::Before, "UNB") => {
                let reference = segment.text(4, 0);
                if segment.text(10, 0) == "1" {
                    report.warn(segment, "the interchange is marked as a test");
                }
                report.unread("", segment);
                Ok(Envelope::Interchange(reference))
            }
            (Envelope::Before, _) => malformed("UNB"),
            (Envelope::Interchange(interchange), "UNH") => {
                let reference = segment.text(0, 0);
                let message = Box::new(Message::new(report, message_type(report, segment)?, size));
                report.unread("", segment);
                Ok(Envelope::Message { interchange, reference, segments: 1, message })
            }
            (Envelope::Interchange(_), _) => malformed("UNH"),
            (Envelope::Message { interchange, reference, segments, message }, "UNT") => {
                count(report, segment, ("UNT", "segments"), segments + 1)?;
                same(report, segment, "UNT", &reference)?;
                Ok(Envelope::Trailer { interchange, message })
            }
            (Envelope::Message { .. }, "UNH" | "UNB" | "UNZ" | "UNG" | "UNE") => malformed("UNT"),
            (Envelope::Message { interchange, reference, segments, mut message }, _) => {
                message.read(segment)?;
                Ok(Envelope::Message { interchange, reference, segments: segments + 1, message })
            }
            (Envelope::Trailer { interchange, message }, "UNZ") => {
                count(report, segment, ("UNZ", "messages"), 1)?;
                same(report, segment, "UNZ", &interchange)?;
                Ok(Envelope::Ended(message))
            }
            (Envelope::Trailer { .. }, "UNH") | (Envelope::Ended(_), "UNB" | "UNH" | "UNA") => {
                Err(report.fail(segment, Fault::SecondMessage))
            }
            (Envelope::Trailer { .. }, _) => malformed("UNZ"),
            (Envelope::Ended(_), _) => malformed("the end of the file"),
        }
    }
}

/// A count of a trailer, which stands first in it.
fn count(report: &Report<'_>, segment: &Seg<'_>, (tag, what): (&'static str, &'static str), found: u64) -> Read<()> {
    let declared = segment.text(0, 0);
    let digits = !declared.is_empty() && declared.bytes().all(|b| b.is_ascii_digit());
    match digits && declared.parse() == Ok(found) {
        true => Ok(()),
        false => Err(report.fail(segment, Fault::TrailerCount { tag, what, declared: shorten(&declared), found })),
    }
}

/// The reference of a trailer, which stands second in it and is its header's.
fn same(report: &Report<'_>, segment: &Seg<'_>, tag: &'static str, expected: &str) -> Read<()> {
    let found = segment.text(1, 0);
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (shorten(&found), shorten(expected));
    Err(report.fail(segment, Fault::TrailerReference { tag, found, expected }))
}

/// What UNH makes a message: its type, of a directory D.
fn message_type(report: &Report<'_>, unh: &Seg<'_>) -> Read<Type> {
    let [name, version, release, agency] = [0, 1, 2, 3].map(|component| unh.text(1, component));
    let Some(kind) = message::Kinds::of(&name) else {
        return Err(report.fail(unh, Fault::MessageType { found: shorten(&name) }));
    };
    let form = matches!(release.as_bytes(), [a, b, b'A' | b'B'] if a.is_ascii_digit() && b.is_ascii_digit());
    if (version.as_str(), agency.as_str(), form) != ("D", "UN", true) {
        let found = shorten(&format!("{version}:{release}:{agency}"));
        let accepted = "D, a release such as 95B, and UN";
        return Err(report.fail(unh, Fault::Version { what: "version of the message", found, accepted }));
    }
    Ok(Type { kind, format: format!("UN/EDIFACT {name} D.{release}") })
}

/// The document, checked.
fn finish(message: Message<'_, '_>, report: &Report<'_>, sha256: [u8; 32]) -> Read<Imported> {
    let (kind, format) = (message.kind(), message.format().to_owned());
    let parts = message.finish()?;
    let source = Source { sha256, format: format.clone(), dropped: report.dropped() };
    let document = Document::new(kind, parts.header, &parts.lines, Some(source)).map_err(|invalid| {
        let line = invalid.line;
        let place = line.and_then(|i| parts.places.get(i)).cloned().unwrap_or(Place::File);
        report.fail_at(place, invalid).on_line(line.and_then(|i| parts.lines.get(i)).map(|line| line.id.as_str()))
    })?;
    Ok(Imported { document, format, warnings: report.warnings() })
}
