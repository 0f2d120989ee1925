/** The chunks of sealed batches. */

import { FIELD_BYTES, fromBytes, toBytes } from './bytes.ts';
import type { Database } from './database.ts';
import { decodePlaces, encodePlaces, type Place } from './places.ts';
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
  /** The operations of the log in its slots, those behind the last one left out. */
  readonly places: readonly (Place | undefined)[];
  /**
   * The lowest sequence of its transfers, and of its priority operations. Each kind stands in the order of the log, chunk
   * after chunk and batch after batch, so both grow; undefined when it has none.
   */
  readonly firstTransfer: number | undefined;
  readonly firstPriority: number | undefined;
}

/** Access to chunks. */
export interface ChunkRepository {
  insert(chunk: ChunkRow): void;
  ofBatch(batch: number): ChunkRow[];
  countOf(batch: number): number;
}

export interface StoredChunk {
  readonly batch: number;
  readonly position: number;
  readonly data: Buffer;
  readonly visible: Buffer;
  readonly old_root: Buffer;
  readonly new_root: Buffer;
  readonly commitment: Buffer;
  readonly fee_tokens: string;
  readonly places: Buffer;
  readonly first_transfer: number | null;
  readonly first_priority: number | null;
}

export const CHUNKS: TableShape<StoredChunk> = {
  name: 'chunks',
  columns: [
    ...(['batch', 'position', 'data', 'old_root', 'new_root', 'commitment', 'fee_tokens', 'visible'] as const),
    ...(['places', 'first_transfer', 'first_priority'] as const),
  ],
  key: ['batch', 'position'],
};

const fromRow = (row: StoredChunk): ChunkRow => ({
  batch: row.batch,
  index: row.position,
  data: new Uint8Array(row.data),
  visible: new Uint8Array(row.visible),
  oldRoot: fromBytes(row.old_root),
  newRoot: fromBytes(row.new_root),
  commitment: fromBytes(row.commitment),
  feeTokens: BigInt(row.fee_tokens),
  places: decodePlaces(row.places),
  firstTransfer: row.first_transfer ?? undefined,
  firstPriority: row.first_priority ?? undefined,
});

/** The chunks in `database`. */
export function createChunkRepository(database: Database): ChunkRepository {
  const table = createTable(database, CHUNKS);
  const select = database.prepare<[number], Stored<StoredChunk>>(
    'SELECT * FROM chunks WHERE batch = ? ORDER BY position',
  );
  const count = database.prepare<[number], { total: number }>('SELECT COUNT(*) AS total FROM chunks WHERE batch = ?');
  return {
    countOf: (batch) => count.get(batch)!.total,
    insert({ batch, index, data, visible, oldRoot, newRoot, commitment, feeTokens, ...outcomes }) {
      table.insert({
        batch,
        position: index,
        data: Buffer.from(data),
        visible: Buffer.from(visible),
        old_root: toBytes(oldRoot, FIELD_BYTES),
        new_root: toBytes(newRoot, FIELD_BYTES),
        commitment: toBytes(commitment, FIELD_BYTES),
        fee_tokens: feeTokens.toString(),
        places: encodePlaces(outcomes.places),
        first_transfer: outcomes.firstTransfer ?? null,
        first_priority: outcomes.firstPriority ?? null,
      });
    },
    ofBatch: (batch) => select.all(batch).map((row) => fromRow(table.checked(row))),
  };
}
