//! Accounts: the content of leaves, their bytes and their hashes (docs/protocol.md, State).

use super::node::{Node, is_field_element};

/// Bytes of an account: keyY 32 ‖ owner 20 ‖ tokenId 4 ‖ nonce 4 ‖ balance 16, all big-endian.
/// Twin: packages/protocol/tree/account-row.ts ACCOUNT_BYTES.
pub const ACCOUNT_BYTES: usize = 76;

/// The content of a leaf that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Account {
    pub key_y: Node,
    pub balance: u128,
    /// 20 bytes, big-endian.
    pub owner: [u8; 20],
    pub token: u32,
    pub nonce: u32,
}

impl Account {
    /// The owner as an integer of 160 bits.
    pub fn owner_node(&self) -> Node {
        let limb = |range: std::ops::Range<usize>| {
            self.owner[range].iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
        };
        [limb(12..20), limb(4..12), limb(0..4), 0]
    }

    /// owner + 2^160·token.
    /// Twin: packages/protocol/tree/leaf.ts packOwnerAndToken.
    pub fn owner_and_token(&self) -> Node {
        let mut packed = self.owner_node();
        packed[2] |= u64::from(self.token) << 32;
        packed
    }

    /// What the hash of the leaf is made of.
    pub fn leaf_inputs(&self) -> [Node; 4] {
        let balance = [self.balance as u64, (self.balance >> 64) as u64, 0, 0];
        [self.key_y, self.owner_node(), [u64::from(self.token) | u64::from(self.nonce) << 32, 0, 0, 0], balance]
    }

    /// Reads an account's bytes; None when keyY is not below r.
    pub fn read(bytes: &[u8; ACCOUNT_BYTES]) -> Option<Self> {
        let limb = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let key_y = [limb(24), limb(16), limb(8), limb(0)];
        let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        let account = Self {
            key_y,
            owner: bytes[32..52].try_into().expect("20 bytes"),
            token: word(52),
            nonce: word(56),
            balance: u128::from_be_bytes(bytes[60..].try_into().expect("16 bytes")),
        };
        is_field_element(&key_y).then_some(account)
    }

    /// Writes the account's bytes.
    pub fn write(&self, out: &mut [u8]) {
        for (out, limb) in out[..32].chunks_exact_mut(8).zip(self.key_y.iter().rev()) {
            out.copy_from_slice(&limb.to_be_bytes());
        }
        out[32..52].copy_from_slice(&self.owner);
        out[52..56].copy_from_slice(&self.token.to_be_bytes());
        out[56..60].copy_from_slice(&self.nonce.to_be_bytes());
        out[60..ACCOUNT_BYTES].copy_from_slice(&self.balance.to_be_bytes());
    }
}

/// The owner and token of owner + 2^160·token, which has at most 192 bits.
/// Twin: packages/protocol/tree/leaf.ts unpackOwnerAndToken.
pub fn unpack_owner_and_token(packed: &Node) -> ([u8; 20], u32) {
    let mut owner = [0; 20];
    owner[12..].copy_from_slice(&packed[0].to_be_bytes());
    owner[4..12].copy_from_slice(&packed[1].to_be_bytes());
    owner[..4].copy_from_slice(&(packed[2] as u32).to_be_bytes());
    (owner, (packed[2] >> 32) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::Fr;
    use ark_ff::PrimeField;

    #[test]
    fn bytes_and_packed_owners_come_back() {
        let owner: [u8; 20] = std::array::from_fn(|at| at as u8 + 1);
        let modulus = Fr::MODULUS.0;
        let key_y = [modulus[0] - 1, modulus[1], modulus[2], modulus[3]];
        let account = Account { key_y, balance: u128::MAX - 5, owner, token: 0x0102_0304, nonce: u32::MAX };
        let mut bytes = [0; ACCOUNT_BYTES];
        account.write(&mut bytes);
        assert_eq!(Account::read(&bytes), Some(account));
        assert_eq!(
            (bytes[0], &bytes[32..52], &bytes[52..60]),
            (0x30, &owner[..], &[1, 2, 3, 4, 255, 255, 255, 255][..])
        );
        assert_eq!(unpack_owner_and_token(&account.owner_and_token()), (owner, account.token));
        assert_eq!(account.owner_node(), [0x0d0e_0f10_1112_1314, 0x0506_0708_090a_0b0c, 0x0102_0304, 0]);
        // r itself is no key.
        bytes[31] += 1;
        assert_eq!(Account::read(&bytes), None);
    }
}
