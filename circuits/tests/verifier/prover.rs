//! What the prover refuses before anything leaves: dossiers in wrong roles, requests it must not answer, keys that are not
//! those asked for or do not work.

use std::sync::LazyLock;

use consign_circuits::{
    assign::{AssignError, Assigned},
    keys::{KeySetError, KeySetId, ProvingKeys, UncheckedKeys, file::Role},
    presentation::{MAX_TALLIES, Presentation, PresentationError},
    prove::{Plan, ProveError, segments},
    request::{Request, RequestError, SignedRequest},
    tally::TallySize,
};
use consign_crypto::{
    attestation::{Validity, attest},
    dossier::CheckedDossier,
    status::StatusReference,
    trust::Capacity,
};
use consign_documents::{
    policy::{DocumentCount, ResolvedPolicy},
    profile::Kind,
};
use rand::{SeedableRng, rngs::StdRng};

use super::{
    forge::{BASE, POLICY},
    key_file::remade,
    world::{
        ATTESTED, KEYS, NOW, Trust, attested, attested_at, invoice, manifest, party, policy, request, time, trusted,
    },
};

static INVOICE: LazyLock<CheckedDossier> = LazyLock::new(|| attested(&invoice("INV", |_| ()), "carrier", 1));
static MANIFEST: LazyLock<CheckedDossier> = LazyLock::new(|| attested(&manifest("MAN", 2, |_| ()), "carrier", 2));

fn assign(policy: &ResolvedPolicy, dossiers: &[(Option<&str>, &CheckedDossier)]) -> Result<Assigned, AssignError> {
    let dossiers = dossiers.iter().map(|(role, dossier)| (role.map(str::to_owned), (*dossier).clone()));
    Assigned::new(policy, dossiers.collect())
}

#[test]
fn dossiers_go_to_roles_by_kind_or_by_name() {
    let base = policy(POLICY);
    let assigned = assign(&base, &[(None, &MANIFEST), (None, &INVOICE)]).unwrap();
    assert_eq!(assigned.ordered().map(|(role, _)| role).collect::<Vec<_>>(), ["invoice", "manifest"]);
    let error = |dossiers: &[(Option<&str>, &CheckedDossier)]| assign(&base, dossiers).unwrap_err();
    assert_eq!(error(&[(Some("bill"), &MANIFEST)]), AssignError::UnknownRole("bill".into()));
    let (expected, found) = (Kind::CommercialInvoice, Kind::CargoManifest);
    let other = AssignError::OtherKind { role: "invoice".into(), expected, found };
    assert_eq!(error(&[(Some("invoice"), &MANIFEST)]), other);
    assert!(
        matches!(error(&[(None, &MANIFEST)]), AssignError::Count { role, expected: DocumentCount::ONE, found: 0, .. } if role == "invoice")
    );
    let two = error(&[(None, &MANIFEST), (None, &MANIFEST), (None, &INVOICE)]);
    assert!(
        matches!(two, AssignError::Count { role, expected: DocumentCount::ONE, found: 2, .. } if role == "manifest")
    );

    let only = policy(
        "[roles.out]\nkind = \"cargo-manifest\"\n[roles.back]\nkind = \"cargo-manifest\"\n[[claims]]\n\
         claim = \"total packages of out >= 1\"\nsource = \"a test\"",
    );
    assert_eq!(assign(&only, &[(None, &INVOICE)]).unwrap_err(), AssignError::NoRole(Kind::CommercialInvoice));
    let error = assign(&only, &[(None, &MANIFEST)]).unwrap_err();
    assert_eq!(error, AssignError::Ambiguous { kind: Kind::CargoManifest, roles: "back, out".into() });
    let other = attested(&manifest("MAN-2", 2, |_| ()), "carrier", 5);
    assert!(assign(&only, &[(Some("out"), &MANIFEST), (Some("back"), &other)]).is_ok());
}

#[test]
fn a_dossier_is_given_once() {
    let twice = |first: &str, second: &str| AssignError::Twice { first: first.into(), second: second.into() };
    // The very same; attested again, under another commitment; by another attester under the same.
    let again = attested(&manifest("MAN", 2, |_| ()), "carrier", 6);
    let elsewhere = attested(&manifest("MAN", 2, |_| ()), "chamber", 2);
    let any = policy(
        "[roles.manifests]\nkind = \"cargo-manifest\"\ndocuments = \"any\"\n[[claims]]\n\
         claim = \"total packages of manifests >= 1\"\nsource = \"a test\"",
    );
    let two = policy(
        "[roles.out]\nkind = \"cargo-manifest\"\n[roles.back]\nkind = \"cargo-manifest\"\n[[claims]]\n\
         claim = \"total packages of out >= 1\"\nsource = \"a test\"",
    );
    for second in [&*MANIFEST, &again, &elsewhere] {
        let error = assign(&any, &[(None, &MANIFEST), (None, second)]).unwrap_err();
        assert_eq!(error, twice("manifests", "manifests"));
        assert_eq!(error.hint(), "give each document once, in one role");
        let error = assign(&two, &[(Some("out"), &MANIFEST), (Some("back"), second)]).unwrap_err();
        assert_eq!(error, twice("back", "out"));
    }
    let other = attested(&manifest("MAN", 2, |_| ()), "chamber", 6);
    assert!(assign(&any, &[(None, &MANIFEST), (None, &other)]).is_ok());
}

#[test]
fn what_no_verifier_reads_is_not_proved() {
    // Some 500 filter sets over a manifest of 34 tallies.
    let claim = |n: usize| {
        format!(
            "[[claims]]\nclaim = \"per container up to 960 total gross_mass where packages >= {n} <= 9000 t\"\nsource = \
             \"a test\"\n"
        )
    };
    let claims = (1..=3).map(claim).collect::<String>();
    let asked = request(policy(&format!("[roles.manifest]\nkind = \"cargo-manifest\"\n{claims}")));
    let dossier = attested(&manifest("MAN", 3_000, |_| ()), "carrier", 4);
    let error = prove(&asked, &dossier, &KEYS.proving, "shipper").unwrap_err();
    let ProveError::TooMany(PresentationError::TooManyTallies(found)) = error else { panic!("{error}") };
    assert!(found > MAX_TALLIES);
}

#[test]
fn requests_that_must_not_be_answered() {
    let accept = |trust: Trust, now: &str| BASE.signed().accept(&trust.list(), time(now)).map(drop);
    assert!(accept(Trust::new(), NOW).is_ok());
    assert!(matches!(accept(Trust::new().without("customs"), NOW), Err(RequestError::NotTrusted(_))));
    let other = trusted("port office", &party("customs"), &[Capacity::Verifier]);
    assert!(matches!(accept(Trust::new().with("customs", other), NOW), Err(RequestError::Relayed { .. })));
    assert!(matches!(accept(Trust::new(), "2026-06-08T08:00:00Z"), Err(RequestError::Expired { .. })));
    assert!(accept(Trust::new(), "2026-06-01T07:59:00Z").is_ok());
    assert!(matches!(accept(Trust::new(), "2026-06-01T07:58:59Z"), Err(RequestError::FromTheFuture { .. })));
}

fn small() -> Request {
    request(policy(
        "[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\nclaim = \"total packages of manifest >= 1\"\nsource = \"a test\"",
    ))
}

fn prove(
    asked: &Request,
    dossier: &CheckedDossier,
    keys: &ProvingKeys,
    holder: &str,
) -> Result<Presentation, ProveError> {
    let signed = SignedRequest::sign(asked, &party("customs")).unwrap();
    let accepted = signed.accept(&Trust::new().list(), time(NOW)).unwrap();
    let assigned = assign(&asked.policy, &[(None, dossier)]).unwrap();
    Plan::new(&accepted, &assigned)?.prove(keys, &party(holder), time(NOW), &|| ())
}

#[test]
fn what_a_prover_cannot_present() {
    let mut other = small();
    other.key_set = KeySetId::new([1; 32]);
    let error = prove(&other, &MANIFEST, &KEYS.proving, "shipper").unwrap_err();
    assert!(matches!(error, ProveError::OtherKeySet { .. }), "{error}");
    let error = prove(&small(), &MANIFEST, &KEYS.proving, "bank").unwrap_err();
    assert!(matches!(&error, ProveError::NotTheHolder { role, .. } if role == "manifest"), "{error}");
    let validity = Validity { issued: time(ATTESTED), expires: time(NOW) };
    let (document, holder) = (manifest("MAN", 2, |_| ()), party("shipper"));
    let rng = &mut StdRng::seed_from_u64(3);
    let expired = attest(&document, &party("carrier"), holder.public(), validity, rng).unwrap();
    let error = prove(&small(), &expired, &KEYS.proving, "shipper").unwrap_err();
    assert!(matches!(&error, ProveError::AttestationExpired { role, .. } if role == "manifest"), "{error}");
    let mut asks = small();
    asks.policy = policy(
        "status = { max-age-hours = 24 }\n[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\n\
         claim = \"total packages of manifest >= 1\"\nsource = \"a test\"",
    );
    let error = prove(&asks, &MANIFEST, &KEYS.proving, "shipper").unwrap_err();
    assert!(matches!(&error, ProveError::NoStatus { role } if role == "manifest"), "{error}");
    let reference = StatusReference { index: 7, list: "https://carrier.example/status/1".into() };
    let listed = attested_at(&manifest("MAN", 2, |_| ()), "carrier", Some(&reference), 7);
    assert!(prove(&asks, &listed, &KEYS.proving, "shipper").is_ok());
    let mut euros = small();
    euros.policy = policy(
        "[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\nclaim = \"total value of manifest >= 1 USD\"\nsource = \"a test\"\n\
         [[claims]]\nclaim = \"total value of manifest >= 1 EUR\"\nsource = \"a test\"",
    );
    let error = prove(&euros, &MANIFEST, &KEYS.proving, "shipper").unwrap_err();
    assert!(matches!(error, ProveError::Compile(_)), "{error}");
}

#[test]
fn documents_are_cut_into_as_few_tallies_as_will_do() {
    for (blocks, long, short) in
        [(0, 0, 0), (1, 0, 1), (4, 0, 1), (5, 1, 0), (9, 1, 0), (10, 1, 1), (13, 1, 1), (14, 2, 0), (18, 2, 0)]
    {
        let expected = [vec![TallySize::Long; long], vec![TallySize::Short; short]].concat();
        assert_eq!(segments(blocks), expected, "{blocks} blocks");
    }
}

#[test]
fn nothing_is_disclosed_that_the_policy_does_not_need() {
    let disclosed = |claim: &str| {
        let mut asked = small();
        let roles = "[roles.invoice]\nkind = \"commercial-invoice\"";
        asked.policy = policy(&format!("{roles}\n[[claims]]\nclaim = \"{claim}\"\nsource = \"a test\""));
        let signed = SignedRequest::sign(&asked, &party("customs")).unwrap();
        let accepted = signed.accept(&Trust::new().list(), time(NOW)).unwrap();
        let assigned = assign(&asked.policy, &[(None, &INVOICE)]).unwrap();
        let plan = Plan::new(&accepted, &assigned).unwrap();
        let presentation = plan.prove(&KEYS.proving, &party("shipper"), time(NOW), &|| ()).unwrap();
        let names = presentation.documents[0].attestation.sd_jwt().names().unwrap();
        assert_eq!(plan.disclosures()["invoice"], names, "what is announced is what is done");
        names
    };
    assert_eq!(disclosed("total packages of invoice >= 1"), ["complete.packages"]);
    assert_eq!(disclosed("total amount of invoice >= 1 USD"), ["complete.amount", "currency"]);
    assert_eq!(disclosed("total quantity of invoice >= 1 C62"), ["complete.quantity", "unit"]);
}

#[test]
fn keys_whose_proofs_do_not_verify_are_not_used() {
    // Two points of one query swapped, under a head that says so: only that the proof is verified finds it.
    let sections = remade(KEYS.set.prove_file(), "direct-40/h", |bytes| bytes.rotate_left(64));
    let unchecked = || UncheckedKeys::parse(sections.to_file(Role::Prove)).unwrap();
    assert!(matches!(unchecked().check(), Err(KeySetError::Faulty("direct-40"))));
    let keys = unchecked().checked_before();
    let mut asked = small();
    asked.key_set = keys.id();
    let error = prove(&asked, &MANIFEST, &keys, "shipper").unwrap_err();
    assert!(matches!(error, ProveError::FaultyKeys(id) if id == keys.id()), "{error}");
}
