//! The quotient polynomial in the form in which snarkjs's keys want it: A·B − C on the odd coset.

use super::coset::CosetTransform;
use crate::error::Result;
use crate::monitor::Monitor;
#[cfg(target_arch = "x86_64")]
use crate::montgomery::adx;
use crate::montgomery::{Arithmetic, FrElement, Portable};
use crate::r1cs::Products;
use ark_ff::BigInt;
use rayon::prelude::*;

/// `a_i·b_i − c_i` on the odd powers of the root of order 2n, where c = a∘b on the even ones, as integers.
pub fn quotient(products: Products, monitor: &Monitor) -> Result<Vec<BigInt<4>>> {
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::available() && products.a.len().ilog2() >= crate::lanes::ntt::MIN_LOG2 {
        return crate::lanes::ntt::quotient(products.a, products.b, monitor);
    }
    #[cfg(target_arch = "x86_64")]
    if adx::available() {
        return scalar_quotient::<adx::Adx>(products, monitor);
    }
    scalar_quotient::<Portable>(products, monitor)
}

/// The same on any CPU.
fn scalar_quotient<A: Arithmetic>(products: Products, monitor: &Monitor) -> Result<Vec<BigInt<4>>> {
    // The values may have r on top, which is what the transform takes.
    let elements = |limbs: Vec<[u64; 4]>| limbs.into_iter().map(FrElement::<A>::new).collect::<Vec<_>>();
    let (mut a, mut b) = (elements(products.a), elements(products.b));
    let mut c: Vec<_> = a.par_iter().zip(&b).map(|(a, b)| a.multiply_loose(b)).collect();
    let transform = CosetTransform::new(a.len().ilog2());
    monitor.begin("quotient", 3)?;
    for values in [&mut a, &mut b, &mut c] {
        transform.apply(values);
        monitor.advance(1)?;
    }
    // Times 1 leaves the Montgomery form: at most r, which stands for 0.
    let one = FrElement::new([1, 0, 0, 0]);
    let integer = |((a, b), c): ((&FrElement<A>, &FrElement<A>), &FrElement<A>)| {
        BigInt(a.multiply_loose(b).subtract_twice(*c).multiply(one).limbs)
    };
    Ok(a.par_iter().zip(&b).zip(&c).map(integer).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::Fr;
    use ark_ff::{Field, One, Zero};

    /// Values of the field's edges among others.
    fn column(log2: u32, seed: u64) -> Vec<[u64; 4]> {
        let value = |i: u64| match (i + seed) % 5 {
            0 => Fr::zero(),
            1 => -Fr::one(),
            _ => Fr::from(seed + i).pow([31 + i]),
        };
        (0..1 << log2).map(|i| value(i).0.0).collect()
    }

    type Quotient = fn(Products, &Monitor) -> Result<Vec<BigInt<4>>>;

    /// Against the portable path, whose transform has a test of its own.
    fn agrees(quotient: Quotient, log2: u32) {
        let monitor = Monitor::new();
        let products = || Products { a: column(log2, 3), b: column(log2, 8) };
        let expected = scalar_quotient::<Portable>(products(), &monitor).unwrap();
        assert_eq!(quotient(products(), &monitor).unwrap(), expected, "2^{log2}");
        // A constant 0 column: the quotient is 0, canonical and not r.
        let products = Products { a: vec![[0; 4]; 1 << log2], b: column(log2, 4) };
        let values = quotient(products, &monitor).unwrap();
        assert!(values.iter().all(|value| value.0 == [0; 4]), "2^{log2}");
    }

    #[test]
    fn the_quotient_of_a_zero_column_is_canonical() {
        agrees(scalar_quotient::<Portable>, 11);
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn adx_gives_the_same_quotient() {
        if !adx::available() {
            eprintln!("skipped: this CPU has no ADX");
            return;
        }
        for log2 in 0..=15 {
            agrees(scalar_quotient::<adx::Adx>, log2);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn lanes_give_the_same_quotient() {
        if !crate::lanes::available() {
            eprintln!("skipped: this CPU has no AVX512-IFMA");
            return;
        }
        for log2 in crate::lanes::ntt::MIN_LOG2..=15 {
            agrees(|products, monitor| crate::lanes::ntt::quotient(products.a, products.b, monitor), log2);
        }
    }
}
