//! Poseidon over BN254 with circomlib's constants, for one to twelve inputs.
//!
//! The native half of `consign_circuits::gadgets::poseidon`; both read the constants from here. Source: Grassi,
//! Khovratovich, Rechberger, Roy and Schofnegger, "Poseidon", USENIX Security 2021; the constants are circomlib's, as
//! carried by crate `light-poseidon`.

use std::cell::RefCell;

use ark_bn254::Fr;
use light_poseidon::{Poseidon, PoseidonHasher, PoseidonParameters, parameters::bn254_x5::get_poseidon_parameters};

/// Most inputs of one hash.
pub const MAX_INPUTS: usize = 12;

/// Round constants, matrix and round numbers for `N` inputs; the state is one wider.
pub fn parameters<const N: usize>() -> PoseidonParameters<Fr> {
    const { assert!(N >= 1 && N <= MAX_INPUTS, "Poseidon takes one to twelve inputs") };
    get_poseidon_parameters::<Fr>(N as u8 + 1).expect("constants for widths 2 to 13 are compiled in")
}

thread_local! {
    /// One hasher a width: making the constants costs more than a hash.
    static HASHERS: RefCell<[Option<Poseidon<Fr>>; MAX_INPUTS + 1]> = const { RefCell::new([const { None }; MAX_INPUTS + 1]) };
}

/// `Poseidon(inputs)` as circomlib computes it: capacity zero, output the first element of the state.
pub fn hash<const N: usize>(inputs: &[Fr; N]) -> Fr {
    HASHERS.with_borrow_mut(|hashers| {
        let hasher = hashers[N].get_or_insert_with(|| Poseidon::new(parameters::<N>()));
        hasher.hash(inputs).expect("the width fits the number of inputs")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::from_hex;

    /// circomlibjs, test/poseidon.js: poseidon([1, 2]) and poseidon([1, 2, 3, 4]).
    #[test]
    fn agrees_with_circomlibjs() {
        let expected = from_hex("115cc0f5e7d690413df64c6b9662e9cf2a3617f2743245519e19607a4417189a").unwrap();
        assert_eq!(hash(&[Fr::from(1u64), Fr::from(2u64)]), expected);
        let expected = from_hex("299c867db6c1fdd79dcefa40e4510b9837e60ebb1ce0663dbaa525df65250465").unwrap();
        assert_eq!(hash(&[1u64, 2, 3, 4].map(Fr::from)), expected);
    }
}
