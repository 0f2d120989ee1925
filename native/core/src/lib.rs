//! BN254 kernels, the Groth16 prover of the rollup, and its execution engine.
//!
//! Only `engine` knows the rules of the protocol, and a test holds it to those of `packages/protocol/` (docs/protocol.md):
//! the rest hashes, checks signatures, evaluates compiled circuits and proves them.

pub mod babyjubjub;
pub mod channels;
pub mod curve;
pub mod engine;
pub mod error;
pub mod field;
pub mod groth16;
pub mod inverse;
#[cfg(target_arch = "x86_64")]
pub mod lanes;
pub mod mapped;
pub mod monitor;
pub mod montgomery;
pub mod msm;
pub mod poseidon;
pub mod r1cs;
pub mod witness;
