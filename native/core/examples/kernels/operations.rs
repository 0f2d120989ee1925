//! One module a kernel: each prepares its inputs and times one operation through the door that the product uses.

pub mod field;
pub mod poseidon;
pub mod signature;
pub mod sum;
pub mod transform;

use ark_bn254::Fr;
use ark_ff::Field;

/// `count` elements without a pattern that a kernel could profit from.
pub fn elements(count: usize) -> Vec<Fr> {
    let step = Fr::from(0x9e37_79b9_7f4a_7c15u64).pow([11]);
    std::iter::successors(Some(step), |value| Some(*value * step)).take(count).collect()
}
