//! BN254 kernels and the Groth16 prover of the rollup.
//!
//! Nothing here knows the rules of the protocol: this crate hashes, checks signatures, evaluates compiled
//! circuits and proves them. The rules stand in `packages/protocol/`, `circuits/` and `contracts/` (docs/protocol.md).

pub mod babyjubjub;
pub mod curve;
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
