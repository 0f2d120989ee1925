//! Poseidon's permutation in lanes: eight hashes at a time, or sixteen as two vectors, of which one hides the latency
//! of the other.
//!
//! Bounds. Constants are below r, inputs below 1.1·r, and 2^260 > 84·r.
//! - S-box: a + constant below 7·r gives (1 + 49/84)·r, then 1.03·r, then 1.09·r.
//! - Dense row: at most six products below 1.09·r·r: below 1.1·r.
//! - Partial round: each adds less than 1.1·r to an element. There are at most 60: elements stay below
//!   68·r < 2^260, so that none needs a reduction, and a row of six products is below (1 + 6·68/84)·r < 6·r.
//! - After the partial rounds a product with 1 brings every element below 2·r.

use super::field::{FrPrime, Lanes, split};
use super::integer::{from_integers, to_integers};
use super::products::Products;
use crate::poseidon::{FULL_ROUNDS, Parameters, parameters};
use ark_bn254::Fr;
use ark_ff::BigInt;
use std::sync::OnceLock;

type F = Lanes<FrPrime>;
type Constant = [u64; 5];

/// Widths (inputs and the initial 0) that have lanes.
pub const WIDTHS: std::ops::RangeInclusive<usize> = 3..=6;

/// The constants of one width in the stored form of the lanes.
pub struct Constants {
    full: Vec<Constant>,
    partial: Vec<Constant>,
    dense: Vec<Constant>,
    last_dense: Vec<Constant>,
    sparse: Vec<Constant>,
}

/// arkworks' limbs of 16·x are the stored form of x: radix 2^256 · 16 = 2^260.
pub(super) fn stored(value: &Fr) -> Constant {
    split((*value * Fr::from(16u64)).0.0)
}

impl Constants {
    fn new(parameters: &Parameters) -> Self {
        // The bounds above count on it.
        assert!(parameters.partial_rounds <= 60);
        let all = |values: &[Fr]| values.iter().map(stored).collect();
        Self {
            full: all(&parameters.full_constants),
            partial: all(&parameters.partial_constants),
            dense: all(&parameters.dense),
            last_dense: all(&parameters.last_dense),
            sparse: all(&parameters.sparse),
        }
    }

    /// Of one width of `WIDTHS`, computed once per process.
    pub fn of(width: usize) -> &'static Self {
        static CACHE: [OnceLock<Constants>; 4] = [const { OnceLock::new() }; 4];
        assert!(WIDTHS.contains(&width), "width {width} has no lanes");
        let slot = &CACHE[width - WIDTHS.start()];
        slot.get_or_init(|| Self::new(parameters(width - 1).expect("each of WIDTHS has parameters")))
    }
}

/// x^5 of every value below 7·r; below 1.1·r.
#[inline(always)]
unsafe fn power5<const COUNT: usize>(values: &mut [F; COUNT]) {
    unsafe {
        for pair in values.chunks_mut(2) {
            let (x, y) = (pair[0], pair[pair.len() - 1]);
            let (xx, yy) = F::multiply2(&x, &x, &y, &y);
            let (xxxx, yyyy) = F::multiply2(&xx, &xx, &yy, &yy);
            let (x, y) = F::multiply2(&xxxx, &x, &yyyy, &y);
            pair[0] = x;
            if let Some(second) = pair.get_mut(1) {
                *second = y;
            }
        }
    }
}

#[inline(always)]
unsafe fn full_round<const WIDTH: usize>(state: &mut [F; WIDTH], constants: &[Constant], matrix: &[Constant]) {
    unsafe {
        let mut boxed = *state;
        for (value, constant) in boxed.iter_mut().zip(constants) {
            *value = F::add(value, &F::broadcast_limbs(*constant));
        }
        power5(&mut boxed);
        for (row, out) in matrix.chunks_exact(WIDTH).zip(state) {
            let mut sum = Products::zero();
            for (value, factor) in boxed.iter().zip(row) {
                sum.add(value, factor);
            }
            *out = sum.reduce();
        }
    }
}

/// One partial round of each vector: `entries` are the first row, then the first column without its head.
#[inline(always)]
unsafe fn partial_round<const WIDTH: usize, const VECTORS: usize>(
    states: &mut [[F; WIDTH]; VECTORS],
    constant: &Constant,
    entries: &[Constant],
) {
    unsafe {
        let (row, column) = entries.split_at(WIDTH);
        let constant = F::broadcast_limbs(*constant);
        let mut heads = [F::zero(); VECTORS];
        for (head, state) in heads.iter_mut().zip(states.iter()) {
            *head = F::add(&state[0], &constant);
        }
        power5(&mut heads);
        for (head, state) in heads.iter().zip(states) {
            let mut sum = Products::zero();
            for (value, factor) in state[1..].iter().zip(&row[1..]) {
                sum.add(value, factor);
            }
            sum.add(head, &row[0]);
            state[0] = sum.reduce();
            for (value, factor) in state[1..].iter_mut().zip(column) {
                let mut product = Products::zero();
                product.add(head, factor);
                *value = product.reduce_onto(value);
            }
        }
    }
}

/// The permutation of each vector; elements below 2·r in, below 1.1·r out.
/// Twin: native/core/src/poseidon/permutation.rs permute_slice.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
pub unsafe fn permute<const WIDTH: usize, const VECTORS: usize>(
    constants: &Constants,
    states: &mut [[F; WIDTH]; VECTORS],
) {
    unsafe {
        let one = F::one();
        let (first, second) = constants.full.split_at(FULL_ROUNDS / 2 * WIDTH);
        for (round, added) in first.chunks_exact(WIDTH).enumerate() {
            let last = round + 1 == FULL_ROUNDS / 2;
            let matrix = if last { &constants.last_dense } else { &constants.dense };
            for state in states.iter_mut() {
                full_round(state, added, matrix);
            }
        }
        for (constant, entries) in constants.partial.iter().zip(constants.sparse.chunks_exact(2 * WIDTH - 1)) {
            partial_round(states, constant, entries);
        }
        for state in states.iter_mut() {
            for value in state.iter_mut() {
                *value = F::multiply(value, &one);
            }
            for added in second.chunks_exact(WIDTH) {
                full_round(state, added, &constants.dense);
            }
        }
    }
}

/// Most hashes of one call of `hash_block`.
pub const BLOCK: usize = 16;

/// Poseidon of one to sixteen groups of `WIDTH − 1` canonical integers, group after group, to `out`.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn hash_vectors<const WIDTH: usize, const VECTORS: usize>(inputs: &[BigInt<4>], out: &mut [[u64; 4]]) {
    unsafe {
        let arity = WIDTH - 1;
        let mut states = [[F::zero(); WIDTH]; VECTORS];
        for (vector, state) in states.iter_mut().enumerate() {
            for (child, value) in state[1..].iter_mut().enumerate() {
                // Lanes without a group hash the last one again.
                let lane = |lane: usize| inputs[(8 * vector + lane).min(out.len() - 1) * arity + child].0;
                *value = from_integers(&std::array::from_fn(lane));
            }
        }
        permute(Constants::of(WIDTH), &mut states);
        for (out, state) in out.chunks_mut(8).zip(&states) {
            out.copy_from_slice(&to_integers(&state[0])[..out.len()]);
        }
    }
}

/// Poseidon of up to `BLOCK` groups of `arity` integers below r, group after group: one integer below r each.
/// Twin: native/core/src/poseidon/hash.rs hash.
///
/// # Panics
/// When the arity has no lanes, the lengths do not fit, or the CPU has no AVX512-IFMA.
pub fn hash_block(inputs: &[BigInt<4>], arity: usize, out: &mut [[u64; 4]]) {
    assert!(super::available() && (1..=BLOCK).contains(&out.len()) && inputs.len() == arity * out.len());
    let wide = out.len() > 8;
    // SAFETY: the features are there.
    unsafe {
        match (arity, wide) {
            (2, false) => hash_vectors::<3, 1>(inputs, out),
            (2, true) => hash_vectors::<3, 2>(inputs, out),
            (3, false) => hash_vectors::<4, 1>(inputs, out),
            (3, true) => hash_vectors::<4, 2>(inputs, out),
            (4, false) => hash_vectors::<5, 1>(inputs, out),
            (4, true) => hash_vectors::<5, 2>(inputs, out),
            (5, false) => hash_vectors::<6, 1>(inputs, out),
            (5, true) => hash_vectors::<6, 2>(inputs, out),
            _ => panic!("Poseidon of {arity} inputs has no lanes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poseidon::hash;
    use ark_ff::{PrimeField, Zero};

    /// The edges of the field and elements between them.
    fn values(count: usize) -> Vec<Fr> {
        let edges =
            [Fr::zero(), Fr::from(1u64), -Fr::from(1u64), -Fr::from(2u64), Fr::from(BigInt([0, 0, 0, 1 << 61]))];
        let mixed = (1..).map(|i: u64| hash(&[Fr::from(i)]));
        // Five edges to seven others: every position of a group sees each edge.
        (0..).zip(mixed).map(|(i, other)| edges.get(i % 12).copied().unwrap_or(other)).take(count).collect()
    }

    #[test]
    fn agree_with_the_scalar_permutation_on_edges_and_others() {
        if !crate::lanes::available() {
            return;
        }
        for arity in 2..=5 {
            for groups in 1..=BLOCK {
                let inputs = values(arity * groups);
                let integers: Vec<_> = inputs.iter().map(|value| value.into_bigint()).collect();
                let mut out = vec![[0; 4]; groups];
                hash_block(&integers, arity, &mut out);
                let expected: Vec<_> = inputs.chunks_exact(arity).map(|group| hash(group).into_bigint().0).collect();
                assert_eq!(out, expected, "{groups} groups of {arity}");
            }
        }
    }

    #[test]
    fn agree_where_all_inputs_are_the_same_edge() {
        if !crate::lanes::available() {
            return;
        }
        for arity in 2..=5 {
            for edge in values(5) {
                let mut out = [[0; 4]; BLOCK];
                hash_block(&vec![edge.into_bigint(); arity * BLOCK], arity, &mut out);
                assert_eq!(out, [hash(&vec![edge; arity]).into_bigint().0; BLOCK]);
            }
        }
    }
}
