/**
 * Bodies of calls in a file, made before the clock runs, and the ids of the transfers in them.
 *
 * `<name>.calls`: for each call the length of its body and the number of its transfers (4 little-endian bytes each), then the
 * body. `<name>.ids`: 32 big-endian bytes for each transfer, in their order.
 */

import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** One call of a file. */
export interface PreparedCall {
  readonly body: Buffer;
  readonly transfers: number;
}

const HEAD_BYTES = 8;
const ID_BYTES = 32;
/** What is read at once. */
const PAGE_BYTES = 1 << 20;

/** Writes the calls of one connection. */
export interface CallsWriter {
  write(body: Buffer, ids: readonly bigint[]): void;
  close(): void;
}

/** Creates both files of `name`, or replaces them. */
export function writeCalls(name: string): CallsWriter {
  const [calls, idFile] = [openSync(`${name}.calls`, 'w'), openSync(`${name}.ids`, 'w')];
  return {
    write(body, ids) {
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt32LE(body.length, 0);
      head.writeUInt32LE(ids.length, 4);
      writeSync(calls, Buffer.concat([head, body]));
      writeSync(idFile, Buffer.concat(ids.map(idBytes)));
    },
    close() {
      closeSync(calls);
      closeSync(idFile);
    },
  };
}

function idBytes(id: bigint): Buffer {
  return Buffer.from(id.toString(16).padStart(2 * ID_BYTES, '0'), 'hex');
}

/** The calls of `name`, in order, read a page at a time. */
export function* readCalls(name: string): Generator<PreparedCall> {
  const file = openSync(`${name}.calls`, 'r');
  let buffered: Buffer = Buffer.alloc(0);
  /** Whether `count` bytes are there. */
  const have = (count: number): boolean => {
    while (buffered.length < count) {
      const page = Buffer.allocUnsafe(Math.max(PAGE_BYTES, count - buffered.length));
      const read = readSync(file, page, 0, page.length, null);
      if (read === 0) return false;
      buffered = Buffer.concat([buffered, page.subarray(0, read)]);
    }
    return true;
  };
  try {
    while (have(HEAD_BYTES)) {
      const [length, transfers] = [buffered.readUInt32LE(0), buffered.readUInt32LE(4)];
      if (!have(HEAD_BYTES + length)) throw new Error(`${name}.calls is torn`);
      const body = buffered.subarray(HEAD_BYTES, HEAD_BYTES + length);
      buffered = buffered.subarray(HEAD_BYTES + length);
      yield { body, transfers };
    }
  } finally {
    closeSync(file);
  }
}

/** The ids of `name`, in order, read a page at a time. */
export function* readIds(name: string): Generator<bigint> {
  const file = openSync(`${name}.ids`, 'r');
  const page = Buffer.alloc(PAGE_BYTES);
  try {
    for (let read = readSync(file, page); read > 0; read = readSync(file, page)) {
      if (read % ID_BYTES !== 0) throw new Error(`${name}.ids is torn`);
      for (let at = 0; at < read; at += ID_BYTES) yield BigInt(`0x${page.toString('hex', at, at + ID_BYTES)}`);
    }
  } finally {
    closeSync(file);
  }
}
