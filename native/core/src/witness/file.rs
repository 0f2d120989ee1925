//! Tapes on disk. All numbers are little-endian:
//!
//! ```text
//! magic        8   "WTAPE", 0, 0, version
//! digest      32   SHA-256 of everything behind it
//! source      32   SHA-256 of SHA-256(calculator) ‖ SHA-256(symbols)
//! counts      20   wires, registers, inputs, constants, instructions; u32 each
//! inputs           per input: length of its name u32, name, number of elements u32
//! constants   32   each, canonical
//! instructions 20  each: operation, target, a, b, c; u32 each
//! ```

use super::circuit::{Circuit, Input};
use super::module::Module;
use super::schedule::schedule;
use super::tape::{Instruction, Operation, Tape};
use crate::error::{CoreError, Result};
use crate::field::{self, FIELD_BYTES};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Changes with the format and with what a tape contains for the same circuit.
pub const VERSION: u8 = 2;
const MAGIC: [u8; 8] = [b'W', b'T', b'A', b'P', b'E', 0, 0, VERSION];
const DIGEST_BYTES: usize = 32;

/// Makes the tape of a compiled circuit and writes it, in one step or not at all. `calculator` is circom's .wasm file,
/// `symbols` its .sym file. TAPE_IMPOSSIBLE when the circuit cannot be traced (see `Circuit::trace`), ARTIFACT_MISSING or
/// ARTIFACT_DAMAGED when a file cannot be read or written.
pub fn build(calculator: &Path, symbols: &Path, output: &Path) -> Result<Tape> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| CoreError::io(path, error));
    let (module_bytes, symbol_bytes) = (read(calculator)?, read(symbols)?);
    let text = std::str::from_utf8(&symbol_bytes).map_err(|error| CoreError::damaged(symbols, error))?;
    let tape = schedule(Circuit::trace(&Module::decode(&module_bytes, calculator)?, text)?);
    let bytes = encode(&tape, &source_digest(&module_bytes, &symbol_bytes));
    let temporary = output.with_extension(format!("tmp{}", std::process::id()));
    std::fs::write(&temporary, bytes)
        .and_then(|()| std::fs::rename(&temporary, output))
        .map_err(|error| CoreError::io(output, error))?;
    Ok(tape)
}

/// Reads a tape. ARTIFACT_DAMAGED when it is not, bit for bit, what was written, or not runnable.
pub fn load(path: &Path) -> Result<Tape> {
    let bytes = std::fs::read(path).map_err(|error| CoreError::io(path, error))?;
    decode(&bytes).map_err(|why| CoreError::damaged(path, why))
}

fn source_digest(calculator: &[u8], symbols: &[u8]) -> [u8; DIGEST_BYTES] {
    Sha256::new().chain_update(Sha256::digest(calculator)).chain_update(Sha256::digest(symbols)).finalize().into()
}

fn encode(tape: &Tape, source: &[u8; DIGEST_BYTES]) -> Vec<u8> {
    let mut payload = source.to_vec();
    let push = |value: u32, payload: &mut Vec<u8>| payload.extend_from_slice(&value.to_le_bytes());
    let counts = [
        tape.wires,
        tape.registers,
        tape.inputs.len() as u32,
        tape.constants.len() as u32,
        tape.instructions.len() as u32,
    ];
    counts.into_iter().for_each(|count| push(count, &mut payload));
    for input in &tape.inputs {
        push(input.name.len() as u32, &mut payload);
        payload.extend_from_slice(input.name.as_bytes());
        push(input.count, &mut payload);
    }
    tape.constants.iter().for_each(|constant| payload.extend_from_slice(&field::bytes(constant)));
    for Instruction { operation, target, a, b, c } in &tape.instructions {
        [*operation as u32, *target, *a, *b, *c].into_iter().for_each(|word| push(word, &mut payload));
    }
    [&MAGIC[..], &Sha256::digest(&payload), &payload].concat()
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> std::result::Result<&'a [u8], String> {
        let (head, rest) = self.0.split_at_checked(count).ok_or("it ends too early")?;
        self.0 = rest;
        Ok(head)
    }

    fn u32(&mut self) -> std::result::Result<u32, String> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("four bytes")))
    }
}

fn decode(bytes: &[u8]) -> std::result::Result<Tape, String> {
    let mut cursor = Cursor(bytes);
    if cursor.take(MAGIC.len())? != MAGIC {
        return Err(format!("it is not a witness tape of version {VERSION}"));
    }
    let digest = cursor.take(DIGEST_BYTES)?;
    if Sha256::digest(cursor.0).as_slice() != digest {
        return Err("its digest differs".to_owned());
    }
    cursor.take(DIGEST_BYTES)?;
    let (wires, registers) = (cursor.u32()?, cursor.u32()?);
    let (input_count, constant_count, instruction_count) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
    let mut tape = Tape { inputs: vec![], wires, registers, constants: vec![], instructions: vec![] };
    let mut first = 0u32;
    for _ in 0..input_count {
        let length = cursor.u32()? as usize;
        let name = String::from_utf8(cursor.take(length)?.to_vec()).map_err(|_| "a name is no text")?;
        let count = cursor.u32()?;
        tape.inputs.push(Input { name, first, count });
        first = first.checked_add(count).ok_or("it has too many inputs")?;
    }
    for _ in 0..constant_count {
        let constant = field::read(cursor.take(FIELD_BYTES)?).ok_or("a constant is not below the modulus")?;
        tape.constants.push(constant);
    }
    for _ in 0..instruction_count {
        let operation = *Operation::ALL.get(cursor.u32()? as usize).ok_or("an operation is unknown")?;
        let (target, a, b, c) = (cursor.u32()?, cursor.u32()?, cursor.u32()?, cursor.u32()?);
        tape.instructions.push(Instruction { operation, target, a, b, c });
    }
    if !cursor.0.is_empty() {
        return Err("bytes are left at its end".to_owned());
    }
    // A register is written by some instruction: more of them than instructions is nonsense that would cost memory.
    if registers as usize > tape.instructions.len() || wires as usize > tape.instructions.len() {
        return Err("it claims more registers or wires than it has instructions".to_owned());
    }
    match tape.fault() {
        Some(fault) => Err(fault),
        None => Ok(tape),
    }
}
