/** The batch that an execution makes: header and data for L1, traces for the prover, and what became of each entry. */

import {
  type BatchContent,
  type BatchForm,
  type Bytes32,
  batchChallenge,
  type ChunkContext,
  chunksContentOf,
  type Deployment,
  type Execution,
  encodeChunkData,
  encodeVisible,
  headerHash,
  headerOf,
  type LeafChanges,
  type PackedTrace,
  packFeeTokens,
  type StoredHeader,
  type Withdrawal,
  withdrawalsIn,
} from '@quittance/protocol';
import type { ChunkRow, Place } from '../../storage/index.ts';
import { blobsOf } from './batch-data.ts';
import type { PlannedChunks } from './plan.ts';
import { inSlices } from './slices.ts';

/** An executed chunk with what L1 and the prover need. */
export interface SealedChunk {
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  readonly commitment: bigint;
  /** Undefined where nothing is proven. */
  readonly trace: PackedTrace | undefined;
  /** Its blocks. */
  readonly data: Uint8Array;
  /** Its visible list. */
  readonly visible: Uint8Array;
  /** Packed. */
  readonly feeTokens: bigint;
  /** z of the batch. */
  readonly challenge: bigint;
}

/** Which operations of the log stand in a chunk, as its row says. */
export type ChunkOutcome = Pick<ChunkRow, 'places' | 'firstTransfer' | 'firstPriority'>;

/** An executed batch. */
export interface ExecutedBatch {
  readonly header: StoredHeader;
  readonly headerHash: string;
  readonly form: BatchForm;
  /** Versioned hashes of its blobs. */
  readonly blobHashes: readonly Bytes32[];
  readonly chunks: readonly SealedChunk[];
  /** By chunk. */
  readonly outcomes: readonly ChunkOutcome[];
  readonly withdrawals: readonly Withdrawal[];
  /** The accounts that the batch changed. */
  readonly changes: LeafChanges;
  readonly transferCount: number;
  readonly priorityCount: number;
}

/** The bytes of a batch, by chunk. */
export interface SealedBytes {
  readonly data: readonly Uint8Array[];
  readonly visible: readonly Uint8Array[];
}

/** Commits to a blob and hashes the commitment. */
export type HashBlob = (blob: Uint8Array) => Promise<Bytes32>;

export interface BatchInput {
  readonly deployment: Deployment;
  readonly parent: StoredHeader;
  readonly context: ChunkContext;
  readonly chunks: PlannedChunks;
  /** Without refusals, with commitments. */
  readonly execution: Execution;
  /** Given the blocks and visible lists of all chunks: header and challenge depend on the form, so it is fixed here. */
  readonly chooseForm: (bytes: SealedBytes) => BatchForm;
  /** The versioned hash of a blob. */
  readonly hashBlob: HashBlob;
  /** Lets other work run, between slices of a few milliseconds. */
  readonly pause: () => Promise<void>;
}

/** z: what binds the proofs of all chunks to their data and their place. */
export function challengeOf(deployment: Deployment, content: BatchContent): bigint {
  return batchChallenge({ ...deployment, ...chunksContentOf(content), number: content.number });
}

/** Where each entry of the log stands, and what is withdrawn; a slot a step. */
function* outcomesOf(chunks: PlannedChunks) {
  const outcomes: ChunkOutcome[] = [];
  const withdrawals: Withdrawal[] = [];
  const counts = { transfer: 0, priority: 0 };
  for (const operations of chunks) {
    const places: (Place | undefined)[] = [];
    const first: { transfer?: number; priority?: number } = {};
    for (const { operation, source } of operations) {
      const [withdrawal] = withdrawalsIn([operation]);
      if (withdrawal !== undefined) withdrawals.push(withdrawal);
      const position = withdrawal === undefined ? undefined : withdrawals.length - 1;
      places.push(source && { sequence: source.sequence, withdrawal: position });
      if (source !== undefined) {
        const { type } = source.entry;
        counts[type] += 1;
        first[type] ??= source.sequence;
      }
      yield;
    }
    outcomes.push({ places, firstTransfer: first.transfer, firstPriority: first.priority });
  }
  return { outcomes, withdrawals, transferCount: counts.transfer, priorityCount: counts.priority };
}

/** The data of each chunk; a chunk a step. */
function* encodeChunks(chunks: PlannedChunks): Generator<void, SealedBytes, void> {
  const data: Uint8Array[] = [];
  const visible: Uint8Array[] = [];
  for (const planned of chunks) {
    const operations = planned.map(({ operation }) => operation);
    data.push(encodeChunkData(operations));
    visible.push(encodeVisible(operations));
    yield;
  }
  return { data, visible };
}

/** The batch. Nothing is written yet. */
export async function makeBatch(input: BatchInput): Promise<ExecutedBatch> {
  const { deployment, parent, context, chunks: planned, execution, chooseForm, hashBlob, pause } = input;
  const outcomes = await inSlices(outcomesOf(planned), pause);
  const { data, visible } = await inSlices(encodeChunks(planned), pause);
  const form = chooseForm({ data, visible });
  await pause();
  const operations = planned.map((slots) => slots.map(({ operation }) => operation));
  const blobHashes: Bytes32[] = [];
  for (const blob of blobsOf(form, operations)) blobHashes.push(await hashBlob(blob));
  const feeTokens = packFeeTokens(context.feeTokens);
  const results = execution.chunks.map((result) => ({ ...result, commitment: result.commitment! }));
  const content: BatchContent = {
    number: parent.number + 1,
    time: context.batchTime,
    roots: [parent.stateRoot, ...results.map(({ newRoot }) => newRoot)],
    commitments: results.map(({ commitment }) => commitment),
    feeTokens: results.map(() => feeTokens),
    form,
    chunks: form === 'calldata' ? data : [],
    blobHashes,
    visible,
  };
  // Each hashes all of the data: some milliseconds for the largest batches.
  await pause();
  const header = headerOf(parent, content);
  await pause();
  const challenge = challengeOf(deployment, content);
  const chunks = results.map((result, chunk) => {
    return { ...result, data: data[chunk]!, visible: visible[chunk]!, feeTokens, challenge };
  });
  const { changes } = execution;
  return { ...outcomes, changes, header, headerHash: headerHash(header), form, blobHashes, chunks };
}
