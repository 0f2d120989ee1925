/** Moves asserted batches along: asserts the sealed ones, finalizes those that are due, records those that are confirmed. */

import { type AssertionConstants, type BlockReference, MAX_FINALIZED_AT_ONCE } from '@quittance/chain';
import { finalAfter } from '@quittance/protocol';
import type { BatchRow } from '../../storage/index.ts';
import { isTooOld } from '../batcher/batch-time.ts';
import { dueAnswer, unlessAnswerIsDue } from './answers.ts';
import type { AssertingParts } from './assertions.ts';
import { isOnL1, placeOf } from './batch-states.ts';
import { firstBlockOf } from './first-block.ts';
import { mayLeave } from './may-leave.ts';
import { requireOwnFinal } from './own-final.ts';
import { ahead, foreign, mismatch, ofAnotherMode, tooManyWait, tooOld } from './refusals.ts';
import { isRejection, reject, type Waiting, type WaitingBatch } from './waiting.ts';

/**
 * Deals with an earlier assertion of the batch, made before the last start or before an answer got lost.
 *
 * @throws RollupError BATCH_REJECTED when L1 rejected it, L1_LOGS_INCOMPLETE while L1 gave no event that says why.
 */
async function checkEarlier(
  parts: AssertingParts,
  batch: BatchRow,
  { head }: Waiting,
  signal: AbortSignal,
): Promise<void> {
  if (parts.neverSent.has(batch.number)) return;
  const earlier = await parts.find(batch, head);
  if (earlier === undefined || earlier.status.isPending) return;
  if (isRejection(parts, earlier)) throw reject(parts, batch, earlier);
  await parts.bonds.release(earlier, signal);
}

/**
 * Asserts the sealed batches, in order. @returns how many.
 *
 * @throws RollupError FOREIGN_BATCH, WAITING_FULL, BATCH_TOO_OLD, BATCH_OF_ANOTHER_MODE, ANSWER_DUE, BATCH_REJECTED
 * or L1_LOGS_INCOMPLETE as `checkEarlier`, or why L1 refused or could not be asked.
 */
export async function assertSealed(parts: AssertingParts, waiting: Waiting, signal: AbortSignal): Promise<number> {
  const { context, states, submissions, assertions, terms, patience } = parts;
  const { storage, constants, logger, config } = context;
  const first = waiting.finalNumber + waiting.own.length + 1;
  // Those that L1 has room for and one more, not all that were ever sealed while gas was dear.
  const sealed = storage.batches.range(first, first + Math.max(0, terms.maxPending - waiting.own.length));
  for (const [position, batch] of sealed.entries()) {
    signal.throwIfAborted();
    // It got onto L1 after the last look; the next one will see it.
    if (isOnL1(batch.state)) return position;
    if (!mayLeave(storage, batch.number)) return position;
    if (waiting.foreign !== undefined) throw foreign(waiting.foreign);
    if (waiting.own.length + position >= terms.maxPending) throw tooManyWait(terms.maxPending);
    if (batch.state !== 'final' && isTooOld(batch, waiting.head.timestamp, constants)) {
      throw tooOld(batch, constants.maxBatchAgeSeconds);
    }
    if (batch.form === 'coefficients') throw ofAnotherMode(batch, batch.form, config.mode);
    await checkEarlier(parts, batch, waiting, signal);
    const due = dueAnswer(parts, waiting);
    if (due !== undefined) throw due;
    if (await patience.isWorthWaiting(batch)) return position;
    parts.neverSent.delete(batch.number);
    const action = { type: 'assertBatch', ...(await submissions.asserted(batch)) } as const;
    const sent = await unlessAnswerIsDue(parts, (unlessDue) => assertions.send(action, unlessDue), signal);
    states.posted(batch, sent);
    const { transactionHash, blockNumber, gasUsed } = sent;
    const { number, form } = batch;
    logger.info('asserted a batch', { batch: number, form, transactionHash, blockNumber, gasUsed });
  }
  return sealed.length;
}

/** Whether the clocks of a waiting batch, or its proofs, let it become final at `time`, if its parent is. */
function isDue({ status, disputes }: WaitingBatch, terms: AssertionConstants, time: number): boolean {
  const deadline = finalAfter(terms, status, (chunk) => disputes.get(chunk));
  return deadline !== undefined && time > deadline;
}

/** Finalizes the first waiting batches, as many as are due. @returns how many. @throws RollupError why L1 refused it. */
export async function finalizeDue(
  { assertions, terms, context }: AssertingParts,
  { own, head }: Waiting,
  signal: AbortSignal,
): Promise<number> {
  const firstRunning = own.findIndex((batch) => !isDue(batch, terms, head.timestamp));
  const due = own.slice(0, firstRunning < 0 ? own.length : firstRunning).slice(0, MAX_FINALIZED_AT_ONCE);
  if (due.length === 0) return 0;
  const headers = due.map(({ batch }) => batch.header);
  const { transactionHash, gasUsed } = await assertions.send({ type: 'finalizeBatches', headers }, signal);
  context.logger.info('L1 made batches final', {
    first: headers[0]!.number,
    count: due.length,
    transactionHash,
    gasUsed,
  });
  return due.length;
}

/** Records a batch as final once L1 made it so and it has its confirmations. @returns whether it is recorded. */
async function confirm(
  parts: AssertingParts,
  batch: BatchRow,
  head: BlockReference,
  signal: AbortSignal,
): Promise<boolean> {
  const { context, states, find, bonds } = parts;
  const { chain, config, storage } = context;
  const hash = await chain.headerHash(batch.number);
  if (hash === undefined) return false; // a reorg between two answers
  if (hash !== batch.headerHash) throw mismatch(batch, hash);
  const finalized = await chain.findBatch(batch.number, await firstBlockOf(context, batch), head.number);
  if (finalized === undefined || finalized.headerHash !== batch.headerHash) return false;
  const found = await find(batch, head);
  // Somebody else may have posted the same batch.
  if (!isOnL1(batch.state)) states.posted(batch, found?.place ?? placeOf(finalized));
  if (head.number < finalized.blockNumber + config.confirmations - 1) return false;
  // Its bond is still held when it was proven by other means than its assertion.
  if (found !== undefined) await bonds.release(found, signal);
  states.final(storage.batches.get(batch.number)!);
  return true;
}

/** Records the batches that L1 made final, in order. @throws RollupError FOREIGN_BATCH_FINAL when one is not ours. */
export async function confirmFinal(parts: AssertingParts, head: BlockReference, signal: AbortSignal): Promise<void> {
  const { chain, storage } = parts.context;
  const { number: onL1 } = await chain.finalState();
  const last = storage.batches.last()?.number ?? 0;
  if (onL1 > last) throw ahead(onL1, last);
  await requireOwnFinal(parts.context, onL1);
  const first = (storage.batches.lastFinal()?.number ?? 0) + 1;
  for (const batch of storage.batches.range(first, onL1)) if (!(await confirm(parts, batch, head, signal))) return;
}
