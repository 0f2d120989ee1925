//! Every kernel against double-and-add, on the inputs that break sums.

use super::*;
use crate::curve::Stored;
use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, Field, One, PrimeField};

type AffineOf<K> = <<K as Kernel>::Point as Stored>::Affine;

struct Lcg(u64);

impl Lcg {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        self.0 >> 16
    }
    fn scalar(&mut self) -> Fr {
        Fr::from(self.next()).pow([self.next() | 1])
    }
}

fn compare<K: Kernel>(name: &str, points: &[AffineOf<K>], scalars: &[Fr], bits: usize) {
    let stored: Vec<K::Point> = points.iter().map(|point| K::Point::from_affine(point).unwrap()).collect();
    let integers: Vec<BigInt<4>> = scalars.iter().map(|scalar| scalar.into_bigint()).collect();
    let digits = Digits::with_bits(&integers, bits);
    let indices: Vec<u32> = (0..points.len() as u32).collect();
    let terms = Terms { points: &stored, scalars: &indices };
    let actual = sum::<K>(terms, &digits, &Monitor::new()).unwrap();
    let expected: Projective<K> = points.iter().zip(scalars).map(|(point, scalar)| *point * *scalar).sum();
    assert_eq!(actual.into_affine(), expected.into_affine(), "{name}, {} terms, {bits} bits", points.len());
}

pub fn check_kernel<K: Kernel>() {
    let mut random = Lcg(42);
    let generator = AffineOf::<K>::generator();
    let count = 300;
    let points: Vec<AffineOf<K>> = (0..count).map(|_| (generator * random.scalar()).into_affine()).collect();
    let scalars: Vec<Fr> = (0..count).map(|_| random.scalar()).collect();
    compare::<K>("random", &points, &scalars, 8);
    compare::<K>("random", &points, &scalars, 13);
    for few in 1..12 {
        compare::<K>("few", &points[..few], &scalars[..few], 5);
    }
    compare::<K>("all scalars equal", &points, &vec![scalars[0]; count], 8);
    compare::<K>("all points equal", &vec![points[0]; count], &scalars, 4);
    compare::<K>("all equal", &vec![points[0]; count], &vec![scalars[0]; count], 8);
    let pick = |i: usize| if i.is_multiple_of(2) { points[0] } else { (-points[0].into_group()).into_affine() };
    let opposite: Vec<_> = (0..count).map(pick).collect();
    compare::<K>("opposite points, equal scalars", &opposite, &vec![scalars[1]; count], 8);
    compare::<K>("opposite points", &opposite, &scalars, 4);
    for (name, scalar) in [("0", Fr::from(0u64)), ("1", Fr::one()), ("r − 1", -Fr::one()), ("2", Fr::from(2u64))] {
        compare::<K>(name, &points, &vec![scalar; count], 8);
    }
    let bits: Vec<Fr> = (0..count).map(|_| Fr::from(random.next() & 1)).collect();
    compare::<K>("bits", &points, &bits, 8);
    let powers: Vec<Fr> = (0..254).map(|i| Fr::from(2u64).pow([i as u64]) - Fr::from((i & 1) as u64)).collect();
    for bits in [2, 7, 15, 16] {
        compare::<K>("powers of two", &points[..254], &powers, bits);
    }
    // More terms in one bucket than a block holds: 10,000 times one of a few points.
    let many: Vec<_> = (0..10_000).map(|i| points[(i * i) % 7]).collect();
    compare::<K>("one large bucket", &many, &vec![Fr::from(3u64); many.len()], 8);
}

#[test]
fn scalar_g1_agrees_with_double_and_add() {
    check_kernel::<ScalarG1>();
}

#[test]
fn scalar_g2_agrees_with_double_and_add() {
    check_kernel::<ScalarG2>();
}

#[cfg(target_arch = "x86_64")]
#[test]
fn adx_agrees_with_double_and_add() {
    use crate::montgomery::adx::{Adx, available};
    if !available() {
        eprintln!("skipped: this CPU has no ADX");
        return;
    }
    check_kernel::<ScalarG1<Adx>>();
    check_kernel::<ScalarG2<Adx>>();
}

#[cfg(target_arch = "x86_64")]
#[test]
fn lanes_agree_with_double_and_add() {
    if !crate::lanes::available() {
        eprintln!("skipped: this CPU has no AVX512-IFMA");
        return;
    }
    check_kernel::<crate::lanes::msm::LanesG1>();
    check_kernel::<crate::lanes::msm::LanesG2>();
}
