/** Accepted proofs with what is owed for them, and what is known of whoever made them. */

import { createTable, type Database, LIMIT, type Stored, type TableShape } from '../../../storage/index.ts';
import type { PaymentKey } from './payments.ts';

/** A proof that was accepted. */
export interface AcceptedProof {
  readonly statement: string;
  readonly batch: number;
  readonly chunk: number;
  /** Id of the worker. */
  readonly worker: string;
  readonly acceptedMs: number;
  /** Undefined where nothing is owed. */
  readonly owed?: { readonly payee: string; readonly tokenId: number; readonly amount: bigint } | undefined;
}

/** What a payee earned with a batch. */
export interface Owed extends PaymentKey {
  readonly amount: bigint;
}

/** What is known of a worker for good. */
export interface WorkerRecord {
  readonly accepted: number;
  readonly strikes: number;
}

/** Access to them. Changes belong into a commit. */
export interface AcceptedRepository {
  /** The first acceptance of a statement stays. @returns false when it was there. */
  add(proof: AcceptedProof): boolean;
  /** Earned with batches up to this one, and not in a payment yet; the oldest batch first. */
  unpaid(lastBatch: number, limit: number): Owed[];
  /** Whether what a payee earned with a batch is in a payment. */
  settle(key: PaymentKey, isSettled: boolean): void;
  /** Sum of what is in no payment, final or not, of a token. */
  owed(tokenId: number): bigint;
  /** Sum of what the proofs of a batch earned. */
  costOf(batch: number, tokenId: number): bigint;
  /** The last batch that has an accepted proof; undefined before the first. */
  lastBatch(): number | undefined;
  recordOf(worker: string): WorkerRecord;
  strike(worker: string): void;
}

interface Row {
  readonly statement: string;
  readonly batch: number;
  readonly chunk: number;
  readonly worker: string;
  readonly payee: string | null;
  readonly token: number | null;
  readonly amount: string | null;
  readonly accepted_ms: number;
  readonly settled: number;
}
interface WorkerRow extends WorkerRecord {
  readonly id: string;
}

export const ACCEPTED: TableShape<Row> = {
  name: 'accepted',
  columns: ['statement', 'batch', 'chunk', 'worker', 'payee', 'token', 'amount', 'accepted_ms', 'settled'],
  key: ['statement'],
};
export const WORKERS: TableShape<WorkerRow> = {
  name: 'workers',
  columns: ['id', 'accepted', 'strikes'],
  key: ['id'],
};

/** Amounts have up to 35 decimal digits: they are added here, not in SQLite. */
const UNPAID = 'SELECT * FROM accepted WHERE settled = 0 AND amount IS NOT NULL';
/** Proofs of one batch that are read at once: more than the largest profile has. */
const ROWS_PER_OWED = 256;

/** The accepted proofs in `database`. */
export function createAcceptedRepository(database: Database): AcceptedRepository {
  const table = createTable(database, ACCEPTED);
  const workers = createTable(database, WORKERS);
  const select = database.prepare<[string], Stored<Row>>('SELECT * FROM accepted WHERE statement = ?');
  const selectWorker = database.prepare<[string], Stored<WorkerRow>>('SELECT * FROM workers WHERE id = ?');
  const selectUnpaid = database.prepare<[number, number], Stored<Row>>(
    `${UNPAID} AND batch <= ? ORDER BY batch, payee, chunk ${LIMIT}`,
  );
  const selectOwed = database.prepare<[number], Stored<Row>>(`${UNPAID} AND token = ?`);
  const selectBatch = database.prepare<[number], Stored<Row>>('SELECT * FROM accepted WHERE batch = ?');

  const selectLast = database.prepare<[], { batch: number | null }>('SELECT MAX(batch) AS batch FROM accepted');

  const recordOf = (id: string): WorkerRecord => {
    const row = selectWorker.get(id);
    if (row === undefined) return { accepted: 0, strikes: 0 };
    const { accepted, strikes } = workers.checked(row);
    return { accepted, strikes };
  };
  const amountOf = (row: Stored<Row>): bigint => BigInt(table.checked(row).amount ?? 0);

  return {
    add({ statement, batch, chunk, worker, acceptedMs, owed }) {
      if (select.get(statement) !== undefined) return false;
      const debt = {
        payee: owed?.payee ?? null,
        token: owed?.tokenId ?? null,
        amount: owed?.amount.toString() ?? null,
      };
      table.insert({ statement, batch, chunk, worker, ...debt, accepted_ms: acceptedMs, settled: 0 });
      const record = recordOf(worker);
      workers.put({ id: worker, ...record, accepted: record.accepted + 1 });
      return true;
    },
    unpaid(lastBatch, limit) {
      const groups = new Map<string, Owed>();
      const rows = selectUnpaid.all(lastBatch, limit * ROWS_PER_OWED);
      for (const row of rows) {
        const { batch, payee, token } = table.checked(row);
        const key = `${batch}/${payee}/${token}`;
        const before = groups.get(key);
        if (before === undefined && groups.size === limit) break;
        groups.set(key, { batch, payee: payee!, tokenId: token!, amount: (before?.amount ?? 0n) + amountOf(row) });
      }
      return [...groups.values()];
    },
    settle({ batch, payee, tokenId }, isSettled) {
      for (const row of selectBatch.all(batch)) {
        if (row.payee === payee && row.token === tokenId)
          table.update({ ...table.checked(row), settled: Number(isSettled) });
      }
    },
    owed: (tokenId) => selectOwed.all(tokenId).reduce((sum, row) => sum + amountOf(row), 0n),
    costOf(batch, tokenId) {
      const own = selectBatch.all(batch).filter(({ token }) => token === tokenId);
      return own.reduce((sum, row) => sum + amountOf(row), 0n);
    },
    lastBatch: () => selectLast.get()?.batch ?? undefined,
    recordOf,
    strike(worker) {
      const record = recordOf(worker);
      workers.put({ id: worker, ...record, strikes: record.strikes + 1 });
    },
  };
}
