//! The field functions of circom's WebAssembly runtime, by their names, on nodes.

use super::frame::{Failure, Result};
use super::graph::{Graph, NodeId};
use super::integer::Operator;
use super::memory::{ELEMENT_BYTES, Memory};
use super::module::Module;
use super::words::Value;
use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField, Zero};
use std::collections::HashMap;

/// A runtime function that is not run but meant.
#[derive(Clone, Copy)]
pub enum Intrinsic {
    /// (result, a, b)
    Binary(fn(&mut Graph, NodeId, NodeId) -> NodeId),
    /// (result, a)
    Unary(fn(&mut Graph, NodeId) -> NodeId),
    /// (to, from, count)
    CopyMany,
    /// (a) → i32
    IsTrue,
    /// (a) → i32
    ToInt,
    /// (a, b) → i32
    Equal,
    /// Changes the form of an element or writes a message: nothing that a node knows.
    Ignored,
    /// A field function that no circuit calls directly.
    Unsupported,
}

/// Which functions of a module are intrinsics.
pub fn intrinsics(module: &Module) -> HashMap<u32, Intrinsic> {
    let named = module.functions.iter().enumerate();
    named.filter_map(|(index, function)| Some((index as u32, intrinsic(&function.name)?))).collect()
}

fn intrinsic(name: &str) -> Option<Intrinsic> {
    use Intrinsic::{Binary, Unary};
    Some(match name {
        "Fr_copy" => Unary(|_, a| a),
        "Fr_neg" => Unary(|graph, a| {
            let zero = graph.constant(Fr::zero());
            graph.subtract(zero, a)
        }),
        "Fr_lnot" => Unary(Graph::not),
        "Fr_bnot" => Unary(|graph, a| graph.apply(Operator::Not, a, a)),
        "Fr_inv" => Unary(Graph::invert),
        "Fr_square" => Unary(|graph, a| graph.multiply(a, a)),
        "Fr_add" => Binary(Graph::add),
        "Fr_sub" => Binary(Graph::subtract),
        "Fr_mul" => Binary(Graph::multiply),
        "Fr_div" => Binary(|graph, a, b| {
            let inverse = graph.invert(b);
            graph.multiply(a, inverse)
        }),
        "Fr_eq" => Binary(Graph::equal),
        "Fr_neq" => Binary(|graph, a, b| {
            let equal = graph.equal(a, b);
            graph.not(equal)
        }),
        "Fr_lt" => Binary(|graph, a, b| graph.apply(Operator::Less, a, b)),
        "Fr_gt" => Binary(|graph, a, b| graph.apply(Operator::Less, b, a)),
        "Fr_leq" => Binary(|graph, a, b| {
            let greater = graph.apply(Operator::Less, b, a);
            graph.not(greater)
        }),
        "Fr_geq" => Binary(|graph, a, b| {
            let less = graph.apply(Operator::Less, a, b);
            graph.not(less)
        }),
        "Fr_land" => Binary(Graph::both),
        "Fr_lor" => Binary(Graph::either),
        "Fr_shl" => Binary(|graph, a, b| graph.apply(Operator::ShiftLeft, a, b)),
        "Fr_shr" => Binary(|graph, a, b| graph.apply(Operator::ShiftRight, a, b)),
        "Fr_band" => Binary(|graph, a, b| graph.apply(Operator::And, a, b)),
        "Fr_bor" => Binary(|graph, a, b| graph.apply(Operator::Or, a, b)),
        "Fr_bxor" => Binary(|graph, a, b| graph.apply(Operator::Xor, a, b)),
        "Fr_idiv" => Binary(|graph, a, b| graph.apply(Operator::Quotient, a, b)),
        "Fr_mod" => Binary(|graph, a, b| graph.apply(Operator::Remainder, a, b)),
        "Fr_pow" => Binary(|graph, a, b| graph.apply(Operator::Power, a, b)),
        "Fr_copyn" => Intrinsic::CopyMany,
        "Fr_isTrue" => Intrinsic::IsTrue,
        "Fr_toInt" => Intrinsic::ToInt,
        "Fr_eqR" => Intrinsic::Equal,
        "Fr_toNormal" | "Fr_toLongNormal" | "Fr_toMontgomery" | "Fr_int_zero" => Intrinsic::Ignored,
        "buildBufferMessage" | "buildLogMessage" => Intrinsic::Ignored,
        name if name.starts_with("Fr_") => Intrinsic::Unsupported,
        _ => return None,
    })
}

fn address(arguments: &[Value], index: usize) -> Result<u32> {
    match arguments.get(index) {
        Some(Value::Word(word)) => Ok(*word as u32),
        _ => Err(Failure::new("an array is indexed by a value that depends on the inputs")),
    }
}

impl Intrinsic {
    /// Runs it; the result for the stack. `by_input`: called by `setInputSignal`, which only chooses a form for an
    /// input and must not look at it.
    pub fn run(
        self,
        arguments: &[Value],
        by_input: bool,
        memory: &mut Memory,
        graph: &mut Graph,
    ) -> Result<Option<Value>> {
        match self {
            Self::Unary(operation) => {
                let a = memory.element(address(arguments, 1)?, graph)?;
                memory.store_element(address(arguments, 0)?, operation(graph, a))?;
            }
            Self::Binary(operation) => {
                let a = memory.element(address(arguments, 1)?, graph)?;
                let b = memory.element(address(arguments, 2)?, graph)?;
                memory.store_element(address(arguments, 0)?, operation(graph, a, b))?;
            }
            Self::CopyMany => {
                let (to, from) = (address(arguments, 0)?, address(arguments, 1)?);
                for index in 0..address(arguments, 2)? {
                    let offset = index.wrapping_mul(ELEMENT_BYTES);
                    let node = memory.element(from.wrapping_add(offset), graph)?;
                    memory.store_element(to.wrapping_add(offset), node)?;
                }
            }
            Self::ToInt | Self::Equal if by_input => return Ok(Some(Value::Word(0))),
            Self::IsTrue => {
                let node = memory.element(address(arguments, 0)?, graph)?;
                return Ok(Some(truth(graph, node)));
            }
            Self::Equal => {
                let a = memory.element(address(arguments, 0)?, graph)?;
                let b = memory.element(address(arguments, 1)?, graph)?;
                let equal = graph.equal(a, b);
                return Ok(Some(truth(graph, equal)));
            }
            Self::ToInt => {
                let node = memory.element(address(arguments, 0)?, graph)?;
                return Ok(Some(match graph.value(node) {
                    Some(value) => Value::Word(u64::from(low_word(value))),
                    None => Value::Unknown,
                }));
            }
            Self::Ignored => {}
            Self::Unsupported => return Err(Failure::new("an unknown field function is called")),
        }
        Ok(None)
    }
}

fn truth(graph: &Graph, node: NodeId) -> Value {
    match graph.value(node) {
        Some(value) => Value::Word(u64::from(!value.is_zero())),
        None => Value::Truth { node, negated: false },
    }
}

/// The low 32 bits of a signed number, as `Fr_toInt` gives them.
fn low_word(value: Fr) -> u32 {
    let integer = value.into_bigint();
    if integer > Fr::MODULUS_MINUS_ONE_DIV_TWO {
        let mut opposite = Fr::MODULUS;
        opposite.sub_with_borrow(&integer);
        (opposite.0[0] as u32).wrapping_neg()
    } else {
        integer.0[0] as u32
    }
}
