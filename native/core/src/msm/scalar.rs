//! The kernel for any CPU: arkworks' field arithmetic.
//!
//! Stored coordinates are x·2^260; read as arkworks' Montgomery form (2^256) they are X = 16·x. Slopes are
//! ratios and do not see the factor; x3 = λ² − x1 − x2 becomes X3 = 16·λ² − X1 − X2: four doublings.

use super::Projective;
use super::kernel::{Kernel, Pair};
use crate::curve::{Group, Stored, StoredG1, StoredG2};
use ark_bn254::{Fq, Fq2};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, Field, One, Zero};

/// Coordinates of stored points as field elements, scaled by 16.
pub trait Scaled: Stored<Affine: Group> {
    fn load(&self) -> (Coordinate<Self>, Coordinate<Self>);
    fn store(x: Coordinate<Self>, y: Coordinate<Self>) -> Self;
}

type Coordinate<P> = <<P as Stored>::Affine as AffineRepr>::BaseField;

#[inline(always)]
fn fq(limbs: &[u64]) -> Fq {
    Fq::new_unchecked(BigInt([limbs[0], limbs[1], limbs[2], limbs[3]]))
}

impl Scaled for StoredG1 {
    #[inline(always)]
    fn load(&self) -> (Fq, Fq) {
        (fq(&self.0[..4]), fq(&self.0[4..]))
    }

    #[inline(always)]
    fn store(x: Fq, y: Fq) -> Self {
        let (x, y) = (x.0.0, y.0.0);
        Self([x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]])
    }
}

impl Scaled for StoredG2 {
    #[inline(always)]
    fn load(&self) -> (Fq2, Fq2) {
        let limbs = &self.0;
        (Fq2::new(fq(&limbs[..4]), fq(&limbs[4..8])), Fq2::new(fq(&limbs[8..12]), fq(&limbs[12..])))
    }

    #[inline(always)]
    fn store(x: Fq2, y: Fq2) -> Self {
        let mut limbs = [0; 16];
        for (at, value) in [x.c0, x.c1, y.c0, y.c1].into_iter().enumerate() {
            limbs[4 * at..4 * at + 4].copy_from_slice(&value.0.0);
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

unsafe fn add_pairs<P: Scaled>(
    inputs: *const P,
    pairs: &[Pair],
    buffer: *mut P,
    scratch: &mut Scratch<Coordinate<P>>,
    cancelled: &mut Vec<u32>,
    filler: P,
) {
    let operand = |entry: u32| {
        // SAFETY: the caller promises that positions are within the inputs.
        let (x, y) = unsafe { (*inputs.add((entry >> 1) as usize)).load() };
        (x, if entry & 1 == 1 { -y } else { y })
    };
    let work = &mut scratch.work;
    work.clear();
    let mut product = Coordinate::<P>::one();
    for (index, pair) in pairs.iter().enumerate() {
        let ((x1, y1), (x2, y2)) = (operand(pair.left), operand(pair.right));
        let (mut denominator, mut numerator) = (x2 - x1, y2 - y1);
        if denominator.is_zero() {
            if numerator.is_zero() {
                // Equal points: λ = 3x²/2y = 3X²/(2Y·16).
                denominator = y1.double();
                let sixteenth = Coordinate::<P>::from(16u64).inverse().expect("16 is not 0");
                numerator = (x1.square().double() + x1.square()) * sixteenth;
            } else {
                cancelled.push(index as u32);
                denominator = Coordinate::<P>::one();
            }
        }
        work.push(Work { prefix: product, denominator, numerator, x1, y1, x2 });
        product *= denominator;
    }
    let mut inverse = product.inverse().expect("no denominator is 0");
    for (pair, item) in pairs.iter().zip(work.iter()).rev() {
        let slope = inverse * item.prefix * item.numerator;
        inverse *= item.denominator;
        let mut x3 = slope.square();
        for _ in 0..4 {
            x3.double_in_place();
        }
        x3 -= item.x1;
        x3 -= item.x2;
        let y3 = slope * (item.x1 - x3) - item.y1;
        // SAFETY: the caller promises that `out` is within the buffer.
        unsafe { *buffer.add(pair.out as usize) = P::store(x3, y3) };
    }
    for index in cancelled.iter() {
        // SAFETY: as above.
        unsafe { *buffer.add(pairs[*index as usize].out as usize) = filler };
    }
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
    type Scratch = Scratch<Fq>;

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
        StoredG1::store(x, -y)
    }

    fn weighted_sum(buckets: &[StoredG1], occupied: &[bool]) -> Projective<Self> {
        weighted_sum(buckets, occupied)
    }
}

/// G2 on any CPU.
pub struct ScalarG2;

impl Kernel for ScalarG2 {
    type Point = StoredG2;
    type Scratch = Scratch<Fq2>;

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
        StoredG2::store(x, -y)
    }

    fn weighted_sum(buckets: &[StoredG2], occupied: &[bool]) -> Projective<Self> {
        weighted_sum(buckets, occupied)
    }
}
