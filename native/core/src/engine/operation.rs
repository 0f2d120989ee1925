//! Operations as bytes, read once for the rules. The table of bytes stands in packages/protocol/engine/operation.ts.

use super::node::{Node, read_node};
use crate::error::{Code, CoreError, Result};

/// Bytes of a packed operation.
/// Twin: packages/protocol/engine/operation.ts OPERATION_BYTES.
pub const OPERATION_BYTES: usize = 256;

/// Bits of a record.
const RECORD_BITS: u32 = 124;
/// Mantissa bits of an amount and of a fee; both have five bits of exponent above.
const AMOUNT_MANTISSA_BITS: u32 = 35;
const FEE_MANTISSA_BITS: u32 = 11;

/// An operation with its record taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// 124 bits.
    pub record: u128,
    /// 4 bits; 8 to 15 are reserved.
    pub kind: u8,
    pub from: u32,
    pub to: u32,
    /// float40 as encoded.
    pub amount_float: u64,
    /// float16 as encoded.
    pub fee_float: u64,
    /// Any integers of 256 bits; 0 for kinds without words.
    pub words: [Node; 3],
    pub authorization: Option<Authorization>,
}

/// Who says that a record is signed; coordinates and S are any integers of 256 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Unix seconds, 40 bits, 0 = never expires.
    pub valid_until: u64,
    pub key_x: Node,
    pub r8_x: Node,
    pub r8_y: Node,
    pub s: Node,
}

/// Whether records of this kind have words.
/// Twin: packages/protocol/records/kinds.ts isVisibleKind.
pub fn is_visible_kind(kind: u8) -> bool {
    matches!(kind, 2..=5 | 7)
}

impl Operation {
    /// Reads a packed operation; OUT_OF_RANGE with its position when the bytes are none.
    pub fn read(bytes: &[u8; OPERATION_BYTES], position: usize) -> Result<Self> {
        let refuse = |what: &str| {
            let message = format!("operation {position}: {what}");
            Err(CoreError::new(Code::OutOfRange, message).with("operation", position))
        };
        let record = u128::from_le_bytes(bytes[..16].try_into().expect("16 bytes"));
        if record >> RECORD_BITS != 0 {
            return refuse("the record has more than 124 bits");
        }
        if bytes[22..32] != [0; 10] {
            return refuse("bytes 22 to 31 are not 0");
        }
        let kind = (record >> 120) as u8;
        let word = |index: usize| read_node(&bytes[32 * index..32 * (index + 1)]);
        let words = [word(1), word(2), word(3)];
        if !is_visible_kind(kind) && words != [[0; 4]; 3] {
            return refuse("a kind without words has a word that is not 0");
        }
        let mut time = [0; 8];
        time[..5].copy_from_slice(&bytes[17..22]);
        let authorization = Authorization {
            valid_until: u64::from_le_bytes(time),
            key_x: word(4),
            r8_x: word(5),
            r8_y: word(6),
            s: word(7),
        };
        let authorization = match bytes[16] {
            1 => Some(authorization),
            0 if bytes[17..22] == [0; 5] && bytes[128..] == [0; 128] => None,
            0 => return refuse("it has no authorization, and bytes of one"),
            _ => return refuse("byte 16 is neither 0 nor 1"),
        };
        Ok(Self {
            record,
            kind,
            from: (record >> 88) as u32,
            to: (record >> 56) as u32,
            amount_float: (record >> 16) as u64 & ((1 << 40) - 1),
            fee_float: record as u64 & 0xffff,
            words,
            authorization,
        })
    }

    /// The amount in base units; None when it is 2^128 or more, which no balance reaches.
    pub fn amount(&self) -> Option<u128> {
        decode_float(self.amount_float, AMOUNT_MANTISSA_BITS)
    }

    /// The fee in base units.
    pub fn fee(&self) -> u128 {
        decode_float(self.fee_float, FEE_MANTISSA_BITS).expect("2,047·10^31 < 2^114")
    }

    /// Unix seconds, 0 = never.
    pub fn valid_until(&self) -> u64 {
        self.authorization.as_ref().map_or(0, |authorization| authorization.valid_until)
    }
}

/// mantissa·10^exponent, any encoding; None from 2^128 on.
/// Twin: packages/protocol/records/float.ts createFloatCodec.
fn decode_float(encoded: u64, mantissa_bits: u32) -> Option<u128> {
    let mantissa = u128::from(encoded & ((1 << mantissa_bits) - 1));
    // 10^31 < 2^103.
    mantissa.checked_mul(10u128.pow((encoded >> mantissa_bits) as u32))
}
