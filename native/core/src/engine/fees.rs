//! What a chunk says about fees, and what it has taken so far.

use super::node::{Node, from_u128};
use ark_ff::{BigInt, BigInteger};

/// Fee tokens of a chunk.
pub const FEE_TOKENS: usize = 4;

/// The four fee sums of a chunk. Each fee is below 2^114, so no chunk fills 256 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct FeeSums(pub [Node; FEE_TOKENS]);

/// What is the same for all records of a chunk.
pub struct Context {
    /// Ascending; 2^32 is the filler, which no token id reaches.
    pub fee_tokens: [u64; FEE_TOKENS],
    pub batch_time: u64,
}

impl Context {
    /// Which fee token a token is, if it is one.
    pub fn fee_position(&self, token: u32) -> Option<usize> {
        self.fee_tokens.iter().position(|fee_token| *fee_token == u64::from(token))
    }
}

/// A sum that the bound of `FeeSums` keeps below 2^256.
pub fn add(sum: &Node, value: u128) -> Node {
    let mut total = BigInt(*sum);
    total.add_with_carry(&BigInt(from_u128(value)));
    total.0
}
