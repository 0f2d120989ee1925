//! Multiples of B8 in lanes, from a table of 32 signed windows of eight bits.

use super::babyjubjub::{Extended, F, add_words, curve, negate_some};
use super::field::join;
use super::integer::to_integers;
use super::poseidon::stored;
use super::transpose::load_pairs;
use crate::babyjubjub::base_multiples;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField, Zero};
use std::sync::OnceLock;
use zeroize::Zeroize;

const WINDOWS: usize = 32;
/// Multiples 0 to 128 of a window's base.
const ENTRIES: usize = 129;
/// Added to a scalar it makes every digit 128 too large, so that none is negative.
const OFFSETS: [u64; 4] = [0x8080_8080_8080_8080; 4];

/// y + x, y − x and 2·d'·x·y of an affine point of the scaled curve, each below r.
#[derive(Clone, Copy)]
#[repr(C, align(128))]
struct Entry {
    sum: [u64; 4],
    difference: [u64; 4],
    t: [u64; 4],
    unused: [u64; 4],
}

impl Entry {
    fn new(x: Fr, y: Fr) -> Self {
        let t = curve().d.double() * x * y;
        let [sum, difference, t] = [y + x, y - x, t].map(|value| join(stored(&value)));
        Self { sum, difference, t, unused: [0; 4] }
    }
}

/// Entry `w·129 + d` is d·2^(8w)·B8.
fn table() -> &'static [Entry] {
    static TABLE: OnceLock<Vec<Entry>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let scale = curve().scale;
        let identity = Entry::new(Fr::zero(), Fr::ONE);
        (0..WINDOWS)
            .flat_map(|window| {
                let multiples = base_multiples(window).take(ENTRIES - 1);
                std::iter::once(identity).chain(multiples.map(|point| Entry::new(scale * point.x, point.y)))
            })
            .collect()
    })
}

/// `scalars`·B8 in each lane, for scalars below 2^254.
/// Twin: native/core/src/babyjubjub/fixed_base.rs multiply_base.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
pub unsafe fn multiply_base(scalars: &[[u64; 4]; 8]) -> Extended {
    unsafe {
        let table = table();
        // The top byte is at most 63 + 128 + 1: no digit carries out.
        let digits = scalars.map(|scalar| add_words(scalar, OFFSETS));
        let mut sum = Extended::identity();
        for window in 0..WINDOWS {
            let mut negative = 0;
            let entries: [*const u8; 8] = std::array::from_fn(|lane| {
                let digit = (digits[lane][window / 8] >> (8 * (window % 8)) & 0xff) as i64 - 128;
                negative |= ((digit < 0) as u8) << lane;
                (&raw const table[window * ENTRIES + digit.unsigned_abs() as usize]).cast()
            });
            // An entry is 128 bytes: two pairs of elements, of which the last is not used.
            let (plus, minus) = load_pairs(entries);
            let (t, _): (F, F) = load_pairs(entries.map(|entry| entry.add(64)));
            let (plus, minus, t) = negate_some(&plus, &minus, &t, negative);
            sum = sum.add_affine(plus, minus, t);
        }
        sum
    }
}

/// Multiples of one call of `multiply_base_block`.
pub const LANES: usize = 8;

/// X, Y and Z, as circomlib has its coordinates, of one to eight multiples of B8, for scalars below 2^254.
///
/// # Panics
/// When there are none or more, or the CPU has no AVX512-IFMA.
pub fn multiply_base_block(scalars: &[BigInt<4>]) -> Vec<[Fr; 3]> {
    assert!(super::available() && (1..=LANES).contains(&scalars.len()));
    // 1/√(−a) takes an x of the scaled curve back.
    static UNSCALE: OnceLock<Fr> = OnceLock::new();
    let unscale = UNSCALE.get_or_init(|| curve().scale.inverse().expect("a is not 0"));
    // Lanes without a scalar take the last one again.
    let mut words: [[u64; 4]; LANES] = std::array::from_fn(|lane| scalars[lane.min(scalars.len() - 1)].0);
    // SAFETY: the features are there. Coordinates of a sum are below 1.5·r.
    let [x, y, z] = unsafe {
        let sum = multiply_base(&words);
        [to_integers(&sum.x), to_integers(&sum.y), to_integers(&sum.z)]
    };
    words.zeroize();
    let element = |words: [u64; 4]| Fr::from_bigint(BigInt(words)).expect("below r");
    (0..scalars.len()).map(|lane| [element(x[lane]) * unscale, element(y[lane]), element(z[lane])]).collect()
}
