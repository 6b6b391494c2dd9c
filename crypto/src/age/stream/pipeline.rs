//! Batches of chunks, worked on by several cores and handed back in the order in which they came.
//!
//! In: batches, one after the other. Out: the same batches, sealed or opened, oldest first. Chunks do not depend on each
//! other, so while the caller reads and writes, rayon's threads encrypt. The number of batches under way is bounded, and
//! their buffers are used again, so that memory is constant: half a mebibyte or one for a batch, and some five batches
//! on two cores. The first batches are small, so that a small file costs neither memory nor a thread.
//!
//! A caller that runs on one of rayon's threads, or on a machine with one core, does the work itself.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::{io, mem};

use zeroize::Zeroizing;

use super::{CHUNK_BYTES, ChunkCipher, SEALED_BYTES};
use crate::age::error::PayloadError;

/// Chunks of a full batch: enough for waking a thread to cost nothing, and few enough for the second-level cache.
const BATCH_CHUNKS: usize = 8;
/// Cores that take part: more would not be fed by one caller.
const MAX_THREADS: usize = 8;

/// How a batch ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its chunks are in order, none of them the last.
    More,
    /// Its last chunk is the body's last.
    Last,
    /// A chunk is not in order; those before it are.
    Fault(PayloadError),
}

/// Consecutive chunks, plain and sealed. The buffers have their full length always; the counts say how much is used.
/// What is to be encrypted lies among the sealed chunks, each before the room for its tag, and has no buffer of its own:
/// half the memory is half of what a core's cache must hold.
pub(super) struct Batch {
    /// The number of its first chunk.
    pub(super) first: u64,
    pub(super) plain: Zeroizing<Vec<u8>>,
    pub(super) plain_len: usize,
    pub(super) sealed: Zeroizing<Vec<u8>>,
    pub(super) sealed_len: usize,
    pub(super) outcome: Outcome,
}

impl Batch {
    fn new(chunks: usize, plain: bool) -> Batch {
        Batch {
            first: 0,
            plain: Zeroizing::new(vec![0; if plain { chunks * CHUNK_BYTES } else { 0 }]),
            plain_len: 0,
            sealed: Zeroizing::new(vec![0; chunks * SEALED_BYTES]),
            sealed_len: 0,
            outcome: Outcome::More,
        }
    }

    /// A place for a batch that is not there: no memory at all.
    pub(super) fn none() -> Batch {
        Batch::new(0, false)
    }
}

/// A batch under way.
enum Slot {
    Done(Batch),
    Running(Receiver<Batch>),
}

pub(super) struct Pipeline {
    cipher: Arc<ChunkCipher>,
    work: fn(&ChunkCipher, &mut Batch),
    /// Whether batches have a buffer for plaintext.
    plain: bool,
    queue: VecDeque<Slot>,
    /// Buffers to use again.
    spare: Vec<Batch>,
    /// Batches begun so far.
    begun: u32,
    /// Batches under way at most; 1 where the caller works alone. Asked for when the first batch is submitted.
    depth: Option<usize>,
}

impl Pipeline {
    /// A pipeline that does `work` to each batch; `plain` where batches need a buffer for plaintext.
    pub(super) fn new(key: &[u8; 32], plain: bool, work: fn(&ChunkCipher, &mut Batch)) -> Pipeline {
        let cipher = Arc::new(ChunkCipher::new(key));
        Pipeline { cipher, work, plain, queue: VecDeque::new(), spare: Vec::new(), begun: 0, depth: None }
    }

    /// An empty batch: of one chunk at first, then of twice as many each time up to the full number.
    pub(super) fn begin(&mut self) -> Batch {
        let chunks = BATCH_CHUNKS.min(1 << self.begun.min(16));
        self.begun += 1;
        match self.spare.pop() {
            Some(batch) if batch.sealed.len() == chunks * SEALED_BYTES => batch,
            _ => Batch::new(chunks, self.plain),
        }
    }

    /// Hands back the buffers of a batch that is done with.
    pub(super) fn recycle(&mut self, mut batch: Batch) {
        (batch.plain_len, batch.sealed_len, batch.outcome) = (0, 0, Outcome::More);
        self.spare.push(batch);
    }

    /// Whether the oldest batch must be taken before another is submitted.
    pub(super) fn is_full(&self) -> bool {
        self.queue.len() >= self.depth.unwrap_or(1)
    }

    /// Has `work` done to a batch, here or elsewhere.
    pub(super) fn submit(&mut self, mut batch: Batch) {
        // The first chunk is done here: most files have no other, and need no thread.
        let depth = match self.depth {
            None if batch.first == 0 => 1,
            depth => *self.depth.insert(depth.unwrap_or_else(useful_depth)),
        };
        if depth == 1 {
            (self.work)(&self.cipher, &mut batch);
            self.queue.push_back(Slot::Done(batch));
            return;
        }
        let (sender, receiver) = sync_channel(1);
        let (cipher, work) = (Arc::clone(&self.cipher), self.work);
        rayon::spawn(move || {
            work(&cipher, &mut batch);
            // Where nobody waits for it any more, the batch is dropped, and wiped.
            drop(sender.send(batch));
        });
        self.queue.push_back(Slot::Running(receiver));
    }

    /// The oldest batch, once it is done; `None` where none is under way.
    pub(super) fn next(&mut self) -> io::Result<Option<Batch>> {
        match self.queue.pop_front() {
            None => Ok(None),
            Some(Slot::Done(batch)) => Ok(Some(batch)),
            Some(Slot::Running(batch)) => {
                batch.recv().map(Some).map_err(|_| io::Error::other("a thread that encrypts or decrypts has ended"))
            }
        }
    }

    /// Drops all batches; what still runs is dropped when it is done.
    pub(super) fn clear(&mut self) {
        self.queue.clear();
        drop(mem::take(&mut self.spare));
    }

    /// Whether any batch is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

/// A batch for each thread, and one that is being read or written. On one of rayon's own threads waiting for another
/// could wait for ever, so there the caller works alone.
fn useful_depth() -> usize {
    if rayon::current_thread_index().is_some() {
        return 1;
    }
    match rayon::current_num_threads().min(MAX_THREADS) {
        1 => 1,
        threads => threads + 1,
    }
}
