//! From documents to a verified presentation, through public items only.

use std::collections::BTreeMap;

use consign_circuits::{
    answers::MemoryAnswers,
    assign::Assigned,
    keys::{self, UncheckedKeys, VerifyingKeys},
    prove::Plan,
    request::{Request, SignedRequest},
    verify::{Known, Reader, verify},
};
use consign_crypto::{
    attestation::{Validity, attest},
    identity::{Identity, Name},
    status::StatusLists,
    trust::{Capacity, KeySet, Party, TrustList},
};
use consign_documents::{
    import::{ImportOptions, import},
    policy::Policy,
};
use jiff::{SignedDuration, Timestamp};
use rand_arkworks::rngs::OsRng;

#[test]
fn the_example_documents_prove_the_example_policy() {
    let now: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
    let later = now + SignedDuration::from_hours(24);
    let mut rng = rand::rng();
    let mut identity = |name: &str| Identity::generate(name.parse::<Name>().unwrap(), now, &mut rng);
    let (customs, carrier, shipper) = (identity("customs"), identity("carrier"), identity("shipper"));

    let key_set = keys::setup("customs", now, &mut OsRng, &mut |_| ()).unwrap();
    let proving = UncheckedKeys::parse(key_set.prove_file()).unwrap().checked_before();
    let verifying = VerifyingKeys::parse(key_set.verify_file()).unwrap();

    let mut trust = TrustList::default();
    let party =
        |id: &Identity, capacity| Party::new(id.public().name().clone(), id.public().clone(), [capacity]).unwrap();
    trust.add(party(&customs, Capacity::Verifier)).unwrap();
    trust.add(party(&carrier, Capacity::IssuerOfAll)).unwrap();
    let name = |n: &str| n.parse::<Name>().unwrap();
    trust.accept(KeySet { id: *key_set.id().as_bytes(), name: name("test"), made_by: name("customs") }).unwrap();

    let example = |file: &str| {
        let path = format!("{}/../examples/{file}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap()
    };
    let policy = Policy::from_toml(std::str::from_utf8(&example("policies/eu-entry.toml")).unwrap()).unwrap();
    let policy = policy.resolve(&BTreeMap::new()).unwrap();
    let request = Request {
        policy,
        key_set: key_set.id(),
        audience: "customs".into(),
        nonce: [7; 32],
        issued: now,
        expires: later,
        chain: None,
    };
    let request = SignedRequest::sign(&request, &customs).unwrap();

    let validity = Validity { issued: now, expires: later };
    let dossiers = ["documents/manifest.xml", "documents/invoice.xml"].map(|file| {
        let document = import(&example(file), file, &ImportOptions::default()).unwrap().document;
        (None, attest(&document, &carrier, shipper.public(), validity, &mut rand::rng()).unwrap())
    });
    let accepted = request.clone().accept(&trust, now).unwrap();
    let assigned = Assigned::new(&accepted.request().policy, dossiers.into()).unwrap();
    let plan = Plan::new(&accepted, &assigned).unwrap();
    let presentation = plan.prove(&proving, &shipper, now, &|| ()).unwrap();
    let bytes = presentation.to_bytes();

    let known = Known { trust: &trust, status: &StatusLists::default(), keys: &verifying, now };
    let mut answers = MemoryAnswers::default();
    let report = verify(&bytes, known, Reader::Audience { request: &request, answers: &mut answers }).unwrap();
    assert_eq!((report.claims.len(), report.documents.len()), (6, 2));
    verify(&bytes, known, Reader::ThirdParty).unwrap();
    println!("{} bytes, {} tallies", bytes.len(), report.tallies);
    println!("{}", serde_json::to_string_pretty(&report).unwrap());
}
