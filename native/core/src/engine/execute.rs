//! A batch on a tree, from bytes to bytes: the tree itself stays as it is.

use super::batch::{Batch, Execution, Operations, Options};
use super::changes::write_changes;
use super::commitments::commitments;
use super::fold::{Versions, fold_to_root, last_of_chunks};
use super::levels::{levels_above, number_of, unique};
use super::memory::{Budget, working_bytes};
use super::node::{Node, hash_all};
use super::pass::{ChunkSlots, Pass, run};
use super::paths::Paths;
use super::signatures::{Signatures, Verdicts};
use super::trace::Traces;
use super::tree::{DEPTH, LeafWrite, NodeWrites, SHARD_DEPTH, Tree};
use crate::error::Result;

/// What a batch writes to the tree.
#[derive(Default)]
pub struct Commit {
    pub leaves: Vec<LeafWrite>,
    /// By level.
    pub nodes: Vec<NodeWrites>,
}

/// Executes a batch. OUT_OF_RANGE for bytes that are no operations, RESOURCES_SHORT beyond the budget.
pub fn execute(tree: &Tree, batch: &Batch, options: Options, budget: Budget) -> Result<(Execution, Commit)> {
    budget.require(tree.bytes() + working_bytes(batch.slots(), options.traces))?;
    let operations = batch.read()?;
    let chunks = batch.chunk_slots(&operations.list);
    let pass = judged_pass(tree, batch, &operations.list, &chunks, options.stop);
    if !pass.refusals.is_empty() {
        return Ok((Execution { refusals: pass.refusals, ..Execution::default() }, Commit::default()));
    }
    let last = pass.last_writes();
    let written: Vec<u32> = last.iter().map(|(index, _)| *index).collect();
    budget.require(tree.bytes() + tree.added_bytes(&written) + working_bytes(batch.slots(), options.traces))?;
    let (mut execution, nodes) = hash(tree, &pass, &operations, &chunks, options);
    execution.changes = write_changes(tree, &last);
    let leaves = last.into_iter().map(|(index, account)| (index, Some(account))).collect();
    Ok((execution, Commit { leaves, nodes }))
}

/// The pass with its signatures judged. Records are first executed as if all signatures were valid; when one is not, what
/// follows may have been executed on another state than its own, so the pass is repeated with the verdicts.
fn judged_pass(
    tree: &Tree,
    batch: &Batch,
    operations: &[super::operation::Operation],
    chunks: &[ChunkSlots],
    stop: bool,
) -> Pass {
    let Batch { signatures, domain, .. } = batch;
    if matches!(signatures, Signatures::Believed) {
        return run(tree, chunks, stop, |_, _, _| true);
    }
    let mut claims = Vec::with_capacity(operations.len());
    let pass = run(tree, chunks, stop, |slot, operation, claim| {
        let signed = operation.authorization.is_some();
        if signed {
            claims.push((slot, claim()));
        }
        signed
    });
    let verdicts = Verdicts::of(signatures, *domain, claims, |slot| &operations[slot]);
    if verdicts.all_hold() {
        return pass;
    }
    run(tree, chunks, stop, |slot, operation, claim| {
        operation.authorization.is_some() && verdicts.on(slot, operation, &claim())
    })
}

/// Roots, commitments and traces of an accepted pass, with the new nodes of each level.
fn hash(
    tree: &Tree,
    pass: &Pass,
    operations: &Operations,
    chunks: &[ChunkSlots],
    options: Options,
) -> (Execution, Vec<NodeWrites>) {
    let slots: Vec<usize> = chunks.iter().map(|chunk| chunk.operations.len()).collect();
    let lists: Vec<_> = chunks.iter().map(|chunk| chunk.operations).collect();
    let with_commitments = options.commitments || options.traces;
    let chains = || if with_commitments { commitments(&lists) } else { Vec::new() };
    if !options.traces {
        let (chains, (roots, nodes)) = rayon::join(chains, || final_roots(tree, pass, chunks.len()));
        let execution = Execution { roots, commitments: ends_of(&chains), ..Execution::default() };
        return (execution, nodes);
    }
    let levels = levels_above(unique(pass.accesses.iter().map(|access| access.index)));
    let mut nodes = vec![Vec::new(); DEPTH + 1];
    let paths = || {
        let leaves = hash_all(pass.writes.len(), |write, inputs| *inputs = pass.writes[write].account.leaf_inputs());
        Paths::new(tree, &levels, pass, leaves)
    };
    let (chains, paths) = rayon::join(chains, paths);
    paths.newest(pass, &mut nodes);
    let (of, hashes) = paths.shards(pass);
    let kept = last_of_chunks(of.into_iter());
    let versions = Versions {
        events: kept.iter().map(|(chunk, node, _)| (*chunk, *node)).collect(),
        hashes: kept.iter().map(|(_, _, write)| hashes[*write as usize]).collect(),
    };
    let roots = fold_to_root(tree, &levels, SHARD_DEPTH, versions, chunks.len(), &mut nodes);
    let before: Vec<Node> = chains.iter().flat_map(|chain| &chain[..chain.len() - 1]).copied().collect();
    let traces = Traces { tree, pass, paths: &paths, operations: operations.bytes, commitments: &before };
    let execution =
        Execution { roots, commitments: ends_of(&chains), traces: traces.write(&slots), ..Execution::default() };
    (execution, nodes)
}

fn ends_of(chains: &[Vec<Node>]) -> Vec<Node> {
    chains.iter().map(|chain| *chain.last().expect("a chain begins with 0")).collect()
}

/// The root after each chunk, every touched node hashed once for each, and the new nodes of each level.
fn final_roots(tree: &Tree, pass: &Pass, chunks: usize) -> (Vec<Node>, Vec<NodeWrites>) {
    let levels = levels_above(unique(pass.writes.iter().map(|write| write.index)));
    let positions = &levels[DEPTH].positions;
    let of = pass.writes.iter().map(|write| (write.chunk, number_of(positions, write.index)));
    let kept = last_of_chunks(of);
    let hashes = hash_all(kept.len(), |at, inputs| *inputs = pass.writes[kept[at].2 as usize].account.leaf_inputs());
    let events = kept.iter().map(|(chunk, node, _)| (*chunk, *node)).collect();
    let mut nodes = vec![Vec::new(); DEPTH + 1];
    let roots = fold_to_root(tree, &levels, DEPTH, Versions { events, hashes }, chunks, &mut nodes);
    (roots, nodes)
}

/// New contents of leaves by ascending index, with the nodes above them hashed.
pub fn hash_leaves(tree: &Tree, leaves: &[LeafWrite]) -> Vec<NodeWrites> {
    let levels = levels_above(leaves.iter().map(|(index, _)| *index).collect());
    let full: Vec<_> = leaves.iter().filter_map(|(_, account)| account.as_ref()).collect();
    let mut hashes = hash_all(full.len(), |at, inputs| *inputs = full[at].leaf_inputs()).into_iter();
    let mut leaf = |account: &Option<_>| account.as_ref().map_or([0; 4], |_| hashes.next().expect("one a full leaf"));
    let hashes = leaves.iter().map(|(_, account)| leaf(account)).collect();
    let events = (0..leaves.len() as u32).map(|node| (0, node)).collect();
    let mut nodes = vec![Vec::new(); DEPTH + 1];
    fold_to_root(tree, &levels, DEPTH, Versions { events, hashes }, 1, &mut nodes);
    nodes
}
