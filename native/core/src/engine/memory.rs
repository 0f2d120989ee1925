//! How much memory a state and what executes on it may take.

use super::account::Account;
use super::changes::CHANGE_BYTES;
use super::fees::FeeSums;
use super::node::Node;
use super::operation::{OPERATION_BYTES, Operation};
use super::pass::{Access, Write};
use super::signatures::Claim;
use super::trace::SLOT_TRACE_BYTES;
use super::tree::{DEPTH, SHARD_DEPTH};
use crate::error::{Code, CoreError, Result};

/// Most bytes of the pages of a state together with what an execution on it needs.
#[derive(Clone, Copy)]
pub struct Budget {
    pub bytes: u64,
}

impl Budget {
    /// RESOURCES_SHORT with both numbers when `needed` is more.
    pub fn require(self, needed: u64) -> Result<()> {
        if needed <= self.bytes {
            return Ok(());
        }
        let message = format!("the state needs {needed} bytes, {} are allowed", self.bytes);
        Err(CoreError::new(Code::ResourcesShort, message).with("needed", needed).with("allowed", self.bytes))
    }
}

/// Bytes that the execution of so many slots needs at most, without pages.
pub fn working_bytes(slots: usize, traces: bool) -> u64 {
    const READ: usize = OPERATION_BYTES + size_of::<Operation>() + 2 * size_of::<Node>();
    const PASS: usize = 2 * (size_of::<Access>() + size_of::<Write>() + 3 * size_of::<(u32, Account)>())
        + size_of::<FeeSums>()
        + size_of::<(usize, Claim)>();
    /// Nodes of two writes with their numbers, on all levels.
    const NODES: usize = 2 * (DEPTH + 1) * (size_of::<Node>() + 6 * size_of::<u32>());
    /// What two accesses find on the levels below the shards.
    const PATHS: usize = 2 * (DEPTH - SHARD_DEPTH) * 5 * size_of::<u32>();
    let slot = READ + PASS + 2 * CHANGE_BYTES + NODES + if traces { PATHS + SLOT_TRACE_BYTES } else { 0 };
    slots as u64 * slot as u64
}
