//! Random graphs: what the simplified, scheduled tape gives against the same operations done one by one on numbers.

use super::circuit::{Circuit, Input};
use super::graph::{Graph, NodeId};
use super::integer::{Operator, field};
use super::program::Program;
use super::schedule::schedule;
use crate::monitor::Monitor;
use ark_bn254::Fr;
use ark_ff::{Field, One, PrimeField, Zero};

const INPUTS: u32 = 4;
const INSTANCES: usize = 9;
const OPERATIONS: usize = 160;
const GRAPHS: u64 = 300;

/// A small generator: what it draws only has to differ.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

type Values = [Fr; INSTANCES];

fn is_true(x: Fr) -> bool {
    !x.is_zero()
}

fn truth(x: bool) -> Fr {
    Fr::from(x)
}

fn operate(operator: Operator, x: Fr, y: Fr) -> Fr {
    field(operator.apply(x.into_bigint().0, y.into_bigint().0))
}

/// One random operation, on the graph and on the numbers.
fn step(random: &mut Random, graph: &mut Graph, known: &[(NodeId, Values)]) -> (NodeId, Values) {
    // Mostly recent values, so that chains grow.
    let mut pick = || {
        let near = random.below(2) == 0;
        known[if near { known.len() - 1 - random.below(6.min(known.len())) } else { random.below(known.len()) }]
    };
    let ((a, x), (b, y), (c, z)) = (pick(), pick(), pick());
    let each = |operation: &dyn Fn(usize) -> Fr| -> Values { std::array::from_fn(operation) };
    match random.below(14) {
        0 | 1 => (graph.add(a, b), each(&|i| x[i] + y[i])),
        2 | 3 => (graph.subtract(a, b), each(&|i| x[i] - y[i])),
        4 | 5 => (graph.multiply(a, b), each(&|i| x[i] * y[i])),
        6 => (graph.invert(a), each(&|i| x[i].inverse().unwrap_or_default())),
        7 => (graph.select(a, b, c), each(&|i| if is_true(x[i]) { y[i] } else { z[i] })),
        8 => (graph.equal(a, b), each(&|i| truth(x[i] == y[i]))),
        9 => (graph.not(a), each(&|i| truth(!is_true(x[i])))),
        10 => (graph.both(a, b), each(&|i| truth(is_true(x[i]) && is_true(y[i])))),
        11 => (graph.either(a, b), each(&|i| truth(is_true(x[i]) || is_true(y[i])))),
        12 => {
            let count = Fr::from(random.below(260) as u64);
            let mask = Fr::from(2u64).pow([random.below(255) as u64]) - Fr::one();
            let (shift, bits) = (graph.constant(count), graph.constant(mask));
            let shifted = graph.apply(Operator::ShiftRight, a, shift);
            let masked = graph.apply(Operator::And, shifted, bits);
            (masked, each(&|i| operate(Operator::And, operate(Operator::ShiftRight, x[i], count), mask)))
        }
        _ => {
            let operator = Operator::ALL[random.below(Operator::ALL.len())];
            (graph.apply(operator, a, b), each(&|i| operate(operator, x[i], y[i])))
        }
    }
}

fn random_circuit(seed: u64) -> (Circuit, Vec<Values>, Vec<Values>) {
    let mut random = Random(seed);
    let mut graph = Graph::default();
    let mut known: Vec<(NodeId, Values)> = Vec::new();
    for value in [Fr::zero(), Fr::one(), -Fr::one(), Fr::from(5u64), Fr::from(1u64 << 52)] {
        known.push((graph.constant(value), [value; INSTANCES]));
    }
    let mut inputs = Vec::new();
    for position in 0..INPUTS {
        let values: Values = std::array::from_fn(|_| match random.below(4) {
            0 => Fr::from(random.below(3) as u64),
            1 => -Fr::from(random.below(3) as u64),
            _ => Fr::from(random.below(usize::MAX) as u64 + 7).pow([9]),
        });
        known.push((graph.input(position), values));
        inputs.push(values);
    }
    for _ in 0..OPERATIONS {
        let next = step(&mut random, &mut graph, &known);
        known.push(next);
    }
    let (wires, values) = known.into_iter().unzip();
    let all = Input { name: "all".to_owned(), first: 0, count: INPUTS };
    (Circuit { graph, inputs: vec![all], wires }, inputs, values)
}

#[test]
fn tapes_of_random_graphs_compute_what_the_operations_say() {
    for seed in 0..GRAPHS {
        let (circuit, inputs, expected) = random_circuit(seed);
        let tape = schedule(circuit);
        assert_eq!(tape.fault(), None, "seed {seed}");
        let bytes: Vec<u8> = (0..INSTANCES)
            .flat_map(|instance| inputs.iter().flat_map(move |values| crate::field::bytes(&values[instance])))
            .collect();
        for program in [Program::scalar(tape.clone()), Program::new(tape.clone())] {
            let witnesses = program.run(&bytes, &Monitor::new()).expect("runs");
            for (position, actual) in witnesses.chunks(32).enumerate() {
                let (instance, wire) = (position / expected.len(), position % expected.len());
                let wanted = crate::field::bytes(&expected[wire][instance]);
                assert_eq!(actual, wanted, "seed {seed}, instance {instance}, wire {wire}");
            }
        }
    }
}
