/** How far everything has come, on a node of any role. */

import type { BlockReference } from '@quittance/chain';
import { unixSeconds } from '../runtime/index.ts';
import type { SequencerContext } from './context.ts';
import type { Ledger } from './mempool/ledger.ts';
import type { Queries } from './queries.ts';
import { unlistedThrough } from './recovery/unlisted.ts';

/** How far everything has come. */
export interface Progress {
  readonly l1Block: number;
  /** Seconds between the latest L1 block that was seen and now. */
  readonly l1AgeSeconds: number | undefined;
  readonly priorityOperations: number;
  /** Accepted transfers that are in no batch. */
  readonly openTransfers: number;
  /** Accepted transfers that are not on L1. */
  readonly unpostedTransfers: number;
  readonly sealedBatch: number;
  readonly postedBatch: number;
  readonly finalBatch: number;
  /** As `unlistedThrough`. */
  readonly unlistedThrough: number;
}

/** What of it is in memory. */
export interface ProgressParts {
  readonly ledger: Pick<Ledger, 'openTransferCount'>;
  readonly queries: Pick<Queries, 'lastBatch'>;
  readonly unpostedCount: () => number;
  /** The latest block of L1 that was seen. */
  readonly l1Head: BlockReference;
}

/** The progress at this moment. */
export function progressOf(
  { storage, clock }: Pick<SequencerContext, 'storage' | 'clock'>,
  { ledger, queries, unpostedCount, l1Head }: ProgressParts,
): Progress {
  return {
    l1Block: l1Head.number,
    l1AgeSeconds: Math.max(0, unixSeconds(clock) - l1Head.timestamp),
    priorityOperations: storage.priority.count(),
    openTransfers: ledger.openTransferCount,
    unpostedTransfers: unpostedCount(),
    sealedBatch: queries.lastBatch('latest'),
    postedBatch: queries.lastBatch('safe'),
    finalBatch: queries.lastBatch('finalized'),
    unlistedThrough: unlistedThrough(storage),
  };
}
