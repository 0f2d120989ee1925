//! What an implementation of the arithmetic offers to the sum.

use super::{Buckets, Projective};
use crate::curve::Stored;

/// One addition of a batch. An operand is `position << 1 | sign` in the inputs, sign 1 for the opposite point.
#[derive(Clone, Copy, Default)]
pub struct Pair {
    pub left: u32,
    pub right: u32,
    /// Position in the buffer.
    pub out: u32,
    /// Piece of a bucket that the pair belongs to.
    pub piece: u32,
}

/// Batch-affine arithmetic over stored points.
pub trait Kernel: 'static {
    type Point: Stored;
    /// Working memory, reused from batch to batch.
    type Scratch: Default;
    /// Terms that are summed at a time: their points and working memory should fit the second-level cache.
    const BLOCK: usize = 8192;

    /// `buffer[out] = ±inputs[left] ± inputs[right]` for each pair. All inputs are read before the first
    /// output is written, so the inputs may be the buffer. A pair that sums to the identity, which has no
    /// stored form, yields `filler()` instead and its position is pushed to `cancelled`.
    ///
    /// # Safety
    /// Every operand's position is within `inputs`, every `out` within `buffer`, no two `out` are equal.
    unsafe fn add_pairs(
        inputs: *const Self::Point,
        pairs: &[Pair],
        buffer: *mut Self::Point,
        scratch: &mut Self::Scratch,
        cancelled: &mut Vec<u32>,
    );

    /// Stands in for the identity; the sum takes it off again.
    fn filler() -> Self::Point {
        let generator = <<Self::Point as Stored>::Affine as ark_ec::AffineRepr>::generator();
        Self::Point::from_affine(&generator).expect("the generator is not the identity")
    }

    /// The opposite of a point.
    fn negate(point: &Self::Point) -> Self::Point;

    /// `Σ (i + 1)·buckets[i]` over the occupied buckets.
    fn weighted_sum(buckets: Buckets<Self::Point>) -> Projective<Self>
    where
        Self: Sized,
    {
        super::weighted_sum::<Self>(buckets)
    }
}
