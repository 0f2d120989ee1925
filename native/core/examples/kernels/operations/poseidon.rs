//! Poseidon of many groups.

use super::elements;
use crate::best;
use quittance_core::field::bytes;
use quittance_core::poseidon::hash_groups;

const GROUPS: usize = 1 << 13;

/// Nanoseconds a hash of `arity` inputs.
pub fn hash(arity: usize) -> f64 {
    let inputs: Vec<u8> = elements(GROUPS * arity).iter().flat_map(bytes).collect();
    best(|| hash_groups(&inputs, arity).expect("elements are below r")) / GROUPS as f64
}
