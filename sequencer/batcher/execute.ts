/** Executes a planned batch on the tree: traces for the prover, data and header for L1. */

import {
  type Account,
  type BatchContent,
  type BatchForm,
  type Bytes32,
  batchChallenge,
  type ChunkContext,
  type ChunkTrace,
  chunksContentOf,
  type Deployment,
  type Effects,
  encodeChunkData,
  encodeVisible,
  executeChunkInSteps,
  type Hasher,
  headerHash,
  headerOf,
  invariantBroken,
  type PackedTrace,
  packFeeTokens,
  packTrace,
  type RollupState,
  type StoredHeader,
  type Withdrawal,
} from '@quittance/protocol';
import type { Placement } from '../../storage/index.ts';
import { blobsOf } from './batch-data.ts';
import type { PlannedOperation } from './plan.ts';
import { inSlices } from './slices.ts';

/** An executed chunk with what L1 and the prover need. */
export interface SealedChunk {
  readonly trace: PackedTrace;
  /** Its blocks. */
  readonly data: Uint8Array;
  /** Its visible list. */
  readonly visible: Uint8Array;
  /** Packed. */
  readonly feeTokens: bigint;
  /** z of the batch. */
  readonly challenge: bigint;
}

/** An executed batch. */
export interface ExecutedBatch {
  readonly header: StoredHeader;
  readonly headerHash: string;
  readonly form: BatchForm;
  /** Versioned hashes of its blobs. */
  readonly blobHashes: readonly Bytes32[];
  readonly chunks: readonly SealedChunk[];
  readonly placements: readonly Placement[];
  readonly withdrawals: readonly Withdrawal[];
  /** The accounts that the batch changed, as they are after it. */
  readonly accounts: ReadonlyMap<number, Account>;
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

export interface ExecuteInput {
  readonly hasher: Hasher;
  readonly deployment: Deployment;
  readonly state: RollupState;
  readonly parent: StoredHeader;
  readonly chunks: readonly (readonly PlannedOperation[])[];
  readonly context: ChunkContext;
  /** Given the blocks and visible lists of all chunks: header and challenge depend on the form, so it is fixed here. */
  readonly chooseForm: (bytes: SealedBytes) => BatchForm;
  /** The versioned hash of a blob. */
  readonly hashBlob: HashBlob;
  /** Lets other work run, between slices of a few milliseconds. */
  readonly pause: () => Promise<void>;
}

/** Signatures were checked at admission, over the id that `checkId` compares. */
const CHECKED_AT_ADMISSION = { verify: () => true };

/** Checks that what is executed is what was signed: a signature is over the id. */
function checkId({ source }: PlannedOperation, effects: Effects): void {
  if (source?.entry.type !== 'transfer' || effects.transactionId === source.entry.id) return;
  throw invariantBroken(`log entry ${source.sequence} would be executed as another transaction`, {
    sequence: source.sequence,
    expected: source.entry.id,
    actual: effects.transactionId ?? null,
  });
}

/** z: what binds the proofs of all chunks to their data and their place. */
export function challengeOf(deployment: Deployment, content: BatchContent): bigint {
  return batchChallenge({ ...deployment, ...chunksContentOf(content), number: content.number });
}

/** Executes the operations of all chunks in order and changes `state`. */
async function executeChunks(input: ExecuteInput) {
  const { hasher, state, parent, chunks: planned, context, pause } = input;
  const traces: ChunkTrace[] = [];
  const placements: Placement[] = [];
  const withdrawals: Withdrawal[] = [];
  const accounts = new Map<number, Account>();
  const counts = { transfer: 0, priority: 0 };
  for (const [chunk, operations] of planned.entries()) {
    const steps = executeChunkInSteps(
      { hasher, verifier: CHECKED_AT_ADMISSION },
      state,
      operations.map(({ operation }) => operation),
      context,
    );
    const { trace, effects } = await inSlices(steps, pause);
    traces.push(trace);
    for (const [slot, effect] of effects.entries()) {
      const { source } = operations[slot]!;
      checkId(operations[slot]!, effect);
      for (const { index, after } of effect.changes) accounts.set(index, after!);
      if (effect.withdrawal !== undefined) withdrawals.push(effect.withdrawal);
      if (source === undefined) continue;
      counts[source.entry.type] += 1;
      const withdrawal = effect.withdrawal === undefined ? undefined : withdrawals.length - 1;
      placements.push({ sequence: source.sequence, batch: parent.number + 1, chunk, slot, withdrawal });
    }
  }
  return { traces, placements, withdrawals, accounts, transferCount: counts.transfer, priorityCount: counts.priority };
}

/** Executes all chunks in order and changes `state`. @throws RollupError when an operation is not valid. */
export async function executeBatch(input: ExecuteInput): Promise<ExecutedBatch> {
  const { deployment, parent, context, chooseForm, hashBlob } = input;
  const { traces, ...results } = await executeChunks(input);
  const operations = traces.map(({ slots }) => slots.map(({ operation }) => operation));
  const data = operations.map(encodeChunkData);
  const visible = operations.map(encodeVisible);
  const form = chooseForm({ data, visible });
  const blobHashes: Bytes32[] = [];
  for (const blob of blobsOf(form, operations)) blobHashes.push(await hashBlob(blob));
  const feeTokens = packFeeTokens(context.feeTokens);
  const content: BatchContent = {
    number: parent.number + 1,
    time: context.batchTime,
    roots: [parent.stateRoot, ...traces.map(({ newRoot }) => newRoot)],
    commitments: traces.map(({ commitment }) => commitment),
    feeTokens: traces.map(() => feeTokens),
    form,
    chunks: form === 'calldata' ? data : [],
    blobHashes,
    visible,
  };
  const header = headerOf(parent, content);
  const challenge = challengeOf(deployment, content);
  const chunks = traces.map((trace, chunk) => {
    return {
      trace: packTrace(input.hasher, trace),
      data: data[chunk]!,
      visible: visible[chunk]!,
      feeTokens,
      challenge,
    };
  });
  return { ...results, header, headerHash: headerHash(header), form, blobHashes, chunks };
}
