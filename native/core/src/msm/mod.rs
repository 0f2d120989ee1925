//! Sums of products Σ scalar·point (Pippenger): signed digits, a counting sort per window, buckets filled by
//! trees of batch-affine additions, a running sum over the buckets.

mod coordinate;
mod digits;
mod fill;
mod fixed_base;
mod kernel;
mod scalar;
mod weighted;

pub use digits::Digits;
pub use fill::Buckets;
pub use fixed_base::FixedBase;
pub use kernel::{Kernel, Pair};
pub use scalar::{ScalarG1, ScalarG2};
pub(crate) use weighted::weighted_sum;

use crate::curve::{Stored, StoredG1, StoredG2};
use crate::error::Result;
use crate::monitor::Monitor;
#[cfg(target_arch = "x86_64")]
use crate::montgomery::adx;
use ark_bn254::{G1Projective, G2Projective};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Zero};
use rayon::prelude::*;

type Projective<K> = <<<K as Kernel>::Point as Stored>::Affine as AffineRepr>::Group;

/// Points and, for each, the position of its scalar in the digits.
#[derive(Clone, Copy)]
pub struct Terms<'a, P> {
    pub points: &'a [P],
    pub scalars: &'a [u32],
}

/// Σ digits[scalars[i]]·points[i] over G1, by the fastest kernel of this machine.
pub fn sum_g1(terms: Terms<'_, StoredG1>, digits: &Digits, monitor: &Monitor) -> Result<G1Projective> {
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::available() {
        return sum::<crate::lanes::msm::LanesG1>(terms, digits, monitor);
    }
    #[cfg(target_arch = "x86_64")]
    if adx::available() {
        return sum::<ScalarG1<adx::Adx>>(terms, digits, monitor);
    }
    sum::<ScalarG1>(terms, digits, monitor)
}

/// The same over G2.
pub fn sum_g2(terms: Terms<'_, StoredG2>, digits: &Digits, monitor: &Monitor) -> Result<G2Projective> {
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::available() {
        return sum::<crate::lanes::msm::LanesG2>(terms, digits, monitor);
    }
    #[cfg(target_arch = "x86_64")]
    if adx::available() {
        return sum::<ScalarG2<adx::Adx>>(terms, digits, monitor);
    }
    sum::<ScalarG2>(terms, digits, monitor)
}

/// The sum by a given kernel; one task per window, one step of progress each.
pub fn sum<K: Kernel>(terms: Terms<'_, K::Point>, digits: &Digits, monitor: &Monitor) -> Result<Projective<K>> {
    assert_eq!(terms.points.len(), terms.scalars.len(), "each point has one scalar");
    let windows: Vec<Projective<K>> = (0..digits.windows())
        .into_par_iter()
        .map(|window| {
            monitor.check()?;
            let buckets = fill::fill::<K>(&terms, digits.window(window), digits.half());
            let sum = K::weighted_sum(buckets);
            monitor.advance(1)?;
            Ok(sum)
        })
        .collect::<Result<_>>()?;
    let mut total = Projective::<K>::zero();
    for window in windows.into_iter().rev() {
        for _ in 0..digits.bits() {
            total.double_in_place();
        }
        total += window;
    }
    Ok(total)
}

#[cfg(test)]
mod tests;
