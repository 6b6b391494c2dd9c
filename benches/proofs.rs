//! What answers cost: proving a claim about documents of 10 to 1,000 rows, and verifying the answer. Our prover beside
//! others': `cargo bench --bench peers`.
//!
//! `cargo bench --bench proofs`

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use consign_circuits::{
    assign::Assigned,
    keys::{self, ProvingKeys, UncheckedKeys, VerifyingKeys},
    prove::Plan,
    request::{AcceptedRequest, NONCE_BYTES, Request, SignedRequest},
    verify::{Known, Reader, verify},
};
use consign_crypto::{
    attestation::{Validity, attest},
    identity::Identity,
    status::StatusLists,
    trust::{Capacity, KeySet, Party, TrustList},
};
use consign_documents::{
    document::Document,
    import::{ImportOptions, import},
    policy::{Policy, ResolvedPolicy},
    profile::Kind,
};
use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};
use rand_arkworks::rngs::OsRng;

mod documents;

const CLAIM: &str = "total gross_mass where origin in VN, TH >= 1 kg";

fn document(rows: usize) -> Document {
    let text = documents::manifest(rows);
    import(text.as_bytes(), "m.json", &ImportOptions::default()).expect("the document is well-formed").document
}

fn policy() -> ResolvedPolicy {
    let policy = Policy::from_claims(&[CLAIM], &[Kind::CargoManifest]).expect("the claim is one");
    policy.resolve(&BTreeMap::new()).expect("it has no parameters")
}

/// Everything that stands before a proof: one party plays all.
struct World {
    now: Timestamp,
    party: Identity,
    trust: TrustList,
    proving: ProvingKeys,
    verifying: VerifyingKeys,
}

impl World {
    fn new() -> World {
        let now = Timestamp::now();
        let party = Identity::generate("Customs".parse().expect("a name"), now, &mut rand::rng());
        let started = Instant::now();
        let made = keys::setup("Customs", now, &mut OsRng, &mut |_| ()).expect("set-up");
        println!("setup: {:.2?}, prove.keys: {} bytes", started.elapsed(), made.prove_file().len());
        let proving = UncheckedKeys::parse(made.prove_file()).expect("fresh keys").checked_before();
        let verifying = VerifyingKeys::parse(made.verify_file()).expect("fresh keys");
        let mut trust = TrustList::default();
        let capacities = [Capacity::IssuerOfAll, Capacity::Verifier];
        let known = Party::new("Customs".parse().expect("a name"), party.public().clone(), capacities);
        trust.add(known.expect("it has capacities")).expect("the first party");
        let name = || "bench".parse().expect("a name");
        trust.accept(KeySet { id: *made.id().as_bytes(), name: name(), made_by: name() }).expect("the first key set");
        World { now, party, trust, proving, verifying }
    }

    fn request(&self) -> AcceptedRequest {
        let request = Request {
            policy: policy(),
            key_set: self.proving.id(),
            audience: "Customs".into(),
            nonce: [7; NONCE_BYTES],
            issued: self.now,
            expires: self.now + SignedDuration::from_hours(24),
            chain: None,
        };
        let signed = SignedRequest::sign(&request, &self.party).expect("it is short");
        signed.accept(&self.trust, self.now).expect("it is from a verifier")
    }
}

fn presentations(c: &mut Criterion) {
    let world = World::new();
    let request = world.request();
    let validity = Validity { issued: world.now, expires: world.now + SignedDuration::from_hours(24) };
    let mut group = c.benchmark_group("presentation");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_secs(1));
    for rows in [10, 30, 90, 1000] {
        let dossier = attest(&document(rows), &world.party, world.party.public(), validity, &mut rand::rng());
        let dossier = dossier.expect("the document is well-formed");
        let documents = Assigned::new(&policy(), vec![(None, dossier)]).expect("a manifest");
        let prove = || {
            let plan = Plan::new(black_box(&request), &documents).expect("the claim holds");
            plan.prove(&world.proving, &world.party, world.now, &|| ()).expect("it proves")
        };
        let answer = prove().to_bytes();
        println!("presentation of {rows} rows: {} bytes", answer.len());
        group.bench_function(BenchmarkId::new("prove", rows), |b| b.iter(prove));
        group.bench_function(BenchmarkId::new("verify", rows), |b| {
            let known =
                Known { trust: &world.trust, status: &StatusLists::default(), keys: &world.verifying, now: world.now };
            b.iter(|| verify(black_box(&answer), known, Reader::ThirdParty).expect("it verifies"))
        });
    }
    group.finish();
}

criterion_group!(benches, presentations);
criterion_main!(benches);
