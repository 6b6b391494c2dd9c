//! Poseidon over BN254 with circomlib's constants, for one to twelve inputs.
//!
//! The native half of `consign_circuits::gadgets::poseidon`; both read the constants from here. Source: Grassi,
//! Khovratovich, Rechberger, Roy and Schofnegger, "Poseidon", USENIX Security 2021; the constants are circomlib's, as
//! carried by crate `light-poseidon`, which the tests compare every width with.
//!
//! The rounds are our own for their cost: a partial round changes one element by other than a matrix, so the others can
//! be kept as what the powers of the matrix were applied to, and a round takes `2 t` products in place of `t^2` (`t` 13
//! for twelve inputs: 3,300 products in place of 12,500).

use std::sync::{Arc, OnceLock};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use light_poseidon::{PoseidonParameters, parameters::bn254_x5::get_poseidon_parameters};

/// Most inputs of one hash.
pub const MAX_INPUTS: usize = 12;

/// Constants of one width, worked out once in a process.
pub struct Constants {
    /// Round constants, matrix and round numbers as published.
    pub parameters: PoseidonParameters<Fr>,
    partial: Vec<PartialRound>,
    /// What the elements behind the first are at the end of the partial rounds: a matrix of what was kept, and a constant.
    restore: (Vec<Vec<Fr>>, Vec<Fr>),
}

/// A partial round. With `M` the matrix without its first row and column, the elements behind the first are `M^k kept`.
struct PartialRound {
    /// The first row of the matrix times `M^k`.
    row: Vec<Fr>,
    /// `M^-(k+1)` times the first column.
    column: Vec<Fr>,
    /// What the first element gains.
    constant: Fr,
}

impl Constants {
    /// The constants for `N` inputs; the state is one wider.
    pub fn of<const N: usize>() -> Arc<Constants> {
        const { assert!(N >= 1 && N <= MAX_INPUTS, "Poseidon takes one to twelve inputs") };
        static KNOWN: [OnceLock<Arc<Constants>>; MAX_INPUTS] = [const { OnceLock::new() }; MAX_INPUTS];
        Arc::clone(KNOWN[N - 1].get_or_init(|| Arc::new(Constants::new(N))))
    }

    fn new(inputs: usize) -> Constants {
        let parameters = get_poseidon_parameters::<Fr>(inputs as u8 + 1).expect("widths 2 to 13 are compiled in");
        let PoseidonParameters { ark, mds, full_rounds, partial_rounds, width, .. } = &parameters;
        let minor: Vec<Vec<Fr>> = mds[1..].iter().map(|row| row[1..].to_vec()).collect();
        let minor_inverse = invert(&minor);
        let mut row = mds[0][1..].to_vec();
        let mut column: Vec<Fr> = mds[1..].iter().map(|row| row[0]).collect();
        // What the constants of the elements behind the first have added up to.
        let mut added = vec![Fr::ZERO; width - 1];
        let mut partial = Vec::new();
        for round in full_rounds / 2 + 1..=full_rounds / 2 + partial_rounds {
            let constants = &ark[round * width..(round + 1) * width];
            column = times(&minor_inverse, &column);
            let constant = constants[0] + product(&mds[0][1..], &added);
            partial.push(PartialRound { row: row.clone(), column: column.clone(), constant });
            row = times_row(&row, &minor);
            added = times(&minor, &added).iter().zip(&constants[1..]).map(|(sum, constant)| *sum + constant).collect();
        }
        let restore = (power(&minor, *partial_rounds), added);
        Constants { partial, restore, parameters }
    }

    /// The inverse of the matrix.
    pub fn inverse(&self) -> Vec<Vec<Fr>> {
        invert(&self.parameters.mds)
    }

    /// Runs the permutation on a capacity of zero and the inputs: `record` is given the state before the S-boxes of each
    /// round; of a partial round that follows another the first element alone. The hash is what comes back.
    ///
    /// # Panics
    /// Where there are more or fewer inputs than the constants are for.
    pub fn run(&self, inputs: &[Fr], mut record: impl FnMut(&[Fr])) -> Fr {
        let PoseidonParameters { ark, mds, full_rounds, partial_rounds, width, .. } = &self.parameters;
        assert_eq!(inputs.len() + 1, *width, "one input for each element but the capacity");
        let half = full_rounds / 2;
        let mut state: Vec<Fr> = ark[..*width].to_vec();
        state[1..].iter_mut().zip(inputs).for_each(|(element, input)| *element += input);
        for round in 1..=half {
            full_round(&mut state, mds, &ark[round * width..], &mut record);
        }
        let mut first = state[0];
        for (i, round) in self.partial.iter().enumerate() {
            if i == 0 {
                record(&state)
            } else {
                record(&[first])
            }
            let y = fifth(first);
            first = mds[0][0] * y + product(&round.row, &state[1..]) + round.constant;
            state[1..].iter_mut().zip(&round.column).for_each(|(kept, column)| *kept += *column * y);
        }
        let (power, constant) = &self.restore;
        let rest: Vec<Fr> = times(power, &state[1..]).iter().zip(constant).map(|(x, c)| *x + c).collect();
        state[0] = first;
        state[1..].copy_from_slice(&rest);
        for round in half + partial_rounds + 1..full_rounds + partial_rounds {
            full_round(&mut state, mds, &ark[round * width..], &mut record);
        }
        record(&state);
        let last: Vec<Fr> = state.into_iter().map(fifth).collect();
        product(&mds[0], &last)
    }
}

fn full_round(state: &mut [Fr], matrix: &[Vec<Fr>], constants: &[Fr], record: &mut impl FnMut(&[Fr])) {
    record(state);
    for x in &mut *state {
        *x = fifth(*x);
    }
    let next: Vec<Fr> = matrix.iter().zip(constants).map(|(row, constant)| product(row, state) + constant).collect();
    state.copy_from_slice(&next);
}

fn fifth(x: Fr) -> Fr {
    x.square().square() * x
}

/// Three products share a reduction: the modulus leaves room in its words for no more.
fn product(a: &[Fr], b: &[Fr]) -> Fr {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<3>(), b.as_chunks::<3>());
    let threes: Fr = a.iter().zip(b).map(|(a, b)| Fr::sum_of_products(a, b)).sum();
    threes + a_rest.iter().zip(b_rest).map(|(a, b)| *a * b).sum::<Fr>()
}

fn times(matrix: &[Vec<Fr>], vector: &[Fr]) -> Vec<Fr> {
    matrix.iter().map(|row| product(row, vector)).collect()
}

fn times_row(row: &[Fr], matrix: &[Vec<Fr>]) -> Vec<Fr> {
    let mut sum = vec![Fr::ZERO; row.len()];
    for (by, of) in row.iter().zip(matrix) {
        sum.iter_mut().zip(of).for_each(|(sum, of)| *sum += *by * of);
    }
    sum
}

/// By squaring.
fn power(matrix: &[Vec<Fr>], exponent: usize) -> Vec<Vec<Fr>> {
    let times = |a: &[Vec<Fr>], b: &[Vec<Fr>]| -> Vec<Vec<Fr>> { a.iter().map(|row| times_row(row, b)).collect() };
    let bits = (0..usize::BITS - exponent.leading_zeros()).rev();
    bits.fold(identity(matrix.len()), |power, bit| {
        let square = times(&power, &power);
        if exponent >> bit & 1 == 1 { times(&square, matrix) } else { square }
    })
}

fn identity(size: usize) -> Vec<Vec<Fr>> {
    (0..size).map(|i| (0..size).map(|j| if i == j { Fr::ONE } else { Fr::ZERO }).collect()).collect()
}

/// Gauss–Jordan; the matrix is MDS or a minor of one, so every leading minor is invertible and no pivot is zero.
fn invert(matrix: &[Vec<Fr>]) -> Vec<Vec<Fr>> {
    let n = matrix.len();
    let mut rows: Vec<Vec<Fr>> =
        matrix.iter().zip(identity(n)).map(|(row, unit)| row.iter().copied().chain(unit).collect()).collect();
    for i in 0..n {
        let scale = rows[i][i].inverse().expect("an MDS matrix has no singular minor");
        rows[i].iter_mut().for_each(|c| *c *= scale);
        let pivot = rows[i].clone();
        for (j, row) in rows.iter_mut().enumerate() {
            if i != j {
                let factor = row[i];
                row.iter_mut().zip(&pivot).for_each(|(c, p)| *c -= factor * p);
            }
        }
    }
    rows.into_iter().map(|row| row[n..].to_vec()).collect()
}

/// `Poseidon(inputs)` as circomlib computes it: capacity zero, output the first element of the state.
pub fn hash<const N: usize>(inputs: &[Fr; N]) -> Fr {
    Constants::of::<N>().run(inputs, |_| ())
}

#[cfg(test)]
mod tests {
    use ark_ff::UniformRand;
    use light_poseidon::{Poseidon, PoseidonHasher};

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

    fn agrees<const N: usize>() {
        let rng = &mut rand_arkworks::rngs::OsRng;
        let minus_one = [-Fr::ONE; N];
        for inputs in [[Fr::ZERO; N], minus_one].into_iter().chain((0..8).map(|_| [(); N].map(|()| Fr::rand(rng)))) {
            let expected = Poseidon::<Fr>::new_circom(N).unwrap().hash(&inputs).unwrap();
            assert_eq!(hash(&inputs), expected, "{N} inputs");
        }
    }

    #[test]
    fn agrees_with_light_poseidon_at_every_width() {
        agrees::<1>();
        agrees::<2>();
        agrees::<3>();
        agrees::<4>();
        agrees::<5>();
        agrees::<6>();
        agrees::<7>();
        agrees::<8>();
        agrees::<9>();
        agrees::<10>();
        agrees::<11>();
        agrees::<12>();
    }
}
