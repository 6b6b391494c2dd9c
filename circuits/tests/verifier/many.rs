//! Many presentations decided together: each is named exactly as it would be alone, and accepted in order.

use std::sync::LazyLock;

use consign_circuits::{
    answers::{Answer, Answered, Answers, AnswersError, MemoryAnswers},
    groth16::{Proof, ProofJson},
    presentation::{Place, Presentation},
    verify::{Known, OwnRequests, Submitted, VerifyError, verify_many},
};
use consign_crypto::status::StatusLists;
use serde_json::Value;

use super::{
    forge::{BASE, Forge},
    world::{KEYS, NOW, Trust, judge, party, time},
};

static NONE: LazyLock<StatusLists> = LazyLock::new(StatusLists::default);

/// The base under another nonce: its verdict is proved anew, its tallies are the same.
fn asked_again(nonce: u8) -> Forge {
    let mut forge = BASE.clone();
    forge.request.nonce = [nonce; 32];
    forge
}

fn parse(bytes: &[u8]) -> Presentation {
    Presentation::parse(bytes).unwrap()
}

/// The proof with C moved by the point of another proof's C, which is in the group.
fn moved(proof: &Proof, by: &Proof, negated: bool) -> Proof {
    use ark_bn254::G1Affine;
    use ark_ec::CurveGroup;
    let mut json = serde_json::to_value(proof.to_json()).unwrap();
    let c = |proof: &Proof| {
        let [.., x, y] = proof.coordinates();
        G1Affine::new(x, y)
    };
    let by = if negated { -c(by) } else { c(by) };
    let sum = (c(proof) + by).into_affine();
    let hex = consign_crypto::field::to_hex;
    json["c"] = Value::from(vec![hex(&sum.x), hex(&sum.y)]);
    Proof::from_json(&serde_json::from_value::<ProofJson>(json).unwrap()).unwrap()
}

#[test]
fn each_is_named_as_it_would_be_alone() {
    let trust = Trust::new().list();
    let known = Known { trust: &trust, status: &NONE, keys: &KEYS.verifying, now: time(NOW) };
    let honest: Vec<Forge> = (1..8).map(asked_again).collect();
    let mut bytes: Vec<Vec<u8>> = honest.iter().map(Forge::present).collect();
    // The first tally's proof in place of the second's; the holder signs what is sent.
    let wrong = |verdicts: &mut Vec<consign_circuits::presentation::ProvedVerdict>| {
        verdicts[0].chains[1][0].proof = verdicts[0].chains[1][1].proof;
    };
    bytes[1] = honest[1].present_with(wrong).unwrap();
    // Another fault, which is found before any proof.
    bytes[2] = {
        let mut forge = honest[2].clone();
        forge.audience = Some("elsewhere".into());
        forge.present()
    };
    // Two whose errors cancel in a plain sum.
    let by = *parse(&bytes[0]).verdicts[0].own().2;
    bytes[4] = honest[4].present_with(|v| v[0].proof = moved(&v[0].proof, &by, false)).unwrap();
    bytes[6] = honest[6].present_with(|v| v[0].proof = moved(&v[0].proof, &by, true)).unwrap();
    // And one that answers nobody's request here.
    bytes.push(asked_again(99).present());

    let mine: OwnRequests = honest.iter().map(Forge::signed).collect::<Vec<_>>().iter().collect();
    let presentations: Vec<Presentation> = bytes.iter().map(|bytes| parse(bytes)).collect();
    let submitted: Vec<Submitted<'_>> =
        presentations.iter().map(|presentation| Submitted { presentation, known, own: Some(&mine) }).collect();
    let mut answers = MemoryAnswers::default();
    let found = verify_many(&submitted, &mut answers);
    assert_eq!(found.len(), bytes.len());
    for (number, result) in found.iter().enumerate() {
        match (number, result) {
            (0 | 3 | 5, Ok(report)) => assert!(!report.third_party && report.accepted_before.is_none()),
            (1, Err(VerifyError::Proof(place))) => {
                assert_eq!(*place, Place::Tally { verdict: 1, chain: 2, tally: 1 });
            }
            (2, Err(VerifyError::Holder { document: 1, .. })) => {}
            (4 | 6, Err(VerifyError::Proof(place))) => assert_eq!(*place, Place::Verdict(1)),
            (7, Err(VerifyError::NotMyRequest { .. })) => {}
            (_, other) => panic!("{number}: {other:?}"),
        }
        // One by one says the same.
        if let Some(forge) = honest.get(number) {
            let alone = judge(&bytes[number], &forge.signed());
            match (alone, result) {
                (Ok(_), Ok(_)) => {}
                (Err(alone), Err(together)) => assert_eq!(alone.to_string(), together.to_string()),
                (alone, together) => panic!("{number}: {alone:?}, {together:?}"),
            }
        }
    }

    // Only what holds is on record.
    let again = verify_many(&submitted, &mut answers);
    let before: Vec<usize> = (0..again.len())
        .filter(|&i| again[i].as_ref().is_ok_and(|report| report.accepted_before == Some(time(NOW))))
        .collect();
    assert_eq!(before, [0, 3, 5]);
    // To third parties all that hold do, the stranger's too.
    let passed_on: Vec<Submitted<'_>> = submitted.iter().map(|one| Submitted { own: None, ..*one }).collect();
    let found = verify_many(&passed_on, &mut Unused);
    let valid: Vec<usize> = (0..found.len()).filter(|&i| found[i].as_ref().is_ok_and(|r| r.third_party)).collect();
    assert_eq!(valid, [0, 3, 5, 7]);
    assert!(verify_many(&[], &mut answers).is_empty());
}

/// A record that must not be asked.
struct Unused;

impl Answers for Unused {
    fn accept(&mut self, _: &Answer) -> Result<Answered, AnswersError> {
        unreachable!("a third party records nothing")
    }
}

#[test]
fn of_two_answers_to_one_request_the_first_that_holds_counts() {
    let trust = Trust::new().list();
    let known = Known { trust: &trust, status: &NONE, keys: &KEYS.verifying, now: time(NOW) };
    let mut late = BASE.clone();
    late.at = time("2026-06-01T12:00:01Z");
    let spoiled = BASE.present_with(|v| v[0].proof = v[0].chains[0][0].proof).unwrap();
    let presentations = [spoiled, BASE.present(), late.present(), BASE.present()].map(|bytes| parse(&bytes));
    let mine: OwnRequests = [&BASE.signed()].into_iter().collect();
    let submitted: Vec<Submitted<'_>> =
        presentations.iter().map(|presentation| Submitted { presentation, known, own: Some(&mine) }).collect();
    let found = verify_many(&submitted, &mut MemoryAnswers::default());
    assert!(matches!(&found[0], Err(VerifyError::Proof(Place::Verdict(1)))), "{:?}", found[0]);
    assert!(matches!(&found[1], Ok(report) if report.accepted_before.is_none()), "{:?}", found[1]);
    assert!(matches!(&found[2], Err(VerifyError::AnsweredBefore(at)) if *at == time(NOW)), "{:?}", found[2]);
    assert!(matches!(&found[3], Ok(report) if report.accepted_before == Some(time(NOW))), "{:?}", found[3]);

    // A record that fails, or that says nothing, accepts nothing.
    struct Silent;
    impl Answers for Silent {
        fn accept(&mut self, _: &Answer) -> Result<Answered, AnswersError> {
            Err(AnswersError::new("no space left"))
        }
    }
    struct Short;
    impl Answers for Short {
        fn accept(&mut self, _: &Answer) -> Result<Answered, AnswersError> {
            Ok(Answered::First)
        }
        fn accept_all(&mut self, _: &[Answer]) -> Result<Vec<Answered>, AnswersError> {
            Ok(vec![Answered::First])
        }
    }
    let found = verify_many(&submitted, &mut Silent);
    assert!(found[1..].iter().all(|result| matches!(result, Err(VerifyError::Answers(_)))));
    let found = verify_many(&submitted, &mut Short);
    assert!(found[1].is_ok() && found[2..].iter().all(|result| matches!(result, Err(VerifyError::Answers(_)))));
}

#[test]
fn the_audience_must_be_its_own_customs() {
    // The same nonce and policy, signed by somebody else: not one of mine.
    let trust = Trust::new().list();
    let known = Known { trust: &trust, status: &NONE, keys: &KEYS.verifying, now: time(NOW) };
    let stranger = consign_circuits::request::SignedRequest::sign(&BASE.request, &party("stranger")).unwrap();
    let mine: OwnRequests = [&stranger].into_iter().collect();
    let presentation = parse(&BASE.present());
    let found = verify_many(
        &[Submitted { presentation: &presentation, known, own: Some(&mine) }],
        &mut MemoryAnswers::default(),
    );
    assert!(matches!(&found[0], Err(VerifyError::NotMyRequest { .. })), "{:?}", found[0]);
}
