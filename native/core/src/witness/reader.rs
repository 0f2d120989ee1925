//! Reads the pieces of a WebAssembly module: bytes, integers (LEB128), names, nested sections.

use crate::error::{CoreError, Result};
use std::path::Path;

/// Reads a file's bytes piece by piece; every failure is ARTIFACT_DAMAGED.
pub struct Reader<'a> {
    bytes: &'a [u8],
    path: &'a Path,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], path: &'a Path) -> Self {
        Self { bytes, path }
    }

    pub fn damaged(&self, why: impl std::fmt::Display) -> CoreError {
        CoreError::damaged(self.path, why)
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(count).ok_or_else(|| self.damaged("it ends too early"))?;
        self.bytes = rest;
        Ok(head)
    }

    pub fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// A LEB128 integer, sign-extended to 64 bits when `signed`.
    fn leb(&mut self, signed: bool) -> Result<u64> {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = self.byte()?;
            if shift > 63 {
                return Err(self.damaged("an integer is too long"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                if signed && byte & 0x40 != 0 && shift < 64 {
                    value |= u64::MAX << shift;
                }
                return Ok(value);
            }
        }
    }

    pub fn u32(&mut self) -> Result<u32> {
        u32::try_from(self.leb(false)?).map_err(|_| self.damaged("an integer is too large"))
    }

    pub fn count(&mut self) -> Result<usize> {
        Ok(self.u32()? as usize)
    }

    pub fn signed(&mut self) -> Result<i64> {
        Ok(self.leb(true)? as i64)
    }

    pub fn name(&mut self) -> Result<String> {
        let length = self.count()?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// The content of a section or a body, with its length in front.
    pub fn nested(&mut self) -> Result<Reader<'a>> {
        let length = self.count()?;
        Ok(Reader { bytes: self.take(length)?, path: self.path })
    }

    /// An offset: `i32.const n; end`.
    pub fn offset(&mut self) -> Result<usize> {
        if self.byte()? != 0x41 {
            return Err(self.damaged("an offset is no constant"));
        }
        let value = self.signed()? as u32 as usize;
        if self.byte()? != 0x0b {
            return Err(self.damaged("an offset is no constant"));
        }
        Ok(value)
    }

    /// The minimum of a table's or memory's limits.
    pub fn limits(&mut self) -> Result<usize> {
        let has_maximum = self.byte()? & 1 == 1;
        let minimum = self.count()?;
        if has_maximum {
            self.u32()?;
        }
        Ok(minimum)
    }
}
