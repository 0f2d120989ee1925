/** Tables of what is kept besides the states: HTLCs with where they go, invoices, payments. */

import {
  decodeKeptHtlc,
  decodeKeptInvoice,
  decodeKeptPayment,
  encodeChannelJson,
  type KeptHtlc,
  type KeptInvoice,
  type KeptPayment,
  type KeptTables,
} from '@quittance/sdk/channels';
import { createTable, type Database, databaseDamaged, type Stored, type TableShape } from '../../storage/index.ts';

interface HtlcRow {
  readonly hash: string;
  readonly vault: string;
  readonly isOutgoing: number;
  readonly place: number;
  readonly content: string;
}
interface InvoiceRow {
  readonly hash: string;
  readonly content: string;
  readonly expiresAt: number;
}
interface PaymentRow {
  readonly hash: string;
  readonly content: string;
  readonly begunAt: number;
}

/** The time of what is not forgotten: later than any. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** Most rows that are forgotten in one commit. */
const FORGOTTEN_AT_ONCE = 1_000;

const HTLCS: TableShape<HtlcRow> = {
  name: 'htlcs',
  columns: ['hash', 'vault', 'isOutgoing', 'place', 'content'],
  key: ['hash', 'vault', 'isOutgoing'],
};
const INVOICES: TableShape<InvoiceRow> = { name: 'invoices', columns: ['hash', 'content', 'expiresAt'], key: ['hash'] };
const PAYMENTS: TableShape<PaymentRow> = { name: 'payments', columns: ['hash', 'content', 'begunAt'], key: ['hash'] };

/** Their shapes, for the check at the start. */
export const KEPT_TABLES = [HTLCS, INVOICES, PAYMENTS] as readonly unknown[] as readonly TableShape<never>[];

/** Tables in a database, which can be looked through. */
export interface StoredTables extends KeptTables {
  htlcs(): readonly KeptHtlc[];
  /** See `ChannelStore.forget`. */
  forget(before: number): number;
}

/** Reads content. @throws RollupError DATABASE_DAMAGED. */
function read<T>({ file }: Database, hash: string, content: string, decode: (value: unknown) => T): T {
  try {
    return decode(JSON.parse(content));
  } catch (error) {
    throw databaseDamaged(file, `what is kept of ${hash} cannot be read: ${(error as Error).message}`, error);
  }
}

/** The tables of this database. Writes belong into a commit. */
export function createStoredTables(database: Database): StoredTables {
  const htlcs = createTable(database, HTLCS);
  const invoices = createTable(database, INVOICES);
  const payments = createTable(database, PAYMENTS);
  const all = database.prepare<[], Stored<HtlcRow>>('SELECT * FROM htlcs ORDER BY place');
  const ofHash = database.prepare<[string], Stored<HtlcRow>>('SELECT * FROM htlcs WHERE hash = ? ORDER BY place');
  const ofVault = database.prepare<[string], Stored<HtlcRow>>('SELECT * FROM htlcs WHERE vault = ? ORDER BY place');
  const remove = database.prepare<[string, string, number]>(
    'DELETE FROM htlcs WHERE hash = ? AND vault = ? AND isOutgoing = ?',
  );
  const highest = database.prepare<[], { readonly place: number | null }>('SELECT MAX(place) AS place FROM htlcs');
  const invoice = database.prepare<[string], Stored<InvoiceRow>>('SELECT * FROM invoices WHERE hash = ?');
  const payment = database.prepare<[string], Stored<PaymentRow>>('SELECT * FROM payments WHERE hash = ?');
  const forgetOf = (table: string, column: string) =>
    database.prepare<[number, number]>(
      `DELETE FROM ${table} WHERE hash IN (SELECT hash FROM ${table} WHERE ${column} < ? LIMIT ?)`,
    );
  const oldInvoices = forgetOf('invoices', 'expiresAt');
  const oldPayments = forgetOf('payments', 'begunAt');
  let last: number | undefined;
  const htlcOf = (row: Stored<HtlcRow>): KeptHtlc =>
    read(database, row.hash, htlcs.checked(row).content, decodeKeptHtlc);

  return {
    htlcs: () => all.all().map(htlcOf),
    ofHash: (hash) => ofHash.all(hash).map(htlcOf),
    ofVault: (vault) => ofVault.all(vault).map(htlcOf),
    put(htlc) {
      const { hash, vault, isOutgoing, order } = htlc;
      htlcs.put({ hash, vault, isOutgoing: isOutgoing ? 1 : 0, place: order, content: encodeChannelJson(htlc) });
    },
    remove: ({ hash, vault, isOutgoing }) => void remove.run(hash, vault, isOutgoing ? 1 : 0),
    nextOrder() {
      last = (last ?? highest.get()?.place ?? 0) + 1;
      return last;
    },
    invoice(hash): KeptInvoice | undefined {
      const row = invoice.get(hash);
      return row && read(database, hash, invoices.checked(row).content, decodeKeptInvoice);
    },
    putInvoice(kept) {
      const expiresAt = kept.paid === undefined ? kept.expiresAt : NEVER;
      invoices.put({ hash: kept.hash, content: encodeChannelJson(kept), expiresAt });
    },
    payment(hash): KeptPayment | undefined {
      const row = payment.get(hash);
      return row && read(database, hash, payments.checked(row).content, decodeKeptPayment);
    },
    putPayment(kept) {
      const isOpen = kept.receipt === undefined && kept.isUncertain !== true;
      payments.put({ hash: kept.hash, content: encodeChannelJson(kept), begunAt: isOpen ? kept.at : NEVER });
    },
    forget: (before) =>
      Number(oldInvoices.run(before, FORGOTTEN_AT_ONCE).changes) +
      Number(oldPayments.run(before, FORGOTTEN_AT_ONCE).changes),
  };
}
