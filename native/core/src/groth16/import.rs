//! Import of a snarkjs .zkey: the key of a ceremony in the form that the native prover maps. Inverse: zkey.rs.
//!
//! A .zkey has a point for every wire, zeros for the identity; a key file leaves those out and lists the wires of the
//! others. H is the same in both: multiples of the Lagrange polynomials at the odd points of twice the domain.
//!
//! Every point is checked to be on its curve. That the points are the right ones, and that those of B2 lie in the
//! subgroup, is for `quittance ceremony verify`; wrong ones give proofs that do not verify, and those never leave.
//!
//! Held in memory: three lists of wires (4 bytes each) and one batch of points. The sections of A, B1 and C are read
//! twice: the sizes stand at the beginning of a key file.

use super::key::{KeyShape, PointCounts, as_bytes};
use super::verifying_key::VerifyingKey;
use super::writer::KeyWriter;
use super::zkey_header::ZkeyHeader;
use super::zkey_reader::{ZkeyPoint, ZkeyReader};
use crate::curve::{Stored, StoredG1, StoredG2};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::r1cs::System;
use rayon::prelude::*;
use std::path::Path;

/// Points that are read before they are written: 8 MiB of G2.
const BATCH: usize = 1 << 16;

/// What an import says of the key.
pub struct Imported {
    pub verifying: VerifyingKey,
    /// No ceremony stands behind it.
    pub development: bool,
}

/// Makes the proving key of a .zkey; it gets its name when it is complete and on disk.
///
/// ARTIFACT_MISSING or ARTIFACT_DAMAGED (layout, .r1cs, .zkey), KEY_OF_ANOTHER_CIRCUIT,
/// INSECURE_KEY when nobody contributed to it, CANCELLED.
pub fn import_zkey(layout: &Path, zkey: &Path, key_path: &Path, monitor: &Monitor) -> Result<Imported> {
    let outcome = import(layout, zkey, key_path, monitor);
    if outcome.is_err() {
        KeyWriter::remove_unfinished(key_path);
    }
    outcome
}

fn import(layout: &Path, zkey: &Path, key_path: &Path, monitor: &Monitor) -> Result<Imported> {
    monitor.begin("read", 1)?;
    let system = System::load(layout)?;
    let mut reader = ZkeyReader::open(zkey)?;
    let header = ZkeyHeader::read(&mut reader, &system)?;
    let (wires, first_private) = (system.wires, system.publics + 1);
    let batches = |count: usize| count.div_ceil(BATCH) as u64;
    monitor.begin("wires", 2 * batches(wires) + batches(wires - first_private))?;
    let a_wires = find_wires::<StoredG1>(&mut reader, header.a_at, 0..wires as u32, monitor)?;
    let b_wires = find_wires::<StoredG1>(&mut reader, header.b1_at, 0..wires as u32, monitor)?;
    let c_wires = find_wires::<StoredG1>(&mut reader, header.c_at, first_private as u32..wires as u32, monitor)?;

    let ZkeyHeader { verifying, development, .. } = &header;
    let counts = PointCounts { a: a_wires.len(), b: b_wires.len(), c: c_wires.len() };
    let fixed1 = stored::<StoredG1>(&[verifying.alpha, header.beta1, header.delta1]);
    let fixed2 = stored::<StoredG2>(&[verifying.beta, verifying.gamma, verifying.delta]);
    let mut writer = KeyWriter::create(key_path, KeyShape::new(&system, *development, counts).header(&system))?;
    let list = |writer: &mut KeyWriter, bytes: &[u8]| writer.write(bytes).and_then(|()| writer.align());
    list(&mut writer, as_bytes(&fixed1))?;
    list(&mut writer, as_bytes(&fixed2))?;
    list(&mut writer, as_bytes(&stored::<StoredG1>(&verifying.ic)))?;
    monitor.begin("points", 3 * batches(wires) + batches(wires - first_private) + batches(system.domain()))?;
    list(&mut writer, as_bytes(&a_wires))?;
    copy_points::<StoredG1>(&mut reader, &mut writer, Points::at(header.a_at, "A", 0, wires), &a_wires, monitor)?;
    list(&mut writer, as_bytes(&b_wires))?;
    copy_points::<StoredG1>(&mut reader, &mut writer, Points::at(header.b1_at, "B1", 0, wires), &b_wires, monitor)?;
    copy_points::<StoredG2>(&mut reader, &mut writer, Points::at(header.b2_at, "B2", 0, wires), &b_wires, monitor)?;
    list(&mut writer, as_bytes(&c_wires))?;
    let private = Points::at(header.c_at, "C", first_private, wires - first_private);
    copy_points::<StoredG1>(&mut reader, &mut writer, private, &c_wires, monitor)?;
    drop((a_wires, b_wires, c_wires));
    let rows: Vec<u32> = (0..system.domain() as u32).collect();
    let h = Points::at(header.h_at, "H", 0, system.domain());
    copy_points::<StoredG1>(&mut reader, &mut writer, h, &rows, monitor)?;
    monitor.begin("write", 1)?;
    writer.finish()?;
    Ok(Imported { verifying: header.verifying, development: header.development })
}

fn stored<P: Stored>(points: &[P::Affine]) -> Vec<P> {
    points.iter().map(|point| P::from_affine(point).expect("the header has no identity")).collect()
}

/// The wires whose point is not the identity, in the section that begins at `offset`.
fn find_wires<P: ZkeyPoint>(
    reader: &mut ZkeyReader,
    offset: u64,
    wires: std::ops::Range<u32>,
    monitor: &Monitor,
) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    let mut bytes = vec![0; BATCH.min(wires.len()) * P::BYTES];
    for from in wires.clone().step_by(BATCH) {
        let bytes = &mut bytes[..BATCH.min((wires.end - from) as usize) * P::BYTES];
        reader.read(offset + (from - wires.start) as u64 * P::BYTES as u64, bytes)?;
        let points = bytes.chunks_exact(P::BYTES).zip(from..);
        found.extend(points.filter(|(point, _)| point.iter().any(|byte| *byte != 0)).map(|(_, wire)| wire));
        monitor.advance(1)?;
    }
    Ok(found)
}

/// A section of points, one for each of `count` wires from `first` on.
struct Points {
    offset: u64,
    name: &'static str,
    first: usize,
    count: usize,
}

impl Points {
    fn at(offset: u64, name: &'static str, first: usize, count: usize) -> Self {
        Self { offset, name, first, count }
    }
}

/// Copies the points of a section, which must be at exactly these wires.
fn copy_points<P: ZkeyPoint>(
    reader: &mut ZkeyReader,
    writer: &mut KeyWriter,
    section: Points,
    wires: &[u32],
    monitor: &Monitor,
) -> Result<()> {
    let Points { offset, name, first, count } = section;
    let mut expected = wires.iter().peekable();
    let mut bytes = vec![0; BATCH.min(count) * P::BYTES];
    for from in (0..count).step_by(BATCH) {
        let bytes = &mut bytes[..BATCH.min(count - from) * P::BYTES];
        reader.read(offset + (from * P::BYTES) as u64, bytes)?;
        let wrong = |at: usize, why: &str| reader.damaged(&format!("point {} of {name} {why}", from + at));
        let parse = |(at, bytes): (usize, &[u8])| P::parse(bytes).map_err(|why| wrong(at, why));
        let points: Vec<_> = bytes.par_chunks_exact(P::BYTES).enumerate().map(parse).collect::<Result<_>>()?;
        let mut present = Vec::with_capacity(points.len());
        for (at, point) in points.iter().enumerate() {
            let is_expected = expected.next_if(|wire| **wire as usize == first + from + at).is_some();
            let point = point.as_ref().and_then(P::from_affine);
            if is_expected != point.is_some() {
                let why = if is_expected { "is missing" } else { "has no counterpart in B1" };
                return Err(wrong(at, why));
            }
            present.extend(point);
        }
        writer.write(as_bytes(&present))?;
        monitor.advance(1)?;
    }
    writer.align()
}
