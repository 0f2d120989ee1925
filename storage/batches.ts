/** Sealed batches with what was posted of them. */

import { type BatchForm, type Bytes32, formNumber, formOf, RollupError, type StoredHeader } from '@quittance/protocol';
import { type Database, LIMIT } from './database.ts';
import { createTable, type Stored, type Table, type TableShape } from './table.ts';

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
  /** In which form its data goes to L1: its challenge and its header say so, so it never changes. */
  readonly form: BatchForm;
  /** Versioned hashes of its blobs; none in calldata. */
  readonly blobHashes: readonly Bytes32[];
  readonly transferCount: number;
  readonly priorityCount: number;
  readonly sealedMs: number;
  readonly inclusion: Inclusion | undefined;
  /** Of the transaction that brought it to L1; undefined where another one was found there, or before it is. */
  readonly gasUsed: bigint | undefined;
  readonly postedMs: number | undefined;
  readonly finalMs: number | undefined;
}

/** Access to batches. */
export interface BatchRepository {
  insert(batch: Omit<BatchRow, 'state' | 'inclusion' | 'gasUsed' | 'postedMs' | 'finalMs'>): void;
  get(number: number): BatchRow | undefined;
  last(): BatchRow | undefined;
  /** The last batch in state `final`; the last one whose data is on L1: `posted`, `disputed` or `final`. */
  lastFinal(): BatchRow | undefined;
  lastPosted(): BatchRow | undefined;
  range(first: number, last: number): BatchRow[];
  /** Those with a lower number, the highest first, at most `limit`. */
  before(number: number, limit: number): BatchRow[];
  setProving(number: number): void;
  /** Its data is on L1 here. What was said against it before is forgotten. */
  setPosted(number: number, inclusion: Inclusion, nowMs: number, gasUsed?: bigint): void;
  /** L1 does not have it any more: a reorg (`sealed`, or `proving` if proofs are made first), or it was removed. */
  setUnposted(number: number, state: 'sealed' | 'proving' | 'reverted'): void;
  /** Whether a dispute of a posted batch runs. */
  setDisputed(number: number, isDisputed: boolean): void;
  setFinal(number: number, nowMs: number): void;
  /** Notes where a final batch is now, after a reorg deeper than the confirmations. */
  move(number: number, inclusion: Inclusion): void;
  /** Deletes batches ≥ number that are not on L1, with their chunks, placements and withdrawals. */
  removeFrom(number: number): void;
  /** The same of all of them: L1 took them back, those that were final too. */
  removeTakenBackFrom(number: number): void;
}

interface Row {
  readonly number: number;
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly state: Exclude<BatchState, 'disputed' | 'reverted'>;
  readonly contested: 'disputed' | 'reverted' | null;
  readonly time: number;
  readonly header: string;
  readonly header_hash: string;
  readonly form: number;
  readonly blob_hashes: string;
  readonly transfer_count: number;
  readonly priority_count: number;
  readonly sealed_ms: number;
  readonly l1_transaction: string | null;
  readonly l1_block_number: number | null;
  readonly l1_block_hash: string | null;
  readonly posted_ms: number | null;
  readonly final_ms: number | null;
  readonly l1_gas_used: number | null;
}

export const BATCHES: TableShape<Row> = {
  name: 'batches',
  columns: [
    ...(['number', 'first_sequence', 'last_sequence', 'state', 'contested', 'time', 'header', 'header_hash'] as const),
    ...(['transfer_count', 'priority_count', 'sealed_ms', 'l1_transaction', 'l1_block_number'] as const),
    ...(['l1_block_hash', 'posted_ms', 'final_ms', 'form', 'blob_hashes', 'l1_gas_used'] as const),
  ],
  key: ['number'],
};

/** Nowhere on L1. */
const NOWHERE = {
  ...{ l1_transaction: null, l1_block_number: null, l1_block_hash: null },
  ...{ posted_ms: null, l1_gas_used: null },
} as const;

function encodeHeader(header: StoredHeader): string {
  return JSON.stringify({ ...header, stateRoot: header.stateRoot.toString() });
}

function decodeHeader(text: string): StoredHeader {
  const header = JSON.parse(text) as StoredHeader & { stateRoot: string };
  return { ...header, stateRoot: BigInt(header.stateRoot) };
}

/** The row of a batch that was just sealed. */
function rowOfSealed(batch: Parameters<BatchRepository['insert']>[0]): Row {
  const { number, firstSequence, lastSequence, header, headerHash, form, blobHashes } = batch;
  const { transferCount, priorityCount, sealedMs } = batch;
  return {
    number,
    first_sequence: firstSequence,
    last_sequence: lastSequence,
    state: 'sealed',
    contested: null,
    time: header.time,
    header: encodeHeader(header),
    header_hash: headerHash,
    form: formNumber(form),
    blob_hashes: JSON.stringify(blobHashes),
    transfer_count: transferCount,
    priority_count: priorityCount,
    sealed_ms: sealedMs,
    ...NOWHERE,
    final_ms: null,
  };
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
    form: formOf(row.form),
    blobHashes: JSON.parse(row.blob_hashes) as Bytes32[],
    transferCount: row.transfer_count,
    priorityCount: row.priority_count,
    sealedMs: row.sealed_ms,
    inclusion: isIncluded
      ? { transactionHash: l1_transaction, blockNumber: l1_block_number, blockHash: l1_block_hash }
      : undefined,
    gasUsed: row.l1_gas_used === null ? undefined : BigInt(row.l1_gas_used),
    postedMs: row.posted_ms ?? undefined,
    finalMs: row.final_ms ?? undefined,
  };
}

/** Most batches that are kept in memory as they were read: those that are not final, and some more. */
const MOST_KNOWN = 256;

/** Reads rows. One that is as it was when it was read before, checksum and all, is not checked and decoded again. */
function createReader(table: Table<Row>): (row: Stored<Row>) => BatchRow {
  const known = new Map<number, { readonly row: Stored<Row>; readonly batch: BatchRow }>();
  const isAsBefore = (before: Stored<Row>, row: Stored<Row>): boolean =>
    before.checksum === row.checksum && BATCHES.columns.every((column) => before[column] === row[column]);
  return (row) => {
    const before = known.get(row.number);
    if (before !== undefined && isAsBefore(before.row, row)) return before.batch;
    const batch = toBatch(table.checked(row));
    known.delete(row.number);
    known.set(row.number, { row, batch });
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
    return batch;
  };
}

const placeOf = ({ transactionHash, blockNumber, blockHash }: Inclusion) => ({
  l1_transaction: transactionHash,
  l1_block_number: blockNumber,
  l1_block_hash: blockHash,
});

const isNotFinal = ({ state }: Row): boolean => state !== 'final';
const isPosted = ({ state }: Row): boolean => state === 'posted';

/** The batches in `database`. */
export function createBatchRepository(database: Database): BatchRepository {
  const table = createTable(database, BATCHES);
  const select = database.prepare<[number, number], Stored<Row>>(
    'SELECT * FROM batches WHERE number BETWEEN ? AND ? ORDER BY number',
  );
  const selectBefore = database.prepare<[number, number], Stored<Row>>(
    `SELECT * FROM batches WHERE number < ? ORDER BY number DESC ${LIMIT}`,
  );
  const selectLast = database.prepare<[], Stored<Row>>('SELECT * FROM batches ORDER BY number DESC LIMIT 1');
  const selectLastIn = database.prepare<[string, string], Stored<Row>>(
    'SELECT * FROM batches WHERE state IN (?, ?) ORDER BY number DESC LIMIT 1',
  );
  const remove = database.prepare<[number]>("DELETE FROM batches WHERE number >= ? AND state IN ('sealed', 'proving')");
  const removeAll = database.prepare<[number]>('DELETE FROM batches WHERE number >= ?');
  const rowOf = (number: number): Row | undefined => {
    const row = select.get(number, number);
    return row === undefined ? undefined : table.checked(row);
  };
  const read = createReader(table);
  const one = (row: Stored<Row> | undefined): BatchRow | undefined => row && read(row);
  /** Whoever asks for a step that is not allowed has lost track of the batch. */
  const change = (number: number, to: string, isAllowed: (row: Row) => boolean, changes: Partial<Row>): void => {
    const row = rowOf(number);
    if (row === undefined || !isAllowed(row)) {
      const message = `batch ${number} is ${row?.state ?? 'not there'} and cannot become ${to}`;
      throw new RollupError('INVARIANT_BROKEN', message, { batch: number, from: row?.state, to });
    }
    table.update({ ...row, ...changes });
  };
  return {
    insert: (batch) => table.insert(rowOfSealed(batch)),
    get: (number) => one(select.get(number, number)),
    last: () => one(selectLast.get()),
    lastFinal: () => one(selectLastIn.get('final', 'final')),
    lastPosted: () => one(selectLastIn.get('posted', 'final')),
    range: (first, last) => select.all(first, last).map(read),
    before: (number, limit) => selectBefore.all(number, limit).map(read),
    setProving(number) {
      const row = rowOf(number);
      if (row?.state === 'sealed') table.update({ ...row, state: 'proving', contested: null });
    },
    setPosted: (number, inclusion, nowMs, gasUsed) =>
      change(number, 'posted', isNotFinal, {
        state: 'posted',
        contested: null,
        ...placeOf(inclusion),
        posted_ms: nowMs,
        l1_gas_used: gasUsed === undefined ? null : Number(gasUsed),
      }),
    setUnposted(number, state) {
      const [stored, contested] = state === 'reverted' ? (['sealed', 'reverted'] as const) : ([state, null] as const);
      change(number, state, isNotFinal, { state: stored, contested, ...NOWHERE });
    },
    setDisputed: (number, isDisputed) =>
      change(number, 'disputed', isPosted, { contested: isDisputed ? 'disputed' : null }),
    setFinal: (number, nowMs) =>
      change(number, 'final', isPosted, { state: 'final', contested: null, final_ms: nowMs }),
    move: (number, inclusion) => change(number, 'moved', () => true, placeOf(inclusion)),
    removeFrom: (number) => void remove.run(number),
    removeTakenBackFrom: (number) => void removeAll.run(number),
  };
}
