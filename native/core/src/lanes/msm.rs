//! The kernel of sums of products in lanes: batch-affine additions, eight pairs at a time.

use super::coordinate::{Coordinate, Quadratic};
use super::field::{FqPrime, Lanes};
use crate::curve::{Stored, StoredG1, StoredG2};
use crate::msm::{Buckets, Kernel, Pair, ScalarG1, ScalarG2};
use ark_bn254::{G1Projective, G2Projective};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Projective, SWCurveConfig};
use ark_ff::{AdditiveGroup, Field, Zero};
use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

const LANES: usize = 8;
/// Pairs of one step: two vectors, so that one product hides the latency of the other.
const STEP: usize = 2 * LANES;
/// Steps between the prefetch of an operand and its use.
const AHEAD: usize = 2;

/// What the second pass needs of eight pairs.
#[derive(Clone, Copy)]
struct Work<C> {
    denominator: C,
    /// Product of the denominators before this one.
    prefix: C,
    x1: C,
    y1: C,
    numerator: C,
}

/// Working memory of a batch.
pub struct Scratch<C, P> {
    work: Vec<Work<C>>,
    /// Sums of pairs with equal x, made one at a time.
    patches: Vec<(u32, P)>,
}

impl<C, P> Default for Scratch<C, P> {
    fn default() -> Self {
        Self { work: Vec::new(), patches: Vec::new() }
    }
}

/// A pair's operands as pointers and a mask of signs, of the pairs at `at ..`, the last one repeated.
#[inline(always)]
unsafe fn operands<P>(
    inputs: *const P,
    pairs: &[Pair],
    at: usize,
    operand: impl Fn(&Pair) -> u32,
) -> ([*const u8; LANES], u8) {
    let mut negated = 0;
    let pointers = std::array::from_fn(|lane| {
        let entry = operand(&pairs[(at + lane).min(pairs.len() - 1)]);
        negated |= ((entry & 1) as u8) << lane;
        // SAFETY: the caller promises that positions are within the inputs.
        unsafe { inputs.add((entry >> 1) as usize).cast::<u8>() }
    });
    (pointers, negated)
}

#[inline(always)]
unsafe fn prefetch<P>(inputs: *const P, pairs: &[Pair], at: usize) {
    for pair in pairs.iter().skip(at).take(STEP) {
        for entry in [pair.left, pair.right] {
            // SAFETY: a prefetch touches nothing.
            unsafe {
                let pointer = inputs.add((entry >> 1) as usize).cast::<i8>();
                _mm_prefetch::<_MM_HINT_T0>(pointer);
                if size_of::<P>() > 64 {
                    _mm_prefetch::<_MM_HINT_T0>(pointer.add(64));
                }
            }
        }
    }
}

/// Montgomery's trick over all pairs: one inversion of eight lanes per batch.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn add_pairs<C: Coordinate, K: Kernel>(
    inputs: *const K::Point,
    pairs: &[Pair],
    buffer: *mut K::Point,
    scratch: &mut Scratch<C, K::Point>,
    cancelled: &mut Vec<u32>,
) {
    if pairs.is_empty() {
        return;
    }
    unsafe {
        let steps = pairs.len().div_ceil(STEP);
        let (zero, one) = (C::zero(), C::one());
        let blank = Work { denominator: one, prefix: one, x1: zero, y1: zero, numerator: zero };
        scratch.work.resize(2 * steps, blank);
        scratch.patches.clear();
        let mut products = [one; 2];
        for step in 0..steps {
            prefetch(inputs, pairs, (step + AHEAD) * STEP);
            for (half, prefix) in products.into_iter().enumerate() {
                let at = step * STEP + half * LANES;
                let (left, left_signs) = operands(inputs, pairs, at, |pair| pair.left);
                let (right, right_signs) = operands(inputs, pairs, at, |pair| pair.right);
                let (x1, y1) = C::load_points(left, left_signs);
                let (x2, y2) = C::load_points(right, right_signs);
                let mut denominator = C::subtract_wide(&x2, &x1);
                let exceptional = denominator.maybe_zero();
                if exceptional != 0 {
                    let patched = patch::<K>(inputs, pairs, at, exceptional, &mut scratch.patches, cancelled);
                    denominator = C::select(&denominator, patched, &one);
                }
                let numerator = C::subtract_wide(&y2, &y1);
                scratch.work[2 * step + half] = Work { denominator, prefix, x1, y1, numerator };
            }
            let (first, second) = (&scratch.work[2 * step], &scratch.work[2 * step + 1]);
            let (p, q) = C::multiply2(&products[0], &first.denominator, &products[1], &second.denominator);
            products = [p, q];
        }
        let (product, _) = C::multiply2(&products[0], &products[1], &products[0], &products[1]);
        let inverse = product.invert();
        let (mut i0, mut i1) = C::multiply2(&products[1], &inverse, &products[0], &inverse);
        for step in (0..steps).rev() {
            let (t, u) = (scratch.work[2 * step], scratch.work[2 * step + 1]);
            let (v0, v1) = C::multiply2(&i0, &t.prefix, &i1, &u.prefix);
            (i0, i1) = C::multiply2(&i0, &t.denominator, &i1, &u.denominator);
            let (l0, l1) = C::multiply2(&v0, &t.numerator, &v1, &u.numerator);
            let (s0, s1) = C::square2(&l0, &l1);
            // Exceptional lanes, whose denominator is another, get a point that `patches` replaces.
            let (x0, x1) = (C::third_x(&s0, &t.x1, &t.denominator), C::third_x(&s1, &u.x1, &u.denominator));
            let (d0, d1) = (C::subtract_wide(&t.x1, &x0), C::subtract_wide(&u.x1, &x1));
            let (m0, m1) = C::multiply2(&l0, &d0, &l1, &d1);
            let (y0, y1) = (C::subtract(&m0, &t.y1), C::subtract(&m1, &u.y1));
            store::<C, K>(pairs, step * STEP, buffer, &x0, &y0);
            store::<C, K>(pairs, step * STEP + LANES, buffer, &x1, &y1);
        }
        for (out, point) in scratch.patches.drain(..) {
            *buffer.add(out as usize) = point;
        }
    }
}

/// Stores the sums of the pairs at `at ..`; lanes past the last pair repeat its sum.
#[inline(always)]
unsafe fn store<C: Coordinate, K: Kernel>(pairs: &[Pair], at: usize, buffer: *mut K::Point, x: &C, y: &C) {
    let last = pairs.len() - 1;
    // SAFETY: the caller promises that `out` is within the buffer. Lanes past the end hold the same sum as the
    // last pair, because their operands were the same.
    unsafe {
        let pointers = std::array::from_fn(|lane| buffer.add(pairs[(at + lane).min(last)].out as usize).cast::<u8>());
        C::store_points(pointers, x, y);
    }
}

/// Sums the pairs of the flagged lanes whose x are really equal; the mask of these lanes.
#[cold]
#[inline(never)]
unsafe fn patch<K: Kernel>(
    inputs: *const K::Point,
    pairs: &[Pair],
    at: usize,
    lanes: u8,
    patches: &mut Vec<(u32, K::Point)>,
    cancelled: &mut Vec<u32>,
) -> u8 {
    let mut patched = 0;
    for lane in (0..LANES).filter(|lane| lanes >> lane & 1 == 1) {
        let index = (at + lane).min(pairs.len() - 1);
        let pair = &pairs[index];
        let operand = |entry: u32| {
            // SAFETY: the caller promises that positions are within the inputs.
            let point = unsafe { (*inputs.add((entry >> 1) as usize)).to_affine() };
            if entry & 1 == 1 { -point.into_group() } else { point.into_group() }
        };
        let (left, right) = (operand(pair.left), operand(pair.right));
        if left != right && !(left + right).is_zero() {
            continue;
        }
        patched |= 1 << lane;
        // Lanes past the end repeat the last pair: one patch is enough.
        if at + lane >= pairs.len() {
            continue;
        }
        match K::Point::from_affine(&(left + right).into()) {
            Some(sum) => patches.push((pair.out, sum)),
            None => {
                cancelled.push(index as u32);
                patches.push((pair.out, K::filler()));
            }
        }
    }
    patched
}

/// Homogeneous projective points: x = X/Z, y = Y/Z.
#[derive(Clone, Copy)]
struct Point<C> {
    x: C,
    y: C,
    z: C,
}

impl<C: Coordinate> Point<C> {
    #[inline(always)]
    unsafe fn identity() -> Self {
        unsafe { Self { x: C::zero(), y: C::one(), z: C::zero() } }
    }

    /// Complete addition (Renes, Costello, Batina 2016, algorithm 7): no exceptions, whatever the lanes hold.
    #[inline(always)]
    unsafe fn add(&self, q: &Self) -> Self {
        unsafe {
            let p = self;
            let (t0, t1) = C::multiply2(&p.x, &q.x, &p.y, &q.y);
            let (t2, t3) = C::multiply2(&p.z, &q.z, &C::add(&p.x, &p.y), &C::add(&q.x, &q.y));
            let t3 = C::subtract(&t3, &C::add(&t0, &t1));
            let (t4, y3) =
                C::multiply2(&C::add(&p.y, &p.z), &C::add(&q.y, &q.z), &C::add(&p.x, &p.z), &C::add(&q.x, &q.z));
            let t4 = C::subtract(&t4, &C::add(&t1, &t2));
            let y3 = C::subtract(&y3, &C::add(&t0, &t2));
            Self::finish(t0, t1, t2, t3, t4, y3)
        }
    }

    /// Complete addition of an affine point (algorithm 8).
    #[inline(always)]
    unsafe fn add_affine(&self, x2: &C, y2: &C) -> Self {
        unsafe {
            let p = self;
            let (t0, t1) = C::multiply2(&p.x, x2, &p.y, y2);
            let (t3, t4) = C::multiply2(&C::add(x2, y2), &C::add(&p.x, &p.y), y2, &p.z);
            let t3 = C::subtract(&t3, &C::add(&t0, &t1));
            let t4 = C::add(&t4, &p.y);
            let (y3, _) = C::multiply2(x2, &p.z, x2, &p.z);
            let y3 = C::add(&y3, &p.x);
            Self::finish(t0, t1, p.z, t3, t4, y3)
        }
    }

    #[inline(always)]
    unsafe fn finish(t0: C, t1: C, t2: C, t3: C, t4: C, y3: C) -> Self {
        unsafe {
            let t0 = C::add(&C::add(&t0, &t0), &t0);
            let (t2, y3) = C::times_3b(&t2, &y3);
            let z3 = C::add(&t1, &t2);
            let t1 = C::subtract(&t1, &t2);
            let (a, b) = C::multiply2(&t4, &y3, &t3, &t1);
            let (c, d) = C::multiply2(&y3, &t0, &t1, &z3);
            let (e, f) = C::multiply2(&t0, &t3, &z3, &t4);
            Self { x: C::subtract(&b, &a), y: C::add(&d, &c), z: C::add(&f, &e) }
        }
    }

    #[inline(always)]
    unsafe fn select(&self, mask: u8, other: &Self) -> Self {
        unsafe {
            Self {
                x: C::select(&self.x, mask, &other.x),
                y: C::select(&self.y, mask, &other.y),
                z: C::select(&self.z, mask, &other.z),
            }
        }
    }

    /// arkworks' Jacobian form of the lanes: (X·Z, Y·Z², Z).
    fn to_scalars<P: SWCurveConfig<BaseField = C::Scalar>>(self) -> [Projective<P>; LANES] {
        let (x, y, z) = (self.x.to_scalars(), self.y.to_scalars(), self.z.to_scalars());
        std::array::from_fn(|lane| {
            if z[lane].is_zero() {
                return Projective::zero();
            }
            Projective::new_unchecked(x[lane] * z[lane], y[lane] * z[lane].square(), z[lane])
        })
    }
}

/// Eight running sums, each over an eighth of the buckets: per lane Σ B_i and Σ (i − start + 1)·B_i.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn running_sums<C: Coordinate, P: Stored>(buckets: &[P], occupied: &[bool]) -> (Point<C>, Point<C>) {
    unsafe {
        let part = buckets.len() / LANES;
        let (mut running, mut total) = (Point::<C>::identity(), Point::<C>::identity());
        for index in (0..part).rev() {
            let mut mask = 0;
            let pointers = std::array::from_fn(|lane| {
                let at = lane * part + index;
                mask |= (occupied[at] as u8) << lane;
                buckets.as_ptr().add(at).cast::<u8>()
            });
            if mask != 0 {
                let (x, y) = C::load_points(pointers, 0);
                running = running.select(mask, &running.add_affine(&x, &y));
            }
            total = total.add(&running);
        }
        (running, total)
    }
}

/// Σ (i + 1)·B_i from the parts: the lane's part begins at bucket lane·part.
fn weighted_sum<C: Coordinate, P: Stored, G: SWCurveConfig<BaseField = C::Scalar>>(
    buckets: &[P],
    occupied: &[bool],
) -> Projective<G> {
    // SAFETY: the kernels are only chosen where `available` says so.
    let (running, total) = unsafe { running_sums::<C, P>(buckets, occupied) };
    let (running, totals) = (running.to_scalars::<G>(), total.to_scalars::<G>());
    // Σ lane·R_lane, then times part, a power of two.
    let (mut suffix, mut shifted) = (Projective::<G>::zero(), Projective::<G>::zero());
    for lane in running.iter().skip(1).rev() {
        suffix += lane;
        shifted += suffix;
    }
    for _ in 0..(buckets.len() / LANES).ilog2() {
        shifted.double_in_place();
    }
    totals.into_iter().sum::<Projective<G>>() + shifted
}

/// Fewest buckets that fill the lanes.
const FEW: usize = 64;

/// G1 in lanes. Only where `super::available()`.
pub struct LanesG1;

impl Kernel for LanesG1 {
    type Point = StoredG1;
    type Scratch = Scratch<Lanes<FqPrime>, StoredG1>;

    unsafe fn add_pairs(
        inputs: *const StoredG1,
        pairs: &[Pair],
        buffer: *mut StoredG1,
        scratch: &mut Self::Scratch,
        cancelled: &mut Vec<u32>,
    ) {
        // SAFETY: the same contract; the features are there.
        unsafe { add_pairs::<Lanes<FqPrime>, Self>(inputs, pairs, buffer, scratch, cancelled) }
    }

    fn negate(point: &StoredG1) -> StoredG1 {
        <ScalarG1>::negate(point)
    }

    fn weighted_sum(buckets: Buckets<StoredG1>) -> G1Projective {
        if buckets.points.len() < FEW {
            return <ScalarG1>::weighted_sum(buckets);
        }
        weighted_sum::<Lanes<FqPrime>, StoredG1, ark_bn254::g1::Config>(&buckets.points, &buckets.occupied)
    }
}

/// G2 in lanes. Only where `super::available()`.
pub struct LanesG2;

impl Kernel for LanesG2 {
    type Point = StoredG2;
    type Scratch = Scratch<Quadratic, StoredG2>;
    const BLOCK: usize = 4096;

    unsafe fn add_pairs(
        inputs: *const StoredG2,
        pairs: &[Pair],
        buffer: *mut StoredG2,
        scratch: &mut Self::Scratch,
        cancelled: &mut Vec<u32>,
    ) {
        // SAFETY: the same contract; the features are there.
        unsafe { add_pairs::<Quadratic, Self>(inputs, pairs, buffer, scratch, cancelled) }
    }

    fn negate(point: &StoredG2) -> StoredG2 {
        <ScalarG2>::negate(point)
    }

    fn weighted_sum(buckets: Buckets<StoredG2>) -> G2Projective {
        if buckets.points.len() < FEW {
            return <ScalarG2>::weighted_sum(buckets);
        }
        weighted_sum::<Quadratic, StoredG2, ark_bn254::g2::Config>(&buckets.points, &buckets.occupied)
    }
}
