//! Sums of multiples beside arkworks' own, on what chance draws and on what it never would.

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::{BigInteger, Field, PrimeField, UniformRand};
use proptest::prelude::*;
use rand_arkworks::{Rng, SeedableRng, rngs::StdRng};

use super::*;
use crate::prover::{quadratic::Quadratic, scalar, testing};

/// A scalar of some sort: few bits, many, and the ends.
fn scalar(sort: u8, rng: &mut StdRng) -> Fr {
    match sort % 8 {
        0 => Fr::ZERO,
        1 => Fr::ONE,
        2 => -Fr::ONE,
        3 => Fr::from(rng.r#gen::<u16>()),
        4 => -Fr::from(rng.r#gen::<u64>()),
        5 => Fr::from(2u64).pow([rng.gen_range(120..130)]) - Fr::from(rng.gen_range(0u64..3)),
        6 => scalar::LAMBDA,
        _ => Fr::rand(rng),
    }
}

/// A point of some sort; few different ones, so that many are equal or opposite.
fn point<G: Group<ScalarField = Fr>>(sort: u8, rng: &mut StdRng) -> Affine<G> {
    let few = Projective::<G>::generator() * Fr::from(rng.gen_range(1u64..4));
    match sort % 4 {
        0 => Affine::identity(),
        1 => few.into_affine(),
        2 => (-few).into_affine(),
        _ => Projective::<G>::rand(rng).into_affine(),
    }
}

/// As a key file holds them.
fn bytes_of<G: Group>(bases: &[Affine<G>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (x, y) in bases.iter().map(|base| base.xy().unwrap_or_default()) {
        let coordinates = x.to_base_prime_field_elements().chain(y.to_base_prime_field_elements());
        coordinates.for_each(|c| bytes.extend(c.into_bigint().to_bytes_le()));
    }
    bytes
}

fn agrees<G, O>(backend: O::Backend, bases: &[Affine<G>], scalars: &[Fr])
where
    G: Group<ScalarField = Fr>,
    O: Octet<Field = G::BaseField>,
{
    let expected = Projective::<G>::msm(bases, scalars).expect("as many bases as scalars");
    let bytes = bytes_of(bases);
    for work in [Work::Fast, Work::Constant] {
        let halves: Vec<[i128; 2]> = scalars.iter().map(|k| scalar::halves(&k.into_bigint().0, work)).collect();
        let Ok(terms) = Terms::new::<G, O, [u8]>(backend, &bytes, &halves, work);
        let found = terms.sum::<G, O>(backend, work);
        assert_eq!(found, expected, "{} terms, {work:?}", bases.len());
    }
}

fn agrees_in_g1<B: Backend>(backend: B, bases: &[G1Affine], scalars: &[Fr]) {
    agrees::<ark_bn254::g1::Config, B::Base>(backend, bases, scalars);
}

fn agrees_in_g2<B: Backend>(backend: B, bases: &[G2Affine], scalars: &[Fr]) {
    agrees::<ark_bn254::g2::Config, Quadratic<B::Base>>(backend, bases, scalars);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_terms(sorts in prop::collection::vec(any::<(u8, u8)>(), 0..120), seed in any::<u64>()) {
        let rng = &mut StdRng::seed_from_u64(seed);
        let scalars: Vec<Fr> = sorts.iter().map(|sorts| scalar(sorts.1, rng)).collect();
        let bases: Vec<G1Affine> = sorts.iter().map(|sorts| point(sorts.0, rng)).collect();
        testing::on_each_backend!(agrees_in_g1, &bases, &scalars);
        let bases: Vec<G2Affine> = sorts.iter().map(|sorts| point(sorts.0, rng)).collect();
        testing::on_each_backend!(agrees_in_g2, &bases, &scalars);
    }
}

#[test]
fn many_terms() {
    let rng = &mut StdRng::seed_from_u64(1);
    let scalars: Vec<Fr> = (0..6000).map(|i| if i % 3 == 0 { Fr::rand(rng) } else { scalar(i as u8, rng) }).collect();
    let bases: Vec<G1Affine> = (0..6000u64).map(|i| point(if i % 64 < 4 { i as u8 } else { 3 }, rng)).collect();
    testing::on_each_backend!(agrees_in_g1, &bases, &scalars);
    let bases: Vec<G2Affine> = (0..1500u64).map(|i| point(if i % 64 < 4 { i as u8 } else { 3 }, rng)).collect();
    testing::on_each_backend!(agrees_in_g2, &bases, &scalars[..1500]);
}

#[test]
fn equal_and_opposite_points_alone() {
    let rng = &mut StdRng::seed_from_u64(2);
    let one: G1Affine = point(3, rng);
    let two: G2Affine = point(3, rng);
    for length in [1, 2, 3, 8, 9, 100] {
        let scalar = Fr::rand(rng);
        for scalars in [vec![scalar; length], (0..length).map(|i| if i % 2 == 0 { scalar } else { -scalar }).collect()]
        {
            testing::on_each_backend!(agrees_in_g1, &vec![one; length], &scalars);
            testing::on_each_backend!(agrees_in_g2, &vec![two; length], &scalars);
        }
    }
}
