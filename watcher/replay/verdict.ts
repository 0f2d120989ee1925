/** What the replay of a waiting batch found. */

import type { AssertionStatus } from '../../chain/index.ts';
import type { ErrorCode } from '../../protocol/index.ts';
import type { Verdict } from '../dispute/chunk-table.ts';

/** Why a chunk is wrong. */
export interface ChunkFault {
  readonly chunk: number;
  /** The first record that the rules refuse; undefined when all are valid and the claimed root is another. */
  readonly slot: number | undefined;
  /** The broken rule, FEES_NOT_COLLECTED or STATE_MISMATCH. */
  readonly code: ErrorCode;
  /** What is wrong, with the values, as one sentence. */
  readonly explanation: string;
  /**
   * No validity proof of the chunk can exist. A fault of the published authorizations alone is not conclusive: the
   * owner's true signature may exist, and whoever knows it can prove the chunk (docs/adr/0014).
   */
  readonly isConclusive: boolean;
}

/** What was found about a batch. */
export interface BatchVerdict {
  /** By chunk. After a conclusive one no further chunk was looked at: nothing can make it final. */
  readonly faults: ReadonlyMap<number, ChunkFault>;
  /** How long the replay took. */
  readonly replaySeconds: number;
}

/** The conclusive fault, if there is one. */
export function conclusiveFault({ faults }: BatchVerdict): ChunkFault | undefined {
  return [...faults.values()].find(({ isConclusive }) => isConclusive);
}

/** The verdict on one chunk. @param verdict undefined when the batch was not replayed. */
export function chunkVerdict(verdict: BatchVerdict | undefined, chunk: number): Verdict {
  if (verdict === undefined) return 'unverified';
  if (verdict.faults.has(chunk)) return 'wrong';
  const last = conclusiveFault(verdict);
  return last !== undefined && chunk > last.chunk ? 'unverified' : 'right';
}

/** The chunks that are to be disputed: the conclusive one decides alone, others stand each for itself. */
export function chunksToDispute(verdict: BatchVerdict): number[] {
  const last = conclusiveFault(verdict);
  return last === undefined ? [...verdict.faults.keys()] : [last.chunk];
}

/** The verdict on the whole batch. A chunk with a validity proof is right whatever its authorizations say. */
export function batchVerdict(
  verdict: BatchVerdict | undefined,
  { provenChunks }: Pick<AssertionStatus, 'provenChunks'>,
): Verdict {
  if (verdict === undefined) return 'unverified';
  const standing = [...verdict.faults.values()].filter(
    ({ chunk, isConclusive }) => isConclusive || ((provenChunks >>> chunk) & 1) === 0,
  );
  return standing.length === 0 ? 'right' : 'wrong';
}
