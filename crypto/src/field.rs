//! Elements of BN254's scalar field as they stand in files: 64 lower-case hexadecimal digits, big-endian, below the
//! modulus. One value has one spelling.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};

/// Text that is no field element.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Not 64 lower-case hexadecimal digits.
    #[error("a field element is 64 lower-case hexadecimal digits; found {0:?}")]
    Spelling(String),
    /// A number at or above the modulus.
    #[error("the number {0} is not below the field's modulus")]
    NotCanonical(String),
}

/// The element's 32 bytes, big-endian.
pub fn to_bytes<F: PrimeField>(element: &F) -> [u8; 32] {
    let bytes = element.into_bigint().to_bytes_be();
    let mut out = [0; 32];
    out[32 - bytes.len()..].copy_from_slice(&bytes);
    out
}

/// The element's spelling in files.
pub fn to_hex<F: PrimeField>(element: &F) -> String {
    hex::encode(to_bytes(element))
}

/// Reads the spelling of [`to_hex`], for any field of at most 256 bits.
///
/// # Errors
/// [`FieldError`] for any other spelling, and for a number at or above the modulus.
pub fn from_hex<F: PrimeField>(text: &str) -> Result<F, FieldError> {
    let clip = || text.chars().take(80).collect();
    let digits = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let bytes = digits.then(|| hex::decode(text).ok()).flatten().ok_or_else(|| FieldError::Spelling(clip()))?;
    let mut bits = Vec::with_capacity(256);
    for byte in &bytes {
        bits.extend((0..8).rev().map(|i| byte >> i & 1 == 1));
    }
    F::from_bigint(F::BigInt::from_bits_be(&bits)).ok_or_else(|| FieldError::NotCanonical(clip()))
}

/// A signed integer as a field element: negative numbers count down from the modulus.
pub fn from_signed(value: i128) -> Fr {
    let size = Fr::from(value.unsigned_abs());
    if value < 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hex_round_trips(limbs: [u64; 4]) {
            let element = Fr::from_le_bytes_mod_order(&limbs.map(u64::to_le_bytes).concat());
            prop_assert_eq!(from_hex::<Fr>(&to_hex(&element)), Ok(element));
        }
    }

    #[test]
    fn the_modulus_is_refused_and_so_is_every_other_spelling() {
        let modulus = hex::encode(Fr::MODULUS.to_bytes_be());
        assert_eq!(from_hex::<Fr>(&modulus), Err(FieldError::NotCanonical(modulus.clone())));
        for text in ["", "0", &modulus.to_uppercase(), &format!("0x{}", &modulus[2..]), &format!("{modulus}0")] {
            assert!(matches!(from_hex::<Fr>(text), Err(FieldError::Spelling(_))), "{text}");
        }
    }
}
