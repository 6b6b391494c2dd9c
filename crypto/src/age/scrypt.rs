//! The scrypt recipient type of age (C2SP `age.md`, "The scrypt recipient type"; RFC 7914): a passphrase.
//!
//! In: a file key and a passphrase, or a stanza and a passphrase. Out: the stanza `-> scrypt <salt> <work factor>`,
//! whose body is the file key under ChaCha20-Poly1305, or the file key. It stands alone in its header: whoever knows the
//! passphrase can write files that pass for anybody's, so nothing but one's own archive is sealed this way.
//!
//! The work factor is the base-2 logarithm of scrypt's cost N, with r = 8 and p = 1: 2^(factor + 10) bytes of memory,
//! and at 18 about half a second. A file says itself what it costs to try, so readers refuse more than a limit.
//!
//! ```
//! use consign_crypto::age::{self, Passphrase, ScryptIdentity, ScryptRecipient};
//! use std::io::{Read, Write};
//!
//! let passphrase = Passphrase::new("correct horse battery staple".to_string().into()).ok_or("empty")?;
//! // 14 is for this example; files that last keep the default.
//! let recipient = ScryptRecipient::new(passphrase.clone()).with_work_factor(14).ok_or("out of range")?;
//! let mut writer = age::encrypt(Vec::new(), &[&recipient], &mut rand::rng())?;
//! writer.write_all(b"40 cartons of tea")?;
//! let file = writer.finish()?;
//! let mut text = String::new();
//! age::decrypt(&file[..], &[&ScryptIdentity::new(passphrase)])?.read_to_string(&mut text)?;
//! assert_eq!(text, "40 cartons of tea");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The passphrase and the key are wiped; the working memory of the crate `scrypt`, up to a gigabyte for a second, is not.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use rand::CryptoRng;
use scrypt::Params;
use zeroize::Zeroizing;

use super::error::HeaderError;
use super::key::{FileKey, WRAPPED_BYTES};
use super::stanza::{Stanza, Unwrap, Wrap};

/// The stanza's type.
pub const TAG: &str = "scrypt";
/// The work factor of files that are written: 256 MiB and about half a second.
pub const WORK_FACTOR: u8 = 18;
/// The highest work factor that is tried unless a caller allows more: 1 GiB and some two seconds.
pub const MAX_WORK_FACTOR: u8 = 20;
const SALT_BYTES: usize = 16;
const LABEL: &[u8] = b"age-encryption.org/v1/scrypt";

/// A passphrase. Wiped on drop, never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase over. `None` where it is empty.
    pub fn new(text: Zeroizing<String>) -> Option<Passphrase> {
        (!text.is_empty()).then_some(Passphrase(text))
    }

    /// `scrypt(passphrase, label ‖ salt, N = 2^factor, r = 8, p = 1)`, 32 bytes.
    fn stretch(&self, salt: &[u8; SALT_BYTES], factor: u8) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let params =
            Params::new(factor, 8, 1).expect("a work factor of 1 to 30 with r = 8 and p = 1 is in scrypt's range");
        scrypt::scrypt(self.0.as_bytes(), &[LABEL, salt].concat(), &params, key.as_mut())
            .expect("32 bytes are within scrypt's limit");
        key
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// Seals to a passphrase.
#[derive(Debug, Clone)]
pub struct ScryptRecipient {
    passphrase: Passphrase,
    factor: u8,
}

impl ScryptRecipient {
    /// With the work factor that suits an archive, [`WORK_FACTOR`].
    pub fn new(passphrase: Passphrase) -> ScryptRecipient {
        ScryptRecipient { passphrase, factor: WORK_FACTOR }
    }

    /// With another work factor. `None` unless it is from 1 to [`MAX_WORK_FACTOR`]: what is written opens here.
    pub fn with_work_factor(self, factor: u8) -> Option<ScryptRecipient> {
        (1..=MAX_WORK_FACTOR).contains(&factor).then_some(ScryptRecipient { factor, ..self })
    }
}

impl Wrap for ScryptRecipient {
    fn wrap(&self, file_key: &FileKey, rng: &mut dyn CryptoRng) -> Result<Stanza, HeaderError> {
        let mut salt = [0; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        let key = self.passphrase.stretch(&salt, self.factor);
        Stanza::new(TAG, &[&BASE64.encode(salt), &self.factor.to_string()], file_key.encrypt(&key, &[0; 12]))
    }
}

/// Opens with a passphrase.
#[derive(Debug, Clone)]
pub struct ScryptIdentity {
    passphrase: Passphrase,
    most: u8,
}

impl ScryptIdentity {
    /// Tries files whose work factor is at most [`MAX_WORK_FACTOR`].
    pub fn new(passphrase: Passphrase) -> ScryptIdentity {
        ScryptIdentity { passphrase, most: MAX_WORK_FACTOR }
    }

    /// With another limit, for a file that one trusts: 22 takes 4 GiB. `None` unless it is from 1 to 30.
    pub fn with_max_work_factor(self, most: u8) -> Option<ScryptIdentity> {
        (1..=30).contains(&most).then_some(ScryptIdentity { most, ..self })
    }
}

impl Unwrap for ScryptIdentity {
    fn unwrap(&self, stanza: &Stanza) -> Result<Option<FileKey>, HeaderError> {
        if stanza.tag() != TAG {
            return Ok(None);
        }
        let malformed = |what| HeaderError::Stanza { tag: TAG, what };
        let Some([salt, factor]) = stanza.arguments() else {
            return Err(malformed("two arguments are accepted, the salt and the work factor"));
        };
        let salt: [u8; SALT_BYTES] = BASE64
            .decode(salt)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(malformed("the salt is not 16 bytes of canonical unpadded base64"))?;
        let factor = parse_factor(factor).ok_or(malformed("the work factor is not a decimal number from 1 to 30"))?;
        if factor > self.most {
            return Err(HeaderError::WorkFactor { found: factor, most: self.most });
        }
        if stanza.body().len() != WRAPPED_BYTES {
            return Err(malformed("the body is not 32 bytes"));
        }
        Ok(FileKey::decrypt(&self.passphrase.stretch(&salt, factor), &[0; 12], stanza.body()))
    }
}

/// One or two digits without sign or leading zero; scrypt with r = 8 takes factors to 30 and beyond, no machine does.
fn parse_factor(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|factor| digits && (1..=30).contains(factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.into())).unwrap()
    }

    #[test]
    fn only_the_passphrase_unwraps() {
        let key = FileKey::from_bytes([3; 16]);
        let recipient = ScryptRecipient::new(passphrase("correct horse")).with_work_factor(4).unwrap();
        let stanza = recipient.wrap(&key, &mut rand::rng()).unwrap();
        let opened = ScryptIdentity::new(passphrase("correct horse")).unwrap(&stanza).unwrap().unwrap();
        assert_eq!(opened.as_bytes(), key.as_bytes());
        assert!(ScryptIdentity::new(passphrase("battery staple")).unwrap(&stanza).unwrap().is_none());
        assert!(Passphrase::new(Zeroizing::new(String::new())).is_none());
        assert_eq!(format!("{recipient:?}"), "ScryptRecipient { passphrase: Passphrase(..), factor: 4 }");
    }

    #[test]
    fn a_file_does_not_choose_what_it_costs() {
        let key = FileKey::from_bytes([3; 16]);
        let recipient = ScryptRecipient::new(passphrase("p")).with_work_factor(5).unwrap();
        let stanza = recipient.wrap(&key, &mut rand::rng()).unwrap();
        let identity = ScryptIdentity::new(passphrase("p")).with_max_work_factor(4).unwrap();
        assert_eq!(identity.unwrap(&stanza).unwrap_err(), HeaderError::WorkFactor { found: 5, most: 4 });
        let identity = identity.with_max_work_factor(5).unwrap();
        assert_eq!(identity.unwrap(&stanza).unwrap().unwrap().as_bytes(), key.as_bytes());
        assert!(identity.clone().with_max_work_factor(0).is_none() && identity.with_max_work_factor(31).is_none());
        assert!(ScryptRecipient::new(passphrase("p")).with_work_factor(0).is_none());
        assert!(ScryptRecipient::new(passphrase("p")).with_work_factor(MAX_WORK_FACTOR + 1).is_none());
        for bad in ["0", "05", "+5", "31", "5x", "", "-1", "256"] {
            assert_eq!(parse_factor(bad), None, "{bad}");
        }
        assert_eq!(parse_factor("30"), Some(30));
    }
}
