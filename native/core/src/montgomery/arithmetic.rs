//! The products of Montgomery arithmetic, and their portable implementation.

/// An odd modulus p below 2^254, as the kernels read it.
#[repr(C)]
pub struct Modulus {
    pub limbs: [u64; 4],
    /// −1/p mod 2^64.
    pub inverse: u64,
}

/// How limbs are multiplied: a kernel is compiled once for each implementation and chosen once for its whole work.
///
/// Bounds: 2^256 is more than 5.28·p (p is one of BN254), which is why operands below 2·p lose no carry.
pub trait Arithmetic: Copy + Send + Sync + 'static {
    /// a·b/2^256 modulo p, below a·b/2^256 + p; a and b are below 2·p.
    fn multiply(a: &[u64; 4], b: &[u64; 4], modulus: &Modulus) -> [u64; 4];

    /// (a[0]·b[0] + a[1]·b[1])/2^256 modulo p, below the sum over 2^256 plus p; all are below 2·p.
    fn multiply_add(a: &[[u64; 4]; 2], b: [&[u64; 4]; 2], modulus: &Modulus) -> [u64; 4];

    /// `value`, less `amount` unless that is negative; without a branch.
    fn subtract_if_not_below(value: [u64; 4], amount: &[u64; 4]) -> [u64; 4];
}

/// Plain Rust, for any CPU.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

impl Arithmetic for Portable {
    /// Operand scanning (CIOS). The sums fit the limbs: t stays below a + p, and (t + a·b_i + m·p)/2^64 too.
    #[inline(always)]
    fn multiply(a: &[u64; 4], b: &[u64; 4], modulus: &Modulus) -> [u64; 4] {
        let mut t = [0u64; 4];
        for digit in b {
            let high = accumulate(&mut t, a, *digit);
            t = reduce_limb(t, high, modulus);
        }
        t
    }

    /// The same with t below a[0] + a[1] + p, at most 5·p.
    #[inline(always)]
    fn multiply_add(a: &[[u64; 4]; 2], b: [&[u64; 4]; 2], modulus: &Modulus) -> [u64; 4] {
        let mut t = [0u64; 4];
        for limb in 0..4 {
            let first = accumulate(&mut t, &a[0], b[0][limb]);
            let second = accumulate(&mut t, &a[1], b[1][limb]);
            t = reduce_limb(t, first + second, modulus);
        }
        t
    }

    #[inline(always)]
    fn subtract_if_not_below(value: [u64; 4], amount: &[u64; 4]) -> [u64; 4] {
        let (less, borrow) = subtract(value, amount);
        let keep = (borrow as u64).wrapping_neg();
        std::array::from_fn(|i| (value[i] & keep) | (less[i] & !keep))
    }
}

/// t += a·digit; the limb above.
#[inline(always)]
fn accumulate(t: &mut [u64; 4], a: &[u64; 4], digit: u64) -> u64 {
    let mut carry = 0;
    for (t, a) in t.iter_mut().zip(a) {
        (*t, carry) = multiply_accumulate(*a, digit, *t, carry);
    }
    carry
}

/// (t + high·2^256 + m·p)/2^64 for the m that makes it whole.
#[inline(always)]
fn reduce_limb(t: [u64; 4], high: u64, modulus: &Modulus) -> [u64; 4] {
    let m = t[0].wrapping_mul(modulus.inverse);
    let (_, mut carry) = multiply_accumulate(m, modulus.limbs[0], t[0], 0);
    let mut out = [0; 4];
    for i in 1..4 {
        (out[i - 1], carry) = multiply_accumulate(m, modulus.limbs[i], t[i], carry);
    }
    out[3] = high + carry;
    out
}

/// a·b + c + d, low and high.
#[inline(always)]
fn multiply_accumulate(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    // (2^64 − 1)² + 2·(2^64 − 1) < 2^128.
    let wide = a as u128 * b as u128 + c as u128 + d as u128;
    (wide as u64, (wide >> 64) as u64)
}

/// a + b modulo 2^256. The shape compiles to a chain of adc.
#[inline(always)]
pub fn add(a: [u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let (mut sum, mut carry) = ([0; 4], false);
    for i in 0..4 {
        let (partial, c1) = a[i].overflowing_add(b[i]);
        let (limb, c2) = partial.overflowing_add(carry as u64);
        (sum[i], carry) = (limb, c1 | c2);
    }
    sum
}

/// a − b modulo 2^256, and whether it is negative.
#[inline(always)]
pub fn subtract(a: [u64; 4], b: &[u64; 4]) -> ([u64; 4], bool) {
    let (mut difference, mut borrow) = ([0; 4], false);
    for i in 0..4 {
        let (partial, b1) = a[i].overflowing_sub(b[i]);
        let (limb, b2) = partial.overflowing_sub(borrow as u64);
        (difference[i], borrow) = (limb, b1 | b2);
    }
    (difference, borrow)
}
