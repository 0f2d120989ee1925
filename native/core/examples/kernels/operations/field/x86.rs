//! What x86-64 has besides the portable product.

use super::{COUNT, one_by_one, time};
use crate::in_lanes;
use ark_ff::MontConfig;
use quittance_core::lanes::field::{Lanes, Prime};
use quittance_core::montgomery::adx;

/// Nanoseconds a product in lanes, or with two carry chains; None on a CPU that has neither.
pub fn multiply<P: Prime, C: MontConfig<4>>() -> Option<f64> {
    if in_lanes() {
        // SAFETY: the features are there.
        Some(time(|| unsafe { in_eight_lanes::<P>() }))
    } else if adx::available() {
        Some(time(|| one_by_one::<C, adx::Adx>(COUNT)))
    } else {
        None
    }
}

/// Two chains of products in eight lanes each: 16 products a round.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn in_eight_lanes<P: Prime>() -> [[u64; 4]; 8] {
    // SAFETY: the caller promises the features; the factor and the products are small.
    unsafe {
        let factor = Lanes::<P>::broadcast([5, 0, 0, 1 << 50]);
        let (mut a, mut b) = (factor, Lanes::<P>::one());
        for _ in 0..COUNT / 16 {
            (a, b) = Lanes::multiply2(&a, &factor, &b, &factor);
        }
        Lanes::add(&a, &b).to_words()
    }
}
