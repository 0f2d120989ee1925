/** Where on L1 the priority operations of the log were requested. */

import { type Database, LIMIT } from './database.ts';
import { createTable, type Stored, type TableShape } from './table.ts';

/** The L1 side of a priority operation. The block changes when a reorg moves the request. */
export interface PriorityRow {
  readonly queueIndex: number;
  readonly sequence: number;
  /** Kind of its record: deposit or forcedExit. */
  readonly kind: number;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  /** Unix seconds: due then, or later behind others that are pending. */
  readonly deadline: number;
}

/** Access to priority operations. */
export interface PriorityRepository {
  insert(row: PriorityRow): void;
  get(queueIndex: number): PriorityRow | undefined;
  /** How many are in the log: also the queue index of the next. */
  count(): number;
  /** How many of them are of this kind. */
  countOfKind(kind: number): number;
  /** Those with an index ≥ first, in queue order, at most `limit`. */
  from(first: number, limit: number): PriorityRow[];
  /** Deletes those with an index ≥ first: L1 took them back. */
  removeFrom(first: number): void;
  /** Notes where it was requested now, after a reorg. */
  move(queueIndex: number, place: Omit<PriorityRow, 'queueIndex' | 'sequence' | 'kind'>): void;
}

interface Row {
  readonly queue_index: number;
  readonly sequence: number;
  readonly kind: number;
  readonly l1_block_number: number;
  readonly l1_block_hash: string;
  readonly l1_transaction: string;
  readonly deadline: number;
}

export const PRIORITY: TableShape<Row> = {
  name: 'priority',
  columns: ['queue_index', 'sequence', 'kind', 'l1_block_number', 'l1_block_hash', 'l1_transaction', 'deadline'],
  key: ['queue_index'],
};

const toRow = (row: PriorityRow): Row => ({
  queue_index: row.queueIndex,
  sequence: row.sequence,
  kind: row.kind,
  l1_block_number: row.blockNumber,
  l1_block_hash: row.blockHash,
  l1_transaction: row.transactionHash,
  deadline: row.deadline,
});

const fromRow = (row: Row): PriorityRow => ({
  queueIndex: row.queue_index,
  sequence: row.sequence,
  kind: row.kind,
  blockNumber: row.l1_block_number,
  blockHash: row.l1_block_hash,
  transactionHash: row.l1_transaction,
  deadline: row.deadline,
});

/** The priority operations in `database`. */
export function createPriorityRepository(database: Database): PriorityRepository {
  const table = createTable(database, PRIORITY);
  const select = database.prepare<[number, number], Stored<Row>>(
    `SELECT * FROM priority WHERE queue_index >= ? ORDER BY queue_index ${LIMIT}`,
  );
  const selectOne = database.prepare<[number], Stored<Row>>('SELECT * FROM priority WHERE queue_index = ?');
  const count = database.prepare<[], { next: number }>(
    'SELECT COALESCE(MAX(queue_index) + 1, 0) AS next FROM priority',
  );
  const countKind = database.prepare<[number], { total: number }>(
    'SELECT COUNT(*) AS total FROM priority WHERE kind = ?',
  );
  const remove = database.prepare<[number]>('DELETE FROM priority WHERE queue_index >= ?');
  const from = (first: number, limit: number): PriorityRow[] =>
    select.all(first, limit).map((row) => fromRow(table.checked(row)));
  const get = (queueIndex: number): PriorityRow | undefined => {
    const row = selectOne.get(queueIndex);
    return row && fromRow(table.checked(row));
  };
  return {
    insert: (row) => table.insert(toRow(row)),
    get,
    count: () => count.get()!.next,
    countOfKind: (kind) => countKind.get(kind)!.total,
    from,
    removeFrom: (first) => void remove.run(first),
    move(queueIndex, { blockNumber, blockHash, transactionHash, deadline }) {
      const row = get(queueIndex);
      if (row !== undefined) table.update(toRow({ ...row, blockNumber, blockHash, transactionHash, deadline }));
    },
  };
}
