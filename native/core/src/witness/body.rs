//! Decoder of function bodies into nested blocks, restricted to the instructions that circom emits.

use super::reader::Reader;
use crate::error::Result;

/// An instruction. Conditions of `If` and `BranchIf`, addresses and operands come from the value stack.
#[derive(Debug)]
pub enum Code {
    Block(Vec<Code>),
    Loop(Vec<Code>),
    If(Vec<Code>, Vec<Code>),
    Branch(u32),
    BranchIf(u32),
    Return,
    Unreachable,
    Call(u32),
    CallIndirect,
    Drop,
    LocalGet(u32),
    LocalSet(u32),
    LocalTee(u32),
    /// Loads `bytes` bytes at address + offset; `signed` extends the sign to the result's width.
    Load {
        offset: u32,
        bytes: u8,
        signed: bool,
        wide: bool,
    },
    Store {
        offset: u32,
        bytes: u8,
    },
    MemorySize,
    MemoryGrow,
    Constant32(u32),
    Constant64(u64),
    /// An arithmetic or comparing instruction by its opcode (0x45 to 0xad).
    Numeric(u8),
}

/// How a sequence of instructions ended.
#[derive(PartialEq)]
enum End {
    End,
    Else,
}

const MAX_NESTING: usize = 256;

/// Decodes a body after its declarations.
pub fn decode_body(reader: &mut Reader) -> Result<Vec<Code>> {
    let (code, end) = decode_sequence(reader, 0)?;
    if end == End::Else || !reader.is_empty() {
        return Err(reader.damaged("a function body does not end where it should"));
    }
    Ok(code)
}

fn decode_sequence(reader: &mut Reader, depth: usize) -> Result<(Vec<Code>, End)> {
    if depth > MAX_NESTING {
        return Err(reader.damaged("a function is nested too deeply"));
    }
    let mut sequence = Vec::new();
    loop {
        let opcode = reader.byte()?;
        sequence.push(match opcode {
            0x00 => Code::Unreachable,
            0x01 => continue,
            0x02..=0x04 => decode_block(reader, opcode, depth)?,
            0x05 => return Ok((sequence, End::Else)),
            0x0b => return Ok((sequence, End::End)),
            0x0c => Code::Branch(reader.u32()?),
            0x0d => Code::BranchIf(reader.u32()?),
            0x0f => Code::Return,
            0x10 => Code::Call(reader.u32()?),
            0x11 => {
                reader.u32()?;
                reader.byte()?;
                Code::CallIndirect
            }
            0x1a => Code::Drop,
            0x20 => Code::LocalGet(reader.u32()?),
            0x21 => Code::LocalSet(reader.u32()?),
            0x22 => Code::LocalTee(reader.u32()?),
            0x28..=0x3e => decode_access(reader, opcode)?,
            0x3f | 0x40 => {
                reader.byte()?;
                if opcode == 0x3f { Code::MemorySize } else { Code::MemoryGrow }
            }
            0x41 => Code::Constant32(reader.signed()? as u32),
            0x42 => Code::Constant64(reader.signed()? as u64),
            0x45..=0x5a | 0x67..=0x8a | 0xa7 | 0xac | 0xad => Code::Numeric(opcode),
            _ => return Err(reader.damaged(format!("instruction {opcode:#04x} is not one that circom emits"))),
        });
    }
}

fn decode_block(reader: &mut Reader, opcode: u8, depth: usize) -> Result<Code> {
    // Blocks without result only: circom writes no others.
    if reader.byte()? != 0x40 {
        return Err(reader.damaged("a block has a result"));
    }
    let (first, end) = decode_sequence(reader, depth + 1)?;
    match (opcode, end) {
        (0x02, End::End) => Ok(Code::Block(first)),
        (0x03, End::End) => Ok(Code::Loop(first)),
        (0x04, End::End) => Ok(Code::If(first, Vec::new())),
        (0x04, End::Else) => match decode_sequence(reader, depth + 1)? {
            (second, End::End) => Ok(Code::If(first, second)),
            _ => Err(reader.damaged("an if has two else branches")),
        },
        _ => Err(reader.damaged("an else stands outside of an if")),
    }
}

fn decode_access(reader: &mut Reader, opcode: u8) -> Result<Code> {
    reader.u32()?; // alignment, a hint
    let offset = reader.u32()?;
    let load = |bytes, signed, wide| Code::Load { offset, bytes, signed, wide };
    Ok(match opcode {
        0x28 => load(4, false, false),
        0x29 => load(8, false, true),
        0x2c => load(1, true, false),
        0x2d => load(1, false, false),
        0x2e => load(2, true, false),
        0x2f => load(2, false, false),
        0x30 => load(1, true, true),
        0x31 => load(1, false, true),
        0x32 => load(2, true, true),
        0x33 => load(2, false, true),
        0x34 => load(4, true, true),
        0x35 => load(4, false, true),
        0x36 => Code::Store { offset, bytes: 4 },
        0x37 => Code::Store { offset, bytes: 8 },
        0x3a => Code::Store { offset, bytes: 1 },
        0x3b => Code::Store { offset, bytes: 2 },
        0x3c => Code::Store { offset, bytes: 1 },
        0x3d => Code::Store { offset, bytes: 2 },
        0x3e => Code::Store { offset, bytes: 4 },
        _ => return Err(reader.damaged("it uses floating point numbers")),
    })
}
