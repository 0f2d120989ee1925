//! Accounts as rows: index 4 ‖ account 76, big-endian, by ascending index.

use super::account::{ACCOUNT_BYTES, Account};
use super::tree::{CAPACITY, Tree};
use crate::error::{Code, CoreError, Result};

/// Bytes of a row.
/// Twin: packages/protocol/tree/account-row.ts ACCOUNT_ROW_BYTES.
pub const ROW_BYTES: usize = 4 + ACCOUNT_BYTES;

/// At most `most` rows, from the first account at `first` or above on.
pub fn write_rows(tree: &Tree, first: u32, most: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ROW_BYTES * most.min(tree.count()));
    for (index, account) in tree.accounts(first).take(most) {
        let mut row = [0; ROW_BYTES];
        row[..4].copy_from_slice(&index.to_be_bytes());
        account.write(&mut row[4..]);
        bytes.extend_from_slice(&row);
    }
    bytes
}

/// The accounts of rows; SNAPSHOT_DAMAGED when they are torn, out of order or out of range.
/// Twin: packages/protocol/tree/account-row.ts decodeAccountRows.
pub fn read_rows(bytes: &[u8]) -> Result<Vec<(u32, Account)>> {
    let damaged = |reason: String| {
        CoreError::new(Code::SnapshotDamaged, format!("the snapshot is damaged: {reason}")).with("reason", reason)
    };
    let (rows, rest) = bytes.as_chunks::<ROW_BYTES>();
    if !rest.is_empty() {
        return Err(damaged("it was cut".to_owned()));
    }
    let mut accounts: Vec<(u32, Account)> = Vec::with_capacity(rows.len());
    for row in rows {
        let index = u32::from_be_bytes(row[..4].try_into().expect("4 bytes"));
        let last = accounts.last().map(|(index, _)| *index);
        let account = Account::read(row[4..].try_into().expect("76 bytes"));
        match account {
            Some(account) if index < CAPACITY && last.is_none_or(|last| index > last) => {
                accounts.push((index, account));
            }
            _ => return Err(damaged(format!("the account behind {}", last.map_or(-1, i64::from)))),
        }
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::samples::account;

    fn rows(indices: &[u32]) -> Vec<u8> {
        let row = |index: &u32| {
            let mut row = [0; ROW_BYTES];
            row[..4].copy_from_slice(&index.to_be_bytes());
            account(1, 2, 3).write(&mut row[4..]);
            row
        };
        indices.iter().flat_map(row).collect()
    }

    #[test]
    fn are_read_and_written_alike() {
        let bytes = rows(&[0, 7, 300, CAPACITY - 1]);
        let accounts = read_rows(&bytes).unwrap();
        assert_eq!(accounts.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 7, 300, CAPACITY - 1]);
        let mut tree = Tree::default();
        let leaves: Vec<_> = accounts.into_iter().map(|(index, account)| (index, Some(account))).collect();
        tree.commit(&leaves, &[]);
        assert_eq!(write_rows(&tree, 0, usize::MAX), bytes);
        assert_eq!(write_rows(&tree, 7, 2), bytes[ROW_BYTES..3 * ROW_BYTES]);
        assert_eq!(write_rows(&tree, 8, 9), bytes[2 * ROW_BYTES..]);
        assert_eq!(write_rows(&tree, CAPACITY - 1, 9), bytes[3 * ROW_BYTES..]);
    }

    #[test]
    fn that_are_torn_out_of_order_or_out_of_range_are_refused() {
        assert_eq!(read_rows(&[]).unwrap(), []);
        let mut key = rows(&[1]);
        key[4..36].fill(0xff);
        let torn = rows(&[1, 2])[..2 * ROW_BYTES - 1].to_vec();
        for bytes in [torn, rows(&[1, 1]), rows(&[2, 1]), rows(&[CAPACITY]), rows(&[u32::MAX]), key] {
            assert_eq!(read_rows(&bytes).unwrap_err().code, Code::SnapshotDamaged);
        }
    }
}
