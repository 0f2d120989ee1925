//! Runs a tape's instructions on a group of instances in lockstep.

use super::integer::{Integer, Operator};
use super::tape::{Instruction, Operation, Tape};
use super::vector::{MAX_WIDTH, Vector};
use crate::field::{FIELD_BYTES, limbs};
#[cfg(target_arch = "x86_64")]
use crate::lanes::field::{FrPrime, Lanes};
use ark_bn254::Fr;

/// A tape's constants as elements and as integers, in the form of a vector.
pub struct Table<V: Vector> {
    elements: Vec<V::Constant>,
    integers: Vec<V::Constant>,
}

impl<V: Vector> Table<V> {
    pub fn new(constants: &[Fr]) -> Self {
        Self {
            elements: constants.iter().map(|value| V::element_constant(*value)).collect(),
            integers: constants.iter().map(|value| V::integer_constant(*value)).collect(),
        }
    }
}

/// `run` for eight instances to a vector.
///
/// # Safety
/// `crate::lanes::available()`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
pub unsafe fn run_lanes<const N: usize>(
    tape: &Tape,
    table: &Table<Lanes<FrPrime>>,
    registers: &mut Vec<[Lanes<FrPrime>; N]>,
    inputs: &[u8],
    witnesses: &mut [u8],
) {
    run(tape, table, registers, inputs, witnesses);
}

/// Runs up to WIDTH·N instances, N even. Missing instances compute with zeros and are not written. The tape has no fault;
/// `inputs` and `witnesses` hold the same number of instances.
#[inline(always)]
pub fn run<V: Vector, const N: usize>(
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
                    let products = V::multiply_pair([&left[first], &left[second]], [&right[first], &right[second]]);
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
                    store(
                        &registers[a][vector],
                        &mut witnesses[target * FIELD_BYTES..],
                        wire_stride,
                        vector,
                        instances,
                    );
                }
            }
        }
        index += 1;
    }
}

/// Inverts a run of registers together.
#[inline(always)]
fn invert<V: Vector, const N: usize>(run: &[Instruction], registers: &mut [[V; N]]) {
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
    for (lane, value) in values[..V::WIDTH].iter_mut().enumerate() {
        let instance = vector * V::WIDTH + lane;
        if instance < instances {
            *value = limbs(&bytes[instance * stride..][..FIELD_BYTES]);
        }
    }
    V::load(&values)
}

#[inline(always)]
fn store<V: Vector>(value: &V, bytes: &mut [u8], stride: usize, vector: usize, instances: usize) {
    let mut values: [Integer; MAX_WIDTH] = Default::default();
    value.store(&mut values);
    for (lane, value) in values[..V::WIDTH].iter().enumerate() {
        let instance = vector * V::WIDTH + lane;
        if instance < instances {
            let target = &mut bytes[instance * stride..][..FIELD_BYTES];
            for (chunk, limb) in target.chunks_exact_mut(8).zip(value) {
                chunk.copy_from_slice(&limb.to_le_bytes());
            }
        }
    }
}
