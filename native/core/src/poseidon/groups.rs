//! Many hashes of one arity at once: a level of the tree.

use super::{MAX_INPUTS, hash};
use crate::error::{Code, CoreError, Result};
use crate::field::{FIELD_BYTES, read_integer};
use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use rayon::prelude::*;

/// Hashes of one task: sixteen go through the lanes together.
pub(crate) const BLOCK: usize = 16;
/// Below this many blocks a thread costs more than it saves: one takes 30 µs in lanes, 200 µs without.
const PARALLEL_FROM: usize = 4;

/// Poseidon of each group of `arity` elements of 32 little-endian bytes.
///
/// INVARIANT_BROKEN when the arity or the length does not fit, OUT_OF_RANGE when an element is not below r.
pub fn hash_groups(bytes: &[u8], arity: usize) -> Result<Vec<u8>> {
    if !(1..=MAX_INPUTS).contains(&arity) || !bytes.len().is_multiple_of(arity * FIELD_BYTES) {
        let message = format!("{} bytes are not whole groups of {arity} field elements", bytes.len());
        return Err(CoreError::new(Code::InvariantBroken, message));
    }
    let groups = bytes.len() / (arity * FIELD_BYTES);
    let mut out = vec![0; groups * FIELD_BYTES];
    let hash_one = |(index, out): (usize, &mut [u8])| {
        let first = index * BLOCK * arity;
        let count = out.len() / FIELD_BYTES * arity;
        let integers = bytes[first * FIELD_BYTES..(first + count) * FIELD_BYTES]
            .chunks_exact(FIELD_BYTES)
            .enumerate()
            .map(|(at, chunk)| read_integer(chunk, first + at))
            .collect::<Result<Vec<_>>>()?;
        hash_block(&integers, arity, out);
        Ok(())
    };
    if groups < PARALLEL_FROM * BLOCK {
        out.chunks_mut(BLOCK * FIELD_BYTES).enumerate().try_for_each(hash_one)?;
    } else {
        out.par_chunks_mut(BLOCK * FIELD_BYTES).enumerate().try_for_each(hash_one)?;
    }
    Ok(out)
}

/// Poseidon of up to `BLOCK` groups of integers below r, group after group, to 32 little-endian bytes each.
pub(crate) fn hash_block(integers: &[BigInt<4>], arity: usize, out: &mut [u8]) {
    let mut hashes = [[0; 4]; BLOCK];
    let hashes = &mut hashes[..out.len() / FIELD_BYTES];
    hash_integers(integers, arity, hashes);
    for (out, limb) in out.chunks_exact_mut(8).zip(hashes.as_flattened()) {
        out.copy_from_slice(&limb.to_le_bytes());
    }
}

/// Poseidon of up to `BLOCK` groups of integers below r, group after group: an integer below r each. In lanes where the
/// CPU has them.
pub(crate) fn hash_integers(integers: &[BigInt<4>], arity: usize, out: &mut [[u64; 4]]) {
    #[cfg(target_arch = "x86_64")]
    {
        use crate::lanes::poseidon;
        // One hash costs the lanes as much as eight.
        if crate::lanes::available() && poseidon::WIDTHS.contains(&(arity + 1)) && out.len() > 1 {
            return poseidon::hash_block(integers, arity, out);
        }
    }
    for (group, out) in integers.chunks_exact(arity).zip(out) {
        let mut inputs = [Fr::default(); MAX_INPUTS];
        for (input, integer) in inputs.iter_mut().zip(group) {
            *input = Fr::from_bigint(*integer).expect("checked by the caller");
        }
        *out = hash(&inputs[..arity]).into_bigint().0;
    }
}
