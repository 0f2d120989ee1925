//! BN254's groups: stored points, multiples of a fixed base, sums of products (MSM).

mod group;
mod stored;

pub use group::Group;
pub use stored::{Stored, StoredG1, StoredG2, fq_from_stored, fq_to_stored};
