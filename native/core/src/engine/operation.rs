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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::samples::{Fields, packed};

    #[test]
    fn are_read_field_by_field() {
        let fields = Fields { kind: 7, from: u32::MAX, to: 0x0102_0304, amount: 0xab_cdef_0123, fee: 0x4567 };
        let words = [[1, 2, 3, 4], [u64::MAX; 4], [5, 0, 0, 1 << 63]];
        let mut bytes = packed(fields, words);
        bytes[16] = 1;
        bytes[17..22].copy_from_slice(&[1, 2, 3, 4, 5]);
        bytes[128..].iter_mut().zip(1..).for_each(|(byte, value)| *byte = value);
        let operation = Operation::read(&bytes, 3).unwrap();
        assert_eq!((operation.kind, operation.from, operation.to), (7, u32::MAX, 0x0102_0304));
        assert_eq!((operation.amount_float, operation.fee_float, operation.words), (0xab_cdef_0123, 0x4567, words));
        let authorization = operation.authorization.unwrap();
        assert_eq!(authorization.valid_until, 0x05_0403_0201);
        assert_eq!(authorization.key_x[0], 0x0807_0605_0403_0201);
        assert_eq!(authorization.s[3], 0x807f_7e7d_7c7b_7a79);
    }

    #[test]
    fn bytes_that_mean_nothing_are_refused() {
        let valid = packed(Fields { kind: 1, ..Fields::default() }, [[0; 4]; 3]);
        let signed = {
            let mut bytes = valid;
            bytes[16] = 1;
            bytes
        };
        assert!(Operation::read(&valid, 0).is_ok() && Operation::read(&signed, 0).is_ok());
        // The record's upper bits, the flag, the gap, the words of a kind without, and an authorization that is not there.
        for (byte, value) in
            [(15, 0x10), (15, 0x80), (16, 2), (22, 1), (31, 1), (32, 1), (127, 1), (17, 1), (21, 1), (128, 1), (255, 1)]
        {
            let mut bytes = valid;
            bytes[byte] |= value;
            let error = Operation::read(&bytes, 5).unwrap_err();
            assert_eq!((error.code, &error.data["operation"]), (Code::OutOfRange, &5.into()), "byte {byte}");
        }
        for byte in [17, 21, 128, 255] {
            let mut bytes = signed;
            bytes[byte] = 1;
            assert!(Operation::read(&bytes, 0).is_ok(), "byte {byte}");
        }
    }

    #[test]
    fn floats_decode_whatever_their_encoding() {
        let amount = |mantissa: u64, exponent: u64| decode_float(mantissa | exponent << 35, 35);
        assert_eq!(amount(0, 31), Some(0));
        assert_eq!((amount(1, 31), amount(10, 30)), (Some(10u128.pow(31)), Some(10u128.pow(31))));
        // 2^128 = 34,028,236.692…·10^31.
        assert_eq!((amount(34_028_236, 31), amount(34_028_237, 31)), (Some(34_028_236 * 10u128.pow(31)), None));
        assert_eq!(amount((1 << 35) - 1, 31), None);
        let fee = Operation { fee_float: 0xffff, ..crate::engine::samples::operation(Fields::default(), [[0; 4]; 3]) };
        assert_eq!(fee.fee(), 2_047 * 10u128.pow(31));
    }
}
