//! The container of iden3's binary files: four letters, a version, and numbered sections. All numbers little-endian.

use std::{collections::BTreeMap, ops::Range};

/// Which file a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileKind {
    /// The four letters that it begins with.
    pub magic: &'static [u8; 4],
    /// The version that is written, and the last that is read.
    pub version: u32,
}

/// Most sections that are read: a file of powers of tau has eleven, and an empty one takes twelve bytes.
const MAX_SECTIONS: u64 = 64;

/// A file that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContainerError {
    /// Another file.
    #[error("this is no {0} file")]
    OtherFile(&'static str),
    /// A version that is not known.
    #[error("a {kind} file of version {found}; versions up to {accepted} are read")]
    Version {
        /// The four letters.
        kind: &'static str,
        /// The file's.
        found: u32,
        /// The last that is read.
        accepted: u32,
    },
    /// Shorter or longer than its sections say.
    #[error("the file does not end where its last section does")]
    Length,
    /// More sections than any of these files has.
    #[error("the file has {0} sections; at most {MAX_SECTIONS} are read")]
    TooMany(u64),
    /// A section that is there twice.
    #[error("section {0} is there twice")]
    Twice(u32),
    /// A section that is not there.
    #[error("section {0} is missing")]
    Missing(u32),
    /// A section that does not hold what it should.
    #[error("section {section}: {what}")]
    Section {
        /// Its number.
        section: u32,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl FileKind {
    fn name(self) -> &'static str {
        std::str::from_utf8(self.magic).unwrap_or("iden3")
    }
}

/// A container in the making: sections in the order in which they are put.
pub struct Writer {
    bytes: Vec<u8>,
    sections: u32,
}

impl Writer {
    /// An empty container.
    pub fn new(kind: FileKind) -> Writer {
        let mut bytes = kind.magic.to_vec();
        bytes.extend_from_slice(&kind.version.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        Writer { bytes, sections: 0 }
    }

    /// Appends a section.
    pub fn section(&mut self, number: u32, content: &[u8]) {
        self.sections += 1;
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self.bytes.extend_from_slice(&(content.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(content);
    }

    /// The file.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes[8..12].copy_from_slice(&self.sections.to_le_bytes());
        self.bytes
    }
}

/// A container that was read: where each section lies.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    places: BTreeMap<u32, Range<usize>>,
}

impl<'a> Reader<'a> {
    /// Finds the sections.
    ///
    /// # Errors
    /// [`ContainerError`] for another file or version, too many sections, one that is there twice or ends beyond the file,
    /// and bytes after the last.
    pub fn new(bytes: &'a [u8], kind: FileKind) -> Result<Reader<'a>, ContainerError> {
        let mut rest = bytes.strip_prefix(kind.magic).ok_or(ContainerError::OtherFile(kind.name()))?;
        let mut take = |n: usize| {
            let (taken, left) = rest.split_at_checked(n).ok_or(ContainerError::Length)?;
            rest = left;
            Ok::<_, ContainerError>((taken, bytes.len() - left.len()))
        };
        let word = |taken: &[u8]| taken.iter().rev().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
        let found = word(take(4)?.0) as u32;
        if found > kind.version {
            return Err(ContainerError::Version { kind: kind.name(), found, accepted: kind.version });
        }
        let count = word(take(4)?.0);
        if count > MAX_SECTIONS {
            return Err(ContainerError::TooMany(count));
        }
        let mut places = BTreeMap::new();
        for _ in 0..count {
            let number = word(take(4)?.0) as u32;
            let size = usize::try_from(word(take(8)?.0)).map_err(|_| ContainerError::Length)?;
            let (_, end) = take(size)?;
            if places.insert(number, end - size..end).is_some() {
                return Err(ContainerError::Twice(number));
            }
        }
        if rest.is_empty() { Ok(Reader { bytes, places }) } else { Err(ContainerError::Length) }
    }

    /// A section's bytes.
    ///
    /// # Errors
    /// [`ContainerError::Missing`].
    pub fn section(&self, number: u32) -> Result<&'a [u8], ContainerError> {
        self.places.get(&number).map(|place| &self.bytes[place.clone()]).ok_or(ContainerError::Missing(number))
    }
}

/// Reads a section from its beginning.
pub struct Cursor<'a> {
    section: u32,
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// From the beginning of a section.
    pub fn new(section: u32, bytes: &'a [u8]) -> Cursor<'a> {
        Cursor { section, rest: bytes }
    }

    /// An error of this section.
    pub fn error(&self, what: &'static str) -> ContainerError {
        ContainerError::Section { section: self.section, what }
    }

    /// The next bytes.
    ///
    /// # Errors
    /// [`ContainerError::Section`] if there are not so many.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], ContainerError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.error("it ends early"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next four bytes as a number.
    ///
    /// # Errors
    /// [`ContainerError::Section`] if the section ends.
    pub fn word(&mut self) -> Result<u32, ContainerError> {
        Ok(self.bytes(4)?.iter().rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte)))
    }

    /// Whatever is left.
    pub fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// Nothing is left.
    ///
    /// # Errors
    /// [`ContainerError::Section`].
    pub fn end(self) -> Result<(), ContainerError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error("it is longer than it should be")) }
    }
}
