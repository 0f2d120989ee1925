//! Groth16 over a tiled chunk: development setup, key files, prover, verifier.

mod coset;
mod development;
mod domain;
mod import;
mod key;
mod proof;
mod prover;
mod qap;
mod quotient;
mod setup;
mod verifying_key;
mod writer;
mod zkey;
mod zkey_header;
mod zkey_reader;

pub(crate) use domain::root_of_unity;
pub use import::{Imported, import_zkey};
pub use key::{ProvingKey, digest_file};
pub use proof::Proof;
pub use prover::{Blinding, Proven, Prover, Timings, read_witness};
pub use quotient::quotient;
pub use setup::set_up_development;
pub use verifying_key::{VerifyingKey, verify};
pub use zkey::export_zkey;
