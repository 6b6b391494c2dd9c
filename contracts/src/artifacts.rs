//! The compiled contracts: `contracts/artifacts/`, as `contracts/compile.mjs` writes them.

use std::sync::LazyLock;

use serde::Deserialize;

/// A compiled contract.
#[derive(Debug)]
pub struct Artifact {
    /// Name of the contract.
    pub contract: String,
    /// Version of the compiler.
    pub compiler: String,
    /// Creation code, without constructor arguments.
    pub bytecode: Vec<u8>,
    /// The whole artefact: ABI, compiler, settings, bytecode.
    pub json: &'static str,
}

/// Verifies proofs with the keys that it is deployed with; see [`keys::deployment`](crate::keys::deployment).
pub static PROOF_VERIFIER: LazyLock<Artifact> =
    LazyLock::new(|| Artifact::read(include_str!("../artifacts/ProofVerifier.json")));

/// Anchors, statements, requests, and the checks of presentations. Takes no arguments.
pub static REGISTRY: LazyLock<Artifact> = LazyLock::new(|| Artifact::read(include_str!("../artifacts/Registry.json")));

#[derive(Deserialize)]
struct Form {
    contract: String,
    compiler: String,
    bytecode: String,
}

impl Artifact {
    fn read(json: &'static str) -> Artifact {
        let form: Form = serde_json::from_str(json).expect("the artefacts are committed as compiled");
        let bytecode = form.bytecode.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
        let bytecode = bytecode.expect("the artefacts are committed as compiled");
        Artifact { contract: form.contract, compiler: form.compiler, bytecode, json }
    }
}
