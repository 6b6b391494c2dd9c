//! Points and numbers as iden3's files hold them: coordinates in Montgomery's form (times 2^256), little-endian, the
//! identity all zeros; and as the hashes of a ceremony see them: big-endian, the imaginary part first.

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, BigInteger256, Field, MontConfig, PrimeField, Zero};
use rayon::prelude::*;

use crate::keys::points::{G1_BYTES, G2_BYTES};

/// 2^256 as a number of the scalar field.
fn shift() -> Fr {
    Fr::from(2u64).pow([256])
}

/// A number in Montgomery's form, once: what `ptau` and `zkey` files hold of coordinates.
pub fn put_coordinate(out: &mut Vec<u8>, x: &Fq) {
    out.extend_from_slice(&x.0.to_bytes_le());
}

/// A coefficient of a zkey: in Montgomery's form twice, so that a product with a plain number is in it once.
pub fn put_coefficient(out: &mut Vec<u8>, x: &Fr) {
    out.extend_from_slice(&(*x * shift()).0.to_bytes_le());
}

/// Reads [`put_coordinate`]; `None` unless it is below the modulus.
fn coordinate(bytes: &[u8]) -> Option<Fq> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_le_bytes(chunk.try_into().ok()?);
    }
    let raw = BigInteger256::new(limbs);
    (raw < Fq::MODULUS).then(|| Fq::new_unchecked(raw))
}

/// The number whose Montgomery form a string of bits is, as snarkjs draws coordinates.
pub fn from_montgomery(raw: BigInteger256) -> Option<Fq> {
    (raw < Fq::MODULUS).then(|| Fq::new_unchecked(raw))
}

/// Appends a point of G1.
pub fn put_g1(out: &mut Vec<u8>, p: &G1Affine) {
    let (x, y) = p.xy().unwrap_or((Fq::zero(), Fq::zero()));
    put_coordinate(out, &x);
    put_coordinate(out, &y);
}

/// Appends a point of G2.
pub fn put_g2(out: &mut Vec<u8>, p: &G2Affine) {
    let (x, y) = p.xy().unwrap_or((Fq2::zero(), Fq2::zero()));
    [x.c0, x.c1, y.c0, y.c1].iter().for_each(|c| put_coordinate(out, c));
}

/// Points of G1 as a section.
pub fn g1_section(points: &[G1Affine]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * G1_BYTES);
    points.iter().for_each(|p| put_g1(&mut out, p));
    out
}

/// Points of G2 as a section.
pub fn g2_section(points: &[G2Affine]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * G2_BYTES);
    points.iter().for_each(|p| put_g2(&mut out, p));
    out
}

/// Points of G1, on the curve and so in the group, or the identity; `None` unless whole and canonical.
pub fn g1s(bytes: &[u8]) -> Option<Vec<G1Affine>> {
    let points = bytes.par_chunks(G1_BYTES).map(|chunk| {
        let (x, y) = (coordinate(chunk.get(..32)?)?, coordinate(chunk.get(32..64)?)?);
        Some(G1Affine::new_unchecked(x, y)).filter(G1Affine::is_on_curve)
    });
    points.collect()
}

/// Points of G2, on the curve and in the subgroup, or the identity; `None` unless whole and canonical.
pub fn g2s(bytes: &[u8]) -> Option<Vec<G2Affine>> {
    let points = bytes.par_chunks(G2_BYTES).map(|chunk| {
        let part = |i: usize| coordinate(chunk.get(32 * i..32 * (i + 1))?);
        let (x, y) = (Fq2::new(part(0)?, part(1)?), Fq2::new(part(2)?, part(3)?));
        let good = |p: &G2Affine| p.is_on_curve() && p.is_in_correct_subgroup_assuming_on_curve();
        Some(G2Affine::new_unchecked(x, y)).filter(good)
    });
    points.collect()
}

/// A point of G1 as a ceremony hashes it: 64 bytes.
pub fn hashed_g1(p: &G1Affine) -> Vec<u8> {
    let (x, y) = p.xy().unwrap_or((Fq::zero(), Fq::zero()));
    [x, y].iter().flat_map(|c| c.into_bigint().to_bytes_be()).collect()
}

/// A point of G2 as a ceremony hashes it: 128 bytes.
pub fn hashed_g2(p: &G2Affine) -> Vec<u8> {
    let (x, y) = p.xy().unwrap_or((Fq2::zero(), Fq2::zero()));
    [x.c1, x.c0, y.c1, y.c0].iter().flat_map(|c| c.into_bigint().to_bytes_be()).collect()
}

/// 32 little-endian bytes of the modulus of the base field.
pub fn base_modulus() -> Vec<u8> {
    ark_bn254::FqConfig::MODULUS.to_bytes_le()
}

/// 32 little-endian bytes of the modulus of the scalar field.
pub fn scalar_modulus() -> Vec<u8> {
    ark_bn254::FrConfig::MODULUS.to_bytes_le()
}
