//! What the fuzzers and the tests of the floors above need and nobody else may have: parties whose keys everybody
//! knows, and signatures over any bytes; behind the feature `testing`.

pub mod targets;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

pub use crate::samples::party;
use crate::{identity::Identity, jws::ObjectType, strict_json::printable};

/// A JWS over any bytes, as a hostile signer can make it.
pub fn forge(typ: ObjectType, payload: &[u8], signer: &Identity) -> String {
    let header = serde_json::json!({"alg": "EdDSA", "typ": typ.name(), "kid": signer.public().signer()}).to_string();
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signer.sign(signed.as_bytes())))
}

/// An error as it is shown: one line, and something on it; nothing invisible, and nothing that turns text around.
///
/// # Panics
/// Where it is not so.
pub fn judge_error(message: &str) {
    assert!(!message.is_empty() && printable(message, usize::MAX) == message, "{message:?}");
}
