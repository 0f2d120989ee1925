//! Points of which only y is known, or y and the sign of x: their x, as asserted batches need it, and whether they are keys.

use super::curve::{A, D, Extended, Point, SUBGROUP_ORDER};
use crate::error::{Code, CoreError, Result};
use crate::field::{FIELD_BYTES, bytes, read};
use ark_bn254::Fr;
use ark_ff::{Field, One, PrimeField, Zero};
use rayon::prelude::*;

/// Bit 255 of a compressed point: the sign of x, 1 when x > (r − 1)/2.
const SIGN: u8 = 0x80;
/// Where no point of the curve is meant: no field element.
pub const NO_POINT: [u8; FIELD_BYTES] = [0xff; FIELD_BYTES];
/// Points of one task.
const BLOCK: usize = 16;

/// The x of the point that 32 bytes mean: y with the sign of x in bit 255, little-endian. None when there is none: y is not
/// below r, no point has it, or the sign is 1 and x is 0.
fn decompress(compressed: &[u8; FIELD_BYTES]) -> Option<Fr> {
    let mut low = *compressed;
    low[FIELD_BYTES - 1] &= !SIGN;
    let sign = compressed[FIELD_BYTES - 1] & SIGN != 0;
    let y = read::<Fr>(&low)?;
    let square = y.square();
    // a/d is no square, so the denominator is never 0.
    let denominator = (A - D * square).inverse().expect("a - d·y² is not 0");
    let x = ((Fr::one() - square) * denominator).sqrt()?;
    if x.is_zero() {
        return (!sign).then_some(x);
    }
    let is_upper = x.into_bigint() > Fr::MODULUS_MINUS_ONE_DIV_TWO;
    Some(if is_upper == sign { x } else { -x })
}

/// x of each of these points, `NO_POINT` where there is none, on all cores. INVARIANT_BROKEN when the length is not a
/// multiple of a point's.
/// Twin: packages/protocol/step/coordinates.ts xCoordinates.
pub fn x_coordinates(points: &[u8]) -> Result<Vec<u8>> {
    let (points, rest) = points.as_chunks::<FIELD_BYTES>();
    if !rest.is_empty() {
        let length = points.as_flattened().len() + rest.len();
        return Err(CoreError::new(Code::InvariantBroken, format!("{length} bytes are not whole points")));
    }
    let x_of = |point: &[u8; FIELD_BYTES]| decompress(point).map_or(NO_POINT, |x| bytes(&x));
    let all: Vec<[u8; FIELD_BYTES]> = points.par_chunks(BLOCK).flat_map_iter(|block| block.iter().map(x_of)).collect();
    Ok(all.into_flattened())
}

/// Whether some point with this y generates the prime subgroup. (x, y) and (−x, y) have the same order.
fn is_usable_key(key: &[u8; FIELD_BYTES]) -> bool {
    // Bit 255 is no sign here: such a y is not below r.
    if key[FIELD_BYTES - 1] & SIGN != 0 {
        return false;
    }
    let (Some(x), Some(y)) = (decompress(key), read::<Fr>(key)) else { return false };
    let point = Extended::from(Point { x, y });
    !point.is_identity() && point.multiply(&SUBGROUP_ORDER).is_identity()
}

/// Whether each y of 32 bytes is that of a key which only its owner can sign for, on all cores. INVARIANT_BROKEN when the
/// length is not a multiple of a y's.
/// Twin: packages/protocol/keys/curve.ts isUsableKeyY.
pub fn usable_keys(keys: &[u8]) -> Result<Vec<bool>> {
    let (keys, rest) = keys.as_chunks::<FIELD_BYTES>();
    if !rest.is_empty() {
        let length = keys.as_flattened().len() + rest.len();
        return Err(CoreError::new(Code::InvariantBroken, format!("{length} bytes are not whole keys")));
    }
    Ok(keys.par_chunks(BLOCK).flat_map_iter(|block| block.iter().map(is_usable_key)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::babyjubjub::{BASE8, multiply_base};
    use ark_ff::BigInt;

    fn compressed(y: &Fr, sign: bool) -> [u8; FIELD_BYTES] {
        let mut out = bytes(y);
        out[FIELD_BYTES - 1] |= if sign { SIGN } else { 0 };
        out
    }

    fn is_upper(x: &Fr) -> bool {
        x.into_bigint() > Fr::MODULUS_MINUS_ONE_DIV_TWO
    }

    #[test]
    fn gives_the_x_of_each_sign() {
        let mut points: Vec<Point> = (1..70u64).map(|k| multiply_base(&BigInt([k, 0, 0, 0])).to_affine()).collect();
        points.push(BASE8);
        // Of order 2, 4 and 8 times l.
        points.push(Extended::from(BASE8).add(&Point { x: Fr::zero(), y: -Fr::one() }.into()).to_affine());
        for Point { x, y } in points {
            for x in [x, -x] {
                let found = x_coordinates(&compressed(&y, is_upper(&x))).unwrap();
                assert_eq!(found, bytes(&x));
            }
        }
    }

    #[test]
    fn gives_nothing_for_what_is_no_point() {
        let mut missing = 0;
        for y in 2..100u64 {
            let y = Fr::from(y);
            let found = x_coordinates(&compressed(&y, false)).unwrap();
            match read::<Fr>(&found) {
                Some(x) => assert!(Point { x, y }.is_on_curve() && !is_upper(&x)),
                None => {
                    assert_eq!(found, NO_POINT);
                    missing += 1;
                }
            }
        }
        assert!(missing > 20 && missing < 80, "about half of all y have no point, found {missing} of 98 without");
        // x = 0 has the sign 0 only.
        for y in [Fr::one(), -Fr::one()] {
            assert_eq!(x_coordinates(&compressed(&y, false)).unwrap(), [0; FIELD_BYTES]);
            assert_eq!(x_coordinates(&compressed(&y, true)).unwrap(), NO_POINT);
        }
        // Not below r.
        let mut modulus = [0; FIELD_BYTES];
        for (chunk, limb) in modulus.chunks_exact_mut(8).zip(Fr::MODULUS.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        for high in [modulus, [0x7f; FIELD_BYTES], NO_POINT] {
            assert_eq!(x_coordinates(&high).unwrap(), NO_POINT);
        }
    }

    #[test]
    fn keeps_the_order_of_many_and_refuses_what_is_cut() {
        let one: Vec<[u8; FIELD_BYTES]> = (0..100u64).map(|y| compressed(&Fr::from(y), y % 2 == 1)).collect();
        let all = x_coordinates(one.as_flattened()).unwrap();
        for (point, x) in one.iter().zip(all.chunks(FIELD_BYTES)) {
            assert_eq!(x_coordinates(point).unwrap(), x);
        }
        assert_eq!(x_coordinates(&all[1..]).unwrap_err().code, Code::InvariantBroken);
        assert!(x_coordinates(&[]).unwrap().is_empty());
    }

    #[test]
    fn takes_for_keys_what_generates_the_prime_subgroup() {
        let half = Extended::from(Point { x: Fr::zero(), y: -Fr::one() });
        for k in 1..20u64 {
            let point = multiply_base(&BigInt([k, 0, 0, 0]));
            assert_eq!(usable_keys(&bytes(&point.to_affine().y)).unwrap(), [true]);
            // Of order 2·l.
            assert_eq!(usable_keys(&bytes(&point.add(&half).to_affine().y)).unwrap(), [false]);
        }
        // Of order 1, 2 and 4, not below r, and with a bit that is no sign.
        let mut signed = bytes(&BASE8.y);
        signed[FIELD_BYTES - 1] |= SIGN;
        for key in [bytes(&Fr::one()), bytes(&-Fr::one()), bytes(&Fr::zero()), NO_POINT, signed] {
            assert_eq!(usable_keys(&key).unwrap(), [false]);
        }
        assert_eq!(usable_keys(&[0; 31]).unwrap_err().code, Code::InvariantBroken);
    }
}
