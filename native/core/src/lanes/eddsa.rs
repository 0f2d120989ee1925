//! EdDSA-Poseidon verification in lanes: eight signatures at a time.

use super::babyjubjub::{Extended, F, curve, is_zero};
use super::fixed_base::multiply_base;
use super::integer::{from_integers, to_integers};
use super::poseidon::{Constants, permute, stored};
use crate::babyjubjub::{Point, SUBGROUP_ORDER, Signature, reduce};
use ark_ff::{BigInt, PrimeField};

/// Signatures of one call.
pub const LANES: usize = 8;

/// Lanes whose (x, y) lies on the scaled curve: −x² + y² = 1 + d'·x²·y². Coordinates below 1.1·r.
#[inline(always)]
unsafe fn on_curve(x: &F, y: &F, d: &F) -> u8 {
    unsafe {
        let (xx, yy) = F::multiply2(x, x, y, y);
        let right = F::multiply(&F::multiply(&xx, &yy), d);
        // Squares are below 1.02·r: the left side is below 3.1·r, and less both terms of the right plus 3·r, 6.1·r.
        is_zero(&F::subtract_two::<3>(&F::subtract::<2>(&yy, &xx), &right, &F::one()))
    }
}

#[inline(always)]
unsafe fn coordinates(points: [Point; LANES]) -> (F, F) {
    let [x, y] = [points.map(|point| point.x.into_bigint().0), points.map(|point| point.y.into_bigint().0)];
    unsafe { (from_integers(&x), from_integers(&y)) }
}

/// Twin: native/core/src/babyjubjub/eddsa.rs verify.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn verify_lanes(signatures: &[&Signature; LANES]) -> u8 {
    unsafe {
        let (key_x, key_y) = coordinates(signatures.map(|signature| signature.key));
        let (r8_x, r8_y) = coordinates(signatures.map(|signature| signature.r8));
        let message = from_integers(&signatures.map(|signature| signature.message.into_bigint().0));

        let mut state = [[F::zero(), r8_x, r8_y, key_x, key_y, message]];
        permute(Constants::of(6), &mut state);
        // 8·A lies in the subgroup of order l, so h may be reduced modulo l.
        let h = to_integers(&state[0][0]).map(|words| reduce(BigInt(words)).0);

        let (scale, d) = (F::broadcast_limbs(stored(&curve().scale)), F::broadcast_limbs(stored(&curve().d)));
        let (key_x, r8_x) = F::multiply2(&key_x, &scale, &r8_x, &scale);
        let sound = on_curve(&key_x, &key_y, &d) & on_curve(&r8_x, &r8_y, &d);
        let key8 = Extended::from_affine(&key_x, &key_y).double().double().double();
        let right = key8.multiply(&h).add(&Extended::from_affine(&r8_x, &r8_y).to_cached());
        // S of l or more is invalid whatever the equation says.
        let s = signatures.map(|signature| if signature.s < SUBGROUP_ORDER { signature.s.0 } else { [0; 4] });
        sound & !key8.is_identity() & multiply_base(&s).same(&right)
    }
}

/// The verdict on each of one to eight signatures.
///
/// # Panics
/// When there are none or more, or the CPU has no AVX512-IFMA.
pub fn verify_block(signatures: &[Signature], verdicts: &mut [bool]) {
    let count = signatures.len();
    assert!(super::available() && (1..=LANES).contains(&count) && verdicts.len() == count);
    // Lanes without a signature check the last one again.
    let chosen = std::array::from_fn(|lane| &signatures[lane.min(count - 1)]);
    // SAFETY: the features are there.
    let equal = unsafe { verify_lanes(&chosen) };
    for (lane, (verdict, signature)) in verdicts.iter_mut().zip(signatures).enumerate() {
        *verdict = equal >> lane & 1 == 1 && signature.s < SUBGROUP_ORDER;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::babyjubjub::{BASE8, Extended as Scalar, multiply_base as scalar_base, verify};
    use crate::poseidon::hash;
    use ark_bn254::Fr;
    use ark_ff::{BigInteger, One, Zero};

    /// a·b mod l by doubling.
    fn multiply_modulo(a: BigInt<4>, b: BigInt<4>) -> BigInt<4> {
        let (mut sum, a) = (BigInt([0; 4]), reduce(a));
        for bit in (0..256).rev() {
            sum.mul2();
            sum = reduce(sum);
            if b.get_bit(bit) {
                sum.add_with_carry(&a);
                sum = reduce(sum);
            }
        }
        sum
    }

    fn sign(seed: u64, message: Fr) -> Signature {
        let secret = reduce(hash(&[Fr::from(seed)]).into_bigint());
        let nonce = reduce(hash(&[Fr::from(seed), message]).into_bigint());
        let (key, r8) = (scalar_base(&secret).to_affine(), scalar_base(&nonce).to_affine());
        let h = hash(&[r8.x, r8.y, key.x, key.y, message]).into_bigint();
        // S·B8 = R8 + h·8·A.
        let mut s = multiply_modulo(multiply_modulo(h, BigInt([8, 0, 0, 0])), secret);
        s.add_with_carry(&nonce);
        Signature { key, r8, s: reduce(s), message }
    }

    /// Valid signatures, and each with one thing wrong.
    fn cases() -> Vec<Signature> {
        let minus_one = Point { x: Fr::zero(), y: -Fr::one() };
        let mut cases: Vec<Signature> = (0..9).map(|seed| sign(seed, Fr::from(seed * seed))).collect();
        cases.push(sign(20, Fr::zero()));
        cases.push(sign(21, -Fr::one()));
        let honest = || sign(22, Fr::from(22u64));
        let mut wrong = |change: fn(&mut Signature)| {
            let mut signature = honest();
            change(&mut signature);
            cases.push(signature);
        };
        wrong(|signature| signature.message += Fr::one());
        wrong(|signature| signature.key.x += Fr::one());
        wrong(|signature| signature.key.y += Fr::one());
        wrong(|signature| signature.key.x = -signature.key.x);
        wrong(|signature| signature.r8.x = -signature.r8.x);
        wrong(|signature| signature.r8.y += Fr::one());
        wrong(|signature| signature.r8 = Point { x: Fr::zero(), y: Fr::zero() });
        wrong(|signature| signature.key = Point { x: Fr::zero(), y: Fr::zero() });
        wrong(|signature| signature.s = BigInt([0; 4]));
        wrong(|signature| signature.s = BigInt([u64::MAX; 4]));
        wrong(|signature| {
            signature.s.0[0] ^= 1;
        });
        wrong(|signature| {
            signature.s.add_with_carry(&SUBGROUP_ORDER);
        });
        wrong(|signature| signature.s = SUBGROUP_ORDER);
        // A key of low order makes the equation hold for S = 0 and R8 = identity.
        let identity = Point { x: Fr::zero(), y: Fr::one() };
        for key in [identity, minus_one] {
            cases.push(Signature { key, r8: identity, s: BigInt([0; 4]), message: Fr::one() });
        }
        // A point of order 2 in the key vanishes with the cofactor, unless the challenge changes with it; in R8 not.
        let mut shifted = honest();
        shifted.r8 = Scalar::from(shifted.r8).add(&minus_one.into()).to_affine();
        cases.push(shifted);
        cases.push(Signature { key: BASE8, r8: BASE8, s: BigInt([1, 0, 0, 0]), message: Fr::one() });
        cases
    }

    #[test]
    fn give_the_verdicts_of_the_scalar_path_at_every_place_of_a_block() {
        if !crate::lanes::available() {
            return;
        }
        let expected: Vec<bool> = cases().iter().map(verify).collect();
        assert_eq!(expected.iter().filter(|verdict| **verdict).count(), 11, "the honest ones are valid");
        for shift in 0..LANES {
            let mut signatures = cases();
            signatures.rotate_left(shift);
            let mut verdicts = vec![false; signatures.len()];
            for (signatures, verdicts) in signatures.chunks(LANES).zip(verdicts.chunks_mut(LANES)) {
                verify_block(signatures, verdicts);
            }
            verdicts.rotate_right(shift);
            assert_eq!(verdicts, expected);
        }
    }
}
