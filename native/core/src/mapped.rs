//! A file mapped into memory that others may cut or change while it is mapped.
//!
//! A mapping is no copy: whoever may write to the file can cut it at any moment, and reading behind its new end raises
//! SIGBUS, which ends the process. Neither another name for the file nor a look at its size before each use prevents
//! that. So a handler answers SIGBUS within our mappings: it puts zeros where the file ended and notes it, the
//! computation runs to its end on them, and `changed` says that its result means nothing. It costs nothing until it
//! happens; a copy in memory would cost gigabytes for the larger profiles (docs/adr/0016-mapped-keys.md).

use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;
use std::time::SystemTime;

/// A read-only mapping of a whole file.
pub struct MappedFile {
    map: Mmap,
    file: File,
    /// Size and time of the last change when it was mapped.
    stamp: (u64, SystemTime),
    #[cfg(unix)]
    region: &'static bus_error::Region,
}

impl MappedFile {
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let stamp = stamp(&file)?;
        // SAFETY: the bytes may change under the mapping. They are only ever read as plain integers, of which every bit
        // pattern is a value, and nothing that was made from them is used before `changed` was asked.
        let map = unsafe { Mmap::map(&file) }?;
        #[cfg(unix)]
        let region = bus_error::watch(map.as_ptr() as usize, map.len())?;
        Ok(Self {
            map,
            file,
            stamp,
            #[cfg(unix)]
            region,
        })
    }

    /// Why what was read here may not be what the file had when it was mapped. None while it is.
    pub fn changed(&self) -> Option<&'static str> {
        #[cfg(unix)]
        if self.region.was_hit() {
            return Some("it was cut, or could not be read, while it was in use");
        }
        let same = stamp(&self.file).is_ok_and(|stamp| stamp == self.stamp);
        if same { None } else { Some("it was changed while it was in use") }
    }
}

impl Drop for MappedFile {
    fn drop(&mut self) {
        // Before the mapping goes: its addresses may belong to others afterwards.
        #[cfg(unix)]
        self.region.release();
    }
}

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

fn stamp(file: &File) -> io::Result<(u64, SystemTime)> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified()?))
}

/// What happens when a page of a mapping cannot be read. As in libwayland and systemd, which map files of others too.
#[cfg(unix)]
mod bus_error {
    use std::io;
    use std::ptr;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::SeqCst};

    /// A mapping that the handler answers for. Regions are never freed, since the handler may be looking at them, but
    /// used again: there are as many as there were mappings at once.
    pub struct Region {
        taken: AtomicBool,
        /// Addresses: first, and behind the last. Equal while no mapping has the region.
        start: AtomicUsize,
        end: AtomicUsize,
        hit: AtomicBool,
        next: *const Region,
    }

    // SAFETY: `next` does not change after the region was published.
    unsafe impl Sync for Region {}

    static REGIONS: AtomicPtr<Region> = AtomicPtr::new(ptr::null_mut());
    /// What answered SIGBUS before us, and the size of a page.
    static BEFORE: OnceLock<(libc::sigaction, usize)> = OnceLock::new();

    impl Region {
        pub fn was_hit(&self) -> bool {
            self.hit.load(SeqCst)
        }

        pub fn release(&self) {
            self.end.store(0, SeqCst);
            self.start.store(0, SeqCst);
            self.taken.store(false, SeqCst);
        }

        fn take(&self, address: usize, length: usize) -> bool {
            if self.taken.swap(true, SeqCst) {
                return false;
            }
            self.hit.store(false, SeqCst);
            self.start.store(address, SeqCst);
            self.end.store(address + length, SeqCst);
            true
        }
    }

    /// Puts a mapping under the handler's care, which is installed first if need be.
    pub fn watch(address: usize, length: usize) -> io::Result<&'static Region> {
        install()?;
        if let Some(region) = regions().find(|region| region.take(address, length)) {
            return Ok(region);
        }
        let mut region = Box::new(Region {
            taken: AtomicBool::new(true),
            start: AtomicUsize::new(address),
            end: AtomicUsize::new(address + length),
            hit: AtomicBool::new(false),
            next: REGIONS.load(SeqCst),
        });
        loop {
            let next = region.next;
            let new = Box::into_raw(region);
            match REGIONS.compare_exchange(next.cast_mut(), new, SeqCst, SeqCst) {
                // SAFETY: published and never freed.
                Ok(_) => return Ok(unsafe { &*new }),
                Err(actual) => {
                    // SAFETY: it was not published, so it is ours alone.
                    region = unsafe { Box::from_raw(new) };
                    region.next = actual;
                }
            }
        }
    }

    fn regions() -> impl Iterator<Item = &'static Region> {
        // SAFETY: regions are published whole and never freed.
        let first = unsafe { REGIONS.load(SeqCst).as_ref() };
        std::iter::successors(first, |region| unsafe { region.next.as_ref() })
    }

    fn install() -> io::Result<()> {
        static INSTALLED: OnceLock<Option<i32>> = OnceLock::new();
        let failure = INSTALLED.get_or_init(|| {
            // SAFETY: plain calls with valid arguments; BEFORE is set before the handler can run.
            unsafe {
                let mut before: libc::sigaction = std::mem::zeroed();
                if libc::sigaction(libc::SIGBUS, ptr::null(), &mut before) != 0 {
                    return io::Error::last_os_error().raw_os_error();
                }
                let _ = BEFORE.set((before, libc::sysconf(libc::_SC_PAGESIZE) as usize));
                let mut action: libc::sigaction = std::mem::zeroed();
                let handler: extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) = on_bus_error;
                action.sa_sigaction = handler as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigemptyset(&mut action.sa_mask);
                if libc::sigaction(libc::SIGBUS, &action, ptr::null_mut()) != 0 {
                    return io::Error::last_os_error().raw_os_error();
                }
            }
            None
        });
        failure.map_or(Ok(()), |code| Err(io::Error::from_raw_os_error(code)))
    }

    /// Runs within the access that failed, on any thread: atomics and system calls only.
    extern "C" fn on_bus_error(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        let Some((before, page)) = BEFORE.get() else { return };
        // SAFETY: the kernel gives a valid siginfo_t.
        let address = unsafe { (*info).si_addr() } as usize;
        let hit = regions().find(|region| (region.start.load(SeqCst)..region.end.load(SeqCst)).contains(&address));
        if let Some(region) = hit {
            region.hit.store(true, SeqCst);
            let from = address & !(page - 1);
            // To the end at once: what follows the first missing page is missing too, and a mapping for each page would
            // exhaust the system's limit.
            let bytes = region.end.load(SeqCst) - from;
            let flags = libc::MAP_FIXED | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            // SAFETY: these pages are of our own read-only mapping, which lives while the region has its addresses.
            let zeros = unsafe { libc::mmap(from as *mut _, bytes, libc::PROT_READ, flags, -1, 0) };
            if zeros != libc::MAP_FAILED {
                return;
            }
        }
        // SAFETY: calls what was installed before us, as the kernel would have, or lets the default end the process.
        unsafe {
            match before.sa_sigaction {
                libc::SIG_DFL | libc::SIG_IGN => {
                    libc::sigaction(signal, before, ptr::null_mut());
                }
                handler if before.sa_flags & libc::SA_SIGINFO != 0 => {
                    let handler: extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) =
                        std::mem::transmute(handler);
                    handler(signal, info, context);
                }
                handler => {
                    let handler: extern "C" fn(i32) = std::mem::transmute(handler);
                    handler(signal);
                }
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::MappedFile;

    fn file(name: &str, bytes: usize) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("quittance-mapped-{}-{name}", std::process::id()));
        std::fs::write(&path, vec![7; bytes]).unwrap();
        path
    }

    #[test]
    fn a_file_that_is_cut_reads_as_zeros_and_says_so() {
        let path = file("cut", 1 << 20);
        let (cut, whole) = (MappedFile::open(&path).unwrap(), MappedFile::open(&file("whole", 5000)).unwrap());
        assert!(cut.changed().is_none());
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(4096).unwrap();
        let sums: Vec<u64> = std::thread::scope(|scope| {
            let sum = || cut.iter().map(|byte| u64::from(*byte)).sum::<u64>();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(sum)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(sums, [7 * 4096; 4]);
        assert!(cut.changed().unwrap().contains("cut"));
        assert!(whole.changed().is_none());
        drop(cut);
        // The region is used again, without the note.
        std::fs::write(&path, [1; 10]).unwrap();
        assert!(MappedFile::open(&path).unwrap().changed().is_none());
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_file_that_is_changed_in_place_says_so() {
        let path = file("changed", 5000);
        let mapped = MappedFile::open(&path).unwrap();
        let writer = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        writer.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        assert!(mapped.changed().unwrap().contains("changed"));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_file_that_is_replaced_by_another_stays_what_it_was() {
        let (path, other) = (file("replaced", 5000), file("other", 10));
        let mapped = MappedFile::open(&path).unwrap();
        std::fs::rename(other, &path).unwrap();
        assert!(mapped.iter().all(|byte| *byte == 7) && mapped.changed().is_none());
        std::fs::remove_file(path).unwrap();
    }
}
