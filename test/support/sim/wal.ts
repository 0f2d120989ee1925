/** Where SQLite's -wal ends. Source: https://sqlite.org/fileformat2.html, The Write-Ahead Log. */

import { closeSync, existsSync, openSync, readSync, writeSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** In the header: page size, and the salts, which each frame of its generation repeats. */
const PAGE_SIZE_AT = 8;
const SALTS_AT = 16;
const SALTS_BYTES = 8;
const FRAME_SALTS_AT = 8;

/** The end of a -wal. What stands behind it is of an earlier generation, which a checkpoint has made superfluous. */
export interface WalEnd {
  /** Another one with each generation; empty when there is no -wal. */
  readonly header: Buffer;
  /** Bytes up to the end of the last frame. */
  readonly bytes: number;
}

const NO_WAL: WalEnd = { header: Buffer.alloc(0), bytes: 0 };

function findEnd(file: number, known: WalEnd): WalEnd {
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return NO_WAL;
  const frame = Buffer.alloc(FRAME_HEADER_BYTES);
  const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(PAGE_SIZE_AT);
  const isOfHeader = (at: number): boolean =>
    readSync(file, frame, 0, FRAME_HEADER_BYTES, at) === FRAME_HEADER_BYTES &&
    frame.compare(header, SALTS_AT, SALTS_AT + SALTS_BYTES, FRAME_SALTS_AT, FRAME_SALTS_AT + SALTS_BYTES) === 0;
  let bytes = known.header.equals(header) ? known.bytes : HEADER_BYTES;
  while (isOfHeader(bytes)) bytes += frameBytes;
  return { header, bytes };
}

/** @param known where it ended before, from which on it is read. */
export function readWalEnd(path: string, known: WalEnd = NO_WAL): WalEnd {
  if (!existsSync(path)) return NO_WAL;
  const file = openSync(path, 'r');
  try {
    return findEnd(file, known);
  } finally {
    closeSync(file);
  }
}

/** Nothing was written from byte `from` to byte `to`: no frame is valid with zeros, nor with what an earlier generation left. */
export function zeroWal(path: string, from: number, to: number): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, Buffer.alloc(to - from), 0, to - from, from);
  } finally {
    closeSync(file);
  }
}
