/** The channels of a party as somebody else reads them, also while the party has them open. */

import { RollupError } from '@quittance/protocol';
import type { ChannelRecord, KeptHtlc, KeptInvoice } from '@quittance/sdk/channels';
import { createMetaRepository, createTable, readCopy, type Stored } from '../../storage/index.ts';
import { createStoredTables } from './kept.ts';
import { CHANNEL_MIGRATIONS } from './schema.ts';
import { CHANNELS, type ChannelRow, type ChannelStoreOptions, readRecord } from './store.ts';

/** What whoever watches needs of them. */
export interface StoreView {
  readonly records: readonly ChannelRecord[];
  readonly htlcs: readonly KeptHtlc[];
  /** Those with the hash of an HTLC. */
  readonly invoices: readonly KeptInvoice[];
}

/**
 * Reads a copy of the store.
 *
 * @throws RollupError DATABASE_FOREIGN when it is that of other channels; as `readCopy`.
 */
export function viewChannelStore({ file, chainId, channels }: ChannelStoreOptions): Promise<StoreView> {
  const owner = `${chainId}:${channels.toLowerCase()}`;
  return readCopy(file, CHANNEL_MIGRATIONS, (database) => {
    const known = createMetaRepository(database).get('channels');
    if (known !== undefined && known !== owner) {
      const message = `the database ${file} has the channels of ${known}, not of ${owner}`;
      throw new RollupError('DATABASE_FOREIGN', message, { file, expected: owner, actual: known });
    }
    const table = createTable(database, CHANNELS);
    const rows = database.prepare<[], Stored<ChannelRow>>('SELECT * FROM channels ORDER BY vault').all();
    const records = rows.map((row) => readRecord(database, table.checked(row)));
    const kept = createStoredTables(database);
    const htlcs = kept.htlcs();
    const hashes = new Set(htlcs.map(({ hash }) => hash));
    const invoices = [...hashes].map((hash) => kept.invoice(hash)).filter((invoice) => invoice !== undefined);
    return { records, htlcs, invoices };
  });
}
