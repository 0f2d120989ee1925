/**
 * What the replay of a waiting batch found. A chunk whose published authorizations are wrong may still be made good by a
 * validity proof, at any time before the batch is final; by then it would be too late to dispute what stands behind it. So
 * the replay goes on past such a chunk (packages/derivation/assertion.ts), and each of them is disputed.
 */

import type { AssertionStatus } from '@quittance/chain';
import type { Fault } from '@quittance/derivation';
import { isChunkProven } from '@quittance/protocol';

/** What the replay says about a chunk. `unverified`: its state before is not known yet, or can never become final. */
export const VERDICTS = ['unverified', 'right', 'wrong'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The findings about a batch. */
export interface BatchVerdict {
  /** By chunk. After a conclusive one no further chunk was looked at: nothing can make the batch final. */
  readonly faults: ReadonlyMap<number, Fault>;
  /** How long the replay took. */
  readonly replaySeconds: number;
}

/** The conclusive fault, if there is one. */
export function conclusiveFault({ faults }: BatchVerdict): Fault | undefined {
  return [...faults.values()].find(({ isConclusive }) => isConclusive);
}

/** Whether moves about a waiting batch may need its data again. */
export function isContested(
  { faults }: BatchVerdict,
  { disputedChunks }: Pick<AssertionStatus, 'disputedChunks'>,
): boolean {
  return faults.size > 0 || disputedChunks !== 0n;
}

/** The verdict on one chunk. @param verdict undefined when the batch was not replayed. */
export function chunkVerdict(verdict: BatchVerdict | undefined, chunk: number): Verdict {
  if (verdict === undefined) return 'unverified';
  if (verdict.faults.has(chunk)) return 'wrong';
  const last = conclusiveFault(verdict);
  return last !== undefined && chunk > last.chunk ? 'unverified' : 'right';
}

/** The chunks to dispute: a conclusive fault alone decides; without one, each fault counts by itself. */
export function chunksToDispute(verdict: BatchVerdict): number[] {
  const last = conclusiveFault(verdict);
  return last === undefined ? [...verdict.faults.keys()] : [last.chunk];
}

/** The verdict on the whole batch. A chunk with a validity proof is right whatever its authorizations say. */
export function batchVerdict(
  verdict: BatchVerdict | undefined,
  status: Pick<AssertionStatus, 'provenChunks'>,
): Verdict {
  if (verdict === undefined) return 'unverified';
  const standing = [...verdict.faults.values()].filter(({ chunk }) => !isChunkProven(status, chunk));
  return standing.length === 0 ? 'right' : 'wrong';
}
