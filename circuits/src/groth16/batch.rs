//! Many proofs decided together, for far less than one by one.
//!
//! In: equations, each a proof with the inputs and the key that it is claimed for. Out: which of them fail. The proofs'
//! equations are added with random coefficients: if one is false, so is the sum, but for one draw in 2^128. It costs a
//! Miller loop and a multiplication by 128 bits a proof; three more pairs a key; and one final exponentiation. Where the
//! sum is false, halves are tried until the false ones stand alone; so few that a sum would cost more are decided one by
//! one. Source: Bellare, Garay, Rabin, EUROCRYPT 1998.
//!
//! The sum says so only of points in groups of prime order: a [`Proof`] and a [`Verifying`] hold no others, and cannot be
//! made without that check.

use std::ptr;

use ark_bn254::{Bn254, Fq12, Fr, G1Affine, G1Projective, g1};
use ark_ec::{
    AffineRepr, CurveGroup, VariableBaseMSM,
    pairing::{MillerLoopOutput, Pairing},
    scalar_mul::glv::GLVConfig,
};
use ark_ff::{AdditiveGroup, PrimeField, Zero};
use rand_arkworks::{CryptoRng, RngCore};
use rayon::prelude::*;

use super::{KeyError, Proof, Verifying};

/// Proofs whose Miller loops run as one: enough to share the squarings, few enough to spread over the cores and to hold
/// the lines of (17 KB a proof).
const CHUNK: usize = 32;
/// So few proofs are tried one by one where their sum is false.
const FEW: usize = 3;

/// A proof, and what it is claimed to prove.
#[derive(Clone, Debug)]
pub struct Equation<'a> {
    key: &'a Verifying,
    inputs: Vec<Fr>,
    proof: &'a Proof,
}

impl<'a> Equation<'a> {
    /// Claims that the proof is one for these inputs under this key.
    ///
    /// # Errors
    /// [`KeyError::Inputs`] for another number of inputs than the key's.
    pub fn new(key: &'a Verifying, inputs: &[Fr], proof: &'a Proof) -> Result<Equation<'a>, KeyError> {
        key.check_inputs(inputs)?;
        Ok(Equation { key, inputs: inputs.to_vec(), proof })
    }

    /// Decides this one alone, exactly.
    fn holds(&self) -> bool {
        self.key.verify(&self.inputs, self.proof) == Ok(true)
    }
}

/// The numbers, from 0 and ascending, of the equations that do not hold. A false one is missed with a chance of 2^-128,
/// a true one is never named. `rng` must be one that nobody foresaw when the equations were made.
pub fn failing(equations: &[Equation<'_>], rng: &mut (impl CryptoRng + RngCore)) -> Vec<usize> {
    let mut found = Vec::new();
    if !all_hold(equations, rng) {
        divide(equations, 0, &mut found, rng);
    }
    found
}

/// Finds the false ones among equations of which at least one is.
fn divide(equations: &[Equation<'_>], first: usize, found: &mut Vec<usize>, rng: &mut (impl CryptoRng + RngCore)) {
    if equations.len() <= FEW {
        let one_by_one: Vec<bool> = equations.par_iter().map(Equation::holds).collect();
        found.extend((first..).zip(one_by_one).filter(|(_, holds)| !holds).map(|(number, _)| number));
        return;
    }
    let (left, right) = equations.split_at(equations.len() / 2);
    let left_holds = all_hold(left, rng);
    if !left_holds {
        divide(left, first, found, rng);
    }
    // Where the left half holds, the fault is known to be in the right one.
    if left_holds || !all_hold(right, rng) {
        divide(right, first + left.len(), found, rng);
    }
}

/// A coefficient: `low + high * lambda`, lambda the eigenvalue of the curve's endomorphism. The 2^128 pairs are distinct
/// numbers of the field: were the difference (x, y) of two of them zero there, its order would divide x^2 - xy + y^2,
/// which is below 2^130.
#[derive(Clone, Copy)]
struct Coefficient {
    low: u64,
    high: u64,
}

impl Coefficient {
    fn draw(rng: &mut (impl CryptoRng + RngCore)) -> Coefficient {
        Coefficient { low: rng.next_u64(), high: rng.next_u64() }
    }

    fn number(self) -> Fr {
        Fr::from(self.low) + g1::Config::LAMBDA * Fr::from(self.high)
    }

    /// The multiple of a point: 64 doublings and, for three bits in four, an addition.
    fn times(self, point: &G1Affine) -> G1Projective {
        let image = endomorphism(point);
        // 1 + lambda + lambda^2 = 0, so the sum of the two is minus the image's image.
        let sum = -endomorphism(&image);
        let mut out = G1Projective::ZERO;
        for bit in (0..64).rev() {
            out.double_in_place();
            match (self.low >> bit & 1, self.high >> bit & 1) {
                (0, 0) => {}
                (1, 0) => out += point,
                (0, 1) => out += &image,
                _ => out += &sum,
            }
        }
        out
    }
}

/// Lambda times the point.
fn endomorphism(point: &G1Affine) -> G1Affine {
    <g1::Config as GLVConfig>::endomorphism_affine(point)
}

/// Whether all equations hold, by one sum of them under fresh coefficients.
fn all_hold(equations: &[Equation<'_>], rng: &mut (impl CryptoRng + RngCore)) -> bool {
    let mut keys: Vec<&Verifying> = Vec::new();
    for equation in equations {
        if !keys.iter().any(|key| ptr::eq(*key, equation.key)) {
            keys.push(equation.key);
        }
    }
    // What a key costs is saved by one final exponentiation less.
    if equations.len() <= keys.len() {
        return equations.par_iter().all(Equation::holds);
    }
    let drawn: Vec<Coefficient> = equations.iter().map(|_| Coefficient::draw(rng)).collect();
    let proofs = equations.par_chunks(CHUNK).zip(drawn.par_chunks(CHUNK)).map(|(equations, drawn)| {
        let a: Vec<G1Projective> = equations.iter().zip(drawn).map(|(e, c)| c.times(&e.proof.a)).collect();
        Bn254::multi_miller_loop(G1Projective::normalize_batch(&a), equations.iter().map(|e| e.proof.b)).0
    });
    let proofs: Fq12 = proofs.product();

    let keys: Fq12 = keys.par_iter().map(|key| key_side(key, equations, &drawn)).product();
    Bn254::final_exponentiation(MillerLoopOutput(proofs * keys)).is_some_and(|product| product.is_zero())
}

/// What the proofs of one key must cancel: minus the sums of their coefficients times alpha with beta, of their inputs
/// with gamma, of their C with delta.
fn key_side(key: &Verifying, equations: &[Equation<'_>], drawn: &[Coefficient]) -> Fq12 {
    let mut inputs = vec![Fr::zero(); key.inputs() + 1];
    let (mut points, mut scalars) = (Vec::new(), Vec::new());
    for (equation, coefficient) in equations.iter().zip(drawn).filter(|(e, _)| ptr::eq(e.key, key)) {
        let number = coefficient.number();
        inputs[0] += number;
        inputs[1..].iter_mut().zip(&equation.inputs).for_each(|(sum, input)| *sum += number * input);
        points.extend([equation.proof.c, endomorphism(&equation.proof.c)]);
        scalars.extend([coefficient.low, coefficient.high]);
    }
    let alpha = key.key().alpha_g1.mul_bigint((-inputs[0]).into_bigint());
    let inputs: G1Projective = key.key().gamma_abc_g1.iter().zip(&inputs).map(|(point, sum)| *point * sum).sum();
    let c = G1Projective::msm_u64(&points, &scalars);
    let g1 = G1Projective::normalize_batch(&[alpha, inputs, c]);
    Bn254::multi_miller_loop(g1, key.lines().clone()).0
}

#[cfg(test)]
mod tests {
    use ark_bn254::G2Affine;
    use ark_ff::{Field, UniformRand};
    use proptest::prelude::*;
    use rand_arkworks::{
        Rng, SeedableRng,
        rngs::{OsRng, StdRng},
    };

    use super::*;
    use crate::{
        groth16::Proving,
        shape::{Matrices, Matrix},
    };

    /// `x^2 = y` with y public, and `publics - 1` more inputs that say nothing.
    fn squares(publics: usize, rng: &mut StdRng) -> Proving {
        let (x, wires) = (publics as u32 + 1, publics + 2);
        let one_entry = |wire| Matrix::new(vec![1], vec![(wire, 0)], wires, 1).unwrap();
        let abc = [one_entry(x), one_entry(x), one_entry(1)];
        Proving::setup(Matrices { publics, wires, coefficients: vec![Fr::ONE], abc }, rng).unwrap()
    }

    /// A true claim: its inputs and a proof of them.
    fn proved(key: &Proving, rng: &mut StdRng) -> (Vec<Fr>, Proof) {
        let x = Fr::rand(rng);
        let mut assignment = vec![Fr::ONE, x.square()];
        assignment.extend((1..key.matrices().publics).map(|_| Fr::rand(rng)));
        assignment.push(x);
        let proof = key.prove(&assignment, rng).unwrap();
        (assignment[1..=key.matrices().publics].to_vec(), proof)
    }

    /// Makes a claim false, in one of the ways there are.
    fn spoil((inputs, proof): &mut (Vec<Fr>, Proof), rng: &mut StdRng) {
        match rng.gen_range(0..5) {
            0 => inputs[0] += Fr::ONE,
            1 => proof.a = -proof.a,
            2 => proof.b = G2Affine::rand(rng),
            3 => proof.c = (proof.c + G1Affine::generator()).into_affine(),
            _ => *proof = Proof { a: proof.c, b: proof.b, c: proof.a },
        }
    }

    /// Makes two true claims false so that their errors cancel where both have the same coefficient.
    fn spoil_both(one: &mut Proof, other: &mut Proof, rng: &mut StdRng) {
        let error = G1Affine::rand(rng);
        one.c = (one.c + error).into_affine();
        other.c = (other.c - error).into_affine();
    }

    fn named(keys: &[&Verifying], claims: &[(usize, (Vec<Fr>, Proof))]) -> Vec<usize> {
        let equation = |(key, (inputs, proof)): &'_ (usize, (Vec<Fr>, Proof))| (*key, inputs.clone(), *proof);
        let owned: Vec<_> = claims.iter().map(equation).collect();
        let equations: Vec<_> =
            owned.iter().map(|(key, x, proof)| Equation::new(keys[*key], x, proof).unwrap()).collect();
        failing(&equations, &mut OsRng)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn every_false_claim_is_named_and_no_true_one(seed: u64, claims in 0usize..90, share in 0usize..4) {
            let rng = &mut StdRng::seed_from_u64(seed);
            let keys = [squares(1, rng), squares(3, rng), squares(1, rng)];
            let verifying = keys.each_ref().map(Proving::verifying);
            let mut given = Vec::new();
            let mut expected = Vec::new();
            for number in 0..claims {
                let key = rng.gen_range(0..keys.len());
                let mut claim = (key, proved(&keys[key], rng));
                // None, a few, half, or all.
                if [0, 5, 50, 100][share] > rng.gen_range(0..100) {
                    spoil(&mut claim.1, rng);
                    expected.push(number);
                }
                given.push(claim);
            }
            prop_assert_eq!(named(&verifying, &given), expected);
        }

        #[test]
        fn errors_that_cancel_are_found(seed: u64, claims in 2usize..40, pairs in 1usize..4) {
            let rng = &mut StdRng::seed_from_u64(seed);
            let key = squares(1, rng);
            let mut given: Vec<_> = (0..claims).map(|_| (0, proved(&key, rng))).collect();
            let mut expected = std::collections::BTreeSet::new();
            for _ in 0..pairs {
                let (i, j) = (rng.gen_range(0..claims - 1), claims - 1);
                let (left, right) = given.split_at_mut(j);
                spoil_both(&mut left[i].1.1, &mut right[0].1.1, rng);
                expected.extend([i, j]);
            }
            prop_assert_eq!(named(&[key.verifying()], &given), expected.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn a_coefficient_multiplies_as_its_number_does(low: u64, high: u64, seed: u64) {
            let point = G1Affine::rand(&mut StdRng::seed_from_u64(seed));
            for (low, high) in [(low, high), (0, high), (low, 0), (0, 0), (1, 1), (u64::MAX, u64::MAX)] {
                let coefficient = Coefficient { low, high };
                prop_assert_eq!(coefficient.times(&point), point * coefficient.number());
                let terms = [point, endomorphism(&point)];
                prop_assert_eq!(G1Projective::msm_u64(&terms, &[low, high]), coefficient.times(&point));
            }
        }
    }

    #[test]
    fn a_proof_of_one_key_is_none_of_another() {
        let rng = &mut StdRng::seed_from_u64(1);
        let keys = [squares(1, rng), squares(1, rng)];
        let verifying = keys.each_ref().map(Proving::verifying);
        let claims: Vec<_> = (0..6).map(|_| proved(&keys[0], rng)).collect();
        let under = |key: usize| claims.iter().cloned().map(|claim| (key, claim)).collect::<Vec<_>>();
        assert!(named(&verifying, &under(0)).is_empty());
        assert_eq!(named(&verifying, &under(1)), [0, 1, 2, 3, 4, 5]);
        let error = Equation::new(verifying[0], &[], &claims[0].1).unwrap_err();
        assert_eq!(error, KeyError::Inputs { expected: 1, found: 0 });
    }
}
