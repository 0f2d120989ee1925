//! c ← Poseidon(c, record, w0, w1, w2) over the slots of each chunk (docs/protocol.md, Chunk). A chain is sequential, so
//! each chunk has a lane.

use super::node::{Node, from_u128, hash_groups};
use super::operation::Operation;
use crate::poseidon::BLOCK;
use rayon::prelude::*;

/// Chains of one vector of the lanes: more chunks than that are worth another thread.
const CHAINS: usize = BLOCK / 2;

/// For each chunk the commitments before each slot, then that after the last one.
/// Twin: packages/protocol/state/chunk.ts nextCommitment.
pub fn commitments(chunks: &[&[Operation]]) -> Vec<Vec<Node>> {
    // Two vectors hide each other's latency: one thread takes sixteen chunks in little more time than eight.
    let size = chunks.len().div_ceil(rayon::current_num_threads()).clamp(CHAINS.min(chunks.len()).max(1), BLOCK);
    chunks.par_chunks(size).flat_map_iter(chains).collect()
}

fn chains(chunks: &[&[Operation]]) -> Vec<Vec<Node>> {
    let mut chains: Vec<Vec<Node>> = chunks.iter().map(|chunk| Vec::with_capacity(chunk.len() + 1)).collect();
    chains.iter_mut().for_each(|chain| chain.push([0; 4]));
    let longest = chunks.iter().map(|chunk| chunk.len()).max().unwrap_or(0);
    for slot in 0..longest {
        let running: Vec<usize> = (0..chunks.len()).filter(|chunk| slot < chunks[*chunk].len()).collect();
        let mut groups = [[[0; 4]; 5]; BLOCK];
        for (group, chunk) in groups.iter_mut().zip(&running) {
            let Operation { record, words: [w0, w1, w2], .. } = chunks[*chunk][slot];
            *group = [chains[*chunk][slot], from_u128(record), w0, w1, w2];
        }
        let mut out = [[0; 4]; BLOCK];
        let out = &mut out[..running.len()];
        hash_groups(&groups[..running.len()], out);
        running.iter().zip(out).for_each(|(chunk, commitment)| chains[*chunk].push(*commitment));
    }
    chains
}
