//! One call of a traced function: variables, value stack, and how it is left.

use super::graph::NodeId;
use super::memory::Changes;
use super::words::Value;

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

pub type Result<T> = std::result::Result<T, Failure>;

/// How a sequence of instructions was left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flow {
    Next,
    Branch(u32),
    Return,
    /// The calculator gives up here.
    Dead,
}

/// A branch to the block that is left here goes on behind it.
pub fn leave(flow: Flow) -> Flow {
    match flow {
        Flow::Branch(0) => Flow::Next,
        Flow::Branch(levels) => Flow::Branch(levels - 1),
        other => other,
    }
}

/// One call.
pub struct Frame {
    pub function: u32,
    pub locals: Vec<Value>,
    pub stack: Vec<Value>,
    /// The memory's mark at the call.
    pub start: usize,
    /// Conditions within this call that hold here.
    pub path: Vec<NodeId>,
    /// Returns under a condition: what they left behind.
    pub returned: Vec<(NodeId, Changes)>,
}

impl Frame {
    pub fn pop(&mut self) -> Result<Value> {
        self.stack.pop().ok_or_else(|| Failure::new("the value stack is empty"))
    }

    /// A word that does not depend on the inputs.
    pub fn word(&mut self) -> Result<u64> {
        match self.pop()? {
            Value::Word(word) => Ok(word),
            _ => Err(Failure::new("an address, an index or a loop depends on the inputs")),
        }
    }

    pub fn local(&mut self, index: u32) -> Result<&mut Value> {
        self.locals.get_mut(index as usize).ok_or_else(|| Failure::new("a variable does not exist"))
    }
}
