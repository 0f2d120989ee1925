//! Circuits, keys and verification for JavaScript.

use crate::error::guard;
use crate::job::{Background, Job, background};
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi_derive::napi;
use quittance_core::field;
use quittance_core::groth16::{self, Proof, VerifyingKey, read_witness};
use quittance_core::r1cs::{System, check};
use std::path::PathBuf;

/// Makes and writes an INSECURE proving key; resolves to the verifying key as JSON text.
#[napi(ts_return_type = "Promise<string>")]
pub fn set_up_development(
    layout: String,
    seed: String,
    proving_key: String,
    job: &Job,
) -> AsyncTask<Background<String, String>> {
    let monitor = job.monitor();
    let work = move || {
        let (layout, proving_key) = (PathBuf::from(layout), PathBuf::from(proving_key));
        let key = groth16::set_up_development(&layout, seed.as_bytes(), &proving_key, &monitor)?;
        Ok(format!("{:#}\n", key.to_json(true)))
    };
    background(work, |text| text)
}

/// Writes a .zkey for snarkjs.
#[napi(ts_return_type = "Promise<void>")]
pub fn export_zkey(layout: String, proving_key: String, zkey: String, job: &Job) -> AsyncTask<Background<(), ()>> {
    let monitor = job.monitor();
    let paths = [layout, proving_key, zkey].map(PathBuf::from);
    background(move || groth16::export_zkey(&paths[0], &paths[1], &paths[2], &monitor), |()| ())
}

/// Makes the proving key of a .zkey; resolves to the verifying key as JSON text.
#[napi(ts_return_type = "Promise<string>")]
pub fn import_zkey(
    layout: String,
    zkey: String,
    proving_key: String,
    job: &Job,
) -> AsyncTask<Background<String, String>> {
    let monitor = job.monitor();
    let paths = [layout, zkey, proving_key].map(PathBuf::from);
    let work = move || {
        let key = groth16::import_zkey(&paths[0], &paths[1], &paths[2], &monitor)?;
        Ok(format!("{:#}\n", key.verifying.to_json(key.development)))
    };
    background(work, |text| text)
}

/// Rejects with WITNESS_REJECTED when a constraint does not hold.
#[napi(ts_return_type = "Promise<void>")]
pub fn check_witness(layout: String, witness: Uint8Array) -> AsyncTask<Background<(), ()>> {
    let bytes = witness.to_vec();
    let work = move || {
        let system = System::load(&PathBuf::from(layout))?;
        check(&system, &read_witness(&bytes)?)
    };
    background(work, |()| ())
}

/// Whether a proof of 256 bytes holds under a key in snarkjs's JSON for public inputs of 32 bytes each.
#[napi]
pub fn verify_proof(verifying_key: String, publics: Uint8Array, proof: Uint8Array) -> napi::Result<bool> {
    guard(|| {
        let key = VerifyingKey::from_json(&verifying_key)?;
        let publics = field::read_all(&publics)?;
        let proof = Proof::from_bytes(&proof)?;
        Ok(groth16::verify(&key, &publics, &proof))
    })
}
