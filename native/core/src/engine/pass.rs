//! The sequential part of an execution: records in order on leaves, without hashing anything.

use super::account::Account;
use super::fees::{Context, FeeSums};
use super::operation::Operation;
use super::rule::Rule;
use super::rules::{Step, apply};
use super::shape::check_shape;
use super::signatures::Claim;
use super::tree::{CAPACITY, Tree};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// No write: what counts is what the tree holds.
pub const NONE: u32 = u32::MAX;

/// One of the two accesses of a slot.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    pub index: u32,
    /// The write that the access finds, or `NONE`.
    pub before: u32,
    /// The write that it makes, or `NONE`.
    pub write: u32,
}

/// A leaf's new content.
#[derive(Clone, Copy, Debug)]
pub struct Write {
    pub index: u32,
    pub chunk: u32,
    /// Position among the accesses.
    pub access: u32,
    pub account: Account,
}

/// A record that breaks a rule, with what the rules saw.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub chunk: u32,
    /// In the chunk.
    pub slot: u32,
    pub rule: Rule,
    pub sender: Option<Account>,
    pub receiver: Option<Account>,
    /// Before the record; after the last one for FEES_NOT_COLLECTED.
    pub fees: FeeSums,
}

/// The slots of a chunk with what they share.
pub struct ChunkSlots<'a> {
    pub operations: &'a [Operation],
    pub context: Context,
}

/// What the records did. With refusals only those count.
#[derive(Default)]
pub struct Pass {
    /// Two a slot: `from`, then `to` after the sender's write.
    pub accesses: Vec<Access>,
    pub writes: Vec<Write>,
    /// Before each slot.
    pub fees: Vec<FeeSums>,
    pub refusals: Vec<Refusal>,
}

/// Executes the records of all chunks in order.
///
/// `judge` says whether the sender signed, from what it would have signed; `slot` counts over all chunks. `stop` ends the
/// pass at the first refusal; otherwise a refused record does nothing and the next one follows.
pub fn run(
    tree: &Tree,
    chunks: &[ChunkSlots],
    stop: bool,
    mut judge: impl FnMut(usize, &Operation, &dyn Fn() -> Claim) -> bool,
) -> Pass {
    let mut overlay = Overlay { tree, latest: HashMap::default(), pass: Pass::default() };
    let mut first = 0;
    for (chunk, ChunkSlots { operations, context }) in chunks.iter().enumerate() {
        let mut fees = FeeSums::default();
        for (slot, operation) in operations.iter().enumerate() {
            let judge = |claim: &dyn Fn() -> Claim| judge(first + slot, operation, claim);
            match overlay.execute(chunk as u32, operation, context, fees, judge) {
                Ok(after) => fees = after,
                Err(rule) => {
                    overlay.refuse(chunk, slot, operation, rule, fees);
                    if stop {
                        return overlay.pass;
                    }
                }
            }
        }
        if let (Some(last), true) = (operations.last(), fees != FeeSums::default()) {
            overlay.refuse(chunk, operations.len() - 1, last, Rule::FeesNotCollected, fees);
            if stop {
                return overlay.pass;
            }
        }
        first += operations.len();
    }
    overlay.pass
}

/// The tree with the writes of the pass on top.
struct Overlay<'a> {
    tree: &'a Tree,
    /// The newest write of an index.
    latest: HashMap<u32, u32, BuildHasherDefault<IndexHasher>>,
    pass: Pass,
}

impl Overlay<'_> {
    fn latest(&self, index: u32) -> u32 {
        self.latest.get(&index).copied().unwrap_or(NONE)
    }

    /// The leaf of an index; None when it is empty or there is no such leaf.
    fn account(&self, index: u32) -> Option<Account> {
        match self.latest(index) {
            NONE if index < CAPACITY => self.tree.account(index).copied(),
            NONE => None,
            write => Some(self.pass.writes[write as usize].account),
        }
    }

    /// Executes one record: the fee sums after it, or the rule that it breaks.
    fn execute(
        &mut self,
        chunk: u32,
        operation: &Operation,
        context: &Context,
        fees: FeeSums,
        judge: impl FnOnce(&dyn Fn() -> Claim) -> bool,
    ) -> Result<FeeSums, Rule> {
        check_shape(operation)?;
        let (sender, receiver) = (self.account(operation.from), self.account(operation.to));
        let step = Step { operation, context, sender: sender.as_ref(), receiver: receiver.as_ref(), fees };
        let effects = apply(&step, |sender| judge(&|| Claim::of(operation, sender, receiver.as_ref())))?;
        self.pass.fees.push(fees);
        // The order of the circuit: the receiver's leaf is read after the sender's has been written.
        self.access(chunk, operation.from, effects.sender);
        self.access(chunk, operation.to, effects.receiver);
        Ok(effects.fees)
    }

    fn access(&mut self, chunk: u32, index: u32, after: Option<Account>) {
        let Pass { accesses, writes, .. } = &mut self.pass;
        let before = self.latest.get(&index).copied().unwrap_or(NONE);
        let write = after.map_or(NONE, |account| {
            writes.push(Write { index, chunk, access: accesses.len() as u32, account });
            writes.len() as u32 - 1
        });
        if write != NONE {
            self.latest.insert(index, write);
        }
        accesses.push(Access { index, before, write });
    }

    fn refuse(&mut self, chunk: usize, slot: usize, operation: &Operation, rule: Rule, fees: FeeSums) {
        let (sender, receiver) = (self.account(operation.from), self.account(operation.to));
        self.pass.refusals.push(Refusal { chunk: chunk as u32, slot: slot as u32, rule, sender, receiver, fees });
    }
}

impl Pass {
    /// The leaf that an access finds.
    pub fn account_before<'a>(&'a self, tree: &'a Tree, access: &Access) -> Option<&'a Account> {
        match access.before {
            NONE => tree.account(access.index),
            write => Some(&self.writes[write as usize].account),
        }
    }

    /// The last content of each leaf that was written, by ascending index.
    pub fn last_writes(&self) -> Vec<(u32, Account)> {
        let mut order: Vec<(u32, u32)> =
            self.writes.iter().enumerate().map(|(write, Write { index, .. })| (*index, write as u32)).collect();
        order.sort_unstable();
        let mut last: Vec<(u32, Account)> = Vec::with_capacity(order.len());
        for (index, write) in order {
            let account = self.writes[write as usize].account;
            match last.last_mut() {
                Some(entry) if entry.0 == index => entry.1 = account,
                _ => last.push((index, account)),
            }
        }
        last
    }
}

/// Mixes an index of a leaf, which nobody outside chooses freely, by one multiplication.
#[derive(Default)]
struct IndexHasher(u64);

impl Hasher for IndexHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, value: u32) {
        // 2^64 over the golden ratio; the table takes the high bits for its tags and the low ones for its places.
        self.0 = (self.0 ^ u64::from(value)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }
}
