//! Numbers of a known width, as bits.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};

use crate::builder::{Bit, Builder, Num};
use consign_crypto::statement::power_of_two;

/// The lowest `width` bits of the value.
pub fn low_bits(value: &Fr, width: usize) -> Vec<bool> {
    let number = value.into_bigint();
    (0..width).map(|i| number.get_bit(i)).collect()
}

/// A number given by fresh bits. `width` constraints.
pub fn allocate(b: &mut Builder, name: &'static str, value: u128, width: usize) -> Vec<Bit> {
    (0..width).map(|i| b.bit(name, value >> i & 1 == 1)).collect()
}

/// Constrains a combination to `width` bits and gives them. `width` constraints: the lowest bit is not a wire of its
/// own but what the number less its other bits leaves.
pub fn decompose(b: &mut Builder, name: &'static str, number: &Num, width: usize) -> Vec<Bit> {
    debug_assert!(width < 254, "a second unpacking would exist");
    let values = low_bits(&number.value(), width);
    let upper: Vec<Bit> = values[1..].iter().map(|&value| b.bit(name, value)).collect();
    let mut lowest = number.clone();
    lowest.add_bits(&upper, -power_of_two(1));
    let mut bits = vec![b.assert_bit(name, lowest)];
    bits.extend(upper);
    bits
}
