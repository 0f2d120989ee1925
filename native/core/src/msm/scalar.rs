//! The kernel for any CPU: arkworks' field arithmetic.
//!
//! Stored coordinates are x·2^260; read as arkworks' Montgomery form (2^256) they are X = 16·x. Slopes are
//! ratios and do not see the factor; x3 = λ² − x1 − x2 becomes X3 = 16·λ² − X1 − X2: four doublings.

use super::Projective;
use super::kernel::{Kernel, Pair};
use crate::curve::{Stored, StoredG1, StoredG2};
use crate::montgomery::FqElement;
use ark_ec::AffineRepr;
use ark_ff::Zero;

/// 1/16 in the Montgomery form.
const SIXTEENTH: FqElement = FqElement::new([0, 0, 0, 1 << 60]);

/// A coordinate, without branches.
trait Coordinate: Copy {
    const ONE: Self;
    fn add(self, other: Self) -> Self;
    fn subtract(self, other: Self) -> Self;
    fn negate_if(self, condition: bool) -> Self;
    fn multiply(self, other: Self) -> Self;
    fn square(self) -> Self;
    fn is_zero(&self) -> bool;
    fn invert(self) -> Self;
    /// a/16.
    fn sixteenth(self) -> Self;
}

impl Coordinate for FqElement {
    const ONE: Self = FqElement::ONE;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        FqElement::add(self, other)
    }
    #[inline(always)]
    fn subtract(self, other: Self) -> Self {
        FqElement::subtract(self, other)
    }
    #[inline(always)]
    fn negate_if(self, condition: bool) -> Self {
        FqElement::negate_if(self, condition)
    }
    #[inline(always)]
    fn multiply(self, other: Self) -> Self {
        FqElement::multiply(self, other)
    }
    #[inline(always)]
    fn square(self) -> Self {
        FqElement::square(self)
    }
    #[inline(always)]
    fn is_zero(&self) -> bool {
        FqElement::is_zero(self)
    }
    fn invert(self) -> Self {
        FqElement::invert(self)
    }
    fn sixteenth(self) -> Self {
        FqElement::multiply(self, SIXTEENTH)
    }
}

/// c0 + c1·u with u² = −1.
#[derive(Clone, Copy)]
pub struct Quadratic {
    c0: FqElement,
    c1: FqElement,
}

impl Coordinate for Quadratic {
    const ONE: Self = Self { c0: FqElement::ONE, c1: FqElement::ZERO };

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self { c0: self.c0.add(other.c0), c1: self.c1.add(other.c1) }
    }
    #[inline(always)]
    fn subtract(self, other: Self) -> Self {
        Self { c0: self.c0.subtract(other.c0), c1: self.c1.subtract(other.c1) }
    }
    #[inline(always)]
    fn negate_if(self, condition: bool) -> Self {
        Self { c0: self.c0.negate_if(condition), c1: self.c1.negate_if(condition) }
    }
    /// Karatsuba. A call: inlined at every use, the code would not fit the instruction cache.
    #[inline(never)]
    fn multiply(self, other: Self) -> Self {
        let (low, high) = (self.c0.multiply(other.c0), self.c1.multiply(other.c1));
        let cross = self.c0.add(self.c1).multiply(other.c0.add(other.c1));
        Self { c0: low.subtract(high), c1: cross.subtract(low).subtract(high) }
    }
    #[inline(never)]
    fn square(self) -> Self {
        let product = self.c0.multiply(self.c1);
        Self { c0: self.c0.add(self.c1).multiply(self.c0.subtract(self.c1)), c1: product.double() }
    }
    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.c0.is_zero() && self.c1.is_zero()
    }
    fn invert(self) -> Self {
        let norm = self.c0.square().add(self.c1.square()).invert();
        Self { c0: self.c0.multiply(norm), c1: self.c1.multiply(norm).negate() }
    }
    fn sixteenth(self) -> Self {
        Self { c0: self.c0.multiply(SIXTEENTH), c1: self.c1.multiply(SIXTEENTH) }
    }
}

/// Stored points as scaled coordinates.
trait Scaled: Stored {
    type Coordinate: Coordinate;
    fn load(&self) -> (Self::Coordinate, Self::Coordinate);
    fn save(x: Self::Coordinate, y: Self::Coordinate) -> Self;
}

#[inline(always)]
fn element(limbs: &[u64]) -> FqElement {
    FqElement::new([limbs[0], limbs[1], limbs[2], limbs[3]])
}

impl Scaled for StoredG1 {
    type Coordinate = FqElement;

    #[inline(always)]
    fn load(&self) -> (FqElement, FqElement) {
        (element(&self.0[..4]), element(&self.0[4..]))
    }

    #[inline(always)]
    fn save(x: FqElement, y: FqElement) -> Self {
        let (x, y) = (x.limbs, y.limbs);
        Self([x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]])
    }
}

impl Scaled for StoredG2 {
    type Coordinate = Quadratic;

    #[inline(always)]
    fn load(&self) -> (Quadratic, Quadratic) {
        let at = |index: usize| element(&self.0[4 * index..4 * index + 4]);
        (Quadratic { c0: at(0), c1: at(1) }, Quadratic { c0: at(2), c1: at(3) })
    }

    #[inline(always)]
    fn save(x: Quadratic, y: Quadratic) -> Self {
        let mut limbs = [0; 16];
        for (at, value) in [x.c0, x.c1, y.c0, y.c1].into_iter().enumerate() {
            limbs[4 * at..4 * at + 4].copy_from_slice(&value.limbs);
        }
        Self(limbs)
    }
}

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
unsafe fn add_pairs<P: Scaled>(
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
            let ((x1, y1), (x2, y2)) = unsafe { (operand(inputs, pair.left), operand(inputs, pair.right)) };
            let (mut denominator, mut numerator) = (x2.subtract(x1), y2.subtract(y1));
            if denominator.is_zero() {
                (denominator, numerator) = if numerator.is_zero() {
                    // Equal points: λ = 3x²/2y = 3X²/(2Y·16).
                    let xx = x1.square();
                    (y1.add(y1), xx.add(xx).add(xx).sixteenth())
                } else {
                    if cancelled.last() != Some(&(index as u32)) {
                        cancelled.push(index as u32);
                    }
                    (P::Coordinate::ONE, numerator)
                };
            }
            work.push(Work { prefix: *product, denominator, numerator, x1, y1, x2 });
            *product = product.multiply(denominator);
        }
    }
    let mut inverses = invert_all(products);
    for step in (0..steps).rev() {
        let items = &work[step * WAYS..(step + 1) * WAYS];
        // One operation for all ways, then the next: independent products stand side by side.
        let mut slopes = inverses;
        for way in 0..WAYS {
            slopes[way] = slopes[way].multiply(items[way].prefix);
            inverses[way] = inverses[way].multiply(items[way].denominator);
        }
        for way in 0..WAYS {
            slopes[way] = slopes[way].multiply(items[way].numerator);
        }
        let mut sums = slopes;
        for way in 0..WAYS {
            let mut square = slopes[way].square();
            for _ in 0..4 {
                square = square.add(square);
            }
            sums[way] = square.subtract(items[way].x1).subtract(items[way].x2);
        }
        for way in 0..WAYS {
            let item = &items[way];
            let y3 = slopes[way].multiply(item.x1.subtract(sums[way])).subtract(item.y1);
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
unsafe fn operand<P: Scaled>(inputs: *const P, entry: u32) -> (P::Coordinate, P::Coordinate) {
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
pub struct ScalarG1;

impl Kernel for ScalarG1 {
    type Point = StoredG1;
    type Scratch = Scratch<FqElement>;

    unsafe fn add_pairs(
        inputs: *const StoredG1,
        pairs: &[Pair],
        buffer: *mut StoredG1,
        scratch: &mut Self::Scratch,
        cancelled: &mut Vec<u32>,
    ) {
        // SAFETY: the same contract.
        unsafe { add_pairs(inputs, pairs, buffer, scratch, cancelled, Self::filler()) }
    }

    fn negate(point: &StoredG1) -> StoredG1 {
        let (x, y) = point.load();
        StoredG1::save(x, y.negate())
    }

    fn weighted_sum(buckets: &[StoredG1], occupied: &[bool]) -> Projective<Self> {
        weighted_sum(buckets, occupied)
    }
}

/// G2 on any CPU.
pub struct ScalarG2;

impl Kernel for ScalarG2 {
    type Point = StoredG2;
    type Scratch = Scratch<Quadratic>;

    unsafe fn add_pairs(
        inputs: *const StoredG2,
        pairs: &[Pair],
        buffer: *mut StoredG2,
        scratch: &mut Self::Scratch,
        cancelled: &mut Vec<u32>,
    ) {
        // SAFETY: the same contract.
        unsafe { add_pairs(inputs, pairs, buffer, scratch, cancelled, Self::filler()) }
    }

    fn negate(point: &StoredG2) -> StoredG2 {
        let (x, y) = point.load();
        StoredG2::save(x, y.negate_if(true))
    }

    fn weighted_sum(buckets: &[StoredG2], occupied: &[bool]) -> Projective<Self> {
        weighted_sum(buckets, occupied)
    }
}
