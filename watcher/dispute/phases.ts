/** What L1 says, as the phases of the tables: pure, from the views of the Assertions contract. */

import type { AssertionConstants, AssertionStatus, ChunkDisputesStatus, DisputeStatus } from '@quittance/chain';
import type { AssertionPhase, DisputePhase } from './bond-tables.ts';
import type { ChunkPhase } from './chunk-table.ts';

/**
 * The time on L1, in Unix seconds. An L1 that makes blocks only for transactions stands still between them, so its next
 * block can be later than its newest: what may already be too late is judged by `block`, what may already be possible by
 * `now`, and the dry run decides.
 */
export interface L1Time {
  /** Of the newest block. */
  readonly block: number;
  /** Of the newest block or of our clock, whichever is later. */
  readonly now: number;
}

/** Where our own commitment to a step stands. */
export type CommitmentPhase = 'none' | 'committing' | 'committed';

const hasBit = (mask: number, position: number): boolean => ((mask >>> position) & 1) === 1;

/** Whether bit `chunk` of the proven chunks is set. */
export function isProven(status: Pick<AssertionStatus, 'provenChunks'>, chunk: number): boolean {
  return hasBit(status.provenChunks, chunk);
}

/** Chunks that were disputed at least once. */
export function disputedChunks({ disputedChunks: mask, chunkCount }: AssertionStatus): number[] {
  return Array.from({ length: chunkCount }, (_, chunk) => chunk).filter((chunk) => hasBit(mask, chunk));
}

/** The phase of one chunk. @param disputes of it; not needed while nobody disputes it. */
export function chunkPhase(
  constants: AssertionConstants,
  status: AssertionStatus,
  chunk: number,
  disputes: ChunkDisputesStatus | undefined,
  commitment: CommitmentPhase,
  time: L1Time,
): ChunkPhase {
  if (!status.isPending) return 'closed';
  if (isProven(status, chunk)) return 'proven';
  if (!hasBit(status.disputedChunks, chunk) || disputes === undefined) {
    return time.block <= status.assertedAt + constants.challengePeriodSeconds ? 'open' : 'expired';
  }
  if (disputes.answeredAt > 0) return commitment === 'none' ? 'answered' : commitment;
  const deadline = disputes.firstDisputeAt + constants.answerWindowSeconds;
  if (time.now <= deadline) return 'awaiting';
  return time.block <= deadline ? 'expiring' : 'overdue';
}

/** Whether the clocks of a waiting batch are over, so that it is final as soon as its parent is. */
export function isReady(
  constants: AssertionConstants,
  status: AssertionStatus,
  disputes: ReadonlyMap<number, ChunkDisputesStatus>,
  time: L1Time,
): boolean {
  const chunks = Array.from({ length: status.chunkCount }, (_, chunk) => chunk);
  if (chunks.every((chunk) => isProven(status, chunk))) return true;
  if (time.now <= status.assertedAt + constants.challengePeriodSeconds) return false;
  return disputedChunks(status).every((chunk) => {
    if (isProven(status, chunk)) return true;
    const known = disputes.get(chunk);
    if (known === undefined || known.answeredAt === 0) return false;
    return time.now > Math.max(known.answeredAt, known.lastDisputeAt) + constants.stepWindowSeconds;
  });
}

/** The phase of an assertion. @param isFinal whether L1 made a batch with its header final. */
export function assertionPhase(status: AssertionStatus, isFinal: boolean, ready: boolean): AssertionPhase {
  if (status.isPending) return ready ? 'ready' : 'running';
  if (status.isRejected) return 'rejected';
  if (status.isReleased) return 'done';
  return isFinal ? 'final' : 'removed';
}

/** The phase of a dispute. @param isFinal whether L1 made the disputed batch final. */
export function disputePhase(
  constants: AssertionConstants,
  dispute: DisputeStatus,
  status: AssertionStatus,
  disputes: ChunkDisputesStatus,
  isFinal: boolean,
  time: L1Time,
): DisputePhase {
  if (dispute.isSettled) return 'settled';
  const proven = isProven(status, dispute.chunk);
  const lostAt = Math.max(disputes.answeredAt, dispute.openedAt) + constants.stepWindowSeconds;
  // A final batch whose bond finalizeBatches did not release became final by a proof of all its chunks.
  const stands = status.isPending || (isFinal && status.isReleased);
  const isLost = disputes.answeredAt > 0 && time.now > lostAt && stands;
  if (isLost && !proven && !status.isRejected) return 'lost';
  return status.isPending && !proven ? 'running' : 'refundable';
}
