//! Who somebody is, and what of theirs still holds: identities, public lines, trust lists, status lists.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{CARRIER, STRANGER, forge, judge_error};
use crate::{
    age::{ArmorReader, Header, Passphrase},
    identity::{self, Identity, PublicIdentity},
    jws::{self, ObjectType},
    samples,
    status::{MIN_BITS, StatusList},
    trust::TrustList,
};

/// An identity file; one under a passphrase is unlocked where that takes little.
pub fn identity(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = if !identity::is_locked(text) {
        Identity::parse(text)
    } else if is_quick_to_unlock(text) {
        Identity::unlock(text, Passphrase::new("passphrase".to_string().into()).expect("some text"))
    } else {
        return;
    };
    match read {
        Ok(read) => {
            let written = read.to_file();
            let again = Identity::parse(&written).map(|again| again.to_file());
            assert!(again.is_ok_and(|again| again == written), "an identity that is not read again");
            assert_eq!(read.public().to_string().parse().as_ref(), Ok(read.public()));
        }
        Err(error) => judge_error(&error.to_string()),
    }
}

/// Whether a file says that it takes at most a mebibyte to try a passphrase.
fn is_quick_to_unlock(text: &str) -> bool {
    let header = Header::read(&mut ArmorReader::new(text.as_bytes()));
    let factor = |header: Header| header.stanzas()[0].arguments().and_then(|[_salt, factor]| factor.parse::<u8>().ok());
    header.is_ok_and(|header| factor(header).is_none_or(|factor| factor <= 10))
}

/// A public line, and a `.pub` file.
pub fn public_line(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<PublicIdentity>() {
        Ok(read) => assert_eq!(read.to_string(), text),
        Err(error) => judge_error(&error.to_string()),
    }
    match PublicIdentity::parse_file(text) {
        Ok(read) => assert_eq!(read.to_string().parse(), Ok(read)),
        Err(error) => judge_error(&error.to_string()),
    }
}

/// A trust list.
pub fn trust(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match TrustList::parse(text) {
        Ok(read) => {
            let again = TrustList::parse(&read.to_toml());
            assert!(again.is_ok_and(|again| again == read), "a trust list that is not read again");
        }
        Err(error) => judge_error(&error.to_string()),
    }
}

/// The only status list that the carrier has signed.
pub(super) static STATUS_LIST: LazyLock<String> = LazyLock::new(|| {
    let times = (samples::time(samples::ISSUED), samples::time(samples::EXPIRES));
    let address = "https://carrier.example/status/1";
    StatusList::sign(address, MIN_BITS, &[3, 70_000].into(), times, &CARRIER).expect("two bits of many")
});

/// A status list; one that a stranger signs, from members of its payload; and the bits of one, packed.
pub fn status(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        judge_status(text);
    }
    let mut payload = status_payload();
    if data.starts_with(&[0x1f, 0x8b]) {
        payload["credentialSubject"]["encodedList"] = format!("u{}", URL_SAFE_NO_PAD.encode(data)).into();
    } else if let (Ok(Value::Object(given)), Some(members)) = (serde_json::from_slice(data), payload.as_object_mut()) {
        members.extend(given);
    } else {
        return;
    }
    judge_status(&forge(ObjectType::StatusList, payload.to_string().as_bytes(), &STRANGER));
}

fn judge_status(text: &str) {
    match StatusList::parse(text) {
        Ok(read) if read.issuer() == CARRIER.public().signer() => assert_eq!(text.trim(), *STATUS_LIST),
        Ok(read) => {
            let revoked = (0..read.size()).filter(|&bit| read.bit(bit) == Some(true)).collect();
            let times = (read.made(), read.until());
            let again = StatusList::sign(read.address(), read.size(), &revoked, times, &STRANGER);
            let again = again.and_then(|text| StatusList::parse(&text));
            assert!(again.is_ok_and(|again| again == read), "a status list that is not read again");
            assert_eq!(revoked.len() as u64, read.revoked());
        }
        Err(error) => judge_error(&error.to_string()),
    }
}

/// The payload of the carrier's status list as the stranger would sign it.
pub(super) fn status_payload() -> Value {
    let read = jws::open::<Value>(ObjectType::StatusList, &STATUS_LIST).expect("signed here");
    let mut payload = read.whoever_signed().clone();
    let key = serde_json::json!({"crv": "Ed25519", "kty": "OKP", "x": STRANGER.public().signer()});
    payload["issuer"] = format!("did:jwk:{}", URL_SAFE_NO_PAD.encode(key.to_string())).into();
    payload
}
