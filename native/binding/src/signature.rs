//! Signatures for JavaScript.

use crate::error::guard;
use crate::job::{Background, background};
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi_derive::napi;
use quittance_core::babyjubjub::{sign_batch, usable_keys, verify_batch, x_coordinates};
use quittance_core::error::CoreError;
use zeroize::Zeroizing;

/// One byte per item of 192 bytes (A.x, A.y, R8.x, R8.y, S, m): 1 when the signature is valid.
#[napi]
pub fn verify_signatures(items: Uint8Array) -> napi::Result<Uint8Array> {
    guard(|| verdicts(&items)).map(Uint8Array::from)
}

/// The same on a background thread.
#[napi(ts_return_type = "Promise<Uint8Array>")]
pub fn verify_signatures_async(items: Uint8Array) -> AsyncTask<Background<Vec<u8>, Uint8Array>> {
    // A copy: JavaScript may write to its buffer while the check runs.
    let items = items.to_vec();
    background(move || verdicts(&items), Uint8Array::from)
}

/// x of each point of 32 bytes (y with the sign of x in bit 255), on a background thread; all bits set where there is none.
#[napi(ts_return_type = "Promise<Uint8Array>")]
pub fn x_coordinates_async(points: Uint8Array) -> AsyncTask<Background<Vec<u8>, Uint8Array>> {
    let points = points.to_vec();
    background(move || x_coordinates(&points), Uint8Array::from)
}

/// One byte for each y of 32 bytes, on a background thread: 1 when it is that of a key in the prime subgroup.
#[napi(ts_return_type = "Promise<Uint8Array>")]
pub fn usable_keys_async(keys: Uint8Array) -> AsyncTask<Background<Vec<u8>, Uint8Array>> {
    let keys = keys.to_vec();
    background(move || Ok(usable_keys(&keys)?.into_iter().map(u8::from).collect()), Uint8Array::from)
}

fn verdicts(items: &[u8]) -> Result<Vec<u8>, CoreError> {
    Ok(verify_batch(items)?.into_iter().map(u8::from).collect())
}

/// Signs items of 36 bytes (position of the secret, message) under secrets of 32 bytes: 96 bytes an item (R8.x, R8.y, S).
#[napi(ts_return_type = "Promise<Uint8Array>")]
pub fn sign_many(secrets: Uint8Array, items: Uint8Array) -> AsyncTask<Background<Vec<u8>, Uint8Array>> {
    // Copies: JavaScript may write to its buffers while the work goes on.
    let (secrets, items) = (Zeroizing::new(secrets.to_vec()), items.to_vec());
    background(move || sign_batch(&secrets, &items), Uint8Array::from)
}
