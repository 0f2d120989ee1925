/** A payment on the rollup that was signed: sent again until it is taken, or proven dead. */

import { isRollupError, RollupError } from '@quittance/protocol';
import type { SignedPayment, TransferHandle } from '../../wallet/types.ts';
import type { RouterOptions, RouterWallet } from './types.ts';

/** A transfer that the sequencer has. */
export type Taken = Pick<TransferHandle, 'id' | 'fee' | 'final'>;

/**
 * Whether the sequencer has a transfer that is over: one that was taken in its time, and whose answer was lost.
 *
 * @throws RollupError when that cannot be found out.
 */
async function takenInTime(wallet: RouterWallet, { id, transfer }: SignedPayment): Promise<Taken | undefined> {
  const handle = wallet.handleOf(id);
  const outcome = await handle.outcome('accepted', { timeoutMs: 0 });
  if (outcome.ok) return { id, fee: BigInt(transfer.fee), final: handle.final };
  const { code } = outcome.error;
  if (code === 'NOT_FOUND' || code === 'TRANSFER_DROPPED') return undefined;
  throw outcome.error;
}

/**
 * Proven that no batch has it or ever will: its time is over in a final state in which the account has not come to its nonce.
 *
 * @throws RollupError TRANSFER_UNCERTAIN while that is not so.
 */
async function requireDead(
  { id, transfer: { from, nonce, validUntil } }: SignedPayment,
  finalNonce: RouterOptions['finalNonce'],
): Promise<void> {
  const left = (reason: string): RollupError =>
    new RollupError('TRANSFER_UNCERTAIN', `it is not known whether transfer ${id} was taken: ${reason}`, {
      ...{ id, nonce, validUntil },
    });
  if (finalNonce === undefined) throw left('the sequencer says that it never had it; see `finalNonce` of the router');
  const final = await finalNonce(from);
  if (final.nonce > nonce) throw left(`its nonce is used in a final state, and the sequencer does not say by what`);
  if (final.time <= validUntil) throw left(`no final batch is later than its end, ${validUntil}: try again then`);
}

/** Sends it again. @returns undefined when it is proven that it was not paid and never will be. @throws as `wallet.resume`. */
export async function resumeOnRollup(
  { wallet, finalNonce }: Pick<RouterOptions, 'wallet' | 'finalNonce'>,
  signed: SignedPayment,
): Promise<Taken | undefined> {
  try {
    return await wallet.resume(signed);
  } catch (error) {
    if (isRollupError(error, 'NONCE_USED')) return undefined;
    if (!isRollupError(error, 'EXPIRED')) throw error;
    const taken = await takenInTime(wallet, signed);
    if (taken === undefined) await requireDead(signed, finalNonce);
    return taken;
  }
}
