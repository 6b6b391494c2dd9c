//! A public file of powers of tau (`ptau`), prepared for phase 2: powers of an unknown number in both groups, and the
//! values of the Lagrange polynomials at it.
//!
//! A file is not trusted. Before it is used, the powers that a circuit needs are checked to be powers of one number, and
//! the prepared values to be those that follow from them, by random combinations. What is *not* checked is the record of
//! the ceremony that drew the number: compare the file's published hash, or run `snarkjs powersoftau verify`.
//! Source: snarkjs `powersoftau_utils.js`, `powersoftau_preparephase2.js`.

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, pairing::Pairing};
use ark_ff::{BigInteger256, PrimeField, Zero};
use ark_poly::{EvaluationDomain, GeneralEvaluationDomain};
use rand_arkworks::{CryptoRng, RngCore};

use super::{
    container::{ContainerError, Cursor, FileKind, Reader},
    points::{base_modulus, g1s, g2s},
};
use crate::keys::points::{G1_BYTES, G2_BYTES};

/// `ptau` files.
pub const PTAU: FileKind = FileKind { magic: b"ptau", version: 1 };
/// Largest power that the field's roots of unity allow.
const MAX_POWER: u32 = 28;

/// The sections of a ptau file.
mod section {
    pub const HEADER: u32 = 1;
    pub const TAU_G1: u32 = 2;
    pub const TAU_G2: u32 = 3;
    pub const ALPHA_TAU_G1: u32 = 4;
    pub const BETA_TAU_G1: u32 = 5;
    pub const BETA_G2: u32 = 6;
    pub const LAGRANGE_TAU_G1: u32 = 12;
    pub const LAGRANGE_TAU_G2: u32 = 13;
    pub const LAGRANGE_ALPHA_G1: u32 = 14;
    pub const LAGRANGE_BETA_G1: u32 = 15;
}

/// Why a file of powers of tau is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PtauError {
    /// Not such a file.
    #[error(transparent)]
    Malformed(#[from] ContainerError),
    /// Too few powers for a circuit.
    #[error("the file has powers of tau up to 2^{found}; the circuit needs 2^{needed}")]
    TooSmall {
        /// The file's power.
        found: u32,
        /// The power that is needed.
        needed: u32,
    },
    /// The file is not prepared for phase 2.
    #[error("the file is not prepared for phase 2")]
    NotPrepared,
    /// Points that are no powers of one number.
    #[error("{0}: the points are not powers of one number")]
    NotPowers(&'static str),
    /// Prepared values that do not follow from the powers.
    #[error("{0}: the prepared values do not follow from the powers")]
    NotLagrange(&'static str),
}

impl PtauError {
    /// One action the user can take.
    pub fn hint(&self) -> &'static str {
        match self {
            PtauError::TooSmall { .. } => "use a file of a greater power, such as 2^17, of the same ceremony",
            PtauError::NotPrepared => "prepare it with `snarkjs powersoftau prepare phase2`, or get the prepared file",
            _ => "get the file again, and compare its hash with the one that is published",
        }
    }
}

/// A file whose header was read.
pub struct Ptau<'a> {
    file: Reader<'a>,
    power: u32,
}

impl<'a> Ptau<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`PtauError::Malformed`] for another file or curve, [`PtauError::NotPrepared`].
    pub fn parse(bytes: &'a [u8]) -> Result<Ptau<'a>, PtauError> {
        let file = Reader::new(bytes, PTAU)?;
        let mut header = Cursor::new(section::HEADER, file.section(section::HEADER)?);
        if header.word()? != 32 || header.bytes(32)? != base_modulus() {
            return Err(header.error("another curve than BN254").into());
        }
        let power = header.word()?;
        if power > MAX_POWER {
            return Err(header.error("a power above 28").into());
        }
        if file.section(section::LAGRANGE_BETA_G1).is_err() {
            return Err(PtauError::NotPrepared);
        }
        Ok(Ptau { file, power })
    }

    /// The file holds what circuits of fewer than `2^power` rows need.
    pub fn power(&self) -> u32 {
        self.power
    }

    /// The powers of one domain, checked.
    ///
    /// # Errors
    /// [`PtauError`] for the first check that fails.
    pub fn domain(&self, size: usize, rng: &mut (impl CryptoRng + RngCore)) -> Result<Powers, PtauError> {
        // A power more than the domain's: snarkjs hashes `tau^(2n - 1)`, which a file of the domain's power lacks.
        let needed = size.ilog2() + 1;
        if needed > self.power {
            return Err(PtauError::TooSmall { found: self.power, needed });
        }
        let g1 = |section, skip, count| self.g1(section, skip, count);
        let tau_g1 = g1(section::TAU_G1, 0, 2 * size)?;
        let alpha_tau = g1(section::ALPHA_TAU_G1, 0, size)?;
        let beta_tau = g1(section::BETA_TAU_G1, 0, size)?;
        let tau_g2 = self.g2(section::TAU_G2, 0, size)?;
        let beta_g2 = self.g2(section::BETA_G2, 0, 1)?[0];
        // The values for 2^k stand after those for 1, 2, 4, … 2^(k-1).
        let powers = Powers {
            lagrange: g1(section::LAGRANGE_TAU_G1, size - 1, size)?,
            lagrange_double: g1(section::LAGRANGE_TAU_G1, 2 * size - 1, 2 * size)?,
            lagrange_alpha: g1(section::LAGRANGE_ALPHA_G1, size - 1, size)?,
            lagrange_beta: g1(section::LAGRANGE_BETA_G1, size - 1, size)?,
            lagrange_g2: self.g2(section::LAGRANGE_TAU_G2, size - 1, size)?,
            tau_g1,
            alpha_g1: alpha_tau[0],
            beta_g1: beta_tau[0],
            beta_g2,
        };
        powers.check(&alpha_tau, &beta_tau, &tau_g2, rng)?;
        Ok(powers)
    }

    fn part(&self, section: u32, start: usize, bytes: usize) -> Result<&'a [u8], ContainerError> {
        let error = ContainerError::Section { section, what: "it ends early" };
        self.file.section(section)?.get(start..start + bytes).ok_or(error)
    }

    fn g1(&self, section: u32, skip: usize, count: usize) -> Result<Vec<G1Affine>, ContainerError> {
        let points = g1s(self.part(section, G1_BYTES * skip, G1_BYTES * count)?);
        points.ok_or(ContainerError::Section { section, what: "a point that is not on the curve" })
    }

    fn g2(&self, section: u32, skip: usize, count: usize) -> Result<Vec<G2Affine>, ContainerError> {
        let points = g2s(self.part(section, G2_BYTES * skip, G2_BYTES * count)?);
        points.ok_or(ContainerError::Section { section, what: "a point that is not in the subgroup" })
    }
}

/// What a circuit of one domain takes from a file, checked.
pub struct Powers {
    /// `tau^i` in G1, for twice the domain.
    pub tau_g1: Vec<G1Affine>,
    /// Alpha in G1.
    pub alpha_g1: G1Affine,
    /// Beta in G1.
    pub beta_g1: G1Affine,
    /// Beta in G2.
    pub beta_g2: G2Affine,
    /// The Lagrange polynomials of the domain at tau, in G1.
    pub lagrange: Vec<G1Affine>,
    /// Those of twice the domain.
    pub lagrange_double: Vec<G1Affine>,
    /// Those of the domain, times alpha.
    pub lagrange_alpha: Vec<G1Affine>,
    /// Those of the domain, times beta.
    pub lagrange_beta: Vec<G1Affine>,
    /// Those of the domain, in G2.
    pub lagrange_g2: Vec<G2Affine>,
}

impl Powers {
    /// Everything follows from one tau, one alpha and one beta. A wrong point passes with probability 2^-128.
    fn check(
        &self,
        alpha_tau: &[G1Affine],
        beta_tau: &[G1Affine],
        tau_g2: &[G2Affine],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), PtauError> {
        let (one, twist) = (G1Affine::generator(), G2Affine::generator());
        let begins = self.tau_g1[0] == one && tau_g2[0] == twist;
        let tau = tau_g2[1];
        let any_zero = tau.is_zero() || self.alpha_g1.is_zero() || self.beta_g1.is_zero();
        if !begins || any_zero {
            return Err(PtauError::NotPowers("the first powers of tau"));
        }
        let next = |name, points: &[G1Affine], rng: &mut _| {
            let (a, b) = shifted::<G1Projective>(points, rng);
            // e(a, tau) = e(b, 1): each point is tau times the one before.
            let good = Bn254::multi_pairing([a.into_affine(), (-b).into_affine()], [tau, twist]).is_zero();
            good.then_some(()).ok_or(PtauError::NotPowers(name))
        };
        next("tau in G1", &self.tau_g1, rng)?;
        next("alpha tau in G1", alpha_tau, rng)?;
        next("beta tau in G1", beta_tau, rng)?;
        let (a, b) = shifted::<G2Projective>(tau_g2, rng);
        if !Bn254::multi_pairing([self.tau_g1[1], -one], [a.into_affine(), b.into_affine()]).is_zero() {
            return Err(PtauError::NotPowers("tau in G2"));
        }
        if !Bn254::multi_pairing([self.beta_g1, -one], [twist, self.beta_g2]).is_zero() {
            return Err(PtauError::NotPowers("beta in G2"));
        }
        let size = self.lagrange.len();
        lagrange::<G1Projective>("tau in G1", &self.tau_g1[..size], &self.lagrange, rng)?;
        lagrange::<G1Projective>("tau in G1, twice the domain", &self.tau_g1, &self.lagrange_double, rng)?;
        lagrange::<G1Projective>("alpha tau in G1", alpha_tau, &self.lagrange_alpha, rng)?;
        lagrange::<G1Projective>("beta tau in G1", beta_tau, &self.lagrange_beta, rng)?;
        lagrange::<G2Projective>("tau in G2", tau_g2, &self.lagrange_g2, rng)
    }
}

/// Random numbers of 128 bits.
fn short(count: usize, rng: &mut (impl CryptoRng + RngCore)) -> Vec<BigInteger256> {
    (0..count).map(|_| BigInteger256::new([rng.next_u64(), rng.next_u64(), 0, 0])).collect()
}

/// One random combination of all points but the last, and the same one of all but the first.
fn shifted<G: CurveGroup<ScalarField = Fr>>(points: &[G::Affine], rng: &mut (impl CryptoRng + RngCore)) -> (G, G) {
    let scalars = short(points.len() - 1, rng);
    let last = points.len() - 1;
    (G::msm_bigint(&points[..last], &scalars), G::msm_bigint(&points[1..], &scalars))
}

/// The values are `L_i = 1/n sum w^(-ij) tau^j`: so a combination with `r` is one of the powers with `ifft(r)`.
fn lagrange<G: CurveGroup<ScalarField = Fr>>(
    name: &'static str,
    powers: &[G::Affine],
    values: &[G::Affine],
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<(), PtauError> {
    let scalars = short(values.len(), rng);
    let mut transformed: Vec<Fr> = scalars.iter().map(|&x| Fr::from(x)).collect();
    let domain = GeneralEvaluationDomain::<Fr>::new(values.len()).ok_or(PtauError::NotLagrange(name))?;
    domain.ifft_in_place(&mut transformed);
    let transformed: Vec<_> = transformed.iter().map(|x| x.into_bigint()).collect();
    let same = G::msm_bigint(values, &scalars) == G::msm_bigint(powers, &transformed);
    same.then_some(()).ok_or(PtauError::NotLagrange(name))
}
