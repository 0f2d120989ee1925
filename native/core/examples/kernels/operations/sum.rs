//! Sums of products Σ scalar·point of different points and random scalars.

use super::elements;
use crate::best;
use ark_ff::PrimeField;
use quittance_core::curve::{Stored, StoredG1, StoredG2};
#[cfg(target_arch = "x86_64")]
use quittance_core::lanes::{self, msm};
use quittance_core::monitor::Monitor;
use quittance_core::msm::{Digits, FixedBase, Kernel, Pair, ScalarG1, ScalarG2, Terms, sum_g1, sum_g2};

/// (log2, nanoseconds of a sum of 2^log2 terms) over G1.
pub fn sums_g1(sizes: &[u32]) -> Vec<(u32, f64)> {
    time(sizes, points_g1, |points: &[StoredG1], positions, digits| {
        sum_g1(Terms { points, scalars: positions }, digits, &Monitor::new()).expect("nobody cancels")
    })
}

/// The same over G2.
pub fn sums_g2(sizes: &[u32]) -> Vec<(u32, f64)> {
    time(sizes, points_g2, |points: &[StoredG2], positions, digits| {
        sum_g2(Terms { points, scalars: positions }, digits, &Monitor::new()).expect("nobody cancels")
    })
}

fn points_g1(count: usize) -> Vec<StoredG1> {
    #[cfg(target_arch = "x86_64")]
    if lanes::available() {
        return points::<msm::LanesG1>(count);
    }
    points::<ScalarG1>(count)
}

fn points_g2(count: usize) -> Vec<StoredG2> {
    #[cfg(target_arch = "x86_64")]
    if lanes::available() {
        return points::<msm::LanesG2>(count);
    }
    points::<ScalarG2>(count)
}

/// Different points: the sum of each of some points with each of others, one addition apiece.
fn points<K: Kernel>(count: usize) -> Vec<K::Point> {
    let side = 1 << count.ilog2().div_ceil(2);
    let parts = FixedBase::<K>::of_generator(2 * side).multiply_many(&elements(2 * side)).to_vec();
    let pair = |index: usize| {
        let (left, right) = (index % side, side + index / side);
        Pair { left: (left as u32) << 1, right: (right as u32) << 1, out: index as u32, piece: 0 }
    };
    let pairs: Vec<Pair> = (0..count).map(pair).collect();
    let mut points = vec![K::Point::default(); count];
    let (mut scratch, mut cancelled) = (K::Scratch::default(), Vec::new());
    for pairs in pairs.chunks(K::BLOCK) {
        // SAFETY: operands lie within the 2·side parts, results within the points, each once.
        unsafe { K::add_pairs(parts.as_ptr(), pairs, points.as_mut_ptr(), &mut scratch, &mut cancelled) };
    }
    assert!(cancelled.is_empty(), "no two of the parts are opposite");
    points.iter_mut().for_each(Stored::reduce);
    points
}

fn time<P, S>(
    sizes: &[u32],
    make: impl Fn(usize) -> Vec<P>,
    sum: impl Fn(&[P], &[u32], &Digits) -> S,
) -> Vec<(u32, f64)> {
    let count = 1usize << sizes.iter().max().expect("there is a size");
    let points = make(count);
    let integers: Vec<_> = elements(count).iter().map(|scalar| scalar.into_bigint()).collect();
    let positions: Vec<u32> = (0..count as u32).collect();
    let time_one = |log2: &u32| {
        let count = 1 << log2;
        let nanoseconds = best(|| sum(&points[..count], &positions[..count], &Digits::new(&integers[..count])));
        (*log2, nanoseconds)
    };
    sizes.iter().map(time_one).collect()
}
