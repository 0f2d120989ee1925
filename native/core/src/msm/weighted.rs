//! Σ (i + 1)·B_i over the buckets of a window, by batch-affine additions.
//!
//! The buckets are cut into equal parts. In each part a running sum goes from the highest bucket down, and a total
//! adds the running sum of each step; all parts advance together, so that a step is one batch with one inversion.

use super::Projective;
use super::fill::Buckets;
use super::kernel::{Kernel, Pair};
use crate::curve::Stored;
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Zero};

/// Fewest buckets that pay for the inversions of the batches.
const FEW: usize = 256;

/// The weighted sum. The number of buckets is a power of two.
pub fn weighted_sum<K: Kernel>(buckets: Buckets<K::Point>) -> Projective<K> {
    if buckets.points.len() < FEW { running_sum::<K>(&buckets) } else { batched_sum::<K>(buckets) }
}

/// In projective coordinates, one bucket after the other.
fn running_sum<K: Kernel>(buckets: &Buckets<K::Point>) -> Projective<K> {
    let (mut running, mut total) = (Projective::<K>::zero(), Projective::<K>::zero());
    for (point, occupied) in buckets.points.iter().zip(&buckets.occupied).rev() {
        if *occupied {
            running += point.to_affine();
        }
        total += running;
    }
    total
}

fn batched_sum<K: Kernel>(buckets: Buckets<K::Point>) -> Projective<K> {
    // An inversion costs as much as about 20 additions, the end of a part as 7: 1.7 times the root is best.
    let parts = 2 << (buckets.points.len().ilog2() / 2);
    let steps = buckets.points.len() / parts;
    let Buckets { mut points, mut occupied } = buckets;
    // Part p has its running sum at `running + p`, its total at `totals + p`.
    let (running, totals) = (points.len(), points.len() + parts);
    points.resize(points.len() + 2 * parts, K::Point::default());
    occupied.resize(points.len(), false);
    let mut worker = Worker::<K> { points, occupied, pairs: Vec::with_capacity(2 * parts), ..Worker::default() };
    for step in (0..steps).rev() {
        for part in 0..parts {
            // The running sum of the step before, then this step's bucket joins it: one batch does both, because
            // it reads all operands first.
            worker.add(totals + part, running + part);
        }
        for part in 0..parts {
            worker.add(running + part, part * steps + step);
        }
        worker.flush();
    }
    let Worker { points, occupied, .. } = worker;
    let sum = |index: usize| {
        if occupied[index] { points[index].to_affine().into_group() } else { Projective::<K>::zero() }
    };
    // Σ over parts of the last total, the last running sum, and part·steps times the running sum.
    let (mut suffix, mut shifted) = (Projective::<K>::zero(), Projective::<K>::zero());
    for part in (1..parts).rev() {
        suffix += sum(running + part);
        shifted += suffix;
    }
    for _ in 0..steps.ilog2() {
        shifted.double_in_place();
    }
    (0..parts).fold(shifted, |total, part| total + sum(totals + part) + sum(running + part))
}

/// Points, some of them absent, and the batch of additions to them.
struct Worker<K: Kernel> {
    points: Vec<K::Point>,
    occupied: Vec<bool>,
    pairs: Vec<Pair>,
    /// Copies instead of additions: (from, to).
    copies: Vec<(usize, usize)>,
    cancelled: Vec<u32>,
    scratch: K::Scratch,
}

impl<K: Kernel> Default for Worker<K> {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            occupied: Vec::new(),
            pairs: Vec::new(),
            copies: Vec::new(),
            cancelled: Vec::new(),
            scratch: K::Scratch::default(),
        }
    }
}

impl<K: Kernel> Worker<K> {
    /// Puts `points[to] += points[from]` on the batch; no two additions of a batch have the same `to`.
    fn add(&mut self, to: usize, from: usize) {
        if !self.occupied[from] {
            return;
        }
        if self.occupied[to] {
            self.pairs.push(Pair { left: (to as u32) << 1, right: (from as u32) << 1, out: to as u32, piece: 0 });
        } else {
            self.copies.push((from, to));
        }
    }

    /// Does the batch: every operand is read as it was before.
    fn flush(&mut self) {
        // A copy to a running sum comes after the copy from it to the total; no addition reads the target of a
        // copy, which was absent.
        for (from, to) in self.copies.drain(..) {
            self.points[to] = self.points[from];
            self.occupied[to] = true;
        }
        let points = self.points.as_mut_ptr();
        // SAFETY: all positions are those of points, and each `out` stands once, as `add` asks.
        unsafe { K::add_pairs(points, &self.pairs, points, &mut self.scratch, &mut self.cancelled) };
        for pair in self.cancelled.drain(..) {
            self.occupied[self.pairs[pair as usize].out as usize] = false;
        }
        self.pairs.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ScalarG1, ScalarG2};
    use super::*;
    use ark_bn254::Fr;
    use ark_ec::CurveGroup;

    /// Random points, holes, equal neighbors, and opposite ones that empty a running sum.
    fn check<K: Kernel>(count: usize) {
        let generator = <K::Point as Stored>::Affine::generator();
        let mut factor = 1u64;
        let factors: Vec<i64> = (0..count)
            .map(|index| {
                factor = factor.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                match factor >> 61 {
                    0 => 0,
                    1 => 7,
                    2 => -7,
                    _ => (factor >> 40) as i64 - index as i64,
                }
            })
            .collect();
        let scalar = |factor: i64| {
            let size = Fr::from(factor.unsigned_abs());
            if factor < 0 { -size } else { size }
        };
        let stored = |factor: &i64| K::Point::from_affine(&(generator * scalar(*factor)).into_affine());
        let points: Vec<Option<K::Point>> = factors.iter().map(stored).collect();
        let occupied = points.iter().map(Option::is_some).collect();
        let points = points.into_iter().map(Option::unwrap_or_default).collect();
        let weight: Fr = factors.iter().zip(1u64..).map(|(factor, weight)| scalar(*factor) * Fr::from(weight)).sum();
        let sum = K::weighted_sum(Buckets { points, occupied });
        assert_eq!(sum.into_affine(), (generator * weight).into_affine(), "{count} buckets");
    }

    fn check_all<K: Kernel>() {
        for log2 in 1..=9 {
            check::<K>(1 << log2);
        }
        check::<K>(1 << 13);
        let empty = || Buckets { points: vec![K::Point::default(); 64], occupied: vec![false; 64] };
        assert!(K::weighted_sum(empty()).is_zero());
        // Opposite neighbors only: every second running sum is the identity.
        let point = K::filler();
        let points = (0..64).map(|index| if index % 2 == 0 { point } else { K::negate(&point) }).collect();
        let sum = K::weighted_sum(Buckets { points, occupied: vec![true; 64] });
        let expected = point.to_affine() * -Fr::from(32u64);
        assert_eq!(sum.into_affine(), expected.into_affine());
    }

    #[test]
    fn weighs_buckets_with_holes_and_opposites() {
        check_all::<ScalarG1>();
        check_all::<ScalarG2>();
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn weighs_buckets_in_lanes() {
        if !crate::lanes::available() {
            eprintln!("skipped: this CPU has no AVX512-IFMA");
            return;
        }
        check_all::<crate::lanes::msm::LanesG1>();
        check_all::<crate::lanes::msm::LanesG2>();
    }
}
