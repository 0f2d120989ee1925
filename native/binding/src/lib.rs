//! Node-API binding of quittance-core: conversions only. `native/index.ts` is the one caller.

mod buffer;
mod channels;
mod circuit;
mod engine;
mod error;
mod hash;
mod integer;
mod job;
mod prover;
mod signature;
mod witness;
