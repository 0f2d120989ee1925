//! What an execution takes and gives.

use super::fees::{Context, FEE_TOKENS};
use super::node::{Node, is_field_element};
use super::operation::{OPERATION_BYTES, Operation};
use super::pass::{ChunkSlots, Refusal};
use super::signatures::Signatures;
use crate::error::{Code, CoreError, Result};
use rayon::prelude::*;

/// A chunk of a batch: how many slots it has, and its fee tokens.
pub struct ChunkHead {
    pub slots: usize,
    /// Ascending, 2^32 as the filler: the caller has checked that.
    pub fee_tokens: [u64; FEE_TOKENS],
}

/// A batch to execute.
pub struct Batch {
    pub domain: Node,
    /// Unix seconds, 40 bits.
    pub batch_time: u64,
    pub chunks: Vec<ChunkHead>,
    /// Of all chunks, one after the other.
    pub operations: Vec<u8>,
    pub signatures: Signatures,
}

/// What to do with a batch.
/// Twin: packages/protocol/engine/engine.ts ExecuteOptions.
#[derive(Clone, Copy)]
pub struct Options {
    /// End at the first refusal.
    pub stop: bool,
    pub traces: bool,
    /// Without traces; with them there are always commitments.
    pub commitments: bool,
}

/// What became of a batch. With refusals the rest is empty.
#[derive(Default)]
pub struct Execution {
    pub refusals: Vec<Refusal>,
    /// Before the first chunk and after each.
    pub roots: Vec<Node>,
    /// After the last slot of each chunk.
    pub commitments: Vec<Node>,
    /// As `Traces::write` gives them.
    pub traces: Vec<u8>,
    /// As `write_changes` gives them.
    pub changes: Vec<u8>,
}

/// The operations of a batch, read.
pub struct Operations<'a> {
    pub bytes: &'a [[u8; OPERATION_BYTES]],
    pub list: Vec<Operation>,
}

/// As many slots as a batch may have: accesses count in 32 bits.
const MAX_SLOTS: usize = 1 << 24;

impl Batch {
    pub fn slots(&self) -> usize {
        self.operations.len() / OPERATION_BYTES
    }

    /// Reads the operations; OUT_OF_RANGE for bytes that are none, INVARIANT_BROKEN for lengths that do not fit.
    pub fn read(&self) -> Result<Operations<'_>> {
        let (bytes, rest) = self.operations.as_chunks::<OPERATION_BYTES>();
        let slots: usize = self.chunks.iter().map(|chunk| chunk.slots).sum();
        let ids_fit = match &self.signatures {
            Signatures::Ids(ids) => ids.len() == 32 * slots,
            _ => true,
        };
        if !rest.is_empty() || bytes.len() != slots || !ids_fit || !is_field_element(&self.domain) {
            return Err(CoreError::new(Code::InvariantBroken, "the parts of the batch do not fit together"));
        }
        if slots > MAX_SLOTS {
            let message = format!("a batch of {slots} slots, at most {MAX_SLOTS} are executed at once");
            return Err(CoreError::new(Code::OutOfRange, message).with("actual", slots));
        }
        let read = bytes.par_iter().enumerate().map(|(position, bytes)| Operation::read(bytes, position));
        Ok(Operations { bytes, list: read.collect::<Result<_>>()? })
    }

    /// The slots of each chunk.
    pub fn chunk_slots<'a>(&self, operations: &'a [Operation]) -> Vec<ChunkSlots<'a>> {
        let mut rest = operations;
        let take = |chunk: &ChunkHead| {
            let (operations, after) = rest.split_at(chunk.slots);
            rest = after;
            let context = Context { fee_tokens: chunk.fee_tokens, batch_time: self.batch_time };
            ChunkSlots { operations, context }
        };
        self.chunks.iter().map(take).collect()
    }
}
