//! BLAKE-512 of short inputs: what circomlib's EdDSA expands secrets and derives nonces with. Not BLAKE2.
//! Source: Aumasson et al., "SHA-3 proposal BLAKE", version 1.3, section 2.2.

use zeroize::Zeroize;

/// Longest input that fits one block with its padding and length.
pub const MAX_BYTES: usize = 111;
const BLOCK_BYTES: usize = 128;
const ROUNDS: usize = 16;

/// The initial value of SHA-512.
const INITIAL: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// The first digits of π.
const CONSTANTS: [u64; 16] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
    0x082e_fa98_ec4e_6c89,
    0x4528_21e6_38d0_1377,
    0xbe54_66cf_34e9_0c6c,
    0xc0ac_29b7_c97c_50dd,
    0x3f84_d5b5_b547_0917,
    0x9216_d5d9_8979_fb1b,
    0xd131_0ba6_98df_b5ac,
    0x2ffd_72db_d01a_dfb7,
    0xb8e1_afed_6a26_7e96,
    0xba7c_9045_f12c_7f99,
    0x24a1_9947_b391_6cf7,
    0x0801_f2e2_858e_fc16,
    0x6369_20d8_7157_4e69,
];

/// The words of a round, in the order in which its eight steps take them; round 10 is round 0 again.
const ORDER: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// The columns of the state, then its diagonals.
const STEPS: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

/// The digest of up to `MAX_BYTES` bytes. No salt. Its copies of the input are wiped.
///
/// # Panics
/// For a longer input.
pub fn blake512(input: &[u8]) -> [u8; 64] {
    assert!(input.len() <= MAX_BYTES, "{} bytes do not fit one block", input.len());
    let mut block = [0u8; BLOCK_BYTES];
    block[..input.len()].copy_from_slice(input);
    block[input.len()] = 0x80;
    block[MAX_BYTES] |= 1;
    let bits = 8 * input.len() as u64;
    block[BLOCK_BYTES - 8..].copy_from_slice(&bits.to_be_bytes());
    let mut words: [u64; 16] =
        std::array::from_fn(|index| u64::from_be_bytes(block[8 * index..8 * index + 8].try_into().expect("8 bytes")));
    let mut state = compress(&words, bits);
    let mut digest = [0; 64];
    for (bytes, word) in digest.chunks_exact_mut(8).zip(&state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    block.zeroize();
    words.zeroize();
    state.zeroize();
    digest
}

fn compress(words: &[u64; 16], bits: u64) -> [u64; 8] {
    let mut v: [u64; 16] = std::array::from_fn(|index| if index < 8 { INITIAL[index] } else { CONSTANTS[index - 8] });
    v[12] ^= bits;
    v[13] ^= bits;
    for round in 0..ROUNDS {
        let order = &ORDER[round % ORDER.len()];
        for (step, &[a, b, c, d]) in STEPS.iter().enumerate() {
            let (i, j) = (order[2 * step], order[2 * step + 1]);
            v[a] = v[a].wrapping_add(v[b]).wrapping_add(words[i] ^ CONSTANTS[j]);
            v[d] = (v[d] ^ v[a]).rotate_right(32);
            v[c] = v[c].wrapping_add(v[d]);
            v[b] = (v[b] ^ v[c]).rotate_right(25);
            v[a] = v[a].wrapping_add(v[b]).wrapping_add(words[j] ^ CONSTANTS[i]);
            v[d] = (v[d] ^ v[a]).rotate_right(16);
            v[c] = v[c].wrapping_add(v[d]);
            v[b] = (v[b] ^ v[c]).rotate_right(11);
        }
    }
    let state = std::array::from_fn(|index| INITIAL[index] ^ v[index] ^ v[index + 8]);
    v.zeroize();
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hexadecimal(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn gives_the_digest_of_the_proposal() {
        // "One-block message": one byte 0 (section 2.3).
        assert_eq!(
            hexadecimal(&blake512(&[0])),
            "97961587f6d970faba6d2478045de6d1fabd09b61ae50932054d52bc29d31be4\
             ff9102b9f69e2bbdb83be13d4b9c06091e5fa0b48bd081b634058be0ec49beb3"
        );
    }

    #[test]
    fn takes_what_fits_one_block() {
        // The same by @noble/hashes.
        for (length, start) in [(0, "a8cfbbd73726062d"), (32, "b6314cf29d6e1813"), (64, "51f0479cc51a4d31")] {
            assert!(hexadecimal(&blake512(&vec![7; length])).starts_with(start), "{length}");
        }
        assert!(hexadecimal(&blake512(&[7; MAX_BYTES])).starts_with("440fdbb38c1d858d"));
        assert!(std::panic::catch_unwind(|| blake512(&[0; MAX_BYTES + 1])).is_err());
    }
}
