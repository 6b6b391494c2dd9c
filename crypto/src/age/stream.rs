//! The body of an age file (C2SP `age.md`, "Payload"): STREAM over ChaCha20-Poly1305 (Hoang, Reyhanitabar, Rogaway and
//! Vizár, CRYPTO 2015).
//!
//! In: plaintext, or a nonce and chunks. Out: chunks of 65,536 bytes and a 16-byte tag each, or plaintext of chunks that
//! authenticated. A chunk's nonce is its number in 11 bytes, big endian, and one byte that is 1 on the last chunk only.
//! The last chunk may be full; it is empty only where the whole plaintext is.

use std::fmt;
use std::io::{self, Read, Write};

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use zeroize::{Zeroize, Zeroizing};

use super::error::{AgeError, HeaderError, PayloadError};
use super::key::{FileKey, NONCE_BYTES};

/// Plaintext bytes of a full chunk.
pub const CHUNK_BYTES: usize = 64 << 10;
/// Bytes of a chunk's tag.
pub const TAG_BYTES: usize = 16;
const SEALED_BYTES: usize = CHUNK_BYTES + TAG_BYTES;

/// Bytes of a body (nonce, chunks and tags) whose plaintext has `plain` bytes.
pub fn body_bytes(plain: u64) -> u64 {
    let chunks = plain.div_ceil(CHUNK_BYTES as u64).max(1);
    NONCE_BYTES as u64 + plain + chunks * TAG_BYTES as u64
}

/// Bytes of plaintext in a body of `body` bytes; `None` where no plaintext has such a body.
pub fn plain_bytes(body: u64) -> Option<u64> {
    let sealed = body.checked_sub(NONCE_BYTES as u64)?;
    let chunks = sealed.div_ceil(SEALED_BYTES as u64).max(1);
    let plain = sealed.checked_sub(chunks * TAG_BYTES as u64)?;
    (body_bytes(plain) == body).then_some(plain)
}

/// The cipher and its place in the stream.
struct Position {
    cipher: ChaCha20Poly1305,
    chunk: u64,
}

impl Position {
    fn new(key: &[u8; 32]) -> Position {
        Position { cipher: ChaCha20Poly1305::new(key.into()), chunk: 0 }
    }

    fn nonce(&self, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        // The number has 88 bits; 64 of them last for 10^24 bytes.
        nonce[3..11].copy_from_slice(&self.chunk.to_be_bytes());
        nonce[11] = u8::from(last);
        nonce.into()
    }
}

/// Encrypts what is written to it. It must be finished: dropped before, it leaves a body that no reader accepts.
#[must_use = "a body without its last chunk does not open: call finish"]
pub struct StreamWriter<W> {
    out: W,
    position: Position,
    /// Plaintext not yet encrypted; a full chunk waits here until it is known not to be the last.
    buffer: Zeroizing<Vec<u8>>,
}

impl<W: Write> StreamWriter<W> {
    pub(super) fn new(key: &[u8; 32], out: W) -> StreamWriter<W> {
        StreamWriter { out, position: Position::new(key), buffer: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)) }
    }

    /// Writes the last chunk and hands back what was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal_chunk(true)?;
        Ok(self.out)
    }

    fn seal_chunk(&mut self, last: bool) -> io::Result<()> {
        let nonce = self.position.nonce(last);
        let tag = self
            .position
            .cipher
            .encrypt_inout_detached(&nonce, &[], self.buffer.as_mut_slice().into())
            .expect("64 KiB are within ChaCha20-Poly1305's limit");
        let written = self.out.write_all(&self.buffer).and_then(|()| self.out.write_all(&tag));
        // Whether or not writing went well, this nonce is spent and what the buffer now holds is ciphertext: encrypted
        // again by a caller that tries once more, it would come out as plaintext.
        self.buffer.clear();
        self.position.chunk += 1;
        written
    }
}

impl<W: Write> Write for StreamWriter<W> {
    fn write(&mut self, plain: &[u8]) -> io::Result<usize> {
        if plain.is_empty() {
            return Ok(0);
        }
        if self.buffer.len() == CHUNK_BYTES {
            self.seal_chunk(false)?;
        }
        let taken = plain.len().min(CHUNK_BYTES - self.buffer.len());
        self.buffer.extend_from_slice(&plain[..taken]);
        Ok(taken)
    }

    /// Flushes what has been encrypted; a chunk under way stays, because its end is not known yet.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W> fmt::Debug for StreamWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamWriter(chunk {})", self.position.chunk)
    }
}

/// Decrypts a body, chunk by chunk, and releases authenticated bytes only. Reading to the end (`Ok(0)`) says that the
/// last chunk authenticated and that nothing follows it. Errors are final: no further read releases anything.
pub struct StreamReader<R> {
    input: R,
    position: Position,
    /// A chunk under decryption, or its plaintext.
    buffer: Zeroizing<Vec<u8>>,
    /// Bytes of `buffer` already released.
    released: usize,
    state: State,
}

enum State {
    /// More chunks are expected.
    Open,
    /// The last chunk is in the buffer and nothing followed it.
    Ended,
    Failed(PayloadError),
}

impl<R: Read> StreamReader<R> {
    /// Reads the body's nonce. Fails with [`HeaderError::Nonce`] where the file ends inside it.
    pub fn new(file_key: &FileKey, mut input: R) -> Result<StreamReader<R>, AgeError> {
        let mut nonce = [0; NONCE_BYTES];
        input.read_exact(&mut nonce).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => AgeError::Header(HeaderError::Nonce),
            _ => AgeError::Io(error),
        })?;
        Ok(StreamReader {
            input,
            position: Position::new(&file_key.payload_key(&nonce)),
            buffer: Zeroizing::new(Vec::with_capacity(SEALED_BYTES)),
            released: 0,
            state: State::Open,
        })
    }

    /// Reads and opens the next chunk into the buffer.
    fn open_chunk(&mut self) -> io::Result<()> {
        let chunk = self.position.chunk;
        self.buffer.zeroize();
        self.released = 0;
        if let Err(error) = (&mut self.input).take(SEALED_BYTES as u64).read_to_end(&mut self.buffer) {
            self.fail(PayloadError::Truncated { chunk });
            return Err(error);
        }
        if self.buffer.len() < TAG_BYTES {
            return Err(self.fail(PayloadError::Truncated { chunk }));
        }
        // A short chunk can only be the last. A full one is the last if it says so, whatever follows it: then what it
        // holds is authentic, and what follows is the fault.
        let last = if self.buffer.len() < SEALED_BYTES {
            if !self.decrypt(true) {
                return Err(self.fail(PayloadError::Chunk { chunk }));
            }
            true
        } else if self.decrypt(false) {
            false
        } else if self.decrypt(true) {
            true
        } else {
            return Err(self.fail(PayloadError::Chunk { chunk }));
        };
        if last && self.buffer.is_empty() && chunk > 0 {
            return Err(self.fail(PayloadError::EmptyLast { chunk }));
        }
        self.position.chunk += 1;
        if last {
            let mut next = Vec::new();
            if let Err(error) = (&mut self.input).take(1).read_to_end(&mut next) {
                self.fail(PayloadError::Truncated { chunk });
                return Err(error);
            }
            self.state = if next.is_empty() { State::Ended } else { State::Failed(PayloadError::Trailing { chunk }) };
        }
        Ok(())
    }

    /// Opens the buffer in place; on failure it is as before.
    fn decrypt(&mut self, last: bool) -> bool {
        let nonce = self.position.nonce(last);
        let plain = self.buffer.len() - TAG_BYTES;
        let (text, tag) = self.buffer.split_at_mut(plain);
        let Ok(tag) = Tag::try_from(&*tag) else { return false };
        // The tag is checked before the text is touched, so that a second attempt sees the same bytes.
        let opened = self.position.cipher.decrypt_inout_detached(&nonce, &[], text.into(), &tag).is_ok();
        if opened {
            self.buffer.truncate(plain);
        }
        opened
    }

    fn fail(&mut self, error: PayloadError) -> io::Error {
        self.buffer.zeroize();
        self.released = 0;
        self.state = State::Failed(error);
        error.into()
    }
}

impl<R: Read> Read for StreamReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while self.released == self.buffer.len() {
            match self.state {
                State::Open => self.open_chunk()?,
                State::Ended => return Ok(0),
                State::Failed(error) => return Err(error.into()),
            }
        }
        let taken = out.len().min(self.buffer.len() - self.released);
        out[..taken].copy_from_slice(&self.buffer[self.released..self.released + taken]);
        self.released += taken;
        Ok(taken)
    }
}

impl<R> fmt::Debug for StreamReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamReader(chunk {})", self.position.chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::age::key::FreshFileKey;
    use proptest::prelude::*;

    fn seal(plain: &[u8]) -> (Vec<u8>, FileKey) {
        let mut rng = rand::rng();
        let (mut writer, key) = FreshFileKey::generate(&mut rng).encrypt_body(Vec::new(), &mut rng).unwrap();
        writer.write_all(plain).unwrap();
        (writer.finish().unwrap(), key)
    }

    /// All that a reader releases, and how it ended.
    fn open(key: &FileKey, body: &[u8]) -> (Vec<u8>, Option<PayloadError>) {
        let mut plain = Vec::new();
        let mut reader = StreamReader::new(key, body).unwrap();
        let error = reader.read_to_end(&mut plain).err().map(|error| PayloadError::of(&error).unwrap());
        if let Some(error) = error {
            let again = reader.read(&mut [0; 1]).unwrap_err();
            assert_eq!(PayloadError::of(&again), Some(error));
        }
        (plain, error)
    }

    fn plain(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|i| (i * 7 + i / 251) as u8).collect()
    }

    /// Lengths at and around the ends of chunks.
    fn lengths() -> impl Strategy<Value = usize> {
        (0usize..4, -2isize..=2).prop_map(|(chunks, off)| (chunks * CHUNK_BYTES).saturating_add_signed(off))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn bodies_at_chunk_boundaries_read_back(length in lengths(), pieces in prop::collection::vec(0usize..99_999, 0..9)) {
            let plain = plain(length);
            let mut rng = rand::rng();
            let (mut writer, key) = FreshFileKey::generate(&mut rng).encrypt_body(Vec::new(), &mut rng).unwrap();
            let mut rest = &plain[..];
            for piece in pieces {
                let (now, later) = rest.split_at(piece.min(rest.len()));
                writer.write_all(now).unwrap();
                rest = later;
            }
            writer.write_all(rest).unwrap();
            let body = writer.finish().unwrap();
            prop_assert_eq!(body.len() as u64, body_bytes(length as u64));
            prop_assert_eq!(plain_bytes(body.len() as u64), Some(length as u64));
            let (opened, error) = open(&key, &body);
            prop_assert_eq!(error, None);
            prop_assert!(opened == plain);
        }

        #[test]
        fn a_changed_body_releases_an_authentic_prefix(length in lengths(), at: prop::sample::Index, bit in 0u8..8) {
            let plain = plain(length);
            let (mut body, key) = seal(&plain);
            let at = at.index(body.len());
            body[at] ^= 1 << bit;
            let (opened, error) = open(&key, &body);
            let chunk = at.saturating_sub(NONCE_BYTES) / SEALED_BYTES;
            prop_assert_eq!(error, Some(PayloadError::Chunk { chunk: chunk as u64 }));
            prop_assert!(opened == plain[..chunk * CHUNK_BYTES]);
        }

        #[test]
        fn a_cut_body_never_ends_well(length in lengths(), at: prop::sample::Index) {
            let plain = plain(length);
            let (body, key) = seal(&plain);
            let cut = NONCE_BYTES + at.index(body.len() - NONCE_BYTES);
            let (opened, error) = open(&key, &body[..cut]);
            let cut_off = matches!(error, Some(PayloadError::Truncated { .. } | PayloadError::Chunk { .. }));
            prop_assert!(cut_off);
            prop_assert!(plain.starts_with(&opened));
        }

        #[test]
        fn bytes_after_the_last_chunk_are_refused(length in lengths(), extra in 1usize..70_000) {
            let (mut body, key) = seal(&plain(length));
            let chunk = (length.div_ceil(CHUNK_BYTES).max(1) - 1) as u64;
            let full = length > 0 && length % CHUNK_BYTES == 0;
            body.resize(body.len() + extra, 0);
            let (_, error) = open(&key, &body);
            // After a full chunk the extra bytes stand apart; after a short one they are taken for a part of it.
            let expected = if full { PayloadError::Trailing { chunk } } else { PayloadError::Chunk { chunk } };
            prop_assert_eq!(error, Some(expected));
        }
    }

    #[test]
    fn chunks_do_not_move() {
        let (body, key) = seal(&plain(3 * CHUNK_BYTES + 5));
        let (nonce, chunks) = body.split_at(NONCE_BYTES);
        let chunks: Vec<&[u8]> = chunks.chunks(SEALED_BYTES).collect();
        for (order, chunk) in [(vec![1, 0, 2, 3], 0), (vec![0, 2, 3], 1), (vec![0, 1, 2, 2, 3], 3)] {
            let moved: Vec<&[u8]> = order.iter().map(|i| chunks[*i]).collect();
            let (_, error) = open(&key, &[nonce, &moved.concat()].concat());
            assert_eq!(error, Some(PayloadError::Chunk { chunk }));
        }
        let (_, error) = open(&key, &[nonce, &chunks[..3].concat()].concat());
        assert_eq!(error, Some(PayloadError::Truncated { chunk: 3 }));
    }

    #[test]
    fn lengths_without_a_plaintext_are_told() {
        assert_eq!(plain_bytes(0), None);
        assert_eq!(plain_bytes(31), None);
        assert_eq!(plain_bytes(32), Some(0));
        assert_eq!(plain_bytes(16 + SEALED_BYTES as u64 + 15), None);
        // An empty chunk after a full one.
        assert_eq!(plain_bytes(16 + SEALED_BYTES as u64 + 16), None);
        assert_eq!(plain_bytes(16 + SEALED_BYTES as u64 + 17), Some(CHUNK_BYTES as u64 + 1));
    }

    #[test]
    fn a_failed_write_never_shows_plaintext() {
        struct FailsOnce(bool, Vec<u8>);
        impl Write for FailsOnce {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                // The nonce passes, the first chunk does not.
                if bytes.len() > NONCE_BYTES && !std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("full"));
                }
                self.1.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut rng = rand::rng();
        let (mut writer, key) =
            FreshFileKey::generate(&mut rng).encrypt_body(FailsOnce(false, Vec::new()), &mut rng).unwrap();
        let plain = plain(CHUNK_BYTES);
        writer.write_all(&plain).unwrap();
        assert!(writer.write_all(&plain[..1000]).is_err());
        writer.write_all(&plain[..1000]).unwrap();
        let body = writer.finish().unwrap().1;
        assert!(!body.windows(64).any(|window| window == &plain[..64]));
        assert_eq!(open(&key, &body), (Vec::new(), Some(PayloadError::Chunk { chunk: 0 })));
    }
}
