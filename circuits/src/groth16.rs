//! Groth16 over BN254: keys of one circuit, proofs, proving from matrices and verifying.
//!
//! Proving evaluates the matrices that are kept with the key and never synthesises; it refuses an assignment that does
//! not satisfy them. Verifying checks the number of inputs, which arkworks does not. Source: Groth, EUROCRYPT 2016.

mod batch;
mod complete;
mod proof;
mod subgroup;
mod verifying;

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, pairing::Pairing};
use ark_ff::{AdditiveGroup, UniformRand};
use ark_groth16::{Groth16, ProvingKey};
use rand_arkworks::{CryptoRng, RngCore};
use rayon::prelude::*;

pub use self::{
    batch::{Equation, failing},
    proof::{Proof, ProofError, ProofJson},
    verifying::{KeyError, Verifying},
};
use self::{subgroup::is_in_subgroup, verifying::check_g1};
use crate::{
    prover::{Queries, Roots, Work, sums, values},
    qap::CircomReduction,
    shape::Matrices,
};

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

/// The proving key of one circuit, with its matrices. Its single points are checked, so that a proof that verifies is
/// uniform whatever its queries hold.
pub struct Proving {
    key: ProvingKey<Bn254>,
    matrices: Matrices,
    verifying: Verifying,
    roots: Roots,
}

impl Proving {
    /// Takes a key once delta is not zero and the same number in both groups, beta likewise, and the verifying key is
    /// sound. Four pairings.
    ///
    /// # Errors
    /// [`KeyError`] for the first check that fails.
    pub fn new(key: ProvingKey<Bn254>, matrices: Matrices) -> Result<Proving, KeyError> {
        let verifying = Verifying::new(key.vk.clone(), matrices.publics)?;
        check_g1("beta", &key.beta_g1)?;
        check_g1("delta", &key.delta_g1)?;
        let pairs = [("delta", key.delta_g1, key.vk.delta_g2), ("beta", key.beta_g1, key.vk.beta_g2)];
        for (name, g1, g2) in pairs {
            if Bn254::pairing(g1, G2Affine::generator()) != Bn254::pairing(G1Affine::generator(), g2) {
                return Err(KeyError::Unequal(name));
            }
        }
        Ok(Proving { key, matrices, verifying, roots: Roots::default() })
    }

    /// The key itself.
    pub(crate) fn key(&self) -> &ProvingKey<Bn254> {
        &self.key
    }

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
        Proving::new(key, matrices)
    }

    /// The verifying key.
    pub fn verifying(&self) -> &Verifying {
        &self.verifying
    }

    /// Every point of the queries in its group. One pass over all points.
    ///
    /// # Errors
    /// [`KeyError::NotInGroup`] for the first that is not.
    pub fn check_foreign(&self) -> Result<(), KeyError> {
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
        let b2 = key.b_g2_query.par_iter().all(|p| p.is_on_curve() && is_in_subgroup(p));
        b2.then_some(()).ok_or(KeyError::NotInGroup("query b2"))
    }

    /// Whether every witness that satisfies gives a proof that verifies, once [`Proving::check_foreign`] found all points in
    /// their groups. A key that fails for a single witness passes once in 2^250 times.
    pub fn is_complete(&self, rng: &mut (impl CryptoRng + RngCore)) -> bool {
        complete::is_complete(&self.key, &self.matrices, rng)
    }

    /// Proves, with as little work as the witness allows.
    ///
    /// # Errors
    /// [`ProveError`] for an assignment that does not satisfy the matrices.
    pub fn prove(&self, assignment: &[Fr], rng: &mut (impl CryptoRng + RngCore)) -> Result<Proof, ProveError> {
        self.prove_with(assignment, Work::Fast, rng)
    }

    /// Proves. Five sums of multiples of points and six transforms of the domain.
    ///
    /// # Errors
    /// [`ProveError`] for an assignment that does not satisfy the matrices.
    pub fn prove_with(
        &self,
        assignment: &[Fr],
        work: Work,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Proof, ProveError> {
        let (key, matrices) = (&self.key, &self.matrices);
        if assignment.len() != matrices.wires {
            return Err(ProveError::Wires { expected: matrices.wires, found: assignment.len() });
        }
        let [mut a, mut b, c] = values(matrices, assignment, work);
        let broken = a.par_iter().zip(&b).zip(&c).position_first(|((a, b), c)| *a * b != *c);
        if let Some(constraint) = broken {
            return Err(ProveError::Unsatisfied(constraint));
        }
        drop(c);
        a.extend_from_slice(&assignment[..=matrices.publics]);
        a.resize(matrices.domain(), Fr::ZERO);
        b.resize(matrices.domain(), Fr::ZERO);
        let queries =
            Queries { a: &key.a_query, b1: &key.b_g1_query, b2: &key.b_g2_query, l: &key.l_query, h: &key.h_query };
        let sums = sums(&queries, &self.roots, assignment, [&a, &b], work);

        let (r, s) = (Fr::rand(rng), Fr::rand(rng));
        let a = sums.a + key.vk.alpha_g1 + key.delta_g1 * r;
        let b1 = sums.b1 + key.beta_g1 + key.delta_g1 * s;
        let b = sums.b2 + key.vk.beta_g2 + key.vk.delta_g2 * s;
        let c = sums.c + a * s + b1 * r - key.delta_g1 * (r * s);
        Ok(Proof { a: a.into_affine(), b: b.into_affine(), c: c.into_affine() })
    }
}
