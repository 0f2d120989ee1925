/** Proofs that a restart finds: those that L1 would refuse are dropped, and made anew like any that is missing. */

import type { SequencerContext } from '../context.ts';
import type { BatchProver } from '../types.ts';
import type { RecoveredBatch } from './recover.ts';

/** Verifies each stored proof of the batches that are not final against what their chunks execute to. */
export async function dropBadProofs(
  { storage, logger }: Pick<SequencerContext, 'storage' | 'logger'>,
  prover: Pick<BatchProver, 'verifyChunk'>,
  unfinished: readonly RecoveredBatch[],
): Promise<void> {
  for (const { batch, chunks } of unfinished) {
    for (const [chunk, { trace, challenge }] of chunks.entries()) {
      if (!storage.proofs.has(batch.number, chunk)) continue;
      const stored = storage.proofs.get(batch.number, chunk);
      const isGood =
        trace !== undefined &&
        stored?.challenge === challenge &&
        (await prover.verifyChunk(trace, challenge, stored.proof));
      if (isGood) continue;
      logger.warn('a stored proof does not prove its chunk; it is made anew', {
        batch: batch.number,
        chunk,
        reason: stored === undefined ? 'damaged' : stored.challenge === challenge ? 'invalid' : 'of another chunk',
      });
      storage.commit(() => storage.proofs.remove(batch.number, chunk));
    }
  }
}
