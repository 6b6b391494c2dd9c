//! A file of powers of tau whose tau is known: quick to make, and for tests only.

use ark_bn254::{Fr, G1Projective, G2Projective};
use ark_ec::{PrimeGroup, scalar_mul::ScalarMul};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_poly::{EvaluationDomain, GeneralEvaluationDomain};
use consign_circuits::iden3::{
    container::Writer,
    points::{base_modulus, g1_section, g2_section},
    ptau::PTAU,
};
use rand_arkworks::rngs::OsRng;

/// The file for one power, with Lagrange values for domains of these powers only; the others are zeros, which nobody
/// reads.
pub fn ptau(power: u32, domains: &[u32]) -> Vec<u8> {
    ptau_of([0; 3].map(|_| Fr::rand(&mut OsRng)), power, domains)
}

/// The file of these numbers.
pub fn ptau_of([tau, alpha, beta]: [Fr; 3], power: u32, domains: &[u32]) -> Vec<u8> {
    let powers = |count: usize, times: Fr| -> Vec<Fr> {
        std::iter::successors(Some(times), |x| Some(*x * tau)).take(count).collect()
    };
    let size = 1usize << power;
    // Values for 1, 2, 4, … points, one after the other.
    let lagrange = |last: u32, times: Fr, wanted: &dyn Fn(u32) -> bool| -> Vec<Fr> {
        (0..=last)
            .flat_map(|k| match wanted(k) {
                true => GeneralEvaluationDomain::<Fr>::new(1 << k)
                    .unwrap()
                    .evaluate_all_lagrange_coefficients(tau)
                    .into_iter()
                    .map(|x| x * times)
                    .collect(),
                false => vec![Fr::ZERO; 1 << k],
            })
            .collect()
    };
    let single = |k: u32| domains.contains(&k);
    let single_or_double = |k: u32| domains.contains(&k) || domains.iter().any(|&domain| domain + 1 == k);
    let g1 = |scalars: &[Fr]| g1_section(&G1Projective::generator().batch_mul(scalars));
    let g2 = |scalars: &[Fr]| g2_section(&G2Projective::generator().batch_mul(scalars));

    let mut header = 32u32.to_le_bytes().to_vec();
    header.extend(base_modulus());
    header.extend(power.to_le_bytes());
    header.extend(power.to_le_bytes());
    let mut file = Writer::new(PTAU);
    file.section(1, &header);
    file.section(2, &g1(&powers(2 * size - 1, Fr::ONE)));
    file.section(3, &g2(&powers(size, Fr::ONE)));
    file.section(4, &g1(&powers(size, alpha)));
    file.section(5, &g1(&powers(size, beta)));
    file.section(6, &g2(&[beta]));
    file.section(7, &0u32.to_le_bytes());
    file.section(12, &g1(&lagrange(power + 1, Fr::ONE, &single_or_double)));
    file.section(13, &g2(&lagrange(power, Fr::ONE, &single)));
    file.section(14, &g1(&lagrange(power, alpha, &single)));
    file.section(15, &g1(&lagrange(power, beta, &single)));
    file.finish()
}
