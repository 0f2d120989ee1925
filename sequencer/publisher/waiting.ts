/**
 * Compares the batches that wait on L1 with the database, from the last final one on, and finds out what became of posted
 * ones that no longer wait: lost in a reorg, removed, or rejected.
 */

import type { AssertionStatus, BlockReference, ChunkDisputesStatus } from '@quittance/chain';
import { areDisputesRunning, contestedChunks, RollupError } from '@quittance/protocol';
import type { BatchRow } from '../../storage/index.ts';
import { type AssertingParts, type FoundAssertion, isAssertedBy } from './assertions.ts';
import { isOnL1, type Rejection } from './batch-states.ts';
import { rejected } from './refusals.ts';

/** A batch of ours that waits on L1. */
export interface WaitingBatch {
  readonly batch: BatchRow;
  readonly assertionId: bigint;
  readonly status: AssertionStatus;
  /** The disputes of its contested chunks, by chunk. */
  readonly disputes: ReadonlyMap<number, ChunkDisputesStatus>;
}

/** What waits on L1 as of one block. */
export interface Waiting {
  readonly head: BlockReference;
  readonly finalNumber: number;
  /** Ours, consecutive from the last final one on. */
  readonly own: readonly WaitingBatch[];
  /** Number of the first waiting batch that is not ours. */
  readonly foreign: number | undefined;
}

/** Records where the batch waits, and whether it is disputed. */
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
    [...disputes.values()].some((chunk) => areDisputesRunning(terms, chunk, head.timestamp)),
  );
}

/** Whether L1 rejected an assertion of ours. One that somebody else made of our batch does not count. */
export function isRejection({ assertions }: AssertingParts, { status }: FoundAssertion): boolean {
  return status.isRejected && isAssertedBy(assertions, status);
}

/**
 * Records the rejection, which takes back every later batch too. @returns the error that stops the sequencer, or
 * L1_LOGS_INCOMPLETE, which passes, while the event that says why was not read yet: nothing is recorded then.
 */
export function reject(parts: AssertingParts, batch: BatchRow, found: FoundAssertion): RollupError {
  if (found.isUnanswered === undefined) {
    const what = `the rejection of assertion ${found.assertionId}`;
    return new RollupError('L1_LOGS_INCOMPLETE', `L1 shows ${what}, and gave no event of it yet`, { what });
  }
  const { storage } = parts.context;
  const rejection: Rejection = {
    batch: batch.number,
    headerHash: batch.headerHash,
    assertionId: found.assertionId.toString(),
    isUnanswered: found.isUnanswered,
  };
  const later = storage.batches.range(batch.number + 1, Number.MAX_SAFE_INTEGER);
  parts.states.rejected(rejection, [batch, ...later.filter(({ state }) => isOnL1(state))]);
  return rejected(rejection);
}

/**
 * Finds out what became of posted batches that no longer wait. @param lost consecutive ones.
 *
 * @throws RollupError BATCH_REJECTED when L1 rejected one, L1_LOGS_INCOMPLETE while L1 gave no event that says why.
 */
async function explainLost(
  parts: AssertingParts,
  lost: readonly BatchRow[],
  head: BlockReference,
  signal: AbortSignal,
): Promise<void> {
  const { context, find, states, bonds } = parts;
  const { logger, chain } = context;
  for (const [position, batch] of lost.entries()) {
    const found = await find(batch, head);
    if (found === undefined) {
      logger.warn('a reorg removed batches from L1; they are posted again', {
        first: batch.number,
        count: lost.length - position,
      });
      for (const later of lost.slice(position).reverse()) states.unposted(later, 'sealed');
      return;
    }
    if (isRejection(parts, found)) throw reject(parts, batch, found);
    // It does wait, or is final: L1 moved on between two answers. The next look sees it.
    if (found.status.isPending || (await chain.finalState()).number >= batch.number) return;
    await bonds.release(found, signal);
    states.unposted(batch, 'reverted');
    logger.warn('L1 removed a batch because of another one; it is posted again', {
      batch: batch.number,
      assertionId: found.assertionId,
    });
  }
}

/** What waits on L1, before anything is recorded of it. */
interface Seen {
  readonly finalNumber: number;
  readonly lastNumber: number;
  /** Ours, consecutive from the last final one on. */
  readonly own: readonly WaitingBatch[];
}

/** Reads which batches wait on L1, up to the first that is not ours. @throws RollupError why L1 could not be read. */
export async function readWaiting({ assertions, context }: AssertingParts): Promise<Seen> {
  const { batches } = context.storage;
  const { finalNumber, lastNumber } = await assertions.pendingRange();
  const own: WaitingBatch[] = [];
  for (let number = finalNumber + 1; number <= lastNumber; number++) {
    const batch = batches.get(number);
    const assertionId = await assertions.pendingId(number);
    if (batch === undefined || assertionId === undefined) break;
    const status = await assertions.assertion(assertionId);
    if (status.headerHash !== batch.headerHash) break;
    const disputes = new Map(
      await Promise.all(
        contestedChunks(status).map(
          async (chunk) => [chunk, await assertions.chunkDisputes(assertionId, chunk)] as const,
        ),
      ),
    );
    own.push({ batch, assertionId, status, disputes });
  }
  return { finalNumber, lastNumber, own };
}

/**
 * Looks at the batches that wait on L1. Those of ours that it lost are marked, to be posted again.
 *
 * @throws RollupError BATCH_REJECTED, L1_LOGS_INCOMPLETE as `explainLost`, or why L1 could not be read.
 */
export async function lookAtWaiting(
  parts: AssertingParts,
  head: BlockReference,
  signal: AbortSignal,
): Promise<Waiting> {
  const { batches } = parts.context.storage;
  const { finalNumber, lastNumber, own } = await readWaiting(parts);
  for (const waiting of own) await note(parts, waiting, head);
  const number = finalNumber + own.length + 1;
  const lost = batches.range(number, Number.MAX_SAFE_INTEGER).filter(({ state }) => isOnL1(state));
  if (lost.length > 0) await explainLost(parts, lost, head, signal);
  return { head, finalNumber, own, foreign: number <= lastNumber ? number : undefined };
}
