//! The values of a circuit as a graph without duplicates, simplified while it grows.

use super::integer::Operator;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use std::collections::HashMap;

pub type NodeId = u32;

/// A value, by the operation that makes it. Field elements and integers are kept apart, because lanes store them
/// differently: `Integer` and `Field` convert. Truth values are the field elements 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Position among the circuit's inputs.
    Input(u32),
    /// Position in `Graph::constants`.
    Constant(u32),
    Add(NodeId, NodeId),
    Subtract(NodeId, NodeId),
    Multiply(NodeId, NodeId),
    /// 1/x, and 0 for x = 0, as circom defines it.
    Invert(NodeId),
    /// The second when the first is not 0, else the third.
    Select(NodeId, NodeId, NodeId),
    /// Whether an element is 0.
    IsZero(NodeId),
    /// The integer of an element. Integers from here on.
    Integer(NodeId),
    IntegerConstant(u32),
    /// `count` bits from bit `first`: integer to integer.
    Slice {
        integer: NodeId,
        first: u32,
        count: u32,
    },
    Apply(Operator, NodeId, NodeId),
    /// The element of an integer.
    Field(NodeId),
    /// One bit of an integer as an element.
    Bit {
        integer: NodeId,
        index: u32,
    },
}

impl Node {
    /// The nodes that it is made of.
    pub fn arguments(self) -> impl Iterator<Item = NodeId> {
        let [a, b, c] = match self {
            Self::Input(_) | Self::Constant(_) | Self::IntegerConstant(_) => [None; 3],
            Self::Invert(a) | Self::IsZero(a) | Self::Integer(a) | Self::Field(a) => [Some(a), None, None],
            Self::Slice { integer, .. } | Self::Bit { integer, .. } => [Some(integer), None, None],
            Self::Add(a, b) | Self::Subtract(a, b) | Self::Multiply(a, b) | Self::Apply(_, a, b) => {
                [Some(a), Some(b), None]
            }
            Self::Select(a, b, c) => [Some(a), Some(b), Some(c)],
        };
        [a, b, c].into_iter().flatten()
    }
}

#[derive(Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    known: HashMap<Node, NodeId>,
    pub constants: Vec<Fr>,
    known_constants: HashMap<Fr, u32>,
}

impl Graph {
    pub fn push(&mut self, node: Node) -> NodeId {
        let next = self.nodes.len() as NodeId;
        let id = *self.known.entry(node).or_insert(next);
        if id == next {
            self.nodes.push(node);
        }
        id
    }

    pub fn constant_position(&mut self, value: Fr) -> u32 {
        let next = self.constants.len() as u32;
        let position = *self.known_constants.entry(value).or_insert(next);
        if position == next {
            self.constants.push(value);
        }
        position
    }

    pub fn input(&mut self, position: u32) -> NodeId {
        self.push(Node::Input(position))
    }

    pub fn constant(&mut self, value: Fr) -> NodeId {
        let position = self.constant_position(value);
        self.push(Node::Constant(position))
    }

    pub fn bool(&mut self, value: bool) -> NodeId {
        self.constant(Fr::from(value))
    }

    /// The value of a node that does not depend on inputs.
    pub fn value(&self, id: NodeId) -> Option<Fr> {
        match self.nodes[id as usize] {
            Node::Constant(position) | Node::IntegerConstant(position) => Some(self.constants[position as usize]),
            _ => None,
        }
    }

    pub fn is_constant(&self, id: NodeId, value: Fr) -> bool {
        self.value(id) == Some(value)
    }

    /// Whether a node can only be 0 or 1.
    pub fn is_truth(&self, id: NodeId) -> bool {
        match self.nodes[id as usize] {
            Node::IsZero(_) | Node::Bit { .. } => true,
            Node::Field(integer) => self.is_small(integer),
            Node::Constant(position) => {
                let value = self.constants[position as usize];
                value.is_zero() || value.is_one()
            }
            Node::Select(_, a, b) => self.is_truth(a) && self.is_truth(b),
            _ => false,
        }
    }

    /// Whether an integer can only be 0 or 1.
    fn is_small(&self, id: NodeId) -> bool {
        matches!(self.nodes[id as usize], Node::Apply(Operator::Less, ..) | Node::Slice { count: 1, .. })
    }
}
