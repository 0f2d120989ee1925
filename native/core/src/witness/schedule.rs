//! From graph to tape: drops what no wire needs, puts inversions that can be done together side by side, and gives
//! registers to values for as long as they are needed.

use super::circuit::Circuit;
use super::graph::{Graph, Node, NodeId};
use super::tape::{Instruction, Operation, Tape};
use std::collections::HashMap;

struct Scheduler<'a> {
    graph: &'a Graph,
    /// How many uses of a node are still to come.
    uses: Vec<u32>,
    register: Vec<u32>,
    free: Vec<u32>,
    registers: u32,
    instructions: Vec<Instruction>,
}

/// Makes the tape of a circuit.
pub fn schedule(mut circuit: Circuit) -> Tape {
    let graph = &mut circuit.graph;
    let traced = graph.nodes.len();
    let outputs: Vec<NodeId> = circuit.wires.iter().map(|wire| graph.integer(*wire)).collect();
    let graph = &circuit.graph;
    let uses = count_uses(graph, &outputs);
    let mut wires_of: HashMap<NodeId, Vec<u32>> = HashMap::new();
    for (wire, node) in outputs.iter().enumerate() {
        wires_of.entry(*node).or_default().push(wire as u32);
    }

    let mut scheduler = Scheduler {
        graph,
        uses,
        register: vec![u32::MAX; graph.nodes.len()],
        free: Vec::new(),
        registers: 0,
        instructions: Vec::new(),
    };
    let mut order = order(graph, traced, &scheduler.uses).into_iter().peekable();
    while let Some(node) = order.next() {
        // Inversions of one level stand together: their outputs follow after the run.
        let mut group = vec![node];
        while matches!(graph.nodes[node as usize], Node::Invert(_))
            && order.peek().is_some_and(|next| matches!(graph.nodes[*next as usize], Node::Invert(_)))
        {
            group.extend(order.next());
        }
        for node in &group {
            scheduler.compute(*node);
        }
        for node in group {
            for wire in wires_of.get(&node).into_iter().flatten() {
                scheduler.output(node, *wire);
            }
        }
    }
    Tape {
        inputs: circuit.inputs,
        wires: outputs.len() as u32,
        registers: scheduler.registers,
        constants: graph.constants.clone(),
        instructions: scheduler.instructions,
    }
}

/// Uses of each node by nodes that the outputs need, and by the outputs.
fn count_uses(graph: &Graph, outputs: &[NodeId]) -> Vec<u32> {
    let mut uses = vec![0; graph.nodes.len()];
    for node in outputs {
        uses[*node as usize] += 1;
    }
    // Arguments have smaller numbers than what is made of them.
    for id in (0..graph.nodes.len()).rev() {
        if uses[id] > 0 {
            graph.nodes[id].arguments().for_each(|argument| uses[argument as usize] += 1);
        }
    }
    uses
}

/// The needed nodes by level, the number of inversions on the longest way to them; inversions first in each. Within a
/// level as they were traced; the conversions for outputs, which came after `traced` nodes, behind what they convert.
fn order(graph: &Graph, traced: usize, uses: &[u32]) -> Vec<NodeId> {
    let mut keys: Vec<(u32, bool, NodeId)> = Vec::with_capacity(graph.nodes.len());
    for (id, node) in graph.nodes.iter().enumerate() {
        let is_inversion = matches!(node, Node::Invert(_));
        let arguments = || node.arguments().map(|argument| keys[argument as usize]);
        let level = arguments().map(|(level, ..)| level).max().unwrap_or(0) + u32::from(is_inversion);
        let position = match arguments().map(|(.., position)| position).max() {
            Some(position) if id >= traced => position,
            _ => id as NodeId,
        };
        keys.push((level, !is_inversion, position));
    }
    let mut order: Vec<NodeId> = (0..graph.nodes.len() as NodeId).filter(|id| uses[*id as usize] > 0).collect();
    // A stable sort: what has the same place stays in the order of the graph, in which arguments come first.
    order.sort_by_key(|id| keys[*id as usize]);
    order
}

impl Scheduler<'_> {
    fn is_constant(&self, node: NodeId) -> bool {
        matches!(self.graph.nodes[node as usize], Node::Constant(_) | Node::IntegerConstant(_))
    }

    fn compute(&mut self, id: NodeId) {
        use Operation as O;
        let constant = |node: NodeId| match self.graph.nodes[node as usize] {
            Node::Constant(position) => Some(position),
            _ => None,
        };
        match self.graph.nodes[id as usize] {
            // Made where they are used.
            Node::Constant(_) | Node::IntegerConstant(_) => {}
            Node::Input(position) => self.emit(id, O::Input, [position, 0, 0]),
            Node::Add(a, b) => match (constant(a), constant(b)) {
                (Some(k), _) => self.emit_with(id, O::AddConstant, b, k),
                (_, Some(k)) => self.emit_with(id, O::AddConstant, a, k),
                _ => self.emit_on(id, O::Add, &[a, b]),
            },
            Node::Multiply(a, b) => match (constant(a), constant(b)) {
                (Some(k), _) => self.emit_with(id, O::MultiplyConstant, b, k),
                (_, Some(k)) => self.emit_with(id, O::MultiplyConstant, a, k),
                _ => self.emit_on(id, O::Multiply, &[a, b]),
            },
            Node::Subtract(a, b) => match constant(a) {
                Some(k) => {
                    let register = self.read(b);
                    self.release(b);
                    self.emit(id, O::SubtractFrom, [k, register, 0]);
                }
                None => self.emit_on(id, O::Subtract, &[a, b]),
            },
            Node::Invert(a) => self.emit_on(id, O::Invert, &[a]),
            Node::Select(a, b, c) => self.emit_on(id, O::Select, &[a, b, c]),
            Node::IsZero(a) => self.emit_on(id, O::IsZero, &[a]),
            Node::Integer(a) => self.emit_on(id, O::Integer, &[a]),
            Node::Field(a) => self.emit_on(id, O::Field, &[a]),
            Node::Bit { integer, index } => self.emit_with(id, O::Bit, integer, index),
            Node::Slice { integer, first, count } => {
                let register = self.read(integer);
                self.release(integer);
                self.emit(id, O::Slice, [register, first, count]);
            }
            Node::Apply(operator, a, b) => {
                let (left, right) = (self.read(a), self.read(b));
                self.release(a);
                self.release(b);
                self.emit(id, O::Apply, [left, right, operator as u32]);
            }
        }
    }

    fn output(&mut self, node: NodeId, wire: u32) {
        let register = self.read(node);
        self.release(node);
        self.instructions.push(Instruction { operation: Operation::Output, target: wire, a: register, b: 0, c: 0 });
    }

    /// An instruction on one register and a number.
    fn emit_with(&mut self, id: NodeId, operation: Operation, argument: NodeId, number: u32) {
        let register = self.read(argument);
        self.release(argument);
        self.emit(id, operation, [register, number, 0]);
    }

    fn emit_on(&mut self, id: NodeId, operation: Operation, arguments: &[NodeId]) {
        let mut operands = [0; 3];
        for (operand, argument) in operands.iter_mut().zip(arguments) {
            *operand = self.read(*argument);
        }
        arguments.iter().for_each(|argument| self.release(*argument));
        self.emit(id, operation, operands);
    }

    fn emit(&mut self, id: NodeId, operation: Operation, [a, b, c]: [u32; 3]) {
        let target = self.allocate();
        self.register[id as usize] = target;
        self.instructions.push(Instruction { operation, target, a, b, c });
    }

    /// The register of a node; a constant gets one now, for the one instruction that follows.
    fn read(&mut self, node: NodeId) -> u32 {
        let (operation, position) = match self.graph.nodes[node as usize] {
            Node::Constant(position) => (Operation::Constant, position),
            Node::IntegerConstant(position) => (Operation::IntegerConstant, position),
            _ => return self.register[node as usize],
        };
        let target = self.allocate();
        self.register[node as usize] = target;
        self.instructions.push(Instruction { operation, target, a: position, b: 0, c: 0 });
        target
    }

    /// Ends one use of a node.
    fn release(&mut self, node: NodeId) {
        let uses = &mut self.uses[node as usize];
        *uses -= 1;
        if *uses == 0 || self.is_constant(node) {
            self.free.push(self.register[node as usize]);
        }
    }

    fn allocate(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            self.registers - 1
        })
    }
}
