//! Between eight elements in memory (four 64-bit limbs each) and lanes (five 52-bit limbs).

use super::field::{Lanes, Prime};
use std::arch::x86_64::*;

/// Transposes an 8×8 matrix of 64-bit words: word j of row i goes to word i of row j.
#[inline(always)]
pub unsafe fn transpose(r: &mut [__m512i; 8]) {
    unsafe {
        let a0 = _mm512_unpacklo_epi64(r[0], r[1]);
        let a1 = _mm512_unpackhi_epi64(r[0], r[1]);
        let a2 = _mm512_unpacklo_epi64(r[2], r[3]);
        let a3 = _mm512_unpackhi_epi64(r[2], r[3]);
        let a4 = _mm512_unpacklo_epi64(r[4], r[5]);
        let a5 = _mm512_unpackhi_epi64(r[4], r[5]);
        let a6 = _mm512_unpacklo_epi64(r[6], r[7]);
        let a7 = _mm512_unpackhi_epi64(r[6], r[7]);
        let b0 = _mm512_shuffle_i64x2::<0x88>(a0, a2);
        let b1 = _mm512_shuffle_i64x2::<0xdd>(a0, a2);
        let b2 = _mm512_shuffle_i64x2::<0x88>(a4, a6);
        let b3 = _mm512_shuffle_i64x2::<0xdd>(a4, a6);
        let b4 = _mm512_shuffle_i64x2::<0x88>(a1, a3);
        let b5 = _mm512_shuffle_i64x2::<0xdd>(a1, a3);
        let b6 = _mm512_shuffle_i64x2::<0x88>(a5, a7);
        let b7 = _mm512_shuffle_i64x2::<0xdd>(a5, a7);
        r[0] = _mm512_shuffle_i64x2::<0x88>(b0, b2);
        r[4] = _mm512_shuffle_i64x2::<0xdd>(b0, b2);
        r[2] = _mm512_shuffle_i64x2::<0x88>(b1, b3);
        r[6] = _mm512_shuffle_i64x2::<0xdd>(b1, b3);
        r[1] = _mm512_shuffle_i64x2::<0x88>(b4, b6);
        r[5] = _mm512_shuffle_i64x2::<0xdd>(b4, b6);
        r[3] = _mm512_shuffle_i64x2::<0x88>(b5, b7);
        r[7] = _mm512_shuffle_i64x2::<0xdd>(b5, b7);
    }
}

/// Four words of 64 bits to five limbs of 52.
#[inline(always)]
pub unsafe fn unpack<P: Prime>(w: [__m512i; 4]) -> Lanes<P> {
    unsafe {
        let mask = _mm512_set1_epi64(super::field::MASK);
        Lanes::new([
            _mm512_and_si512(w[0], mask),
            _mm512_and_si512(_mm512_shrdi_epi64::<52>(w[0], w[1]), mask),
            _mm512_and_si512(_mm512_shrdi_epi64::<40>(w[1], w[2]), mask),
            _mm512_and_si512(_mm512_shrdi_epi64::<28>(w[2], w[3]), mask),
            _mm512_srli_epi64::<16>(w[3]),
        ])
    }
}

/// Five normal limbs, value below 2^256, to four words.
#[inline(always)]
pub unsafe fn pack<P: Prime>(f: &Lanes<P>) -> [__m512i; 4] {
    unsafe {
        let v = &f.limbs;
        [
            _mm512_or_si512(v[0], _mm512_slli_epi64::<52>(v[1])),
            _mm512_or_si512(_mm512_srli_epi64::<12>(v[1]), _mm512_slli_epi64::<40>(v[2])),
            _mm512_or_si512(_mm512_srli_epi64::<24>(v[2]), _mm512_slli_epi64::<28>(v[3])),
            _mm512_or_si512(_mm512_srli_epi64::<36>(v[3]), _mm512_slli_epi64::<16>(v[4])),
        ]
    }
}

/// Two elements (64 bytes) behind each of eight pointers.
#[inline(always)]
pub unsafe fn load_pairs<P: Prime>(pointers: [*const u8; 8]) -> (Lanes<P>, Lanes<P>) {
    unsafe {
        let mut r = [_mm512_setzero_si512(); 8];
        for i in 0..8 {
            r[i] = _mm512_loadu_si512(pointers[i].cast());
        }
        transpose(&mut r);
        (unpack([r[0], r[1], r[2], r[3]]), unpack([r[4], r[5], r[6], r[7]]))
    }
}

/// The opposite of `load_pairs`.
#[inline(always)]
pub unsafe fn store_pairs<P: Prime>(pointers: [*mut u8; 8], first: &Lanes<P>, second: &Lanes<P>) {
    unsafe {
        let (a, b) = (pack(first), pack(second));
        let mut r = [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]];
        transpose(&mut r);
        for i in 0..8 {
            _mm512_storeu_si512(pointers[i].cast(), r[i]);
        }
    }
}
