use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce as OtherNonce};
use proptest::prelude::*;

use super::*;
use crate::age::error::{AgeError, PayloadError};
use crate::age::key::{FileKey, FreshFileKey};

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
fn an_empty_chunk_after_a_full_one_is_refused() {
    let key = FileKey::from_bytes([7; 16]);
    let nonce = [9; NONCE_BYTES];
    let cipher = ChunkCipher::new(&key.payload_key(&nonce));
    let mut chunks = vec![0; SEALED_BYTES + TAG_BYTES];
    let (full, empty) = chunks.split_at_mut(SEALED_BYTES);
    cipher.seal(Place { chunk: 0, last: false }, full);
    cipher.seal(Place { chunk: 1, last: true }, empty);
    let (plain, error) = open(&key, &[&nonce[..], &chunks].concat());
    assert_eq!((plain.len(), error), (CHUNK_BYTES, Some(PayloadError::EmptyLast { chunk: 1 })));
    // Alone it is the body of a plaintext that is empty.
    let mut empty = [0; TAG_BYTES];
    cipher.seal(Place { chunk: 0, last: true }, &mut empty);
    assert_eq!(open(&key, &[&nonce[..], &empty].concat()), (Vec::new(), None));
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The two implementations of one cipher that the format layer uses say the same.
    #[test]
    fn chunks_are_those_of_another_implementation(
        key: [u8; 32], chunk: u64, last: bool, plain in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        let cipher = ChunkCipher::new(&key);
        let mut sealed = plain.clone();
        sealed.resize(plain.len() + TAG_BYTES, 0);
        cipher.seal(Place { chunk, last }, &mut sealed);

        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&chunk.to_be_bytes());
        nonce[11] = u8::from(last);
        let mut other = plain.clone();
        let tag = ChaCha20Poly1305::new(&key.into())
            .encrypt_inout_detached(&OtherNonce::from(nonce), &[], other.as_mut_slice().into())
            .unwrap();
        other.extend_from_slice(&tag);
        prop_assert!(sealed == other);

        let mut opened = vec![1; plain.len()];
        let authentic = cipher.open(Place { chunk, last }, &sealed, &mut opened);
        prop_assert!(authentic && opened == plain);
        let moved = cipher.open(Place { chunk, last: !last }, &sealed, &mut opened);
        prop_assert!(!moved && opened.iter().all(|byte| *byte == 0), "something of an unauthenticated chunk is left");
    }

    /// Every way through the pipeline writes the same bytes and reads them again: with other threads and without, from
    /// slices and from a source, that gives a few bytes at a time or many.
    #[test]
    fn every_way_through_is_the_same(
        length in prop_oneof![0usize..3_000_000, lengths(), Just(7 * CHUNK_BYTES), Just(15 * CHUNK_BYTES)],
        piece in prop_oneof![1usize..200_000, Just(CHUNK_BYTES), Just(8 * CHUNK_BYTES)],
    ) {
        let (plain, key) = (plain(length), [7; 32]);
        let write = || {
            let mut writer = StreamWriter::new(&key, Vec::new());
            plain.chunks(piece).for_each(|part| writer.write_all(part).unwrap());
            writer.finish().unwrap()
        };
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let sealed = write();
        prop_assert!(alone.install(write) == sealed);
        let mut writer = StreamWriter::new(&key, Vec::new());
        prop_assert_eq!(writer.write_from(&mut Piecewise(&plain, piece)).unwrap(), length as u64);
        prop_assert!(writer.finish().unwrap() == sealed);

        let (body, key) = seal(&plain);
        let read = || {
            let mut out = Vec::new();
            let read = StreamReader::new(&key, Piecewise(&body, piece)).unwrap().copy_to(&mut out).unwrap();
            assert_eq!(read, length as u64);
            out
        };
        prop_assert!(read() == plain);
        prop_assert!(alone.install(read) == plain);
    }

    #[test]
    fn any_place_can_be_read(length in lengths(), reads in prop::collection::vec((any::<u32>(), 0usize..70_000), 1..9)) {
        let plain = plain(length);
        let (body, key) = seal(&plain);
        // The body need not be all of the file.
        let file = [b"header", &body[..]].concat();
        let mut input = Cursor::new(file);
        input.set_position(6);
        let mut reader = SeekReader::new(&key, input).unwrap();
        prop_assert_eq!(reader.length(), length as u64);
        for (at, bytes) in reads {
            let at = at as usize % (length + 3);
            reader.seek(SeekFrom::Start(at as u64)).unwrap();
            let mut out = Vec::new();
            (&mut reader).take(bytes as u64).read_to_end(&mut out).unwrap();
            prop_assert!(out == plain[at.min(length)..(at + bytes).min(length)]);
        }
        prop_assert_eq!(reader.seek(SeekFrom::End(0)).unwrap(), length as u64);
        prop_assert!(reader.seek(SeekFrom::Current(-(length as i64) - 1)).is_err());
    }

    #[test]
    fn seeking_believes_no_length_that_is_not_authentic(length in lengths(), at: prop::sample::Index) {
        let (body, key) = seal(&plain(length));
        let cut = at.index(body.len());
        match SeekReader::new(&key, Cursor::new(&body[..cut])) {
            Err(AgeError::Payload(PayloadError::Truncated { .. } | PayloadError::Chunk { .. })) => {}
            Err(AgeError::Header(_)) => prop_assert!(cut < NONCE_BYTES),
            other => prop_assert!(false, "{other:?}"),
        }
    }
}

/// Reads at most so many bytes at a time.
struct Piecewise<'a>(&'a [u8], usize);

impl Read for Piecewise<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(self.1);
        self.0.read(&mut out[..most])
    }
}

#[test]
fn a_changed_chunk_is_refused_wherever_one_comes_from() {
    let plain = plain(3 * CHUNK_BYTES + 5);
    let (mut body, key) = seal(&plain);
    body[NONCE_BYTES + SEALED_BYTES + 9] ^= 1;
    let mut reader = SeekReader::new(&key, Cursor::new(body)).unwrap();
    for chunk in [1, 2, 1, 0, 3] {
        reader.seek(SeekFrom::Start(chunk * CHUNK_BYTES as u64)).unwrap();
        let mut byte = [0];
        let read = reader.read(&mut byte).map_err(|error| PayloadError::of(&error));
        match chunk {
            1 => assert_eq!(read.unwrap_err(), Some(PayloadError::Chunk { chunk: 1 })),
            _ => assert_eq!((read.unwrap(), byte[0]), (1, plain[chunk as usize * CHUNK_BYTES])),
        }
    }
}

#[test]
fn what_was_read_before_an_error_is_released_before_it() {
    struct Breaks<'a>(&'a [u8]);
    impl Read for Breaks<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() { Err(io::Error::other("broken pipe")) } else { self.0.read(out) }
        }
    }
    let plain = plain(20 * CHUNK_BYTES);
    let (body, key) = seal(&plain);
    let mut reader = StreamReader::new(&key, Breaks(&body[..NONCE_BYTES + 17 * SEALED_BYTES + 99])).unwrap();
    let mut out = Vec::new();
    assert_eq!(reader.read_to_end(&mut out).unwrap_err().to_string(), "broken pipe");
    assert!(out == plain[..17 * CHUNK_BYTES]);
    let again = reader.read(&mut [0]).unwrap_err();
    assert_eq!(PayloadError::of(&again), Some(PayloadError::Truncated { chunk: 17 }));
}

#[test]
fn a_failed_writer_stays_failed() {
    struct Fails(Vec<u8>);
    impl Write for Fails {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // The nonce and the first chunk pass, nothing after them does.
            if self.0.len() > CHUNK_BYTES {
                return Err(io::Error::other("full"));
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut rng = rand::rng();
    let (mut writer, _) = FreshFileKey::generate(&mut rng).encrypt_body(Fails(Vec::new()), &mut rng).unwrap();
    let plain = plain(100 * CHUNK_BYTES);
    assert_eq!(writer.write_all(&plain).unwrap_err().to_string(), "full");
    for _ in 0..2 {
        let refused = "writing an age body failed before";
        assert_eq!(writer.write(&plain).unwrap_err().to_string(), refused);
    }
    let error = writer.finish().map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "writing an age body failed before");
}
