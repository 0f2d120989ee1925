//! Poseidon's constants in the form that needs the fewest multiplications.

use super::grain::Grain;
use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use std::sync::OnceLock;

/// Most inputs that circomlib has constants for.
pub const MAX_INPUTS: usize = 16;
pub const FULL_ROUNDS: usize = 8;
/// Partial rounds for widths 2 to 17 (circomlib, `poseidon.circom`).
const PARTIAL_ROUNDS: [usize; MAX_INPUTS] = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];

/// `state[i] ← Σ_j matrix[i·width + j]·state[j]`, row by row.
pub type Matrix = Vec<Fr>;

/// Constants of one width.
///
/// In a partial round only the first element passes the S-box, so a matrix that leaves that element alone
/// commutes with it. Each partial matrix M is split into M = S·D, D block-diagonal (1, …): D moves one round
/// up and S, which has one dense row and one dense column, stays. All D end in `last_dense`.
pub struct Parameters {
    pub width: usize,
    pub partial_rounds: usize,
    /// Constants of the eight full rounds, `width` each.
    pub full_constants: Vec<Fr>,
    /// One constant a partial round, for the first element.
    pub partial_constants: Vec<Fr>,
    /// The MDS matrix of the full rounds.
    pub dense: Matrix,
    /// Matrix of the last full round before the partial rounds.
    pub last_dense: Matrix,
    /// Per partial round: `width` entries of the first row, then `width − 1` of the first column.
    pub sparse: Vec<Fr>,
}

/// The constants for 1 to 16 inputs, computed once per process.
pub fn parameters(inputs: usize) -> Option<&'static Parameters> {
    static CACHE: [OnceLock<Parameters>; MAX_INPUTS] = [const { OnceLock::new() }; MAX_INPUTS];
    let slot = CACHE.get(inputs.checked_sub(1)?)?;
    Some(slot.get_or_init(|| Parameters::derive(inputs + 1, PARTIAL_ROUNDS[inputs - 1])))
}

impl Parameters {
    fn derive(width: usize, partial_rounds: usize) -> Self {
        let mut grain = Grain::new(width, FULL_ROUNDS, partial_rounds);
        let rounds = FULL_ROUNDS + partial_rounds;
        let mut constants: Vec<Fr> = (0..rounds * width).map(|_| grain.constant()).collect();
        let sequence: Vec<Fr> = (0..2 * width).map(|_| grain.reduced()).collect();
        let (xs, ys) = sequence.split_at(width);
        let dense: Matrix = xs
            .iter()
            .flat_map(|x| ys.iter().map(move |y| (*x + y).inverse().expect("the reference sequences have no x = −y")))
            .collect();

        let partial_constants = push_constants(&mut constants, &dense, width, partial_rounds);
        let half = FULL_ROUNDS / 2 * width;
        let mut full_constants = constants[..half].to_vec();
        full_constants.extend_from_slice(&constants[half + partial_rounds * width..]);
        let (sparse, last_dense) = split_matrices(&dense, width, partial_rounds);
        Self { width, partial_rounds, full_constants, partial_constants, dense, last_dense, sparse }
    }
}

/// Leaves one constant in each partial round: the others pass the S-box untouched and, multiplied by the
/// matrix, join the constants of the next round.
fn push_constants(constants: &mut [Fr], dense: &Matrix, width: usize, partial_rounds: usize) -> Vec<Fr> {
    let first = FULL_ROUNDS / 2;
    (first..first + partial_rounds)
        .map(|round| {
            let (here, next) = constants[round * width..].split_at_mut(width);
            let mut rest = here.to_vec();
            rest[0] = Fr::zero();
            for (sum, term) in next.iter_mut().zip(multiply_vector(dense, &rest)) {
                *sum += term;
            }
            here[0]
        })
        .collect()
}

/// Splits the partial matrices from the last round to the first (see `Parameters`).
fn split_matrices(dense: &Matrix, width: usize, partial_rounds: usize) -> (Vec<Fr>, Matrix) {
    let mut rounds = Vec::with_capacity(partial_rounds);
    let mut current = dense.clone();
    for _ in 0..partial_rounds {
        let size = width - 1;
        let block: Matrix = (1..width).flat_map(|row| current[row * width + 1..(row + 1) * width].to_vec()).collect();
        let inverse = invert(&block, size);
        let mut entries = vec![current[0]];
        // The first row without its first entry, times the inverse of the block.
        for column in 0..size {
            entries.push((0..size).map(|k| current[1 + k] * inverse[k * size + column]).sum());
        }
        entries.extend((1..width).map(|row| current[row * width]));
        rounds.push(entries);

        let mut diagonal = vec![Fr::zero(); width * width];
        diagonal[0] = Fr::one();
        for row in 0..size {
            diagonal[(row + 1) * width + 1..(row + 2) * width].copy_from_slice(&block[row * size..(row + 1) * size]);
        }
        current = multiply(&diagonal, dense, width);
    }
    rounds.reverse();
    (rounds.concat(), current)
}

fn multiply_vector(matrix: &Matrix, vector: &[Fr]) -> Vec<Fr> {
    matrix.chunks_exact(vector.len()).map(|row| row.iter().zip(vector).map(|(a, b)| *a * b).sum()).collect()
}

fn multiply(left: &Matrix, right: &Matrix, size: usize) -> Matrix {
    let entry = |row: usize, column: usize| (0..size).map(|k| left[row * size + k] * right[k * size + column]).sum();
    (0..size * size).map(|index| entry(index / size, index % size)).collect()
}

/// Gauss–Jordan; every block of an MDS matrix is invertible.
fn invert(matrix: &Matrix, size: usize) -> Matrix {
    let mut left = matrix.clone();
    let mut right = vec![Fr::zero(); size * size];
    (0..size).for_each(|index| right[index * size + index] = Fr::one());
    for pivot in 0..size {
        let row = (pivot..size).find(|row| !left[row * size + pivot].is_zero()).expect("the block is invertible");
        for column in 0..size {
            left.swap(pivot * size + column, row * size + column);
            right.swap(pivot * size + column, row * size + column);
        }
        let scale = left[pivot * size + pivot].inverse().expect("the pivot is not zero");
        for column in 0..size {
            left[pivot * size + column] *= scale;
            right[pivot * size + column] *= scale;
        }
        for other in (0..size).filter(|other| *other != pivot) {
            let factor = left[other * size + pivot];
            for column in 0..size {
                let (a, b) = (left[pivot * size + column], right[pivot * size + column]);
                left[other * size + column] -= factor * a;
                right[other * size + column] -= factor * b;
            }
        }
    }
    right
}
