//! EdDSA-Poseidon verification, exactly the rule of docs/protocol.md (Signature).

use super::curve::{Extended, Point, SUBGROUP_ORDER};
use super::fixed_base::multiply_base;
use crate::error::{Code, CoreError, Result};
use crate::field::{FIELD_BYTES, limbs, read};
use crate::poseidon;
use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, PrimeField};
use rayon::prelude::*;

/// A.x, A.y, R8.x, R8.y, S, m: 32 bytes each, little-endian.
pub const SIGNATURE_ITEM_BYTES: usize = 6 * FIELD_BYTES;

/// A signature with its key and message. `s` is an integer, not yet compared with the subgroup order.
pub struct Signature {
    pub key: Point,
    pub r8: Point,
    pub s: BigInt<4>,
    pub message: Fr,
}

impl Signature {
    /// None when a coordinate or the message is not below the field modulus: such a signature is invalid.
    pub fn read(bytes: &[u8; SIGNATURE_ITEM_BYTES]) -> Option<Self> {
        let element = |index: usize| read::<Fr>(&bytes[index * FIELD_BYTES..(index + 1) * FIELD_BYTES]);
        Some(Self {
            key: Point { x: element(0)?, y: element(1)? },
            r8: Point { x: element(2)?, y: element(3)? },
            s: BigInt(limbs(&bytes[4 * FIELD_BYTES..5 * FIELD_BYTES])),
            message: element(5)?,
        })
    }
}

/// Whether A and R8 are on the curve, 8·A ≠ identity, S < l and S·B8 = R8 + h·8·A.
/// Twin: packages/protocol/keys/eddsa.ts createPortableVerifier.
/// Twin: native/core/src/lanes/eddsa.rs verify_lanes.
pub fn verify(signature: &Signature) -> bool {
    let Signature { key, r8, s, message } = signature;
    if *s >= SUBGROUP_ORDER || !key.is_on_curve() || !r8.is_on_curve() {
        return false;
    }
    let key8 = Extended::from(*key).double().double().double();
    if key8.is_identity() {
        return false;
    }
    let h = poseidon::hash(&[r8.x, r8.y, key.x, key.y, *message]);
    // 8·A lies in the subgroup of order l, so h may be reduced modulo l.
    let right = key8.multiply(&reduce(h.into_bigint())).add(&Extended::from(*r8));
    multiply_base(s).same(&right)
}

/// h mod l; h < r < 9·l.
pub fn reduce(mut h: BigInt<4>) -> BigInt<4> {
    while h >= SUBGROUP_ORDER {
        h.sub_with_borrow(&SUBGROUP_ORDER);
    }
    h
}

/// Signatures of one task: as many as there are lanes.
const BLOCK: usize = 8;

/// Verdicts for a sequence of items, on all cores. INVARIANT_BROKEN when the length is not a multiple of an item's.
pub fn verify_batch(items: &[u8]) -> Result<Vec<bool>> {
    let (items, rest) = items.as_chunks::<SIGNATURE_ITEM_BYTES>();
    if !rest.is_empty() {
        let bytes = items.as_flattened().len() + rest.len();
        return Err(CoreError::new(Code::InvariantBroken, format!("{bytes} bytes are not whole signatures")));
    }
    if items.len() <= BLOCK {
        return Ok(verify_items(items));
    }
    Ok(items.par_chunks(BLOCK).flat_map_iter(verify_items).collect())
}

/// The verdict on each of at most `BLOCK` items.
fn verify_items(items: &[[u8; SIGNATURE_ITEM_BYTES]]) -> Vec<bool> {
    // What cannot be read is invalid and takes no lane.
    let read: Vec<Option<Signature>> = items.iter().map(Signature::read).collect();
    let readable: Vec<bool> = read.iter().map(Option::is_some).collect();
    let mut verdicts = verify_block(&read.into_iter().flatten().collect::<Vec<_>>()).into_iter();
    readable.into_iter().map(|readable| readable && verdicts.next().expect("one verdict a signature")).collect()
}

/// The verdict on each of at most `BLOCK` signatures.
pub fn verify_block(signatures: &[Signature]) -> Vec<bool> {
    #[cfg(target_arch = "x86_64")]
    // One signature costs the lanes as much as eight.
    if crate::lanes::available() && signatures.len() > 1 {
        let mut verdicts = vec![false; signatures.len()];
        crate::lanes::eddsa::verify_block(signatures, &mut verdicts);
        return verdicts;
    }
    signatures.iter().map(verify).collect()
}
