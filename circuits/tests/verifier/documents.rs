//! Checks of attestations, issuers, roles, disclosures and holders.

use consign_circuits::verify::VerifyError;
use consign_crypto::{
    attestation::{AttestationError, Validity, attest},
    jws::JwsError,
    sd_jwt::{SdJwt, SdJwtError},
    status::{self, StatusError, StatusList, StatusLists, StatusReference},
    trust::{Capacity, NotTrusted},
};
use consign_documents::{document::Document, evaluate::Reason, policy::ResolvedPolicy, profile::Kind};
use jiff::civil::date;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;

use super::{
    forge::{BASE, Forge, POLICY, Shown, Tally},
    world::{
        ATTESTED, EXPIRES, NOW, REQUESTED, Trust, attested, attested_at, invoice, judge, judge_by, judge_with,
        manifest, party, policy, request, time, trusted,
    },
};

fn refused(forge: &Forge) -> VerifyError {
    judge(&forge.present(), &forge.signed()).unwrap_err()
}

/// The error of the attestation of a document.
fn attestation(error: VerifyError, expected: usize) -> AttestationError {
    match error {
        VerifyError::Attestation { document, source, .. } if document == expected => source,
        other => panic!("{other}"),
    }
}

#[test]
fn an_issuer_that_i_do_not_trust() {
    let bytes = BASE.present();
    let judge = |trust: Trust| judge_with(&bytes, &BASE.signed(), &trust, NOW).map_err(|e| attestation(e, 1));
    use AttestationError as E;
    let carrier = |capacities: &[Capacity]| trusted("carrier", &party("carrier"), capacities);
    let valid =
        |from, until| Trust::new().with("carrier", carrier(&[Capacity::IssuerOfAll]).valid(from, until).unwrap());
    assert!(matches!(judge(Trust::new().without("carrier")), Err(E::UnknownIssuer(_))));
    let sender = Trust::new().with("carrier", carrier(&[Capacity::Sender]));
    assert!(matches!(judge(sender), Err(E::NotAnIssuer(NotTrusted::Capacity { .. }))));
    // Attested on the first of May, judged on the first of June.
    assert!(judge(valid(Some(date(2026, 5, 1)), Some(date(2026, 6, 1)))).is_ok());
    assert!(matches!(judge(valid(Some(date(2026, 5, 2)), None)), Err(E::NotTrustedThen(NotTrusted::NotYet { .. }))));
    let ended = valid(None, Some(date(2026, 4, 30)));
    assert!(matches!(judge(ended), Err(E::NotTrustedThen(NotTrusted::NoLonger { .. }))));
    let since = valid(None, Some(date(2026, 5, 31)));
    assert!(matches!(judge(since), Err(E::NotTrustedNow(NotTrusted::NoLonger { .. }))));
}

#[test]
fn an_issuer_of_another_kind() {
    // Of manifests it may be; the invoice is the first document, so the manifest's error is that of an issuer of those.
    for (kind, document) in [(Kind::CargoManifest, 1), (Kind::CommercialInvoice, 2)] {
        let only = trusted("carrier", &party("carrier"), &[Capacity::Issuer(kind)]);
        let error = judge_with(&BASE.present(), &BASE.signed(), &Trust::new().with("carrier", only), NOW).unwrap_err();
        assert!(matches!(attestation(error, document), AttestationError::NotAnIssuer(NotTrusted::Capacity { .. })));
    }
}

#[test]
fn an_attestation_out_of_its_time() {
    for (issued, expires, expired) in
        [(ATTESTED, "2026-06-01T12:00:00Z", true), ("2026-06-01T12:01:01Z", "2027-01-01T00:00:00Z", false)]
    {
        let mut forge = BASE.clone();
        let validity = Validity { issued: time(issued), expires: time(expires) };
        let document = forge.documents[0].dossier.document().clone();
        let holder = party("shipper");
        // The seed of the base's invoice: the same blindings and commitment.
        let rng = &mut StdRng::seed_from_u64(1);
        let dossier = attest(&document, &party("carrier"), holder.public(), validity, rng).unwrap();
        assert_eq!(dossier.chain(), forge.documents[0].dossier.chain());
        let names = forge.documents[0].names();
        forge.documents[0].sd_jwt = dossier.attestation().sd_jwt().showing(names.iter().map(String::as_str)).unwrap();
        match attestation(refused(&forge), 1) {
            AttestationError::Expired(at) => assert!(expired && at == time(NOW)),
            AttestationError::FromTheFuture { .. } => assert!(!expired),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn an_issuer_that_the_policy_does_not_name() {
    let named = |issuer: &str| {
        let role = format!("[roles.manifest]\nissuers = [\"{issuer}\"]");
        let mut forge = BASE.clone();
        forge.request.policy = policy(&POLICY.replace("[roles.manifest]", &role));
        forge
    };
    let forge = named("carrier");
    assert!(judge(&forge.present(), &forge.signed()).is_ok());
    let error = refused(&named("chamber"));
    assert!(
        matches!(&error, VerifyError::IssuerNotInPolicy { document: 2, role, issuer } if role == "manifest" && issuer == "carrier"),
        "{error}"
    );
}

#[test]
fn a_disclosure_that_is_missing() {
    for name in BASE.documents[1].names() {
        let mut forge = BASE.clone();
        forge.documents[1].without(&name);
        let error = refused(&forge);
        let VerifyError::Disclosure(reason) = error else { panic!("{error}") };
        match name.as_str() {
            "currency" => assert!(matches!(reason, Reason::CurrencyUnknown { .. }), "{reason}"),
            "reference.shipment" => assert!(matches!(reason, Reason::ReferenceMissing { .. }), "{reason}"),
            complete => {
                let column = complete.strip_prefix("complete.").unwrap();
                assert!(matches!(reason, Reason::Incomplete { column: c, .. } if c == column));
            }
        }
    }
    let expected = ["complete.gross_mass", "complete.origin", "complete.value", "currency", "reference.shipment"];
    assert_eq!(BASE.documents[1].names(), expected);
}

#[test]
fn a_disclosure_that_is_repeated_or_of_another_document() {
    let with = |disclosure: String| {
        let mut forge = BASE.clone();
        let text = format!("{}{disclosure}~", forge.documents[1].sd_jwt);
        forge.documents[1].sd_jwt = SdJwt::parse(&text).unwrap();
        match attestation(refused(&forge), 2) {
            AttestationError::SdJwt(error) => error,
            other => panic!("{other}"),
        }
    };
    let disclosure = |shown: &Shown, i: usize| {
        let text = shown.sd_jwt.to_string();
        text.split('~').nth(i + 1).unwrap().to_owned()
    };
    let error = with(disclosure(&BASE.documents[1], 3));
    assert!(matches!(&error, SdJwtError::RepeatedDisclosure(name) if name == "currency"), "{error}");
    let error = with(disclosure(&BASE.documents[0], 0));
    assert!(matches!(error, SdJwtError::Unreferenced(6)), "{error}");
}

/// The base with one document in place of another, proved anew.
fn with_document(at: usize, dossier: consign_crypto::dossier::CheckedDossier) -> Forge {
    let mut documents: Vec<_> =
        BASE.documents.iter().map(|shown| (shown.role.as_str(), shown.dossier.clone())).collect();
    documents[at].1 = dossier;
    Forge::honest(BASE.request.clone(), &documents)
}

#[test]
fn a_fact_that_is_disclosed_and_does_not_do() {
    // A currency other than the claim's; a line without origin; another shipment. The proofs are of the bounds as asked.
    let euros = invoice("INV-2", |d| d["currency"] = json!("EUR"));
    let error = refused(&with_document(0, attested(&euros, "carrier", 3)));
    assert!(
        matches!(&error, VerifyError::Disclosure(Reason::OtherCurrency { role, expected, found })
            if role == "invoice" && expected == "USD" && found == "EUR"),
        "{error}"
    );
    let other = invoice("INV-3", |d| d["references"]["shipment"] = json!("SHP-10"));
    let error = refused(&with_document(0, attested(&other, "carrier", 4)));
    assert!(
        matches!(&error, VerifyError::Disclosure(Reason::ReferencesDiffer { reference }) if reference == "shipment")
    );

    let policy_of = |claim: &str| {
        policy(&format!(
            "[roles.invoice]\nkind = \"commercial-invoice\"\n[[claims]]\nclaim = \"{claim}\"\nsource = \"a test\""
        ))
    };
    let unknown = invoice("INV-4", |d| drop(d["lines"][1].as_object_mut().unwrap().remove("packages")));
    let forge = Forge::honest(
        request(policy_of("total packages of invoice >= 1")),
        &[("invoice", attested(&unknown, "carrier", 5))],
    );
    let error = refused(&forge);
    assert!(matches!(&error, VerifyError::Disclosure(Reason::Incomplete { column, .. }) if column == "packages"));

    let metres = invoice("INV-5", |d| {
        d["lines"].as_array_mut().unwrap().iter_mut().for_each(|line| line["quantity"]["unit"] = json!("MTR"));
    });
    let forge = Forge::honest(
        request(policy_of("total quantity of invoice >= 1 C62")),
        &[("invoice", attested(&metres, "carrier", 6))],
    );
    let error = refused(&forge);
    assert!(matches!(&error, VerifyError::Disclosure(Reason::OtherUnit { .. })), "{error}");
}

fn holder(error: VerifyError) -> SdJwtError {
    match error {
        VerifyError::Holder { document: 1, source, .. } => source,
        other => panic!("{other}"),
    }
}

#[test]
fn a_holder_that_signed_something_else_or_is_another() {
    let change = |change: fn(&mut Forge)| {
        let mut forge = BASE.clone();
        change(&mut forge);
        holder(refused(&forge))
    };
    let error = change(|f| f.documents[0].holder = party("bank"));
    assert!(matches!(error, SdJwtError::Binding(JwsError::OtherSigner { .. })), "{error}");
    let error = change(|f| f.audience = Some("port office".into()));
    assert!(matches!(&error, SdJwtError::Audience { found, .. } if found == "port office"), "{error}");
    assert!(matches!(change(|f| f.nonce = Some("AAAA".into())), SdJwtError::Nonce));
    assert!(matches!(change(|f| f.proofs = Some([3; 32])), SdJwtError::Proofs));
    for (at, accepted) in [
        ("2026-06-01T07:59:00Z", true),
        ("2026-06-01T07:58:59Z", false),
        ("2026-06-01T12:01:00Z", true),
        ("2026-06-01T12:01:01Z", false),
    ] {
        let mut forge = BASE.clone();
        forge.at = time(at);
        match judge(&forge.present(), &forge.signed()) {
            Ok(_) => assert!(accepted, "{at}"),
            Err(error) => assert!(!accepted && matches!(holder(error), SdJwtError::Time { .. }), "{at}"),
        }
    }
    // A disclosure more than the holder signed for; and proofs of which one was re-made after it signed.
    let text = BASE.documents[0].dossier.attestation().sd_jwt().to_string();
    let more = text.split('~').find(|part| !BASE.documents[0].sd_jwt.to_string().contains(part)).unwrap().to_owned();
    let mut file: serde_json::Value = serde_json::from_slice(&BASE.present()).unwrap();
    let bound = file["documents"][0]["attestation"].as_str().unwrap().to_owned();
    let (sd_jwt, binding) = bound.rsplit_once('~').unwrap();
    file["documents"][0]["attestation"] = format!("{sd_jwt}~{more}~{binding}").into();
    let error = judge(file.to_string().as_bytes(), &BASE.signed()).unwrap_err();
    assert!(matches!(holder(error), SdJwtError::Hash));
}

/// A policy for one role of so many manifests, that all of them satisfy.
fn manifests(role: &str, documents: usize) -> consign_documents::policy::ResolvedPolicy {
    policy(&format!(
        "[roles.{role}]\nkind = \"cargo-manifest\"\ndocuments = {documents}\n[[claims]]\n\
         claim = \"total packages of {role} >= 1\"\nsource = \"a test\""
    ))
}

#[test]
fn a_role_that_the_policy_does_not_have() {
    // A third document, which every other check would let pass; and one that is not looked into, whose issuer nobody knows.
    for issuer in ["carrier", "nobody"] {
        let mut forge = BASE.clone();
        let more = attested(&manifest("MAN-2", 2, |_| ()), issuer, 7);
        let compiled = consign_documents::compile::compile(&forge.request.policy).unwrap();
        forge.documents.push(Shown::new("packing", &more, &compiled));
        let error = refused(&forge);
        assert!(matches!(&error, VerifyError::UnknownRole { document: 3, role } if role == "packing"), "{error}");
    }
}

#[test]
fn documents_out_of_the_order_of_roles() {
    let mut forge = BASE.clone();
    forge.documents.swap(0, 1);
    let error = refused(&forge);
    assert!(matches!(&error, VerifyError::RoleOrder { document: 2, role } if role == "invoice"), "{error}");
}

#[test]
fn a_document_of_another_kind() {
    // A role of invoices, played by a manifest that has what the claim asks of an invoice.
    let text = "[roles.goods]\nkind = \"commercial-invoice\"\n[[claims]]\nclaim = \"total packages of goods >= 1\"\nsource = \"a test\"";
    let forge =
        Forge::honest(request(policy(text)), &[("goods", attested(&manifest("MAN-3", 2, |_| ()), "carrier", 8))]);
    let error = refused(&forge);
    assert!(
        matches!(
            &error,
            VerifyError::OtherKind { document: 1, expected: Kind::CommercialInvoice, found: Kind::CargoManifest, .. }
        ),
        "{error}"
    );
}

#[test]
fn more_or_fewer_documents_than_the_role_has() {
    let all: Vec<_> = (0..3).map(|i| attested(&manifest(&format!("MAN-1{i}"), 2, |_| ()), "carrier", 10 + i)).collect();
    let of = |n: usize| all[..n].iter().map(|d| ("manifest", d.clone())).collect::<Vec<_>>();
    let judged = |n: usize| {
        let forge = Forge::honest(request(manifests("manifest", 2)), &of(n));
        judge(&forge.present(), &forge.signed())
    };
    let report = judged(2).unwrap();
    assert_eq!(report.documents.len(), 2);
    assert!(report.notes.contains(&"manifest: of the 2 documents presented; completeness not shown".to_owned()));
    for n in [1, 3] {
        let error = judged(n).unwrap_err();
        assert!(
            matches!(&error, VerifyError::DocumentCount { expected, found, .. } if expected.only() == Some(2) && *found == n),
            "{error}"
        );
    }
}

#[test]
fn other_documents_than_those_expected() {
    let of = |numbers: &[&str]| -> Vec<_> {
        let dossier = |(seed, number): (u64, &&str)| attested(&manifest(number, 2, |_| ()), "carrier", 60 + seed);
        (0..).zip(numbers).map(dossier).map(|dossier| ("manifest", dossier)).collect()
    };
    let judged = |numbers: &[&str]| {
        let asked = manifests("manifest", 2);
        let text = asked.to_json().replace("\"documents\":2", "\"documents\":2,\"expected\":[\"MAN-1\",\"MAN-2\"]");
        let asked = ResolvedPolicy::from_json(&text).unwrap();
        let forge = Forge::honest(request(asked), &of(numbers));
        judge(&forge.present(), &forge.signed())
    };
    let report = judged(&["MAN-2", "MAN-1"]).unwrap();
    assert!(
        report.notes.contains(&"manifest: of all 2 documents that the verifier expects, by their numbers".to_owned())
    );
    let VerifyError::Disclosure(reason) = judged(&["MAN-1", "MAN-3"]).unwrap_err() else { panic!("a disclosure") };
    assert_eq!(reason, Reason::ExpectedMissing { role: "manifest".into(), number: "MAN-2".into() });
}

#[test]
fn one_document_twice() {
    let document = manifest("MAN-20", 2, |_| ());
    let judged = |first: &str, second: &str, seeds: [u64; 2]| {
        let pair = [attested(&document, first, seeds[0]), attested(&document, second, seeds[1])];
        let documents = pair.map(|dossier| ("manifest", dossier));
        let forge = Forge::honest(request(manifests("manifest", 2)), &documents);
        judge(&forge.present(), &forge.signed())
    };
    let twice = |result: Result<_, VerifyError>| {
        let error = result.map(|_: consign_circuits::report::Report| ()).unwrap_err();
        assert!(matches!(error, VerifyError::DocumentTwice { first: 1, second: 2 }), "{error}");
    };
    // The very same attestation; two by one issuer, under two commitments; one dossier by two issuers.
    twice(judged("carrier", "carrier", [20, 20]));
    twice(judged("carrier", "carrier", [20, 21]));
    twice(judged("carrier", "chamber", [20, 20]));
    // Two issuers with two commitments cannot be told from two documents, and the report says so.
    let note = "cargo-manifest: attested by several parties, which may have attested one document twice";
    let says = |report: &consign_circuits::report::Report| report.notes.iter().any(|n| n == note);
    assert!(says(&judged("carrier", "chamber", [20, 21]).unwrap()));
    // So too where it plays two roles of one document each; and not where one attested both.
    let text = "[roles.out]\nkind = \"cargo-manifest\"\n[roles.back]\nkind = \"cargo-manifest\"\n[[claims]]\n\
                claim = \"total packages of out >= total packages of back\"\nsource = \"a test\"";
    let in_roles = |out: &str, other: &Document| {
        let documents = [("back", attested(&document, "carrier", 20)), ("out", attested(other, out, 21))];
        let forge = Forge::honest(request(policy(text)), &documents);
        judge(&forge.present(), &forge.signed()).unwrap()
    };
    assert!(says(&in_roles("chamber", &document)));
    assert!(!says(&in_roles("carrier", &manifest("MAN-21", 2, |_| ()))));
}

#[test]
fn the_attestations_of_another_presentation() {
    // Documents attested anew under the same commitments: all proofs hold, but the verdict was made for the others.
    let mut forge = BASE.clone();
    let context = forge.context(0);
    let validity = Validity { issued: time("2026-05-02T00:00:00Z"), expires: time("2027-05-02T00:00:00Z") };
    let document = forge.documents[0].dossier.document().clone();
    let holder = party("shipper");
    let again = attest(&document, &party("carrier"), holder.public(), validity, &mut StdRng::seed_from_u64(1)).unwrap();
    let names = forge.documents[0].names();
    forge.documents[0].sd_jwt = again.attestation().sd_jwt().showing(names.iter().map(String::as_str)).unwrap();
    assert!(judge(&forge.present(), &forge.signed()).is_ok());
    forge.verdicts[0].context = Some(context);
    assert!(matches!(refused(&forge), VerifyError::OtherContext(1)));
}

#[test]
fn a_chain_of_another_document_of_the_same_kind() {
    let mut forge = BASE.clone();
    let other = attested(&manifest("MAN-30", 3, |_| ()), "carrier", 30);
    let filters = forge.verdicts[0].chains[1][0].filters.clone();
    forge.verdicts[0].chains[1] = Tally::chain(&other, &filters);
    let error = refused(&forge);
    assert!(matches!(error, VerifyError::LastRowsMissing { verdict: 1, chain: 2 }), "{error}");
}

#[test]
fn a_document_whose_attester_took_it_back_or_does_not_say() {
    const LIST: &str = "https://carrier.example/status/1";
    let asks = policy(
        "status = { max-age-hours = 24 }\n[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\n\
         claim = \"total packages of manifest >= 1\"\nsource = \"a test\"",
    );
    let reference = StatusReference { index: 7, list: LIST.into() };
    let present = |policy: &ResolvedPolicy, status: Option<&StatusReference>| {
        let dossier = attested_at(&manifest("MAN-8", 2, |_| ()), "carrier", status, 8);
        let forge = Forge::honest(request(policy.clone()), &[("manifest", dossier)]);
        (forge.present(), forge.signed())
    };
    let list = |revoked: &[u64], made: &str| {
        let (bits, revoked) = (status::MIN_BITS, revoked.iter().copied().collect());
        let text = StatusList::sign(LIST, bits, &revoked, (time(made), time(EXPIRES)), &party("carrier")).unwrap();
        StatusLists::new([StatusList::parse(&text).unwrap()])
    };
    let none = StatusLists::default();
    let (bytes, signed) = present(&asks, Some(&reference));
    let judge = |status: &StatusLists| judge_by(&bytes, &signed, &Trust::new(), status, NOW);
    let report = judge(&list(&[6, 8], REQUESTED)).unwrap();
    assert_eq!(report.documents[0].not_revoked, Some(time(REQUESTED)));
    let refused = |result: Result<_, VerifyError>| match result.unwrap_err() {
        VerifyError::Status { document: 1, role, source } if role == "manifest" => source,
        other => panic!("{other}"),
    };
    assert!(matches!(refused(judge(&list(&[7], REQUESTED))), StatusError::Revoked { index: 7, .. }));
    assert!(matches!(refused(judge(&list(&[], ATTESTED))), StatusError::TooOld { hours: 24, .. }));
    assert!(matches!(refused(judge(&none)), StatusError::NotAtHand { .. }));
    let (bytes, signed) = present(&asks, None);
    let unnamed = judge_by(&bytes, &signed, &Trust::new(), &list(&[], REQUESTED), NOW);
    assert!(matches!(refused(unnamed), StatusError::NoReference));

    // A policy that does not ask: only a list that takes back is heard, and the report says that nobody asked.
    let silent = policy(
        "[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\nclaim = \"total packages of manifest >= 1\"\nsource = \"a test\"",
    );
    let (bytes, signed) = present(&silent, Some(&reference));
    let judge = |status: &StatusLists| judge_by(&bytes, &signed, &Trust::new(), status, NOW);
    let report = judge(&none).unwrap();
    assert_eq!(report.documents[0].not_revoked, None);
    assert!(report.notes.iter().any(|note| note.contains("asks for no status")));
    assert!(matches!(refused(judge(&list(&[7], ATTESTED))), StatusError::Revoked { .. }));
}
