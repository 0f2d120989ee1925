/** Seals the content of one batch: plans it, executes it on the tree, and makes it durable. */

import type { ChunkContext, Deployment, StoredHeader } from '@quittance/protocol';
import { unixSeconds } from '../../runtime/index.ts';
import { chunkFeeTokens } from '../config.ts';
import { pendingContext, type SequencerContext } from '../context.ts';
import { limitsOf } from '../mempool/data-limits.ts';
import type { Ledger, Segment } from '../mempool/ledger.ts';
import { chooseBatchTime } from './batch-time.ts';
import { type ExecutedBatch, executeBatch } from './execute.ts';
import { reportSealed } from './outcomes.ts';
import { planBatch } from './plan.ts';
import { commitSeal } from './seal.ts';

export interface SealSegmentOptions {
  readonly context: SequencerContext;
  readonly ledger: Ledger;
  readonly deployment: Deployment;
  /** Lets other work run, between slices of a few milliseconds. */
  readonly pause: () => Promise<void>;
  /** The latest L1 block time that is known, in Unix seconds. */
  readonly l1Time: () => number;
}

/** The context that the chunks of a batch on `parent` share. */
function contextOf({ context, l1Time }: SealSegmentOptions, parent: StoredHeader): ChunkContext {
  const { clock, constants, config } = context;
  const { domain, maxBatchAgeSeconds } = constants;
  const batchTime = chooseBatchTime(parent.time, unixSeconds(clock), l1Time(), maxBatchAgeSeconds);
  return { domain, batchTime, feeTokens: chunkFeeTokens(config.feeTokens) };
}

/** Seals the first cut segment of the ledger. @returns undefined when every entry was dropped. */
export async function sealSegment(
  options: SealSegmentOptions,
  parent: StoredHeader,
  { entries }: Segment,
): Promise<ExecutedBatch | undefined> {
  const { context: shared, ledger, deployment, pause } = options;
  const { config, storage, clock, crypto, measurements } = shared;
  const { hasher } = crypto;
  const { keyY, owner } = config.operator;
  const { state, directory } = ledger;
  const startedMs = clock.nowMs();
  const context = contextOf(options, parent);
  const { chunks, drops } = planBatch({
    ...{ profile: config.profile, limits: limitsOf(config.mode), view: state, entries, context, hasher },
    feeAccount: (tokenId) => directory.find(keyY, owner, tokenId),
  });
  const isEmpty = chunks.length === 0;
  const batch = isEmpty ? undefined : await executeBatch({ hasher, deployment, state, parent, chunks, context, pause });
  const lastSequence = (ledger.lowestAfterFirst() ?? storage.log.head().sequence + 1) - 1;
  commitSeal({ storage, number: parent.number + 1, batch, drops, lastSequence, nowMs: clock.nowMs() });
  ledger.completeFirst(pendingContext(shared));
  measurements.sealSeconds.observe((clock.nowMs() - startedMs) / 1_000);
  measurements.openTransfers.set(ledger.openTransferCount);
  reportSealed(shared, entries, batch, drops);
  return batch;
}
