//! Evaluates the constraints of a chunk on a witness.

use super::reader::{Matrix, TileCircuit};
use super::system::{Instance, System, Tile};
use crate::error::{Code, CoreError, Result};
use crate::monitor::Monitor;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use rayon::prelude::*;

/// A·w and B·w on the rows of the domain, the rows of the public inputs included; unused rows are 0.
/// Montgomery limbs, radix 2^256.
pub struct Products {
    pub a: Vec<[u64; 4]>,
    pub b: Vec<[u64; 4]>,
}

/// Whether every constraint holds. WITNESS_REJECTED names tile, instance and row of the first that does not.
pub fn check(system: &System, witness: &[Fr]) -> Result<()> {
    evaluate(system, witness, &Monitor::new()).map(|_| ())
}

/// The products of a witness that satisfies the constraints; WITNESS_REJECTED otherwise (see `check`).
pub fn evaluate(system: &System, witness: &[Fr], monitor: &Monitor) -> Result<Products> {
    check_shape(system, witness)?;
    let mut products = Products { a: vec![[0; 4]; system.domain()], b: vec![[0; 4]; system.domain()] };
    let (mut a, mut b) = (products.a.as_mut_slice(), products.b.as_mut_slice());
    for tile in &system.tiles {
        let rows = tile.circuit.constraints;
        let (a_here, a_rest) = a.split_at_mut(rows * tile.instances.len());
        let (b_here, b_rest) = b.split_at_mut(rows * tile.instances.len());
        (a, b) = (a_rest, b_rest);
        if rows == 0 {
            continue;
        }
        let first_violation = a_here
            .par_chunks_exact_mut(rows)
            .zip(b_here.par_chunks_exact_mut(rows))
            .zip(&tile.instances)
            .enumerate()
            .map(|(index, ((a, b), instance))| {
                monitor.advance(1)?;
                Ok(fill(&tile.circuit, instance, witness, a, b).map(|row| (index, row)))
            })
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .next();
        if let Some((instance, row)) = first_violation {
            return Err(violation(tile, instance, row));
        }
    }
    for (index, wire) in system.zero_wires.iter().enumerate() {
        let value = witness[*wire as usize];
        if !value.is_zero() {
            let message = format!("the witness is refused: wire {wire} must be 0 (zero wire {index})");
            return Err(CoreError::new(Code::WitnessRejected, message).with("wire", *wire).with("row", index));
        }
        (a[index], b[index]) = (value.0.0, Fr::one().0.0);
    }
    let publics = &witness[..=system.publics];
    for (row, value) in a[system.zero_wires.len()..].iter_mut().zip(publics) {
        *row = value.0.0;
    }
    Ok(products)
}

fn check_shape(system: &System, witness: &[Fr]) -> Result<()> {
    if witness.len() != system.wires {
        let message = format!("the witness has {} values, the circuit {} wires", witness.len(), system.wires);
        return Err(CoreError::new(Code::WitnessRejected, message));
    }
    if !witness[0].is_one() {
        return Err(CoreError::new(Code::WitnessRejected, "the witness is refused: wire 0 must be 1"));
    }
    Ok(())
}

/// Writes A·w and B·w of one instance; the first row on which A·w · B·w ≠ C·w.
fn fill(circuit: &TileCircuit, instance: &Instance, witness: &[Fr], a: &mut [[u64; 4]], b: &mut [[u64; 4]]) -> Option<usize> {
    // The instance's own witness, contiguous: one gather instead of one per term.
    let local: Vec<Fr> = (0..circuit.wires as u32).map(|wire| witness[instance.wire(wire) as usize]).collect();
    let [matrix_a, matrix_b, matrix_c] = &circuit.matrices;
    let mut first = None;
    for row in 0..circuit.constraints {
        let (left, right) = (dot(circuit, matrix_a, row, &local), dot(circuit, matrix_b, row, &local));
        if first.is_none() && left * right != dot(circuit, matrix_c, row, &local) {
            first = Some(row);
        }
        (a[row], b[row]) = (left.0.0, right.0.0);
    }
    first
}

#[inline]
fn dot(circuit: &TileCircuit, matrix: &Matrix, row: usize, local: &[Fr]) -> Fr {
    let mut sum = Fr::zero();
    for (wire, coefficient) in matrix.row(row) {
        sum += circuit.values[coefficient as usize] * local[wire as usize];
    }
    sum
}

fn violation(tile: &Tile, instance: usize, row: usize) -> CoreError {
    let message =
        format!("the witness is refused: constraint {row} of tile {} (instance {instance}) does not hold", tile.name);
    CoreError::new(Code::WitnessRejected, message)
        .with("tile", tile.name.as_str())
        .with("instance", instance)
        .with("row", row)
}
