//! What the executor needs of a vector of values, one for each of several instances of a circuit.

use super::integer::{Integer, low_bits};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField, Zero, batch_inversion};

/// Most instances that any vector has.
pub const MAX_WIDTH: usize = 8;

/// WIDTH elements, or WIDTH integers below 2^254: the tape knows which.
///
/// Methods are `#[inline(always)]`, so that they become part of an executor that is compiled for a CPU's extensions.
pub trait Vector: Copy + Send {
    const WIDTH: usize;
    /// A value that all instances share.
    type Constant: Copy + Send + Sync;

    fn element_constant(value: Fr) -> Self::Constant;
    fn integer_constant(value: Fr) -> Self::Constant;
    fn broadcast(constant: &Self::Constant) -> Self;
    fn zero() -> Self;

    fn add(&self, other: &Self) -> Self;
    fn subtract(&self, other: &Self) -> Self;
    /// Two products at once.
    fn multiply_pair(a: [&Self; 2], b: [&Self; 2]) -> [Self; 2];
    /// `yes` where the element is not 0, `no` where it is.
    fn select(&self, yes: &Self, no: &Self) -> Self;
    fn is_zero(&self) -> Self;
    /// 1/x in place, 0 for 0.
    fn invert_all(values: &mut [Self]);

    /// The integers of elements.
    fn to_integer(&self) -> Self;
    /// The elements of integers.
    fn to_element(&self) -> Self;
    fn slice(&self, first: u32, count: u32) -> Self;
    fn bit(&self, index: u32) -> Self;
    /// Canonical integers from memory and back; only the first WIDTH count.
    fn load(values: &[Integer; MAX_WIDTH]) -> Self;
    fn store(&self, values: &mut [Integer; MAX_WIDTH]);
}

/// One instance. An integer is stored as the limbs of an `Fr` that is never used as such.
impl Vector for Fr {
    const WIDTH: usize = 1;
    type Constant = Fr;

    fn element_constant(value: Fr) -> Fr {
        value
    }

    fn integer_constant(value: Fr) -> Fr {
        Fr::new_unchecked(value.into_bigint())
    }

    #[inline(always)]
    fn broadcast(constant: &Fr) -> Fr {
        *constant
    }

    #[inline(always)]
    fn zero() -> Fr {
        Fr::ZERO
    }

    #[inline(always)]
    fn add(&self, other: &Fr) -> Fr {
        *self + other
    }

    #[inline(always)]
    fn subtract(&self, other: &Fr) -> Fr {
        *self - other
    }

    #[inline(always)]
    fn multiply_pair(a: [&Fr; 2], b: [&Fr; 2]) -> [Fr; 2] {
        [*a[0] * b[0], *a[1] * b[1]]
    }

    #[inline(always)]
    fn select(&self, yes: &Fr, no: &Fr) -> Fr {
        if Zero::is_zero(self) { *no } else { *yes }
    }

    #[inline(always)]
    fn is_zero(&self) -> Fr {
        if Zero::is_zero(self) { Fr::ONE } else { Fr::ZERO }
    }

    fn invert_all(values: &mut [Fr]) {
        batch_inversion(values);
    }

    #[inline(always)]
    fn to_integer(&self) -> Fr {
        Fr::new_unchecked(self.into_bigint())
    }

    #[inline(always)]
    fn to_element(&self) -> Fr {
        Fr::new(self.0)
    }

    #[inline(always)]
    fn slice(&self, first: u32, count: u32) -> Fr {
        let shifted = self.0 >> first;
        Fr::new_unchecked(BigInt(low_bits(shifted.0, count)))
    }

    #[inline(always)]
    fn bit(&self, index: u32) -> Fr {
        if self.0.get_bit(index as usize) { Fr::ONE } else { Fr::ZERO }
    }

    #[inline(always)]
    fn load(values: &[Integer; MAX_WIDTH]) -> Fr {
        Fr::new_unchecked(BigInt(values[0]))
    }

    #[inline(always)]
    fn store(&self, values: &mut [Integer; MAX_WIDTH]) {
        values[0] = self.0.0;
    }
}
