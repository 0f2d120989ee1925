/**
 * A witness of the log's head outside SQLite. In WAL mode a flipped bit can make SQLite drop the last committed
 * transactions and still report that the database is well; then this file knows a later head than the log.
 *
 * Two slots of 96 bytes, written in turn, so that a torn write leaves the other one: sequence (8), chain (32),
 * sha256 of both (32), zeros.
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

/** The witness file, to be written. */
export interface HeadFile {
  /** Durable when it returns. */
  write(head: LogHead): void;
  close(): void;
}

const SLOT_BYTES = 96;
const BODY_BYTES = 40;

function encodeSlot({ sequence, chain }: LogHead): Buffer {
  const slot = Buffer.alloc(SLOT_BYTES);
  slot.writeBigUInt64BE(BigInt(sequence), 0);
  chain.copy(slot, 8);
  createHash('sha256').update(slot.subarray(0, BODY_BYTES)).digest().copy(slot, BODY_BYTES);
  return slot;
}

function decodeSlot(slot: Buffer): LogHead | undefined {
  const body = slot.subarray(0, BODY_BYTES);
  const checksum = slot.subarray(BODY_BYTES, BODY_BYTES + 32);
  if (!createHash('sha256').update(body).digest().equals(checksum)) return undefined;
  return { sequence: Number(body.readBigUInt64BE(0)), chain: Buffer.from(body.subarray(8)) };
}

function readSlots(descriptor: number): (LogHead | undefined)[] {
  return [0, 1].map((position) => {
    const slot = Buffer.alloc(SLOT_BYTES);
    const byteCount = readSync(descriptor, slot, 0, SLOT_BYTES, position * SLOT_BYTES);
    return byteCount === SLOT_BYTES ? decodeSlot(slot) : undefined;
  });
}

const latestOf = ([first, second]: (LogHead | undefined)[]): 0 | 1 =>
  (first?.sequence ?? -1) >= (second?.sequence ?? -1) ? 0 : 1;

/** The latest head that was written completely; undefined when there is none. Changes nothing. */
export function readHeadFile(path: string): LogHead | undefined {
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
    write(head) {
      latest = latest === 0 ? 1 : 0;
      writeSync(descriptor, encodeSlot(head), 0, SLOT_BYTES, latest * SLOT_BYTES);
      fdatasyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}
