//! Witnesses natively: circom's compiled calculator is traced once into a graph of field operations, the graph is
//! scheduled into a tape without branches, and the tape runs for many instances of the circuit at once.
//!
//! Nothing here is written by hand for a circuit: the tape computes what the calculator computes, by construction.
//! Where the calculator refuses an input, the tape still gives values; the constraint system refuses those.

mod algebra;
mod bits;
mod body;
mod choices;
mod circuit;
mod conditions;
mod execute;
mod file;
mod frame;
mod graph;
#[cfg(test)]
mod graph_tests;
mod integer;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod memory;
mod module;
mod pages;
mod program;
mod reader;
mod runtime;
mod schedule;
mod tape;
#[cfg(test)]
mod tests;
mod trace;
mod vector;
mod words;

pub use circuit::Input;
pub use file::{VERSION, build, load};
pub use program::Program;
pub use tape::Tape;
