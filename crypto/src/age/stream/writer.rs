//! Encrypting a body.
//!
//! In: plaintext, written in pieces of any size or read from a source. Out: its chunks. What is encrypted is written in
//! batches, by the thread that writes plaintext; see [`super::pipeline`].

use std::fmt;
use std::io::{self, Read, Write};

use super::pipeline::{Batch, Outcome, Pipeline};
use super::{CHUNK_BYTES, ChunkCipher, Place, SEALED_BYTES, TAG_BYTES};

/// Encrypts what is written to it. It must be finished: dropped before, it leaves a body that no reader accepts. After an
/// error it stays failed.
#[must_use = "a body without its last chunk does not open: call finish"]
pub struct StreamWriter<W> {
    out: W,
    pipeline: Pipeline,
    /// Plaintext not yet encrypted; a full batch waits here until it is known not to be the last.
    batch: Batch,
    /// The number of the batch's first chunk.
    chunk: u64,
    failed: bool,
}

impl<W: Write> StreamWriter<W> {
    pub(in crate::age) fn new(key: &[u8; 32], out: W) -> StreamWriter<W> {
        let mut pipeline = Pipeline::new(key, false, seal);
        StreamWriter { out, batch: pipeline.begin(), pipeline, chunk: 0, failed: false }
    }

    /// Writes the last chunk and hands back what was written to.
    ///
    /// # Errors
    /// As writing fails, or where it failed before.
    pub fn finish(mut self) -> io::Result<W> {
        self.check()?;
        self.batch.outcome = Outcome::Last;
        self.submit(Batch::none())?;
        while let Some(batch) = self.pipeline.next()? {
            self.out.write_all(&batch.sealed[..batch.sealed_len])?;
        }
        Ok(self.out)
    }

    /// Writes all that `input` holds, without a copy in between, and says how many bytes that was.
    ///
    /// # Errors
    /// As reading or writing fails. After a failed read it may go on.
    pub fn write_from(&mut self, input: &mut impl Read) -> io::Result<u64> {
        self.check()?;
        let mut total = 0;
        loop {
            let room = room(&mut self.batch);
            let full = room.is_empty();
            // Only a byte more says that a full batch is not the last, so that byte is read first.
            let mut next = if full { self.pipeline.begin() } else { Batch::none() };
            let read = match input.read(if full { self::room(&mut next) } else { room }) {
                Ok(0) => return Ok(total),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            total += read as u64;
            if full {
                next.plain_len = read;
                self.submit(next)?;
            } else {
                self.batch.plain_len += read;
            }
        }
    }

    /// Where the next bytes of plaintext go, of which there must be one; never empty.
    fn room(&mut self) -> io::Result<&mut [u8]> {
        self.check()?;
        if room(&mut self.batch).is_empty() {
            let next = self.pipeline.begin();
            self.submit(next)?;
        }
        Ok(room(&mut self.batch))
    }

    /// Has the batch sealed, and goes on with the next.
    fn submit(&mut self, next: Batch) -> io::Result<()> {
        while self.pipeline.is_full() {
            self.write_oldest()?;
        }
        let mut batch = std::mem::replace(&mut self.batch, next);
        batch.first = self.chunk;
        self.chunk += (batch.plain_len / CHUNK_BYTES) as u64;
        self.pipeline.submit(batch);
        Ok(())
    }

    fn write_oldest(&mut self) -> io::Result<()> {
        // A batch that could not be written is gone, and with it the body.
        self.failed = true;
        if let Some(batch) = self.pipeline.next()? {
            self.out.write_all(&batch.sealed[..batch.sealed_len])?;
            self.pipeline.recycle(batch);
        }
        self.failed = false;
        Ok(())
    }

    fn check(&self) -> io::Result<()> {
        if self.failed { Err(io::Error::other("writing an age body failed before")) } else { Ok(()) }
    }
}

/// Where more of the chunk that plaintext has come to goes; empty where a batch is full.
fn room(batch: &mut Batch) -> &mut [u8] {
    let (chunk, within) = (batch.plain_len / CHUNK_BYTES, batch.plain_len % CHUNK_BYTES);
    let start = chunk * SEALED_BYTES;
    if start == batch.sealed.len() {
        return &mut [];
    }
    &mut batch.sealed[start + within..start + CHUNK_BYTES]
}

/// Encrypts a batch; the last has at least one chunk, be it empty.
fn seal(cipher: &ChunkCipher, batch: &mut Batch) {
    let chunks = batch.plain_len.div_ceil(CHUNK_BYTES).max(1);
    batch.sealed_len = batch.plain_len + chunks * TAG_BYTES;
    for (i, sealed) in batch.sealed[..batch.sealed_len].chunks_mut(SEALED_BYTES).enumerate() {
        let last = i == chunks - 1 && batch.outcome == Outcome::Last;
        cipher.seal(Place { chunk: batch.first + i as u64, last }, sealed);
    }
}

impl<W: Write> Write for StreamWriter<W> {
    fn write(&mut self, plain: &[u8]) -> io::Result<usize> {
        if plain.is_empty() {
            return Ok(0);
        }
        let room = self.room()?;
        let taken = plain.len().min(room.len());
        room[..taken].copy_from_slice(&plain[..taken]);
        self.batch.plain_len += taken;
        Ok(taken)
    }

    /// Flushes what has been written; chunks under way stay, because their end is not known yet.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W> fmt::Debug for StreamWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamWriter(chunk {})", self.chunk)
    }
}
