/**
 * The clocks of a waiting batch and of its disputes. All times are Unix seconds of L1. Source: docs/protocol.md, Finality
 * and Disputes.
 */

/** How long the phases of a dispute last, fixed at deployment. */
export interface DisputeTerms {
  /** C. */
  readonly challengePeriodSeconds: number;
  /** A. */
  readonly answerWindowSeconds: number;
  /** S. */
  readonly stepWindowSeconds: number;
}

/** The chunks of a batch that were proven and those that were disputed, chunk k in bit k. A waiting batch has at most 64. */
export interface ChunkMasks {
  readonly chunkCount: number;
  readonly provenChunks: bigint;
  readonly disputedChunks: bigint;
}

/** What the clocks of a waiting batch start from. */
export interface AssertionTimes extends ChunkMasks {
  readonly assertedAt: number;
}

/** When the disputes of one chunk were opened and answered; 0 before the event. */
export interface ChunkDisputeTimes {
  readonly firstDisputeAt: number;
  readonly lastDisputeAt: number;
  readonly answeredAt: number;
}

const hasBit = (mask: bigint, position: number): boolean => ((mask >> BigInt(position)) & 1n) === 1n;

const chunksOf = ({ chunkCount }: ChunkMasks): number[] => Array.from({ length: chunkCount }, (_, chunk) => chunk);

/** Whether the chunk was proven. */
export function isChunkProven({ provenChunks }: Pick<ChunkMasks, 'provenChunks'>, chunk: number): boolean {
  return hasBit(provenChunks, chunk);
}

/** Chunks without a proof, ascending. */
export function unprovenChunks(masks: ChunkMasks): number[] {
  return chunksOf(masks).filter((chunk) => !isChunkProven(masks, chunk));
}

/** Chunks that were disputed at least once, proven or not, ascending. */
export function disputedChunks(masks: ChunkMasks): number[] {
  return chunksOf(masks).filter((chunk) => hasBit(masks.disputedChunks, chunk));
}

/** Chunks that were disputed and have no proof, ascending: those whose clocks hold the batch up. */
export function contestedChunks(masks: ChunkMasks): number[] {
  return disputedChunks(masks).filter((chunk) => !isChunkProven(masks, chunk));
}

/** The last second in which a dispute can be opened. */
export function disputesOpenUntil(terms: DisputeTerms, { assertedAt }: Pick<AssertionTimes, 'assertedAt'>): number {
  return assertedAt + terms.challengePeriodSeconds;
}

/**
 * The last second in which the disputes of a chunk can be answered; after it anyone can have the batch rejected.
 * Twin: contracts/assertions/Disputes.sol rejectUnanswered.
 */
export function answerDueBy(
  terms: DisputeTerms,
  { firstDisputeAt }: Pick<ChunkDisputeTimes, 'firstDisputeAt'>,
): number {
  return firstDisputeAt + terms.answerWindowSeconds;
}

/**
 * The last second before a dispute is lost for want of a proven step; undefined while the chunk is not answered.
 * Twin: contracts/assertions/Disputes.sol _isUnrefuted.
 *
 * @param openedAt of that dispute; of the chunk's last dispute, this is when all of them are lost.
 */
export function stepDueBy(
  terms: DisputeTerms,
  { answeredAt }: Pick<ChunkDisputeTimes, 'answeredAt'>,
  openedAt: number,
): number | undefined {
  return answeredAt === 0 ? undefined : Math.max(answeredAt, openedAt) + terms.stepWindowSeconds;
}

/** Whether disputes of an unproven chunk still run at `time`: unanswered, or a step may still be proven. */
export function areDisputesRunning(terms: DisputeTerms, disputes: ChunkDisputeTimes, time: number): boolean {
  const deadline = stepDueBy(terms, disputes, disputes.lastDisputeAt);
  return deadline === undefined || time <= deadline;
}

/**
 * The time after which a waiting batch can be made final, its parent aside: 0 when all chunks are proven; undefined while a
 * disputed chunk is neither answered nor proven.
 * Twin: contracts/assertions/Finality.sol _finality.
 *
 * @param disputesOf The disputes of a contested chunk; undefined counts as unanswered.
 */
export function finalAfter(
  terms: DisputeTerms,
  assertion: AssertionTimes,
  disputesOf: (chunk: number) => ChunkDisputeTimes | undefined,
): number | undefined {
  if (unprovenChunks(assertion).length === 0) return 0;
  let deadline = disputesOpenUntil(terms, assertion);
  for (const chunk of contestedChunks(assertion)) {
    const disputes = disputesOf(chunk);
    const stepDeadline = disputes === undefined ? undefined : stepDueBy(terms, disputes, disputes.lastDisputeAt);
    if (stepDeadline === undefined) return undefined;
    deadline = Math.max(deadline, stepDeadline);
  }
  return deadline;
}
