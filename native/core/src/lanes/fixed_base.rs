//! Multiples of B8 in lanes, from a table of 32 signed windows of eight bits.

use super::babyjubjub::{Extended, F, add_words, curve, negate_some};
use super::field::join;
use super::poseidon::stored;
use super::transpose::load_pairs;
use crate::babyjubjub::base_multiples;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};
use std::sync::OnceLock;

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

/// `scalars`·B8 in each lane, for scalars below 2^255.
/// Twin: native/core/src/babyjubjub/fixed_base.rs multiply_base.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
pub unsafe fn multiply_base(scalars: &[[u64; 4]; 8]) -> Extended {
    unsafe {
        let table = table();
        // The top byte is at most 127 + 128: no digit carries out.
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
