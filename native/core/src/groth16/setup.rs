//! The INSECURE development set-up: every point is a known multiple of a generator.

use super::development::Secrets;
use super::domain::lagrange;
use super::key::{self, KeyContent, Points};
use super::qap::QapAtPoint;
use super::verifying_key::VerifyingKey;
use crate::curve::{FixedBase, Stored, StoredG1, StoredG2};
use crate::error::{Code, CoreError, Result};
use crate::monitor::Monitor;
use crate::r1cs::System;
use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::Field;
use rayon::prelude::*;
use std::path::Path;

/// Makes and writes the proving key of a chunk from a seed; returns the verifying key.
/// Twin: the portable set-up of prover/artifacts/setup, which makes the same keys.
pub fn set_up_development(layout: &Path, seed: &[u8], key_path: &Path, monitor: &Monitor) -> Result<VerifyingKey> {
    monitor.begin("read", 1)?;
    let system = System::load(layout)?;
    let secrets = Secrets::derive(seed);
    monitor.begin("evaluate", 2)?;
    let in_domain = || CoreError::new(Code::Malformed, "the secret of this seed lies in the domain: take another seed");
    let qap = QapAtPoint::evaluate(&system, secrets.tau).ok_or_else(in_domain)?;
    monitor.advance(1)?;
    let inverse = |value: Fr| value.inverse().expect("secrets are not 0");
    let by_delta = inverse(secrets.delta);
    let log2 = system.domain_log2() + 1;
    let h = lagrange(secrets.tau, log2, 1, 2, system.domain(), by_delta).ok_or_else(in_domain)?;
    let by_gamma = inverse(secrets.gamma);
    let mut combined = qap.c;
    combined.par_iter_mut().enumerate().for_each(|(wire, c)| {
        let value = secrets.beta * qap.a[wire] + secrets.alpha * qap.b[wire] + *c;
        *c = value * if wire <= system.publics { by_gamma } else { by_delta };
    });
    let (ic, private) = combined.split_at(system.publics + 1);

    let g1 = FixedBase::new(G1Affine::generator(), system.wires);
    monitor.begin("multiply", 5)?;
    let a = points(&g1, &qap.a, 0);
    monitor.advance(1)?;
    let b1 = points(&g1, &qap.b, 0).points;
    monitor.advance(1)?;
    let c = points(&g1, private, system.publics as u32 + 1);
    let ic = points(&g1, ic, 0).points;
    monitor.advance(1)?;
    let h = points(&g1, &h, 0).points;
    monitor.advance(1)?;
    drop(g1);
    let g2 = FixedBase::new(G2Affine::generator(), system.wires);
    let b2 = points(&g2, &qap.b, 0);
    monitor.advance(1)?;

    if ic.len() != system.publics + 1 || h.len() != system.domain() {
        return Err(CoreError::new(Code::Malformed, "a point of the key is the identity: take another seed"));
    }
    monitor.begin("write", 1)?;
    let one = |scalar: Fr| (G1Affine::generator() * scalar).into_affine();
    let two = |scalar: Fr| (G2Affine::generator() * scalar).into_affine();
    let content = KeyContent {
        development: true,
        alpha1: one(secrets.alpha),
        beta1: one(secrets.beta),
        delta1: one(secrets.delta),
        beta2: two(secrets.beta),
        gamma2: two(secrets.gamma),
        delta2: two(secrets.delta),
        ic,
        a,
        b1,
        b2,
        c,
        h,
    };
    key::write(key_path, &system, &content)?;
    monitor.advance(1)?;
    Ok(VerifyingKey {
        alpha: content.alpha1,
        beta: content.beta2,
        gamma: content.gamma2,
        delta: content.delta2,
        ic: content.ic.iter().map(Stored::to_affine).collect(),
    })
}

/// `scalars[i]·base` for wire `first + i`, the identities left out.
fn points<P>(base: &FixedBase<P::Affine>, scalars: &[Fr], first: u32) -> Points<P>
where
    P: Stored<Affine: crate::curve::Group>,
{
    let (wires, points) = base
        .multiply_many(scalars)
        .par_iter()
        .enumerate()
        .filter_map(|(index, point)| Some((first + index as u32, P::from_affine(point.as_ref()?)?)))
        .unzip();
    Points { wires, points }
}

const _: () = assert!(size_of::<StoredG1>() == 64 && size_of::<StoredG2>() == 128);
