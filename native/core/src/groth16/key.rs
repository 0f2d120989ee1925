//! Proving keys on disk: a header page, then sections of flat arrays that are mapped, not read.
//!
//! | offset | content |
//! | --- | --- |
//! | 0 | magic `rollupPK` |
//! | 8 | version u32, flags u32 (bit 0: development) |
//! | 16 | digest of the constraint system (`System::digest`) |
//! | 48 | wires u32, publics u32, domain log2 u32, 0 |
//! | 64 | eleven sections: offset u64, bytes u64 |
//! | 256 | digest of everything (`digest_file`) |
//! | 512 | a line of text for people |
//!
//! Points are `StoredG1` and `StoredG2`; those that are the identity are left out, and the wire lists say
//! which wires the others belong to. Little-endian throughout.

use super::verifying_key::VerifyingKey;
use crate::curve::{Stored, StoredG1, StoredG2};
use crate::error::{CoreError, Result};
use crate::r1cs::System;
use ark_bn254::G1Affine;
use memmap2::Mmap;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::ops::Range;
use std::path::Path;

const MAGIC: &[u8; 8] = b"rollupPK";
const VERSION: u32 = 1;
const FLAG_DEVELOPMENT: u32 = 1;
pub const PAGE: usize = 4096;
pub const SECTIONS: usize = 11;
pub const DIGEST_AT: Range<usize> = 256..288;
pub const HASH_BLOCK: usize = 1 << 22;
const WARNING: &[u8] = b"INSECURE DEVELOPMENT KEY: its secrets are public, anyone can forge proofs that it verifies.\n";

#[cfg(target_endian = "big")]
compile_error!("key files are mapped as little-endian arrays");

/// What the header of a key file says.
pub struct KeyShape {
    pub development: bool,
    /// Bytes of each section.
    pub sections: [usize; SECTIONS],
}

impl KeyShape {
    /// The header page, its digest field zero.
    pub fn header(&self, system: &System) -> Vec<u8> {
        let mut header = vec![0u8; PAGE];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&VERSION.to_le_bytes());
        header[12..16].copy_from_slice(&(if self.development { FLAG_DEVELOPMENT } else { 0 }).to_le_bytes());
        header[16..48].copy_from_slice(&system.digest);
        for (at, value) in [system.wires, system.publics, system.domain_log2() as usize].into_iter().enumerate() {
            header[48 + 4 * at..52 + 4 * at].copy_from_slice(&(value as u32).to_le_bytes());
        }
        if self.development {
            header[512..512 + WARNING.len()].copy_from_slice(WARNING);
        }
        let mut offset = PAGE;
        for (at, bytes) in self.sections.iter().enumerate() {
            header[64 + 16 * at..72 + 16 * at].copy_from_slice(&(offset as u64).to_le_bytes());
            header[72 + 16 * at..80 + 16 * at].copy_from_slice(&(*bytes as u64).to_le_bytes());
            offset += bytes.next_multiple_of(PAGE);
        }
        header
    }
}

/// A mapped key file whose digest has been checked.
pub struct ProvingKey {
    map: Mmap,
    sections: [Range<usize>; SECTIONS],
    pub development: bool,
    pub verifying: VerifyingKey,
    pub beta1: G1Affine,
    pub delta1: G1Affine,
}

/// The bytes of a section's items.
pub fn as_bytes<T: SectionItem>(items: &[T]) -> &[u8] {
    // SAFETY: SectionItem says that T has no padding.
    unsafe { std::slice::from_raw_parts(items.as_ptr().cast(), size_of_val(items)) }
}

/// What sections are made of.
///
/// # Safety
/// Implemented for types without padding, of which every bit pattern is a value.
pub unsafe trait SectionItem: Copy {}

// SAFETY: plain integers, and arrays of them whose alignment divides their size.
unsafe impl SectionItem for u32 {}
// SAFETY: as above.
unsafe impl SectionItem for StoredG1 {}
// SAFETY: as above.
unsafe impl SectionItem for StoredG2 {}

/// `digest_of_blocks` of a whole file, the digest field itself taken as zeros.
pub fn digest_file(bytes: &[u8]) -> [u8; 32] {
    let mut header = bytes[..PAGE.min(bytes.len())].to_vec();
    if header.len() >= DIGEST_AT.end {
        header[DIGEST_AT].fill(0);
    }
    let rest = &bytes[header.len()..];
    let blocks: Vec<[u8; 32]> = rest.par_chunks(HASH_BLOCK).map(|block| Sha256::digest(block).into()).collect();
    digest_of_blocks(&header, &blocks)
}

/// SHA-256 over the header and the SHA-256 of each block of 4 MiB behind it.
pub fn digest_of_blocks(header: &[u8], blocks: &[[u8; 32]]) -> [u8; 32] {
    Sha256::new_with_prefix(header).chain_update(blocks.as_flattened()).finalize().into()
}

fn map(path: &Path) -> Result<Mmap> {
    let file = File::open(path).map_err(|error| CoreError::io(path, error))?;
    // SAFETY: key files are replaced by rename, never changed in place, so the mapping stays what it was.
    unsafe { Mmap::map(&file) }.map_err(|error| CoreError::io(path, error))
}

impl ProvingKey {
    /// Maps a key file and checks its digest, its shape and that it belongs to `system`.
    pub fn open(path: &Path, system: &System) -> Result<Self> {
        let map = map(path)?;
        let damaged = |why: &str| CoreError::damaged(path, why);
        if map.len() < PAGE || map[..8] != *MAGIC || u32_at(&map, 8) != VERSION {
            return Err(damaged("it is no proving key of version 1"));
        }
        if map[DIGEST_AT] != digest_file(&map) {
            return Err(damaged("its digest does not match its content"));
        }
        if map[16..48] != system.digest {
            return Err(damaged("it belongs to another circuit"));
        }
        let shape = [system.wires, system.publics, system.domain_log2() as usize];
        if (0..3).any(|at| u32_at(&map, 48 + 4 * at) as usize != shape[at]) {
            return Err(damaged("its sizes are not those of the circuit"));
        }
        let mut sections: [Range<usize>; SECTIONS] = Default::default();
        for (at, section) in sections.iter_mut().enumerate() {
            let (offset, length) = (u64_at(&map, 64 + 16 * at), u64_at(&map, 72 + 16 * at));
            let end = offset.checked_add(length).filter(|end| *end <= map.len() as u64);
            let Some(end) = end.filter(|_| offset.is_multiple_of(PAGE as u64)) else {
                return Err(damaged("a section lies outside the file"));
            };
            *section = offset as usize..end as usize;
        }
        let fixed1: &[StoredG1] = cast(&map[sections[0].clone()]);
        let fixed2: &[StoredG2] = cast(&map[sections[1].clone()]);
        let ic: &[StoredG1] = cast(&map[sections[2].clone()]);
        if fixed1.len() != 3 || fixed2.len() != 3 || ic.len() != system.publics + 1 {
            return Err(damaged("the points of the verifying key are incomplete"));
        }
        let verifying = VerifyingKey {
            alpha: fixed1[0].to_affine(),
            beta: fixed2[0].to_affine(),
            gamma: fixed2[1].to_affine(),
            delta: fixed2[2].to_affine(),
            ic: ic.iter().map(Stored::to_affine).collect(),
        };
        let development = u32_at(&map, 12) & FLAG_DEVELOPMENT != 0;
        let (beta1, delta1) = (fixed1[1].to_affine(), fixed1[2].to_affine());
        let key = Self { map, sections, development, verifying, beta1, delta1 };
        key.check_lists(system).map_err(|why| damaged(&why))?;
        Ok(key)
    }

    fn check_lists(&self, system: &System) -> std::result::Result<(), String> {
        let lists = [
            ("A", self.a_wires(), self.a().len()),
            ("B1", self.b_wires(), self.b1().len()),
            ("B2", self.b_wires(), self.b2().len()),
            ("C", self.c_wires(), self.c().len()),
        ];
        for (name, wires, points) in lists {
            let ascending = wires.windows(2).all(|pair| pair[0] < pair[1]);
            if wires.len() != points || !ascending || wires.last().is_some_and(|wire| *wire as usize >= system.wires) {
                return Err(format!("the wires of {name} do not fit its points"));
            }
        }
        if self.h().len() != system.domain() {
            return Err("H does not have one point for each row of the domain".into());
        }
        Ok(())
    }

    fn section<T: SectionItem>(&self, index: usize) -> &[T] {
        cast(&self.map[self.sections[index].clone()])
    }

    pub fn a_wires(&self) -> &[u32] {
        self.section(3)
    }
    pub fn a(&self) -> &[StoredG1] {
        self.section(4)
    }
    /// Wires of both b1 and b2.
    pub fn b_wires(&self) -> &[u32] {
        self.section(5)
    }
    pub fn b1(&self) -> &[StoredG1] {
        self.section(6)
    }
    pub fn b2(&self) -> &[StoredG2] {
        self.section(7)
    }
    pub fn c_wires(&self) -> &[u32] {
        self.section(8)
    }
    pub fn c(&self) -> &[StoredG1] {
        self.section(9)
    }
    pub fn h(&self) -> &[StoredG1] {
        self.section(10)
    }
}

/// The whole items in bytes of a mapped section. Panics when the bytes are not aligned, which the page-aligned
/// offsets rule out.
fn cast<T: SectionItem>(bytes: &[u8]) -> &[T] {
    assert!(bytes.as_ptr().cast::<T>().is_aligned());
    // SAFETY: aligned; SectionItem says that every bit pattern is a value.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size_of::<T>()) }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
