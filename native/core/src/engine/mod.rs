//! Executes whole batches: the rules of records in sequence on leaves, and everything that is hashed level by level, in
//! lanes, on all threads. The reference is packages/protocol (docs/protocol.md); a test holds both to the same bytes.

mod account;
mod batch;
mod changes;
mod commitments;
mod execute;
mod fees;
mod fold;
mod levels;
mod memory;
mod node;
mod operation;
mod pages;
mod pass;
mod paths;
mod payment;
mod rows;
mod rule;
mod rules;
#[cfg(test)]
mod samples;
mod shape;
mod signatures;
mod state;
mod trace;
mod tree;

pub use account::{ACCOUNT_BYTES, Account};
pub use batch::{Batch, ChunkHead, Execution, Options};
pub use changes::CHANGE_BYTES;
pub use fees::FEE_TOKENS;
pub use node::{Node, read_node, write_node};
pub use operation::OPERATION_BYTES;
pub use pass::Refusal;
pub use rows::{ROW_BYTES, write_rows};
pub use rule::Rule;
pub use signatures::Signatures;
pub use state::{Engine, Executed, State, Turn};
pub use trace::{SHARDS_BYTES, SLOT_TRACE_BYTES};
pub use tree::{CAPACITY, DEPTH, SHARDS, Tree};
