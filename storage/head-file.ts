/**
 * A witness of the last commit outside SQLite. In WAL mode a flipped bit can make SQLite drop the last committed
 * transactions and still report that the database is well; then this file knows a later head of the log, or of more
 * commits, than the database.
 *
 * Two slots of 96 bytes, written in turn, so that a torn write leaves the other one: sequence (8), chain (32), number of
 * commits (8), sha256 of these (32), zeros. One that was written before commits were counted lacks their number.
 */

import { createHash } from 'node:crypto';
import { closeSync, existsSync, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';

/** Where the log stood. */
export interface LogHead {
  /** 0 when the log is empty. */
  readonly sequence: number;
  /** 32 bytes. */
  readonly chain: Buffer;
}

/** What the witness knows. */
export interface Witness extends LogHead {
  /** Commits so far. */
  readonly commits: number;
}

/** The witness file, to be written. */
export interface HeadFile {
  /** Durable when it returns. */
  write(witness: Witness): void;
  close(): void;
}

const SLOT_BYTES = 96;
const BODY_BYTES = 48;
const UNCOUNTED_BODY_BYTES = 40;

function encodeSlot({ sequence, chain, commits }: Witness): Buffer {
  const slot = Buffer.alloc(SLOT_BYTES);
  slot.writeBigUInt64BE(BigInt(sequence), 0);
  chain.copy(slot, 8);
  slot.writeBigUInt64BE(BigInt(commits), UNCOUNTED_BODY_BYTES);
  createHash('sha256').update(slot.subarray(0, BODY_BYTES)).digest().copy(slot, BODY_BYTES);
  return slot;
}

function hasChecksum(slot: Buffer, bodyBytes: number): boolean {
  const checksum = slot.subarray(bodyBytes, bodyBytes + 32);
  return createHash('sha256').update(slot.subarray(0, bodyBytes)).digest().equals(checksum);
}

function decodeSlot(slot: Buffer): Witness | undefined {
  const isCounted = hasChecksum(slot, BODY_BYTES);
  if (!isCounted && !hasChecksum(slot, UNCOUNTED_BODY_BYTES)) return undefined;
  return {
    sequence: Number(slot.readBigUInt64BE(0)),
    chain: Buffer.from(slot.subarray(8, UNCOUNTED_BODY_BYTES)),
    commits: isCounted ? Number(slot.readBigUInt64BE(UNCOUNTED_BODY_BYTES)) : 0,
  };
}

function readSlots(descriptor: number): (Witness | undefined)[] {
  return [0, 1].map((position) => {
    const slot = Buffer.alloc(SLOT_BYTES);
    const byteCount = readSync(descriptor, slot, 0, SLOT_BYTES, position * SLOT_BYTES);
    return byteCount === SLOT_BYTES ? decodeSlot(slot) : undefined;
  });
}

const isLater = (one: Witness, other: Witness): boolean =>
  one.sequence > other.sequence || (one.sequence === other.sequence && one.commits > other.commits);

const latestOf = ([first, second]: (Witness | undefined)[]): 0 | 1 =>
  first === undefined || (second !== undefined && isLater(second, first)) ? 1 : 0;

/** The latest witness that was written completely; undefined when there is none. Changes nothing. */
export function readHeadFile(path: string): Witness | undefined {
  if (!existsSync(path)) return undefined;
  const descriptor = openSync(path, 'r');
  try {
    const slots = readSlots(descriptor);
    return slots[latestOf(slots)];
  } finally {
    closeSync(descriptor);
  }
}

/** Opens or creates the witness file. */
export function openHeadFile(path: string): HeadFile {
  const descriptor = openSync(path, existsSync(path) ? 'r+' : 'w+', 0o600);
  let latest = latestOf(readSlots(descriptor));
  return {
    write(witness) {
      latest = latest === 0 ? 1 : 0;
      writeSync(descriptor, encodeSlot(witness), 0, SLOT_BYTES, latest * SLOT_BYTES);
      fdatasyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}
