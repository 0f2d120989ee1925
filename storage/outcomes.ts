/** What became of log entries when their batch was sealed: a place in a batch, a withdrawal, or a reason. */

import type { ErrorCode, Withdrawal } from '@quittance/protocol';
import { BALANCE_BYTES, FIELD_BYTES, fromBytes, toBytes } from './bytes.ts';
import type { Database } from './database.ts';

/** Why a transfer was dropped. */
export interface Drop {
  readonly sequence: number;
  /** The batch in which it would have been. */
  readonly batch: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
}

/** Where an operation was executed. */
export interface Placement {
  readonly sequence: number;
  readonly batch: number;
  readonly chunk: number;
  readonly slot: number;
  /** Position among the withdrawals of the batch. */
  readonly withdrawal: number | undefined;
}

/** Access to outcomes. */
export interface OutcomeRepository {
  insertDrop(drop: Drop): void;
  dropOf(sequence: number): Drop | undefined;
  insertPlacement(placement: Placement): void;
  placementOf(sequence: number): Placement | undefined;
  placementsOf(batch: number): Placement[];
  /** Ids of the transfers of a batch, in the order of their execution. */
  transferIdsOf(batch: number): bigint[];
  insertWithdrawals(batch: number, withdrawals: readonly Withdrawal[]): void;
  withdrawalsOf(batch: number): Withdrawal[];
}

type DropRow = Omit<Drop, 'expected' | 'actual'> & { readonly expected: string | null; readonly actual: string | null };
type PlacementRow = Omit<Placement, 'withdrawal'> & { readonly withdrawal: number | null };

const toPlacement = (row: PlacementRow): Placement => ({ ...row, withdrawal: row.withdrawal ?? undefined });

/** The outcomes in `database`. */
export function createOutcomeRepository(database: Database): OutcomeRepository {
  const insertDrop = database.prepare(
    'INSERT INTO drops (sequence, batch, code, message, expected, actual) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const selectDrop = database.prepare<[number], DropRow>('SELECT * FROM drops WHERE sequence = ?');
  const insertPlacement = database.prepare(
    'INSERT INTO placements (sequence, batch, chunk, slot, withdrawal) VALUES (?, ?, ?, ?, ?)',
  );
  const selectPlacement = database.prepare<[number], PlacementRow>('SELECT * FROM placements WHERE sequence = ?');
  const selectPlacements = database.prepare<[number], PlacementRow>(
    'SELECT * FROM placements WHERE batch = ? ORDER BY chunk, slot',
  );
  const selectIds = database.prepare<[number], { id: Buffer }>(
    `SELECT log.id AS id FROM placements JOIN log USING (sequence)
     WHERE placements.batch = ? AND log.id IS NOT NULL ORDER BY placements.chunk, placements.slot`,
  );
  const insertWithdrawal = database.prepare(
    'INSERT INTO withdrawals (batch, position, owner_and_token, amount) VALUES (?, ?, ?, ?)',
  );
  const selectWithdrawals = database.prepare<[number], { owner_and_token: Buffer; amount: Buffer }>(
    'SELECT owner_and_token, amount FROM withdrawals WHERE batch = ? ORDER BY position',
  );
  return {
    insertDrop({ sequence, batch, code, message, expected, actual }) {
      insertDrop.run(sequence, batch, code, message, expected ?? null, actual ?? null);
    },
    dropOf(sequence) {
      const row = selectDrop.get(sequence);
      return row === undefined
        ? undefined
        : { ...row, expected: row.expected ?? undefined, actual: row.actual ?? undefined };
    },
    insertPlacement({ sequence, batch, chunk, slot, withdrawal }) {
      insertPlacement.run(sequence, batch, chunk, slot, withdrawal ?? null);
    },
    placementOf(sequence) {
      const row = selectPlacement.get(sequence);
      return row === undefined ? undefined : toPlacement(row);
    },
    placementsOf: (batch) => selectPlacements.all(batch).map(toPlacement),
    transferIdsOf: (batch) => selectIds.all(batch).map(({ id }) => fromBytes(id)),
    insertWithdrawals(batch, withdrawals) {
      for (const [position, { ownerAndToken, amount }] of withdrawals.entries()) {
        insertWithdrawal.run(batch, position, toBytes(ownerAndToken, FIELD_BYTES), toBytes(amount, BALANCE_BYTES));
      }
    },
    withdrawalsOf: (batch) =>
      selectWithdrawals
        .all(batch)
        .map((row) => ({ ownerAndToken: fromBytes(row.owner_and_token), amount: fromBytes(row.amount) })),
  };
}
