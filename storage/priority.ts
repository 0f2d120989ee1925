/** Where on L1 the priority operations of the log were requested. */

import type { Database } from './database.ts';

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
  move(queueIndex: number, blockNumber: number, blockHash: string, transactionHash: string): void;
}

const COLUMNS = `queue_index AS queueIndex, sequence, kind, l1_block_number AS blockNumber, l1_block_hash AS blockHash,
  l1_transaction AS transactionHash, deadline`;

/** The priority operations in `database`. */
export function createPriorityRepository(database: Database): PriorityRepository {
  const insert = database.prepare(
    `INSERT INTO priority (queue_index, sequence, kind, l1_block_number, l1_block_hash, l1_transaction, deadline)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = database.prepare<[number, number], PriorityRow>(
    `SELECT ${COLUMNS} FROM priority WHERE queue_index >= ? ORDER BY queue_index LIMIT ?`,
  );
  const count = database.prepare<[], { next: number }>(
    'SELECT COALESCE(MAX(queue_index) + 1, 0) AS next FROM priority',
  );
  const countKind = database.prepare<[number], { total: number }>(
    'SELECT COUNT(*) AS total FROM priority WHERE kind = ?',
  );
  const move = database.prepare(
    'UPDATE priority SET l1_block_number = ?, l1_block_hash = ?, l1_transaction = ? WHERE queue_index = ?',
  );
  return {
    insert(row) {
      const { queueIndex, sequence, kind, blockNumber, blockHash, transactionHash, deadline } = row;
      insert.run(queueIndex, sequence, kind, blockNumber, blockHash, transactionHash, deadline);
    },
    get(queueIndex) {
      const row = select.get(queueIndex, 1);
      return row?.queueIndex === queueIndex ? row : undefined;
    },
    count: () => count.get()!.next,
    countOfKind: (kind) => countKind.get(kind)!.total,
    from: (first, limit) => select.all(first, limit),
    move: (queueIndex, blockNumber, blockHash, transactionHash) =>
      void move.run(blockNumber, blockHash, transactionHash, queueIndex),
  };
}
