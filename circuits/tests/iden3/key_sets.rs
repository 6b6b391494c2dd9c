//! The zkeys of all circuits together, and the key set that they began from: nothing of either is believed.

use ark_bn254::G1Affine;
use ark_ec::{AffineRepr, CurveGroup};
use consign_circuits::{
    iden3::{
        ceremony::Ceremony,
        container::{ContainerError, Writer},
        import::ImportError,
        key_set::{Beginning, CeremonySetError, import_key_set},
        points::{base_modulus, scalar_modulus},
        ptau::Ptau,
        zkey::{self, Sizes, ZKEY, Zkey},
    },
    keys::{
        Circuit, KeySetError, UncheckedKeys,
        file::Role,
        points::{G1_BYTES, g1_bytes, g1s},
    },
};
use rand_arkworks::rngs::OsRng;

use crate::{key_file::remade, powers::ptau, proofs::KEYS};

/// A zkey as far as it is looked at to tell of which circuit it is.
fn header(sizes: Sizes) -> Vec<u8> {
    let mut header = Vec::new();
    for modulus in [base_modulus(), scalar_modulus()] {
        header.extend_from_slice(&32u32.to_le_bytes());
        header.extend(modulus);
    }
    for number in [sizes.wires, sizes.publics, sizes.domain] {
        header.extend_from_slice(&(number as u32).to_le_bytes());
    }
    let mut file = Writer::new(ZKEY);
    file.section(1, &1u32.to_le_bytes());
    file.section(2, &header);
    file.finish()
}

fn error(zkeys: &[Vec<u8>], beginning: &Beginning<'_>) -> CeremonySetError {
    let now = jiff::Timestamp::UNIX_EPOCH;
    import_key_set(zkeys, beginning, "Customs", now, &mut OsRng, &mut |_| ()).map(drop).unwrap_err()
}

#[test]
fn zkeys_are_told_by_their_sizes_and_each_circuit_has_one() {
    let sizes = Circuit::ALL.map(|circuit| Sizes::of(&circuit.matrices()));
    let [short, long, verdict, direct] = sizes.map(header);
    // Sizes come first; these powers would be too few for any circuit.
    let powers = ptau(4, &[3]);
    let beginning = Beginning::Ptau(Ptau::parse(&powers).unwrap());
    let found = |zkeys: &[&Vec<u8>]| error(&zkeys.iter().copied().cloned().collect::<Vec<_>>(), &beginning);
    let source = ContainerError::OtherFile("zkey");
    assert_eq!(
        found(&[&short, &b"ptau".to_vec(), &verdict, &direct]),
        CeremonySetError::NotAZkey { number: 2, source }
    );
    // One that is of no circuit is named, wherever it stands and whatever else is missing.
    for change in [|s: &mut Sizes| s.wires += 1, |s: &mut Sizes| s.publics += 1, |s: &mut Sizes| s.domain *= 2] {
        let mut other = sizes[0];
        change(&mut other);
        let other = header(other);
        assert_eq!(found(&[&long, &verdict, &other, &direct]), CeremonySetError::NoSuchCircuit(3));
    }
    let none = header(Sizes { wires: 0, publics: 0, domain: 0 });
    assert_eq!(found(&[&short, &long, &verdict, &direct, &none]), CeremonySetError::NoSuchCircuit(5));
    let number = |circuit, found| CeremonySetError::Number { circuit, found };
    assert_eq!(found(&[&long, &verdict, &direct]), number("tally-40", 0));
    assert_eq!(found(&[&long, &long, &verdict, &direct]), number("tally-40", 0));
    assert_eq!(found(&[&short, &verdict, &short, &direct]), number("tally-40", 2));
}

/// The powers of tau give the queries; those of a key set are its maker's word.
#[test]
fn a_key_set_that_a_ceremony_began_from_is_checked_in_full() {
    const SHORT: Circuit = Circuit::ALL[0];
    // One wire's point moved by the generator: a witness in which that wire is zero does not notice.
    let moved = |moved: bool| {
        let change = |content: &mut Vec<u8>| {
            if moved {
                let place = &mut content[20_000 * G1_BYTES..20_001 * G1_BYTES];
                let point = g1s(place).unwrap()[0];
                place.copy_from_slice(&g1_bytes(&[(point + G1Affine::generator()).into_affine()]));
            }
        };
        remade(KEYS.prove_file(), "tally-40/a", change).to_file(Role::Prove)
    };
    let [_, long, verdict, direct] = Circuit::ALL.map(|circuit| header(Sizes::of(&circuit.matrices())));
    let matrices = SHORT.matrices();
    for faulty in [true, false] {
        let keys = moved(faulty);
        let begun = UncheckedKeys::parse(keys.clone()).unwrap().zkey(SHORT).unwrap();
        let Zkey { mut key, contributions } = Zkey::read(&begun, &matrices).unwrap();
        let mut ceremony = Ceremony::read(&contributions).unwrap();
        ceremony.contribute(&mut key, "Customs", &mut OsRng).unwrap();
        let short = zkey::write(&key, &matrices, &ceremony.to_bytes());
        let expected = match faulty {
            true => CeremonySetError::Keys(KeySetError::Faulty("tally-40")),
            // Then it is the next one's turn, of which there is no more than the sizes.
            false => CeremonySetError::Import {
                circuit: "tally-90",
                source: ImportError::Malformed(ContainerError::Section { section: 2, what: "it ends early" }),
            },
        };
        let beginning = Beginning::KeySet(UncheckedKeys::parse(keys).unwrap().into());
        assert_eq!(error(&[short, long.clone(), verdict.clone(), direct.clone()], &beginning), expected);
    }
}
