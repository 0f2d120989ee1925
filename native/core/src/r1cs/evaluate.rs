//! Evaluates the constraints of a chunk on a witness.

use super::reader::{Matrix, TileCircuit};
use super::system::{Instance, System, Tile};
use crate::error::{Code, CoreError, Result};
use crate::monitor::Monitor;
use ark_bn254::Fr;
use ark_ff::{BigInt, One, PrimeField, Zero};
use rayon::prelude::*;

/// A·w and B·w on the rows of the domain, the rows of the public inputs included; unused rows are 0.
/// Montgomery limbs, radix 2^256.
pub struct Products {
    pub a: Vec<[u64; 4]>,
    pub b: Vec<[u64; 4]>,
}

/// Instances from which the lanes pay, although some stay empty.
#[cfg(target_arch = "x86_64")]
const MIN_FOR_LANES: usize = 4;

/// Whether every constraint holds. WITNESS_REJECTED names tile, instance and row of the first that does not.
pub fn check(system: &System, witness: &[BigInt<4>]) -> Result<()> {
    evaluate(system, witness, &Monitor::new()).map(|_| ())
}

/// The products of a witness that satisfies the constraints; WITNESS_REJECTED otherwise (see `check`).
/// The values are below r.
pub fn evaluate(system: &System, witness: &[BigInt<4>], monitor: &Monitor) -> Result<Products> {
    check_shape(system, witness)?;
    let mut products = Products { a: vec![[0; 4]; system.domain()], b: vec![[0; 4]; system.domain()] };
    let (mut a, mut b) = (products.a.as_mut_slice(), products.b.as_mut_slice());
    for tile in &system.tiles {
        let rows = tile.circuit.constraints * tile.instances.len();
        let (a_here, a_rest) = a.split_at_mut(rows);
        let (b_here, b_rest) = b.split_at_mut(rows);
        (a, b) = (a_rest, b_rest);
        if rows == 0 {
            continue;
        }
        let violations = fill_tile(tile, witness, a_here, b_here, monitor)?;
        if let Some((instance, Some(row))) = violations.into_iter().enumerate().find(|(_, row)| row.is_some()) {
            return Err(violation(tile, instance, row));
        }
    }
    for (index, wire) in system.zero_wires.iter().enumerate() {
        if witness[*wire as usize].0 != [0; 4] {
            let message = format!("the witness is refused: wire {wire} must be 0 (zero wire {index})");
            return Err(CoreError::new(Code::WitnessRejected, message).with("wire", *wire).with("row", index));
        }
        b[index] = Fr::one().0.0;
    }
    for (row, value) in a[system.zero_wires.len()..].iter_mut().zip(&witness[..=system.publics]) {
        *row = element(value).0.0;
    }
    Ok(products)
}

fn check_shape(system: &System, witness: &[BigInt<4>]) -> Result<()> {
    if witness.len() != system.wires {
        let message = format!("the witness has {} values, the circuit {} wires", witness.len(), system.wires);
        return Err(CoreError::new(Code::WitnessRejected, message));
    }
    if witness[0].0 != [1, 0, 0, 0] {
        return Err(CoreError::new(Code::WitnessRejected, "the witness is refused: wire 0 must be 1"));
    }
    Ok(())
}

fn element(value: &BigInt<4>) -> Fr {
    Fr::from_bigint(*value).expect("witness values are below r")
}

/// Fills the rows of all instances of a tile; per instance the first row that does not hold.
fn fill_tile(
    tile: &Tile,
    witness: &[BigInt<4>],
    a: &mut [[u64; 4]],
    b: &mut [[u64; 4]],
    monitor: &Monitor,
) -> Result<Vec<Option<usize>>> {
    let rows = tile.circuit.constraints;
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::available() && tile.instances.len() >= MIN_FOR_LANES {
        use crate::lanes::evaluate::{Evaluator, LANES};
        let evaluator = Evaluator::new(&tile.circuit);
        type Rows<'a> = &'a mut [[u64; 4]];
        let group = |((a, b), instances): ((Rows<'_>, Rows<'_>), &[Instance])| {
            monitor.advance(instances.len() as u64)?;
            let mut a: Vec<_> = a.chunks_exact_mut(rows).collect();
            let mut b: Vec<_> = b.chunks_exact_mut(rows).collect();
            Ok(evaluator.fill(instances, witness, &mut a, &mut b))
        };
        let groups = a.par_chunks_mut(rows * LANES).zip(b.par_chunks_mut(rows * LANES));
        let violations = groups.zip(tile.instances.par_chunks(LANES)).map(group).collect::<Result<Vec<_>>>()?;
        return Ok(violations.concat());
    }
    a.par_chunks_exact_mut(rows)
        .zip(b.par_chunks_exact_mut(rows))
        .zip(&tile.instances)
        .map(|((a, b), instance)| {
            monitor.advance(1)?;
            Ok(fill(&tile.circuit, instance, witness, a, b))
        })
        .collect()
}

/// Writes A·w and B·w of one instance; the first row on which A·w · B·w ≠ C·w.
fn fill(
    circuit: &TileCircuit,
    instance: &Instance,
    witness: &[BigInt<4>],
    a: &mut [[u64; 4]],
    b: &mut [[u64; 4]],
) -> Option<usize> {
    // The instance's own witness, contiguous: one gather instead of one per term.
    let local: Vec<Fr> =
        (0..circuit.wires as u32).map(|wire| element(&witness[instance.wire(wire) as usize])).collect();
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

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::lanes::evaluate::Evaluator;
    use ark_ff::Field;

    /// Rows of every length, with coefficients and values at the edges of the field.
    fn circuit(rows: usize, wires: usize) -> TileCircuit {
        let values = vec![Fr::one(), -Fr::one(), Fr::from(2u64).pow([200]), -Fr::from(7u64), Fr::from(3u64).pow([99])];
        let mut matrices: [Matrix; 3] = Default::default();
        for (kind, matrix) in matrices.iter_mut().enumerate() {
            matrix.starts.push(0);
            for row in 0..rows {
                for term in 0..(row * (3 - kind)) % 200 {
                    matrix.wires.push(((row * 7 + term * (kind + 1)) % wires) as u32);
                    matrix.coefficients.push(((row + term) % values.len()) as u32);
                }
                matrix.starts.push(matrix.wires.len() as u32);
            }
        }
        TileCircuit { wires, interface: 3, constraints: rows, matrices, values }
    }

    #[test]
    fn lanes_fill_rows_as_scalars_do() {
        if !crate::lanes::available() {
            eprintln!("skipped: this CPU has no AVX512-IFMA");
            return;
        }
        for (rows, wires, count) in [(1, 4, 8), (2, 5, 1), (7, 8, 3), (230, 61, 8), (231, 62, 5)] {
            let circuit = circuit(rows, wires);
            let private = wires - 3;
            let witness: Vec<BigInt<4>> = (0..4 + count * private)
                .map(|i| match i % 4 {
                    0 => BigInt::one(),
                    1 => (-Fr::one()).into_bigint(),
                    2 => BigInt::zero(),
                    _ => Fr::from(i as u64).pow([777]).into_bigint(),
                })
                .collect();
            let instances: Vec<Instance> = (0..count)
                .map(|i| Instance { interface: vec![0, 1 + i as u32 % 3, 2], internal_base: (4 + i * private) as u32 })
                .collect();
            let mut columns = vec![vec![[0u64; 4]; rows]; 2 * count];
            let (a, b) = columns.split_at_mut(count);
            let (mut a, mut b): (Vec<_>, Vec<_>) =
                (a.iter_mut().map(Vec::as_mut_slice).collect(), b.iter_mut().map(Vec::as_mut_slice).collect());
            let first = Evaluator::new(&circuit).fill(&instances, &witness, &mut a, &mut b);
            for index in 0..count {
                let (mut x, mut y) = (vec![[0; 4]; rows], vec![[0; 4]; rows]);
                let expected = fill(&circuit, &instances[index], &witness, &mut x, &mut y);
                assert_eq!(first[index], expected, "{rows} rows, instance {index}");
                // Lanes may leave r on top of the value.
                let same = |left: &[[u64; 4]], right: &[[u64; 4]]| {
                    left.iter().zip(right).all(|(left, right)| {
                        let reduced = Fr::from_le_bytes_mod_order(&left.map(u64::to_le_bytes).concat());
                        reduced == Fr::from_le_bytes_mod_order(&right.map(u64::to_le_bytes).concat())
                    })
                };
                assert!(same(a[index], &x) && same(b[index], &y), "{rows} rows, instance {index}");
            }
        }
    }
}
