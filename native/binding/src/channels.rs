//! States of payment channels for JavaScript: one call takes less than a thread costs.

use crate::buffer::write_to;
use crate::error::guard;
use napi::bindgen_prelude::Uint8ArraySlice;
use napi_derive::napi;
use quittance_core::channels;
use quittance_core::error::CoreError;

/// The hash that parties sign, of an encoded state: `out` has 32 bytes.
#[napi]
pub fn channel_state_hash(encoded: &[u8], out: Uint8ArraySlice) -> napi::Result<()> {
    guard(|| put(out, channels::state_hash(encoded)?))
}

/// The signature of a hash, r, s and v: `out` has 65 bytes.
#[napi]
pub fn sign_channel_state(hash: &[u8], secret: &[u8], out: Uint8ArraySlice) -> napi::Result<()> {
    guard(|| put(out, channels::sign(hash, secret)?))
}

/// The address of whom a signature is by: `out` has 20 bytes.
#[napi]
pub fn recover_channel_signer(hash: &[u8], signature: &[u8], out: Uint8ArraySlice) -> napi::Result<()> {
    guard(|| put(out, channels::recover(hash, signature)?))
}

fn put<const N: usize>(out: Uint8ArraySlice, bytes: [u8; N]) -> Result<(), CoreError> {
    write_to(out, N, |out| out.copy_from_slice(&bytes))
}
