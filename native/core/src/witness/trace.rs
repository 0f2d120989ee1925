//! Runs circom's calculator with nodes in place of field elements: what it would compute, as a graph.
//!
//! Control flow must not depend on the inputs, with one exception: an `if`, of which both sides are run and their
//! effects joined by `Graph::select`. A side that reports a violated constraint is dropped: for inputs that lead there
//! circom's calculator gives no witness at all, and the constraint system refuses ours.

use super::body::Code;
use super::frame::{Failure, Flow, Frame, Result, leave};
use super::graph::Graph;
use super::memory::Memory;
use super::module::Module;
use super::runtime::{Intrinsic, intrinsics};
use super::words::{Value, numeric};
use std::collections::HashMap;

/// Bounds the work that a damaged file can cause.
const MAX_STEPS: u64 = 1_000_000_000;
const MAX_DEPTH: usize = 512;

pub struct Tracer<'a> {
    module: &'a Module,
    intrinsics: HashMap<u32, Intrinsic>,
    pub memory: Memory,
    pub graph: Graph,
    /// How many conditions that depend on inputs enclose the present instruction.
    pub conditions: usize,
    depth: usize,
    steps: u64,
}

impl<'a> Tracer<'a> {
    pub fn new(module: &'a Module) -> Self {
        Self {
            module,
            intrinsics: intrinsics(module),
            memory: Memory::new(module.memory.clone()),
            graph: Graph::default(),
            conditions: 0,
            depth: 0,
            steps: 0,
        }
    }

    /// Calls an exported function with i32 arguments.
    pub fn call_export(&mut self, name: &str, arguments: &[u32]) -> Result<Option<Value>> {
        let function =
            *self.module.exports.get(name).ok_or_else(|| Failure::new(format!("the function {name} is missing")))?;
        self.call_internal(function, arguments.iter().map(|argument| Value::Word(u64::from(*argument))).collect())
    }

    /// Calls any function by its name.
    pub fn call_named(&mut self, name: &str, arguments: Vec<Value>) -> Result<Option<Value>> {
        let position = self.module.functions.iter().position(|function| function.name == name);
        let function = position.ok_or_else(|| Failure::new(format!("the function {name} is missing")))?;
        self.call_internal(function as u32, arguments)
    }

    fn call_internal(&mut self, function: u32, arguments: Vec<Value>) -> Result<Option<Value>> {
        match self.call(function, arguments)? {
            Some(result) => Ok(result),
            None => Err(Failure::new("the circuit refuses every input")),
        }
    }

    /// The result, or None when the calculator gives up in the call.
    fn call(&mut self, function: u32, arguments: Vec<Value>) -> Result<Option<Option<Value>>> {
        let module = self.module;
        let Some(declared) = module.functions.get(function as usize) else {
            return Err(Failure::new("a function that does not exist is called"));
        };
        let Some(code) = &declared.code else {
            return Ok(self.call_import(&declared.name));
        };
        let mut locals = arguments;
        locals.resize(declared.locals, Value::Word(0));
        let start = self.memory.mark();
        let mut frame = Frame { function, locals, stack: Vec::new(), start, path: vec![], returned: vec![] };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Failure::new("calls are nested too deeply"));
        }
        let flow = self.run(code, &mut frame).map_err(|mut failure| {
            failure.function.get_or_insert_with(|| declared.name.clone());
            failure
        })?;
        self.depth -= 1;
        match flow {
            Flow::Dead if frame.returned.is_empty() => return Ok(None),
            Flow::Dead => {
                // Only the conditional returns are left; the first stands for the rest.
                let (_, changes) = frame.returned.remove(0);
                self.memory.undo(frame.start);
                self.memory.redo(&changes);
                frame.stack = vec![Value::Word(0)];
            }
            _ => {}
        }
        for (condition, changes) in frame.returned {
            self.memory.join(frame.start, condition, &changes, &mut self.graph)?;
        }
        match declared.results {
            0 => Ok(Some(None)),
            _ => frame.stack.pop().map(|value| Some(Some(value))).ok_or_else(|| Failure::new("a result is missing")),
        }
    }

    /// Imports only report: the one that raises an exception ends the calculation.
    fn call_import(&mut self, name: &str) -> Option<Option<Value>> {
        (name != "exceptionHandler").then_some(None)
    }

    pub fn run(&mut self, code: &[Code], frame: &mut Frame) -> Result<Flow> {
        for instruction in code {
            let flow = self.step(instruction, frame)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn step(&mut self, instruction: &Code, frame: &mut Frame) -> Result<Flow> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Failure::new("the calculation takes too long"));
        }
        match instruction {
            Code::Block(code) => return Ok(leave(self.run(code, frame)?)),
            Code::Loop(code) => loop {
                match self.run(code, frame)? {
                    Flow::Branch(0) => continue,
                    flow => return Ok(leave(flow)),
                }
            },
            Code::If(then, otherwise) => {
                let flow = match frame.pop()? {
                    Value::Word(word) => self.run(if word as u32 != 0 { then } else { otherwise }, frame)?,
                    Value::Truth { node, negated } => {
                        let (then, otherwise) = if negated { (otherwise, then) } else { (then, otherwise) };
                        self.run_both(node, then, otherwise, frame)?
                    }
                    Value::Unknown => return Err(Failure::new("a condition is unknown")),
                };
                return Ok(leave(flow));
            }
            Code::Branch(levels) => return Ok(Flow::Branch(*levels)),
            Code::BranchIf(levels) => {
                if frame.word()? as u32 != 0 {
                    return Ok(Flow::Branch(*levels));
                }
            }
            Code::Return => return self.leave_function(frame),
            Code::Unreachable => return Ok(Flow::Dead),
            Code::Call(function) => return self.step_call(*function, frame),
            Code::CallIndirect => {
                let index = frame.word()? as u32 as usize;
                match self.module.table.get(index) {
                    Some(Some(function)) => return self.step_call(*function, frame),
                    _ => return Err(Failure::new("the function table is left")),
                }
            }
            Code::Drop => drop(frame.pop()?),
            Code::LocalGet(index) => {
                let value = *frame.local(*index)?;
                frame.stack.push(value);
            }
            Code::LocalSet(index) => *frame.local(*index)? = frame.pop()?,
            Code::LocalTee(index) => {
                let value = frame.pop()?;
                *frame.local(*index)? = value;
                frame.stack.push(value);
            }
            Code::Load { offset, bytes, signed, wide } => {
                let address = u64::from(frame.word()? as u32) + u64::from(*offset);
                let value = self.memory.load(address, *bytes)?;
                let unused = 64 - 8 * u32::from(*bytes);
                let value = if *signed { ((value << unused) as i64 >> unused) as u64 } else { value };
                frame.stack.push(Value::Word(if *wide { value } else { u64::from(value as u32) }));
            }
            Code::Store { offset, bytes } => {
                let value = frame.word()?;
                let address = u64::from(frame.word()? as u32) + u64::from(*offset);
                self.memory.store(address, *bytes, value)?;
            }
            Code::MemorySize => frame.stack.push(Value::Word((self.memory.len() >> 16) as u64)),
            Code::MemoryGrow => {
                let pages = frame.word()? as u32 as usize;
                frame.stack.push(Value::Word((self.memory.len() >> 16) as u64));
                if pages > 1 << 12 {
                    return Err(Failure::new("the calculation takes too much memory"));
                }
                self.memory.grow(pages << 16);
            }
            Code::Constant32(value) => frame.stack.push(Value::Word(u64::from(*value))),
            Code::Constant64(value) => frame.stack.push(Value::Word(*value)),
            Code::Numeric(opcode) => numeric(*opcode, &mut frame.stack, &mut self.graph)?,
        }
        Ok(Flow::Next)
    }

    fn step_call(&mut self, function: u32, frame: &mut Frame) -> Result<Flow> {
        let parameters = self.module.functions.get(function as usize).map_or(0, |declared| declared.parameters);
        let Some(base) = frame.stack.len().checked_sub(parameters) else {
            return Err(Failure::new("an argument is missing"));
        };
        let arguments = frame.stack.split_off(base);
        if let Some(intrinsic) = self.intrinsics.get(&function) {
            let by_input = self.module.functions[frame.function as usize].name == "setInputSignal";
            frame.stack.extend(intrinsic.run(&arguments, by_input, &mut self.memory, &mut self.graph)?);
            return Ok(Flow::Next);
        }
        match self.call(function, arguments)? {
            None => Ok(Flow::Dead),
            Some(result) => {
                frame.stack.extend(result);
                Ok(Flow::Next)
            }
        }
    }

    /// A return within a condition that hands on an error ends the calculation.
    fn leave_function(&mut self, frame: &mut Frame) -> Result<Flow> {
        let has_result = self.module.functions[frame.function as usize].results == 1;
        let failed = has_result && matches!(frame.stack.last(), Some(Value::Word(code)) if *code as u32 != 0);
        Ok(if self.conditions > 0 && failed { Flow::Dead } else { Flow::Return })
    }
}
