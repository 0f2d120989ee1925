/** Accounts packed as rows of 80 bytes by ascending index, as `ExecutionState.rows` gives them (@quittance/protocol). */

import { ACCOUNT_ROW_BYTES, type Account, readAccount, viewOf } from '@quittance/protocol';

/** Index of the account at `offset`. */
export function leafAt(rows: Uint8Array, offset: number): number {
  return ((rows[offset]! << 24) | (rows[offset + 1]! << 16) | (rows[offset + 2]! << 8) | rows[offset + 3]!) >>> 0;
}

/** Each row with its index. */
export function* rowsIn(rows: Uint8Array): Generator<readonly [leaf: number, row: Uint8Array]> {
  for (let offset = 0; offset < rows.length; offset += ACCOUNT_ROW_BYTES) {
    yield [leafAt(rows, offset), rows.subarray(offset, offset + ACCOUNT_ROW_BYTES)];
  }
}

/** The account of a row. */
export function accountOf(row: Uint8Array): Account {
  return readAccount(viewOf(row), 4);
}

/** The row of `leaf`, if there is one. */
export function findRow(rows: Uint8Array, leaf: number): Uint8Array | undefined {
  let [low, high] = [0, rows.length / ACCOUNT_ROW_BYTES - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = leafAt(rows, middle * ACCOUNT_ROW_BYTES);
    if (found === leaf) return rows.subarray(middle * ACCOUNT_ROW_BYTES, (middle + 1) * ACCOUNT_ROW_BYTES);
    if (found < leaf) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** Rows by ascending index, one behind the other. */
export function joinRows(rows: Iterable<readonly [leaf: number, row: Uint8Array]>): Uint8Array {
  const sorted = [...rows].sort(([one], [other]) => one - other);
  const joined = new Uint8Array(sorted.length * ACCOUNT_ROW_BYTES);
  for (const [position, [, row]] of sorted.entries()) joined.set(row, position * ACCOUNT_ROW_BYTES);
  return joined;
}

/** The rows of both; of two of one leaf that of `over`. */
export function overlayRows(base: Uint8Array, over: Iterable<readonly [leaf: number, row: Uint8Array]>): Uint8Array {
  return joinRows(new Map([...rowsIn(base), ...over]));
}
