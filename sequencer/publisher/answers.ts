/**
 * Keeps this account free for answers to disputes. The defender gives them, with the same account: what the sequencer has on
 * its way would take their nonce, and as long as it has blobs nodes take nothing without blobs of the account at all.
 */

import { answerDueBy, type RollupError } from '@quittance/protocol';
import { type AssertingParts, isAssertedBy } from './assertions.ts';
import { answerDue } from './refusals.ts';
import { readWaiting, type Waiting, type WaitingBatch } from './waiting.ts';

/** Whether a dispute of this assertion of ours can still be answered, and is not. */
function waitsForAnswer({ assertions, terms }: AssertingParts, { status, disputes }: WaitingBatch, time: number) {
  if (!isAssertedBy(assertions, status)) return false;
  return [...disputes.values()].some((chunk) => chunk.answeredAt === 0 && time <= answerDueBy(terms, chunk));
}

/** The first dispute of ours that waits for its answer, as the reason why nothing is asserted; undefined without one. */
export function dueAnswer(
  parts: AssertingParts,
  { own, head }: Pick<Waiting, 'own' | 'head'>,
): RollupError | undefined {
  const disputed = own.find((waiting) => waitsForAnswer(parts, waiting, head.timestamp));
  return disputed === undefined ? undefined : answerDue(disputed.batch);
}

/** Looks at each new block until a dispute waits for its answer. @returns undefined once the signal is aborted. */
async function nextDueAnswer(parts: AssertingParts, signal: AbortSignal): Promise<RollupError | undefined> {
  const { clock, config, chain, logger } = parts.context;
  let seen: string | undefined;
  for (;;) {
    try {
      await clock.sleep(config.l1PollMs, signal);
    } catch {
      return undefined; // no longer wanted
    }
    try {
      const head = await chain.head();
      if (head.hash === seen) continue;
      const due = dueAnswer(parts, { head, ...(await readWaiting(parts)) });
      if (due !== undefined) return due;
      seen = head.hash;
    } catch (error) {
      logger.debug('L1 could not be asked for disputes while a transaction is on its way', { error });
    }
  }
}

/**
 * Sends something that can wait, and stops waiting for it when a dispute opens. What is on its way then is not raised any
 * more: the answer replaces it, or has it replaced, and the next look finds what became of it.
 *
 * @throws RollupError ANSWER_DUE, or what `send` throws.
 */
export async function unlessAnswerIsDue<T>(
  parts: AssertingParts,
  send: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const [sent, giveWay] = [new AbortController(), new AbortController()];
  const watching = nextDueAnswer(parts, sent.signal).then((due) => {
    if (due !== undefined) giveWay.abort(due);
  });
  try {
    return await send(AbortSignal.any([signal, giveWay.signal]));
  } finally {
    sent.abort();
    await watching;
  }
}
