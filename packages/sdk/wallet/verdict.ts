/** What an answer to a signed transfer means for who wants it paid once. Pure. */

import { isPassing, type RollupError, RpcNumber } from '@quittance/protocol';

/**
 * - `uncertain`: no answer for it, or none that says what became of it: it may have been taken, and may still be.
 * - `nonce`: refused because another transfer has its nonce, or one before it lacks. Signed with the next one it may be taken.
 * - `another`: another process signed the very same transfer, and said that it is for something else: that is paid, this is not.
 *   Signed with the next nonce it is another one.
 * - `later`: refused for now.
 * - `refused`: for good.
 */
export type Verdict = 'uncertain' | 'nonce' | 'another' | 'later' | 'refused';

/**
 * The verdict of an error that came in place of an acknowledgement. What the server says by a code of its own, it says of this
 * transfer: it was refused. What the client says, and what goes wrong within the server, says nothing of it.
 */
export function verdictOf(error: RollupError): Verdict {
  const { rpcCode } = error.data;
  const isAnswer = typeof rpcCode === 'number' && rpcCode !== RpcNumber.internal;
  if (!isAnswer || error.code === 'CANCELLED' || error.code === 'ACKNOWLEDGEMENT_MISMATCH') return 'uncertain';
  if (error.code === 'NONCE_USED' || error.code === 'NONCE_GAP') return 'nonce';
  if (error.code === 'REFERENCE_KEPT') return 'another';
  return isPassing(error) ? 'later' : 'refused';
}

/** Milliseconds that the server asks to wait; undefined where it does not say. */
export function retryAfterMs({ data }: RollupError): number | undefined {
  const seconds = Number(data['retryAfterSeconds'] ?? data['retryAfter'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
