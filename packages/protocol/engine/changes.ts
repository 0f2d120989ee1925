/**
 * The leaves that a batch changed, as bytes. One row a leaf, by ascending index:
 *
 * | offset | bytes | content |
 * | ---: | ---: | --- |
 * | 0 | 4 | index, big-endian |
 * | 4 | 1 | bit 0: there was an account before; bit 1: there is one after |
 * | 5 | 3 | 0 |
 * | 8 | 76 | the account before (`tree/account-row.ts`), 0 when there was none |
 * | 84 | 76 | the account after, 0 when there is none |
 */

import { RollupError } from '../errors/index.ts';
import { requireBits, requireFieldElement } from '../integers.ts';
import { viewOf } from '../little-endian.ts';
import { TREE_CAPACITY } from '../params.ts';
import { ACCOUNT_BYTES, ACCOUNT_ROW_BYTES, readAccount, writeAccount } from '../tree/account-row.ts';
import type { Account } from '../types.ts';

/** Bytes of a row. Twin: native/core/src/engine/changes.rs CHANGE_BYTES. */
export const CHANGE_BYTES = 160;

/** A leaf before and after a batch or a part of it; undefined is an empty leaf. */
export interface LeafChange {
  readonly index: number;
  readonly before: Account | undefined;
  readonly after: Account | undefined;
}

/** Changed leaves, decoded when they are looked at. */
export interface LeafChanges extends Iterable<LeafChange> {
  readonly count: number;
  /** The rows. */
  readonly bytes: Uint8Array;
}

const FLAGS = 4;
const ZEROS = 5;
const BEFORE = 8;
const AFTER = BEFORE + ACCOUNT_BYTES;
const HAD_ACCOUNT = 1;
const HAS_ACCOUNT = 2;
/** log2(TREE_CAPACITY). */
const LEAF_BITS = Math.log2(TREE_CAPACITY);

/**
 * The rows of changes, by ascending index. Inverse of `createLeafChanges`.
 * Twin: native/core/src/engine/changes.rs write_changes.
 *
 * @throws RollupError OUT_OF_RANGE for an index beyond the tree, one that comes twice, or a field that is too wide.
 */
export function encodeLeafChanges(changes: Iterable<LeafChange>): Uint8Array {
  const sorted = [...changes].sort((one, other) => one.index - other.index);
  const bytes = new Uint8Array(sorted.length * CHANGE_BYTES);
  const view = viewOf(bytes);
  let last = -1;
  for (const [position, { index, before, after }] of sorted.entries()) {
    const offset = position * CHANGE_BYTES;
    last = requireNext(index, last);
    view.setUint32(offset, index);
    view.setUint8(offset + FLAGS, (before === undefined ? 0 : HAD_ACCOUNT) | (after === undefined ? 0 : HAS_ACCOUNT));
    if (before !== undefined) writeAccount(view, offset + BEFORE, before);
    if (after !== undefined) writeAccount(view, offset + AFTER, after);
  }
  return bytes;
}

/**
 * The changes of rows, each decoded and checked when it is looked at: iterating throws RollupError OUT_OF_RANGE for rows out
 * of order or range.
 *
 * @throws RollupError WRONG_LENGTH for rows that were cut.
 */
export function createLeafChanges(bytes: Uint8Array): LeafChanges {
  const count = bytes.length / CHANGE_BYTES;
  if (!Number.isInteger(count)) {
    const expected = `a multiple of ${CHANGE_BYTES}`;
    const message = `changes have ${bytes.length} bytes, expected ${expected}`;
    throw new RollupError('WRONG_LENGTH', message, { name: 'changes', expected, actual: bytes.length });
  }
  return { count, bytes, [Symbol.iterator]: () => changesOf(viewOf(bytes)) };
}

function* changesOf(view: DataView): Generator<LeafChange> {
  let last = -1;
  for (let offset = 0; offset < view.byteLength; offset += CHANGE_BYTES) {
    const index = requireNext(view.getUint32(offset), last);
    last = index;
    const flags = requireBits('flags', view.getUint8(offset + FLAGS), 2);
    requireZeros(view, offset + ZEROS, BEFORE - ZEROS);
    const before = accountAt(view, offset + BEFORE, (flags & HAD_ACCOUNT) !== 0);
    yield { index, before, after: accountAt(view, offset + AFTER, (flags & HAS_ACCOUNT) !== 0) };
  }
}

/**
 * The changed accounts as they are after the batch, as rows (`tree/account-row.ts`), by ascending index. Nothing is decoded.
 *
 * @throws RollupError OUT_OF_RANGE when a leaf is emptied, which no batch does.
 */
export function accountRowsAfter({ bytes, count }: LeafChanges): Uint8Array {
  const rows = new Uint8Array(count * ACCOUNT_ROW_BYTES);
  for (let position = 0; position < count; position += 1) {
    const offset = position * CHANGE_BYTES;
    const flags = bytes[offset + FLAGS]!;
    if ((flags & HAS_ACCOUNT) === 0) {
      const message = `change ${position} of a batch empties its leaf`;
      throw new RollupError('OUT_OF_RANGE', message, { name: 'flags', actual: flags, expected: HAS_ACCOUNT });
    }
    const row = position * ACCOUNT_ROW_BYTES;
    rows.set(bytes.subarray(offset, offset + FLAGS), row);
    rows.set(bytes.subarray(offset + AFTER, offset + CHANGE_BYTES), row + FLAGS);
  }
  return rows;
}

function accountAt(view: DataView, offset: number, exists: boolean): Account | undefined {
  if (!exists) {
    requireZeros(view, offset, ACCOUNT_BYTES);
    return undefined;
  }
  const account = readAccount(view, offset);
  requireFieldElement('keyY', account.keyY);
  return account;
}

function requireNext(index: number, last: number): number {
  requireBits('index', index, LEAF_BITS);
  if (index > last) return index;
  const message = `leaf ${index} stands behind leaf ${last}, changes have ascending indices`;
  throw new RollupError('OUT_OF_RANGE', message, { name: 'index', actual: index, expected: `> ${last}` });
}

function requireZeros(view: DataView, offset: number, count: number): void {
  for (let at = offset; at < offset + count; at += 1) {
    const actual = view.getUint8(at);
    if (actual === 0) continue;
    const message = `byte ${at} of changes is ${actual}, expected 0`;
    throw new RollupError('OUT_OF_RANGE', message, { name: 'changes', byte: at, actual, expected: 0 });
  }
}
