//! Fills the buckets of one window.
//!
//! The terms are sorted by bucket. Blocks of them, small enough for the second-level cache, are summed as
//! trees: all pairs of one level of all buckets of the block are one batch, with one inversion.

use super::kernel::{Kernel, Pair};
use super::{Projective, Terms};
use crate::curve::Stored;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Zero;
use std::collections::BTreeMap;

/// The buckets 1 ..= half of a window, at positions 0 .. half.
pub struct Buckets<P> {
    pub points: Vec<P>,
    pub occupied: Vec<bool>,
}

/// Terms of one bucket within a block, or what is left of them.
struct Piece {
    bucket: u32,
    /// Position of the first remaining point in the buffer.
    base: u32,
    count: u32,
}

/// Sums the terms with the same absolute digit. `digits` is indexed by `terms.scalars`.
pub fn fill<K: Kernel>(terms: &Terms<'_, K::Point>, digits: &[i16], half: usize) -> Buckets<K::Point> {
    let (starts, order) = sort(terms.scalars, digits, half);
    let mut buckets = Buckets { points: vec![K::Point::default(); half], occupied: vec![false; half] };
    let mut worker = Worker::<K>::new();
    let mut rest: BTreeMap<u32, Projective<K>> = BTreeMap::new();
    let mut block = Vec::new();
    let mut used = 0;
    for bucket in 0..half {
        let (mut from, to) = (starts[bucket] as usize, starts[bucket + 1] as usize);
        while from < to {
            // Larger buckets are summed in pieces.
            let count = (to - from).min(K::BLOCK / 2);
            if used + count > K::BLOCK {
                worker.sum_block(terms.points, &block, &mut buckets, &mut rest);
                block.clear();
                used = 0;
            }
            block.push((bucket as u32, &order[from..from + count]));
            used += count;
            from += count;
        }
    }
    worker.sum_block(terms.points, &block, &mut buckets, &mut rest);
    settle(&mut buckets, rest);
    buckets
}

/// Counting sort: the entries `position << 1 | sign` of bucket i are `order[starts[i] .. starts[i + 1]]`.
fn sort(scalars: &[u32], digits: &[i16], half: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; half + 2];
    for scalar in scalars {
        // Digit 0 counts at position 0 and takes no part.
        starts[digits[*scalar as usize].unsigned_abs() as usize] += 1;
    }
    let mut next = 0;
    starts[0] = 0;
    for start in starts.iter_mut().skip(1) {
        (next, *start) = (next + *start, next);
    }
    let mut cursor = starts.clone();
    let mut order = vec![0u32; next as usize];
    for (position, scalar) in scalars.iter().enumerate() {
        let digit = digits[*scalar as usize];
        if digit != 0 {
            let slot = &mut cursor[digit.unsigned_abs() as usize];
            order[*slot as usize] = (position as u32) << 1 | (digit < 0) as u32;
            *slot += 1;
        }
    }
    // starts[d] is the first entry of digit d, which is bucket d − 1.
    starts.remove(0);
    (starts, order)
}

/// Adds what did not fit one tree: further pieces of large buckets, corrections for cancelled pairs.
fn settle<P: Stored>(buckets: &mut Buckets<P>, rest: BTreeMap<u32, <P::Affine as AffineRepr>::Group>) {
    for (bucket, mut sum) in rest {
        let bucket = bucket as usize;
        if buckets.occupied[bucket] {
            sum += buckets.points[bucket].to_affine();
        }
        let stored = P::from_affine(&sum.into_affine());
        buckets.occupied[bucket] = stored.is_some();
        buckets.points[bucket] = stored.unwrap_or_default();
    }
}

struct Worker<K: Kernel> {
    buffer: Vec<K::Point>,
    pairs: Vec<Pair>,
    pieces: Vec<Piece>,
    cancelled: Vec<u32>,
    scratch: K::Scratch,
}

impl<K: Kernel> Worker<K> {
    fn new() -> Self {
        Self {
            buffer: vec![K::Point::default(); K::BLOCK],
            pairs: Vec::with_capacity(K::BLOCK / 2),
            pieces: Vec::new(),
            cancelled: Vec::new(),
            scratch: K::Scratch::default(),
        }
    }

    fn sum_block(
        &mut self,
        points: &[K::Point],
        block: &[(u32, &[u32])],
        buckets: &mut Buckets<K::Point>,
        rest: &mut BTreeMap<u32, Projective<K>>,
    ) {
        self.first_level(points, block, rest);
        while self.pieces.iter().any(|piece| piece.count > 1) {
            self.next_level(rest);
        }
        for piece in &self.pieces {
            let point = self.buffer[piece.base as usize];
            let bucket = piece.bucket as usize;
            if buckets.occupied[bucket] {
                *rest.entry(piece.bucket).or_insert_with(Projective::<K>::zero) += point.to_affine();
            } else {
                buckets.occupied[bucket] = true;
                buckets.points[bucket] = point;
            }
        }
    }

    /// From the points of the key to the buffer.
    fn first_level(&mut self, points: &[K::Point], block: &[(u32, &[u32])], rest: &mut BTreeMap<u32, Projective<K>>) {
        self.pieces.clear();
        self.pairs.clear();
        let mut base = 0u32;
        for (bucket, entries) in block {
            let piece = self.pieces.len() as u32;
            let couples = entries.chunks_exact(2);
            let odd = couples.remainder().first();
            let first = base;
            for couple in couples {
                self.pairs.push(Pair { left: couple[0], right: couple[1], out: base, piece });
                base += 1;
            }
            if let Some(entry) = odd {
                let point = &points[(entry >> 1) as usize];
                self.buffer[base as usize] = if entry & 1 == 1 { K::negate(point) } else { *point };
                base += 1;
            }
            self.pieces.push(Piece { bucket: *bucket, base: first, count: base - first });
        }
        debug_assert!(base as usize <= self.buffer.len());
        // SAFETY: the sort made the operands from positions within `points`; `out` counts up within the buffer,
        // because a block has at most K::BLOCK entries and yields no more points than entries.
        unsafe {
            K::add_pairs(
                points.as_ptr(),
                &self.pairs,
                self.buffer.as_mut_ptr(),
                &mut self.scratch,
                &mut self.cancelled,
            );
        }
        self.correct(rest);
    }

    /// Halves each piece in place.
    fn next_level(&mut self, rest: &mut BTreeMap<u32, Projective<K>>) {
        self.pairs.clear();
        for (index, piece) in self.pieces.iter().enumerate() {
            for couple in 0..piece.count / 2 {
                let left = piece.base + 2 * couple;
                let (left, right) = (left << 1, (left + 1) << 1);
                self.pairs.push(Pair { left, right, out: piece.base + couple, piece: index as u32 });
            }
        }
        let buffer = self.buffer.as_mut_ptr();
        // SAFETY: all positions lie within pieces, which lie within the buffer; all inputs are read first.
        unsafe {
            K::add_pairs(buffer, &self.pairs, buffer, &mut self.scratch, &mut self.cancelled);
        }
        for piece in &mut self.pieces {
            let half = piece.count / 2;
            if piece.count % 2 == 1 {
                self.buffer[(piece.base + half) as usize] = self.buffer[(piece.base + piece.count - 1) as usize];
            }
            piece.count -= half;
        }
        self.correct(rest);
    }

    /// Takes the filler off the buckets in which a pair cancelled.
    fn correct(&mut self, rest: &mut BTreeMap<u32, Projective<K>>) {
        for pair in self.cancelled.drain(..) {
            let piece = &self.pieces[self.pairs[pair as usize].piece as usize];
            *rest.entry(piece.bucket).or_insert_with(Projective::<K>::zero) -= K::filler().to_affine();
        }
    }
}
