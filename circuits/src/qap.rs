//! From constraints to a quotient of polynomials, by circom's map: the quotient is given by its values on the odd powers
//! of a root of unity of twice the domain's order, where no division is needed. It is what zkey files hold.
//!
//! Source: snarkjs `groth16_prove.js`; arkworks' `ark-circom`.

use ark_ff::PrimeField;
use ark_groth16::r1cs_to_qap::{LibsnarkReduction, R1CSToQAP, evaluate_constraint};
use ark_poly::EvaluationDomain;
use ark_relations::{
    gr1cs::{ConstraintSystemRef, Result as R1csResult, SynthesisError},
    utils::matrix::Matrix,
};
use rayon::prelude::*;

/// circom's reduction, as arkworks' key generation takes it.
pub struct CircomReduction;

impl R1CSToQAP for CircomReduction {
    fn instance_map_with_evaluation<F: PrimeField, D: EvaluationDomain<F>>(
        cs: ConstraintSystemRef<F>,
        t: &F,
    ) -> R1csResult<(Vec<F>, Vec<F>, Vec<F>, F, usize, usize)> {
        LibsnarkReduction::instance_map_with_evaluation::<F, D>(cs, t)
    }

    fn witness_map_from_matrices<F: PrimeField, D: EvaluationDomain<F>>(
        matrices: &[Matrix<F>],
        num_inputs: usize,
        num_constraints: usize,
        full_assignment: &[F],
    ) -> R1csResult<Vec<F>> {
        let rows = |matrix: &Matrix<F>| -> Vec<F> {
            matrix[..num_constraints].par_iter().map(|row| evaluate_constraint(row, full_assignment)).collect()
        };
        quotient::<F, D>(rows(&matrices[0]), rows(&matrices[1]), &full_assignment[..num_inputs])
            .ok_or(SynthesisError::PolynomialDegreeTooLarge)
    }

    fn h_query_scalars<F: PrimeField, D: EvaluationDomain<F>>(
        max_power: usize,
        t: F,
        _zt: F,
        delta_inverse: F,
    ) -> R1csResult<Vec<F>> {
        // Powers of t up to twice the degree, and from them the Lagrange basis of the double domain: its odd members
        // are what the quotient's values are multiplied by. The power 2n - 1 is left out, as in zkey files, so a
        // quotient that is no quotient could add a multiple of it: nonzero on every row, also on those of the inputs,
        // where B and C have nothing to match it with. So that multiple is zero.
        let mut scalars: Vec<F> =
            (0..2 * max_power + 1).into_par_iter().map(|i| delta_inverse * t.pow([i as u64])).collect();
        let domain = D::new(scalars.len()).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
        domain.ifft_in_place(&mut scalars);
        Ok(scalars.into_iter().skip(1).step_by(2).collect())
    }
}

/// The quotient's values, from those of `A w` and `B w` on the constraints, for a satisfied assignment (so that
/// `C w` is their product). `inputs` are the constant one and the public inputs, each a row of its own in `A`. `None`
/// when no domain is large enough.
pub fn quotient<F: PrimeField, D: EvaluationDomain<F>>(mut a: Vec<F>, mut b: Vec<F>, inputs: &[F]) -> Option<Vec<F>> {
    let domain = D::new(a.len() + inputs.len())?;
    let double = D::new(2 * domain.size())?;
    let mut c: Vec<F> = a.par_iter().zip(&b).map(|(a, b)| *a * b).collect();
    a.extend_from_slice(inputs);
    [&mut a, &mut b, &mut c].into_par_iter().for_each(|values| {
        values.resize(domain.size(), F::zero());
        domain.ifft_in_place(values);
        D::distribute_powers_and_mul_by_const(values, double.element(1), F::one());
        domain.fft_in_place(values);
    });
    Some(a.into_par_iter().zip(b).zip(c).map(|((a, b), c)| a * b - c).collect())
}
