//! The rows of a tile for eight of its instances at once: the same coefficients, eight witnesses.

use super::field::{FrPrime, LIMB_BITS, Lanes, Prime};
use super::transpose::{load_pairs, store_pairs};
use crate::r1cs::{Instance, Matrix, TileCircuit};
use ark_bn254::Fr;
use ark_ff::{BigInt, Field};
use std::arch::x86_64::*;

type F = Lanes<FrPrime>;

pub const LANES: usize = 8;
/// Terms between reductions: T products of a coefficient and a value below r give less than (1 + T/84.6)·r, and
/// the accumulators, of ten 52-bit products a term, stay far from 64 bits.
const MAX_TERMS: usize = 64;

/// A tile's coefficients for this kernel.
pub struct Evaluator<'a> {
    circuit: &'a TileCircuit,
    /// coefficient·2^516: times a plain witness value and reduced by 2^260, the product is in arkworks' form.
    coefficients: Vec<[u64; 5]>,
}

impl<'a> Evaluator<'a> {
    /// Only where `super::available()`.
    pub fn new(circuit: &'a TileCircuit) -> Self {
        assert!(super::available());
        let factor = Fr::from(2u64).pow([260]);
        let coefficients = circuit.values.iter().map(|value| super::field::split((*value * factor).0.0)).collect();
        Self { circuit, coefficients }
    }

    /// Writes A·w and B·w of one to eight instances to their slices; per instance the first row that does not hold.
    pub fn fill(
        &self,
        instances: &[Instance],
        witness: &[BigInt<4>],
        a: &mut [&mut [[u64; 4]]],
        b: &mut [&mut [[u64; 4]]],
    ) -> Vec<Option<usize>> {
        let rows = self.circuit.constraints;
        let count = instances.len();
        assert!((1..=LANES).contains(&count) && a.len() == count && b.len() == count);
        assert!(a.iter().chain(b.iter()).all(|column| column.len() == rows));
        // Fewer than eight: the last one is calculated again in the other lanes.
        let lane = |index: usize| index.min(count - 1);
        let a = std::array::from_fn(|index| a[lane(index)].as_mut_ptr().cast::<u8>());
        let b = std::array::from_fn(|index| b[lane(index)].as_mut_ptr().cast::<u8>());
        let chosen: [&Instance; LANES] = std::array::from_fn(|index| &instances[lane(index)]);
        // SAFETY: `new` has checked the CPU; the slices have one element per row.
        let first = unsafe { self.fill_lanes(chosen, witness, a, b) };
        first[..count].iter().map(|row| (*row != usize::MAX).then_some(*row)).collect()
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
    unsafe fn fill_lanes(
        &self,
        instances: [&Instance; LANES],
        witness: &[BigInt<4>],
        a: [*mut u8; LANES],
        b: [*mut u8; LANES],
    ) -> [usize; LANES] {
        unsafe {
            let local = self.gather(instances, witness);
            let mut first = [usize::MAX; LANES];
            let rows = self.circuit.constraints;
            for row in (0..rows).step_by(2) {
                // Two rows at a time: they are neighbors in memory. The last one may stand alone.
                let next = (row + 1).min(rows - 1);
                let [matrix_a, matrix_b, matrix_c] = &self.circuit.matrices;
                let (a0, a1) = (self.dot(matrix_a, row, &local), self.dot(matrix_a, next, &local));
                let (b0, b1) = (self.dot(matrix_b, row, &local), self.dot(matrix_b, next, &local));
                let (c0, c1) = (self.dot(matrix_c, row, &local), self.dot(matrix_c, next, &local));
                for (at, broken) in [(row, violated(&a0, &b0, &c0)), (next, violated(&a1, &b1, &c1))] {
                    if broken != 0 {
                        for (lane, first) in first.iter_mut().enumerate() {
                            if broken >> lane & 1 == 1 {
                                *first = at.min(*first);
                            }
                        }
                    }
                }
                if next == row {
                    store_last(a, row, &a0);
                    store_last(b, row, &b0);
                } else {
                    store_pairs(a.map(|pointer| pointer.add(32 * row)), &a0, &a1);
                    store_pairs(b.map(|pointer| pointer.add(32 * row)), &b0, &b1);
                }
            }
            first
        }
    }

    /// The instances' wires, contiguous, as plain integers.
    #[inline(always)]
    unsafe fn gather(&self, instances: [&Instance; LANES], witness: &[BigInt<4>]) -> Vec<F> {
        let wires = self.circuit.wires;
        let interface = self.circuit.interface.min(wires);
        let mut local = Vec::with_capacity(wires + 1);
        let one_by_one = |wire: usize| {
            let words: [[u64; 4]; LANES] =
                std::array::from_fn(|lane| witness[instances[lane].wire(wire as u32) as usize].0);
            F::from_words(&words)
        };
        local.extend((0..interface).map(one_by_one));
        // Private wires are neighbors in the chunk too.
        let base: [&[BigInt<4>]; LANES] =
            std::array::from_fn(|lane| &witness[instances[lane].internal_base as usize..][..wires - interface]);
        for pair in (0..(wires - interface) / 2).map(|pair| 2 * pair) {
            // SAFETY: two elements of each slice, 32 bytes each: BigInt<4> is four u64.
            let (first, second) = unsafe { load_pairs(base.map(|values| values.as_ptr().add(pair).cast())) };
            local.push(first);
            local.push(second);
        }
        if local.len() < wires {
            local.push(one_by_one(wires - 1));
        }
        local
    }

    /// The row's sum of products; below 2·r.
    #[inline(always)]
    unsafe fn dot(&self, matrix: &Matrix, row: usize, local: &[F]) -> F {
        unsafe {
            let range = matrix.starts[row] as usize..matrix.starts[row + 1] as usize;
            let (wires, coefficients) = (&matrix.wires[range.clone()], &matrix.coefficients[range]);
            if wires.len() <= MAX_TERMS {
                return self.dot_short(wires, coefficients, local);
            }
            let mut sum = F::zero();
            for (wires, coefficients) in wires.chunks(MAX_TERMS).zip(coefficients.chunks(MAX_TERMS)) {
                let part = self.dot_short(wires, coefficients, local);
                sum = F::reduce(&F::add(&sum, &part));
            }
            // Times 1: below 2·r again.
            F::multiply(&sum, &F::one())
        }
    }

    #[inline(always)]
    unsafe fn dot_short(&self, wires: &[u32], coefficients: &[u32], local: &[F]) -> F {
        unsafe {
            let zero = _mm512_setzero_si512();
            let (mut low, mut high) = ([zero; 10], [zero; 10]);
            for (wire, coefficient) in wires.iter().zip(coefficients) {
                let value = &local[*wire as usize].limbs;
                let factor = &self.coefficients[*coefficient as usize];
                for i in 0..5 {
                    let limb = _mm512_set1_epi64(factor[i] as i64);
                    for j in 0..5 {
                        low[i + j] = _mm512_madd52lo_epu64(low[i + j], value[j], limb);
                        high[i + j] = _mm512_madd52hi_epu64(high[i + j], value[j], limb);
                    }
                }
            }
            let mut t = [zero; 11];
            for i in 0..10 {
                t[i] = _mm512_add_epi64(t[i], low[i]);
                t[i + 1] = high[i];
            }
            reduce_wide(t)
        }
    }
}

/// Montgomery reduction of eleven limbs that may exceed 52 bits.
#[inline(always)]
unsafe fn reduce_wide(mut t: [__m512i; 11]) -> F {
    unsafe {
        let zero = _mm512_setzero_si512();
        let inverse = _mm512_set1_epi64(FrPrime::INVERSE as i64);
        for i in 0..5 {
            let m = _mm512_madd52lo_epu64(zero, t[i], inverse);
            for j in 0..5 {
                let limb = _mm512_set1_epi64(FrPrime::P[j] as i64);
                t[i + j] = _mm512_madd52lo_epu64(t[i + j], m, limb);
                t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], m, limb);
            }
            t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64::<LIMB_BITS>(t[i]));
        }
        // The product of five-limb numbers has ten limbs; limb 10 is 0.
        F::normalize([t[5], t[6], t[7], t[8], t[9]])
    }
}

/// Lanes in which a·b ≠ c, for values in arkworks' form below 2·r.
#[inline(always)]
unsafe fn violated(a: &F, b: &F, c: &F) -> u8 {
    unsafe {
        // (a·2^256)·(b·2^256)/2^260 against (c·2^256)·2^256/2^260.
        let radix = F::broadcast_limbs([0, 0, 0, 0, 1 << 48]);
        let (product, expected) = F::multiply2(a, b, c, &radix);
        !F::subtract::<2>(&product, &expected).is_multiple()
    }
}

/// The last row of an odd number, one element per lane.
#[cold]
fn store_last(pointers: [*mut u8; LANES], row: usize, value: &F) {
    for (pointer, words) in pointers.into_iter().zip(value.to_words()) {
        // SAFETY: the caller's slices have an element for this row.
        unsafe { pointer.cast::<[u64; 4]>().add(row).write_unaligned(words) };
    }
}
