//! The age file format, `age-encryption.org/v1` (C2SP `age.md`), whole.
//!
//! What comes in: a plaintext and recipients, or an age file and identities. What goes out: an age file that any other
//! implementation opens, or a reader that releases authenticated plaintext only. Nothing here knows of sealing: the
//! grant, the record and the archive of [`crate::seal`] are built on these parts.
//!
//! | module | what |
//! |---|---|
//! | [`header`] | version line, stanzas and header MAC, read in linear time |
//! | [`stanza`] | one recipient stanza, and the traits by which a kind of recipient joins |
//! | [`x25519`] | recipients with an X25519 key, `age1…` |
//! | [`hybrid`] | recipients with a post-quantum key, `age1pq1…` |
//! | [`scrypt`] | a passphrase |
//! | [`armor`] | age files as text |
//! | [`key`] | file keys; the right to encrypt one body is a type of its own |
//! | [`stream`] | the body: 64 KiB chunks of ChaCha20-Poly1305 in a STREAM |
//! | [`error`] | what can be wrong, by part of the file |
//!
//! ```
//! use consign_crypto::age::{self, x25519::X25519Identity};
//! use std::io::{Read, Write};
//!
//! let mut rng = rand::rng();
//! let bank = X25519Identity::generate(&mut rng);
//! let mut writer = age::encrypt(Vec::new(), &[&bank.recipient()], &mut rng)?;
//! writer.write_all(b"40 cartons of tea")?;
//! let file = writer.finish()?;
//!
//! let mut text = String::new();
//! age::decrypt(&file[..], &[&bank])?.read_to_string(&mut text)?;
//! assert_eq!(text, "40 cartons of tea");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::io::{BufRead, Write};

use rand::CryptoRng;

pub mod armor;
pub mod error;
pub mod header;
pub mod hybrid;
pub mod key;
pub mod scrypt;
pub mod stanza;
pub mod stream;
#[cfg(test)]
pub(crate) mod testkit;
pub mod x25519;

pub use armor::{ArmorReader, ArmorWriter, Unarmored};
pub use error::{AgeError, ArmorError, HeaderError, PayloadError};
pub use header::Header;
pub use hybrid::{HybridIdentity, HybridRecipient};
pub use key::{FileKey, FreshFileKey};
pub use scrypt::{Passphrase, ScryptIdentity, ScryptRecipient};
pub use stanza::{Stanza, Unwrap, Wrap};
pub use stream::{StreamReader, StreamWriter};
pub use x25519::{X25519Identity, X25519Recipient};

/// Begins an age file for `recipients` on `out`. The header is written at once; the caller writes the plaintext and
/// must call [`StreamWriter::finish`], without which the file does not open.
///
/// Fails when writing fails, and with [`AgeError::Header`] when a recipient cannot be encrypted to (a low-order point)
/// or when there is none.
pub fn encrypt<W: Write>(
    mut out: W,
    recipients: &[&dyn Wrap],
    rng: &mut dyn CryptoRng,
) -> Result<StreamWriter<W>, AgeError> {
    let fresh = FreshFileKey::generate(rng);
    let mut stanzas = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        stanzas.push(recipient.wrap(fresh.file_key(), rng)?);
    }
    out.write_all(Header::new(stanzas, fresh.file_key())?.as_bytes())?;
    let (writer, _) = fresh.encrypt_body(out, rng)?;
    Ok(writer)
}

/// Reads the header of an age file, armored or not, finds the file key with the first of `identities` that has a stanza
/// in it, and returns a reader of the plaintext.
///
/// Errors: [`AgeError::Armor`], [`AgeError::Header`] and [`AgeError::Mac`] for what is not as the format says,
/// [`AgeError::NoKey`] when none of the identities opens it. Failures of the body come out of the reader, as I/O
/// errors that carry a [`PayloadError`] or an [`ArmorError`].
pub fn decrypt<R: BufRead>(input: R, identities: &[&dyn Unwrap]) -> Result<StreamReader<Unarmored<R>>, AgeError> {
    decrypt_unarmored(Unarmored::new(input)?, identities)
}

fn decrypt_unarmored<R: BufRead>(
    mut input: Unarmored<R>,
    identities: &[&dyn Unwrap],
) -> Result<StreamReader<Unarmored<R>>, AgeError> {
    let header = Header::read(&mut input)?;
    let file_key = unwrap_file_key(&header, identities)?;
    header.verify(&file_key)?;
    StreamReader::new(&file_key, input)
}

/// The file key that the first matching identity finds in `header`; its MAC is not checked yet.
fn unwrap_file_key(header: &Header, identities: &[&dyn Unwrap]) -> Result<FileKey, AgeError> {
    for identity in identities {
        for stanza in header.stanzas() {
            if let Some(file_key) = identity.unwrap(stanza)? {
                return Ok(file_key);
            }
        }
    }
    Err(AgeError::NoKey)
}
