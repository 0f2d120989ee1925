//! Executed chunks as bytes: what a prover needs. The table stands in packages/protocol/engine/trace.ts.

use super::account::Account;
use super::node::{Node, from_u128, write_node};
use super::operation::OPERATION_BYTES;
use super::pass::Pass;
use super::paths::Paths;
use super::tree::{SHARDS, Tree};
use rayon::prelude::*;

const NODE_BYTES: usize = 32;
/// Bytes before the first slot of a chunk.
/// Twin: packages/protocol/engine/trace.ts SHARDS_BYTES.
pub const SHARDS_BYTES: usize = SHARDS * NODE_BYTES;
/// Operation, commitment, four fee sums, then twice a leaf of six elements and nine levels of four children, then two roots.
/// Twin: packages/protocol/engine/trace.ts SLOT_TRACE_BYTES.
pub const SLOT_TRACE_BYTES: usize = OPERATION_BYTES + NODE_BYTES * (1 + 4 + 2 * (6 + 9 * 4) + 2);

/// What the slots' bytes are made of.
pub struct Traces<'a> {
    pub tree: &'a Tree,
    pub pass: &'a Pass,
    pub paths: &'a Paths<'a>,
    /// Of all chunks.
    pub operations: &'a [[u8; OPERATION_BYTES]],
    /// Before each slot.
    pub commitments: &'a [Node],
}

impl Traces<'_> {
    /// The bytes of all chunks, one after the other; `slots` are how many each has.
    /// Twin: packages/protocol/engine/pack-trace.ts writeSlot.
    pub fn write(&self, slots: &[usize]) -> Vec<u8> {
        let starts: Vec<usize> = slots
            .iter()
            .scan(0, |end, count| {
                *end += 2 * count;
                Some(*end - 2 * count)
            })
            .collect();
        let (roots, shards) = self.paths.shard_roots(self.pass, &starts);
        let all: usize = slots.iter().sum();
        let mut bytes = vec![0; slots.len() * SHARDS_BYTES + all * SLOT_TRACE_BYTES];
        let mut rest = bytes.as_mut_slice();
        let mut chunks = Vec::with_capacity(slots.len());
        for ((count, start), shards) in slots.iter().zip(&starts).zip(&shards) {
            let (header, after) = rest.split_at_mut(SHARDS_BYTES);
            header.chunks_exact_mut(NODE_BYTES).zip(shards).for_each(|(out, shard)| write_node(out, shard));
            let (chunk, after) = after.split_at_mut(count * SLOT_TRACE_BYTES);
            chunks.push((start / 2, chunk));
            rest = after;
        }
        chunks.into_par_iter().for_each(|(first, chunk)| {
            let slots = chunk.par_chunks_exact_mut(SLOT_TRACE_BYTES).enumerate();
            slots.for_each(|(slot, out)| self.slot(first + slot, &roots, out));
        });
        bytes
    }

    fn slot(&self, slot: usize, roots: &[Node], out: &mut [u8]) {
        let (operation, rest) = out.split_at_mut(OPERATION_BYTES);
        operation.copy_from_slice(&self.operations[slot]);
        let mut places = rest.chunks_exact_mut(NODE_BYTES);
        let mut put = |node: &Node| write_node(places.next().expect("SLOT_TRACE_BYTES counts them"), node);
        put(&self.commitments[slot]);
        self.pass.fees[slot].0.iter().for_each(&mut put);
        for access in [2 * slot, 2 * slot + 1] {
            leaf(self.pass.account_before(self.tree, &self.pass.accesses[access])).iter().for_each(&mut put);
            self.paths.before(access).for_each(|children| children.iter().for_each(&mut put));
        }
        roots[2 * slot..2 * slot + 2].iter().for_each(&mut put);
    }
}

/// 1 if it is empty, keyY, owner, tokenId, nonce, balance.
fn leaf(account: Option<&Account>) -> [Node; 6] {
    let number = |value: u32| [u64::from(value), 0, 0, 0];
    match account {
        None => [[1, 0, 0, 0], [0; 4], [0; 4], [0; 4], [0; 4], [0; 4]],
        Some(account) => [
            [0; 4],
            account.key_y,
            account.owner_node(),
            number(account.token),
            number(account.nonce),
            from_u128(account.balance),
        ],
    }
}
