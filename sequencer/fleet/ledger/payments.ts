/** Payments of rewards: one a batch, payee and token, written down before it is sent. */

import { createTable, type Database, LIMIT, type Stored, type TableShape } from '../../../storage/index.ts';

/** Whom a payment goes to, and for which batch. */
export interface PaymentKey {
  readonly batch: number;
  /** As `payeeText` writes it. */
  readonly payee: string;
  readonly tokenId: number;
}

/** A payment that was signed. */
export interface Payment extends PaymentKey {
  /** Base units. */
  readonly amount: bigint;
  readonly transferId: bigint;
  /** Of the paying account. */
  readonly nonce: number;
  /** What was signed, so that it can be sent again (`encodeReward`). */
  readonly content: string;
  /** `signed`: it may have been sent. `sent`: it is in the log. `paid`: it is final. `refused`: nobody can be paid so. */
  readonly state: 'signed' | 'sent' | 'paid' | 'refused';
}

/** Access to payments. Changes belong into a commit. */
export interface PaymentRepository {
  get(key: PaymentKey): Payment | undefined;
  put(payment: Payment): void;
  remove(key: PaymentKey): void;
  /** Those that are not final, the oldest batch first. */
  unfinished(limit: number): Payment[];
  /** Sum of what is in the log, of a token. */
  paid(tokenId: number): bigint;
}

interface Row {
  readonly batch: number;
  readonly payee: string;
  readonly token: number;
  readonly amount: string;
  readonly transfer_id: string;
  readonly nonce: number;
  readonly content: string;
  readonly state: Payment['state'];
}

export const PAYMENTS: TableShape<Row> = {
  name: 'payments',
  columns: ['batch', 'payee', 'token', 'amount', 'transfer_id', 'nonce', 'content', 'state'],
  key: ['batch', 'payee', 'token'],
};

/** The payments in `database`. @param onChange told whether there is a payment of these now. */
export function createPaymentRepository(
  database: Database,
  onChange: (key: PaymentKey, isThere: boolean) => void,
): PaymentRepository {
  const table = createTable(database, PAYMENTS);
  const where = 'batch = ? AND payee = ? AND token = ?';
  const select = database.prepare<[number, string, number], Stored<Row>>(`SELECT * FROM payments WHERE ${where}`);
  const remove = database.prepare<[number, string, number]>(`DELETE FROM payments WHERE ${where}`);
  const selectUnfinished = database.prepare<[number], Stored<Row>>(
    `SELECT * FROM payments WHERE state IN ('signed', 'sent') ORDER BY batch, payee ${LIMIT}`,
  );
  const selectPaid = database.prepare<[number], Stored<Row>>(
    "SELECT * FROM payments WHERE token = ? AND state IN ('sent', 'paid')",
  );
  /** Of tokens whose payments have not changed since they were added up. */
  const sums = new Map<number, bigint>();
  const read = (row: Stored<Row>): Payment => {
    const { batch, payee, token, amount, transfer_id, nonce, content, state } = table.checked(row);
    const values = { amount: BigInt(amount), transferId: BigInt(transfer_id) };
    return { batch, payee, tokenId: token, ...values, nonce, content, state };
  };
  return {
    get({ batch, payee, tokenId }) {
      const row = select.get(batch, payee, tokenId);
      return row === undefined ? undefined : read(row);
    },
    put(payment) {
      const { batch, payee, tokenId, amount, transferId, nonce, content, state } = payment;
      const texts = { amount: amount.toString(), transfer_id: transferId.toString() };
      table.put({ batch, payee, token: tokenId, ...texts, nonce, content, state });
      onChange(payment, true);
      sums.delete(tokenId);
    },
    remove(key) {
      const { batch, payee, tokenId } = key;
      remove.run(batch, payee, tokenId);
      onChange(key, false);
      sums.delete(tokenId);
    },
    unfinished: (limit) => selectUnfinished.all(limit).map(read),
    paid(tokenId) {
      const known = sums.get(tokenId) ?? selectPaid.all(tokenId).reduce((sum, row) => sum + read(row).amount, 0n);
      sums.set(tokenId, known);
      return known;
    },
  };
}
