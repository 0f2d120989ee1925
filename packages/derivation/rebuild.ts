/** The whole rollup from L1 alone: no sequencer, no database. Source: docs/protocol.md, invariant 2. */

import {
  type AssertionSubmission,
  type BatchSubmission,
  type BlobSource,
  type FinalizedBatch,
  NO_BLOB_SOURCE,
  type RollupReader,
  type WithBlobs,
  withBlobs,
} from '@quittance/chain';
import {
  type Crypto,
  genesisHeader,
  headerHash,
  RollupError,
  RollupState,
  type StoredHeader,
} from '@quittance/protocol';
import { type ClaimableBatches, readClaimable } from './claimable.ts';
import { type FinalBatches, readFinalBatches, readFinalData } from './final-batches.ts';
import { type ClaimableBatch, isWrongBatch, type ReplayDeployment, type ReplayedBatch, replayBatch } from './replay.ts';

/** The state after a batch. */
export interface StateAt {
  readonly state: RollupState;
  readonly header: StoredHeader;
}

/** The state after the last final batch, with all that led to it. */
export interface RebuiltRollup extends StateAt, ClaimableBatches {}

export interface RebuildOptions {
  readonly reader: RollupReader;
  readonly crypto: Crypto;
  /** Gives the blobs of batches whose records stand there; not needed where all data is in calldata. */
  readonly blobs?: BlobSource | undefined;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
  /** A state that `openSnapshot` checked: batches up to it are not replayed, and their blobs not needed. It is changed. */
  readonly snapshot?: StateAt | undefined;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What replays final batches, one after the other. */
export type FinalReplay = Pick<RebuildOptions, 'reader' | 'crypto' | 'blobs' | 'signal'>;

/** A replayed batch, and the block of L1 that has its data: later batches have theirs in no earlier one. */
export interface NextBatch {
  readonly replayed: ReplayedBatch;
  readonly dataBlock: number;
}

/**
 * Replays the next final batch on `at`; after an error the state is as before.
 *
 * @throws RollupError LIE_FINAL when L1 holds something that the rules do not give, BLOB_UNAVAILABLE, L1_LOGS_INCOMPLETE,
 * L1_INCONSISTENT when a node contradicts itself, L1_UNREACHABLE.
 */
export async function replayNext(
  { reader, crypto, blobs: source = NO_BLOB_SOURCE, signal }: FinalReplay,
  { state, header }: StateAt,
  batch: FinalizedBatch,
  final: Pick<FinalBatches, 'asserted'>,
  deployment: ReplayDeployment,
): Promise<NextBatch> {
  const { data: posted, blockNumber } = await readFinalData(reader, batch, final, header);
  const data = await withBlobs({ reader, source }, posted, blockNumber, signal);
  const replayed = replayFinal(crypto, state, header, data, deployment);
  return { replayed, dataBlock: blockNumber };
}

/**
 * The state that a rollup begins with.
 *
 * @param genesis batch 0 as L1 has it.
 * @throws RollupError LIE_FINAL when it has another header than the rules give.
 */
export function emptyState({ hasher }: Pick<Crypto, 'hasher'>, genesis: FinalizedBatch): StateAt {
  const state = new RollupState(hasher);
  const header = genesisHeader(state.root, genesis.header.time);
  const [expected, actual] = [headerHash(header), genesis.headerHash];
  if (actual === expected) return { state, header };
  const message = `the rollup begins with header ${actual}, the rules begin with ${expected}`;
  throw new RollupError('LIE_FINAL', message, { batch: 0, expected, actual });
}

/**
 * Replays every final batch from calldata and blobs and compares each header with the hash on L1.
 *
 * @throws RollupError LIE_FINAL when L1 holds something that the rules do not give, NO_DEPLOYMENT when `fromBlock` lies
 * behind the deployment, BLOB_UNAVAILABLE, L1_LOGS_INCOMPLETE, L1_INCONSISTENT, L1_UNREACHABLE.
 */
export async function rebuildRollup(options: RebuildOptions): Promise<RebuiltRollup> {
  const { reader, crypto, fromBlock, snapshot, onProgress, signal } = options;
  const deployment = await reader.connect();
  const final = await readFinalBatches(reader, fromBlock, 0);
  const [genesis, ...later] = final.finalized;
  const empty = emptyState(crypto, genesis!);
  const state = snapshot?.state ?? empty.state;
  const start = snapshot?.header.number ?? 0;
  let { header } = empty;
  const batches: (ClaimableBatch | undefined)[] = [undefined];
  for (const batch of later) {
    signal?.throwIfAborted();
    onProgress?.(batches.length, final.finalized.length);
    const next =
      batch.header.number <= start
        ? await readClaimable(reader, header, batch, final)
        : (await replayNext(options, { state, header }, batch, final, deployment)).replayed;
    header = next.header;
    batches.push(next);
  }
  onProgress?.(final.finalized.length, final.finalized.length);
  requireStateOf(header, state);
  return { state, header, batches };
}

/** A snapshot of a batch that L1 has taken back since would be the state of another header. */
function requireStateOf({ number, stateRoot }: StoredHeader, { root }: RollupState): void {
  if (stateRoot === root) return;
  const what = `the state of batch ${number}, the last final one,`;
  const message = `${what} has root ${stateRoot} on L1, what was replayed has ${root}: L1 took back the batch of the snapshot, or its nodes disagree; try again`;
  throw new RollupError('L1_INCONSISTENT', message, { what, expected: stateRoot, actual: root });
}

/** Replays a final batch as it was posted: the commitments of an assertion bind nothing, those of a proof do. */
function replayFinal(
  crypto: Crypto,
  state: RollupState,
  parent: StoredHeader,
  data: WithBlobs<BatchSubmission | AssertionSubmission>,
  deployment: ReplayDeployment,
): ReplayedBatch {
  const isProven = 'proofs' in data;
  try {
    return replayBatch(crypto, state, parent, data, deployment, isProven);
  } catch (error) {
    if (!isWrongBatch(error)) throw error;
    const how = isProven ? 'by proof and is wrong' : 'by assertion and is wrong, and nobody showed it in time';
    throw new RollupError(
      'LIE_FINAL',
      `batch ${data.number} became final ${how}: ${error.message}`,
      { ...error.data, batch: data.number, rule: error.code },
      { cause: error },
    );
  }
}
