//! Payment channels: the hash of a state, and its secp256k1 signatures (docs/channels.md). What a state's words are, only
//! `packages/protocol/` knows.

mod hash;
mod signature;

pub use hash::{PREFIX_BYTES, STRUCT_BYTES, state_hash};
pub use signature::{ADDRESS_BYTES, HASH_BYTES, SECRET_BYTES, SIGNATURE_BYTES, recover, sign};
