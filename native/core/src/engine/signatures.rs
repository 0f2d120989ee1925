//! Whether records are signed: messages and signatures of a whole batch at once, in lanes.

use super::account::Account;
use super::node::{Node, from_u128, hash_all, hash_one, read_node};
use super::operation::Operation;
use crate::babyjubjub::{Point, Signature, verify_block};
use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use rayon::prelude::*;

/// How the signatures of a batch are judged.
/// Twin: packages/protocol/engine/engine.ts SignatureJudge.
pub enum Signatures {
    /// Not at all.
    Believed,
    /// By EdDSA.
    Verified,
    /// The message must be this one, 32 little-endian bytes a slot, which was checked before.
    Ids(Vec<u8>),
}

/// What a sender would have signed, apart from the domain.
/// Twin: packages/protocol/state/message.ts transactionMessage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// record + 2^124·nonce + 2^156·validUntil.
    packed: Node,
    /// Who receives: keyY and owner.
    receiver: [Node; 2],
    /// y of the sender's key.
    key_y: Node,
}

const RECORD_BITS: u32 = 124;
const TO_SHIFT: u32 = 56;

impl Claim {
    /// Of a record of a signed kind that obeys the rules before BAD_SIGNATURE.
    pub fn of(operation: &Operation, sender: &Account, receiver: Option<&Account>) -> Self {
        let is_new = operation.kind == 2;
        let record = if is_new { operation.record & !(0xffff_ffff << TO_SHIFT) } else { operation.record };
        let (nonce, valid_until) = (u128::from(sender.nonce), u128::from(operation.valid_until()));
        let low = from_u128(record | nonce << RECORD_BITS);
        let high = from_u128(nonce >> (128 - RECORD_BITS) | valid_until << 28);
        let [w0, w1, _] = operation.words;
        let receiver = match (operation.kind, receiver) {
            (1, Some(receiver)) => [receiver.key_y, receiver.owner_node()],
            (2, _) => [w0, w1],
            (7, _) => [w0, [0; 4]],
            _ => [[0; 4]; 2],
        };
        Self { packed: [low[0], low[1], high[0], high[1]], receiver, key_y: sender.key_y }
    }

    fn inputs(&self, domain: &Node) -> [Node; 4] {
        [*domain, self.packed, self.receiver[0], self.receiver[1]]
    }
}

/// The verdicts on the claims of a first pass, by slot, and how to judge those of a second one.
pub struct Verdicts<'a> {
    signatures: &'a Signatures,
    domain: Node,
    /// By ascending slot.
    claims: Vec<(usize, Claim)>,
    verdicts: Vec<bool>,
}

impl<'a> Verdicts<'a> {
    /// Judges all claims at once. `operation_of` gives the operation of a slot.
    pub fn of<'o>(
        signatures: &'a Signatures,
        domain: Node,
        claims: Vec<(usize, Claim)>,
        operation_of: impl Fn(usize) -> &'o Operation + Sync,
    ) -> Self {
        let messages = match signatures {
            Signatures::Believed => Vec::new(),
            _ => hash_all(claims.len(), |at, inputs| *inputs = claims[at].1.inputs(&domain)),
        };
        let verdicts = match signatures {
            Signatures::Believed => vec![true; claims.len()],
            Signatures::Ids(ids) => {
                claims.iter().zip(&messages).map(|((slot, _), message)| id_at(ids, *slot) == *message).collect()
            }
            Signatures::Verified => verify_all(&claims, &messages, operation_of),
        };
        Self { signatures, domain, claims, verdicts }
    }

    /// Whether every claim of the first pass holds.
    pub fn all_hold(&self) -> bool {
        self.verdicts.iter().all(|verdict| *verdict)
    }

    /// The verdict on a claim, which may be another one than the slot had in the first pass.
    pub fn on(&self, slot: usize, operation: &Operation, claim: &Claim) -> bool {
        if let Ok(known) = self.claims.binary_search_by_key(&slot, |(slot, _)| *slot)
            && self.claims[known].1 == *claim
        {
            return self.verdicts[known];
        }
        let message = || hash_one(&claim.inputs(&self.domain));
        match self.signatures {
            Signatures::Believed => true,
            Signatures::Ids(ids) => id_at(ids, slot) == message(),
            Signatures::Verified => {
                signature_of(operation, claim, &message()).is_some_and(|signature| verify_block(&[signature])[0])
            }
        }
    }
}

fn id_at(ids: &[u8], slot: usize) -> Node {
    read_node(&ids[32 * slot..32 * (slot + 1)])
}

/// None when a coordinate is not below r: such a signature is invalid.
fn signature_of(operation: &Operation, claim: &Claim, message: &Node) -> Option<Signature> {
    let element = |node: &Node| Fr::from_bigint(BigInt(*node));
    let authorization = operation.authorization.as_ref()?;
    Some(Signature {
        key: Point { x: element(&authorization.key_x)?, y: element(&claim.key_y)? },
        r8: Point { x: element(&authorization.r8_x)?, y: element(&authorization.r8_y)? },
        s: BigInt(authorization.s),
        message: element(message)?,
    })
}

/// Signatures of one task: as many as there are lanes.
const BLOCK: usize = 8;

fn verify_all<'o>(
    claims: &[(usize, Claim)],
    messages: &[Node],
    operation_of: impl Fn(usize) -> &'o Operation + Sync,
) -> Vec<bool> {
    let verify = |(claims, messages): (&[(usize, Claim)], &[Node])| {
        let signatures = claims.iter().zip(messages).map(|((slot, claim), message)| {
            // What cannot be read is invalid and takes no lane.
            signature_of(operation_of(*slot), claim, message)
        });
        let signatures: Vec<Option<Signature>> = signatures.collect();
        let readable: Vec<bool> = signatures.iter().map(Option::is_some).collect();
        let mut verdicts = verify_block(&signatures.into_iter().flatten().collect::<Vec<_>>()).into_iter();
        let verdict = move |readable| readable && verdicts.next().expect("one verdict a signature");
        readable.into_iter().map(verdict).collect::<Vec<_>>()
    };
    claims.par_chunks(BLOCK).zip(messages.par_chunks(BLOCK)).flat_map_iter(verify).collect()
}
