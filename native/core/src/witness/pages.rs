//! Memory for results: hundreds of megabytes, written once. In pages of 4 KiB the kernel takes as long to hand them
//! out as the lanes take to fill them.

/// Zeros, in huge pages where the system has them.
pub fn zeroed(bytes: usize) -> Vec<u8> {
    let mut memory = vec![0; bytes];
    advise(&mut memory);
    memory
}

#[cfg(target_os = "linux")]
fn advise(memory: &mut [u8]) {
    use std::ffi::{c_int, c_void};

    /// Smallest huge page: less than that cannot profit.
    const HUGE_PAGE_BYTES: usize = 1 << 21;
    /// `MADV_HUGEPAGE` of <sys/mman.h>, the same on all architectures of Linux.
    const MADV_HUGEPAGE: c_int = 14;

    unsafe extern "C" {
        fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
    }

    // From the first huge page that begins within the memory; nothing else shares those pages.
    let skipped = memory.as_ptr().align_offset(HUGE_PAGE_BYTES);
    if let Some(rest) = memory.get_mut(skipped..)
        && rest.len() >= HUGE_PAGE_BYTES
    {
        let length = rest.len() / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
        // SAFETY: whole pages of memory that we own; advice does not change contents. A refusal costs only time.
        unsafe { madvise(rest.as_mut_ptr().cast(), length, MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise(_: &mut [u8]) {}

#[test]
fn memory_of_any_size_is_zero() {
    for bytes in [0, 1, 4096, (1 << 21) - 1, (1 << 22) + 7, 9 << 20] {
        let memory = zeroed(bytes);
        assert_eq!(memory.len(), bytes);
        assert!(memory.iter().all(|byte| *byte == 0));
    }
}
