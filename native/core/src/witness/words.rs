//! WebAssembly's integer instructions on words that may be unknown.

use super::frame::{Failure, Result};
use super::graph::{Graph, NodeId};

/// A value on the stack or in a variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// An i32 (zero-extended) or i64.
    Word(u64),
    /// 1 when the node is not 0, else 0; the other way round when negated.
    Truth { node: NodeId, negated: bool },
    /// Differs with a condition on the inputs: nothing may depend on it.
    Unknown,
}

/// Runs one instruction of the ranges 0x45–0x5a, 0x67–0x8a, 0xa7, 0xac, 0xad.
pub fn numeric(opcode: u8, stack: &mut Vec<Value>, graph: &mut Graph) -> Result<()> {
    let unary = matches!(opcode, 0x45 | 0x50 | 0x67..=0x69 | 0x79..=0x7b | 0xa7 | 0xac | 0xad);
    let b = if unary { None } else { Some(pop(stack)?) };
    let a = pop(stack)?;
    let result = match (a, b) {
        (Value::Word(a), None) => Value::Word(one(opcode, a)?),
        (Value::Word(a), Some(Value::Word(b))) => Value::Word(two(opcode, a, b)?),
        (Value::Truth { node, negated }, None) if opcode == 0x45 => Value::Truth { node, negated: !negated },
        (a, Some(b)) if opcode == 0x71 || opcode == 0x72 => connect(opcode == 0x71, a, b, graph)?,
        _ => return Err(Failure::new("an address, an index or a loop depends on the inputs")),
    };
    stack.push(result);
    Ok(())
}

fn pop(stack: &mut Vec<Value>) -> Result<Value> {
    stack.pop().ok_or_else(|| Failure::new("the value stack is empty"))
}

/// `and` and `or` of truth values.
fn connect(and: bool, a: Value, b: Value, graph: &mut Graph) -> Result<Value> {
    let mut truth = |value| match value {
        Value::Truth { node, negated: false } => Ok(graph.truth(node)),
        Value::Truth { node, negated: true } => Ok(graph.not(node)),
        Value::Word(word @ (0 | 1)) => Ok(graph.constant(word.into())),
        _ => Err(Failure::new("a bit operation on a word depends on the inputs")),
    };
    let (a, b) = (truth(a)?, truth(b)?);
    Ok(Value::Truth { node: if and { graph.both(a, b) } else { graph.either(a, b) }, negated: false })
}

fn one(opcode: u8, a: u64) -> Result<u64> {
    let short = a as u32;
    Ok(match opcode {
        0x45 => u64::from(short == 0),
        0x50 => u64::from(a == 0),
        0x67 => u64::from(short.leading_zeros()),
        0x68 => u64::from(short.trailing_zeros()),
        0x69 => u64::from(short.count_ones()),
        0x79 => u64::from(a.leading_zeros()),
        0x7a => u64::from(a.trailing_zeros()),
        0x7b => u64::from(a.count_ones()),
        0xa7 | 0xad => u64::from(short),
        0xac => i64::from(short as i32) as u64,
        _ => return Err(Failure::new(format!("instruction {opcode:#04x} has no meaning here"))),
    })
}

fn two(opcode: u8, a: u64, b: u64) -> Result<u64> {
    let (x, y) = (a as u32, b as u32);
    let (p, q) = (x as i32, y as i32);
    let (s, t) = (a as i64, b as i64);
    let zero = || Failure::new("a division by 0");
    let word = |value: u32| u64::from(value);
    Ok(match opcode {
        0x46 => (x == y).into(),
        0x47 => (x != y).into(),
        0x48 => (p < q).into(),
        0x49 => (x < y).into(),
        0x4a => (p > q).into(),
        0x4b => (x > y).into(),
        0x4c => (p <= q).into(),
        0x4d => (x <= y).into(),
        0x4e => (p >= q).into(),
        0x4f => (x >= y).into(),
        0x51 => (a == b).into(),
        0x52 => (a != b).into(),
        0x53 => (s < t).into(),
        0x54 => (a < b).into(),
        0x55 => (s > t).into(),
        0x56 => (a > b).into(),
        0x57 => (s <= t).into(),
        0x58 => (a <= b).into(),
        0x59 => (s >= t).into(),
        0x5a => (a >= b).into(),
        0x6a => word(x.wrapping_add(y)),
        0x6b => word(x.wrapping_sub(y)),
        0x6c => word(x.wrapping_mul(y)),
        0x6d => word(p.checked_div(q).ok_or_else(zero)? as u32),
        0x6e => word(x.checked_div(y).ok_or_else(zero)?),
        0x6f => word(p.checked_rem(q).ok_or_else(zero)? as u32),
        0x70 => word(x.checked_rem(y).ok_or_else(zero)?),
        0x71 => word(x & y),
        0x72 => word(x | y),
        0x73 => word(x ^ y),
        0x74 => word(x.wrapping_shl(y)),
        0x75 => word(p.wrapping_shr(y) as u32),
        0x76 => word(x.wrapping_shr(y)),
        0x77 => word(x.rotate_left(y % 32)),
        0x78 => word(x.rotate_right(y % 32)),
        0x7c => a.wrapping_add(b),
        0x7d => a.wrapping_sub(b),
        0x7e => a.wrapping_mul(b),
        0x7f => s.checked_div(t).ok_or_else(zero)? as u64,
        0x80 => a.checked_div(b).ok_or_else(zero)?,
        0x81 => s.checked_rem(t).ok_or_else(zero)? as u64,
        0x82 => a.checked_rem(b).ok_or_else(zero)?,
        0x83 => a & b,
        0x84 => a | b,
        0x85 => a ^ b,
        0x86 => a.wrapping_shl(y),
        0x87 => s.wrapping_shr(y) as u64,
        0x88 => a.wrapping_shr(y),
        0x89 => a.rotate_left(y % 64),
        0x8a => a.rotate_right(y % 64),
        _ => return Err(Failure::new(format!("instruction {opcode:#04x} has no meaning here"))),
    })
}
