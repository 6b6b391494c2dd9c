//! Decrypting a body in any order.
//!
//! In: a body that can be read at any place, such as a file. Out: its plaintext from any position on. The length is that
//! of the file only if the file is whole, so the last chunk, which alone says that it is the last, is authenticated
//! before the length is believed; and each chunk before anything of it is released.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

use zeroize::Zeroizing;

use super::reader::read_nonce;
use super::{CHUNK_BYTES, ChunkCipher, Place, SEALED_BYTES, TAG_BYTES, plain_bytes};
use crate::age::error::{AgeError, PayloadError};
use crate::age::key::{FileKey, NONCE_BYTES};

/// Decrypts a body wherever it is asked to. A chunk that does not authenticate is an error each time it is read; the
/// others stay readable. Reading costs one chunk of 64 KiB at a time, kept for the next read.
pub struct SeekReader<R> {
    input: R,
    cipher: ChunkCipher,
    /// Where the first chunk begins in `input`.
    start: u64,
    /// Bytes of plaintext.
    length: u64,
    position: u64,
    /// The chunk in `plain`, if any.
    loaded: Option<u64>,
    plain: Zeroizing<Vec<u8>>,
    sealed: Vec<u8>,
}

impl<R: Read + Seek> SeekReader<R> {
    /// Reads the body that begins at `input`'s position and ends with it.
    ///
    /// # Errors
    /// [`HeaderError::Nonce`](crate::age::HeaderError::Nonce) where the file ends inside the nonce;
    /// [`AgeError::Payload`] where no body has this length, or where the last chunk is not one; [`AgeError::Io`].
    pub fn new(file_key: &FileKey, mut input: R) -> Result<SeekReader<R>, AgeError> {
        let cipher = ChunkCipher::new(&file_key.payload_key(&read_nonce(&mut input)?));
        let start = input.stream_position()?;
        let sealed = input.seek(SeekFrom::End(0))?.saturating_sub(start);
        let missing = PayloadError::Truncated { chunk: sealed / SEALED_BYTES as u64 };
        let length = plain_bytes(sealed + NONCE_BYTES as u64).ok_or(AgeError::Payload(missing))?;
        let (plain, sealed) = (Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)), Vec::with_capacity(SEALED_BYTES));
        let mut reader = SeekReader { input, cipher, start, length, position: 0, loaded: None, plain, sealed };
        reader.load(reader.last())?;
        Ok(reader)
    }

    /// Bytes of plaintext, authenticated.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The number of the last chunk.
    fn last(&self) -> u64 {
        self.length.div_ceil(CHUNK_BYTES as u64).saturating_sub(1)
    }

    /// Reads and opens a chunk.
    fn load(&mut self, chunk: u64) -> io::Result<()> {
        if self.loaded == Some(chunk) {
            return Ok(());
        }
        self.loaded = None;
        let bytes = (self.length - chunk * CHUNK_BYTES as u64).min(CHUNK_BYTES as u64) as usize;
        self.sealed.resize(bytes + TAG_BYTES, 0);
        self.plain.resize(bytes, 0);
        self.input.seek(SeekFrom::Start(self.start + chunk * SEALED_BYTES as u64))?;
        self.input.read_exact(&mut self.sealed).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => PayloadError::Truncated { chunk }.into(),
            _ => error,
        })?;
        let place = Place { chunk, last: chunk == self.last() };
        if !self.cipher.open(place, &self.sealed, &mut self.plain) {
            return Err(PayloadError::Chunk { chunk }.into());
        }
        self.loaded = Some(chunk);
        Ok(())
    }
}

impl<R: Read + Seek> Read for SeekReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.position >= self.length {
            return Ok(0);
        }
        let chunk = self.position / CHUNK_BYTES as u64;
        self.load(chunk)?;
        let taken = (&self.plain[(self.position % CHUNK_BYTES as u64) as usize..]).read(out)?;
        self.position += taken as u64;
        Ok(taken)
    }
}

impl<R: Read + Seek> Seek for SeekReader<R> {
    /// Beyond the end there is nothing to read, as in a file; before the beginning is an error.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or(io::Error::new(io::ErrorKind::InvalidInput, "a position before the beginning"))?;
        Ok(self.position)
    }
}

impl<R> fmt::Debug for SeekReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeekReader({} of {})", self.position, self.length)
    }
}
