//! What G1 and G2 have in common for affine formulas.

use ark_bn254::Fr;
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};

/// A group y² = x³ + b of the order of the scalar field, in affine coordinates.
pub trait Group: AffineRepr<ScalarField = Fr> {
    /// The point with these coordinates, which must be on the curve.
    fn from_xy(x: Self::BaseField, y: Self::BaseField) -> Self;
}

impl<C: SWCurveConfig<ScalarField = Fr>> Group for Affine<C> {
    fn from_xy(x: C::BaseField, y: C::BaseField) -> Self {
        Self::new_unchecked(x, y)
    }
}
