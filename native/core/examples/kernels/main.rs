//! Times the kernels: `cargo run --release --example kernels [largest log2 of sums and transforms]`.
//!
//! One JSON object on stdout: `{threads, path, kernels: [{kernel, log2?, nanoseconds}]}`, wall-clock nanoseconds of one
//! operation, the best of three or more. RAYON_NUM_THREADS sets the cores, QUITTANCE_DISABLE_IFMA=1 takes the scalar path.

mod operations;

use operations::{field, poseidon, signature, sum, transform};
use serde_json::{Map, Value, json};
use std::hint::black_box;
use std::time::Instant;

/// Rounds of an operation: as many as fit into a second, at least three, or one when it takes ten seconds.
const ROUNDS: usize = 3;
const ENOUGH_SECONDS: f64 = 1.0;
const PATIENCE_SECONDS: f64 = 10.0;
/// Sums of 2^16 to 2^22 terms, transforms of 2^20 to 2^24 values: the domains of the profiles are 2^19, 2^21, 2^24.
const SUMS: [u32; 4] = [16, 18, 20, 22];
const TRANSFORMS: [u32; 3] = [20, 22, 24];

/// Least wall-clock nanoseconds of `work` over the rounds.
pub fn best<T>(mut work: impl FnMut() -> T) -> f64 {
    best_prepared(|| (), |()| work())
}

/// The same with inputs that a round uses up, whose preparation does not count.
pub fn best_prepared<I, T>(mut prepare: impl FnMut() -> I, mut work: impl FnMut(I) -> T) -> f64 {
    let (mut least, mut spent, mut rounds) = (f64::INFINITY, 0.0, 0);
    while (rounds < ROUNDS || spent < ENOUGH_SECONDS) && spent < PATIENCE_SECONDS {
        let input = prepare();
        let start = Instant::now();
        black_box(work(input));
        let seconds = start.elapsed().as_secs_f64();
        least = least.min(seconds);
        spent += seconds;
        rounds += 1;
    }
    least * 1e9
}

/// Whether the kernels run in lanes.
pub fn in_lanes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return quittance_core::lanes::available();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// The sizes up to the largest one, or that one alone.
fn up_to(largest: u32, sizes: &[u32]) -> Vec<u32> {
    let fitting: Vec<u32> = sizes.iter().copied().filter(|log2| *log2 <= largest).collect();
    if fitting.is_empty() { vec![largest] } else { fitting }
}

fn main() {
    let largest: u32 = std::env::args().nth(1).map_or(18, |text| text.parse().expect("a number"));
    let mut kernels = Vec::new();
    let mut put = |kernel: &str, log2: Option<u32>, nanoseconds: f64| {
        eprintln!("{kernel} {}: {nanoseconds:.1} ns", log2.map_or(String::new(), |log2| format!("2^{log2}")));
        let mut row = Map::new();
        row.insert("kernel".to_owned(), json!(kernel));
        if let Some(log2) = log2 {
            row.insert("log2".to_owned(), json!(log2));
        }
        row.insert("nanoseconds".to_owned(), json!(nanoseconds));
        kernels.push(Value::Object(row));
    };
    put("multiplyFq", None, field::multiply_fq());
    put("multiplyFr", None, field::multiply_fr());
    for arity in 2..=5 {
        put(&format!("poseidon{}", arity + 1), None, poseidon::hash(arity));
    }
    put("verify", None, signature::verify());
    for (log2, nanoseconds) in sum::sums_g1(&up_to(largest, &SUMS)) {
        put("sumG1", Some(log2), nanoseconds);
    }
    for (log2, nanoseconds) in sum::sums_g2(&up_to(largest, &SUMS)) {
        put("sumG2", Some(log2), nanoseconds);
    }
    for log2 in up_to(largest, &TRANSFORMS) {
        put("transform", Some(log2), transform::transform(log2));
    }
    let path = if in_lanes() { "lanes" } else { "scalar" };
    println!("{}", json!({ "threads": rayon::current_num_threads(), "path": path, "kernels": kernels }));
}
