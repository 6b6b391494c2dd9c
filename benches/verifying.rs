//! What verifying costs: one presentation, and each of a thousand decided together; and where the time goes.
//!
//! `cargo bench --bench verifying`
//!
//! The thousand are a few real presentations of two tallies and a verdict, over and over: nothing is remembered from one
//! to the next, so that they cost what a thousand different ones would. Prints medians as `figure NAME: VALUE` and
//! `ratio NAME: VALUE`.

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use consign_circuits::{
    answers::MemoryAnswers,
    assign::Assigned,
    groth16::{self, Equation},
    keys::{self, ProvingKeys, UncheckedKeys, VerifyingKeys},
    presentation::{self, Presentation, Proved},
    prove::Plan,
    request::{NONCE_BYTES, Request, SignedRequest},
    verify::{Known, Reader, Submitted, verify, verify_many},
};
use consign_crypto::{
    attestation::{Validity, attest},
    dossier::CheckedDossier,
    identity::Identity,
    status::StatusLists,
    trust::{Capacity, KeySet, Party, TrustList},
};
use consign_documents::{
    import::{ImportOptions, import},
    policy::{Policy, ResolvedPolicy},
    profile::Kind,
};
use jiff::{SignedDuration, Timestamp};
use rand_arkworks::rngs::OsRng;
use rayon::prelude::*;

mod documents;

/// Presentations decided together.
const MANY: usize = 1000;
/// Different ones among them.
const DIFFERENT: u8 = 4;
/// Runs of each measurement; the median counts.
const RUNS: usize = 5;
/// Of one filter set, over the 120 rows of one document: tallies of 90 and 40 rows, one verdict.
const CLAIMS: [&str; 2] = ["total gross_mass where origin in VN, TH >= 1 kg", "total gross_mass <= 9000000 kg"];

fn policy() -> ResolvedPolicy {
    let policy = Policy::from_claims(&CLAIMS, &[Kind::CargoManifest]).expect("the claims are some");
    policy.resolve(&BTreeMap::new()).expect("it has no parameters")
}

struct World {
    now: Timestamp,
    party: Identity,
    trust: TrustList,
    status: StatusLists,
    proving: ProvingKeys,
    verifying: VerifyingKeys,
}

impl World {
    fn new() -> World {
        let now = Timestamp::now();
        let party = Identity::generate("Customs".parse().expect("a name"), now, &mut rand::rng());
        let made = keys::setup("Customs", now, &mut OsRng, &mut |_| ()).expect("set-up");
        let proving = UncheckedKeys::parse(made.prove_file()).expect("fresh keys").checked_before();
        let verifying = VerifyingKeys::parse(made.verify_file()).expect("fresh keys");
        let mut trust = TrustList::default();
        let capacities = [Capacity::IssuerOfAll, Capacity::Verifier];
        let known = Party::new("Customs".parse().expect("a name"), party.public().clone(), capacities);
        trust.add(known.expect("it has capacities")).expect("the first party");
        let name = || "bench".parse().expect("a name");
        trust.accept(KeySet { id: *made.id().as_bytes(), name: name(), made_by: name() }).expect("the first key set");
        World { now, party, trust, status: StatusLists::default(), proving, verifying }
    }

    fn dossier(&self) -> CheckedDossier {
        let text = documents::manifest(120);
        let document =
            import(text.as_bytes(), "m.json", &ImportOptions::default()).expect("it is well-formed").document;
        let validity = Validity { issued: self.now, expires: self.now + SignedDuration::from_hours(24) };
        attest(&document, &self.party, self.party.public(), validity, &mut rand::rng()).expect("it is well-formed")
    }

    fn present(&self, nonce: u8) -> Vec<u8> {
        let request = Request {
            policy: policy(),
            key_set: self.proving.id(),
            audience: "Customs".into(),
            nonce: [nonce; NONCE_BYTES],
            issued: self.now,
            expires: self.now + SignedDuration::from_hours(24),
            chain: None,
        };
        let signed = SignedRequest::sign(&request, &self.party).expect("it is short");
        let accepted = signed.accept(&self.trust, self.now).expect("it is from a verifier");
        let documents = Assigned::new(&policy(), vec![(None, self.dossier())]).expect("a manifest");
        let plan = Plan::new(&accepted, &documents).expect("the claims hold");
        assert_eq!((plan.estimate().tallies(), plan.estimate().verdicts), (2, 1), "what is measured");
        plan.prove(&self.proving, &self.party, self.now, &|| ()).expect("it proves").to_bytes()
    }

    fn known(&self) -> Known<'_> {
        Known { trust: &self.trust, status: &self.status, keys: &self.verifying, now: self.now }
    }
}

/// The median time of some runs, in milliseconds for each of `of`.
fn median(of: usize, mut run: impl FnMut()) -> f64 {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            run();
            started.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2].as_secs_f64() * 1e3 / of as f64
}

fn figure(name: &str, milliseconds: f64) {
    println!("figure {name}: {milliseconds:.3} ms");
}

fn equations<'a>(presentation: &'a Presentation, keys: &'a VerifyingKeys) -> Vec<Equation<'a>> {
    let equation = |p: Proved<'a>| Equation::new(keys.key(p.circuit), &p.inputs, p.proof).expect("inputs");
    presentation::proofs(&presentation.verdicts).map(equation).collect()
}

fn main() {
    // `cargo test --benches` builds it, and has nothing to test here.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let world = World::new();
    let (known, keys) = (world.known(), &world.verifying);
    let different: Vec<Vec<u8>> = (0..DIFFERENT).map(|nonce| world.present(nonce)).collect();
    println!("a presentation: two tallies, one verdict, {} bytes", different[0].len());
    let many: Vec<&[u8]> = different.iter().cycle().take(MANY).map(Vec::as_slice).collect();

    // The pairing equations alone.
    let parsed: Vec<Presentation> = many.iter().map(|bytes| Presentation::parse(bytes).expect("it is one")).collect();
    let all: Vec<Equation<'_>> = parsed.iter().flat_map(|presentation| equations(presentation, keys)).collect();
    let of_one = equations(&parsed[0], keys);
    let alone = median(50, || {
        for _ in 0..50 {
            for Proved { circuit, inputs, proof, .. } in presentation::proofs(&parsed[0].verdicts) {
                assert_eq!(keys.key(circuit).verify(&inputs, black_box(proof)), Ok(true));
            }
        }
    });
    let one = median(50, || {
        (0..50).for_each(|_| assert!(groth16::failing(black_box(&of_one), &mut OsRng).is_empty()));
    });
    let together = median(MANY, || assert!(groth16::failing(black_box(&all), &mut OsRng).is_empty()));
    figure("pairings of one presentation, proof by proof, one core", alone);
    figure("pairings of one presentation", one);
    figure("pairings of each of 1000 presentations", together);

    // Whole presentations: from bytes to report.
    let single = median(100, || {
        for bytes in &many[..100] {
            verify(black_box(bytes), known, Reader::ThirdParty).expect("it verifies");
        }
    });
    let parallel = median(200, || {
        many[..200].par_iter().for_each(|bytes| {
            verify(black_box(bytes), known, Reader::ThirdParty).expect("it verifies");
        });
    });
    let parse = median(MANY, || {
        many.par_iter().for_each(|bytes| drop(Presentation::parse(black_box(bytes)).expect("it is one")));
    });
    let batch = median(MANY, || {
        let parsed: Vec<Presentation> =
            many.par_iter().map(|bytes| Presentation::parse(black_box(bytes)).expect("it is one")).collect();
        let submitted: Vec<Submitted<'_>> =
            parsed.iter().map(|presentation| Submitted { presentation, known, own: None }).collect();
        let found = verify_many(&submitted, &mut MemoryAnswers::default());
        assert!(found.iter().all(Result::is_ok));
    });
    figure("verify one presentation", single);
    figure("verify one presentation, as many at a time as there are cores", parallel);
    figure("parse each of 1000 presentations", parse);
    figure("verify each of 1000 presentations", batch);
    println!("ratio batch/single pairings: {:.3}", together / alone);
    println!("ratio batch/single: {:.3}", batch / single);
    println!("ratio batch/single on all cores: {:.3}", batch / parallel);
}
