//! What a .zkey says of itself, checked against a circuit: sizes, the verifying key, whether a ceremony made it.

use super::verifying_key::VerifyingKey;
use super::zkey::{HEADER_BYTES, coefficients_bytes};
use super::zkey_reader::{ZkeyPoint, ZkeyReader};
use crate::curve::{StoredG1, StoredG2};
use crate::error::Result;
use crate::r1cs::System;
use ark_bn254::{Bn254, Fq, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::pairing::Pairing;
use ark_ff::{One, PrimeField};

const GROTH16: u32 = 1;
const G1: u64 = StoredG1::BYTES as u64;
const G2: u64 = StoredG2::BYTES as u64;
/// Section 10: the hash of the constraint system that phase 2 began with, and the number of contributions.
const CIRCUIT_HASH_BYTES: usize = 64;
/// Where the points begin in section 2.
const POINTS_AT: usize = 4 + 32 + 4 + 32 + 12;

/// The head of a key, and where its large sections begin.
pub struct ZkeyHeader {
    pub verifying: VerifyingKey,
    pub beta1: G1Affine,
    pub delta1: G1Affine,
    /// No ceremony stands behind the key: its secrets are known to whoever made it.
    pub development: bool,
    pub a_at: u64,
    pub b1_at: u64,
    pub b2_at: u64,
    pub c_at: u64,
    pub h_at: u64,
}

impl ZkeyHeader {
    /// KEY_OF_ANOTHER_CIRCUIT when the key is of another circuit, ARTIFACT_DAMAGED when a point is wrong, INSECURE_KEY when
    /// gamma = delta (nobody contributed).
    pub fn read(reader: &mut ZkeyReader, system: &System) -> Result<Self> {
        let mut protocol = [0; 4];
        reader.read(reader.section(1, 4)?, &mut protocol)?;
        if u32::from_le_bytes(protocol) != GROTH16 {
            return Err(reader.damaged("it is the key of another proof system"));
        }
        let mut bytes = [0; HEADER_BYTES as usize];
        reader.read(reader.section(2, HEADER_BYTES)?, &mut bytes)?;
        let (fields, points) = bytes.split_at(POINTS_AT);
        check_fields(reader, fields, system)?;
        let (wires, publics) = (system.wires as u64, system.publics as u64);
        let ic_at = reader.section(3, G1 * (publics + 1))?;
        reader.section(4, coefficients_bytes(system))?;
        let mut ic = vec![0; (G1 * (publics + 1)) as usize];
        reader.read(ic_at, &mut ic)?;
        let g1 = |from: usize, name: &str| required::<StoredG1>(reader, &points[from..from + 64], name);
        let g2 = |from: usize, name: &str| required_g2(reader, &points[from..from + 128], name);
        // alpha1, beta1, beta2, gamma2, delta1, delta2.
        let (beta1, delta1) = (g1(64, "beta1")?, g1(384, "delta1")?);
        let verifying = VerifyingKey {
            alpha: g1(0, "alpha1")?,
            beta: g2(128, "beta2")?,
            gamma: g2(256, "gamma2")?,
            delta: g2(448, "delta2")?,
            ic: ic
                .chunks_exact(StoredG1::BYTES)
                .map(|bytes| required::<StoredG1>(reader, bytes, "IC"))
                .collect::<Result<_>>()?,
        };
        if verifying.gamma == verifying.delta {
            return Err(reader.insecure("nobody contributed to this key (gamma = delta): its proofs can be forged"));
        }
        for (one, two, name) in [(beta1, verifying.beta, "beta"), (delta1, verifying.delta, "delta")] {
            if !have_same_scalar(one, two) {
                return Err(reader.damaged(&format!("{name}1 and {name}2 are not of the same secret")));
            }
        }
        Ok(Self {
            beta1,
            delta1,
            development: is_development(reader)?,
            a_at: reader.section(5, G1 * wires)?,
            b1_at: reader.section(6, G1 * wires)?,
            b2_at: reader.section(7, G2 * wires)?,
            c_at: reader.section(8, G1 * (wires - publics - 1))?,
            h_at: reader.section(9, G1 * system.domain() as u64)?,
            verifying,
        })
    }
}

/// The moduli of BN254 and the sizes of the circuit.
fn check_fields(reader: &ZkeyReader, fields: &[u8], system: &System) -> Result<()> {
    let mut curve = Vec::new();
    for modulus in [Fq::MODULUS, Fr::MODULUS] {
        curve.extend_from_slice(&32u32.to_le_bytes());
        modulus.0.iter().for_each(|limb| curve.extend_from_slice(&limb.to_le_bytes()));
    }
    let (moduli, sizes) = fields.split_at(curve.len());
    if moduli != curve {
        return Err(reader.damaged("it is a key over another curve than BN254"));
    }
    let names = ["wires", "public inputs", "domain"];
    let expected = [system.wires, system.publics, system.domain()];
    for ((name, expected), actual) in names.into_iter().zip(expected).zip(sizes.chunks_exact(4)) {
        let actual = u32::from_le_bytes(actual.try_into().expect("four bytes"));
        if actual as usize != expected {
            let error = reader.foreign(format!("its {name} are {actual}, not {expected}"));
            return Err(error.with("expected", expected).with("actual", actual));
        }
    }
    Ok(())
}

fn required<P: ZkeyPoint>(reader: &ZkeyReader, bytes: &[u8], name: &str) -> Result<P::Affine> {
    let point = P::parse(bytes).map_err(|why| reader.damaged(&format!("{name} {why}")))?;
    point.ok_or_else(|| reader.damaged(&format!("{name} is the identity")))
}

/// In the subgroup too: a pairing means nothing outside of it.
fn required_g2(reader: &ZkeyReader, bytes: &[u8], name: &str) -> Result<G2Affine> {
    let point = required::<StoredG2>(reader, bytes, name)?;
    if point.is_in_correct_subgroup_assuming_on_curve() {
        return Ok(point);
    }
    Err(reader.damaged(&format!("{name} is not in the subgroup")))
}

fn have_same_scalar(one: G1Affine, two: G2Affine) -> bool {
    Bn254::multi_pairing([one, -G1Affine::generator()], [G2Affine::generator(), two]).0.is_one()
}

/// Phase 2 begins with the hash of a circuit and with gamma = delta: a key without that hash, or one that differs
/// without a contribution, comes from a setup that knew its secrets. (That the contributions are sound is for
/// `quittance ceremony verify`.)
/// Twin: prover/keys/zkey-header.ts hasNoCeremony.
fn is_development(reader: &mut ZkeyReader) -> Result<bool> {
    let (offset, bytes) = reader.whole_section(10)?;
    let mut head = [0; CIRCUIT_HASH_BYTES + 4];
    if bytes < head.len() as u64 {
        return Err(reader.damaged("its list of contributions is cut"));
    }
    reader.read(offset, &mut head)?;
    let (hash, count) = head.split_at(CIRCUIT_HASH_BYTES);
    Ok(hash.iter().all(|byte| *byte == 0) || count.iter().all(|byte| *byte == 0))
}
