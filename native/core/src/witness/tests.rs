//! Lanes against the scalar path on every operation, operators against plain integers, tapes with faults.

use super::circuit::Input;
use super::integer::{Integer, Operator, field};
use super::tape::{Instruction, Operation, Tape};
use super::vector::{MAX_WIDTH, Vector};
use ark_bn254::Fr;
use ark_ff::{Field, One, PrimeField};

fn edges() -> Vec<Fr> {
    let two = Fr::from(2u64);
    let mut values: Vec<Fr> = (0..8).map(|small: u64| Fr::from(small)).collect();
    for bits in [51u64, 52, 53, 103, 104, 155, 156, 207, 208, 252, 253] {
        let power = two.pow([bits]);
        values.extend([power - Fr::one(), power, -power]);
    }
    values.extend([-Fr::one(), -two, Fr::from(Fr::MODULUS_MINUS_ONE_DIV_TWO), two.inverse().expect("not 0")]);
    let mut random = Fr::from(0x1234_5678_9abc_def1u64);
    for _ in 0..32 {
        random = random.square() + Fr::from(7u64);
        values.push(random);
    }
    values
}

const fn instruction(operation: Operation, target: u32, a: u32, b: u32, c: u32) -> Instruction {
    Instruction { operation, target, a, b, c }
}

/// A tape of three inputs with every operation, each of whose results is a wire.
fn every_operation() -> Tape {
    use Operation as O;
    let constants = vec![Fr::from(3u64), -Fr::one(), Fr::from(1u64 << 63)];
    let mut instructions: Vec<Instruction> = (0..3).map(|input| instruction(O::Input, input, input, 0, 0)).collect();
    let mut elements = vec![
        instruction(O::Constant, 0, 1, 0, 0),
        instruction(O::Add, 0, 0, 1, 0),
        instruction(O::Subtract, 0, 0, 1, 0),
        instruction(O::Multiply, 0, 0, 1, 0),
        instruction(O::AddConstant, 0, 0, 1, 0),
        instruction(O::MultiplyConstant, 0, 0, 2, 0),
        instruction(O::SubtractFrom, 0, 0, 1, 0),
        instruction(O::Invert, 0, 0, 0, 0),
        instruction(O::Invert, 0, 1, 0, 0),
        instruction(O::Select, 0, 0, 1, 2),
        instruction(O::Select, 0, 2, 1, 0),
        instruction(O::IsZero, 0, 0, 0, 0),
    ];
    let mut integers = vec![instruction(O::Integer, 0, 0, 0, 0), instruction(O::IntegerConstant, 0, 2, 0, 0)];
    instructions.push(instruction(O::Integer, 3, 0, 0, 0));
    instructions.push(instruction(O::Integer, 4, 1, 0, 0));
    for first in [0, 1, 51, 52, 53, 104, 200, 208, 253] {
        elements.push(instruction(O::Bit, 0, 3, first, 0));
        for count in [0, 1, 51, 52, 53, 104, 254] {
            integers.push(instruction(O::Slice, 0, 3, first, count));
        }
    }
    for operator in Operator::ALL {
        integers.push(instruction(O::Apply, 0, 3, 4, operator as u32));
    }
    elements.push(instruction(O::Field, 0, 3, 0, 0));
    let mut registers = 5;
    let mut wire = 0;
    for (results, is_integer) in [(elements, false), (integers, true)] {
        for mut result in results {
            (result.target, registers) = (registers, registers + 1);
            instructions.push(result);
            let mut source = result.target;
            if !is_integer {
                instructions.push(instruction(O::Integer, registers, source, 0, 0));
                (source, registers) = (registers, registers + 1);
            }
            instructions.push(instruction(O::Output, wire, source, 0, 0));
            wire += 1;
        }
    }
    let inputs = ["x", "y", "z"].into_iter().enumerate();
    let inputs = inputs.map(|(first, name)| Input { name: name.to_owned(), first: first as u32, count: 1 }).collect();
    Tape { inputs, wires: wire, registers, constants, instructions }
}

#[test]
fn every_operation_has_no_fault() {
    assert_eq!(every_operation().fault(), None);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn lanes_agree_with_the_scalar_path() {
    use super::program::Program;
    use crate::monitor::Monitor;
    if !crate::lanes::available() {
        eprintln!("skipped: no AVX512-IFMA");
        return;
    }
    let values = edges();
    let mut inputs = Vec::new();
    for (index, x) in values.iter().enumerate() {
        for (other, y) in values.iter().enumerate() {
            for value in [x, y, &values[(index * 7 + other) % values.len()]] {
                inputs.extend_from_slice(&crate::field::bytes(value));
            }
        }
    }
    let run = |program: Program| program.run(&inputs, &Monitor::new()).expect("runs");
    let lanes = run(Program::new(every_operation()));
    let scalar = run(Program::scalar(every_operation()));
    let wires = every_operation().wires as usize;
    for (position, (left, right)) in lanes.chunks(32).zip(scalar.chunks(32)).enumerate() {
        assert_eq!(left, right, "wire {} of instance {}", position % wires, position / wires);
    }
}

#[test]
fn operators_agree_with_plain_integers() {
    let small = |value: u64| -> Integer { [value, 0, 0, 0] };
    for a in [0u64, 1, 5, 1 << 20, (1 << 31) - 1] {
        for b in [0u64, 1, 3, 7, 20] {
            let apply = |operator: Operator| operator.apply(small(a), small(b));
            assert_eq!(apply(Operator::And), small(a & b));
            assert_eq!(apply(Operator::Or), small(a | b));
            assert_eq!(apply(Operator::Xor), small(a ^ b));
            assert_eq!(apply(Operator::ShiftLeft), small(a << b));
            assert_eq!(apply(Operator::ShiftRight), small(a >> b));
            assert_eq!(apply(Operator::Quotient), small(a.checked_div(b).unwrap_or(0)));
            assert_eq!(apply(Operator::Remainder), small(a.checked_rem(b).unwrap_or(0)));
            assert_eq!(apply(Operator::Less), small(u64::from(a < b)));
            let negative = (-Fr::from(a)).into_bigint().0;
            assert_eq!(Operator::Less.apply(negative, small(b)), small(u64::from(a > 0 || b > 0)));
        }
    }
}

#[test]
fn slices_and_bits_agree_with_shifts() {
    for value in edges() {
        let integer = value.into_bigint().0;
        let stored = <Fr as Vector>::load(&[integer; MAX_WIDTH]);
        for first in 0..254 {
            let mut slice = [Integer::default(); MAX_WIDTH];
            stored.slice(first, 254).store(&mut slice);
            let shifted = Operator::ShiftRight.apply(integer, [u64::from(first), 0, 0, 0]);
            assert_eq!(slice[0], shifted);
            assert_eq!(stored.bit(first), Fr::from(shifted[0] & 1));
        }
        assert_eq!(field(integer), value);
    }
}

#[test]
fn faults_are_found() {
    let good = every_operation();
    let check = |change: &dyn Fn(&mut Tape)| {
        let mut tape = good.clone();
        change(&mut tape);
        assert!(tape.fault().is_some());
    };
    let last = good.instructions.len() - 1;
    check(&|tape| tape.instructions[last].target = tape.wires);
    check(&|tape| tape.instructions[last].target = 0);
    check(&|tape| tape.instructions[last].a = tape.registers);
    check(&|tape| tape.instructions.truncate(last));
    check(&|tape| tape.instructions[0].a = 3);
    check(&|tape| tape.instructions[0].b = 1);
    check(&|tape| tape.inputs[1].first = 2);
    check(&|tape| tape.inputs[2].count = u32::MAX);
    // The first two instructions swapped with a later one: a register is read before it is written.
    check(&|tape| tape.instructions.swap(0, 20));
    let bit = good.instructions.iter().position(|found| found.operation == Operation::Bit).expect("there is one");
    check(&|tape| tape.instructions[bit].b = 254);
    let constant = good.instructions.iter().position(|found| found.operation == Operation::AddConstant).expect("one");
    check(&|tape| tape.instructions[constant].b = tape.constants.len() as u32);
    check(&|tape| tape.instructions[constant].target = tape.registers);
}

#[test]
fn zero_has_the_inverse_zero() {
    let mut values = [Fr::from(4u64), Fr::from(0u64), -Fr::one()];
    <Fr as Vector>::invert_all(&mut values);
    assert_eq!(values, [Fr::from(4u64).inverse().expect("not 0"), Fr::from(0u64), -Fr::one()]);
}
