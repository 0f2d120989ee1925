/**
 * Posts proven batches strictly in order and follows them to finality. L1 decides: a batch that it already has is adopted,
 * one that a reorg removed is posted again, and one that is not ours stops everything.
 */

import type { BlockReference } from '@quittance/chain';
import type { BatchRow } from '../../storage/index.ts';
import { isTooOld } from '../batcher/batch-time.ts';
import type { SequencerContext } from '../context.ts';
import { isOnL1 } from './batch-states.ts';
import { firstBlockOf } from './first-block.ts';
import { mayLeave } from './may-leave.ts';
import { requireOwnFinal } from './own-final.ts';
import type { Poster, PosterOptions } from './poster.ts';
import { ahead, mismatch, ofAnotherMode, tooOld } from './refusals.ts';
import type { ProveAgain } from './reproving.ts';

/** Where L1 has the batch, if it has it. @throws RollupError when it has another one under its number. */
async function findOnL1(context: SequencerContext, batch: BatchRow, head: BlockReference) {
  const { chain } = context;
  const hash = await chain.headerHash(batch.number);
  if (hash === undefined) return undefined;
  if (hash !== batch.headerHash) throw mismatch(batch, hash);
  const found = await chain.findBatch(batch.number, await firstBlockOf(context, batch), head.number);
  // The event may be in a newer block than the head that was read; the next look finds it.
  return found?.headerHash === batch.headerHash ? found : undefined;
}

/** The batches that are to be on L1, from the first that may not be. @throws RollupError when L1 has more than we have. */
function rangeToPost(
  { storage: { batches }, logger }: SequencerContext,
  onL1: number,
): { first: number; last: number } {
  const last = batches.last()?.number ?? 0;
  const lastFinal = batches.lastFinal()?.number ?? 0;
  if (onL1 < lastFinal) {
    logger.warn('L1 lost batches beyond our confirmations; they are posted again', { onL1, lastFinal });
  }
  if (onL1 > last) throw ahead(onL1, last);
  return { first: Math.min(onL1, batches.lastPosted()?.number ?? 0) + 1, last };
}

/** A reorg took this batch and those after it: they are posted again. */
function unpostFrom({ context: { storage, logger }, states }: PosterOptions, { number }: BatchRow): void {
  const lost = storage.batches.range(number, Number.MAX_SAFE_INTEGER).filter(({ state }) => isOnL1(state));
  logger.warn('a reorg removed batches from L1; they are posted again', { first: number, count: lost.length });
  for (const batch of lost.reverse()) states.unposted(batch, 'proving');
}

/** A poster over the batches of the database. */
export function createZkPoster(options: PosterOptions, proveAgain: ProveAgain): Poster {
  const { context, states, submissions, patience, sendProofs } = options;
  const { config, chain, constants, storage, logger } = context;

  /** Records a batch that L1 already has as posted. @returns whether L1 has it. */
  async function adopt(batch: BatchRow, head: BlockReference): Promise<boolean> {
    const found = await findOnL1(context, batch, head);
    if (found === undefined) return false;
    const { transactionHash, blockNumber, blockHash } = found;
    if (batch.inclusion?.blockHash !== blockHash) {
      states.posted(batch, found);
      logger.info('L1 has the batch', { batch: batch.number, transactionHash, blockNumber });
    }
    return true;
  }

  async function submit(batch: BatchRow, head: BlockReference, signal: AbortSignal): Promise<boolean> {
    if (batch.state !== 'final' && isTooOld(batch, head.timestamp, constants))
      throw tooOld(batch, constants.maxBatchAgeSeconds);
    if (submissions.proofs(batch) === undefined) {
      // Nobody ever proves it.
      if (batch.form === 'evaluations') throw ofAnotherMode(batch, batch.form, config.mode);
      if (batch.state === 'final') await proveAgain(batch);
      return false;
    }
    if (!mayLeave(storage, batch.number)) return false;
    if (await patience.isWorthWaiting(batch)) return false;
    const call = (await submissions.proven(batch))!;
    const sent = await sendProofs(batch, () => chain.submitBatch(call.submission, call.blobs, signal));
    const { transactionHash, blockNumber, gasUsed } = sent;
    states.posted(batch, sent);
    const { number, form } = batch;
    logger.info('posted a batch', { batch: number, form, transactionHash, blockNumber, gasUsed });
    return true;
  }

  /** Whether L1 still has the batch where it was; records it when the batch moved or vanished. */
  async function isStillThere(batch: BatchRow, head: BlockReference): Promise<boolean> {
    const { blockNumber, blockHash } = batch.inclusion!;
    if ((await chain.block(blockNumber))?.hash === blockHash) return true;
    if (await adopt(batch, head)) return false; // moved to another block: confirmed later
    if ((await chain.headerHash(batch.number)) !== undefined) return false; // there, but its event not yet found
    unpostFrom(options, batch);
    return false;
  }

  async function finalize(head: BlockReference): Promise<void> {
    const first = (storage.batches.lastFinal()?.number ?? 0) + 1;
    for (const batch of storage.batches.range(first, storage.batches.lastPosted()?.number ?? 0)) {
      if (!isOnL1(batch.state) || !(await isStillThere(batch, head))) return;
      if (head.number < batch.inclusion!.blockNumber + config.confirmations - 1) return;
      // A batch that was asserted before the mode was changed is on L1 but still waits.
      if (batch.number > (await chain.finalState()).number) return;
      states.final(batch);
    }
  }

  async function postAll(head: BlockReference, signal: AbortSignal): Promise<void> {
    const { number: onL1 } = await chain.finalState();
    await requireOwnFinal(context, onL1);
    const { first, last } = rangeToPost(context, onL1);
    for (let number = first; number <= last; number++) {
      signal.throwIfAborted();
      const batch = storage.batches.get(number)!;
      if (number <= onL1 ? !(await adopt(batch, head)) : !(await submit(batch, head, signal))) return;
    }
  }

  return {
    async run(signal) {
      const head = await chain.head();
      await finalize(head);
      await postAll(head, signal);
      await finalize(await chain.head());
    },
  };
}
