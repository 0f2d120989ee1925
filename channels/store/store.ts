/** The channels of one party on disk. What is in them is money: a lost or altered row is found before anything is signed. */

import { RollupError } from '@quittance/protocol';
import {
  type ChannelDocuments,
  type ChannelRecord,
  type ChannelStore,
  type ChannelWrite,
  decodeChannelRecord,
  encodeChannelJson,
  keep,
  keptVersion,
  type PaymentJournal,
  paymentsMade,
} from '@quittance/sdk/channels';
import {
  checkRows,
  createMetaRepository,
  createTable,
  type Database,
  databaseDamaged,
  META,
  openWitnessed,
  type Stored,
  type TableShape,
} from '../../storage/index.ts';
import { createStoredDocuments, DOCUMENTS } from './documents.ts';
import { createGroup } from './group.ts';
import { createStoredTables, KEPT_TABLES } from './kept.ts';
import { createStoredJournal, JOURNAL } from './payment-journal.ts';
import { CHANNEL_MIGRATIONS } from './schema.ts';

/** A channel as a row has it. */
export interface ChannelRow {
  readonly vault: string;
  readonly content: string;
}
interface ChangeRow {
  readonly vault: string;
  readonly key: string;
  readonly version: number;
}

export const CHANNELS: TableShape<ChannelRow> = { name: 'channels', columns: ['vault', 'content'], key: ['vault'] };
const CHANGES: TableShape<ChangeRow> = { name: 'changes', columns: ['vault', 'key', 'version'], key: ['vault', 'key'] };
/** All, by the migration that made them. */
const TABLES = [
  [META, CHANNELS, CHANGES],
  KEPT_TABLES,
  [DOCUMENTS],
  [JOURNAL],
] as readonly unknown[] as readonly (readonly TableShape<never>[])[];

export interface ChannelStoreOptions {
  readonly file: string;
  readonly chainId: bigint;
  /** Address of the contract of the channels. */
  readonly channels: string;
}

/** A store that has to be closed. */
export interface OpenChannelStore extends ChannelStore {
  readonly file: string;
  readonly documents: ChannelDocuments;
  /** For the router over these channels: in the same file, so that no copy has one without the other. */
  readonly journal: PaymentJournal;
  close(): void;
}

/** @throws RollupError DATABASE_DAMAGED. */
export function readRecord({ file }: Database, { vault, content }: ChannelRow): ChannelRecord {
  try {
    return decodeChannelRecord(JSON.parse(content));
  } catch (error) {
    throw databaseDamaged(file, `the channel ${vault} cannot be read: ${(error as Error).message}`, error);
  }
}

function knownInvoice(hash: string): RollupError {
  const message = `there is an invoice with the hash ${hash} already; take another secret`;
  return new RollupError('CHANNEL_CHANGE_REFUSED', message, { reason: 'known' });
}

/**
 * Opens or makes the store.
 *
 * @throws RollupError DATABASE_DAMAGED, DATABASE_FOREIGN when it is that of other channels, DATABASE_IN_USE, DATABASE_NEWER.
 */
export function openChannelStore({ file, chainId, channels }: ChannelStoreOptions): OpenChannelStore {
  const owner = `${chainId}:${channels.toLowerCase()}`;
  const database = openWitnessed({
    file,
    migrations: CHANNEL_MIGRATIONS,
    check(found, version) {
      // Also of one that is older: nothing is made of rows that are not as they were written.
      checkRows(found, TABLES.slice(0, version).flat());
      const known = createMetaRepository(found).get('channels');
      if (known === undefined || known === owner) return;
      const message = `the database ${file} has the channels of ${known}, not of ${owner}; name another file for these`;
      throw new RollupError('DATABASE_FOREIGN', message, { file, expected: owner, actual: known });
    },
  });
  const meta = createMetaRepository(database);
  if (meta.get('channels') === undefined) database.commit(() => meta.set('channels', owner));
  const records = createTable(database, CHANNELS);
  const changes = createTable(database, CHANGES);
  const kept = createStoredTables(database);
  const group = createGroup(database);
  const all = database.prepare<[], Stored<ChannelRow>>('SELECT * FROM channels ORDER BY vault');
  const found = database.prepare<[string, string], Stored<ChangeRow>>(
    'SELECT * FROM changes WHERE vault = ? AND key = ?',
  );
  const forget = database.prepare<[string]>('DELETE FROM channels WHERE vault = ?');
  const write = (one: ChannelWrite): void => {
    const { vault, record } = one;
    records.put({ vault, content: encodeChannelJson(record) });
    for (const pay of paymentsMade(one)) changes.put({ vault, key: pay.id, version: record.newest.state.version });
    keep(kept, one);
  };
  return {
    file,
    documents: createStoredDocuments(database),
    journal: createStoredJournal(database, group),
    load: async () => all.all().map((row) => readRecord(database, records.checked(row))),
    commit: (writes) => group.writeNow(() => writes.forEach(write)),
    remove: (vault) => group.writeNow(() => void forget.run(vault)),
    async versionOf(vault, change) {
      if (change.type !== 'pay') return keptVersion(kept, vault, change);
      const row = found.get(vault, change.id);
      return row === undefined ? undefined : changes.checked(row).version;
    },
    htlcs: async () => kept.htlcs(),
    addInvoice: (invoice) =>
      group.write(() => {
        if (kept.invoice(invoice.hash) !== undefined) throw knownInvoice(invoice.hash);
        kept.putInvoice(invoice);
      }),
    showInvoice: (hash) =>
      group.write(() => {
        const invoice = kept.invoice(hash);
        if (invoice !== undefined) kept.putInvoice({ ...invoice, isShown: true });
      }),
    invoices: async (hashes) => hashes.map((hash) => kept.invoice(hash)).filter((invoice) => invoice !== undefined),
    putPayment: (payment) => group.write(() => kept.putPayment(payment)),
    payment: async (hash) => kept.payment(hash),
    forget: (before) => group.write(() => kept.forget(before)),
    close() {
      group.flush();
      database.close();
    },
  };
}
