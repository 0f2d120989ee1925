//! The quotient polynomial in the form in which snarkjs's keys want it: A·B − C on the odd coset.

use super::domain::root_of_unity;
use crate::error::Result;
use crate::monitor::Monitor;
use crate::montgomery::{FrElement, Portable};
use crate::r1cs::Products;
use ark_bn254::Fr;
use ark_ff::{BigInt, Field, One, PrimeField};
use rayon::prelude::*;

/// Transforms of this size or less run on one thread.
const SERIAL: usize = 1 << 13;
/// Roots of transforms up to this size have a table of their own, which stays in the cache.
const SMALL: usize = 1 << 10;

/// `a_i·b_i − c_i` on the odd powers of the root of order 2n, where c = a∘b on the even ones, as integers.
pub fn quotient(products: Products, monitor: &Monitor) -> Result<Vec<BigInt<4>>> {
    #[cfg(target_arch = "x86_64")]
    if crate::lanes::available() && products.a.len().ilog2() >= crate::lanes::ntt::MIN_LOG2 {
        return crate::lanes::ntt::quotient(products.a, products.b, monitor);
    }
    scalar_quotient(products, monitor)
}

/// The same on any CPU.
fn scalar_quotient(products: Products, monitor: &Monitor) -> Result<Vec<BigInt<4>>> {
    let elements = |limbs: Vec<[u64; 4]>| -> Vec<Fr> {
        limbs.into_par_iter().map(|limbs| FrElement::subtract_modulus(limbs).to_ark()).collect()
    };
    let (mut a, mut b) = (elements(products.a), elements(products.b));
    let log2 = a.len().ilog2();
    let mut c: Vec<Fr> = a.par_iter().zip(&b).map(|(a, b)| *a * b).collect();
    let transform = CosetTransform::new(log2);
    monitor.begin("quotient", 3)?;
    for values in [&mut a, &mut b, &mut c] {
        transform.apply(values);
        monitor.advance(1)?;
    }
    Ok(a.par_iter().zip(&b).zip(&c).map(|((a, b), c)| (*a * b - c).into_bigint()).collect())
}

/// From values on the domain to values on its odd coset.
struct CosetTransform {
    log2: u32,
    forward: Roots,
    backward: Roots,
    /// shift^i for i < 2^low, and shift^(2^low·i)/n for the rest.
    low: Vec<Fr>,
    high: Vec<Fr>,
}

struct Roots {
    all: Vec<Fr>,
    small: Vec<Fr>,
}

impl Roots {
    fn new(log2: u32, root: Fr) -> Self {
        let all = powers(root, (1usize << log2) / 2);
        let small_size = SMALL.min(1 << log2);
        let step = (1usize << log2) / small_size;
        let small = all.iter().step_by(step).copied().collect();
        Self { all, small }
    }

    /// The roots for transforms of `length` values and the step between them.
    fn of(&self, length: usize) -> (&[Fr], usize) {
        if length <= SMALL {
            (&self.small, 2 * self.small.len() / length)
        } else {
            (&self.all, 2 * self.all.len() / length)
        }
    }
}

fn powers(base: Fr, count: usize) -> Vec<Fr> {
    let mut values = vec![Fr::one(); count];
    values.par_chunks_mut(SERIAL).enumerate().for_each(|(chunk, values)| {
        let mut power = base.pow([(chunk * SERIAL) as u64]);
        for value in values {
            *value = power;
            power *= base;
        }
    });
    values
}

impl CosetTransform {
    fn new(log2: u32) -> Self {
        let root = root_of_unity(log2);
        let shift = root_of_unity(log2 + 1);
        let low_bits = log2 / 2;
        let scale = Fr::from(1u64 << log2).inverse().expect("the size is not 0");
        let mut high = powers(shift.pow([1 << low_bits]), 1 << (log2 - low_bits));
        high.iter_mut().for_each(|value| *value *= scale);
        Self {
            log2,
            forward: Roots::new(log2, root),
            backward: Roots::new(log2, root.inverse().expect("roots are not 0")),
            low: powers(shift, 1 << low_bits),
            high,
        }
    }

    fn apply(&self, values: &mut [Fr]) {
        decimate_in_frequency(values, &self.backward);
        let low_bits = self.low.len().ilog2();
        let (shift, mask) = (usize::BITS - self.log2, self.low.len() - 1);
        values.par_iter_mut().enumerate().for_each(|(position, value)| {
            // Coefficient i stands at its bit-reversed position.
            let index = if self.log2 == 0 { 0 } else { position.reverse_bits() >> shift };
            *value *= self.low[index & mask] * self.high[index >> low_bits];
        });
        decimate_in_time(values, &self.forward);
    }
}

/// Natural order in, bit-reversed order out.
fn decimate_in_frequency(values: &mut [Fr], roots: &Roots) {
    let length = values.len();
    if length == 1 {
        return;
    }
    let (table, step) = roots.of(length);
    let (left, right) = values.split_at_mut(length / 2);
    let butterfly = |index: usize, x: &mut Fr, y: &mut Fr| {
        let (a, b) = (FrElement::<Portable>::from_ark(x), FrElement::<Portable>::from_ark(y));
        *x = a.add(b).to_ark();
        *y = a.subtract(b).multiply(FrElement::<Portable>::from_ark(&table[index * step])).to_ark();
    };
    if length > SERIAL {
        left.par_iter_mut().zip(right.par_iter_mut()).enumerate().for_each(|(index, (x, y))| butterfly(index, x, y));
        rayon::join(|| decimate_in_frequency(left, roots), || decimate_in_frequency(right, roots));
    } else {
        left.iter_mut().zip(right.iter_mut()).enumerate().for_each(|(index, (x, y))| butterfly(index, x, y));
        decimate_in_frequency(left, roots);
        decimate_in_frequency(right, roots);
    }
}

/// Bit-reversed order in, natural order out.
fn decimate_in_time(values: &mut [Fr], roots: &Roots) {
    let length = values.len();
    if length == 1 {
        return;
    }
    let (table, step) = roots.of(length);
    let (left, right) = values.split_at_mut(length / 2);
    let butterfly = |index: usize, x: &mut Fr, y: &mut Fr| {
        let a = FrElement::<Portable>::from_ark(x);
        let product =
            FrElement::<Portable>::from_ark(y).multiply(FrElement::<Portable>::from_ark(&table[index * step]));
        *x = a.add(product).to_ark();
        *y = a.subtract(product).to_ark();
    };
    if length > SERIAL {
        rayon::join(|| decimate_in_time(left, roots), || decimate_in_time(right, roots));
        left.par_iter_mut().zip(right.par_iter_mut()).enumerate().for_each(|(index, (x, y))| butterfly(index, x, y));
    } else {
        decimate_in_time(left, roots);
        decimate_in_time(right, roots);
        left.iter_mut().zip(right.iter_mut()).enumerate().for_each(|(index, (x, y))| butterfly(index, x, y));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::Zero;

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn lanes_and_scalars_give_the_same_quotient() {
        if !crate::lanes::available() {
            eprintln!("skipped: this CPU has no AVX512-IFMA");
            return;
        }
        for log2 in crate::lanes::ntt::MIN_LOG2..=15 {
            let column = |seed: u64| -> Vec<[u64; 4]> {
                let value = |i: u64| match (i + seed) % 5 {
                    0 => Fr::zero(),
                    1 => -Fr::one(),
                    _ => Fr::from(seed + i).pow([31 + i]),
                };
                (0..1 << log2).map(|i| value(i).0.0).collect()
            };
            let products = || Products { a: column(3), b: column(8) };
            let monitor = Monitor::new();
            let (Products { a, b }, expected) = (products(), scalar_quotient(products(), &monitor).unwrap());
            assert_eq!(crate::lanes::ntt::quotient(a, b, &monitor).unwrap(), expected, "2^{log2}");
            // A constant 0 column: the quotient is 0, canonical and not r.
            let zeros = vec![[0; 4]; 1 << log2];
            let quotient = crate::lanes::ntt::quotient(zeros, column(4), &monitor).unwrap();
            assert!(quotient.iter().all(|value| value.0 == [0; 4]), "2^{log2}");
        }
    }

    #[test]
    fn moves_a_polynomial_to_the_odd_coset() {
        for log2 in [1, 2, 5, 11, 14] {
            let size = 1usize << log2;
            let coefficients: Vec<Fr> = (0..size).map(|i| Fr::from(i as u64 + 2).pow([77])).collect();
            let at = |x: Fr| coefficients.iter().rev().fold(Fr::zero(), |sum, c| sum * x + c);
            let (root, shift) = (root_of_unity(log2), root_of_unity(log2 + 1));
            let sample: Vec<usize> = if size <= 32 { (0..size).collect() } else { vec![0, 1, size / 3, size - 1] };
            // Values on the domain by a transform that is checked on the sample.
            let mut values = coefficients.clone();
            let roots = Roots::new(log2, root);
            decimate_in_frequency(&mut values, &roots);
            let mut ordered = vec![Fr::zero(); size];
            for (position, value) in values.iter().enumerate() {
                ordered[position.reverse_bits() >> (usize::BITS - log2)] = *value;
            }
            for index in &sample {
                assert_eq!(ordered[*index], at(root.pow([*index as u64])));
            }
            CosetTransform::new(log2).apply(&mut ordered);
            for index in &sample {
                assert_eq!(ordered[*index], at(shift.pow([2 * *index as u64 + 1])), "2^{log2}, {index}");
            }
        }
    }
}
