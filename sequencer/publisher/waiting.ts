/** Compares what waits on L1 with the database, number by number from the last final batch on. */

import type { AssertionStatus, BlockReference, ChunkDisputesStatus } from '@quittance/chain';
import type { BatchRow } from '../../storage/index.ts';
import type { AssertingParts } from './asserting.ts';
import { contestedChunks, isRunning } from './assertion-clocks.ts';
import { isOnL1 } from './batch-states.ts';
import { explainLost } from './lost.ts';

/** A batch of ours that waits on L1. */
export interface WaitingBatch {
  readonly batch: BatchRow;
  readonly assertionId: bigint;
  readonly status: AssertionStatus;
  /** Of its contested chunks, in order. */
  readonly disputes: readonly ChunkDisputesStatus[];
}

/** L1 at one moment. */
export interface Waiting {
  readonly head: BlockReference;
  readonly finalNumber: number;
  /** Ours, without a gap from the last final one on. */
  readonly own: readonly WaitingBatch[];
  /** Number of the first waiting batch that is not ours. */
  readonly foreign: number | undefined;
}

/** Notes where the batch waits, and whether it is disputed. */
async function note(parts: AssertingParts, waiting: WaitingBatch, head: BlockReference): Promise<void> {
  const { context, find, states, terms } = parts;
  const { batch, disputes } = waiting;
  const { blockNumber, blockHash } = batch.inclusion ?? { blockNumber: -1, blockHash: '' };
  const isInPlace = batch.inclusion !== undefined && (await context.chain.block(blockNumber))?.hash === blockHash;
  if (!isInPlace) {
    const found = await find(batch, head);
    if (found === undefined) return; // in a newer block than the head that was read; the next look finds it
    states.posted(batch, found.place);
    context.logger.info('L1 has the batch', { batch: batch.number, ...found.place });
  }
  const present = context.storage.batches.get(batch.number)!;
  states.disputed(
    present,
    disputes.some((dispute) => isRunning(dispute, terms, head.timestamp)),
  );
}

/**
 * Follows our batches that are not final. What L1 lost is marked, to be posted again.
 *
 * @throws RollupError BATCH_REJECTED, or what L1 answers.
 */
export async function lookAtWaiting(parts: AssertingParts, head: BlockReference): Promise<Waiting> {
  const { assertions, context } = parts;
  const { batches } = context.storage;
  const { finalNumber, lastNumber } = await assertions.pendingRange();
  const own: WaitingBatch[] = [];
  let number = finalNumber + 1;
  for (; number <= lastNumber; number++) {
    const batch = batches.get(number);
    const assertionId = await assertions.pendingId(number);
    if (batch === undefined || assertionId === undefined) break;
    const status = await assertions.assertion(assertionId);
    if (status.headerHash !== batch.headerHash) break;
    const disputes = await Promise.all(
      contestedChunks(status).map((chunk) => assertions.chunkDisputes(assertionId, chunk)),
    );
    const waiting = { batch, assertionId, status, disputes };
    await note(parts, waiting, head);
    own.push(waiting);
  }
  const lost = batches.range(number, Number.MAX_SAFE_INTEGER).filter(({ state }) => isOnL1(state));
  if (lost.length > 0) await explainLost(parts, lost, head);
  return { head, finalNumber, own, foreign: number <= lastNumber ? number : undefined };
}
