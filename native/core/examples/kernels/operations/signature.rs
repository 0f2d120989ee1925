//! EdDSA verification of many signatures.

use crate::best;
use ark_bn254::Fr;
use quittance_core::babyjubjub::{BASE8, SIGNATURE_ITEM_BYTES, verify_batch};
use quittance_core::field::bytes;

const ITEMS: usize = 1 << 10;

/// Nanoseconds a signature. Key and R8 are B8 and S is 1: invalid, but found out only at the end.
pub fn verify() -> f64 {
    let one = Fr::from(1u64);
    let item: Vec<u8> = [BASE8.x, BASE8.y, BASE8.x, BASE8.y, one, one].iter().flat_map(bytes).collect();
    assert_eq!(item.len(), SIGNATURE_ITEM_BYTES);
    let items = item.repeat(ITEMS);
    best(|| verify_batch(&items).expect("whole items")) / ITEMS as f64
}
