//! The provers: ours, ark-groth16's, taceo-groth16's, and a program.

use std::hint::black_box;

use ark_bn254::{Bn254, Fr};
use ark_ff::UniformRand;
use ark_groth16::{Groth16, Proof, ProvingKey};
use ark_relations::utils::matrix::Matrix;
use consign_circuits::{groth16::Proving, qap::CircomReduction};
use rand_arkworks::rngs::OsRng;
use taceo_groth16::ConstraintMatrices;

use crate::instance::Instance;

/// One that proves all instances, one after the other.
pub trait Prover: Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// Proves.
    fn prove(&self);
    /// That its proofs verify: a prover that is fast and wrong is no peer.
    fn check(&self);
}

/// Ours first.
pub fn all(instances: &[Instance]) -> Vec<Box<dyn Prover + '_>> {
    let ours = instances.iter().map(|one| (Proving::setup(one.matrices.clone(), &mut OsRng).expect("set-up"), one));
    vec![
        Box::new(Ours(ours.collect())),
        Box::new(Arkworks(instances.iter().map(|one| (Theirs::new(one), one)).collect())),
        Box::new(Taceo::new(instances)),
    ]
}

struct Ours<'a>(Vec<(Proving, &'a Instance)>);

impl Prover for Ours<'_> {
    fn name(&self) -> &'static str {
        "consign"
    }
    fn prove(&self) {
        for (key, one) in &self.0 {
            black_box(key.prove(&one.assignment, &mut OsRng)).expect("it proves");
        }
    }
    fn check(&self) {
        for (key, one) in &self.0 {
            let proof = key.prove(&one.assignment, &mut OsRng).expect("it proves");
            assert_eq!(key.verifying().expect("a fresh key").verify(one.inputs(), &proof), Ok(true), "consign");
        }
    }
}

/// A key and matrices as peers take them.
struct Theirs {
    key: ProvingKey<Bn254>,
    abc: [Matrix<Fr>; 3],
}

impl Theirs {
    fn new(one: &Instance) -> Theirs {
        let matrices = &one.matrices;
        let key = Groth16::<Bn254, CircomReduction>::generate_random_parameters_with_reduction(matrices, &mut OsRng)
            .expect("set-up");
        let rows = |i: usize| {
            let row = |row| {
                let entries = matrices.abc[i].row(row).iter();
                entries.map(|&(wire, c)| (matrices.coefficients[c as usize], wire as usize)).collect::<Vec<_>>()
            };
            (0..matrices.constraints()).map(row).collect::<Vec<_>>()
        };
        Theirs { key, abc: [0, 1, 2].map(rows) }
    }

    fn verify(&self, name: &str, proof: &Proof<Bn254>, one: &Instance) {
        let key = ark_groth16::prepare_verifying_key(&self.key.vk);
        let verifies = Groth16::<Bn254>::verify_proof(&key, proof, one.inputs()).expect("as many inputs");
        assert!(verifies, "{name}: {}", one.name);
    }
}

struct Arkworks<'a>(Vec<(Theirs, &'a Instance)>);

impl Arkworks<'_> {
    fn one(theirs: &Theirs, one: &Instance) -> Proof<Bn254> {
        let [r, s] = [0; 2].map(|_| Fr::rand(&mut OsRng));
        Groth16::<Bn254, CircomReduction>::create_proof_with_reduction_and_matrices(
            &theirs.key,
            r,
            s,
            &theirs.abc,
            one.matrices.publics + 1,
            one.matrices.constraints(),
            &one.assignment,
        )
        .expect("it proves")
    }
}

impl Prover for Arkworks<'_> {
    fn name(&self) -> &'static str {
        "ark-groth16"
    }
    fn prove(&self) {
        for (theirs, one) in &self.0 {
            black_box(Self::one(theirs, one));
        }
    }
    fn check(&self) {
        self.0.iter().for_each(|(theirs, one)| theirs.verify(self.name(), &Self::one(theirs, one), one));
    }
}

struct Taceo<'a>(Vec<(Theirs, ConstraintMatrices<Fr>, &'a Instance)>);

impl<'a> Taceo<'a> {
    fn new(instances: &'a [Instance]) -> Taceo<'a> {
        let key = |one: &'a Instance| {
            let mut theirs = Theirs::new(one);
            let [a_num_non_zero, b_num_non_zero, c_num_non_zero] = one.matrices.nonzeros();
            let [a, b, c] = std::mem::take(&mut theirs.abc);
            let matrices = ConstraintMatrices {
                num_instance_variables: one.matrices.publics + 1,
                num_witness_variables: one.matrices.wires - one.matrices.publics - 1,
                num_constraints: one.matrices.constraints(),
                a_num_non_zero,
                b_num_non_zero,
                c_num_non_zero,
                a,
                b,
                c,
            };
            (theirs, matrices, one)
        };
        Taceo(instances.iter().map(key).collect())
    }

    fn one(theirs: &Theirs, matrices: &ConstraintMatrices<Fr>, one: &Instance) -> Proof<Bn254> {
        let [r, s] = [0; 2].map(|_| Fr::rand(&mut OsRng));
        taceo_groth16::Groth16::<Bn254>::prove::<taceo_groth16::CircomReduction>(
            &theirs.key,
            r,
            s,
            matrices,
            &one.assignment,
        )
        .expect("it proves")
    }
}

impl Prover for Taceo<'_> {
    fn name(&self) -> &'static str {
        "taceo-groth16"
    }
    fn prove(&self) {
        for (theirs, matrices, one) in &self.0 {
            black_box(Self::one(theirs, matrices, one));
        }
    }
    fn check(&self) {
        let proofs = self.0.iter();
        proofs.for_each(|(theirs, matrices, one)| theirs.verify(self.name(), &Self::one(theirs, matrices, one), one));
    }
}
