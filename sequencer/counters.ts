/** Counts that limits depend on, kept in memory instead of being read from the database each time. */

import { RecordKind, type StoredHeader } from '@quittance/protocol';
import type { BatchRow, BatchState, Storage } from '../storage/index.ts';
import type { Ledger } from './mempool/ledger.ts';

/** Counts transfers that are accepted but not on L1, batch by batch. */
export function createUnpostedCounter(
  ledger: Pick<Ledger, 'openTransferCount'>,
  storage: Storage,
): { add(batch: BatchRow, state: BatchState): void; count(): number } {
  const first = (storage.batches.lastPosted()?.number ?? 0) + 1;
  const unposted = new Map(
    storage.batches.range(first, Number.MAX_SAFE_INTEGER).map(({ number, transferCount }) => [number, transferCount]),
  );
  return {
    add({ number, transferCount }, state) {
      if (state === 'posted' || state === 'disputed' || state === 'final') unposted.delete(number);
      else unposted.set(number, transferCount);
    },
    count: () => ledger.openTransferCount + [...unposted.values()].reduce((sum, transfers) => sum + transfers, 0),
  };
}

/** Deposits and new accounts so far, pending ones included: an upper bound of what L1 counts. */
export function createClaimedLeaves(storage: Storage, ledger: Ledger, parent: StoredHeader): () => number {
  let counted = -1;
  let deposits = 0;
  return () => {
    const requested = storage.priority.count();
    if (requested !== counted) {
      counted = requested;
      deposits = storage.priority.countOfKind(RecordKind.deposit);
    }
    const sealed = (storage.batches.last()?.header ?? parent).transferToNewCount;
    return deposits + sealed + ledger.openTransferCount;
  };
}
