//! The memory of circom's calculator while it is traced: plain bytes, and nodes where field elements were stored.
//! Every write is noted, so that both sides of a condition can be tried and joined.

use super::frame::{Failure, Result};
use super::graph::{Graph, NodeId};
use super::integer::field;
use ark_bn254::Fr;
use ark_ff::BigInt;
use std::collections::HashMap;

/// A field element in circom's memory: i32 short value, flags, 32 bytes of long value.
pub const ELEMENT_BYTES: u32 = 40;
const ELEMENT_WORDS: usize = ELEMENT_BYTES as usize / 4;
/// Flags in the element's byte 7.
const LONG: u8 = 0x80;
const MONTGOMERY: u8 = 0x40;

/// What a write replaced.
#[derive(Clone, Copy)]
enum Write {
    Element { word: usize, before: Option<NodeId> },
    Bytes { address: usize, count: u8, before: u64 },
}

#[derive(Default)]
pub struct Memory {
    bytes: Vec<u8>,
    /// By address / 4, where an element begins.
    elements: Vec<Option<NodeId>>,
    journal: Vec<Write>,
}

/// The contents of all places that were written since a mark.
#[derive(Default, PartialEq)]
pub struct Changes {
    pub elements: HashMap<usize, Option<NodeId>>,
    pub bytes: HashMap<usize, u8>,
}

impl Memory {
    pub fn new(bytes: Vec<u8>) -> Self {
        let elements = vec![None; bytes.len() / 4];
        Self { bytes, elements, journal: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Grows by zero bytes.
    pub fn grow(&mut self, bytes: usize) {
        self.bytes.resize(self.bytes.len() + bytes, 0);
        self.elements.resize(self.bytes.len() / 4, None);
    }

    fn place(&self, address: u32) -> Result<usize> {
        let end = address as usize + ELEMENT_BYTES as usize;
        if !address.is_multiple_of(4) || end > self.bytes.len() {
            return Err(Failure::new(format!("an element at address {address}, which cannot hold one")));
        }
        Ok(address as usize / 4)
    }

    /// The element at an address.
    pub fn element(&self, address: u32, graph: &mut Graph) -> Result<NodeId> {
        let word = self.place(address)?;
        match self.elements[word] {
            Some(node) => Ok(node),
            None => Ok(graph.constant(self.constant(address as usize))),
        }
    }

    /// Decodes an element that was never stored by the program: a constant of the module, or zeros.
    fn constant(&self, address: usize) -> Fr {
        let bytes = &self.bytes[address..address + ELEMENT_BYTES as usize];
        let flags = bytes[7];
        if flags & LONG == 0 {
            let short = i32::from_le_bytes(bytes[..4].try_into().expect("four bytes"));
            return Fr::from(short);
        }
        let limbs: [u64; 4] = std::array::from_fn(|limb| {
            u64::from_le_bytes(bytes[8 + 8 * limb..16 + 8 * limb].try_into().expect("eight bytes"))
        });
        // circom's R is arkworks's: 2^256.
        if flags & MONTGOMERY == 0 { field(limbs) } else { Fr::new_unchecked(BigInt(limbs)) }
    }

    pub fn store_element(&mut self, address: u32, node: NodeId) -> Result<()> {
        let word = self.place(address)?;
        let near = word.saturating_sub(ELEMENT_WORDS - 1)..(word + ELEMENT_WORDS).min(self.elements.len());
        if near.into_iter().any(|other| other != word && self.elements[other].is_some()) {
            return Err(Failure::new(format!("elements overlap at address {address}")));
        }
        self.journal.push(Write::Element { word, before: self.elements[word] });
        self.elements[word] = Some(node);
        Ok(())
    }

    fn range(&self, address: u64, count: usize) -> Result<std::ops::Range<usize>> {
        let start = usize::try_from(address).unwrap_or(usize::MAX);
        match start.checked_add(count) {
            Some(end) if end <= self.bytes.len() => Ok(start..end),
            _ => Err(Failure::new(format!("an access at address {address}, outside the memory"))),
        }
    }

    /// An element may not be read or written as bytes.
    fn expect_bytes(&self, range: &std::ops::Range<usize>) -> Result<()> {
        let first = (range.start / 4).saturating_sub(ELEMENT_WORDS - 1);
        let last = ((range.end - 1) / 4).min(self.elements.len() - 1);
        if self.elements[first..=last].iter().any(Option::is_some) {
            return Err(Failure::new(format!("the bytes of an element at address {} are used", range.start)));
        }
        Ok(())
    }

    /// An unsigned integer of 1 to 8 bytes.
    pub fn load(&self, address: u64, count: u8) -> Result<u64> {
        let range = self.range(address, usize::from(count))?;
        self.expect_bytes(&range)?;
        let mut value = [0; 8];
        value[..usize::from(count)].copy_from_slice(&self.bytes[range]);
        Ok(u64::from_le_bytes(value))
    }

    pub fn store(&mut self, address: u64, count: u8, value: u64) -> Result<()> {
        let before = self.load(address, count)?;
        let range = self.range(address, usize::from(count))?;
        self.journal.push(Write::Bytes { address: range.start, count, before });
        self.bytes[range].copy_from_slice(&value.to_le_bytes()[..usize::from(count)]);
        Ok(())
    }

    /// The present moment, for `changes_since` and `undo`.
    pub fn mark(&self) -> usize {
        self.journal.len()
    }

    /// The present contents of what was written since the mark.
    pub fn changes_since(&self, mark: usize) -> Changes {
        let mut changes = Changes::default();
        for write in &self.journal[mark..] {
            match *write {
                Write::Element { word, .. } => {
                    changes.elements.insert(word, self.elements[word]);
                }
                Write::Bytes { address, count, .. } => {
                    for place in address..address + usize::from(count) {
                        changes.bytes.insert(place, self.bytes[place]);
                    }
                }
            }
        }
        changes
    }

    /// Takes back everything since the mark.
    pub fn undo(&mut self, mark: usize) {
        while self.journal.len() > mark {
            match self.journal.pop().expect("not empty") {
                Write::Element { word, before } => self.elements[word] = before,
                Write::Bytes { address, count, before } => {
                    self.bytes[address..address + usize::from(count)]
                        .copy_from_slice(&before.to_le_bytes()[..usize::from(count)]);
                }
            }
        }
    }

    /// Writes changes again.
    pub fn redo(&mut self, changes: &Changes) {
        for (&word, &after) in &changes.elements {
            self.journal.push(Write::Element { word, before: self.elements[word] });
            self.elements[word] = after;
        }
        for (&address, &after) in &changes.bytes {
            self.journal.push(Write::Bytes { address, count: 1, before: u64::from(self.bytes[address]) });
            self.bytes[address] = after;
        }
    }

    /// Joins the present contents with those of another course of events since the mark: the other's where
    /// `condition` is not 0. Plain bytes must agree, except in `scratch`, which nobody reads afterwards.
    pub fn join(&mut self, mark: usize, condition: NodeId, other: &Changes, graph: &mut Graph) -> Result<()> {
        let present = self.changes_since(mark);
        let mut before = Changes::default();
        for write in self.journal[mark..].iter().rev() {
            match *write {
                Write::Element { word, before: value } => {
                    before.elements.insert(word, value);
                }
                Write::Bytes { address, count, before: value } => {
                    for (place, byte) in (address..).zip(value.to_le_bytes()).take(usize::from(count)) {
                        before.bytes.insert(place, byte);
                    }
                }
            }
        }
        let places: Vec<usize> = present.bytes.keys().chain(other.bytes.keys()).copied().collect();
        for place in places {
            let there = other.bytes.get(&place).or(before.bytes.get(&place)).copied().unwrap_or(self.bytes[place]);
            if there != self.bytes[place] {
                return Err(Failure::new(format!("the bytes at address {place} depend on the inputs")));
            }
        }
        let mut words: Vec<usize> = present.elements.keys().chain(other.elements.keys()).copied().collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            let here = self.elements[word];
            let there = other.elements.get(&word).or(before.elements.get(&word)).copied().unwrap_or(here);
            if here == there {
                continue;
            }
            // Unwritten on one side: what stood there is a constant.
            let fixed = |memory: &Self, node: Option<NodeId>, graph: &mut Graph| {
                node.unwrap_or_else(|| graph.constant(memory.constant(4 * word)))
            };
            let (here, there) = (fixed(self, here, graph), fixed(self, there, graph));
            let joined = graph.select(condition, there, here);
            self.store_element(4 * word as u32, joined)?;
        }
        Ok(())
    }
}
