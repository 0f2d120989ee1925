//! Montgomery arithmetic on four 64-bit limbs without branches: the scalar path of the kernels.
//!
//! arkworks has the same representation (radix 2^256), but compares and branches after each operation, and reduces
//! each result. Here an element is canonical, below p; a *loose* value is below 2·p, which a product takes as well
//! and a difference needs no reduction for. `A` says how limbs are multiplied: kernels are compiled for each
//! implementation, everything here is `#[inline(always)]`.

#![allow(clippy::needless_range_loop, clippy::should_implement_trait)]

#[cfg(target_arch = "x86_64")]
pub mod adx;
mod arithmetic;

pub use arithmetic::{Arithmetic, Modulus, Portable};

use arithmetic::{add, subtract};
use ark_bn254::{FqConfig, FrConfig};
use ark_ff::{Fp, MontBackend, MontConfig};
use std::marker::PhantomData;

/// An element of the field of `C`, below the modulus, which is below 2^254; where a function says so, loose.
#[derive(Debug)]
#[repr(transparent)]
pub struct Element<C, A = Portable> {
    pub limbs: [u64; 4],
    field: PhantomData<(C, A)>,
}

impl<C, A> Clone for Element<C, A> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<C, A> Copy for Element<C, A> {}

pub type FqElement<A = Portable> = Element<FqConfig, A>;
pub type FrElement<A = Portable> = Element<FrConfig, A>;

/// value·2^times mod p, for value < p < 2^254.
pub const fn double_modulo(mut value: [u64; 4], p: [u64; 4], times: u32) -> [u64; 4] {
    let mut round = 0;
    while round < times {
        let double = double(value);
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

/// 2·value modulo 2^256.
const fn double([a, b, c, d]: [u64; 4]) -> [u64; 4] {
    [a << 1, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63]
}

impl<C: MontConfig<4>> Element<C> {
    /// t less p unless that is negative; t < 2·p.
    #[inline(always)]
    pub(crate) fn subtract_modulus(t: [u64; 4]) -> Self {
        Self::new(t).tight()
    }
}

impl<C, A> Element<C, A> {
    #[inline(always)]
    pub const fn new(limbs: [u64; 4]) -> Self {
        Self { limbs, field: PhantomData }
    }
}

impl<C: MontConfig<4>, A: Arithmetic> Element<C, A> {
    pub const ZERO: Self = Self::new([0; 4]);
    pub const ONE: Self = Self::new(C::R.0);
    pub const MODULUS: Modulus = Modulus { limbs: C::MODULUS.0, inverse: C::INV };
    const P: &[u64; 4] = &C::MODULUS.0;
    const TWICE_P: &[u64; 4] = &double(C::MODULUS.0);

    #[inline(always)]
    pub fn from_ark(value: &Fp<MontBackend<C, 4>, 4>) -> Self {
        Self::new(value.0.0)
    }

    #[inline(always)]
    pub fn to_ark(self) -> Fp<MontBackend<C, 4>, 4> {
        Fp(ark_ff::BigInt(self.limbs), PhantomData)
    }

    /// Whether a canonical element is 0.
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.limbs == [0; 4]
    }

    /// Whether a value is p itself, the difference of equal elements.
    #[inline(always)]
    pub fn is_modulus(&self) -> bool {
        self.limbs == *Self::P
    }

    /// The canonical element of a loose value.
    #[inline(always)]
    pub fn tight(self) -> Self {
        Self::new(A::subtract_if_not_below(self.limbs, Self::P))
    }

    /// A loose value of one below 4·p.
    #[inline(always)]
    pub fn loose(self) -> Self {
        Self::new(A::subtract_if_not_below(self.limbs, Self::TWICE_P))
    }

    /// a + b, not reduced: of loose values it is below 4·p, of canonical ones loose.
    #[inline(always)]
    pub fn add_loose(self, other: Self) -> Self {
        let sum = add(self.limbs, &other.limbs);
        debug_assert!(!subtract(sum, &other.limbs).1, "a sum has more than 256 bits");
        Self::new(sum)
    }

    /// a − b + p, loose; both are canonical (or p for 0: then at most 2·p).
    #[inline(always)]
    pub fn subtract_loose(self, other: Self) -> Self {
        Self::new(add(subtract(self.limbs, &other.limbs).0, Self::P))
    }

    /// a − b + 2·p, below 4·p; both are loose.
    #[inline(always)]
    pub fn subtract_twice(self, other: Self) -> Self {
        Self::new(add(subtract(self.limbs, &other.limbs).0, Self::TWICE_P))
    }

    /// a·b below a·b/2^256 + p: below 1.76·p for loose operands, below 1.38·p if one of them is canonical. Below
    /// 1.76·p also for one below 4·p and one canonical, and for two values whose bounds multiply to 4·p².
    #[inline(always)]
    pub fn multiply_loose(&self, other: &Self) -> Self {
        Self::new(A::multiply(&self.limbs, &other.limbs, &const { Self::MODULUS }))
    }

    /// a[0]·b[0] + a[1]·b[1], loose: below 1.76·p if either all of a or all of b are canonical and the others loose.
    #[inline(always)]
    pub fn multiply_add_loose(a: &[Self; 2], b: [&Self; 2]) -> Self {
        // SAFETY: an element is its limbs (repr(transparent)).
        let a = unsafe { &*std::ptr::from_ref(a).cast::<[[u64; 4]; 2]>() };
        Self::new(A::multiply_add(a, [&b[0].limbs, &b[1].limbs], &const { Self::MODULUS }))
    }

    #[inline(always)]
    pub fn add(self, other: Self) -> Self {
        self.add_loose(other).tight()
    }

    #[inline(always)]
    pub fn double(self) -> Self {
        self.add(self)
    }

    #[inline(always)]
    pub fn subtract(self, other: Self) -> Self {
        self.subtract_loose(other).tight()
    }

    #[inline(always)]
    pub fn negate(self) -> Self {
        Self::ZERO.subtract(self)
    }

    /// −a if `condition`.
    #[inline(always)]
    pub fn negate_if(self, condition: bool) -> Self {
        self.select(self.negate(), condition)
    }

    /// p − a if `condition`: at most p, which stands for 0.
    #[inline(always)]
    pub fn negate_loose_if(self, condition: bool) -> Self {
        self.select(Self::new(subtract(*Self::P, &self.limbs).0), condition)
    }

    /// `other` if `condition`, without a branch.
    #[inline(always)]
    fn select(self, other: Self, condition: bool) -> Self {
        let mask = (condition as u64).wrapping_neg();
        Self::new(std::array::from_fn(|i| (other.limbs[i] & mask) | (self.limbs[i] & !mask)))
    }

    /// a·b, canonical; the operands may be loose.
    #[inline(always)]
    pub fn multiply(self, other: Self) -> Self {
        self.multiply_loose(&other).tight()
    }

    #[inline(always)]
    pub fn square(self) -> Self {
        self.multiply(self)
    }

    /// 1/a; a is canonical and not 0.
    pub fn invert(self) -> Self {
        let inverse = crate::inverse::invert(Element::<C>::new(self.limbs)).expect("0 has no inverse");
        Self::new(inverse.limbs)
    }

    /// a/4 for a below 2·p: below 1.25·p.
    #[inline(always)]
    pub fn quarter_loose(self) -> Self {
        // m·p for the m of 0 to 3 that makes the sum a multiple of 4.
        let multiples = const { &Self::multiples() };
        let index = self.limbs[0].wrapping_mul(C::INV) as usize & 3;
        let [a, b, c, d] = add(self.limbs, &multiples[index]);
        Self::new([a >> 2 | b << 62, b >> 2 | c << 62, c >> 2 | d << 62, d >> 2])
    }

    /// 0, p, 2·p, 3·p.
    const fn multiples() -> [[u64; 4]; 4] {
        let mut multiples = [[0; 4]; 4];
        let mut index = 1;
        while index < 4 {
            let (mut carry, mut limb) = (0, 0);
            while limb < 4 {
                let wide = multiples[index - 1][limb] as u128 + C::MODULUS.0[limb] as u128 + carry;
                multiples[index][limb] = wide as u64;
                carry = wide >> 64;
                limb += 1;
            }
            index += 1;
        }
        multiples
    }
}

#[cfg(test)]
mod tests;
