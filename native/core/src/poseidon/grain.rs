//! The Grain LFSR that draws Poseidon's constants (Poseidon paper, appendix E).

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};

const STATE_BITS: usize = 80;
const FIELD_BITS: u32 = 254;

/// A self-shrinking 80-bit LFSR seeded by the parameters of the permutation.
pub struct Grain {
    state: [bool; STATE_BITS],
    head: usize,
}

impl Grain {
    /// For x^5 over a prime field of 254 bits with `width` elements, `full` and `partial` rounds.
    pub fn new(width: usize, full: usize, partial: usize) -> Self {
        let mut state = [false; STATE_BITS];
        let mut at = 0;
        // Prime field, S-box x^alpha, then the sizes, then thirty ones; each big-endian.
        let fields = [
            (1, 2),
            (0, 4),
            (FIELD_BITS, 12),
            (width as u32, 12),
            (full as u32, 10),
            (partial as u32, 10),
            ((1 << 30) - 1, 30),
        ];
        for (value, bits) in fields {
            for bit in (0..bits).rev() {
                state[at] = (value >> bit) & 1 == 1;
                at += 1;
            }
        }
        let mut grain = Self { state, head: 0 };
        for _ in 0..160 {
            grain.clock();
        }
        grain
    }

    fn clock(&mut self) -> bool {
        let tap = |offset: usize| self.state[(self.head + offset) % STATE_BITS];
        let bit = tap(62) ^ tap(51) ^ tap(38) ^ tap(23) ^ tap(13) ^ tap(0);
        self.state[self.head] = bit;
        self.head = (self.head + 1) % STATE_BITS;
        bit
    }

    /// The next output bit: of each pair of clocks, the second counts when the first is 1.
    fn bit(&mut self) -> bool {
        loop {
            let keep = self.clock();
            let bit = self.clock();
            if keep {
                return bit;
            }
        }
    }

    fn integer(&mut self) -> BigInt<4> {
        let mut limbs = [0u64; 4];
        for index in (0..FIELD_BITS as usize).rev() {
            limbs[index / 64] |= (self.bit() as u64) << (index % 64);
        }
        BigInt(limbs)
    }

    /// A round constant: integers that are not below the modulus are drawn again.
    pub fn constant(&mut self) -> Fr {
        loop {
            if let Some(value) = Fr::from_bigint(self.integer()) {
                return value;
            }
        }
    }

    /// An entry of the Cauchy sequences: reduced modulo the field, as in the reference script.
    pub fn reduced(&mut self) -> Fr {
        let mut integer = self.integer();
        // 2^254 < 2·modulus: one subtraction reduces.
        if integer >= Fr::MODULUS {
            use ark_ff::BigInteger;
            integer.sub_with_borrow(&Fr::MODULUS);
        }
        Fr::from_bigint(integer).expect("below the modulus after one subtraction")
    }
}
