/** Executes the batch of a seal entry, and compares what comes of it with what the leader sealed. */

import { versionedHashOf } from '@quittance/chain';
import {
  type ChunkContext,
  type Deployment,
  type ExecutionState,
  invariantBroken,
  isRollupError,
  type StoredHeader,
} from '@quittance/protocol';
import type { SealEntry, SealPlan } from '../../storage/index.ts';
import { type ExecutedBatch, makeBatch } from '../batcher/batch.ts';
import { executeTwice, packPlan } from '../batcher/execute.ts';
import type { PlannedChunks } from '../batcher/plan.ts';
import type { PlannedDrop } from '../batcher/refused.ts';
import { chunksOf } from '../batcher/seal-plan.ts';
import { inSlices } from '../batcher/slices.ts';
import type { SequencerContext } from '../context.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import { diverged } from './diverged.ts';

/** What a seal entry makes of the open entries. */
export interface ExecutedSeal {
  /** Undefined when all of them were dropped. */
  readonly batch: ExecutedBatch | undefined;
  /** Entries in the batch, in the order of its slots. */
  readonly entries: readonly OpenEntry[];
  readonly drops: readonly PlannedDrop[];
}

export interface ExecuteSealOptions {
  readonly context: SequencerContext;
  readonly deployment: Deployment;
  /** The sealed state, which the batch changes. */
  readonly state: ExecutionState;
  readonly openEntry: (sequence: number) => OpenEntry | undefined;
  /** Told what is executed, before it is. */
  readonly onPlanned: (sequences: ReadonlySet<number>) => void;
  /** Lets other work run, between slices of a few milliseconds. */
  readonly pause: () => Promise<void>;
}

/** A seal entry that says what its batch was made of. */
type PlannedSeal = SealEntry & { readonly plan: SealPlan };

function dropsOf(seal: SealEntry, openEntry: ExecuteSealOptions['openEntry']): PlannedDrop[] {
  return (seal.drops ?? []).map(({ sequence, ...refusal }) => {
    const source = openEntry(sequence);
    if (source === undefined) throw diverged(seal, 'a plan', `a drop of entry ${sequence}, which is not open`);
    return { source, refusal };
  });
}

/** @throws RollupError REPLICA_DIVERGED when it does not come to the header of the entry, whatever the reason is. */
async function executeBatch(
  options: ExecuteSealOptions,
  seal: PlannedSeal,
  parent: StoredHeader,
  context: ChunkContext,
  chunks: PlannedChunks,
): Promise<ExecutedBatch> {
  const { state, deployment, pause } = options;
  const { crypto, kzg, logger } = options.context;
  const packed = await inSlices(packPlan(chunks, context.feeTokens), pause);
  const execution = await executeTwice(
    {
      ...{ engine: crypto.engine, state },
      onFailure: (error) => logger.warn('the engine failed; the batch is executed again', { error }),
    },
    { domain: context.domain, batchTime: context.batchTime, chunks: packed.chunks },
    { signatures: { ids: packed.ids }, onInvalid: 'skip', traces: false, commitments: true },
  );
  const [refusal] = execution.refusals;
  if (refusal !== undefined) {
    const { chunk, slot, code, message } = refusal;
    throw diverged(seal, 'a refusal', `no header: slot ${slot} of chunk ${chunk} is refused, ${code}: ${message}`);
  }
  const batch = await makeBatch({
    ...{ deployment, parent, context, chunks, execution, pause },
    chooseForm: () => seal.plan.form,
    async hashBlob(blob) {
      if (kzg === undefined) throw invariantBroken('a batch is in blobs, and there is no KZG');
      return versionedHashOf(await kzg.commitment(blob));
    },
  });
  if (batch.headerHash !== seal.headerHash) throw diverged(seal, 'its header', batch.headerHash);
  return batch;
}

/**
 * Executes what the entry says on the state after `parent`.
 *
 * @throws RollupError REPLICA_DIVERGED; the state is not to be used then. As `Engine.execute`.
 */
export async function executeSeal(
  options: ExecuteSealOptions,
  seal: SealEntry,
  parent: StoredHeader,
): Promise<ExecutedSeal> {
  const { context: shared, state, openEntry, onPlanned } = options;
  const { constants, config } = shared;
  const drops = dropsOf(seal, openEntry);
  const dropped = drops.map(({ source }) => source.sequence);
  if (seal.batch === 0) {
    onPlanned(new Set(dropped));
    return { batch: undefined, entries: [], drops };
  }
  const { plan } = seal;
  if (plan === undefined)
    throw diverged(seal, 'an entry of an earlier version', 'nothing: it does not say what is in it');
  if (seal.batch !== parent.number + 1) throw diverged(seal, 'its number', `batch ${parent.number + 1}`);
  const planned: PlannedSeal = { ...seal, plan };
  const context: ChunkContext = { domain: constants.domain, batchTime: plan.time, feeTokens: plan.feeTokens };
  const { slotsPerChunk, maxChunks } = config.profile;
  const refuse = (problem: string) => diverged(seal, 'its plan', `none: ${problem}`);
  if (plan.chunks.length < 1 || plan.chunks.length > maxChunks) {
    throw refuse(`it has ${plan.chunks.length} chunks, 1 to ${maxChunks} are possible`);
  }
  const chunks = chunksOf({ plan, slotsPerChunk, entryOf: openEntry, view: state, context, refuse });
  const entries = chunks.flat().flatMap(({ source }) => source ?? []);
  onPlanned(new Set([...entries.map(({ sequence }) => sequence), ...dropped]));
  try {
    return { batch: await executeBatch(options, planned, parent, context, chunks), entries, drops };
  } catch (error) {
    if (isRollupError(error, 'REPLICA_DIVERGED') || isRollupError(error, 'RESOURCES_SHORT')) throw error;
    throw diverged(seal, 'it cannot be executed', `no header: ${(error as Error).message}`, error);
  }
}
