//! Node-API binding of rollup-core: conversions only. `native/index.ts` is the one caller.

mod circuit;
mod error;
mod hash;
mod integer;
mod job;
mod prover;
mod signature;
mod witness;
