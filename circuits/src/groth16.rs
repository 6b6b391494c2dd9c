//! Groth16 over BN254: keys of one circuit, proofs, proving from matrices and verifying.
//!
//! Proving evaluates the matrices that are kept with the key and never synthesises; it refuses an assignment that does
//! not satisfy them. Verifying checks the number of inputs, which arkworks does not. Source: Groth, EUROCRYPT 2016.

use std::fmt;

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM, pairing::Pairing};
use ark_ff::{PrimeField, UniformRand};
use ark_groth16::{Groth16, PreparedVerifyingKey, ProvingKey, VerifyingKey, prepare_verifying_key};
use ark_poly::GeneralEvaluationDomain;
use rand_arkworks::{CryptoRng, RngCore};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    qap::{CircomReduction, quotient},
    shape::Matrices,
};
use consign_crypto::field::{self, FieldError};

/// Why something is not a proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A coordinate is not spelled as a field element.
    #[error("coordinate of point {point}: {source}")]
    Coordinate {
        /// `a`, `b` or `c`.
        point: &'static str,
        /// What is wrong with it.
        source: FieldError,
    },
    /// Off the curve.
    #[error("point {0} is not on the curve")]
    NotOnCurve(&'static str),
    /// A point of the twist outside the subgroup of prime order.
    #[error("point {0} is not in the subgroup of prime order")]
    NotInSubgroup(&'static str),
}

/// A Groth16 proof: three points, on the curve and in the subgroup, none the identity. Its bytes are no identifier:
/// anyone can re-randomise it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proof {
    a: G1Affine,
    b: G2Affine,
    c: G1Affine,
}

/// A proof in files: affine coordinates of 64 hexadecimal digits; of the twist first the real, then the imaginary part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofJson {
    a: [String; 2],
    b: [[String; 2]; 2],
    c: [String; 2],
}

impl Proof {
    /// The eight coordinates in the order of the file.
    pub fn coordinates(&self) -> [Fq; 8] {
        let Proof { a, b, c } = self;
        [a.x, a.y, b.x.c0, b.x.c1, b.y.c0, b.y.c1, c.x, c.y]
    }

    /// The form in files.
    pub fn to_json(&self) -> ProofJson {
        let hex = |x: &Fq| field::to_hex(x);
        let g1 = |p: &G1Affine| [hex(&p.x), hex(&p.y)];
        let twist = |x: &Fq2| [hex(&x.c0), hex(&x.c1)];
        ProofJson { a: g1(&self.a), b: [twist(&self.b.x), twist(&self.b.y)], c: g1(&self.c) }
    }

    /// Reads [`Proof::to_json`].
    ///
    /// # Errors
    /// [`ProofError`] for a coordinate of another spelling, a point off the curve (the identity has no coordinates) or
    /// outside the subgroup.
    pub fn from_json(json: &ProofJson) -> Result<Proof, ProofError> {
        let read = |point: &'static str, text: &String| {
            field::from_hex::<Fq>(text).map_err(|source| ProofError::Coordinate { point, source })
        };
        let g1 = |point: &'static str, [x, y]: &[String; 2]| {
            let p = G1Affine::new_unchecked(read(point, x)?, read(point, y)?);
            p.is_on_curve().then_some(p).ok_or(ProofError::NotOnCurve(point))
        };
        let fq2 = |[c0, c1]: &[String; 2]| Ok(Fq2::new(read("b", c0)?, read("b", c1)?));
        let b = G2Affine::new_unchecked(fq2(&json.b[0])?, fq2(&json.b[1])?);
        if !b.is_on_curve() {
            return Err(ProofError::NotOnCurve("b"));
        }
        if !b.is_in_correct_subgroup_assuming_on_curve() {
            return Err(ProofError::NotInSubgroup("b"));
        }
        Ok(Proof { a: g1("a", &json.a)?, b, c: g1("c", &json.c)? })
    }
}

/// Why a key is refused, whoever made it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A point off its curve or outside its subgroup.
    #[error("{0} holds a point that is not in the group")]
    NotInGroup(&'static str),
    /// A point that must not be the identity is.
    #[error("{0} is the identity")]
    Identity(&'static str),
    /// A delta that anyone can divide by.
    #[error("delta is plus or minus the group's generator")]
    DeltaIsGenerator,
    /// Delta and gamma cancel: anyone can forge.
    #[error("delta is plus or minus gamma")]
    DeltaIsGamma,
    /// Delta differs between the two groups, or beta does.
    #[error("{0} is not the same number in both groups")]
    Unequal(&'static str),
    /// Number of inputs.
    #[error("a key for {found} public inputs where the circuit has {expected}")]
    Inputs {
        /// Inputs of the circuit.
        expected: usize,
        /// Inputs of the key.
        found: usize,
    },
}

/// The verifying key of one circuit, checked.
#[derive(Clone)]
pub struct Verifying {
    key: VerifyingKey<Bn254>,
    prepared: PreparedVerifyingKey<Bn254>,
}

impl fmt::Debug for Verifying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifying({} inputs)", self.inputs())
    }
}

impl Verifying {
    /// Checks a key: points in their groups, none the identity, delta neither plus or minus the generator nor gamma.
    ///
    /// # Errors
    /// [`KeyError`] for the first of these that fails.
    pub fn new(key: VerifyingKey<Bn254>, inputs: usize) -> Result<Verifying, KeyError> {
        let found = key.gamma_abc_g1.len().saturating_sub(1);
        if key.gamma_abc_g1.len() != inputs + 1 {
            return Err(KeyError::Inputs { expected: inputs, found });
        }
        check_g1("alpha", &key.alpha_g1)?;
        key.gamma_abc_g1.iter().try_for_each(|p| check_g1("the inputs' points", p))?;
        for (name, point) in [("beta", &key.beta_g2), ("gamma", &key.gamma_g2), ("delta", &key.delta_g2)] {
            check_g2(name, point)?;
        }
        let is = |p: G2Affine| key.delta_g2 == p || key.delta_g2 == -p;
        if is(G2Affine::generator()) {
            return Err(KeyError::DeltaIsGenerator);
        }
        if is(key.gamma_g2) {
            return Err(KeyError::DeltaIsGamma);
        }
        let prepared = prepare_verifying_key(&key);
        Ok(Verifying { key, prepared })
    }

    /// Number of public inputs.
    pub fn inputs(&self) -> usize {
        self.key.gamma_abc_g1.len() - 1
    }

    /// The key itself.
    pub fn key(&self) -> &VerifyingKey<Bn254> {
        &self.key
    }

    /// Whether the proof is one for these inputs. About three pairings.
    ///
    /// # Errors
    /// [`KeyError::Inputs`] for another number of inputs.
    pub fn verify(&self, inputs: &[Fr], proof: &Proof) -> Result<bool, KeyError> {
        if inputs.len() != self.inputs() {
            return Err(KeyError::Inputs { expected: self.inputs(), found: inputs.len() });
        }
        let proof = ark_groth16::Proof { a: proof.a, b: proof.b, c: proof.c };
        // arkworks fails only on the number of inputs, which has been checked.
        Ok(Groth16::<Bn254>::verify_proof(&self.prepared, &proof, inputs).unwrap_or(false))
    }
}

fn check_g1(name: &'static str, point: &G1Affine) -> Result<(), KeyError> {
    if point.is_zero() {
        return Err(KeyError::Identity(name));
    }
    // The cofactor of G1 is one.
    point.is_on_curve().then_some(()).ok_or(KeyError::NotInGroup(name))
}

fn check_g2(name: &'static str, point: &G2Affine) -> Result<(), KeyError> {
    if point.is_zero() {
        return Err(KeyError::Identity(name));
    }
    let good = point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve();
    good.then_some(()).ok_or(KeyError::NotInGroup(name))
}

/// An assignment that no proof can be made for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// A constraint is broken.
    #[error("the witness does not satisfy constraint {0}")]
    Unsatisfied(usize),
    /// Matrices, key and assignment are not of one circuit.
    #[error("the witness has {found} wires where the circuit has {expected}")]
    Wires {
        /// Wires of the circuit.
        expected: usize,
        /// Wires of the assignment.
        found: usize,
    },
}

/// The proving key of one circuit, with its matrices.
pub struct Proving {
    pub(crate) key: ProvingKey<Bn254>,
    pub(crate) matrices: Matrices,
}

impl Proving {
    /// The matrices.
    pub fn matrices(&self) -> &Matrices {
        &self.matrices
    }

    /// Makes a key from fresh randomness, which is dropped: whoever kept it could forge. gamma is one, as in zkey
    /// files, and both generators are the groups' own.
    ///
    /// # Errors
    /// [`KeyError`] if chance drew one of the deltas that are refused.
    pub fn setup(matrices: Matrices, rng: &mut (impl CryptoRng + RngCore)) -> Result<Proving, KeyError> {
        let [alpha, beta, delta] = [0; 3].map(|_| Fr::rand(rng));
        let key = Groth16::<Bn254, CircomReduction>::generate_parameters_with_qap(
            &matrices,
            alpha,
            beta,
            Fr::from(1u64),
            delta,
            G1Projective::from(G1Affine::generator()),
            G2Projective::from(G2Affine::generator()),
            rng,
        )
        .map_err(|_| KeyError::NotInGroup("the generated key"))?;
        Verifying::new(key.vk.clone(), matrices.publics)?;
        Ok(Proving { key, matrices })
    }

    /// The verifying key.
    ///
    /// # Errors
    /// [`KeyError`] as [`Verifying::new`].
    pub fn verifying(&self) -> Result<Verifying, KeyError> {
        Verifying::new(self.key.vk.clone(), self.matrices.publics)
    }

    /// The checks that make a proof that verifies uniform, whatever the queries hold: delta is not zero and the same
    /// number in both groups, beta likewise, and the verifying key is sound. Four pairings.
    ///
    /// # Errors
    /// [`KeyError`] for the first that fails.
    pub fn check_singles(&self) -> Result<(), KeyError> {
        self.verifying()?;
        let key = &self.key;
        check_g1("beta", &key.beta_g1)?;
        check_g1("delta", &key.delta_g1)?;
        let pairs = [("delta", key.delta_g1, key.vk.delta_g2), ("beta", key.beta_g1, key.vk.beta_g2)];
        for (name, g1, g2) in pairs {
            if Bn254::pairing(g1, G2Affine::generator()) != Bn254::pairing(G1Affine::generator(), g2) {
                return Err(KeyError::Unequal(name));
            }
        }
        Ok(())
    }

    /// [`Proving::check_singles`], and every point of the queries in its group. One pass over all points.
    ///
    /// # Errors
    /// [`KeyError`] for the first that fails.
    pub fn check_foreign(&self) -> Result<(), KeyError> {
        self.check_singles()?;
        let key = &self.key;
        for (name, query) in [
            ("query a", &key.a_query),
            ("query b1", &key.b_g1_query),
            ("query h", &key.h_query),
            ("query l", &key.l_query),
        ] {
            if !query.par_iter().all(|p| p.is_on_curve()) {
                return Err(KeyError::NotInGroup(name));
            }
        }
        let b2 = key.b_g2_query.par_iter().all(|p| p.is_on_curve() && p.is_in_correct_subgroup_assuming_on_curve());
        b2.then_some(()).ok_or(KeyError::NotInGroup("query b2"))
    }

    /// Proves. Five multi-scalar multiplications and nine transforms of the domain.
    ///
    /// # Errors
    /// [`ProveError`] for an assignment that does not satisfy the matrices.
    pub fn prove(&self, assignment: &[Fr], rng: &mut (impl CryptoRng + RngCore)) -> Result<Proof, ProveError> {
        let (key, matrices) = (&self.key, &self.matrices);
        if assignment.len() != matrices.wires {
            return Err(ProveError::Wires { expected: matrices.wires, found: assignment.len() });
        }
        let [a, b, c] = [0, 1, 2].map(|which| matrices.product(which, assignment));
        let broken = a.par_iter().zip(&b).zip(&c).position_first(|((a, b), c)| *a * b != *c);
        if let Some(constraint) = broken {
            return Err(ProveError::Unsatisfied(constraint));
        }
        drop(c);
        let inputs = &assignment[..=matrices.publics];
        let quotient = quotient::<Fr, GeneralEvaluationDomain<Fr>>(a, b, inputs)
            .expect("the key was made for a domain of this size");

        let (r, s) = (Fr::rand(rng), Fr::rand(rng));
        let scalars: Vec<_> = assignment.par_iter().map(|x| x.into_bigint()).collect();
        let quotient: Vec<_> = quotient.par_iter().map(|x| x.into_bigint()).collect();
        let witness = &scalars[matrices.publics + 1..];
        let g1 = |bases: &[G1Affine], scalars: &[_]| G1Projective::msm_bigint(bases, scalars);

        let point_a = g1(&key.a_query, &scalars) + key.vk.alpha_g1 + key.delta_g1 * r;
        let point_b1 = g1(&key.b_g1_query, &scalars) + key.beta_g1 + key.delta_g1 * s;
        let point_b = G2Projective::msm_bigint(&key.b_g2_query, &scalars) + key.vk.beta_g2 + key.vk.delta_g2 * s;
        let point_c = g1(&key.l_query, witness) + g1(&key.h_query, &quotient) + point_a * s + point_b1 * r
            - key.delta_g1 * (r * s);
        Ok(Proof { a: point_a.into_affine(), b: point_b.into_affine(), c: point_c.into_affine() })
    }
}
