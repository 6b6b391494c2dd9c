//! Identities under a passphrase: the identity file as an age file of one scrypt stanza, armored, which `age -i` opens too.

use std::io::{Read, Write};

use rand::CryptoRng;
use zeroize::Zeroizing;

use super::{FILE_BYTES, Identity, IdentityError};
use crate::age::{self, AgeError, ArmorWriter, Passphrase, ScryptIdentity, ScryptRecipient};

/// The first line of an armored age file.
const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";

/// Whether a text is an identity under a passphrase, by its first line.
pub fn is_locked(text: &str) -> bool {
    text.trim_start().starts_with(BEGIN)
}

impl Identity {
    /// The file that [`Identity::unlock`] and `age -i` read. It is of no use without the passphrase; still, write it for
    /// its owner only. Takes half a second and 256 MiB with the work factor of [`ScryptRecipient::new`].
    ///
    /// # Errors
    /// [`AgeError`], where memory does not take what is written.
    pub fn to_locked_file(&self, recipient: &ScryptRecipient, rng: &mut dyn CryptoRng) -> Result<Vec<u8>, AgeError> {
        let armor = ArmorWriter::new(Vec::new())?;
        let mut writer = age::encrypt(armor, &[recipient], rng)?;
        writer.write_all(self.to_file().as_bytes())?;
        Ok(writer.finish()?.finish()?)
    }

    /// Reads an identity file under a passphrase. A work factor above
    /// [`MAX_WORK_FACTOR`](crate::age::scrypt::MAX_WORK_FACTOR) is refused before any work is done.
    ///
    /// # Errors
    /// [`IdentityError::Passphrase`], [`IdentityError::Lock`], and as [`Identity::parse`] for what is inside.
    pub fn unlock(text: &str, passphrase: Passphrase) -> Result<Identity, IdentityError> {
        let lock = |error: AgeError| match error {
            AgeError::NoKey => IdentityError::Passphrase,
            error => IdentityError::Lock(error.to_string()),
        };
        let reader = age::decrypt(text.as_bytes(), &[&ScryptIdentity::new(passphrase)]).map_err(lock)?;
        // Room for all of it and one byte more, so that no copy is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES + 1));
        reader.take(FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|e| lock(e.into()))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| IdentityError::Lock("what is inside is not text".into()))?;
        if is_locked(text) {
            return Err(IdentityError::Lock("what is inside is under a passphrase again".into()));
        }
        Identity::parse(text)
    }
}
