//! From values on the domain to values on its odd coset, in place, on four limbs.
//!
//! Down: the inverse transform splits a block modulo X^2h − s² into X^h − s and X^h + s; block j of every layer has
//! s = table[j], the powers of the root in bit-reversed order, so that large blocks have one root and small ones
//! read the table in order. The coefficients stand in bit-reversed order. Up: the transposed network with the
//! forward roots brings them back to values. Two layers are done at a time. Values are loose, below 2·r.

use super::domain::root_of_unity;
use crate::montgomery::{Arithmetic, FrElement};
use ark_bn254::Fr;
use ark_ff::{Field, One};
use rayon::prelude::*;

/// Blocks of this size or less are transformed there and back by one thread, in the second-level cache.
const SERIAL: usize = 1 << 13;

/// The transform of one size.
pub struct CosetTransform<A> {
    log2: u32,
    /// Roots of each block, in bit-reversed order of their exponents: of the inverse root and of the root.
    down: Vec<FrElement<A>>,
    up: Vec<FrElement<A>>,
    /// shift^i for i < 2^low, and shift^(2^low·i)/n for the rest.
    low: Vec<FrElement<A>>,
    high: Vec<FrElement<A>>,
}

impl<A: Arithmetic> CosetTransform<A> {
    pub fn new(log2: u32) -> Self {
        let (root, shift) = (root_of_unity(log2), root_of_unity(log2 + 1));
        let low_bits = log2 / 2;
        let scale = Fr::from(1u64 << log2).inverse().expect("the size is not 0");
        Self {
            log2,
            down: block_roots(log2, root.inverse().expect("roots are not 0")),
            up: block_roots(log2, root),
            low: powers(Fr::one(), shift, 1 << low_bits),
            high: powers(scale, shift.pow([1 << low_bits]), 1 << (log2 - low_bits)),
        }
    }

    /// Panics unless there are 2^log2 values.
    pub fn apply(&self, values: &mut [FrElement<A>]) {
        assert_eq!(values.len(), 1 << self.log2);
        self.transform(values, 0);
    }

    /// Both ways through block `block` of its layer.
    fn transform(&self, values: &mut [FrElement<A>], block: usize) {
        if values.len() <= SERIAL {
            descend(values, block, &self.down);
            self.shift(values, block);
            ascend(values, block, &self.up);
            return;
        }
        const CHUNK: usize = 1 << 10;
        let size = values.len() / 4;
        let (left, right) = values.split_at_mut(2 * size);
        let ((a, b), (c, d)) = (left.split_at_mut(size), right.split_at_mut(size));
        let together = |step: &(dyn Fn(Quarters<'_, A>) + Sync), a: &mut [_], b: &mut [_], c: &mut [_], d: &mut [_]| {
            let (a, b) = (a.par_chunks_mut(CHUNK), b.par_chunks_mut(CHUNK));
            let (c, d) = (c.par_chunks_mut(CHUNK), d.par_chunks_mut(CHUNK));
            a.zip(b).zip(c).zip(d).for_each(|(((a, b), c), d)| step([a, b, c, d]));
        };
        together(&|quarters| descend_step(quarters, block, &self.down), a, b, c, d);
        rayon::join(
            || rayon::join(|| self.transform(a, 4 * block), || self.transform(b, 4 * block + 1)),
            || rayon::join(|| self.transform(c, 4 * block + 2), || self.transform(d, 4 * block + 3)),
        );
        together(&|quarters| ascend_step(quarters, block, &self.up), a, b, c, d);
    }

    /// Coefficient i times shift^i/n; it stands at its bit-reversed position.
    fn shift(&self, values: &mut [FrElement<A>], block: usize) {
        let low_bits = self.low.len().ilog2();
        let (unused, mask) = (usize::BITS - self.log2, self.low.len() - 1);
        let first = block * values.len();
        for (offset, value) in values.iter_mut().enumerate() {
            let index = (first + offset).reverse_bits().checked_shr(unused).unwrap_or(0);
            let factor = self.low[index & mask].multiply_loose(&self.high[index >> low_bits]);
            *value = value.multiply_loose(&factor);
        }
    }
}

/// table[j] = root^(j with its log2 − 1 bits reversed), canonical; one entry at least.
fn block_roots<A: Arithmetic>(log2: u32, root: Fr) -> Vec<FrElement<A>> {
    let mut table = vec![FrElement::ZERO; (1 << log2 >> 1).max(1)];
    table[0] = FrElement::ONE;
    let mut done = 1;
    while done < table.len() {
        // The highest bit of j is the lowest of the reversed exponent.
        let step = FrElement::from_ark(&root.pow([(table.len() / (2 * done)) as u64]));
        let (from, to) = table[..2 * done].split_at_mut(done);
        to.par_iter_mut().zip(from).with_min_len(SERIAL).for_each(|(to, from)| *to = from.multiply(step));
        done *= 2;
    }
    table
}

/// first·base^i for i < count.
fn powers<A: Arithmetic>(first: Fr, base: Fr, count: usize) -> Vec<FrElement<A>> {
    let mut values = vec![FrElement::ZERO; count];
    values.par_chunks_mut(SERIAL).enumerate().for_each(|(chunk, values)| {
        let mut power = first * base.pow([(chunk * SERIAL) as u64]);
        for value in values {
            *value = FrElement::from_ark(&power);
            power *= base;
        }
    });
    values
}

/// The four quarters of a block, or equal pieces of them.
type Quarters<'a, A> = [&'a mut [FrElement<A>]; 4];

fn quarters<A>(values: &mut [FrElement<A>]) -> Quarters<'_, A> {
    let (left, right) = values.split_at_mut(values.len() / 2);
    let (a, b) = left.split_at_mut(left.len() / 2);
    let (c, d) = right.split_at_mut(right.len() / 2);
    [a, b, c, d]
}

/// All layers of a block, from the largest on.
fn descend<A: Arithmetic>(values: &mut [FrElement<A>], block: usize, roots: &[FrElement<A>]) {
    match values {
        [] | [_] => {}
        [x, y] => {
            let turned = y.multiply_loose(&roots[block]);
            (*x, *y) = (x.add_loose(turned).loose(), x.subtract_twice(turned).loose());
        }
        _ => {
            descend_step(quarters(values), block, roots);
            let size = values.len() / 4;
            for (index, quarter) in values.chunks_exact_mut(size).enumerate() {
                descend(quarter, 4 * block + index, roots);
            }
        }
    }
}

/// All layers of a block, from the smallest on.
fn ascend<A: Arithmetic>(values: &mut [FrElement<A>], block: usize, roots: &[FrElement<A>]) {
    match values {
        [] | [_] => {}
        [x, y] => {
            let difference = x.subtract_twice(*y);
            *x = x.add_loose(*y).loose();
            *y = difference.multiply_loose(&roots[block]);
        }
        _ => {
            let size = values.len() / 4;
            for (index, quarter) in values.chunks_exact_mut(size).enumerate() {
                ascend(quarter, 4 * block + index, roots);
            }
            ascend_step(quarters(values), block, roots);
        }
    }
}

/// Two layers: (a, c) and (b, d) are the pairs of the block, (a, b) and (c, d) those of its halves.
#[inline(always)]
fn descend_step<A: Arithmetic>([a, b, c, d]: Quarters<'_, A>, block: usize, roots: &[FrElement<A>]) {
    let (root, first, second) = (roots[block], roots[2 * block], roots[2 * block + 1]);
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        let (turned_c, turned_d) = (c.multiply_loose(&root), d.multiply_loose(&root));
        let (sum, difference) = (a.add_loose(turned_c).loose(), a.subtract_twice(turned_c).loose());
        // Below 4·r: a product with a root takes that.
        let turned_b = b.add_loose(turned_d).multiply_loose(&first);
        let turned_d = b.subtract_twice(turned_d).multiply_loose(&second);
        (*a, *b) = (sum.add_loose(turned_b).loose(), sum.subtract_twice(turned_b).loose());
        (*c, *d) = (difference.add_loose(turned_d).loose(), difference.subtract_twice(turned_d).loose());
    }
}

/// The same two layers transposed.
#[inline(always)]
fn ascend_step<A: Arithmetic>([a, b, c, d]: Quarters<'_, A>, block: usize, roots: &[FrElement<A>]) {
    let (root, first, second) = (roots[block], roots[2 * block], roots[2 * block + 1]);
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        let turned_b = a.subtract_twice(*b).multiply_loose(&first);
        let turned_d = c.subtract_twice(*d).multiply_loose(&second);
        let (left, right) = (a.add_loose(*b).loose(), c.add_loose(*d).loose());
        *a = left.add_loose(right).loose();
        *b = turned_b.add_loose(turned_d).loose();
        *c = left.subtract_twice(right).multiply_loose(&root);
        *d = turned_b.subtract_twice(turned_d).multiply_loose(&root);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::montgomery::Portable;
    use ark_ff::Zero;

    fn moves_polynomials<A: Arithmetic>() {
        for log2 in [0, 1, 2, 3, 5, 6, 11, 14, 15] {
            let size = 1usize << log2;
            // Edges of the field among the coefficients: 0, −1 and values all over it.
            let coefficient = |i: u64| match i % 4 {
                0 => Fr::zero(),
                1 => -Fr::one(),
                _ => Fr::from(i + 2).pow([77]),
            };
            let coefficients: Vec<Fr> = (0..size as u64).map(coefficient).collect();
            let at = |x: Fr| coefficients.iter().rev().fold(Fr::zero(), |sum, c| sum * x + c);
            let (root, shift) = (root_of_unity(log2), root_of_unity(log2 + 1));
            let sample: Vec<usize> = if size <= 64 { (0..size).collect() } else { vec![0, 1, size / 3, size - 1] };
            // Values on the domain: the upward network takes coefficients in bit-reversed order.
            let mut values: Vec<FrElement<A>> = (0..size)
                .map(|position| {
                    let index = position.reverse_bits().checked_shr(usize::BITS - log2).unwrap_or(0);
                    FrElement::from_ark(&coefficients[index])
                })
                .collect();
            ascend(&mut values, 0, &block_roots(log2, root));
            for index in &sample {
                assert_eq!(values[*index].tight().to_ark(), at(root.pow([*index as u64])), "2^{log2}, {index}");
            }
            CosetTransform::new(log2).apply(&mut values);
            for index in &sample {
                let expected = at(shift.pow([2 * *index as u64 + 1]));
                assert_eq!(values[*index].tight().to_ark(), expected, "2^{log2}, {index}");
            }
        }
    }

    #[test]
    fn moves_a_polynomial_to_the_odd_coset() {
        moves_polynomials::<Portable>();
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn moves_a_polynomial_to_the_odd_coset_with_adx() {
        use crate::montgomery::adx;
        if !adx::available() {
            eprintln!("skipped: this CPU has no ADX");
            return;
        }
        moves_polynomials::<adx::Adx>();
    }
}
