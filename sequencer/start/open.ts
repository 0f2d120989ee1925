/** The operations of the log that are in no batch yet, in the order in which batches take them. */

import { type Clock, unixSeconds } from '../../runtime/index.ts';
import type { Storage } from '../../storage/index.ts';
import { sealedThrough } from '../batcher/seal.ts';
import type { SequencerConfig } from '../config.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import { acceptedBefore } from '../reorg/take-back.ts';

/** Open operations in the order of the log. */
export function readOpen(storage: Storage): OpenEntry[] {
  const open: OpenEntry[] = [];
  // Some are done although earlier ones are not: dropped from a batch that was unsealed, or sealed out of order.
  const placed = storage.outcomes.placedAbove(sealedThrough(storage));
  for (const { sequence, receivedMs, entry } of storage.log.range(sealedThrough(storage) + 1)) {
    if (entry.type !== 'transfer' && entry.type !== 'priority') continue;
    const isDone = placed.has(sequence) || storage.outcomes.dropOf(sequence) !== undefined;
    if (!isDone) open.push({ sequence, receivedMs, entry });
  }
  return open;
}

/** Whether an operation may be overdue by the time the next batch is sealed. */
function isDue({ entry }: OpenEntry, storage: Storage, config: SequencerConfig, now: number): boolean {
  if (entry.type !== 'priority') return false;
  const deadline = storage.priority.get(entry.queueIndex)?.deadline ?? 0;
  return deadline <= now + Math.ceil(config.sealAfterMs / 1_000) + config.expiryMarginSeconds;
}

/** Whether a transfer was accepted before L1 took operations back: it may need those that were requested again since. */
function isBuiltOnUndone({ sequence, entry }: OpenEntry, undoneBefore: number): boolean {
  return entry.type === 'transfer' && sequence < undoneBefore;
}

/**
 * Open operations as batches must take them: in the order of the log, unless a priority operation is due, or transfers were
 * accepted on operations that L1 took back. Then all priority operations go before all transfers: L1 refuses a batch that
 * leaves an overdue one behind, and opens the exodus when the queue is not served; and what was requested again has no
 * other place before the transfers that it pays for. This happens only after a standstill of days or a deep reorg.
 */
export function inBatchOrder(
  open: readonly OpenEntry[],
  storage: Storage,
  config: SequencerConfig,
  clock: Clock,
): readonly OpenEntry[] {
  const now = unixSeconds(clock);
  const undoneBefore = acceptedBefore(storage);
  const isUrgent = (entry: OpenEntry): boolean =>
    isDue(entry, storage, config, now) || isBuiltOnUndone(entry, undoneBefore);
  if (!open.some(isUrgent)) return open;
  return [
    ...open.filter(({ entry }) => entry.type === 'priority'),
    ...open.filter(({ entry }) => entry.type === 'transfer'),
  ];
}
