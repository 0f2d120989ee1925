//! Accounts with their Merkle tree, in memory (docs/protocol.md, State).
//!
//! All 2^24 accounts with their nodes take 2.1 GB; spread so thinly that each has pages of its own, so many fewer do too.

use super::account::Account;
use super::node::{Node, hash_one};
use super::pages::Pages;
use std::sync::OnceLock;

/// Levels between the root and the leaves.
pub const DEPTH: usize = 12;
/// Levels between the root and the shards.
pub const SHARD_DEPTH: usize = 3;
/// Nodes three levels below the root.
pub const SHARDS: usize = 64;
/// Leaves of the tree.
pub const CAPACITY: u32 = 1 << (2 * DEPTH);

/// Nodes of empty subtrees, by level; the leaf is 0.
pub fn empty_nodes() -> &'static [Node; DEPTH + 1] {
    static EMPTY: OnceLock<[Node; DEPTH + 1]> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let mut nodes = [[0; 4]; DEPTH + 1];
        for level in (0..DEPTH).rev() {
            nodes[level] = hash_one(&[nodes[level + 1]; 4]);
        }
        nodes
    })
}

/// The node of `level` on the path of an index.
pub fn ancestor(index: u32, level: usize) -> u32 {
    index >> (2 * (DEPTH - level))
}

/// A leaf's new content, which is written together with others.
pub type LeafWrite = (u32, Option<Account>);

/// Nodes of one level by ascending position, to be written.
pub type NodeWrites = Vec<(u32, Node)>;

/// All accounts and all nodes.
pub struct Tree {
    /// By level; the root is level 0.
    nodes: Vec<Pages<Node>>,
    accounts: Pages<Option<Account>>,
    count: usize,
}

impl Default for Tree {
    fn default() -> Self {
        let nodes = (0..=DEPTH).map(|level| Pages::new(1 << (2 * level), empty_nodes()[level])).collect();
        Self { nodes, accounts: Pages::new(CAPACITY as usize, None), count: 0 }
    }
}

impl Tree {
    /// The account at an index below `CAPACITY`.
    #[inline]
    pub fn account(&self, index: u32) -> Option<&Account> {
        self.accounts.get(index).as_ref()
    }

    /// How many leaves are not empty.
    pub fn count(&self) -> usize {
        self.count
    }

    pub fn root(&self) -> Node {
        *self.nodes[0].get(0)
    }

    /// The four children of a node.
    #[inline]
    pub fn children(&self, level: usize, position: u32) -> [Node; 4] {
        self.nodes[level + 1].siblings(position)
    }

    pub fn shards(&self) -> [Node; SHARDS] {
        std::array::from_fn(|shard| *self.nodes[SHARD_DEPTH].get(shard as u32))
    }

    /// Bytes of all pages.
    pub fn bytes(&self) -> u64 {
        self.accounts.bytes() + self.nodes.iter().map(Pages::bytes).sum::<u64>()
    }

    /// Bytes that writing these leaves, by ascending index, adds.
    pub fn added_bytes(&self, leaves: &[u32]) -> u64 {
        let levels = self.nodes.iter().enumerate();
        let nodes = levels.map(|(level, pages)| pages.added_bytes(leaves.iter().map(|index| ancestor(*index, level))));
        self.accounts.added_bytes(leaves.iter().copied()) + nodes.sum::<u64>()
    }

    /// Writes leaves and the nodes above them, which the caller has hashed: `nodes[l]` are those of level l.
    pub fn commit(&mut self, leaves: &[LeafWrite], nodes: &[NodeWrites]) {
        for (index, account) in leaves {
            self.count -= usize::from(self.account(*index).is_some());
            self.count += usize::from(account.is_some());
            self.accounts.set(*index, *account);
        }
        for (pages, writes) in self.nodes.iter_mut().zip(nodes) {
            for (position, node) in writes {
                pages.set(*position, *node);
            }
        }
    }

    /// Accounts by ascending index, from `first` on.
    pub fn accounts(&self, first: u32) -> impl Iterator<Item = (u32, &Account)> {
        use super::pages::PAGE;
        let pages = self.accounts.existing(first as usize / PAGE);
        let items = pages.flat_map(|(number, page)| {
            page.iter().enumerate().map(move |(offset, account)| ((number * PAGE + offset) as u32, account))
        });
        items.filter(move |(index, _)| *index >= first).filter_map(|(index, account)| Some((index, account.as_ref()?)))
    }
}
