//! circom's operators on canonical integers below r: bits, comparisons, quotients. They are the reference for
//! constants and for every operator that a lane does not have itself.
//!
//! Source: circom's documentation, "Basic operators"; circom's WebAssembly runtime, which the tests compare with.

use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, Field, PrimeField};
use std::cmp::Ordering;

pub type Integer = [u64; 4];

/// Bits of the modulus: results of bit operators are cut to them.
pub const FIELD_BITS: u32 = 254;
/// (r − 1)/2: integers above it are negative.
const HALF: BigInt<4> = Fr::MODULUS_MINUS_ONE_DIV_TWO;

/// Operators on two integers (the second is unused by `Not`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Operator {
    ShiftLeft,
    ShiftRight,
    And,
    Or,
    Xor,
    Not,
    Quotient,
    Remainder,
    Power,
    /// 1 when the first is less than the second, as signed numbers.
    Less,
}

impl Operator {
    pub const ALL: [Self; 10] = [
        Self::ShiftLeft,
        Self::ShiftRight,
        Self::And,
        Self::Or,
        Self::Xor,
        Self::Not,
        Self::Quotient,
        Self::Remainder,
        Self::Power,
        Self::Less,
    ];

    /// The canonical result. Total: the quotient and the remainder by 0 are 0 (circom's own calculator never ends).
    pub fn apply(self, a: Integer, b: Integer) -> Integer {
        match self {
            Self::ShiftLeft => shift(a, b, true),
            Self::ShiftRight => shift(a, b, false),
            Self::And => std::array::from_fn(|limb| a[limb] & b[limb]),
            Self::Or => cut(std::array::from_fn(|limb| a[limb] | b[limb])),
            Self::Xor => cut(std::array::from_fn(|limb| a[limb] ^ b[limb])),
            Self::Not => cut(a.map(|limb| !limb)),
            Self::Quotient => divide(a, b).0,
            Self::Remainder => divide(a, b).1,
            Self::Power => field(a).pow(b).into_bigint().0,
            Self::Less => [u64::from(is_less(a, b)), 0, 0, 0],
        }
    }
}

/// The element of a canonical integer; integers that are not below r are reduced.
pub fn field(value: Integer) -> Fr {
    Fr::from_bigint(BigInt(value)).unwrap_or_else(|| Fr::from_le_bytes_mod_order(&BigInt::<4>(value).to_bytes_le()))
}

pub fn is_less(a: Integer, b: Integer) -> bool {
    let (a, b) = (BigInt(a), BigInt(b));
    match (a > HALF, b > HALF) {
        (true, false) => true,
        (false, true) => false,
        _ => a < b,
    }
}

/// The low `bits` bits.
pub fn low_bits(a: Integer, bits: u32) -> Integer {
    std::array::from_fn(|limb| match bits.saturating_sub(64 * limb as u32) {
        0 => 0,
        kept if kept < 64 => a[limb] & ((1 << kept) - 1),
        _ => a[limb],
    })
}

/// Shifts by less than 254 bits to the left or to the right; to the other side when the count is negative.
fn shift(a: Integer, count: Integer, left: bool) -> Integer {
    let negative = BigInt(count) > HALF;
    let mut size = BigInt(count);
    if negative {
        size = Fr::MODULUS;
        size.sub_with_borrow(&BigInt(count));
    }
    if size >= BigInt::from(u64::from(FIELD_BITS)) {
        return [0; 4];
    }
    let mut value = BigInt(a);
    match left != negative {
        true => {
            value <<= size.0[0] as u32;
            cut(value.0)
        }
        false => {
            value >>= size.0[0] as u32;
            value.0
        }
    }
}

/// The low 254 bits, less r when that is possible.
fn cut(a: Integer) -> Integer {
    let mut value = BigInt(low_bits(a, FIELD_BITS));
    if value.cmp(&Fr::MODULUS) != Ordering::Less {
        value.sub_with_borrow(&Fr::MODULUS);
    }
    value.0
}

/// Quotient and remainder, bit by bit.
fn divide(a: Integer, b: Integer) -> (Integer, Integer) {
    let (dividend, divisor) = (BigInt(a), BigInt(b));
    let (mut quotient, mut remainder) = (BigInt([0; 4]), BigInt([0; 4]));
    if divisor.is_zero() {
        return (quotient.0, remainder.0);
    }
    for bit in (0..FIELD_BITS as usize).rev() {
        remainder.mul2();
        remainder.0[0] |= u64::from(dividend.get_bit(bit));
        if remainder >= divisor {
            remainder.sub_with_borrow(&divisor);
            quotient.0[bit / 64] |= 1 << (bit % 64);
        }
    }
    (quotient.0, remainder.0)
}
