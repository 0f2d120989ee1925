/** The records of a batch from its calldata, decoded from docs/protocol.md (Chunk, Data, Step) and by nothing of ours. */

/** A record with its words. */
export interface SimRecord {
  /** 124 bits. */
  readonly record: bigint;
  /** Three for kinds 2 to 5 and 7, else none. */
  readonly words: readonly bigint[];
}

const BLOCK_BYTES = 31;
const ENTRY_BYTES = 112;
const MASK = 2n ** 124n - 1n;

const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);

export const kindOf = ({ record }: Pick<SimRecord, 'record'>): number => Number(record >> 120n);
export const fromOf = ({ record }: Pick<SimRecord, 'record'>): number => Number((record >> 88n) & 0xffff_ffffn);

/** Kinds whose records have words. */
const hasWords = (kind: number): boolean => [2, 3, 4, 5, 7].includes(kind);
export const isSigned = (kind: number): boolean => [1, 2, 3, 7].includes(kind);

/** The entries of a visible list. */
export function entriesOf(visible: Uint8Array): SimRecord[] {
  return Array.from({ length: visible.length / ENTRY_BYTES }, (_, entry) => {
    const bytes = visible.subarray(entry * ENTRY_BYTES, (entry + 1) * ENTRY_BYTES);
    const words = [0, 1, 2].map((word) => number(bytes.subarray(16 + 32 * word, 48 + 32 * word)));
    return { record: number(bytes.subarray(0, 16)) & MASK, words };
  });
}

/** The records of a chunk; a visible one that the list does not have has no words. */
export function recordsIn(data: Uint8Array, visible: Uint8Array): SimRecord[] {
  const entries = entriesOf(visible);
  let seen = 0;
  const records: SimRecord[] = [];
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    const block = number(data.subarray(at, at + BLOCK_BYTES));
    for (const record of [block >> 124n, block & MASK]) {
      const entry = hasWords(kindOf({ record })) ? entries[seen++] : undefined;
      records.push({ record, words: entry?.record === record ? entry.words : [] });
    }
  }
  return records;
}

/** Four ids from the low 132 bits. */
export function feeTokensIn(packed: bigint): bigint[] {
  return [0n, 33n, 66n, 99n].map((shift) => (packed >> shift) & (2n ** 33n - 1n));
}
