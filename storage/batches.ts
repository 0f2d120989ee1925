/** Sealed batches with what was posted of them. */

import { RollupError, type StoredHeader } from '@quittance/protocol';
import type { Database } from './database.ts';

/**
 * The life of a batch; a transfer that is in none is `pending`. `disputed` is posted, with a dispute of it that runs;
 * `reverted` was posted, L1 removed it, and it is to be posted again.
 */
export type BatchState = 'sealed' | 'proving' | 'posted' | 'disputed' | 'reverted' | 'final';

/** Where a batch was included on L1. */
export interface Inclusion {
  readonly transactionHash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
}

/** One sealed batch. */
export interface BatchRow {
  readonly number: number;
  /** Log entries that it was made of (those dropped and those of type seal and unseal included). */
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly state: BatchState;
  readonly header: StoredHeader;
  readonly headerHash: string;
  readonly transferCount: number;
  readonly priorityCount: number;
  readonly sealedMs: number;
  readonly inclusion: Inclusion | undefined;
  readonly postedMs: number | undefined;
  readonly finalMs: number | undefined;
}

/** Access to batches. */
export interface BatchRepository {
  insert(batch: Omit<BatchRow, 'state' | 'inclusion' | 'postedMs' | 'finalMs'>): void;
  get(number: number): BatchRow | undefined;
  last(): BatchRow | undefined;
  /** The last batch in state `final`; the last one whose data is on L1: `posted`, `disputed` or `final`. */
  lastFinal(): BatchRow | undefined;
  lastPosted(): BatchRow | undefined;
  range(first: number, last: number): BatchRow[];
  setProving(number: number): void;
  /** Its data is on L1 here. What was said against it before is forgotten. */
  setPosted(number: number, inclusion: Inclusion, nowMs: number): void;
  /** L1 does not have it any more: a reorg (`sealed`, or `proving` if proofs are made first), or it was removed. */
  setUnposted(number: number, state: 'sealed' | 'proving' | 'reverted'): void;
  /** Whether a dispute of a posted batch runs. */
  setDisputed(number: number, isDisputed: boolean): void;
  setFinal(number: number, nowMs: number): void;
  /** Notes where a final batch is now, after a reorg deeper than the confirmations. */
  move(number: number, inclusion: Inclusion): void;
  /** Deletes batches ≥ number with their chunks, placements and withdrawals. */
  removeFrom(number: number): void;
}

interface Row {
  readonly number: number;
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly state: Exclude<BatchState, 'disputed' | 'reverted'>;
  readonly contested: 'disputed' | 'reverted' | null;
  readonly header: string;
  readonly header_hash: string;
  readonly transfer_count: number;
  readonly priority_count: number;
  readonly sealed_ms: number;
  readonly l1_transaction: string | null;
  readonly l1_block_number: number | null;
  readonly l1_block_hash: string | null;
  readonly posted_ms: number | null;
  readonly final_ms: number | null;
}

function encodeHeader(header: StoredHeader): string {
  return JSON.stringify({ ...header, stateRoot: header.stateRoot.toString() });
}

function decodeHeader(text: string): StoredHeader {
  const header = JSON.parse(text) as StoredHeader & { stateRoot: string };
  return { ...header, stateRoot: BigInt(header.stateRoot) };
}

function toBatch(row: Row): BatchRow {
  const { l1_transaction, l1_block_number, l1_block_hash } = row;
  const isIncluded = l1_transaction !== null && l1_block_number !== null && l1_block_hash !== null;
  return {
    number: row.number,
    firstSequence: row.first_sequence,
    lastSequence: row.last_sequence,
    state: row.contested ?? row.state,
    header: decodeHeader(row.header),
    headerHash: row.header_hash,
    transferCount: row.transfer_count,
    priorityCount: row.priority_count,
    sealedMs: row.sealed_ms,
    inclusion: isIncluded
      ? { transactionHash: l1_transaction, blockNumber: l1_block_number, blockHash: l1_block_hash }
      : undefined,
    postedMs: row.posted_ms ?? undefined,
    finalMs: row.final_ms ?? undefined,
  };
}

/** The batches in `database`. */
export function createBatchRepository(database: Database): BatchRepository {
  const insert = database.prepare(
    `INSERT INTO batches (number, first_sequence, last_sequence, state, time, header, header_hash, transfer_count, priority_count, sealed_ms)
     VALUES (?, ?, ?, 'sealed', ?, ?, ?, ?, ?, ?)`,
  );
  const select = database.prepare<[number, number], Row>(
    'SELECT * FROM batches WHERE number BETWEEN ? AND ? ORDER BY number',
  );
  const selectLast = database.prepare<[], Row>('SELECT * FROM batches ORDER BY number DESC LIMIT 1');
  const selectLastIn = database.prepare<[string, string], Row>(
    'SELECT * FROM batches WHERE state IN (?, ?) ORDER BY number DESC LIMIT 1',
  );
  const proving = database.prepare<[number]>(
    "UPDATE batches SET state = 'proving', contested = NULL WHERE number = ? AND state = 'sealed'",
  );
  const posted = database.prepare(
    `UPDATE batches SET state = 'posted', contested = NULL, l1_transaction = ?, l1_block_number = ?, l1_block_hash = ?,
     posted_ms = ? WHERE number = ? AND state <> 'final'`,
  );
  const unposted = database.prepare(
    `UPDATE batches SET state = ?, contested = ?, l1_transaction = NULL, l1_block_number = NULL, l1_block_hash = NULL,
     posted_ms = NULL WHERE number = ? AND state <> 'final'`,
  );
  const disputed = database.prepare("UPDATE batches SET contested = ? WHERE number = ? AND state = 'posted'");
  const final = database.prepare(
    "UPDATE batches SET state = 'final', contested = NULL, final_ms = ? WHERE number = ? AND state = 'posted'",
  );
  const move = database.prepare<[string, number, string, number]>(
    'UPDATE batches SET l1_transaction = ?, l1_block_number = ?, l1_block_hash = ? WHERE number = ?',
  );
  const remove = database.prepare<[number]>("DELETE FROM batches WHERE number >= ? AND state IN ('sealed', 'proving')");
  const one = (row: Row | undefined): BatchRow | undefined => (row === undefined ? undefined : toBatch(row));
  const requireChange = (changes: number, number: number, to: string): void => {
    if (changes !== 1)
      throw new RollupError('STATE_MISMATCH', `batch ${number} cannot become ${to}`, { batch: number, to });
  };
  return {
    insert(batch) {
      const { number, firstSequence, lastSequence, header, headerHash, transferCount, priorityCount, sealedMs } = batch;
      insert.run(
        number,
        firstSequence,
        lastSequence,
        header.time,
        encodeHeader(header),
        headerHash,
        transferCount,
        priorityCount,
        sealedMs,
      );
    },
    get: (number) => one(select.get(number, number)),
    last: () => one(selectLast.get()),
    lastFinal: () => one(selectLastIn.get('final', 'final')),
    lastPosted: () => one(selectLastIn.get('posted', 'final')),
    range: (first, last) => select.all(first, last).map(toBatch),
    setProving: (number) => void proving.run(number),
    setPosted(number, { transactionHash, blockNumber, blockHash }, nowMs) {
      requireChange(posted.run(transactionHash, blockNumber, blockHash, nowMs, number).changes, number, 'posted');
    },
    setUnposted(number, state) {
      const [stored, contested] = state === 'reverted' ? ['sealed', 'reverted'] : [state, null];
      requireChange(unposted.run(stored, contested, number).changes, number, state);
    },
    setDisputed(number, isDisputed) {
      requireChange(disputed.run(isDisputed ? 'disputed' : null, number).changes, number, 'disputed');
    },
    setFinal: (number, nowMs) => requireChange(final.run(nowMs, number).changes, number, 'final'),
    move: (number, { transactionHash, blockNumber, blockHash }) =>
      void move.run(transactionHash, blockNumber, blockHash, number),
    removeFrom: (number) => void remove.run(number),
  };
}
