//! Times the kernels: `cargo run --release --example kernels [largest log2 of the sums]`. One JSON object on stdout.
//! RAYON_NUM_THREADS sets the cores; the numbers are wall-clock, the best of three.

use ark_bn254::Fr;
use ark_ff::{Field, PrimeField};
use rollup_core::babyjubjub::{SIGNATURE_ITEM_BYTES, verify_batch};
use rollup_core::groth16::quotient;
use rollup_core::monitor::Monitor;
#[cfg(target_arch = "x86_64")]
use rollup_core::montgomery::adx;
use rollup_core::montgomery::{Arithmetic, FqElement, Portable};
use rollup_core::msm::{Digits, FixedBase, Kernel, ScalarG1, ScalarG2, Terms, sum};
use rollup_core::poseidon::hash_groups;
use rollup_core::r1cs::Products;
use serde_json::{Map, Value, json};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 3;

/// Best wall-clock seconds.
fn best<T>(mut work: impl FnMut() -> T) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

fn scalars(count: usize) -> Vec<Fr> {
    let step = Fr::from(0x9e37_79b9_7f4a_7c15u64).pow([11]);
    std::iter::successors(Some(step), |value| Some(*value * step)).take(count).collect()
}

/// Nanoseconds per term of a sum over random points and scalars.
fn time_sum<K: Kernel>(log2: u32) -> f64 {
    let count = 1usize << log2;
    let scalars = scalars(2 * count);
    let points = FixedBase::<K>::of_generator(count).multiply_many(&scalars[count..]).to_vec();
    let integers: Vec<_> = scalars[..count].iter().map(|scalar| scalar.into_bigint()).collect();
    let positions: Vec<u32> = (0..count as u32).collect();
    let monitor = Monitor::new();
    let seconds = best(|| {
        let digits = Digits::new(&integers);
        sum::<K>(Terms { points: &points, scalars: &positions }, &digits, &monitor)
    });
    seconds * 1e9 / count as f64
}

/// The same by the fastest scalar kernels of this machine, over G1 and G2.
fn time_scalar_sums(log2: u32) -> (f64, f64) {
    #[cfg(target_arch = "x86_64")]
    if adx::available() {
        return (time_sum::<ScalarG1<adx::Adx>>(log2), time_sum::<ScalarG2<adx::Adx>>(log2));
    }
    (time_sum::<ScalarG1>(log2), time_sum::<ScalarG2>(log2))
}

/// Nanoseconds per product: chains as long as `count`, four side by side.
fn time_products<A: Arithmetic>(count: usize) -> f64 {
    let factor = FqElement::<A>::new([5, 7, 11, 1 << 60]);
    let mut values = [3, 5, 7, 11].map(|limb| FqElement::<A>::new([limb, 1, 1, 1]));
    let seconds = best(|| {
        for _ in 0..count / values.len() {
            values = values.map(|value| value.multiply_loose(factor));
        }
        values
    });
    seconds * 1e9 / count as f64
}

fn main() {
    let largest: u32 = std::env::args().nth(1).map_or(18, |text| text.parse().expect("a number"));
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        eprintln!("{name}: {value}");
        out.insert(name.to_owned(), value);
    };
    put("threads", json!(rayon::current_num_threads()));

    let multiplications = 1 << 20;
    #[allow(unused_mut)]
    let mut nanoseconds = time_products::<Portable>(multiplications);
    #[cfg(target_arch = "x86_64")]
    if adx::available() {
        nanoseconds = time_products::<adx::Adx>(multiplications);
    }
    put("fieldMultiplicationScalarNs", json!(nanoseconds));

    #[cfg(target_arch = "x86_64")]
    if rollup_core::lanes::available() {
        // SAFETY: the features are there.
        let seconds = best(|| unsafe { lane_multiplications(multiplications / 16) });
        put("fieldMultiplicationLanesNs", json!(seconds * 1e9 / multiplications as f64));
    }

    for log2 in (16..=largest).step_by(2) {
        let (g1, g2) = time_scalar_sums(log2);
        put(&format!("sumG1Scalar2e{log2}NsPerTerm"), json!(g1));
        put(&format!("sumG2Scalar2e{log2}NsPerTerm"), json!(g2));
        #[cfg(target_arch = "x86_64")]
        if rollup_core::lanes::available() {
            use rollup_core::lanes::msm::{LanesG1, LanesG2};
            put(&format!("sumG1Lanes2e{log2}NsPerTerm"), json!(time_sum::<LanesG1>(log2)));
            put(&format!("sumG2Lanes2e{log2}NsPerTerm"), json!(time_sum::<LanesG2>(log2)));
        }
    }
    // The domains of the profiles are 2^19, 2^21 and 2^24.
    for log2 in (16..=if largest >= 20 { 24 } else { largest }).step_by(2) {
        let column: Vec<[u64; 4]> = scalars(1 << log2).iter().map(|value| value.0.0).collect();
        let seconds = best(|| quotient(Products { a: column.clone(), b: column.clone() }, &Monitor::new()));
        put(&format!("quotient2e{log2}Seconds"), json!(seconds));
    }
    let nodes = 1 << 14;
    let seconds = best(|| hash_groups(&vec![1; nodes * 4 * 32], 4));
    put("poseidon4Ns", json!(seconds * 1e9 / nodes as f64));
    // The identity as key is refused early; a point of the curve as key and R8 is not.
    let item = signature_item();
    let items = 1 << 10;
    let seconds = best(|| verify_batch(&item.repeat(items)));
    put("signatureNs", json!(seconds * 1e9 / items as f64));
    println!("{}", Value::Object(out));
}

/// A signature that is checked to the end: key and R8 are B8, S is 1.
fn signature_item() -> [u8; SIGNATURE_ITEM_BYTES] {
    let mut item = [0; SIGNATURE_ITEM_BYTES];
    let base = [rollup_core::babyjubjub::BASE8.x, rollup_core::babyjubjub::BASE8.y];
    for (index, value) in [base[0], base[1], base[0], base[1], Fr::from(1u64), Fr::from(1u64)].iter().enumerate() {
        item[32 * index..32 * index + 32].copy_from_slice(&rollup_core::field::bytes(value));
    }
    item
}

/// Two chains of products in eight lanes each: 16 products a round.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn lane_multiplications(rounds: usize) -> [[u64; 4]; 8] {
    use rollup_core::lanes::field::{FqPrime, Lanes};
    // SAFETY: the caller promises the features; 5 and the products are small.
    unsafe {
        let factor = Lanes::<FqPrime>::broadcast([5, 0, 0, 1 << 50]);
        let (mut a, mut b) = (factor, Lanes::<FqPrime>::one());
        for _ in 0..rounds {
            (a, b) = Lanes::multiply2(&a, &factor, &b, &factor);
        }
        Lanes::add(&a, &b).to_words()
    }
}
