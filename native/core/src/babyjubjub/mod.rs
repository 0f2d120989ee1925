//! BabyJubJub and EdDSA-Poseidon (docs/protocol.md, Signature).

mod base_points;
mod blake512;
mod curve;
mod decompress;
mod eddsa;
mod fixed_base;
mod sign;

pub use base_points::base_points;
pub use curve::{A, BASE8, D, Extended, Point, SUBGROUP_ORDER};
pub use decompress::{usable_keys, x_coordinates};
pub use eddsa::{SIGNATURE_ITEM_BYTES, Signature, reduce, verify, verify_batch, verify_block};
pub use fixed_base::{base_multiples, multiply_base};
pub use sign::{SECRET_BYTES, SIGN_ITEM_BYTES, SIGNED_BYTES, sign_batch};
