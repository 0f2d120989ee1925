//! The leaves that a batch changed, as bytes. The table stands in packages/protocol/engine/changes.ts.

use super::account::{ACCOUNT_BYTES, Account};
use super::tree::Tree;

/// Bytes of a row.
/// Twin: packages/protocol/engine/changes.ts CHANGE_BYTES.
pub const CHANGE_BYTES: usize = 8 + 2 * ACCOUNT_BYTES;

/// Rows of leaves by ascending index: each as the tree has it, and as it becomes.
/// Twin: packages/protocol/engine/changes.ts encodeLeafChanges.
pub fn write_changes(tree: &Tree, leaves: &[(u32, Account)]) -> Vec<u8> {
    let mut bytes = vec![0; leaves.len() * CHANGE_BYTES];
    for (out, (index, after)) in bytes.chunks_exact_mut(CHANGE_BYTES).zip(leaves) {
        let before = tree.account(*index);
        out[..4].copy_from_slice(&index.to_be_bytes());
        out[4] = u8::from(before.is_some()) | 2;
        if let Some(before) = before {
            before.write(&mut out[8..8 + ACCOUNT_BYTES]);
        }
        after.write(&mut out[8 + ACCOUNT_BYTES..]);
    }
    bytes
}
