//! Integers on nodes: bits and slices, and all operators that have no form of their own.

use super::graph::{Graph, Node, NodeId};
use super::integer::{FIELD_BITS, Integer, Operator, field};
use ark_bn254::Fr;
use ark_ff::PrimeField;

impl Graph {
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
