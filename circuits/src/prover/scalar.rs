//! Scalars as the sums of points want them: in halves by the curve's endomorphism, and in signed digits.
//!
//! `(x, y)` to `(b x, y)`, `b` a cube root of one, multiplies a point of either group by a cube root of one in the scalar
//! field. So `k P = k1 P + k2 L P` with halves of 127 bits: as many additions, half the doublings and half the buckets.
//! Source: Gallant, Lambert and Vanstone, CRYPTO 2001.

use ark_bn254::{Fq, Fr};
use ark_ff::{BigInt, BigInteger, MontFp, PrimeField};

use super::Work;

/// The eigenvalue of the endomorphism.
#[cfg(test)]
pub const LAMBDA: Fr = MontFp!("21888242871839275217838484774961031246154997185409878258781734729429964517155");

/// What the endomorphism multiplies `x` by in G1.
pub const BETA_G1: Fq = MontFp!("21888242871839275220042445260109153167277707414472061641714758635765020556616");

/// What it multiplies `x` by in G2: the other root, so that the eigenvalue is the same.
pub const BETA_G2: Fq = MontFp!("2203960485148121921418603742825762020974279258880205651966");

/// Bits of a half with its sign.
pub const HALF_BITS: u32 = 128;

/// Short vectors of the lattice of `(a, b)` with `a + b L = 0`: `(A1, -B1)` and `(B1, B2)`.
const A1: u128 = 147946756881789319000765030803803410728;
const B1: u128 = 9931322734385697763;
const B2: u128 = 147946756881789319010696353538189108491;
/// `2^256 B2 / r` and `2^256 B1 / r`, rounded.
const B2_OVER_R: [u64; 3] = [0x5398fd0300ff6565, 0x4ccef014a773d2d2, 0x2];
const B1_OVER_R: [u64; 3] = [0xd91d232ec7e0b3d7, 0x2, 0];

/// `k1` and `k2` with `k = k1 + k2 L`, both below 2^127 in size. A scalar that is short, or whose negative is, stays whole.
pub fn halves(k: &[u64; 4], work: Work) -> [i128; 2] {
    let k = BigInt::new(*k);
    if work == Work::Fast {
        let short = |n: &BigInt<4>| (n.0[2] == 0 && n.0[3] == 0 && n.0[1] >> 62 == 0).then(|| low(&n.0) as i128);
        if let Some(k) = short(&k) {
            return [k, 0];
        }
        let mut negative = Fr::MODULUS;
        negative.sub_with_borrow(&k);
        if let Some(k) = short(&negative) {
            return [-k, 0];
        }
    }
    split(&k.0)
}

fn split(k: &[u64; 4]) -> [i128; 2] {
    let (c1, c2) = (high_product(k, &B2_OVER_R), high_product(k, &B1_OVER_R));
    // The halves are small, so their lowest 128 bits are all there is.
    let k1 = low(k).wrapping_sub(c1.wrapping_mul(A1)).wrapping_sub(c2.wrapping_mul(B1));
    let k2 = c1.wrapping_mul(B1).wrapping_sub(c2.wrapping_mul(B2));
    [k1 as i128, k2 as i128]
}

fn low(k: &[u64; 4]) -> u128 {
    u128::from(k[0]) | u128::from(k[1]) << 64
}

/// `k g / 2^256`, rounded; below 2^128.
fn high_product(k: &[u64; 4], g: &[u64; 3]) -> u128 {
    let mut product = [0u64; 7];
    for (i, &g) in g.iter().enumerate() {
        let mut carry = 0u128;
        for (j, &k) in k.iter().enumerate() {
            carry += u128::from(k) * u128::from(g) + u128::from(product[i + j]);
            product[i + j] = carry as u64;
            carry >>= 64;
        }
        product[i + 4] = carry as u64;
    }
    (u128::from(product[4]) | u128::from(product[5]) << 64).wrapping_add(u128::from(product[3] >> 63))
}

/// How halves are cut into signed digits of some bits: `half = sum digit[i] 2^(bits i)`, each digit from `-2^(bits - 1)` to
/// `2^(bits - 1)`.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    bits: u32,
    /// Half of a digit's range in every digit but the last: added first and taken off each digit, it needs no carry.
    offset: i128,
}

impl Digits {
    /// Digits of 4 to 15 bits.
    pub fn new(bits: u32) -> Digits {
        let windows = HALF_BITS.div_ceil(bits);
        let offset = (0..windows - 1).fold(0, |sum, i| sum + (1i128 << (bits * i + bits - 1)));
        Digits { bits, offset }
    }
    /// The size for so many halves: the fewest additions, two of them for each bucket of each window.
    pub fn for_terms(terms: usize) -> Digits {
        let cost = |bits: u32| HALF_BITS.div_ceil(bits) as usize * (terms + (2 << (bits - 1)));
        Digits::new((4..=15).min_by_key(|&bits| cost(bits)).unwrap_or(4))
    }
    /// Bits of a digit.
    pub fn bits(self) -> u32 {
        self.bits
    }
    /// Number of digits.
    pub fn windows(self) -> u32 {
        HALF_BITS.div_ceil(self.bits)
    }
    /// The largest size of a digit.
    pub fn buckets(self) -> usize {
        1 << (self.bits - 1)
    }
    /// A digit of a half that is below 2^127 less the offset, in size.
    #[inline]
    pub fn of(self, half: i128, window: u32) -> i32 {
        let shifted = half.wrapping_add(self.offset) >> (self.bits * window);
        if window + 1 == self.windows() {
            return shifted as i32;
        }
        (shifted as u32 & ((1 << self.bits) - 1)) as i32 - (1 << (self.bits - 1))
    }
}

#[cfg(test)]
mod tests {
    use ark_ff::{AdditiveGroup, Field};
    use proptest::prelude::*;

    use super::*;

    fn signed(half: i128) -> Fr {
        if half < 0 { -Fr::from(half.unsigned_abs()) } else { Fr::from(half as u128) }
    }

    fn check(k: Fr, work: Work) {
        let halves = halves(&k.into_bigint().0, work);
        assert_eq!(signed(halves[0]) + signed(halves[1]) * LAMBDA, k);
        for half in halves {
            assert!(half.unsigned_abs() < 1 << 127);
            for bits in 4..=15 {
                let digits = Digits::new(bits);
                let mut sum = Fr::ZERO;
                for window in (0..digits.windows()).rev() {
                    let digit = digits.of(half, window);
                    assert!(digit.unsigned_abs() as usize <= digits.buckets(), "{digit} of {bits} bits");
                    sum = sum * Fr::from(1u64 << bits) + signed(digit.into());
                }
                assert_eq!(sum, signed(half), "{bits} bits");
            }
        }
    }

    #[test]
    fn edges() {
        let two_127 = Fr::from(2u64).pow([127]);
        let shorts = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(2u64).pow([126]), two_127, two_127 - Fr::ONE, LAMBDA];
        for k in shorts.into_iter().flat_map(|k| [k, -k, k * LAMBDA, k + Fr::ONE, k - Fr::ONE]) {
            check(k, Work::Fast);
            check(k, Work::Constant);
        }
    }

    proptest! {
        #[test]
        fn halves_and_digits_make_the_scalar(words in any::<[u64; 4]>(), constant in any::<bool>()) {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            check(Fr::from_le_bytes_mod_order(&bytes), if constant { Work::Constant } else { Work::Fast });
        }
    }
}
