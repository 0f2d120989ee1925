//! Affine multiples of B8, many at a time: one inversion for all of them.

use super::curve::Point;
use super::fixed_base::multiply_base;
use ark_bn254::Fr;
use ark_ff::{BigInt, batch_inversion};

/// X, Y and Z of a multiple.
pub(crate) type Projective = [Fr; 3];

/// `scalars`·B8, in their order, for scalars below 2^254.
pub fn base_points(scalars: &[BigInt<4>]) -> Vec<Point> {
    let multiples: Vec<Projective> = multiply_all(scalars);
    // Z is never 0: the formulas are complete.
    let mut inverses: Vec<Fr> = multiples.iter().map(|[_, _, z]| *z).collect();
    batch_inversion(&mut inverses);
    multiples.iter().zip(inverses).map(|([x, y, _], inverse)| Point { x: x * &inverse, y: y * &inverse }).collect()
}

fn multiply_all(scalars: &[BigInt<4>]) -> Vec<Projective> {
    #[cfg(target_arch = "x86_64")]
    // One multiple costs the lanes as much as eight.
    if crate::lanes::available() && scalars.len() > 1 {
        use crate::lanes::fixed_base::{LANES, multiply_base_block};
        return scalars.chunks(LANES).flat_map(multiply_base_block).collect();
    }
    scalars
        .iter()
        .map(|scalar| {
            let multiple = multiply_base(scalar);
            [multiple.x, multiple.y, multiple.z]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::babyjubjub::SUBGROUP_ORDER;

    #[test]
    fn are_those_of_the_scalar_path_for_every_count_up_to_two_blocks() {
        let mut largest = SUBGROUP_ORDER;
        largest.0[0] -= 1;
        let mut scalars =
            vec![BigInt([0; 4]), BigInt([1, 0, 0, 0]), largest, BigInt([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 2])];
        scalars.extend((1..14u64).map(|seed| BigInt([seed, seed << 32, !seed, seed << 50])));
        let expected: Vec<Point> = scalars.iter().map(|scalar| multiply_base(scalar).to_affine()).collect();
        for count in 0..=scalars.len() {
            assert_eq!(base_points(&scalars[..count]), expected[..count]);
        }
    }
}
