/** Signers that decline: each library has its own way of saying so. */

import { RollupError } from '@quittance/protocol';

/** EIP-1193: the user rejected the request. */
const USER_REJECTED = 4001;
/** Errors in errors: ethers and viem put the wallet's own one inside theirs. */
const MAX_DEPTH = 6;

/** Whether an error says that the user declined, wherever it says so. */
function isRefusal(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return false;
  const { code, name, cause, error: inner, info } = error as Record<string, unknown>;
  if (code === USER_REJECTED || code === 'ACTION_REJECTED' || name === 'UserRejectedRequestError') return true;
  return [cause, inner, info].some((next) => isRefusal(next, depth + 1));
}

/** What `ask` gives. @throws RollupError SIGNER_REFUSED when the user declined, else what it throws. */
export async function refusable<T>(account: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const message = 'the wallet was asked and declined; nothing was sent';
    throw new RollupError('SIGNER_REFUSED', message, { account }, { cause: error });
  }
}
