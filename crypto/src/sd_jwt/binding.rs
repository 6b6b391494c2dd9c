//! The holder's signature at the end of a presented SD-JWT (RFC 9901, section 4.3): for one audience, one nonce, these
//! disclosures and these proofs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MAX_BYTES, SKEW_SECONDS, SdJwt, SdJwtError};
use crate::{
    document_digest::digest_from_hex,
    identity::{Identity, SignerKey},
    jws::{self, ObjectType},
    strict_json::printable,
};

impl SdJwt {
    /// Signs it as the holder, for one audience, nonce and list of proofs.
    ///
    /// # Errors
    /// [`SdJwtError::Binding`] when audience and nonce are too long to sign.
    pub fn bind(
        self,
        holder: &Identity,
        audience: &str,
        nonce: &str,
        proofs: &[u8; 32],
        now: Timestamp,
    ) -> Result<Presented, SdJwtError> {
        let claims = KeyBinding {
            iat: now.as_second(),
            aud: audience.into(),
            nonce: nonce.into(),
            sd_hash: self.hash(),
            proofs: hex::encode(proofs),
        };
        let binding = jws::sign(ObjectType::KeyBinding, &claims, holder).map_err(SdJwtError::Binding)?;
        Ok(Presented { sd_jwt: self, binding })
    }
}

/// Claims of a key-binding JWT; `proofs` is ours.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyBinding {
    iat: i64,
    aud: String,
    nonce: String,
    sd_hash: String,
    proofs: String,
}

/// What a key binding must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Name of the verifier.
    pub audience: &'a str,
    /// The request's nonce.
    pub nonce: &'a str,
    /// Digest of the ordered proofs.
    pub proofs: &'a [u8; 32],
    /// When the request was made; nobody answers earlier.
    pub from: Timestamp,
    /// The present time.
    pub now: Timestamp,
}

/// An SD-JWT with a holder's signature at its end: `jwt~disclosure~…~kb-jwt`. Nothing is verified by reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    sd_jwt: SdJwt,
    binding: String,
}

impl Presented {
    /// Reads `jwt~disclosure~…~kb-jwt`.
    ///
    /// # Errors
    /// [`SdJwtError::NotBound`] when the text ends with `~`, and those of [`SdJwt::parse`].
    pub fn parse(text: &str) -> Result<Presented, SdJwtError> {
        if text.len() > MAX_BYTES {
            return Err(SdJwtError::TooLong(text.len()));
        }
        let end = text.rfind('~').ok_or(SdJwtError::Form)? + 1;
        if end == text.len() {
            return Err(SdJwtError::NotBound);
        }
        Ok(Presented { sd_jwt: SdJwt::parse(&text[..end])?, binding: text[end..].into() })
    }

    /// What is presented.
    pub fn sd_jwt(&self) -> &SdJwt {
        &self.sd_jwt
    }

    /// Checks the holder's signature.
    ///
    /// # Errors
    /// [`SdJwtError::Binding`], [`SdJwtError::Audience`], [`SdJwtError::Nonce`], [`SdJwtError::Proofs`],
    /// [`SdJwtError::Hash`], [`SdJwtError::Time`] with a minute's grace on both sides.
    pub fn verify_binding(&self, holder: &SignerKey, expected: &Expected<'_>) -> Result<(), SdJwtError> {
        let signed = jws::open::<KeyBinding>(ObjectType::KeyBinding, &self.binding).map_err(SdJwtError::Binding)?;
        let claims = signed.by(holder).map_err(SdJwtError::Binding)?;
        if claims.aud != expected.audience {
            return Err(SdJwtError::Audience {
                found: printable(&claims.aud, 100),
                expected: expected.audience.into(),
            });
        }
        if claims.nonce != expected.nonce {
            return Err(SdJwtError::Nonce);
        }
        if digest_from_hex(&claims.proofs).as_ref() != Ok(expected.proofs) {
            return Err(SdJwtError::Proofs);
        }
        if claims.sd_hash != self.sd_jwt.hash() {
            return Err(SdJwtError::Hash);
        }
        let (from, until) = (expected.from.as_second() - SKEW_SECONDS, expected.now.as_second() + SKEW_SECONDS);
        if !(from..=until).contains(&claims.iat) {
            let found = Timestamp::from_second(claims.iat).map_or_else(|_| claims.iat.to_string(), |t| t.to_string());
            return Err(SdJwtError::Time { found, from: expected.from, until: expected.now });
        }
        Ok(())
    }
}

impl std::fmt::Display for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.sd_jwt, self.binding)
    }
}
