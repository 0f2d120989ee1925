//! The permutation on values below 2·r, which are reduced only where a sum would not fit any more.
//!
//! Bounds. 2^256 is more than 5.28·r; constants are canonical; between operations an element is loose, below 2·r.
//! - S-box: loose + constant is below 3·r, so `loose` applies; then 1.76·r, 1.59·r and 1.61·r.
//! - A pair of products of loose values with constants is below 1.76·r, one such product below 1.38·r: each sum with a loose
//!   value is below 4·r, where `loose` applies.

use super::parameters::{FULL_ROUNDS, MAX_INPUTS, Parameters};
use crate::montgomery::{Arithmetic, FrElement};
use ark_bn254::Fr;

/// Permutes loose elements; the first one comes out loose.
/// Twin: native/core/src/lanes/poseidon.rs permute.
#[inline(always)]
pub fn permute_slice<A: Arithmetic>(parameters: &Parameters, state: &mut [FrElement<A>]) {
    let width = state.len();
    let (first, second) = parameters.full_constants.split_at(FULL_ROUNDS / 2 * width);
    for (round, constants) in first.chunks_exact(width).enumerate() {
        let last = round + 1 == FULL_ROUNDS / 2;
        full_round(state, constants, if last { &parameters.last_dense } else { &parameters.dense });
    }
    let sparse = parameters.sparse.chunks_exact(2 * width - 1);
    for (constant, entries) in parameters.partial_constants.iter().zip(sparse) {
        let (row, column) = entries.split_at(width);
        let head = power5(&state[0], constant);
        state[0] = head;
        let sum = dot(row, state);
        for (value, factor) in state[1..].iter_mut().zip(column) {
            *value = value.add_loose(head.multiply_loose(&FrElement::from_ark(factor))).loose();
        }
        state[0] = sum;
    }
    for constants in second.chunks_exact(width) {
        full_round(state, constants, &parameters.dense);
    }
}

#[inline(always)]
fn full_round<A: Arithmetic>(state: &mut [FrElement<A>], constants: &[Fr], matrix: &[Fr]) {
    let width = state.len();
    let mut boxed = [FrElement::<A>::ZERO; MAX_INPUTS + 1];
    for index in 0..width {
        boxed[index] = power5(&state[index], &constants[index]);
    }
    for (row, out) in matrix.chunks_exact(width).zip(state.iter_mut()) {
        *out = dot(row, &boxed[..width]);
    }
}

/// (value + constant)^5.
#[inline(always)]
fn power5<A: Arithmetic>(value: &FrElement<A>, constant: &Fr) -> FrElement<A> {
    let value = value.add_loose(FrElement::from_ark(constant)).loose();
    let square = value.multiply_loose(&value);
    square.multiply_loose(&square).multiply_loose(&value)
}

/// Σ row·values, with one reduction for two products.
#[inline(always)]
fn dot<A: Arithmetic>(row: &[Fr], values: &[FrElement<A>]) -> FrElement<A> {
    let (pairs, rest) = values.as_chunks::<2>();
    let (factors, last) = row.as_chunks::<2>();
    let mut sum = FrElement::ZERO;
    for (pair, factors) in pairs.iter().zip(factors) {
        let [a, b] = [FrElement::from_ark(&factors[0]), FrElement::from_ark(&factors[1])];
        sum = sum.add_loose(FrElement::multiply_add_loose(pair, [&a, &b])).loose();
    }
    for (value, factor) in rest.iter().zip(last) {
        sum = sum.add_loose(value.multiply_loose(&FrElement::from_ark(factor))).loose();
    }
    sum
}
