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

/** A final batch that the database has, or one that it lacks. */
export type FoundFinal =
  | { readonly isNew: false; readonly batch: FinalizedBatch }
  | { readonly isNew: true; readonly batch: L1Batch };

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
) {
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

/**
 * The final batches up to `head`: those up to that of `tip` as L1 names them, the others replayed on it.
 *
 * @throws RollupError LIE_FINAL, NO_DEPLOYMENT, BLOB_UNAVAILABLE, L1_LOGS_INCOMPLETE, L1_INCONSISTENT, L1_REORG, L1_UNREACHABLE,
 * RESOURCES_SHORT, or the signal's reason.
 */
export async function* readFinals(source: L1Source, tip: () => Tip, head: BlockReference): AsyncGenerator<FoundFinal> {
  const { fromBlock, signal } = source;
  const windows = await createFinalWindows(source.reader, fromBlock, head);
  const requests: Requests = new Map();
  for await (const { finalized, asserted, from, to } of windows.read()) {
    for (const request of await source.reader.priorityRequests(from, to)) requests.set(request.queueIndex, request);
    const reader = readingAhead(source.reader, finalized, { asserted });
    for (const batch of finalized) {
      signal?.throwIfAborted();
      const { number, priorityCount } = batch.header;
      if (number === 0 || number <= tip().header.number) {
        for (const index of requests.keys()) if (index < priorityCount) requests.delete(index);
        if (number > 0) yield { isNew: false, batch };
        if (number <= tip().header.number) continue;
      }
      const parent = tip().header;
      const { data, dataBlock, replayed, named } = await replayNamed(source, reader, tip(), batch, asserted);
      windows.passed(dataBlock);
      const place = placeOf(asserted.get(batch.headerHash) ?? batch);
      const placedMs = await timeOf(source.reader, place);
      const taken = takeRequests(requests, parent.priorityCount, countPriority(named));
      yield { isNew: true, batch: { parent, data, replayed, named, place, placedMs, isFinal: true, requests: taken } };
    }
  }
}

/** Whether the commitments are those of the records: nothing but a proof binds them, and we would not assert others. */
function hasItsCommitments({ crypto }: L1Source, { data, named }: Pick<L1Batch, 'data' | 'named'>): boolean {
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
): Promise<Pick<L1Batch, 'data' | 'named' | 'replayed'> | undefined> {
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

/**
 * The batches that wait on L1, up to the first that is wrong or that was proven without signatures.
 *
 * @throws RollupError as `readFinals`.
 */
export async function* readWaiting(source: L1Source, tip: () => Tip, head: BlockReference): AsyncGenerator<L1Batch> {
  const { reader, assertions, fromBlock, signal } = source;
  const { lastNumber, finalNumber } = (await assertions?.pendingRange()) ?? { lastNumber: 0, finalNumber: 0 };
  if (assertions === undefined || lastNumber === finalNumber) return;
  const places = new Map((await reader.assertions(fromBlock, head.number)).map((place) => [place.headerHash, place]));
  for (let number = tip().header.number + 1; number <= lastNumber; number += 1) {
    signal?.throwIfAborted();
    const id = await assertions.pendingId(number);
    const place = id === undefined ? undefined : places.get((await assertions.assertion(id)).headerHash);
    if (place === undefined) return;
    const parent = tip().header;
    const found = await replayWaiting(source, tip(), place);
    if (found === undefined) return;
    const first = parent.priorityCount;
    const requests = await requestsFrom(reader, fromBlock, place.blockNumber, first, countPriority(found.named));
    yield { ...found, parent, place: placeOf(place), placedMs: await timeOf(reader, place), isFinal: false, requests };
  }
}

async function requestsFrom(reader: RollupReader, fromBlock: number, toBlock: number, first: number, count: number) {
  if (count === 0) return [];
  const found = await reader.priorityRequests(fromBlock, toBlock);
  return takeRequests(new Map(found.map((request) => [request.queueIndex, request])), first, count);
}
