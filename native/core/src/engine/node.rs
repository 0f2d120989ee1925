//! Nodes of the tree and other field elements: canonical integers of four limbs, the lowest first.

use crate::field::limbs;
use crate::poseidon::{BLOCK, hash_integers};
use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use rayon::prelude::*;

/// An integer of 256 bits; a node of the tree is below r.
pub type Node = [u64; 4];

/// The integer of 32 little-endian bytes.
pub fn read_node(bytes: &[u8]) -> Node {
    limbs(bytes)
}

/// Writes an integer as 32 little-endian bytes.
#[inline]
pub fn write_node(out: &mut [u8], node: &Node) {
    for (out, limb) in out.chunks_exact_mut(8).zip(node) {
        out.copy_from_slice(&limb.to_le_bytes());
    }
}

/// Whether an integer is a field element.
pub fn is_field_element(node: &Node) -> bool {
    BigInt(*node) < Fr::MODULUS
}

/// An integer of 128 bits as four limbs.
pub fn from_u128(value: u128) -> Node {
    [value as u64, (value >> 64) as u64, 0, 0]
}

/// Poseidon of `count` groups of `ARITY` field elements, as many at once as the lanes take, on all threads of the pool.
/// `gather` writes the inputs of a group.
pub fn hash_all<const ARITY: usize>(count: usize, gather: impl Fn(usize, &mut [Node; ARITY]) + Sync) -> Vec<Node> {
    let mut out = vec![[0; 4]; count];
    let hash_one = |(block, out): (usize, &mut [Node])| {
        let mut groups = [[[0; 4]; ARITY]; BLOCK];
        for (offset, group) in groups.iter_mut().take(out.len()).enumerate() {
            gather(block * BLOCK + offset, group);
        }
        hash_groups(&groups[..out.len()], out);
    };
    if count <= BLOCK {
        out.chunks_mut(BLOCK).enumerate().for_each(hash_one);
    } else {
        out.par_chunks_mut(BLOCK).enumerate().for_each(hash_one);
    }
    out
}

/// Poseidon of at most `BLOCK` groups of field elements.
pub fn hash_groups<const ARITY: usize>(groups: &[[Node; ARITY]], out: &mut [Node]) {
    let mut integers = [BigInt([0; 4]); 5 * BLOCK];
    for (integer, node) in integers.iter_mut().zip(groups.as_flattened()) {
        *integer = BigInt(*node);
    }
    hash_integers(&integers[..groups.len() * ARITY], ARITY, out);
}

/// Poseidon of one group of field elements.
pub fn hash_one<const ARITY: usize>(group: &[Node; ARITY]) -> Node {
    let mut out = [[0; 4]];
    hash_groups(&[*group], &mut out);
    out[0]
}
