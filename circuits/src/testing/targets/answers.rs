//! Requests and their answers.

use std::sync::LazyLock;

use consign_crypto::{
    identity::Identity,
    jws::ObjectType,
    status::StatusLists,
    testing::{forge, judge_error, party},
    trust::{self, Capacity, Party, TrustList},
};
use jiff::Timestamp;

use super::seed;
use crate::{
    keys::VerifyingKeys,
    presentation::Presentation,
    report::Report,
    request::{RequestError, SignedRequest},
    verify::{Known, Reader, VerifyError, verify},
};

/// Who signs what a fuzzer made up.
static STRANGER: LazyLock<Identity> = LazyLock::new(|| party("Stranger"));
/// Who asks what no fuzzer can.
static CUSTOMS: LazyLock<Identity> = LazyLock::new(|| party("Customs"));

/// When all seeds hold.
pub(super) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

/// The only answer that was given to a request of customs, with the keys that it was proved for.
struct Given {
    keys: VerifyingKeys,
    trust: TrustList,
    /// Direct, and by a tally and a verdict; both answer one request.
    answers: [Presentation; 2],
}

static GIVEN: LazyLock<Given> = LazyLock::new(|| {
    let keys = VerifyingKeys::parse(seed("verify_keys/set.bin")).expect("a key set");
    let answers = ["presentation/answer.json", "presentation/tallied.json"];
    let answers = answers.map(|name| Presentation::parse(&seed(name)).expect("an answer"));
    let mut trust = TrustList::default();
    for (name, capacity) in [("Customs", Capacity::Verifier), ("Carrier", Capacity::IssuerOfAll)] {
        let identity = party(name);
        let party = Party::new(identity.public().name().clone(), identity.public().clone(), [capacity]);
        party.and_then(|party| trust.add(party)).expect("two parties");
    }
    let name = |text: &str| text.parse().expect("a name");
    let set = trust::KeySet { id: *keys.id().as_bytes(), name: name("test keys"), made_by: name("Customs") };
    trust.accept(set).expect("one key set");
    Given { keys, trust, answers }
});

fn judge_request(read: Result<SignedRequest, RequestError>) {
    let read = match read {
        Ok(read) => read,
        Err(error) => return judge_error(&error.to_string()),
    };
    let again = SignedRequest::parse(&read.to_bytes());
    let same = |again: &SignedRequest| again.jws() == read.jws() && again.request() == read.request();
    assert!(again.is_ok_and(|again| same(&again)), "a request that is not read again");
    if read.signer() == CUSTOMS.public().signer() {
        assert_eq!(read.jws(), GIVEN.answers[0].request.jws());
    }
    let signed = SignedRequest::sign(read.request(), &STRANGER);
    assert!(signed.is_ok_and(|signed| signed.request() == read.request()), "a request that is not signed again");
    if let Err(error) = read.check_time(now()) {
        judge_error(&error.to_string());
    }
}

/// A request, and one that a stranger signs, from its payload.
pub fn request(data: &[u8]) {
    judge_request(SignedRequest::parse(data));
    judge_request(SignedRequest::from_jws(forge(ObjectType::Request, data, &STRANGER)));
}

/// As anybody verifies who knows customs, the carrier and the keys.
pub(super) fn verified(data: &[u8]) -> Result<Report, VerifyError> {
    let known = Known { trust: &GIVEN.trust, status: &StatusLists::default(), keys: &GIVEN.keys, now: now() };
    verify(data, known, Reader::ThirdParty)
}

/// A presentation.
pub fn presentation(data: &[u8]) {
    let read = match Presentation::parse(data) {
        Ok(read) => read,
        Err(error) => return judge_error(&error.to_string()),
    };
    let written = read.to_bytes();
    let again = Presentation::parse(&written).map(|again| again.to_bytes());
    assert!(again.is_ok_and(|again| again == written), "a presentation that is not read again");
    match verified(data) {
        Ok(_) => assert!(GIVEN.answers.iter().any(|given| written == given.to_bytes()), "another answer that verifies"),
        Err(error) => judge_error(&error.to_string()),
    }
}
