//! The products with `mulx` and two independent carry chains (`adcx`, `adox`), which no compiler makes.
//!
//! Each block does what `Portable` does, limb by limb, with the same bounds.

use super::arithmetic::{Arithmetic, Modulus};
use std::arch::asm;

/// x86-64 with BMI2 and ADX (since 2015).
#[derive(Clone, Copy, Debug)]
pub struct Adx(());

/// Whether this CPU can run `Adx`.
pub fn available() -> bool {
    is_x86_feature_detected!("bmi2") && is_x86_feature_detected!("adx")
}

/// t3:t2:t1:t0 = a·b[0], the limb above to h. `$a` and `$b` are displacements.
macro_rules! first_row {
    ($a:literal, $b:literal) => {
        concat!(
            "xor {l:e}, {l:e}\n",
            "mov rdx, [{b} + ",
            $b,
            "]\n",
            "mulx {t1}, {t0}, [{a} + ",
            $a,
            "]\n",
            "mulx {t2}, {l}, [{a} + 8 + ",
            $a,
            "]\n",
            "adcx {t1}, {l}\n",
            "mulx {t3}, {l}, [{a} + 16 + ",
            $a,
            "]\n",
            "adcx {t2}, {l}\n",
            "mulx {h}, {l}, [{a} + 24 + ",
            $a,
            "]\n",
            "adcx {t3}, {l}\n",
            "adc {h}, 0\n",
        )
    };
}

/// h:t += a·(a limb of b), where h is 0 before: one chain carries the low halves, the other the high ones.
macro_rules! row {
    ($a:literal, $b:literal) => {
        concat!(
            "xor {l:e}, {l:e}\n",
            "mov rdx, [{b} + ",
            $b,
            "]\n",
            "mulx {h}, {l}, [{a} + ",
            $a,
            "]\n",
            "adox {t0}, {l}\n",
            "adcx {t1}, {h}\n",
            "mulx {h}, {l}, [{a} + 8 + ",
            $a,
            "]\n",
            "adox {t1}, {l}\n",
            "adcx {t2}, {h}\n",
            "mulx {h}, {l}, [{a} + 16 + ",
            $a,
            "]\n",
            "adox {t2}, {l}\n",
            "adcx {t3}, {h}\n",
            "mulx {h}, {l}, [{a} + 24 + ",
            $a,
            "]\n",
            "adox {t3}, {l}\n",
            "mov {l:e}, 0\n",
            "adcx {h}, {l}\n",
            "adox {h}, {l}\n",
        )
    };
}

/// h:t += a[1]·(a limb of c), to an h that is not 0.
macro_rules! second_row {
    ($c:literal) => {
        concat!(
            "xor {l:e}, {l:e}\n",
            "mov rdx, [{c} + ",
            $c,
            "]\n",
            "mulx {k}, {l}, [{a} + 32]\n",
            "adox {t0}, {l}\n",
            "adcx {t1}, {k}\n",
            "mulx {k}, {l}, [{a} + 40]\n",
            "adox {t1}, {l}\n",
            "adcx {t2}, {k}\n",
            "mulx {k}, {l}, [{a} + 48]\n",
            "adox {t2}, {l}\n",
            "adcx {t3}, {k}\n",
            "mulx {k}, {l}, [{a} + 56]\n",
            "adox {t3}, {l}\n",
            "adcx {h}, {k}\n",
            "mov {l:e}, 0\n",
            "adox {h}, {l}\n",
        )
    };
}

/// t = (h:t + m·p)/2^64.
macro_rules! reduce {
    () => {
        concat!(
            "mov rdx, {t0}\n",
            "imul rdx, [{p} + 32]\n",
            "xor {l:e}, {l:e}\n",
            "mulx {k}, {l}, [{p}]\n",
            "adcx {l}, {t0}\n",
            "mov {t0}, {k}\n",
            "adcx {t0}, {t1}\n",
            "mulx {t1}, {l}, [{p} + 8]\n",
            "adox {t0}, {l}\n",
            "adcx {t1}, {t2}\n",
            "mulx {t2}, {l}, [{p} + 16]\n",
            "adox {t1}, {l}\n",
            "adcx {t2}, {t3}\n",
            "mulx {t3}, {l}, [{p} + 24]\n",
            "adox {t2}, {l}\n",
            "mov {l:e}, 0\n",
            "adcx {t3}, {l}\n",
            "adox {t3}, {h}\n",
        )
    };
}

impl Arithmetic for Adx {
    #[inline(always)]
    fn multiply(a: &[u64; 4], b: &[u64; 4], modulus: &Modulus) -> [u64; 4] {
        let (t0, t1, t2, t3);
        // SAFETY: reads the 32, 32 and 40 bytes of the three references and writes registers only. `Adx` is a type
        // parameter only of kernels that are chosen where `available` says so.
        unsafe {
            asm!(
                first_row!("0", "0"), reduce!(),
                row!("0", "8"), reduce!(),
                row!("0", "16"), reduce!(),
                row!("0", "24"), reduce!(),
                a = in(reg) a.as_ptr(), b = in(reg) b.as_ptr(), p = in(reg) modulus,
                t0 = out(reg) t0, t1 = out(reg) t1, t2 = out(reg) t2, t3 = out(reg) t3,
                h = out(reg) _, k = out(reg) _, l = out(reg) _, out("rdx") _,
                options(pure, readonly, nostack),
            );
        }
        [t0, t1, t2, t3]
    }

    #[inline(always)]
    fn multiply_add(a: &[[u64; 4]; 2], b: [&[u64; 4]; 2], modulus: &Modulus) -> [u64; 4] {
        let (t0, t1, t2, t3);
        // SAFETY: as above, with 64 bytes at a and 32 at each of b.
        unsafe {
            asm!(
                first_row!("0", "0"), second_row!("0"), reduce!(),
                row!("0", "8"), second_row!("8"), reduce!(),
                row!("0", "16"), second_row!("16"), reduce!(),
                row!("0", "24"), second_row!("24"), reduce!(),
                a = in(reg) a.as_ptr(), b = in(reg) b[0].as_ptr(), c = in(reg) b[1].as_ptr(), p = in(reg) modulus,
                t0 = out(reg) t0, t1 = out(reg) t1, t2 = out(reg) t2, t3 = out(reg) t3,
                h = out(reg) _, k = out(reg) _, l = out(reg) _, out("rdx") _,
                options(pure, readonly, nostack),
            );
        }
        [t0, t1, t2, t3]
    }

    #[inline(always)]
    fn subtract_if_not_below(mut value: [u64; 4], amount: &[u64; 4]) -> [u64; 4] {
        let [t0, t1, t2, t3] = &mut value;
        // SAFETY: reads the 32 bytes of `amount` and writes registers only; no extension is needed.
        unsafe {
            asm!(
                "mov {s0}, {t0}", "mov {s1}, {t1}", "mov {s2}, {t2}", "mov {s3}, {t3}",
                "sub {t0}, [{m}]", "sbb {t1}, [{m} + 8]", "sbb {t2}, [{m} + 16]", "sbb {t3}, [{m} + 24]",
                "cmovc {t0}, {s0}", "cmovc {t1}, {s1}", "cmovc {t2}, {s2}", "cmovc {t3}, {s3}",
                m = in(reg) amount.as_ptr(),
                t0 = inout(reg) *t0, t1 = inout(reg) *t1, t2 = inout(reg) *t2, t3 = inout(reg) *t3,
                s0 = out(reg) _, s1 = out(reg) _, s2 = out(reg) _, s3 = out(reg) _,
                options(pure, readonly, nostack),
            );
        }
        value
    }
}
