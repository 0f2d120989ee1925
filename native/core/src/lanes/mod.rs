//! Arithmetic in eight lanes of AVX512-IFMA, chosen at run time. Every other CPU takes the scalar path.
//!
//! A lane value has five limbs of 52 bits and the Montgomery radix 2^260. Between operations limbs 0 to 3 are
//! below 2^52 ("normal"); values are bounded by small multiples of p that each function states. Since
//! p < 2^253.6, products of values below 12·p and 6·p stay within what one reduction can take.
//!
//! Safety of every `unsafe fn` here: the CPU has the features that `available` asks for; pointers are those of the
//! values that the function's name says.
//!
//! The helpers are `#[inline(always)]` without `#[target_feature]`: they become part of the kernels that have it.

#![allow(clippy::missing_safety_doc)]

pub mod babyjubjub;
pub mod coordinate;
pub mod eddsa;
pub mod evaluate;
pub mod field;
pub mod fixed_base;
pub mod integer;
pub mod msm;
pub mod ntt;
pub mod poseidon;
pub mod products;
pub mod transpose;

use std::sync::OnceLock;

/// Set to 1 to take the scalar path on a CPU that has AVX512-IFMA.
const DISABLE_VARIABLE: &str = "QUITTANCE_DISABLE_IFMA";

/// Whether the kernels in lanes can run here.
pub fn available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512ifma")
            && is_x86_feature_detected!("avx512vbmi2")
            && std::env::var(DISABLE_VARIABLE).as_deref() != Ok("1")
    })
}
