use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::{
    attestation::{Validity, attest_revocable},
    samples::{EXPIRES, ISSUED, dossier, manifest, party, rng, time},
};

const LIST: &str = "https://carrier.example/status/1";
const MADE: &str = "2026-03-01T00:00:00Z";
const UNTIL: &str = "2026-03-08T00:00:00Z";
const NOW: &str = "2026-03-01T12:00:00Z";

fn signed(issuer: &str, list: &str, revoked: &[u64], made: &str) -> String {
    let revoked = revoked.iter().copied().collect();
    StatusList::sign(list, MIN_BITS, &revoked, (time(made), time(UNTIL)), &party(issuer)).unwrap()
}

fn lists(texts: &[String]) -> StatusLists {
    StatusLists::new(texts.iter().map(|text| StatusList::parse(text).unwrap()))
}

fn attestation(index: u64) -> Attestation {
    let validity = Validity { issued: time(ISSUED), expires: time(EXPIRES) };
    let status = StatusReference { index, list: LIST.into() };
    let holder = party("Shipper");
    let dossier =
        attest_revocable(&manifest(), &party("Carrier"), holder.public(), validity, Some(&status), &mut rng(4))
            .unwrap();
    let attestation = Attestation::parse(&dossier.attestation().sd_jwt().to_string()).unwrap();
    assert_eq!(attestation.status(), Some(&status));
    attestation
}

fn check(texts: &[String], hours: Option<u32>, now: &str) -> Result<Option<Standing>, StatusError> {
    lists(texts).check(&attestation(7), hours, time(now))
}

#[test]
fn an_attestation_stands_until_its_issuer_takes_it_back() {
    let standing = check(&[signed("Carrier", LIST, &[6, 8], MADE)], Some(24), NOW).unwrap();
    assert_eq!(standing, Some(Standing { as_of: time(MADE) }));
    for hours in [Some(24), None] {
        // However old the list, and whatever a later one says.
        for later in [NOW, UNTIL, "2029-01-01T00:00:00Z"] {
            let texts = [signed("Carrier", LIST, &[7], MADE), signed("Carrier", LIST, &[], "2026-03-01T06:00:00Z")];
            let error = check(&texts, hours, later).unwrap_err();
            assert!(matches!(error, StatusError::Revoked { index: 7, .. }), "{error}");
        }
    }
}

#[test]
fn what_is_missing_or_stale_is_no() {
    let day = Some(24);
    let mine = || signed("Carrier", LIST, &[], MADE);
    assert!(matches!(check(&[], day, NOW), Err(StatusError::NotAtHand { .. })));
    // Of another address, or signed by another party that is on the trust list too.
    let other = signed("Carrier", "https://carrier.example/status/2", &[], MADE);
    assert!(matches!(
        check(&[other, signed("Chamber", LIST, &[], MADE)], day, NOW),
        Err(StatusError::NotAtHand { .. })
    ));
    assert!(matches!(check(&[mine()], Some(11), NOW), Err(StatusError::TooOld { hours: 11, .. })));
    assert!(check(&[mine()], Some(12), NOW).is_ok());
    assert!(check(&[mine(), signed("Carrier", LIST, &[], NOW)], Some(1), NOW).is_ok(), "the latest counts");
    assert!(check(&[signed("Carrier", LIST, &[], NOW), mine()], Some(1), NOW).is_ok(), "wherever it stands");
    assert!(matches!(check(&[mine()], Some(1000), UNTIL), Err(StatusError::Over { .. })));
    assert!(matches!(check(&[mine()], day, "2026-02-28T23:58:59Z"), Err(StatusError::FromTheFuture { .. })));
    assert!(check(&[mine()], day, "2026-02-28T23:59:00Z").is_ok());
    let beyond = lists(&[mine()]).check(&attestation(MIN_BITS), day, time(NOW));
    assert!(matches!(beyond, Err(StatusError::Index { bits: MIN_BITS, index: MIN_BITS, .. })));
    let none = lists(&[mine()]).check(dossier().attestation(), day, time(NOW));
    assert!(matches!(none, Err(StatusError::NoReference)));
    // Where no status is asked for, a list that says nothing against it says nothing.
    assert_eq!(check(&[mine()], None, NOW).unwrap(), None);
    assert_eq!(check(&[], None, NOW).unwrap(), None);
    assert_eq!(lists(&[mine()]).check(dossier().attestation(), None, time(NOW)).unwrap(), None);
}

/// The credential with one member changed, signed again.
fn changed(change: impl FnOnce(&mut Value)) -> Result<StatusList, StatusError> {
    let mut credential = jws::open::<Value>(ObjectType::StatusList, &signed("Carrier", LIST, &[1], MADE))
        .unwrap()
        .whoever_signed()
        .clone();
    change(&mut credential);
    StatusList::parse(&jws::sign(ObjectType::StatusList, &credential, &party("Carrier")).unwrap())
}

#[test]
fn each_member_is_checked() {
    let member = |name: &str, value: Value| match changed(|c| *c.pointer_mut(name).unwrap() = value) {
        Err(StatusError::Member { member, .. }) => {
            assert!(name.ends_with(member.rsplit('.').next().unwrap()), "{member}")
        }
        other => panic!("{name}: {other:?}"),
    };
    changed(|_| ()).unwrap();
    member("/@context", json!(["https://www.w3.org/2018/credentials/v1"]));
    member("/type", json!(["VerifiableCredential"]));
    member("/id", json!("status/1"));
    member("/issuer", json!(did(party("Chamber").public().signer())));
    member("/validUntil", json!(MADE));
    member("/credentialSubject/type", json!("StatusList2021"));
    member("/credentialSubject/statusPurpose", json!("suspension"));
    let payload = |change: fn(&mut Value)| {
        assert!(matches!(changed(change), Err(StatusError::Jws(JwsError::Payload(_)))));
    };
    payload(|c| c["validFrom"] = json!("yesterday"));
    payload(|c| c["credentialSubject"]["statusSize"] = json!(2));
    payload(|c| drop(c.as_object_mut().unwrap().remove("validUntil")));
    let text = jws::sign(ObjectType::Record, &json!({}), &party("Carrier")).unwrap();
    assert!(matches!(StatusList::parse(&text), Err(StatusError::Jws(JwsError::Type { .. }))));
}

#[test]
fn bits_that_cannot_be_unpacked() {
    let list = |bytes: &[u8]| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(bytes).unwrap();
        let encoded = format!("u{}", URL_SAFE_NO_PAD.encode(packed.finish().unwrap()));
        changed(|c| c["credentialSubject"]["encodedList"] = json!(encoded))
    };
    let encoded = |text: &str| changed(|c| c["credentialSubject"]["encodedList"] = json!(text));
    for text in ["", "u", "z6Mk", "uAAAA", "u=", "uH4sI"] {
        assert!(matches!(encoded(text), Err(StatusError::Encoding)), "{text}");
    }
    assert_eq!(list(&[0; MIN_BITS as usize / 8]).unwrap().size(), MIN_BITS);
    assert_eq!(list(&vec![0; MAX_BITS as usize / 8]).unwrap().size(), MAX_BITS);
    assert!(matches!(list(&[0; MIN_BITS as usize / 8 - 1]), Err(StatusError::Size(_))));
    // A gigabyte of zeros in a megabyte: no more than the most bits are unpacked.
    assert!(matches!(list(&vec![0; 500 << 20]), Err(StatusError::Size(size)) if size == MAX_BITS + 8));
    let two = (time(MADE), time(UNTIL));
    for bits in [0, MIN_BITS - 8, MIN_BITS + 1, MAX_BITS + 8] {
        assert!(matches!(StatusList::sign(LIST, bits, &[].into(), two, &party("A")), Err(StatusError::Size(_))));
    }
    let beyond = StatusList::sign(LIST, MIN_BITS, &[MIN_BITS].into(), two, &party("A"));
    assert!(matches!(beyond, Err(StatusError::Index { .. })));
}

#[test]
fn an_address_is_an_absolute_uri_and_short() {
    for text in ["https://carrier.example/status/1", "urn:example:1", "a+b-c.1:x"] {
        assert!(is_address(text), "{text}");
    }
    for text in ["", "status/1", ":x", "1a:x", "a b:x", "a_b:x", "urn:a b", "urn:é", "urn:a\u{7f}"] {
        assert!(!is_address(text), "{text}");
    }
    let long = |bytes: usize| format!("urn:{}", "a".repeat(bytes - 4));
    assert!(is_address(&long(MAX_URI)) && !is_address(&long(MAX_URI + 1)));
}

#[test]
fn a_list_that_no_reader_takes_is_not_signed() {
    let sign = |list: &str, times| StatusList::sign(list, MIN_BITS, &[].into(), times, &party("Carrier"));
    let member = |result: Result<String, StatusError>| match result {
        Err(StatusError::Member { member, .. }) => member,
        other => panic!("{other:?}"),
    };
    assert_eq!(member(sign("status/1", (time(MADE), time(UNTIL)))), "id");
    assert_eq!(member(sign(LIST, (time(UNTIL), time(MADE)))), "validUntil");
    assert_eq!(member(sign(LIST, (time(MADE), time(MADE)))), "validUntil");
}

/// The first bit is the highest of the first byte (Bitstring Status List v1.0, section 3.2).
#[test]
fn bits_stand_from_the_left() {
    let list = StatusList::parse(&signed("Carrier", LIST, &[0, 9], MADE)).unwrap();
    assert_eq!(list.bits[..3], [0x80, 0x40, 0]);
    assert_eq!((list.revoked(), list.address(), list.made()), (2, LIST, time(MADE)));
}

proptest! {
    #[test]
    fn lists_round_trip(revoked in prop::collection::btree_set(0..MIN_BITS, 0..50), at in 0..MIN_BITS) {
        let text = StatusList::sign(LIST, MIN_BITS, &revoked, (time(MADE), time(UNTIL)), &party("Carrier")).unwrap();
        let list = StatusList::parse(&format!("{text}\n")).unwrap();
        prop_assert_eq!(list.bit(at), Some(revoked.contains(&at)));
        prop_assert!(revoked.iter().all(|&index| list.bit(index) == Some(true)));
        prop_assert_eq!(list.bit(MIN_BITS), None);
    }

    #[test]
    fn any_text_is_refused(text in "\\PC{0,100}") {
        prop_assert!(StatusList::parse(&text).is_err());
    }
}
