//! Number-theoretic transforms, as the prover makes them: six in a quotient.

use super::elements;
use crate::best_prepared;
use quittance_core::groth16::quotient;
use quittance_core::monitor::Monitor;
use quittance_core::r1cs::Products;

/// Three columns, each to coefficients and to the coset.
const TRANSFORMS: f64 = 6.0;

/// Nanoseconds a transform of 2^log2 values, with its share of the products between the columns.
pub fn transform(log2: u32) -> f64 {
    let column: Vec<[u64; 4]> = elements(1 << log2).iter().map(|value| value.0.0).collect();
    // The quotient works in place: the copies are not part of it.
    let copy = || Products { a: column.clone(), b: column.clone() };
    best_prepared(copy, |products| quotient(products, &Monitor::new())) / TRANSFORMS
}
