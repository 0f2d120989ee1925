/**
 * Reads rows of the log out of bare pages, without what leads to them: a page whose parents are damaged still holds its
 * rows (https://sqlite.org/fileformat2.html#b_tree_pages). Whether a row is true is for the hash chain to say.
 */

import type { LogRow } from '../log-codec.ts';

const LEAF_OF_TABLE = 0x0d;
const COLUMN_COUNT = 6;

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

/** What looks like rows of the log in a page. */
export function carveRows(page: Buffer, pageNumber: number): LogRow[] {
  const start = pageNumber === 1 ? 100 : 0;
  if (page[start] !== LEAF_OF_TABLE) return [];
  const rows: LogRow[] = [];
  for (let cell = 0, count = page.readUInt16BE(start + 3); cell < count; cell++) {
    try {
      const row = readCell(page, page.readUInt16BE(start + 8 + 2 * cell));
      if (row !== undefined) rows.push(row);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // reading beyond the page: a damaged cell
    }
  }
  return rows;
}
