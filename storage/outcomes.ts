/** What became of log entries when their batch was sealed: a place in a batch, a withdrawal, or a reason. */

import type { ErrorCode } from '@quittance/protocol';
import { fromBytes } from './bytes.ts';
import type { Database } from './database.ts';
import { createPlacementRepository, type PlacementRepository } from './placements.ts';
import { createTable, type Stored, type TableShape } from './table.ts';
import { createWithdrawalRepository, type WithdrawalRepository } from './withdrawals.ts';

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

/** Access to outcomes. */
export interface OutcomeRepository extends PlacementRepository, WithdrawalRepository {
  insertDrop(drop: Drop): void;
  dropOf(sequence: number): Drop | undefined;
  /** L1 has executed it all the same. */
  removeDrop(sequence: number): void;
  /** Ids of the transfers of a batch, in the order of their execution. */
  transferIdsOf(batch: number): bigint[];
}

type DropRow = Omit<Drop, 'expected' | 'actual'> & { readonly expected: string | null; readonly actual: string | null };

export const DROPS: TableShape<DropRow> = {
  name: 'drops',
  columns: ['sequence', 'batch', 'code', 'message', 'expected', 'actual'],
  key: ['sequence'],
};

const toDrop = ({ sequence, batch, code, message, expected, actual }: DropRow): Drop => ({
  sequence,
  batch,
  code,
  message,
  expected: expected ?? undefined,
  actual: actual ?? undefined,
});

/** The outcomes in `database`. */
export function createOutcomeRepository(database: Database): OutcomeRepository {
  const drops = createTable(database, DROPS);
  const placements = createPlacementRepository(database);
  const selectDrop = database.prepare<[number], Stored<DropRow>>('SELECT * FROM drops WHERE sequence = ?');
  const removeDrop = database.prepare<[number]>('DELETE FROM drops WHERE sequence = ?');
  const selectId = database.prepare<[number], { id: Buffer | null }>('SELECT id FROM log WHERE sequence = ?');
  return {
    ...placements,
    ...createWithdrawalRepository(database),
    insertDrop: (drop) => drops.insert({ ...drop, expected: drop.expected ?? null, actual: drop.actual ?? null }),
    removeDrop: (sequence) => void removeDrop.run(sequence),
    dropOf(sequence) {
      const row = selectDrop.get(sequence);
      return row === undefined ? undefined : toDrop(drops.checked(row));
    },
    transferIdsOf: (batch) =>
      placements
        .placementsOf(batch)
        .map(({ sequence }) => selectId.get(sequence)?.id ?? null)
        .filter((id) => id !== null)
        .map(fromBytes),
  };
}
