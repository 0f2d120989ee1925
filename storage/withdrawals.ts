/** The withdrawals of batches, packed: a row holds up to 64 of them. */

import type { Withdrawal } from '@quittance/protocol';
import { BALANCE_BYTES, FIELD_BYTES, fromBytes, toBytes } from './bytes.ts';
import type { Database } from './database.ts';
import { createTable, type Stored, type TableShape } from './table.ts';

/** Access to withdrawals. */
export interface WithdrawalRepository {
  insertWithdrawals(batch: number, withdrawals: readonly Withdrawal[]): void;
  withdrawalsOf(batch: number): Withdrawal[];
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
const MOVE = FIELD_BYTES + BALANCE_BYTES;
const KEY = MOVE + 5;
export const WITHDRAWAL_BYTES = KEY + FIELD_BYTES;

/** A withdrawal in WITHDRAWAL_BYTES. */
export function encodeWithdrawal({ ownerAndToken, amount, move }: Withdrawal): Buffer {
  const bytes = Buffer.alloc(WITHDRAWAL_BYTES);
  toBytes(ownerAndToken, FIELD_BYTES).copy(bytes, 0);
  toBytes(amount, BALANCE_BYTES).copy(bytes, FIELD_BYTES);
  if (move === undefined) return bytes;
  bytes.writeUInt8(1, MOVE);
  bytes.writeUInt32BE(move.destination, MOVE + 1);
  toBytes(move.keyY, FIELD_BYTES).copy(bytes, KEY);
  return bytes;
}

function decodeWithdrawal(bytes: Buffer): Withdrawal {
  const isMove = bytes.readUInt8(MOVE) === 1;
  return {
    ownerAndToken: fromBytes(bytes.subarray(0, FIELD_BYTES)),
    amount: fromBytes(bytes.subarray(FIELD_BYTES, MOVE)),
    ...(isMove ? { move: { destination: bytes.readUInt32BE(MOVE + 1), keyY: fromBytes(bytes.subarray(KEY)) } } : {}),
  };
}

/** The withdrawals in `database`. */
export function createWithdrawalRepository(database: Database): WithdrawalRepository {
  const table = createTable(database, WITHDRAWALS);
  const select = database.prepare<[number], Stored<Row>>('SELECT * FROM withdrawals WHERE batch = ? ORDER BY position');
  return {
    insertWithdrawals(batch, list) {
      for (let position = 0; position < list.length; position += WITHDRAWALS_PER_ROW) {
        const some = list.slice(position, position + WITHDRAWALS_PER_ROW);
        table.insert({ batch, position, withdrawals: Buffer.concat(some.map(encodeWithdrawal)) });
      }
    },
    withdrawalsOf: (batch) =>
      select.all(batch).flatMap((row) => {
        const { withdrawals } = table.checked(row);
        return Array.from({ length: withdrawals.length / WITHDRAWAL_BYTES }, (_, index) =>
          decodeWithdrawal(withdrawals.subarray(index * WITHDRAWAL_BYTES, (index + 1) * WITHDRAWAL_BYTES)),
        );
      }),
  };
}
