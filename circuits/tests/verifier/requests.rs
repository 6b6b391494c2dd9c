//! Checks of request, audience, time, key set and nonce.

use consign_circuits::{
    answers::{Answer, Answered, Answers, AnswersError, MemoryAnswers},
    keys::KeySetId,
    request::{MAX_BYTES, RequestError, SignedRequest},
    verify::{Known, Reader, VerifyError, verify},
};
use consign_crypto::{
    jws::{self, JwsError, ObjectType},
    sd_jwt::SdJwtError,
    status::StatusLists,
    trust::{Capacity, NotTrusted},
};

use super::{
    forge::{BASE, POLICY},
    world::{EXPIRES, KEYS, NOW, Trust, judge, judge_with, party, policy, time, trusted},
};

#[test]
fn the_base_is_accepted() {
    let bytes = BASE.present();
    let report = judge(&bytes, &BASE.signed()).unwrap();
    assert_eq!((report.claims.len(), report.tallies, report.verdicts), (4, 3, 1));
    assert!(!report.third_party && !report.expired && report.accepted_before.is_none());
    assert_eq!(report.key_set_made_by, "customs");
    assert_eq!(report.documents.iter().map(|d| d.issuer.as_str()).collect::<Vec<_>>(), ["carrier", "carrier"]);
}

#[test]
fn another_request_than_mine() {
    // The same but for its nonce: what was asked of somebody else, or before.
    let mut mine = BASE.request.clone();
    mine.nonce = [8; 32];
    let mine = SignedRequest::sign(&mine, &party("customs")).unwrap();
    let error = judge(&BASE.present(), &mine).unwrap_err();
    assert!(matches!(error, VerifyError::NotMyRequest { audience, .. } if audience == "customs"));
}

#[test]
fn a_request_by_nobody_i_know_or_by_no_verifier() {
    let bytes = BASE.present();
    let judge = |trust: Trust| judge_with(&bytes, &BASE.signed(), &trust, NOW).unwrap_err();
    let error = judge(Trust::new().without("customs"));
    assert!(matches!(error, VerifyError::Request(RequestError::NotTrusted(NotTrusted::Unknown(_)))), "{error}");
    let sender = trusted("customs", &party("customs"), &[Capacity::Sender]);
    let error = judge(Trust::new().with("customs", sender));
    assert!(matches!(error, VerifyError::Request(RequestError::NotTrusted(NotTrusted::Capacity { .. }))), "{error}");
}

#[test]
fn a_relayed_request() {
    // The key that signed is that of another office than the request names.
    let other = trusted("port office", &party("customs"), &[Capacity::Verifier]);
    let error = judge_with(&BASE.present(), &BASE.signed(), &Trust::new().with("customs", other), NOW).unwrap_err();
    let VerifyError::Request(RequestError::Relayed { audience, signer }) = error else { panic!("{error}") };
    assert_eq!((audience.as_str(), signer.as_str()), ("customs", "port office"));
}

#[test]
fn a_request_out_of_its_time() {
    let bytes = BASE.present();
    let at = |now: &str| judge_with(&bytes, &BASE.signed(), &Trust::new(), now);
    assert!(at("2026-06-08T07:59:59Z").is_ok());
    assert!(matches!(at(EXPIRES), Err(VerifyError::Request(RequestError::Expired { .. }))));
    assert!(matches!(at("2026-06-01T07:58:59Z"), Err(VerifyError::Request(RequestError::FromTheFuture { .. }))));

    // A policy that ends before the request does.
    let mut forge = BASE.clone();
    let text = format!("name = \"test\"\nversion = \"1\"\nvalid-from = 2026-01-01\nvalid-until = 2026-06-03\n{POLICY}");
    let short = consign_documents::policy::Policy::from_toml(&text).unwrap();
    forge.request.policy = short.resolve(&Default::default()).unwrap();
    let bytes = forge.present();
    assert!(judge_with(&bytes, &forge.signed(), &Trust::new(), "2026-06-03T23:59:59Z").is_ok());
    let error = judge_with(&bytes, &forge.signed(), &Trust::new(), "2026-06-04T00:00:00Z").unwrap_err();
    assert!(matches!(error, VerifyError::Request(RequestError::NotInForce { .. })), "{error}");
}

#[test]
fn keys_of_another_set_or_of_one_that_i_do_not_accept() {
    let mut forge = BASE.clone();
    forge.request.key_set = KeySetId::new([1; 32]);
    let error = judge(&forge.present(), &forge.signed()).unwrap_err();
    let VerifyError::OtherKeySet { expected, found } = error else { panic!("{error}") };
    assert_eq!((expected, found), (forge.request.key_set, KEYS.verifying.id()));

    let trust = Trust { key_set: false, ..Trust::new() };
    let error = judge_with(&BASE.present(), &BASE.signed(), &trust, NOW).unwrap_err();
    assert!(matches!(error, VerifyError::KeySetNotAccepted(id) if id == KEYS.verifying.id()));
}

#[test]
fn a_policy_that_does_not_compile() {
    let mut forge = BASE.clone();
    let euros = "[[claims]]\nclaim = \"total amount of invoice <= 900000 EUR\"\nsource = \"a test\"\n";
    forge.request.policy = policy(&format!("{POLICY}{euros}"));
    let error = judge(&forge.present(), &forge.signed()).unwrap_err();
    assert!(matches!(error, VerifyError::Compile(_)), "{error}");
}

#[test]
fn a_nonce_is_answered_once() {
    let trust = Trust::new().list();
    let status = StatusLists::default();
    let known = |now| Known { trust: &trust, status: &status, keys: &KEYS.verifying, now: time(now) };
    let (request, later) = (BASE.signed(), "2026-06-01T13:00:00Z");
    let mut answers = MemoryAnswers::default();
    let bytes = BASE.present();
    let mut judge =
        |bytes: &[u8], now| verify(bytes, known(now), Reader::Audience { request: &request, answers: &mut answers });
    assert_eq!(judge(&bytes, NOW).unwrap().accepted_before, None);
    // The same bytes again, at the same instant and later.
    assert_eq!(judge(&bytes, NOW).unwrap().accepted_before, Some(time(NOW)));
    assert_eq!(judge(&bytes, later).unwrap().accepted_before, Some(time(NOW)));
    // Other bytes: the same proofs, signed again a second later.
    let mut forge = BASE.clone();
    forge.at = time("2026-06-01T12:00:01Z");
    let other = forge.present();
    let error = judge(&other, later).unwrap_err();
    assert!(matches!(error, VerifyError::AnsweredBefore(at) if at == time(NOW)), "{error}");
    // A line break more is no other answer: nobody can spoil one by adding a space.
    let spaced = [&bytes[..], b"\n"].concat();
    assert_eq!(judge(&spaced, later).unwrap().accepted_before, Some(time(NOW)));
}

#[test]
fn a_record_that_cannot_be_used() {
    struct Broken;
    impl Answers for Broken {
        fn accept(&mut self, _: &Answer) -> Result<Answered, AnswersError> {
            Err(AnswersError::new("no space left"))
        }
    }
    let trust = Trust::new().list();
    let known = Known { trust: &trust, status: &StatusLists::default(), keys: &KEYS.verifying, now: time(NOW) };
    let reader = Reader::Audience { request: &BASE.signed(), answers: &mut Broken };
    assert!(matches!(verify(&BASE.present(), known, reader), Err(VerifyError::Answers(_))));
}

#[test]
fn a_third_party_reads_it_as_made_for_its_audience() {
    let trust = Trust::new().list();
    let status = StatusLists::default();
    let known = |now| Known { trust: &trust, status: &status, keys: &KEYS.verifying, now: time(now) };
    let bytes = BASE.present();
    let report = verify(&bytes, known(NOW), Reader::ThirdParty).unwrap();
    assert!(report.third_party && !report.expired && report.audience == "customs");
    // An expired request is reported, not held against it; another verifier's signature is.
    assert!(verify(&bytes, known("2026-07-01T00:00:00Z"), Reader::ThirdParty).unwrap().expired);
    assert!(verify(&bytes, known(EXPIRES), Reader::ThirdParty).unwrap().expired);
    // Nobody answers later than that, whenever it is read.
    for (at, accepted) in [("2026-06-08T08:01:00Z", true), ("2026-06-08T08:01:01Z", false)] {
        let mut late = BASE.clone();
        late.at = time(at);
        match verify(&late.present(), known("2026-07-01T00:00:00Z"), Reader::ThirdParty) {
            Ok(_) => assert!(accepted, "{at}"),
            Err(VerifyError::Holder { source: SdJwtError::Time { .. }, .. }) => assert!(!accepted, "{at}"),
            Err(other) => panic!("{other}"),
        }
    }
    // A request that nobody has made yet is refused, and one that was made when its policy was not in force.
    let error = verify(&bytes, known("2026-06-01T07:58:59Z"), Reader::ThirdParty).unwrap_err();
    assert!(matches!(error, VerifyError::Request(RequestError::FromTheFuture { .. })), "{error}");
    let mut early = BASE.clone();
    early.request.issued = time("2025-12-31T23:59:59Z");
    let error = verify(&early.present(), known(NOW), Reader::ThirdParty).unwrap_err();
    assert!(matches!(error, VerifyError::Request(RequestError::NotInForce { .. })), "{error}");
    early.request.issued = time("2026-01-01T00:00:00Z");
    assert!(verify(&early.present(), known(NOW), Reader::ThirdParty).is_ok());
    let trust = Trust::new().without("customs").list();
    let known = Known { trust: &trust, status: &StatusLists::default(), keys: &KEYS.verifying, now: time(NOW) };
    let error = verify(&bytes, known, Reader::ThirdParty).unwrap_err();
    assert!(matches!(error, VerifyError::Request(RequestError::NotTrusted(_))));
}

#[test]
fn a_request_signed_by_another_key_than_it_names() {
    let mut file: serde_json::Value = serde_json::from_slice(&BASE.present()).unwrap();
    let jws = file["request"].as_str().unwrap();
    let (head, _) = jws.rsplit_once('.').unwrap();
    let mut other = BASE.request.clone();
    other.nonce = [9; 32];
    let other = SignedRequest::sign(&other, &party("customs")).unwrap();
    let (_, signature) = other.jws().rsplit_once('.').unwrap();
    file["request"] = format!("{head}.{signature}").into();
    let error = judge(file.to_string().as_bytes(), &BASE.signed()).unwrap_err();
    let VerifyError::Presentation(consign_circuits::presentation::PresentationError::Request(error)) = error else {
        panic!("{error}")
    };
    assert!(matches!(error, RequestError::Signature(JwsError::Signature)), "{error}");
}

#[test]
fn a_request_file_that_is_none() {
    let bytes = BASE.signed().to_bytes();
    assert_eq!(SignedRequest::parse(&bytes).unwrap().request(), &BASE.request);
    let text = String::from_utf8(bytes).unwrap();
    let error = |text: &str| SignedRequest::parse(text.as_bytes()).unwrap_err();
    assert!(matches!(error(&text.replace("request/1", "request/2")), RequestError::Version(v) if v == "request/2"));
    assert!(matches!(error(&text[1..]), RequestError::Json(_)));
    assert!(matches!(error(&text.replacen('{', "{\"more\":1,", 1)), RequestError::Json(_)));
    assert!(matches!(error(&" ".repeat(MAX_BYTES + 1)), RequestError::TooLarge(_)));
    assert!(matches!(error(&" ".repeat(MAX_BYTES)), RequestError::Json(_)));
    let last = text.rfind('.').unwrap() + 5;
    let mut other = text.clone();
    other.replace_range(last..=last, if &text[last..=last] == "0" { "1" } else { "0" });
    assert!(matches!(error(&other), RequestError::Signature(JwsError::Signature)));
}

#[test]
fn a_member_of_a_request_that_it_cannot_have() {
    let policy: serde_json::Value = serde_json::from_str(&BASE.request.policy.to_json()).unwrap();
    let honest = serde_json::json!({
        "aud": "customs",
        "nonce": BASE.signed().nonce(),
        "iat": BASE.request.issued.as_second(),
        "exp": BASE.request.expires.as_second(),
        "key_set": BASE.request.key_set.to_string(),
        "policy": policy,
    });
    let read = |payload: &serde_json::Value| {
        SignedRequest::from_jws(jws::sign(ObjectType::Request, payload, &party("customs")).unwrap())
    };
    assert_eq!(read(&honest).unwrap().request(), &BASE.request);
    for (member, value) in [
        ("nonce", serde_json::json!("AAAA")),
        ("nonce", serde_json::json!(format!("{}=", BASE.signed().nonce()))),
        ("key_set", serde_json::json!("F".repeat(64))),
        ("iat", serde_json::json!(i64::MAX)),
        ("exp", serde_json::json!(BASE.request.issued.as_second())),
    ] {
        let mut payload = honest.clone();
        payload[member] = value;
        let error = read(&payload).unwrap_err();
        assert!(matches!(error, RequestError::Member { member: m, .. } if m == member), "{member}: {error}");
    }
    let mut bound = honest.clone();
    bound["chain"] = serde_json::json!({"id": 1, "contract": format!("0x{}", "0a".repeat(20))});
    assert_eq!(read(&bound).unwrap().request().chain.unwrap().address(), &[10; 20]);
    for (member, value) in
        [("id", serde_json::json!(0)), ("contract", serde_json::json!(format!("0x{}", "0A".repeat(20))))]
    {
        let mut payload = bound.clone();
        payload["chain"][member] = value;
        assert!(matches!(read(&payload), Err(RequestError::Signature(JwsError::Payload(_)))), "{member}");
    }
    for member in ["aud", "nonce", "iat", "exp", "key_set", "policy"] {
        let mut payload = honest.clone();
        payload.as_object_mut().unwrap().remove(member);
        assert!(matches!(read(&payload), Err(RequestError::Signature(JwsError::Payload(_)))), "{member}");
    }
}
