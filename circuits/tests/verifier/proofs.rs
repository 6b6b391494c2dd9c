//! Random documents and policies through real proofs: what holds is proved and accepted, what does not is refused, and a
//! prover that evaluates nothing in the clear gets no further.

use ark_bn254::Fr;
use ark_ff::Field;
use consign_circuits::{
    assign::Assigned,
    groth16::ProveError as Groth16Error,
    keys::Circuit,
    prove::{Plan, ProveError},
    tally,
    verdict::{self, VerdictWitness},
    verify::VerifyError,
};
use consign_crypto::totals::TotalsBlinding;
use consign_documents::{
    compile::compile,
    document::Document,
    evaluate::evaluate,
    filter::{Bound, Bounds, Term, Totals},
    testing::case_over,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rand_arkworks::rngs::OsRng;
use serde_json::{Value, json};

use super::{
    forge::{BASE, Forge},
    world::{KEYS, NOW, Trust, attested, invoice, judge, manifest, party, policy, request, time},
};

/// Pairs that hold, and are proved and verified.
const PROVED: usize = 50;
/// Pairs that do not hold, and are refused.
const REFUSED: usize = 30;

/// Lines drawn at random, some facts left out of some.
fn random_lines(rng: &mut StdRng, manifest: bool) -> Vec<Value> {
    let lines = [1, 2, 9, 10, 20, 38][rng.random_range(0..6)];
    let gap = if rng.random_range(0..8) == 0 { rng.random_range(0..lines) } else { lines };
    let line = |i: usize| {
        let mut pick = |from: &[&str]| from[rng.random_range(0..from.len())].to_owned();
        let hs = pick(&["847130", "847141", "840999", "850760", "610910", "840100", "850110"]);
        let origin = pick(&["CN", "VN", "TH", "JP", "DE", "US", "IN", "NO"]);
        let dangerous = pick(&["none", "none", "UN3480", "UN3481", "UN1993"]);
        let container = pick(&["MSKU9070320", "MSKU9070321", "MSKU9070322"]);
        let mut number = |n: u64| rng.random_range(0..n);
        let mass = json!({"value": number(5_000).to_string(), "unit": "GRM"});
        let money = format!("{}.{:02}", number(60), number(100));
        let mut line = json!({
            "id": (i + 1).to_string(), "hs": hs, "origin": origin, "net_mass": mass, "packages": number(5_000),
        });
        if manifest {
            line["gross_mass"] = json!({"value": number(5_000).to_string(), "unit": "GRM"});
            line["value"] = json!(money);
            line["dangerous"] = json!(dangerous);
            line["container"] = json!(container);
        } else {
            line["amount"] = json!(money);
            line["quantity"] = json!({"value": number(9).to_string(), "unit": "KGM"});
        }
        if i == gap {
            line.as_object_mut().unwrap().remove("origin");
        }
        line
    };
    (0..lines).map(line).collect()
}

fn random_documents(rng: &mut StdRng) -> [(&'static str, Document); 2] {
    let currency = if rng.random_range(0..10) == 0 { "EUR" } else { "USD" };
    let shipment = if rng.random_range(0..12) == 0 { "SHP-10" } else { "SHP-9" };
    let lines = random_lines(rng, false);
    let invoice = invoice("INV", |d| {
        d["lines"] = json!(lines);
        d["currency"] = json!(currency);
        d["references"]["shipment"] = json!(shipment);
    });
    let lines = random_lines(rng, true);
    [("invoice", invoice), ("manifest", manifest("MAN", 1, |d| d["lines"] = json!(lines)))]
}

#[test]
fn random_policies_are_proved_and_verified_exactly_when_they_hold() {
    let (mut proved, mut refused, mut cheated, mut tallies) = (0, 0, 0, 0);
    for seed in 0.. {
        if proved >= PROVED && refused >= REFUSED {
            break;
        }
        let rng = &mut StdRng::seed_from_u64(seed);
        let documents = random_documents(rng);
        let tables = documents.iter().map(|(role, d)| ((*role).to_owned(), d.table(), d.facts())).collect();
        let case = case_over(seed, tables, 1 + usize::from(seed.is_multiple_of(5)));
        let Ok(compiled) = compile(&case.policy) else { continue };
        if compiled.verdicts.iter().map(|v| v.chains.len()).sum::<usize>() > 2 {
            continue;
        }
        let holds = evaluate(&case.policy, &case.documents()).iter().all(|outcome| outcome.holds);
        if holds && proved >= PROVED || !holds && refused >= REFUSED {
            continue;
        }
        let dossiers = documents.map(|(role, document)| (role, attested(&document, "carrier", seed)));
        let asked = request(case.policy.clone());
        let forge = Forge::honest(asked, &dossiers);
        let request = forge.signed();
        let accepted = request.clone().accept(&Trust::new().list(), time(NOW)).unwrap();
        let given = dossiers.into_iter().map(|(_, dossier)| (None, dossier)).collect();
        let assigned = Assigned::new(&case.policy, given).unwrap();
        match Plan::new(&accepted, &assigned) {
            Ok(plan) => {
                assert!(holds, "seed {seed}");
                let presentation = plan.prove(&KEYS.proving, &party("shipper"), time(NOW), &|| ()).unwrap();
                let report = judge(&presentation.to_bytes(), &request).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
                assert_eq!(report.claims.len(), case.policy.claims().len());
                tallies += report.tallies;
                proved += 1;
            }
            Err(ProveError::DoesNotHold(outcomes)) => {
                assert!(!holds && !outcomes.is_empty(), "seed {seed}");
                refused += 1;
                // The prover that does not look: it has no verdict to show, or nothing to disclose.
                match forge.try_present() {
                    Err(Groth16Error::Unsatisfied(_)) => {}
                    Err(other) => panic!("seed {seed}: {other}"),
                    Ok(bytes) => {
                        let error = judge(&bytes, &request).unwrap_err();
                        assert!(matches!(error, VerifyError::Disclosure(_)), "seed {seed}: {error}");
                        cheated += 1;
                    }
                }
            }
            Err(other) => panic!("seed {seed}: {other}"),
        }
    }
    println!("{proved} proved in {tallies} tallies, {refused} refused, {cheated} of them by what is disclosed");
    assert!(cheated > 0 && cheated < refused);
}

#[test]
fn what_is_false_has_no_proof() {
    let tally = KEYS.proving.key(Circuit::Tally(tally::TallySize::Short)).unwrap();
    let verdict = KEYS.proving.key(Circuit::Verdict).unwrap();
    let mut totals = Totals::ZERO;
    totals.0[1] = 1000;
    let blinding = TotalsBlinding::random(&mut OsRng);
    let at_most = |hi| Bounds::new(&[Bound::new(&[Term { total: 1, weight: 1 }], None, Some(hi)).unwrap()]).unwrap();
    let (good, bad) = (at_most(1000), at_most(999));
    let context = Fr::from(5u64);
    let witness = |bounds| VerdictWitness { totals: &totals, blinding: &blinding, bounds, context };
    let (values, true_statement) = verdict::assign(&witness(&good));
    let proof = verdict.prove(&values, &mut OsRng).unwrap();
    let check = verdict.verifying();
    assert_eq!(check.verify(&true_statement.inputs(), &proof), Ok(true));

    // The false statement's own witness is refused, whichever wire is bent to mend it; so is the true one's under the
    // false statement; and the true statement's proof is none of the false one.
    let (mut false_values, false_statement) = verdict::assign(&witness(&bad));
    let refused = |values: &[Fr]| matches!(verdict.prove(values, &mut OsRng), Err(Groth16Error::Unsatisfied(_)));
    assert!(refused(&false_values));
    let mut mixed = values.clone();
    mixed[1..5].copy_from_slice(&false_statement.inputs());
    assert!(refused(&mixed));
    assert_eq!(check.verify(&false_statement.inputs(), &proof), Ok(false));
    false_values[1..5].copy_from_slice(&true_statement.inputs());
    assert!(refused(&false_values));

    // The same of a tally whose end is another.
    let honest = &BASE.verdicts[0].chains[1][1];
    let witness = tally::TallyWitness {
        start: honest.start,
        blocks: &honest.blocks,
        filters: &honest.filters,
        blinding: &honest.blinding,
    };
    let (mut values, statement) = tally::assign(&witness);
    let proof = tally.prove(&values, &mut OsRng).unwrap();
    let check = tally.verifying();
    assert_eq!(check.verify(&statement.inputs(), &proof), Ok(true));
    for input in 0..5 {
        let mut inputs = statement.inputs();
        inputs[input] += Fr::ONE;
        assert_eq!(check.verify(&inputs, &proof), Ok(false));
        values[1..6].copy_from_slice(&inputs);
        assert!(matches!(tally.prove(&values, &mut OsRng), Err(Groth16Error::Unsatisfied(_))));
    }
}

#[test]
fn the_planner_and_the_forger_prove_the_same() {
    // What the tests above are compared with: the presentation as `prove` makes it, in its own segments.
    let request = BASE.signed();
    let accepted = request.clone().accept(&Trust::new().list(), time(NOW)).unwrap();
    let given = BASE.documents.iter().map(|shown| (None, shown.dossier.clone())).collect();
    let assigned = Assigned::new(&BASE.request.policy, given).unwrap();
    let plan = Plan::new(&accepted, &assigned).unwrap();
    let presentation = plan.prove(&KEYS.proving, &party("shipper"), time(NOW), &|| ()).unwrap();
    let report = judge(&presentation.to_bytes(), &request).unwrap();
    assert_eq!((report.tallies, plan.estimate().tallies()), (2, 2));
    for (presented, shown) in presentation.documents.iter().zip(&BASE.documents) {
        assert_eq!(presented.attestation.sd_jwt().names().unwrap(), shown.names());
    }
}

#[test]
fn a_manifest_of_a_thousand_rows_is_proved_and_verified() {
    let long = manifest("MAN-1000", 999, |_| ());
    assert_eq!(long.table().rows().len(), 1000);
    let dossier = attested(&long, "carrier", 1000);
    let text = "[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\n\
        claim = \"total gross_mass of manifest <= 598401 kg\"\nsource = \"a test\"\n[[claims]]\n\
        claim = \"every origin of manifest in VN, TH\"\nsource = \"a test\"";
    let asked = request(policy(text));
    let signed = consign_circuits::request::SignedRequest::sign(&asked, &party("customs")).unwrap();
    let accepted = signed.clone().accept(&Trust::new().list(), time(NOW)).unwrap();
    let assigned = Assigned::new(&asked.policy, vec![(None, dossier)]).unwrap();
    let plan = Plan::new(&accepted, &assigned).unwrap();
    let (start, done) = (std::time::Instant::now(), std::sync::atomic::AtomicUsize::new(0));
    let progress = || {
        done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    let presentation = plan.prove(&KEYS.proving, &party("shipper"), time(NOW), &progress).unwrap();
    println!("1,000 rows in {} tallies: {:?}", plan.estimate().tallies(), start.elapsed());
    // Eleven of nine blocks and one for the last; and the verdict.
    assert_eq!((plan.estimate().tallies(), done.into_inner()), (12, 13));
    let report = judge(&presentation.to_bytes(), &signed).unwrap();
    assert_eq!((report.tallies, report.verdicts), (12, 1));

    // A kilogram less, and the claim does not hold.
    let less = request(policy(&text.replace("598401", "598400")));
    let signed = consign_circuits::request::SignedRequest::sign(&less, &party("customs")).unwrap();
    let accepted = signed.accept(&Trust::new().list(), time(NOW)).unwrap();
    assert!(matches!(Plan::new(&accepted, &assigned), Err(ProveError::DoesNotHold(_))));
}
