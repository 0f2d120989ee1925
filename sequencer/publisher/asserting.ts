/** Moves batches along on L1: asserts what is sealed, makes final what is due, and takes as final what is confirmed. */

import type { AssertionConstants, BlockReference } from '@quittance/chain';
import { finalAfter } from '@quittance/protocol';
import type { BatchRow } from '../../storage/index.ts';
import { isTooOld } from '../batcher/batch-time.ts';
import { type AssertingParts, firstBlockOf } from './assertions.ts';
import { isOnL1, placeOf } from './batch-states.ts';
import { ahead, foreign, mismatch, tooManyWait, tooOld } from './refusals.ts';
import { isRejection, reject, type Waiting, type WaitingBatch } from './waiting.ts';

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
 * @throws RollupError FOREIGN_BATCH, WAITING_FULL, FOREIGN_BATCH_FINAL, BATCH_TOO_OLD, BATCH_REJECTED, L1_REJECTED or what L1 answers.
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

/** Batches of one call: its gas stays far below that of a block. */
const MAX_BATCHES = 16;

/** Whether the clocks of a waiting batch, or its proofs, let it become final at `time`, if its parent is. */
function isDue({ status, disputes }: WaitingBatch, terms: AssertionConstants, time: number): boolean {
  const deadline = finalAfter(terms, status, (chunk) => disputes.get(chunk));
  return deadline !== undefined && time > deadline;
}

/** Makes the first waiting batches final, as many as are due. @returns how many. @throws RollupError L1_REJECTED, or what L1 answers. */
export async function finalizeDue(
  { assertions, terms, context }: AssertingParts,
  { own, head }: Waiting,
  signal: AbortSignal,
): Promise<number> {
  const firstRunning = own.findIndex((batch) => !isDue(batch, terms, head.timestamp));
  const due = own.slice(0, firstRunning < 0 ? own.length : firstRunning).slice(0, MAX_BATCHES);
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

/** @returns whether the batch is final and has its confirmations. */
async function confirm(parts: AssertingParts, batch: BatchRow, head: BlockReference): Promise<boolean> {
  const { context, states, find, bonds } = parts;
  const { chain, config, storage } = context;
  const hash = await chain.headerHash(batch.number);
  if (hash === undefined) return false; // a reorg between two answers
  if (hash !== batch.headerHash) throw mismatch(batch, hash);
  const finalized = await chain.findBatch(batch.number, firstBlockOf(context, batch), head.number);
  if (finalized === undefined || finalized.headerHash !== batch.headerHash) return false;
  const found = await find(batch, head);
  // Somebody else may have posted the very same batch.
  if (!isOnL1(batch.state)) states.posted(batch, found?.place ?? placeOf(finalized));
  if (head.number < finalized.blockNumber + config.confirmations - 1) return false;
  // Proven by another way than through its assertion, it still has its bond.
  if (found !== undefined) await bonds.release(found);
  states.final(storage.batches.get(batch.number)!);
  return true;
}

/** @throws RollupError FOREIGN_BATCH_FINAL when a batch that is not ours is final. */
export async function confirmFinal(parts: AssertingParts, head: BlockReference): Promise<void> {
  const { chain, storage } = parts.context;
  const { number: onL1 } = await chain.finalState();
  const last = storage.batches.last()?.number ?? 0;
  if (onL1 > last) throw ahead(onL1, last);
  const first = (storage.batches.lastFinal()?.number ?? 0) + 1;
  for (const batch of storage.batches.range(first, onL1)) if (!(await confirm(parts, batch, head))) return;
}
