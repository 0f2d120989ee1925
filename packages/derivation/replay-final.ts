/** Replays one final batch after the other, each from where its data is on L1. */

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
import { type ExecutionState, genesisHeader, headerHash, RollupError, type StoredHeader } from '@quittance/protocol';
import { type FinalBatches, readFinalData } from './final-batches.ts';
import { type ReplayedBatch, replayBatch } from './replay.ts';
import type { ReplayCrypto, ReplayDeployment } from './whole-batch.ts';
import { isWrongBatch } from './wrong-batch.ts';

/** The state after a batch. */
export interface StateAt {
  readonly state: ExecutionState;
  readonly header: StoredHeader;
}

/**
 * The state that a rollup begins with.
 *
 * @param genesis batch 0 as L1 has it.
 * @throws RollupError LIE_FINAL when it has another header than the rules give.
 */
export function emptyState({ engine }: Pick<ReplayCrypto, 'engine'>, genesis: FinalizedBatch): StateAt {
  const state = engine.createState();
  const header = genesisHeader(state.root, genesis.header.time);
  const [expected, actual] = [headerHash(header), genesis.headerHash];
  if (actual === expected) return { state, header };
  const message = `the rollup begins with header ${actual}, the rules begin with ${expected}`;
  throw new RollupError('LIE_FINAL', message, { batch: 0, expected, actual });
}

/** What replays final batches, one after the other. */
export interface FinalReplay {
  readonly reader: RollupReader;
  readonly crypto: ReplayCrypto;
  /** Gives the blobs of batches whose records stand there; not needed where all data is in calldata. */
  readonly blobs?: BlobSource | undefined;
  readonly signal?: AbortSignal;
}

/** Replays a final batch as it was posted: the commitments of an assertion bind nothing, those of a proof do. */
async function replayFinal(
  crypto: ReplayCrypto,
  state: ExecutionState,
  parent: StoredHeader,
  data: WithBlobs<BatchSubmission | AssertionSubmission>,
  deployment: ReplayDeployment,
): Promise<ReplayedBatch> {
  const isProven = 'proofs' in data;
  try {
    return await replayBatch(crypto, state, parent, data, deployment, isProven);
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

/** What the transaction of a final batch has, with the bytes of its blobs. */
export interface FetchedBatch {
  readonly data: WithBlobs<BatchSubmission | AssertionSubmission>;
  /** The block of L1 that has it: later batches have theirs in no earlier one. */
  readonly dataBlock: number;
}

/**
 * Reads what the next final batch is replayed from.
 *
 * @throws RollupError BLOB_UNAVAILABLE, L1_LOGS_INCOMPLETE, L1_INCONSISTENT when a node contradicts itself, L1_UNREACHABLE.
 */
async function fetchFinal(
  { reader, blobs: source = NO_BLOB_SOURCE, signal }: Omit<FinalReplay, 'crypto'>,
  parent: StoredHeader,
  batch: FinalizedBatch,
  final: Pick<FinalBatches, 'asserted'>,
): Promise<FetchedBatch> {
  const { data: posted, blockNumber } = await readFinalData(reader, batch, final, parent);
  return { data: await withBlobs({ reader, source }, posted, blockNumber, signal), dataBlock: blockNumber };
}

/** A replayed batch, and the block of L1 that has its data. */
export interface NextBatch extends FetchedBatch {
  readonly replayed: ReplayedBatch;
}

/**
 * Replays the next final batch on `at`; after an error the state is as before.
 *
 * @param onFetched looks at the batch before it is executed.
 * @throws RollupError LIE_FINAL when L1 holds something that the rules do not give, or as `fetchFinal`.
 */
export async function replayNext(
  replay: FinalReplay,
  { state, header }: StateAt,
  batch: FinalizedBatch,
  final: Pick<FinalBatches, 'asserted'>,
  deployment: ReplayDeployment,
  onFetched: (fetched: FetchedBatch) => void = () => undefined,
): Promise<NextBatch> {
  const fetched = await fetchFinal(replay, header, batch, final);
  onFetched(fetched);
  return { ...fetched, replayed: await replayFinal(replay.crypto, state, header, fetched.data, deployment) };
}
