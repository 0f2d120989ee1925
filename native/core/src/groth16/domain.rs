//! Roots of unity and Lagrange polynomials, as snarkjs has them.

use ark_bn254::Fr;
use ark_ff::{FftField, Field, One, batch_inversion};
use rayon::prelude::*;

const CHUNK: usize = 1 << 14;

/// A primitive root of order 2^log2: a power of 5^((r − 1)/2^28), as in ffjavascript.
pub fn root_of_unity(log2: u32) -> Fr {
    let mut root = Fr::TWO_ADIC_ROOT_OF_UNITY;
    for _ in log2..Fr::TWO_ADICITY {
        root = root.square();
    }
    root
}

/// `factor · L_j(tau)` for j = offset, offset + stride, … (`count` of them), over the domain of size 2^log2:
/// `L_j(tau) = w^j·(tau^n − 1) / (n·(tau − w^j))`. None when tau lies in the domain.
pub fn lagrange(tau: Fr, log2: u32, offset: u64, stride: u64, count: usize, factor: Fr) -> Option<Vec<Fr>> {
    let size = 1u64 << log2;
    let root = root_of_unity(log2);
    let vanishing = tau.pow([size]) - Fr::one();
    let scale = vanishing * Fr::from(size).inverse()? * factor;
    let step = root.pow([stride]);
    if vanishing == Fr::default() {
        return None;
    }
    let mut values = vec![Fr::default(); count];
    values.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, values)| {
        let mut power = root.pow([offset + stride * (chunk * CHUNK) as u64]);
        let mut inverses = Vec::with_capacity(values.len());
        for value in values.iter_mut() {
            *value = power * scale;
            inverses.push(tau - power);
            power *= step;
        }
        batch_inversion(&mut inverses);
        values.iter_mut().zip(inverses).for_each(|(value, inverse)| *value *= inverse);
    });
    Some(values)
}
