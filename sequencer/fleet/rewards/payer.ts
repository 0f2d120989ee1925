/**
 * Pays what workers earned, once its batch is final: one transfer a batch and payee. Its id and its nonce are on disk before it is
 * sent, and it is only made anew with the same nonce, or once the log shows another transfer with that nonce: so it is paid once,
 * whatever crashes in between. Where the log cannot tell what used the nonce, it counts as paid: L1 does not keep the ids of what
 * was proven, nor references, so a database that was made anew from it does not have them.
 */

import { type ErrorCode, isPassing, isRollupError } from '@quittance/protocol';
import { type Clock, createLoop, type Logger } from '../../../runtime/index.ts';
import type { Owed } from '../ledger/accepted.ts';
import { type FleetLedger, payeeOf } from '../ledger/ledger.ts';
import type { Payment } from '../ledger/payments.ts';
import type { Purse } from './purse.ts';
import { decodeReward, encodeReward, payable, type RewardTransfer } from './transfer.ts';

/** Pays in the background. */
export interface Payer {
  start(): void;
  /** Looks now: a batch may be final. */
  wake(): void;
  stop(): Promise<void>;
}

export interface PayerOptions {
  readonly ledger: FleetLedger;
  readonly purse: Purse;
  readonly clock: Clock;
  readonly logger: Logger;
}

const INTERVAL_MS = 5_000;
/** Payments of one look. */
const MAX_AT_ONCE = 64;
/** More than there are in the batches of nothing but rewards that follow one of others. */
const MAX_LOOKED_AT = 1_024;
/** What is wrong with the payee, and stays so. */
const UNPAYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['SELF_TRANSFER', 'INVALID_KEY', 'ZERO_OWNER']);

/**
 * Whether the log shows another transfer with the nonce of a payment. One of the same amount may be this payment as it was signed
 * before, with another fee.
 */
function isTakenByAnother(purse: Purse, from: number, { nonce, transferId, amount }: Payment): boolean {
  const taker = purse.takerOf(from, nonce);
  return taker !== undefined && taker.id !== transferId && taker.amount !== amount;
}

/** Something used the nonce of a payment, and the log does not have it. */
function countAsPaid(ledger: FleetLedger, logger: Logger, payment: Payment): void {
  ledger.commit(() => ledger.payments.put({ ...payment, state: 'paid' }));
  const { content: _, state: __, ...what } = payment;
  logger.error('nobody can tell whether this was paid, so it counts as paid: the log lacks what used its nonce', what);
}

/** Takes one look. @throws RollupError when nothing more can be paid now. */
export async function payOnce({ ledger, purse, logger }: Omit<PayerOptions, 'clock'>): Promise<void> {
  const put = (payment: Payment): void => ledger.commit(() => ledger.payments.put(payment));

  /** Signs, writes down, sends. */
  const pay = async (owed: Owed, reward: RewardTransfer): Promise<void> => {
    const { id, request } = purse.sign(reward);
    const { nonce, amount } = reward;
    const payment = { ...owed, amount, transferId: id, nonce, content: encodeReward(reward), state: 'signed' } as const;
    put(payment);
    try {
      await purse.send(request);
    } catch (error) {
      if (!isRollupError(error) || !UNPAYABLE.has(error.code)) throw error;
      put({ ...payment, state: 'refused' });
      logger.error('what this payee earned cannot be paid to them', { ...owed, error });
      return;
    }
    put({ ...payment, state: 'sent' });
    logger.info('paid for proofs', { batch: owed.batch, tokenId: owed.tokenId, amount, id });
  };

  /** A payment that is in the log although it is not as it was written down here. @returns whether there is one. */
  const isFound = (owed: Owed): boolean => {
    const { batch, payee, tokenId, amount } = owed;
    const transferId = purse.findPaid({ batch, payee: payeeOf(payee), tokenId, amount });
    if (transferId === undefined) return false;
    put({ batch, payee, tokenId, amount, transferId, nonce: 0, content: '{}', state: 'sent' });
    return true;
  };

  /** A payment that was begun. */
  const goOn = async (payment: Payment): Promise<void> => {
    const status = purse.statusOf(payment.transferId);
    if (status !== undefined && status !== 'dropped') {
      const state = status === 'final' ? 'paid' : 'sent';
      if (state !== payment.state) put({ ...payment, state });
      return;
    }
    if (isFound(payment)) return;
    const reward = decodeReward(payment.content);
    const account = purse.account(payment.tokenId);
    if (account === undefined) return;
    // It was dropped, or its nonce is another transfer's: it can never be executed. It is owed again.
    if (status === 'dropped' || isTakenByAnother(purse, reward.from, payment)) {
      return ledger.commit(() => ledger.payments.remove(payment));
    }
    if (account.nonce > payment.nonce) return countAsPaid(ledger, logger, payment);
    // With today's fee, and the account that the payee may have got meanwhile. One nonce: one of them is executed.
    const fee = purse.fee(payment.tokenId);
    const isDearer = fee > reward.fee;
    const to = purse.indexOf(reward.payee, payment.tokenId);
    const { batch, payee, tokenId, amount } = payment;
    await pay({ batch, payee, tokenId, amount }, { ...reward, fee: isDearer ? fee : reward.fee, to });
  };

  const begin = async (owed: Owed): Promise<void> => {
    const { batch, tokenId } = owed;
    const payee = payeeOf(owed.payee);
    const amount = payable(owed.amount);
    // Another node paid before it stopped to lead, or this one before it lost its ledger.
    if (isFound({ ...owed, amount })) return;
    const account = purse.account(tokenId);
    const fee = purse.fee(tokenId);
    if (account === undefined || account.balance < amount + fee) {
      logger.warn('the operator’s account cannot pay what provers earned: deposit to it', {
        ...{ tokenId, batch, needed: amount + fee, balance: account?.balance ?? 0n },
      });
      return;
    }
    const to = purse.indexOf(payee, tokenId);
    await pay(owed, { from: account.index, nonce: account.nonce, amount, fee, payee, to, batch });
  };

  for (const payment of ledger.payments.unfinished(MAX_AT_ONCE)) await goOn(payment);
  // One that was begun and not sent holds the next nonce: what comes after it would only wait.
  if (ledger.payments.unfinished(MAX_AT_ONCE).some(({ state }) => state === 'signed')) return;
  const all = ledger.accepted.unpaid(purse.finalBatch(), MAX_LOOKED_AT);
  // A batch of nothing but rewards earns rewards: paid at once, one would follow the other for ever. They wait for others.
  if (all.every(({ batch }) => purse.isOwnWork(batch))) return;
  for (const owed of all.slice(0, MAX_AT_ONCE)) await begin(owed);
}

/** A payer that has not begun. */
export function createPayer(options: PayerOptions): Payer {
  const { clock, logger } = options;
  let told = '';
  return createLoop({
    clock,
    intervalMs: INTERVAL_MS,
    async run() {
      await payOnce(options);
      told = '';
    },
    onError(error) {
      const { message } = error as Error;
      const code = isRollupError(error) ? error.code : undefined;
      if (message !== told) {
        const level = isPassing(error) ? 'info' : 'warn';
        logger[level]('provers cannot be paid at this moment; trying again', { code, reason: message });
      }
      told = message;
    },
  });
}
