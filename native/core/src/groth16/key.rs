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
use crate::error::{Code, CoreError, Result};
use crate::mapped::MappedFile;
use crate::r1cs::System;
use ark_bn254::G1Affine;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"rollupPK";
const VERSION: u32 = 1;
const FLAG_DEVELOPMENT: u32 = 1;
pub const PAGE: usize = 4096;
const SECTIONS: usize = 11;
const SECTION_TABLE: usize = 64;
pub const DIGEST_AT: Range<usize> = 256..288;
pub const HASH_BLOCK: usize = 1 << 22;
const WARNING: &[u8] = b"INSECURE DEVELOPMENT KEY: its secrets are public, anyone can forge proofs that it verifies.\n";

#[cfg(target_endian = "big")]
compile_error!("key files are mapped as little-endian arrays");

/// What the header of a key file says.
pub struct KeyShape {
    development: bool,
    /// Bytes of each section.
    sections: [usize; SECTIONS],
}

/// How many points of each list are not the identity.
#[derive(Clone, Copy)]
pub struct PointCounts {
    pub a: usize,
    /// Of B1 and of B2.
    pub b: usize,
    pub c: usize,
}

impl KeyShape {
    /// The one home of what stands in a key file, in this order.
    pub fn new(system: &System, development: bool, PointCounts { a, b, c }: PointCounts) -> Self {
        const WIRE: usize = size_of::<u32>();
        const G1: usize = size_of::<StoredG1>();
        const G2: usize = size_of::<StoredG2>();
        let sections = [
            3 * G1,                    // alpha, beta, delta
            3 * G2,                    // beta, gamma, delta
            (system.publics + 1) * G1, // IC
            a * WIRE,
            a * G1,
            b * WIRE,
            b * G1,
            b * G2,
            c * WIRE,
            c * G1,
            system.domain() * G1, // H
        ];
        Self { development, sections }
    }

    /// Where each section lies.
    fn ranges(&self) -> [Range<usize>; SECTIONS] {
        let mut offset = PAGE;
        self.sections.map(|bytes| {
            let range = offset..offset + bytes;
            offset += bytes.next_multiple_of(PAGE);
            range
        })
    }

    fn file_bytes(&self) -> usize {
        PAGE + self.sections.iter().map(|bytes| bytes.next_multiple_of(PAGE)).sum::<usize>()
    }

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
        for (section, entry) in self.ranges().iter().zip(header[SECTION_TABLE..].chunks_exact_mut(16)) {
            entry[..8].copy_from_slice(&(section.start as u64).to_le_bytes());
            entry[8..].copy_from_slice(&(section.len() as u64).to_le_bytes());
        }
        header
    }
}

/// A mapped key file whose digest has been checked.
pub struct ProvingKey {
    path: PathBuf,
    map: MappedFile,
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

impl ProvingKey {
    /// Maps a key file and checks its digest, its shape and that it belongs to `system`.
    pub fn open(path: &Path, system: &System) -> Result<Self> {
        let map = MappedFile::open(path).map_err(|error| CoreError::io(path, error))?;
        let damaged = |why: &str| CoreError::damaged(path, why);
        if map.len() < PAGE || map[..8] != *MAGIC || u32_at(&map, 8) != VERSION {
            return Err(damaged("it is not a proving key of version 1"));
        }
        if map[DIGEST_AT] != digest_file(&map) {
            return Err(damaged("its digest does not match its content"));
        }
        if map[16..48] != system.digest {
            let message = format!("{} is the key of another circuit", path.display());
            return Err(CoreError::new(Code::KeyOfAnotherCircuit, message).with("path", path.display().to_string()));
        }
        let shape = read_shape(&map, system).map_err(damaged)?;
        let sections = shape.ranges();
        let verifying = read_fixed_points(&map, &sections).map_err(damaged)?;
        if verifying.gamma == verifying.delta {
            let message = format!("{}: gamma = delta, so anyone can forge proofs", path.display());
            return Err(CoreError::new(Code::InsecureKey, message));
        }
        let fixed1: &[StoredG1] = cast(&map[sections[0].clone()]);
        let (beta1, delta1) = (fixed1[1].to_affine(), fixed1[2].to_affine());
        let development = shape.development;
        let key = Self { path: path.to_owned(), map, sections, development, verifying, beta1, delta1 };
        key.check_lists(system).map_err(|why| damaged(&why))?;
        key.check_unchanged()?;
        Ok(key)
    }

    /// ARTIFACT_DAMAGED when the file was cut or changed since it was opened: nothing that was made from it counts.
    pub fn check_unchanged(&self) -> Result<()> {
        self.map.changed().map_or(Ok(()), |why| Err(CoreError::damaged(&self.path, why)))
    }

    fn check_lists(&self, system: &System) -> std::result::Result<(), String> {
        let lists = [("A", 0, self.a_wires()), ("B", 0, self.b_wires()), ("C", system.publics + 1, self.c_wires())];
        for (name, first, wires) in lists {
            let ascending = wires.windows(2).all(|pair| pair[0] < pair[1]);
            let exist = wires.iter().all(|wire| (first..system.wires).contains(&(*wire as usize)));
            if !ascending || !exist {
                return Err(format!("the wires of {name} are not those of the circuit, in order"));
            }
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

/// What the header says, when it says what `KeyShape` would write for this circuit, and the file ends where it says.
fn read_shape(map: &[u8], system: &System) -> std::result::Result<KeyShape, &'static str> {
    let count = |section: usize| {
        let bytes = u64_at(map, SECTION_TABLE + 16 * section + 8);
        // Also keeps what follows from overflowing.
        usize::try_from(bytes / 4).ok().filter(|count| *count <= system.wires).ok_or("a section is too long")
    };
    let counts = PointCounts { a: count(3)?, b: count(5)?, c: count(8)? };
    let shape = KeyShape::new(system, u32_at(map, 12) & FLAG_DEVELOPMENT != 0, counts);
    let mut header = shape.header(system);
    header[DIGEST_AT].copy_from_slice(&map[DIGEST_AT]);
    if map[..PAGE] != header {
        return Err("its header is not that of a key of this circuit");
    }
    if map.len() == shape.file_bytes() { Ok(shape) } else { Err("it does not end behind its last section") }
}

/// The points of the verifying key, and beta and delta in G1: all in their groups.
fn read_fixed_points(map: &[u8], sections: &[Range<usize>]) -> std::result::Result<VerifyingKey, &'static str> {
    let g1: &[StoredG1] = cast(&map[sections[0].clone()]);
    let g2: &[StoredG2] = cast(&map[sections[1].clone()]);
    let ic: &[StoredG1] = cast(&map[sections[2].clone()]);
    let in_groups = g1.iter().chain(ic).all(Stored::is_in_group) && g2.iter().all(Stored::is_in_group);
    if !in_groups {
        return Err("a point of its verifying key is not in its group");
    }
    Ok(VerifyingKey {
        alpha: g1[0].to_affine(),
        beta: g2[0].to_affine(),
        gamma: g2[1].to_affine(),
        delta: g2[2].to_affine(),
        ic: ic.iter().map(Stored::to_affine).collect(),
    })
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
