/**
 * Some sealed batches can never be posted: L1 refuses one whose time is too far back or to come, one that it rejected before, and one
 * that was sealed for another mode. Their operations are opened again and sealed into new batches.
 * What was dropped stays dropped.
 */

import { type RollupError, recordsOf } from '@quittance/protocol';
import { unixSeconds } from '../../runtime/index.ts';
import type { BatchRow, Storage } from '../../storage/index.ts';
import { isFromFuture, isTooOld } from '../batcher/batch-time.ts';
import { formsOf } from '../batcher/forms.ts';
import type { SequencerContext } from '../context.ts';
import { addLoads, type Budget, isWithin, type Load, limitsOf, loadOf, wayOf } from '../mempool/data-limits.ts';
import { clearRejection, readRejection } from '../publisher/batch-states.ts';
import { rejected } from '../publisher/refusals.ts';
import { isWaiting } from './waits.ts';

/**
 * Whether the batch cannot be posted in this mode, because it was sealed before the mode was changed: its form is one that is
 * only proven, or only asserted, or it is too large to be asserted. What the operator prefers now changes no sealed batch.
 */
function isOfAnotherMode(
  storage: Storage,
  { number, form }: BatchRow,
  { config, constants }: SequencerContext,
): boolean {
  const { mode, profile } = config;
  const possible = formsOf({ mode, data: 'auto' }, constants);
  if (!possible.includes(form)) return true;
  const limits = limitsOf(wayOf(mode), form, profile);
  const loads = storage.chunks.ofBatch(number).map((chunk) =>
    recordsOf({ form: 'calldata', chunks: [chunk.data], visible: [chunk.visible] }, profile.slotsPerChunk)
      .flat()
      .map(({ fields }) => loadOf(fields))
      .reduce(addLoads, { chunks: 1, visible: 0, signed: 0 }),
  );
  const batch = loads.reduce(addLoads);
  const isBroken = (load: Load) => (budget: Budget) => !isWithin(budget, load);
  return loads.some((load) => limits.chunk.some(isBroken(load))) || limits.batch.some(isBroken(batch));
}

/** Takes back the batches from this number on, which are not on L1. Call it inside a commit. */
export function removeSealed(storage: Storage, number: number): void {
  storage.leaves.removeFrom(number);
  storage.batches.removeFrom(number);
  clearRejection(storage);
}

/** Opens the operations of this batch and of those behind it again: none of them is on L1. As `LogWriter.append`. */
export function unsealFrom(
  { storage, writer, clock }: Pick<SequencerContext, 'storage' | 'writer' | 'clock'>,
  batch: BatchRow,
): Promise<void> | undefined {
  const lastSequence = batch.firstSequence - 1;
  return writer.append({
    entries: [{ type: 'unseal', batch: batch.number, lastSequence }],
    receivedMs: clock.nowMs(),
    also: () => removeSealed(storage, batch.number),
  });
}

/**
 * Unseals the batches that can no longer be posted: too old, of a time to come, or of another mode. Must run before recovery, while
 * nothing in memory depends on them.
 *
 * @throws RollupError L1_UNREACHABLE or DATABASE_DAMAGED.
 */
export async function unsealUnpostable(context: SequencerContext): Promise<void> {
  const { storage, chain, constants, logger, clock } = context;
  const lastPosted = storage.batches.lastPosted()?.number ?? 0;
  const unposted = storage.batches.range(lastPosted + 1, Number.MAX_SAFE_INTEGER);
  if (unposted[0] === undefined) return;
  const { timestamp } = await chain.head();
  const { number: onL1 } = await chain.finalState();
  const isUnpostable = (batch: BatchRow, position: number): boolean =>
    (position === 0 && isTooOld(batch, timestamp, constants)) ||
    isFromFuture(batch, timestamp, unixSeconds(clock), constants) ||
    isOfAnotherMode(storage, batch, context);
  const first = unposted.find(isUnpostable);
  // A batch that L1 already has is adopted later, however old it is.
  if (first === undefined || onL1 >= first.number || (await isWaiting(context, first))) return;
  logger.warn('batches cannot be posted any more and are sealed again', {
    first: first.number,
    time: first.header.time,
  });
  await unsealFrom(context, first);
}

/**
 * After L1 rejected a batch, only the operator's word (`resealRejected`) lets it go on: its operations are opened again.
 *
 * @returns BATCH_REJECTED while that word is missing.
 */
export async function dealWithRejection(context: SequencerContext): Promise<RollupError | undefined> {
  const { storage, config, logger } = context;
  const rejection = readRejection(storage);
  if (rejection === undefined) return undefined;
  if (!config.resealRejected) return rejected(rejection);
  logger.warn('sealing again what L1 rejected', { ...rejection });
  await unsealFrom(context, storage.batches.get(rejection.batch)!);
  return undefined;
}
