//! Answers about documents of different lengths, from the evaluation in the clear to the presentation.

use std::time::Duration;

use consign_circuits::{
    assign::Assigned,
    keys::{self, UncheckedKeys},
    prove::Plan,
    request::{NONCE_BYTES, Request, SignedRequest},
};
use consign_crypto::{
    attestation::{Validity, attest},
    identity::Identity,
    trust::{Capacity, KeySet, Party, TrustList},
};
use jiff::{SignedDuration, Timestamp};
use rand_arkworks::rngs::OsRng;

use crate::{
    in_turns,
    instance::{document, policy},
};

/// Medians of the times that documents of so many rows take, in interleaved runs.
pub fn prove<const N: usize>(rows: [usize; N], runs: usize) -> [Duration; N] {
    let now = Timestamp::now();
    let party = Identity::generate("Customs".parse().expect("a name"), now, &mut rand::rng());
    let made = keys::setup("Customs", now, &mut OsRng, &mut |_| ()).expect("set-up");
    let proving = UncheckedKeys::parse(made.prove_file()).expect("fresh keys").checked_before();
    let mut trust = TrustList::default();
    let known = Party::new(
        "Customs".parse().expect("a name"),
        party.public().clone(),
        [Capacity::IssuerOfAll, Capacity::Verifier],
    );
    trust.add(known.expect("it has capacities")).expect("the first party");
    let name = || "bench".parse().expect("a name");
    trust.accept(KeySet { id: *made.id().as_bytes(), name: name(), made_by: name() }).expect("the first key set");

    let expires = now + SignedDuration::from_hours(24);
    let request = Request {
        policy: policy(),
        key_set: proving.id(),
        audience: "Customs".into(),
        nonce: [7; NONCE_BYTES],
        issued: now,
        expires,
        chain: None,
    };
    let request = SignedRequest::sign(&request, &party).and_then(|signed| signed.accept(&trust, now));
    let request = request.expect("it is from a verifier");
    let validity = Validity { issued: now, expires };
    let documents = rows.map(|rows| {
        let dossier = attest(&document(rows), &party, party.public(), validity, &mut rand::rng());
        Assigned::new(&policy(), vec![(None, dossier.expect("the document is well-formed"))]).expect("a manifest")
    });
    let jobs = documents.each_ref().map(|documents| {
        || {
            let plan = Plan::new(&request, documents).expect("the claims hold");
            plan.prove(&proving, &party, now, &|| ()).expect("it proves");
        }
    });
    // The first round reads the keys, and does not count.
    jobs.iter().for_each(|job| job());
    in_turns(runs, &jobs)
}
