//! The ASCII armor of age files (C2SP `age.md`, "ASCII armor"): a strict form of PEM (RFC 7468).
//!
//! In: the bytes of an age file, or text. Out: the text, or the bytes. A begin line; base64 with padding in lines of 64
//! columns, the last of 4 to 64; an end line. Lines end in LF or CR LF, the end line may end with the file. White space
//! around it, up to 1,024 bytes before and after, is ignored; headers, comments, blank lines and any second spelling of
//! the same bytes are refused. Both directions stream, with some tens of kilobytes of memory.
//!
//! Armor authenticates nothing: what comes out is as good as the age file inside.
//!
//! ```
//! use consign_crypto::age::{self, ArmorWriter, X25519Identity};
//! use std::io::{Read, Write};
//!
//! let bank = X25519Identity::generate(&mut rand::rng());
//! let armor = ArmorWriter::new(Vec::new())?;
//! let mut writer = age::encrypt(armor, &[&bank.recipient()], &mut rand::rng())?;
//! writer.write_all(b"40 cartons of tea")?;
//! // Both must be finished: the body, and the armor around it.
//! let text = String::from_utf8(writer.finish()?.finish()?)?;
//! assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"));
//!
//! // Reading takes either form.
//! let mut plain = String::new();
//! age::decrypt(text.as_bytes(), &[&bank])?.read_to_string(&mut plain)?;
//! assert_eq!(plain, "40 cartons of tea");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;

use super::error::ArmorError;

const BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
/// Columns of a full line, and the bytes that they hold.
const COLUMNS: usize = 64;
const LINE_BYTES: usize = COLUMNS / 4 * 3;
/// Lines that are encoded or decoded at a time.
const BATCH_LINES: usize = 512;
const MAX_WHITE_SPACE: usize = 1024;

/// Armors what is written to it. It must be finished: dropped before, it leaves a text that no reader accepts.
#[must_use = "armor without its end line is refused: call finish"]
pub struct ArmorWriter<W> {
    out: W,
    /// Bytes not yet encoded, less than a batch of lines.
    pending: Vec<u8>,
    text: Vec<u8>,
}

impl<W: Write> ArmorWriter<W> {
    /// Writes the begin line.
    ///
    /// # Errors
    /// As `out` fails; the same holds for everything that is written later.
    pub fn new(mut out: W) -> io::Result<ArmorWriter<W>> {
        out.write_all(&[BEGIN, b"\n"].concat())?;
        let text = Vec::with_capacity(BATCH_LINES * (COLUMNS + 1));
        Ok(ArmorWriter { out, pending: Vec::with_capacity(BATCH_LINES * LINE_BYTES), text })
    }

    /// Writes the last line of base64 and the end line, and hands back what was written to.
    ///
    /// # Errors
    /// As writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.encode()?;
        self.out.write_all(&[END, b"\n"].concat())?;
        Ok(self.out)
    }

    /// Writes `pending` as lines. Only the last batch may end with a line that is not full.
    fn encode(&mut self) -> io::Result<()> {
        self.text.clear();
        for line in self.pending.chunks(LINE_BYTES) {
            let start = self.text.len();
            self.text.resize(start + line.len().div_ceil(3) * 4, 0);
            BASE64.encode_slice(line, &mut self.text[start..]).expect("four columns for each three bytes begun");
            self.text.push(b'\n');
        }
        self.pending.clear();
        self.out.write_all(&self.text)
    }
}

impl<W: Write> Write for ArmorWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BATCH_LINES * LINE_BYTES - self.pending.len());
        self.pending.extend_from_slice(&bytes[..taken]);
        if self.pending.len() == BATCH_LINES * LINE_BYTES {
            self.encode()?;
        }
        Ok(taken)
    }

    /// Flushes what has been encoded; a line under way stays, because its end is not known yet.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W> fmt::Debug for ArmorWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ArmorWriter(..)")
    }
}

/// Reads the bytes inside armor. Failures are I/O errors that carry an [`ArmorError`], and are final.
pub struct ArmorReader<R> {
    input: R,
    /// The line last read, from 1.
    line: u64,
    text: Vec<u8>,
    bytes: Vec<u8>,
    /// How many of `bytes` were read.
    released: usize,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Before,
    Inside,
    /// Inside, after a line that only the last may be.
    AfterShortLine,
    Ended,
    Failed(ArmorError),
}

impl<R: BufRead> ArmorReader<R> {
    /// Reads armor from `input`, whose begin line is read with the first bytes.
    pub fn new(input: R) -> ArmorReader<R> {
        ArmorReader { input, line: 0, text: Vec::new(), bytes: Vec::new(), released: 0, state: State::Before }
    }

    /// Decodes up to a batch of lines; afterwards there are bytes, or the state is an end.
    fn decode(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.released = 0;
        if let State::Before = self.state {
            self.skip_white_space()?;
            if !self.next_line()? || self.text != BEGIN {
                return Err(ArmorError::Begin { line: self.line }.into());
            }
            self.state = State::Inside;
        }
        for _ in 0..BATCH_LINES {
            if !self.next_line()? {
                return Err(ArmorError::Truncated { line: self.line }.into());
            }
            if self.text == END {
                return self.end();
            }
            let length = self.text.len();
            if matches!(self.state, State::AfterShortLine)
                || length == 0
                || length > COLUMNS
                || !length.is_multiple_of(4)
            {
                return Err(ArmorError::LineLength { line: self.line }.into());
            }
            // The engine asks for padding where it belongs, and for zeros in the bits that carry nothing.
            let before = self.bytes.len();
            BASE64.decode_vec(&self.text, &mut self.bytes).map_err(|_| ArmorError::Base64 { line: self.line })?;
            if self.bytes.len() - before < LINE_BYTES {
                self.state = State::AfterShortLine;
            }
        }
        Ok(())
    }

    /// Skips white space and counts its lines.
    fn skip_white_space(&mut self) -> io::Result<()> {
        let mut skipped = 0;
        loop {
            let buffer = self.input.fill_buf()?;
            let blank = buffer.iter().take_while(|byte| is_white_space(**byte)).count();
            let more = blank == buffer.len() && blank > 0;
            self.line += buffer[..blank].iter().filter(|byte| **byte == b'\n').count() as u64;
            self.input.consume(blank);
            skipped += blank;
            if skipped > MAX_WHITE_SPACE {
                return Err(ArmorError::WhiteSpace.into());
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// Reads one line into `text`, without its end; whether there was one. No more is read than a line may have.
    fn next_line(&mut self) -> io::Result<bool> {
        self.line += 1;
        self.text.clear();
        // A byte more than the longest line and its end: what is longer is refused by its length.
        let most = COLUMNS as u64 + 3;
        if (&mut self.input).take(most).read_until(b'\n', &mut self.text)? == 0 {
            return Ok(false);
        }
        if self.text.ends_with(b"\n") {
            self.text.pop();
            if self.text.ends_with(b"\r") {
                self.text.pop();
            }
        }
        Ok(true)
    }

    /// After the end line: white space, and then nothing.
    fn end(&mut self) -> io::Result<()> {
        self.skip_white_space()?;
        if !self.input.fill_buf()?.is_empty() {
            return Err(ArmorError::Trailing.into());
        }
        self.state = State::Ended;
        Ok(())
    }
}

fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl<R: BufRead> BufRead for ArmorReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.released == self.bytes.len() {
            match self.state {
                State::Ended => return Ok(&[]),
                State::Failed(error) => return Err(error.into()),
                State::Before | State::Inside | State::AfterShortLine => {
                    if let Err(error) = self.decode() {
                        // The lines before are given up with it: nothing said that they were an age file's.
                        self.bytes.clear();
                        let unread = ArmorError::Truncated { line: self.line };
                        self.state = State::Failed(ArmorError::of(&error).unwrap_or(unread));
                        return Err(error);
                    }
                }
            }
        }
        Ok(&self.bytes[self.released..])
    }

    fn consume(&mut self, count: usize) {
        self.released = (self.released + count).min(self.bytes.len());
    }
}

impl<R: BufRead> Read for ArmorReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let taken = self.fill_buf()?.read(out)?;
        self.consume(taken);
        Ok(taken)
    }
}

impl<R> fmt::Debug for ArmorReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArmorReader(line {})", self.line)
    }
}

/// The bytes of an age file that may be armored.
#[derive(Debug)]
pub enum Unarmored<R> {
    /// It is not: its bytes as they are.
    Binary(R),
    /// It is: the bytes inside.
    Armored(ArmorReader<R>),
}

impl<R: BufRead> Unarmored<R> {
    /// Tells by the first byte: no age file begins with a hyphen or a blank, as armor does.
    ///
    /// # Errors
    /// As `input` fails.
    pub fn new(mut input: R) -> io::Result<Unarmored<R>> {
        match input.fill_buf()?.first() {
            Some(byte) if *byte == b'-' || is_white_space(*byte) => Ok(Unarmored::Armored(ArmorReader::new(input))),
            _ => Ok(Unarmored::Binary(input)),
        }
    }
}

impl<R: BufRead> BufRead for Unarmored<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Unarmored::Binary(input) => input.fill_buf(),
            Unarmored::Armored(input) => input.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        match self {
            Unarmored::Binary(input) => input.consume(count),
            Unarmored::Armored(input) => input.consume(count),
        }
    }
}

impl<R: BufRead> Read for Unarmored<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Unarmored::Binary(input) => input.read(out),
            Unarmored::Armored(input) => input.read(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn armor(bytes: &[u8]) -> Vec<u8> {
        let mut writer = ArmorWriter::new(Vec::new()).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn unarmor(text: &[u8]) -> Result<Vec<u8>, ArmorError> {
        let mut bytes = Vec::new();
        let mut reader = ArmorReader::new(text);
        let error = reader.read_to_end(&mut bytes).err().map(|error| ArmorError::of(&error).unwrap());
        if let Some(error) = error {
            assert_eq!(ArmorError::of(&reader.read(&mut [0]).unwrap_err()), Some(error));
            return Err(error);
        }
        Ok(bytes)
    }

    #[test]
    fn armor_is_these_lines() {
        assert_eq!(armor(b""), b"-----BEGIN AGE ENCRYPTED FILE-----\n-----END AGE ENCRYPTED FILE-----\n");
        let text = String::from_utf8(armor(&[0; 49])).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1..3], [&"A".repeat(64), "AA=="]);
    }

    #[test]
    fn each_fault_has_its_line() {
        let good = String::from_utf8(armor(&[0; 100])).unwrap();
        for (from, to, error) in [
            ("-----BEGIN", "x-----BEGIN", ArmorError::Begin { line: 1 }),
            ("-----BEGIN", "\n\n---- BEGIN", ArmorError::Begin { line: 3 }),
            ("-----BEGIN", " \r\n\t---- BEGIN", ArmorError::Begin { line: 2 }),
            ("FILE-----\nA", "FILE-----\n\nA", ArmorError::LineLength { line: 2 }),
            ("FILE-----\nA", "FILE-----\n A", ArmorError::LineLength { line: 2 }),
            ("FILE-----\nAAAA", "FILE-----\nA===", ArmorError::Base64 { line: 2 }),
            ("FILE-----\nAAAA", "FILE-----\n", ArmorError::LineLength { line: 3 }),
            ("FILE-----\nA", "FILE-----\nVersion: 1\nA", ArmorError::LineLength { line: 2 }),
            ("AA==", "AB==", ArmorError::Base64 { line: 4 }),
            ("AA==", "AAAAAA", ArmorError::LineLength { line: 4 }),
            ("AA==\n", "AA==\nAAAA\n", ArmorError::LineLength { line: 5 }),
            ("AA==\n-----END AGE ENCRYPTED FILE-----\n", "", ArmorError::Truncated { line: 5 }),
            ("-----END AGE ENCRYPTED FILE-----\n", "-----END AGE", ArmorError::LineLength { line: 5 }),
            ("FILE-----\n", "FILE-----\nx", ArmorError::LineLength { line: 2 }),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            assert_eq!(unarmor(bad.as_bytes()), Err(error), "{bad}");
        }
        assert_eq!(unarmor(format!("{good}x").as_bytes()), Err(ArmorError::Trailing));
        let blank = " ".repeat(MAX_WHITE_SPACE);
        assert_eq!(unarmor(format!("{blank}{good}{blank}").as_bytes()), Ok(vec![0; 100]));
        for capacity in [1, 7, 1000] {
            let read = |text: &str| {
                let mut bytes = Vec::new();
                let input = io::BufReader::with_capacity(capacity, text.as_bytes());
                let read = ArmorReader::new(input).read_to_end(&mut bytes);
                read.map(|_| bytes).map_err(|error| ArmorError::of(&error))
            };
            assert_eq!(read(&format!("{blank}{good}{blank}")), Ok(vec![0; 100]), "{capacity}");
            assert_eq!(read(&format!(" {blank}{good}")), Err(Some(ArmorError::WhiteSpace)), "{capacity}");
        }
        assert_eq!(unarmor(format!(" {blank}{good}").as_bytes()), Err(ArmorError::WhiteSpace));
        assert_eq!(unarmor(format!("{good}{blank} ").as_bytes()), Err(ArmorError::WhiteSpace));
        assert_eq!(unarmor(good.replace('\n', "\r\n").as_bytes()), Ok(vec![0; 100]));
        assert_eq!(unarmor(good.trim_end().as_bytes()), Ok(vec![0; 100]));
        assert_eq!(unarmor(b""), Err(ArmorError::Begin { line: 1 }));
    }

    #[test]
    fn armor_is_told_by_its_first_byte() {
        let read = |bytes: &[u8]| {
            let mut out = Vec::new();
            Unarmored::new(bytes).unwrap().read_to_end(&mut out).map(|_| out)
        };
        let binary = b"age-encryption.org/v1\n";
        assert_eq!(read(binary).unwrap(), binary);
        assert_eq!(read(b"").unwrap(), b"");
        for blank in ["", " ", "\t", "\r\n"] {
            assert_eq!(read(&[blank.as_bytes(), &armor(binary)].concat()).unwrap(), binary, "{blank:?}");
        }
        assert_eq!(ArmorError::of(&read(b"-").unwrap_err()), Some(ArmorError::Begin { line: 1 }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..60_000), piece in 1usize..9000) {
            let mut writer = ArmorWriter::new(Vec::new()).unwrap();
            bytes.chunks(piece).for_each(|part| writer.write_all(part).unwrap());
            let text = writer.finish().unwrap();
            prop_assert!(unarmor(&text).unwrap() == bytes);
            let mut through = Vec::new();
            Unarmored::new(io::BufReader::with_capacity(piece, &text[..])).unwrap().read_to_end(&mut through).unwrap();
            prop_assert!(through == bytes);
        }

        #[test]
        fn no_second_spelling(bytes in prop::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index, to: u8) {
            let mut text = armor(&bytes);
            let at = at.index(text.len());
            let from = std::mem::replace(&mut text[at], to);
            // A changed letter is other bytes, or refused; white space at the very end may be any.
            let same = from == to || (at == text.len() - 1 && is_white_space(to));
            prop_assert!(same || unarmor(&text) != Ok(bytes));
        }
    }
}
