//! Export as a snarkjs .zkey (Groth16, section layout of snarkjs 0.7). Inverse: import.rs.

use super::key::ProvingKey;
use crate::curve::{Stored, StoredG1, StoredG2};
use crate::error::{CoreError, Result};
use crate::monitor::Monitor;
use crate::r1cs::{Matrix, System};
use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ff::{One, PrimeField};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Bytes of section 2: two moduli with their lengths, wires, publics, domain, three points of each group.
pub const HEADER_BYTES: u64 = 4 + 32 + 4 + 32 + 12 + 3 * 64 + 3 * 128;

/// Bytes of one entry of section 4: matrix, row, wire, value.
const COEFFICIENT_BYTES: u64 = 12 + 32;

/// Writes a .zkey from which snarkjs proves. No contributions: section 10 is empty.
pub fn export_zkey(layout: &Path, key_path: &Path, zkey_path: &Path, monitor: &Monitor) -> Result<()> {
    monitor.begin("read", 1)?;
    let system = System::load(layout)?;
    let key = ProvingKey::open(key_path, &system)?;
    monitor.begin("write", 9)?;
    let temporary = zkey_path.with_extension(format!("partial-{}", std::process::id()));
    let outcome = File::create(&temporary)
        .and_then(|file| write(BufWriter::with_capacity(1 << 22, file), &system, &key, monitor))
        .map_err(|error| CoreError::io(zkey_path, error))
        .and_then(|()| monitor.check())
        .and_then(|()| key.check_unchanged())
        .and_then(|()| std::fs::rename(&temporary, zkey_path).map_err(|error| CoreError::io(zkey_path, error)));
    if outcome.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    outcome
}

fn write(mut out: BufWriter<File>, system: &System, key: &ProvingKey, monitor: &Monitor) -> io::Result<()> {
    let out = &mut out;
    let (wires, publics, domain) = (system.wires, system.publics, system.domain());
    out.write_all(b"zkey")?;
    u32s(out, &[1, 10])?;
    section(out, 1, 4)?;
    u32s(out, &[1])?; // Groth16
    section(out, 2, HEADER_BYTES)?;
    u32s(out, &[32])?;
    u64s(out, &Fq::MODULUS.0)?;
    u32s(out, &[32])?;
    u64s(out, &Fr::MODULUS.0)?;
    u32s(out, &[wires as u32, publics as u32, domain as u32])?;
    let verifying = &key.verifying;
    g1(out, &verifying.alpha)?;
    g1(out, &key.beta1)?;
    g2(out, &verifying.beta)?;
    g2(out, &verifying.gamma)?;
    g1(out, &key.delta1)?;
    g2(out, &verifying.delta)?;

    section(out, 3, 64 * (publics as u64 + 1))?;
    verifying.ic.iter().try_for_each(|point| g1(out, point))?;
    step(monitor)?;
    coefficients(out, system)?;
    step(monitor)?;
    section(out, 5, 64 * wires as u64)?;
    sparse_g1(out, key.a_wires(), key.a(), 0..wires)?;
    step(monitor)?;
    section(out, 6, 64 * wires as u64)?;
    sparse_g1(out, key.b_wires(), key.b1(), 0..wires)?;
    step(monitor)?;
    section(out, 7, 128 * wires as u64)?;
    sparse_g2(out, key.b_wires(), key.b2(), 0..wires)?;
    step(monitor)?;
    section(out, 8, 64 * (wires - publics - 1) as u64)?;
    sparse_g1(out, key.c_wires(), key.c(), publics + 1..wires)?;
    step(monitor)?;
    section(out, 9, 64 * domain as u64)?;
    key.h().iter().try_for_each(|point| g1(out, &point.to_affine()))?;
    step(monitor)?;
    section(out, 10, 64 + 4)?;
    out.write_all(&[0; 64])?; // csHash: no phase-1 file stands behind a development key
    u32s(out, &[0])?; // contributions
    out.flush()
}

fn step(monitor: &Monitor) -> io::Result<()> {
    monitor.advance(1).map_err(io::Error::other)
}

fn section(out: &mut impl Write, kind: u32, bytes: u64) -> io::Result<()> {
    u32s(out, &[kind])?;
    u64s(out, &[bytes])
}

fn u32s(out: &mut impl Write, values: &[u32]) -> io::Result<()> {
    values.iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))
}

fn u64s(out: &mut impl Write, values: &[u64]) -> io::Result<()> {
    values.iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))
}

/// Coordinates in Montgomery form, R = 2^256.
fn g1(out: &mut impl Write, point: &G1Affine) -> io::Result<()> {
    [point.x, point.y].iter().try_for_each(|value| u64s(out, &value.0.0))
}

fn g2(out: &mut impl Write, point: &G2Affine) -> io::Result<()> {
    [point.x.c0, point.x.c1, point.y.c0, point.y.c1].iter().try_for_each(|value| u64s(out, &value.0.0))
}

/// One point per wire of the range, zeros where the key has none.
fn sparse_g1(
    out: &mut impl Write,
    wires: &[u32],
    points: &[StoredG1],
    range: std::ops::Range<usize>,
) -> io::Result<()> {
    let mut stored = wires.iter().zip(points).peekable();
    for wire in range {
        match stored.next_if(|(at, _)| **at as usize == wire) {
            Some((_, point)) => g1(out, &point.to_affine())?,
            None => out.write_all(&[0; 64])?,
        }
    }
    Ok(())
}

fn sparse_g2(
    out: &mut impl Write,
    wires: &[u32],
    points: &[StoredG2],
    range: std::ops::Range<usize>,
) -> io::Result<()> {
    let mut stored = wires.iter().zip(points).peekable();
    for wire in range {
        match stored.next_if(|(at, _)| **at as usize == wire) {
            Some((_, point)) => g2(out, &point.to_affine())?,
            None => out.write_all(&[0; 128])?,
        }
    }
    Ok(())
}

/// Section 4: the entries of A and B, row by row, values multiplied by R² (snarkjs divides one R away when it
/// multiplies by the plain witness, and one when it reads the product).
fn coefficients(out: &mut impl Write, system: &System) -> io::Result<()> {
    section(out, 4, coefficients_bytes(system))?;
    u32s(out, &[coefficient_count(system) as u32])?;
    let mut entry = |matrix: u32, row: usize, wire: u32, value: &[u64; 4]| {
        u32s(out, &[matrix, row as u32, wire])?;
        u64s(out, value)
    };
    let one = twice_montgomery(&Fr::one());
    for tile in &system.tiles {
        let values: Vec<[u64; 4]> = tile.circuit.values.iter().map(twice_montgomery).collect();
        for (index, instance) in tile.instances.iter().enumerate() {
            for row in 0..tile.circuit.constraints {
                let chunk_row = tile.first_row + index * tile.circuit.constraints + row;
                for (kind, matrix) in tile.circuit.matrices[..2].iter().enumerate() {
                    for (wire, coefficient) in matrix.row(row) {
                        entry(kind as u32, chunk_row, instance.wire(wire), &values[coefficient as usize])?;
                    }
                }
            }
        }
    }
    for (index, wire) in system.zero_wires.iter().enumerate() {
        let row = system.zero_row() + index;
        entry(0, row, *wire, &one)?;
        entry(1, row, 0, &one)?;
    }
    for s in 0..=system.publics {
        entry(0, system.constraints + s, s as u32, &one)?;
    }
    Ok(())
}

fn coefficient_count(system: &System) -> u64 {
    let terms = |matrix: &Matrix| matrix.wires.len() as u64;
    let tiles = system.tiles.iter().map(|tile| {
        tile.instances.len() as u64 * (terms(&tile.circuit.matrices[0]) + terms(&tile.circuit.matrices[1]))
    });
    tiles.sum::<u64>() + 2 * system.zero_wires.len() as u64 + system.publics as u64 + 1
}

/// Bytes of section 4 of a circuit's key.
pub fn coefficients_bytes(system: &System) -> u64 {
    4 + coefficient_count(system) * COEFFICIENT_BYTES
}

/// value·R² mod r: the Montgomery form of value·R.
fn twice_montgomery(value: &Fr) -> [u64; 4] {
    let raised = Fr::from_bigint(value.0).expect("Montgomery limbs are below the modulus");
    raised.0.0
}
