//! Keys from powers of tau, contributions, and zkeys that are refused. The verdict's key is the smallest.

use std::{collections::VecDeque, sync::LazyLock};

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Field;
use ark_groth16::{ProvingKey, VerifyingKey};
use consign_circuits::{
    groth16::KeyError,
    iden3::{
        ceremony::{Ceremony, CeremonyError},
        container::{ContainerError, Reader, Writer},
        import::{ImportError, Origin, import},
        initial::Initial,
        key_set::{self, Beginning, CeremonySetError, Shown},
        points::{base_modulus, g2_section},
        ptau::{PTAU, Ptau, PtauError},
        r1cs,
        zkey::{self, ZKEY, Zkey},
    },
    keys::{Circuit, UncheckedKeys, VerifyingKeys},
    shape::Matrices,
};
use rand_arkworks::{CryptoRng, Error, RngCore, rngs::OsRng};

use crate::{
    powers::{ptau, ptau_of},
    proofs::witness,
    snarkjs::Snarkjs,
};

/// The verdict's domain is 2^14.
const DOMAIN: u32 = 14;
static PTAU_FILE: LazyLock<Vec<u8>> = LazyLock::new(|| ptau(DOMAIN + 1, &[DOMAIN]));
static MATRICES: LazyLock<Matrices> = LazyLock::new(|| Circuit::Verdict.matrices());
static INITIAL: LazyLock<Initial> = LazyLock::new(|| {
    let powers = Ptau::parse(&PTAU_FILE).unwrap().domain(1 << DOMAIN, &mut OsRng).unwrap();
    Initial::new(&powers, &MATRICES)
});

fn file(key: &ProvingKey<Bn254>, ceremony: &Ceremony) -> Vec<u8> {
    zkey::write(key, &MATRICES, &ceremony.to_bytes())
}

/// The key after contributions by these names.
fn contributed(names: &[&str]) -> (ProvingKey<Bn254>, Ceremony) {
    let (mut key, mut ceremony) = (INITIAL.key.clone(), INITIAL.ceremony.clone());
    names.iter().for_each(|name| ceremony.contribute(&mut key, name, &mut OsRng).unwrap());
    (key, ceremony)
}

fn take(bytes: &[u8]) -> Result<Ceremony, ImportError> {
    let origin = Origin { key: &INITIAL.key, ceremony: &INITIAL.ceremony };
    import(bytes, MATRICES.clone(), &origin, &mut OsRng).map(|(_, ceremony)| ceremony)
}

#[test]
fn snarkjs_makes_the_same_key_and_verifies_our_contribution() {
    let Some(snarkjs) = Snarkjs::find() else { return };
    snarkjs.write("pot.ptau", &*PTAU_FILE);
    snarkjs.write("c.r1cs", r1cs::write(&MATRICES));
    snarkjs.ok("groth16 setup c.r1cs pot.ptau theirs.zkey");
    let (theirs, ours) = (snarkjs.read("theirs.zkey"), file(&INITIAL.key, &INITIAL.ceremony));
    let sections = |bytes| {
        let file = Reader::new(bytes, ZKEY).unwrap();
        (1..=10).map(|number| file.section(number).unwrap().to_vec()).collect::<Vec<_>>()
    };
    for (number, (theirs, ours)) in sections(&theirs).into_iter().zip(sections(&ours)).enumerate() {
        assert!(theirs == ours, "section {}", number + 1);
    }

    // A contribution of ours, then one of its, then a beacon.
    let (key, ceremony) = contributed(&["Customs"]);
    snarkjs.write("0001.zkey", file(&key, &ceremony));
    let printed = snarkjs.ok("zkey verify c.r1cs pot.ptau 0001.zkey");
    assert!(printed.contains("ZKey Ok!") && printed.contains("contribution #1 Customs"), "{printed}");
    let printed = snarkjs.ok("zkey contribute 0001.zkey 0002.zkey --name=Carrier -e=anything");
    snarkjs.ok("zkey beacon 0002.zkey 0003.zkey 0102030405060708 10 -n=Beacon");
    let taken = take(&snarkjs.read("0003.zkey")).unwrap();
    let names: Vec<_> = taken.contributions().iter().map(|c| (c.name().unwrap(), c.is_beacon())).collect();
    let expected = [("Customs", false), ("Carrier", false), ("Beacon", true)];
    assert_eq!(names, expected.map(|(name, beacon)| (name.to_owned(), beacon)));
    assert!(taken.continues(&ceremony));
    // The hash that it told its contributor is the one that we show.
    let hash = hex::encode(taken.contributions()[1].hash());
    let told: String = printed.split("Contribution Hash:").nth(1).unwrap().split_whitespace().take(16).collect();
    assert_eq!(told.trim_end_matches("\u{1b}[0m"), hash);
}

#[test]
fn a_key_with_contributions_proves() {
    let (key, ceremony) = contributed(&["One", "Two"]);
    let origin = Origin { key: &INITIAL.key, ceremony: &INITIAL.ceremony };
    let (proving, _) = import(&file(&key, &ceremony), MATRICES.clone(), &origin, &mut OsRng).unwrap();
    let (assignment, inputs) = witness(Circuit::Verdict);
    let proof = proving.prove(&assignment, &mut OsRng).unwrap();
    assert_eq!(proving.verifying().verify(&inputs, &proof), Ok(true));
    // From the middle of the ceremony too, but not from a ceremony that it does not continue.
    let (middle, half) = contributed(&["One"]);
    let origin = Origin { key: &middle, ceremony: &half };
    let error = import(&file(&key, &ceremony), MATRICES.clone(), &origin, &mut OsRng).map(|_| ());
    assert_eq!(error, Err(ImportError::OtherCeremony));
    let mut more = half.clone();
    let mut later = middle.clone();
    more.contribute(&mut later, "Three", &mut OsRng).unwrap();
    assert!(import(&file(&later, &more), MATRICES.clone(), &origin, &mut OsRng).is_ok());
}

#[test]
fn what_a_contributor_may_not_change_is_found() {
    let (good, ceremony) = contributed(&["One", "Two"]);
    assert!(take(&file(&good, &ceremony)).is_ok());
    let changed = |change: &dyn Fn(&mut ProvingKey<Bn254>)| {
        let mut key = good.clone();
        change(&mut key);
        take(&file(&key, &ceremony)).unwrap_err()
    };
    let (g1, g2) = (G1Affine::generator(), ark_bn254::G2Affine::generator());
    let twice = |p: G1Affine| (p + p).into_affine();
    assert_eq!(changed(&|k| k.vk.alpha_g1 = g1), ImportError::Changed("alpha"));
    assert_eq!(changed(&|k| k.beta_g1 = g1), ImportError::Changed("beta"));
    assert_eq!(changed(&|k| k.vk.beta_g2 = g2), ImportError::Changed("beta"));
    assert_eq!(changed(&|k| k.vk.gamma_g2 = -g2), ImportError::Changed("gamma"));
    assert_eq!(changed(&|k| k.vk.gamma_abc_g1[2] = g1), ImportError::Changed("the inputs' points"));
    assert_eq!(changed(&|k| k.a_query[9] = g1), ImportError::Changed("query A"));
    assert_eq!(changed(&|k| k.b_g1_query[9] = g1), ImportError::Changed("query B1"));
    assert_eq!(changed(&|k| k.b_g2_query[9] = g2), ImportError::Changed("query B2"));
    assert_eq!(changed(&|k| k.delta_g1 = twice(k.delta_g1)), ImportError::Delta);
    let unequal = ImportError::Key(KeyError::Unequal("delta"));
    assert_eq!(changed(&|k| k.vk.delta_g2 = (k.vk.delta_g2 + g2).into_affine()), unequal);
    assert_eq!(changed(&|k| k.l_query[7] = twice(k.l_query[7])), ImportError::NotDivided("L"));
    assert_eq!(changed(&|k| k.h_query[7] = twice(k.h_query[7])), ImportError::NotDivided("H"));
    // Nobody contributed: delta is one.
    assert_eq!(take(&file(&INITIAL.key, &INITIAL.ceremony)), Err(ImportError::NoContribution));
    // Other powers of tau.
    let mut other = ceremony.to_bytes();
    other[0] ^= 1;
    assert_eq!(take(&zkey::write(&good, &MATRICES, &other)), Err(ImportError::OtherCeremony));
}

/// Random numbers of which the first are chosen.
struct Chosen(VecDeque<u64>);

impl RngCore for Chosen {
    fn next_u32(&mut self) -> u32 {
        OsRng.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.0.pop_front().unwrap_or_else(|| OsRng.next_u64())
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        OsRng.try_fill_bytes(bytes)
    }
}
impl CryptoRng for Chosen {}

/// A contribution of a number of one's choice. Numbers are drawn in Montgomery's form.
fn contribute_number(key: &mut ProvingKey<Bn254>, ceremony: &mut Ceremony, number: Fr) {
    let mut rng = Chosen(number.0.0.into());
    ceremony.contribute(key, "Chosen", &mut rng).unwrap();
}

#[test]
fn contributions_that_make_delta_known_to_all_are_refused() {
    // gamma is the generator, as in every zkey, and no reason to refuse; delta must not be.
    assert!(
        take(&{
            let (key, ceremony) = contributed(&["One"]);
            assert_eq!(key.vk.gamma_g2, ark_bn254::G2Affine::generator());
            file(&key, &ceremony)
        })
        .is_ok()
    );
    for number in [Fr::ONE, -Fr::ONE] {
        let (mut key, mut ceremony) = (INITIAL.key.clone(), INITIAL.ceremony.clone());
        contribute_number(&mut key, &mut ceremony, number);
        assert_eq!(take(&file(&key, &ceremony)), Err(ImportError::Key(KeyError::DeltaIsGenerator)));
        // Two who know each other.
        let (mut key, mut ceremony) = (INITIAL.key.clone(), INITIAL.ceremony.clone());
        contribute_number(&mut key, &mut ceremony, Fr::from(7u64));
        contribute_number(&mut key, &mut ceremony, number / Fr::from(7u64));
        assert_eq!(take(&file(&key, &ceremony)), Err(ImportError::Key(KeyError::DeltaIsGenerator)));
    }
}

#[test]
fn contributions_that_do_not_follow_from_each_other_are_refused() {
    let (key, ceremony) = contributed(&["One", "Two"]);
    // Circuit hash and count, then for each contribution: delta, s, sx (64 bytes each), spx (128), transcript (64), type
    // and length (8), the name with its header (5).
    let bytes = ceremony.to_bytes();
    let each = 3 * 64 + 128 + 64 + 8 + 5;
    assert_eq!(bytes.len(), 68 + 2 * each);
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = bytes.clone();
        change(&mut changed);
        take(&zkey::write(&key, &MATRICES, &changed)).unwrap_err()
    };
    let swap = |from: usize, to: usize, length: usize| {
        move |bytes: &mut Vec<u8>| {
            let taken = bytes[from..from + length].to_vec();
            bytes[to..to + length].copy_from_slice(&taken);
        }
    };
    let second = 68 + each;
    let ceremony_error = |error| ImportError::Ceremony(error);
    // The point that it shows, its proof of knowledge, its delta: from the first contribution to the second.
    assert_eq!(with(&swap(68 + 64, second + 64, 64)), ceremony_error(CeremonyError::Transcript(2)));
    assert_eq!(with(&swap(68 + 192, second + 192, 128)), ceremony_error(CeremonyError::Knowledge(2)));
    assert_eq!(with(&swap(68, second, 64)), ceremony_error(CeremonyError::Delta(2)));
    assert_eq!(with(&|bytes| bytes[second + 320] ^= 1), ceremony_error(CeremonyError::Transcript(2)));
    // A contribution is left out, or one is nobody's.
    assert_eq!(
        with(&|bytes| {
            bytes.drain(68..second);
            bytes[64] = 1;
        }),
        ceremony_error(CeremonyError::Transcript(1))
    );
    assert!(matches!(
        with(&|bytes| bytes[64] = 3),
        ImportError::Malformed(ContainerError::Section { section: 10, .. })
    ));
    assert!(matches!(
        with(&|bytes| bytes[68] ^= 1),
        ImportError::Malformed(ContainerError::Section { section: 10, .. })
    ));
    assert!(matches!(
        with(&|bytes| bytes[second..second + 64].fill(0)),
        ImportError::Malformed(ContainerError::Section { section: 10, .. })
    ));
    let malformed = |change: &dyn Fn(&mut Vec<u8>)| match with(change) {
        ImportError::Malformed(ContainerError::Section { section: 10, what }) => what,
        other => panic!("{other}"),
    };
    let group = "a point that is not in the group, or the identity";
    assert_eq!(malformed(&|bytes| bytes[second + 64..second + 128].fill(0)), group);
    assert_eq!(malformed(&|bytes| bytes[second + 192..second + 320].fill(0)), group);
    assert_eq!(malformed(&|bytes| bytes.push(0)), "it is longer than it should be");
    let many = 10_001u32.to_le_bytes();
    assert_eq!(malformed(&|bytes| bytes[64..68].copy_from_slice(&many)), "more than 10,000 contributions");
    let most = 10_000u32.to_le_bytes();
    assert_eq!(malformed(&|bytes| bytes[64..68].copy_from_slice(&most)), "it ends early");
}

#[test]
fn a_zkey_of_other_constraints_or_with_points_outside_the_group_is_refused() {
    let (key, ceremony) = contributed(&["One"]);
    let good = file(&key, &ceremony);
    assert!(Zkey::read(&good, &MATRICES).is_ok());
    let with = |number: u32, change: &dyn Fn(&mut Vec<u8>)| {
        let read = Reader::new(&good, ZKEY).unwrap();
        let mut made = Writer::new(ZKEY);
        for section in 1..=10 {
            let mut content = read.section(section).unwrap().to_vec();
            if section == number {
                change(&mut content);
            }
            made.section(section, &content);
        }
        match Zkey::read(&made.finish(), &MATRICES) {
            Err(ContainerError::Section { section, what }) => (section, what),
            other => panic!("section {number}: {:?}", other.map(|_| ())),
        }
    };
    assert_eq!(with(1, &|c| c[0] = 2), (1, "another protocol than Groth16"));
    assert_eq!(with(1, &|c| c.push(0)), (1, "it is longer than it should be"));
    // The length of a number and the modulus, of either field.
    for at in [0, 4, 36, 40] {
        assert_eq!(with(2, &|c| c[at] ^= 1), (2, "another curve than BN254"));
    }
    assert_eq!(with(2, &|c| c.push(0)), (2, "it is longer than it should be"));
    let sizes = "another number of wires, public inputs or rows than the circuit has";
    assert_eq!(with(2, &|c| c[72] ^= 1), (2, sizes));
    assert_eq!(with(4, &|c| c[4 + 12] ^= 1), (4, "other constraints than this version's circuit has"));
    for section in [2, 3, 5, 6, 7, 8, 9] {
        // A coordinate of the last point; the header ends in one too.
        let outside = with(section, &|c| *c.last_mut().unwrap() ^= 1);
        assert_eq!(outside, (section, "a point that is not in the group"));
        if section != 2 {
            let shorter = with(section, &|c| c.truncate(c.len() - if section == 7 { 128 } else { 64 }));
            assert_eq!(shorter, (section, "another number of points than the circuit needs"));
        }
    }
    // A coordinate with the modulus added: it would be the same point, were it reduced.
    let group = "a point that is not in the group";
    let with_modulus = |bytes: &mut [u8]| {
        let mut carry = 0;
        for (byte, more) in bytes.iter_mut().zip(base_modulus()) {
            let sum = u16::from(*byte) + u16::from(more) + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        assert_eq!(carry, 0);
    };
    for (section, at) in [(3, 0), (3, 32), (7, 0), (7, 32), (7, 64), (7, 96)] {
        // A point of the twist that is not the identity: the wire stands in some row of B.
        let nonzero = |c: &[u8]| c.chunks(128).position(|point| point.iter().any(|byte| *byte != 0)).unwrap() * 128;
        let larger = |c: &mut Vec<u8>| {
            let at = at + if section == 7 { nonzero(c) } else { 0 };
            with_modulus(&mut c[at..at + 32]);
        };
        assert_eq!(with(section, &larger), (section, group), "coordinate at {at}");
    }
    // On the twist, outside the subgroup; and off the twist, where the test of the subgroup alone takes it for a point of it.
    let outside = (0u64..)
        .filter_map(|i| G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(i), Fq::ONE), false))
        .find(|p| !p.is_in_correct_subgroup_assuming_on_curve())
        .unwrap();
    let g = G2Affine::generator();
    let beside = G2Affine::new_unchecked(g.x * Fq2::from(4u64), g.y * Fq2::from(8u64));
    assert!(!beside.is_on_curve() && beside.is_in_correct_subgroup_assuming_on_curve());
    for point in [outside, beside] {
        assert_eq!(with(7, &|c| c[..128].copy_from_slice(&g2_section(&[point]))), (7, group));
    }
}

#[test]
fn powers_of_tau_that_are_none_are_refused() {
    const SMALL: u32 = 7;
    let small = ptau(SMALL + 1, &[SMALL]);
    assert!(Ptau::parse(&small).unwrap().domain(1 << SMALL, &mut OsRng).is_ok());
    let with = |number: u32, change: &dyn Fn(&mut Vec<u8>)| {
        let read = Reader::new(&small, PTAU).unwrap();
        let mut made = Writer::new(PTAU);
        for section in [1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15] {
            let mut content = read.section(section).unwrap().to_vec();
            if section == number {
                change(&mut content);
            }
            made.section(section, &content);
        }
        let bytes = made.finish();
        Ptau::parse(&bytes).and_then(|ptau| ptau.domain(1 << SMALL, &mut OsRng)).map(|_| ()).unwrap_err()
    };
    // One point becomes another of the group: the one after it.
    let repeat = |at: usize, size: usize| {
        move |c: &mut Vec<u8>| {
            let next = c[size * (at + 1)..size * (at + 2)].to_vec();
            c[size * at..size * (at + 1)].copy_from_slice(&next);
        }
    };
    let values = (1 << SMALL) - 1;
    let double = (2 << SMALL) - 1;
    assert_eq!(with(2, &repeat(0, 64)), PtauError::NotPowers("the first powers of tau"));
    assert_eq!(with(3, &repeat(0, 128)), PtauError::NotPowers("the first powers of tau"));
    assert_eq!(with(2, &repeat(99, 64)), PtauError::NotPowers("tau in G1"));
    assert_eq!(with(3, &repeat(99, 128)), PtauError::NotPowers("tau in G2"));
    assert_eq!(with(4, &repeat(99, 64)), PtauError::NotPowers("alpha tau in G1"));
    assert_eq!(with(5, &repeat(99, 64)), PtauError::NotPowers("beta tau in G1"));
    let read = Reader::new(&small, PTAU).unwrap();
    let tau_g2 = read.section(3).unwrap()[128..256].to_vec();
    assert_eq!(with(6, &|c| c.copy_from_slice(&tau_g2)), PtauError::NotPowers("beta in G2"));
    assert_eq!(with(12, &repeat(values + 99, 64)), PtauError::NotLagrange("tau in G1"));
    assert_eq!(with(12, &repeat(double + 99, 64)), PtauError::NotLagrange("tau in G1, twice the domain"));
    assert_eq!(with(13, &repeat(values + 99, 128)), PtauError::NotLagrange("tau in G2"));
    assert_eq!(with(14, &repeat(values + 99, 64)), PtauError::NotLagrange("alpha tau in G1"));
    assert_eq!(with(15, &repeat(values + 99, 64)), PtauError::NotLagrange("beta tau in G1"));
    // Alpha or beta zero, everywhere.
    for zeros in [&[4, 14][..], &[5, 6, 15]] {
        let mut made = Writer::new(PTAU);
        for section in [1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15] {
            let mut content = read.section(section).unwrap().to_vec();
            if zeros.contains(&section) {
                content.fill(0);
            }
            made.section(section, &content);
        }
        let bytes = made.finish();
        let error = Ptau::parse(&bytes).unwrap().domain(1 << SMALL, &mut OsRng).err();
        assert_eq!(error, Some(PtauError::NotPowers("the first powers of tau")));
    }
    let header = |what| PtauError::Malformed(ContainerError::Section { section: 1, what });
    assert_eq!(with(1, &|c| c[0] ^= 1), header("another curve than BN254"));
    assert_eq!(with(1, &|c| c[4] ^= 1), header("another curve than BN254"));
    assert_eq!(with(1, &|c| c[36] = 29), header("a power above 28"));
    // The greatest power is read, though no section is as long as it should be then.
    let mut greatest = Writer::new(PTAU);
    let mut content = read.section(1).unwrap().to_vec();
    content[36] = 28;
    greatest.section(1, &content);
    greatest.section(15, &[]);
    assert_eq!(Ptau::parse(&greatest.finish()).map(|ptau| ptau.power()), Ok(28));
    let mut unprepared = Writer::new(PTAU);
    (1..=7).for_each(|section| unprepared.section(section, read.section(section).unwrap()));
    assert_eq!(Ptau::parse(&unprepared.finish()).err(), Some(PtauError::NotPrepared));
    let too_small = PtauError::TooSmall { found: 8, needed: 9 };
    assert_eq!(Ptau::parse(&small).unwrap().domain(2 << SMALL, &mut OsRng).err(), Some(too_small));
}

/// Powers for all circuits, all zkeys to snarkjs and back. Two minutes.
#[test]
#[ignore = "makes and verifies the keys of all circuits with snarkjs: minutes"]
fn a_key_set_from_powers_of_tau_through_a_ceremony_and_back() {
    let bytes = ptau(17, &[14, 15, 16]);
    let (now, rng) = (jiff::Timestamp::UNIX_EPOCH, &mut OsRng);
    let set = key_set::setup(&Ptau::parse(&bytes).unwrap(), "Customs", now, rng, &mut |_| ()).unwrap();
    let keys = UncheckedKeys::parse(set.prove_file()).unwrap();
    assert_eq!(VerifyingKeys::parse(set.verify_file()).unwrap().id(), keys.id());
    let mut zkeys: Vec<Vec<u8>> = Circuit::ALL.map(|circuit| keys.zkey(circuit).unwrap()).into();

    let Some(snarkjs) = Snarkjs::find() else { return };
    snarkjs.write("pot.ptau", &bytes);
    for (circuit, zkey) in Circuit::ALL.into_iter().zip(&mut zkeys) {
        snarkjs.write("c.r1cs", r1cs::write(&circuit.matrices()));
        snarkjs.write("0001.zkey", &*zkey);
        snarkjs.ok("zkey contribute 0001.zkey 0002.zkey --name=Carrier -e=anything");
        let printed = snarkjs.ok("zkey verify c.r1cs pot.ptau 0002.zkey");
        assert!(printed.contains("ZKey Ok!"), "{}: {printed}", circuit.name());
        *zkey = snarkjs.read("0002.zkey");
    }
    zkeys.reverse();
    let from_ptau = Beginning::Ptau(Ptau::parse(&bytes).unwrap());
    let from_keys = Beginning::KeySet(UncheckedKeys::parse(set.prove_file()).unwrap().into());
    for beginning in [from_ptau, from_keys] {
        let (taken, shown) = key_set::import_key_set(&zkeys, &beginning, "Customs", now, rng, &mut |_| ()).unwrap();
        assert!(shown.iter().any(|c| c.name.as_deref() == Some("Customs")));
        let proving = UncheckedKeys::parse(taken.prove_file()).unwrap().check().unwrap();
        let verifying = VerifyingKeys::parse(taken.verify_file()).unwrap();
        for circuit in Circuit::ALL {
            let (assignment, inputs) = witness(circuit);
            let proof = proving.key(circuit).unwrap().prove(&assignment, rng).unwrap();
            assert_eq!(verifying.key(circuit).verify(&inputs, &proof), Ok(true));
        }
        let two = key_set::import_key_set(&zkeys[..2], &beginning, "Customs", now, rng, &mut |_| ());
        let missing = CeremonySetError::Number { circuit: "tally-40", found: 0 };
        assert_eq!(two.map(|_| ()).unwrap_err(), missing);
    }
}

#[test]
fn a_beginning_whose_contributions_bind_nothing_is_refused() {
    let import = |key: &ProvingKey<Bn254>, ceremony: &Ceremony, origin: &Origin<'_>| {
        import(&file(key, ceremony), MATRICES.clone(), origin, &mut OsRng).map(drop)
    };
    // Names and hashes of a ceremony that took place, beside a delta that its maker alone drew.
    let ((honest, named), (forged, _)) = (contributed(&["Customs", "Carrier"]), contributed(&["Mallory"]));
    let next = |key: &ProvingKey<Bn254>| {
        let (mut key, mut ceremony) = (key.clone(), named.clone());
        ceremony.contribute(&mut key, "Bank", &mut OsRng).unwrap();
        (key, ceremony)
    };
    let (key, ceremony) = next(&forged);
    let origin = Origin { key: &forged, ceremony: &named };
    assert_eq!(import(&key, &ceremony, &origin), Err(ImportError::BeginningDelta));
    let (key, ceremony) = next(&honest);
    let origin = Origin { key: &honest, ceremony: &named };
    assert_eq!(import(&key, &ceremony, &origin), Ok(()));
    assert_eq!(import(&honest, &named, &origin), Err(ImportError::NoContribution));
    // A key of its maker's own randomness names nobody whom it could have forgotten.
    let own = Ceremony::of_own_randomness(&forged);
    let (mut key, mut ceremony) = (forged.clone(), own.clone());
    ceremony.contribute(&mut key, "Bank", &mut OsRng).unwrap();
    assert_eq!(import(&key, &ceremony, &Origin { key: &forged, ceremony: &own }), Ok(()));
    // A transcript that is none, on which others built.
    let mut bytes = named.to_bytes();
    bytes[68 + 320] ^= 1;
    let named = Ceremony::read(&bytes).unwrap();
    let (mut key, mut ceremony) = (honest.clone(), named.clone());
    ceremony.contribute(&mut key, "Bank", &mut OsRng).unwrap();
    let origin = Origin { key: &honest, ceremony: &named };
    let beginning = ImportError::Beginning(CeremonyError::Transcript(1));
    assert_eq!(import(&key, &ceremony, &origin), Err(beginning));
}

#[test]
fn more_sections_than_any_file_has_are_refused() {
    let bytes = [&b"ptau"[..], &1u32.to_le_bytes(), &65u32.to_le_bytes(), &[0; 65 * 12]].concat();
    assert_eq!(Reader::new(&bytes, PTAU).err(), Some(ContainerError::TooMany(65)));
    // So many are read, though they are all the same one.
    let bytes = [&b"ptau"[..], &1u32.to_le_bytes(), &64u32.to_le_bytes(), &[0; 64 * 12]].concat();
    assert_eq!(Reader::new(&bytes, PTAU).err(), Some(ContainerError::Twice(0)));
}

/// What is shown of a contribution: what its maker says of itself, and the hash that it published.
#[test]
fn a_contribution_says_who_made_it_and_how() {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/zkey/continued.bin")).unwrap();
    let section = Reader::new(&bytes, ZKEY).unwrap().section(10).unwrap().to_vec();
    // Circuit hash and count, then delta, s, sx (64 bytes each), spx (128), transcript (64), type, length and the name.
    let (kind, parameters) = (68 + 384, 68 + 392);
    let first = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut section = section.clone();
        change(&mut section);
        Ceremony::read(&section).unwrap().contributions()[0].clone()
    };
    let read = Ceremony::read(&section).unwrap();
    let names: Vec<_> = read.contributions().iter().map(|c| (c.name(), c.is_beacon())).collect();
    assert_eq!(names, [(Some("first".to_owned()), false), (None, false)]);
    assert!(first(&|bytes| bytes[kind] = 1).is_beacon());
    assert!(!first(&|bytes| bytes[kind] = 2).is_beacon());
    // Another parameter than a name, and a name that is longer than what is there.
    assert_eq!(first(&|bytes| bytes[parameters] = 2).name(), None);
    assert_eq!(first(&|bytes| bytes[parameters + 1] = 6).name(), None);
    assert_eq!(first(&|bytes| bytes[parameters + 1] = 4).name().as_deref(), Some("firs"));
    // BLAKE2b over the points, big-endian, and the transcript, computed with Python's hashlib from the file.
    let hashes: Vec<_> = read.contributions().iter().map(|c| hex::encode(c.hash())).collect();
    let expected = [
        "058578b02e282766c5c709e4d9a53be61a27e6f54d23da3553c875d4300a003644b515b5e342e2df449339a6d11b3fbcf788fd8c99d6960943a2645f8c1f7aa3",
        "dac982ba8f94b141ab0918f85c79e42172a5da570b1a7f5f2bb574e2ee38f7ed327074c101929dff85a36c377fca64afe60ffbd96f0269cd94f047b78c5c83d5",
    ];
    assert_eq!(hashes, expected);
    let shown = |number, name: Option<&str>| Shown {
        circuit: Circuit::Verdict,
        number,
        name: name.map(str::to_owned),
        hash: expected[number - 1].into(),
    };
    assert_eq!(key_set::shown(Circuit::Verdict, &read), [shown(1, Some("first")), shown(2, None)]);
    // A name is cut where a letter ends, at 64 bytes or before.
    let (one, twist) = (G1Affine::generator(), ark_bn254::G2Affine::generator());
    let vk = VerifyingKey { alpha_g1: one, beta_g2: twist, gamma_g2: twist, delta_g2: twist, gamma_abc_g1: Vec::new() };
    let [a_query, b_g1_query, h_query, l_query] = [const { Vec::new() }; 4];
    let b_g2_query = Vec::new();
    let mut key = ProvingKey { vk, beta_g1: one, delta_g1: one, a_query, b_g1_query, b_g2_query, h_query, l_query };
    let mut ceremony = Ceremony::new([0; 64]);
    for (name, kept) in [
        ("".to_owned(), None),
        ("\u{e9}".repeat(32), Some("\u{e9}".repeat(32))),
        (format!("a{}", "\u{e9}".repeat(40)), Some(format!("a{}", "\u{e9}".repeat(31)))),
    ] {
        ceremony.contribute(&mut key, &name, &mut OsRng).unwrap();
        assert_eq!(ceremony.contributions().last().unwrap().name(), kept);
    }
}

/// Zero has powers and Lagrange values too, and they follow from each other.
#[test]
fn numbers_that_are_zero_give_no_powers() {
    const SMALL: u32 = 3;
    let domain = |numbers: [u64; 3]| {
        let file = ptau_of(numbers.map(Fr::from), SMALL + 1, &[SMALL]);
        Ptau::parse(&file).unwrap().domain(1 << SMALL, &mut OsRng).map(drop)
    };
    assert_eq!(domain([3, 5, 7]), Ok(()));
    for numbers in [[0, 5, 7], [3, 0, 7], [3, 5, 0]] {
        assert_eq!(domain(numbers), Err(PtauError::NotPowers("the first powers of tau")), "{numbers:?}");
    }
}
