//! The kernels for any CPU: affine additions in batches, on four limbs.

use super::coordinate::{Coordinate, Quadratic, Scaled};
use super::kernel::{Kernel, Pair};
use crate::curve::{StoredG1, StoredG2};
use crate::montgomery::{Arithmetic, FqElement, Portable};
use std::marker::PhantomData;

/// Working memory of a batch: per pair what the second pass needs.
pub struct Scratch<F> {
    work: Vec<Work<F>>,
}

#[derive(Clone, Copy)]
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
///
/// Products go straight to where they are read next: a copy of what was just stored word by word would wait for it.
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
    let one = P::Coordinate::ONE;
    let blank = Work { prefix: one, denominator: one, numerator: one, x1: one, y1: one, x2: one };
    if scratch.work.len() < (steps + 1) * WAYS {
        scratch.work.resize((steps + 1) * WAYS, blank);
    }
    let work = &mut scratch.work[..(steps + 1) * WAYS];
    work[..WAYS].iter_mut().for_each(|item| item.prefix = one);
    for step in 0..steps {
        let (items, next) = work[step * WAYS..].split_at_mut(WAYS);
        for (way, (item, next)) in items.iter_mut().zip(next).enumerate() {
            let index = (step * WAYS + way).min(last);
            prefetch(inputs, &pairs[(index + AHEAD).min(last)]);
            let pair = &pairs[index];
            // SAFETY: the caller promises that positions are within the inputs.
            let ((x1, y1), (x2, y2)) =
                unsafe { (operand::<A, P>(inputs, pair.left), operand::<A, P>(inputs, pair.right)) };
            (item.x1, item.y1, item.x2) = (x1, y1, x2);
            item.denominator = x2.subtract(&x1);
            item.numerator = y2.subtract(&y1);
            if item.denominator.is_difference_zero() {
                if let Some(slope) = equal_x(x1, y1, y2) {
                    (item.denominator, item.numerator) = slope;
                } else {
                    item.denominator = one;
                    if cancelled.last() != Some(&(index as u32)) {
                        cancelled.push(index as u32);
                    }
                }
            }
            P::Coordinate::multiply_to(&mut next.prefix, &item.denominator, &item.prefix);
        }
    }
    let products: [_; WAYS] = std::array::from_fn(|way| work[steps * WAYS + way].prefix);
    // The fourfold inverses make the slopes fourfold, as the coordinates want them.
    let mut fourfold = invert_all(products).map(|inverse| {
        let twice = inverse.reduce().add(inverse.reduce()).reduce();
        twice.add(twice).reduce()
    });
    let mut spare = [one; WAYS];
    let (mut inverses, mut less) = (&mut fourfold, &mut spare);
    let (mut ratios, mut slopes, mut squares, mut sums) = ([one; WAYS], [one; WAYS], [one; WAYS], [one; WAYS]);
    for step in (0..steps).rev() {
        let items = &work[step * WAYS..(step + 1) * WAYS];
        // One operation for all ways, then the next: independent products stand side by side.
        for way in 0..WAYS {
            P::Coordinate::multiply_to(&mut ratios[way], &inverses[way], &items[way].prefix);
            P::Coordinate::multiply_to(&mut less[way], &items[way].denominator, &inverses[way]);
        }
        std::mem::swap(&mut inverses, &mut less);
        for way in 0..WAYS {
            P::Coordinate::multiply_to(&mut slopes[way], &items[way].numerator, &ratios[way]);
        }
        for way in 0..WAYS {
            P::Coordinate::square_to(&mut squares[way], &slopes[way]);
        }
        for way in 0..WAYS {
            let item = &items[way];
            sums[way] = P::Coordinate::third_x(&squares[way], &item.x1, &item.x2);
            P::Coordinate::multiply_to(&mut ratios[way], &item.x1.subtract(&sums[way]), &slopes[way]);
        }
        for way in 0..WAYS {
            let y3 = P::Coordinate::third_y(&ratios[way], &items[way].y1);
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
    if !y2.reduce().subtract(&y1).is_difference_zero() {
        return None;
    }
    // λ = 3x²/2y = 3X²/(2Y·16).
    let xx = C::square(&x1).reduce();
    let thrice = xx.add(xx).reduce().add(xx);
    Some((y1.add(y1), thrice.multiply(&C::SIXTEENTH).reduce()))
}

/// The inverses of all ways by one inversion.
fn invert_all<C: Coordinate>(values: [C; WAYS]) -> [C; WAYS] {
    let mut prefixes = [C::ONE; WAYS];
    for way in 1..WAYS {
        prefixes[way] = prefixes[way - 1].multiply(&values[way - 1]);
    }
    let mut inverse = prefixes[WAYS - 1].multiply(&values[WAYS - 1]).invert();
    let mut results = prefixes;
    for way in (0..WAYS).rev() {
        results[way] = inverse.multiply(&prefixes[way]);
        inverse = inverse.multiply(&values[way]);
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
}
