//! Many multiples of one point: signed windows over a table, batch-affine additions.

use super::group::Group;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField, batch_inversion};
use rayon::prelude::*;

const SCALAR_BITS: usize = 254;
/// Results of one batch: one inversion serves them all in each window.
const BATCH: usize = 1024;

/// The table of a point.
pub struct FixedBase<G: Group> {
    window: usize,
    windows: usize,
    /// `table[w·half + d − 1] = d·2^(window·w)·P` for d in 1 ..= half = 2^(window − 1).
    table: Vec<(G::BaseField, G::BaseField)>,
}

impl<G: Group> FixedBase<G> {
    /// `count` is about how many multiples will be asked: it decides the size of the table.
    /// `base` has the order of the scalar field and is not the identity.
    pub fn new(base: G, count: usize) -> Self {
        let window = if count >= 1 << 15 { 16 } else { 8 };
        // A carry may leave the topmost window, hence one bit more.
        let windows = (SCALAR_BITS + 1).div_ceil(window);
        let half = 1 << (window - 1);
        let mut bases = Vec::with_capacity(windows);
        let mut power = base.into_group();
        for _ in 0..windows {
            bases.push(power.into());
            (0..window).for_each(|_| {
                power.double_in_place();
            });
        }
        let table = bases.into_par_iter().flat_map_iter(|base: G| multiples(base, half)).collect();
        Self { window, windows, table }
    }

    /// `scalar·P` for each scalar; None for the identity.
    pub fn multiply_many(&self, scalars: &[Fr]) -> Vec<Option<G>> {
        scalars.par_chunks(BATCH).flat_map_iter(|chunk| self.multiply_batch(chunk)).collect()
    }

    fn multiply_batch(&self, scalars: &[Fr]) -> Vec<Option<G>> {
        let half = 1i32 << (self.window - 1);
        let digits: Vec<Vec<i32>> = scalars.iter().map(|scalar| self.digits(scalar)).collect();
        let mut sums: Vec<Option<(G::BaseField, G::BaseField)>> = vec![None; scalars.len()];
        let mut pending: Vec<(usize, (G::BaseField, G::BaseField))> = Vec::with_capacity(scalars.len());
        let mut differences: Vec<G::BaseField> = Vec::with_capacity(scalars.len());
        for window in 0..self.windows {
            pending.clear();
            differences.clear();
            for (index, digits) in digits.iter().enumerate() {
                let digit = digits[window];
                if digit == 0 {
                    continue;
                }
                let (x, mut y) = self.table[window * half as usize + digit.unsigned_abs() as usize - 1];
                if digit < 0 {
                    y = -y;
                }
                match sums[index] {
                    None => sums[index] = Some((x, y)),
                    Some((sum_x, _)) => {
                        pending.push((index, (x, y)));
                        differences.push(x - sum_x);
                    }
                }
            }
            // The sum of the lower windows is s·P with |s| ≤ half·2^(window·w)·(1 + small) and the entry is
            // d·2^(window·w)·P with |d| ≤ half: both below r, so x is equal only when s = ±d·2^(window·w).
            // Then |s| = 2^(window·w)·|d| needs s ≥ 2^(window·w), but |s| ≤ half·(2^(window·w) − 1)/(2^window − 1)
            // < 2^(window·w): never in the lower windows. In the topmost, where the integer may pass r, the
            // difference is checked below.
            batch_inversion(&mut differences);
            for ((index, (x, y)), inverse) in pending.iter().zip(&differences) {
                let (sum_x, sum_y) = sums[*index].expect("pending additions have a sum");
                sums[*index] = if x == &sum_x { add_equal_x((sum_x, sum_y), (*x, *y)) } else {
                    let slope = (*y - sum_y) * inverse;
                    let x3 = slope.square() - sum_x - x;
                    Some((x3, slope * (sum_x - x3) - sum_y))
                };
            }
        }
        sums.into_iter().map(|sum| sum.map(|(x, y)| G::from_xy(x, y))).collect()
    }

    /// Digits in −(half − 1) ..= half, least significant window first.
    fn digits(&self, scalar: &Fr) -> Vec<i32> {
        let integer = scalar.into_bigint();
        let half = 1i32 << (self.window - 1);
        let mut carry = 0;
        (0..self.windows)
            .map(|window| {
                let at = window * self.window;
                // 8 and 16 divide 64: no window crosses a limb.
                let raw = integer.as_ref().get(at / 64).map_or(0, |limb| limb >> (at % 64));
                let digit = (raw & ((1 << self.window) - 1)) as i32 + carry;
                carry = (digit > half) as i32;
                digit - (carry << self.window)
            })
            .collect()
    }
}

/// The sum of two points with the same x: a doubling or the identity.
fn add_equal_x<F: Field>((x, y): (F, F), (_, other): (F, F)) -> Option<(F, F)> {
    if y != other {
        return None;
    }
    let xx = x.square();
    let slope = (xx.double() + xx) * y.double().inverse().expect("no point of order 2");
    let x3 = slope.square() - x.double();
    Some((x3, slope * (x - x3) - y))
}

/// P, 2·P, … half·P.
fn multiples<G: Group>(base: G, half: usize) -> Vec<(G::BaseField, G::BaseField)> {
    let mut points: Vec<(G::BaseField, G::BaseField)> = Vec::with_capacity(half);
    points.push((base.x().expect("not the identity"), base.y().expect("not the identity")));
    // From P … m·P to (m + 1)·P … 2m·P: add m·P to each; the last is a doubling.
    while points.len() < half {
        let count = points.len();
        let (x, y) = points[count - 1];
        let mut inverses: Vec<G::BaseField> = points[..count - 1].iter().map(|point| point.0 - x).collect();
        inverses.push(y.double());
        batch_inversion(&mut inverses);
        for index in 0..count {
            let (px, py) = points[index];
            let numerator = if index == count - 1 { x.square().double() + x.square() } else { py - y };
            let slope = numerator * inverses[index];
            let x3 = slope.square() - x - px;
            points.push((x3, slope * (x - x3) - y));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{G1Affine, G2Affine};
    use ark_ec::CurveGroup;
    use ark_ff::{One, Zero};

    fn compare<G: Group>(count: usize)
    where
        G::Group: CurveGroup<Affine = G>,
    {
        let base = FixedBase::new(G::generator(), count);
        let mut scalars = vec![Fr::zero(), Fr::one(), -Fr::one(), -Fr::from(2u64), Fr::from(32768u64), Fr::from(65535u64)];
        for power in [127u64, 128, 253] {
            scalars.push(Fr::from(2u64).pow([power]));
            scalars.push(-Fr::from(2u64).pow([power]));
        }
        for index in 0..40u64 {
            scalars.push(Fr::from(index + 3).pow([1000 + index]));
        }
        for (scalar, result) in scalars.iter().zip(base.multiply_many(&scalars)) {
            let expected = (G::generator() * scalar).into_affine();
            assert_eq!(result.unwrap_or(G::zero()), expected, "scalar {scalar}");
        }
    }

    #[test]
    fn agrees_with_double_and_add() {
        compare::<G1Affine>(10);
        compare::<G2Affine>(10);
        compare::<G1Affine>(1 << 16);
    }
}
