//! Eight field elements at once (see the module above for the representation).

use crate::montgomery::{Element, double_modulo};
use ark_bn254::{FqConfig, FrConfig};
use ark_ff::{BigInt, BigInteger, MontConfig};
use std::arch::x86_64::*;
use std::marker::PhantomData;

pub const LIMB_BITS: u32 = 52;
pub const MASK: i64 = (1 << LIMB_BITS) - 1;

/// Five limbs of 52 bits of an integer below 2^256.
pub const fn split(w: [u64; 4]) -> [u64; 5] {
    const M: u64 = MASK as u64;
    [w[0] & M, (w[0] >> 52 | w[1] << 12) & M, (w[1] >> 40 | w[2] << 24) & M, (w[2] >> 28 | w[3] << 36) & M, w[3] >> 16]
}

/// The integer of five normal limbs below 2^256.
pub const fn join(m: [u64; 5]) -> [u64; 4] {
    [m[0] | m[1] << 52, m[1] >> 12 | m[2] << 40, m[2] >> 24 | m[3] << 28, m[3] >> 36 | m[4] << 16]
}

const fn multiples(p: [u64; 5]) -> [[u64; 8]; 5] {
    let mut table = [[0; 8]; 5];
    let mut k = 0;
    while k < 8 {
        let (mut carry, mut i) = (0, 0);
        while i < 5 {
            let sum = p[i] * k as u64 + carry;
            table[i][k] = if i < 4 { sum & MASK as u64 } else { sum };
            carry = sum >> 52;
            i += 1;
        }
        k += 1;
    }
    table
}

/// A prime below 2^254 and what its arithmetic needs.
pub trait Prime: Copy + 'static {
    /// The scalar twin.
    type Config: MontConfig<4>;
    const P: [u64; 5] = split(Self::Config::MODULUS.0);
    /// −1/p mod 2^52.
    const INVERSE: u64 = Self::Config::INV & MASK as u64;
    /// `MULTIPLES[i][k]` is limb i of k·p.
    const MULTIPLES: [[u64; 8]; 5] = multiples(Self::P);
    /// 2^260 mod p: the stored form of 1.
    const ONE: [u64; 5] = split(double_modulo(Self::Config::R.0, Self::Config::MODULUS.0, 4));
    /// 256 for scalars.
    const TIMES_256: Element<Self::Config> = Element::new(double_modulo(Self::Config::R.0, Self::Config::MODULUS.0, 8));
}

/// The base field of G1.
#[derive(Clone, Copy)]
pub struct FqPrime;

impl Prime for FqPrime {
    type Config = FqConfig;
}

/// The scalar field.
#[derive(Clone, Copy)]
pub struct FrPrime;

impl Prime for FrPrime {
    type Config = FrConfig;
}

/// Words of any size, less p as often as it fits.
fn reduce_words<P: Prime>(words: [u64; 4]) -> [u64; 4] {
    let mut value = BigInt(words);
    while value >= P::Config::MODULUS {
        value.sub_with_borrow(&P::Config::MODULUS);
    }
    value.0
}

/// Eight elements.
#[derive(Clone, Copy)]
pub struct Lanes<P> {
    pub limbs: [__m512i; 5],
    prime: PhantomData<P>,
}

/// `[f(0), … f(4)]`. A closure would not be inlined into kernels, and without their features it is slow.
macro_rules! limbwise {
    ($i:ident => $value:expr) => {
        [
            {
                const $i: usize = 0;
                $value
            },
            {
                const $i: usize = 1;
                $value
            },
            {
                const $i: usize = 2;
                $value
            },
            {
                const $i: usize = 3;
                $value
            },
            {
                const $i: usize = 4;
                $value
            },
        ]
    };
}

#[inline(always)]
unsafe fn low(sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    unsafe { _mm512_madd52lo_epu64(sum, a, b) }
}

#[inline(always)]
unsafe fn high(sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    unsafe { _mm512_madd52hi_epu64(sum, a, b) }
}

#[inline(always)]
unsafe fn constant(value: u64) -> __m512i {
    unsafe { _mm512_set1_epi64(value as i64) }
}

impl<P: Prime> Lanes<P> {
    #[inline(always)]
    pub fn new(limbs: [__m512i; 5]) -> Self {
        Self { limbs, prime: PhantomData }
    }

    #[inline(always)]
    pub unsafe fn zero() -> Self {
        Self::new([unsafe { _mm512_setzero_si512() }; 5])
    }

    /// One element, given as the limbs of its stored form, in all lanes.
    #[inline(always)]
    pub unsafe fn broadcast(stored: [u64; 4]) -> Self {
        Self::broadcast_limbs(split(stored))
    }

    #[inline(always)]
    pub fn broadcast_limbs(limbs: [u64; 5]) -> Self {
        Self::new(limbwise!(I => unsafe { constant(limbs[I]) }))
    }

    #[inline(always)]
    pub fn one() -> Self {
        Self::broadcast_limbs(P::ONE)
    }

    /// Carries between limbs, which may be negative; the value must not be. Normal limbs out.
    #[inline(always)]
    pub(super) unsafe fn normalize(mut t: [__m512i; 5]) -> Self {
        unsafe {
            let mask = _mm512_set1_epi64(MASK);
            for i in 0..4 {
                t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srai_epi64::<LIMB_BITS>(t[i]));
                t[i] = _mm512_and_si512(t[i], mask);
            }
            Self::new(t)
        }
    }

    /// Two products a·b/2^260 at once, so that one hides the latency of the other.
    /// Normal limbs in, a·b < 2^260·p·k; normal limbs out, below (1 + k)·p. (12·p times 6·p: k < 0.86.)
    #[inline(always)]
    pub unsafe fn multiply2(a: &Self, b: &Self, c: &Self, d: &Self) -> (Self, Self) {
        unsafe {
            let zero = _mm512_setzero_si512();
            let inverse = constant(P::INVERSE);
            let p = [constant(P::P[0]), constant(P::P[1]), constant(P::P[2]), constant(P::P[3]), constant(P::P[4])];
            let mut t = [zero; 6];
            let mut u = [zero; 6];
            macro_rules! round {
                ($i:expr) => {
                    let (x, y) = (b.limbs[$i], d.limbs[$i]);
                    t[0] = low(t[0], a.limbs[0], x);
                    u[0] = low(u[0], c.limbs[0], y);
                    let m = low(zero, t[0], inverse);
                    let n = low(zero, u[0], inverse);
                    t[1] = high(t[1], a.limbs[0], x);
                    u[1] = high(u[1], c.limbs[0], y);
                    t[2] = high(t[2], a.limbs[1], x);
                    u[2] = high(u[2], c.limbs[1], y);
                    t[3] = high(t[3], a.limbs[2], x);
                    u[3] = high(u[3], c.limbs[2], y);
                    t[4] = high(t[4], a.limbs[3], x);
                    u[4] = high(u[4], c.limbs[3], y);
                    t[5] = high(zero, a.limbs[4], x);
                    u[5] = high(zero, c.limbs[4], y);
                    t[1] = low(t[1], a.limbs[1], x);
                    u[1] = low(u[1], c.limbs[1], y);
                    t[2] = low(t[2], a.limbs[2], x);
                    u[2] = low(u[2], c.limbs[2], y);
                    t[3] = low(t[3], a.limbs[3], x);
                    u[3] = low(u[3], c.limbs[3], y);
                    t[4] = low(t[4], a.limbs[4], x);
                    u[4] = low(u[4], c.limbs[4], y);
                    t[0] = low(t[0], m, p[0]);
                    u[0] = low(u[0], n, p[0]);
                    t[1] = high(t[1], m, p[0]);
                    u[1] = high(u[1], n, p[0]);
                    t[2] = high(t[2], m, p[1]);
                    u[2] = high(u[2], n, p[1]);
                    t[3] = high(t[3], m, p[2]);
                    u[3] = high(u[3], n, p[2]);
                    t[4] = high(t[4], m, p[3]);
                    u[4] = high(u[4], n, p[3]);
                    t[5] = high(t[5], m, p[4]);
                    u[5] = high(u[5], n, p[4]);
                    t[1] = low(t[1], m, p[1]);
                    u[1] = low(u[1], n, p[1]);
                    t[2] = low(t[2], m, p[2]);
                    u[2] = low(u[2], n, p[2]);
                    t[3] = low(t[3], m, p[3]);
                    u[3] = low(u[3], n, p[3]);
                    t[4] = low(t[4], m, p[4]);
                    u[4] = low(u[4], n, p[4]);
                    // The low 52 bits of limb 0 are 0 now: shift one limb down.
                    t[1] = _mm512_add_epi64(t[1], _mm512_srli_epi64::<LIMB_BITS>(t[0]));
                    u[1] = _mm512_add_epi64(u[1], _mm512_srli_epi64::<LIMB_BITS>(u[0]));
                    t = [t[1], t[2], t[3], t[4], t[5], zero];
                    u = [u[1], u[2], u[3], u[4], u[5], zero];
                };
            }
            round!(0);
            round!(1);
            round!(2);
            round!(3);
            round!(4);
            (Self::normalize([t[0], t[1], t[2], t[3], t[4]]), Self::normalize([u[0], u[1], u[2], u[3], u[4]]))
        }
    }

    #[inline(always)]
    pub unsafe fn multiply(a: &Self, b: &Self) -> Self {
        // The optimizer drops the second product.
        unsafe { Self::multiply2(a, b, a, b).0 }
    }

    /// a + b, normal.
    #[inline(always)]
    pub unsafe fn add(a: &Self, b: &Self) -> Self {
        unsafe { Self::normalize(limbwise!(I => _mm512_add_epi64(a.limbs[I], b.limbs[I]))) }
    }

    /// a − b + k·p for b ≤ k·p, normal.
    #[inline(always)]
    pub unsafe fn subtract<const K: usize>(a: &Self, b: &Self) -> Self {
        unsafe {
            Self::normalize(limbwise!(I => {
                _mm512_add_epi64(_mm512_sub_epi64(a.limbs[I], b.limbs[I]), constant(P::MULTIPLES[I][K]))
            }))
        }
    }

    /// a − b − c + k·p, not negative by the caller's bounds; normal.
    #[inline(always)]
    pub unsafe fn subtract_two<const K: usize>(a: &Self, b: &Self, c: &Self) -> Self {
        unsafe {
            Self::normalize(limbwise!(I => {
                let sum = _mm512_add_epi64(b.limbs[I], c.limbs[I]);
                _mm512_add_epi64(_mm512_sub_epi64(a.limbs[I], sum), constant(P::MULTIPLES[I][K]))
            }))
        }
    }

    /// a − 2·b − (c − 3·p) + 6·p: for c = d − b + 3·p that is a − b − d + 6·p. Not negative by the caller's bounds.
    #[inline(always)]
    pub unsafe fn subtract_twice(a: &Self, b: &Self, c: &Self) -> Self {
        unsafe {
            Self::normalize(limbwise!(I => {
                let sum = _mm512_add_epi64(_mm512_add_epi64(b.limbs[I], b.limbs[I]), c.limbs[I]);
                let nine = constant(P::MULTIPLES[I][6] + P::MULTIPLES[I][3]);
                _mm512_add_epi64(_mm512_sub_epi64(a.limbs[I], sum), nine)
            }))
        }
    }

    /// Takes ⌊a/2^254⌋·p off: a below k·2^254 (k ≤ 8) becomes less than (1.33 + 0.33·(k − 1))·p. Below 7.9·p: < 3·p.
    #[inline(always)]
    pub unsafe fn reduce(a: &Self) -> Self {
        unsafe {
            let k = _mm512_srli_epi64::<46>(a.limbs[4]);
            Self::normalize(limbwise!(I => {
                let table = _mm512_loadu_si512(P::MULTIPLES[I].as_ptr().cast());
                _mm512_sub_epi64(a.limbs[I], _mm512_permutexvar_epi64(k, table))
            }))
        }
    }

    /// 0 in place of p; other normal values below p stay.
    #[inline(always)]
    pub unsafe fn modulus_to_zero(a: &Self) -> Self {
        unsafe {
            let mut mask = 0xff;
            for i in 0..5 {
                mask &= _mm512_cmpeq_epi64_mask(a.limbs[i], constant(P::P[i]));
            }
            Self::select(a, mask, &Self::zero())
        }
    }

    /// Lanes that are 0, p, 2·p, … 5·p.
    #[inline(always)]
    pub unsafe fn is_multiple(&self) -> __mmask8 {
        unsafe {
            let mut any = 0;
            for k in 0..6 {
                let mut all = 0xff;
                for i in 0..5 {
                    all &= _mm512_cmpeq_epi64_mask(self.limbs[i], constant(P::MULTIPLES[i][k]));
                }
                any |= all;
            }
            any
        }
    }

    /// `b` in the lanes of the mask, `a` in the others.
    #[inline(always)]
    pub unsafe fn select(a: &Self, mask: __mmask8, b: &Self) -> Self {
        Self::new(limbwise!(I => unsafe { _mm512_mask_mov_epi64(a.limbs[I], mask, b.limbs[I]) }))
    }

    /// Lanes whose lowest limb is that of p, 2·p, … 5·p: all zeros below 6·p except 0 itself, and 1 in 2^49 others.
    #[inline(always)]
    pub unsafe fn maybe_zero(&self) -> __mmask8 {
        unsafe {
            let mut mask = 0;
            for k in 1..6 {
                mask |= _mm512_cmpeq_epi64_mask(self.limbs[0], constant(P::MULTIPLES[0][k]));
            }
            mask
        }
    }

    /// The lanes as stored limbs, not reduced.
    pub fn to_words(self) -> [[u64; 4]; 8] {
        // SAFETY: __m512i is eight u64.
        let limbs: [[u64; 8]; 5] = self.limbs.map(|limb| unsafe { std::mem::transmute::<__m512i, [u64; 8]>(limb) });
        std::array::from_fn(|lane| join(std::array::from_fn(|i| limbs[i][lane])))
    }

    pub fn from_words(words: &[[u64; 4]; 8]) -> Self {
        let limbs = words.map(split);
        Self::new(std::array::from_fn(|i| {
            let lanes: [u64; 8] = std::array::from_fn(|lane| limbs[lane][i]);
            // SAFETY: __m512i is eight u64.
            unsafe { std::mem::transmute::<[u64; 8], __m512i>(lanes) }
        }))
    }

    /// 1/a in every lane; no lane is 0.
    pub fn invert(self) -> Self {
        // Read as the scalar form (radix 2^256) a stored value means 16·a; 256/(16·a) is the stored form of 1/a.
        let values = self.to_words().map(|words| Element::<P::Config>::new(reduce_words::<P>(words)));
        let mut prefixes = [P::TIMES_256; 8];
        for lane in 1..8 {
            prefixes[lane] = prefixes[lane - 1].multiply(values[lane - 1]);
        }
        // 256·a_0 … a_(lane − 1) in the prefixes: the factor 256 enters each inverse once.
        let product = prefixes[7].multiply(values[7]);
        let mut inverse = product.invert().multiply(P::TIMES_256);
        let mut words = [[0; 4]; 8];
        for lane in (0..8).rev() {
            words[lane] = inverse.multiply(prefixes[lane]).limbs;
            inverse = inverse.multiply(values[lane]);
        }
        Self::from_words(&words)
    }
}
