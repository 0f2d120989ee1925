//! Field multiplications, on every core at once.

#[cfg(target_arch = "x86_64")]
mod x86;

use crate::best;
use ark_bn254::{FqConfig, FrConfig};
use ark_ff::MontConfig;
use quittance_core::montgomery::{Arithmetic, Element, Portable};

/// Products of one round on one core.
const COUNT: usize = 1 << 20;
/// Chains side by side: one product hides the latency of the others.
const CHAINS: usize = 4;

/// Nanoseconds a product in the base field, all cores together.
pub fn multiply_fq() -> f64 {
    #[cfg(target_arch = "x86_64")]
    if let Some(nanoseconds) = x86::multiply::<quittance_core::lanes::field::FqPrime, FqConfig>() {
        return nanoseconds;
    }
    time(|| one_by_one::<FqConfig, Portable>(COUNT))
}

/// The same in the scalar field.
pub fn multiply_fr() -> f64 {
    #[cfg(target_arch = "x86_64")]
    if let Some(nanoseconds) = x86::multiply::<quittance_core::lanes::field::FrPrime, FrConfig>() {
        return nanoseconds;
    }
    time(|| one_by_one::<FrConfig, Portable>(COUNT))
}

/// Nanoseconds a product when every core does `work`, which is `COUNT` products.
fn time<T: Send>(work: impl Fn() -> T + Sync) -> f64 {
    best(|| rayon::broadcast(|_| work())) / (COUNT * rayon::current_num_threads()) as f64
}

fn one_by_one<C: MontConfig<4>, A: Arithmetic>(count: usize) -> [[u64; 4]; CHAINS] {
    let factor = Element::<C, A>::new([5, 7, 11, 1 << 60]);
    let mut values = [3, 5, 7, 11].map(|limb| Element::<C, A>::new([limb, 1, 1, 1]));
    for _ in 0..count / CHAINS {
        values = values.map(|value| value.multiply_loose(&factor));
    }
    values.map(|value| value.limbs)
}
