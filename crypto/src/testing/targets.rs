//! What the fuzzers call: one function a target, which panics where a reader breaks a promise that it makes for any
//! bytes.
//!
//! Promised: no panic; an error of one line; what was read is written and read again as the very same, and to the
//! letter where a format has one spelling; what verifies as signed by a party whose key the fuzzer does not have is
//! what that party signed, and no part of it was changed, added or left out. Signatures keep a fuzzer out of what is
//! behind them, so targets also sign what they are given, as a hostile signer would. `fuzz/` has a fuzzer for each
//! target, and the seeds that the tests replay.

mod parties;
mod sealed;

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use self::{
    parties::{identity, public_line, status, trust},
    sealed::{age, archive, grant, sealed},
};
use super::{forge, judge_error};
use crate::{
    attestation::Attestation,
    dossier::{CheckedDossier, Dossier},
    identity::Identity,
    jws::{self, ObjectType},
    samples::{self, ISSUED},
    sd_jwt::{Expected, Presented, SdJwt},
    strict_json,
    trust::{Capacity, Party, TrustList},
    view::View,
};

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 12] = [
    ("jws", jws),
    ("sd_jwt", sd_jwt),
    ("dossier", dossier),
    ("view", view),
    ("identity", identity),
    ("public_line", public_line),
    ("trust", trust),
    ("status", status),
    ("age", age),
    ("sealed", sealed),
    ("grant", grant),
    ("archive", archive),
];

/// Who signs what a fuzzer made up.
static STRANGER: LazyLock<Identity> = LazyLock::new(|| samples::party("Stranger"));
/// Who signs what no fuzzer can.
static CARRIER: LazyLock<Identity> = LazyLock::new(|| samples::party("Carrier"));
/// The only dossiers that the carrier has attested.
static DOSSIERS: LazyLock<[CheckedDossier; 2]> = LazyLock::new(|| [samples::dossier(), samples::short_dossier()]);

fn attested(jwt: &str) -> &'static CheckedDossier {
    let known = DOSSIERS.iter().find(|dossier| dossier.attestation().sd_jwt().jwt() == jwt);
    known.expect("the carrier has signed no other attestation")
}

fn is_carrier(attestation: &Attestation) -> bool {
    attestation.issuer_key() == CARRIER.public().signer()
}

/// The only signed objects that the carrier has signed beside attestations and a status list, one of each type.
static SIGNED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let sign = |typ| forge(typ, br#"{"iat":1769940000,"text":["a",{"b":null}]}"#, &CARRIER);
    ObjectType::ALL.into_iter().map(sign).collect()
});

/// Any signed object; and what a stranger signs of any bytes.
pub fn jws(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        for typ in ObjectType::ALL {
            match jws::open::<Value>(typ, text) {
                Ok(signed) if signed.signer() == CARRIER.public().signer() => {
                    assert!(SIGNED.iter().any(|known| known == text), "a signature that its signer did not make");
                }
                Ok(_) => {}
                Err(error) => judge_error(&error.to_string()),
            }
        }
    }
    match jws::open::<Value>(ObjectType::Grant, &forge(ObjectType::Grant, data, &STRANGER)) {
        Ok(signed) => assert_eq!(strict_json::from_slice(data).as_ref(), Ok(signed.whoever_signed())),
        Err(error) => judge_error(&error.to_string()),
    }
}

/// What the holder of the first dossier presents of it.
static PRESENTED: LazyLock<Presented> = LazyLock::new(|| {
    let shown = DOSSIERS[0].attestation().sd_jwt().showing(["currency", "reference.shipment"]);
    let holder = samples::party("Shipper");
    let bound = shown.expect("claims of the sample").bind(&holder, "customs", "nonce", &[7; 32], samples::time(ISSUED));
    bound.expect("a short audience and nonce")
});

/// An SD-JWT, presented or not; and one that a stranger signs: its payload on the first line, disclosures after it.
pub fn sd_jwt(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(read) = SdJwt::parse(text) {
        assert_eq!(read.to_string(), text);
    }
    if let Ok(read) = Presented::parse(text) {
        assert_eq!(read.to_string(), text);
        let now = samples::time(ISSUED);
        let expected = Expected { audience: "customs", nonce: "nonce", proofs: &[7; 32], from: now, now };
        match read.verify_binding(samples::party("Shipper").public().signer(), &expected) {
            Ok(()) => assert_eq!(read, *PRESENTED),
            Err(error) => judge_error(&error.to_string()),
        }
    }
    match Attestation::parse(text) {
        Ok(read) if is_carrier(&read) => {
            let known = attested(read.sd_jwt().jwt()).attestation();
            assert!(read.disclosed().iter().all(|(name, value)| known.disclosed().get(name) == Some(value)));
        }
        Ok(_) => {}
        Err(error) => judge_error(&error.to_string()),
    }
    if let Some(text) = signed_by_a_stranger(text) {
        match Attestation::parse(&text) {
            Ok(read) => {
                assert_eq!(Attestation::parse(&read.sd_jwt().to_string()).as_ref().ok(), Some(&read));
                let _ = read.facts();
                let refused = read.verify(&trust_list(), samples::time(ISSUED));
                judge_error(&refused.expect_err("nobody knows the stranger").to_string());
            }
            Err(error) => judge_error(&error.to_string()),
        }
    }
}

/// Signs the payload of the first line over the digests of the disclosures on the others.
fn signed_by_a_stranger(text: &str) -> Option<String> {
    let mut lines = text.lines();
    let mut payload: Value = serde_json::from_str(lines.next()?).ok()?;
    let disclosures: Vec<String> = lines.map(|line| URL_SAFE_NO_PAD.encode(line)).collect();
    let members = payload.as_object_mut()?;
    if members.get("iss").is_some_and(Value::is_string) {
        members.insert("iss".into(), STRANGER.public().signer().to_string().into());
    }
    let digests = members.get_mut("_sd")?.as_array_mut()?;
    digests.extend(disclosures.iter().map(|text| URL_SAFE_NO_PAD.encode(Sha256::digest(text)).into()));
    let mut signed = forge(ObjectType::Attestation, payload.to_string().as_bytes(), &STRANGER);
    disclosures.iter().for_each(|text| signed.extend(["~", text]));
    signed.push('~');
    Some(signed)
}

fn trust_list() -> TrustList {
    let mut list = TrustList::default();
    for (name, capacity) in [("Carrier", Capacity::IssuerOfAll), ("Shipper", Capacity::Sender)] {
        let identity = samples::party(name);
        let party = Party::new(identity.public().name().clone(), identity.public().clone(), [capacity]);
        party.and_then(|party| list.add(party)).expect("two parties");
    }
    list
}

/// `dossier.json`.
pub fn dossier(data: &[u8]) {
    let read = match Dossier::parse(data) {
        Ok(read) => read,
        Err(error) => return judge_error(&error.to_string()),
    };
    let written = read.to_json().expect("what was read is not too long");
    let again = Dossier::parse(&written).and_then(|again| again.to_json());
    assert!(again.is_ok_and(|again| again == written), "a dossier that is not read again");
    match read.check() {
        Ok(checked) if is_carrier(checked.attestation()) => {
            let known = attested(checked.attestation().sd_jwt().jwt());
            assert!(checked.document() == known.document() && checked.seed() == known.seed());
            assert_eq!(checked.chain().values(), known.chain().values());
        }
        Ok(_) => {}
        Err(error) => judge_error(&error.to_string()),
    }
}

/// `view.json`.
pub fn view(data: &[u8]) {
    let read = match View::parse(data) {
        Ok(read) => read,
        Err(error) => return judge_error(&error.to_string()),
    };
    let written = read.to_json().expect("what was read is not too long");
    let again = View::parse(&written).and_then(|again| again.to_json());
    assert!(again.is_ok_and(|again| again == written), "a view that is not read again");
    match read.check() {
        Ok(checked) => {
            let _ = (checked.to_value(), checked.hidden());
            if is_carrier(checked.attestation()) {
                let known = attested(checked.attestation().sd_jwt().jwt()).document().to_value();
                for (pointer, value) in checked.values() {
                    assert_eq!(known.pointer(&pointer), Some(value), "{pointer}");
                }
            }
        }
        Err(error) => judge_error(&error.to_string()),
    }
}

#[cfg(test)]
mod tests;
