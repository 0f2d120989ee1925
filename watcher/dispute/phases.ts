/** Translates the views of the Assertions contract into the phases of the tables: pure. */

import type { AssertionConstants, AssertionStatus, ChunkDisputesStatus, DisputeStatus } from '@quittance/chain';
import {
  answerDueBy,
  disputedChunks,
  disputesOpenUntil,
  finalAfter,
  isChunkProven,
  stepDueBy,
} from '@quittance/protocol';
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
  if (isChunkProven(status, chunk)) return 'proven';
  if (!disputedChunks(status).includes(chunk) || disputes === undefined) {
    return time.block <= disputesOpenUntil(constants, status) ? 'open' : 'expired';
  }
  if (disputes.answeredAt > 0) return commitment === 'none' ? 'answered' : commitment;
  const deadline = answerDueBy(constants, disputes);
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
  const deadline = finalAfter(constants, status, (chunk) => disputes.get(chunk));
  return deadline !== undefined && time.now > deadline;
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
  const proven = isChunkProven(status, dispute.chunk);
  const deadline = stepDueBy(constants, disputes, dispute.openedAt);
  // A final batch whose bond finalizeBatches did not release became final by a proof of all its chunks.
  const stands = status.isPending || (isFinal && status.isReleased);
  const isLost = deadline !== undefined && time.now > deadline && stands;
  if (isLost && !proven && !status.isRejected) return 'lost';
  return status.isPending && !proven ? 'running' : 'refundable';
}
