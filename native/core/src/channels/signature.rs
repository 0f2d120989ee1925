//! secp256k1 signatures of a hash, by libsecp256k1: made as RFC 6979 says, taken as L1 takes them.
//!
//! The library's time does not depend on secrets, and it blinds what it computes with them anew for each signature. What is
//! secret here is wiped after its use, as far as the compiler lets one say so: not registers and what they spilled.

use crate::error::{Code, CoreError, Result};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, SecretKey};
use sha3::{Digest, Keccak256};
use zeroize::Zeroizing;

pub const HASH_BYTES: usize = 32;
pub const SECRET_BYTES: usize = 32;
/// r, s, v: big-endian.
/// Twin: packages/protocol/channels/signature.ts STATE_SIGNATURE_BYTES.
pub const SIGNATURE_BYTES: usize = 65;
pub const ADDRESS_BYTES: usize = 20;

/// v of a signature whose R has an even y.
const EVEN: u8 = 27;

/// Half of the group's order, rounded down: the highest s.
const HIGHEST_S: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, //
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

fn fixed<const N: usize>(what: &str, bytes: &[u8]) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| {
        let message = format!("{what} of {} bytes, where {N} belong", bytes.len());
        CoreError::new(Code::InvariantBroken, message)
    })
}

fn refused(reason: &str) -> CoreError {
    CoreError::new(Code::BadSignature, format!("a channel's state has no usable signature: {reason}"))
}

/// Signs a hash: s is in the lower half. OUT_OF_RANGE for a secret that is no key, INVARIANT_BROKEN for other lengths.
///
/// Twin: packages/protocol/channels/signature.ts signChannelState.
pub fn sign(hash: &[u8], secret: &[u8]) -> Result<[u8; SIGNATURE_BYTES]> {
    let message = Message::from_digest(fixed::<HASH_BYTES>("a hash", hash)?);
    let secret = Zeroizing::new(fixed::<SECRET_BYTES>("a secret key", secret)?);
    let mut key = SecretKey::from_secret_bytes(*secret)
        .map_err(|_| CoreError::new(Code::OutOfRange, "a secret key is 0 or not below the order of secp256k1"))?;
    let (id, compact) = RecoverableSignature::sign_ecdsa_recoverable(message, &key).serialize_compact();
    key.non_secure_erase();
    let mut signature = [0; SIGNATURE_BYTES];
    signature[..64].copy_from_slice(&compact);
    // r that was reduced, id 2 or 3, comes up once in 2^127 signatures; L1 has no v for it.
    signature[64] = EVEN + id.to_u8();
    Ok(signature)
}

/// The address of whom a signature is by. BAD_SIGNATURE for what L1 takes for none: s in the upper half, r or s of 0 or not
/// below the order, v other than 27 and 28, and r or a key that is no point; INVARIANT_BROKEN for other lengths.
///
/// Twin: packages/protocol/channels/signature.ts recoverChannelSigner.
pub fn recover(hash: &[u8], signature: &[u8]) -> Result<[u8; ADDRESS_BYTES]> {
    let message = Message::from_digest(fixed::<HASH_BYTES>("a hash", hash)?);
    let signature = fixed::<SIGNATURE_BYTES>("a signature", signature)?;
    let (compact, v) = (&signature[..64], signature[64]);
    let id = match v.wrapping_sub(EVEN) {
        0 => RecoveryId::Zero,
        1 => RecoveryId::One,
        _ => return Err(refused("v is neither 27 nor 28")),
    };
    if compact[32..] > HIGHEST_S[..] {
        return Err(refused("s is in the upper half"));
    }
    let key = RecoverableSignature::from_compact(compact, id)
        .and_then(|signature| signature.recover_ecdsa(message))
        .map_err(|_| refused("no key has made it"))?;
    // Without the byte that says that the point is not compressed.
    let digest = Keccak256::digest(&key.serialize_uncompressed()[1..]);
    fixed("an address", &digest[HASH_BYTES - ADDRESS_BYTES..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: [u8; 32] = [0x37; 32];

    /// The address of the secret key 1, which is that of the generator.
    const OF_ONE: [u8; 20] = [
        0x7e, 0x5f, 0x45, 0x52, 0x09, 0x1a, 0x69, 0x12, 0x5d, 0x5d, 0xfc, 0xb7, 0xb8, 0xc2, 0x65, 0x90, 0x29, 0x39,
        0x5b, 0xdf,
    ];

    fn one() -> [u8; 32] {
        let mut secret = [0; 32];
        secret[31] = 1;
        secret
    }

    fn code<T: std::fmt::Debug>(outcome: Result<T>) -> Code {
        outcome.unwrap_err().code
    }

    #[test]
    fn whoever_signed_is_found() {
        for last in 0..32 {
            let mut hash = HASH;
            hash[31] = last;
            let signature = sign(&hash, &one()).unwrap();
            assert!(signature[32..64] <= HIGHEST_S[..]);
            assert_eq!(recover(&hash, &signature).unwrap(), OF_ONE);
            assert_ne!(recover(&HASH, &signature).ok(), Some(OF_ONE));
        }
    }

    #[test]
    fn what_l1_takes_for_no_signature_is_refused() {
        let good = sign(&HASH, &one()).unwrap();
        for v in [0, 1, 26, 29, 30, 255] {
            let mut signature = good;
            signature[64] = v;
            assert_eq!(code(recover(&HASH, &signature)), Code::BadSignature, "v {v}");
        }
        let mut upper = HIGHEST_S;
        upper[31] += 1;
        for (at, value) in [(0, [0; 32]), (0, [255; 32]), (32, [0; 32]), (32, [255; 32]), (32, upper)] {
            let mut signature = good;
            signature[at..at + 32].copy_from_slice(&value);
            assert_eq!(code(recover(&HASH, &signature)), Code::BadSignature, "{value:?} at {at}");
        }
    }

    #[test]
    fn the_highest_s_is_taken() {
        let mut signature = sign(&HASH, &one()).unwrap();
        signature[32..64].copy_from_slice(&HIGHEST_S);
        assert!(recover(&HASH, &signature).is_ok());
    }

    #[test]
    fn secrets_that_are_no_keys_and_torn_bytes_are_refused_and_not_repeated() {
        for secret in [[0; 32], [255; 32]] {
            let error = sign(&HASH, &secret).unwrap_err();
            assert_eq!(error.code, Code::OutOfRange);
            assert!(!error.message.contains("255") && !error.message.contains("ff"), "{error}");
        }
        let good = sign(&HASH, &one()).unwrap();
        assert_eq!(code(sign(&HASH[1..], &one())), Code::InvariantBroken);
        assert_eq!(code(sign(&HASH, &one()[1..])), Code::InvariantBroken);
        assert_eq!(code(recover(&HASH[1..], &good)), Code::InvariantBroken);
        assert_eq!(code(recover(&HASH, &good[1..])), Code::InvariantBroken);
    }
}
