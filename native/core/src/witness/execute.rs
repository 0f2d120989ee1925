//! Runs a tape for many instances at once.

use super::integer::{Integer, Operator};
use super::tape::{Operation, Tape};
use super::vector::{MAX_WIDTH, Vector};
#[cfg(target_arch = "x86_64")]
use crate::lanes::field::{FrPrime, Lanes};
use crate::error::{Code, CoreError, Result};
use crate::field::{FIELD_BYTES, limbs};
use crate::monitor::Monitor;
use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use rayon::prelude::*;

/// Vectors that one run holds in each register. More share an inversion; fewer fit the cache.
const SCALAR_VECTORS: usize = 16;
#[cfg(target_arch = "x86_64")]
const LANE_VECTORS: usize = 4;

/// A tape, checked, with its constants in the form that this CPU wants.
pub struct Program {
    tape: Tape,
    constants: Constants,
}

enum Constants {
    Scalar(Table<Fr>),
    /// Only where `crate::lanes::available()`.
    #[cfg(target_arch = "x86_64")]
    Lanes(Table<Lanes<FrPrime>>),
}

/// The constants as elements and as integers.
struct Table<V: Vector> {
    elements: Vec<V::Constant>,
    integers: Vec<V::Constant>,
}

impl<V: Vector> Table<V> {
    fn new(constants: &[Fr]) -> Self {
        Self {
            elements: constants.iter().map(|value| V::element_constant(*value)).collect(),
            integers: constants.iter().map(|value| V::integer_constant(*value)).collect(),
        }
    }
}

impl Program {
    /// Takes a tape that has no fault. @panics if it has one: whoever decodes a tape checks it.
    pub fn new(tape: Tape) -> Self {
        assert_eq!(tape.fault(), None, "a tape with a fault must not be run");
        #[cfg(target_arch = "x86_64")]
        if crate::lanes::available() {
            let constants = Constants::Lanes(Table::new(&tape.constants));
            return Self { tape, constants };
        }
        let constants = Constants::Scalar(Table::new(&tape.constants));
        Self { tape, constants }
    }

    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Witnesses of all instances, on all cores. `inputs`: for each instance the elements of its inputs in the tape's
    /// order; the result: for each instance its wires. All elements are 32 bytes, little-endian.
    ///
    /// Total: an instance that the circuit refuses gets values too, which break a constraint. MALFORMED when the length
    /// of `inputs` is not that of whole instances, OUT_OF_RANGE with `instance` and `input` for an element that is not
    /// below r, CANCELLED.
    pub fn run(&self, inputs: &[u8], monitor: &Monitor) -> Result<Vec<u8>> {
        let input_bytes = self.tape.input_count() * FIELD_BYTES;
        let wire_bytes = self.tape.wires as usize * FIELD_BYTES;
        if input_bytes == 0 || inputs.len() % input_bytes != 0 {
            let message = format!("{} bytes are not whole instances of {input_bytes} bytes", inputs.len());
            return Err(CoreError::new(Code::Malformed, message));
        }
        self.check_range(inputs)?;
        monitor.begin("witness", (inputs.len() / input_bytes) as u64)?;
        let mut witnesses = vec![0; inputs.len() / input_bytes * wire_bytes];
        match &self.constants {
            Constants::Scalar(table) => self.run_groups::<Fr, SCALAR_VECTORS>(
                inputs,
                &mut witnesses,
                monitor,
                |registers, inputs, witnesses| run(&self.tape, table, registers, inputs, witnesses),
            )?,
            #[cfg(target_arch = "x86_64")]
            Constants::Lanes(table) => self.run_groups::<Lanes<FrPrime>, LANE_VECTORS>(
                inputs,
                &mut witnesses,
                monitor,
                // SAFETY: the table exists only where the CPU has the extensions.
                |registers, inputs, witnesses| unsafe { run_lanes(&self.tape, table, registers, inputs, witnesses) },
            )?,
        }
        Ok(witnesses)
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
        witnesses
            .par_chunks_mut(group * wire_bytes)
            .zip(inputs.par_chunks(group * input_bytes))
            .try_for_each_init(Vec::new, |registers, (witnesses, inputs)| {
                run(registers, inputs, witnesses);
                monitor.advance((inputs.len() / input_bytes) as u64)
            })
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

/// `run` for eight instances to a vector.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn run_lanes(
    tape: &Tape,
    table: &Table<Lanes<FrPrime>>,
    registers: &mut Vec<[Lanes<FrPrime>; LANE_VECTORS]>,
    inputs: &[u8],
    witnesses: &mut [u8],
) {
    run(tape, table, registers, inputs, witnesses);
}

/// Runs up to WIDTH·N instances in lockstep. Missing instances compute with zeros and are not written.
#[inline(always)]
fn run<V: Vector, const N: usize>(
    tape: &Tape,
    table: &Table<V>,
    registers: &mut Vec<[V; N]>,
    inputs: &[u8],
    witnesses: &mut [u8],
) {
    registers.resize(tape.registers as usize, [V::zero(); N]);
    let registers = registers.as_mut_slice();
    let input_stride = tape.input_count() * FIELD_BYTES;
    let wire_stride = tape.wires as usize * FIELD_BYTES;
    let instances = inputs.len() / input_stride;
    let mut index = 0;
    while index < tape.instructions.len() {
        let instruction = &tape.instructions[index];
        let (target, a, b, c) =
            (instruction.target as usize, instruction.a as usize, instruction.b as usize, instruction.c as usize);
        macro_rules! each {
            ($vector:ident => $value:expr) => {{
                for $vector in 0..N {
                    let value = $value;
                    registers[target][$vector] = value;
                }
            }};
        }
        macro_rules! each_pair {
            ($left:expr, $right:expr) => {{
                let (left, right) = ($left, $right);
                for pair in 0..N / 2 {
                    let (first, second) = (2 * pair, 2 * pair + 1);
                    let products =
                        V::multiply_pair([&left[first], &left[second]], [&right[first], &right[second]]);
                    registers[target][first] = products[0];
                    registers[target][second] = products[1];
                }
            }};
        }
        match instruction.operation {
            Operation::Input => {
                each!(vector => load::<V>(&inputs[a * FIELD_BYTES..], input_stride, vector, instances).to_element())
            }
            Operation::Constant => each!(_vector => V::broadcast(&table.elements[a])),
            Operation::IntegerConstant => each!(_vector => V::broadcast(&table.integers[a])),
            Operation::Add => each!(vector => registers[a][vector].add(&registers[b][vector])),
            Operation::Subtract => each!(vector => registers[a][vector].subtract(&registers[b][vector])),
            Operation::Multiply => each_pair!(registers[a], registers[b]),
            Operation::AddConstant => {
                let constant = V::broadcast(&table.elements[b]);
                each!(vector => registers[a][vector].add(&constant))
            }
            Operation::MultiplyConstant => each_pair!(registers[a], [V::broadcast(&table.elements[b]); N]),
            Operation::SubtractFrom => {
                let constant = V::broadcast(&table.elements[a]);
                each!(vector => constant.subtract(&registers[b][vector]))
            }
            Operation::Invert => {
                let count = tape.inversions_at(index);
                invert(&tape.instructions[index..index + count], registers);
                index += count - 1;
            }
            Operation::Select => {
                each!(vector => registers[a][vector].select(&registers[b][vector], &registers[c][vector]))
            }
            Operation::IsZero => each!(vector => registers[a][vector].is_zero()),
            Operation::Integer => each!(vector => registers[a][vector].to_integer()),
            Operation::Field => each!(vector => registers[a][vector].to_element()),
            Operation::Bit => each!(vector => registers[a][vector].bit(instruction.b)),
            Operation::Slice => each!(vector => registers[a][vector].slice(instruction.b, instruction.c)),
            Operation::Apply => {
                each!(vector => apply(Operator::ALL[c], &registers[a][vector], &registers[b][vector]))
            }
            Operation::Output => {
                for vector in 0..N {
                    store(&registers[a][vector], &mut witnesses[target * FIELD_BYTES..], wire_stride, vector, instances);
                }
            }
        }
        index += 1;
    }
}

/// Inverts a run of registers together.
#[inline(always)]
fn invert<V: Vector, const N: usize>(run: &[super::tape::Instruction], registers: &mut [[V; N]]) {
    let mut values = Vec::with_capacity(run.len() * N);
    for instruction in run {
        values.extend_from_slice(&registers[instruction.a as usize]);
    }
    V::invert_all(&mut values);
    for (instruction, values) in run.iter().zip(values.chunks_exact(N)) {
        registers[instruction.target as usize].copy_from_slice(values);
    }
}

/// An operator that vectors do not have: instance by instance.
#[inline(always)]
fn apply<V: Vector>(operator: Operator, a: &V, b: &V) -> V {
    let (mut left, mut right): ([Integer; MAX_WIDTH], [Integer; MAX_WIDTH]) = Default::default();
    a.store(&mut left);
    b.store(&mut right);
    for (left, right) in left[..V::WIDTH].iter_mut().zip(&right) {
        *left = operator.apply(*left, *right);
    }
    V::load(&left)
}

/// Integers of the instances of one vector, `stride` bytes apart.
#[inline(always)]
fn load<V: Vector>(bytes: &[u8], stride: usize, vector: usize, instances: usize) -> V {
    let mut values: [Integer; MAX_WIDTH] = Default::default();
    for lane in 0..V::WIDTH {
        let instance = vector * V::WIDTH + lane;
        if instance < instances {
            values[lane] = limbs(&bytes[instance * stride..][..FIELD_BYTES]);
        }
    }
    V::load(&values)
}

#[inline(always)]
fn store<V: Vector>(value: &V, bytes: &mut [u8], stride: usize, vector: usize, instances: usize) {
    let mut values: [Integer; MAX_WIDTH] = Default::default();
    value.store(&mut values);
    for lane in 0..V::WIDTH {
        let instance = vector * V::WIDTH + lane;
        if instance < instances {
            let target = &mut bytes[instance * stride..][..FIELD_BYTES];
            for (chunk, limb) in target.chunks_exact_mut(8).zip(values[lane]) {
                chunk.copy_from_slice(&limb.to_le_bytes());
            }
        }
    }
}
