//! Reader of circom's binary .r1cs format (iden3, r1cs_bin_format.md).

use crate::error::{CoreError, Result};
use crate::field::{FIELD_BYTES, limbs};
use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use std::collections::HashMap;
use std::path::Path;

const VERSION: u32 = 1;
const SECTION_HEADER: u32 = 1;
const SECTION_CONSTRAINTS: u32 = 2;
/// Custom gates: no circuit of ours has them, and a prover that skipped them would be unsound.
const SECTION_CUSTOM_GATES: [u32; 2] = [4, 5];

/// One of the matrices A, B, C by rows: row `i` has the terms `starts[i] .. starts[i + 1]`.
#[derive(Default)]
pub struct Matrix {
    pub starts: Vec<u32>,
    pub wires: Vec<u32>,
    /// Positions in `TileCircuit::values`.
    pub coefficients: Vec<u32>,
}

impl Matrix {
    /// The terms of a row: wire of the tile and position of the coefficient.
    #[inline]
    pub fn row(&self, row: usize) -> impl Iterator<Item = (u32, u32)> + '_ {
        let range = self.starts[row] as usize..self.starts[row + 1] as usize;
        self.wires[range.clone()].iter().copied().zip(self.coefficients[range].iter().copied())
    }
}

/// A compiled circuit: A·w ∘ B·w = C·w.
pub struct TileCircuit {
    pub wires: usize,
    /// Wire 0, the outputs and the public inputs: these come first, in this order.
    pub interface: usize,
    pub constraints: usize,
    /// A, B, C.
    pub matrices: [Matrix; 3],
    /// The distinct coefficients; few, because circuits repeat themselves.
    pub values: Vec<Fr>,
}

struct Cursor<'a> {
    bytes: &'a [u8],
    path: &'a Path,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let Some((head, rest)) = self.bytes.split_at_checked(count) else {
            return Err(CoreError::damaged(self.path, "it ends too early"));
        };
        self.bytes = rest;
        Ok(head)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("four bytes")))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().expect("eight bytes")))
    }
}

impl TileCircuit {
    /// Reads a whole file. `path` is for messages. ARTIFACT_DAMAGED when anything is out of place.
    pub fn read(bytes: &[u8], path: &Path) -> Result<Self> {
        let damaged = |why: &str| CoreError::damaged(path, why);
        let mut cursor = Cursor { bytes, path };
        if cursor.take(4)? != b"r1cs" || cursor.u32()? != VERSION {
            return Err(damaged("it is not a .r1cs file of version 1"));
        }
        let (mut header, mut constraints) = (None, None);
        for _ in 0..cursor.u32()? {
            let kind = cursor.u32()?;
            let length = usize::try_from(cursor.u64()?).map_err(|_| damaged("a section is too long"))?;
            let content = Cursor { bytes: cursor.take(length)?, path };
            match kind {
                SECTION_HEADER if header.is_none() => header = Some(content),
                SECTION_CONSTRAINTS if constraints.is_none() => constraints = Some(content),
                SECTION_HEADER | SECTION_CONSTRAINTS => return Err(damaged("a section stands twice")),
                kind if SECTION_CUSTOM_GATES.contains(&kind) && length > 4 => {
                    return Err(damaged("it has custom gates"));
                }
                _ => {}
            }
        }
        let (Some(mut header), Some(mut content)) = (header, constraints) else {
            return Err(damaged("a section is missing"));
        };
        if header.u32()? as usize != FIELD_BYTES || limbs(header.take(FIELD_BYTES)?) != Fr::MODULUS.0 {
            return Err(damaged("it is not over the BN254 scalar field"));
        }
        let wires = header.u32()? as usize;
        let (outputs, inputs, private) = (header.u32()? as usize, header.u32()? as usize, header.u32()? as usize);
        header.u64()?; // labels
        let count = header.u32()? as usize;
        if !header.bytes.is_empty() {
            return Err(damaged("its header is too long"));
        }
        let interface = 1 + outputs + inputs;
        if interface + private > wires || interface > wires {
            return Err(damaged("it has fewer wires than inputs and outputs"));
        }

        let mut circuit =
            Self { wires, interface, constraints: count, matrices: Default::default(), values: Vec::new() };
        let mut known: HashMap<[u64; 4], u32> = HashMap::new();
        circuit.matrices.iter_mut().for_each(|matrix| matrix.starts.push(0));
        for _ in 0..count {
            for matrix in circuit.matrices.iter_mut() {
                for _ in 0..content.u32()? {
                    let wire = content.u32()?;
                    let integer = limbs(content.take(FIELD_BYTES)?);
                    let next = circuit.values.len() as u32;
                    let position = *known.entry(integer).or_insert(next);
                    if position == next {
                        let value = Fr::from_bigint(BigInt(integer));
                        circuit.values.push(value.ok_or_else(|| damaged("a coefficient is not below the modulus"))?);
                    }
                    if wire as usize >= wires {
                        return Err(damaged("a constraint names a wire that does not exist"));
                    }
                    matrix.wires.push(wire);
                    matrix.coefficients.push(position);
                }
                matrix.starts.push(matrix.wires.len() as u32);
            }
        }
        if content.bytes.is_empty() { Ok(circuit) } else { Err(damaged("bytes are left after the constraints")) }
    }
}
