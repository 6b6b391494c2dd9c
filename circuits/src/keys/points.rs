//! Points and numbers in key files: coordinates of 32 little-endian bytes, below the modulus; the identity is all zeros
//! (which is on neither curve), as in arkworks.

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, BigInteger256, PrimeField, Zero};
use rayon::prelude::*;

/// Bytes of a point of G1.
pub const G1_BYTES: usize = 64;
/// Bytes of a point of G2.
pub const G2_BYTES: usize = 128;

/// Appends a number.
pub fn put<F: PrimeField<BigInt = BigInteger256>>(out: &mut Vec<u8>, x: &F) {
    out.extend_from_slice(&x.into_bigint().to_bytes_le());
}

/// A number of 32 bytes; `None` if it is not below the modulus.
pub fn number<F: PrimeField<BigInt = BigInteger256>>(bytes: &[u8]) -> Option<F> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_le_bytes(chunk.try_into().ok()?);
    }
    F::from_bigint(BigInteger256::new(limbs))
}

/// Appends a point of G1.
pub fn put_g1(out: &mut Vec<u8>, p: &G1Affine) {
    let (x, y) = p.xy().unwrap_or((Fq::zero(), Fq::zero()));
    put(out, &x);
    put(out, &y);
}

/// Appends a point of G2.
pub fn put_g2(out: &mut Vec<u8>, p: &G2Affine) {
    let (x, y) = p.xy().unwrap_or((Fq2::zero(), Fq2::zero()));
    [x.c0, x.c1, y.c0, y.c1].iter().for_each(|c| put(out, c));
}

/// Points of G1 as a key file holds them.
pub fn g1_bytes(points: &[G1Affine]) -> Vec<u8> {
    bytes_of(points, G1_BYTES, put_g1)
}

/// Points of G2 as a key file holds them.
pub fn g2_bytes(points: &[G2Affine]) -> Vec<u8> {
    bytes_of(points, G2_BYTES, put_g2)
}

fn bytes_of<P: Sync>(points: &[P], each: usize, put: impl Fn(&mut Vec<u8>, &P) + Sync) -> Vec<u8> {
    const CHUNK: usize = 1 << 10;
    let mut out = vec![0; points.len() * each];
    out.par_chunks_mut(CHUNK * each).zip(points.par_chunks(CHUNK)).for_each(|(out, points)| {
        let mut bytes = Vec::with_capacity(out.len());
        points.iter().for_each(|point| put(&mut bytes, point));
        out.copy_from_slice(&bytes);
    });
    out
}

/// Points of G1, not checked to be on the curve; `None` unless whole and canonical. All cores read.
pub fn g1s(bytes: &[u8]) -> Option<Vec<G1Affine>> {
    bytes.par_chunks(G1_BYTES).map(g1).collect()
}

/// Points of G2, not checked to be on the curve or in the subgroup; `None` unless whole and canonical. All cores read.
pub fn g2s(bytes: &[u8]) -> Option<Vec<G2Affine>> {
    bytes.par_chunks(G2_BYTES).map(g2).collect()
}

/// [`g1s`] by the thread that asks.
pub fn few_g1s(bytes: &[u8]) -> Option<Vec<G1Affine>> {
    bytes.chunks(G1_BYTES).map(g1).collect()
}

/// [`g2s`] by the thread that asks.
pub fn few_g2s(bytes: &[u8]) -> Option<Vec<G2Affine>> {
    bytes.chunks(G2_BYTES).map(g2).collect()
}

fn g1(bytes: &[u8]) -> Option<G1Affine> {
    let (x, y): (Fq, Fq) = (number(bytes.get(..32)?)?, number(bytes.get(32..64)?)?);
    Some(G1Affine::new_unchecked(x, y))
}

fn g2(bytes: &[u8]) -> Option<G2Affine> {
    let part = |i: usize| number::<Fq>(bytes.get(32 * i..32 * (i + 1))?);
    let (x, y) = (Fq2::new(part(0)?, part(1)?), Fq2::new(part(2)?, part(3)?));
    Some(G2Affine::new_unchecked(x, y))
}

/// Numbers of the scalar field; `None` unless whole and canonical.
pub fn numbers(bytes: &[u8]) -> Option<Vec<Fr>> {
    bytes.chunks(32).map(|chunk| number(chunk.get(..32)?)).collect()
}
