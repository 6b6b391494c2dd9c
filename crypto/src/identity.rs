//! Identities: who signs, and who can open.
//!
//! One identity is an age X25519 key (to be sealed to) and an Ed25519 key (to sign with), in one text file that a real
//! `age -i` accepts, because the signing key stands in a comment line. In: such files, and the public line
//! `consign-id-1 age1… <Ed25519 key> <name>` that its owner hands out. Out: [`Identity`] and [`PublicIdentity`], whose
//! keys have been checked. Sources: design section 10, age-encryption.org/v1 (bech32 of BIP 173), RFC 7748, RFC 8032.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bech32::{Bech32, Hrp, primitives::decode::CheckedHrpstring};
use consign_documents::profile::Kind;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use rand::CryptoRng;
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::labels;

/// First word of a public line, with the version of its form.
const PUBLIC_LINE: &str = "consign-id-1";
pub(crate) const RECIPIENT_HRP: &str = "age";
pub(crate) const SECRET_HRP: &str = "AGE-SECRET-KEY-";
/// Longest name of a party, in characters.
pub const NAME_CHARS: usize = 100;
/// Longest identity or public file that is read, in bytes.
pub const FILE_BYTES: usize = 16 * 1024;

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No character at all.
    #[error("a name is empty; it takes 1 to {NAME_CHARS} characters")]
    Empty,
    /// More than [`NAME_CHARS`].
    #[error("a name has {0} characters; it takes 1 to {NAME_CHARS}")]
    TooLong(usize),
    /// A space at either end.
    #[error("the name {0:?} begins or ends with a space")]
    Space(String),
    /// A control, formatting or private character, or white space other than a plain space.
    #[error("the name {0:?} holds {1:?}, which does not print")]
    Unprintable(String, char),
}

/// The name of a party: 1 to 100 printable characters, no space at either end.
///
/// A name identifies nobody by itself: what counts is the name that one's own trust list gives to a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that are invisible or turn the text around them: a name that holds one can pass for another.
fn deceives(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
}

impl FromStr for Name {
    type Err = NameError;
    fn from_str(s: &str) -> Result<Name, NameError> {
        let chars = s.chars().count();
        if chars == 0 {
            return Err(NameError::Empty);
        }
        if chars > NAME_CHARS {
            return Err(NameError::TooLong(chars));
        }
        if s.starts_with(' ') || s.ends_with(' ') {
            return Err(NameError::Space(s.into()));
        }
        match s.chars().find(|&c| c.is_control() || deceives(c) || c.is_whitespace() && c != ' ') {
            Some(c) => Err(NameError::Unprintable(s.into(), c)),
            None => Ok(Name(s.into())),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is wrong with a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 43 characters of base64url without padding, in canonical form.
    #[error("the Ed25519 key is not 32 bytes in canonical base64url without padding")]
    Encoding,
    /// Not a point of the curve in its one canonical form.
    #[error("the Ed25519 key is not the canonical form of a point on the curve")]
    NotAPoint,
    /// The point is of small order, or has a part of small order: signatures under it bind nobody.
    #[error("the Ed25519 key is not in the prime-order subgroup")]
    Weak,
    /// Not `age1` and 32 bytes in lower-case bech32.
    #[error("the age recipient is not age1 and 32 bytes in lower-case bech32")]
    Recipient,
    /// At or above 2^255 - 19: a second spelling of another key.
    #[error("the age recipient is not in canonical form")]
    NonCanonicalRecipient,
    /// A point of low order, with which every shared secret is zero.
    #[error("the age recipient is a point of low order; anybody could open what is sealed to it")]
    LowOrder,
}

/// An Ed25519 public key of the prime-order subgroup, in canonical form. Written as base64url of its 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignerKey([u8; 32]);

impl SignerKey {
    /// The key with these 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::NotAPoint`] and [`KeyError::Weak`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<SignerKey, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        let point = key.to_edwards();
        if point.compress().to_bytes() != *bytes {
            return Err(KeyError::NotAPoint);
        }
        if key.is_weak() || !point.is_torsion_free() {
            return Err(KeyError::Weak);
        }
        Ok(SignerKey(*bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is this key's over `message`, by the strict rules: canonical `S`, no point of small order.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;
    fn from_str(s: &str) -> Result<SignerKey, KeyError> {
        let bytes = URL_SAFE_NO_PAD.decode(s).map_err(|_| KeyError::Encoding)?;
        SignerKey::from_bytes(&bytes.try_into().map_err(|_| KeyError::Encoding)?)
    }
}

impl fmt::Display for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.as_bytes()))
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({self})")
    }
}

impl serde::Serialize for SignerKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for SignerKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<SignerKey, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The X25519 key that files are sealed to: canonical, not of low order. Written as `age1…`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecipientKey(PublicKey);

impl RecipientKey {
    /// The key with these 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::NonCanonicalRecipient`] and [`KeyError::LowOrder`].
    pub fn from_bytes(bytes: [u8; 32]) -> Result<RecipientKey, KeyError> {
        // 2^255 - 19 is ed ff .. ff 7f, least significant byte first.
        let above = bytes[31] > 0x7f || (bytes[31] == 0x7f && bytes[1..31] == [0xff; 30] && bytes[0] >= 0xed);
        if above {
            return Err(KeyError::NonCanonicalRecipient);
        }
        let key = PublicKey::from(bytes);
        // A clamped scalar is a multiple of the cofactor, so one product tells whether the order is low.
        if !StaticSecret::from([0x42; 32]).diffie_hellman(&key).was_contributory() {
            return Err(KeyError::LowOrder);
        }
        Ok(RecipientKey(key))
    }

    /// The key, for X25519.
    pub fn x25519(&self) -> &PublicKey {
        &self.0
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl FromStr for RecipientKey {
    type Err = KeyError;
    fn from_str(s: &str) -> Result<RecipientKey, KeyError> {
        RecipientKey::from_bytes(*decode_bech32(RECIPIENT_HRP, s).ok_or(KeyError::Recipient)?)
    }
}

impl fmt::Display for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_lower_to_fmt::<Bech32, _>(f, Hrp::parse_unchecked(RECIPIENT_HRP), self.as_bytes())
            .map_err(|_| fmt::Error)
    }
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecipientKey({self})")
    }
}

/// Exactly 32 bytes of bech32 under `hrp`, in the case that `hrp` has and with zero padding bits, as age asks.
pub(crate) fn decode_bech32(hrp: &str, text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mixed = if hrp == SECRET_HRP {
        text.bytes().any(|b| b.is_ascii_lowercase())
    } else {
        text.bytes().any(|b| b.is_ascii_uppercase())
    };
    // HRP, the separator, 52 characters of data, 6 of checksum.
    if mixed || text.len() != hrp.len() + 59 || !text.starts_with(hrp) {
        return None;
    }
    let checked = CheckedHrpstring::new::<Bech32>(text).ok()?;
    checked.validate_segwit_padding().ok()?;
    if checked.hrp() != Hrp::parse(hrp).ok()? || checked.byte_iter().len() != 32 {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.iter_mut().zip(checked.byte_iter()).for_each(|(to, from)| *to = from);
    Some(bytes)
}

/// What is wrong with a public line or a `.pub` file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicLineError {
    /// Not four words that begin with `consign-id-1`.
    #[error("not a public line; it reads {PUBLIC_LINE} age1… <Ed25519 key> <name>")]
    Form,
    /// A key is malformed or unsafe.
    #[error("public line: {0}")]
    Key(#[from] KeyError),
    /// The name is none.
    #[error("public line: {0}")]
    Name(#[from] NameError),
    /// A file with no public line, or with more than one.
    #[error("the file holds {0} public lines; exactly one is accepted beside comment lines")]
    Lines(usize),
    /// A file beyond [`FILE_BYTES`].
    #[error("the file has {0} bytes; a public file has at most {FILE_BYTES}")]
    TooLong(usize),
}

impl PublicLineError {
    /// What the user can do.
    pub fn hint(&self) -> &'static str {
        "ask its owner for the output of `consign id`, one line that begins with consign-id-1"
    }
}

/// What the owner of an identity hands out: name, X25519 key, Ed25519 key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicIdentity {
    name: Name,
    recipient: RecipientKey,
    signer: SignerKey,
}

impl PublicIdentity {
    /// The identity of these parts.
    pub fn new(name: Name, recipient: RecipientKey, signer: SignerKey) -> PublicIdentity {
        PublicIdentity { name, recipient, signer }
    }

    /// Reads a `.pub` file: one public line, comment lines that begin with `#`, one line break at the end.
    ///
    /// # Errors
    /// [`PublicLineError`].
    pub fn parse_file(text: &str) -> Result<PublicIdentity, PublicLineError> {
        if text.len() > FILE_BYTES {
            return Err(PublicLineError::TooLong(text.len()));
        }
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        match (lines.next(), lines.count()) {
            (None, _) => Err(PublicLineError::Lines(0)),
            (Some(line), 0) => line.parse(),
            (Some(_), more) => Err(PublicLineError::Lines(1 + more)),
        }
    }

    /// The name its owner goes by.
    pub fn name(&self) -> &Name {
        &self.name
    }
    /// The key to seal to.
    pub fn recipient(&self) -> &RecipientKey {
        &self.recipient
    }
    /// The key to check signatures with.
    pub fn signer(&self) -> &SignerKey {
        &self.signer
    }
}

impl FromStr for PublicIdentity {
    type Err = PublicLineError;
    fn from_str(line: &str) -> Result<PublicIdentity, PublicLineError> {
        let mut words = line.splitn(4, ' ');
        let (Some(PUBLIC_LINE), Some(recipient), Some(signer), Some(name)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(PublicLineError::Form);
        };
        Ok(PublicIdentity { name: name.parse()?, recipient: recipient.parse()?, signer: signer.parse()? })
    }
}

impl fmt::Display for PublicIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_LINE} {} {} {}", self.recipient, self.signer, self.name)
    }
}

/// What is wrong with an identity file. No variant holds a part of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// A line that is neither a comment nor a secret key.
    #[error("identity file, line {0}: neither a comment nor an age secret key")]
    Line(usize),
    /// The age key has a wrong length, case, checksum or padding.
    #[error("identity file, line {0}: not AGE-SECRET-KEY-1 and 32 bytes in upper-case bech32")]
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
            _ => "restore the file from its backup, or make an identity with `consign keygen`",
        }
    }
}

/// One party's secret keys and name. Dropping it wipes the keys; it never prints them.
#[derive(Clone)]
pub struct Identity {
    created: Timestamp,
    secret: StaticSecret,
    signing: SigningKey,
    public: PublicIdentity,
}

impl Identity {
    /// A new identity. `created` only informs; it is written in the file to the second.
    pub fn generate(name: Name, created: Timestamp, rng: &mut (impl CryptoRng + ?Sized)) -> Identity {
        let mut seed = Zeroizing::new([0; 32]);
        loop {
            rng.fill_bytes(&mut *seed);
            let secret = StaticSecret::from(*seed);
            rng.fill_bytes(&mut *seed);
            let created = Timestamp::from_second(created.as_second()).unwrap_or(created);
            // Keys that come from secrets pass every check; the loop only spares a panic.
            if let Some(identity) = Identity::assemble(name.clone(), created, secret, SigningKey::from_bytes(&seed)) {
                return identity;
            }
        }
    }

    fn assemble(name: Name, created: Timestamp, secret: StaticSecret, signing: SigningKey) -> Option<Identity> {
        let recipient = RecipientKey::from_bytes(PublicKey::from(&secret).to_bytes()).ok()?;
        let signer = SignerKey::from_bytes(signing.verifying_key().as_bytes()).ok()?;
        Some(Identity { created, secret, signing, public: PublicIdentity { name, recipient, signer } })
    }

    /// Reads an identity file: the lines that [`to_file`](Identity::to_file) writes, in any order, among other comments.
    ///
    /// # Errors
    /// [`IdentityError`], with the number of the line.
    pub fn parse(text: &str) -> Result<Identity, IdentityError> {
        if text.len() > FILE_BYTES {
            return Err(IdentityError::TooLong(text.len()));
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
                let key = decode_bech32(SECRET_HRP, line).ok_or(IdentityError::AgeKey(at))?;
                once(&mut secret, StaticSecret::from(*key), at, "age secret key")?;
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
        let mut file = Zeroizing::new(String::with_capacity(2048));
        let seed = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.signing.as_bytes()));
        // Writing to a string does not fail.
        let _ = writeln!(file, "# consign identity, secret: do not hand out; `consign id` prints the public line");
        let _ = writeln!(file, "# name: {}", self.public.name);
        let _ = writeln!(file, "# created: {}", self.created);
        let _ = writeln!(file, "# public: {}", self.public);
        let _ = writeln!(file, "# consign-signing-key: {}", *seed);
        let hrp = Hrp::parse_unchecked(SECRET_HRP);
        let _ = bech32::encode_upper_to_fmt::<Bech32, _>(&mut *file, hrp, self.secret.as_bytes());
        file.push('\n');
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
    /// The secret that opens what was sealed to it.
    pub fn x25519_secret(&self) -> &StaticSecret {
        &self.secret
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
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn identity(seed: u64, name: &str) -> Identity {
        let created = "2026-01-31T12:00:00.5Z".parse().unwrap();
        Identity::generate(name.parse().unwrap(), created, &mut StdRng::seed_from_u64(seed))
    }

    proptest! {
        #[test]
        fn files_and_public_lines_round_trip(seed: u64, name in "[!-~é船](.{0,98}[!-~é船])?") {
            prop_assume!(name.parse::<Name>().is_ok());
            let identity = identity(seed, &name);
            let again = Identity::parse(&identity.to_file()).unwrap();
            prop_assert_eq!(again.public(), identity.public());
            prop_assert_eq!(again.created(), identity.created());
            prop_assert_eq!(again.x25519_secret().as_bytes(), identity.x25519_secret().as_bytes());
            prop_assert_eq!(again.sign(b"x"), identity.sign(b"x"));
            let line = identity.public().to_string();
            prop_assert_eq!(&line.parse::<PublicIdentity>().unwrap(), identity.public());
            let file = format!("# carrier\n{line}\n");
            prop_assert_eq!(&PublicIdentity::parse_file(&file).unwrap(), identity.public());
        }

        #[test]
        fn a_public_line_with_one_character_changed_is_refused_or_says_something_else(
            seed: u64, at in 0usize..120, to in "[ -~]"
        ) {
            let line = identity(seed, "Carrier").public().to_string();
            prop_assume!(at < line.len() && line[at..=at] != to);
            let mut changed = line.clone();
            changed.replace_range(at..=at, &to);
            if let Ok(other) = changed.parse::<PublicIdentity>() {
                prop_assert_eq!(other.to_string(), changed);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            let _ = (Identity::parse(&text), text.parse::<PublicIdentity>(), PublicIdentity::parse_file(&text));
        }
    }

    #[test]
    fn names() {
        let name = |s: &str| s.parse::<Name>();
        assert_eq!(name(""), Err(NameError::Empty));
        assert_eq!(name(&"a".repeat(101)), Err(NameError::TooLong(101)));
        assert!(name(&"é".repeat(100)).is_ok());
        assert_eq!(name(" a"), Err(NameError::Space(" a".into())));
        assert_eq!(name("a "), Err(NameError::Space("a ".into())));
        for c in ['\n', '\t', '\0', '\u{a0}', '\u{202e}', '\u{200b}', '\u{feff}', '\u{85}'] {
            let text = format!("a{c}b");
            assert_eq!(name(&text), Err(NameError::Unprintable(text.clone(), c)));
        }
    }

    #[test]
    fn unsafe_keys_are_refused() {
        // u = 0 and u = 1, the points of order 4 and 8 (RFC 7748, section 7), and p + 1.
        let low = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
        let low: [u8; 32] = hex::decode(low).unwrap().try_into().unwrap();
        let mut one = [0; 32];
        one[0] = 1;
        for bytes in [[0; 32], one, low] {
            assert_eq!(RecipientKey::from_bytes(bytes), Err(KeyError::LowOrder));
        }
        let mut above = [0xff; 32];
        (above[0], above[31]) = (0xed, 0x7f);
        assert_eq!(RecipientKey::from_bytes(above), Err(KeyError::NonCanonicalRecipient));
        above[0] = 0xec;
        assert_eq!(RecipientKey::from_bytes(above), Err(KeyError::LowOrder), "p - 1 has order 4");
        let mut high = *identity(1, "a").public().recipient().as_bytes();
        high[31] |= 0x80;
        assert_eq!(RecipientKey::from_bytes(high), Err(KeyError::NonCanonicalRecipient));

        // The identity (y = 1), y = -1 (order 2), y = 0 (order 4) are small; y = p + 1 is a second spelling of y = 1.
        let mut minus_one = [0xff; 32];
        (minus_one[0], minus_one[31]) = (0xec, 0x7f);
        for bytes in [one, minus_one, [0; 32]] {
            assert_eq!(SignerKey::from_bytes(&bytes), Err(KeyError::Weak));
        }
        let mut second = [0xff; 32];
        (second[0], second[31]) = (0xee, 0x7f);
        assert_eq!(SignerKey::from_bytes(&second), Err(KeyError::NotAPoint));
        assert_eq!(SignerKey::from_bytes(&[2; 32]).err(), Some(KeyError::NotAPoint));
        assert_eq!("AAAA".parse::<SignerKey>(), Err(KeyError::Encoding));
    }

    #[test]
    fn case_padding_and_checksum_of_bech32_are_those_of_age() {
        let identity = identity(7, "a");
        let line = identity.public().recipient().to_string();
        assert!(line.starts_with("age1") && line.len() == 62);
        assert_eq!(line.to_uppercase().parse::<RecipientKey>(), Err(KeyError::Recipient));
        assert_eq!(line[..61].parse::<RecipientKey>(), Err(KeyError::Recipient));
        let other = if line.ends_with('q') { "p" } else { "q" };
        assert_eq!(format!("{}{other}", &line[..61]).parse::<RecipientKey>(), Err(KeyError::Recipient));
        // A known pair of the age specification's test kit.
        let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
        assert_eq!(*decode_bech32(SECRET_HRP, secret).unwrap(), [0x42; 32]);
        assert!(decode_bech32(SECRET_HRP, &secret.to_lowercase()).is_none());
    }

    #[test]
    fn identity_files_name_what_is_wrong_and_where() {
        let file = identity(3, "Carrier Ltd").to_file();
        let lines: Vec<&str> = file.lines().collect();
        let with = |index: usize, line: &str| {
            let mut lines = lines.clone();
            lines[index] = line;
            Identity::parse(&lines.join("\n")).map(drop).unwrap_err()
        };
        assert_eq!(with(1, "# name: "), IdentityError::Name(2, NameError::Empty));
        assert_eq!(with(1, "#"), IdentityError::Missing("name"));
        assert_eq!(with(1, "# name: Other"), IdentityError::Public(4));
        assert_eq!(with(2, "# created: yesterday"), IdentityError::Created(3));
        assert_eq!(with(3, "# public: x"), IdentityError::Public(4));
        assert_eq!(with(3, "#"), IdentityError::Missing("public line"));
        assert_eq!(with(4, "# consign-signing-key: x"), IdentityError::SigningKey(5));
        assert_eq!(with(4, "#"), IdentityError::Missing("signing key"));
        assert_eq!(with(5, "AGE-SECRET-KEY-1QQ"), IdentityError::AgeKey(6));
        assert_eq!(with(5, "#"), IdentityError::Missing("age secret key"));
        assert_eq!(with(0, "hello"), IdentityError::Line(1));
        assert_eq!(with(0, lines[5]), IdentityError::Twice(6, "age secret key"));
        assert_eq!(with(0, lines[4]), IdentityError::Twice(5, "signing key"));
        assert_eq!(with(5, lines[5].to_lowercase().as_str()), IdentityError::Line(6));
        let other = identity(4, "Carrier Ltd").to_file();
        assert_eq!(with(5, other.lines().nth(5).unwrap()), IdentityError::Public(4));
        assert_eq!(Identity::parse(&"#".repeat(FILE_BYTES + 1)).map(drop), Err(IdentityError::TooLong(FILE_BYTES + 1)));
    }

    #[test]
    fn nothing_secret_prints() {
        let identity = identity(5, "a");
        let shown = format!("{identity:?}");
        let file = identity.to_file();
        for secret in [file.lines().last().unwrap(), file.lines().nth(4).unwrap().split_once(": ").unwrap().1] {
            assert!(!shown.contains(secret));
        }
    }

    #[test]
    fn a_document_id_depends_on_issuer_kind_and_number() {
        let (a, b) = (identity(1, "a"), identity(2, "b"));
        let id = a.document_id(Kind::CargoManifest, "17");
        assert_eq!(id, a.document_id(Kind::CargoManifest, "17"));
        assert_ne!(id, a.document_id(Kind::CommercialInvoice, "17"));
        assert_ne!(id, a.document_id(Kind::CargoManifest, "18"));
        assert_ne!(id, b.document_id(Kind::CargoManifest, "17"));
    }
}
