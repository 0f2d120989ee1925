//! The values of a circuit as a graph without duplicates, simplified while it grows.

use super::integer::{FIELD_BITS, Integer, Operator, field};
use ark_bn254::Fr;
use ark_ff::{Field, One, PrimeField, Zero};
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
    fn push(&mut self, node: Node) -> NodeId {
        let next = self.nodes.len() as NodeId;
        let id = *self.known.entry(node).or_insert(next);
        if id == next {
            self.nodes.push(node);
        }
        id
    }

    fn constant_position(&mut self, value: Fr) -> u32 {
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

    fn bool(&mut self, value: bool) -> NodeId {
        self.constant(Fr::from(value))
    }

    /// The value of a node that does not depend on inputs.
    pub fn value(&self, id: NodeId) -> Option<Fr> {
        match self.nodes[id as usize] {
            Node::Constant(position) | Node::IntegerConstant(position) => Some(self.constants[position as usize]),
            _ => None,
        }
    }

    fn is_constant(&self, id: NodeId, value: Fr) -> bool {
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

    pub fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.value(a), self.value(b)) {
            (Some(x), Some(y)) => self.constant(x + y),
            (Some(x), _) if x.is_zero() => b,
            (_, Some(y)) if y.is_zero() => a,
            (Some(x), _) => self.add_constant(b, x),
            (_, Some(y)) => self.add_constant(a, y),
            _ => match (self.nodes[a as usize], self.nodes[b as usize]) {
                (Node::Subtract(x, y), _) if y == b => x,
                (_, Node::Subtract(x, y)) if y == a => x,
                _ => self.push(Node::Add(a.min(b), a.max(b))),
            },
        }
    }

    /// Constants that are added one after the other become one.
    fn add_constant(&mut self, a: NodeId, value: Fr) -> NodeId {
        if let Node::Add(x, y) = self.nodes[a as usize] {
            for (rest, constant) in [(x, y), (y, x)] {
                if let Some(inner) = self.value(constant) {
                    let sum = self.constant(inner + value);
                    return self.add(rest, sum);
                }
            }
        }
        let constant = self.constant(value);
        self.push(Node::Add(a.min(constant), a.max(constant)))
    }

    pub fn subtract(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.value(a), self.value(b)) {
            (Some(x), Some(y)) => self.constant(x - y),
            (_, Some(y)) => {
                let negative = self.constant(-y);
                self.add(a, negative)
            }
            _ if a == b => self.constant(Fr::zero()),
            _ => match self.nodes[a as usize] {
                Node::Add(x, y) if y == b => x,
                Node::Add(x, y) if x == b => y,
                _ => self.push(Node::Subtract(a, b)),
            },
        }
    }

    pub fn multiply(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.value(a), self.value(b)) {
            (Some(x), Some(y)) => self.constant(x * y),
            (Some(x), _) | (_, Some(x)) if x.is_zero() => self.constant(x),
            (Some(x), _) if x.is_one() => b,
            (_, Some(y)) if y.is_one() => a,
            (Some(x), _) => self.scale(b, x),
            (_, Some(y)) => self.scale(a, y),
            _ => match (self.scaled(a), self.scaled(b)) {
                // Constants move to the outermost product, where they meet and may cancel.
                (Some((x, inner)), _) => self.scale_product(x, b, inner),
                (_, Some((y, inner))) => self.scale_product(y, a, inner),
                _ => self.push(Node::Multiply(a.min(b), a.max(b))),
            },
        }
    }

    /// A node that is a constant multiple of another: that one and the constant.
    fn scaled(&self, id: NodeId) -> Option<(NodeId, Fr)> {
        match self.nodes[id as usize] {
            Node::Multiply(a, b) => match (self.value(a), self.value(b)) {
                (Some(x), None) => Some((b, x)),
                (None, Some(y)) => Some((a, y)),
                _ => None,
            },
            _ => None,
        }
    }

    /// factor · a: constants that are multiplied one after the other become one.
    fn scale(&mut self, a: NodeId, factor: Fr) -> NodeId {
        if let Some((rest, inner)) = self.scaled(a) {
            let factor = self.constant(inner * factor);
            return self.multiply(rest, factor);
        }
        let factor = self.constant(factor);
        self.push(Node::Multiply(a.min(factor), a.max(factor)))
    }

    /// factor · (a · b)
    fn scale_product(&mut self, a: NodeId, b: NodeId, factor: Fr) -> NodeId {
        let product = self.multiply(a, b);
        let factor = self.constant(factor);
        self.multiply(product, factor)
    }

    pub fn invert(&mut self, a: NodeId) -> NodeId {
        match self.value(a) {
            Some(x) => self.constant(x.inverse().unwrap_or_default()),
            None => self.push(Node::Invert(a)),
        }
    }

    pub fn is_zero(&mut self, a: NodeId) -> NodeId {
        match (self.value(a), self.nodes[a as usize]) {
            (Some(x), _) => self.bool(x.is_zero()),
            (_, Node::IsZero(b)) if self.is_truth(b) => b,
            _ => self.push(Node::IsZero(a)),
        }
    }

    pub fn equal(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let difference = self.subtract(a.max(b), a.min(b));
        self.is_zero(difference)
    }

    pub fn not(&mut self, a: NodeId) -> NodeId {
        self.is_zero(a)
    }

    /// 1 when the element is not 0.
    pub fn truth(&mut self, a: NodeId) -> NodeId {
        if self.is_truth(a) {
            return a;
        }
        let zero = self.is_zero(a);
        self.is_zero(zero)
    }

    pub fn both(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let (a, b) = (self.truth(a), self.truth(b));
        let zero = self.bool(false);
        self.select(a, b, zero)
    }

    pub fn either(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let (a, b) = (self.truth(a), self.truth(b));
        let one = self.bool(true);
        self.select(a, one, b)
    }

    pub fn select(&mut self, condition: NodeId, a: NodeId, b: NodeId) -> NodeId {
        if let Some(value) = self.value(condition) {
            return if value.is_zero() { b } else { a };
        }
        if a == b {
            return a;
        }
        if let Node::IsZero(inner) = self.nodes[condition as usize] {
            // x = 0 ? 0 : k/x is k/x, because 1/0 counts as 0.
            if self.is_constant(a, Fr::zero()) && self.vanishes_with(b, inner) {
                return b;
            }
            return self.select(inner, b, a);
        }
        if self.is_constant(b, Fr::zero()) && self.vanishes_with(a, condition) {
            return a;
        }
        if self.is_truth(condition) && self.is_constant(a, Fr::one()) && self.is_constant(b, Fr::zero()) {
            return condition;
        }
        self.push(Node::Select(condition, a, b))
    }

    /// Whether `id` is surely 0 when `x` is: x itself, 1/x, or a product with one of them.
    fn vanishes_with(&self, id: NodeId, x: NodeId) -> bool {
        let is_factor = |id: NodeId| id == x || matches!(self.nodes[id as usize], Node::Invert(y) if y == x);
        match self.nodes[id as usize] {
            Node::Multiply(a, b) => is_factor(a) || is_factor(b),
            _ => is_factor(id),
        }
    }

    pub fn integer(&mut self, a: NodeId) -> NodeId {
        match self.nodes[a as usize] {
            Node::Constant(position) => self.push(Node::IntegerConstant(position)),
            Node::Field(integer) => integer,
            Node::Bit { integer, index } => self.push(Node::Slice { integer, first: index, count: 1 }),
            _ => self.push(Node::Integer(a)),
        }
    }

    fn integer_constant(&mut self, value: Integer) -> NodeId {
        let position = self.constant_position(field(value));
        self.push(Node::IntegerConstant(position))
    }

    pub fn field(&mut self, integer: NodeId) -> NodeId {
        match self.nodes[integer as usize] {
            Node::IntegerConstant(position) => self.push(Node::Constant(position)),
            Node::Integer(a) => a,
            Node::Slice { integer, first, count: 1 } => self.push(Node::Bit { integer, index: first }),
            _ => self.push(Node::Field(integer)),
        }
    }

    /// `count` bits of an integer from bit `first`; slices of slices become one.
    fn slice(&mut self, integer: NodeId, first: u32, count: u32) -> NodeId {
        if first >= FIELD_BITS {
            return self.integer_constant([0; 4]);
        }
        let count = count.min(FIELD_BITS - first);
        match self.nodes[integer as usize] {
            Node::Slice { integer, first: inner, count: limit } => match limit.checked_sub(first) {
                None | Some(0) => self.integer_constant([0; 4]),
                Some(left) => self.push(Node::Slice { integer, first: inner + first, count: count.min(left) }),
            },
            _ if first == 0 && count == FIELD_BITS => integer,
            _ => self.push(Node::Slice { integer, first, count }),
        }
    }

    /// An operator on two elements, read as integers.
    pub fn apply(&mut self, operator: Operator, a: NodeId, b: NodeId) -> NodeId {
        let (a, b) = (self.integer(a), self.integer(b));
        let result = self.apply_integers(operator, a, b);
        self.field(result)
    }

    fn apply_integers(&mut self, operator: Operator, a: NodeId, b: NodeId) -> NodeId {
        let limbs = |value: Fr| value.into_bigint().0;
        match (operator, self.value(a).map(limbs), self.value(b).map(limbs)) {
            (_, Some(x), Some(y)) => self.integer_constant(operator.apply(x, y)),
            (Operator::ShiftRight, None, Some([count, 0, 0, 0])) => {
                self.slice(a, count.min(u64::from(FIELD_BITS)) as u32, FIELD_BITS)
            }
            (Operator::And, None, Some(mask)) if mask_bits(mask).is_some() => {
                self.slice(a, 0, mask_bits(mask).expect("just checked"))
            }
            (Operator::And, Some(mask), None) if mask_bits(mask).is_some() => {
                self.slice(b, 0, mask_bits(mask).expect("just checked"))
            }
            _ => self.push(Node::Apply(operator, a, b)),
        }
    }
}

/// n when the integer is 2^n − 1 for n ≥ 1.
fn mask_bits(mask: Integer) -> Option<u32> {
    let ones: u32 = mask.iter().map(|limb| limb.trailing_ones()).sum();
    let total: u32 = mask.iter().map(|limb| limb.count_ones()).sum();
    let contiguous = mask.windows(2).all(|pair| pair[1] == 0 || pair[0] == u64::MAX);
    (ones == total && contiguous && ones > 0).then_some(ones)
}
