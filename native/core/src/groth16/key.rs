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
use ark_bn254::{G1Affine, G2Affine};
use memmap2::Mmap;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

const MAGIC: &[u8; 8] = b"rollupPK";
const VERSION: u32 = 1;
const FLAG_DEVELOPMENT: u32 = 1;
const PAGE: usize = 4096;
const SECTIONS: usize = 11;
const DIGEST_AT: Range<usize> = 256..288;
const HASH_BLOCK: usize = 1 << 22;
const WARNING: &[u8] =
    b"INSECURE DEVELOPMENT KEY: its secrets are public, anyone can forge proofs that it verifies.\n";

#[cfg(target_endian = "big")]
compile_error!("key files are mapped as little-endian arrays");

/// Everything a key file holds, before it is written.
pub struct KeyContent {
    pub development: bool,
    pub alpha1: G1Affine,
    pub beta1: G1Affine,
    pub delta1: G1Affine,
    pub beta2: G2Affine,
    pub gamma2: G2Affine,
    pub delta2: G2Affine,
    pub ic: Vec<StoredG1>,
    pub a: Points<StoredG1>,
    pub b1: Vec<StoredG1>,
    /// Its wires are those of b1.
    pub b2: Points<StoredG2>,
    /// Private wires only.
    pub c: Points<StoredG1>,
    pub h: Vec<StoredG1>,
}

/// Points that are not the identity, with the wires they belong to, ascending.
#[derive(Default)]
pub struct Points<P> {
    pub wires: Vec<u32>,
    pub points: Vec<P>,
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

fn as_bytes<T: Copy>(items: &[T]) -> &[u8] {
    // SAFETY: T is u32, StoredG1 or StoredG2: plain integers without padding.
    unsafe { std::slice::from_raw_parts(items.as_ptr().cast(), size_of_val(items)) }
}

/// Writes a key file atomically: a temporary file in the same folder, then a rename.
pub fn write(path: &Path, system: &System, content: &KeyContent) -> Result<()> {
    let temporary = path.with_extension(format!("partial-{}", std::process::id()));
    let outcome = write_to(&temporary, system, content)
        .and_then(|()| std::fs::rename(&temporary, path).map_err(|error| CoreError::io(path, error)));
    if outcome.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    outcome
}

fn write_to(path: &Path, system: &System, content: &KeyContent) -> Result<()> {
    let io = |error| CoreError::io(path, error);
    let stored1 = |point: &G1Affine| StoredG1::from_affine(point).expect("key points are not the identity");
    let stored2 = |point: &G2Affine| StoredG2::from_affine(point).expect("key points are not the identity");
    let fixed1 = [&content.alpha1, &content.beta1, &content.delta1].map(stored1);
    let fixed2 = [&content.beta2, &content.gamma2, &content.delta2].map(stored2);
    let sections: [&[u8]; SECTIONS] = [
        as_bytes(&fixed1),
        as_bytes(&fixed2),
        as_bytes(&content.ic),
        as_bytes(&content.a.wires),
        as_bytes(&content.a.points),
        as_bytes(&content.b2.wires),
        as_bytes(&content.b1),
        as_bytes(&content.b2.points),
        as_bytes(&content.c.wires),
        as_bytes(&content.c.points),
        as_bytes(&content.h),
    ];
    let mut header = vec![0u8; PAGE];
    header[..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header[12..16].copy_from_slice(&(if content.development { FLAG_DEVELOPMENT } else { 0 }).to_le_bytes());
    header[16..48].copy_from_slice(&system.digest);
    for (at, value) in [system.wires, system.publics, system.domain_log2() as usize].into_iter().enumerate() {
        header[48 + 4 * at..52 + 4 * at].copy_from_slice(&(value as u32).to_le_bytes());
    }
    if content.development {
        header[512..512 + WARNING.len()].copy_from_slice(WARNING);
    }
    let mut offset = PAGE;
    for (at, section) in sections.iter().enumerate() {
        header[64 + 16 * at..72 + 16 * at].copy_from_slice(&(offset as u64).to_le_bytes());
        header[72 + 16 * at..80 + 16 * at].copy_from_slice(&(section.len() as u64).to_le_bytes());
        offset += section.len().next_multiple_of(PAGE);
    }
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).map_err(io)?);
    file.write_all(&header).map_err(io)?;
    for section in sections {
        file.write_all(section).map_err(io)?;
        file.write_all(&[0; PAGE][..section.len().next_multiple_of(PAGE) - section.len()]).map_err(io)?;
    }
    let mut file = file.into_inner().map_err(|error| CoreError::io(path, error.into_error()))?;
    let digest = digest_file(&map(path)?);
    file.seek(SeekFrom::Start(DIGEST_AT.start as u64)).map_err(io)?;
    file.write_all(&digest).map_err(io)?;
    file.sync_all().map_err(io)
}

/// SHA-256 over the SHA-256 of each block of 4 MiB, the digest field itself taken as zeros.
pub fn digest_file(bytes: &[u8]) -> [u8; 32] {
    let mut header = bytes[..PAGE.min(bytes.len())].to_vec();
    if header.len() >= DIGEST_AT.end {
        header[DIGEST_AT].fill(0);
    }
    let rest = &bytes[header.len()..];
    let blocks: Vec<_> = rest.par_chunks(HASH_BLOCK).map(|block| Sha256::digest(block)).collect();
    let mut hasher = Sha256::new_with_prefix(&header);
    blocks.iter().for_each(|block| hasher.update(block));
    hasher.finalize().into()
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

    fn section<T: Copy>(&self, index: usize) -> &[T] {
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
fn cast<T: Copy>(bytes: &[u8]) -> &[T] {
    assert!(bytes.as_ptr().cast::<T>().is_aligned());
    // SAFETY: aligned; T is u32, StoredG1 or StoredG2, for which every bit pattern is a value.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size_of::<T>()) }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
