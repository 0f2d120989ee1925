//! The permutation, one hash at a time.

use super::parameters::{FULL_ROUNDS, MAX_INPUTS, Parameters, parameters};
use ark_bn254::Fr;
use ark_ff::{Field, Zero};

/// Poseidon of 1 to 16 inputs, as `Poseidon(n)` of circomlib.
/// Twin: packages/protocol/hash.ts portableHasher.
/// Twin: native/core/src/lanes/poseidon.rs hash_block.
///
/// # Panics
/// When there are 0 or more than 16 inputs.
pub fn hash(inputs: &[Fr]) -> Fr {
    hash_with_state(Fr::zero(), inputs)
}

/// Poseidon with an initial state other than 0 (circomlib's `PoseidonEx`).
pub fn hash_with_state(initial: Fr, inputs: &[Fr]) -> Fr {
    let parameters = parameters(inputs.len()).expect("Poseidon takes 1 to 16 inputs");
    match inputs.len() {
        1 => permute::<2>(parameters, initial, inputs),
        2 => permute::<3>(parameters, initial, inputs),
        3 => permute::<4>(parameters, initial, inputs),
        4 => permute::<5>(parameters, initial, inputs),
        5 => permute::<6>(parameters, initial, inputs),
        6 => permute::<7>(parameters, initial, inputs),
        count => {
            // Wider ones are rare: a permutation padded with zeros would be another function, so the width is dynamic.
            let mut state = [Fr::zero(); MAX_INPUTS + 1];
            state[0] = initial;
            state[1..=count].copy_from_slice(inputs);
            permute_slice(parameters, &mut state[..=count]);
            state[0]
        }
    }
}

#[inline]
fn permute<const WIDTH: usize>(parameters: &Parameters, initial: Fr, inputs: &[Fr]) -> Fr {
    let mut state = [Fr::zero(); WIDTH];
    state[0] = initial;
    state[1..].copy_from_slice(inputs);
    permute_slice(parameters, &mut state);
    state[0]
}

#[inline(always)]
fn permute_slice(parameters: &Parameters, state: &mut [Fr]) {
    let width = state.len();
    let (first, second) = parameters.full_constants.split_at(FULL_ROUNDS / 2 * width);
    for (round, constants) in first.chunks_exact(width).enumerate() {
        let last = round + 1 == FULL_ROUNDS / 2;
        full_round(state, constants, if last { &parameters.last_dense } else { &parameters.dense });
    }
    let sparse = parameters.sparse.chunks_exact(2 * width - 1);
    for (constant, entries) in parameters.partial_constants.iter().zip(sparse) {
        let head = power5(state[0] + constant);
        let (row, column) = entries.split_at(width);
        let mut sum = head * row[0];
        for index in 1..width {
            sum += state[index] * row[index];
            state[index] += head * column[index - 1];
        }
        state[0] = sum;
    }
    for constants in second.chunks_exact(width) {
        full_round(state, constants, &parameters.dense);
    }
}

#[inline(always)]
fn full_round(state: &mut [Fr], constants: &[Fr], matrix: &[Fr]) {
    let width = state.len();
    let mut boxed = [Fr::zero(); MAX_INPUTS + 1];
    for index in 0..width {
        boxed[index] = power5(state[index] + constants[index]);
    }
    for (row, out) in matrix.chunks_exact(width).zip(state.iter_mut()) {
        *out = row.iter().zip(&boxed).map(|(a, b)| *a * b).sum();
    }
}

#[inline(always)]
fn power5(value: Fr) -> Fr {
    value.square().square() * value
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::MontFp;

    #[test]
    fn hashes_as_the_reference_does() {
        let expected: Fr = MontFp!("7853200120776062878684798364095072458815029376092732009249414926327459813530");
        assert_eq!(hash(&[Fr::from(1u64), Fr::from(2u64)]), expected);
        let one: Fr = MontFp!("18586133768512220936620570745912940619677854269274689475585506675881198879027");
        assert_eq!(hash(&[Fr::from(1u64)]), one);
    }
}
