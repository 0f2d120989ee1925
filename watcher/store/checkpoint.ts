/** The state after one final batch, so that a restart replays only what followed. */

import { type Account, invariantBroken, type StoredHeader } from '@quittance/protocol';
import { BALANCE_BYTES, type Database, FIELD_BYTES, fromBytes, OWNER_BYTES, toBytes } from '../../storage/index.ts';
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

/** The checkpoint in `database`. */
export function createCheckpointRepository(database: Database): CheckpointRepository {
  const select = database.prepare<[], { header: string; header_hash: string; block: number }>(
    'SELECT header, header_hash, block FROM checkpoint WHERE id = 1',
  );
  const upsert = database.prepare<[string, string, number]>(
    'INSERT OR REPLACE INTO checkpoint (id, header, header_hash, block) VALUES (1, ?, ?, ?)',
  );
  const selectAccounts = database.prepare<[], AccountRow>('SELECT * FROM accounts ORDER BY leaf_index');
  const write = database.prepare<[number, Buffer, Buffer, number, number, Buffer]>(
    'INSERT OR REPLACE INTO accounts (leaf_index, key_y, owner, token_id, nonce, balance) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const removeCheckpoint = database.prepare('DELETE FROM checkpoint');
  const removeAccounts = database.prepare('DELETE FROM accounts');
  return {
    get() {
      const row = select.get();
      return (
        row && {
          header: decodeJson<StoredHeader>(row.header),
          headerHash: row.header_hash,
          blockNumber: row.block,
        }
      );
    },
    *accounts() {
      for (const { leaf_index, key_y, owner, token_id, nonce, balance } of selectAccounts.iterate()) {
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
        write.run(
          index,
          toBytes(keyY, FIELD_BYTES),
          toBytes(owner, OWNER_BYTES),
          tokenId,
          nonce,
          toBytes(balance, BALANCE_BYTES),
        );
      }
      upsert.run(encodeJson(header), headerHash, blockNumber);
    },
    clear() {
      removeCheckpoint.run();
      removeAccounts.run();
    },
  };
}
