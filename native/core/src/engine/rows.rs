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
