//! Many hashes of one arity at once: a level of the tree.

use super::{MAX_INPUTS, hash};
use crate::error::{Code, CoreError, Result};
use crate::field::{self, FIELD_BYTES};
use rayon::prelude::*;

/// Below this many hashes a thread costs more than it saves.
const PARALLEL_FROM: usize = 16;

/// Poseidon of each group of `arity` elements of 32 little-endian bytes.
///
/// MALFORMED when the arity or the length does not fit, OUT_OF_RANGE when an element is not below r.
pub fn hash_groups(bytes: &[u8], arity: usize) -> Result<Vec<u8>> {
    if !(1..=MAX_INPUTS).contains(&arity) || !bytes.len().is_multiple_of(arity * FIELD_BYTES) {
        let message = format!("{} bytes are not whole groups of {arity} field elements", bytes.len());
        return Err(CoreError::new(Code::Malformed, message));
    }
    let groups = bytes.len() / (arity * FIELD_BYTES);
    let mut out = vec![0; groups * FIELD_BYTES];
    let hash_one = |(index, slot): (usize, &mut [u8])| {
        let mut inputs = [ark_bn254::Fr::default(); MAX_INPUTS];
        let group = &bytes[index * arity * FIELD_BYTES..(index + 1) * arity * FIELD_BYTES];
        for (child, (input, chunk)) in inputs.iter_mut().zip(group.chunks_exact(FIELD_BYTES)).enumerate() {
            *input = field::read_checked(chunk, index * arity + child)?;
        }
        slot.copy_from_slice(&field::bytes(&hash(&inputs[..arity])));
        Ok(())
    };
    if groups < PARALLEL_FROM {
        out.chunks_exact_mut(FIELD_BYTES).enumerate().try_for_each(hash_one)?;
    } else {
        out.par_chunks_exact_mut(FIELD_BYTES).enumerate().try_for_each(hash_one)?;
    }
    Ok(out)
}
