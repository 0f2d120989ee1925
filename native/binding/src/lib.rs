//! Node-API binding of rollup-core: conversions only. `native/index.ts` is the one caller.

mod error;
mod hash;
mod integer;
mod signature;
