/** The state after one final batch, so that a restart replays only what followed. */

import { type Account, invariantBroken, type StoredHeader } from '@quittance/protocol';
import {
  BALANCE_BYTES,
  createTable,
  type Database,
  FIELD_BYTES,
  fromBytes,
  OWNER_BYTES,
  type Stored,
  type TableShape,
  toBytes,
} from '../../storage/index.ts';
import { decodeJson, encodeJson } from './json.ts';

/** The batch of the checkpoint. */
export interface Checkpoint {
  readonly header: StoredHeader;
  readonly headerHash: string;
  /** In which it became final. */
  readonly blockNumber: number;
}

/** Access to the checkpoint. */
export interface CheckpointRepository {
  get(): Checkpoint | undefined;
  accounts(): IterableIterator<readonly [index: number, account: Account]>;
  /** Moves it forward: `changed` are the accounts after its batch that differ from those of the last checkpoint. */
  move(checkpoint: Checkpoint, changed: Iterable<readonly [index: number, account: Account | undefined]>): void;
  clear(): void;
}

interface AccountRow {
  readonly leaf_index: number;
  readonly key_y: Buffer;
  readonly owner: Buffer;
  readonly token_id: number;
  readonly nonce: number;
  readonly balance: Buffer;
}

interface CheckpointRow {
  readonly id: 1;
  readonly header: string;
  readonly header_hash: string;
  readonly block: number;
}

export const CHECKPOINT: TableShape<CheckpointRow> = {
  name: 'checkpoint',
  columns: ['id', 'header', 'header_hash', 'block'],
  key: ['id'],
};
export const ACCOUNTS: TableShape<AccountRow> = {
  name: 'accounts',
  columns: ['leaf_index', 'key_y', 'owner', 'token_id', 'nonce', 'balance'],
  key: ['leaf_index'],
};

/** The checkpoint in `database`. */
export function createCheckpointRepository(database: Database): CheckpointRepository {
  const table = createTable(database, CHECKPOINT);
  const accounts = createTable(database, ACCOUNTS);
  const select = database.prepare<[], Stored<CheckpointRow>>('SELECT * FROM checkpoint WHERE id = 1');
  const selectAccounts = database.prepare<[], Stored<AccountRow>>('SELECT * FROM accounts ORDER BY leaf_index');
  const removeCheckpoint = database.prepare('DELETE FROM checkpoint');
  const removeAccounts = database.prepare('DELETE FROM accounts');
  return {
    get() {
      const row = select.get();
      if (row === undefined) return undefined;
      const { header, header_hash, block } = table.checked(row);
      return { header: decodeJson<StoredHeader>(header), headerHash: header_hash, blockNumber: block };
    },
    *accounts() {
      for (const row of selectAccounts.iterate()) {
        const { leaf_index, key_y, owner, token_id, nonce, balance } = accounts.checked(row);
        const account = {
          keyY: fromBytes(key_y),
          owner: fromBytes(owner),
          tokenId: token_id,
          nonce,
          balance: fromBytes(balance),
        };
        yield [leaf_index, account];
      }
    },
    move({ header, headerHash, blockNumber }, changed) {
      for (const [index, account] of changed) {
        // A leaf once written is never emptied (docs/protocol.md, State).
        if (account === undefined) throw invariantBroken(`leaf ${index} became empty`, { index });
        const { keyY, owner, tokenId, nonce, balance } = account;
        accounts.put({
          leaf_index: index,
          key_y: toBytes(keyY, FIELD_BYTES),
          owner: toBytes(owner, OWNER_BYTES),
          token_id: tokenId,
          nonce,
          balance: toBytes(balance, BALANCE_BYTES),
        });
      }
      table.put({ id: 1, header: encodeJson(header), header_hash: headerHash, block: blockNumber });
    },
    clear() {
      removeCheckpoint.run();
      removeAccounts.run();
    },
  };
}
