//! A zkey that others contributed to, held against the key that the ceremony began from.
//!
//! What a contributor may change is delta, and `L` and `H` with it; that is all it may have changed, each contributor
//! must have proved to know its number, and the last delta must not be one that anybody can divide by. Source: snarkjs
//! `zkey_verify_frominit.js`.

use ark_bn254::{Bn254, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM, pairing::Pairing};
use ark_ff::{BigInteger256, Zero};
use ark_groth16::ProvingKey;
use rand_arkworks::{CryptoRng, RngCore};

use super::{
    ceremony::{Ceremony, CeremonyError},
    container::ContainerError,
    zkey::Zkey,
};
use crate::{
    groth16::{KeyError, Proving},
    shape::Matrices,
};

/// Why a zkey is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Not a zkey of this circuit.
    #[error(transparent)]
    Malformed(#[from] ContainerError),
    /// Its contributions.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// It began from another key, or forgot contributions.
    #[error("its ceremony did not begin from this key: another circuit hash, or a contribution is gone")]
    OtherCeremony,
    /// A part that no contributor may change.
    #[error("{0} is not that of the key that the ceremony began from")]
    Changed(&'static str),
    /// Delta in the key is not that of the last contribution.
    #[error("delta is not that of the last contribution")]
    Delta,
    /// `L` or `H` was not divided by what delta was multiplied by.
    #[error("{0} does not follow from delta")]
    NotDivided(&'static str),
    /// Nobody contributed.
    #[error("nobody has contributed to this key since the one that the ceremony is said to begin from")]
    NoContribution,
    /// The key to begin from names contributions that do not follow from each other.
    #[error("the key that the ceremony began from: {0}")]
    Beginning(CeremonyError),
    /// The key to begin from is not the one that its contributions lead to.
    #[error("the key that the ceremony began from: its delta is not that of the last contribution it names")]
    BeginningDelta,
    /// The key itself.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl ImportError {
    /// One action the user can take.
    pub fn hint(&self) -> &'static str {
        match self {
            ImportError::Malformed(_) => "export the circuit's r1cs with this version, and make the zkey from that",
            ImportError::NoContribution => "contribute with `snarkjs zkey contribute`, and import the result",
            ImportError::Beginning(_) | ImportError::BeginningDelta => {
                "name the powers of tau, or the key set without contributions, that the whole ceremony began from"
            }
            ImportError::OtherCeremony | ImportError::Changed(_) => {
                "name the powers of tau or the key set that the ceremony began from"
            }
            _ => "do not use this key; tell whoever ran the ceremony",
        }
    }
}

/// A key to hold others against: the one that powers of tau give, or one's own before others contributed.
pub struct Origin<'a> {
    /// The key.
    pub key: &'a ProvingKey<Bn254>,
    /// Its ceremony so far.
    pub ceremony: &'a Ceremony,
}

/// Reads a zkey of this circuit and checks it against its origin.
///
/// # Errors
/// [`ImportError`] for the first check that fails.
pub fn import(
    bytes: &[u8],
    matrices: Matrices,
    origin: &Origin<'_>,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<(Proving, Ceremony), ImportError> {
    let zkey = Zkey::read(bytes, &matrices)?;
    let ceremony = Ceremony::read(&zkey.contributions)?;
    if !ceremony.continues(origin.ceremony) {
        return Err(ImportError::OtherCeremony);
    }
    let known = origin.ceremony.contributions().len();
    if ceremony.contributions().len() == known {
        return Err(ImportError::NoContribution);
    }
    let (ours, theirs) = (origin.key, &zkey.key);
    // What the origin's maker says of others is shown as theirs too, so it must hold: delta was one before the first.
    if known > 0 {
        let delta = origin.ceremony.check(0, G1Affine::generator()).map_err(ImportError::Beginning)?;
        if ours.delta_g1 != delta {
            return Err(ImportError::BeginningDelta);
        }
    }
    unchanged(ours, theirs)?;
    let delta = ceremony.check(known, ours.delta_g1)?;
    if theirs.delta_g1 != delta {
        return Err(ImportError::Delta);
    }
    // Delta in both groups, and that it is none of those that anybody can divide by.
    let proving = Proving::new(zkey.key, matrices)?;
    let key = proving.key()?;
    for (name, before, after) in [("L", &ours.l_query, &key.l_query), ("H", &ours.h_query, &key.h_query)] {
        if !divided(before, after, ours, &key, rng) {
            return Err(ImportError::NotDivided(name));
        }
    }
    Ok((proving, ceremony))
}

/// All but delta, `L` and `H` is as it was.
fn unchanged(ours: &ProvingKey<Bn254>, theirs: &ProvingKey<Bn254>) -> Result<(), ImportError> {
    let parts = [
        ("alpha", ours.vk.alpha_g1 == theirs.vk.alpha_g1),
        ("beta", ours.beta_g1 == theirs.beta_g1 && ours.vk.beta_g2 == theirs.vk.beta_g2),
        ("gamma", ours.vk.gamma_g2 == theirs.vk.gamma_g2),
        ("the inputs' points", ours.vk.gamma_abc_g1 == theirs.vk.gamma_abc_g1),
        ("query A", ours.a_query == theirs.a_query),
        ("query B1", ours.b_g1_query == theirs.b_g1_query),
        ("query B2", ours.b_g2_query == theirs.b_g2_query),
    ];
    parts.iter().find(|(_, same)| !same).map_or(Ok(()), |(name, _)| Err(ImportError::Changed(name)))
}

/// Whether each point was divided by what delta was multiplied by, by one random combination: e(after, delta after) =
/// e(before, delta before).
fn divided(
    before: &[G1Affine],
    after: &[G1Affine],
    ours: &ProvingKey<Bn254>,
    theirs: &ProvingKey<Bn254>,
    rng: &mut (impl CryptoRng + RngCore),
) -> bool {
    let scalars: Vec<_> = after.iter().map(|_| BigInteger256::new([rng.next_u64(), rng.next_u64(), 0, 0])).collect();
    let [before, after] = [before, after].map(|points| G1Projective::msm_bigint(points, &scalars).into_affine());
    Bn254::multi_pairing([after, -before], [theirs.vk.delta_g2, ours.vk.delta_g2]).is_zero()
}
