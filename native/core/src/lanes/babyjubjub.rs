//! BabyJubJub in lanes.
//!
//! x is scaled by √(−a): the curve becomes −x² + y² = 1 + d'·x²·y² with d' = −d/a, whose formulas need fewer products
//! (Hisil et al. 2008). −1 is a square and d' is not, so they too are complete: they hold for every pair of points.
//!
//! Bounds: coordinates between operations are below 1.5·r ("small"); a product is below (1 + x·y/84)·r for factors
//! below x·r and y·r, since 2^260 > 84·r.

use super::field::{FrPrime, Lanes};
use super::poseidon::stored;
use crate::babyjubjub::{A, D};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use std::arch::x86_64::*;
use std::sync::OnceLock;

pub(super) type F = Lanes<FrPrime>;

/// Constants of the scaled curve.
pub struct Curve {
    /// √(−a).
    pub scale: Fr,
    pub d: Fr,
}

/// Computed once per process.
pub fn curve() -> &'static Curve {
    static CURVE: OnceLock<Curve> = OnceLock::new();
    CURVE.get_or_init(|| Curve {
        scale: (-A).sqrt().expect("−1 and a are squares"),
        d: -D * A.inverse().expect("a is not 0"),
    })
}

/// x = X/Z, y = Y/Z, x·y = T/Z on the scaled curve; small.
/// Twin: native/core/src/babyjubjub/curve.rs Extended.
#[derive(Clone, Copy)]
pub struct Extended {
    pub x: F,
    pub y: F,
    pub z: F,
    pub t: F,
}

/// A point as the second operand of an addition: Y + X, Y − X, 2·d'·T, 2·Z, all below 3.5·r.
#[derive(Clone, Copy)]
pub struct Cached {
    pub sum: F,
    pub difference: F,
    pub t: F,
    pub z: F,
}

/// Lanes that are 0 mod r; a below 7.9·r.
#[inline(always)]
pub(super) unsafe fn is_zero(a: &F) -> __mmask8 {
    // Below 3·r after the reduction.
    unsafe { F::reduce(a).is_multiple() }
}

impl Extended {
    #[inline(always)]
    pub unsafe fn identity() -> Self {
        unsafe { Self { x: F::zero(), y: F::one(), z: F::one(), t: F::zero() } }
    }

    /// From coordinates below 1.1·r of the scaled curve.
    #[inline(always)]
    pub unsafe fn from_affine(x: &F, y: &F) -> Self {
        unsafe { Self { x: *x, y: *y, z: F::one(), t: F::multiply(x, y) } }
    }

    #[inline(always)]
    pub unsafe fn to_cached(&self) -> Cached {
        unsafe {
            Cached {
                sum: F::add(&self.y, &self.x),
                difference: F::subtract::<2>(&self.y, &self.x),
                t: F::multiply(&self.t, &F::broadcast_limbs(stored(&curve().d.double()))),
                z: F::add(&self.z, &self.z),
            }
        }
    }

    /// Doubling ("dbl-2008-hwcd", a = −1) with all four coordinates negated, which is the same point.
    #[inline(always)]
    pub unsafe fn double(&self) -> Self {
        unsafe {
            let s = F::add(&self.x, &self.y);
            let (a, b) = F::multiply2(&self.x, &self.x, &self.y, &self.y);
            let (c, ss) = F::multiply2(&self.z, &self.z, &s, &s);
            // a, b, c < 1.03·r, ss < 1.11·r: h < 2.1·r, e < 4.2·r, g < 3.1·r, f < 6.1·r; products < 1.31·r.
            let h = F::add(&a, &b);
            let e = F::subtract_two::<3>(&ss, &a, &b);
            let g = F::subtract::<2>(&b, &a);
            let f = F::subtract::<4>(&F::add(&c, &c), &g);
            let (x, y) = F::multiply2(&e, &f, &g, &h);
            let (t, z) = F::multiply2(&e, &h, &f, &g);
            Self { x, y, z, t }
        }
    }

    /// Unified addition ("add-2008-hwcd-3").
    #[inline(always)]
    pub unsafe fn add(&self, other: &Cached) -> Self {
        unsafe {
            let (a, b) = self.cross(other);
            let (c, d) = F::multiply2(&self.t, &other.t, &self.z, &other.z);
            Self::finish(&a, &b, &c, &d)
        }
    }

    /// The same for Z = 1 in the second operand: 2·Z is 2, a product less.
    #[inline(always)]
    pub unsafe fn add_affine(&self, sum: F, difference: F, t: F) -> Self {
        unsafe {
            let (a, b) = self.cross(&Cached { sum, difference, t, z: F::zero() });
            let c = F::multiply(&self.t, &t);
            Self::finish(&a, &b, &c, &F::add(&self.z, &self.z))
        }
    }

    #[inline(always)]
    unsafe fn cross(&self, other: &Cached) -> (F, F) {
        unsafe {
            let (difference, sum) = (F::subtract::<2>(&self.y, &self.x), F::add(&self.y, &self.x));
            F::multiply2(&difference, &other.difference, &sum, &other.sum)
        }
    }

    /// a < 1.15·r, b < 1.13·r, c < 1.1·r, d < 3·r: e < 3.2·r, f < 5·r, g < 4.1·r, h < 2.3·r; products < 1.25·r.
    #[inline(always)]
    unsafe fn finish(a: &F, b: &F, c: &F, d: &F) -> Self {
        unsafe {
            let (e, h) = (F::subtract::<2>(b, a), F::add(b, a));
            let (f, g) = (F::subtract::<2>(d, c), F::add(d, c));
            let (x, y) = F::multiply2(&e, &f, &g, &h);
            let (t, z) = F::multiply2(&e, &h, &f, &g);
            Self { x, y, z, t }
        }
    }

    #[inline(always)]
    pub unsafe fn is_identity(&self) -> __mmask8 {
        unsafe { is_zero(&self.x) & is_zero(&F::subtract::<2>(&self.y, &self.z)) }
    }

    /// Lanes in which both representations mean the same point.
    #[inline(always)]
    pub unsafe fn same(&self, other: &Self) -> __mmask8 {
        unsafe {
            let (a, b) = F::multiply2(&self.x, &other.z, &other.x, &self.z);
            let (c, d) = F::multiply2(&self.y, &other.z, &other.y, &self.z);
            is_zero(&F::subtract::<2>(&a, &b)) & is_zero(&F::subtract::<2>(&c, &d))
        }
    }

    /// `scalars`·self in each lane by signed windows of four bits, for scalars below 7·2^248.
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
    pub unsafe fn multiply(&self, scalars: &[[u64; 4]; 8]) -> Self {
        unsafe {
            let own = self.to_cached();
            let mut table = [Self::identity().to_cached(); HALF + 1];
            let mut multiple = *self;
            table[1] = own;
            for entry in &mut table[2..] {
                multiple = multiple.add(&own);
                *entry = multiple.to_cached();
            }
            let digits = scalars.map(|scalar| add_words(scalar, OFFSETS));
            let mut sum = Self::identity();
            for window in (0..WINDOWS).rev() {
                for _ in 0..WINDOW_BITS {
                    sum = sum.double();
                }
                let at = WINDOW_BITS * window;
                let digits = digits.map(|words| (words[at / 64] >> (at % 64) & 15) as i64 - HALF as i64);
                sum = sum.add(&Cached::select(&table, &digits));
            }
            sum
        }
    }
}

const WINDOW_BITS: usize = 4;
const WINDOWS: usize = 63;
const HALF: usize = 8;
/// 8·Σ 16^i over the windows: added to a scalar it makes every digit 8 too large, so that none is negative. The top
/// digit is at most 6 + 8 + 1 = 15.
const OFFSETS: [u64; 4] = [0x8888_8888_8888_8888, 0x8888_8888_8888_8888, 0x8888_8888_8888_8888, 0x0888_8888_8888_8888];

/// a + b, which must be below 2^256.
pub(super) fn add_words(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
    let mut carry = false;
    let sum = std::array::from_fn(|i| {
        let (sum, first) = a[i].overflowing_add(b[i]);
        let (sum, second) = sum.overflowing_add(carry as u64);
        carry = first | second;
        sum
    });
    debug_assert!(!carry, "a sum of 2^256 or more");
    sum
}

impl Cached {
    /// Entry |digit| of each lane's table, negated where the digit is negative; small digits.
    #[inline(always)]
    unsafe fn select(table: &[Self; HALF + 1], digits: &[i64; 8]) -> Self {
        unsafe {
            let digits: __m512i = _mm512_loadu_si512(digits.as_ptr().cast());
            let wanted = _mm512_abs_epi64(digits);
            let mut chosen = table[0];
            for (index, entry) in table.iter().enumerate().skip(1) {
                let mask = _mm512_cmpeq_epi64_mask(wanted, _mm512_set1_epi64(index as i64));
                chosen.sum = F::select(&chosen.sum, mask, &entry.sum);
                chosen.difference = F::select(&chosen.difference, mask, &entry.difference);
                chosen.t = F::select(&chosen.t, mask, &entry.t);
                chosen.z = F::select(&chosen.z, mask, &entry.z);
            }
            let negative = _mm512_movepi64_mask(digits);
            let (sum, difference, t) = negate_some(&chosen.sum, &chosen.difference, &chosen.t, negative);
            Self { sum, difference, t, z: chosen.z }
        }
    }
}

/// The opposite point in the lanes of the mask: Y + X and Y − X change places, T changes its sign; t below 3·r.
#[inline(always)]
pub(super) unsafe fn negate_some(sum: &F, difference: &F, t: &F, mask: __mmask8) -> (F, F, F) {
    unsafe {
        let negative = F::subtract::<3>(&F::zero(), t);
        (F::select(sum, mask, difference), F::select(difference, mask, sum), F::select(t, mask, &negative))
    }
}

#[cfg(test)]
mod tests;
