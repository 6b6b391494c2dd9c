//! snarkjs' JSON: `verification_key.json`, `proof.json`, `public.json`. Numbers are decimal text; points are projective
//! with third coordinate one; of the twist first the real, then the imaginary part.

use std::str::FromStr;

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{PrimeField, Zero};
use consign_crypto::strict_json;
use serde::{Deserialize, Serialize};

use crate::groth16::{Proof, ProofError, Verifying};

type G1Json = [String; 3];
type G2Json = [[String; 2]; 3];

/// A verifying key. `vk_alphabeta_12` is left out: it follows from the rest, and no verifier may rely on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyingKeyJson {
    protocol: &'static str,
    curve: &'static str,
    #[serde(rename = "nPublic")]
    n_public: usize,
    vk_alpha_1: G1Json,
    vk_beta_2: G2Json,
    vk_gamma_2: G2Json,
    vk_delta_2: G2Json,
    #[serde(rename = "IC")]
    ic: Vec<G1Json>,
}

/// A proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofJson {
    pi_a: G1Json,
    pi_b: G2Json,
    pi_c: G1Json,
    protocol: String,
    curve: String,
}

/// Why a file is no proof, or no public inputs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not the JSON that it should be.
    #[error("not snarkjs' JSON: {0}")]
    Json(String),
    /// Another protocol or curve.
    #[error("a proof of {protocol} over {curve}; groth16 over bn128 is read")]
    Other {
        /// The file's protocol.
        protocol: String,
        /// The file's curve.
        curve: String,
    },
    /// A number that is none of the field, in canonical spelling.
    #[error("{0:?} is no number below the modulus, in decimal and without leading zeros")]
    Number(String),
    /// A point that is not given by its affine coordinates.
    #[error("a point's third coordinate is not one")]
    Projective,
    /// The points.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

fn g1(p: &G1Affine) -> G1Json {
    let (x, y) = p.xy().unwrap_or((Fq::zero(), Fq::zero()));
    [x.to_string(), y.to_string(), "1".into()]
}

fn g2(p: &G2Affine) -> G2Json {
    let (x, y) = p.xy().unwrap_or((Fq2::zero(), Fq2::zero()));
    let pair = |z: Fq2| [z.c0.to_string(), z.c1.to_string()];
    [pair(x), pair(y), ["1".into(), "0".into()]]
}

/// `verification_key.json` of a circuit.
pub fn verifying_key(key: &Verifying) -> VerifyingKeyJson {
    let key = key.key();
    VerifyingKeyJson {
        protocol: "groth16",
        curve: "bn128",
        n_public: key.gamma_abc_g1.len() - 1,
        vk_alpha_1: g1(&key.alpha_g1),
        vk_beta_2: g2(&key.beta_g2),
        vk_gamma_2: g2(&key.gamma_g2),
        vk_delta_2: g2(&key.delta_g2),
        ic: key.gamma_abc_g1.iter().map(g1).collect(),
    }
}

/// `proof.json`.
pub fn proof(proof: &Proof) -> ProofJson {
    let [ax, ay, bx0, bx1, by0, by1, cx, cy] = proof.coordinates().map(|c| c.to_string());
    ProofJson {
        pi_a: [ax, ay, "1".into()],
        pi_b: [[bx0, bx1], [by0, by1], ["1".into(), "0".into()]],
        pi_c: [cx, cy, "1".into()],
        protocol: "groth16".into(),
        curve: "bn128".into(),
    }
}

/// `public.json`.
pub fn public_inputs(inputs: &[Fr]) -> Vec<String> {
    inputs.iter().map(Fr::to_string).collect()
}

/// Reads `proof.json`, whoever made it.
///
/// # Errors
/// [`JsonError`] for another protocol or curve, a coordinate that is not canonical, a point off the curve or outside the
/// subgroup.
pub fn read_proof(bytes: &[u8]) -> Result<Proof, JsonError> {
    let json: ProofJson = strict_json::from_slice(bytes).map_err(|e| JsonError::Json(e.to_string()))?;
    if (json.protocol.as_str(), json.curve.as_str()) != ("groth16", "bn128") {
        let [protocol, curve] = [&json.protocol, &json.curve].map(|name| strict_json::printable(name, 40));
        return Err(JsonError::Other { protocol, curve });
    }
    let [ax, ay, az] = &json.pi_a;
    let [[bx0, bx1], [by0, by1], bz] = &json.pi_b;
    let [cx, cy, cz] = &json.pi_c;
    if [az, &bz[0], cz].iter().any(|z| *z != "1") || bz[1] != "0" {
        return Err(JsonError::Projective);
    }
    let mut coordinates = [Fq::zero(); 8];
    for (coordinate, text) in coordinates.iter_mut().zip([ax, ay, bx0, bx1, by0, by1, cx, cy]) {
        *coordinate = number(text)?;
    }
    Ok(Proof::from_coordinates(coordinates)?)
}

/// Reads `public.json`.
///
/// # Errors
/// [`JsonError`] for a number that is not canonical.
pub fn read_public_inputs(bytes: &[u8]) -> Result<Vec<Fr>, JsonError> {
    let texts: Vec<String> = strict_json::from_slice(bytes).map_err(|e| JsonError::Json(e.to_string()))?;
    texts.iter().map(|text| number(text)).collect()
}

/// A number in decimal; only its one canonical spelling.
fn number<F: PrimeField + FromStr>(text: &str) -> Result<F, JsonError> {
    let error = || JsonError::Number(text.chars().take(90).collect());
    // More digits than any number has take long to read.
    let value: F = (text.len() <= 80).then(|| text.parse().ok()).flatten().ok_or_else(error)?;
    // The parser takes signs and reduces what is too large; the spelling of the result tells.
    if value.to_string() == text { Ok(value) } else { Err(error()) }
}
