//! The verifying key of one circuit, and whether a proof is one for given inputs.
//!
//! A key is checked when it is made; the number of inputs is checked here, which arkworks does not.

use std::{fmt, sync::OnceLock};

use ark_bn254::{Bn254, Fr, G1Affine, G2Affine};
use ark_ec::{
    AffineRepr, CurveGroup,
    pairing::{MillerLoopOutput, Pairing},
};
use ark_ff::Zero;
use ark_groth16::VerifyingKey;
use rayon::join;

use super::{Proof, subgroup::is_in_subgroup};
use crate::keys::KeyFileError;

/// Why a key is refused, whoever made it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A point off its curve or outside its subgroup.
    #[error("{0} holds a point that is not in the group")]
    NotInGroup(&'static str),
    /// A point that must not be the identity is.
    #[error("{0} is the identity")]
    Identity(&'static str),
    /// A delta that anyone can divide by.
    #[error("delta is plus or minus the group's generator")]
    DeltaIsGenerator,
    /// Delta and gamma cancel: anyone can forge.
    #[error("delta is plus or minus gamma")]
    DeltaIsGamma,
    /// Delta differs between the two groups, or beta does.
    #[error("{0} is not the same number in both groups")]
    Unequal(&'static str),
    /// Its points cannot be read.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// Number of inputs.
    #[error("a key for {found} public inputs where the circuit has {expected}")]
    Inputs {
        /// Inputs of the circuit.
        expected: usize,
        /// Inputs of the key.
        found: usize,
    },
}

/// The verifying key of one circuit, checked.
#[derive(Clone)]
pub struct Verifying {
    key: VerifyingKey<Bn254>,
    /// The lines of beta, minus gamma and minus delta, computed when they are first needed.
    lines: OnceLock<Box<[Lines; 3]>>,
}

/// What a pairing needs of a point of G2.
type Lines = <Bn254 as Pairing>::G2Prepared;

impl fmt::Debug for Verifying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifying({} inputs)", self.inputs())
    }
}

impl Verifying {
    /// Checks a key: points in their groups, none the identity, delta neither plus or minus the generator nor gamma.
    ///
    /// # Errors
    /// [`KeyError`] for the first of these that fails.
    pub fn new(key: VerifyingKey<Bn254>, inputs: usize) -> Result<Verifying, KeyError> {
        let found = key.gamma_abc_g1.len().saturating_sub(1);
        if key.gamma_abc_g1.len() != inputs + 1 {
            return Err(KeyError::Inputs { expected: inputs, found });
        }
        check_g1("alpha", &key.alpha_g1)?;
        key.gamma_abc_g1.iter().try_for_each(|p| check_g1("the inputs' points", p))?;
        for (name, point) in [("beta", &key.beta_g2), ("gamma", &key.gamma_g2), ("delta", &key.delta_g2)] {
            check_g2(name, point)?;
        }
        let is = |p: G2Affine| key.delta_g2 == p || key.delta_g2 == -p;
        if is(G2Affine::generator()) {
            return Err(KeyError::DeltaIsGenerator);
        }
        if is(key.gamma_g2) {
            return Err(KeyError::DeltaIsGamma);
        }
        Ok(Verifying { key, lines: OnceLock::new() })
    }

    /// The lines of beta, minus gamma and minus delta.
    pub(super) fn lines(&self) -> &[Lines; 3] {
        let VerifyingKey { beta_g2, gamma_g2, delta_g2, .. } = self.key;
        self.lines.get_or_init(|| Box::new([beta_g2, -gamma_g2, -delta_g2].map(Lines::from)))
    }

    /// Number of public inputs.
    pub fn inputs(&self) -> usize {
        self.key.gamma_abc_g1.len() - 1
    }

    /// The key itself.
    pub fn key(&self) -> &VerifyingKey<Bn254> {
        &self.key
    }

    /// Whether the proof is one for these inputs: four Miller loops and a final exponentiation. That is less than to know
    /// the pairing of alpha and beta, unless some ten proofs are verified one by one; and many are decided together.
    ///
    /// # Errors
    /// [`KeyError::Inputs`] for another number of inputs.
    pub fn verify(&self, inputs: &[Fr], proof: &Proof) -> Result<bool, KeyError> {
        Ok(self.statement(inputs)?.is_proved_by(proof))
    }

    /// All of the verification that needs no proof.
    ///
    /// # Errors
    /// [`KeyError::Inputs`] for another number of inputs.
    pub(crate) fn statement(&self, inputs: &[Fr]) -> Result<Statement<'_>, KeyError> {
        self.check_inputs(inputs)?;
        let of_inputs = self.key.gamma_abc_g1[1..].iter().zip(inputs).map(|(point, input)| *point * input);
        let inputs = of_inputs.fold(self.key.gamma_abc_g1[0].into_group(), |sum, multiple| sum + multiple);
        Ok(Statement { minus_alpha: -self.key.alpha_g1, inputs: inputs.into_affine(), lines: self.lines() })
    }

    pub(super) fn check_inputs(&self, inputs: &[Fr]) -> Result<(), KeyError> {
        let (expected, found) = (self.inputs(), inputs.len());
        if found == expected { Ok(()) } else { Err(KeyError::Inputs { expected, found }) }
    }
}

/// Inputs that a proof is to be for.
pub(crate) struct Statement<'a> {
    minus_alpha: G1Affine,
    inputs: G1Affine,
    lines: &'a [Lines; 3],
}

impl Statement<'_> {
    /// Whether the proof is one for them.
    pub(crate) fn is_proved_by(&self, proof: &Proof) -> bool {
        let [beta, minus_gamma, minus_delta] = self.lines.clone();
        let (MillerLoopOutput(left), MillerLoopOutput(right)) = join(
            || Bn254::multi_miller_loop([proof.a, self.minus_alpha], [Lines::from(proof.b), beta]),
            || Bn254::multi_miller_loop([self.inputs, proof.c], [minus_gamma, minus_delta]),
        );
        Bn254::final_exponentiation(MillerLoopOutput(left * right)).is_some_and(|product| product.is_zero())
    }
}

pub(super) fn check_g1(name: &'static str, point: &G1Affine) -> Result<(), KeyError> {
    if point.is_zero() {
        return Err(KeyError::Identity(name));
    }
    // The cofactor of G1 is one.
    point.is_on_curve().then_some(()).ok_or(KeyError::NotInGroup(name))
}

pub(super) fn check_g2(name: &'static str, point: &G2Affine) -> Result<(), KeyError> {
    if point.is_zero() {
        return Err(KeyError::Identity(name));
    }
    let good = point.is_on_curve() && is_in_subgroup(point);
    good.then_some(()).ok_or(KeyError::NotInGroup(name))
}
