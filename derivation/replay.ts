/**
 * Replays a batch from its calldata alone. Signatures are not on L1 in ZK batches: the contract's verified proof stands
 * for them, and everything else is computed again and compared.
 * Source: docs/protocol.md, invariant 2.
 */

import type { BatchSubmission } from '../chain/index.ts';
import {
  applyOperation,
  type Bytes32,
  type ChunkContext,
  type Crypto,
  chunksHash,
  decodeChunkData,
  FEE_TOKEN_COUNT,
  headerHash,
  isPriorityKind,
  keccak,
  nextCommitment,
  type Operation,
  RecordKind,
  RollupError,
  type RollupState,
  type StoredHeader,
  unpackFeeTokens,
  type Withdrawal,
  withdrawalsRoot,
} from '../protocol/index.ts';

/** What the calldata of `submitBatch` says, without what only the contract checks. */
export type SubmittedBatch = Omit<BatchSubmission, 'parent' | 'proofs'>;

/** A replayed batch. */
export interface ReplayedBatch {
  readonly header: StoredHeader;
  readonly hash: Bytes32;
  /** In the order of the withdrawals tree. */
  readonly withdrawals: readonly Withdrawal[];
  readonly operations: readonly (readonly Operation[])[];
}

/** Stands for the signature that the proof has verified. */
const PROVEN = { validUntil: 0, keyX: 0n, r8: { x: 0n, y: 1n }, s: 0n } as const;

const isSigned = (kind: number) => kind >= RecordKind.transfer && kind <= RecordKind.withdraw;

function mismatch(batch: SubmittedBatch, what: string, expected: unknown, actual: unknown): RollupError {
  return new RollupError(
    'STATE_MISMATCH',
    `batch ${batch.number}: ${what} is ${actual}, the replay gives ${expected}`,
    {
      batch: batch.number,
      expected: String(expected),
      actual: String(actual),
    },
  );
}

/** Executes one chunk's records on `state`. @throws RollupError with the code of the broken rule. */
function replayChunk(
  crypto: Crypto,
  state: RollupState,
  operations: readonly Operation[],
  context: ChunkContext,
  withdrawals: Withdrawal[],
): bigint {
  const proven: Crypto = { hasher: crypto.hasher, verifier: { verify: () => true } };
  let fees: readonly bigint[] = Array.from({ length: FEE_TOKEN_COUNT }, () => 0n);
  let commitment = 0n;
  for (const [slot, operation] of operations.entries()) {
    const outcome = applyOperation(proven, state, operation, context, fees);
    if (!outcome.valid) {
      throw new RollupError(outcome.invalid.code, `slot ${slot}: ${outcome.invalid.message}`, { slot });
    }
    for (const change of outcome.effects.changes) state.write(change);
    if (outcome.effects.withdrawal !== undefined) withdrawals.push(outcome.effects.withdrawal);
    fees = outcome.effects.fees;
    commitment = nextCommitment(crypto, commitment, operation);
  }
  if (fees.some((sum) => sum !== 0n)) {
    throw new RollupError('FEES_NOT_COLLECTED', `fee sums at the end of the chunk are ${fees}`, {
      actual: fees.join(','),
    });
  }
  return commitment;
}

/**
 * Replays one batch on `state` and returns its header. The state is of no use after an error.
 *
 * @param slotsPerChunk M of the deployment.
 * @throws RollupError STATE_MISMATCH when roots or commitments differ, or the code of a broken rule.
 */
export function replayBatch(
  crypto: Crypto,
  state: RollupState,
  parent: StoredHeader,
  batch: SubmittedBatch,
  deployment: { readonly domain: bigint; readonly slotsPerChunk: number },
): ReplayedBatch {
  if (batch.roots[0] !== state.root) throw mismatch(batch, 'the first root', state.root, batch.roots[0]);
  const withdrawals: Withdrawal[] = [];
  const operations = batch.chunks.map((data, chunk) => {
    const chunkOperations = decodeChunkData(data, deployment.slotsPerChunk).map(
      (record): Operation => (isSigned(record.fields.kind) ? { ...record, authorization: PROVEN } : record),
    );
    const context = {
      domain: deployment.domain,
      batchTime: batch.time,
      feeTokens: unpackFeeTokens(batch.feeTokens[chunk]!),
    };
    const commitment = replayChunk(crypto, state, chunkOperations, context, withdrawals);
    if (commitment !== batch.commitments[chunk]) {
      throw mismatch(batch, `the commitment of chunk ${chunk}`, commitment, batch.commitments[chunk]);
    }
    if (state.root !== batch.roots[chunk + 1]) {
      throw mismatch(batch, `the root after chunk ${chunk}`, state.root, batch.roots[chunk + 1]);
    }
    return chunkOperations;
  });
  const count = (wanted: (kind: number) => boolean) =>
    operations.flat().filter(({ fields }) => wanted(fields.kind)).length;
  const header: StoredHeader = {
    number: batch.number,
    time: batch.time,
    parentHash: headerHash(parent),
    stateRoot: state.root,
    chunksHash: chunksHash({ ...batch, dataHashes: batch.chunks.map(keccak) }),
    withdrawalsRoot: withdrawalsRoot(withdrawals),
    withdrawalCount: withdrawals.length,
    priorityCount: parent.priorityCount + count(isPriorityKind),
    transferToNewCount: parent.transferToNewCount + count((kind) => kind === RecordKind.transferToNew),
  };
  return { header, hash: headerHash(header), withdrawals, operations };
}
