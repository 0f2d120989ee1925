/** Seals the content of one batch: plans it, executes it on the tree, and makes it durable. */

import { type Prices, versionedHashOf } from '@quittance/chain';
import {
  type Bytes32,
  type ChunkContext,
  type Deployment,
  invariantBroken,
  type StoredHeader,
} from '@quittance/protocol';
import { unixSeconds } from '../../runtime/index.ts';
import { chunkFeeTokens } from '../config.ts';
import { batchRoom, pendingContext, type SequencerContext } from '../context.ts';
import { addLoads, loadOf, wayOf } from '../mempool/data-limits.ts';
import type { Ledger } from '../mempool/ledger.ts';
import type { Segment } from '../mempool/segment.ts';
import { acceptedBefore } from '../reorg/take-back.ts';
import { type ExecutedBatch, makeBatch } from './batch.ts';
import { chooseBatchTime } from './batch-time.ts';
import { executeEntries } from './execute.ts';
import { type BatchSize, chooseForm } from './forms.ts';
import { announceSealed, reportSealed } from './outcomes.ts';
import type { PlannedChunks } from './plan.ts';
import { blameReorg } from './refused.ts';
import { commitSeal, stageSeal } from './seal.ts';
import { planOf } from './seal-plan.ts';
import type { Shadow, TouchedPart } from './shadow.ts';
import { inSlices } from './slices.ts';

export interface SealSegmentOptions {
  readonly context: SequencerContext;
  readonly ledger: Ledger;
  readonly deployment: Deployment;
  readonly shadow: Shadow;
  /** Lets other work run, between slices of a few milliseconds. */
  readonly pause: () => Promise<void>;
  /** The latest L1 block time that is known, in Unix seconds. */
  readonly l1Time: () => number;
  /** What gas cost on L1 when it was asked last. */
  readonly prices: () => Prices | undefined;
}

/** The context that the chunks of a batch on `parent` share. */
function contextOf({ context, l1Time }: SealSegmentOptions, parent: StoredHeader): ChunkContext {
  const { clock, constants, config } = context;
  const { domain, maxBatchAgeSeconds } = constants;
  const batchTime = chooseBatchTime(parent.time, unixSeconds(clock), l1Time(), maxBatchAgeSeconds);
  return { domain, batchTime, feeTokens: chunkFeeTokens(config.feeTokens) };
}

/** What the choice of the form depends on. */
function sizeOf({ config }: SequencerContext, chunks: PlannedChunks, data: readonly Uint8Array[]): BatchSize {
  const operations = chunks.flat().map(({ operation }) => operation);
  const load = operations
    .map(({ fields }) => loadOf(fields))
    .reduce(addLoads, { chunks: chunks.length, visible: 0, signed: 0 });
  let zeroBytes = 0;
  for (const bytes of data) for (const byte of bytes) if (byte === 0) zeroBytes += 1;
  return { way: wayOf(config.mode), profile: config.profile, load, zeroBytes };
}

/** The versioned hash of a blob. @throws RollupError INVARIANT_BROKEN without KZG: then no form is in blobs. */
async function hashBlob({ kzg }: SequencerContext, blob: Uint8Array): Promise<Bytes32> {
  if (kzg === undefined) throw invariantBroken('a batch is to be in blobs, and there is no KZG');
  return versionedHashOf(await kzg.commitment(blob));
}

/** Indices of the leaves that the batch changed. */
function* changedIn(batch: ExecutedBatch | undefined): Generator<number> {
  for (const { index } of batch?.changes ?? []) yield index;
}

/** Seals the first cut segment of the ledger. @returns undefined when every entry was dropped. */
export async function sealSegment(
  options: SealSegmentOptions,
  parent: StoredHeader,
  { entries }: Segment,
): Promise<ExecutedBatch | undefined> {
  const { context: shared, ledger, deployment, pause, prices, shadow } = options;
  const { config, storage, writer, clock, crypto, measurements, logger } = shared;
  const { keyY, owner } = config.operator;
  const { state, directory } = ledger;
  const { engine } = crypto;
  const startedMs = clock.nowMs();
  const number = parent.number + 1;
  const context = contextOf(options, parent);
  const isShadowed = shadow.isChosen(number);
  let before: TouchedPart | undefined;
  const {
    chunks,
    executed,
    drops: refused,
  } = await executeEntries({
    ...{ engine, state, entries, context, pause, room: batchRoom(shared) },
    feeAccount: (tokenId) => directory.find(keyY, owner, tokenId),
    traces: shared.prover !== undefined || isShadowed,
    async onPlanned(planned) {
      if (isShadowed) before = await shadow.copy(state, planned);
    },
    onFailure: (error) => logger.warn('the engine failed; the batch is executed again', { error }),
  });
  const undoneBefore = acceptedBefore(storage);
  const drops = refused.map((drop) => blameReorg(drop, undoneBefore));
  const batch =
    executed &&
    (await makeBatch({
      ...{ deployment, parent, context, chunks, pause, execution: executed.execution },
      chooseForm: ({ data }) => chooseForm(shared.forms, sizeOf(shared, chunks, data), prices()),
      hashBlob: (blob) => hashBlob(shared, blob),
    }));
  if (batch !== undefined) await inSlices(stageSeal(storage, batch), pause);
  const lastSequence = (ledger.lowestAfterFirst() ?? writer.next) - 1;
  const sealing = commitSeal({
    ...{ storage, writer, number, batch, drops, lastSequence, isShadowed, nowMs: clock.nowMs() },
    plan: batch && planOf(chunks, context, batch),
    onCommitted: () => announceSealed(shared, batch, drops),
  });
  if (sealing !== undefined) await sealing;
  if (before !== undefined && executed !== undefined)
    shadow.check({ ...executed, number, before, engine: engine.name });
  const sealed = { changed: changedIn(batch), hasDrops: drops.length > 0 };
  await inSlices(ledger.completeFirst(sealed, pendingContext(shared)), pause);
  measurements.sealSeconds.observe((clock.nowMs() - startedMs) / 1_000);
  measurements.openTransfers.set(ledger.openTransferCount);
  const tokenOf = (index: number): number => state.get(index)!.tokenId;
  await inSlices(reportSealed(shared, entries, batch, drops, tokenOf), pause);
  return batch;
}
