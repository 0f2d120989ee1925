//! A proof and its bytes.

use crate::error::{Code, CoreError, Result};
use crate::field::{FIELD_BYTES, bytes, read};
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;

/// A.x, A.y, B.x.c0, B.x.c1, B.y.c0, B.y.c1, C.x, C.y: 32 bytes each, little-endian.
pub const PROOF_BYTES: usize = 8 * FIELD_BYTES;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    pub a: G1Affine,
    pub b: G2Affine,
    pub c: G1Affine,
}

impl Proof {
    /// The bytes. INVARIANT_BROKEN when a point is the identity, which no proof of the prover has.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let invalid = || CoreError::new(Code::InvariantBroken, "a point of the proof is the identity");
        let (a, b, c) =
            (self.a.xy().ok_or_else(invalid)?, self.b.xy().ok_or_else(invalid)?, self.c.xy().ok_or_else(invalid)?);
        let coordinates = [a.0, a.1, b.0.c0, b.0.c1, b.1.c0, b.1.c1, c.0, c.1];
        Ok(coordinates.iter().flat_map(bytes).collect())
    }

    /// Reads a proof: canonical coordinates, points on their curves, B in the subgroup; PROOF_INVALID otherwise.
    pub fn from_bytes(input: &[u8]) -> Result<Self> {
        let invalid = |why: &str| CoreError::new(Code::ProofInvalid, format!("the proof is refused: {why}"));
        if input.len() != PROOF_BYTES {
            return Err(invalid("it does not have 256 bytes"));
        }
        let coordinates: Vec<Fq> = input
            .chunks_exact(FIELD_BYTES)
            .map(|chunk| read::<Fq>(chunk).ok_or_else(|| invalid("a coordinate is not below q")))
            .collect::<Result<_>>()?;
        let proof = Self {
            a: G1Affine::new_unchecked(coordinates[0], coordinates[1]),
            b: G2Affine::new_unchecked(
                Fq2::new(coordinates[2], coordinates[3]),
                Fq2::new(coordinates[4], coordinates[5]),
            ),
            c: G1Affine::new_unchecked(coordinates[6], coordinates[7]),
        };
        // G1 has cofactor 1: the curve is the subgroup.
        if !proof.a.is_on_curve() || !proof.c.is_on_curve() || !proof.b.is_on_curve() {
            return Err(invalid("a point is not on its curve"));
        }
        if !proof.b.is_in_correct_subgroup_assuming_on_curve() {
            return Err(invalid("B is not in the subgroup"));
        }
        Ok(proof)
    }
}
