/** The chunks of sealed batches. */

import { FIELD_BYTES, fromBytes, toBytes } from './bytes.ts';
import type { Database } from './database.ts';
import { createTable, type Stored, type TableShape } from './table.ts';

/** One chunk of a batch. */
export interface ChunkRow {
  readonly batch: number;
  /** 0 to K − 1. */
  readonly index: number;
  /** Its blocks, as the calldata form has them. */
  readonly data: Uint8Array;
  /** Its visible list. */
  readonly visible: Uint8Array;
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  readonly commitment: bigint;
  /** The four fee tokens, packed in 132 bits. */
  readonly feeTokens: bigint;
}

/** Access to chunks. */
export interface ChunkRepository {
  insert(chunk: ChunkRow): void;
  ofBatch(batch: number): ChunkRow[];
}

interface Row {
  readonly batch: number;
  readonly position: number;
  readonly data: Buffer;
  readonly visible: Buffer;
  readonly old_root: Buffer;
  readonly new_root: Buffer;
  readonly commitment: Buffer;
  readonly fee_tokens: string;
}

export const CHUNKS: TableShape<Row> = {
  name: 'chunks',
  columns: ['batch', 'position', 'data', 'old_root', 'new_root', 'commitment', 'fee_tokens', 'visible'],
  key: ['batch', 'position'],
};

const fromRow = (row: Row): ChunkRow => ({
  batch: row.batch,
  index: row.position,
  data: new Uint8Array(row.data),
  visible: new Uint8Array(row.visible),
  oldRoot: fromBytes(row.old_root),
  newRoot: fromBytes(row.new_root),
  commitment: fromBytes(row.commitment),
  feeTokens: BigInt(row.fee_tokens),
});

/** The chunks in `database`. */
export function createChunkRepository(database: Database): ChunkRepository {
  const table = createTable(database, CHUNKS);
  const select = database.prepare<[number], Stored<Row>>('SELECT * FROM chunks WHERE batch = ? ORDER BY position');
  return {
    insert({ batch, index, data, visible, oldRoot, newRoot, commitment, feeTokens }) {
      table.insert({
        batch,
        position: index,
        data: Buffer.from(data),
        visible: Buffer.from(visible),
        old_root: toBytes(oldRoot, FIELD_BYTES),
        new_root: toBytes(newRoot, FIELD_BYTES),
        commitment: toBytes(commitment, FIELD_BYTES),
        fee_tokens: feeTokens.toString(),
      });
    },
    ofBatch: (batch) => select.all(batch).map((row) => fromRow(table.checked(row))),
  };
}
