/** Gives the batches that L1 has, one after the other, replayed: those that are final, then those that wait and are right. */

import {
  type AssertionReader,
  type BlobSource,
  type BlockReference,
  type FinalizedBatch,
  NO_BLOB_SOURCE,
  type PostedAssertion,
  type PriorityRequest,
  type RollupConstants,
  type RollupReader,
  withBlobs,
} from '@quittance/chain';
import {
  createFinalWindows,
  isWrongBatch,
  type NamedRecord,
  nameRecords,
  type ReplayedBatch,
  readingAhead,
  replayAssertion,
  replayNext,
  requireHeader,
  undoChanges,
} from '@quittance/derivation';
import {
  type ExecutionState,
  invariantBroken,
  isPriorityKind,
  nextCommitment,
  RollupError,
  type StoredHeader,
} from '@quittance/protocol';
import type { SequencerCrypto } from '../types.ts';
import type { L1Batch } from './l1-batch.ts';

/** Where batches come from. */
export interface L1Source {
  readonly reader: RollupReader;
  /** Undefined where the deployment has no optimistic mode. */
  readonly assertions: AssertionReader | undefined;
  readonly blobs?: BlobSource | undefined;
  readonly crypto: SequencerCrypto;
  readonly constants: RollupConstants;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
  readonly signal?: AbortSignal | undefined;
}

/** The state that the next batch is replayed on. */
export interface Tip {
  readonly state: ExecutionState;
  header: StoredHeader;
}

/** A batch that was replayed. */
type Replayed = Pick<L1Batch, 'data' | 'named' | 'replayed'>;

/** Requests of the queue that are not executed yet, by number. */
type Requests = Map<number, PriorityRequest>;

function countPriority(named: readonly (readonly NamedRecord[])[]): number {
  return named.flat().filter(({ operation }) => isPriorityKind(operation.fields.kind)).length;
}

/** Takes the requests that a batch executes out of those that wait. @throws RollupError L1_LOGS_INCOMPLETE when L1 left one out. */
function takeRequests(requests: Requests, first: number, count: number): PriorityRequest[] {
  return Array.from({ length: count }, (_, position) => {
    const request = requests.get(first + position);
    requests.delete(first + position);
    if (request !== undefined) return request;
    const what = `priority operation ${first + position}`;
    throw new RollupError('L1_LOGS_INCOMPLETE', `L1 left out ${what}, which a batch has executed. Try again`, { what });
  });
}

async function timeOf(reader: RollupReader, { blockNumber }: { readonly blockNumber: number }): Promise<number> {
  const block = await reader.block(blockNumber);
  if (block === undefined) throw new RollupError('L1_REORG', `L1 has no block ${blockNumber} any more; try again`);
  return block.timestamp * 1_000;
}

const placeOf = ({ transactionHash, blockNumber, blockHash }: PostedAssertion) => ({
  transactionHash,
  blockNumber,
  blockHash,
});

/** Replays the next final batch, with the names of its records. */
async function replayNamed(
  { crypto, constants, blobs, signal }: L1Source,
  reader: RollupReader,
  tip: Tip,
  batch: FinalizedBatch,
  asserted: ReadonlyMap<string, PostedAssertion>,
): Promise<Replayed & { readonly dataBlock: number }> {
  let named: NamedRecord[][] | undefined;
  let failure: unknown;
  const replay = { reader, crypto, blobs, ...(signal && { signal }) };
  const next = await replayNext(replay, tip, batch, { asserted }, constants, ({ data }) => {
    try {
      named = nameRecords(crypto, tip.state, data, constants);
    } catch (error) {
      // The replay says what is wrong with the batch.
      if (!isWrongBatch(error)) throw error;
      failure = error;
    }
  });
  if (named !== undefined) return { ...next, named };
  const { number } = batch.header;
  throw invariantBroken(`batch ${number} is right, and its records cannot be named`, { batch: number }, failure);
}

/** Whether the commitments are those of the records: nothing but a proof binds them, and we would not assert others. */
function hasItsCommitments({ crypto }: L1Source, { data, named }: Omit<Replayed, 'replayed'>): boolean {
  return named.every(
    (records, chunk) =>
      records.reduce((c, { operation }) => nextCommitment(crypto, c, operation), 0n) === data.commitments[chunk],
  );
}

/** Replays a waiting batch. @returns undefined when it is wrong, or proven, so that its signatures are not known. */
async function replayWaiting(
  source: L1Source,
  { state, header: parent }: Tip,
  place: PostedAssertion,
): Promise<Replayed | undefined> {
  const { reader, crypto, constants, blobs = NO_BLOB_SOURCE, signal } = source;
  const posted = await reader.batchData(place.transactionHash);
  requireHeader(place.headerHash, parent, posted);
  if ('proofs' in posted) return undefined;
  const data = await withBlobs({ reader, source: blobs }, posted, place.blockNumber, signal);
  let replayed: ReplayedBatch | undefined;
  try {
    const named = nameRecords(crypto, state, data, constants);
    const verdict = await replayAssertion(crypto, state, parent, data, constants);
    if (!verdict.isRight) return undefined;
    replayed = verdict.batch;
    if (hasItsCommitments(source, { data, named })) return { data, named, replayed };
  } catch (error) {
    if (!isWrongBatch(error)) throw error;
  }
  if (replayed !== undefined) undoChanges(state, replayed.changes);
  return undefined;
}

/** What L1 has up to one block. */
export interface L1Reading {
  /** The final batches behind that of the tip, to be read first. */
  finals(): AsyncGenerator<L1Batch>;
  /** Those that wait behind them, up to the first that is wrong or that was proven without signatures. */
  waiting(): AsyncGenerator<L1Batch>;
}

/**
 * Reads L1 up to `head`. Both lists throw RollupError LIE_FINAL, NO_DEPLOYMENT, BLOB_UNAVAILABLE, L1_LOGS_INCOMPLETE,
 * L1_INCONSISTENT, L1_REORG, L1_UNREACHABLE, RESOURCES_SHORT, or the signal's reason.
 *
 * @param tip what the next batch is replayed on; whoever takes a batch moves it on.
 */
export async function readL1(source: L1Source, tip: () => Tip, head: BlockReference): Promise<L1Reading> {
  const { reader, assertions, fromBlock, signal } = source;
  const windows = await createFinalWindows(reader, fromBlock, head);
  const requests: Requests = new Map();
  let asserted: ReadonlyMap<string, PostedAssertion> = new Map();

  /** What any batch needs, once it was replayed. */
  async function complete(found: Replayed, place: PostedAssertion, isFinal: boolean): Promise<L1Batch> {
    const parent = tip().header;
    const taken = takeRequests(requests, parent.priorityCount, countPriority(found.named));
    return { ...found, parent, place: placeOf(place), placedMs: await timeOf(reader, place), isFinal, requests: taken };
  }
  /** Requests that a batch which the database has has executed. */
  function forgetRequests({ priorityCount }: StoredHeader): void {
    for (const index of requests.keys()) if (index < priorityCount) requests.delete(index);
  }

  return {
    async *finals() {
      for await (const window of windows.read()) {
        const { finalized, from, to } = window;
        asserted = window.asserted;
        for (const request of await reader.priorityRequests(from, to)) requests.set(request.queueIndex, request);
        const ahead = readingAhead(reader, finalized, window);
        for (const batch of finalized) {
          signal?.throwIfAborted();
          if (batch.header.number <= tip().header.number) {
            forgetRequests(batch.header);
            continue;
          }
          const { dataBlock, ...found } = await replayNamed(source, ahead, tip(), batch, asserted);
          windows.passed(dataBlock);
          yield await complete(found, asserted.get(batch.headerHash) ?? batch, true);
        }
      }
    },
    async *waiting() {
      const range = await assertions?.pendingRange();
      if (assertions === undefined || range === undefined) return;
      for (let number = tip().header.number + 1; number <= range.lastNumber; number += 1) {
        signal?.throwIfAborted();
        const id = await assertions.pendingId(number);
        const place = id === undefined ? undefined : asserted.get((await assertions.assertion(id)).headerHash);
        const found = place && (await replayWaiting(source, tip(), place));
        if (place === undefined || found === undefined) return;
        forgetRequests(tip().header);
        yield await complete(found, place, false);
      }
    },
  };
}
