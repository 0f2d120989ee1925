//! New versions of nodes, one a chunk: the roots after each chunk, with every touched node hashed once for each.

use super::levels::Level;
use super::node::{Node, hash_all};
use super::pass::NONE;
use super::tree::{NodeWrites, Tree};

/// Nodes of one level at the ends of chunks, ordered by chunk, then by position.
#[derive(Default)]
pub struct Versions {
    /// Chunk and node of each.
    pub events: Vec<(u32, u32)>,
    pub hashes: Vec<Node>,
}

/// Of writes in the order in which they are made, the last of each chunk and node: (chunk, node, write), ordered.
pub fn last_of_chunks(writes: impl Iterator<Item = (u32, u32)>) -> Vec<(u32, u32, u32)> {
    let mut last: Vec<(u32, u32, u32)> = Vec::new();
    let mut ordered: Vec<_> = (0..).zip(writes).map(|(write, (chunk, node))| (chunk, node, write)).collect();
    ordered.sort_unstable();
    for entry in ordered {
        match last.last_mut() {
            Some(previous) if (previous.0, previous.1) == (entry.0, entry.1) => *previous = entry,
            _ => last.push(entry),
        }
    }
    last
}

impl Versions {
    /// The last version of each node that has one, by ascending position.
    pub fn newest(&self, level: &Level) -> NodeWrites {
        let nodes = self.events.iter().map(|(_, node)| *node);
        newest_of(level, nodes, &self.hashes)
    }

    /// The versions of the nodes above, which are on level `above`.
    pub fn fold(&self, tree: &Tree, above: usize, level: &Level, parents: &Level) -> Self {
        let mut latest = vec![[NONE; 4]; parents.positions.len()];
        let mut events: Vec<(u32, u32)> = Vec::with_capacity(self.events.len());
        let mut children: Vec<[u32; 4]> = Vec::with_capacity(self.events.len());
        for (version, (chunk, node)) in (0..).zip(&self.events) {
            let parent = level.parents[*node as usize];
            let known = &mut latest[parent as usize];
            known[level.digit(*node)] = version;
            if events.last() == Some(&(*chunk, parent)) {
                *children.last_mut().expect("as many as events") = *known;
            } else {
                events.push((*chunk, parent));
                children.push(*known);
            }
        }
        let hashes = hash_all(events.len(), |at, inputs: &mut [Node; 4]| {
            let position = parents.positions[events[at].1 as usize];
            *inputs = resolve(tree.children(above, position), &children[at], &self.hashes);
        });
        Self { events, hashes }
    }
}

/// Children of a node: those of the tree, with newer versions in their places.
#[inline]
pub fn resolve(mut children: [Node; 4], versions: &[u32; 4], hashes: &[Node]) -> [Node; 4] {
    for (child, version) in children.iter_mut().zip(versions) {
        if *version != NONE {
            *child = hashes[*version as usize];
        }
    }
    children
}

/// Of the versions of nodes in the order in which they are made, the last of each node, by ascending position.
pub fn newest_of(level: &Level, nodes: impl Iterator<Item = u32>, hashes: &[Node]) -> NodeWrites {
    let mut last = vec![NONE; level.positions.len()];
    for (version, node) in (0..).zip(nodes) {
        last[node as usize] = version;
    }
    let written = level.positions.iter().zip(last).filter(|(_, version)| *version != NONE);
    written.map(|(position, version)| (*position, hashes[version as usize])).collect()
}

/// Folds versions on level `from` up to the root. Each level's new nodes go to `nodes`; the root after each of
/// `chunks`, with that before the first in front.
pub fn fold_to_root(
    tree: &Tree,
    levels: &[Level],
    from: usize,
    mut versions: Versions,
    chunks: usize,
    nodes: &mut [NodeWrites],
) -> Vec<Node> {
    nodes[from] = versions.newest(&levels[from]);
    for above in (0..from).rev() {
        versions = versions.fold(tree, above, &levels[above + 1], &levels[above]);
        nodes[above] = versions.newest(&levels[above]);
    }
    let mut roots = vec![tree.root(); chunks + 1];
    let mut next = versions.events.iter().zip(&versions.hashes).peekable();
    for chunk in 0..chunks {
        roots[chunk + 1] = match next.next_if(|((of, _), _)| *of as usize == chunk) {
            Some((_, root)) => *root,
            None => roots[chunk],
        };
    }
    roots
}
