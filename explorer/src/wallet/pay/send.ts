/** Sends what was confirmed, once, and keeps it until its end is known. */

import { isRollupError } from '@quittance/protocol';
import { moneyText } from '../money/text.ts';
import type { Purse } from '../session.ts';
import type { Payment } from './resolve.ts';

/** Signatures that nobody sent are worth nothing after this. */
const VALID_SECONDS = 3_600;

/** What the payment is, in a few words. */
export function summaryOf({ payee, amount, token }: Payment): string {
  const to =
    payee === null ? 'to your L1 address' : payee.index === null ? `to ${payee.owner}` : `to account ${payee.index}`;
  return `${moneyText(amount, token)} ${to}`;
}

/** Whether a transfer may have been taken although sending it failed. */
const isUncertain = (error: unknown): boolean =>
  isRollupError(error, 'TRANSFER_UNCERTAIN') || isRollupError(error, 'ACKNOWLEDGEMENT_MISMATCH');

/**
 * Signs and sends a payment. It is on the list of attempts from before it is signed until it was refused or its person has
 * seen its end.
 *
 * @returns the key of the attempt.
 * @throws RollupError as `wallet.transfer`.
 */
export async function sendPayment({ wallet, attempts }: Purse, payment: Payment): Promise<string> {
  const { payee, amount, fee, token, reference } = payment;
  const key = attempts.begin(payee === null ? 'withdraw' : 'transfer', summaryOf(payment));
  const request = {
    amount,
    fee,
    token: token.tokenId,
    validForSeconds: VALID_SECONDS,
    ...(reference === '' ? {} : { reference }),
    onSigned: (signed: Parameters<typeof wallet.resume>[0]) => attempts.learn(key, { signed }),
  };
  try {
    if (payee === null) await wallet.withdraw(request);
    // Owner and key as they were shown: an index alone would be looked up anew.
    else await wallet.transfer({ ...request, to: `${payee.owner}:${payee.key}` });
    return key;
  } catch (error) {
    if (!isUncertain(error)) attempts.forget(key);
    throw error;
  }
}
