/**
 * Some sealed batches can never be posted: L1 refuses one whose time is too far back or to come, one that it rejected before, and one
 * that was sealed for a proof but is too large to assert. Their operations are opened again and sealed into new batches.
 * What was dropped stays dropped.
 */

import { chunkAuthorizations, type RollupError } from '@quittance/protocol';
import { unixSeconds } from '../../runtime/index.ts';
import type { BatchRow, Storage } from '../../storage/index.ts';
import { isFromFuture, isTooOld } from '../batcher/batch-time.ts';
import { operationsOf } from '../batcher/operations.ts';
import type { SequencerContext } from '../context.ts';
import { limitsOf } from '../mempool/data-limits.ts';
import { clearRejection, readRejection } from '../publisher/batch-states.ts';
import { rejected } from '../publisher/refusals.ts';

/** Whether the batch is too large to be asserted: it was sealed for a proof, before the mode was changed. */
function isTooLarge(storage: Storage, batch: BatchRow, { config }: SequencerContext): boolean {
  const { chunkBytes, batchBytes } = limitsOf(config.mode);
  const sizes = storage.chunks
    .ofBatch(batch.number)
    .map((chunk) => chunk.data.length + chunkAuthorizations(operationsOf(storage, config.profile, chunk)).length);
  return sizes.some((size) => size > chunkBytes) || sizes.reduce((sum, size) => sum + size, 0) > batchBytes;
}

function unsealFrom(storage: Storage, batch: BatchRow, nowMs: number): void {
  const lastSequence = batch.firstSequence - 1;
  storage.commit(() => {
    storage.leaves.removeFrom(batch.number);
    storage.batches.removeFrom(batch.number);
    clearRejection(storage);
    storage.log.append([{ type: 'unseal', batch: batch.number, lastSequence }], nowMs);
  });
}

/** Whether the batch waits on L1 although we did not write it down: it was asserted just before a crash. */
async function isWaiting({ optimistic }: SequencerContext, { number, headerHash }: BatchRow): Promise<boolean> {
  const id = await optimistic?.assertions.pendingId(number);
  return id !== undefined && (await optimistic!.assertions.assertion(id)).headerHash === headerHash;
}

/**
 * Unseals the batches that can no longer be posted: too old, of a time to come, or too large for this mode. Must run before recovery, while
 * nothing in memory depends on them.
 *
 * @throws RollupError L1_UNREACHABLE or DATABASE_DAMAGED.
 */
export async function unsealUnpostable(context: SequencerContext): Promise<void> {
  const { storage, chain, constants, config, logger, clock } = context;
  const lastPosted = storage.batches.lastPosted()?.number ?? 0;
  const unposted = storage.batches.range(lastPosted + 1, Number.MAX_SAFE_INTEGER);
  if (unposted[0] === undefined) return;
  const { timestamp } = await chain.head();
  const { number: onL1 } = await chain.finalState();
  const isUnpostable = (batch: BatchRow, position: number): boolean =>
    (position === 0 && isTooOld(batch, timestamp, constants)) ||
    isFromFuture(batch, timestamp, unixSeconds(clock), constants) ||
    (config.mode !== 'zk' && isTooLarge(storage, batch, context));
  const first = unposted.find(isUnpostable);
  // A batch that L1 already has is adopted later, however old it is.
  if (first === undefined || onL1 >= first.number || (await isWaiting(context, first))) return;
  logger.warn('batches cannot be posted any more and are sealed again', {
    first: first.number,
    time: first.header.time,
  });
  unsealFrom(storage, first, clock.nowMs());
}

/**
 * After L1 rejected a batch, only the operator's word (`resealRejected`) lets it go on: its operations are opened again.
 *
 * @returns BATCH_REJECTED while that word is missing.
 */
export function dealWithRejection({ storage, config, logger, clock }: SequencerContext): RollupError | undefined {
  const rejection = readRejection(storage);
  if (rejection === undefined) return undefined;
  if (!config.resealRejected) return rejected(rejection);
  logger.warn('sealing again what L1 rejected', { ...rejection });
  unsealFrom(storage, storage.batches.get(rejection.batch)!, clock.nowMs());
  return undefined;
}
