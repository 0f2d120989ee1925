//! The twisted Edwards curve a·x² + y² = 1 + d·x²·y² over the BN254 scalar field, a = 168700, d = 168696.
//!
//! a is a square and d is not, so the addition formulas are complete: they hold for every pair of points,
//! those of low order and the identity included.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, MontFp, One, Zero};

pub const A: Fr = MontFp!("168700");
pub const D: Fr = MontFp!("168696");

/// Order l of the prime subgroup; the curve has 8·l points.
/// Twin: packages/protocol/params.ts SUBGROUP_ORDER.
pub const SUBGROUP_ORDER: BigInt<4> =
    ark_ff::BigInt!("2736030358979909402780800718157159386076813972158567259200215660948447373041");

/// Generator B8 of the prime subgroup (circomlib, BASE8).
pub const BASE8: Point = Point {
    x: MontFp!("5299619240641551281634865583518297030282874472190772894086521144482721001553"),
    y: MontFp!("16950150798460657717958625567821834550301663161624707787222815936182638968203"),
};

/// An affine point, not necessarily on the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub x: Fr,
    pub y: Fr,
}

impl Point {
    pub fn is_on_curve(&self) -> bool {
        let (xx, yy) = (self.x.square(), self.y.square());
        A * xx + yy == Fr::one() + D * xx * yy
    }
}

/// Extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z.
/// Twin: native/core/src/lanes/babyjubjub.rs Extended.
#[derive(Clone, Copy, Debug)]
pub struct Extended {
    pub x: Fr,
    pub y: Fr,
    pub z: Fr,
    pub t: Fr,
}

impl From<Point> for Extended {
    fn from(point: Point) -> Self {
        Self { x: point.x, y: point.y, z: Fr::one(), t: point.x * point.y }
    }
}

impl Extended {
    pub fn identity() -> Self {
        Self { x: Fr::zero(), y: Fr::one(), z: Fr::one(), t: Fr::zero() }
    }

    pub fn is_identity(&self) -> bool {
        self.x.is_zero() && self.y == self.z
    }

    /// Unified addition (Hisil et al. 2008, "add-2008-hwcd").
    #[inline]
    pub fn add(&self, other: &Self) -> Self {
        let a = self.x * other.x;
        let b = self.y * other.y;
        let c = D * self.t * other.t;
        let d = self.z * other.z;
        self.finish((self.x + self.y) * (other.x + other.y) - a - b, d - c, d + c, b - A * a)
    }

    /// Addition of an affine point with its product x·y (Z = 1 saves a multiplication).
    #[inline]
    pub fn add_affine(&self, other: &Point, product: &Fr) -> Self {
        let a = self.x * other.x;
        let b = self.y * other.y;
        let c = D * self.t * product;
        self.finish((self.x + self.y) * (other.x + other.y) - a - b, self.z - c, self.z + c, b - A * a)
    }

    #[inline(always)]
    fn finish(&self, e: Fr, f: Fr, g: Fr, h: Fr) -> Self {
        Self { x: e * f, y: g * h, t: e * h, z: f * g }
    }

    /// Doubling ("dbl-2008-hwcd").
    #[inline]
    pub fn double(&self) -> Self {
        let a = self.x.square();
        let b = self.y.square();
        let c = self.z.square().double();
        let d = A * a;
        let e = (self.x + self.y).square() - a - b;
        let g = d + b;
        self.finish(e, g - c, g, d - b)
    }

    pub fn negate(&self) -> Self {
        Self { x: -self.x, y: self.y, z: self.z, t: -self.t }
    }

    /// Equality of the points that two representations mean.
    pub fn same(&self, other: &Self) -> bool {
        self.x * other.z == other.x * self.z && self.y * other.z == other.y * self.z
    }

    /// `scalar`·self by a sliding window of five bits; any scalar below 2^256, variable time (all data is public).
    pub fn multiply(&self, scalar: &BigInt<4>) -> Self {
        let double = self.double();
        let mut odd = [*self; 8];
        for index in 1..8 {
            odd[index] = odd[index - 1].add(&double);
        }
        let mut sum = Self::identity();
        let mut started = false;
        for digit in wnaf(scalar).into_iter().rev() {
            if started {
                sum = sum.double();
            }
            if digit != 0 {
                let point = odd[digit.unsigned_abs() as usize / 2];
                sum = sum.add(&if digit < 0 { point.negate() } else { point });
                started = true;
            }
        }
        sum
    }

    pub fn to_affine(&self) -> Point {
        // Z is never 0: the formulas are complete.
        let inverse = self.z.inverse().expect("Z of a complete addition is not zero");
        Point { x: self.x * inverse, y: self.y * inverse }
    }
}

/// Signed digits, odd or 0, |digit| ≤ 15, least significant first.
fn wnaf(scalar: &BigInt<4>) -> [i8; 257] {
    let mut limbs = [scalar.0[0], scalar.0[1], scalar.0[2], scalar.0[3], 0];
    let mut digits = [0i8; 257];
    for digit in digits.iter_mut() {
        if limbs[0] & 1 == 1 {
            let low = (limbs[0] & 31) as i64;
            let value = if low >= 16 { low - 32 } else { low };
            *digit = value as i8;
            // limbs −= value
            let (mut index, mut carry) = (0, value.unsigned_abs());
            while carry != 0 {
                let (next, overflow) =
                    if value > 0 { limbs[index].overflowing_sub(carry) } else { limbs[index].overflowing_add(carry) };
                limbs[index] = next;
                carry = overflow as u64;
                index += 1;
            }
        }
        for index in 0..5 {
            limbs[index] = limbs[index] >> 1 | if index < 4 { limbs[index + 1] << 63 } else { 0 };
        }
    }
    digits
}
