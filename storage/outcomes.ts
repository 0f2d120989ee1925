/** What became of log entries when their batch was sealed: a place in a batch, a withdrawal, or a reason. */

import type { ErrorCode, Withdrawal } from '@quittance/protocol';
import { BALANCE_BYTES, FIELD_BYTES, fromBytes, toBytes } from './bytes.ts';
import type { Database } from './database.ts';
import { createTable, type Stored, type TableShape } from './table.ts';

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

interface WithdrawalRow {
  readonly batch: number;
  readonly position: number;
  readonly owner_and_token: Buffer;
  readonly amount: Buffer;
  /** Both null, but of a move. */
  readonly destination: number | null;
  readonly key_y: Buffer | null;
}

export const DROPS: TableShape<DropRow> = {
  name: 'drops',
  columns: ['sequence', 'batch', 'code', 'message', 'expected', 'actual'],
  key: ['sequence'],
};
export const PLACEMENTS: TableShape<PlacementRow> = {
  name: 'placements',
  columns: ['sequence', 'batch', 'chunk', 'slot', 'withdrawal'],
  key: ['sequence'],
};
export const WITHDRAWALS: TableShape<WithdrawalRow> = {
  name: 'withdrawals',
  columns: ['batch', 'position', 'owner_and_token', 'amount', 'destination', 'key_y'],
  key: ['batch', 'position'],
};

const toDrop = ({ sequence, batch, code, message, expected, actual }: DropRow): Drop => ({
  sequence,
  batch,
  code,
  message,
  expected: expected ?? undefined,
  actual: actual ?? undefined,
});

const toPlacement = ({ sequence, batch, chunk, slot, withdrawal }: PlacementRow): Placement => ({
  sequence,
  batch,
  chunk,
  slot,
  withdrawal: withdrawal ?? undefined,
});

const toWithdrawalRow = (
  batch: number,
  position: number,
  { ownerAndToken, amount, move }: Withdrawal,
): WithdrawalRow => ({
  batch,
  position,
  owner_and_token: toBytes(ownerAndToken, FIELD_BYTES),
  amount: toBytes(amount, BALANCE_BYTES),
  destination: move?.destination ?? null,
  key_y: move === undefined ? null : toBytes(move.keyY, FIELD_BYTES),
});

const toWithdrawal = ({ owner_and_token, amount, destination, key_y }: WithdrawalRow): Withdrawal => ({
  ownerAndToken: fromBytes(owner_and_token),
  amount: fromBytes(amount),
  ...(destination === null || key_y === null ? {} : { move: { destination, keyY: fromBytes(key_y) } }),
});

/** The outcomes in `database`. */
export function createOutcomeRepository(database: Database): OutcomeRepository {
  const drops = createTable(database, DROPS);
  const placements = createTable(database, PLACEMENTS);
  const withdrawals = createTable(database, WITHDRAWALS);
  const selectDrop = database.prepare<[number], Stored<DropRow>>('SELECT * FROM drops WHERE sequence = ?');
  const selectPlacement = database.prepare<[number], Stored<PlacementRow>>(
    'SELECT * FROM placements WHERE sequence = ?',
  );
  const selectPlacements = database.prepare<[number], Stored<PlacementRow>>(
    'SELECT * FROM placements WHERE batch = ? ORDER BY chunk, slot',
  );
  const selectId = database.prepare<[number], { id: Buffer | null }>('SELECT id FROM log WHERE sequence = ?');
  const selectWithdrawals = database.prepare<[number], Stored<WithdrawalRow>>(
    'SELECT * FROM withdrawals WHERE batch = ? ORDER BY position',
  );
  const placementsOf = (batch: number): Placement[] =>
    selectPlacements.all(batch).map((row) => toPlacement(placements.checked(row)));
  return {
    insertDrop: (drop) => drops.insert({ ...drop, expected: drop.expected ?? null, actual: drop.actual ?? null }),
    dropOf(sequence) {
      const row = selectDrop.get(sequence);
      return row === undefined ? undefined : toDrop(drops.checked(row));
    },
    insertPlacement: (placement) => placements.insert({ ...placement, withdrawal: placement.withdrawal ?? null }),
    placementOf(sequence) {
      const row = selectPlacement.get(sequence);
      return row === undefined ? undefined : toPlacement(placements.checked(row));
    },
    placementsOf,
    transferIdsOf: (batch) =>
      placementsOf(batch)
        .map(({ sequence }) => selectId.get(sequence)?.id ?? null)
        .filter((id) => id !== null)
        .map(fromBytes),
    insertWithdrawals(batch, list) {
      for (const [position, withdrawal] of list.entries()) {
        withdrawals.insert(toWithdrawalRow(batch, position, withdrawal));
      }
    },
    withdrawalsOf: (batch) => selectWithdrawals.all(batch).map((row) => toWithdrawal(withdrawals.checked(row))),
  };
}
