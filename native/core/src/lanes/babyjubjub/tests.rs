use super::*;
use crate::babyjubjub::{self, BASE8, Point, SUBGROUP_ORDER};
use crate::lanes::field::join;
use crate::lanes::fixed_base::multiply_base;
use crate::lanes::integer::to_integers;
use crate::poseidon::hash;
use ark_ff::{BigInt, One, PrimeField, Zero};

/// The identity, points of order 2, 4 and 8, B8 and its opposite, other points of the subgroup, and their sums with
/// points of low order.
fn points() -> Vec<Point> {
    let four = Point { x: A.inverse().unwrap().sqrt().unwrap(), y: Fr::zero() };
    // (x, y) of order 8: its double has y = 0, so a·x² = −y² … here a·x² + y² = 0 has no such point; a double with
    // x ≠ 0 and y = 0 needs y² = a·x²: then 2·a·x² = 1 + a·d·x⁴.
    let eight = {
        let a_d = A * D;
        let root = (A.square() - a_d).sqrt().expect("there is a point of order 8");
        let inverse = a_d.inverse().unwrap();
        let square = [A + root, A - root].map(|top| top * inverse).into_iter().find(|x| x.legendre().is_qr());
        let x = square.expect("one of the roots is a square").sqrt().unwrap();
        Point { x, y: A.sqrt().unwrap() * x }
    };
    let low = [
        Point { x: Fr::zero(), y: Fr::one() },
        Point { x: Fr::zero(), y: -Fr::one() },
        four,
        Point { x: -four.x, y: four.y },
        eight,
    ];
    assert!(low.iter().all(Point::is_on_curve));
    let mut all = low.to_vec();
    for factor in [1i64, 2, 3, -1, -2, 77] {
        let multiple = babyjubjub::multiply_base(&BigInt([factor.unsigned_abs(), 0, 0, 0]));
        let point = if factor < 0 { multiple.negate() } else { multiple };
        all.push(point.to_affine());
        all.extend(low.iter().skip(1).map(|other| point.add(&(*other).into()).to_affine()));
    }
    all
}

/// Eight points in lanes.
fn to_lanes(points: [Point; 8]) -> Extended {
    let [x, y] = [points.map(|point| curve().scale * point.x), points.map(|point| point.y)];
    let lanes = |values: [Fr; 8]| F::from_words(&values.map(|value| join(stored(&value))));
    // SAFETY: called only where the lanes are available.
    unsafe { Extended::from_affine(&lanes(x), &lanes(y)) }
}

/// The affine points of the lanes; every coordinate must keep its bound and T must be X·Y/Z.
fn to_points(lanes: &Extended) -> [Point; 8] {
    let bound = BigInt([0, 0, 0, Fr::MODULUS.0[3] / 2 * 3 + 1]);
    for coordinate in [&lanes.x, &lanes.y, &lanes.z, &lanes.t] {
        assert!(coordinate.to_words().iter().all(|words| BigInt(*words) < bound), "a coordinate is not small");
    }
    let scalars = |value: &F| -> [Fr; 8] {
        // SAFETY: called only where the lanes are available.
        unsafe { to_integers(value) }.map(|integer| Fr::from_bigint(BigInt(integer)).expect("canonical"))
    };
    let [x, y, z, t] = [&lanes.x, &lanes.y, &lanes.z, &lanes.t].map(scalars);
    std::array::from_fn(|lane| {
        assert_eq!(x[lane] * y[lane], z[lane] * t[lane]);
        let inverse = z[lane].inverse().expect("Z is never 0");
        Point { x: x[lane] * inverse / curve().scale, y: y[lane] * inverse }
    })
}

#[test]
fn add_and_double_every_pair_of_edge_points_as_the_scalar_path_does() {
    if !crate::lanes::available() {
        return;
    }
    let points = points();
    for left in &points {
        for block in points.chunks(8) {
            let right: [Point; 8] = std::array::from_fn(|lane| block[lane % block.len()]);
            let expected = right.map(|point| babyjubjub::Extended::from(*left).add(&point.into()).to_affine());
            // SAFETY: the features are there.
            unsafe {
                let (a, b) = (to_lanes([*left; 8]), to_lanes(right));
                assert_eq!(to_points(&a.add(&b.to_cached())), expected);
                // A projective left operand, with Z ≠ 1.
                let sum = a.add(&b.to_cached());
                let twice = expected.map(|point| babyjubjub::Extended::from(point).double().to_affine());
                assert_eq!(to_points(&sum.double()), twice);
                assert_eq!(to_points(&sum.add(&sum.to_cached())), twice);
                assert_eq!(sum.same(&b.add(&a.to_cached())), 0xff);
                let same = (0..8).filter(|lane| expected[*lane] == *left).fold(0, |mask, lane| mask | 1u8 << lane);
                assert_eq!(sum.same(&a), same);
                let identity = Point { x: Fr::zero(), y: Fr::one() };
                let zero = (0..8).filter(|lane| expected[*lane] == identity).fold(0, |mask, lane| mask | 1u8 << lane);
                assert_eq!(sum.is_identity(), zero);
            }
        }
    }
}

/// 0, 1, 8, l − 1, all ones and others below l.
fn scalars() -> Vec<BigInt<4>> {
    let mut l_minus_one = SUBGROUP_ORDER;
    l_minus_one.0[0] -= 1;
    let small = [0u64, 1, 7, 8, 9, 15, 16, 127, 128, 129, 255, 256].map(|value| BigInt([value, 0, 0, 0]));
    let ones = BigInt([u64::MAX, u64::MAX, u64::MAX, (1 << 58) - 1]);
    let eights = BigInt([0x8888_8888_8888_8888, 0x8888_8888_8888_8888, 0x8888_8888_8888_8888, 0x0488_8888_8888_8888]);
    let others = (0..11u64).map(|i| babyjubjub::reduce(hash(&[Fr::from(i)]).into_bigint()));
    small.into_iter().chain([l_minus_one, ones, eights]).chain(others).collect()
}

#[test]
fn multiply_edge_points_by_edge_scalars_as_the_scalar_path_does() {
    if !crate::lanes::available() {
        return;
    }
    let scalars = scalars();
    for (index, point) in points().into_iter().enumerate() {
        for block in scalars.chunks(8) {
            let scalars: [BigInt<4>; 8] = std::array::from_fn(|lane| block[(lane + index) % block.len()]);
            let expected = scalars.map(|scalar| babyjubjub::Extended::from(point).multiply(&scalar).to_affine());
            // SAFETY: the features are there.
            let product = unsafe { to_lanes([point; 8]).multiply(&scalars.map(|scalar| scalar.0)) };
            assert_eq!(to_points(&product), expected);
        }
    }
}

#[test]
fn multiply_the_base_by_edge_scalars_as_the_scalar_path_does() {
    if !crate::lanes::available() {
        return;
    }
    for block in scalars().chunks(8) {
        let scalars: [BigInt<4>; 8] = std::array::from_fn(|lane| block[lane % block.len()]);
        let expected = scalars.map(|scalar| babyjubjub::Extended::from(BASE8).multiply(&scalar).to_affine());
        // SAFETY: the features are there.
        let product = unsafe { multiply_base(&scalars.map(|scalar| scalar.0)) };
        assert_eq!(to_points(&product), expected);
    }
}
