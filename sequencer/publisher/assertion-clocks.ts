/** The clocks of a waiting batch (docs/protocol.md, Finality and Disputes). Pure. */

import type { AssertionConstants, AssertionStatus, ChunkDisputesStatus } from '@quittance/chain';

/** Chunks of an assertion, as bits. */
const bits = (count: number): number => 2 ** count - 1;

/** Whether chunk `position` is in `mask`. */
export function hasChunk(mask: number, position: number): boolean {
  return Math.floor(mask / 2 ** position) % 2 === 1;
}

/** Positions of the chunks that are not proven. */
export function unprovenChunks({ chunkCount, provenChunks }: AssertionStatus): number[] {
  return Array.from({ length: chunkCount }, (_, position) => position).filter(
    (position) => !hasChunk(provenChunks, position),
  );
}

/** Positions of the chunks that are disputed and not proven. */
export function contestedChunks(status: AssertionStatus): number[] {
  return unprovenChunks(status).filter((position) => hasChunk(status.disputedChunks, position));
}

/** Whether disputes of an unproven chunk still run at `time`: not answered, or a step may still be proven in its window. */
export function isRunning(
  { answeredAt, lastDisputeAt }: ChunkDisputesStatus,
  { stepWindowSeconds }: AssertionConstants,
  time: number,
): boolean {
  return answeredAt === 0 || time <= Math.max(answeredAt, lastDisputeAt) + stepWindowSeconds;
}

/**
 * Whether the batch can be made final at `time`, if its parent is.
 *
 * @param disputes Those of its contested chunks.
 */
export function isDue(
  status: AssertionStatus,
  disputes: readonly ChunkDisputesStatus[],
  terms: AssertionConstants,
  time: number,
): boolean {
  if (status.provenChunks === bits(status.chunkCount)) return true;
  if (time <= status.assertedAt + terms.challengePeriodSeconds) return false;
  return disputes.every((dispute) => !isRunning(dispute, terms, time));
}
