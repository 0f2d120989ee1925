//! The nodes of a tree that a batch touches, level by level, under dense numbers.

use super::tree::DEPTH;

/// Touched nodes of one level by ascending position.
pub struct Level {
    pub positions: Vec<u32>,
    /// The number of each node's parent in the level above; none for the root.
    pub parents: Vec<u32>,
}

impl Level {
    /// Which of its parent's four children a node is.
    #[inline]
    pub fn digit(&self, node: u32) -> usize {
        self.positions[node as usize] as usize & 3
    }
}

/// All levels above some leaves, the root's first. `leaves` ascend, each once.
pub fn levels_above(leaves: Vec<u32>) -> Vec<Level> {
    let mut levels = Vec::with_capacity(DEPTH + 1);
    let mut positions = leaves;
    for _ in 0..DEPTH {
        let mut above: Vec<u32> = Vec::with_capacity(positions.len());
        let mut parents = Vec::with_capacity(positions.len());
        for position in &positions {
            if above.last() != Some(&(position >> 2)) {
                above.push(position >> 2);
            }
            parents.push(above.len() as u32 - 1);
        }
        levels.push(Level { positions: std::mem::replace(&mut positions, above), parents });
    }
    levels.push(Level { positions, parents: Vec::new() });
    levels.reverse();
    levels
}

/// Each item once, ascending.
pub fn unique(items: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut items: Vec<u32> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// The number of an item among ascending ones that contain it.
pub fn number_of(items: &[u32], item: u32) -> u32 {
    items.binary_search(&item).expect("every touched item is listed") as u32
}
