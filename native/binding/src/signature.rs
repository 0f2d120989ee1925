//! Signature checks for JavaScript.

use crate::error::to_napi;
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;
use quittance_core::babyjubjub::verify_batch;

/// One byte per item of 192 bytes (A.x, A.y, R8.x, R8.y, S, m): 1 when the signature is valid.
#[napi]
pub fn verify_signatures(items: Uint8Array) -> napi::Result<Uint8Array> {
    verdicts(&items).map(Uint8Array::from)
}

/// The same on a background thread.
#[napi(ts_return_type = "Promise<Uint8Array>")]
pub fn verify_signatures_async(items: Uint8Array) -> AsyncTask<VerifySignatures> {
    // A copy: JavaScript may write to its buffer while the check runs.
    AsyncTask::new(VerifySignatures { items: items.to_vec() })
}

pub struct VerifySignatures {
    items: Vec<u8>,
}

impl Task for VerifySignatures {
    type Output = Vec<u8>;
    type JsValue = Uint8Array;

    fn compute(&mut self) -> napi::Result<Vec<u8>> {
        verdicts(&self.items)
    }

    fn resolve(&mut self, _env: Env, output: Vec<u8>) -> napi::Result<Uint8Array> {
        Ok(output.into())
    }
}

fn verdicts(items: &[u8]) -> napi::Result<Vec<u8>> {
    let verdicts = verify_batch(items).map_err(to_napi)?;
    Ok(verdicts.into_iter().map(u8::from).collect())
}
