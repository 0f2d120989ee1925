//! The prover of a chunk.

use super::key::ProvingKey;
use super::proof::Proof;
use super::quotient::quotient;
use super::verifying_key::{VerifyingKey, verify};
use crate::error::{Code, CoreError, Result, catch};
use crate::field::{FIELD_BYTES, limbs};
use crate::monitor::Monitor;
use crate::msm::{Digits, Terms, sum_g1, sum_g2};
use crate::r1cs::{System, evaluate};
use ark_bn254::{Fr, G1Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, PrimeField, Zero};
use rayon::prelude::*;
use std::path::Path;
use std::time::Instant;

/// Milliseconds per stage, in order.
pub type Timings = Vec<(&'static str, f64)>;

/// The random scalars r and s that hide the witness. `None` is right where all data is public anyway: a
/// rollup's witness can be rebuilt from L1, so there is nothing to hide, and B1 is not needed.
pub type Blinding = Option<(Fr, Fr)>;

/// A loaded circuit with its mapped key: opened once, used for many proofs, from any thread.
pub struct Prover {
    system: System,
    key: ProvingKey,
    /// 0, 1, … for sums whose scalars stand in the order of the points.
    rows: Vec<u32>,
}

/// What a finished proof comes with.
pub struct Proven {
    pub proof: Proof,
    pub publics: Vec<Fr>,
    pub timings: Timings,
}

impl Prover {
    /// Loads layout, tiles and key. ARTIFACT_MISSING or ARTIFACT_DAMAGED names the file.
    pub fn open(layout: &Path, key: &Path) -> Result<Self> {
        let system = System::load(layout)?;
        let key = ProvingKey::open(key, &system)?;
        let rows = (0..system.domain() as u32).collect();
        Ok(Self { system, key, rows })
    }

    pub fn system(&self) -> &System {
        &self.system
    }

    pub fn key(&self) -> &ProvingKey {
        &self.key
    }

    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.key.verifying
    }

    /// Proves a witness: one canonical element of 32 little-endian bytes per wire.
    ///
    /// OUT_OF_RANGE or WITNESS_REJECTED when the witness is not one of the circuit, CANCELLED when the monitor
    /// says so, ARTIFACT_DAMAGED when the key file was cut or changed since it was opened, PROOF_INVALID when the
    /// finished proof does not verify (a damaged machine).
    pub fn prove(&self, witness: &[u8], blinding: Blinding, monitor: &Monitor) -> Result<Proven> {
        self.key.check_unchanged()?;
        let outcome = catch(|| self.prove_from_mapping(witness, blinding, monitor));
        // Whatever came out while the file changed came from the change.
        self.key.check_unchanged()?;
        outcome
    }

    fn prove_from_mapping(&self, witness: &[u8], blinding: Blinding, monitor: &Monitor) -> Result<Proven> {
        let mut clock = Clock::default();
        let (key, system) = (&self.key, &self.system);
        monitor.begin("witness", system.tiles.iter().map(|tile| tile.instances.len() as u64).sum())?;
        let integers = read_witness(witness)?;
        let products = evaluate(system, &integers, monitor)?;
        let publics: Vec<Fr> = integers[1..=system.publics].iter().map(|value| Fr::new(*value)).collect();
        clock.lap("evaluate");
        let quotient = quotient(products, monitor)?;
        clock.lap("quotient");
        let digits = Digits::new(&integers);
        drop(integers);
        let quotient_digits = Digits::new(&quotient);
        drop(quotient);
        clock.lap("digits");

        let sums = if blinding.is_some() { 4 } else { 3 } * digits.windows() + quotient_digits.windows();
        monitor.begin("sums", sums as u64)?;
        let a = sum_g1(Terms { points: key.a(), scalars: key.a_wires() }, &digits, monitor)?;
        let c = sum_g1(Terms { points: key.c(), scalars: key.c_wires() }, &digits, monitor)?;
        let h = sum_g1(Terms { points: key.h(), scalars: &self.rows }, &quotient_digits, monitor)?;
        clock.lap("sumsG1");
        let b = sum_g2(Terms { points: key.b2(), scalars: key.b_wires() }, &digits, monitor)?;
        clock.lap("sumsG2");
        let b1 = match blinding {
            Some(_) => sum_g1(Terms { points: key.b1(), scalars: key.b_wires() }, &digits, monitor)?,
            None => G1Projective::zero(),
        };
        let mut a = a + key.verifying.alpha;
        let mut b = b + key.verifying.beta;
        let mut c = c + h;
        if let Some((r, s)) = blinding {
            let b1 = b1 + key.beta1 + key.delta1 * s;
            a += key.delta1 * r;
            b += key.verifying.delta * s;
            c += a * s + b1 * r - key.delta1 * (r * s);
        }
        let proof = Proof { a: a.into_affine(), b: b.into_affine(), c: c.into_affine() };
        if proof.a.is_zero() || proof.b.is_zero() || proof.c.is_zero() || !verify(&key.verifying, &publics, &proof) {
            return Err(CoreError::new(
                Code::ProofInvalid,
                "the finished proof does not verify: this machine miscalculates",
            ));
        }
        clock.lap("verify");
        Ok(Proven { proof, publics, timings: clock.laps })
    }
}

/// The values of a witness, all below r. OUT_OF_RANGE names the wire, WITNESS_REJECTED when they are not whole.
pub fn read_witness(bytes: &[u8]) -> Result<Vec<BigInt<4>>> {
    if !bytes.len().is_multiple_of(FIELD_BYTES) {
        return Err(CoreError::new(Code::WitnessRejected, format!("{} bytes are not a witness", bytes.len())));
    }
    let read = |(wire, chunk): (usize, &[u8])| {
        let value = BigInt(limbs(chunk));
        if value < Fr::MODULUS {
            return Ok(value);
        }
        let message = format!("the value of wire {wire} is not below the field modulus");
        Err(CoreError::new(Code::OutOfRange, message).with("wire", wire))
    };
    bytes.par_chunks_exact(FIELD_BYTES).enumerate().map(read).collect()
}

struct Clock {
    last: Instant,
    laps: Timings,
}

impl Default for Clock {
    fn default() -> Self {
        Self { last: Instant::now(), laps: Vec::new() }
    }
}

impl Clock {
    fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.laps.push((stage, (now - self.last).as_secs_f64() * 1e3));
        self.last = now;
    }
}
