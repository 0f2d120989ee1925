//! Scalars as signed digits, window by window.

use ark_ff::BigInt;
use rayon::prelude::*;

const SCALAR_BITS: usize = 254;
const MAX_BITS: usize = 16;

/// Digits d with −half ≤ d < half, half = 2^(bits − 1), of a sequence of integers below 2^254.
/// One set serves every sum over the same scalars.
pub struct Digits {
    bits: usize,
    /// Per window, one digit a scalar.
    windows: Vec<Vec<i16>>,
}

impl Digits {
    /// The digits of `scalars` with the window size that suits sums of about so many terms.
    pub fn new(scalars: &[BigInt<4>]) -> Self {
        Self::with_bits(scalars, best_bits(scalars.len()))
    }

    /// Panics unless 2 ≤ bits ≤ 16.
    pub fn with_bits(scalars: &[BigInt<4>], bits: usize) -> Self {
        assert!((2..=MAX_BITS).contains(&bits));
        // A carry may leave the topmost window, hence one bit more.
        let count = (SCALAR_BITS + 1).div_ceil(bits);
        let mut windows = vec![vec![0i16; scalars.len()]; count];
        let half = 1i32 << (bits - 1);
        const CHUNK: usize = 1 << 12;
        let mut columns: Vec<Vec<&mut [i16]>> = (0..scalars.len().div_ceil(CHUNK)).map(|_| Vec::new()).collect();
        for window in windows.iter_mut() {
            for (column, chunk) in columns.iter_mut().zip(window.chunks_mut(CHUNK)) {
                column.push(chunk);
            }
        }
        columns.into_par_iter().zip(scalars.par_chunks(CHUNK)).for_each(|(mut column, scalars)| {
            for (index, scalar) in scalars.iter().enumerate() {
                let mut carry = 0;
                for (window, digits) in column.iter_mut().enumerate() {
                    let digit = raw(scalar, window * bits, bits) + carry;
                    carry = (digit >= half) as i32;
                    digits[index] = (digit - (carry << bits)) as i16;
                }
                debug_assert_eq!(carry, 0, "a scalar has more than 254 bits");
            }
        });
        Self { bits, windows }
    }

    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Buckets of a window: digits 1 ..= half, either sign.
    pub fn half(&self) -> usize {
        1 << (self.bits - 1)
    }

    pub fn windows(&self) -> usize {
        self.windows.len()
    }

    pub fn window(&self, index: usize) -> &[i16] {
        &self.windows[index]
    }
}

#[inline]
fn raw(scalar: &BigInt<4>, at: usize, bits: usize) -> i32 {
    let (limb, offset) = (at / 64, at % 64);
    let mut value = scalar.0.get(limb).map_or(0, |low| low >> offset);
    if offset + bits > 64 {
        value |= scalar.0.get(limb + 1).map_or(0, |high| high << (64 - offset));
    }
    (value & ((1 << bits) - 1)) as i32
}

/// Additions per window: one a term and about four a bucket.
fn best_bits(terms: usize) -> usize {
    let cost = |bits: usize| (SCALAR_BITS + 1).div_ceil(bits) * (terms + (4 << (bits - 1)));
    (3..=MAX_BITS).min_by_key(|bits| cost(*bits)).expect("the range is not empty")
}
