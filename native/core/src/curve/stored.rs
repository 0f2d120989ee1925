//! Points as they lie in key files: affine, each coordinate x·2^260 mod q in [0, q), four 64-bit limbs.
//!
//! 2^260 is the Montgomery radix of the five 52-bit limbs that the AVX512-IFMA kernels use, so that they read
//! points from a mapped file without conversion. arkworks (and .zkey) use 2^256: ×16 one way, ÷16 the other.

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, PrimeField};

/// 2^252 as the Montgomery form of 2^-4: multiplying by it divides by 16.
const SIXTEENTH: Fq = Fq::new_unchecked(BigInt([0, 0, 0, 1 << 60]));

/// A stored coordinate.
#[inline]
pub fn fq_to_stored(mut value: Fq) -> [u64; 4] {
    for _ in 0..4 {
        value.double_in_place();
    }
    value.0.0
}

/// A coordinate from its stored limbs, which must be below q.
#[inline]
pub fn fq_from_stored(limbs: &[u64]) -> Fq {
    Fq::new_unchecked(BigInt([limbs[0], limbs[1], limbs[2], limbs[3]])) * SIXTEENTH
}

/// A point of a key file. The identity has no stored form: key files leave it out.
pub trait Stored: Copy + Default + Send + Sync + 'static {
    type Affine: AffineRepr<ScalarField = ark_bn254::Fr>;
    fn to_affine(&self) -> Self::Affine;
    /// Whether the coordinates are below q and the point is in the group. Costs a multiplication in G2.
    fn is_in_group(&self) -> bool;
    /// None for the identity.
    fn from_affine(point: &Self::Affine) -> Option<Self>;
    /// Makes coordinates canonical that a kernel left below 3·q: key files hold them below q.
    fn reduce(&mut self);
}

/// Whether each coordinate is below q.
fn are_canonical(limbs: &[u64]) -> bool {
    limbs.chunks_exact(4).all(|limbs| BigInt([limbs[0], limbs[1], limbs[2], limbs[3]]) < Fq::MODULUS)
}

/// Each coordinate mod q; they are below 3·q.
fn reduce_all(limbs: &mut [u64]) {
    for coordinate in limbs.chunks_exact_mut(4) {
        for _ in 0..2 {
            let value = BigInt([coordinate[0], coordinate[1], coordinate[2], coordinate[3]]);
            if value >= Fq::MODULUS {
                let mut reduced = value;
                reduced.sub_with_borrow(&Fq::MODULUS);
                coordinate.copy_from_slice(&reduced.0);
            }
        }
    }
}

/// x, y.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct StoredG1(pub [u64; 8]);

/// x.c0, x.c1, y.c0, y.c1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(128))]
pub struct StoredG2(pub [u64; 16]);

impl Stored for StoredG1 {
    type Affine = G1Affine;

    fn to_affine(&self) -> G1Affine {
        G1Affine::new_unchecked(fq_from_stored(&self.0[..4]), fq_from_stored(&self.0[4..]))
    }

    fn is_in_group(&self) -> bool {
        // The curve has prime order.
        are_canonical(&self.0) && self.to_affine().is_on_curve()
    }

    fn from_affine(point: &G1Affine) -> Option<Self> {
        let (x, y) = point.xy()?;
        let mut limbs = [0; 8];
        limbs[..4].copy_from_slice(&fq_to_stored(x));
        limbs[4..].copy_from_slice(&fq_to_stored(y));
        Some(Self(limbs))
    }

    fn reduce(&mut self) {
        reduce_all(&mut self.0);
    }
}

impl Stored for StoredG2 {
    type Affine = G2Affine;

    fn to_affine(&self) -> G2Affine {
        let coordinate = |at: usize| fq_from_stored(&self.0[4 * at..4 * at + 4]);
        G2Affine::new_unchecked(Fq2::new(coordinate(0), coordinate(1)), Fq2::new(coordinate(2), coordinate(3)))
    }

    fn is_in_group(&self) -> bool {
        let point = self.to_affine();
        are_canonical(&self.0) && point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve()
    }

    fn from_affine(point: &G2Affine) -> Option<Self> {
        let (x, y) = point.xy()?;
        let mut limbs = [0; 16];
        for (at, value) in [x.c0, x.c1, y.c0, y.c1].into_iter().enumerate() {
            limbs[4 * at..4 * at + 4].copy_from_slice(&fq_to_stored(value));
        }
        Some(Self(limbs))
    }

    fn reduce(&mut self) {
        reduce_all(&mut self.0);
    }
}
