//! Constraint systems: circom's .r1cs files as tiles, the layout that makes a chunk of them, their evaluation.

mod evaluate;
mod layout;
mod reader;
mod system;

pub use evaluate::{Products, check, evaluate};
pub use reader::{Matrix, TileCircuit};
pub use system::{Instance, System, Tile};
