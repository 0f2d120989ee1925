/**
 * Posts proven batches strictly in order and follows them to finality. L1 decides: a batch that it already has is adopted,
 * one that a reorg removed is posted again, and one that is not ours stops everything.
 */

import type { BlockReference } from '@quittance/chain';
import type { BatchRow } from '../../storage/index.ts';
import { isTooOld } from '../batcher/batch-time.ts';
import { isOnL1 } from './batch-states.ts';
import type { Poster, PosterOptions } from './poster.ts';
import { ahead, mismatch, tooOld } from './refusals.ts';

/** A poster over the batches of the database. */
export function createZkPoster({ context, states, submissions }: PosterOptions): Poster {
  const { config, chain, constants, storage, logger } = context;

  /** Records a batch that L1 already has as posted. @returns whether L1 has it. */
  async function adopt(batch: BatchRow, head: BlockReference): Promise<boolean> {
    const hash = await chain.headerHash(batch.number);
    if (hash === undefined) return false;
    if (hash !== batch.headerHash) throw mismatch(batch, hash);
    const parentBlock = storage.batches.get(batch.number - 1)?.inclusion?.blockNumber;
    const found = await chain.findBatch(batch.number, parentBlock ?? config.deploymentBlock, head.number);
    // The event may be in a newer block than the head that was read; the next look finds it.
    if (found === undefined || found.headerHash !== batch.headerHash) return false;
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
    const submission = submissions.proven(batch);
    if (submission === undefined) return false;
    const { transactionHash, blockNumber, blockHash, gasUsed } = await chain.submitBatch(submission, signal);
    states.posted(batch, { transactionHash, blockNumber, blockHash });
    logger.info('posted a batch', { batch: batch.number, transactionHash, blockNumber, gasUsed });
    return true;
  }

  /** Whether L1 still has the batch where it was; records it when the batch moved or vanished. */
  async function isStillThere(batch: BatchRow, head: BlockReference): Promise<boolean> {
    const { blockNumber, blockHash } = batch.inclusion!;
    if ((await chain.block(blockNumber))?.hash === blockHash) return true;
    if (await adopt(batch, head)) return false; // moved to another block: confirmed later
    if ((await chain.headerHash(batch.number)) !== undefined) return false; // there, but its event not yet found
    const later = storage.batches.range(batch.number, Number.MAX_SAFE_INTEGER).filter(({ state }) => isOnL1(state));
    logger.warn('a reorg removed batches from L1; they are posted again', { first: batch.number, count: later.length });
    for (const lost of later.reverse()) states.unposted(lost, 'proving');
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
    const last = storage.batches.last()?.number ?? 0;
    const lastPosted = storage.batches.lastPosted()?.number ?? 0;
    const lastFinal = storage.batches.lastFinal()?.number ?? 0;
    if (onL1 < lastFinal) {
      logger.warn('L1 lost batches beyond our confirmations; they are posted again', { onL1, lastFinal });
    }
    const first = Math.min(onL1, lastPosted) + 1;
    if (onL1 > last) throw ahead(onL1, last);
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
