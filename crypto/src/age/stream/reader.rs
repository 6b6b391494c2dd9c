//! Decrypting a body, front to back.
//!
//! In: a nonce and chunks. Out: the plaintext of chunks that authenticated, in order. It reads ahead of what it releases,
//! by some batches, and all cores decrypt; see [`super::pipeline`]. The order of what is told stays that of the body:
//! plaintext first, and then what is wrong behind it.

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use super::pipeline::{Batch, Outcome, Pipeline};
use super::{ChunkCipher, Place, SEALED_BYTES, TAG_BYTES};
use crate::age::error::{AgeError, HeaderError, PayloadError};
use crate::age::key::{FileKey, NONCE_BYTES};

/// Decrypts a body and releases authenticated bytes only. Reading to the end (`Ok(0)`) says that the last chunk
/// authenticated and that nothing follows it. Errors are final: no further read releases anything.
pub struct StreamReader<R> {
    input: R,
    pipeline: Pipeline,
    /// The batch that is being released, and how much of it was.
    batch: Batch,
    released: usize,
    /// The number of the next chunk to be read.
    chunk: u64,
    /// How the input ended, once it has.
    end: Option<io::Result<()>>,
    state: State,
}

enum State {
    /// More chunks are expected.
    Open,
    /// The last chunk was in the batch and nothing followed it.
    Ended,
    Failed(PayloadError),
}

impl<R: Read> StreamReader<R> {
    /// Reads the body's nonce. Fails with [`HeaderError::Nonce`] where the file ends inside it.
    pub fn new(file_key: &FileKey, mut input: R) -> Result<StreamReader<R>, AgeError> {
        let nonce = read_nonce(&mut input)?;
        Ok(StreamReader {
            input,
            pipeline: Pipeline::new(&file_key.payload_key(&nonce), true, open),
            batch: Batch::none(),
            released: 0,
            chunk: 0,
            end: None,
            state: State::Open,
        })
    }

    /// Writes all that is left to `out` and says how many bytes that was. What was written before an error is authentic.
    ///
    /// # Errors
    /// As reading or writing fails.
    pub fn copy_to(&mut self, out: &mut impl Write) -> io::Result<u64> {
        let mut total = 0;
        loop {
            let plain = self.fill_buf()?;
            if plain.is_empty() {
                return Ok(total);
            }
            let taken = plain.len();
            out.write_all(plain)?;
            total += taken as u64;
            self.consume(taken);
        }
    }

    /// Puts the next batch in place of the one that was released.
    fn advance(&mut self) -> io::Result<()> {
        let used = std::mem::replace(&mut self.batch, Batch::none());
        self.pipeline.recycle(used);
        self.released = 0;
        while self.end.is_none() && !self.pipeline.is_full() {
            self.read_batch();
        }
        let Some(batch) = self.pipeline.next()? else {
            let missing = PayloadError::Truncated { chunk: self.chunk };
            self.fail(missing);
            return Err(match self.end.take() {
                Some(Err(error)) => error,
                _ => missing.into(),
            });
        };
        let outcome = batch.outcome;
        let last = batch.first + (batch.sealed_len.div_ceil(SEALED_BYTES) as u64).saturating_sub(1);
        self.batch = batch;
        match outcome {
            Outcome::More => {}
            Outcome::Fault(error) => self.fail(error),
            Outcome::Last => match self.something_follows() {
                Ok(false) => self.finish(State::Ended),
                Ok(true) => self.fail(PayloadError::Trailing { chunk: last }),
                Err(error) => {
                    self.batch.plain_len = 0;
                    self.fail(PayloadError::Truncated { chunk: last });
                    return Err(error);
                }
            },
        }
        Ok(())
    }

    /// Reads a batch and has it opened. Where reading fails, the chunks before are kept.
    fn read_batch(&mut self) {
        let mut batch = self.pipeline.begin();
        while batch.sealed_len < batch.sealed.len() {
            match self.input.read(&mut batch.sealed[batch.sealed_len..]) {
                Ok(0) => self.end = Some(Ok(())),
                Ok(read) => {
                    batch.sealed_len += read;
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    batch.sealed_len -= batch.sealed_len % SEALED_BYTES;
                    self.end = Some(Err(error));
                }
            }
            break;
        }
        if batch.sealed_len == 0 {
            return;
        }
        batch.first = self.chunk;
        self.chunk += batch.sealed_len.div_ceil(SEALED_BYTES) as u64;
        self.pipeline.submit(batch);
    }

    /// Whether any byte follows the batch that was taken last.
    fn something_follows(&mut self) -> io::Result<bool> {
        if !self.pipeline.is_empty() {
            return Ok(true);
        }
        match self.end.take() {
            Some(end) => end.map(|()| false),
            None => Ok((&mut self.input).take(1).read_to_end(&mut Vec::new())? > 0),
        }
    }

    fn fail(&mut self, error: PayloadError) {
        self.finish(State::Failed(error));
    }

    fn finish(&mut self, state: State) {
        self.pipeline.clear();
        self.state = state;
    }
}

pub(super) fn read_nonce(input: &mut impl Read) -> Result<[u8; NONCE_BYTES], AgeError> {
    let mut nonce = [0; NONCE_BYTES];
    input.read_exact(&mut nonce).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => AgeError::Header(HeaderError::Nonce),
        _ => error.into(),
    })?;
    Ok(nonce)
}

/// Decrypts a batch up to the first chunk that is not in order.
fn open(cipher: &ChunkCipher, batch: &mut Batch) {
    let chunks = batch.sealed[..batch.sealed_len].chunks(SEALED_BYTES);
    let count = chunks.len();
    for (i, sealed) in chunks.enumerate() {
        let chunk = batch.first + i as u64;
        if sealed.len() < TAG_BYTES {
            batch.outcome = Outcome::Fault(PayloadError::Truncated { chunk });
            return;
        }
        let end = batch.plain_len + sealed.len() - TAG_BYTES;
        let plain = &mut batch.plain[batch.plain_len..end];
        // A short chunk can only be the last. A full one is the last if it says so, whatever follows it: then what it
        // holds is authentic, and what follows is the fault.
        let full = sealed.len() == SEALED_BYTES;
        let last = !(full && cipher.open(Place { chunk, last: false }, sealed, plain));
        if last && !cipher.open(Place { chunk, last: true }, sealed, plain) {
            batch.outcome = Outcome::Fault(PayloadError::Chunk { chunk });
            return;
        }
        if last && plain.is_empty() && chunk > 0 {
            batch.outcome = Outcome::Fault(PayloadError::EmptyLast { chunk });
            return;
        }
        batch.plain_len = end;
        if last {
            let trailing = Outcome::Fault(PayloadError::Trailing { chunk });
            batch.outcome = if i + 1 == count { Outcome::Last } else { trailing };
            return;
        }
    }
}

impl<R: Read> BufRead for StreamReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.released == self.batch.plain_len {
            match self.state {
                State::Open => self.advance()?,
                State::Ended => return Ok(&[]),
                State::Failed(error) => return Err(error.into()),
            }
        }
        Ok(&self.batch.plain[self.released..self.batch.plain_len])
    }

    fn consume(&mut self, count: usize) {
        self.released = (self.released + count).min(self.batch.plain_len);
    }
}

impl<R: Read> Read for StreamReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let taken = self.fill_buf()?.read(out)?;
        self.consume(taken);
        Ok(taken)
    }
}

impl<R> fmt::Debug for StreamReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamReader(chunk {})", self.chunk)
    }
}
