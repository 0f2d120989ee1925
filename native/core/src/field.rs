//! Field elements as bytes: 32 bytes, little-endian, canonical (below the modulus).

use crate::error::{Code, CoreError, Result};
use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, PrimeField};

pub const FIELD_BYTES: usize = 32;

/// The four 64-bit limbs of 32 little-endian bytes. Panics unless there are 32.
#[inline]
pub fn limbs(bytes: &[u8]) -> [u64; 4] {
    let mut out = [0; 4];
    for (limb, chunk) in out.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_le_bytes(chunk.try_into().expect("chunks_exact(8)"));
    }
    debug_assert_eq!(bytes.len(), FIELD_BYTES);
    out
}

/// Reads a canonical element; None when the integer is not below the modulus.
#[inline]
pub fn read<F: PrimeField<BigInt = BigInt<4>>>(bytes: &[u8]) -> Option<F> {
    F::from_bigint(BigInt(limbs(bytes)))
}

/// Reads the integer of a canonical element or fails with OUT_OF_RANGE, naming its position.
pub fn read_integer(bytes: &[u8], index: usize) -> Result<BigInt<4>> {
    let integer = BigInt(limbs(bytes));
    if integer >= Fr::MODULUS {
        let message = format!("field element {index} is not below the field modulus");
        return Err(CoreError::new(Code::OutOfRange, message).with("index", index));
    }
    Ok(integer)
}

/// Reads a canonical element or fails with OUT_OF_RANGE, naming its position.
pub fn read_checked(bytes: &[u8], index: usize) -> Result<Fr> {
    Ok(Fr::from_bigint(read_integer(bytes, index)?).expect("below the modulus"))
}

/// Reads a sequence of canonical elements; INVARIANT_BROKEN when the length is not a multiple of 32.
pub fn read_all(bytes: &[u8]) -> Result<Vec<Fr>> {
    if !bytes.len().is_multiple_of(FIELD_BYTES) {
        return Err(CoreError::new(
            Code::InvariantBroken,
            format!("{} bytes are not whole field elements", bytes.len()),
        ));
    }
    bytes.chunks_exact(FIELD_BYTES).enumerate().map(|(index, chunk)| read_checked(chunk, index)).collect()
}

/// Canonical little-endian bytes.
#[inline]
pub fn bytes<F: PrimeField<BigInt = BigInt<4>>>(value: &F) -> [u8; FIELD_BYTES] {
    let mut out = [0; FIELD_BYTES];
    for (chunk, limb) in out.chunks_exact_mut(8).zip(value.into_bigint().0) {
        chunk.copy_from_slice(&limb.to_le_bytes());
    }
    out
}

/// Decimal digits of the canonical integer.
pub fn decimal<F: PrimeField>(value: &F) -> String {
    value.into_bigint().to_string()
}

/// Bit `index` of an integer of four limbs, counted from the lowest.
#[inline]
pub fn bit(value: &BigInt<4>, index: usize) -> bool {
    value.get_bit(index)
}
