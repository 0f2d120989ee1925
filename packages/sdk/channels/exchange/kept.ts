/** What is kept of HTLCs besides the states: where they go, and how they ended, as long as that matters elsewhere. Pure. */

import { type Bytes32, type ChannelChange, type ChannelHop, type Htlc, secretHash } from '@quittance/protocol';
import { authorsOf } from '../record.ts';
import type { ChannelWrite } from './types.ts';

/** How an HTLC of ours ended. */
export type HtlcEnd =
  | { readonly type: 'fulfill'; readonly version: number; readonly secret: Bytes32 }
  | { readonly type: 'release'; readonly version: number; readonly reason?: string }
  /** Our copy of the channel was an old one: it is not known whether it was made, nor what became of it. */
  | { readonly type: 'forgotten' };

/** An HTLC, as one of its parties keeps it. */
export interface KeptHtlc {
  readonly vault: string;
  readonly hash: Bytes32;
  /** Whether it is ours, and for the other party. */
  readonly isOutgoing: boolean;
  readonly amount: bigint;
  readonly expiry: number;
  /** Where it is to be passed on; empty when whom it is for is the payee. */
  readonly onward: readonly ChannelHop[];
  /** Of the state that it came with. */
  readonly version: number;
  /** Grows from one to the next, over all channels. */
  readonly order: number;
  readonly end?: HtlcEnd;
}

/** An invoice of our own. */
export interface KeptInvoice {
  readonly hash: Bytes32;
  readonly secret: Bytes32;
  readonly tokenId: number;
  readonly amount: bigint;
  readonly memo: string;
  /** The last second in which it can be paid, in Unix seconds. */
  readonly expiresAt: number;
  /** Its secret was shown on L1, or is about to be: what pays it is taken whatever the time. */
  readonly isShown?: boolean;
  readonly paid?: { readonly vault: string; readonly version: number; readonly at: number };
}

/** A payment of our own by an HTLC. */
export interface KeptPayment {
  readonly hash: Bytes32;
  /** The invoice that it pays, as text. */
  readonly invoice: string;
  /** The channel that it leaves through. */
  readonly vault: string;
  /** What leaves it, fees of hubs included. */
  readonly amount: bigint;
  /** When it was begun, in Unix seconds. */
  readonly at: number;
  /** Our copy of the channel was an old one: it is not known whether it was made. */
  readonly isUncertain?: boolean;
  /** The secret shows that the payee has the money. */
  readonly receipt?: { readonly secret: Bytes32; readonly version: number; readonly at: number };
}

/** Where all that is kept besides the states: on a disk, or in memory. */
export interface KeptTables {
  /** All with this hash. */
  ofHash(hash: Bytes32): readonly KeptHtlc[];
  /** All of this channel. */
  ofVault(vault: string): readonly KeptHtlc[];
  /** In the place of the one with its hash, channel and direction. */
  put(htlc: KeptHtlc): void;
  remove(htlc: KeptHtlc): void;
  /** One more than the highest that was ever asked for. */
  nextOrder(): number;
  invoice(hash: Bytes32): KeptInvoice | undefined;
  putInvoice(invoice: KeptInvoice): void;
  payment(hash: Bytes32): KeptPayment | undefined;
  putPayment(payment: KeptPayment): void;
}

/** The hash of the HTLC that a change is about; undefined when it is about none. */
export function hashOfChange(change: ChannelChange): Bytes32 | undefined {
  switch (change.type) {
    case 'lock':
      return change.htlc.hash;
    case 'fulfill':
      return secretHash(change.secret);
    case 'release':
      return change.hash;
    case 'pay':
    case 'swap':
      return undefined;
  }
}

/** Whether an HTLC is for us, and open. */
export const isIncoming = (htlc: KeptHtlc): boolean => !htlc.isOutgoing && htlc.end === undefined;

const isPlaceOf = (htlc: KeptHtlc, { vault, isOutgoing }: Pick<KeptHtlc, 'vault' | 'isOutgoing'>): boolean =>
  htlc.vault === vault && htlc.isOutgoing === isOutgoing;

/**
 * Ends an HTLC. What ended matters only while an HTLC with its hash is for us: so much is kept as there are HTLCs in states, and
 * no more.
 */
function end(tables: KeptTables, htlc: KeptHtlc, how: HtlcEnd): void {
  const others = tables.ofHash(htlc.hash).filter((one) => !isPlaceOf(one, htlc));
  if (others.some(isIncoming) && htlc.isOutgoing) {
    tables.put({ ...htlc, end: how });
    return;
  }
  tables.remove(htlc);
  if (!others.some(isIncoming)) for (const one of others) if (one.end !== undefined) tables.remove(one);
}

/** What a change of one HTLC leaves. */
function keepChange(tables: KeptTables, write: ChannelWrite, change: ChannelChange, isOurs: boolean): void {
  const { vault, at } = write;
  const { version } = write.record.newest.state;
  if (change.type === 'lock') {
    const { hash, amount, expiry } = change.htlc;
    const onward = change.onward ?? [];
    tables.put({ vault, hash, isOutgoing: isOurs, amount, expiry, onward, version, order: tables.nextOrder() });
    return;
  }
  const hash = hashOfChange(change);
  if (hash === undefined) return;
  // Only whom an HTLC is for ends it.
  const htlc = tables.ofHash(hash).find((one) => isPlaceOf(one, { vault, isOutgoing: !isOurs }));
  if (change.type === 'release') {
    const reason = change.reason === undefined ? {} : { reason: change.reason };
    if (htlc !== undefined) end(tables, htlc, { type: 'release', version, ...reason });
  }
  if (change.type !== 'fulfill') return;
  const { secret } = change;
  if (htlc !== undefined) end(tables, htlc, { type: 'fulfill', version, secret });
  const invoice = isOurs ? tables.invoice(hash) : undefined;
  if (invoice !== undefined && invoice.paid === undefined) {
    tables.putInvoice({ ...invoice, paid: { vault, version, at } });
  }
  const payment = isOurs ? undefined : tables.payment(hash);
  if (payment?.vault === vault && payment.receipt === undefined) {
    tables.putPayment({ ...payment, receipt: { secret, version, at } });
  }
}

/** It is not known what became of an HTLC. */
function forget(tables: KeptTables, htlc: KeptHtlc): void {
  end(tables, htlc, { type: 'forgotten' });
  const payment = htlc.isOutgoing ? tables.payment(htlc.hash) : undefined;
  if (payment?.vault === htlc.vault && payment.receipt === undefined) {
    tables.putPayment({ ...payment, isUncertain: true });
  }
}

/** What is kept after the state was taken over from the other party: what is in it counts, and what ended meanwhile is unknown. */
function keepAdopted(tables: KeptTables, { vault, record, forgotten = [] }: ChannelWrite): void {
  const { newest, party } = record;
  const { htlcs, version, residualIsB } = newest.state;
  const isOutgoing = ({ toSenior }: Htlc): boolean => (residualIsB === (party === 'b')) === toSenior;
  for (const kept of tables.ofVault(vault)) {
    if (kept.end !== undefined) continue;
    const isThere = htlcs.some((htlc) => htlc.hash === kept.hash && isOutgoing(htlc) === kept.isOutgoing);
    if (!isThere) forget(tables, kept);
  }
  for (const htlc of htlcs) {
    const { hash, amount, expiry } = htlc;
    const place = { vault, isOutgoing: isOutgoing(htlc) };
    const found = tables.ofHash(hash).find((one) => isPlaceOf(one, place));
    if (found !== undefined && found.end === undefined) continue;
    const lock = forgotten.find((change) => change.type === 'lock' && change.htlc.hash === hash);
    const onward = lock?.type === 'lock' ? (lock.onward ?? []) : [];
    tables.put({ ...place, hash, amount, expiry, onward, version, order: tables.nextOrder() });
  }
  for (const change of forgotten) {
    if (change.type !== 'lock') continue;
    const { hash, amount, expiry } = change.htlc;
    const place = { vault, isOutgoing: true };
    if (tables.ofHash(hash).some((one) => isPlaceOf(one, place))) continue;
    forget(tables, { ...place, hash, amount, expiry, onward: [], version, order: tables.nextOrder() });
  }
}

/** Writes down what a commit leaves of HTLCs, invoices and payments: in the same one as the record. */
export function keep(tables: KeptTables, write: ChannelWrite): void {
  const { record, applied, forgotten } = write;
  if (forgotten !== undefined) keepAdopted(tables, write);
  if (!applied.some(({ type }) => type !== 'pay' && type !== 'swap')) return;
  const authors = authorsOf(record.newest.state, applied);
  for (const [place, change] of applied.entries()) keepChange(tables, write, change, authors[place] === record.party);
}

/** Payments of ours among what a commit writes. */
export function paymentsMade({ record, applied }: ChannelWrite): readonly Extract<ChannelChange, { type: 'pay' }>[] {
  if (!applied.some(({ type }) => type === 'pay')) return [];
  const authors = authorsOf(record.newest.state, applied);
  return applied.filter((change, place) => change.type === 'pay' && authors[place] === record.party) as Extract<
    ChannelChange,
    { type: 'pay' }
  >[];
}

/** The version of a lock of ours that is kept and was not released; undefined for whatever else. */
export function keptVersion(tables: KeptTables, vault: string, change: ChannelChange): number | undefined {
  if (change.type !== 'lock') return undefined;
  const kept = tables.ofHash(change.htlc.hash).find((one) => isPlaceOf(one, { vault, isOutgoing: true }));
  return kept?.end === undefined || kept.end.type === 'fulfill' ? kept?.version : undefined;
}
