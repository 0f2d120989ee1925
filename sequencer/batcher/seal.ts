/** Makes a sealed batch durable, in one transaction. */

import type { Storage } from '../../storage/index.ts';
import type { ExecutedBatch } from './execute.ts';
import type { PlannedDrop } from './plan.ts';

/**
 * Every operation of the log up to this sequence is in a batch or dropped. The last seal says so, and the hash chain
 * covers it. Later ones may be in a batch too, when priority operations had to go first.
 */
export function sealedThrough(storage: Storage): number {
  const entry = storage.log.lastSeal()?.entry;
  return entry?.type === 'seal' || entry?.type === 'unseal' ? entry.lastSequence : 0;
}

export interface SealInput {
  readonly storage: Storage;
  /** Number that the batch has, or would have had if anything had been left of it. */
  readonly number: number;
  /** Absent when all entries were dropped. */
  readonly batch: ExecutedBatch | undefined;
  readonly drops: readonly PlannedDrop[];
  /** Every operation up to this sequence is in a batch or dropped then. */
  readonly lastSequence: number;
  readonly nowMs: number;
}

function writeBatch(storage: Storage, batch: ExecutedBatch, lastSequence: number, nowMs: number): void {
  const { header, headerHash, chunks, placements, withdrawals, accounts, transferCount, priorityCount } = batch;
  const { number } = header;
  storage.batches.insert({
    number,
    firstSequence: sealedThrough(storage) + 1,
    lastSequence,
    header,
    headerHash,
    transferCount,
    priorityCount,
    sealedMs: nowMs,
  });
  for (const [position, { trace, data, feeTokens, challenge }] of chunks.entries()) {
    const { oldRoot, newRoot, commitment } = trace;
    storage.chunks.insert({ batch: number, position, data, oldRoot, newRoot, commitment, feeTokens, challenge });
  }
  for (const placement of placements) storage.outcomes.insertPlacement(placement);
  storage.outcomes.insertWithdrawals(number, withdrawals);
  storage.leaves.put(number, accounts);
}

/** Writes the batch and its drops. Nothing is proven before this returns. */
export function commitSeal({ storage, number, batch, drops, lastSequence, nowMs }: SealInput): void {
  storage.commit(() => {
    if (batch !== undefined) writeBatch(storage, batch, lastSequence, nowMs);
    for (const { source, refusal } of drops) {
      const { code, message, expected, actual } = refusal;
      storage.outcomes.insertDrop({ sequence: source.sequence, batch: number, code, message, expected, actual });
    }
    const headerHash = batch?.headerHash ?? '';
    storage.log.append([{ type: 'seal', batch: batch === undefined ? 0 : number, lastSequence, headerHash }], nowMs);
  });
}
