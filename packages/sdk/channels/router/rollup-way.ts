/** A payment on the rollup that was signed: sent again until it is taken, or proven dead. */

import { isRollupError } from '@quittance/protocol';
import type { SignedPayment, TransferHandle } from '../../wallet/types.ts';
import type { RouterWallet } from './types.ts';

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

/** Sends it again. @returns undefined when it is proven that it was not paid and never will be. @throws as `wallet.resume`. */
export async function resumeOnRollup(wallet: RouterWallet, signed: SignedPayment): Promise<Taken | undefined> {
  try {
    return await wallet.resume(signed);
  } catch (error) {
    if (isRollupError(error, 'NONCE_USED')) return undefined;
    if (isRollupError(error, 'EXPIRED')) return takenInTime(wallet, signed);
    throw error;
  }
}
