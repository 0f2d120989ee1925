/** A batch as L1 has it, replayed and ready to be written down. */

import type { AssertionSubmission, BatchSubmission, PriorityRequest, WithBlobs } from '@quittance/chain';
import type { NamedRecord, ReplayedBatch } from '@quittance/derivation';
import {
  accountRowsAfter,
  createLeafChanges,
  encodeLeafChanges,
  type LeafChange,
  type StoredHeader,
} from '@quittance/protocol';
import type { Inclusion } from '../../storage/index.ts';

/** A batch of L1 that was found right. */
export interface L1Batch {
  readonly parent: StoredHeader;
  readonly data: WithBlobs<BatchSubmission | AssertionSubmission>;
  readonly replayed: ReplayedBatch;
  /** By chunk and slot. */
  readonly named: readonly (readonly NamedRecord[])[];
  /** Where its data is. */
  readonly place: Inclusion;
  /** Time of that block, in milliseconds. */
  readonly placedMs: number;
  /** It waits on L1 if not. */
  readonly isFinal: boolean;
  /** The requests of the queue that it executes, in order. */
  readonly requests: readonly PriorityRequest[];
}

/** The accounts that a batch changed, as they are after it, by ascending index. */
export function rowsAfter(changes: Iterable<LeafChange>): Uint8Array {
  const merged = new Map<number, LeafChange>();
  for (const change of changes) {
    const before = merged.get(change.index)?.before ?? change.before;
    merged.set(change.index, { ...change, before });
  }
  return accountRowsAfter(createLeafChanges(encodeLeafChanges(merged.values())));
}
