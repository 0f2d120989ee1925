/**
 * Segments and their bytes. A body is canonical: one list of rows has one body, and other bytes are refused.
 *
 *     body = version (1) ‖ count (4) ‖ count × (type (1) ‖ received (8) ‖ id length (1) ‖ payload length (4) ‖ id ‖ payload)
 *
 * Integers are big-endian. Sequences follow from `first`; chains are recomputed from `previous`, never believed.
 */

import { RollupError } from '@quittance/protocol';
import { FIELD_BYTES } from '../bytes.ts';
import type { LogHead } from '../head-file.ts';
import { nextChain } from '../log-codec.ts';
import { journalDamaged } from './errors.ts';
import { type JournalRow, MAX_SEGMENT_BYTES, MAX_SEGMENT_ENTRIES, type Segment } from './types.ts';

const BODY_VERSION = 1;
const PREFIX_BYTES = 5;
const ROW_HEAD_BYTES = 14;

/** A segment as it is stored. */
export interface StoredSegment {
  readonly first: number;
  readonly last: number;
  readonly previous: Buffer;
  readonly chain: Buffer;
  readonly epoch: number;
  readonly body: Buffer;
}

/** The bytes that a row takes in a body. */
function rowBytes(row: JournalRow): number {
  return ROW_HEAD_BYTES + (row.id?.length ?? 0) + row.payload.length;
}

/**
 * The segment of `rows` behind `after`.
 *
 * @throws RollupError OUT_OF_RANGE when there are no rows, too many or too long ones, or their sequences have a gap.
 */
export function segmentOf(after: LogHead, rows: readonly JournalRow[], epoch: number): Segment {
  const byteCount = rows.reduce((sum, row) => sum + rowBytes(row), PREFIX_BYTES);
  if (rows.length < 1 || rows.length > MAX_SEGMENT_ENTRIES || byteCount > MAX_SEGMENT_BYTES) {
    const limits = `1 to ${MAX_SEGMENT_ENTRIES} entries in at most ${MAX_SEGMENT_BYTES} bytes`;
    const message = `a segment has ${limits}, not ${rows.length} in ${byteCount}`;
    throw new RollupError('OUT_OF_RANGE', message, { actual: rows.length });
  }
  let { chain } = after;
  for (const [index, row] of rows.entries()) {
    if (row.sequence !== after.sequence + 1 + index) {
      const message = `entry ${after.sequence + 1 + index} of the segment is missing`;
      throw new RollupError('OUT_OF_RANGE', message, { actual: row.sequence });
    }
    chain = nextChain(chain, row);
  }
  const { length } = rows;
  return { first: after.sequence + 1, last: after.sequence + length, previous: after.chain, chain, epoch, rows };
}

/** The body of rows that `segmentOf` took. */
export function encodeBody(rows: readonly JournalRow[]): Buffer {
  const body = Buffer.allocUnsafe(rows.reduce((sum, row) => sum + rowBytes(row), PREFIX_BYTES));
  body[0] = BODY_VERSION;
  body.writeUInt32BE(rows.length, 1);
  let at = PREFIX_BYTES;
  for (const { type, id, payload, received_ms } of rows) {
    body[at] = type;
    body.writeBigUInt64BE(BigInt(received_ms), at + 1);
    body[at + 9] = id?.length ?? 0;
    body.writeUInt32BE(payload.length, at + 10);
    at += ROW_HEAD_BYTES;
    if (id !== null) at += id.copy(body, at);
    at += payload.copy(body, at);
  }
  return body;
}

/** @throws RangeError naming what is wrong. */
function decodeBody(body: Buffer, first: number): JournalRow[] {
  if (body.length < PREFIX_BYTES || body.length > MAX_SEGMENT_BYTES)
    throw new RangeError(`it has ${body.length} bytes`);
  if (body[0] !== BODY_VERSION) throw new RangeError(`its version is ${body[0]}, this program knows ${BODY_VERSION}`);
  const count = body.readUInt32BE(1);
  if (count < 1 || count > MAX_SEGMENT_ENTRIES) throw new RangeError(`it has ${count} entries`);
  const rows: JournalRow[] = [];
  let at = PREFIX_BYTES;
  const take = (byteCount: number): Buffer => {
    at += byteCount;
    if (at > body.length) throw new RangeError(`it ends within entry ${first + rows.length}`);
    return body.subarray(at - byteCount, at);
  };
  while (rows.length < count) {
    const head = take(ROW_HEAD_BYTES);
    const received = head.readBigUInt64BE(1);
    const idBytes = head[9]!;
    if (idBytes !== 0 && idBytes !== FIELD_BYTES) throw new RangeError(`it has an id of ${idBytes} bytes`);
    if (received > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`it has an entry of the time ${received}`);
    const id = idBytes === 0 ? null : take(idBytes);
    const payload = take(head.readUInt32BE(10));
    rows.push({ sequence: first + rows.length, type: head[0]!, id, payload, received_ms: Number(received) });
  }
  if (at !== body.length) throw new RangeError(`${body.length - at} bytes follow its last entry`);
  return rows;
}

/**
 * The segment behind `after` as it was stored.
 *
 * @throws RollupError JOURNAL_DAMAGED when it does not follow `after`, its body cannot be read, or its chain is another.
 */
export function decodeSegment(stored: StoredSegment, after: LogHead): Segment {
  const { first, last, previous, chain, epoch, body } = stored;
  const name = `the segment of entries ${first} to ${last}`;
  if (first !== after.sequence + 1 || !previous.equals(after.chain)) {
    throw journalDamaged(`${name} does not follow entry ${after.sequence}`);
  }
  let rows: JournalRow[];
  try {
    rows = decodeBody(body, first);
  } catch (error) {
    throw journalDamaged(`${name} cannot be read: ${(error as Error).message}`, error);
  }
  const segment = segmentOf(after, rows, epoch);
  if (segment.last !== last) throw journalDamaged(`${name} holds ${rows.length} entries`);
  if (!segment.chain.equals(chain)) throw journalDamaged(`${name} is not what its chain says`);
  return segment;
}
