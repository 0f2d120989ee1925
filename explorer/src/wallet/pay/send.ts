/** Sends what was confirmed, once, and keeps it until its end is known. */

import { isRollupError, RollupError } from '@quittance/protocol';
import type { SignedPayment } from '@quittance/sdk';
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

/** What became of sending: the sequencer has it, or nobody knows whether it does. */
export type Sending = 'taken' | 'uncertain';

/** Whether the sequencer itself refused a transfer: all else leaves open what became of one that was signed. */
const isRefused = (error: unknown): boolean =>
  isRollupError(error) &&
  typeof error.data['rpcCode'] === 'number' &&
  !['TRANSFER_UNCERTAIN', 'ACKNOWLEDGEMENT_MISMATCH', 'RPC_ANSWER_INVALID'].includes(error.code);

/** Another payment of the same key has the nonce: whether this one is still wanted, its person says. */
function overtaken({ transfer: { nonce } }: SignedPayment): RollupError<'NONCE_USED'> {
  const message = 'another payment of your key, made elsewhere at the same moment, came before this one';
  return new RollupError('NONCE_USED', message, { expected: nonce + 1, actual: nonce });
}

/**
 * Signs and sends a payment. It is on the list of attempts from before it is signed until it was refused or its person has
 * seen its end. It is signed once: what would have to be signed anew is asked for anew.
 *
 * @throws RollupError as `wallet.transfer` before it is signed, and what it was refused for; NONCE_USED when another payment of
 * the key came before.
 */
export async function sendPayment({ wallet, attempts }: Purse, payment: Payment): Promise<Sending> {
  const { payee, amount, fee, token, reference } = payment;
  const key = attempts.begin(payee === null ? 'withdraw' : 'transfer', summaryOf(payment));
  let signed: SignedPayment | undefined;
  let isOvertaken = false;
  const request = {
    amount,
    fee,
    token: token.tokenId,
    validForSeconds: VALID_SECONDS,
    ...(reference === '' ? {} : { reference }),
    onSigned(next: SignedPayment) {
      isOvertaken = signed !== undefined;
      if (signed !== undefined) throw overtaken(signed);
      signed = next;
      attempts.learn(key, { signed });
    },
  };
  try {
    if (payee === null) await wallet.withdraw(request);
    // Owner and key as they were shown: an index alone would be looked up anew.
    else await wallet.transfer({ ...request, to: `${payee.owner}:${payee.key}` });
    return 'taken';
  } catch (error) {
    if (signed !== undefined && !isOvertaken && !isRefused(error)) return 'uncertain';
    attempts.forget(key);
    throw error;
  }
}
