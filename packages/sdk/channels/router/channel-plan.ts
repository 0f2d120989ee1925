/** The cheapest route by which an invoice can be paid now, or why there is none. Reads what is there, and asks nobody. */

import { isRollupError, isSameAddress, MAX_HTLCS, RollupError, spendable } from '@quittance/protocol';
import { requireProportion } from '../../wallet/fees.ts';
import type { OutgoingPayment } from '../forward/index.ts';
import { type ChannelInvoice, parseInvoice, type RouteHub, routeTo } from '../invoice/index.ts';
import type { ChannelRecord } from '../record.ts';
import { roleOf } from '../side/index.ts';
import type { Order } from './order.ts';
import type { RouterChannels, Why } from './types.ts';

/** How an invoice is paid. */
export interface ChannelPlan {
  readonly payment: OutgoingPayment;
  /** What the hubs keep. */
  readonly fee: bigint;
  readonly hubCount: number;
}

/** A plan, or why there is none. */
export type PlanOrWhy = { readonly plan: ChannelPlan } | { readonly why: Why };

const no = (code: Why['code'], message: string): { readonly why: Why } => ({ why: { code, message } });

/** Of several reasons, that which is nearest to a payment. */
const NEARNESS: readonly Why['code'][] = [
  'CHANNEL_FUNDS_SHORT',
  'FEE_DISPROPORTIONATE',
  'CHANNEL_CHANGE_REFUSED',
  'CHANNEL_PEER_AWAY',
  'CHANNEL_CLOSED',
  'NO_CHANNEL',
];

/** Our channels with a party in a token. */
function channelsWith({ exchange }: RouterChannels, peer: string, tokenId: number): ChannelRecord[] {
  return [...exchange.records.values()].filter(({ terms, party }) => {
    return terms.tokenId === tokenId && isSameAddress(party === 'a' ? terms.b : terms.a, peer);
  });
}

/** Why this channel does not take this amount; undefined when it does. */
function whyNot({ exchange }: RouterChannels, record: ChannelRecord, amount: bigint): Why | undefined {
  const { vault, newest, party, isClosing } = record;
  if (isClosing) return { code: 'CHANNEL_CLOSED', message: `the channel ${vault} is being closed` };
  if (!exchange.isConnected(vault)) {
    return { code: 'CHANNEL_PEER_AWAY', message: `the other party of the channel ${vault} is not connected` };
  }
  const { state } = newest;
  if (state.htlcs.length >= MAX_HTLCS) {
    return { code: 'CHANNEL_CHANGE_REFUSED', message: `the channel ${vault} has ${MAX_HTLCS} HTLCs already` };
  }
  const ours = spendable(state, record, roleOf(state, party));
  if (ours >= amount) return undefined;
  return { code: 'CHANNEL_FUNDS_SHORT', message: `${amount} is needed in the channel ${vault}, which has ${ours}` };
}

/** The first hop of each way to the payee that we know of: at most our hub and the payee's. */
function waysOver(channels: RouterChannels, { payee, hubs: theirs, tokenId }: ChannelInvoice): RouteHub[][] {
  const known = (address: string): RouteHub | undefined =>
    channels.hubs.find((hub) => isSameAddress(hub.address, address));
  const isOurs = (address: string): boolean => channelsWith(channels, address, tokenId).length > 0;
  const last = theirs.map(({ address }) => known(address)).filter((hub) => hub !== undefined);
  const first = channels.hubs.filter(({ address }) => isOurs(address));
  return [
    ...(isOurs(payee) ? [[]] : []),
    ...last.filter(({ address }) => isOurs(address)).map((hub) => [hub]),
    ...last.flatMap((hub) =>
      first.filter(({ address }) => !isSameAddress(address, hub.address)).map((ours) => [ours, hub]),
    ),
  ];
}

/** Whether the route over these hubs can be paid now. */
function planOver(
  channels: RouterChannels,
  invoice: ChannelInvoice,
  text: string,
  hubs: readonly RouteHub[],
): PlanOrWhy {
  const { payee, tokenId, hash, amount } = invoice;
  const { fee, ...route } = routeTo(invoice, hubs, channels.keys.now());
  try {
    requireProportion(fee, amount);
  } catch (error) {
    if (!isRollupError(error)) throw error;
    return no(error.code, `the hubs keep ${fee}, more than a tenth of ${amount}`);
  }
  const whys: Why[] = [];
  for (const record of channelsWith(channels, hubs[0]?.address ?? payee, tokenId)) {
    const why = whyNot(channels, record, route.amount);
    if (why === undefined) {
      const payment = { ...route, hash, vault: record.vault, invoice: text };
      return { plan: { payment, fee, hubCount: hubs.length } };
    }
    whys.push(why);
  }
  return { why: nearest(whys) };
}

function nearest(whys: readonly Why[]): Why {
  const found = NEARNESS.map((code) => whys.find((why) => why.code === code)).find((why) => why !== undefined);
  return found ?? no('NO_CHANNEL', 'no channel leads to the payee over hubs whose terms are known').why;
}

function invalid(reason: string): RollupError<'CHANNEL_INVOICE_INVALID'> {
  return new RollupError('CHANNEL_INVOICE_INVALID', `the invoice cannot be paid so: ${reason}`, { reason });
}

/** The invoice of an order, as far as it can be paid at all. @throws RollupError CHANNEL_INVOICE_INVALID. */
function readInvoice({ contract, keys }: RouterChannels, text: string, { amount, tokenId }: Order): ChannelInvoice {
  const invoice = parseInvoice(text, keys);
  const { chainId, channels } = invoice.contract;
  if (chainId !== contract.chainId || !isSameAddress(channels, contract.channels)) {
    throw invalid(`it is of the channels ${channels} on chain ${chainId}`);
  }
  if (invoice.tokenId !== tokenId) throw invalid(`it asks for token ${invoice.tokenId}, not ${tokenId}`);
  if (invoice.amount !== amount) throw invalid(`it asks for ${invoice.amount}, not ${amount}`);
  if (keys.now() > invoice.expiresAt) throw invalid(`it has expired at ${invoice.expiresAt}`);
  return invoice;
}

/** The cheapest route that can be paid; of those that cost the same, that over the fewest hubs. */
export function planChannel(channels: RouterChannels | undefined, order: Order): PlanOrWhy {
  const text = order.invoice;
  if (text === undefined) return no('NOT_OFFERED', 'the payee offers no invoice of a channel');
  if (channels === undefined) return no('NOT_AVAILABLE', 'there are no channels here');
  let invoice: ChannelInvoice;
  try {
    invoice = readInvoice(channels, text, order);
  } catch (error) {
    if (!isRollupError(error)) throw error;
    return no(error.code, error.message);
  }
  const found = waysOver(channels, invoice).map((hubs) => planOver(channels, invoice, text, hubs));
  const plans = found.filter((one) => 'plan' in one);
  const cheapest = plans.toSorted(({ plan: one }, { plan: other }) =>
    one.fee === other.fee ? one.hubCount - other.hubCount : one.fee < other.fee ? -1 : 1,
  )[0];
  return cheapest ?? { why: nearest(found.flatMap((one) => ('why' in one ? [one.why] : []))) };
}
