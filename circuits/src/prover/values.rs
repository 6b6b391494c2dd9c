//! The values of `A w`, `B w` and `C w`.
//!
//! Most wires are bits, so most products of a coefficient with a wire are zero or the coefficient; and many coefficients
//! are one or minus one. Only what is left is multiplied.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use rayon::prelude::*;

use super::Work;
use crate::shape::Matrices;

/// What need not be multiplied with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Zero,
    One,
    MinusOne,
    Other,
}

impl Sort {
    fn of(x: &Fr) -> Sort {
        if *x == Fr::ZERO {
            Sort::Zero
        } else if *x == Fr::ONE {
            Sort::One
        } else if *x == -Fr::ONE {
            Sort::MinusOne
        } else {
            Sort::Other
        }
    }
}

/// The values of all rows of the three matrices.
pub fn values(matrices: &Matrices, assignment: &[Fr], work: Work) -> [Vec<Fr>; 3] {
    if work == Work::Constant {
        return [0, 1, 2].map(|which| matrices.product(which, assignment));
    }
    let wires: Vec<Sort> = assignment.par_iter().map(Sort::of).collect();
    let coefficients: Vec<Sort> = matrices.coefficients.iter().map(Sort::of).collect();
    [0, 1, 2].map(|which| {
        let matrix = &matrices.abc[which];
        let row = |row: usize| {
            let mut sum = Fr::ZERO;
            for &(wire, coefficient) in matrix.row(row) {
                let (wire, coefficient) = (wire as usize, coefficient as usize);
                match (wires[wire], coefficients[coefficient]) {
                    (Sort::Zero, _) => {}
                    (Sort::One, _) => sum += matrices.coefficients[coefficient],
                    (_, Sort::One) => sum += assignment[wire],
                    (_, Sort::MinusOne) => sum -= assignment[wire],
                    _ => sum += matrices.coefficients[coefficient] * assignment[wire],
                }
            }
            sum
        };
        // With room for the rest of the domain.
        let mut values = Vec::with_capacity(matrices.domain());
        (0..matrix.rows()).into_par_iter().with_min_len(256).map(row).collect_into_vec(&mut values);
        values
    })
}

#[cfg(test)]
mod tests {
    use ark_ff::UniformRand;
    use rand_arkworks::{Rng, SeedableRng, rngs::StdRng};

    use super::*;
    use crate::keys::Circuit;

    #[test]
    fn shortcuts_give_the_same_values() {
        let matrices = Circuit::Verdict.matrices();
        let rng = &mut StdRng::seed_from_u64(4);
        let element = |rng: &mut StdRng| match rng.gen_range(0..5) {
            0 => Fr::ZERO,
            1 => Fr::ONE,
            2 => -Fr::ONE,
            _ => Fr::rand(rng),
        };
        let assignment: Vec<Fr> = (0..matrices.wires).map(|_| element(rng)).collect();
        assert!(values(&matrices, &assignment, Work::Fast) == values(&matrices, &assignment, Work::Constant));
    }
}
