//! The key that powers of tau and a circuit's matrices give, with gamma and delta one: the same bytes for everybody, and
//! nobody's. **It proves nothing**: with delta known anyone forges. Contributions make it a key.
//!
//! A few seconds a circuit on two cores: one multiplication a nonzero, most of them by small numbers. The circuit's hash
//! is snarkjs', so that `snarkjs zkey verify` agrees. Source: snarkjs `zkey_new.js`.

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, BigInteger256, PrimeField, Zero};
use ark_groth16::{ProvingKey, VerifyingKey};
use blake2::{Blake2b512, Digest};
use rayon::prelude::*;

use super::{
    ceremony::{Ceremony, Hash},
    points::{hashed_g1, hashed_g2},
    ptau::Powers,
};
use crate::shape::{Matrices, Matrix};

/// A key that nobody has contributed to yet, and the ceremony's beginning.
pub struct Initial {
    /// The key. With delta one: not to be used.
    pub key: ProvingKey<Bn254>,
    /// The circuit's hash, and no contribution.
    pub ceremony: Ceremony,
}

/// The nonzeros of a matrix by wire: row, number of the coefficient. The number `ONE` stands for one.
type Columns = Vec<Vec<(u32, u32)>>;
const ONE: u32 = u32::MAX;

fn columns(matrix: &Matrix, wires: usize) -> Columns {
    let mut columns = vec![Vec::new(); wires];
    for row in 0..matrix.rows() {
        for &(wire, coefficient) in matrix.row(row) {
            columns[wire as usize].push((row as u32, coefficient));
        }
    }
    columns
}

impl Initial {
    /// Computes the key of a circuit from the powers of its domain.
    ///
    /// # Panics
    /// If the powers are of a smaller domain than the matrices'.
    pub fn new(powers: &Powers, matrices: &Matrices) -> Initial {
        let inputs = matrices.publics + 1;
        let [mut a, b, c] = [0, 1, 2].map(|i| columns(&matrices.abc[i], matrices.wires));
        // The rows of constant and public inputs.
        for (wire, column) in a.iter_mut().enumerate().take(inputs) {
            column.push(((matrices.constraints() + wire) as u32, ONE));
        }
        let numbers: Vec<Scalar> = matrices.coefficients.iter().map(Scalar::new).collect();
        let combine_g1 = |columns: &Columns, points: &[G1Affine]| -> Vec<G1Projective> {
            columns.par_iter().map(|column| combine(column, &numbers, points)).collect()
        };
        let a_query = combine_g1(&a, &powers.lagrange);
        let b_query = combine_g1(&b, &powers.lagrange);
        let twist: Vec<G2Projective> =
            b.par_iter().map(|column| combine(column, &numbers, &powers.lagrange_g2)).collect();
        // beta A + alpha B + C.
        let mut rest = combine_g1(&a, &powers.lagrange_beta);
        for part in [combine_g1(&b, &powers.lagrange_alpha), combine_g1(&c, &powers.lagrange)] {
            rest.iter_mut().zip(part).for_each(|(sum, point)| *sum += point);
        }
        let rest = G1Projective::normalize_batch(&rest);
        let h_query = powers.lagrange_double.iter().skip(1).step_by(2).copied().collect();
        let vk = VerifyingKey {
            alpha_g1: powers.alpha_g1,
            beta_g2: powers.beta_g2,
            gamma_g2: G2Affine::generator(),
            delta_g2: G2Affine::generator(),
            gamma_abc_g1: rest[..inputs].to_vec(),
        };
        let key = ProvingKey {
            vk,
            beta_g1: powers.beta_g1,
            delta_g1: G1Affine::generator(),
            a_query: G1Projective::normalize_batch(&a_query),
            b_g1_query: G1Projective::normalize_batch(&b_query),
            b_g2_query: G2Projective::normalize_batch(&twist),
            h_query,
            l_query: rest[inputs..].to_vec(),
        };
        let ceremony = Ceremony::new(circuit_hash(&key, powers));
        Initial { key, ceremony }
    }
}

/// A coefficient, with a sign that makes it short where it can be.
#[derive(Clone, Copy)]
struct Scalar {
    negative: bool,
    size: BigInteger256,
}

impl Scalar {
    fn new(x: &Fr) -> Scalar {
        let [plus, minus] = [x.into_bigint(), (-*x).into_bigint()];
        if minus < plus { Scalar { negative: true, size: minus } } else { Scalar { negative: false, size: plus } }
    }
}

/// The sum of a column's coefficients times the points of their rows.
fn combine<P: AffineRepr<ScalarField = Fr>>(column: &[(u32, u32)], numbers: &[Scalar], points: &[P]) -> P::Group {
    let mut sum = P::Group::zero();
    for &(row, coefficient) in column {
        let point = points[row as usize];
        let Some(number) = numbers.get(coefficient as usize) else {
            sum += point;
            continue;
        };
        let product = if number.size.num_bits() == 1 { point.into_group() } else { point.mul_bigint(number.size) };
        if number.negative { sum -= product } else { sum += product }
    }
    sum
}

/// Rows of powers of tau that snarkjs hashes at a time.
const CHUNK: usize = 1 << 14;

/// snarkjs' hash of the circuit. It covers the header's points, `IC`, the differences `tau^(n+i) - tau^i` (from which `H`
/// follows), `L`, `A`, `B` in G1 and in G2, each with its number of points before it.
fn circuit_hash(key: &ProvingKey<Bn254>, powers: &Powers) -> Hash {
    let mut hasher = Blake2b512::new();
    let vk = &key.vk;
    [&vk.alpha_g1, &key.beta_g1].iter().for_each(|p| hasher.update(hashed_g1(p)));
    [&vk.beta_g2, &vk.gamma_g2].iter().for_each(|p| hasher.update(hashed_g2(p)));
    hasher.update(hashed_g1(&key.delta_g1));
    hasher.update(hashed_g2(&vk.delta_g2));

    let list = |hasher: &mut Blake2b512, points: &[G1Affine]| {
        hasher.update((points.len() as u32).to_be_bytes());
        points.iter().for_each(|p| hasher.update(hashed_g1(p)));
    };
    list(&mut hasher, &vk.gamma_abc_g1);

    // n - 1 differences are announced, but snarkjs reads whole chunks where there is more than one: then n are hashed.
    let size = powers.lagrange.len();
    hasher.update((size as u32 - 1).to_be_bytes());
    let hashed = if size - 1 > CHUNK { size } else { size - 1 };
    let tau = &powers.tau_g1;
    let differences: Vec<G1Projective> = (0..hashed).map(|i| tau[size + i].into_group() - tau[i]).collect();
    G1Projective::normalize_batch(&differences).iter().for_each(|p| hasher.update(hashed_g1(p)));

    list(&mut hasher, &key.l_query);
    list(&mut hasher, &key.a_query);
    list(&mut hasher, &key.b_g1_query);
    hasher.update((key.b_g2_query.len() as u32).to_be_bytes());
    key.b_g2_query.iter().for_each(|p| hasher.update(hashed_g2(p)));
    hasher.finalize().into()
}
