//! Decoder of the WebAssembly module that circom emits: functions with their names, exports, memory contents, table.
//! Source: WebAssembly core specification 1.0, section 5 (binary format).

use super::body::{Code, decode_body};
use super::reader::Reader;
use crate::error::Result;
use std::collections::HashMap;
use std::path::Path;

/// A function: its name from the name section (empty if it has none) and either its code or, for an import, none.
pub struct Function {
    pub name: String,
    pub parameters: usize,
    pub results: usize,
    /// Parameters and declared variables together.
    pub locals: usize,
    /// None for an import.
    pub code: Option<Vec<Code>>,
}

pub struct Module {
    pub functions: Vec<Function>,
    pub exports: HashMap<String, u32>,
    /// Initial contents of the memory.
    pub memory: Vec<u8>,
    /// The function table; None where it is not filled.
    pub table: Vec<Option<u32>>,
}

/// Bounds on what a file may claim, so that a damaged one cannot exhaust memory.
const MAX_MEMORY_PAGES: usize = 1 << 14;
const MAX_LOCALS: usize = 1 << 12;
const MAX_TABLE: usize = 1 << 20;
const PAGE_BYTES: usize = 1 << 16;

impl Module {
    /// Decodes a file. `path` is for messages. ARTIFACT_DAMAGED when it is no module that circom can have written.
    pub fn decode(bytes: &[u8], path: &Path) -> Result<Self> {
        let mut reader = Reader::new(bytes, path);
        if reader.take(8)? != b"\0asm\x01\0\0\0" {
            return Err(reader.damaged("it is no WebAssembly module"));
        }
        let mut types: Vec<(usize, usize)> = Vec::new();
        let mut module = Self { functions: Vec::new(), exports: HashMap::new(), memory: Vec::new(), table: Vec::new() };
        let mut imports = 0;
        while !reader.is_empty() {
            let kind = reader.byte()?;
            let mut section = reader.nested()?;
            match kind {
                0 => module.read_names(section)?,
                1 => types = read_types(&mut section)?,
                2 => {
                    module.read_imports(&mut section, &types)?;
                    imports = module.functions.len();
                }
                3 => {
                    for _ in 0..section.count()? {
                        let index = section.count()?;
                        module.declare(&section, &types, index)?;
                    }
                }
                4 => {
                    for _ in 0..section.count()? {
                        section.byte()?;
                        let size = section.limits()?;
                        if size > MAX_TABLE {
                            return Err(section.damaged("its table is too large"));
                        }
                        module.table = vec![None; size];
                    }
                }
                5 => {
                    for _ in 0..section.count()? {
                        let pages = section.limits()?;
                        if pages > MAX_MEMORY_PAGES {
                            return Err(section.damaged("its memory is too large"));
                        }
                        module.memory = vec![0; pages * PAGE_BYTES];
                    }
                }
                7 => {
                    for _ in 0..section.count()? {
                        let name = section.name()?;
                        let (kind, index) = (section.byte()?, section.u32()?);
                        if kind == 0 {
                            module.exports.insert(name, index);
                        }
                    }
                }
                9 => module.read_elements(&mut section)?,
                10 => {
                    for index in 0..section.count()? {
                        let body = section.nested()?;
                        let Some(function) = module.functions.get_mut(imports + index) else {
                            return Err(section.damaged("it has more bodies than functions"));
                        };
                        read_body(function, body)?;
                    }
                }
                11 => module.read_data(&mut section)?,
                // Globals, a start function: circom writes none, and running without them would be wrong.
                6 | 8 => return Err(reader.damaged("it has globals or a start function")),
                _ => return Err(reader.damaged(format!("section {kind} is unknown"))),
            }
        }
        Ok(module)
    }

    fn declare(&mut self, reader: &Reader, types: &[(usize, usize)], index: usize) -> Result<()> {
        let Some(&(parameters, results)) = types.get(index) else {
            return Err(reader.damaged("a function has no type"));
        };
        self.functions.push(Function { name: String::new(), parameters, results, locals: parameters, code: None });
        Ok(())
    }

    fn read_imports(&mut self, section: &mut Reader, types: &[(usize, usize)]) -> Result<()> {
        for _ in 0..section.count()? {
            section.name()?;
            let name = section.name()?;
            if section.byte()? != 0 {
                return Err(section.damaged("it imports something that is no function"));
            }
            let index = section.count()?;
            self.declare(section, types, index)?;
            self.functions.last_mut().expect("just declared").name = name;
        }
        Ok(())
    }

    fn read_elements(&mut self, section: &mut Reader) -> Result<()> {
        for _ in 0..section.count()? {
            if section.u32()? != 0 {
                return Err(section.damaged("an element segment is of an unknown kind"));
            }
            let offset = section.offset()?;
            for position in 0..section.count()? {
                let function = section.u32()?;
                match self.table.get_mut(offset + position) {
                    Some(entry) => *entry = Some(function),
                    None => return Err(section.damaged("an element lies outside the table")),
                }
            }
        }
        Ok(())
    }

    fn read_data(&mut self, section: &mut Reader) -> Result<()> {
        for _ in 0..section.count()? {
            if section.u32()? != 0 {
                return Err(section.damaged("a data segment is of an unknown kind"));
            }
            let offset = section.offset()?;
            let length = section.count()?;
            let content = section.take(length)?;
            match self.memory.get_mut(offset..offset + length) {
                Some(target) => target.copy_from_slice(content),
                None => return Err(section.damaged("data lie outside the memory")),
            }
        }
        Ok(())
    }

    /// Function names; other custom sections are skipped.
    fn read_names(&mut self, mut section: Reader) -> Result<()> {
        if section.name()? != "name" {
            return Ok(());
        }
        while !section.is_empty() {
            let kind = section.byte()?;
            let mut content = section.nested()?;
            if kind != 1 {
                continue;
            }
            for _ in 0..content.count()? {
                let index = content.count()?;
                let name = content.name()?;
                if let Some(function) = self.functions.get_mut(index) {
                    function.name = name;
                }
            }
        }
        Ok(())
    }
}

fn read_types(section: &mut Reader) -> Result<Vec<(usize, usize)>> {
    let mut types = Vec::new();
    for _ in 0..section.count()? {
        if section.byte()? != 0x60 {
            return Err(section.damaged("a type is no function type"));
        }
        let parameters = section.count()?;
        section.take(parameters)?;
        let results = section.count()?;
        section.take(results)?;
        if results > 1 {
            return Err(section.damaged("a function has several results"));
        }
        types.push((parameters, results));
    }
    Ok(types)
}

fn read_body(function: &mut Function, mut body: Reader) -> Result<()> {
    for _ in 0..body.count()? {
        let count = body.count()?;
        body.byte()?;
        function.locals = function.locals.saturating_add(count);
        if function.locals > MAX_LOCALS {
            return Err(body.damaged("a function has too many variables"));
        }
    }
    function.code = Some(decode_body(&mut body)?);
    Ok(())
}
