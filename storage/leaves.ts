/** Versions of accounts by batch, so that the state after any kept batch can be loaded. */

import type { Account } from '@quittance/protocol';
import { BALANCE_BYTES, FIELD_BYTES, fromBytes, OWNER_BYTES, toBytes } from './bytes.ts';
import type { Database } from './database.ts';
import { createTable, type Stored, type TableShape } from './table.ts';

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
  readonly batch: number;
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

export const LEAVES: TableShape<LeafRow> = {
  name: 'leaves',
  columns: ['leaf_index', 'batch', 'key_y', 'owner', 'token_id', 'nonce', 'balance'],
  key: ['leaf_index', 'batch'],
};

const COLUMNS = 'leaf_index, key_y, owner, token_id, nonce, balance, checksum';
const PAGE = 10_000;

/** The account versions in `database`. */
export function createLeafRepository(database: Database): LeafRepository {
  const table = createTable(database, LEAVES);
  const selectPage = database.prepare<[number, number], Stored<LeafRow>>(
    `SELECT ${COLUMNS}, MAX(batch) AS batch FROM leaves WHERE leaf_index > ? AND batch <= ?
     GROUP BY leaf_index ORDER BY leaf_index LIMIT ${PAGE}`,
  );
  const selectChanged = database.prepare<[number, number], Stored<LeafRow>>(
    `SELECT ${COLUMNS}, MAX(batch) AS batch FROM leaves WHERE batch BETWEEN ? AND ? GROUP BY leaf_index`,
  );
  const selectOne = database.prepare<[number, number], Stored<LeafRow>>(
    `SELECT ${COLUMNS}, batch FROM leaves WHERE leaf_index = ? AND batch <= ? ORDER BY batch DESC LIMIT 1`,
  );
  const prune = database.prepare<[number, number]>(
    'DELETE FROM leaves WHERE batch < ? AND leaf_index IN (SELECT leaf_index FROM leaves WHERE batch = ?)',
  );
  const remove = database.prepare<[number]>('DELETE FROM leaves WHERE batch >= ?');
  const accountOf = (row: Stored<LeafRow>): Account => toAccount(table.checked(row));
  return {
    put(batch, accounts) {
      for (const [index, { keyY, owner, tokenId, nonce, balance }] of accounts) {
        table.insert({
          leaf_index: index,
          batch,
          key_y: toBytes(keyY, FIELD_BYTES),
          owner: toBytes(owner, OWNER_BYTES),
          token_id: tokenId,
          nonce,
          balance: toBytes(balance, BALANCE_BYTES),
        });
      }
    },
    *stateAfter(batch) {
      for (let after = -1; ; ) {
        const rows = selectPage.all(after, batch);
        for (const row of rows) yield [row.leaf_index, accountOf(row)];
        if (rows.length < PAGE) return;
        after = rows.at(-1)!.leaf_index;
      }
    },
    changedIn: (first, last) => selectChanged.all(first, last).map((row) => [row.leaf_index, accountOf(row)] as const),
    getAfter(batch, index) {
      const row = selectOne.get(index, batch);
      return row === undefined ? undefined : accountOf(row);
    },
    pruneBefore: (batch) => void prune.run(batch, batch),
    removeFrom: (batch) => void remove.run(batch),
  };
}
