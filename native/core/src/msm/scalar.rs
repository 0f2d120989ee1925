//! The kernels for any CPU: affine additions in batches, on four limbs.

use super::Projective;
use super::coordinate::{Coordinate, Quadratic, Scaled};
use super::kernel::{Kernel, Pair};
use crate::curve::{Stored, StoredG1, StoredG2};
use crate::montgomery::{Arithmetic, FqElement, Portable};
use ark_ec::AffineRepr;
use ark_ff::Zero;
use std::marker::PhantomData;

/// Working memory of a batch: per pair what the second pass needs.
pub struct Scratch<F> {
    work: Vec<Work<F>>,
}

struct Work<F> {
    /// Product of the denominators before this one.
    prefix: F,
    denominator: F,
    numerator: F,
    x1: F,
    y1: F,
    x2: F,
}

impl<F> Default for Scratch<F> {
    fn default() -> Self {
        Self { work: Vec::new() }
    }
}

/// Independent chains of products: while one waits for its last product, the others work.
const WAYS: usize = 4;
/// Pairs between the prefetch of an operand and its use.
const AHEAD: usize = 3 * WAYS;

/// Montgomery's trick over all pairs: one inversion per batch. The last pair is repeated to fill the ways.
#[inline(always)]
unsafe fn add_pairs<A: Arithmetic, P: Scaled<A>>(
    inputs: *const P,
    pairs: &[Pair],
    buffer: *mut P,
    scratch: &mut Scratch<P::Coordinate>,
    cancelled: &mut Vec<u32>,
    filler: P,
) {
    let Some(last) = pairs.len().checked_sub(1) else { return };
    let steps = pairs.len().div_ceil(WAYS);
    let work = &mut scratch.work;
    work.clear();
    work.reserve(steps * WAYS);
    let mut products = [P::Coordinate::ONE; WAYS];
    for step in 0..steps {
        for (way, product) in products.iter_mut().enumerate() {
            let index = (step * WAYS + way).min(last);
            prefetch(inputs, &pairs[(index + AHEAD).min(last)]);
            let pair = &pairs[index];
            // SAFETY: the caller promises that positions are within the inputs.
            let ((x1, y1), (x2, y2)) =
                unsafe { (operand::<A, P>(inputs, pair.left), operand::<A, P>(inputs, pair.right)) };
            let (mut denominator, mut numerator) = (x2.subtract(x1), y2.subtract(y1));
            if denominator.is_difference_zero() {
                (denominator, numerator) = equal_x(x1, y1, y2).unwrap_or_else(|| {
                    if cancelled.last() != Some(&(index as u32)) {
                        cancelled.push(index as u32);
                    }
                    (P::Coordinate::ONE, numerator)
                });
            }
            work.push(Work { prefix: *product, denominator, numerator, x1, y1, x2 });
            *product = denominator.multiply(*product);
        }
    }
    // The fourfold inverses make the slopes fourfold, as the coordinates want them.
    let mut inverses = invert_all(products).map(|inverse| {
        let twice = inverse.reduce().add(inverse.reduce()).reduce();
        twice.add(twice).reduce()
    });
    for step in (0..steps).rev() {
        let items = &work[step * WAYS..(step + 1) * WAYS];
        // One operation for all ways, then the next: independent products stand side by side.
        let mut slopes = inverses;
        for way in 0..WAYS {
            slopes[way] = slopes[way].multiply(items[way].prefix);
            inverses[way] = items[way].denominator.multiply(inverses[way]);
        }
        for way in 0..WAYS {
            slopes[way] = items[way].numerator.multiply(slopes[way]);
        }
        let mut sums = slopes;
        for way in 0..WAYS {
            sums[way] = P::Coordinate::third_x(slopes[way].square(), items[way].x1, items[way].x2);
        }
        for way in 0..WAYS {
            let item = &items[way];
            let y3 = P::Coordinate::third_y(item.x1.subtract(sums[way]).multiply(slopes[way]), item.y1);
            let out = pairs[(step * WAYS + way).min(last)].out as usize;
            // SAFETY: the caller promises that `out` is within the buffer.
            unsafe { *buffer.add(out) = P::save(sums[way], y3) };
        }
    }
    for index in cancelled.iter() {
        // SAFETY: as above.
        unsafe { *buffer.add(pairs[*index as usize].out as usize) = filler };
    }
}

/// Denominator and numerator of the slope at two points with the same x; None if they are opposite.
#[cold]
fn equal_x<C: Coordinate>(x1: C, y1: C, y2: C) -> Option<(C, C)> {
    let y1 = y1.reduce();
    if !y2.reduce().subtract(y1).is_difference_zero() {
        return None;
    }
    // λ = 3x²/2y = 3X²/(2Y·16).
    let xx = x1.square().reduce();
    let thrice = xx.add(xx).reduce().add(xx);
    Some((y1.add(y1), thrice.multiply(C::SIXTEENTH).reduce()))
}

/// The inverses of all ways by one inversion.
fn invert_all<C: Coordinate>(values: [C; WAYS]) -> [C; WAYS] {
    let mut prefixes = [C::ONE; WAYS];
    for way in 1..WAYS {
        prefixes[way] = prefixes[way - 1].multiply(values[way - 1]);
    }
    let mut inverse = prefixes[WAYS - 1].multiply(values[WAYS - 1]).invert();
    let mut results = prefixes;
    for way in (0..WAYS).rev() {
        results[way] = inverse.multiply(prefixes[way]);
        inverse = inverse.multiply(values[way]);
    }
    results
}

/// The opposite point, canonical.
fn negate<A: Arithmetic, P: Scaled<A>>(point: &P) -> P {
    let (x, y) = point.load();
    P::save(x, y.negate_if(true).reduce())
}

#[inline(always)]
fn prefetch<P>(inputs: *const P, pair: &Pair) {
    #[cfg(target_arch = "x86_64")]
    for entry in [pair.left, pair.right] {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let pointer = inputs.wrapping_add((entry >> 1) as usize).cast::<i8>();
        // SAFETY: a prefetch touches nothing; SSE is part of x86-64.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(pointer);
            if size_of::<P>() > 64 {
                _mm_prefetch::<_MM_HINT_T0>(pointer.wrapping_add(64));
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (inputs, pair);
}

#[inline(always)]
unsafe fn operand<A: Arithmetic, P: Scaled<A>>(inputs: *const P, entry: u32) -> (P::Coordinate, P::Coordinate) {
    // SAFETY: the caller promises that the position is within the inputs.
    let (x, y) = unsafe { (*inputs.add((entry >> 1) as usize)).load() };
    (x, y.negate_if(entry & 1 == 1))
}

/// Running sum from the highest bucket: each bucket is counted as often as it has buckets at or below it.
fn weighted_sum<P: Stored>(buckets: &[P], occupied: &[bool]) -> <P::Affine as AffineRepr>::Group {
    let mut running = <P::Affine as AffineRepr>::Group::zero();
    let mut total = running;
    for (point, occupied) in buckets.iter().zip(occupied).rev() {
        if *occupied {
            running += point.to_affine();
        }
        total += running;
    }
    total
}

/// G1 on any CPU.
pub struct ScalarG1<A = Portable>(PhantomData<A>);

impl<A: Arithmetic> Kernel for ScalarG1<A> {
    type Point = StoredG1;
    type Scratch = Scratch<FqElement<A>>;

    unsafe fn add_pairs(
        inputs: *const StoredG1,
        pairs: &[Pair],
        buffer: *mut StoredG1,
        scratch: &mut Self::Scratch,
        cancelled: &mut Vec<u32>,
    ) {
        // SAFETY: the same contract.
        unsafe { add_pairs::<A, _>(inputs, pairs, buffer, scratch, cancelled, Self::filler()) }
    }

    fn negate(point: &StoredG1) -> StoredG1 {
        negate::<A, _>(point)
    }

    fn weighted_sum(buckets: &[StoredG1], occupied: &[bool]) -> Projective<Self> {
        weighted_sum(buckets, occupied)
    }
}

/// G2 on any CPU.
pub struct ScalarG2<A = Portable>(PhantomData<A>);

impl<A: Arithmetic> Kernel for ScalarG2<A> {
    type Point = StoredG2;
    type Scratch = Scratch<Quadratic<A>>;

    unsafe fn add_pairs(
        inputs: *const StoredG2,
        pairs: &[Pair],
        buffer: *mut StoredG2,
        scratch: &mut Self::Scratch,
        cancelled: &mut Vec<u32>,
    ) {
        // SAFETY: the same contract.
        unsafe { add_pairs::<A, _>(inputs, pairs, buffer, scratch, cancelled, Self::filler()) }
    }

    fn negate(point: &StoredG2) -> StoredG2 {
        negate::<A, _>(point)
    }

    fn weighted_sum(buckets: &[StoredG2], occupied: &[bool]) -> Projective<Self> {
        weighted_sum(buckets, occupied)
    }
}
