//! Cheating provers whose proofs are all valid: of filter sets, orders, documents and blindings that are not those asked
//! for. What a witness must not be is tested on the matrices (`circuits/tests/satisfaction`); `docs/threats.md` lists both.

use consign_circuits::{
    groth16::{ProofError, ProveError},
    presentation::{Place, PresentationError, ProvedVerdict},
    tally::Block,
    verify::VerifyError,
};
use consign_crypto::{
    statement::bounds_digest,
    totals::{TotalsBlinding, TotalsCommitment},
};
use consign_documents::{
    filter::{Bound, Bounds, CODES_PER_TEST, ClassTest, Filter, FilterSet, Group, PADDING},
    profile::Kind,
    table::{Code, Row, RowKind},
};
use rand_arkworks::rngs::OsRng;
use serde_json::{Value, json};

use super::{
    forge::{BASE, Forge, Tally},
    world::{attested, invoice, judge, manifest, policy, request},
};

fn refused(forge: &Forge) -> VerifyError {
    judge(&forge.present(), &forge.signed()).unwrap_err()
}

fn tally(chain: usize, tally: usize) -> Place {
    Place::Tally { verdict: 1, chain, tally }
}

/// The first place at which the manifest's chain is refused for its filter set.
fn other_filters(forge: &Forge, chain: usize) {
    match refused(forge) {
        VerifyError::OtherFilters(place) => assert_eq!(place, tally(chain, 1)),
        other => panic!("{other}"),
    }
}

#[test]
fn segments_in_another_order() {
    let mut forge = BASE.clone();
    forge.verdicts[0].chains[1].reverse();
    let error = refused(&forge);
    assert!(matches!(error, VerifyError::FirstRowsMissing(place) if place == tally(2, 1)), "{error}");
    // Three segments, the last two exchanged.
    let documents = [("manifest", attested(&manifest("MAN-90", 90, |_| ()), "carrier", 90))];
    let mut forge = Forge::honest(request(origins("no origin of manifest in CN, RU")), &documents);
    assert!(judge(&forge.present(), &forge.signed()).is_ok());
    forge.verdicts[0].chains[0].swap(1, 2);
    let error = refused(&forge);
    assert!(matches!(error, VerifyError::Gap(place) if place == tally(1, 2)), "{error}");
}

#[test]
fn empty_rows_that_carry_values() {
    // The last block is filled with rows that are empty and carry a mass and an origin all the same.
    let full = Row::new(RowKind::Empty, [(1 << 47) - 1; 4], 704, [1; 2], [84, 79, 89]).unwrap();
    let mut forge = BASE.clone();
    let last = forge.verdicts[0].chains[1].last_mut().unwrap();
    let honest = last.totals();
    let blocks = last.blocks.iter_mut().filter_map(|block| match block {
        Block::Rows { rows, .. } => Some(rows),
        Block::Skipped => None,
    });
    let rows = blocks.last().unwrap();
    let empty = rows.iter_mut().filter(|row| **row == Row::EMPTY);
    assert_eq!(empty.map(|row| *row = full).count(), 9, "51 rows in blocks of ten");
    // They count nothing, so the totals are right; the rows are not those that were attested.
    assert_eq!(last.totals(), honest);
    assert!(matches!(refused(&forge), VerifyError::LastRowsMissing { verdict: 1, chain: 2 }));
}

fn origins(claim: &str) -> consign_documents::policy::ResolvedPolicy {
    policy(&format!(
        "[roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\nclaim = \"{claim}\"\nsource = \"a test\"\n"
    ))
}

/// A policy of one claim on origins that does not hold of the manifest, answered with filter sets under which it would:
/// sum and bounds are right, so that nothing but the filter sets can be refused.
fn with_sets(claim: &str, origin: impl Fn(usize) -> &'static str, change: impl Fn(&mut Vec<FilterSet>)) -> Forge {
    let goods = manifest("MAN-40", 6, |d| {
        d["lines"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .enumerate()
            .for_each(|(i, line)| line["origin"] = origin(i).into());
    });
    let mut forge = Forge::honest(request(origins(claim)), &[("manifest", attested(&goods, "carrier", 40))]);
    assert!(matches!(forge.try_present(), Err(ProveError::Unsatisfied(_))), "the claim does not hold");
    let [verdict] = &mut forge.verdicts[..] else { panic!("one verdict") };
    let mut sets: Vec<FilterSet> = verdict.chains.iter().map(|chain| chain[0].filters.clone()).collect();
    change(&mut sets);
    for (chain, set) in verdict.chains.iter_mut().zip(sets) {
        chain.iter_mut().for_each(|tally| tally.filters = set.clone());
    }
    assert!(verdict.bounds.hold(&verdict.sum()));
    forge
}

/// Two lines in three are of the first, the rest of the second.
fn mostly(first: &'static str, second: &'static str) -> impl Fn(usize) -> &'static str {
    move |i| if i.is_multiple_of(3) { second } else { first }
}

/// The class test that holds the codes of a claim on origins.
fn listed(set: &mut FilterSet) -> &mut ClassTest {
    set.tests.iter_mut().find(|test| test.code() == Code::Origin && !test.codes().is_empty()).unwrap()
}

/// Origins enough for several filter sets, the manifest's own two among them.
fn long_list() -> String {
    let codes = "AF AL DZ AD AO AR AM AU AT AZ BH BD BB BY BE BZ BJ BT BO BA BW BR BN BG BF BI KH CM CA CF TD CL CO KM CG \
                 CR HR CU CY CZ DK DJ DM DO EC EG SV GQ ER EE ET FJ FI FR GA GM GE DE GH GR GD GT GN GW GY HT HN HU TH VN";
    codes.split_whitespace().collect::<Vec<_>>().join(", ")
}

#[test]
fn chunks_of_a_list_that_overlap() {
    let claim = format!("every origin of manifest in {}", long_list());
    let documents = [("manifest", attested(&manifest("MAN-40", 5, |_| ()), "carrier", 40))];
    let honest = Forge::honest(request(origins(&claim)), &documents);
    assert!(honest.verdicts[0].chains.len() > 1, "the list does not fit one filter set");
    assert!(judge(&honest.present(), &honest.signed()).is_ok());
    // The first chunk in the second's place too: half of the lines are in it and counted twice, half are in no chunk.
    let forge = with_sets(
        &claim,
        |i| if i < 3 { "AF" } else { "US" },
        |sets| {
            let empty = sets[1].filters.map(|filter| filter == Filter::Null);
            sets[1] = sets[0].clone();
            for (filter, _) in sets[1].filters.iter_mut().zip(empty).filter(|(_, empty)| *empty) {
                *filter = Filter::Null;
            }
        },
    );
    other_filters(&forge, 2);
}

#[test]
fn a_list_padded_with_a_code_that_occurs_or_with_zero() {
    let pad = |set: &mut FilterSet, code: u32| {
        let test = listed(set);
        let mut codes = test.codes().to_vec();
        codes.push(code);
        codes.sort_unstable();
        *test = ClassTest::new(Code::Origin, codes).unwrap();
    };
    // One code more than was asked for: an origin that occurs.
    let forge = with_sets("every origin of manifest in TH", mostly("TH", "VN"), |sets| pad(&mut sets[0], 704));
    other_filters(&forge, 1);
    // Or zero, which is what an empty row has: the totals stay what they are, for an empty row is no line of goods.
    let documents = [("manifest", attested(&manifest("MAN-40", 5, |_| ()), "carrier", 40))];
    let mut forge = Forge::honest(request(origins("every origin of manifest in VN, TH")), &documents);
    let sum = forge.verdicts[0].sum();
    forge.verdicts[0].chains[0].iter_mut().for_each(|tally| pad(&mut tally.filters, 0));
    assert_eq!(forge.verdicts[0].sum(), sum);
    other_filters(&forge, 1);
    // The padding itself is beyond what any column holds, so a list cannot be padded with anything that occurs.
    let places = ClassTest::unused().places();
    assert!(places.iter().all(|&place| place > 999_999 && place > u32::from(u16::MAX) && place <= PADDING));
    assert!(ClassTest::new(Code::Origin, vec![PADDING]).is_none());
    assert_eq!(places.len(), CODES_PER_TEST);
}

#[test]
fn a_polarity_that_is_flipped() {
    let claim = "no origin of manifest in VN, TH";
    let flip = |sets: &mut Vec<FilterSet>, second: bool| {
        for filter in &mut sets[0].filters {
            if let Filter::Rows { a, b, .. } = filter {
                let group = if second { b } else { a };
                if *group != Group::TRUE {
                    group.negated = !group.negated;
                }
            }
        }
    };
    let second = |sets: &[FilterSet]| sets[0].filters.iter().all(first_is_true);
    other_filters(&with_sets(claim, mostly("TH", "VN"), |sets| flip(sets, second(sets))), 1);
}

fn first_is_true(filter: &Filter) -> bool {
    matches!(filter, Filter::Null) || matches!(filter, Filter::Rows { a, .. } if *a == Group::TRUE)
}

#[test]
fn a_tally_of_another_group() {
    // The filters of the two sums exchanged: each is counted in the other's place.
    let claim = "total packages of manifest where origin in VN > total packages of manifest where origin in TH";
    let forge = with_sets(claim, mostly("TH", "VN"), |sets| {
        let all = Group::TRUE;
        let of_list = |filter: &Filter| matches!(filter, Filter::Rows { a, b, .. } if *a != all || *b != all);
        let places: Vec<usize> = (0..6).filter(|&i| of_list(&sets[0].filters[i])).collect();
        let [first, second] = places[..] else { panic!("two filters of a list") };
        sets[0].filters.swap(first, second);
    });
    other_filters(&forge, 1);
}

#[test]
fn bounds_that_are_crossed() {
    let crossed = |bounds: &Bounds| {
        let crossed = bounds.0.map(|b| Bound::new(b.terms(), Some(b.hi()), Some(b.lo())));
        Bounds::new(&crossed.into_iter().flatten().collect::<Vec<_>>()).unwrap()
    };
    // Nothing lies between them, so no verdict has a proof; that of the policy's bounds is none of these.
    let mut forge = BASE.clone();
    forge.verdicts[0].bounds = crossed(&BASE.verdicts[0].bounds);
    assert!(matches!(forge.try_present(), Err(ProveError::Unsatisfied(_))));
    let digest = bounds_digest(&forge.verdicts[0].bounds);
    let bytes = BASE.present_with(|verdicts| verdicts[0].statement.bounds = digest).unwrap();
    assert!(matches!(judge(&bytes, &BASE.signed()), Err(VerifyError::OtherBounds(1))));

    // Of a policy that no figure satisfies they are the right ones, and what is refused is the proof.
    let half = origins("total packages of manifest = 50 % of 13");
    let documents = [("manifest", attested(&manifest("MAN-40", 3, |_| ()), "carrier", 40))];
    let mut forge = Forge::honest(request(half), &documents);
    assert!(forge.verdicts[0].bounds.0.iter().any(|b| b.lo() > b.hi()));
    assert!(matches!(forge.try_present(), Err(ProveError::Unsatisfied(_))));
    let digest = bounds_digest(&forge.verdicts[0].bounds);
    let open = forge.verdicts[0].bounds.0.map(|b| if b.lo() > b.hi() { Bound::unused() } else { b });
    forge.verdicts[0].bounds = Bounds(open);
    let bytes = forge.present_with(|verdicts| verdicts[0].statement.bounds = digest).unwrap();
    assert!(matches!(judge(&bytes, &forge.signed()), Err(VerifyError::Proof(Place::Verdict(1)))));
}

#[test]
fn weights_that_wrap_the_field() {
    // A weight is 21 bits in the digest and signed: beyond 2^20 none can be written, let alone one that wraps.
    let term = |weight| [consign_documents::filter::Term { total: 0, weight }];
    for weight in [1 << 20, -(1 << 20), i32::MAX, i32::MIN] {
        assert!(Bound::new(&term(weight), None, None).is_none(), "{weight}");
    }
    // A weight of the other sign, under which the bound holds: bounds of its own, and not the policy's.
    let mut forge = BASE.clone();
    let turned = forge.verdicts[0].bounds.0.map(|b| {
        let terms = b.terms().map(|term| consign_documents::filter::Term { weight: -term.weight, ..term });
        Bound::new(&terms, None, Some(b.hi())).unwrap()
    });
    forge.verdicts[0].bounds = Bounds(turned);
    assert!(matches!(refused(&forge), VerifyError::OtherBounds(1)));
}

#[test]
fn a_manifest_shown_as_an_invoice() {
    // Its attestation says what it is.
    let mut forge = BASE.clone();
    let compiled = consign_documents::compile::compile(&forge.request.policy).unwrap();
    let manifest = forge.documents[1].dossier.clone();
    forge.documents[0] = super::forge::Shown::new("invoice", &manifest, &compiled);
    let error = refused(&forge);
    let expected = (Kind::CommercialInvoice, Kind::CargoManifest);
    assert!(
        matches!(&error, VerifyError::OtherKind { document: 1, expected: e, found, .. } if (*e, *found) == expected),
        "{error}"
    );
    // Its rows under the invoice's attestation: chains of a kind begin where no other kind's do.
    let mut forge = BASE.clone();
    let filters = forge.verdicts[0].chains[0][0].filters.clone();
    forge.verdicts[0].chains[0] = Tally::chain(&manifest, &filters);
    assert!(matches!(refused(&forge), VerifyError::FirstRowsMissing(place) if place == tally(1, 1)));
}

#[test]
fn roles_that_are_swapped() {
    // Documents in each other's roles, in the order of roles: each is of another kind.
    let mut forge = BASE.clone();
    forge.documents.swap(0, 1);
    for (shown, role) in forge.documents.iter_mut().zip(["invoice", "manifest"]) {
        shown.role = role.into();
    }
    assert!(matches!(refused(&forge), VerifyError::OtherKind { document: 1, .. }));
    // The chains exchanged: each is of the other's filter set.
    let mut forge = BASE.clone();
    forge.verdicts[0].chains.swap(0, 1);
    other_filters(&forge, 1);
    // Two roles of one kind: the verdict was made for the documents as they were assigned.
    let text = "[roles.out]\nkind = \"commercial-invoice\"\n[roles.back]\nkind = \"commercial-invoice\"\n[[claims]]\n\
                claim = \"total packages of out >= total packages of back\"\nsource = \"a test\"";
    let [back, out] = [50, 51].map(|seed| attested(&invoice(&format!("INV-{seed}"), |_| ()), "carrier", seed));
    let honest = Forge::honest(request(policy(text)), &[("back", back.clone()), ("out", out.clone())]);
    assert!(judge(&honest.present(), &honest.signed()).is_ok());
    let mut forge = Forge::honest(request(policy(text)), &[("back", out), ("out", back)]);
    forge.verdicts[0].context = Some(honest.context(0));
    assert!(matches!(refused(&forge), VerifyError::OtherContext(1)));
}

#[test]
fn blindings_that_cancel() {
    // The prover chooses all blindings: these add up to zero, and the commitment of the sum hides nothing. That is its
    // own secret to give away; it says no other totals for it.
    let mut forge = BASE.clone();
    let chains = &mut forge.verdicts[0].chains;
    let one = TotalsBlinding::random(&mut OsRng);
    let zero = TotalsBlinding::zero();
    (chains[0][0].blinding, chains[1][0].blinding) = (zero.clone(), one.clone());
    chains[1][1].blinding = minus(&one);
    let sum = TotalsBlinding::sum(chains.iter().flatten().map(|tally| &tally.blinding));
    assert_eq!(sum.bits(), zero.bits());
    assert!(judge(&forge.present(), &forge.signed()).is_ok());
    // Less is judged than was counted: the sum is another, whatever the blindings are.
    let mut less = forge.verdicts[0].sum();
    let largest = (0..30).max_by_key(|&i| less.0[i]).unwrap();
    less.0[largest] /= 2;
    forge.verdicts[0].judged = Some(less);
    assert!(matches!(refused(&forge), VerifyError::Sum(1)));
}

/// The blinding that cancels another: the order of the subgroup less one times it, by doubling and adding.
fn minus(blinding: &TotalsBlinding) -> TotalsBlinding {
    use ark_ed_on_bn254::Fr as Scalar;
    use ark_ff::{BigInteger, PrimeField};
    let mut factor = Scalar::MODULUS;
    factor.sub_with_borrow(&1u64.into());
    factor.to_bits_be().into_iter().fold(TotalsBlinding::zero(), |sum, bit| {
        let twice = TotalsBlinding::sum([&sum, &sum]);
        if bit { TotalsBlinding::sum([&twice, blinding]) } else { twice }
    })
}

#[test]
fn the_identity_point() {
    // As the commitment to a tally's totals it is a point of the subgroup, to no totals under no blinding.
    let identity = TotalsCommitment::sum([]);
    let change = |verdicts: &mut Vec<ProvedVerdict>| verdicts[0].chains[1][0].statement.totals = identity;
    let bytes = BASE.present_with(change).unwrap();
    assert!(matches!(judge(&bytes, &BASE.signed()), Err(VerifyError::Sum(1))));
    // With a verdict that judges what is left, the sum is right, and no proof holds of that tally.
    let mut forge = BASE.clone();
    let chains = &mut forge.verdicts[0].chains;
    chains[1][0].blinding = TotalsBlinding::zero();
    let rest = [&chains[0][0], &chains[1][1]].map(Tally::totals);
    forge.verdicts[0].judged = rest[0].checked_add(&rest[1]);
    let bytes = forge.present_with(change).unwrap();
    assert!(matches!(judge(&bytes, &BASE.signed()), Err(VerifyError::Proof(place)) if place == tally(2, 1)));
    // In a proof it has no place: zeros, which are on neither curve, are how the library spells it.
    let zero = || Value::from("0".repeat(64));
    let g1 = json!([zero(), zero()]);
    for (part, point) in [("a", g1.clone()), ("b", json!([g1, g1])), ("c", g1.clone())] {
        let mut file: Value = serde_json::from_slice(&BASE.present()).unwrap();
        file["verdicts"][0]["proof"][part] = point;
        let error = judge(file.to_string().as_bytes(), &BASE.signed()).unwrap_err();
        assert!(
            matches!(&error, VerifyError::Presentation(PresentationError::Proof { place: Place::Verdict(1), source })
                if *source == ProofError::Identity(part)),
            "{error}"
        );
    }
}
