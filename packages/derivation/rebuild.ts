/** The whole rollup from L1 alone: no sequencer, no database. Source: docs/protocol.md, invariant 2. */

import {
  type AssertionSubmission,
  type BatchSubmission,
  type BlobSource,
  type FinalizedBatch,
  NO_BLOB_SOURCE,
  type PostedAssertion,
  type RollupReader,
  requireAll,
  type WithBlobs,
  withBlobs,
} from '@quittance/chain';
import {
  type Bytes32,
  type Crypto,
  genesisHeader,
  headerHash,
  isRollupError,
  RollupError,
  RollupState,
  type StoredHeader,
} from '@quittance/protocol';
import { isWrongBatch, type ReplayDeployment, type ReplayedBatch, replayBatch } from './replay.ts';

/** The state after the last final batch, with all that led to it. */
export interface RebuiltRollup {
  readonly state: RollupState;
  /** Header of the last final batch. */
  readonly header: StoredHeader;
  /** By batch number; element 0 stands for the genesis and is undefined. */
  readonly batches: readonly (ReplayedBatch | undefined)[];
}

export interface RebuildOptions {
  readonly reader: RollupReader;
  readonly crypto: Crypto;
  /** Gives the blobs of batches whose records stand there; not needed where all data is in calldata. */
  readonly blobs?: BlobSource | undefined;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What L1 says of the final batches. */
interface FinalBatches {
  /** All of them, the genesis first. */
  readonly finalized: readonly FinalizedBatch[];
  /** Where the data of asserted batches is, by header hash. */
  readonly asserted: ReadonlyMap<Bytes32, PostedAssertion>;
}

/** @throws RollupError NO_DEPLOYMENT, or L1_LOGS_INCOMPLETE when one is missing that the contract has. */
async function readFinalBatches(reader: RollupReader, fromBlock: number): Promise<FinalBatches> {
  const { number: toBlock, hash } = await reader.head();
  const [finalized, assertions, { number: last }] = await Promise.all([
    reader.finalizedBatches(fromBlock, toBlock),
    reader.assertions(fromBlock, toBlock),
    reader.finalState(hash),
  ]);
  if (finalized[0]?.header.number !== 0) {
    const message = `no deployment in blocks ${fromBlock} to ${toBlock}; start at an earlier block`;
    throw new RollupError('NO_DEPLOYMENT', message, { fromBlock, toBlock });
  }
  const numbers = finalized.map(({ header }) => header.number);
  requireAll('final batch', numbers, { next: 0, count: last + 1 }, { from: fromBlock, to: toBlock });
  return {
    finalized,
    asserted: new Map(assertions.map((assertion) => [assertion.headerHash, assertion])),
  };
}

/** The data of a batch, in whichever transaction and blobs it is. */
type FinalData = WithBlobs<BatchSubmission | AssertionSubmission>;

/**
 * Data of a batch. One that was asserted is found by its header hash: the transaction that made it final does not carry it.
 *
 * @throws RollupError L1_LOGS_INCOMPLETE when L1 left its assertion out, BLOB_UNAVAILABLE.
 */
async function dataOf(
  { reader, blobs: source = NO_BLOB_SOURCE, signal }: RebuildOptions,
  batch: FinalizedBatch,
  asserted: ReadonlyMap<Bytes32, PostedAssertion>,
): Promise<FinalData> {
  const assertion = asserted.get(batch.headerHash);
  const { transactionHash, blockNumber } = assertion ?? batch;
  try {
    return await withBlobs({ reader, source }, await reader.batchData(transactionHash), blockNumber, signal);
  } catch (error) {
    if (assertion !== undefined || !isRollupError(error, 'CALLDATA_UNREADABLE')) throw error;
    const what = `the assertion of batch ${batch.header.number}`;
    const message = `L1 left out ${what}: it is final, and not by the transaction that made it so. Try again`;
    throw new RollupError('L1_LOGS_INCOMPLETE', message, { what }, { cause: error });
  }
}

/**
 * Replays every final batch from calldata and blobs and compares each header with the hash on L1.
 *
 * @throws RollupError LIE_FINAL when L1 holds something that the rules do not give, NO_DEPLOYMENT when `fromBlock` lies
 * behind the deployment, BLOB_UNAVAILABLE, L1_LOGS_INCOMPLETE, L1_UNREACHABLE.
 */
export async function rebuildRollup(options: RebuildOptions): Promise<RebuiltRollup> {
  const { reader, crypto, fromBlock, onProgress, signal } = options;
  const { domain, slotsPerChunk } = await reader.connect();
  const { finalized, asserted } = await readFinalBatches(reader, fromBlock);
  const [genesis, ...later] = finalized;
  const state = new RollupState(crypto.hasher);
  let header = genesisHeader(state.root, genesis!.header.time);
  requireSameHash(0, headerHash(header), genesis!.headerHash);
  const batches: (ReplayedBatch | undefined)[] = [undefined];
  for (const batch of later) {
    signal?.throwIfAborted();
    onProgress?.(batches.length, finalized.length);
    const data = await dataOf(options, batch, asserted);
    const replayed = replayFinal(crypto, state, header, data, { domain, slotsPerChunk });
    requireSameHash(batch.header.number, replayed.hash, batch.headerHash);
    header = replayed.header;
    batches.push(replayed);
  }
  onProgress?.(finalized.length, finalized.length);
  return { state, header, batches };
}

/** Replays a final batch as it was posted: the commitments of an assertion bind nothing, those of a proof do. */
function replayFinal(
  crypto: Crypto,
  state: RollupState,
  parent: StoredHeader,
  data: FinalData,
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

function requireSameHash(number: number, replayed: string, onL1: string): void {
  if (replayed === onL1) return;
  throw new RollupError('LIE_FINAL', `the header of batch ${number} replays to ${replayed}, L1 holds ${onL1}`, {
    batch: number,
    expected: onL1,
    actual: replayed,
  });
}
