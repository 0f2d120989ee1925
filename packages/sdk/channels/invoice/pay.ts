/** Makes invoices, and pays them by a route over hubs. Source: docs/channels.md, Invoices. */

import { bytesToHex, randomBytes } from '@noble/hashes/utils.js';
import {
  type Bytes32,
  type ChannelContract,
  type ChannelHop,
  isSameAddress,
  MAX_HOPS,
  RollupError,
  secretHash,
  spendable,
} from '@quittance/protocol';
import { requireProportion } from '../../wallet/fees.ts';
import type { ChannelStore, Exchange } from '../exchange/index.ts';
import { FORWARD_DEFAULTS, type Forwarder, type HubTerms, hubFee } from '../forward/index.ts';
import type { ChannelRecord } from '../record.ts';
import { roleOf, type StateKeys } from '../side/index.ts';
import { type ChannelInvoice, encodeInvoice, parseInvoice } from './text.ts';

/**
 * Makes an invoice, and writes it down before anybody has it.
 *
 * @returns its text, for the payer.
 * @throws RollupError CHANNEL_INVOICE_INVALID, DISK_FULL or DATABASE_DAMAGED.
 */
export async function createInvoice(
  terms: Omit<ChannelInvoice, 'hash'>,
  { store, keys }: { readonly store: ChannelStore; readonly keys: Pick<StateKeys, 'sign'> },
): Promise<{ readonly text: string; readonly hash: Bytes32 }> {
  const secret: Bytes32 = `0x${bytesToHex(randomBytes(32))}`;
  const hash = secretHash(secret);
  const text = encodeInvoice({ ...terms, hash }, keys);
  const { tokenId, amount, memo, expiresAt } = terms;
  await store.addInvoice({ hash, secret, tokenId, amount, memo, expiresAt });
  return { text, hash };
}

/** A hub of a route. */
export interface RouteHub extends HubTerms {
  readonly address: string;
}

/** What leaves the payer, and where it goes. */
export interface ChannelRoute {
  /** Base units, fees included. */
  readonly amount: bigint;
  /** What the hubs keep of it. */
  readonly fee: bigint;
  /** Unix seconds. */
  readonly expiry: number;
  readonly onward: readonly ChannelHop[];
}

/** Seconds that an HTLC has when it comes to the payee: time on the way, and for the payee. */
const FINAL_SECONDS = 2 * FORWARD_DEFAULTS.leastTime;

/**
 * The route over these hubs, in their order; over none when there is a channel with the payee.
 *
 * @param finalSeconds that the payee has, more than it asks for.
 * @throws RollupError CHANNEL_INVOICE_INVALID for more hubs than a payment goes over.
 */
export function routeTo(
  { payee, amount }: Pick<ChannelInvoice, 'payee' | 'amount'>,
  hubs: readonly RouteHub[],
  now: number,
  finalSeconds: number = FINAL_SECONDS,
): ChannelRoute {
  if (hubs.length > MAX_HOPS) throw unpayable(`a payment goes over at most ${MAX_HOPS} hubs, not ${hubs.length}`);
  const parties = [...hubs.map(({ address }) => address), payee];
  let [carried, expiry] = [amount, now + finalSeconds];
  const onward: ChannelHop[] = [];
  // From its end: each hub keeps its fee of what it passes on.
  for (const [place, hub] of [...hubs.entries()].toReversed()) {
    onward.unshift({ to: parties[place + 1]!, amount: carried, expiry });
    carried += hubFee(hub, carried);
    expiry += hub.expiryDelta;
  }
  return { amount: carried, fee: carried - amount, expiry, onward };
}

function unpayable(reason: string): RollupError<'CHANNEL_INVOICE_INVALID'> {
  return new RollupError('CHANNEL_INVOICE_INVALID', `an invoice cannot be paid here: ${reason}`, { reason });
}

/** What paying stands on. */
export interface Payer {
  readonly exchange: Exchange;
  readonly forwarder: Forwarder;
  readonly contract: ChannelContract;
  readonly keys: Pick<StateKeys, 'recover' | 'now'>;
}

export interface PayInvoiceOptions {
  /** Hubs from our own one to the payee's; none when there is a channel with the payee. */
  readonly hubs: readonly RouteHub[];
  /** The most that the hubs may keep, in base units; a tenth of the amount if not given. */
  readonly mostFee?: bigint;
  /** See `routeTo`. */
  readonly finalSeconds?: number;
}

/** The channel with this party that can pay this much; the best of them if none can. */
function channelFor(exchange: Exchange, peer: string, tokenId: number, amount: bigint): ChannelRecord {
  const found = [...exchange.records.values()].filter(({ terms, party, isClosing }) => {
    return !isClosing && terms.tokenId === tokenId && isSameAddress(party === 'a' ? terms.b : terms.a, peer);
  });
  const first = found[0];
  if (first === undefined) throw unpayable(`there is no channel with ${peer} in token ${tokenId}`);
  const canPay = (record: ChannelRecord): boolean =>
    exchange.isConnected(record.vault) &&
    spendable(record.newest.state, record, roleOf(record.newest.state, record.party)) >= amount;
  return found.find(canPay) ?? first;
}

/**
 * Pays an invoice over hubs, and resolves with the secret: the receipt that the payee has the money. The same invoice again is the
 * same payment, also after a restart; after a failure it is tried anew.
 *
 * @throws RollupError CHANNEL_INVOICE_INVALID; FEE_DISPROPORTIONATE; CHANNEL_PAYMENT_FAILED, whose reason is that of who gave it back; or as
 * `Forwarder.pay`.
 * @example await payInvoice({ exchange, forwarder, contract, keys }, text, { hubs: [hub] });
 */
export async function payInvoice(
  { exchange, forwarder, contract, keys }: Payer,
  text: string,
  { hubs, mostFee, finalSeconds }: PayInvoiceOptions,
): Promise<Bytes32> {
  const invoice = parseInvoice(text, keys);
  const { contract: theirs, tokenId, hash, expiresAt, payee } = invoice;
  if (theirs.chainId !== contract.chainId || !isSameAddress(theirs.channels, contract.channels)) {
    throw unpayable(`it is of the channels ${theirs.channels} on chain ${theirs.chainId}`);
  }
  const now = keys.now();
  const route = routeTo(invoice, hubs, now, finalSeconds);
  // What was begun is followed to its end by its hash alone, whatever the time, and though its channel is closing meanwhile.
  if (await forwarder.isBegun(hash)) return forwarder.pay({ ...route, hash, vault: '', invoice: text });
  const { vault } = channelFor(exchange, hubs[0]?.address ?? payee, tokenId, route.amount);
  if (now > expiresAt) throw unpayable(`it has expired at ${expiresAt}`);
  // Its payee names the last hub: whoever runs both must not say what is paid.
  if (mostFee === undefined) requireProportion(route.fee, invoice.amount, 'the hubs of this route keep');
  else if (route.fee > mostFee) throw unpayable(`the hubs keep ${route.fee}, at most ${mostFee} may be kept`);
  return forwarder.pay({ ...route, hash, vault, invoice: text });
}
