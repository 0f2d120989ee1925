//! Writing a key file piece by piece, so that a setup holds no points in memory and an interrupted one continues.
//!
//! The file grows under another name, in blocks that are hashed as they are written; a journal beside it lists the
//! hashes. Whoever begins the same key again checks the blocks that are there against the journal and goes on behind
//! the last good one. The journal is believed for nothing else: every byte that is kept was hashed again.

use super::key::{DIGEST_AT, HASH_BLOCK, PAGE, digest_of_blocks};
use crate::error::{CoreError, Result};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Blocks that are gathered before they are hashed in parallel and written.
const GATHERED: usize = 8;
const DIGEST_BYTES: usize = 32;

type BlockDigest = [u8; DIGEST_BYTES];

pub struct KeyWriter {
    path: PathBuf,
    partial: PathBuf,
    journal_path: PathBuf,
    file: File,
    journal: File,
    header: Vec<u8>,
    digests: Vec<BlockDigest>,
    /// Content bytes (behind the header) that were there already.
    kept: u64,
    /// Content bytes that the setup has gone past, written now or kept.
    position: u64,
    gathered: Vec<u8>,
}

impl KeyWriter {
    /// Begins the file at `path`, or continues one with exactly this header.
    pub fn open(path: &Path, header: Vec<u8>) -> Result<Self> {
        assert_eq!(header.len(), PAGE);
        let (partial, journal_path) = (path.with_extension("partial"), path.with_extension("journal"));
        let kept = kept_digests(&partial, &journal_path, &header).unwrap_or_default();
        let open = |path: &Path| {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
            file.map_err(|error| CoreError::io(path, error))
        };
        let (mut file, mut journal) = (open(&partial)?, open(&journal_path)?);
        let bytes = (kept.len() * HASH_BLOCK) as u64;
        let io = |error| CoreError::io(&partial, error);
        file.set_len(PAGE as u64 + bytes).map_err(io)?;
        file.rewind().and_then(|()| file.write_all(&header)).map_err(io)?;
        file.seek(SeekFrom::End(0)).map_err(io)?;
        journal.set_len(0).map_err(io)?;
        journal
            .write_all(&Sha256::digest(&header))
            .and_then(|()| journal.write_all(kept.as_flattened()))
            .map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            partial,
            journal_path,
            file,
            journal,
            header,
            digests: kept,
            kept: bytes,
            position: 0,
            gathered: Vec::with_capacity(GATHERED * HASH_BLOCK),
        })
    }

    /// Begins the file at `path` anew, whatever was left of an earlier try.
    pub fn create(path: &Path, header: Vec<u8>) -> Result<Self> {
        Self::remove_unfinished(path);
        Self::open(path, header)
    }

    /// Removes what an unfinished try to write the file at `path` left.
    pub fn remove_unfinished(path: &Path) {
        for extension in ["partial", "journal"] {
            let _ = std::fs::remove_file(path.with_extension(extension));
        }
    }

    /// Goes past the next `bytes` when all of them were there already; whether they were.
    pub fn pass(&mut self, bytes: usize) -> bool {
        let there = self.position + bytes as u64 <= self.kept;
        if there {
            self.position += bytes as u64;
        }
        there
    }

    /// The next bytes of the content; those that were there already are left out.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let there = self.kept.saturating_sub(self.position).min(bytes.len() as u64) as usize;
        self.position += bytes.len() as u64;
        let mut rest = &bytes[there..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(GATHERED * HASH_BLOCK - self.gathered.len()));
            self.gathered.extend_from_slice(now);
            rest = later;
            if self.gathered.len() == GATHERED * HASH_BLOCK {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Zeros up to the next page.
    pub fn align(&mut self) -> Result<()> {
        let used = (self.position % PAGE as u64) as usize;
        if used == 0 { Ok(()) } else { self.write(&[0; PAGE][used..]) }
    }

    /// Completes the digest and gives the file its name.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        let digest = digest_of_blocks(&self.header, &self.digests);
        let io = |error| CoreError::io(&self.partial, error);
        self.file.seek(SeekFrom::Start(DIGEST_AT.start as u64)).map_err(io)?;
        self.file.write_all(&digest).map_err(io)?;
        self.file.sync_all().map_err(io)?;
        std::fs::rename(&self.partial, &self.path).map_err(|error| CoreError::io(&self.path, error))?;
        let _ = std::fs::remove_file(&self.journal_path);
        Ok(())
    }

    /// The content first, then the journal: a block that the journal lists was written before.
    fn flush(&mut self) -> Result<()> {
        let digests: Vec<BlockDigest> =
            self.gathered.par_chunks(HASH_BLOCK).map(|block| Sha256::digest(block).into()).collect();
        self.file.write_all(&self.gathered).map_err(|error| CoreError::io(&self.partial, error))?;
        self.journal.write_all(digests.as_flattened()).map_err(|error| CoreError::io(&self.journal_path, error))?;
        self.digests.extend(digests);
        self.gathered.clear();
        Ok(())
    }
}

/// Digests of the whole blocks at the beginning of an unfinished file that are what its journal says. None when there
/// is no journal or it is that of another key.
fn kept_digests(partial: &Path, journal: &Path, header: &[u8]) -> Option<Vec<BlockDigest>> {
    let journal = std::fs::read(journal).ok()?;
    let (of, listed) = journal.split_at_checked(DIGEST_BYTES)?;
    if *of != Sha256::digest(header)[..] {
        return None;
    }
    let mut file = File::open(partial).ok()?;
    file.seek(SeekFrom::Start(PAGE as u64)).ok()?;
    let mut kept = Vec::new();
    let mut blocks = vec![0; GATHERED * HASH_BLOCK];
    for listed in listed.chunks(GATHERED * DIGEST_BYTES) {
        let mut filled = 0;
        while let Some(count) = file.read(&mut blocks[filled..]).ok().filter(|count| *count > 0) {
            filled += count;
        }
        let found: Vec<BlockDigest> =
            blocks[..filled].par_chunks_exact(HASH_BLOCK).map(|block| Sha256::digest(block).into()).collect();
        let good =
            found.iter().zip(listed.chunks_exact(DIGEST_BYTES)).take_while(|(found, listed)| found == listed).count();
        kept.extend_from_slice(&found[..good]);
        if good < GATHERED {
            break;
        }
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: usize = HASH_BLOCK;

    fn content(seed: u8, bytes: usize) -> Vec<u8> {
        (0..bytes).map(|at| (at / 7) as u8 ^ seed).collect()
    }

    fn header(seed: u8) -> Vec<u8> {
        let mut header = content(seed, PAGE);
        header[DIGEST_AT].fill(0);
        header
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("rollup-writer-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn whole(path: &Path, pieces: &[&[u8]]) -> Vec<u8> {
        let mut writer = KeyWriter::open(path, header(1)).unwrap();
        for piece in pieces {
            if !writer.pass(piece.len()) {
                writer.write(piece).unwrap();
            }
        }
        writer.finish().unwrap();
        std::fs::read(path).unwrap()
    }

    #[test]
    fn continues_behind_the_last_good_block() {
        let folder = folder("continue");
        let path = folder.join("a.key");
        let data = content(9, 19 * BLOCK + 77);
        let expected = whole(&folder.join("b.key"), &[&data]);
        assert_eq!(super::super::key::digest_file(&expected), expected[DIGEST_AT]);
        for (cut, damage) in [(0, None), (BLOCK, None), (17 * BLOCK + 5, None), (17 * BLOCK, Some(9 * BLOCK + 3))] {
            let mut writer = KeyWriter::open(&path, header(1)).unwrap();
            writer.write(&data[..cut]).unwrap();
            writer.flush().unwrap();
            drop(writer);
            if let Some(at) = damage {
                let mut bytes = std::fs::read(path.with_extension("partial")).unwrap();
                bytes[PAGE + at] ^= 1;
                std::fs::write(path.with_extension("partial"), bytes).unwrap();
            }
            let again = KeyWriter::open(&path, header(1)).unwrap();
            let good = damage.unwrap_or(cut) / BLOCK;
            assert_eq!(again.kept, (good * BLOCK) as u64, "{cut}");
            drop(again);
            let pieces: Vec<&[u8]> = data.chunks(3 * BLOCK / 2).collect();
            assert!(whole(&path, &pieces) == expected, "{cut}");
            assert!(!path.with_extension("journal").exists() && !path.with_extension("partial").exists());
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn begins_again_for_another_key_or_without_a_journal() {
        let folder = folder("other");
        let path = folder.join("a.key");
        let begin = || {
            let mut writer = KeyWriter::open(&path, header(1)).unwrap();
            writer.write(&content(3, 2 * BLOCK)).unwrap();
            writer.flush().unwrap();
        };
        begin();
        assert_eq!(KeyWriter::open(&path, header(2)).unwrap().kept, 0);
        begin();
        std::fs::remove_file(path.with_extension("journal")).unwrap();
        assert_eq!(KeyWriter::open(&path, header(1)).unwrap().kept, 0);
        begin();
        std::fs::remove_file(path.with_extension("partial")).unwrap();
        assert_eq!(KeyWriter::open(&path, header(1)).unwrap().kept, 0);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
