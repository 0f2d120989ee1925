//! One hash at a time, for CPUs without lanes and for those who need one hash only.

use super::parameters::{MAX_INPUTS, Parameters, parameters};
use super::permutation::permute_slice;
use crate::montgomery::{Arithmetic, FrElement, Portable};
use ark_bn254::Fr;
use ark_ff::Zero;

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
    #[cfg(target_arch = "x86_64")]
    {
        use crate::montgomery::adx;
        if adx::available() {
            return hash_by::<adx::Adx>(initial, inputs);
        }
    }
    hash_by::<Portable>(initial, inputs)
}

fn hash_by<A: Arithmetic>(initial: Fr, inputs: &[Fr]) -> Fr {
    let parameters = parameters(inputs.len()).expect("Poseidon takes 1 to 16 inputs");
    match inputs.len() {
        1 => permute::<A, 2>(parameters, initial, inputs),
        2 => permute::<A, 3>(parameters, initial, inputs),
        3 => permute::<A, 4>(parameters, initial, inputs),
        4 => permute::<A, 5>(parameters, initial, inputs),
        5 => permute::<A, 6>(parameters, initial, inputs),
        6 => permute::<A, 7>(parameters, initial, inputs),
        count => {
            // Wider ones are rare: a permutation padded with zeros would be another function, so the width is dynamic.
            let mut state = [FrElement::<A>::ZERO; MAX_INPUTS + 1];
            fill(&mut state[..=count], initial, inputs);
            permute_slice(parameters, &mut state[..=count]);
            state[0].tight().to_ark()
        }
    }
}

#[inline]
fn permute<A: Arithmetic, const WIDTH: usize>(parameters: &Parameters, initial: Fr, inputs: &[Fr]) -> Fr {
    let mut state = [FrElement::<A>::ZERO; WIDTH];
    fill(&mut state, initial, inputs);
    permute_slice(parameters, &mut state);
    state[0].tight().to_ark()
}

#[inline(always)]
fn fill<A: Arithmetic>(state: &mut [FrElement<A>], initial: Fr, inputs: &[Fr]) {
    state[0] = FrElement::from_ark(&initial);
    for (value, input) in state[1..].iter_mut().zip(inputs) {
        *value = FrElement::from_ark(input);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{Field, MontFp};

    #[test]
    fn hashes_as_the_reference_does() {
        let expected: Fr = MontFp!("7853200120776062878684798364095072458815029376092732009249414926327459813530");
        assert_eq!(hash(&[Fr::from(1u64), Fr::from(2u64)]), expected);
        let one: Fr = MontFp!("18586133768512220936620570745912940619677854269274689475585506675881198879027");
        assert_eq!(hash(&[Fr::from(1u64)]), one);
    }

    /// The definition, with the dense matrix in every round.
    fn by_definition(initial: Fr, inputs: &[Fr]) -> Fr {
        let parameters = parameters(inputs.len()).unwrap();
        let mut state = vec![initial];
        state.extend(inputs);
        let width = state.len();
        let mut constants = crate::poseidon::grain::Grain::new(width, 8, parameters.partial_rounds);
        let rounds = 8 + parameters.partial_rounds;
        for round in 0..rounds {
            let is_full = !(4..4 + parameters.partial_rounds).contains(&round);
            for (position, value) in state.iter_mut().enumerate() {
                *value += constants.constant();
                if is_full || position == 0 {
                    *value = value.square().square() * *value;
                }
            }
            let row = |row: &[Fr]| row.iter().zip(&state).map(|(entry, value)| *entry * value).sum();
            state = parameters.dense.chunks_exact(width).map(row).collect();
        }
        state[0]
    }

    #[test]
    fn agrees_with_the_definition_in_every_width_and_arithmetic() {
        let edges = [Fr::zero(), -Fr::from(1u64), Fr::from(1u64), -Fr::from(1u64) / Fr::from(2u64)];
        for count in 1..=MAX_INPUTS {
            for shift in 0..8 {
                let value = |at: usize| match shift {
                    0..4 => edges[shift],
                    _ => edges[(at + shift) % 4] + Fr::from((at * shift) as u64).square(),
                };
                let inputs: Vec<Fr> = (0..count).map(value).collect();
                for initial in [Fr::zero(), -Fr::from(1u64)] {
                    let expected = by_definition(initial, &inputs);
                    assert_eq!(hash_by::<Portable>(initial, &inputs), expected, "{count} inputs");
                    assert_eq!(hash_with_state(initial, &inputs), expected, "{count} inputs");
                }
            }
        }
    }
}
