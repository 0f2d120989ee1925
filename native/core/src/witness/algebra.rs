//! Field operations on nodes, and the identities that shorten them.

use super::graph::{Graph, Node, NodeId};
use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};

impl Graph {
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
}
