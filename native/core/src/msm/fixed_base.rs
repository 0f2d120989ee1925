//! Many multiples of one point: signed windows over a table, all multiples advance together, one window at a time,
//! by the batch-affine additions of a kernel.

use super::kernel::{Kernel, Pair};
use crate::curve::Stored;
use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, PrimeField, Zero};
use rayon::prelude::*;

const SCALAR_BITS: usize = 254;
/// Multiples of one task: one inversion serves them all in each window.
const BATCH: usize = 8192;

/// The table of a point, with room behind it for the multiples: the kernel takes both operands from one array.
pub struct FixedBase<K: Kernel> {
    window: usize,
    windows: usize,
    /// Entry `w·half + d − 1` is `d·2^(window·w)·P` for d in 1 ..= half = 2^(window − 1); multiples follow.
    points: Vec<K::Point>,
}

/// The address of the points, for tasks that write to parts of their own.
struct Shared<P>(*mut P);
// SAFETY: tasks write to disjoint ranges and read only those and the table, which nobody writes.
unsafe impl<P> Sync for Shared<P> {}

impl<P> Shared<P> {
    fn pointer(&self) -> *mut P {
        self.0
    }
}

impl<K: Kernel> FixedBase<K> {
    /// The table of the generator. `count` is about how many multiples will be asked: it decides the table's size.
    pub fn of_generator(count: usize) -> Self {
        let window = if count >= 1 << 15 { 16 } else { 8 };
        // A carry may leave the topmost window, hence one bit more.
        let windows = (SCALAR_BITS + 1).div_ceil(window);
        let half = 1 << (window - 1);
        let mut power = <K::Point as Stored>::Affine::generator().into_group();
        let bases: Vec<_> = (0..windows)
            .map(|_| {
                let base = power.into_affine();
                (0..window).for_each(|_| {
                    power.double_in_place();
                });
                base
            })
            .collect();
        let mut points: Vec<K::Point> =
            bases.into_par_iter().flat_map_iter(|base| multiples::<K>(&base, half)).collect();
        points.par_iter_mut().for_each(Stored::reduce);
        Self { window, windows, points }
    }

    /// `scalar·P` for each scalar that is not 0, in order, as a key file has them.
    pub fn multiply_many(&mut self, scalars: &[Fr]) -> &[K::Point] {
        let scalars: Vec<Fr> = scalars.iter().copied().filter(|scalar| !scalar.is_zero()).collect();
        let table = self.windows << (self.window - 1);
        self.points.resize(table + scalars.len(), K::Point::default());
        let points = Shared(self.points.as_mut_ptr());
        let this = &*self;
        scalars.par_chunks(BATCH).enumerate().for_each(|(index, chunk)| {
            // SAFETY: this task's sums lie behind the table and apart from those of the others.
            unsafe { this.multiply_batch(chunk, points.pointer(), table + index * BATCH) }
        });
        self.points[table..].par_iter_mut().for_each(Stored::reduce);
        &self.points[table..]
    }

    /// # Safety
    /// `points` has the table and then the sums; those from `first` on belong to this call alone.
    unsafe fn multiply_batch(&self, scalars: &[Fr], points: *mut K::Point, first: usize) {
        let half = 1usize << (self.window - 1);
        let integers: Vec<_> = scalars.iter().map(|scalar| scalar.into_bigint().0).collect();
        let mut carries = vec![false; scalars.len()];
        let mut begun = vec![false; scalars.len()];
        let mut pairs: Vec<Pair> = Vec::with_capacity(scalars.len());
        let (mut scratch, mut cancelled) = (K::Scratch::default(), Vec::new());
        for window in 0..self.windows {
            pairs.clear();
            for (index, integer) in integers.iter().enumerate() {
                let digit = self.digit(integer, window, &mut carries[index]);
                if digit == 0 {
                    continue;
                }
                let entry = window * half + digit.unsigned_abs() as usize - 1;
                let sum = first + index;
                if begun[index] {
                    let (left, right) = ((entry as u32) << 1 | (digit < 0) as u32, (sum as u32) << 1);
                    pairs.push(Pair { left, right, out: sum as u32, piece: 0 });
                } else {
                    begun[index] = true;
                    // SAFETY: the entry lies in the table, the sum is this task's.
                    unsafe {
                        let point = &*points.add(entry);
                        *points.add(sum) = if digit < 0 { K::negate(point) } else { *point };
                    }
                }
            }
            // SAFETY: operands lie in the table and among this task's sums, to which the results go, each once.
            unsafe { K::add_pairs(points, &pairs, points, &mut scratch, &mut cancelled) };
        }
        // A sum is s·P with s = scalar mod 2^(window·w), up to a borrow: below r but for the topmost window, where
        // it is the scalar itself, which is not 0.
        assert!(cancelled.is_empty(), "a multiple of the generator is the identity only for 0");
    }

    /// The digit of a window in −(half − 1) ..= half; windows are asked for from the least significant on.
    fn digit(&self, integer: &[u64; 4], window: usize, carry: &mut bool) -> i32 {
        let at = window * self.window;
        // 8 and 16 divide 64: no window crosses a limb.
        let raw = integer.get(at / 64).map_or(0, |limb| limb >> (at % 64));
        let digit = (raw & ((1 << self.window) - 1)) as i32 + *carry as i32;
        *carry = digit > 1 << (self.window - 1);
        digit - ((*carry as i32) << self.window)
    }
}

/// P, 2·P, … half·P.
fn multiples<K: Kernel>(base: &<K::Point as Stored>::Affine, half: usize) -> Vec<K::Point> {
    let stored = K::Point::from_affine(base).expect("not the identity");
    let mut points = vec![K::Point::default(); half];
    points[0] = stored;
    let (mut scratch, mut cancelled, mut count) = (K::Scratch::default(), Vec::new(), 1);
    // From P … m·P to (m + 1)·P … 2m·P: add m·P to each; the last is a doubling.
    while count < half {
        let pair = |index: usize| Pair {
            left: (index as u32) << 1,
            right: (count as u32 - 1) << 1,
            out: (count + index) as u32,
            piece: 0,
        };
        let pairs: Vec<Pair> = (0..count).map(pair).collect();
        let points = points.as_mut_ptr();
        // SAFETY: half is a power of two, so 2·count ≤ half; the results go behind the operands.
        unsafe { K::add_pairs(points, &pairs, points, &mut scratch, &mut cancelled) };
        count *= 2;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::super::{ScalarG1, ScalarG2};
    use super::*;
    use ark_ff::{Field, One};

    fn compare<K: Kernel<Point: PartialEq>>(count: usize) {
        let mut base = FixedBase::<K>::of_generator(count);
        let mut scalars = vec![Fr::one(), -Fr::one(), -Fr::from(2u64), Fr::zero()];
        scalars.extend([255, 256, 32767, 32768, 32769, 65535, 65536].map(Fr::from));
        for power in [127u64, 128, 253] {
            scalars.push(Fr::from(2u64).pow([power]));
            scalars.push(-Fr::from(2u64).pow([power]));
        }
        for index in 0..40u64 {
            scalars.push(Fr::from(index + 3).pow([1000 + index]));
        }
        for _ in 0..2 {
            let points = base.multiply_many(&scalars);
            let nonzero: Vec<&Fr> = scalars.iter().filter(|scalar| !scalar.is_zero()).collect();
            assert_eq!(points.len(), nonzero.len());
            for (scalar, point) in nonzero.into_iter().zip(points) {
                let expected = (<K::Point as Stored>::Affine::generator() * scalar).into_affine();
                assert!(point.to_affine() == expected, "scalar {scalar}");
                // Canonical too, so that keys are the same on every CPU.
                let mut canonical = *point;
                canonical.reduce();
                assert!(canonical == *point && Some(canonical) == K::Point::from_affine(&expected), "scalar {scalar}");
            }
        }
    }

    #[test]
    fn agrees_with_double_and_add() {
        compare::<ScalarG1>(10);
        compare::<ScalarG2>(10);
        compare::<ScalarG1>(1 << 16);
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn agrees_with_double_and_add_in_lanes() {
        if !crate::lanes::available() {
            eprintln!("skipped: this CPU has no AVX512-IFMA");
            return;
        }
        compare::<crate::lanes::msm::LanesG1>(10);
        compare::<crate::lanes::msm::LanesG2>(10);
        compare::<crate::lanes::msm::LanesG2>(1 << 16);
    }
}
