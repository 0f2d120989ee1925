//! Multiples of B8 from a table of 32 windows of eight bits.

use super::curve::{BASE8, Extended, Point};
use ark_bn254::Fr;
use ark_ff::{BigInt, Zero, batch_inversion};
use std::sync::OnceLock;

const WINDOWS: usize = 32;
const ENTRIES: usize = 255;

struct Entry {
    point: Point,
    product: Fr,
}

/// Entry `w·255 + d − 1` is d·2^(8w)·B8.
fn table() -> &'static [Entry] {
    static TABLE: OnceLock<Vec<Entry>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut multiples = Vec::with_capacity(WINDOWS * ENTRIES);
        let mut base = Extended::from(BASE8);
        for _ in 0..WINDOWS {
            let mut sum = base;
            for _ in 0..ENTRIES {
                multiples.push(sum);
                sum = sum.add(&base);
            }
            base = sum;
        }
        let mut inverses: Vec<Fr> = multiples.iter().map(|point| point.z).collect();
        debug_assert!(inverses.iter().all(|z| !z.is_zero()));
        batch_inversion(&mut inverses);
        multiples
            .iter()
            .zip(inverses)
            .map(|(multiple, inverse)| {
                let point = Point { x: multiple.x * inverse, y: multiple.y * inverse };
                Entry { point, product: point.x * point.y }
            })
            .collect()
    })
}

/// d·2^(8·window)·B8 for d = 1 to 255.
pub fn base_multiples(window: usize) -> impl Iterator<Item = Point> {
    table()[window * ENTRIES..(window + 1) * ENTRIES].iter().map(|entry| entry.point)
}

/// `scalar`·B8 for any scalar below 2^256.
/// Twin: native/core/src/lanes/fixed_base.rs multiply_base.
pub fn multiply_base(scalar: &BigInt<4>) -> Extended {
    let table = table();
    let mut sum = Extended::identity();
    for window in 0..WINDOWS {
        let digit = (scalar.0[window / 8] >> (8 * (window % 8))) as usize & 0xff;
        if digit != 0 {
            let entry = &table[window * ENTRIES + digit - 1];
            sum = sum.add_affine(&entry.point, &entry.product);
        }
    }
    sum
}
