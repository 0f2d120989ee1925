/** What an answer to a signed transfer means for who wants it paid once. Pure. */

import { isPassing, type RollupError, RpcNumber } from '@quittance/protocol';

/**
 * - `uncertain`: no answer for it, or none that says what became of it: it may have been taken, and may still be.
 * - `foreign`: an error that no sequencer of this version gives, as a gateway's: as `uncertain`, and it may not pass.
 * - `used`: the server says that another transfer has its nonce. Only that transfer proves it.
 * - `gap`: one with a nonce before it lacks. It can be taken as soon as that comes.
 * - `later`: refused for now.
 * - `refused`: for good, by the word of the server.
 */
export type Verdict = 'uncertain' | 'foreign' | 'used' | 'gap' | 'later' | 'refused';

/**
 * Answers that say nothing of the transfer. A leader that lost its lead, or the journal, does not know what became of what it had
 * in hand: it may be in the log of the next leader.
 */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'CANCELLED',
  'ACKNOWLEDGEMENT_MISMATCH',
  'NOT_LEADER',
  'JOURNAL_UNAVAILABLE',
]);

/**
 * The verdict of an error that came in place of an acknowledgement. What the server says by a code of its own, it says of this
 * transfer: it was refused. What the client says, and what goes wrong within the server, says nothing of it.
 */
export function verdictOf(error: RollupError): Verdict {
  const { rpcCode } = error.data;
  const isAnswer = typeof rpcCode === 'number' && rpcCode !== RpcNumber.internal;
  if (!isAnswer || SAYS_NOTHING.has(error.code)) return 'uncertain';
  if (error.code === 'RPC_ANSWER_INVALID') return 'foreign';
  if (error.code === 'NONCE_USED') return 'used';
  if (error.code === 'NONCE_GAP') return 'gap';
  return isPassing(error) ? 'later' : 'refused';
}

/** Milliseconds that the server asks to wait; undefined where it does not say. */
export function retryAfterMs({ data }: RollupError): number | undefined {
  const seconds = Number(data['retryAfterSeconds'] ?? data['retryAfter'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
