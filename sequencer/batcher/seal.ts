/** Makes a sealed batch durable, in one transaction. */

import type { Account, LeafChanges } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import type { ExecutedBatch } from './batch.ts';
import type { PlannedDrop } from './refused.ts';

/**
 * The sequence up to which every operation of the log is in a batch or dropped, as the last seal of the hash chain says.
 * Later ones may be in a batch too, when priority operations had to go first.
 */
export function sealedThrough(storage: Storage): number {
  const entry = storage.log.lastSeal()?.entry;
  return entry?.type === 'seal' || entry?.type === 'unseal' ? entry.lastSequence : 0;
}

export interface SealInput {
  readonly storage: Storage;
  /** The number of the batch, or the one it would have had if not every entry had been dropped. */
  readonly number: number;
  /** Absent when all entries were dropped. */
  readonly batch: ExecutedBatch | undefined;
  readonly drops: readonly PlannedDrop[];
  /** Up to this sequence, every operation is in a batch or dropped afterwards. */
  readonly lastSequence: number;
  readonly nowMs: number;
}

/** The accounts that a batch changed, as they are after it. No batch empties a leaf. */
function* accountsAfter(changes: LeafChanges): Generator<readonly [index: number, account: Account]> {
  for (const { index, after } of changes) yield [index, after!];
}

function writeBatch(storage: Storage, batch: ExecutedBatch, lastSequence: number, nowMs: number): void {
  const {
    header,
    headerHash,
    form,
    blobHashes,
    chunks,
    placements,
    withdrawals,
    changes,
    transferCount,
    priorityCount,
  } = batch;
  const { number } = header;
  storage.batches.insert({
    number,
    firstSequence: sealedThrough(storage) + 1,
    lastSequence,
    header,
    headerHash,
    form,
    blobHashes,
    transferCount,
    priorityCount,
    sealedMs: nowMs,
  });
  for (const [index, { oldRoot, newRoot, commitment, data, visible, feeTokens }] of chunks.entries()) {
    storage.chunks.insert({ batch: number, index, data, visible, oldRoot, newRoot, commitment, feeTokens });
  }
  for (const placement of placements) storage.outcomes.insertPlacement(placement);
  storage.outcomes.insertWithdrawals(number, withdrawals);
  storage.leaves.put(number, accountsAfter(changes));
}

/** Writes the batch and its drops. Proving begins only after this returned. */
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
