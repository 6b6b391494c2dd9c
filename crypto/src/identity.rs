//! Identities: who signs, and who can open.
//!
//! One identity is an age key (to be sealed to: X25519, or the post-quantum hybrid) and an Ed25519 key (to sign with), in
//! one text file that a real `age -i` accepts, because the signing key stands in a comment line; the file may be an age
//! file in its turn, under a passphrase, which `age -i` asks for too. In: such files, and the public line `consign-id-1
//! age1… <Ed25519 key> <name>` that its owner hands out. Out: [`Identity`] and [`PublicIdentity`], whose keys have been
//! checked. Sources: design section 10, age-encryption.org/v1 (bech32 of BIP 173), RFC 7748, RFC 8032.

mod keys;
mod locked;
mod name;
mod public;

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use consign_documents::profile::Kind;
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rand::CryptoRng;
use sha2::Sha256;
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

pub(crate) use self::keys::{HYBRID_SECRET_HRP, LongBech32, RECIPIENT_HRP, SECRET_HRP, decode_bech32};
pub use self::{
    keys::{KeyError, RecipientKey, SignerKey},
    locked::is_locked,
    name::{NAME_CHARS, Name, NameError},
    public::{PublicIdentity, PublicLineError},
};
use crate::{
    age::{FileKey, HeaderError, HybridIdentity, Stanza, X25519Identity, x25519::SharedSecret},
    labels,
};

/// Longest identity or public file that is read, in bytes.
pub const FILE_BYTES: usize = 16 * 1024;

/// What is wrong with an identity file. No variant holds a part of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// A line that is neither a comment nor a secret key.
    #[error("identity file, line {0}: neither a comment nor an age secret key")]
    Line(usize),
    /// The age key has a wrong length, case, checksum or padding.
    #[error("identity file, line {0}: not AGE-SECRET-KEY-1 or AGE-SECRET-KEY-PQ-1 and 32 bytes in upper-case bech32")]
    AgeKey(usize),
    /// The signing key is not 32 bytes of base64url.
    #[error("identity file, line {0}: the signing key is not 32 bytes in canonical base64url without padding")]
    SigningKey(usize),
    /// The name is none.
    #[error("identity file, line {0}: {1}")]
    Name(usize, NameError),
    /// The time is not an RFC 3339 instant.
    #[error("identity file, line {0}: created is not a time like 2026-01-31T12:00:00Z")]
    Created(usize),
    /// A part stands there twice.
    #[error("identity file, line {0}: a second {1}")]
    Twice(usize, &'static str),
    /// A part is not there.
    #[error("identity file: no {0}")]
    Missing(&'static str),
    /// The public line is not that of the secret keys.
    #[error("identity file, line {0}: the public line does not belong to the secret keys of the file")]
    Public(usize),
    /// The file is under a passphrase.
    #[error("the identity is under a passphrase")]
    Locked,
    /// The passphrase is another one.
    #[error("the passphrase does not open the identity")]
    Passphrase,
    /// What should be an identity under a passphrase is another or a damaged age file.
    #[error("the identity is no age file under a passphrase: {0}")]
    Lock(String),
    /// A file beyond [`FILE_BYTES`].
    #[error("the file has {0} bytes; an identity file has at most {FILE_BYTES}")]
    TooLong(usize),
}

impl IdentityError {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        match self {
            IdentityError::Missing("signing key") => {
                "a plain age key cannot sign; make an identity with `consign keygen`"
            }
            IdentityError::Locked | IdentityError::Passphrase => "give its passphrase",
            _ => "restore the file from its backup, or make an identity with `consign keygen`",
        }
    }
}

/// One party's secret keys and name. Dropping it wipes the keys; it never prints them.
#[derive(Clone)]
pub struct Identity {
    created: Timestamp,
    secret: Secret,
    signing: SigningKey,
    public: PublicIdentity,
}

/// The secret half of an age key: 32 bytes of either kind, wiped on drop.
#[derive(Clone)]
enum Secret {
    X25519(StaticSecret),
    /// From which both halves of the key come.
    Hybrid(Zeroizing<[u8; 32]>),
}

impl Secret {
    fn recipient(&self) -> Option<RecipientKey> {
        match self {
            Secret::X25519(secret) => {
                RecipientKey::from_bytes(*X25519Identity::from_secret(secret.clone()).recipient().as_bytes()).ok()
            }
            Secret::Hybrid(seed) => Some(HybridIdentity::from_bytes(**seed).recipient().into()),
        }
    }

    /// As `age -i` reads it.
    fn to_text(&self) -> Zeroizing<String> {
        match self {
            Secret::X25519(secret) => X25519Identity::from_secret(secret.clone()).to_secret_text(),
            Secret::Hybrid(seed) => HybridIdentity::from_bytes(**seed).to_secret_text(),
        }
    }
}

impl Identity {
    /// A new identity. `created` only informs; it is written in the file to the second.
    pub fn generate(name: Name, created: Timestamp, rng: &mut (impl CryptoRng + ?Sized)) -> Identity {
        Identity::draw(name, created, rng, |seed| Secret::X25519(StaticSecret::from(*seed)))
    }

    /// A new identity whose age key is post-quantum: what is sealed to it stays closed to the quantum computer of later.
    /// Its public line has 2 KB, and any age from 1.3 on opens its files.
    pub fn generate_post_quantum(name: Name, created: Timestamp, rng: &mut (impl CryptoRng + ?Sized)) -> Identity {
        Identity::draw(name, created, rng, |seed| Secret::Hybrid(Zeroizing::new(*seed)))
    }

    fn draw(
        name: Name,
        created: Timestamp,
        rng: &mut (impl CryptoRng + ?Sized),
        secret: impl Fn(&[u8; 32]) -> Secret,
    ) -> Identity {
        let mut seed = Zeroizing::new([0; 32]);
        loop {
            rng.fill_bytes(&mut *seed);
            let secret = secret(&seed);
            rng.fill_bytes(&mut *seed);
            let created = Timestamp::from_second(created.as_second()).unwrap_or(created);
            // Keys that come from secrets pass every check; the loop only spares a panic.
            if let Some(identity) = Identity::assemble(name.clone(), created, secret, SigningKey::from_bytes(&seed)) {
                return identity;
            }
        }
    }

    fn assemble(name: Name, created: Timestamp, secret: Secret, signing: SigningKey) -> Option<Identity> {
        let recipient = secret.recipient()?;
        let signer = SignerKey::from_bytes(signing.verifying_key().as_bytes()).ok()?;
        Some(Identity { created, secret, signing, public: PublicIdentity::new(name, recipient, signer) })
    }

    /// Reads an identity file: the lines that [`to_file`](Identity::to_file) writes, in any order, among other comments.
    ///
    /// # Errors
    /// [`IdentityError`], with the number of the line.
    pub fn parse(text: &str) -> Result<Identity, IdentityError> {
        if text.len() > FILE_BYTES {
            return Err(IdentityError::TooLong(text.len()));
        }
        if locked::is_locked(text) {
            return Err(IdentityError::Locked);
        }
        let (mut name, mut created, mut public, mut signing, mut secret) = (None, None, None, None, None);
        for (index, line) in text.lines().enumerate() {
            let at = index + 1;
            let Some(comment) = line.strip_prefix('#') else {
                if line.is_empty() {
                    continue;
                }
                if !line.starts_with(SECRET_HRP) {
                    return Err(IdentityError::Line(at));
                }
                let key = if line.starts_with(HYBRID_SECRET_HRP) {
                    decode_bech32(HYBRID_SECRET_HRP, line).map(Secret::Hybrid)
                } else {
                    decode_bech32(SECRET_HRP, line).map(|key| Secret::X25519(StaticSecret::from(*key)))
                };
                once(&mut secret, key.ok_or(IdentityError::AgeKey(at))?, at, "age secret key")?;
                continue;
            };
            let Some((key, value)) = comment.strip_prefix(' ').and_then(|c| c.split_once(": ")) else { continue };
            match key {
                "name" => {
                    let parsed = value.parse::<Name>().map_err(|e| IdentityError::Name(at, e))?;
                    once(&mut name, parsed, at, "name")?;
                }
                "created" => {
                    let parsed = value.parse::<Timestamp>().map_err(|_| IdentityError::Created(at))?;
                    once(&mut created, parsed, at, "created")?;
                }
                "public" => once(&mut public, (at, value), at, "public line")?,
                "consign-signing-key" => {
                    let key = decode_seed(value).ok_or(IdentityError::SigningKey(at))?;
                    once(&mut signing, SigningKey::from_bytes(&key), at, "signing key")?;
                }
                _ => {}
            }
        }
        let secret = secret.ok_or(IdentityError::Missing("age secret key"))?;
        let signing = signing.ok_or(IdentityError::Missing("signing key"))?;
        let name = name.ok_or(IdentityError::Missing("name"))?;
        let created = created.ok_or(IdentityError::Missing("created"))?;
        let (public_at, public_line) = public.ok_or(IdentityError::Missing("public line"))?;
        Identity::assemble(name, created, secret, signing)
            .filter(|identity| identity.public.to_string() == public_line)
            .ok_or(IdentityError::Public(public_at))
    }

    /// The file that [`parse`](Identity::parse) and `age -i` read. Secret: write it for its owner only.
    pub fn to_file(&self) -> Zeroizing<String> {
        use fmt::Write;
        // Long enough that no copy of a secret is left behind by growing.
        let mut file = Zeroizing::new(String::with_capacity(8192));
        let seed = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.signing.as_bytes()));
        // Writing to a string does not fail.
        let _ = writeln!(file, "# consign identity, secret: do not hand out; `consign id` prints the public line");
        let _ = writeln!(file, "# name: {}", self.public.name());
        let _ = writeln!(file, "# created: {}", self.created);
        let _ = writeln!(file, "# public: {}", self.public);
        let _ = writeln!(file, "# consign-signing-key: {}", *seed);
        let _ = writeln!(file, "{}", *self.secret.to_text());
        file
    }

    /// What its owner hands out.
    pub fn public(&self) -> &PublicIdentity {
        &self.public
    }
    /// When it was made, as its file says.
    pub fn created(&self) -> Timestamp {
        self.created
    }
    /// The file key in `stanza`, where it is for this identity, and what sender and recipient share.
    pub(crate) fn unwrap_shared(&self, stanza: &Stanza) -> Result<Option<(FileKey, SharedSecret)>, HeaderError> {
        match &self.secret {
            Secret::X25519(secret) => X25519Identity::from_secret(secret.clone()).unwrap_shared(stanza),
            Secret::Hybrid(seed) => HybridIdentity::from_bytes(**seed).unwrap_shared(stanza),
        }
    }
    /// The Ed25519 signature of `message`. Only signed objects with their own type are ever signed.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }
    /// The id under which this identity, as an issuer, attests a document: HMAC-SHA256 of kind and number, so that the
    /// same document attested twice has one id, and nobody else can tell which number an id stands for. The HMAC key
    /// never leaves this function and gives nothing away about the signing key that it comes from.
    pub fn document_id(&self, kind: Kind, number: &str) -> [u8; 32] {
        // HMAC pads a key with zeros to the block of its hash: a key of 32 bytes, written as one block.
        let mut secret = Zeroizing::new([0; 64]);
        // 32 bytes are always within what HKDF-SHA256 expands to.
        let expanded =
            Hkdf::<Sha256>::new(None, self.signing.as_bytes()).expand(labels::ISSUER_SECRET, &mut secret[..32]);
        debug_assert!(expanded.is_ok());
        let mut mac = Hmac::<Sha256>::new((&*secret).into());
        mac.update(labels::DOCUMENT_ID);
        mac.update(kind.name().as_bytes());
        mac.update(&[0]);
        mac.update(number.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({}, secret)", self.public)
    }
}

fn once<T>(slot: &mut Option<T>, value: T, at: usize, what: &'static str) -> Result<(), IdentityError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(IdentityError::Twice(at, what)),
    }
}

fn decode_seed(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut seed = Zeroizing::new([0; 32]);
    (text.len() == 43 && URL_SAFE_NO_PAD.decode_slice(text, &mut *seed).ok()? == 32).then_some(seed)
}

#[cfg(test)]
mod tests;
