//! The body of an age file (C2SP `age.md`, "Payload"): STREAM over ChaCha20-Poly1305 (Hoang, Reyhanitabar, Rogaway and
//! Vizár, CRYPTO 2015).
//!
//! In: plaintext, or a nonce and chunks. Out: chunks of 65,536 bytes and a 16-byte tag each, or plaintext of chunks that
//! authenticated. A chunk's nonce is its number in 11 bytes, big endian, and one byte that is 1 on the last chunk only.
//! The last chunk may be full; it is empty only where the whole plaintext is.
//!
//! | module | what |
//! |---|---|
//! | [`writer`] | encrypts what is written to it |
//! | [`reader`] | releases authenticated plaintext, front to back |
//! | [`seek`] | the same in any order, from a file |
//! | `pipeline` | batches of chunks, worked on by all cores and handed back in order |

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::key::NONCE_BYTES;

mod pipeline;
pub mod reader;
pub mod seek;
pub mod writer;

pub use reader::StreamReader;
pub use seek::SeekReader;
pub use writer::StreamWriter;

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

/// Which chunk of a body, from 0, and whether it is the last: what its nonce says.
#[derive(Clone, Copy)]
struct Place {
    chunk: u64,
    last: bool,
}

impl Place {
    fn nonce(self) -> Nonce {
        let mut nonce = [0; 12];
        // The number has 88 bits; 64 of them last for 10^24 bytes.
        nonce[3..11].copy_from_slice(&self.chunk.to_be_bytes());
        nonce[11] = u8::from(self.last);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// The cipher of one body. Its key lies in memory of AWS-LC, which wipes whatever it frees.
struct ChunkCipher(LessSafeKey);

impl ChunkCipher {
    fn new(key: &[u8; 32]) -> ChunkCipher {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("ChaCha20-Poly1305 has keys of 32 bytes");
        ChunkCipher(LessSafeKey::new(key))
    }

    /// Encrypts a chunk in its place, before the room for its tag.
    fn seal(&self, place: Place, chunk: &mut [u8]) {
        let (text, room) = chunk.split_at_mut(chunk.len() - TAG_BYTES);
        let tag = self.0.seal_in_place_separate_tag(place.nonce(), Aad::empty(), text);
        room.copy_from_slice(tag.expect("64 KiB are within ChaCha20-Poly1305's limit").as_ref());
    }

    /// Decrypts a chunk of at least a tag into `plain`, which has a tag's length less. Where it does not authenticate,
    /// `plain` holds nothing of it.
    fn open(&self, place: Place, sealed: &[u8], plain: &mut [u8]) -> bool {
        let (text, tag) = sealed.split_at(sealed.len() - TAG_BYTES);
        let opened = self.0.open_separate_gather(place.nonce(), Aad::empty(), text, tag, plain).is_ok();
        if !opened {
            plain.fill(0);
        }
        opened
    }
}

#[cfg(test)]
mod tests;
