//! Montgomery arithmetic on four 64-bit limbs without branches: the scalar path of the kernels.
//!
//! arkworks has the same representation (radix 2^256) and formulas, but compares and branches after each
//! operation, and misses `mulx` in a generic build. Everything here is `#[inline(always)]`, so that kernels
//! compiled for BMI2 and ADX get these instructions. Values are below p unless stated.

#![allow(clippy::needless_range_loop, clippy::should_implement_trait)]

use ark_bn254::{FqConfig, FrConfig};
use ark_ff::{Fp, MontBackend, MontConfig};
use std::marker::PhantomData;

/// An element of the field of `C`, below the modulus, which is below 2^254.
#[derive(Debug)]
pub struct Element<C> {
    pub limbs: [u64; 4],
    field: PhantomData<C>,
}

impl<C> Clone for Element<C> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Element<C> {}

pub type FqElement = Element<FqConfig>;
pub type FrElement = Element<FrConfig>;

/// value·2^times mod p, for value < p < 2^254.
pub const fn double_modulo(mut value: [u64; 4], p: [u64; 4], times: u32) -> [u64; 4] {
    let mut round = 0;
    while round < times {
        let [a, b, c, d] = value;
        let double = [a << 1, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63];
        let (mut less, mut borrow, mut i) = ([0; 4], false, 0);
        while i < 4 {
            let (difference, b1) = double[i].overflowing_sub(p[i]);
            let (difference, b2) = difference.overflowing_sub(borrow as u64);
            (less[i], borrow) = (difference, b1 | b2);
            i += 1;
        }
        value = if borrow { double } else { less };
        round += 1;
    }
    value
}

#[inline(always)]
fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    // (2^64 − 1)² + 2·(2^64 − 1) < 2^128.
    let wide = a as u128 * b as u128 + c as u128 + d as u128;
    (wide as u64, (wide >> 64) as u64)
}

impl<C: MontConfig<4>> Element<C> {
    pub const ZERO: Self = Self::new([0; 4]);
    pub const ONE: Self = Self::new(C::R.0);
    const P: [u64; 4] = C::MODULUS.0;

    #[inline(always)]
    pub const fn new(limbs: [u64; 4]) -> Self {
        Self { limbs, field: PhantomData }
    }

    #[inline(always)]
    pub fn from_ark(value: &Fp<MontBackend<C, 4>, 4>) -> Self {
        Self::new(value.0.0)
    }

    #[inline(always)]
    pub fn to_ark(self) -> Fp<MontBackend<C, 4>, 4> {
        Fp(ark_ff::BigInt(self.limbs), PhantomData)
    }

    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.limbs == [0; 4]
    }

    /// t less p unless that is negative; t < 2·p.
    #[inline(always)]
    pub(crate) fn subtract_modulus(t: [u64; 4]) -> Self {
        let mut less = [0; 4];
        let mut borrow = false;
        for i in 0..4 {
            (less[i], borrow) = t[i].subtract_borrow(Self::P[i], borrow);
        }
        let keep = (borrow as u64).wrapping_neg();
        for i in 0..4 {
            less[i] = (t[i] & keep) | (less[i] & !keep);
        }
        Self::new(less)
    }

    #[inline(always)]
    pub fn add(self, other: Self) -> Self {
        let mut sum = [0; 4];
        let mut carry = false;
        for i in 0..4 {
            (sum[i], carry) = self.limbs[i].add_carry(other.limbs[i], carry);
        }
        Self::subtract_modulus(sum)
    }

    #[inline(always)]
    pub fn double(self) -> Self {
        self.add(self)
    }

    #[inline(always)]
    pub fn subtract(self, other: Self) -> Self {
        let mut difference = [0; 4];
        let mut borrow = false;
        for i in 0..4 {
            (difference[i], borrow) = self.limbs[i].subtract_borrow(other.limbs[i], borrow);
        }
        let mask = (borrow as u64).wrapping_neg();
        let mut carry = false;
        for i in 0..4 {
            (difference[i], carry) = difference[i].add_carry(Self::P[i] & mask, carry);
        }
        Self::new(difference)
    }

    #[inline(always)]
    pub fn negate(self) -> Self {
        Self::ZERO.subtract(self)
    }

    /// −a if `condition`.
    #[inline(always)]
    pub fn negate_if(self, condition: bool) -> Self {
        let negative = self.negate();
        let mask = (condition as u64).wrapping_neg();
        Self::new(std::array::from_fn(|i| (negative.limbs[i] & mask) | (self.limbs[i] & !mask)))
    }

    /// Operand scanning (CIOS); two carries suffice because the modulus leaves two bits of the top limb free.
    #[inline(always)]
    pub fn multiply(self, other: Self) -> Self {
        let (a, b, p) = (&self.limbs, &other.limbs, &Self::P);
        let mut t = [0u64; 4];
        for i in 0..4 {
            let (low, mut high) = multiply_add(a[0], b[i], t[0], 0);
            let m = low.wrapping_mul(C::INV);
            let (_, mut carry) = multiply_add(m, p[0], low, 0);
            for j in 1..4 {
                let (sum, next) = multiply_add(a[j], b[i], t[j], high);
                high = next;
                (t[j - 1], carry) = multiply_add(m, p[j], sum, carry);
            }
            t[3] = high + carry;
        }
        Self::subtract_modulus(t)
    }

    #[inline(always)]
    pub fn square(self) -> Self {
        self.multiply(self)
    }

    /// 1/a; a is not 0.
    pub fn invert(self) -> Self {
        crate::inverse::invert(self).expect("0 has no inverse")
    }
}

/// `carrying_add` and `borrowing_sub` of the nightly library, in a shape that compiles to adc and sbb.
trait Carry: Sized {
    fn add_carry(self, other: Self, carry: bool) -> (Self, bool);
    fn subtract_borrow(self, other: Self, borrow: bool) -> (Self, bool);
}

impl Carry for u64 {
    #[inline(always)]
    fn add_carry(self, other: u64, carry: bool) -> (u64, bool) {
        let (sum, c1) = self.overflowing_add(other);
        let (sum, c2) = sum.overflowing_add(carry as u64);
        (sum, c1 | c2)
    }

    #[inline(always)]
    fn subtract_borrow(self, other: u64, borrow: bool) -> (u64, bool) {
        let (difference, b1) = self.overflowing_sub(other);
        let (difference, b2) = difference.overflowing_sub(borrow as u64);
        (difference, b1 | b2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::Fq;
    use ark_ff::{AdditiveGroup, Field, One, Zero};

    #[test]
    fn agrees_with_arkworks() {
        let minus_one = -Fq::one();
        let mut values = vec![Fq::zero(), Fq::one(), minus_one, minus_one.double(), Fq::from(2u64).pow([253])];
        values.extend((1..60u64).map(|i| Fq::from(i).pow([i * 1_000_003])));
        for a in &values {
            for b in &values {
                let (x, y) = (FqElement::from_ark(a), FqElement::from_ark(b));
                assert_eq!(x.add(y).to_ark(), *a + b);
                assert_eq!(x.subtract(y).to_ark(), *a - b);
                assert_eq!(x.multiply(y).to_ark(), *a * b);
                assert_eq!(x.negate_if(true).to_ark(), -*a);
                assert_eq!(x.negate_if(false).to_ark(), *a);
            }
        }
    }
}
