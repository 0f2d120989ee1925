//! The container of a .zkey: sections found by their number, read piece by piece, their points checked.
//!
//! The file is read, not mapped: it may be changed or cut by others while it is read, and that must be an error.

use super::key::SectionItem;
use crate::curve::{Stored, StoredG1, StoredG2};
use crate::error::{Code, CoreError, Result};
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ff::{BigInt, PrimeField};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Sections of a Groth16 key, numbered from 1.
const SECTIONS: usize = 10;
const FIELD_BYTES: usize = 32;

pub struct ZkeyReader {
    path: PathBuf,
    file: File,
    /// Offset and bytes; index 0 is not used.
    sections: [Option<(u64, u64)>; SECTIONS + 1],
}

impl ZkeyReader {
    /// ARTIFACT_MISSING, or ARTIFACT_DAMAGED when the file is no .zkey or is cut.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| CoreError::io(path, error))?;
        let end = file.metadata().map_err(|error| CoreError::io(path, error))?.len();
        let mut reader = Self { path: path.to_owned(), file, sections: Default::default() };
        let mut head = [0; 12];
        reader.read(0, &mut head)?;
        if head[..4] != *b"zkey" || u32_at(&head, 4) != 1 {
            return Err(reader.damaged("it is not a .zkey file of version 1"));
        }
        let mut offset = head.len() as u64;
        for _ in 0..u32_at(&head, 8) {
            reader.read(offset, &mut head)?;
            let (kind, bytes) = (u32_at(&head, 0) as usize, u64::from_le_bytes(head[4..].try_into().expect("8 bytes")));
            let from = offset + head.len() as u64;
            offset = from.checked_add(bytes).filter(|next| *next <= end).ok_or_else(|| reader.damaged("it is cut"))?;
            if !(1..=SECTIONS).contains(&kind) || reader.sections[kind].replace((from, bytes)).is_some() {
                return Err(reader.damaged(&format!("section {kind} occurs twice or has no place in a Groth16 key")));
            }
        }
        Ok(reader)
    }

    /// Where a section of exactly this size begins. KEY_OF_ANOTHER_CIRCUIT when it has another one: it is of another circuit.
    pub fn section(&self, kind: usize, bytes: u64) -> Result<u64> {
        let (offset, actual) = self.whole_section(kind)?;
        if actual == bytes {
            return Ok(offset);
        }
        let message = format!("section {kind} has {actual} bytes, not {bytes}");
        Err(self.foreign(message).with("expected", bytes).with("actual", actual))
    }

    /// Offset and bytes of a section of any size.
    pub fn whole_section(&self, kind: usize) -> Result<(u64, u64)> {
        self.sections[kind].ok_or_else(|| self.damaged(&format!("section {kind} is missing")))
    }

    pub fn read(&mut self, offset: u64, bytes: &mut [u8]) -> Result<()> {
        let outcome = self.file.seek(SeekFrom::Start(offset)).and_then(|_| self.file.read_exact(bytes));
        outcome.map_err(|error| self.damaged(&format!("{} bytes at {offset}: {error}", bytes.len())))
    }

    /// ARTIFACT_DAMAGED. Nothing here can make such a file again: get it from those who published it.
    pub fn damaged(&self, why: &str) -> CoreError {
        let message = format!("{} is damaged: {why}; take another copy of it", self.path.display());
        CoreError::new(Code::ArtifactDamaged, message).with("path", self.path.display().to_string())
    }

    /// KEY_OF_ANOTHER_CIRCUIT.
    pub fn foreign(&self, why: impl std::fmt::Display) -> CoreError {
        let path = self.path.display();
        CoreError::new(Code::KeyOfAnotherCircuit, format!("{path} is the key of another circuit: {why}"))
            .with("path", path.to_string())
    }

    /// INSECURE_KEY.
    pub fn insecure(&self, why: &str) -> CoreError {
        CoreError::new(Code::InsecureKey, format!("{}: {why}", self.path.display()))
    }
}

/// A point as a .zkey has it: coordinates in Montgomery form (R = 2^256), zeros for the identity.
pub trait ZkeyPoint: Stored + SectionItem {
    const BYTES: usize;

    /// None for the identity; an error says what is wrong with the bytes.
    fn parse(bytes: &[u8]) -> std::result::Result<Option<Self::Affine>, &'static str>;
}

impl ZkeyPoint for StoredG1 {
    const BYTES: usize = 2 * FIELD_BYTES;

    fn parse(bytes: &[u8]) -> std::result::Result<Option<G1Affine>, &'static str> {
        let Some([x, y]) = coordinates(bytes)? else { return Ok(None) };
        // The curve has prime order: every point of it is in the group.
        let point = G1Affine::new_unchecked(x, y);
        if point.is_on_curve() { Ok(Some(point)) } else { Err("is not on the curve") }
    }
}

impl ZkeyPoint for StoredG2 {
    const BYTES: usize = 4 * FIELD_BYTES;

    /// Does not see whether the point is in the subgroup: `zkey_header.rs` looks at those of the verifying key.
    fn parse(bytes: &[u8]) -> std::result::Result<Option<G2Affine>, &'static str> {
        let Some([x0, x1, y0, y1]) = coordinates(bytes)? else { return Ok(None) };
        let point = G2Affine::new_unchecked(Fq2::new(x0, x1), Fq2::new(y0, y1));
        if point.is_on_curve() { Ok(Some(point)) } else { Err("is not on the curve") }
    }
}

/// None when all are zero.
fn coordinates<const N: usize>(bytes: &[u8]) -> std::result::Result<Option<[Fq; N]>, &'static str> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let mut values = [Fq::default(); N];
    for (value, chunk) in values.iter_mut().zip(bytes.chunks_exact(FIELD_BYTES)) {
        let limbs = BigInt(crate::field::limbs(chunk));
        if limbs >= Fq::MODULUS {
            return Err("has a coordinate that is not below the modulus");
        }
        *value = Fq::new_unchecked(limbs);
    }
    Ok(Some(values))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}
