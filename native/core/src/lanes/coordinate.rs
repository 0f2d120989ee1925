//! Coordinates of curve points in lanes: Fq for G1, Fq2 = Fq[u]/(u² + 1) for G2, behind one interface.
//!
//! Bounds, per component: "small" is below 3·q, what `reduce` leaves and what stored points hold; "wide" is
//! below 6·q, what `subtract_wide` leaves. Products take small × wide and give small.

use super::field::{FqPrime, Lanes};
use super::transpose::{load_pairs, store_pairs};
use ark_bn254::{Fq, Fq2};
use std::arch::x86_64::__mmask8;

type F = Lanes<FqPrime>;

/// Arithmetic on eight coordinates at once. All methods need the features of `super::available`.
pub trait Coordinate: Copy {
    /// The scalar twin.
    type Scalar: ark_ff::Field;
    /// Bytes of a stored point.
    const POINT_BYTES: usize;

    unsafe fn zero() -> Self;
    unsafe fn one() -> Self;
    /// Two products small × wide; small.
    unsafe fn multiply2(a: &Self, b: &Self, c: &Self, d: &Self) -> (Self, Self);
    /// Two squares of small values; small.
    unsafe fn square2(a: &Self, b: &Self) -> (Self, Self);
    /// Sum of small values; small.
    unsafe fn add(a: &Self, b: &Self) -> Self;
    /// Difference of small values; small.
    unsafe fn subtract(a: &Self, b: &Self) -> Self;
    /// Difference of small values plus 3·q; wide.
    unsafe fn subtract_wide(a: &Self, b: &Self) -> Self;
    /// s − x1 − x2 for a square s, small x1 and wide d = `subtract_wide(x2, x1)`; small.
    unsafe fn third_x(s: &Self, x1: &Self, d: &Self) -> Self;
    /// Small values times 3·b, where y² = x³ + b; small.
    unsafe fn times_3b(a: &Self, b: &Self) -> (Self, Self);
    /// Lanes of a wide value that may be 0: all that are, and very few others.
    unsafe fn maybe_zero(&self) -> __mmask8;
    unsafe fn select(a: &Self, mask: __mmask8, b: &Self) -> Self;
    /// x and y of eight stored points, y negated in the lanes of the mask; small.
    unsafe fn load_points(pointers: [*const u8; 8], negated: __mmask8) -> (Self, Self);
    unsafe fn store_points(pointers: [*mut u8; 8], x: &Self, y: &Self);
    /// 1/a in every lane; no lane is 0.
    unsafe fn invert(self) -> Self;
    /// The lanes as scalars.
    fn to_scalars(self) -> [Self::Scalar; 8];
}

/// Stored words that may exceed q, as a field element.
fn to_fq(words: [u64; 4]) -> Fq {
    crate::curve::fq_from_stored(&words)
}

#[inline(always)]
unsafe fn nine_times(a: &F) -> F {
    unsafe {
        let two = <F as Coordinate>::add(a, a);
        let four = <F as Coordinate>::add(&two, &two);
        let eight = <F as Coordinate>::add(&four, &four);
        <F as Coordinate>::add(&eight, a)
    }
}

/// −y in the lanes of the mask; y below 3·q.
#[inline(always)]
unsafe fn negate_some(y: &F, mask: __mmask8) -> F {
    unsafe { F::select(y, mask, &F::subtract::<3>(&F::zero(), y)) }
}

impl Coordinate for F {
    type Scalar = Fq;
    const POINT_BYTES: usize = 64;

    #[inline(always)]
    unsafe fn zero() -> Self {
        unsafe { F::zero() }
    }
    #[inline(always)]
    unsafe fn one() -> Self {
        F::one()
    }
    #[inline(always)]
    unsafe fn multiply2(a: &Self, b: &Self, c: &Self, d: &Self) -> (Self, Self) {
        unsafe { F::multiply2(a, b, c, d) }
    }
    #[inline(always)]
    unsafe fn square2(a: &Self, b: &Self) -> (Self, Self) {
        unsafe { F::multiply2(a, a, b, b) }
    }
    #[inline(always)]
    unsafe fn add(a: &Self, b: &Self) -> Self {
        unsafe { F::reduce(&F::add(a, b)) }
    }
    #[inline(always)]
    unsafe fn subtract(a: &Self, b: &Self) -> Self {
        unsafe { F::reduce(&F::subtract::<3>(a, b)) }
    }
    #[inline(always)]
    unsafe fn subtract_wide(a: &Self, b: &Self) -> Self {
        unsafe { F::subtract::<3>(a, b) }
    }
    #[inline(always)]
    unsafe fn third_x(s: &Self, x1: &Self, d: &Self) -> Self {
        // s < 1.9·q: below 7.9·q, so that `reduce` leaves less than 3·q.
        unsafe { F::reduce(&F::subtract_twice(s, x1, d)) }
    }
    #[inline(always)]
    unsafe fn times_3b(a: &Self, b: &Self) -> (Self, Self) {
        // b = 3: nine times.
        unsafe { (nine_times(a), nine_times(b)) }
    }
    #[inline(always)]
    unsafe fn maybe_zero(&self) -> __mmask8 {
        unsafe { F::maybe_zero(self) }
    }
    #[inline(always)]
    unsafe fn select(a: &Self, mask: __mmask8, b: &Self) -> Self {
        unsafe { F::select(a, mask, b) }
    }
    #[inline(always)]
    unsafe fn load_points(pointers: [*const u8; 8], negated: __mmask8) -> (Self, Self) {
        unsafe {
            let (x, y) = load_pairs::<FqPrime>(pointers);
            (x, negate_some(&y, negated))
        }
    }
    #[inline(always)]
    unsafe fn store_points(pointers: [*mut u8; 8], x: &Self, y: &Self) {
        unsafe { store_pairs(pointers, x, y) }
    }
    #[inline(always)]
    unsafe fn invert(self) -> Self {
        F::invert(self)
    }
    fn to_scalars(self) -> [Fq; 8] {
        self.to_words().map(to_fq)
    }
}

/// c0 + c1·u.
#[derive(Clone, Copy)]
pub struct Quadratic {
    c0: F,
    c1: F,
}

/// Pointers to the y of points of G2.
#[inline(always)]
fn second_half(pointers: [*const u8; 8]) -> [*const u8; 8] {
    pointers.map(|pointer| pointer.wrapping_add(64))
}

/// 3·b of the twist: 9/(9 + u), as arkworks has it.
fn twist_3b() -> [[u64; 4]; 2] {
    use ark_ec::short_weierstrass::SWCurveConfig;
    let b = <ark_bn254::g2::Config as SWCurveConfig>::COEFF_B;
    let three_b = b + b + b;
    [crate::curve::fq_to_stored(three_b.c0), crate::curve::fq_to_stored(three_b.c1)]
}

impl Quadratic {
    /// From the three products of Karatsuba's method.
    #[inline(always)]
    unsafe fn combine(t0: &F, t1: &F, t2: &F) -> Self {
        unsafe { Self { c0: F::reduce(&F::subtract::<3>(t0, t1)), c1: F::reduce(&F::subtract_two::<6>(t2, t0, t1)) } }
    }
}

impl Coordinate for Quadratic {
    type Scalar = Fq2;
    const POINT_BYTES: usize = 128;

    #[inline(always)]
    unsafe fn zero() -> Self {
        unsafe { Self { c0: F::zero(), c1: F::zero() } }
    }
    #[inline(always)]
    unsafe fn one() -> Self {
        unsafe { Self { c0: F::one(), c1: F::zero() } }
    }
    /// Karatsuba. c1's sum: (6·q)·(12·q) gives less than 1.9·q, plus 6·q: below 7.9·q before the reduction.
    #[inline(always)]
    unsafe fn multiply2(a: &Self, b: &Self, c: &Self, d: &Self) -> (Self, Self) {
        unsafe {
            let (t0, u0) = F::multiply2(&a.c0, &b.c0, &c.c0, &d.c0);
            let (t1, u1) = F::multiply2(&a.c1, &b.c1, &c.c1, &d.c1);
            let (sa, sb) = (F::add(&a.c0, &a.c1), F::add(&b.c0, &b.c1));
            let (sc, sd) = (F::add(&c.c0, &c.c1), F::add(&d.c0, &d.c1));
            let (t2, u2) = F::multiply2(&sa, &sb, &sc, &sd);
            (Self::combine(&t0, &t1, &t2), Self::combine(&u0, &u1, &u2))
        }
    }
    #[inline(always)]
    unsafe fn square2(a: &Self, b: &Self) -> (Self, Self) {
        unsafe {
            let (p, q) = F::multiply2(&a.c0, &a.c1, &b.c0, &b.c1);
            let (sa, da) = (F::add(&a.c0, &a.c1), F::subtract::<3>(&a.c0, &a.c1));
            let (sb, db) = (F::add(&b.c0, &b.c1), F::subtract::<3>(&b.c0, &b.c1));
            let (r, s) = F::multiply2(&sa, &da, &sb, &db);
            // 2·p < 2.3·q: no reduction needed to stay below 3·q; `third_x` wants c0, c1 < 1.9·q.
            (Self { c0: r, c1: F::reduce(&F::add(&p, &p)) }, Self { c0: s, c1: F::reduce(&F::add(&q, &q)) })
        }
    }
    #[inline(always)]
    unsafe fn add(a: &Self, b: &Self) -> Self {
        unsafe { Self { c0: F::reduce(&F::add(&a.c0, &b.c0)), c1: F::reduce(&F::add(&a.c1, &b.c1)) } }
    }
    #[inline(always)]
    unsafe fn subtract(a: &Self, b: &Self) -> Self {
        unsafe {
            Self { c0: F::reduce(&F::subtract::<3>(&a.c0, &b.c0)), c1: F::reduce(&F::subtract::<3>(&a.c1, &b.c1)) }
        }
    }
    #[inline(always)]
    unsafe fn subtract_wide(a: &Self, b: &Self) -> Self {
        unsafe { Self { c0: F::subtract::<3>(&a.c0, &b.c0), c1: F::subtract::<3>(&a.c1, &b.c1) } }
    }
    #[inline(always)]
    unsafe fn third_x(s: &Self, x1: &Self, d: &Self) -> Self {
        unsafe {
            Self {
                c0: F::reduce(&F::subtract_twice(&s.c0, &x1.c0, &d.c0)),
                c1: F::reduce(&F::subtract_twice(&s.c1, &x1.c1, &d.c1)),
            }
        }
    }
    #[inline(always)]
    unsafe fn times_3b(a: &Self, b: &Self) -> (Self, Self) {
        static THREE_B: std::sync::OnceLock<[[u64; 4]; 2]> = std::sync::OnceLock::new();
        unsafe {
            let [c0, c1] = THREE_B.get_or_init(twist_3b);
            let factor = Self { c0: F::broadcast(*c0), c1: F::broadcast(*c1) };
            <Self as Coordinate>::multiply2(a, &factor, b, &factor)
        }
    }
    #[inline(always)]
    unsafe fn maybe_zero(&self) -> __mmask8 {
        unsafe { self.c0.maybe_zero() & self.c1.maybe_zero() }
    }
    #[inline(always)]
    unsafe fn select(a: &Self, mask: __mmask8, b: &Self) -> Self {
        unsafe { Self { c0: F::select(&a.c0, mask, &b.c0), c1: F::select(&a.c1, mask, &b.c1) } }
    }
    #[inline(always)]
    unsafe fn load_points(pointers: [*const u8; 8], negated: __mmask8) -> (Self, Self) {
        unsafe {
            let (x0, x1) = load_pairs::<FqPrime>(pointers);
            let (y0, y1) = load_pairs::<FqPrime>(second_half(pointers));
            (Self { c0: x0, c1: x1 }, Self { c0: negate_some(&y0, negated), c1: negate_some(&y1, negated) })
        }
    }
    #[inline(always)]
    unsafe fn store_points(pointers: [*mut u8; 8], x: &Self, y: &Self) {
        unsafe {
            store_pairs(pointers, &x.c0, &x.c1);
            let upper = second_half(pointers.map(|pointer| pointer.cast_const()));
            store_pairs(upper.map(|pointer| pointer.cast_mut()), &y.c0, &y.c1);
        }
    }
    /// (c0 − c1·u)/(c0² + c1²); small in, small out.
    #[inline(always)]
    unsafe fn invert(self) -> Self {
        unsafe {
            let (s, t) = F::multiply2(&self.c0, &self.c0, &self.c1, &self.c1);
            let norm = F::invert(F::add(&s, &t));
            let (c0, c1) = F::multiply2(&self.c0, &norm, &self.c1, &norm);
            Self { c0, c1: F::subtract::<3>(&F::zero(), &c1) }
        }
    }
    fn to_scalars(self) -> [Fq2; 8] {
        let (c0, c1) = (self.c0.to_scalars(), self.c1.to_scalars());
        std::array::from_fn(|lane| Fq2::new(c0[lane], c1[lane]))
    }
}
