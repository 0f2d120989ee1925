//! A tape ready to run, and how instances are spread over vectors and cores.

use super::execute::{Table, run};
use super::tape::Tape;
use super::vector::Vector;
use crate::error::{Code, CoreError, Result};
use crate::field::{FIELD_BYTES, limbs};
#[cfg(target_arch = "x86_64")]
use crate::lanes::field::{FrPrime, Lanes};
use crate::monitor::Monitor;
use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use rayon::prelude::*;

/// Vectors in each register. More share an inversion; fewer fit the cache and leave work for all cores.
const MANY_SCALARS: usize = 16;
const FEW_SCALARS: usize = 4;
#[cfg(target_arch = "x86_64")]
const LANE_VECTORS: usize = 2;
/// Fewer instances are faster one by one than in lanes that stay empty.
#[cfg(target_arch = "x86_64")]
const LANES_FROM: usize = 5;

/// A tape, checked, with its constants in the forms that this CPU wants.
pub struct Program {
    tape: Tape,
    scalar: Table<Fr>,
    /// Only where `crate::lanes::available()`.
    #[cfg(target_arch = "x86_64")]
    lanes: Option<Table<Lanes<FrPrime>>>,
}

impl Program {
    /// Takes a tape that has no fault. @panics if it has one: whoever decodes a tape checks it.
    pub fn new(tape: Tape) -> Self {
        assert_eq!(tape.fault(), None, "a tape with a fault must not be run");
        Self {
            scalar: Table::new(&tape.constants),
            #[cfg(target_arch = "x86_64")]
            lanes: crate::lanes::available().then(|| Table::new(&tape.constants)),
            tape,
        }
    }

    /// The same without lanes.
    #[cfg(test)]
    pub fn scalar(tape: Tape) -> Self {
        Self {
            #[cfg(target_arch = "x86_64")]
            lanes: None,
            ..Self::new(tape)
        }
    }

    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Witnesses of all instances, on all cores. `inputs`: for each instance the elements of its inputs in the tape's
    /// order; the result: for each instance its wires. All elements are 32 bytes, little-endian.
    ///
    /// Total: an instance that the circuit refuses gets values too, which break a constraint. INVARIANT_BROKEN when the
    /// length of `inputs` is not that of whole instances, OUT_OF_RANGE with `instance` and `input` for an element that is not
    /// below r, CANCELLED.
    pub fn run(&self, inputs: &[u8], monitor: &Monitor) -> Result<Vec<u8>> {
        let input_bytes = self.tape.input_count() * FIELD_BYTES;
        if input_bytes == 0 || !inputs.len().is_multiple_of(input_bytes) {
            let message = format!("{} bytes are not whole instances of {input_bytes} bytes", inputs.len());
            return Err(CoreError::new(Code::InvariantBroken, message));
        }
        self.check_range(inputs)?;
        let instances = inputs.len() / input_bytes;
        monitor.begin("witness", instances as u64)?;
        let mut witnesses = super::pages::zeroed(instances * self.tape.wires as usize * FIELD_BYTES);
        #[cfg(target_arch = "x86_64")]
        if let Some(table) = &self.lanes
            && instances >= LANES_FROM
        {
            self.run_lanes(table, inputs, &mut witnesses, monitor)?;
            return Ok(witnesses);
        }
        if instances >= MANY_SCALARS * rayon::current_num_threads() {
            self.run_scalar::<MANY_SCALARS>(inputs, &mut witnesses, monitor)?;
        } else {
            self.run_scalar::<FEW_SCALARS>(inputs, &mut witnesses, monitor)?;
        }
        Ok(witnesses)
    }

    fn run_scalar<const N: usize>(&self, inputs: &[u8], witnesses: &mut [u8], monitor: &Monitor) -> Result<()> {
        self.run_groups(inputs, witnesses, monitor, |registers: &mut Vec<[Fr; N]>, inputs, witnesses| {
            run(&self.tape, &self.scalar, registers, inputs, witnesses)
        })
    }

    #[cfg(target_arch = "x86_64")]
    fn run_lanes(
        &self,
        table: &Table<Lanes<FrPrime>>,
        inputs: &[u8],
        witnesses: &mut [u8],
        monitor: &Monitor,
    ) -> Result<()> {
        self.run_groups(
            inputs,
            witnesses,
            monitor,
            |registers: &mut Vec<[Lanes<FrPrime>; LANE_VECTORS]>, inputs, witnesses| {
                // SAFETY: the table exists only where the CPU has the extensions.
                unsafe { super::execute::run_lanes(&self.tape, table, registers, inputs, witnesses) }
            },
        )
    }

    /// Splits the instances into groups of WIDTH·N and runs them on all cores; each thread keeps its registers.
    fn run_groups<V: Vector, const N: usize>(
        &self,
        inputs: &[u8],
        witnesses: &mut [u8],
        monitor: &Monitor,
        run: impl Fn(&mut Vec<[V; N]>, &[u8], &mut [u8]) + Sync,
    ) -> Result<()> {
        let input_bytes = self.tape.input_count() * FIELD_BYTES;
        let wire_bytes = self.tape.wires as usize * FIELD_BYTES;
        let group = V::WIDTH * N;
        witnesses.par_chunks_mut(group * wire_bytes).zip(inputs.par_chunks(group * input_bytes)).try_for_each_init(
            Vec::new,
            |registers, (witnesses, inputs)| {
                run(registers, inputs, witnesses);
                monitor.advance((inputs.len() / input_bytes) as u64)
            },
        )
    }

    fn check_range(&self, inputs: &[u8]) -> Result<()> {
        let position = inputs.par_chunks_exact(FIELD_BYTES).position_first(|bytes| BigInt(limbs(bytes)) >= Fr::MODULUS);
        let Some(position) = position else { return Ok(()) };
        let (instance, element) = (position / self.tape.input_count(), position % self.tape.input_count());
        let input = self.tape.inputs.iter().rev().find(|input| input.first as usize <= element);
        let name = input.map_or("", |input| &input.name);
        let message = format!("input {name} of instance {instance} is not below the field modulus");
        Err(CoreError::new(Code::OutOfRange, message).with("instance", instance).with("input", name))
    }
}
