/** Executes a planned batch on the tree: traces for the prover, data and header for L1. */

import {
  type Account,
  type ChunkContext,
  type ChunkTrace,
  chunkChallenge,
  type Deployment,
  type Effects,
  encodeChunkData,
  executeChunkInSteps,
  type Hasher,
  headerHash,
  headerOf,
  invariantBroken,
  keccak,
  packFeeTokens,
  type RollupState,
  type StoredHeader,
  type Withdrawal,
} from '@quittance/protocol';
import type { Placement } from '../../storage/index.ts';
import type { PlannedOperation } from './plan.ts';

/** An executed chunk with what L1 and the prover need. */
export interface SealedChunk {
  readonly trace: ChunkTrace;
  readonly data: Uint8Array;
  /** Packed. */
  readonly feeTokens: bigint;
  readonly challenge: bigint;
}

/** An executed batch. */
export interface ExecutedBatch {
  readonly header: StoredHeader;
  readonly headerHash: string;
  readonly chunks: readonly SealedChunk[];
  readonly placements: readonly Placement[];
  readonly withdrawals: readonly Withdrawal[];
  /** The accounts that the batch changed, as they are after it. */
  readonly accounts: ReadonlyMap<number, Account>;
  readonly transferCount: number;
  readonly priorityCount: number;
}

export interface ExecuteInput {
  readonly hasher: Hasher;
  readonly deployment: Deployment;
  readonly state: RollupState;
  readonly parent: StoredHeader;
  readonly chunks: readonly (readonly PlannedOperation[])[];
  readonly context: ChunkContext;
  /** Lets other work run, between slices of a few milliseconds. */
  readonly pause: () => Promise<void>;
}

/** How long execution runs before other work gets its turn: the delay that it adds to an acknowledgement. */
const SLICE_MS = 20;

async function runInSlices<T>(steps: Generator<void, T, void>, pause: () => Promise<void>): Promise<T> {
  for (let sliceEnd = performance.now() + SLICE_MS; ; ) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < sliceEnd) continue;
    await pause();
    sliceEnd = performance.now() + SLICE_MS;
  }
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

/** The public input that binds the chunk's proof to its data and its place. */
export function challengeOf(
  deployment: Deployment,
  batchNumber: number,
  chunkIndex: number,
  { trace, data }: Pick<SealedChunk, 'trace' | 'data'>,
): bigint {
  const { commitment, oldRoot, newRoot } = trace;
  return chunkChallenge({
    ...deployment,
    batchNumber,
    chunkIndex,
    dataHash: keccak(data),
    commitment,
    oldRoot,
    newRoot,
  });
}

/** Executes all chunks in order and changes `state`. @throws RollupError when an operation is not valid. */
export async function executeBatch(input: ExecuteInput): Promise<ExecutedBatch> {
  const { hasher, deployment, state, parent, chunks: planned, context, pause } = input;
  const number = parent.number + 1;
  const chunks: SealedChunk[] = [];
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
    const { trace, effects } = await runInSlices(steps, pause);
    for (const [slot, effect] of effects.entries()) {
      const { source } = operations[slot]!;
      checkId(operations[slot]!, effect);
      for (const { index, after } of effect.changes) accounts.set(index, after!);
      if (effect.withdrawal !== undefined) withdrawals.push(effect.withdrawal);
      if (source === undefined) continue;
      counts[source.entry.type] += 1;
      const withdrawal = effect.withdrawal === undefined ? undefined : withdrawals.length - 1;
      placements.push({ sequence: source.sequence, batch: number, chunk, slot, withdrawal });
    }
    const data = encodeChunkData(operations.map(({ operation }) => operation));
    const challenge = challengeOf(deployment, number, chunk, { trace, data });
    chunks.push({ trace, data, feeTokens: packFeeTokens(context.feeTokens), challenge });
  }

  const content = {
    number,
    time: context.batchTime,
    roots: [parent.stateRoot, ...chunks.map(({ trace }) => trace.newRoot)],
    commitments: chunks.map(({ trace }) => trace.commitment),
    feeTokens: chunks.map(({ feeTokens }) => feeTokens),
    chunks: chunks.map(({ data }) => data),
  };
  const header = headerOf(
    parent,
    content,
    planned.map((operations) => operations.map(({ operation }) => operation)),
  );
  return {
    header,
    headerHash: headerHash(header),
    chunks,
    placements,
    withdrawals,
    accounts,
    transferCount: counts.transfer,
    priorityCount: counts.priority,
  };
}
