//! Between canonical integers and field elements in lanes.

use super::field::{Lanes, Prime, split};
use crate::montgomery::double_modulo;
use ark_ff::MontConfig;

/// 2^520 mod p: the product with an integer is the integer's stored form.
const fn radix_square<P: Prime>() -> [u64; 5] {
    // arkworks' R is 2^256 mod p.
    split(double_modulo(P::Config::R.0, P::Config::MODULUS.0, 264))
}

/// Eight integers below 2^256 as elements, below 1.1·p when the integers are below p.
#[inline(always)]
pub unsafe fn from_integers<P: Prime>(integers: &[[u64; 4]; 8]) -> Lanes<P> {
    unsafe { Lanes::multiply(&Lanes::from_words(integers), &Lanes::broadcast_limbs(const { radix_square::<P>() })) }
}

/// The integers below p that eight elements below 84·p mean.
#[inline(always)]
pub unsafe fn to_integers<P: Prime>(elements: &Lanes<P>) -> [[u64; 4]; 8] {
    unsafe {
        // The product with the integer 1 is at most p.
        let integers = Lanes::multiply(elements, &Lanes::broadcast_limbs([1, 0, 0, 0, 0]));
        Lanes::modulus_to_zero(&integers).to_words()
    }
}
