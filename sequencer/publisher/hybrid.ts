/** Asserts batches at once and proves them afterwards: an assertion is final as soon as its proofs are on L1. */

import { type Groth16Proof, unprovenChunks } from '@quittance/protocol';
import { type AssertingParts, isAssertedBy } from './assertions.ts';
import { mayLeave } from './may-leave.ts';
import { createAssertingPoster } from './optimistic.ts';
import type { Poster } from './poster.ts';
import type { Waiting, WaitingBatch } from './waiting.ts';

/** Proofs of consecutive chunks. */
interface Run {
  readonly firstChunk: number;
  readonly proofs: readonly Groth16Proof[];
}

/** Groups the proofs of these chunks into runs of consecutive ones. */
export function runsOf(chunks: readonly number[], proofs: readonly Groth16Proof[]): Run[] {
  const starts = chunks.filter((chunk) => !chunks.includes(chunk - 1));
  return starts.map((firstChunk) => {
    let end = firstChunk;
    while (chunks.includes(end)) end += 1;
    return { firstChunk, proofs: proofs.slice(firstChunk, end) };
  });
}

/** A poster that asserts, and proves what it asserted. */
export function createHybridPoster(parts: AssertingParts): Poster {
  const { context, submissions, assertions, states, sendProofs } = parts;
  const { logger } = context;

  /** Submits the proofs of a waiting batch once all of them exist; none ever does of one that was asserted in blobs. */
  async function prove({ batch, assertionId, status }: WaitingBatch, signal: AbortSignal): Promise<number> {
    const proofs = submissions.proofs(batch);
    if (proofs === undefined) return 0;
    const runs = runsOf(unprovenChunks(status), proofs);
    const content = submissions.content(batch);
    for (const run of runs) {
      const { transactionHash, gasUsed } = await sendProofs(batch, () =>
        assertions.send({ type: 'submitProofs', assertionId, content, ...run }, signal),
      );
      logger.info('proved a waiting batch on L1', { batch: batch.number, transactionHash, gasUsed });
    }
    return runs.length;
  }

  /**
   * Only a proof gets past what somebody else asserted on our last final batch. That may even be our own batch, with other
   * signatures than ours.
   */
  async function overtake({ foreign, finalNumber, own }: Waiting, signal: AbortSignal): Promise<number> {
    const next = finalNumber + 1;
    const isOthers = foreign === next || (own[0] !== undefined && !isAssertedBy(assertions, own[0].status));
    const mayOvertake = isOthers && mayLeave(context.storage, next);
    const batch = mayOvertake ? context.storage.batches.get(next) : undefined;
    const call = batch === undefined ? undefined : await submissions.proven(batch);
    if (batch === undefined || call === undefined) return 0;
    const sent = await sendProofs(batch, () => context.chain.submitBatch(call.submission, call.blobs, signal));
    states.posted(batch, sent);
    logger.info('overtook a waiting batch with a proven one', { batch: batch.number, gasUsed: sent.gasUsed });
    return 1;
  }

  return createAssertingPoster(parts, async (waiting, signal) => {
    let sent = await overtake(waiting, signal);
    for (const own of waiting.own) if (isAssertedBy(assertions, own.status)) sent += await prove(own, signal);
    return sent;
  });
}
