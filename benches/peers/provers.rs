//! The provers: ours, ark-groth16's, taceo-groth16's, and a program. All prove with the same keys.

use std::{env, fs, hint::black_box, path::PathBuf, process::Command};

use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::PrimeGroup;
use ark_ff::UniformRand;
use ark_groth16::{Groth16, Proof, ProvingKey};
use ark_relations::utils::matrix::Matrix;
use consign_circuits::{
    groth16::{Proving, Verifying},
    iden3::{ceremony::Ceremony, json, wtns, zkey},
    qap::CircomReduction,
};
use rand_arkworks::rngs::OsRng;
use taceo_groth16::ConstraintMatrices;
use tempfile::TempDir;

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
    let keys: Vec<ProvingKey<Bn254>> = instances.iter().map(new_key).collect();
    let mut provers: Vec<Box<dyn Prover + '_>> = vec![
        Box::new(Ours::new(instances, &keys)),
        Box::new(Arkworks(instances.iter().zip(&keys).map(|(one, key)| (Theirs::new(one, key), one)).collect())),
        Box::new(Taceo::new(instances, &keys)),
    ];
    match env::var_os("CONSIGN_PEER_PROVER") {
        Some(path) => provers.push(Box::new(Program::new(path.into(), instances, &keys))),
        None => println!("no program takes part: CONSIGN_PEER_PROVER is not set"),
    }
    provers
}

/// As `Proving::setup` makes one: random but for the generators, which are the groups' own.
fn new_key(one: &Instance) -> ProvingKey<Bn254> {
    let [alpha, beta, gamma, delta] = [0; 4].map(|_| Fr::rand(&mut OsRng));
    Groth16::<Bn254, CircomReduction>::generate_parameters_with_qap(
        &one.matrices,
        alpha,
        beta,
        gamma,
        delta,
        G1Projective::generator(),
        G2Projective::generator(),
        &mut OsRng,
    )
    .expect("set-up")
}

struct Ours<'a>(Vec<(Proving, &'a Instance)>);

impl<'a> Ours<'a> {
    fn new(instances: &'a [Instance], keys: &[ProvingKey<Bn254>]) -> Ours<'a> {
        let proving =
            |(one, key): (&'a Instance, &ProvingKey<_>)| (Proving::new(key.clone(), one.matrices.clone()), one);
        let checked = |(key, one): (Result<_, _>, _)| (key.expect("a sound key"), one);
        Ours(instances.iter().zip(keys).map(proving).map(checked).collect())
    }
}

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
            assert_eq!(key.verifying().verify(one.inputs(), &proof), Ok(true), "consign");
        }
    }
}

/// A key and matrices as peers take them.
struct Theirs {
    key: ProvingKey<Bn254>,
    abc: [Matrix<Fr>; 3],
}

impl Theirs {
    fn new(one: &Instance, key: &ProvingKey<Bn254>) -> Theirs {
        let matrices = &one.matrices;
        let rows = |i: usize| {
            let row = |row| {
                let entries = matrices.abc[i].row(row).iter();
                entries.map(|&(wire, c)| (matrices.coefficients[c as usize], wire as usize)).collect::<Vec<_>>()
            };
            (0..matrices.constraints()).map(row).collect::<Vec<_>>()
        };
        Theirs { key: key.clone(), abc: [0, 1, 2].map(rows) }
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
    fn new(instances: &'a [Instance], keys: &[ProvingKey<Bn254>]) -> Taceo<'a> {
        let prepared = |(one, key): (&'a Instance, &ProvingKey<_>)| {
            let mut theirs = Theirs::new(one, key);
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
        Taceo(instances.iter().zip(keys).map(prepared).collect())
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

/// A program that reads a zkey and a wtns file and writes a proof in snarkjs' form.
struct Program<'a> {
    path: PathBuf,
    folder: TempDir,
    instances: Vec<(&'a Instance, Verifying)>,
}

impl<'a> Program<'a> {
    fn new(path: PathBuf, instances: &'a [Instance], keys: &[ProvingKey<Bn254>]) -> Program<'a> {
        let folder = tempfile::tempdir().expect("a folder");
        for (one, key) in instances.iter().zip(keys) {
            let file = |ending| folder.path().join(format!("{}.{ending}", one.name));
            let contributions = Ceremony::of_own_randomness(key).to_bytes();
            fs::write(file("zkey"), zkey::write(key, &one.matrices, &contributions)).expect("the key's file");
            fs::write(file("wtns"), wtns::write(&one.assignment)).expect("the witness' file");
        }
        let verifying = |(one, key): (&'a Instance, &ProvingKey<_>)| {
            (one, Verifying::new(key.vk.clone(), one.matrices.publics).expect("a sound key"))
        };
        Program { path, folder, instances: instances.iter().zip(keys).map(verifying).collect() }
    }

    fn one(&self, one: &Instance) {
        let files = ["zkey", "wtns", "proof.json", "public.json"].map(|ending| format!("{}.{ending}", one.name));
        let status = Command::new(&self.path).args(&files).current_dir(self.folder.path()).status();
        assert!(status.expect("CONSIGN_PEER_PROVER starts").success(), "{} {files:?}", self.path.display());
    }
}

impl Prover for Program<'_> {
    fn name(&self) -> &'static str {
        "program"
    }
    fn prove(&self) {
        self.instances.iter().for_each(|(one, _)| self.one(one));
    }
    fn check(&self) {
        for (one, key) in &self.instances {
            self.one(one);
            let file = self.folder.path().join(format!("{}.proof.json", one.name));
            let proof = json::read_proof(&fs::read(file).expect("its proof")).expect("a proof");
            assert_eq!(key.verify(one.inputs(), &proof), Ok(true), "{}", self.path.display());
        }
    }
}
