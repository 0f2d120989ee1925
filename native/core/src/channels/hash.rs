//! EIP-712 of a struct whose last member is a list of structs, of words that are encoded already.

use crate::error::{Code, CoreError, Result};
use sha3::{Digest, Keccak256};

/// 0x19 0x01 and the hash of the domain. Twin: packages/protocol/channels/state-hash.ts PREFIX_BYTES.
pub const PREFIX_BYTES: usize = 34;
/// Five words of 32 bytes: the type's hash and four values.
/// Twin: packages/protocol/channels/state-hash.ts STRUCT_BYTES.
pub const STRUCT_BYTES: usize = 160;

/// The hash that the parties of a channel sign: keccak of the prefix and of the struct's hash, which covers the state's words
/// and the hash of the list of the HTLCs' hashes. INVARIANT_BROKEN for bytes that are no prefix, state and HTLCs.
///
/// Twin: packages/protocol/channels/state-hash.ts channelStateHash.
pub fn state_hash(encoded: &[u8]) -> Result<[u8; 32]> {
    let broken = || CoreError::new(Code::InvariantBroken, format!("{} bytes are no state of a channel", encoded.len()));
    let (prefix, structs) = encoded.split_at_checked(PREFIX_BYTES).ok_or_else(broken)?;
    let (structs, rest) = structs.as_chunks::<STRUCT_BYTES>();
    let (state, htlcs) = structs.split_first().filter(|_| rest.is_empty()).ok_or_else(broken)?;
    let mut list = Keccak256::new();
    for htlc in htlcs {
        list.update(Keccak256::digest(htlc));
    }
    let whole = Keccak256::new().chain_update(state).chain_update(list.finalize()).finalize();
    Ok(Keccak256::new().chain_update(prefix).chain_update(whole).finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keccak_is_that_of_ethereum_and_not_sha3() {
        let empty = Keccak256::digest([]);
        assert_eq!(empty[..4], [0xc5, 0xd2, 0x46, 0x01]);
    }

    #[test]
    fn every_byte_counts() {
        for htlcs in [0, 1, 2, 64] {
            let mut encoded = vec![7; PREFIX_BYTES + STRUCT_BYTES * (1 + htlcs)];
            let hash = state_hash(&encoded).unwrap();
            for at in (0..encoded.len()).step_by(33).chain([encoded.len() - 1]) {
                encoded[at] ^= 1;
                assert_ne!(state_hash(&encoded).unwrap(), hash, "byte {at} of {htlcs} HTLCs");
                encoded[at] ^= 1;
            }
        }
    }

    #[test]
    fn torn_bytes_are_refused() {
        for length in [0, PREFIX_BYTES, PREFIX_BYTES + STRUCT_BYTES - 1, PREFIX_BYTES + STRUCT_BYTES + 1] {
            assert_eq!(state_hash(&vec![0; length]).unwrap_err().code, Code::InvariantBroken, "{length}");
        }
    }
}
