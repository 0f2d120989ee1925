//! Poseidon over the BN254 scalar field with circomlib's parameters, 1 to 16 inputs.

mod grain;
mod groups;
mod hash;
mod parameters;
mod permutation;

pub use groups::hash_groups;
pub(crate) use groups::{BLOCK, hash_block, hash_integers};
pub use hash::{hash, hash_with_state};
pub use parameters::{FULL_ROUNDS, MAX_INPUTS, Parameters, parameters};
