//! What is written is read back, and what was changed is refused.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, UniformRand};
use consign_circuits::{
    groth16::{Proof, ProofError},
    iden3::{
        container::{ContainerError, FileKind, Reader, Writer},
        json::{self, JsonError},
        points::scalar_modulus,
        r1cs::{self, R1CS, R1cs},
        wtns::{self, WTNS},
    },
    keys::Circuit,
    tally::{self, Block, TallySize, TallyWitness},
};
use consign_crypto::totals::TotalsBlinding;
use consign_documents::filter::FilterSet;
use rand_arkworks::rngs::OsRng;

#[test]
fn the_constraints_that_others_read_are_those_that_hold() {
    let circuit = Circuit::Tally(TallySize::Short);
    let matrices = circuit.matrices();
    let bytes = r1cs::write(&matrices);
    let read = R1cs::read(&bytes).unwrap();
    assert_eq!((read.publics, read.wires), (5, matrices.wires));
    for (row, constraint) in read.constraints.iter().enumerate() {
        for (matrix, terms) in matrices.abc.iter().zip(constraint) {
            let ours = matrix.row(row).iter().map(|&(wire, c)| (wire, matrices.coefficients[c as usize]));
            assert!(ours.eq(terms.iter().copied()), "constraint {row}");
        }
    }
    assert_eq!(read.constraints.len(), matrices.constraints());

    let blinding = TotalsBlinding::random(&mut OsRng);
    let blocks = [const { Block::Skipped }; 4];
    let witness =
        TallyWitness { start: Fr::rand(&mut OsRng), blocks: &blocks, filters: &FilterSet::null(), blinding: &blinding };
    let (assignment, _) = tally::assign(&witness);
    let file = wtns::write(&assignment);
    assert_eq!(wtns::read(&file).as_ref(), Ok(&assignment));
    assert_eq!(read.first_broken(&assignment), None);
    let mut other = assignment.clone();
    other[1] += Fr::from(1u64);
    assert!(read.first_broken(&other).is_some());

    // A value that is not below the modulus is no second spelling of another.
    let mut large = file;
    large.truncate(large.len() - 32);
    large.extend([0xff; 32]);
    assert!(matches!(wtns::read(&large), Err(ContainerError::Section { section: 2, .. })));
    // The length of a number, and the modulus.
    for at in [0, 4] {
        let mut other_field = bytes.clone();
        other_field[12 + 12 + at] ^= 2;
        let what = "another field than BN254's scalars";
        assert_eq!(R1cs::read(&other_field), Err(ContainerError::Section { section: 1, what }));
    }
}

#[test]
fn constraints_and_witnesses_that_cannot_be_are_refused() {
    // One constraint over three wires, of which one is a public output and one a public input.
    let term = |wire: u32, coefficient: [u8; 32]| [&1u32.to_le_bytes()[..], &wire.to_le_bytes(), &coefficient].concat();
    let one = std::array::from_fn(|i| u8::from(i == 0));
    let good = [term(0, one), term(1, one), term(2, one)].concat();
    let read = |[wires, outputs, inputs, count]: [u32; 4], more: &[u8], constraints: &[u8]| {
        let mut header = [&32u32.to_le_bytes()[..], &scalar_modulus()].concat();
        [wires, outputs, inputs, 0].iter().for_each(|n| header.extend(n.to_le_bytes()));
        header.extend(u64::from(wires).to_le_bytes());
        header.extend(count.to_le_bytes());
        header.extend(more);
        let mut file = Writer::new(R1CS);
        file.section(1, &header);
        file.section(2, constraints);
        match R1cs::read(&file.finish()) {
            Ok(read) => Ok((read.publics, read.wires, read.constraints.len())),
            Err(ContainerError::Section { section, what }) => Err((section, what)),
            Err(other) => panic!("{other}"),
        }
    };
    let sizes = [3, 1, 1, 1];
    assert_eq!(read(sizes, &[], &good), Ok((2, 3, 1)));
    assert_eq!(read(sizes, &[0], &good), Err((1, "it is longer than it should be")));
    assert_eq!(read(sizes, &[], &[&good[..], &[0]].concat()), Err((2, "it is longer than it should be")));
    assert_eq!(read(sizes, &[], &good[..good.len() - 1]), Err((2, "it ends early")));
    assert_eq!(read([3, 1, 1, 2], &[], &good), Err((2, "it ends early")));
    let out_of_range = Err((2, "a wire or coefficient out of range"));
    assert_eq!(read([2, 0, 1, 1], &[], &good), out_of_range);
    let large = [term(0, one), term(1, [0xff; 32]), term(2, one)].concat();
    assert_eq!(read(sizes, &[], &large), out_of_range);
    let publics = Err((1, "more public inputs than wires"));
    assert_eq!(read([3, 1, 2, 1], &[], &good), publics);
    assert_eq!(read([3, u32::MAX, 1, 1], &[], &good), publics);

    let file = wtns::write(&[Fr::from(1u64), Fr::from(2u64)]);
    let section = |change: &dyn Fn(&mut Vec<u8>, &mut Vec<u8>)| {
        let read = Reader::new(&file, WTNS).unwrap();
        let [mut header, mut values] = [1, 2].map(|number| read.section(number).unwrap().to_vec());
        change(&mut header, &mut values);
        let mut made = Writer::new(WTNS);
        made.section(1, &header);
        made.section(2, &values);
        match wtns::read(&made.finish()) {
            Err(ContainerError::Section { section, .. }) => section,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(section(&|header, _| header[0] = 31), 1);
    assert_eq!(section(&|header, _| header[4] ^= 2), 1);
    assert_eq!(section(&|header, _| header.push(0)), 1);
    assert_eq!(section(&|header, _| header[36] = 3), 2);
    assert_eq!(section(&|_, values| values.truncate(32)), 2);
    assert_eq!(section(&|_, values| values.push(0)), 2);
}

#[test]
fn a_container_that_is_not_what_it_says_is_refused() {
    let kind = FileKind { magic: b"test", version: 3 };
    let made = |sections: &[(u32, &[u8])]| {
        let mut file = Writer::new(kind);
        sections.iter().for_each(|(number, content)| file.section(*number, content));
        file.finish()
    };
    let good = made(&[(7, b"seven"), (1, b"")]);
    let read = Reader::new(&good, kind).unwrap();
    assert_eq!((read.section(7), read.section(1)), (Ok(&b"seven"[..]), Ok(&b""[..])));
    assert_eq!(read.section(2), Err(ContainerError::Missing(2)));
    let error = |bytes: &[u8]| Reader::new(bytes, kind).map(|_| ()).unwrap_err();
    assert_eq!(error(&made(&[(1, b"a"), (1, b"b")])), ContainerError::Twice(1));
    assert_eq!(error(&[&good[..], b"x"].concat()), ContainerError::Length);
    for end in 0..good.len() {
        let expected = if end < 4 { ContainerError::OtherFile("test") } else { ContainerError::Length };
        assert_eq!(error(&good[..end]), expected, "{end} bytes");
    }
    let later = Reader::new(&good, FileKind { magic: b"test", version: 2 }).map(|_| ()).unwrap_err();
    assert_eq!(later, ContainerError::Version { kind: "test", found: 3, accepted: 2 });
    assert_eq!(Reader::new(&good, WTNS).map(|_| ()).unwrap_err(), ContainerError::OtherFile("wtns"));
    // A length that would wrap around.
    let mut huge = good;
    huge[16..24].fill(0xff);
    assert_eq!(error(&huge), ContainerError::Length);
    assert_eq!(R1CS.version, 1);
}

/// The generators as a proof: points of the groups, whatever they prove.
fn some_proof() -> Proof {
    use ark_bn254::{G1Affine, G2Affine};
    use ark_ec::AffineRepr;
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    Proof::from_coordinates([g1.x, g1.y, g2.x.c0, g2.x.c1, g2.y.c0, g2.y.c1, g1.x, g1.y]).unwrap()
}

#[test]
fn a_proof_in_json_has_one_spelling() {
    let proof = some_proof();
    let text = serde_json::to_string(&json::proof(&proof)).unwrap();
    assert_eq!(json::read_proof(text.as_bytes()), Ok(proof));
    let error = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        json::read_proof(text.replacen(from, to, 1).as_bytes()).unwrap_err()
    };
    // G1's generator is (1, 2).
    assert_eq!(error(r#"["1","2","1"]"#, r#"["1","3","1"]"#), JsonError::Proof(ProofError::NotOnCurve("a")));
    assert_eq!(error(r#"["1","2","1"]"#, r#"["01","2","1"]"#), JsonError::Number("01".into()));
    let modulus = "21888242871839275222246405745257275088696311157297823662689037894645226208583";
    assert_eq!(error(r#"["1","2","1"]"#, &format!(r#"["{modulus}","2","1"]"#)), JsonError::Number(modulus.into()));
    assert_eq!(error(r#"["1","2","1"]"#, r#"["1","2","2"]"#), JsonError::Projective);
    assert_eq!(error(r#"["1","0"]"#, r#"["1","1"]"#), JsonError::Projective);
    let other = JsonError::Other { protocol: "plonk".into(), curve: "bn128".into() };
    assert_eq!(error("groth16", "plonk"), other);
    // What a stranger wrote is shown, and does nothing to a terminal.
    let other = JsonError::Other { protocol: "gr\\u{7f}th16".into(), curve: "bn128".into() };
    assert_eq!(error("groth16", "gr\u{7f}th16"), other);
    assert!(matches!(error("pi_a", "pi_x"), JsonError::Json(_)));

    let inputs: Vec<Fr> = (0..5).map(|_| Fr::rand(&mut OsRng)).chain([Fr::ZERO]).collect();
    let text = serde_json::to_vec(&json::public_inputs(&inputs)).unwrap();
    assert_eq!(json::read_public_inputs(&text), Ok(inputs));
    for other in ["-1", "+1", "1_0", " 1", "", "x", &"0".repeat(81)] {
        let text = serde_json::to_vec(&[other]).unwrap();
        assert_eq!(json::read_public_inputs(&text), Err(JsonError::Number(other.into())));
    }
}
