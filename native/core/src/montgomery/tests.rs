//! Both implementations against arkworks and against each other, at the edges of the field and of the bounds.

use super::*;
use ark_bn254::{Fq, Fr};
use ark_ff::{Field, PrimeField, Zero};

/// Edges and values all over the field.
fn values<F: PrimeField>() -> Vec<F> {
    let minus_one = -F::one();
    let mut values = vec![F::zero(), F::one(), minus_one, minus_one.double(), F::from(2u64).pow([253])];
    // Montgomery forms with limbs of only ones and zeros: 2^(64·i) − 1 over the radix.
    let radix = F::from(2u64).pow([256]).inverse().unwrap();
    values.extend((1..4u64).map(|i| (F::from(2u64).pow([64 * i]) - F::one()) * radix));
    values.extend((1..50u64).map(|i| F::from(i).pow([i * 1_000_003])));
    values
}

fn agrees<C: MontConfig<4>, A: Arithmetic>() {
    type Field<C> = Fp<MontBackend<C, 4>, 4>;
    let element = |value: &Field<C>| Element::<C, A>::from_ark(value);
    // The same residue on top of p: loose.
    let raise = |value: Element<C, A>| value.add_loose(Element::new(C::MODULUS.0));
    let values = values::<Field<C>>();
    for a in &values {
        for b in &values {
            let (x, y) = (element(a), element(b));
            assert_eq!(x.add(y).to_ark(), *a + b);
            assert_eq!(x.subtract(y).to_ark(), *a - b);
            assert_eq!(x.multiply(y).to_ark(), *a * b);
            assert_eq!(raise(x).multiply(raise(y)).to_ark(), *a * b);
            assert_eq!(raise(x).subtract_twice(raise(y)).loose().tight().to_ark(), *a - b);
            assert_eq!(raise(x).add_loose(raise(y)).loose().tight().to_ark(), *a + b);
            assert_eq!(x.subtract_loose(y).tight().to_ark(), *a - b);
            assert_eq!(x.subtract_loose(y).is_modulus(), a == b);
            let (z, w) = (x.add(y), x.subtract(y));
            let expected = *a * (*a + b) + *b * (*a - b);
            assert_eq!(Element::multiply_add_loose(&[raise(x), raise(y)], [&z, &w]).tight().to_ark(), expected);
            assert_eq!(Element::multiply_add_loose(&[z, w], [&raise(x), &raise(y)]).tight().to_ark(), expected);
        }
        let x = element(a);
        assert_eq!(x.negate_if(true).to_ark(), -*a);
        assert_eq!(x.negate_if(false).to_ark(), *a);
        assert_eq!(x.negate_loose_if(true).tight().to_ark(), -*a);
        assert_eq!(x.negate_loose_if(false).to_ark(), *a);
        for value in [x, raise(x)] {
            let quarter = value.quarter_loose().tight().to_ark();
            assert_eq!(quarter + quarter + quarter + quarter, *a);
        }
        if !a.is_zero() {
            assert_eq!(x.invert().to_ark(), a.inverse().unwrap());
        }
    }
}

#[test]
fn portable_products_agree_with_arkworks() {
    agrees::<FqConfig, Portable>();
    agrees::<FrConfig, Portable>();
}

#[cfg(target_arch = "x86_64")]
#[test]
fn adx_products_agree_with_arkworks() {
    if !adx::available() {
        eprintln!("skipped: this CPU has no ADX");
        return;
    }
    agrees::<FqConfig, adx::Adx>();
    agrees::<FrConfig, adx::Adx>();
}

/// Limbs, not only residues: both implementations leave the same multiple of p.
#[cfg(target_arch = "x86_64")]
#[test]
fn adx_gives_the_limbs_of_the_portable_products() {
    if !adx::available() {
        eprintln!("skipped: this CPU has no ADX");
        return;
    }
    let twice = double(Fq::MODULUS.0);
    let mut numbers: Vec<[u64; 4]> = values::<Fq>().iter().map(|value| value.0.0).collect();
    numbers.extend(values::<Fr>().iter().map(|value| add(value.0.0, &Fq::MODULUS.0)));
    // The largest loose value, and 2^254 − 1.
    numbers.extend([[twice[0] - 1, twice[1], twice[2], twice[3]], [u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 2]]);
    let modulus = &FqElement::<Portable>::MODULUS;
    for (index, a) in numbers.iter().enumerate() {
        for b in &numbers {
            assert_eq!(adx::Adx::multiply(a, b, modulus), Portable::multiply(a, b, modulus), "{a:?} {b:?}");
            let c = &numbers[(index * 7 + 3) % numbers.len()];
            let (left, right) = (&[*a, *c], [b, a]);
            let expected = Portable::multiply_add(left, right, modulus);
            assert_eq!(adx::Adx::multiply_add(left, right, modulus), expected, "{a:?} {b:?} {c:?}");
            let expected = Portable::subtract_if_not_below(*a, b);
            assert_eq!(adx::Adx::subtract_if_not_below(*a, b), expected, "{a:?} {b:?}");
        }
    }
}
