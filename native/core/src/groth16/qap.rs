//! The QAP of a chunk at a known point: what a setup multiplies the generators by.

use super::domain::lagrange;
use crate::r1cs::{Matrix, System, Tile};
use ark_bn254::Fr;
use ark_ff::Zero;

/// A_s(tau), B_s(tau), C_s(tau) for every wire s.
pub struct QapAtPoint {
    pub a: Vec<Fr>,
    pub b: Vec<Fr>,
    pub c: Vec<Fr>,
}

impl QapAtPoint {
    /// None when tau lies in the domain.
    pub fn evaluate(system: &System, tau: Fr) -> Option<Self> {
        let basis = lagrange(tau, system.domain_log2(), 0, 1, system.domain(), Fr::from(1u64))?;
        let column = |which: usize| {
            let mut values = vec![Fr::zero(); system.wires];
            for tile in &system.tiles {
                add_tile(tile, &tile.circuit.matrices[which], &basis, &mut values);
            }
            values
        };
        let (mut a, (mut b, c)) = rayon::join(|| column(0), || rayon::join(|| column(1), || column(2)));
        for (index, wire) in system.zero_wires.iter().enumerate() {
            let value = basis[system.zero_row() + index];
            a[*wire as usize] += value;
            b[0] += value;
        }
        // The rows "A = wire s" that make the public inputs independent.
        for s in 0..=system.publics {
            a[s] += basis[system.constraints + s];
        }
        Some(Self { a, b, c })
    }
}

fn add_tile(tile: &Tile, matrix: &Matrix, basis: &[Fr], values: &mut [Fr]) {
    let rows = tile.circuit.constraints;
    for (index, instance) in tile.instances.iter().enumerate() {
        let basis = &basis[tile.first_row + index * rows..][..rows];
        for (row, value) in basis.iter().enumerate() {
            for (wire, coefficient) in matrix.row(row) {
                values[instance.wire(wire) as usize] += tile.circuit.values[coefficient as usize] * value;
            }
        }
    }
}
