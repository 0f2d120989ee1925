//! Witness tapes for JavaScript.

use crate::job::{Background, Job, background};
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi_derive::napi;
use quittance_core::witness::{self, Program};
use std::path::PathBuf;
use std::sync::Arc;

/// A circuit's witness calculator, ready to run.
#[napi]
pub struct WitnessTape {
    inner: Arc<Program>,
}

/// An input of the circuit: its name and how many elements it has.
#[napi(object)]
pub struct WitnessInput {
    pub name: String,
    pub count: u32,
}

/// The version that tapes are written with.
#[napi]
pub fn witness_tape_version() -> u32 {
    u32::from(witness::VERSION)
}

/// Makes the tape of a compiled circuit from circom's .wasm and .sym files.
#[napi(ts_return_type = "Promise<void>")]
pub fn build_witness_tape(calculator: String, symbols: String, output: String) -> AsyncTask<Background<(), ()>> {
    let [calculator, symbols, output] = [calculator, symbols, output].map(PathBuf::from);
    background(move || witness::build(&calculator, &symbols, &output).map(drop), |()| ())
}

/// Loads a tape.
#[napi(ts_return_type = "Promise<WitnessTape>")]
pub fn open_witness_tape(path: String) -> AsyncTask<Background<Program, WitnessTape>> {
    background(
        move || witness::load(&PathBuf::from(path)).map(Program::new),
        |program| WitnessTape { inner: Arc::new(program) },
    )
}

#[napi]
impl WitnessTape {
    /// The inputs, in the order in which their elements are given.
    #[napi(getter)]
    pub fn inputs(&self) -> Vec<WitnessInput> {
        let inputs = self.inner.tape().inputs.iter();
        inputs.map(|input| WitnessInput { name: input.name.clone(), count: input.count }).collect()
    }

    #[napi(getter)]
    pub fn wires(&self) -> u32 {
        self.inner.tape().wires
    }

    /// Witnesses of all instances: 32 bytes per input element, 32 bytes per wire.
    #[napi(ts_return_type = "Promise<Uint8Array>")]
    pub fn calculate(&self, inputs: Uint8Array, job: &Job) -> AsyncTask<Background<Vec<u8>, Uint8Array>> {
        // A copy: JavaScript may write to its buffer while the work goes on.
        let (program, inputs, monitor) = (self.inner.clone(), inputs.to_vec(), job.monitor());
        background(move || program.run(&inputs, &monitor), Uint8Array::from)
    }
}
