/** A payment in a channel, until it is paid, dead, or nobody here can know. */

import { asRollupError, type Bytes32, isRollupError, type RollupError } from '@quittance/protocol';
import { hashOfChange } from '../exchange/index.ts';
import { changesUnderWay, type OutgoingPayment } from '../forward/index.ts';
import type { RouterChannels, Why } from './types.ts';

/** What became of a payment in a channel. */
export type ChannelOutcome =
  | { readonly type: 'paid'; readonly secret: Bytes32 }
  /** The money is back, or never left: proven. */
  | { readonly type: 'dead'; readonly why: Why }
  /** The payee may have the money, and nothing here will ever tell. */
  | { readonly type: 'doubtful'; readonly reason: string };

/**
 * Reasons of a failure that leave it open whether the payee has the money: our copy of the channel was an old one, or somebody paid
 * the invoice, which may have been us, before our copy was made.
 */
const DOUBTFUL: ReadonlySet<string> = new Set(['UNCERTAIN', 'ALREADY_PAID', 'HASH_IN_USE', 'forgotten']);

/** Said before a lock is asked for, or in its place: nothing has left. */
const NEVER_LEFT: ReadonlySet<string> = new Set([
  'NOT_FOUND',
  'CHANNEL_CLOSED',
  'CHANNEL_PEER_AWAY',
  'CHANNEL_FUNDS_SHORT',
  'CHANNEL_CHANGE_REFUSED',
]);

/** Whether a lock with this hash was asked for, or is open, or was paid. */
export async function isUnderWay({ exchange, forwarder, store }: RouterChannels, hash: Bytes32): Promise<boolean> {
  const isAsked = [...exchange.records.values()].some((record) => {
    const isIt = (one: string | undefined): boolean => one === hash;
    return (
      changesUnderWay(record).some((change) => change.type === 'lock' && isIt(hashOfChange(change))) ||
      record.newest.state.htlcs.some((htlc) => isIt(htlc.hash))
    );
  });
  if (isAsked || (await forwarder.isBegun(hash))) return true;
  const kept = await store.payment(hash);
  return kept?.receipt !== undefined || kept?.isUncertain === true;
}

function reasonOf({ data }: RollupError): string {
  const { reason } = data as { readonly reason?: unknown };
  return String(reason);
}

/** Whether an error proves that a payment did not leave, or is back. */
async function isDead(channels: RouterChannels, hash: Bytes32, error: RollupError): Promise<boolean> {
  // Released by whom it was for, or L1 is sure that no secret was shown in time.
  if (error.code === 'CHANNEL_PAYMENT_FAILED') return true;
  return NEVER_LEFT.has(error.code) && !(await isUnderWay(channels, hash));
}

/** Pays, or follows what was begun. @throws RollupError as `Forwarder.pay`, where that proves nothing: it may be on its way. */
export async function payInChannel(channels: RouterChannels, payment: OutgoingPayment): Promise<ChannelOutcome> {
  try {
    return { type: 'paid', secret: await channels.forwarder.pay(payment) };
  } catch (thrown) {
    if (!isRollupError(thrown)) throw thrown;
    const error = asRollupError('a payment in a channel', thrown);
    const reason = reasonOf(error);
    const isOfChannel = error.code === 'CHANNEL_PAYMENT_FAILED' || error.code === 'CHANNEL_CHANGE_REFUSED';
    if (isOfChannel && DOUBTFUL.has(reason)) return { type: 'doubtful', reason };
    if (!(await isDead(channels, payment.hash, error))) throw error;
    return { type: 'dead', why: { code: error.code, message: error.message } };
  }
}
