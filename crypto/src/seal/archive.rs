//! The plaintext of a sealed file: a tar in one canonical form (POSIX.1-1988 ustar).
//!
//! `record.jws`, then the members that it lists, each one header block and its bytes filled up to a block with zeros;
//! two blocks of zeros; and zeros up to a length of few possible values (Padmé: Nikitin et al., PETS 2019), so that the
//! length of the file tells little. Every header is the one that [`header_block`] makes of name and size, so a reader
//! needs no parser: it makes the same block and compares. Links, folders, long names and extensions cannot be written.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

use super::error::ArchiveFault;
use super::record::{Digest32, MAX_MEMBER_BYTES, Member, RECORD_NAME};
use crate::jws;

/// Bytes of a tar block.
const BLOCK: u64 = 512;

/// The header block of a regular file of this name and size: mode 0600, owner 0, time 0.
fn header_block(name: &str, size: u64) -> [u8; BLOCK as usize] {
    let mut header = tar::Header::new_ustar();
    if let Some(ustar) = header.as_ustar_mut() {
        // Names are at most 100 bytes and the field is of 100, so this is all of it.
        ustar.name.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
    }
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    header.set_cksum();
    *header.as_bytes()
}

/// Blocks that a member takes, header included.
fn member_blocks(size: u64) -> u64 {
    1 + size.div_ceil(BLOCK)
}

/// The least Padmé number of blocks that is at least `blocks`: at most 12 % more, and of a length of E bits only the
/// first few are free.
fn padme(blocks: u64) -> u64 {
    if blocks < 2 {
        return blocks;
    }
    let exponent = blocks.ilog2();
    let free = exponent - exponent.ilog2() - 1;
    blocks.next_multiple_of(1 << free)
}

/// Blocks of a whole archive whose members take `blocks`.
fn archive_blocks(blocks: u64) -> u64 {
    padme(blocks + 2)
}

/// Writes an archive, member by member.
pub(super) struct ArchiveWriter<W> {
    out: W,
    blocks: u64,
}

impl<W: Write> ArchiveWriter<W> {
    /// Begins with the record.
    pub(super) fn new(out: W, record: &[u8]) -> io::Result<ArchiveWriter<W>> {
        let mut writer = ArchiveWriter { out, blocks: 0 };
        writer.append(RECORD_NAME, record.len() as u64, record)?;
        Ok(writer)
    }

    /// Adds a member of exactly `size` bytes and returns the SHA-256 of what was added. Fails with
    /// [`io::ErrorKind::InvalidData`] where `content` is shorter or longer.
    pub(super) fn append(&mut self, name: &str, size: u64, content: impl Read) -> io::Result<Digest32> {
        self.out.write_all(&header_block(name, size))?;
        let mut content = Hashing { inner: content, hash: Sha256::new() };
        let copied = io::copy(&mut (&mut content).take(size), &mut self.out)?;
        if copied != size || content.read(&mut [0])? != 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file changed while it was read"));
        }
        let fill = [0; BLOCK as usize];
        self.out.write_all(&fill[..(size.next_multiple_of(BLOCK) - size) as usize])?;
        self.blocks += member_blocks(size);
        Ok(Digest32(content.hash.finalize().into()))
    }

    /// Writes the end and the padding, and hands back what was written to.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let zeros = (archive_blocks(self.blocks) - self.blocks) * BLOCK;
        io::copy(&mut io::repeat(0).take(zeros), &mut self.out)?;
        Ok(self.out)
    }
}

/// Reads an archive: first the record, then, by what the record says, everything else.
pub(super) struct ArchiveReader<R> {
    input: R,
    blocks: u64,
}

impl<R: Read> ArchiveReader<R> {
    /// Reads the record's bytes; nothing of them is checked yet.
    pub(super) fn new(input: R) -> Result<(ArchiveReader<R>, Vec<u8>), ArchiveFault> {
        let mut reader = ArchiveReader { input, blocks: 0 };
        let block = reader.block()?;
        let size = octal(&block[124..135]).ok_or(ArchiveFault::NoRecord)?;
        if size > jws::MAX_BYTES as u64 || block != header_block(RECORD_NAME, size) {
            return Err(ArchiveFault::NoRecord);
        }
        let mut record = Vec::with_capacity(size as usize);
        reader.content(size, &mut record)?;
        Ok((reader, record))
    }

    /// Reads the next member, which must be `member`, into `sink`.
    pub(super) fn member(&mut self, member: &Member, sink: impl Write) -> Result<(), ArchiveFault> {
        if self.block()? != header_block(member.name.as_str(), member.size) {
            return Err(ArchiveFault::Header(member.name.clone()));
        }
        if self.content(member.size, sink)? != member.sha256 {
            return Err(ArchiveFault::Digest(member.name.clone()));
        }
        Ok(())
    }

    /// Reads the end: exactly as many zeros as belong there, and then the end of the input.
    pub(super) fn finish(mut self) -> Result<(), ArchiveFault> {
        for _ in self.blocks..archive_blocks(self.blocks) {
            if self.block()? != [0; BLOCK as usize] {
                return Err(ArchiveFault::Padding);
            }
        }
        match self.input.read(&mut [0]).map_err(ArchiveFault::Read)? {
            0 => Ok(()),
            _ => Err(ArchiveFault::Trailing),
        }
    }

    fn block(&mut self) -> Result<[u8; BLOCK as usize], ArchiveFault> {
        let mut block = [0; BLOCK as usize];
        self.input.read_exact(&mut block).map_err(short)?;
        Ok(block)
    }

    /// Copies `size` bytes to `sink`, checks that zeros fill the last block, and returns their SHA-256.
    fn content(&mut self, size: u64, mut sink: impl Write) -> Result<Digest32, ArchiveFault> {
        let mut hash = Sha256::new();
        let mut left = size;
        let mut buffer = vec![0; 64 << 10];
        while left > 0 {
            let part = &mut buffer[..left.min(64 << 10) as usize];
            self.input.read_exact(part).map_err(short)?;
            hash.update(&*part);
            sink.write_all(part).map_err(ArchiveFault::Write)?;
            left -= part.len() as u64;
        }
        let fill = &mut [0; BLOCK as usize][..(size.next_multiple_of(BLOCK) - size) as usize];
        self.input.read_exact(fill).map_err(short)?;
        if fill.iter().any(|byte| *byte != 0) {
            return Err(ArchiveFault::Padding);
        }
        self.blocks += member_blocks(size);
        Ok(Digest32(hash.finalize().into()))
    }
}

fn short(error: io::Error) -> ArchiveFault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveFault::Short,
        _ => ArchiveFault::Read(error),
    }
}

/// A size field: eleven octal digits.
fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    u64::from_str_radix(text, 8).ok().filter(|size| *size <= MAX_MEMBER_BYTES)
}

struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.hash.update(&out[..read]);
        Ok(read)
    }
}

/// The size and SHA-256 of all that `content` holds.
pub(super) fn measure(content: impl Read) -> io::Result<(u64, Digest32)> {
    let mut content = Hashing { inner: content, hash: Sha256::new() };
    let size = io::copy(&mut content, &mut io::sink())?;
    Ok((size, Digest32(content.hash.finalize().into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn member(name: &str, content: &[u8]) -> Member {
        Member { name: name.parse().unwrap(), size: content.len() as u64, sha256: Digest32::of(content) }
    }

    /// `docs/format.md` gives these bytes; a reader of another make compares with them.
    #[test]
    fn a_header_is_these_bytes() {
        let block = header_block("dossier.json", 1234);
        let mut expected = [0; 512];
        for (at, field) in [
            (0, &b"dossier.json"[..]),
            (100, b"0000600\0"),
            (108, b"0000000\0"),
            (116, b"0000000\0"),
            (124, b"00000002322\0"),
            (136, b"00000000000\0"),
            (148, b"0010277\0"),
            (156, b"0"),
            (257, b"ustar\x0000"),
        ] {
            expected[at..at + field.len()].copy_from_slice(field);
        }
        let sum: u32 =
            expected.iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) }).sum();
        assert_eq!(format!("{sum:07o}"), "0010277");
        assert_eq!(block, expected);
        assert_eq!(octal(&header_block("a", MAX_MEMBER_BYTES)[124..135]), Some(MAX_MEMBER_BYTES));
    }

    #[test]
    fn padding_leaves_few_lengths() {
        let padded: Vec<u64> = [1, 2, 7, 8, 9, 11, 15, 17, 33, 100, 1000].map(padme).into();
        assert_eq!(padded, [1, 2, 7, 8, 10, 12, 16, 18, 36, 104, 1024]);
        assert!((2..100_000).all(|blocks| {
            let padded = padme(blocks);
            padded >= blocks && padded * 100 <= blocks * 112 + 100 && padme(padded) == padded
        }));
    }

    #[test]
    fn contents_that_change_meanwhile_are_refused() {
        for (size, content) in [(5, &b"1234"[..]), (3, b"1234")] {
            let mut writer = ArchiveWriter::new(Vec::new(), b"r").unwrap();
            let error = writer.append("a", size, content).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn a_record_is_no_longer_than_what_is_signed() {
        let read = |bytes: usize| {
            let archive = ArchiveWriter::new(Vec::new(), &vec![7; bytes]).unwrap().finish().unwrap();
            ArchiveReader::new(&archive[..]).map(|(_, record)| record.len())
        };
        assert!(matches!(read(jws::MAX_BYTES), Ok(jws::MAX_BYTES)));
        assert!(matches!(read(jws::MAX_BYTES + 1), Err(ArchiveFault::NoRecord)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn archives_read_back(
            record in prop::collection::vec(any::<u8>(), 0..1100),
            members in prop::collection::btree_map("[a-z]{1,100}", prop::collection::vec(any::<u8>(), 0..1100), 0..5),
        ) {
            let mut writer = ArchiveWriter::new(Vec::new(), &record).unwrap();
            for (name, content) in &members {
                writer.append(name, content.len() as u64, &content[..]).unwrap();
            }
            let archive = writer.finish().unwrap();
            let (mut reader, again) = ArchiveReader::new(&archive[..]).unwrap();
            prop_assert_eq!(&again, &record);
            for (name, content) in &members {
                let mut out = Vec::new();
                reader.member(&member(name, content), &mut out).unwrap();
                prop_assert_eq!(&out, content);
            }
            reader.finish().unwrap();

            // Another reader of tar sees the same members.
            let mut other = tar::Archive::new(&archive[..]);
            let seen: Vec<(String, Vec<u8>)> = other.entries().unwrap().map(|entry| {
                let mut entry = entry.unwrap();
                let mut content = Vec::new();
                entry.read_to_end(&mut content).unwrap();
                (entry.path().unwrap().display().to_string(), content)
            }).collect();
            let all = std::iter::once((RECORD_NAME.to_string(), record)).chain(members);
            prop_assert_eq!(seen, all.collect::<Vec<_>>());
        }
    }
}
