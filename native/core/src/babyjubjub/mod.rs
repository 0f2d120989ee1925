//! BabyJubJub and EdDSA-Poseidon (docs/protocol.md, Signature).

mod curve;
mod eddsa;
mod fixed_base;

pub use curve::{BASE8, Extended, Point, SUBGROUP_ORDER};
pub use eddsa::{SIGNATURE_ITEM_BYTES, Signature, verify, verify_batch};
