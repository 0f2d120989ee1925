/**
 * Finds the one flipped bit of a row by its checksum. That another bit than the flipped one gives the same checksum of 32
 * bits happens once in millions of rows, once in some fifty thousand for the data of a large chunk. What a mended row
 * claims is compared with the rest all the same: counts, headers, and the root when a start executes it again.
 */

import { rowChecksum } from '../checksum.ts';
import { isRowIntact, type Stored, type TableShape } from '../table.ts';

type Value = number | string | Buffer | null;

/** Bits of an integer that can be flipped: more do not fit a number. */
const INTEGER_BITS = 48;

function isPowerOfTwo(value: number): boolean {
  const bits = value >>> 0;
  return bits !== 0 && (bits & (bits - 1)) === 0;
}

/** The value with each of its bits flipped. */
function* flipped(value: Value): Generator<Value> {
  if (value === null) return;
  if (typeof value === 'number') {
    for (let bit = 0; bit < INTEGER_BITS; bit++) yield Number(BigInt(value) ^ (1n << BigInt(bit)));
    return;
  }
  const bytes = Buffer.from(value as Buffer);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const at = bit >> 3;
    bytes[at] = bytes[at]! ^ (1 << (bit & 7));
    yield typeof value === 'string' ? bytes.toString('utf8') : bytes;
    bytes[at] = bytes[at]! ^ (1 << (bit & 7));
  }
}

/** The row as it was written, if one bit of it was flipped. */
export function mendRow<Row extends object>(shape: TableShape<Row>, row: Stored<Row>): Stored<Row> | undefined {
  const checksum = rowChecksum(
    shape.name,
    shape.columns.map((column) => row[column]),
  );
  if (isPowerOfTwo(checksum ^ row.checksum)) return { ...row, checksum };
  for (const column of shape.columns) {
    for (const value of flipped(row[column] as Value)) {
      const candidate = { ...row, [column]: value };
      if (isRowIntact(shape, candidate)) {
        return { ...row, [column]: Buffer.isBuffer(value) ? Buffer.from(value) : value };
      }
    }
  }
  return undefined;
}
