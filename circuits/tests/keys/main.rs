//! A key set through its files, and proofs with it.

mod key_file;
mod sections;

use std::{sync::LazyLock, time::Instant};

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, Field};
use consign_circuits::{
    direct::{self, DirectWitness},
    groth16::{KeyError, Proof, ProveError},
    iden3::{ceremony::Ceremony, container::Reader, zkey::ZKEY},
    keys::{
        self, Circuit, KeyFileError, KeySet, KeySetError, UncheckedKeys, VerifyingKeys,
        file::{Role, Sections},
        points::{G1_BYTES, G2_BYTES, g1_bytes, g1s, g2s, put_g1, put_g2},
    },
    tally::{self, Block, TallySize, TallyWitness},
    verdict::{self, VerdictWitness},
};
use consign_crypto::totals::TotalsBlinding;
use consign_documents::filter::{Bounds, FilterSet, Totals};
use rand_arkworks::rngs::OsRng;

use self::key_file::{all_sections, of_sections};

static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| keys::setup("test", jiff::Timestamp::UNIX_EPOCH, &mut OsRng, &mut |_| ()).unwrap());

#[test]
fn a_proof_from_the_files_verifies_and_its_neighbours_do_not() {
    let proving = UncheckedKeys::parse(KEYS.prove_file()).unwrap().check().unwrap();
    let verifying = VerifyingKeys::parse(KEYS.verify_file()).unwrap();
    assert_eq!((proving.id(), verifying.id()), (KEYS.id(), KEYS.id()));
    let blinding = TotalsBlinding::random(&mut OsRng);
    let (filters, bounds) = (FilterSet::null(), Bounds::new(&[]).unwrap());
    let (start, context) = (Fr::from(7u64), Fr::from(8u64));
    for circuit in Circuit::ALL {
        let blocks = |number| vec![Block::Skipped; number];
        let (mut assignment, inputs) = match circuit {
            Circuit::Tally(size) => {
                let blocks = &blocks(size.blocks())[..];
                let (values, statement) =
                    tally::assign(&TallyWitness { start, blocks, filters: &filters, blinding: &blinding });
                (values, statement.inputs().to_vec())
            }
            Circuit::Verdict => {
                let (totals, bounds) = (&Totals::ZERO, &bounds);
                let (values, statement) =
                    verdict::assign(&VerdictWitness { totals, blinding: &blinding, bounds, context });
                (values, statement.inputs().to_vec())
            }
            Circuit::Direct => {
                let (blocks, filters, bounds) = (&blocks(direct::BLOCKS)[..], &filters, &bounds);
                let (values, statement) = direct::assign(&DirectWitness { start, blocks, filters, bounds, context });
                (values, statement.inputs().to_vec())
            }
        };
        let key = proving.key(circuit).unwrap();
        let began = Instant::now();
        let proof = key.prove(&assignment, &mut OsRng).unwrap();
        eprintln!("{}: {:?}", circuit.name(), began.elapsed());
        let check = verifying.key(circuit);
        assert_eq!(check.verify(&inputs, &proof), Ok(true));
        for i in 0..inputs.len() {
            let mut other = inputs.clone();
            other[i] += Fr::from(1u64);
            assert_eq!(check.verify(&other, &proof), Ok(false), "input {i}");
        }
        let expected = circuit.inputs();
        let less = check.verify(&inputs[..expected - 1], &proof);
        assert_eq!(less, Err(KeyError::Inputs { expected, found: expected - 1 }));
        let extra = [&inputs[..], &[Fr::ZERO]].concat();
        assert_eq!(check.verify(&extra, &proof), Err(KeyError::Inputs { expected, found: expected + 1 }));
        assert_eq!(Proof::from_json(&proof.to_json()), Ok(proof));

        *assignment.last_mut().unwrap() += Fr::from(1u64);
        assert!(matches!(key.prove(&assignment, &mut OsRng), Err(ProveError::Unsatisfied(_))));
        assignment.pop();
        assert!(matches!(key.prove(&assignment, &mut OsRng), Err(ProveError::Wires { .. })));
    }
}

#[test]
fn a_changed_section_is_found_when_it_is_used() {
    let mut bytes = KEYS.prove_file();
    *bytes.last_mut().unwrap() ^= 1;
    let keys = UncheckedKeys::parse(bytes).unwrap().checked_before();
    let Err(KeySetError::File(error)) = keys.key(Circuit::Direct) else {
        panic!("the last section is of this circuit")
    };
    assert_eq!(error, KeyFileError::Digest("direct-40/matrices".into()));
    assert!(keys.key(Circuit::Tally(TallySize::Short)).is_ok());
    // A verifier uses all.
    let mut bytes = KEYS.verify_file();
    *bytes.last_mut().unwrap() ^= 1;
    let digest = KeyFileError::Digest("direct-40/verifying".into());
    assert_eq!(VerifyingKeys::parse(bytes).err(), Some(KeySetError::File(digest)));
}

#[test]
fn files_of_the_other_role_and_of_other_lengths_are_refused() {
    let bytes = KEYS.verify_file();
    let file = |result: Result<VerifyingKeys, KeySetError>| match result {
        Err(KeySetError::File(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        UncheckedKeys::parse(bytes.clone()).err(),
        Some(KeySetError::File(KeyFileError::OtherRole { .. }))
    ));
    assert!(matches!(file(VerifyingKeys::parse(bytes[..bytes.len() - 1].to_vec())), KeyFileError::Length { .. }));
    assert!(matches!(file(VerifyingKeys::parse([&bytes[..], &[0]].concat())), KeyFileError::Length { .. }));
    assert_eq!(file(VerifyingKeys::parse(Vec::new())), KeyFileError::NotAKeyFile);
    assert!(matches!(file(VerifyingKeys::parse(bytes[..30].to_vec())), KeyFileError::Head(_)));
}

#[test]
fn the_pinned_matrices_are_those_of_this_version() {
    use sha2::{Digest, Sha256};
    let found = Circuit::ALL.map(|circuit| hex::encode(Sha256::digest(circuit.matrices_section())));
    assert_eq!(found, Circuit::ALL.map(Circuit::matrices_digest));
}

/// The key set with one section of it changed, under a head that says so.
fn remade(section: &str, change: impl FnOnce(&mut Vec<u8>)) -> Sections {
    key_file::remade(KEYS.prove_file(), section, change)
}

/// The key set without some of its sections.
fn without(left_out: impl Fn(&str) -> bool) -> Sections {
    let mut sections = all_sections(KEYS.prove_file());
    sections.retain(|(name, _)| !left_out(name));
    of_sections(sections)
}

#[test]
fn a_section_that_is_missing_is_named() {
    let without = |left_out: &str| without(|name| name == left_out);
    let missing = |name: &str| Some(KeySetError::File(KeyFileError::Missing(name.into())));
    let name = "tally-90/matrices";
    assert_eq!(VerifyingKeys::parse(without(name).to_file(Role::Verify)).err(), missing(name));
    assert_eq!(UncheckedKeys::parse(without(name).to_file(Role::Prove)).err(), missing(name));
    let name = "verdict/verifying";
    assert_eq!(VerifyingKeys::parse(without(name).to_file(Role::Verify)).err(), missing(name));
    let name = "verdict/h";
    let keys = UncheckedKeys::parse(without(name).to_file(Role::Prove)).unwrap().checked_before();
    assert_eq!(keys.key(Circuit::Verdict).err(), missing(name));
}

#[test]
fn a_key_set_from_before_direct_verdicts_is_of_another_version() {
    let before = without(|name| name.starts_with("direct-40/"));
    let refused = [
        VerifyingKeys::parse(before.to_file(Role::Verify)).err().unwrap(),
        UncheckedKeys::parse(before.to_file(Role::Prove)).err().unwrap(),
    ];
    for error in refused {
        assert_eq!(error, KeySetError::File(KeyFileError::Missing("direct-40/matrices".into())));
        assert_eq!(error.hint(), KeySetError::OtherCircuit("direct-40").hint());
    }
}

fn put_g1_at(bytes: &mut [u8], at: usize, point: &G1Affine) {
    let mut out = Vec::new();
    put_g1(&mut out, point);
    bytes[at..at + G1_BYTES].copy_from_slice(&out);
}

fn put_g2_at(bytes: &mut [u8], at: usize, point: &G2Affine) {
    let mut out = Vec::new();
    put_g2(&mut out, point);
    bytes[at..at + G2_BYTES].copy_from_slice(&out);
}

/// On the twist, outside the subgroup.
fn outside() -> G2Affine {
    (0u64..)
        .filter_map(|i| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(i), Fq::ONE), false))
        .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
        .unwrap()
}

/// Off the twist, though its test of the subgroup, which knows of no constant, takes it for a point of it: the map
/// (x, y) -> (4 x, 8 y) goes to another curve and commutes with all that the test computes.
fn beside() -> G2Affine {
    let g = G2Affine::generator();
    let point = G2Affine::new_unchecked(g.x * Fq2::from(4u64), g.y * Fq2::from(8u64));
    assert!(!point.is_on_curve());
    point
}

#[test]
fn verifying_keys_that_let_forge_or_are_none_are_refused() {
    const BETA: usize = G1_BYTES;
    const GAMMA: usize = BETA + G2_BYTES;
    const DELTA: usize = GAMMA + G2_BYTES;
    const INPUTS: usize = DELTA + G2_BYTES;
    let check = |change: &dyn Fn(&mut Vec<u8>), expected: KeyError| {
        let sections = remade("tally-40/verifying", |bytes| change(bytes));
        let expected = KeySetError::Key { circuit: "tally-40", source: expected };
        let verifying = VerifyingKeys::parse(sections.to_file(Role::Verify));
        assert_eq!(verifying.err(), Some(expected.clone()));
        let proving = UncheckedKeys::parse(sections.to_file(Role::Prove)).unwrap().checked_before();
        let error = proving.key(Circuit::Tally(TallySize::Short)).err();
        assert_eq!(error, Some(expected));
    };
    let g = G2Affine::generator();
    let at = |bytes: &[u8], at: usize| g2s(&bytes[at..at + G2_BYTES]).unwrap()[0];
    check(&|b| put_g2_at(b, DELTA, &g), KeyError::DeltaIsGenerator);
    check(&|b| put_g2_at(b, DELTA, &-g), KeyError::DeltaIsGenerator);
    for negated in [false, true] {
        let gamma_to_delta = |b: &mut Vec<u8>| {
            let delta = at(b, DELTA);
            put_g2_at(b, GAMMA, &if negated { -delta } else { delta });
        };
        check(&gamma_to_delta, KeyError::DeltaIsGamma);
    }
    for (place, name) in [(BETA, "beta"), (GAMMA, "gamma"), (DELTA, "delta")] {
        check(&|b| put_g2_at(b, place, &G2Affine::identity()), KeyError::Identity(name));
        check(&|b| put_g2_at(b, place, &outside()), KeyError::NotInGroup(name));
        check(&|b| put_g2_at(b, place, &beside()), KeyError::NotInGroup(name));
    }
    let off = G1Affine::new_unchecked(Fq::ONE, Fq::ONE);
    for (place, name) in [(0, "alpha"), (INPUTS, "the inputs' points"), (INPUTS + 5 * G1_BYTES, "the inputs' points")] {
        check(&|b| put_g1_at(b, place, &G1Affine::identity()), KeyError::Identity(name));
        check(&|b| put_g1_at(b, place, &off), KeyError::NotInGroup(name));
    }
    let one_more = |b: &mut Vec<u8>| b.extend_from_within(b.len() - G1_BYTES..);
    check(&one_more, KeyError::Inputs { expected: 5, found: 6 });
    check(&|b| b.truncate(b.len() - G1_BYTES), KeyError::Inputs { expected: 5, found: 4 });
}

#[test]
fn a_foreign_key_set_is_checked_point_by_point() {
    let check = |section: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let sections = remade(section, |bytes| change(bytes));
        UncheckedKeys::parse(sections.to_file(Role::Prove)).and_then(UncheckedKeys::check).err().unwrap()
    };
    let key = |source| KeySetError::Key { circuit: "tally-40", source };
    let generator = G1Affine::generator();
    // A delta of zero, or another in one group than in the other, would leak the witness in proofs that verify.
    let zero = |b: &mut Vec<u8>| put_g1_at(b, G1_BYTES, &G1Affine::identity());
    assert_eq!(check("tally-40/single", &zero), key(KeyError::Identity("delta")));
    assert_eq!(check("tally-40/single", &|b| put_g1_at(b, G1_BYTES, &generator)), key(KeyError::Unequal("delta")));
    assert_eq!(check("tally-40/single", &|b| put_g1_at(b, 0, &generator)), key(KeyError::Unequal("beta")));
    let off = |b: &mut Vec<u8>| put_g1_at(b, 7 * G1_BYTES, &G1Affine::new_unchecked(Fq::ONE, Fq::ONE));
    for (part, name) in [("a", "query a"), ("b1", "query b1"), ("h", "query h"), ("l", "query l")] {
        assert_eq!(check(&format!("tally-40/{part}"), &off), key(KeyError::NotInGroup(name)));
    }
    for point in [outside(), beside()] {
        let off = |b: &mut Vec<u8>| put_g2_at(b, 7 * G2_BYTES, &point);
        assert_eq!(check("tally-40/b2", &off), key(KeyError::NotInGroup("query b2")));
    }
    // The first coefficient, after three sizes: one constraint or more says something else.
    let coefficient = |b: &mut Vec<u8>| b[12] ^= 1;
    assert_eq!(check("tally-40/matrices", &coefficient), KeySetError::OtherCircuit("tally-40"));
    // A query with a point too many.
    let longer = |b: &mut Vec<u8>| b.extend_from_within(..G1_BYTES);
    let error = check("tally-40/l", &longer);
    assert!(matches!(error, KeySetError::File(KeyFileError::Section(_))), "{error}");
}

/// Such keys give proofs for most witnesses, and tell their maker by the answer that does not come which one it was.
#[test]
fn keys_that_fail_for_some_witnesses_alone_are_refused() {
    let check = |part: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let sections = remade(&format!("tally-40/{part}"), |bytes| change(bytes));
        UncheckedKeys::parse(sections.to_file(Role::Prove)).and_then(UncheckedKeys::check).err()
    };
    let faulty = Some(KeySetError::Faulty("tally-40"));
    // One wire's point moved by the generator: a witness in which that wire is zero does not notice.
    for part in ["a", "b1", "l", "h"] {
        for place in [1_000, 20_000] {
            let moved = |b: &mut Vec<u8>| {
                let at = place * G1_BYTES;
                let point = g1s(&b[at..at + G1_BYTES]).unwrap()[0];
                put_g1_at(b, at, &(point + G1Affine::generator()).into_affine());
            };
            assert_eq!(check(part, &moved), faulty, "query {part}, point {place}");
        }
    }
    let moved = |b: &mut Vec<u8>| {
        let at = 20_000 * G2_BYTES;
        let point = g2s(&b[at..at + G2_BYTES]).unwrap()[0];
        put_g2_at(b, at, &(point + G2Affine::generator()).into_affine());
    };
    assert_eq!(check("b2", &moved), faulty);
    // All points of the first group doubled but beta and delta: then all is as it should be without blindings, and with
    // them query b1 does not fit query b2.
    let doubled = |bytes: &[u8]| {
        let points: Vec<_> = g1s(bytes).unwrap().into_iter().map(|p| p + p).collect();
        g1_bytes(&G1Projective::normalize_batch(&points))
    };
    let mut sections = all_sections(KEYS.prove_file());
    for (name, bytes) in &mut sections {
        match name.strip_prefix("tally-40/") {
            Some("a" | "b1" | "h" | "l") => *bytes = doubled(bytes),
            Some("verifying") => {
                let (alpha, inputs) = (..G1_BYTES, G1_BYTES + 3 * G2_BYTES..);
                let [new_alpha, new_inputs] = [doubled(&bytes[alpha]), doubled(&bytes[inputs.clone()])];
                bytes[alpha].copy_from_slice(&new_alpha);
                bytes[inputs].copy_from_slice(&new_inputs);
            }
            _ => {}
        }
    }
    let error = UncheckedKeys::parse(of_sections(sections).to_file(Role::Prove)).and_then(UncheckedKeys::check).err();
    assert_eq!(error, faulty);
}

#[test]
fn a_key_set_remembers_who_contributed() {
    let with = |contributions: Vec<u8>| -> Result<Vec<u8>, KeySetError> {
        let mut sections = all_sections(KEYS.prove_file());
        sections.push(("verdict/contributions".into(), contributions));
        let keys = UncheckedKeys::parse(of_sections(sections).to_file(Role::Prove)).unwrap();
        let zkey = keys.zkey(Circuit::Verdict)?;
        Ok(Reader::new(&zkey, ZKEY).unwrap().section(10).unwrap().to_vec())
    };
    let contributions = Ceremony::new([7; 64]).to_bytes();
    assert_eq!(with(contributions.clone()), Ok(contributions));
    let malformed = KeySetError::File(KeyFileError::Section("verdict/contributions".into()));
    assert_eq!(with(vec![7; 64]), Err(malformed));
}

/// What the verifying key does not hold: these points are read with every key, known or not.
#[test]
fn beta_and_delta_in_the_first_group_are_points_of_it() {
    let off = G1Affine::new_unchecked(Fq::ONE, Fq::ONE);
    for (place, name) in [(0, "beta"), (G1_BYTES, "delta")] {
        for (point, source) in [(G1Affine::identity(), KeyError::Identity(name)), (off, KeyError::NotInGroup(name))] {
            let sections = remade("tally-40/single", |bytes| put_g1_at(bytes, place, &point));
            let keys = UncheckedKeys::parse(sections.to_file(Role::Prove)).unwrap().checked_before();
            let error = keys.key(Circuit::Tally(TallySize::Short)).err();
            assert_eq!(error, Some(KeySetError::Key { circuit: "tally-40", source }));
        }
    }
}

/// What others go on from: a delta or beta that is another number in one group than in the other is not handed on.
#[test]
fn a_key_of_unequal_numbers_has_no_zkey() {
    for (place, name) in [(0, "beta"), (G1_BYTES, "delta")] {
        let sections = remade("verdict/single", |bytes| put_g1_at(bytes, place, &G1Affine::generator()));
        let keys = UncheckedKeys::parse(sections.to_file(Role::Prove)).unwrap();
        let unequal = KeySetError::Key { circuit: "verdict", source: KeyError::Unequal(name) };
        assert_eq!(keys.zkey(Circuit::Verdict).err(), Some(unequal));
        assert!(keys.zkey(Circuit::Direct).is_ok());
    }
}
