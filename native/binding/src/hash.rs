//! Poseidon for JavaScript.

use crate::error::guard;
use crate::integer::{field_element_checked, to_bigint};
use napi::bindgen_prelude::{BigInt, Uint8Array};
use napi_derive::napi;
use quittance_core::error::{Code, CoreError};
use quittance_core::poseidon;

/// Poseidon of 1 to 16 field elements.
#[napi]
pub fn poseidon_hash(inputs: Vec<BigInt>) -> napi::Result<BigInt> {
    guard(|| {
        if !(1..=poseidon::MAX_INPUTS).contains(&inputs.len()) {
            let message = format!("Poseidon takes 1 to {} inputs, got {}", poseidon::MAX_INPUTS, inputs.len());
            return Err(CoreError::new(Code::OutOfRange, message));
        }
        let elements: Result<Vec<_>, _> =
            inputs.iter().enumerate().map(|(index, input)| field_element_checked(input, index)).collect();
        Ok(to_bigint(poseidon::hash(&elements?)))
    })
}

/// Poseidon of each group of `arity` elements: `children` is n·arity·32 bytes, the result n·32 bytes.
#[napi]
pub fn poseidon_groups(children: Uint8Array, arity: u32) -> napi::Result<Uint8Array> {
    guard(|| poseidon::hash_groups(&children, arity as usize)).map(Uint8Array::from)
}
