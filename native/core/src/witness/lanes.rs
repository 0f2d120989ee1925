//! Eight instances of a circuit in the lanes of AVX512-IFMA (see `crate::lanes` for the representation).
//!
//! Elements in registers are normal and below 3·r: sums and differences are below 6·r, which `reduce` brings below
//! 2.65·r (6·r < 5·2^254); products of two values below 3·r are below 1.11·r. Integers in registers are canonical.

use super::integer::Integer;
use super::vector::{MAX_WIDTH, Vector};
use crate::lanes::field::{FrPrime, LIMB_BITS, Lanes, MASK, Prime, split};
use crate::lanes::transpose::pack;
use ark_bn254::Fr;
use ark_ff::PrimeField;
use std::arch::x86_64::*;

type Elements = Lanes<FrPrime>;

/// 2^520 mod r: its product with an integer is the integer's stored form.
const SQUARE: [u64; 5] = split(radix_square());

/// 2^520 mod r by doubling 1.
const fn radix_square() -> [u64; 4] {
    let p = Fr::MODULUS.0;
    let (mut value, mut round) = ([1u64, 0, 0, 0], 0);
    while round < 520 {
        let double = [
            value[0] << 1,
            value[1] << 1 | value[0] >> 63,
            value[2] << 1 | value[1] >> 63,
            value[3] << 1 | value[2] >> 63,
        ];
        let (mut less, mut borrow, mut limb) = ([0; 4], false, 0);
        while limb < 4 {
            let (d, b1) = double[limb].overflowing_sub(p[limb]);
            let (d, b2) = d.overflowing_sub(borrow as u64);
            (less[limb], borrow) = (d, b1 | b2);
            limb += 1;
        }
        value = if borrow { double } else { less };
        round += 1;
    }
    value
}

/// Lanes whose element, normal and below 3·r, is 0: the limbs are those of 0, r or 2·r.
#[inline(always)]
fn zeros(a: &Elements) -> __mmask8 {
    let mut mask = 0;
    for k in 0..3 {
        let mut equal = 0xff;
        for limb in 0..5 {
            // SAFETY: called only where AVX512-IFMA is available (`available` in execute.rs).
            unsafe {
                let multiple = _mm512_set1_epi64(FrPrime::MULTIPLES[limb][k] as i64);
                equal = _mm512_mask_cmpeq_epi64_mask(equal, a.limbs[limb], multiple);
            }
        }
        mask |= equal;
    }
    mask
}

// SAFETY of all blocks below: the type is used only where the CPU has the extensions (execute.rs), and the bounds
// that the kernels of `crate::lanes` ask for hold by the invariant above.
impl Vector for Elements {
    const WIDTH: usize = 8;
    type Constant = [u64; 5];

    fn element_constant(value: Fr) -> [u64; 5] {
        // arkworks' limbs of 16·x are the stored form of x: radix 2^256 · 16 = 2^260.
        split((value * Fr::from(16u64)).0.0)
    }

    fn integer_constant(value: Fr) -> [u64; 5] {
        split(value.into_bigint().0)
    }

    #[inline(always)]
    fn broadcast(constant: &[u64; 5]) -> Self {
        Self::broadcast_limbs(*constant)
    }

    #[inline(always)]
    fn zero() -> Self {
        unsafe { Lanes::zero() }
    }

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        unsafe { Lanes::reduce(&Lanes::add(self, other)) }
    }

    #[inline(always)]
    fn subtract(&self, other: &Self) -> Self {
        unsafe { Lanes::reduce(&Lanes::subtract::<3>(self, other)) }
    }

    #[inline(always)]
    fn multiply_pair(a: [&Self; 2], b: [&Self; 2]) -> [Self; 2] {
        let (first, second) = unsafe { Lanes::multiply2(a[0], b[0], a[1], b[1]) };
        [first, second]
    }

    #[inline(always)]
    fn select(&self, yes: &Self, no: &Self) -> Self {
        unsafe { Lanes::select(yes, zeros(self), no) }
    }

    #[inline(always)]
    fn is_zero(&self) -> Self {
        unsafe { Lanes::select(&Lanes::zero(), zeros(self), &Lanes::one()) }
    }

    #[inline(always)]
    fn invert_all(values: &mut [Self]) {
        // Montgomery's trick: prefixes[i] is the product of values 0 to i − 1, with 1 in place of 0.
        let one = Self::one();
        let mut prefixes = Vec::with_capacity(values.len());
        let mut product = one;
        for value in values.iter() {
            prefixes.push(product);
            product = unsafe { Lanes::multiply(&product, &Lanes::select(value, zeros(value), &one)) };
        }
        let mut inverse = product.invert();
        for (value, prefix) in values.iter_mut().zip(prefixes).rev() {
            let mask = zeros(value);
            unsafe {
                let (result, rest) = Lanes::multiply2(&inverse, &prefix, &inverse, &Lanes::select(value, mask, &one));
                *value = Lanes::select(&result, mask, &Lanes::zero());
                inverse = rest;
            }
        }
    }

    #[inline(always)]
    fn to_integer(&self) -> Self {
        unsafe {
            // The product with the integer 1 is at most r: r itself stands for 0.
            let integer = Lanes::multiply(self, &Self::broadcast_limbs([1, 0, 0, 0, 0]));
            let mut is_modulus = 0xff;
            for limb in 0..5 {
                let modulus = _mm512_set1_epi64(FrPrime::P[limb] as i64);
                is_modulus = _mm512_mask_cmpeq_epi64_mask(is_modulus, integer.limbs[limb], modulus);
            }
            Lanes::select(&integer, is_modulus, &Lanes::zero())
        }
    }

    #[inline(always)]
    fn to_element(&self) -> Self {
        unsafe { Lanes::multiply(self, &Self::broadcast_limbs(SQUARE)) }
    }

    #[inline(always)]
    fn slice(&self, first: u32, count: u32) -> Self {
        let (skipped, shift) = ((first / LIMB_BITS) as usize, first % LIMB_BITS);
        let mut result = <Self as Vector>::zero();
        for limb in 0..5usize {
            let Some(kept) = count.checked_sub(LIMB_BITS * limb as u32) else { break };
            let mask = if kept >= LIMB_BITS { MASK } else { (1 << kept) - 1 };
            unsafe {
                let zero = _mm512_setzero_si512();
                let low = if skipped + limb < 5 { self.limbs[skipped + limb] } else { zero };
                let high = if skipped + limb < 4 { self.limbs[skipped + limb + 1] } else { zero };
                let low = _mm512_srl_epi64(low, _mm_cvtsi32_si128(shift as i32));
                let high = _mm512_sll_epi64(high, _mm_cvtsi32_si128((LIMB_BITS - shift) as i32));
                result.limbs[limb] = _mm512_and_si512(_mm512_or_si512(low, high), _mm512_set1_epi64(mask));
            }
        }
        result
    }

    #[inline(always)]
    fn bit(&self, index: u32) -> Self {
        unsafe {
            let bit = _mm512_set1_epi64(1 << (index % LIMB_BITS));
            let mask = _mm512_test_epi64_mask(self.limbs[(index / LIMB_BITS) as usize], bit);
            Lanes::select(&Lanes::zero(), mask, &Lanes::one())
        }
    }

    #[inline(always)]
    fn load(values: &[Integer; MAX_WIDTH]) -> Self {
        Self::from_words(values)
    }

    #[inline(always)]
    fn store(&self, values: &mut [Integer; MAX_WIDTH]) {
        unsafe {
            let words = pack(self);
            for (limb, word) in words.into_iter().enumerate() {
                let word: [u64; 8] = std::mem::transmute(word);
                for (value, word) in values.iter_mut().zip(word) {
                    value[limb] = word;
                }
            }
        }
    }
}
