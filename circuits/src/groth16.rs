//! Groth16 over BN254: keys of one circuit, proofs, proving from matrices and verifying.
//!
//! Proving evaluates the matrices that are kept with the key and never synthesises; it refuses an assignment that does
//! not satisfy them. Verifying checks the number of inputs, which arkworks does not. Source: Groth, EUROCRYPT 2016.

mod batch;
mod complete;
mod proof;
mod subgroup;
mod verifying;

use std::borrow::Cow;

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, pairing::Pairing};
use ark_ff::{AdditiveGroup, UniformRand};
use ark_groth16::{Groth16, ProvingKey, VerifyingKey};
use rand_arkworks::{CryptoRng, RngCore};
use rayon::{join, prelude::*};

pub use self::{
    batch::{Equation, failing},
    proof::{Proof, ProofError, ProofJson},
    verifying::{KeyError, Verifying},
};
use self::{subgroup::is_in_subgroup, verifying::check_g1};
use crate::{
    keys::{
        KeyFileError, Query,
        points::{g1_bytes, g1s, g2_bytes, g2s},
    },
    prover::{Queries, Roots, Work, sums, values},
    qap::CircomReduction,
    shape::Matrices,
};

/// Why there is no proof.
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
    /// The key's points cannot be read, or are no longer those that were checked.
    #[error(transparent)]
    File(#[from] KeyFileError),
}

/// The points of a proving key beside those of its verifying key. Queries are as a key file holds them, in memory or in the
/// file: the prover reads what it needs from there.
pub(crate) struct Points<Q = Query> {
    pub(crate) beta_g1: G1Affine,
    pub(crate) delta_g1: G1Affine,
    pub(crate) a: Q,
    pub(crate) b1: Q,
    pub(crate) b2: Q,
    pub(crate) h: Q,
    pub(crate) l: Q,
}

impl Points {
    fn queries(&self) -> [&Query; 5] {
        [&self.a, &self.b1, &self.b2, &self.h, &self.l]
    }

    /// With all bytes in memory.
    ///
    /// # Errors
    /// [`KeyFileError`] of queries that are in a file.
    pub(crate) fn in_memory(&self) -> Result<Points<Cow<'_, [u8]>>, KeyFileError> {
        let Points { beta_g1, delta_g1, a, b1, b2, h, l } = self;
        Ok(Points {
            beta_g1: *beta_g1,
            delta_g1: *delta_g1,
            a: a.bytes()?,
            b1: b1.bytes()?,
            b2: b2.bytes()?,
            h: h.bytes()?,
            l: l.bytes()?,
        })
    }
}

/// The proving key of one circuit, with its matrices. Its single points are checked, by pairings here or, in a key set that
/// is known by its id, once before; so a proof that verifies is uniform whatever its queries hold.
pub struct Proving {
    points: Points,
    matrices: Matrices,
    verifying: Verifying,
    roots: Roots,
    /// Which wires A and B have.
    wires: [Vec<bool>; 2],
}

impl Proving {
    /// Takes a key once delta is not zero and the same number in both groups, beta likewise, and the verifying key is
    /// sound. Four pairings.
    ///
    /// # Errors
    /// [`KeyError`] for the first check that fails.
    pub fn new(key: ProvingKey<Bn254>, matrices: Matrices) -> Result<Proving, KeyError> {
        let points = Points {
            beta_g1: key.beta_g1,
            delta_g1: key.delta_g1,
            a: g1_bytes(&key.a_query).into(),
            b1: g1_bytes(&key.b_g1_query).into(),
            b2: g2_bytes(&key.b_g2_query).into(),
            h: g1_bytes(&key.h_query).into(),
            l: g1_bytes(&key.l_query).into(),
        };
        let proving = Proving::known(points, key.vk, matrices)?;
        proving.check_pairings()?;
        Ok(proving)
    }

    /// Takes a key whose pairings were checked before, or will be, once its single points are in their groups and none is
    /// one of those that are refused.
    ///
    /// # Errors
    /// [`KeyError`] for the first check that fails.
    pub(crate) fn known(points: Points, key: VerifyingKey<Bn254>, matrices: Matrices) -> Result<Proving, KeyError> {
        let verifying = Verifying::new(key, matrices.publics)?;
        check_g1("beta", &points.beta_g1)?;
        check_g1("delta", &points.delta_g1)?;
        // The inputs have rows of their own in A.
        let mut wires = [0, 1].map(|which| matrices.wires_of(which));
        wires[0][..=matrices.publics].fill(true);
        Ok(Proving { points, matrices, verifying, roots: Roots::default(), wires })
    }

    /// Delta and beta are the same numbers in both groups. Four pairings.
    pub(crate) fn check_pairings(&self) -> Result<(), KeyError> {
        let (Points { beta_g1, delta_g1, .. }, vk) = (&self.points, self.verifying.key());
        for (name, g1, g2) in [("delta", delta_g1, vk.delta_g2), ("beta", beta_g1, vk.beta_g2)] {
            if Bn254::pairing(g1, G2Affine::generator()) != Bn254::pairing(G1Affine::generator(), g2) {
                return Err(KeyError::Unequal(name));
            }
        }
        Ok(())
    }

    /// Beta and delta in G1, and the queries.
    pub(crate) fn points(&self) -> &Points {
        &self.points
    }

    /// The key as arkworks has it, its points not checked.
    ///
    /// # Errors
    /// [`KeyError::NotInGroup`] for a coordinate that is not below the modulus, [`KeyError::File`].
    pub(crate) fn key(&self) -> Result<ProvingKey<Bn254>, KeyError> {
        let Points { beta_g1, delta_g1, a, b1, b2, h, l } = self.points.in_memory()?;
        let g1 = |name, bytes: &[u8]| g1s(bytes).ok_or(KeyError::NotInGroup(name));
        Ok(ProvingKey {
            vk: self.verifying.key().clone(),
            beta_g1,
            delta_g1,
            a_query: g1("query a", &a)?,
            b_g1_query: g1("query b1", &b1)?,
            b_g2_query: g2s(&b2).ok_or(KeyError::NotInGroup("query b2"))?,
            h_query: g1("query h", &h)?,
            l_query: g1("query l", &l)?,
        })
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

    /// The check of a key that somebody else made: its pairings, and every point of the queries in its group. One pass over
    /// all points.
    ///
    /// # Errors
    /// [`KeyError`] for the first that is not.
    pub fn check_foreign(&self) -> Result<(), KeyError> {
        self.check_pairings()?;
        let key = self.key()?;
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
    ///
    /// # Errors
    /// [`KeyError::File`].
    pub fn is_complete(&self, rng: &mut (impl CryptoRng + RngCore)) -> Result<bool, KeyError> {
        Ok(complete::is_complete(self.verifying.key(), &self.points.in_memory()?, &self.matrices, rng))
    }

    /// Proves, with as little work as the witness allows.
    ///
    /// # Errors
    /// [`ProveError`] for an assignment that does not satisfy the matrices, or a key file that changes.
    pub fn prove(&self, assignment: &[Fr], rng: &mut (impl CryptoRng + RngCore)) -> Result<Proof, ProveError> {
        self.prove_with(assignment, Work::Fast, rng)
    }

    /// Proves. Five sums of multiples of points and six transforms of the domain.
    ///
    /// # Errors
    /// [`ProveError`] for an assignment that does not satisfy the matrices, or a key file that changes.
    pub fn prove_with(
        &self,
        assignment: &[Fr],
        work: Work,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Proof, ProveError> {
        let (points, matrices) = (&self.points, &self.matrices);
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
        let Points { a: a_query, b1, b2, l, h, .. } = points;
        let wires = [&self.wires[0][..], &self.wires[1]];
        let queries = Queries { a: a_query, b1, b2, l, h, wires };
        let (r, s) = (Fr::rand(rng), Fr::rand(rng));
        let (vk, delta_g1) = (self.verifying.key(), points.delta_g1);
        let blinding = || (delta_g1 * r, delta_g1 * s, vk.delta_g2 * s);
        let (sums, (delta_r, delta_s, delta_s_g2)) =
            join(|| sums(&queries, &self.roots, assignment, [a, b], work), blinding);
        let sums = sums?;
        if !points.queries().iter().all(|query| query.is_still_whole()) {
            return Err(KeyFileError::Changed.into());
        }
        let a = sums.a + vk.alpha_g1 + delta_r;
        let b1 = sums.b1 + points.beta_g1 + delta_s;
        let b = sums.b2 + vk.beta_g2 + delta_s_g2;
        // `b1 r` has delta times `r s`, which is to be there once, and so has `a s`.
        let (a_s, b1_r) = join(|| a * s, || (b1 - delta_s) * r);
        let c = sums.c + a_s + b1_r;
        Ok(Proof { a: a.into_affine(), b: b.into_affine(), c: c.into_affine() })
    }
}
