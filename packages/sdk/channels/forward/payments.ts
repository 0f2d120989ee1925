/** Payments of our own: made once, followed until the payee has the money or it is back. */

import { type Bytes32, type ChannelChange, RollupError } from '@quittance/protocol';
import type { ChannelWrite } from '../exchange/index.ts';
import type { ChannelRecord } from '../record.ts';
import { type Desk, isOfOldRole } from './desk.ts';
import { roleBehind } from './memory.ts';
import { viewOf } from './moves.ts';
import { isOver, isShown } from './plan.ts';
import type { OutgoingPayment } from './types.ts';

/** Money that came back, or never left. */
function paymentFailed(hash: Bytes32, reason: string): RollupError<'CHANNEL_PAYMENT_FAILED'> {
  const message = `the payment ${hash} was not made: ${reason}. No money has left; try again, or on the rollup`;
  return new RollupError('CHANNEL_PAYMENT_FAILED', message, { hash, reason });
}

const away = (): RollupError<'CHANNEL_PEER_AWAY'> =>
  new RollupError('CHANNEL_PEER_AWAY', 'the other party of the channel is not connected', { reason: 'no line' });

/** How often roles may have been swapped between two attempts at once. */
const MOST_SWAPS = 3;

/** Our copy of the channel is too old to know. */
function uncertain(hash: Bytes32): RollupError<'CHANNEL_PAYMENT_UNCERTAIN'> {
  const message = `it is not known here whether the payment ${hash} was made: our copy of the channel was an old one`;
  return new RollupError('CHANNEL_PAYMENT_UNCERTAIN', message, { hash, reason: 'UNCERTAIN' });
}

/** The end of a payment, for whoever waits. */
export function endPayment(desk: Desk, hash: Bytes32, end: Bytes32 | RollupError): void {
  const memory = desk.memories.get(hash);
  const waiting = memory?.payment;
  if (memory === undefined || waiting === undefined) return;
  memory.payment = undefined;
  if (typeof end === 'string') waiting.resolve(end);
  else waiting.reject(end);
  desk.touch(hash);
}

/** A commit has ended HTLCs of ours. */
export function hearEnds(
  desk: Desk,
  { change, hash }: { readonly change: ChannelWrite['applied'][number]; readonly hash: Bytes32 },
): void {
  if (change.type === 'fulfill') endPayment(desk, hash, change.secret);
  if (change.type === 'release') endPayment(desk, hash, paymentFailed(hash, change.reason ?? 'RELEASED'));
}

/** L1 may have ended a payment whose channel is silent. */
export function settleByL1(desk: Desk, hash: Bytes32): void {
  if (desk.memories.get(hash)?.payment === undefined) return;
  const view = viewOf(desk, hash, undefined);
  const times = desk.looks.timesOf(hash);
  const open = view.kept.find(({ isOutgoing, end }) => isOutgoing && end === undefined);
  const expiry = open?.expiry ?? view.pending?.expiry;
  if (expiry === undefined) return;
  if (view.secret !== undefined && isShown(times, expiry)) {
    const { secret } = view;
    void keepReceipt(desk, hash, secret).then(
      () => endPayment(desk, hash, secret),
      (error: unknown) => desk.failed(hash, error),
    );
  } else if (isOver(times, expiry) && (open === undefined || view.isUnanswered(open))) {
    endPayment(desk, hash, paymentFailed(hash, 'EXPIRED'));
  }
}

async function keepReceipt({ options: { store, exchange, now } }: Desk, hash: Bytes32, secret: Bytes32): Promise<void> {
  const payment = await store.payment(hash);
  if (payment === undefined || payment.receipt !== undefined) return;
  const version = exchange.record(payment.vault)?.newest.state.version ?? 0;
  await store.putPayment({ ...payment, receipt: { secret, version, at: now() } });
}

function recordOf({ options: { exchange } }: Desk, vault: string): ChannelRecord {
  const record = exchange.record(vault);
  if (record === undefined)
    throw new RollupError('NOT_FOUND', `there is no channel with vault ${vault} here`, { actual: vault });
  if (!exchange.isConnected(vault)) throw away();
  return record;
}

/** Asks for the lock, again when the roles were swapped meanwhile. */
async function lock(desk: Desk, payment: OutgoingPayment): Promise<void> {
  const { hash, vault, amount, expiry, onward } = payment;
  const memory = desk.memoryOf(hash);
  for (let swaps = 0; ; swaps += 1) {
    const by = roleBehind(recordOf(desk, vault));
    const htlc = { hash, amount, expiry };
    const change: ChannelChange = { type: 'lock', by, htlc, ...(onward.length === 0 ? {} : { onward }) };
    memory.pending = { vault, expiry, change, since: desk.options.now() };
    try {
      await desk.options.exchange.want(vault, change);
      return;
    } catch (error) {
      if (!isOfOldRole(error) || swaps >= MOST_SWAPS) throw error;
    } finally {
      memory.pending = undefined;
    }
  }
}

/** Whether the payment may have left us, and is not back. */
function isOnItsWay(desk: Desk, hash: Bytes32): boolean {
  const isOpen = desk.tables.ofHash(hash).some(({ isOutgoing, end }) => isOutgoing && end === undefined);
  return isOpen || desk.memories.get(hash)?.pending !== undefined;
}

/** Whether a payment is on its way, was made, or may have been. */
export async function isBegun(desk: Desk, hash: Bytes32): Promise<boolean> {
  if (isOnItsWay(desk, hash) || desk.memories.get(hash)?.payment !== undefined) return true;
  const known = await desk.options.store.payment(hash);
  return known?.receipt !== undefined || known?.isUncertain === true;
}

/** Begins a payment, unless it was made or is on its way. */
async function begin(desk: Desk, payment: OutgoingPayment): Promise<void> {
  const { hash, vault, amount, invoice } = payment;
  const { store, now } = desk.options;
  const known = await store.payment(hash);
  if (known?.receipt !== undefined) return endPayment(desk, hash, known.receipt.secret);
  if (known?.isUncertain === true) throw uncertain(hash);
  if (isOnItsWay(desk, hash)) return desk.touch(hash);
  recordOf(desk, vault);
  await store.putPayment({ hash, vault, amount, invoice, at: now() });
  // What another payer pays with this hash is not ours.
  if (desk.tables.ofHash(hash).length > 0) throw paymentFailed(hash, 'HASH_IN_USE');
  await lock(desk, payment);
}

/** Pays, once a hash. @throws RollupError as `Forwarder.pay`. */
export function pay(desk: Desk, payment: OutgoingPayment): Promise<Bytes32> {
  const memory = desk.memoryOf(payment.hash);
  if (memory.payment !== undefined) return memory.payment.promise;
  const waiting = Promise.withResolvers<Bytes32>();
  memory.payment = waiting;
  begin(desk, payment).catch((error: RollupError) => endPayment(desk, payment.hash, error));
  return waiting.promise;
}
