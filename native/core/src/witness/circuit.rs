//! A compiled circuit as a graph: its inputs by name, its witness as nodes.

use super::frame::Failure;
use super::graph::{Graph, NodeId};
use super::module::Module;
use super::trace::Tracer;
use super::words::Value;
use crate::error::{Code, CoreError};

/// An input signal of the main component, with all its elements, outermost index first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub name: String,
    /// Position of its first element among all elements of the inputs.
    pub first: u32,
    pub count: u32,
}

pub struct Circuit {
    pub graph: Graph,
    pub inputs: Vec<Input>,
    /// The node of each wire.
    pub wires: Vec<NodeId>,
}

/// Where the shared element lies, seen from the shared memory's integers.
const SHARED_ELEMENT: u32 = 8;

/// FNV-1a of 64 bits, by which the calculator finds an input.
/// Twin: prover/witness/calculator.ts signalHash.
pub fn signal_hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Names of the main component's signals, from a .sym file: `label,wire,component,main.name[index]` by line.
fn main_signals(symbols: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for line in symbols.lines() {
        let Some(signal) = line.splitn(4, ',').nth(3).and_then(|name| name.strip_prefix("main.")) else { continue };
        let name = signal.split('[').next().unwrap_or(signal);
        if names.last() != Some(&name) && !name.contains('.') {
            names.push(name);
        }
    }
    names.dedup();
    names
}

impl Circuit {
    /// Traces a calculator. TAPE_IMPOSSIBLE, with the reason and the circom function, when its course depends on the inputs
    /// in a way that a graph cannot express: then only circom's own calculator can be used.
    pub fn trace(module: &Module, symbols: &str) -> Result<Self, CoreError> {
        trace(module, symbols).map_err(|failure| {
            let place = failure.function.map(|name| format!(" (in {name})")).unwrap_or_default();
            let message = format!("no witness tape can be made of the circuit: {}{place}", failure.reason);
            CoreError::new(Code::TapeImpossible, message).with("reason", failure.reason)
        })
    }
}

fn trace(module: &Module, symbols: &str) -> Result<Circuit, Failure> {
    let mut tracer = Tracer::new(module);
    tracer.call_export("init", &[0])?;
    let shared = word(tracer.call_export("getSharedRWMemoryStart", &[])?)?.wrapping_sub(SHARED_ELEMENT);
    let inputs = find_inputs(&mut tracer, symbols)?;
    for input in &inputs {
        let hash = signal_hash(&input.name);
        for index in 0..input.count {
            let node = tracer.graph.input(input.first + index);
            tracer.memory.store_element(shared, node)?;
            tracer.call_export("setInputSignal", &[(hash >> 32) as u32, hash as u32, index])?;
        }
    }
    let wires = (0..word(tracer.call_export("getWitnessSize", &[])?)?)
        .map(|wire| {
            tracer.call_export("getWitness", &[wire])?;
            tracer.memory.element(shared, &mut tracer.graph)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Circuit { graph: tracer.graph, inputs, wires })
}

fn find_inputs(tracer: &mut Tracer, symbols: &str) -> Result<Vec<Input>, Failure> {
    let mut inputs: Vec<Input> = Vec::new();
    let mut total = 0u32;
    for name in main_signals(symbols) {
        let hash = Value::Word(signal_hash(name));
        let entry = word(tracer.call_named("getInputSignalMapPosition", vec![hash])?)?;
        if entry == 0 || inputs.iter().any(|input| input.name == name) {
            continue;
        }
        let count = tracer.memory.load(u64::from(entry) + 12, 4)? as u32;
        inputs.push(Input { name: name.to_owned(), first: total, count });
        total = total.checked_add(count).ok_or_else(|| Failure::new("it has too many inputs"))?;
    }
    match word(tracer.call_export("getInputSize", &[])?)? {
        expected if expected == total => Ok(inputs),
        expected => Err(Failure::new(format!("its symbols name {total} of its {expected} inputs"))),
    }
}

fn word(value: Option<Value>) -> Result<u32, Failure> {
    match value {
        Some(Value::Word(word)) => Ok(word as u32),
        _ => Err(Failure::new("a function of the calculator gives no number")),
    }
}
