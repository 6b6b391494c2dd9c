//! Whether a point of the twist is in the group of prime order: the check that each proof read costs, and each point of a
//! foreign key.
//!
//! With u the curve's parameter and psi the Frobenius map brought to the twist, a point P of the twist is in the group if
//! and only if `(u + 1) P + psi(u P) + psi^2(u P) = psi^3(2 u P)`: one multiplication by 63 bits, where arkworks has one
//! by 127. Source: Dai, Lin, Zhao, Zhou, "Fast subgroup membership testings", ePrint 2022/348, section 5.1.

use ark_bn254::{Config, G2Affine, G2Projective};
use ark_ec::{AffineRepr, bn::BnConfig};
use ark_ff::{AdditiveGroup, Field};

/// Whether a point that is on the twist is in the group of prime order.
pub(crate) fn is_in_subgroup(point: &G2Affine) -> bool {
    let multiple = point.mul_bigint(Config::X);
    let image = psi(&multiple);
    let image_of_image = psi(&image);
    multiple + point + image + image_of_image == psi(&image_of_image).double()
}

/// The Frobenius map of the curve, on the twist; in Jacobian coordinates it acts on each.
fn psi(point: &G2Projective) -> G2Projective {
    let mut image = *point;
    for x in [&mut image.x, &mut image.y, &mut image.z] {
        x.frobenius_map_in_place(1);
    }
    image.x *= Config::TWIST_MUL_BY_Q_X;
    image.y *= Config::TWIST_MUL_BY_Q_Y;
    image
}

#[cfg(test)]
mod tests {
    use ark_bn254::{Fq2, Fr, g2};
    use ark_ec::{CurveConfig, CurveGroup};
    use ark_ff::{BigInteger, PrimeField, UniformRand};
    use num_bigint::BigUint;
    use proptest::prelude::*;
    use rand_arkworks::{SeedableRng, rngs::StdRng};

    use super::*;

    /// A point of the twist; in the group with a chance of one in 2^254.
    fn on_twist(rng: &mut StdRng) -> G2Affine {
        std::iter::repeat_with(|| Fq2::rand(rng)).find_map(|x| G2Affine::get_point_from_x_unchecked(x, false)).unwrap()
    }

    fn times(point: G2Affine, factor: &BigUint) -> G2Affine {
        point.mul_bigint(factor.to_u64_digits()).into_affine()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_says_what_arkworks_says(seed: u64) {
            let rng = &mut StdRng::seed_from_u64(seed);
            let (inside, outside) = (G2Affine::rand(rng), on_twist(rng));
            for point in [inside, -inside, outside, (outside + inside).into_affine(), outside.clear_cofactor()] {
                prop_assert_eq!(is_in_subgroup(&point), point.is_in_correct_subgroup_assuming_on_curve());
            }
            prop_assert!(is_in_subgroup(&inside) && !is_in_subgroup(&outside));
        }
    }

    #[test]
    fn a_part_of_small_order_is_found() {
        let rng = &mut StdRng::seed_from_u64(7);
        let cofactor = BigUint::from_slice(
            &g2::Config::COFACTOR.iter().flat_map(|limb| [*limb as u32, (limb >> 32) as u32]).collect::<Vec<_>>(),
        );
        let order = &cofactor * BigUint::from_bytes_le(&Fr::MODULUS.to_bytes_le());
        // The small primes that divide the cofactor.
        for prime in [10069u32, 5864401] {
            assert_eq!(&cofactor % prime, BigUint::ZERO);
            let small = times(on_twist(rng), &(&order / prime));
            assert!(!small.is_zero() && times(small, &prime.into()).is_zero());
            assert!(!is_in_subgroup(&small));
            assert!(!is_in_subgroup(&(G2Affine::rand(rng) + small).into_affine()));
        }
        assert!(is_in_subgroup(&G2Affine::identity()));
        assert!(is_in_subgroup(&G2Affine::generator()));
    }
}
