//! JavaScript bigints from and to field elements.

use ark_bn254::Fr;
use ark_ff::{BigInt as Limbs, PrimeField};
use napi::bindgen_prelude::BigInt;
use quittance_core::error::{Code, CoreError};

/// A canonical field element; None for a negative integer or one that is not below the modulus.
pub fn field_element(value: &BigInt) -> Option<Fr> {
    let mut limbs = [0; 4];
    for (index, word) in value.words.iter().enumerate() {
        match limbs.get_mut(index) {
            Some(limb) => *limb = *word,
            None if *word == 0 => {}
            None => return None,
        }
    }
    let negative = value.sign_bit && limbs != [0; 4];
    if negative { None } else { Fr::from_bigint(Limbs(limbs)) }
}

/// Like `field_element`, but OUT_OF_RANGE with the position.
pub fn field_element_checked(value: &BigInt, index: usize) -> Result<Fr, CoreError> {
    field_element(value).ok_or_else(|| {
        CoreError::new(Code::OutOfRange, format!("input {index} is not a field element below r")).with("index", index)
    })
}

pub fn to_bigint(value: Fr) -> BigInt {
    BigInt { sign_bit: false, words: value.into_bigint().0.to_vec() }
}
