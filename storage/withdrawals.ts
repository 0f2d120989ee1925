/** The withdrawals of batches, packed: a row holds up to 64 of them. */

import type { Withdrawal } from '@quittance/protocol';
import type { Database } from './database.ts';
import { createTable, type Stored, type TableShape } from './table.ts';
import { decodeWithdrawal, encodeWithdrawal, WITHDRAWAL_BYTES } from './withdrawal-codec.ts';

/** Access to withdrawals. */
export interface WithdrawalRepository {
  insertWithdrawals(batch: number, withdrawals: readonly Withdrawal[]): void;
  withdrawalsOf(batch: number): Withdrawal[];
  /** One of them by its position. */
  withdrawalAt(batch: number, position: number): Withdrawal | undefined;
}

interface Row {
  readonly batch: number;
  /** That of the first of the row in its batch. */
  readonly position: number;
  /** ownerAndToken 32 ‖ amount 16 ‖ 1 for a move, else 0 ‖ destination 4 ‖ keyY 32, both 0 but of a move; big-endian. */
  readonly withdrawals: Buffer;
}

export const WITHDRAWALS: TableShape<Row> = {
  name: 'withdrawals',
  columns: ['batch', 'position', 'withdrawals'],
  key: ['batch', 'position'],
};

/** Of a row: one of which a bit was flipped can be searched for it. */
const WITHDRAWALS_PER_ROW = 64;

/** The withdrawals in `database`. */
export function createWithdrawalRepository(database: Database): WithdrawalRepository {
  const table = createTable(database, WITHDRAWALS);
  const select = database.prepare<[number], Stored<Row>>('SELECT * FROM withdrawals WHERE batch = ? ORDER BY position');
  const selectAt = database.prepare<[number, number], Stored<Row>>(
    'SELECT * FROM withdrawals WHERE batch = ? AND position <= ? ORDER BY position DESC LIMIT 1',
  );
  const inRow = (row: Stored<Row>): Withdrawal[] => {
    const { withdrawals } = table.checked(row);
    return Array.from({ length: withdrawals.length / WITHDRAWAL_BYTES }, (_, index) =>
      decodeWithdrawal(withdrawals.subarray(index * WITHDRAWAL_BYTES, (index + 1) * WITHDRAWAL_BYTES)),
    );
  };
  return {
    insertWithdrawals(batch, list) {
      for (let position = 0; position < list.length; position += WITHDRAWALS_PER_ROW) {
        const some = list.slice(position, position + WITHDRAWALS_PER_ROW);
        table.insert({ batch, position, withdrawals: Buffer.concat(some.map(encodeWithdrawal)) });
      }
    },
    withdrawalsOf: (batch) => select.all(batch).flatMap(inRow),
    withdrawalAt(batch, position) {
      const row = selectAt.get(batch, position);
      return row === undefined ? undefined : inRow(row)[position - row.position];
    },
  };
}
