//! What is wrong with an SD-JWT.

use jiff::Timestamp;

use super::{MAX_BYTES, MAX_DISCLOSURES, MAX_NAME, MAX_VALUES};
use crate::jws::JwsError;

/// What is wrong with an SD-JWT, its disclosures or its key binding.
#[derive(Debug, thiserror::Error)]
pub enum SdJwtError {
    /// Beyond [`MAX_BYTES`].
    #[error("the SD-JWT has {0} bytes; it may have {MAX_BYTES}")]
    TooLong(usize),
    /// No `~` at the end where there is no key binding, or none at all.
    #[error("not an SD-JWT, which is jwt~disclosure~…~")]
    Form,
    /// Beyond [`MAX_DISCLOSURES`].
    #[error("the SD-JWT has {0} disclosures; it may have {MAX_DISCLOSURES}")]
    TooMany(usize),
    /// A disclosure is not canonical base64url of a JSON array of salt, name and value.
    #[error("disclosure {0} is not base64url of [salt, name, value], the name of at most {MAX_NAME} bytes")]
    Disclosure(usize),
    /// Beyond [`MAX_VALUES`].
    #[error("the disclosures have more than {MAX_VALUES} values")]
    TooManyValues,
    /// A disclosure discloses what belongs to the mechanism, or has disclosures within.
    #[error("the disclosure of {0:?} uses _sd or ..., which is not accepted")]
    Reserved(String),
    /// Digests of the payload are made otherwise.
    #[error("the digests are made with \"{0}\"; only \"sha-256\" is accepted")]
    Algorithm(String),
    /// One digest stands twice in the payload.
    #[error("the digest {0} stands twice in the signed object")]
    RepeatedDigest(String),
    /// The same disclosure twice.
    #[error("{0:?} is disclosed twice")]
    RepeatedDisclosure(String),
    /// Two disclosures of one name.
    #[error("two disclosures of {0:?} with different content")]
    RepeatedName(String),
    /// A disclosure of a claim that stands openly in the payload.
    #[error("{0:?} is disclosed and stands in the signed object too")]
    Clash(String),
    /// A disclosure whose digest was not signed.
    #[error("disclosure {0} is not among the signed digests")]
    Unreferenced(usize),
    /// A claim to be presented is not there.
    #[error("there is no disclosure of {0:?} to present")]
    NoSuchClaim(String),
    /// No key-binding JWT where one must be.
    #[error("the holder's signature is missing")]
    NotBound,
    /// The key-binding JWT does not hold.
    #[error("the holder's signature: {0}")]
    Binding(JwsError),
    /// Made for another audience.
    #[error("presented to \"{found}\", where {expected:?} is expected")]
    Audience {
        /// As signed.
        found: String,
        /// As asked for.
        expected: String,
    },
    /// Made for another request.
    #[error("the holder signed another nonce than the request's")]
    Nonce,
    /// Made over other disclosures.
    #[error("the holder signed other disclosures than these")]
    Hash,
    /// Made over other proofs.
    #[error("the holder signed other proofs than these")]
    Proofs,
    /// Made before the request or after now.
    #[error("the holder signed at {found}, where {from} to {until} is accepted")]
    Time {
        /// As signed.
        found: String,
        /// From this instant.
        from: Timestamp,
        /// Until this instant.
        until: Timestamp,
    },
}
