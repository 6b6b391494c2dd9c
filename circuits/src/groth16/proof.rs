//! A proof: three points, and their form in files (`docs/format.md`, "Presentations").

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use consign_crypto::field::{self, FieldError};
use serde::{Deserialize, Serialize};

use super::subgroup::is_in_subgroup;

/// Why something is not a proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A coordinate is not spelled as a field element.
    #[error("coordinate of point {point}: {source}")]
    Coordinate {
        /// `a`, `b` or `c`.
        point: &'static str,
        /// What is wrong with it.
        source: FieldError,
    },
    /// Off the curve.
    #[error("point {0} is not on the curve")]
    NotOnCurve(&'static str),
    /// The identity, which arkworks spells as zeros and holds to be on the curve.
    #[error("point {0} is the identity")]
    Identity(&'static str),
    /// A point of the twist outside the subgroup of prime order.
    #[error("point {0} is not in the subgroup of prime order")]
    NotInSubgroup(&'static str),
}

/// A Groth16 proof: three points, on the curve and in the subgroup, none the identity. Its bytes are no identifier:
/// anyone can re-randomise it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proof {
    pub(super) a: G1Affine,
    pub(super) b: G2Affine,
    pub(super) c: G1Affine,
}

/// A proof in files: affine coordinates of 64 hexadecimal digits; of the twist first the real, then the imaginary part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofJson {
    a: [String; 2],
    b: [[String; 2]; 2],
    c: [String; 2],
}

impl Proof {
    /// The eight coordinates in the order of the file.
    pub fn coordinates(&self) -> [Fq; 8] {
        let Proof { a, b, c } = self;
        [a.x, a.y, b.x.c0, b.x.c1, b.y.c0, b.y.c1, c.x, c.y]
    }

    /// The form in files.
    pub fn to_json(&self) -> ProofJson {
        let hex = |x: &Fq| field::to_hex(x);
        let g1 = |p: &G1Affine| [hex(&p.x), hex(&p.y)];
        let twist = |x: &Fq2| [hex(&x.c0), hex(&x.c1)];
        ProofJson { a: g1(&self.a), b: [twist(&self.b.x), twist(&self.b.y)], c: g1(&self.c) }
    }

    /// Reads [`Proof::to_json`].
    ///
    /// # Errors
    /// [`ProofError`] for a coordinate of another spelling, a point off the curve or outside the subgroup, the identity.
    pub fn from_json(json: &ProofJson) -> Result<Proof, ProofError> {
        let read = |point: &'static str, text: &String| {
            field::from_hex::<Fq>(text).map_err(|source| ProofError::Coordinate { point, source })
        };
        let fq2 = |[c0, c1]: &[String; 2]| Ok([read("b", c0)?, read("b", c1)?]);
        let ([bx0, bx1], [by0, by1]) = (fq2(&json.b[0])?, fq2(&json.b[1])?);
        let [ax, ay] = [read("a", &json.a[0])?, read("a", &json.a[1])?];
        let [cx, cy] = [read("c", &json.c[0])?, read("c", &json.c[1])?];
        Proof::from_coordinates([ax, ay, bx0, bx1, by0, by1, cx, cy])
    }

    /// From [`Proof::coordinates`].
    ///
    /// # Errors
    /// [`ProofError`] for a point off the curve or outside the subgroup, and for the identity.
    pub fn from_coordinates([ax, ay, bx0, bx1, by0, by1, cx, cy]: [Fq; 8]) -> Result<Proof, ProofError> {
        let g1 = |point: &'static str, x, y| {
            let p = G1Affine::new_unchecked(x, y);
            if p.is_zero() {
                return Err(ProofError::Identity(point));
            }
            p.is_on_curve().then_some(p).ok_or(ProofError::NotOnCurve(point))
        };
        let b = G2Affine::new_unchecked(Fq2::new(bx0, bx1), Fq2::new(by0, by1));
        if b.is_zero() {
            return Err(ProofError::Identity("b"));
        }
        if !b.is_on_curve() {
            return Err(ProofError::NotOnCurve("b"));
        }
        if !is_in_subgroup(&b) {
            return Err(ProofError::NotInSubgroup("b"));
        }
        Ok(Proof { a: g1("a", ax, ay)?, b, c: g1("c", cx, cy)? })
    }
}
