/** Asserts sealed batches with their bonds, each on a parent of ours, strictly in order. */

import type { AssertionChain, AssertionConstants } from '@quittance/chain';
import type { BatchRow } from '../../storage/index.ts';
import { isTooOld } from '../batcher/batch-time.ts';
import type { FindAssertion } from './assertion-search.ts';
import { isOnL1 } from './batch-states.ts';
import type { Bonds } from './bonds.ts';
import { isRejection, reject } from './lost.ts';
import type { PosterOptions } from './poster.ts';
import { foreign, tooManyWait, tooOld } from './refusals.ts';
import type { Waiting } from './waiting.ts';

/** What the steps of asserting share. */
export interface AssertingParts extends PosterOptions {
  readonly assertions: AssertionChain;
  readonly terms: AssertionConstants;
  readonly find: FindAssertion;
  readonly bonds: Bonds;
  /** Batches that were certainly never sent: sealed since the start, and no sending of theirs failed. */
  readonly neverSent: Set<number>;
}

/**
 * Before a batch is asserted that may have been asserted before the last start or a lost answer: what became of it.
 *
 * @throws RollupError BATCH_REJECTED when L1 rejected it.
 */
async function checkEarlier(parts: AssertingParts, batch: BatchRow, { head }: Waiting): Promise<void> {
  if (parts.neverSent.has(batch.number)) return;
  const earlier = await parts.find(batch, head);
  if (earlier === undefined || earlier.status.isPending) return;
  if (isRejection(parts, earlier)) throw reject(parts, batch, earlier);
  await parts.bonds.release(earlier);
}

/**
 * Asserts what is sealed. @returns how many.
 *
 * @throws RollupError FOREIGN_BATCH, QUEUE_FULL, STATE_MISMATCH, BATCH_REJECTED, L1_REJECTED or what L1 answers.
 */
export async function assertSealed(parts: AssertingParts, waiting: Waiting, signal: AbortSignal): Promise<number> {
  const { context, states, submissions, assertions, terms } = parts;
  const { storage, constants, logger } = context;
  const first = waiting.finalNumber + waiting.own.length + 1;
  const sealed = storage.batches.range(first, Number.MAX_SAFE_INTEGER);
  for (const [position, batch] of sealed.entries()) {
    signal.throwIfAborted();
    // L1 has it waiting since the look: the next one sees it.
    if (isOnL1(batch.state)) return position;
    if (waiting.foreign !== undefined) throw foreign(waiting.foreign);
    if (waiting.own.length + position >= terms.maxPending) throw tooManyWait(terms.maxPending);
    if (batch.state !== 'final' && isTooOld(batch, waiting.head.timestamp, constants)) {
      throw tooOld(batch, constants.maxBatchAgeSeconds);
    }
    await checkEarlier(parts, batch, waiting);
    parts.neverSent.delete(batch.number);
    const sent = await assertions.send({ type: 'assertBatch', submission: submissions.asserted(batch) }, signal);
    states.posted(batch, sent);
    const { transactionHash, blockNumber, gasUsed } = sent;
    logger.info('asserted a batch', { batch: batch.number, transactionHash, blockNumber, gasUsed });
  }
  return sealed.length;
}
