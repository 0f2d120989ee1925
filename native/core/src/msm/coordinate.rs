//! Coordinates of points for the scalar kernels.
//!
//! Stored coordinates are x·2^260; read in the Montgomery form of radix 2^256 they are X = 16·x. Slopes are ratios
//! and do not see the factor. With the fourfold slope L = 4·λ the sum is X3 = L² − X1 − X2 and
//! Y3 = L·(X1 − X3)/4 − Y1.
//!
//! Bounds: coordinates are canonical, but a coordinate may be p for 0. *Loose* is below 2·p. *Tight*, which is what
//! products are, is below 1.76·p in G1 and canonical in G2, whose products add two.

use crate::curve::{Stored, StoredG1, StoredG2};
use crate::montgomery::{Arithmetic, FqElement};

/// An element of the field of coordinates, without branches.
pub trait Coordinate: Copy {
    const ONE: Self;
    /// 1/16.
    const SIXTEENTH: Self;
    /// a + b, loose, of canonical operands.
    fn add(self, other: Self) -> Self;
    /// a − b, loose, of canonical operands.
    fn subtract(&self, other: &Self) -> Self;
    /// Canonical, of a loose value.
    fn reduce(self) -> Self;
    /// −a of a canonical one, p for 0.
    fn negate_if(self, condition: bool) -> Self;
    /// to = loose·tight, tight.
    fn multiply_to(to: &mut Self, loose: &Self, tight: &Self);
    /// to = tight², loose.
    fn square_to(to: &mut Self, tight: &Self);
    /// Whether a difference of canonical operands is 0.
    fn is_difference_zero(&self) -> bool;
    /// Tight, of a tight operand that is not 0.
    fn invert(self) -> Self;
    /// square − x1 − x2, canonical, for a loose square.
    fn third_x(square: &Self, x1: &Self, x2: &Self) -> Self;
    /// product/4 − y1, canonical, for a loose product.
    fn third_y(product: &Self, y1: &Self) -> Self;

    #[inline(always)]
    fn multiply(&self, tight: &Self) -> Self {
        let mut product = *tight;
        Self::multiply_to(&mut product, self, tight);
        product
    }
    #[inline(always)]
    fn square(&self) -> Self {
        let mut square = *self;
        Self::square_to(&mut square, self);
        square
    }
}

impl<A: Arithmetic> Coordinate for FqElement<A> {
    const ONE: Self = FqElement::ONE;
    /// 2^252, which is 2^256/16.
    const SIXTEENTH: Self = FqElement::new([0, 0, 0, 1 << 60]);

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.add_loose(other)
    }
    #[inline(always)]
    fn subtract(&self, other: &Self) -> Self {
        self.subtract_loose(*other)
    }
    #[inline(always)]
    fn reduce(self) -> Self {
        self.tight()
    }
    #[inline(always)]
    fn negate_if(self, condition: bool) -> Self {
        self.negate_loose_if(condition)
    }
    #[inline(always)]
    fn multiply_to(to: &mut Self, loose: &Self, tight: &Self) {
        *to = loose.multiply_loose(tight);
    }
    #[inline(always)]
    fn square_to(to: &mut Self, tight: &Self) {
        *to = tight.multiply_loose(tight);
    }
    #[inline(always)]
    fn is_difference_zero(&self) -> bool {
        self.is_modulus()
    }
    fn invert(self) -> Self {
        FqElement::invert(self.tight())
    }
    #[inline(always)]
    fn third_x(square: &Self, x1: &Self, x2: &Self) -> Self {
        // x1 + x2 is loose, so the difference is below 4·p.
        square.subtract_twice(x1.add_loose(*x2)).loose().tight()
    }
    #[inline(always)]
    fn third_y(product: &Self, y1: &Self) -> Self {
        // A quarter is below 1.25·p, the difference below 2.25·p.
        product.quarter_loose().subtract_loose(*y1).loose().tight()
    }
}

/// c0 + c1·u with u² = −1.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Quadratic<A>([FqElement<A>; 2]);

impl<A: Arithmetic> Coordinate for Quadratic<A> {
    const ONE: Self = Self([FqElement::ONE, FqElement::ZERO]);
    const SIXTEENTH: Self = Self([<FqElement<A> as Coordinate>::SIXTEENTH, FqElement::ZERO]);

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self([0, 1].map(|i| self.0[i].add_loose(other.0[i])))
    }
    #[inline(always)]
    fn subtract(&self, other: &Self) -> Self {
        Self([0, 1].map(|i| self.0[i].subtract_loose(other.0[i])))
    }
    #[inline(always)]
    fn reduce(self) -> Self {
        Self(self.0.map(FqElement::tight))
    }
    #[inline(always)]
    fn negate_if(self, condition: bool) -> Self {
        Self(self.0.map(|part| part.negate_loose_if(condition)))
    }
    /// A call: inlined at every use, the code would not fit the instruction cache.
    #[inline(never)]
    fn multiply_to(to: &mut Self, loose: &Self, tight: &Self) {
        let [b0, b1] = &tight.0;
        let minus_b1 = b1.negate_loose_if(true);
        to.0[0] = FqElement::multiply_add_loose(&loose.0, [b0, &minus_b1]).tight();
        to.0[1] = FqElement::multiply_add_loose(&loose.0, [b1, b0]).tight();
    }
    #[inline(never)]
    fn square_to(to: &mut Self, tight: &Self) {
        let [c0, c1] = &tight.0;
        to.0[0] = c0.add_loose(*c1).multiply_loose(&c0.subtract_loose(*c1));
        to.0[1] = c0.add_loose(*c0).multiply_loose(c1);
    }
    #[inline(always)]
    fn is_difference_zero(&self) -> bool {
        self.0[0].is_modulus() && self.0[1].is_modulus()
    }
    fn invert(self) -> Self {
        let [c0, c1] = self.0;
        let norm = FqElement::add(FqElement::square(c0), FqElement::square(c1)).invert();
        Self([FqElement::multiply(c0, norm), FqElement::multiply(c1, norm).negate()])
    }
    #[inline(always)]
    fn third_x(square: &Self, x1: &Self, x2: &Self) -> Self {
        Self([0, 1].map(|i| FqElement::third_x(&square.0[i], &x1.0[i], &x2.0[i])))
    }
    #[inline(always)]
    fn third_y(product: &Self, y1: &Self) -> Self {
        Self([0, 1].map(|i| FqElement::third_y(&product.0[i], &y1.0[i])))
    }
}

/// Stored points as coordinates.
pub trait Scaled<A>: Stored {
    type Coordinate: Coordinate;
    fn load(&self) -> (Self::Coordinate, Self::Coordinate);
    fn save(x: Self::Coordinate, y: Self::Coordinate) -> Self;
}

#[inline(always)]
fn element<A>(limbs: &[u64]) -> FqElement<A> {
    FqElement::new([limbs[0], limbs[1], limbs[2], limbs[3]])
}

impl<A: Arithmetic> Scaled<A> for StoredG1 {
    type Coordinate = FqElement<A>;

    #[inline(always)]
    fn load(&self) -> (FqElement<A>, FqElement<A>) {
        (element(&self.0[..4]), element(&self.0[4..]))
    }

    #[inline(always)]
    fn save(x: FqElement<A>, y: FqElement<A>) -> Self {
        let (x, y) = (x.limbs, y.limbs);
        Self([x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3]])
    }
}

impl<A: Arithmetic> Scaled<A> for StoredG2 {
    type Coordinate = Quadratic<A>;

    #[inline(always)]
    fn load(&self) -> (Quadratic<A>, Quadratic<A>) {
        let at = |index: usize| element(&self.0[4 * index..4 * index + 4]);
        (Quadratic([at(0), at(1)]), Quadratic([at(2), at(3)]))
    }

    #[inline(always)]
    fn save(x: Quadratic<A>, y: Quadratic<A>) -> Self {
        let mut limbs = [0; 16];
        for (at, value) in [x.0[0], x.0[1], y.0[0], y.0[1]].into_iter().enumerate() {
            limbs[4 * at..4 * at + 4].copy_from_slice(&value.limbs);
        }
        Self(limbs)
    }
}
