//! The quotient polynomial in lanes: three inverse transforms, three onto the odd coset, A·B − C.
//!
//! The domain of 2^k values is a matrix of `rows` × `columns`, index = row·columns + column. An inverse transform
//! takes the columns, multiplies by powers of the root, takes the rows, and leaves coefficient
//! `i = row + rows·column`: the mirrored forward transform takes the rows again and then the columns, and its
//! values stand in the natural order. So each polynomial passes memory three times: columns, rows, columns.
//! Eight neighboring columns, or rows, are the lanes.
//!
//! Bounds: values enter a transform below 2·r and each of at most 16 layers adds 2·r, which stays below
//! 2^260 = 84·r; a product with a power of the root takes them below 2·r again.

use super::field::{FrPrime, Lanes};
use super::transpose::{pack, transpose, unpack};
use crate::error::Result;
use crate::groth16::root_of_unity;
use crate::monitor::Monitor;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, One};
use rayon::prelude::*;
use std::arch::x86_64::*;

type F = Lanes<FrPrime>;

const LANES: usize = 8;
/// Below this the matrix has fewer columns or rows than lanes.
pub const MIN_LOG2: u32 = 6;

/// Five limbs of a constant.
type Limbs = [u64; 5];

/// Limbs of the lanes' form of an element.
fn limbs(mut value: Fr) -> Limbs {
    for _ in 0..4 {
        value.double_in_place();
    }
    super::field::split(value.0.0)
}

/// Powers of a root for transforms of one size.
struct Plan {
    log2: u32,
    /// root^i for i < size/2.
    roots: Vec<Limbs>,
    reversed: Vec<u32>,
}

impl Plan {
    fn new(log2: u32, root: Fr) -> Self {
        let size = 1usize << log2;
        let mut power = Fr::one();
        let mut roots = Vec::with_capacity(size / 2);
        for _ in 0..size / 2 {
            roots.push(limbs(power));
            power *= root;
        }
        let reversed = (0..size as u32).map(|index| index.reverse_bits() >> (32 - log2)).collect();
        Self { log2, roots, reversed }
    }

    fn size(&self) -> usize {
        1 << self.log2
    }
}

/// What the transforms of one domain need.
struct Domain {
    log2: u32,
    rows: usize,
    columns: usize,
    inverse_columns: Plan,
    inverse_rows: Plan,
    forward_rows: Plan,
    forward_columns: Plan,
    /// For column c: shift·root^(−c), whose k-th power, over the size, follows the first pass in row k.
    first: Vec<Limbs>,
    /// 1/size.
    scale: Limbs,
    /// shift^(rows·k) for column k, between the passes over rows.
    middle: Vec<Limbs>,
    /// For row k: root^k, whose m-th power follows the second pass over rows in column m.
    last: Vec<Limbs>,
}

fn powers(base: Fr, first: Fr, count: usize) -> Vec<Limbs> {
    std::iter::successors(Some(first), |power| Some(*power * base)).take(count).map(limbs).collect()
}

impl Domain {
    fn new(log2: u32) -> Self {
        let (row_log2, column_log2) = (log2.div_ceil(2), log2 / 2);
        let (rows, columns) = (1usize << row_log2, 1usize << column_log2);
        let (root, shift) = (root_of_unity(log2), root_of_unity(log2 + 1));
        let back = root.inverse().expect("roots are not 0");
        let plan = |log2: u32, root: Fr, power: usize| Plan::new(log2, root.pow([power as u64]));
        Self {
            log2,
            rows,
            columns,
            inverse_columns: plan(row_log2, back, columns),
            inverse_rows: plan(column_log2, back, rows),
            forward_rows: plan(column_log2, root, rows),
            forward_columns: plan(row_log2, root, columns),
            first: powers(back, shift, columns),
            scale: limbs(Fr::from(1u64 << log2).inverse().expect("the size is not 0")),
            middle: powers(shift.pow([rows as u64]), Fr::one(), columns),
            last: powers(root, Fr::one(), rows),
        }
    }
}

/// A matrix that tasks write disjoint columns or rows of.
#[derive(Clone, Copy)]
struct Shared(*mut [u64; 4]);

// SAFETY: every task writes rows or columns that no other task touches; see the calls.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

impl Shared {
    /// A method, so that closures capture the whole and not the pointer.
    #[inline(always)]
    fn at(self, index: usize) -> *mut [u64; 4] {
        self.0.wrapping_add(index)
    }
}

/// `a_i·b_i − c_i` on the odd coset as canonical integers, for a and b in arkworks' Montgomery limbs.
///
/// Read in lanes those limbs mean a/16 and b/16; c is made of their product, so it means c/256 like a·b later,
/// and the last step multiplies by 256 when it leaves the Montgomery form.
pub fn quotient(mut a: Vec<[u64; 4]>, mut b: Vec<[u64; 4]>, monitor: &Monitor) -> Result<Vec<BigInt<4>>> {
    let domain = Domain::new(a.len().ilog2());
    assert!(a.len() == b.len() && a.len() == 1 << domain.log2 && domain.log2 >= MIN_LOG2 && super::available());
    let mut c = vec![[0u64; 4]; a.len()];
    let [a, b, c] = [&mut a, &mut b, &mut c].map(|values| Shared(values.as_mut_ptr()));
    monitor.begin("quotient", 9)?;
    for (target, sources) in [(c, [a, b].as_slice()), (a, &[a]), (b, &[b])] {
        for_groups(domain.columns, domain.rows, |group, work| {
            // SAFETY: each group has its own eight columns of `target`; sources are read only, or the target.
            unsafe { first_columns(&domain, sources, target, group, work) }
        });
        monitor.advance(1)?;
    }
    for values in [a, b, c] {
        for_groups(domain.rows, 2 * domain.columns, |group, work| {
            // SAFETY: each group has its own eight rows.
            unsafe { both_rows(&domain, values, group, work) }
        });
        monitor.advance(1)?;
    }
    for (values, factors) in [(a, None), (b, None), (c, Some((a, b)))] {
        for_groups(domain.columns, domain.rows, |group, work| {
            // SAFETY: each group has its own eight columns; factors are read only.
            unsafe { last_columns(&domain, values, factors, group, work) }
        });
        monitor.advance(1)?;
    }
    // SAFETY: c points at the 2^log2 values of a vector that lives until the end of this function.
    let values = unsafe { std::slice::from_raw_parts(c.0, 1 << domain.log2) };
    Ok(values.iter().map(|words| BigInt(*words)).collect())
}

/// Runs `task` for each group of eight of `count` lines with working memory of `size` vectors.
fn for_groups(count: usize, size: usize, task: impl Fn(usize, &mut [F]) + Sync) {
    (0..count / LANES).into_par_iter().for_each_init(
        // SAFETY: zeroing needs AVX512, which `quotient` has checked.
        || vec![F::one(); size],
        |work, group| task(group, work),
    );
}

/// Eight neighboring values of one row, as lanes in the order of the columns.
#[inline(always)]
unsafe fn load_row(from: *const [u64; 4]) -> F {
    unsafe {
        let p = from.cast::<u64>();
        let (z0, z1) = (_mm512_loadu_si512(p.cast()), _mm512_loadu_si512(p.add(8).cast()));
        let (z2, z3) = (_mm512_loadu_si512(p.add(16).cast()), _mm512_loadu_si512(p.add(24).cast()));
        // Word j of element e lies at 4·e + j; gather word j of all eight.
        let even = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
        let odd = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
        let (l01, l23) = (_mm512_permutex2var_epi64(z0, even, z1), _mm512_permutex2var_epi64(z0, odd, z1));
        let (h01, h23) = (_mm512_permutex2var_epi64(z2, even, z3), _mm512_permutex2var_epi64(z2, odd, z3));
        unpack([
            _mm512_shuffle_i64x2::<0x44>(l01, h01),
            _mm512_shuffle_i64x2::<0xee>(l01, h01),
            _mm512_shuffle_i64x2::<0x44>(l23, h23),
            _mm512_shuffle_i64x2::<0xee>(l23, h23),
        ])
    }
}

/// The opposite of `load_row`.
#[inline(always)]
unsafe fn store_row(to: *mut [u64; 4], value: &F) {
    unsafe {
        let w = pack(value);
        // Halves: elements 0..4 and 4..8 of words (0, 1) and (2, 3).
        let (l01, h01) = (_mm512_shuffle_i64x2::<0x44>(w[0], w[1]), _mm512_shuffle_i64x2::<0xee>(w[0], w[1]));
        let (l23, h23) = (_mm512_shuffle_i64x2::<0x44>(w[2], w[3]), _mm512_shuffle_i64x2::<0xee>(w[2], w[3]));
        let first = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13);
        let second = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
        let p = to.cast::<u64>();
        _mm512_storeu_si512(p.cast(), _mm512_permutex2var_epi64(l01, first, l23));
        _mm512_storeu_si512(p.add(8).cast(), _mm512_permutex2var_epi64(l01, second, l23));
        _mm512_storeu_si512(p.add(16).cast(), _mm512_permutex2var_epi64(h01, first, h23));
        _mm512_storeu_si512(p.add(24).cast(), _mm512_permutex2var_epi64(h01, second, h23));
    }
}

#[inline(always)]
fn eight(constants: &[Limbs], at: usize) -> F {
    let words: [[u64; 4]; LANES] = std::array::from_fn(|lane| super::field::join(constants[at + lane]));
    F::from_words(&words)
}

/// Columns `8·group ..`: inverse transform, then times (shift·root^(−column))^row/size. The values are the
/// product of the sources.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn first_columns(domain: &Domain, sources: &[Shared], target: Shared, group: usize, work: &mut [F]) {
    unsafe {
        let plan = &domain.inverse_columns;
        let at = |row: usize| row * domain.columns + group * LANES;
        match sources {
            [source] => {
                for row in 0..domain.rows {
                    work[plan.reversed[row] as usize] = load_row(source.at(at(row)));
                }
            }
            [left, right] => {
                for row in (0..domain.rows).step_by(2) {
                    let (a, b) = (load_row(left.at(at(row))), load_row(right.at(at(row))));
                    let (c, d) = (load_row(left.at(at(row + 1))), load_row(right.at(at(row + 1))));
                    let (x, y) = F::multiply2(&a, &b, &c, &d);
                    work[plan.reversed[row] as usize] = x;
                    work[plan.reversed[row + 1] as usize] = y;
                }
            }
            _ => unreachable!("one source or two"),
        }
        transform(plan, work);
        let step = eight(&domain.first, group * LANES);
        let scale = F::broadcast_limbs(domain.scale);
        let (mut even, double) = (scale, F::multiply(&step, &step));
        let mut odd = F::multiply(&scale, &step);
        for row in (0..domain.rows).step_by(2) {
            let (x, y) = F::multiply2(&work[row], &even, &work[row + 1], &odd);
            store_row(target.at(at(row)), &x);
            store_row(target.at(at(row + 1)), &y);
            (even, odd) = F::multiply2(&even, &double, &odd, &double);
        }
    }
}

/// Rows `8·group ..`: inverse transform, times shift^(rows·column), forward transform, times root^(row·column).
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn both_rows(domain: &Domain, values: Shared, group: usize, work: &mut [F]) {
    unsafe {
        let columns = domain.columns;
        let at = |lane: usize, column: usize| values.at((group * LANES + lane) * columns + column).cast::<u64>();
        let (work, second) = work.split_at_mut(columns);
        let plan = &domain.inverse_rows;
        for column in (0..columns).step_by(2) {
            let mut r = [_mm512_setzero_si512(); LANES];
            for (lane, row) in r.iter_mut().enumerate() {
                *row = _mm512_loadu_si512(at(lane, column).cast());
            }
            transpose(&mut r);
            work[plan.reversed[column] as usize] = unpack([r[0], r[1], r[2], r[3]]);
            work[plan.reversed[column + 1] as usize] = unpack([r[4], r[5], r[6], r[7]]);
        }
        transform(plan, work);
        let plan = &domain.forward_rows;
        for column in (0..columns).step_by(2) {
            let (m, n) = (F::broadcast_limbs(domain.middle[column]), F::broadcast_limbs(domain.middle[column + 1]));
            let (x, y) = F::multiply2(&work[column], &m, &work[column + 1], &n);
            second[plan.reversed[column] as usize] = x;
            second[plan.reversed[column + 1] as usize] = y;
        }
        transform(plan, second);
        let step = eight(&domain.last, group * LANES);
        let (mut even, mut odd, double) = (F::one(), step, F::multiply(&step, &step));
        for column in (0..columns).step_by(2) {
            let (x, y) = F::multiply2(&second[column], &even, &second[column + 1], &odd);
            let (a, b) = (pack(&x), pack(&y));
            let mut r = [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]];
            transpose(&mut r);
            for (lane, row) in r.into_iter().enumerate() {
                _mm512_storeu_si512(at(lane, column).cast(), row);
            }
            (even, odd) = F::multiply2(&even, &double, &odd, &double);
        }
    }
}

/// Columns `8·group ..`: forward transform; with factors a and b, 256·(a·b − value) out of the Montgomery form.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,avx512vbmi2")]
unsafe fn last_columns(
    domain: &Domain,
    values: Shared,
    factors: Option<(Shared, Shared)>,
    group: usize,
    work: &mut [F],
) {
    unsafe {
        let plan = &domain.forward_columns;
        let at = |row: usize| row * domain.columns + group * LANES;
        for row in 0..domain.rows {
            work[plan.reversed[row] as usize] = load_row(values.at(at(row)));
        }
        transform(plan, work);
        let one = F::one();
        let integer_256 = F::broadcast_limbs([256, 0, 0, 0, 0]);
        for row in (0..domain.rows).step_by(2) {
            // Times 1: below 2·r, to fit 256 bits.
            let (mut x, mut y) = F::multiply2(&work[row], &one, &work[row + 1], &one);
            if let Some((a, b)) = factors {
                let (c, d) = (load_row(a.at(at(row))), load_row(b.at(at(row))));
                let (e, f) = (load_row(a.at(at(row + 1))), load_row(b.at(at(row + 1))));
                let (p, q) = F::multiply2(&c, &d, &e, &f);
                let (p, q) = (F::subtract::<2>(&p, &x), F::subtract::<2>(&q, &y));
                (x, y) = F::multiply2(&p, &integer_256, &q, &integer_256);
                // Below r + 2^-240·r, so at most r itself.
                (x, y) = (F::modulus_to_zero(&x), F::modulus_to_zero(&y));
            }
            store_row(values.at(at(row)), &x);
            store_row(values.at(at(row + 1)), &y);
        }
    }
}

/// Radix-2 transform, bit-reversed order in, natural order out; first the layers within blocks, then those across,
/// in blocks that fit the first-level cache.
#[inline(always)]
unsafe fn transform(plan: &Plan, values: &mut [F]) {
    const MAX_ACROSS: usize = 1 << 8;
    unsafe {
        let within = plan.log2.div_ceil(2);
        let (block, across) = (1usize << within, 1usize << (plan.log2 - within));
        for values in values.chunks_exact_mut(block) {
            layers(plan, values, 1, 0);
        }
        let mut gathered = [const { std::mem::MaybeUninit::<F>::uninit() }; MAX_ACROSS];
        let gathered = std::slice::from_raw_parts_mut(gathered.as_mut_ptr().cast::<F>(), across.min(MAX_ACROSS));
        assert_eq!(gathered.len(), across);
        for offset in 0..block {
            for (index, value) in gathered.iter_mut().enumerate() {
                *value = values[offset + index * block];
            }
            layers(plan, gathered, block, offset);
            for (index, value) in gathered.iter().enumerate() {
                values[offset + index * block] = *value;
            }
        }
    }
}

/// All layers over `values`, which are every `stride`-th value from `offset` on.
#[inline(always)]
unsafe fn layers(plan: &Plan, values: &mut [F], stride: usize, offset: usize) {
    unsafe {
        let count = values.len();
        let mut half = 1;
        while half < count {
            let step = plan.size() / (2 * half * stride);
            let root = |index: usize| plan.roots[(offset + stride * index) * step];
            if half == 1 && stride == 1 {
                // The root is 1.
                for at in (0..count).step_by(2) {
                    let (x, y) = (values[at], values[at + 1]);
                    values[at] = F::add(&x, &y);
                    values[at + 1] = F::subtract::<2>(&x, &y);
                }
            } else if count / (2 * half) >= 2 {
                for index in 0..half {
                    let w = F::broadcast_limbs(root(index));
                    for at in (index..count).step_by(4 * half) {
                        butterflies(values, [at, at + 2 * half], half, &w, &w);
                    }
                }
            } else if half >= 2 {
                for index in (0..half).step_by(2) {
                    let (w, v) = (F::broadcast_limbs(root(index)), F::broadcast_limbs(root(index + 1)));
                    butterflies(values, [index, index + 1], half, &w, &v);
                }
            } else {
                let w = F::broadcast_limbs(root(0));
                let product = F::multiply(&values[1], &w);
                let x = values[0];
                values[0] = F::add(&x, &product);
                values[1] = F::subtract::<2>(&x, &product);
            }
            half *= 2;
        }
    }
}

/// (x, y) → (x + w·y, x − w·y) at two places.
#[inline(always)]
unsafe fn butterflies(values: &mut [F], at: [usize; 2], half: usize, w: &F, v: &F) {
    unsafe {
        let (x, z) = (values[at[0]], values[at[1]]);
        let (t, u) = F::multiply2(&values[at[0] + half], w, &values[at[1] + half], v);
        values[at[0]] = F::add(&x, &t);
        values[at[0] + half] = F::subtract::<2>(&x, &t);
        values[at[1]] = F::add(&z, &u);
        values[at[1] + half] = F::subtract::<2>(&z, &u);
    }
}
