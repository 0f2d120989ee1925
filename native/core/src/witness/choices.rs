//! Truth values and selections on nodes.

use super::graph::{Graph, Node, NodeId};
use ark_bn254::Fr;
use ark_ff::{One, Zero};

impl Graph {
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
}
