//! Whether every witness gives a proof that verifies. Where a key fails for some witnesses alone, an answer that does not
//! come tells its maker which one it was.
//!
//! In numbers behind the points: let `A_i`, `B_i` be the queries, `C_i = delta L_i - beta A_i - alpha B_i` (for public
//! inputs gamma times their point in place of `delta L_i`), and `H(q)` delta times the sum of query `h` with the quotient of
//! `x` and `y`, which are what the matrices `a` and `b` make of an assignment `w`. A proof of `w` verifies if
//! `A(w) B(w) = C(w) + H(q)`. Take any `w`, whether it satisfies or not, and any weights `u`, `v`, `t` of the matrices'
//! columns such that `a u + b v + c t = x y`, row by row. A sound key has
//!
//! `A(w) B(w) = A(u) + B(v) + C(t) + H(q)`,
//!
//! an equation of degree two in `w` and in those weights that are free. So one random choice decides whether it holds for
//! all: with `w = 0` it says that the points are combinations of some numbers, one a row, as the columns say; then its
//! right side is the same for all weights that give `x y`; and where `w` satisfies, `u = v = 0` and `t = w` do. No number
//! of the set-up is needed.

use std::borrow::Cow;

use ark_bn254::{Bn254, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, pairing::Pairing};
use ark_ff::{AdditiveGroup, UniformRand, Zero, batch_inversion};
use ark_groth16::VerifyingKey;
use ark_poly::GeneralEvaluationDomain;
use rand_arkworks::{CryptoRng, RngCore};

use super::Points;
use crate::{
    keys::points::g1_bytes,
    prover::{sum_g1, sum_g2},
    qap,
    shape::Matrices,
};

/// Whether every witness gives a proof that verifies. All points must be in their groups, and beta and delta the same
/// numbers in both. A key that is faulty is taken for a good one once in 2^250 times. Nine sums of multiples of points.
pub(super) fn is_complete(
    key: &VerifyingKey<Bn254>,
    points: &Points<Cow<'_, [u8]>>,
    matrices: &Matrices,
    rng: &mut (impl CryptoRng + RngCore),
) -> bool {
    let assignment: Vec<Fr> = (0..matrices.wires).map(|_| Fr::rand(rng)).collect();
    let (inputs, publics) = (&assignment[..=matrices.publics], matrices.publics + 1);
    let [x, y] = [0, 1].map(|which| matrices.product(which, &assignment));
    let products: Vec<Fr> = x.iter().zip(&y).map(|(x, y)| *x * y).collect();
    let weights = weights(matrices, &products, rng);
    let Some(quotient) = qap::quotient::<Fr, GeneralEvaluationDomain<Fr>>(x, y, inputs) else { return false };
    let [u, v, t] = [0, 1, 2].map(|which| &weights[which * matrices.wires..][..matrices.wires]);

    let Points { a, b1, b2, h, l, .. } = points;
    let inputs_points = g1_bytes(&key.gamma_abc_g1);
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    let [b, b_of_t] = [&assignment[..], t].map(|scalars| sum_g2(b2, scalars).into_affine());
    // Query b1 in place of b2 below.
    let of_b1 = sum_g1(b1, &assignment).into_affine();
    if !Bn254::multi_pairing([of_b1, -g1], [g2, b]).is_zero() {
        return false;
    }
    let sides = [
        (sum_g1(a, &assignment), b),
        (-(sum_g1(a, u) + sum_g1(b1, v)), g2),
        (-(sum_g1(l, &t[publics..]) + sum_g1(h, &quotient)), key.delta_g2),
        (-sum_g1(&inputs_points, &t[..publics]), key.gamma_g2),
        (sum_g1(a, t), key.beta_g2),
        (key.alpha_g1.into(), b_of_t),
    ];
    Bn254::multi_pairing(sides.map(|(p, _)| p.into_affine()), sides.map(|(_, q)| q)).is_zero()
}

/// Random weights of the columns of the three matrices, one matrix after the other, which give these products if the rows
/// can be solved one after the other: they can in every circuit of this version. Where they cannot, no sound key passes.
///
/// The constant and the public inputs have one row more in `a`, each for itself, whose product is zero: so is their weight.
fn weights(matrices: &Matrices, products: &[Fr], rng: &mut (impl CryptoRng + RngCore)) -> Vec<Fr> {
    let wires = matrices.wires;
    let entries = |row: usize| {
        let of = move |&(wire, c): &(u32, u32), which: usize| (which * wires + wire as usize, c as usize);
        let all = (0..3).flat_map(move |which| matrices.abc[which].row(row).iter().map(move |entry| of(entry, which)));
        all.filter(|(column, _)| *column > matrices.publics)
    };

    // A row is solved for a weight that no other row has which is still left. Of each weight: in how many of these it is,
    // and their numbers XORed, which is the number of the last one.
    let mut left = vec![(0usize, 0usize); 3 * wires];
    for row in 0..products.len() {
        for (column, _) in entries(row) {
            left[column] = (left[column].0 + 1, left[column].1 ^ row);
        }
    }
    let mut alone: Vec<usize> = (0..left.len()).filter(|&column| left[column].0 == 1).collect();
    let mut order = Vec::with_capacity(products.len());
    while let Some(column) = alone.pop() {
        let (1, row) = left[column] else { continue };
        order.push((row, column));
        for (other, _) in entries(row) {
            left[other] = (left[other].0 - 1, left[other].1 ^ row);
            if left[other].0 == 1 {
                alone.push(other);
            }
        }
    }

    let mut inverses = matrices.coefficients.clone();
    batch_inversion(&mut inverses);
    let mut weights: Vec<Fr> =
        (0..3 * wires).map(|column| if column > matrices.publics { Fr::rand(rng) } else { Fr::ZERO }).collect();
    // Backwards: what a row is solved for stands in none that was left then.
    for (row, solved) in order.into_iter().rev() {
        let (mut rest, mut inverse) = (products[row], Fr::ZERO);
        for (column, coefficient) in entries(row) {
            if column == solved {
                inverse = inverses[coefficient];
            } else {
                rest -= weights[column] * matrices.coefficients[coefficient];
            }
        }
        weights[solved] = rest * inverse;
    }
    weights
}
