//! Pedersen commitments to totals, on the twisted Edwards curve over BN254's scalar field (`ark-ed-on-bn254`).
//!
//! `C = sum T[k] G[k] + rho H`. Commitments add over segments, filter sets and documents, and one verdict judges the
//! sum. Native half of `consign_circuits::gadgets::pedersen`. Source: Pedersen, CRYPTO 1991; design section 7.

mod generators;

use std::fmt;

use ark_bn254::Fr;
use ark_ec::{CurveGroup, twisted_edwards::TECurveConfig};
use ark_ed_on_bn254::{EdwardsAffine, EdwardsConfig, EdwardsProjective, Fr as Scalar};
use ark_ff::{AdditiveGroup, PrimeField, UniformRand, Zero};
use consign_documents::filter::{TOTALS, Totals};
use rand_arkworks::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The generators: one a total, one for the blinding, and one from which the circuit's additions start.
pub struct Generators {
    /// `G[0]` to `G[29]`.
    pub totals: [EdwardsAffine; TOTALS],
    /// `H`.
    pub blinding: EdwardsAffine,
    /// `K`: the accumulator of the in-circuit additions starts here, so that it is never a known combination of the
    /// others and an incomplete addition has no reachable exception. It cancels and is in no commitment.
    pub start: EdwardsAffine,
}

/// The generators, which nobody knows a relation of: they are hashed to the curve. Counters 0, 1, … are tried, with
/// `SHA-256(tag ‖ index ‖ counter)` masked to 254 bits as a y coordinate, until one is on the curve, with the lesser x; the
/// cofactor is cleared, and the identity refused.
pub fn generators() -> &'static Generators {
    &generators::GENERATORS
}

/// The blinding of a commitment to totals: uniform below the subgroup's order. Secret.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TotalsBlinding(Scalar);

impl TotalsBlinding {
    /// A fresh one.
    pub fn random(rng: &mut (impl CryptoRng + RngCore)) -> TotalsBlinding {
        TotalsBlinding(Scalar::rand(rng))
    }
    /// The sum modulo the subgroup's order.
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a TotalsBlinding>) -> TotalsBlinding {
        TotalsBlinding(all.into_iter().fold(Scalar::ZERO, |sum, b| sum + b.0))
    }
    /// The blinding zero, which hides nothing: for laying out a circuit.
    pub fn zero() -> TotalsBlinding {
        TotalsBlinding(Scalar::ZERO)
    }
    /// The scalar as an element of the circuit's field, which is larger; for its bits. Secret.
    pub fn bits(&self) -> Fr {
        Fr::from_bigint(self.0.into_bigint()).expect("the subgroup's order is below the field's")
    }
}

impl fmt::Debug for TotalsBlinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotalsBlinding(..)")
    }
}

/// Why two coordinates are no commitment to totals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// The equation of the curve does not hold.
    #[error("the point is not on the curve")]
    NotOnCurve,
    /// A point of another order.
    #[error("the point is not in the subgroup of prime order")]
    NotInSubgroup,
}

/// A commitment to totals: a point of the prime-order subgroup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TotalsCommitment(EdwardsAffine);

impl TotalsCommitment {
    /// Commits. Exact for any totals below 2^72.
    pub fn commit(totals: &Totals, blinding: &TotalsBlinding) -> TotalsCommitment {
        let g = generators();
        let mut sum = g.blinding * blinding.0;
        for (&generator, &total) in g.totals.iter().zip(&totals.0) {
            sum += generator * Scalar::from(total);
        }
        TotalsCommitment(sum.into_affine())
    }

    /// A sum of multiples of the [generators], computed elsewhere; the caller answers for that.
    pub fn known(point: EdwardsAffine) -> TotalsCommitment {
        TotalsCommitment(point)
    }

    /// From coordinates that somebody else gave.
    ///
    /// # Errors
    /// [`PointError`] for a point off the curve or outside the subgroup. The identity is in the subgroup.
    pub fn from_coordinates(x: Fr, y: Fr) -> Result<TotalsCommitment, PointError> {
        let point = EdwardsAffine::new_unchecked(x, y);
        if !point.is_on_curve() {
            return Err(PointError::NotOnCurve);
        }
        if !point.is_in_correct_subgroup_assuming_on_curve() {
            return Err(PointError::NotInSubgroup);
        }
        Ok(TotalsCommitment(point))
    }

    /// Coordinates in arkworks' form of the curve (a = 1). Baby Jubjub's x (a = 168700) is this x divided by the square
    /// root of 168700.
    pub fn coordinates(&self) -> (Fr, Fr) {
        (self.0.x, self.0.y)
    }

    /// The commitment to the sum of totals under the sum of blindings.
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a TotalsCommitment>) -> TotalsCommitment {
        TotalsCommitment(all.into_iter().fold(EdwardsProjective::zero(), |sum, c| sum + c.0).into_affine())
    }
}

/// The curve's `a`, which the circuit's formulas need.
pub const CURVE_A: Fr = <EdwardsConfig as TECurveConfig>::COEFF_A;
/// The curve's `d`.
pub const CURVE_D: Fr = <EdwardsConfig as TECurveConfig>::COEFF_D;
/// Bits of the subgroup's order.
pub const SCALAR_BITS: usize = Scalar::MODULUS_BIT_SIZE as usize;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ark_ec::AffineRepr;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::{field, labels};

    /// As [`generators`] says.
    fn hash_to_curve(index: u32) -> EdwardsAffine {
        (0u32..)
            .find_map(|counter| {
                let mut digest = Sha256::new()
                    .chain_update(labels::PEDERSEN)
                    .chain_update(index.to_be_bytes())
                    .chain_update(counter.to_be_bytes())
                    .finalize();
                digest[0] &= 0x3f;
                let y: Fr = field::from_hex(&hex::encode(digest)).ok()?;
                let point = EdwardsAffine::get_point_from_y_unchecked(y, false)?.clear_cofactor();
                (!point.is_zero()).then_some(point)
            })
            .expect("half of all counters give a point")
    }

    #[test]
    fn generators_are_hashed_to_the_curve() {
        let Generators { totals, blinding, start } = generators();
        for (index, point) in (0..).zip(totals.iter().chain([blinding, start])) {
            assert_eq!(*point, hash_to_curve(index), "{index}");
        }
    }

    #[test]
    fn generators_are_distinct_points_of_the_subgroup_and_none_is_the_identity() {
        let g = generators();
        let all: Vec<_> = g.totals.iter().chain([&g.blinding, &g.start]).collect();
        assert!(all.iter().all(|p| p.is_on_curve() && p.is_in_correct_subgroup_assuming_on_curve() && !p.is_zero()));
        let xs: HashSet<_> = all.iter().map(|p| p.x).collect();
        let ys: HashSet<_> = all.iter().map(|p| p.y).collect();
        // Distinct coordinates: neither equal nor opposite.
        assert_eq!((xs.len(), ys.len()), (TOTALS + 2, TOTALS + 2));
    }

    #[test]
    fn commitments_add() {
        let mut rng = rand_arkworks::rngs::OsRng;
        let (a, b) = (Totals([3; TOTALS]), Totals([1 << 70; TOTALS]));
        let (r, s) = (TotalsBlinding::random(&mut rng), TotalsBlinding::random(&mut rng));
        let sum = TotalsCommitment::sum([&TotalsCommitment::commit(&a, &r), &TotalsCommitment::commit(&b, &s)]);
        let whole = a.checked_add(&b).unwrap();
        assert_eq!(sum, TotalsCommitment::commit(&whole, &TotalsBlinding::sum([&r, &s])));
    }

    #[test]
    fn foreign_points_are_refused() {
        // (0, -1) has order two, and (0, 1) is the identity.
        assert_eq!(TotalsCommitment::from_coordinates(Fr::ZERO, -Fr::from(1u64)), Err(PointError::NotInSubgroup));
        assert!(TotalsCommitment::from_coordinates(Fr::ZERO, Fr::from(1u64)).is_ok());
        let (x, y) = TotalsCommitment::commit(&Totals([1; TOTALS]), &TotalsBlinding(Scalar::from(5u64))).coordinates();
        assert_eq!(TotalsCommitment::from_coordinates(x + x, y), Err(PointError::NotOnCurve));
    }
}
