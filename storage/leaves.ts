/** Versions of accounts by batch, so that the state after any kept batch can be loaded. */

import type { Account } from '@quittance/protocol';
import { BALANCE_BYTES, FIELD_BYTES, fromBytes, OWNER_BYTES, toBytes } from './bytes.ts';
import type { Database } from './database.ts';

/** Access to account versions. */
export interface LeafRepository {
  /** Writes the accounts that a batch changed. */
  put(batch: number, accounts: Iterable<readonly [index: number, account: Account]>): void;
  /** All accounts after `batch`. */
  stateAfter(batch: number): IterableIterator<readonly [index: number, account: Account]>;
  /** The accounts that batches [first, last] changed, each with its content after `last`. */
  changedIn(first: number, last: number): (readonly [index: number, account: Account])[];
  /** One account after `batch`. */
  getAfter(batch: number, index: number): Account | undefined;
  /** Deletes the versions that those of `batch` supersede: states before it cannot be loaded any more. */
  pruneBefore(batch: number): void;
  /** Deletes the versions of batches ≥ `batch`. */
  removeFrom(batch: number): void;
}

interface LeafRow {
  readonly leaf_index: number;
  readonly key_y: Buffer;
  readonly owner: Buffer;
  readonly token_id: number;
  readonly nonce: number;
  readonly balance: Buffer;
}

function toAccount(row: LeafRow): Account {
  return {
    keyY: fromBytes(row.key_y),
    owner: fromBytes(row.owner),
    tokenId: row.token_id,
    nonce: row.nonce,
    balance: fromBytes(row.balance),
  };
}

const COLUMNS = 'leaf_index, key_y, owner, token_id, nonce, balance';
const PAGE = 10_000;

/** The account versions in `database`. */
export function createLeafRepository(database: Database): LeafRepository {
  const insert = database.prepare<[number, number, Buffer, Buffer, number, number, Buffer]>(
    'INSERT INTO leaves (leaf_index, batch, key_y, owner, token_id, nonce, balance) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const selectPage = database.prepare<[number, number], LeafRow & { batch: number }>(
    `SELECT ${COLUMNS}, MAX(batch) AS batch FROM leaves WHERE leaf_index > ? AND batch <= ?
     GROUP BY leaf_index ORDER BY leaf_index LIMIT ${PAGE}`,
  );
  const selectChanged = database.prepare<[number, number], LeafRow & { batch: number }>(
    `SELECT ${COLUMNS}, MAX(batch) AS batch FROM leaves WHERE batch BETWEEN ? AND ? GROUP BY leaf_index`,
  );
  const selectOne = database.prepare<[number, number], LeafRow>(
    `SELECT ${COLUMNS} FROM leaves WHERE leaf_index = ? AND batch <= ? ORDER BY batch DESC LIMIT 1`,
  );
  const prune = database.prepare<[number, number]>(
    'DELETE FROM leaves WHERE batch < ? AND leaf_index IN (SELECT leaf_index FROM leaves WHERE batch = ?)',
  );
  const remove = database.prepare<[number]>('DELETE FROM leaves WHERE batch >= ?');
  return {
    put(batch, accounts) {
      for (const [index, { keyY, owner, tokenId, nonce, balance }] of accounts) {
        insert.run(
          index,
          batch,
          toBytes(keyY, FIELD_BYTES),
          toBytes(owner, OWNER_BYTES),
          tokenId,
          nonce,
          toBytes(balance, BALANCE_BYTES),
        );
      }
    },
    *stateAfter(batch) {
      for (let after = -1; ; ) {
        const rows = selectPage.all(after, batch);
        for (const row of rows) yield [row.leaf_index, toAccount(row)];
        if (rows.length < PAGE) return;
        after = rows.at(-1)!.leaf_index;
      }
    },
    changedIn: (first, last) => selectChanged.all(first, last).map((row) => [row.leaf_index, toAccount(row)] as const),
    getAfter(batch, index) {
      const row = selectOne.get(index, batch);
      return row === undefined ? undefined : toAccount(row);
    },
    pruneBefore: (batch) => void prune.run(batch, batch),
    removeFrom: (batch) => void remove.run(batch),
  };
}
