//! Operations and accounts for tests.

use super::account::Account;
use super::node::{Node, from_u128, write_node};
use super::operation::{OPERATION_BYTES, Operation};

/// A record's fields.
#[derive(Clone, Copy, Default)]
pub struct Fields {
    pub kind: u8,
    pub from: u32,
    pub to: u32,
    /// float40 as encoded.
    pub amount: u64,
    /// float16 as encoded.
    pub fee: u16,
}

/// A packed operation without authorization.
pub fn packed(fields: Fields, words: [Node; 3]) -> [u8; OPERATION_BYTES] {
    let mut bytes = [0; OPERATION_BYTES];
    let record = u128::from(fields.kind) << 120
        | u128::from(fields.from) << 88
        | u128::from(fields.to) << 56
        | u128::from(fields.amount) << 16
        | u128::from(fields.fee);
    bytes[..16].copy_from_slice(&record.to_le_bytes());
    for (out, word) in bytes[32..128].chunks_exact_mut(32).zip(&words) {
        write_node(out, word);
    }
    bytes
}

/// The same, read.
pub fn operation(fields: Fields, words: [Node; 3]) -> Operation {
    Operation::read(&packed(fields, words), 0).expect("the sample is an operation")
}

/// An account that differs from others by its number.
pub fn account(number: u8, token: u32, balance: u128) -> Account {
    Account { key_y: [u64::from(number), 7, 0, 1 << 60], owner: [number; 20], token, nonce: 5, balance }
}

/// The words of a deposit of `amount` to an account.
pub fn deposit_words(account: &Account, amount: u128) -> [Node; 3] {
    [account.key_y, account.owner_and_token(), from_u128(amount)]
}
