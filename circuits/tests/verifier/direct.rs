//! Direct verdicts: when they are made and accepted, and cheating provers whose direct verdicts are all proved.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use consign_circuits::{
    answers::MemoryAnswers,
    assign::Assigned,
    direct,
    groth16::ProveError,
    keys::Circuit,
    presentation::{Judged, Place, Presentation, PresentationError, proofs},
    prove::Plan,
    tally::Block,
    verify::{Known, Submitted, VerifyError, verify_many},
};
use consign_crypto::{
    commitment::blocks, dossier::CheckedDossier, field::FieldError, sd_jwt::SdJwtError, status::StatusLists,
};
use consign_documents::filter::{Bound, Bounds, Filter};
use serde_json::{Value, json};

use super::{
    forge::{BASE, Direct, Forge},
    packs::sign,
    world::{KEYS, NOW, Trust, attested, invoice, judge, manifest, party, policy, request, time},
};

const POLICY: &str = "[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\n\
    claim = \"total gross_mass of manifest <= 26500 kg\"\nsource = \"a test\"\n[[claims]]\n\
    claim = \"every origin of manifest in VN, TH\"\nsource = \"a test\"";

/// A manifest of so many rows, its header's among them, under a policy of one filter set.
fn rows(rows: usize) -> Forge {
    let dossier = attested(&manifest(&format!("MAN-{rows}"), rows - 1, |_| ()), "carrier", rows as u64);
    Forge::honest(request(policy(POLICY)), &[("manifest", dossier)])
}

/// 35 rows, the last block half filled.
pub static SHORT: LazyLock<Forge> = LazyLock::new(|| rows(35));

fn dossier(forge: &Forge) -> &CheckedDossier {
    &forge.documents[0].dossier
}

/// What a direct verdict on it says.
pub fn honest() -> Direct {
    Direct::of(&SHORT, 0, dossier(&SHORT))
}

/// Bounds that any totals satisfy: a cheat has a proof whatever it counts.
fn open(direct: Direct) -> Direct {
    let open = direct.bounds.0.map(|b| Bound::new(b.terms(), None, None).unwrap());
    Direct { bounds: Bounds(open), ..direct }
}

/// What the verifier says of a direct verdict that is proved and signed.
fn refused(direct: &Direct) -> VerifyError {
    judge(&SHORT.sign(vec![direct.prove().unwrap()]), &SHORT.signed()).unwrap_err()
}

const VERDICT: Place = Place::Verdict(1);

fn planned(forge: &Forge) -> Presentation {
    let accepted = sign(&forge.request).accept(&Trust::new().list(), time(NOW)).unwrap();
    let given = forge.documents.iter().map(|shown| (None, shown.dossier.clone())).collect();
    let assigned = Assigned::new(&forge.request.policy, given).unwrap();
    let plan = Plan::new(&accepted, &assigned).unwrap();
    let presentation = plan.prove(&KEYS.proving, &party("shipper"), time(NOW), &|| ()).unwrap();
    let estimate = plan.estimate();
    assert_eq!(proofs(&presentation.verdicts).count() as u64, estimate.proofs());
    // The circuits that are said to be needed are those that are used.
    let used = proofs(&presentation.verdicts).map(|proved| proved.circuit).collect();
    assert_eq!(consign_circuits::prove::circuits(&accepted, &assigned), Ok(used));
    presentation
}

#[test]
fn a_document_of_forty_rows_is_proved_directly_and_a_longer_one_is_not() {
    for (count, tallies) in [(2, 0), (direct::ROWS, 0), (direct::ROWS + 1, 1)] {
        let forge = rows(count);
        let presentation = planned(&forge);
        let report = judge(&presentation.to_bytes(), &forge.signed()).unwrap();
        assert_eq!((report.tallies, report.verdicts), (tallies, 1), "{count} rows");
        assert_eq!(matches!(presentation.verdicts[..], [Judged::Direct(_)]), tallies == 0, "{count} rows");
        // The file says what it says.
        let read = Presentation::parse(&presentation.to_bytes()).unwrap();
        assert_eq!(read.verdicts, presentation.verdicts);
        // By tallies the same is proved, and accepted.
        let report = judge(&forge.present(), &forge.signed()).unwrap();
        assert_eq!((report.tallies, report.verdicts), (count.div_ceil(40), 1));
    }
    // Two documents are not judged directly, however short they are, nor is one under two filter sets.
    assert!(planned(&BASE).verdicts.iter().all(|verdict| matches!(verdict, Judged::Tallied(_))));
    let codes: Vec<String> = (0..100).map(|i| format!("{:04}", 101 + 2 * i)).collect();
    let listed = format!(
        "[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\nclaim = \"no hs of manifest in {}\"\nsource = \"a test\"",
        codes.join(", ")
    );
    let forge = Forge::honest(request(policy(&listed)), &[("manifest", dossier(&SHORT).clone())]);
    let presentation = planned(&forge);
    judge(&presentation.to_bytes(), &forge.signed()).unwrap();
    assert!(forge.verdicts.iter().all(|plan| plan.chains.len() > 1), "the list does not fit one filter set");
    assert!(presentation.verdicts.iter().all(|verdict| matches!(verdict, Judged::Tallied(_))));
}

/// Six filters over each of two documents, and one claim over both: a verdict on the invoice, one on both, one on the
/// manifest.
fn both(manifest_lines: usize) -> Forge {
    let each = |figure: &str, role: &str| {
        let filters = ["hs in 84", "hs in 85, 90", "origin in VN", "origin in TH, DE"];
        let filters = filters.map(String::from).into_iter();
        let filters = filters.chain(["hs in 84 and origin in VN".into(), "hs in 85, 90 and origin in TH, DE".into()]);
        let claim = |filter: String| format!("total {figure} of {role} where {filter} <= 900000 USD");
        filters.map(claim).collect::<Vec<String>>()
    };
    let cross = ["total packages of invoice <= total packages of manifest".to_owned()];
    let claims = [each("amount", "invoice"), each("value", "manifest"), cross.to_vec()].concat();
    let claims: String =
        claims.iter().map(|claim| format!("[[claims]]\nclaim = \"{claim}\"\nsource = \"a test\"\n")).collect();
    let roles = "[roles.invoice]\nkind = \"commercial-invoice\"\n[roles.manifest]\nkind = \"cargo-manifest\"\n";
    let of_both = [
        ("invoice", attested(&invoice("INV-BOTH", |_| ()), "carrier", 700)),
        ("manifest", attested(&manifest("MAN-BOTH", manifest_lines, |_| ()), "carrier", 701)),
    ];
    let forge = Forge::honest(request(policy(&format!("{roles}{claims}"))), &of_both);
    let chains: Vec<usize> = forge.verdicts.iter().map(|verdict| verdict.chains.len()).collect();
    assert_eq!(chains, [1, 2, 1], "the tests count on this");
    forge
}

#[test]
fn direct_verdicts_beside_others() {
    for (lines, direct) in [(60, [true, false, false]), (40, [true, false, false]), (39, [true, false, true])] {
        let forge = both(lines);
        let presentation = planned(&forge);
        let forms: Vec<bool> = presentation.verdicts.iter().map(|v| matches!(v, Judged::Direct(_))).collect();
        assert_eq!(forms, direct, "{lines} lines");
        let report = judge(&presentation.to_bytes(), &forge.signed()).unwrap();
        assert_eq!((report.tallies, report.verdicts), (presentation.tallies(), 3));
    }
    // Two direct verdicts and one on tallies, and what of each is not the other's.
    let forge = both(39);
    let [invoice, manifest] = [0, 1].map(|document: usize| &forge.documents[document].dossier);
    let (first, third) = (Direct::of(&forge, 0, invoice), Direct::of(&forge, 2, manifest));
    let mut tallied = Vec::new();
    forge.present_with(|verdicts| tallied = verdicts.clone()).unwrap();
    let second = Judged::Tallied(tallied[1].clone());
    let signed = |first: &Judged, third: &Judged| forge.sign(vec![first.clone(), second.clone(), third.clone()]);
    let says = |first: &Judged, third: &Judged| judge(&signed(first, third), &forge.signed());
    let (one, two) = (first.prove().unwrap(), third.prove().unwrap());
    assert_eq!(says(&one, &two).unwrap().verdicts, 3);
    let error = says(&two, &one).unwrap_err();
    assert!(matches!(error, VerifyError::OtherFilters(Place::Verdict(1))), "{error}");
    let last = Place::Verdict(3);
    let of_the_invoice = Direct { context: third.context, ..open(Direct::of(&forge, 2, invoice)) };
    let error = says(&one, &of_the_invoice.prove().unwrap()).unwrap_err();
    assert!(matches!(error, VerifyError::FirstRowsMissing(place) if place == last), "{error}");
    let error = says(&one, &Direct { context: first.context, ..third.clone() }.prove().unwrap()).unwrap_err();
    assert!(matches!(error, VerifyError::OtherContext(3)), "{error}");
    let (Judged::Direct(one_proved), Judged::Direct(mut swapped)) = (&one, two.clone()) else { panic!("direct") };
    swapped.proof = one_proved.proof;
    let swapped = Judged::Direct(swapped);
    let error = says(&one, &swapped).unwrap_err();
    assert!(matches!(error, VerifyError::Proof(place) if place == last), "{error}");
    // Decided together with others, the same one is named.
    let trust = Trust::new().list();
    let status = StatusLists::default();
    let known = Known { trust: &trust, status: &status, keys: &KEYS.verifying, now: time(NOW) };
    let files =
        [[&one, &two], [&one, &swapped]].map(|[first, third]| Presentation::parse(&signed(first, third)).unwrap());
    let submitted = files.each_ref().map(|presentation| Submitted { presentation, known, own: None });
    let found = verify_many(&submitted, &mut MemoryAnswers::default());
    assert!(found[0].is_ok());
    assert!(matches!(&found[1], Err(VerifyError::Proof(place)) if *place == last), "{:?}", found[1]);
}

#[test]
fn the_forgers_direct_verdict_is_the_planners() {
    let bytes = SHORT.sign(vec![honest().prove().unwrap()]);
    let report = judge(&bytes, &SHORT.signed()).unwrap();
    assert_eq!((report.tallies, report.verdicts, report.claims.len()), (0, 1, 2));
    let [Judged::Direct(forged)] = &Presentation::parse(&bytes).unwrap().verdicts[..] else { panic!("direct") };
    let [Judged::Direct(planned)] = &planned(&SHORT).verdicts[..] else { panic!("direct") };
    assert_eq!(forged.statement, planned.statement);
}

#[test]
fn rows_left_out_or_counted_twice() {
    let blocks_of = |forge: &Forge| -> Vec<Block> {
        let table = dossier(forge).document().table();
        let secret = dossier(forge).blindings().elements();
        blocks(&table).zip(secret).map(|(rows, &blinding)| Block::Rows { blinding, rows: Box::new(rows) }).collect()
    };
    let [first, second, third, fourth] = &blocks_of(&SHORT)[..] else { panic!("four blocks") };
    let last = |blocks: [&Block; 4]| {
        let error = refused(&Direct { blocks: blocks.map(Clone::clone).into(), ..open(honest()) });
        assert!(matches!(error, VerifyError::LastRowsMissing { verdict: 1, chain: 1 }), "{error}");
    };
    let skipped = &Block::Skipped;
    last([first, second, third, skipped]);
    last([first, second, fourth, skipped]);
    last([first, first, second, third]);
    last([second, first, third, fourth]);
    last([skipped; 4]);
    // From the second block on, from its own chain value.
    let start = dossier(&SHORT).chain().values()[1];
    let error = refused(&Direct {
        start,
        blocks: vec![second.clone(), third.clone(), fourth.clone(), Block::Skipped],
        ..open(honest())
    });
    assert!(matches!(error, VerifyError::FirstRowsMissing(VERDICT)), "{error}");
    // Nothing but skipped blocks, from the attested commitment to itself.
    let start = *dossier(&SHORT).chain().values().last().unwrap();
    let error = refused(&Direct { start, blocks: vec![Block::Skipped; 4], ..open(honest()) });
    assert!(matches!(error, VerifyError::FirstRowsMissing(VERDICT)), "{error}");
    // The first forty rows of fifty.
    let long = rows(50);
    let cut = open(Direct::of(&long, 0, dossier(&long))).prove().unwrap();
    let error = judge(&long.sign(vec![cut]), &long.signed()).unwrap_err();
    assert!(matches!(error, VerifyError::LastRowsMissing { verdict: 1, chain: 1 }), "{error}");
    // Another document's rows.
    let other = Direct { context: honest().context, ..Direct::of(&SHORT, 0, dossier(&rows(33))) };
    let error = refused(&other);
    assert!(matches!(error, VerifyError::LastRowsMissing { verdict: 1, chain: 1 }), "{error}");
}

#[test]
fn other_filters_bounds_and_contexts() {
    let mut other = open(honest());
    other.filters.filters[0] = Filter::Null;
    assert!(matches!(refused(&other), VerifyError::OtherFilters(VERDICT)));
    let error = refused(&open(honest()));
    assert!(matches!(error, VerifyError::OtherBounds(1)), "{error}");
    let mut nonce = SHORT.clone();
    nonce.request.nonce = [8; 32];
    for context in [nonce.context(0), SHORT.context(1), Fr::ZERO, honest().context + Fr::ONE] {
        let error = refused(&Direct { context, ..honest() });
        assert!(matches!(error, VerifyError::OtherContext(1)), "{error}");
    }
}

#[test]
fn a_bound_that_is_missed_has_no_proof() {
    // 34 lines of 100 to 133 kg: one kilogram less is not satisfied, and a proof of looser bounds is none of these.
    let less = POLICY.replace("26500", "3960");
    let forge = Forge::honest(request(policy(&less)), &[("manifest", dossier(&SHORT).clone())]);
    let missed = Direct::of(&forge, 0, dossier(&forge));
    assert!(matches!(missed.prove(), Err(ProveError::Unsatisfied(_))));
    let enough =
        Forge::honest(request(policy(&POLICY.replace("26500", "3961"))), &[("manifest", dossier(&SHORT).clone())]);
    let bytes = enough.sign(vec![Direct::of(&enough, 0, dossier(&enough)).prove().unwrap()]);
    judge(&bytes, &enough.signed()).unwrap();
    let Judged::Direct(mut proved) = open(missed.clone()).prove().unwrap() else { panic!("direct") };
    proved.statement.bounds = consign_crypto::statement::bounds_digest(&missed.bounds);
    let error = judge(&forge.sign(vec![Judged::Direct(proved)]), &forge.signed()).unwrap_err();
    assert!(matches!(error, VerifyError::Proof(VERDICT)), "{error}");
}

#[test]
fn where_tallies_are_asked_for() {
    // One document of two, and its own filter set, judged directly.
    let direct = open(Direct::of(&BASE, 0, &BASE.documents[0].dossier)).prove().unwrap();
    let error = judge(&BASE.sign(vec![direct]), &BASE.signed()).unwrap_err();
    assert!(matches!(error, VerifyError::NotForDirect { verdict: 1, expected: 2 }), "{error}");
    // One more than the policy has.
    let direct = honest().prove().unwrap();
    let error = judge(&SHORT.sign(vec![direct.clone(), direct]), &SHORT.signed()).unwrap_err();
    assert!(matches!(error, VerifyError::VerdictCount { expected: 1, found: 2 }), "{error}");
}

#[test]
fn proofs_of_other_circuits() {
    let Judged::Direct(proved) = honest().prove().unwrap() else { panic!("direct") };
    let mut tallied = Vec::new();
    SHORT.present_with(|verdicts| tallied = verdicts.clone()).unwrap();
    for proof in [tallied[0].proof, tallied[0].chains[0][0].proof] {
        let mut other = proved.clone();
        other.proof = proof;
        let error = judge(&SHORT.sign(vec![Judged::Direct(other)]), &SHORT.signed()).unwrap_err();
        assert!(matches!(error, VerifyError::Proof(VERDICT)), "{error}");
    }
    let bytes = SHORT.present_with(|verdicts| verdicts[0].proof = proved.proof).unwrap();
    assert!(matches!(judge(&bytes, &SHORT.signed()), Err(VerifyError::Proof(VERDICT))));
    // One for the other after the holder has signed.
    let direct = Judged::Direct(proved);
    let mut swapped = Presentation::parse(&SHORT.present()).unwrap();
    swapped.verdicts = vec![direct];
    let error = judge(&swapped.to_bytes(), &SHORT.signed()).unwrap_err();
    assert!(matches!(&error, VerifyError::Holder { document: 1, source: SdJwtError::Proofs, .. }), "{error:?}");
}

#[test]
fn a_verdict_of_no_known_form() {
    let file: Value = serde_json::from_slice(&SHORT.sign(vec![honest().prove().unwrap()])).unwrap();
    assert_eq!(file["verdicts"][0]["circuit"], json!(Circuit::Direct.name()));
    let error = |change: &dyn Fn(&mut Value)| {
        let mut file = file.clone();
        change(&mut file["verdicts"][0]);
        match judge(file.to_string().as_bytes(), &SHORT.signed()).unwrap_err() {
            VerifyError::Presentation(error) => error,
            other => panic!("{other}"),
        }
    };
    let form = |change: &dyn Fn(&mut Value)| {
        let error = error(change);
        assert!(matches!(error, PresentationError::Form { place: VERDICT }), "{error}");
    };
    form(&|verdict| verdict["chains"] = json!([]));
    // Null is no way to leave a member out.
    for member in ["chains", "circuit"] {
        let error = error(&|verdict| verdict[member] = Value::Null);
        assert!(matches!(error, PresentationError::Json(_)), "{error}");
    }
    form(&|verdict| drop(verdict.as_object_mut().unwrap().remove("circuit")));
    for name in ["verdict", "tally-40", "direct-30", ""] {
        form(&|verdict| verdict["circuit"] = json!(name));
    }
    // Five inputs are none of a verdict on tallies.
    let as_tallied = error(&|verdict| {
        let members = verdict.as_object_mut().unwrap();
        members.remove("circuit");
        members.insert("chains".into(), json!([]));
    });
    let inputs = |error: &PresentationError, expected: usize, found: usize| match error {
        PresentationError::Inputs { place: VERDICT, expected: e, found: f } => assert_eq!((*e, *f), (expected, found)),
        other => panic!("{other}"),
    };
    inputs(&as_tallied, 4, 5);
    inputs(&error(&|verdict| drop(verdict["inputs"].as_array_mut().unwrap().pop())), 5, 4);
    inputs(&error(&|verdict| verdict["inputs"].as_array_mut().unwrap().push(json!("0".repeat(64)))), 5, 6);
    for (i, name) in direct::DirectStatement::INPUTS.into_iter().enumerate() {
        let error = error(&|verdict| verdict["inputs"][i] = json!("f".repeat(64)));
        assert!(
            matches!(&error, PresentationError::Input { place: VERDICT, input, source: FieldError::NotCanonical(_) } if *input == name),
            "{error}"
        );
    }
    let error = error(&|verdict| verdict["proof"]["a"][0] = json!("f".repeat(64)));
    assert!(matches!(error, PresentationError::Proof { place: VERDICT, .. }), "{error}");
}

#[test]
fn twelve_bounds_are_judged_on_tallies() {
    // One bound each, of one filter set: the same lines of another measure, of at least and at most.
    let claims = |count: usize| {
        let claim = |i: usize| {
            let figure = ["gross_mass", "net_mass", "value", "packages"][i % 4];
            let unit = ["kg", "kg", "USD", ""][i % 4];
            let (relation, bound) = if i % 8 < 4 { ("<=", 400_000 + i) } else { (">=", 1 + i) };
            format!(
                "[[claims]]\nclaim = \"total {figure} of manifest {relation} {bound} {unit}\"\nsource = \"a test\"\n"
            )
        };
        format!("[roles.manifest]\nkind = \"cargo-manifest\"\n{}", (0..count).map(claim).collect::<String>())
    };
    let document = dossier(&SHORT).clone();
    let forge = |count| Forge::honest(request(policy(&claims(count))), &[("manifest", document.clone())]);
    let used = |forge: &Forge| forge.verdicts[0].bounds.0.iter().filter(|bound| **bound != Bound::unused()).count();
    let of = |bounds| (1..13).map(forge).find(|forge| used(forge) == bounds && forge.verdicts.len() == 1);
    let (eleven, twelve) = (of(11).expect("eleven bounds"), of(12).expect("twelve bounds"));
    for (forge, direct) in [(&eleven, true), (&twelve, false)] {
        let presentation = planned(forge);
        assert_eq!(matches!(presentation.verdicts[..], [Judged::Direct(_)]), direct);
        judge(&presentation.to_bytes(), &forge.signed()).unwrap();
    }
    // Direct all the same, the twelfth left out: what is proved is of other bounds than the policy's.
    let mut eleven_of_twelve = Direct::of(&twelve, 0, &document);
    eleven_of_twelve.bounds.0[11] = Bound::unused();
    let error = judge(&twelve.sign(vec![eleven_of_twelve.prove().unwrap()]), &twelve.signed()).unwrap_err();
    assert!(matches!(error, VerifyError::OtherBounds(1)), "{error}");
}
