//! Sums of products with one reduction: half the multiplications of reducing every product.

#![allow(clippy::needless_range_loop)]

use super::field::{LIMB_BITS, Lanes, Prime};
use std::arch::x86_64::*;
use std::marker::PhantomData;

/// Σ a·b in progress: limb `i` of the sum is `low[i] + high[i − 1]`, not carried.
///
/// Each product adds less than 5·2^52 to every limb: 2^9 of them stay within 64 bits.
pub struct Products<P> {
    low: [__m512i; 9],
    high: [__m512i; 9],
    prime: PhantomData<P>,
}

impl<P: Prime> Products<P> {
    #[inline(always)]
    pub unsafe fn zero() -> Self {
        let zero = unsafe { _mm512_setzero_si512() };
        Self { low: [zero; 9], high: [zero; 9], prime: PhantomData }
    }

    /// Adds a·b for normal a and a constant b, the same in all lanes.
    #[inline(always)]
    pub unsafe fn add(&mut self, a: &Lanes<P>, b: &[u64; 5]) {
        unsafe {
            for (i, limb) in b.iter().enumerate() {
                let limb = _mm512_set1_epi64(*limb as i64);
                for j in 0..5 {
                    self.low[i + j] = _mm512_madd52lo_epu64(self.low[i + j], a.limbs[j], limb);
                    self.high[i + j] = _mm512_madd52hi_epu64(self.high[i + j], a.limbs[j], limb);
                }
            }
        }
    }

    /// base + Σ/2^260 mod p, normal: below base + (1 + k)·p when Σ < 2^260·p·k, and this must be below 2^260.
    #[inline(always)]
    pub unsafe fn reduce_onto(self, base: &Lanes<P>) -> Lanes<P> {
        unsafe {
            let zero = _mm512_setzero_si512();
            let inverse = _mm512_set1_epi64(P::INVERSE as i64);
            let mut t = [zero; 10];
            t[0] = self.low[0];
            t[9] = self.high[8];
            for i in 1..9 {
                t[i] = _mm512_add_epi64(self.low[i], self.high[i - 1]);
            }
            for i in 0..5 {
                let m = _mm512_madd52lo_epu64(zero, t[i], inverse);
                for j in 0..5 {
                    let limb = _mm512_set1_epi64(P::P[j] as i64);
                    t[i + j] = _mm512_madd52lo_epu64(t[i + j], m, limb);
                    t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], m, limb);
                }
                // The low 52 bits of limb i are 0 now.
                t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64::<LIMB_BITS>(t[i]));
            }
            for i in 0..5 {
                t[5 + i] = _mm512_add_epi64(t[5 + i], base.limbs[i]);
            }
            Lanes::normalize([t[5], t[6], t[7], t[8], t[9]])
        }
    }

    /// The sum alone.
    #[inline(always)]
    pub unsafe fn reduce(self) -> Lanes<P> {
        unsafe { self.reduce_onto(&Lanes::zero()) }
    }
}
