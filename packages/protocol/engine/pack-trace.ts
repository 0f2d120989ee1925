/** Executed chunks to bytes and back. Source: `trace.ts`. */

import { RollupError } from '../errors/index.ts';
import type { Hasher } from '../hash.ts';
import { requireBits, requireFieldElement } from '../integers.ts';
import { readWord, viewOf, writeWord } from '../little-endian.ts';
import {
  BALANCE_BITS,
  FEE_TOKEN_COUNT,
  NONCE_BITS,
  OWNER_BITS,
  SHARD_COUNT,
  SHARD_LEVELS,
  TOKEN_ID_BITS,
  TREE_ARITY,
  TREE_CAPACITY,
  WORD_BYTES,
} from '../params.ts';
import { shardOf } from '../tree/merkle-tree.ts';
import type { Account, ChunkTrace, LeafAccess, Operation, SlotTrace } from '../types.ts';
import { readOperation, writeOperation } from './operation.ts';
import { type PackedTrace, SHARDS_BYTES, SLOT_PLACES, SLOT_TRACE_BYTES } from './trace.ts';

/** What a slot's bytes say: its accesses, and the shards that they lead to. */
export interface PackableSlot extends Omit<SlotTrace, 'shards'> {
  /** Root of the shard of `from` after the sender's change. */
  readonly fromRoot: bigint;
  /** Root of the shard of `to` after the receiver's change. */
  readonly toRoot: bigint;
}

/** Of an index: log2(TREE_CAPACITY). */
const LEAF_BITS = Math.log2(TREE_CAPACITY);

const NO_ACCOUNT: Account = { keyY: 0n, owner: 0n, tokenId: 0, nonce: 0, balance: 0n };

function writeElements(view: DataView, offset: number, values: readonly bigint[]): void {
  for (const [position, value] of values.entries()) {
    writeWord(view, offset + WORD_BYTES * position, requireFieldElement('element', value));
  }
}

function readElements(view: DataView, offset: number, count: number): bigint[] {
  return Array.from({ length: count }, (_, position) =>
    requireFieldElement('element', readWord(view, offset + WORD_BYTES * position)),
  );
}

function writeAccess(view: DataView, leaf: number, path: number, { account, children }: LeafAccess): void {
  const { keyY, owner, tokenId, nonce, balance } = account ?? NO_ACCOUNT;
  const empty = account === undefined ? 1n : 0n;
  writeElements(view, leaf, [empty, keyY, owner, BigInt(tokenId), BigInt(nonce), balance]);
  writeElements(view, path, children.flat());
}

function readAccess(view: DataView, leaf: number, path: number, index: number): LeafAccess {
  const [empty, keyY, owner, tokenId, nonce, balance] = readElements(view, leaf, 6) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const isEmpty = requireBits('empty', empty, 1) === 1n;
  const width = (bits: number) => (isEmpty ? 0 : bits);
  requireBits('keyY', keyY, width(256));
  const account = {
    keyY,
    owner: requireBits('owner', owner, width(OWNER_BITS)),
    tokenId: Number(requireBits('tokenId', tokenId, width(TOKEN_ID_BITS))),
    nonce: Number(requireBits('nonce', nonce, width(NONCE_BITS))),
    balance: requireBits('balance', balance, width(BALANCE_BITS)),
  };
  const nodes = readElements(view, path, SHARD_LEVELS * TREE_ARITY);
  const children = Array.from({ length: SHARD_LEVELS }, (_, level) =>
    nodes.slice(TREE_ARITY * level, TREE_ARITY * (level + 1)),
  );
  return { index, account: isEmpty ? undefined : account, children };
}

/**
 * Writes a slot at `offset`. @throws RollupError OUT_OF_RANGE or WRONG_LENGTH for what no executed slot has.
 * Twin: native/core/src/engine/trace.rs write.
 */
export function writeSlot(view: DataView, offset: number, slot: PackableSlot): void {
  const places = SLOT_PLACES;
  writeOperation(view, offset + places.operation, slot.operation);
  writeElements(view, offset + places.commitment, [slot.commitment]);
  writeElements(view, offset + places.fees, slot.fees);
  writeAccess(view, offset + places.fromLeaf, offset + places.fromPath, slot.from);
  writeAccess(view, offset + places.toLeaf, offset + places.toPath, slot.to);
  writeElements(view, offset + places.fromRoot, [slot.fromRoot, slot.toRoot]);
}

/** Bytes for a chunk of `slotCount` slots with the shards before it. */
export function createTraceBytes(shards: readonly bigint[], slotCount: number): Uint8Array {
  const bytes = new Uint8Array(SHARDS_BYTES + slotCount * SLOT_TRACE_BYTES);
  writeElements(viewOf(bytes), 0, shards);
  return bytes;
}

/**
 * An executed chunk in bytes.
 *
 * @param hasher for the shard between the two changes of a slot that makes both in one shard.
 * @throws RollupError OUT_OF_RANGE or WRONG_LENGTH for what no execution gives.
 */
export function packTrace(hasher: Hasher, trace: ChunkTrace): PackedTrace {
  const { context, oldRoot, newRoot, commitment, slots, finalShards } = trace;
  const bytes = createTraceBytes(slots[0]?.shards ?? finalShards, slots.length);
  const view = viewOf(bytes);
  for (const [position, slot] of slots.entries()) {
    const after = slots[position + 1]?.shards ?? finalShards;
    const [from, to] = [shardOf(slot.from.index), shardOf(slot.to.index)];
    const fromRoot = from === to ? hasher.hash(slot.to.children[0]!) : after[from]!;
    writeSlot(view, SHARDS_BYTES + position * SLOT_TRACE_BYTES, { ...slot, fromRoot, toRoot: after[to]! });
  }
  return { context, oldRoot, newRoot, commitment, bytes };
}

/** How many slots a trace has. @throws RollupError WRONG_LENGTH for bytes that are no trace. */
export function slotCountOf({ bytes }: Pick<PackedTrace, 'bytes'>): number {
  const count = (bytes.length - SHARDS_BYTES) / SLOT_TRACE_BYTES;
  if (Number.isInteger(count) && count >= 0) return count;
  const expected = `${SHARDS_BYTES} and ${SLOT_TRACE_BYTES} a slot`;
  const message = `a trace has ${bytes.length} bytes, expected ${expected}`;
  throw new RollupError('WRONG_LENGTH', message, { name: 'trace', expected, actual: bytes.length });
}

/** What a chunk executed. @throws RollupError WRONG_LENGTH or OUT_OF_RANGE for bytes that are no trace. */
export function operationsOf(trace: Pick<PackedTrace, 'bytes'>): Operation[] {
  const view = viewOf(trace.bytes);
  return Array.from({ length: slotCountOf(trace) }, (_, slot) =>
    readIndexed(view, SHARDS_BYTES + slot * SLOT_TRACE_BYTES),
  );
}

/** An operation whose leaves are in the tree, as those of valid records are. */
function readIndexed(view: DataView, offset: number): Operation {
  const operation = readOperation(view, offset + SLOT_PLACES.operation);
  requireBits('from', operation.fields.from, LEAF_BITS);
  requireBits('to', operation.fields.to, LEAF_BITS);
  return operation;
}

/**
 * The executed chunk of bytes. Inverse of `packTrace`.
 *
 * @throws RollupError WRONG_LENGTH or OUT_OF_RANGE for bytes that are no trace.
 */
export function unpackTrace(trace: PackedTrace): ChunkTrace {
  const { context, oldRoot, newRoot, commitment, bytes } = trace;
  const slotCount = slotCountOf(trace);
  const view = viewOf(bytes);
  let shards: readonly bigint[] = readElements(view, 0, SHARD_COUNT);
  const slots: SlotTrace[] = [];
  for (let slot = 0; slot < slotCount; slot += 1) {
    const { fromRoot, toRoot, ...rest } = readSlot(view, SHARDS_BYTES + slot * SLOT_TRACE_BYTES);
    slots.push({ ...rest, shards });
    shards = shards.with(shardOf(rest.from.index), fromRoot).with(shardOf(rest.to.index), toRoot);
  }
  return { context, slots, oldRoot, newRoot, finalShards: shards, commitment };
}

/** The slot at `offset`. @throws RollupError OUT_OF_RANGE for bytes that no executed slot has. */
function readSlot(view: DataView, offset: number): PackableSlot {
  const places = SLOT_PLACES;
  const operation = readIndexed(view, offset);
  const { from, to } = operation.fields;
  const [fromRoot, toRoot] = readElements(view, offset + places.fromRoot, 2) as [bigint, bigint];
  return {
    operation,
    from: readAccess(view, offset + places.fromLeaf, offset + places.fromPath, from),
    to: readAccess(view, offset + places.toLeaf, offset + places.toPath, to),
    commitment: readElements(view, offset + places.commitment, 1)[0]!,
    fees: readElements(view, offset + places.fees, FEE_TOKEN_COUNT),
    fromRoot,
    toRoot,
  };
}
