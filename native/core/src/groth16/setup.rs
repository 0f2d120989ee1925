//! The INSECURE development setup: every point is a known multiple of a generator.
//!
//! Held in memory: the scalars of the key, 32 bytes each, five vectors at most. Points are computed in batches and
//! go to the file at once; an interrupted setup continues (`writer.rs`).

use super::development::Secrets;
use super::domain::lagrange;
use super::key::{KeyShape, PointCounts, SectionItem, as_bytes};
use super::qap::QapAtPoint;
use super::verifying_key::VerifyingKey;
use super::writer::KeyWriter;
use crate::curve::{Stored, StoredG1, StoredG2};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::msm::{FixedBase, Kernel, ScalarG1, ScalarG2};
use crate::r1cs::System;
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, Zero};
use rayon::prelude::*;
use std::path::Path;

/// Points that are computed before they are written: 32 MiB of G2.
const BATCH: usize = 1 << 18;

/// Makes and writes the proving key of a chunk from a seed; returns the verifying key.
/// Twin: prover/setup/portable.ts setupPortable.
pub fn set_up_development(layout: &Path, seed: &[u8], key_path: &Path, monitor: &Monitor) -> Result<VerifyingKey> {
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::available() {
        return set_up::<crate::lanes::msm::LanesG1, crate::lanes::msm::LanesG2>(layout, seed, key_path, monitor);
    }
    set_up::<ScalarG1, ScalarG2>(layout, seed, key_path, monitor)
}

fn set_up<K1, K2>(layout: &Path, seed: &[u8], key_path: &Path, monitor: &Monitor) -> Result<VerifyingKey>
where
    K1: Kernel<Point = StoredG1>,
    K2: Kernel<Point = StoredG2>,
{
    monitor.begin("read", 1)?;
    let system = System::load(layout)?;
    let secrets = Secrets::derive(seed);
    monitor.begin("evaluate", 1)?;
    // Secrets are digests: that one is a root of unity, or that a sum of them is 0, does not happen.
    const UNLIKELY: &str = "the secrets of this seed make no key";
    let QapAtPoint { a, b, c } = QapAtPoint::evaluate(&system, secrets.tau).expect(UNLIKELY);
    let mut combined = c;
    let inverse = |value: Fr| value.inverse().expect("secrets are not 0");
    let (by_gamma, by_delta) = (inverse(secrets.gamma), inverse(secrets.delta));
    combined.par_iter_mut().enumerate().for_each(|(wire, c)| {
        let value = secrets.beta * a[wire] + secrets.alpha * b[wire] + *c;
        *c = value * if wire <= system.publics { by_gamma } else { by_delta };
    });
    let (ic, private) = combined.split_at(system.publics + 1);
    assert!(!ic.iter().any(Fr::is_zero), "{UNLIKELY}");

    let (a_wires, b_wires) = (nonzero(&a, 0), nonzero(&b, 0));
    let c_wires = nonzero(private, system.publics as u32 + 1);
    let counts = PointCounts { a: a_wires.len(), b: b_wires.len(), c: c_wires.len() };
    let one = |scalar: Fr| (G1Affine::generator() * scalar).into_affine();
    let two = |scalar: Fr| (G2Affine::generator() * scalar).into_affine();
    let verifying = VerifyingKey {
        alpha: one(secrets.alpha),
        beta: two(secrets.beta),
        gamma: two(secrets.gamma),
        delta: two(secrets.delta),
        ic: ic.iter().map(|scalar| one(*scalar)).collect(),
    };
    let fixed1 = stored::<StoredG1>(&[verifying.alpha, one(secrets.beta), one(secrets.delta)]);
    let fixed2 = stored::<StoredG2>(&[verifying.beta, verifying.gamma, verifying.delta]);

    let batches = |scalars: &[Fr]| scalars.len().div_ceil(BATCH) as u64;
    monitor
        .begin("points", batches(&a) + 2 * batches(&b) + batches(private) + system.domain().div_ceil(BATCH) as u64)?;
    let mut writer = KeyWriter::open(key_path, KeyShape::new(&system, true, counts).header(&system))?;
    for piece in
        [as_bytes(&fixed1), as_bytes(&fixed2), as_bytes(&stored::<StoredG1>(&verifying.ic)), as_bytes(&a_wires)]
    {
        writer.write(piece)?;
        writer.align()?;
    }
    let mut g1 = FixedBase::<K1>::of_generator(system.wires);
    let mut g2 = FixedBase::<K2>::of_generator(system.wires);
    write_points(&mut writer, &mut g1, &a, monitor)?;
    drop((a, a_wires));
    writer.write(as_bytes(&b_wires))?;
    writer.align()?;
    write_points(&mut writer, &mut g1, &b, monitor)?;
    write_points(&mut writer, &mut g2, &b, monitor)?;
    drop((b, b_wires, g2));
    writer.write(as_bytes(&c_wires))?;
    writer.align()?;
    write_points(&mut writer, &mut g1, private, monitor)?;
    drop((combined, c_wires));
    // L_j over the domain of twice the size, at its odd points: no factor is 0, so no point is the identity.
    let h = lagrange(secrets.tau, system.domain_log2() + 1, 1, 2, system.domain(), by_delta).expect(UNLIKELY);
    write_points(&mut writer, &mut g1, &h, monitor)?;
    monitor.begin("write", 1)?;
    writer.finish()?;
    monitor.advance(1)?;
    Ok(verifying)
}

/// The wires, counted from `first`, whose point is not the identity: generators have the order of the field.
fn nonzero(scalars: &[Fr], first: u32) -> Vec<u32> {
    let wires = scalars.par_iter().enumerate();
    wires.filter(|(_, scalar)| !scalar.is_zero()).map(|(index, _)| first + index as u32).collect()
}

fn stored<P: Stored>(points: &[P::Affine]) -> Vec<P> {
    points.iter().map(|point| P::from_affine(point).expect("key points are not the identity")).collect()
}

/// A section of `scalar·base` for the scalars that are not 0; batches that the file holds already are not computed.
fn write_points<K>(writer: &mut KeyWriter, base: &mut FixedBase<K>, scalars: &[Fr], monitor: &Monitor) -> Result<()>
where
    K: Kernel<Point: SectionItem>,
{
    for batch in scalars.chunks(BATCH) {
        let count = batch.par_iter().filter(|scalar| !scalar.is_zero()).count();
        if !writer.pass(count * size_of::<K::Point>()) {
            writer.write(as_bytes(base.multiply_many(batch)))?;
        }
        monitor.advance(1)?;
    }
    writer.align()
}

const _: () = assert!(size_of::<StoredG1>() == 64 && size_of::<StoredG2>() == 128);
