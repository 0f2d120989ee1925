//! The tape: instructions without branches on numbered registers, each of which holds an element or an integer.

use super::circuit::Input;
use super::integer::{FIELD_BITS, Operator};
use ark_bn254::Fr;

/// What an instruction does. Registers hold elements, or integers where that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Operation {
    /// Input a.
    Input,
    /// Constant a.
    Constant,
    /// Constant a as an integer.
    IntegerConstant,
    Add,
    Subtract,
    Multiply,
    /// Register a, constant b.
    AddConstant,
    /// Register a, constant b.
    MultiplyConstant,
    /// Constant a − register b.
    SubtractFrom,
    /// 1/a or 0. Runs of these are inverted together.
    Invert,
    /// b when a is not 0, else c.
    Select,
    /// 1 when a is 0, else 0.
    IsZero,
    /// Element to integer.
    Integer,
    /// Integer to element.
    Field,
    /// Bit b of integer a, as an element.
    Bit,
    /// c bits of integer a from bit b, as an integer.
    Slice,
    /// Operator c on integers a and b, as an integer.
    Apply,
    /// Integer a is the value of wire `target`.
    Output,
}

/// What an operand means, and so what bounds it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    Unused,
    Register,
    Constant,
    Input,
    /// Position of a bit.
    Position,
    /// Number of bits.
    Count,
    Operator,
}

impl Operation {
    pub const ALL: [Self; 18] = [
        Self::Input,
        Self::Constant,
        Self::IntegerConstant,
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::AddConstant,
        Self::MultiplyConstant,
        Self::SubtractFrom,
        Self::Invert,
        Self::Select,
        Self::IsZero,
        Self::Integer,
        Self::Field,
        Self::Bit,
        Self::Slice,
        Self::Apply,
        Self::Output,
    ];

    /// The meaning of a, b and c.
    pub fn operands(self) -> [Operand; 3] {
        use Operand::{Constant, Count, Input, Operator, Position, Register, Unused};
        match self {
            Self::Input => [Input, Unused, Unused],
            Self::Constant | Self::IntegerConstant => [Constant, Unused, Unused],
            Self::Add | Self::Subtract | Self::Multiply => [Register, Register, Unused],
            Self::AddConstant | Self::MultiplyConstant => [Register, Constant, Unused],
            Self::SubtractFrom => [Constant, Register, Unused],
            Self::Invert | Self::IsZero | Self::Integer | Self::Field | Self::Output => [Register, Unused, Unused],
            Self::Select => [Register, Register, Register],
            Self::Bit => [Register, Position, Unused],
            Self::Slice => [Register, Position, Count],
            Self::Apply => [Register, Register, Operator],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub operation: Operation,
    /// The register that is written; for `Output` the wire.
    pub target: u32,
    pub a: u32,
    pub b: u32,
    pub c: u32,
}

/// A circuit's witness as a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tape {
    /// Inputs of the circuit, in the order in which their elements are given.
    pub inputs: Vec<Input>,
    pub wires: u32,
    pub registers: u32,
    pub constants: Vec<Fr>,
    pub instructions: Vec<Instruction>,
}

impl Tape {
    /// Elements that one instance takes.
    pub fn input_count(&self) -> usize {
        self.inputs.iter().map(|input| input.count as usize).sum()
    }

    /// Why the tape must not be run; None when every operand exists, every register is written before it is read and
    /// every wire gets exactly one value. The executor relies on it.
    pub fn fault(&self) -> Option<String> {
        let mut expected_first = 0;
        for input in &self.inputs {
            if input.first != expected_first {
                return Some(format!("input {} is out of order", input.name));
            }
            match input.first.checked_add(input.count) {
                Some(next) => expected_first = next,
                None => return Some(format!("input {} is too long", input.name)),
            }
        }
        if self.wires == 0 {
            return Some("it has no wires".to_owned());
        }
        let mut written = vec![false; self.registers as usize];
        let mut wires = vec![false; self.wires as usize];
        let mut index = 0;
        while index < self.instructions.len() {
            // A run of inversions reads everything before it writes.
            let run = self.inversions_at(index).max(1);
            let group = &self.instructions[index..index + run];
            for (position, instruction) in group.iter().enumerate() {
                if !self.operands_exist(instruction, &written) {
                    return Some(format!("instruction {} has a bad operand", index + position));
                }
            }
            for (position, instruction) in group.iter().enumerate() {
                let place = instruction.target as usize;
                let is_output = instruction.operation == Operation::Output;
                match if is_output { wires.get_mut(place) } else { written.get_mut(place) } {
                    Some(done) if !(is_output && *done) => *done = true,
                    _ => return Some(format!("instruction {} has a bad target", index + position)),
                }
            }
            index += run;
        }
        wires.iter().position(|done| !done).map(|wire| format!("wire {wire} has no value"))
    }

    /// How many inversions stand at an instruction in a row.
    pub fn inversions_at(&self, index: usize) -> usize {
        let rest = self.instructions[index..].iter();
        rest.take_while(|instruction| instruction.operation == Operation::Invert).count()
    }

    fn operands_exist(&self, instruction: &Instruction, written: &[bool]) -> bool {
        let values = [instruction.a, instruction.b, instruction.c];
        instruction.operation.operands().into_iter().zip(values).all(|(operand, value)| match operand {
            Operand::Unused => value == 0,
            Operand::Register => written.get(value as usize) == Some(&true),
            Operand::Constant => (value as usize) < self.constants.len(),
            Operand::Input => (value as usize) < self.input_count(),
            Operand::Position => value < FIELD_BITS,
            Operand::Count => value <= FIELD_BITS,
            Operand::Operator => (value as usize) < Operator::ALL.len(),
        })
    }
}
