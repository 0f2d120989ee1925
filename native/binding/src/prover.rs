//! The prover for JavaScript.

use crate::job::{Background, Job, background};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi_derive::napi;
use quittance_core::error::{Code, CoreError};
use quittance_core::field;
use quittance_core::groth16::{Proven, Prover};
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes of randomness for each blinding scalar: 512 bits make the bias of the reduction negligible.
const RANDOM_BYTES: usize = 64;

/// A circuit and its key, mapped once for many proofs.
#[napi]
pub struct ChunkProver {
    inner: Arc<Prover>,
}

/// A proof (256 bytes, little-endian coordinates), its public inputs (32 bytes each), milliseconds per stage.
#[napi(object)]
pub struct ProofResult {
    pub proof: Uint8Array,
    pub publics: Uint8Array,
    pub stages: Vec<Stage>,
}

#[napi(object)]
pub struct Stage {
    pub name: String,
    pub milliseconds: f64,
}

/// Loads a circuit with its key.
#[napi(ts_return_type = "Promise<ChunkProver>")]
pub fn open_prover(layout: String, proving_key: String) -> AsyncTask<Background<Prover, ChunkProver>> {
    background(
        move || Prover::open(&PathBuf::from(layout), &PathBuf::from(proving_key)),
        |prover| ChunkProver { inner: Arc::new(prover) },
    )
}

#[napi]
impl ChunkProver {
    /// Whether the key is an INSECURE development key.
    #[napi(getter)]
    pub fn development(&self) -> bool {
        self.inner.key().development
    }

    #[napi(getter)]
    pub fn constraints(&self) -> u32 {
        self.inner.system().constraints as u32
    }

    #[napi(getter)]
    pub fn wires(&self) -> u32 {
        self.inner.system().wires as u32
    }

    /// The verifying key as JSON text.
    #[napi]
    pub fn verifying_key(&self) -> String {
        format!("{:#}\n", self.inner.verifying_key().to_json(self.inner.key().development))
    }

    /// Proves a witness. `randomness` (128 bytes) blinds the proof.
    #[napi(ts_return_type = "Promise<ProofResult>")]
    pub fn prove(
        &self,
        witness: Uint8Array,
        randomness: Option<Uint8Array>,
        job: &Job,
    ) -> AsyncTask<Background<Encoded, ProofResult>> {
        // A copy: JavaScript may write to its buffer while the proof is made.
        let (prover, witness, monitor) = (self.inner.clone(), witness.to_vec(), job.monitor());
        let randomness = randomness.map(|bytes| bytes.to_vec());
        let work = move || {
            let blinding = randomness.map(|bytes| blinding(&bytes)).transpose()?;
            encode(prover.prove(&witness, blinding, &monitor)?)
        };
        background(work, into_result)
    }
}

fn blinding(bytes: &[u8]) -> Result<(Fr, Fr), CoreError> {
    if bytes.len() != 2 * RANDOM_BYTES {
        let message = format!("randomness of {} bytes in place of {}", bytes.len(), 2 * RANDOM_BYTES);
        return Err(CoreError::new(Code::InvariantBroken, message));
    }
    let (r, s) = bytes.split_at(RANDOM_BYTES);
    Ok((Fr::from_le_bytes_mod_order(r), Fr::from_le_bytes_mod_order(s)))
}

/// Proof and public inputs as bytes, made on the background thread.
pub struct Encoded {
    proof: Vec<u8>,
    publics: Vec<u8>,
    stages: Vec<(&'static str, f64)>,
}

fn encode(proven: Proven) -> Result<Encoded, CoreError> {
    let publics = proven.publics.iter().flat_map(field::bytes).collect();
    Ok(Encoded { proof: proven.proof.to_bytes()?, publics, stages: proven.timings })
}

fn into_result(encoded: Encoded) -> ProofResult {
    let stage = |(name, milliseconds): (&str, f64)| Stage { name: name.to_owned(), milliseconds };
    ProofResult {
        proof: encoded.proof.into(),
        publics: encoded.publics.into(),
        stages: encoded.stages.into_iter().map(stage).collect(),
    }
}
