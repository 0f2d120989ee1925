//! EdDSA-Poseidon signatures, exactly as circomlibjs makes them: for whoever signs very many, like a hot wallet or a load
//! generator.
//!
//! What is secret here is wiped after its use, as far as the compiler lets one say so: not registers and what they spilled. Time
//! and memory accesses depend on secrets (tables of multiples are read at secret places): whoever can time this process, or share
//! its caches, may learn from it.

use super::SUBGROUP_ORDER;
use super::base_points::base_points;
use super::blake512::blake512;
use super::curve::Point;
use crate::error::{Code, CoreError, Result};
use crate::field::{FIELD_BYTES, bytes, limbs, read_integer};
use crate::poseidon;
use ark_ff::{BigInt, Fp256, MontBackend, MontConfig, MontFp, PrimeField};
use rayon::prelude::*;
use zeroize::{Zeroize, Zeroizing};

/// A seed as circomlibjs takes it.
pub const SECRET_BYTES: usize = 32;
/// Position of the secret (four bytes, little-endian), message (32 bytes, little-endian).
/// Twin: native/sign.ts SIGN_ITEM_BYTES.
pub const SIGN_ITEM_BYTES: usize = 4 + FIELD_BYTES;
/// R8.x, R8.y, S: 32 bytes each, little-endian.
/// Twin: native/sign.ts SIGNED_BYTES.
pub const SIGNED_BYTES: usize = 3 * FIELD_BYTES;

/// Signatures of one task.
const BLOCK: usize = 64;
/// Inputs of the challenge: R8.x, R8.y, A.x, A.y, message.
const CHALLENGE_INPUTS: usize = 5;

/// Integers modulo the order of the prime subgroup.
struct SubgroupConfig;
type Scalar = Fp256<MontBackend<SubgroupConfig, 4>>;

impl MontConfig<4> for SubgroupConfig {
    const MODULUS: BigInt<4> = SUBGROUP_ORDER;
    const GENERATOR: Scalar = MontFp!("31");
    /// 31^((l − 1)/2^4).
    const TWO_ADIC_ROOT_OF_UNITY: Scalar =
        MontFp!("660854635938548466034658205324789272997681163813030924457091119852551226483");
}

/// BLAKE-512 of a seed, taken apart; wiped when it is dropped.
struct Expanded {
    /// The clamped scalar, a multiple of 8, modulo the order.
    scalar: Scalar,
    /// The clamped scalar over 8.
    eighth: BigInt<4>,
    /// What nonces are derived from.
    prefix: [u8; 32],
}

impl Drop for Expanded {
    fn drop(&mut self) {
        self.scalar.zeroize();
        self.eighth.0.zeroize();
        self.prefix.zeroize();
    }
}

impl Expanded {
    fn new(secret: &[u8; SECRET_BYTES]) -> Self {
        let mut digest = blake512(secret);
        digest[0] &= 0xf8;
        digest[31] = digest[31] & 0x7f | 0x40;
        let scalar = Scalar::from_le_bytes_mod_order(&digest[..32]);
        // Below 2^252.
        let eighth = BigInt(limbs(&digest[..32])) >> 3;
        let prefix = digest[32..].try_into().expect("32 bytes");
        digest.zeroize();
        Self { scalar, eighth, prefix }
    }

    /// BLAKE-512 of prefix and message, modulo the order.
    fn nonce(&self, message: &[u8]) -> Scalar {
        let mut composed = [0; 64];
        composed[..32].copy_from_slice(&self.prefix);
        composed[32..].copy_from_slice(message);
        let mut digest = blake512(&composed);
        let nonce = Scalar::from_le_bytes_mod_order(&digest);
        composed.zeroize();
        digest.zeroize();
        nonce
    }
}

/// A secret with its public key.
struct Signer {
    expanded: Expanded,
    key: Point,
}

/// The keys A = (s/8)·B8 of secrets, in their order.
fn signers(secrets: &[[u8; SECRET_BYTES]]) -> Vec<Signer> {
    secrets
        .par_chunks(BLOCK)
        .flat_map_iter(|secrets| {
            let expanded: Vec<Expanded> = secrets.iter().map(Expanded::new).collect();
            let eighths: Zeroizing<Vec<_>> = Zeroizing::new(expanded.iter().map(|secret| secret.eighth).collect());
            let keys = base_points(&eighths);
            expanded.into_iter().zip(keys).map(|(expanded, key)| Signer { expanded, key })
        })
        .collect()
}

/// Poseidon of R8, key and message of each, as little-endian bytes below r.
fn challenges(inputs: &[BigInt<4>]) -> Vec<u8> {
    let mut out = vec![0; inputs.len() / CHALLENGE_INPUTS * FIELD_BYTES];
    let blocks = inputs.chunks(CHALLENGE_INPUTS * poseidon::BLOCK).zip(out.chunks_mut(FIELD_BYTES * poseidon::BLOCK));
    for (inputs, out) in blocks {
        poseidon::hash_block(inputs, CHALLENGE_INPUTS, out);
    }
    out
}

/// The signatures of items whose secrets exist; `first` is the place of the first in the whole list.
fn sign_block(signers: &[Signer], items: &[[u8; SIGN_ITEM_BYTES]], first: usize, out: &mut [u8]) -> Result<()> {
    let messages = items
        .iter()
        .enumerate()
        .map(|(at, item)| read_integer(&item[4..], first + at))
        .collect::<Result<Vec<BigInt<4>>>>()?;
    let chosen: Vec<&Signer> = items.iter().map(|item| &signers[position(item)]).collect();
    let pairs = chosen.iter().zip(items);
    let nonces: Zeroizing<Vec<Scalar>> =
        Zeroizing::new(pairs.map(|(signer, item)| signer.expanded.nonce(&item[4..])).collect());
    let integers: Zeroizing<Vec<_>> = Zeroizing::new(nonces.iter().map(|nonce| nonce.into_bigint()).collect());
    let points = base_points(&integers);
    let mut inputs = Vec::with_capacity(CHALLENGE_INPUTS * items.len());
    for ((r8, signer), message) in points.iter().zip(&chosen).zip(messages) {
        inputs.extend([r8.x, r8.y, signer.key.x, signer.key.y].map(|coordinate| coordinate.into_bigint()));
        inputs.push(message);
    }
    let challenges = challenges(&inputs);
    for (at, out) in out.chunks_exact_mut(SIGNED_BYTES).enumerate() {
        let challenge = Scalar::from_le_bytes_mod_order(&challenges[at * FIELD_BYTES..(at + 1) * FIELD_BYTES]);
        let s = nonces[at] + challenge * chosen[at].expanded.scalar;
        out[..FIELD_BYTES].copy_from_slice(&bytes(&points[at].x));
        out[FIELD_BYTES..2 * FIELD_BYTES].copy_from_slice(&bytes(&points[at].y));
        out[2 * FIELD_BYTES..].copy_from_slice(&bytes(&s));
    }
    Ok(())
}

fn position(item: &[u8; SIGN_ITEM_BYTES]) -> usize {
    u32::from_le_bytes([item[0], item[1], item[2], item[3]]) as usize
}

/// Signatures of items under secrets, on all cores: SIGNED_BYTES an item, in their order. The key that a challenge names is the
/// secret's own: two signatures of one message under two keys would give the secret away.
///
/// OUT_OF_RANGE for a message that is not below r, with its place; INVARIANT_BROKEN for a position without a secret, or bytes
/// that are no whole secrets or items.
/// Twin: packages/protocol/keys/eddsa.ts signMessage.
pub fn sign_batch(secrets: &[u8], items: &[u8]) -> Result<Vec<u8>> {
    let (secrets, rest) = secrets.as_chunks::<SECRET_BYTES>();
    let (items, more) = items.as_chunks::<SIGN_ITEM_BYTES>();
    let isolated = items.iter().map(position).find(|position| *position >= secrets.len());
    if !rest.is_empty() || !more.is_empty() || isolated.is_some() {
        let message = format!(
            "{} secrets and {} bytes, {} items and {} bytes; no secret {isolated:?}",
            secrets.len(),
            rest.len(),
            items.len(),
            more.len()
        );
        return Err(CoreError::new(Code::InvariantBroken, message));
    }
    let signers = signers(secrets);
    let mut out = vec![0; items.len() * SIGNED_BYTES];
    out.par_chunks_mut(BLOCK * SIGNED_BYTES)
        .zip(items.par_chunks(BLOCK))
        .enumerate()
        .try_for_each(|(block, (out, items))| sign_block(&signers, items, block * BLOCK, out))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::babyjubjub::verify_batch;
    use ark_bn254::Fr;

    fn secret(seed: u8) -> [u8; SECRET_BYTES] {
        std::array::from_fn(|index| seed.wrapping_mul(31) ^ index as u8)
    }

    fn item(position: u32, message: &Fr) -> Vec<u8> {
        [position.to_le_bytes().as_slice(), &bytes(message)].concat()
    }

    #[test]
    fn are_valid_whatever_the_count_and_the_same_alone() {
        let secrets: Vec<u8> = (0..20).flat_map(secret).collect();
        let keys: Vec<Point> = signers(secrets.as_chunks().0).iter().map(|signer| signer.key).collect();
        let items: Vec<Vec<u8>> = (0..150u32).map(|n| item(n * 7 % 20, &-Fr::from(n * n))).collect();
        for count in [0, 1, 2, 63, 64, 65, 150] {
            let signed = sign_batch(&secrets, &items[..count].concat()).unwrap();
            assert_eq!(signed.len(), count * SIGNED_BYTES);
            let checks: Vec<u8> = items[..count]
                .iter()
                .zip(signed.chunks(SIGNED_BYTES))
                .flat_map(|(item, signed)| {
                    let key = keys[position(item.as_slice().try_into().unwrap())];
                    [&bytes(&key.x), &bytes(&key.y), signed, &item[4..]].concat()
                })
                .collect();
            assert_eq!(verify_batch(&checks).unwrap(), vec![true; count]);
            for (item, signed) in items[..count].iter().zip(signed.chunks(SIGNED_BYTES)) {
                assert_eq!(sign_batch(&secrets, item).unwrap(), signed);
            }
        }
    }

    #[test]
    fn refuse_a_message_that_is_no_field_element_and_name_its_place() {
        let modulus = Fr::MODULUS.0.map(u64::to_le_bytes).concat();
        let mut items = item(0, &Fr::from(1u64)).repeat(70);
        items.extend([&[0; 4], modulus.as_slice()].concat());
        let error = sign_batch(&secret(1), &items).unwrap_err();
        assert_eq!((error.code, &error.data["index"]), (Code::OutOfRange, &serde_json::json!(70)));
    }

    #[test]
    fn refuse_what_is_no_secret_or_no_item() {
        let whole = item(1, &Fr::from(1u64));
        let secrets = [secret(1), secret(2)].concat();
        assert!(sign_batch(&secrets, &whole).is_ok());
        for (secrets, items) in [(&secrets[1..], &whole[..]), (&secrets, &whole[1..]), (&secrets[32..], &whole)] {
            assert_eq!(sign_batch(secrets, items).unwrap_err().code, Code::InvariantBroken);
        }
    }
}
