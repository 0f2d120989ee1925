//! New versions of nodes, one a write: every leaf write has a time, and what a node's siblings were then is known once the
//! level below is done. So all writes of a level are hashed at once, and nothing depends on how accounts spread.

use super::fold::{newest_of, resolve};
use super::levels::{Level, number_of};
use super::node::{Node, hash_all};
use super::pass::{NONE, Pass};
use super::tree::{DEPTH, NodeWrites, SHARD_DEPTH, SHARDS, Tree};

/// The accesses of a batch on one level.
struct PathLevel {
    /// The touched node of each access.
    nodes: Vec<u32>,
    /// For each access the newest version of each of the node's children before it, or `NONE`.
    children: Vec<[u32; 4]>,
    /// The node after each write.
    hashes: Vec<Node>,
}

/// Every node after every write, from the leaves up to the shards.
pub struct Paths<'a> {
    tree: &'a Tree,
    levels: &'a [Level],
    /// From the shards' level on.
    path: Vec<PathLevel>,
}

impl<'a> Paths<'a> {
    /// `leaves` are the hashes of the pass's writes; `levels` are those above all accesses.
    pub fn new(tree: &'a Tree, levels: &'a [Level], pass: &Pass, leaves: Vec<Node>) -> Self {
        let positions = &levels[DEPTH].positions;
        let nodes: Vec<u32> = pass.accesses.iter().map(|access| number_of(positions, access.index)).collect();
        let mut path = vec![PathLevel { nodes, children: Vec::new(), hashes: leaves }];
        for above in (SHARD_DEPTH..DEPTH).rev() {
            let below = path.last().expect("the leaves are there");
            let level = lift(tree, above, levels, pass, below);
            path.push(level);
        }
        path.reverse();
        Self { tree, levels, path }
    }

    /// New nodes of each level from the shards' on, by ascending position.
    pub fn newest(&self, pass: &Pass, nodes: &mut [NodeWrites]) {
        for (offset, path) in self.path.iter().enumerate() {
            let level = SHARD_DEPTH + offset;
            let written = pass.writes.iter().map(|write| path.nodes[write.access as usize]);
            nodes[level] = newest_of(&self.levels[level], written, &path.hashes);
        }
    }

    /// Chunk and shard of each write, and the shard's root after it.
    pub fn shards(&self, pass: &Pass) -> (Vec<(u32, u32)>, &[Node]) {
        let shards = &self.path[0];
        let of = |write: &super::pass::Write| (write.chunk, shards.nodes[write.access as usize]);
        (pass.writes.iter().map(of).collect(), &shards.hashes)
    }

    /// The four children of each node on the path of an access before it: nine levels, the shard's root first.
    pub fn before(&self, access: usize) -> impl Iterator<Item = [Node; 4]> {
        (SHARD_DEPTH..DEPTH).map(move |level| self.children(level, access))
    }

    fn children(&self, level: usize, access: usize) -> [Node; 4] {
        let (path, below) = (&self.path[level - SHARD_DEPTH], &self.path[level - SHARD_DEPTH + 1]);
        let position = self.levels[level].positions[path.nodes[access] as usize];
        resolve(self.tree.children(level, position), &path.children[access], &below.hashes)
    }

    /// For each access the root of its shard after it; and all shards before each of `starts`, ascending counts of accesses.
    pub fn shard_roots(&self, pass: &Pass, starts: &[usize]) -> (Vec<Node>, Vec<[Node; SHARDS]>) {
        let mut shards = self.tree.shards();
        let mut after = Vec::with_capacity(pass.accesses.len());
        let mut before = Vec::with_capacity(starts.len());
        let mut starts = starts.iter().peekable();
        for (at, access) in pass.accesses.iter().enumerate() {
            while starts.next_if(|start| **start == at).is_some() {
                before.push(shards);
            }
            let shard = &mut shards[(access.index >> (2 * (DEPTH - SHARD_DEPTH))) as usize];
            if access.write != NONE {
                *shard = self.path[0].hashes[access.write as usize];
            }
            after.push(*shard);
        }
        starts.for_each(|_| before.push(shards));
        (after, before)
    }
}

/// One level up: what each access finds there, and what each write makes of it.
fn lift(tree: &Tree, above: usize, levels: &[Level], pass: &Pass, below: &PathLevel) -> PathLevel {
    let (level, parents) = (&levels[above + 1], &levels[above]);
    let mut latest = vec![[NONE; 4]; parents.positions.len()];
    let mut nodes = Vec::with_capacity(pass.accesses.len());
    let mut children = Vec::with_capacity(pass.accesses.len());
    for (access, node) in pass.accesses.iter().zip(&below.nodes) {
        let parent = level.parents[*node as usize];
        let known = &mut latest[parent as usize];
        nodes.push(parent);
        children.push(*known);
        if access.write != NONE {
            known[level.digit(*node)] = access.write;
        }
    }
    let hashes = hash_all(pass.writes.len(), |write, inputs: &mut [Node; 4]| {
        let access = pass.writes[write].access as usize;
        let position = parents.positions[nodes[access] as usize];
        *inputs = resolve(tree.children(above, position), &children[access], &below.hashes);
        inputs[level.digit(below.nodes[access])] = below.hashes[write];
    });
    PathLevel { nodes, children, hashes }
}
