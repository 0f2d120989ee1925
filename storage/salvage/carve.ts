/**
 * Reads rows of the log out of bare pages, without what leads to them: a page whose parents are damaged still holds its
 * rows (https://sqlite.org/fileformat2.html#b_tree_pages). Whether a row is true is for the hash chain to say.
 */

import type { LogRow } from '../log-codec.ts';

const LEAF_OF_TABLE = 0x0d;
const COLUMN_COUNT = 6;
/** Lengths, number and types of a row: its values are behind. */
const HEAD_BYTES = 24;

interface Varint {
  readonly value: number;
  readonly next: number;
}

/** Up to eight bytes of seven bits; what a damaged page says may be anything. */
function readVarint(page: Buffer, offset: number): Varint {
  let value = 0;
  for (let next = offset; next < offset + 8; next++) {
    const byte = page.readUInt8(next);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: next + 1 };
  }
  throw new RangeError('a number is too long');
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8] as const;

function readValue(page: Buffer, offset: number, serialType: number): { value: number | Buffer | null; next: number } {
  if (serialType === 0) return { value: null, next: offset };
  if (serialType === 8 || serialType === 9) return { value: serialType - 8, next: offset };
  const integerBytes = INTEGER_BYTES[serialType];
  if (integerBytes !== undefined) {
    const next = offset + integerBytes;
    const value = integerBytes === 8 ? Number(page.readBigInt64BE(offset)) : page.readIntBE(offset, integerBytes);
    return { value, next };
  }
  const length = (serialType - 12) / 2;
  if (!Number.isInteger(length) || length < 0) throw new RangeError('no blob');
  return { value: Buffer.from(page.subarray(offset, offset + length)), next: offset + length };
}

/** The row in a cell. @throws RangeError when there is none. */
function readCell(page: Buffer, offset: number): LogRow | undefined {
  const payload = readVarint(page, offset);
  const sequence = readVarint(page, payload.next);
  const end = sequence.next + payload.value;
  if (end > page.length) return undefined; // goes on in another page: no row of ours is that long
  let header = readVarint(page, sequence.next);
  let body = sequence.next + header.value;
  const values: (number | Buffer | null)[] = [];
  for (let column = 0; column < COLUMN_COUNT; column++) {
    header = readVarint(page, header.next);
    const { value, next } = readValue(page, body, header.value);
    values.push(value);
    body = next;
  }
  const [, type, id, content, received_ms, chain] = values;
  const isRow =
    body === end &&
    typeof type === 'number' &&
    typeof received_ms === 'number' &&
    received_ms >= 0 &&
    (id === null || (Buffer.isBuffer(id) && id.length === 32)) &&
    Buffer.isBuffer(content) &&
    Buffer.isBuffer(chain) &&
    chain.length === 32;
  if (!isRow) return undefined;
  return { sequence: sequence.value, type: type & 0xff, id: id as Buffer | null, payload: content, received_ms, chain };
}

/** The row in a cell; undefined when there is none. */
function tryCell(page: Buffer, offset: number): LogRow | undefined {
  try {
    return readCell(page, offset);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // reading beyond the page
    throw error;
  }
}

/** What a damaged cell may have been: rows that are there after one bit of its offset, or of its head, is flipped back. */
function mendCell(page: Buffer, offset: number): LogRow[] {
  const rows: (LogRow | undefined)[] = [];
  for (let bit = 0; bit < 16; bit++) rows.push(tryCell(page, offset ^ (1 << bit)));
  for (let at = offset; at < Math.min(offset + HEAD_BYTES, page.length); at++) {
    for (let bit = 0; bit < 8; bit++) {
      page[at] = page[at]! ^ (1 << bit);
      rows.push(tryCell(page, offset));
      page[at] = page[at]! ^ (1 << bit);
    }
  }
  return rows.filter((row) => row !== undefined);
}

/** The entries of a page follow on each other: each row also with the number that its neighbor there gives it. */
function renumbered(rows: readonly (LogRow | undefined)[]): LogRow[] {
  const asNext = (row: LogRow | undefined, neighbor: LogRow | undefined, step: 1 | -1): LogRow[] =>
    row === undefined || neighbor === undefined || row.sequence === neighbor.sequence + step
      ? []
      : [{ ...row, sequence: neighbor.sequence + step }];
  return rows.flatMap((row, index) => [...asNext(row, rows[index - 1], 1), ...asNext(row, rows[index + 1], -1)]);
}

/** What looks like rows of the log in a page, and what may have been some before one bit of it was flipped. */
export function carveRows(page: Buffer, pageNumber: number): LogRow[] {
  const start = pageNumber === 1 ? 100 : 0;
  const strange = page[start]! ^ LEAF_OF_TABLE;
  if ((strange & (strange - 1)) !== 0) return []; // not even with one bit flipped back
  const count = Math.min(page.readUInt16BE(start + 3), (page.length - start - 8) >> 1);
  const offsets = Array.from({ length: count }, (_, cell) => page.readUInt16BE(start + 8 + 2 * cell));
  const rows = offsets.map((offset) => tryCell(page, offset));
  const found = rows.filter((row) => row !== undefined);
  if (found.length === 0) return []; // of another table
  const mended = offsets.flatMap((offset, cell) => (rows[cell] === undefined ? mendCell(page, offset) : []));
  return [...found, ...renumbered(rows), ...mended];
}
