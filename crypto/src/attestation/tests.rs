use serde_json::json;

use super::*;
use crate::{
    jws::JwsError,
    samples::{EXPIRES, ISSUED, dossier, manifest, party, rng, time},
    sd_jwt::SdJwtError,
    trust::{NotTrusted, Party as Known},
};

fn trust(capacity: Capacity, from: Option<&str>, until: Option<&str>) -> TrustList {
    let date = |text: Option<&str>| text.map(|t| t.parse().unwrap());
    let carrier = party("Carrier");
    let known = Known::new("The Carrier".parse().unwrap(), carrier.public().clone(), [capacity]).unwrap();
    let mut list = TrustList::default();
    list.add(known.valid(date(from), date(until)).unwrap()).unwrap();
    list
}

/// The signed payload of the sample, with one member changed, signed again by `signer`.
fn resigned(typ: ObjectType, signer: &str, change: impl Fn(&mut Value)) -> Result<Attestation, AttestationError> {
    let sample = dossier();
    let sd_jwt = sample.attestation().sd_jwt();
    let mut payload = jws::open::<Value>(ObjectType::Attestation, sd_jwt.jwt()).unwrap().whoever_signed().clone();
    change(&mut payload);
    let jwt = jws::sign(typ, &payload, &party(signer)).unwrap();
    Attestation::parse(&sd_jwt.to_string().replacen(sd_jwt.jwt(), &jwt, 1))
}

fn changed(member: &str, value: Value) -> AttestationError {
    resigned(ObjectType::Attestation, "Carrier", |payload| payload[member] = value.clone()).unwrap_err()
}

const NOW: &str = "2026-03-01T00:00:00Z";

#[test]
fn says_what_was_attested_and_by_whom_the_trust_list_says() {
    let dossier = dossier();
    let document = manifest();
    let attestation = Attestation::parse(&dossier.attestation().sd_jwt().to_string()).unwrap();
    let verified = attestation.verify(&trust(Capacity::IssuerOfAll, None, None), time(NOW)).unwrap();
    assert_eq!(verified.issuer().as_str(), "The Carrier");
    assert_eq!(verified.issuer_key(), party("Carrier").public().signer());
    assert_eq!(verified.holder(), party("Shipper").public().signer());
    assert_eq!(
        (verified.kind(), verified.issued(), verified.expires()),
        (document.kind(), time(ISSUED), time(EXPIRES))
    );
    assert_eq!(*verified.id(), party("Carrier").document_id(document.kind(), "MAN-17"));
    assert_eq!(verified.commitment(), dossier.chain().commitment());
    assert_eq!(verified.facts(), document.facts());
    assert_eq!(verified.complete("origin"), Some(false));
    assert_eq!(verified.complete("hs"), Some(true));
    assert_eq!(verified.complete("document.issue_date"), Some(true));
    assert_eq!(verified.complete("colour"), None);
    assert_eq!(verified.disclosed()["party.consignor"], json!({"name": "Saigon Parts", "country": "VN"}));
    assert_eq!(verified.disclosed()["containers"], json!(["MSKU9070320", "MSKU9070321"]));
}

#[test]
fn what_is_not_disclosed_is_not_shown() {
    let dossier = dossier();
    let shown = dossier.attestation().sd_jwt().showing(["complete.hs", "currency"]).unwrap();
    let text = shown.to_string();
    let attestation = Attestation::parse(&text).unwrap();
    assert_eq!(attestation.facts().complete.into_iter().collect::<Vec<_>>(), ["hs"]);
    assert_eq!(attestation.facts().currency.as_deref(), Some("USD"));
    assert_eq!(attestation.complete("origin"), None);
    assert_eq!(attestation.disclosed().len(), 2);
    // Openly there are only the fixed members, and as many digests as in every attestation.
    let payload = jws::open::<Value>(ObjectType::Attestation, shown.jwt()).unwrap().whoever_signed().clone();
    assert!(payload.as_object().unwrap().keys().all(|k| OPEN.contains(&k.as_str())));
    assert_eq!(payload["_sd"].as_array().unwrap().len(), sd_jwt::DIGESTS);
}

#[test]
fn the_same_document_twice_has_one_id_and_shares_nothing_else() {
    let validity = Validity { issued: time(ISSUED), expires: time(EXPIRES) };
    let again = attest(&manifest(), &party("Carrier"), party("Shipper").public(), validity, &mut rng(10)).unwrap();
    let (a, b) = (dossier(), again);
    let (a, b) = (a.attestation(), b.attestation());
    assert_eq!(a.id(), b.id());
    assert_ne!(a.commitment(), b.commitment());
    assert_ne!(a.digest(), b.digest());
    let digests = |attestation: &Attestation| {
        attestation.sd_jwt().disclosures().map(sd_jwt::Disclosure::digest).collect::<Vec<_>>()
    };
    assert!(digests(a).iter().all(|digest| !digests(b).contains(digest)));
}

#[test]
fn trust_then_and_now_and_for_that_kind() {
    let attestation = || dossier().attestation().clone();
    let verify = |trust: TrustList, now: &str| attestation().verify(&trust, time(now)).map(drop);
    let kind = Capacity::Issuer(Kind::CargoManifest);
    verify(trust(kind, Some("2026-02-02"), Some("2026-03-01")), NOW).unwrap();

    use AttestationError as E;
    let unknown = verify(TrustList::default(), NOW);
    assert!(matches!(unknown, Err(E::UnknownIssuer(_))));
    for other in [Capacity::Sender, Capacity::Verifier, Capacity::Issuer(Kind::CommercialInvoice)] {
        let not_capable = verify(trust(other, None, None), NOW);
        assert!(matches!(not_capable, Err(E::NotAnIssuer(NotTrusted::Capacity { .. }))), "{other}");
    }
    let later = verify(trust(kind, Some("2026-02-03"), None), NOW);
    assert!(matches!(later, Err(E::NotTrustedThen(NotTrusted::NotYet { .. }))));
    let over = verify(trust(kind, None, Some("2026-02-28")), NOW);
    assert!(matches!(over, Err(E::NotTrustedNow(NotTrusted::NoLonger { .. }))));

    let always = || trust(kind, None, None);
    verify(always(), "2026-05-02T09:59:59Z").unwrap();
    assert!(matches!(verify(always(), EXPIRES), Err(E::Expired(at)) if at == time(EXPIRES)));
    verify(always(), "2026-02-02T09:59:00Z").unwrap();
    assert!(matches!(verify(always(), "2026-02-02T09:58:59Z"), Err(E::FromTheFuture { .. })));
}

#[test]
fn each_member_is_checked() {
    use AttestationError as E;
    resigned(ObjectType::Attestation, "Carrier", |_| {}).unwrap();
    assert!(matches!(resigned(ObjectType::Attestation, "Bank", |_| {}), Err(E::Issuer { .. })));
    assert!(matches!(resigned(ObjectType::Record, "Carrier", |_| {}), Err(E::Jws(JwsError::Type { .. }))));

    let member = |name: &str, value: Value| match changed(name, value) {
        E::Member { member, .. } => assert_eq!(member, name),
        other => panic!("{name}: {other}"),
    };
    member("kind", json!("bill-of-sale"));
    member("id", json!("00"));
    member("commitment", json!("f".repeat(64)));
    member("commitment", json!("00"));
    member("document_digest", json!("A".repeat(64)));
    member("iat", json!(i64::MAX));
    member("exp", json!(i64::MIN));
    member("exp", json!(time(ISSUED).as_second()));
    let key = party("Shipper").public().signer().to_string();
    member("cnf", json!({"jwk": {"kty": "OKP", "crv": "X25519", "x": key}}));
    member("cnf", json!({"jwk": {"kty": "EC", "crv": "Ed25519", "x": key}}));
    assert!(matches!(changed("profile", json!(2)), E::Profile { found: 2, known: 1, .. }));

    for (name, value) in [
        ("iss", json!("A")),
        ("rows", json!(13)),
        ("iat", json!(1.5)),
        ("cnf", json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AQ"}})),
        ("cnf", json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": key, "d": "secret"}})),
        ("_sd", json!({})),
    ] {
        assert!(matches!(changed(name, value.clone()), E::Jws(JwsError::Payload(_))), "{name} {value}");
    }
    assert!(matches!(changed("_sd_alg", json!("sha-512")), E::SdJwt(SdJwtError::Algorithm(_))));
    assert!(matches!(changed("_sd", json!([])), E::SdJwt(SdJwtError::Unreferenced(1))));

    let entry = |index: &str, purpose: &str, list: &str| {
        json!({"type": "BitstringStatusListEntry", "statusPurpose": purpose, "statusListIndex": index,
               "statusListCredential": list})
    };
    let status = entry("4", "revocation", "https://example.org/status/1");
    let with = resigned(ObjectType::Attestation, "Carrier", |payload| payload["credentialStatus"] = status.clone());
    let expected = StatusReference { index: 4, list: "https://example.org/status/1".into() };
    assert_eq!(with.unwrap().status(), Some(&expected));
    for (index, purpose, list) in [
        ("04", "revocation", "https://example.org/1"),
        ("-1", "revocation", "https://example.org/1"),
        ("8388608", "revocation", "https://example.org/1"),
        ("4", "suspension", "https://example.org/1"),
        ("4", "revocation", "status/1"),
        ("4", "revocation", "https://example.org/a b"),
    ] {
        member("credentialStatus", entry(index, purpose, list));
    }
    let mut other = status.clone();
    other["type"] = json!("StatusList2021Entry");
    member("credentialStatus", other);
}

#[test]
fn each_disclosed_claim_is_known_and_of_its_type() {
    let issued = |name: &str, value: Value| {
        let (digests, disclosures) = sd_jwt::conceal([(name.to_owned(), value)].into(), &mut rng(3));
        let sample = dossier();
        let jwt = sample.attestation().sd_jwt().jwt().to_owned();
        let mut payload = jws::open::<Value>(ObjectType::Attestation, &jwt).unwrap().whoever_signed().clone();
        payload["_sd"] = json!(digests);
        let jwt = jws::sign(ObjectType::Attestation, &payload, &party("Carrier")).unwrap();
        Attestation::of(SdJwt::new(&jwt, disclosures.iter().map(String::as_str)))
    };
    issued("complete.hs", json!(true)).unwrap();
    issued("source", json!("0".repeat(64))).unwrap();
    for (name, value) in [
        ("complete.hs", json!("true")),
        ("complete.colour", json!(true)),
        ("complete.document.hs", json!(true)),
        ("currency", json!(840)),
        ("unit", json!(null)),
        ("reference.", json!("a")),
        ("reference.order", json!(["a"])),
        ("party.", json!({"name": "Saigon Parts"})),
        ("party.consignor", json!("Saigon Parts")),
        ("party.consignor", json!({"name": 1})),
        ("party.consignor", json!({"name": "Saigon Parts", "country": 1})),
        ("containers", json!([1])),
        ("containers", json!(["MSKU9070320", 1])),
        ("source", json!("0")),
        ("vessel", json!("a")),
        ("x.y", json!("a")),
    ] {
        assert!(matches!(issued(name, value), Err(AttestationError::Claim(found)) if found == name), "{name}");
    }
    for name in ["iss", "commitment", "cnf"] {
        let clash = issued(name, json!("a"));
        assert!(matches!(clash, Err(AttestationError::SdJwt(SdJwtError::Clash(found))) if found == name));
    }
}

#[test]
fn validity_is_a_time_that_passes() {
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    for (issued, expires) in [(at(10), at(10)), (at(10), at(9))] {
        let validity = Validity { issued, expires };
        let refused = attest(&manifest(), &party("A"), party("B").public(), validity, &mut rng(1));
        assert!(matches!(refused, Err(AttestError::Validity { .. })));
    }
}
