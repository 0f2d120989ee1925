//! Runs circom's calculator with nodes in place of field elements: what it would compute, as a graph.
//!
//! Control flow must not depend on the inputs, with one exception: an `if`, of which both sides are run and their
//! effects joined by `Graph::select`. A side that reports a violated constraint is dropped: for inputs that lead there
//! circom's calculator gives no witness at all, and the constraint system refuses ours.

use super::body::Code;
use super::graph::{Graph, NodeId};
use super::memory::{Changes, Memory};
use super::module::Module;
use super::runtime::{Intrinsic, intrinsics};
use super::words::{Value, numeric};
use std::collections::HashMap;

/// Why a circuit cannot be traced. One sentence; the function is added on the way out.
#[derive(Debug)]
pub struct Failure {
    pub reason: String,
    pub function: Option<String>,
}

impl Failure {
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), function: None }
    }
}

type Result<T> = std::result::Result<T, Failure>;

/// How a sequence of instructions was left.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flow {
    Next,
    Branch(u32),
    Return,
    /// The calculator gives up here.
    Dead,
}

/// Bounds the work that a damaged file can cause.
const MAX_STEPS: u64 = 1_000_000_000;
const MAX_DEPTH: usize = 512;

pub struct Tracer<'a> {
    module: &'a Module,
    intrinsics: HashMap<u32, Intrinsic>,
    pub memory: Memory,
    pub graph: Graph,
    /// How many conditions that depend on inputs enclose the present instruction.
    conditions: usize,
    depth: usize,
    steps: u64,
}

/// One call.
struct Frame {
    function: u32,
    locals: Vec<Value>,
    stack: Vec<Value>,
    /// The memory's mark at the call.
    start: usize,
    /// Conditions within this call that hold here.
    path: Vec<NodeId>,
    /// Returns under a condition: what they left behind.
    returned: Vec<(NodeId, Changes)>,
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

    fn run(&mut self, code: &[Code], frame: &mut Frame) -> Result<Flow> {
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

    /// Runs both sides of a condition on the inputs and joins them.
    fn run_both(&mut self, condition: NodeId, then: &[Code], otherwise: &[Code], frame: &mut Frame) -> Result<Flow> {
        let mark = self.memory.mark();
        let (locals, height) = (frame.locals.clone(), frame.stack.len());
        let opposite = self.graph.not(condition);

        self.conditions += 1;
        frame.path.push(condition);
        let then_flow = self.run(then, frame)?;
        let then_changes = self.memory.changes_since(mark);
        // A conditional return keeps everything since the call: `undo` below takes it away here.
        let then_all = (then_flow == Flow::Return).then(|| self.memory.changes_since(frame.start));
        let then_locals = std::mem::replace(&mut frame.locals, locals);
        let then_top = frame.stack.split_off(height.min(frame.stack.len()));
        self.memory.undo(mark);

        *frame.path.last_mut().expect("pushed above") = opposite;
        let else_flow = self.run(otherwise, frame)?;
        frame.path.pop();
        self.conditions -= 1;

        match (then_flow, else_flow) {
            (Flow::Dead, flow) => Ok(flow),
            (flow, Flow::Dead) => {
                self.memory.undo(mark);
                self.memory.redo(&then_changes);
                frame.locals = then_locals;
                frame.stack.truncate(height);
                frame.stack.extend(then_top);
                Ok(flow)
            }
            (Flow::Return, Flow::Next) => {
                let path = self.path_condition(frame, condition);
                frame.returned.push((path, then_all.expect("set for a return")));
                Ok(Flow::Next)
            }
            (Flow::Next, Flow::Return) => {
                let path = self.path_condition(frame, opposite);
                frame.returned.push((path, self.memory.changes_since(frame.start)));
                self.memory.undo(mark);
                self.memory.redo(&then_changes);
                frame.locals = then_locals;
                frame.stack.truncate(height);
                Ok(Flow::Next)
            }
            (one, other) if one == other => {
                self.memory.join(mark, condition, &then_changes, &mut self.graph)?;
                for (local, then_local) in frame.locals.iter_mut().zip(then_locals) {
                    if *local != then_local {
                        *local = Value::Unknown;
                    }
                }
                Ok(one)
            }
            _ => Err(Failure::new("a loop ends by a condition on the inputs")),
        }
    }

    fn path_condition(&mut self, frame: &Frame, last: NodeId) -> NodeId {
        frame.path.iter().fold(last, |all, condition| self.graph.both(all, *condition))
    }
}

/// A branch to the block that is left here goes on behind it.
fn leave(flow: Flow) -> Flow {
    match flow {
        Flow::Branch(0) => Flow::Next,
        Flow::Branch(levels) => Flow::Branch(levels - 1),
        other => other,
    }
}

impl Frame {
    fn pop(&mut self) -> Result<Value> {
        self.stack.pop().ok_or_else(|| Failure::new("the value stack is empty"))
    }

    /// A word that does not depend on the inputs.
    fn word(&mut self) -> Result<u64> {
        match self.pop()? {
            Value::Word(word) => Ok(word),
            _ => Err(Failure::new("an address, an index or a loop depends on the inputs")),
        }
    }

    fn local(&mut self, index: u32) -> Result<&mut Value> {
        self.locals.get_mut(index as usize).ok_or_else(|| Failure::new("a variable does not exist"))
    }
}
