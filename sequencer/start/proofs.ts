/** Proofs that a restart finds or needs: those that L1 would refuse are dropped, and made anew like any that is missing. */

import { RollupError } from '@quittance/protocol';
import type { SequencerContext } from '../context.ts';
import type { BatchProver } from '../types.ts';
import type { RecoveredBatch } from './recover.ts';

/**
 * Mode zk makes batches final by proofs alone, and nobody can prove one that was asserted in blobs.
 *
 * @throws RollupError CONFIG_INVALID while such a batch waits on L1.
 */
export function requireProvable({ storage, config }: Pick<SequencerContext, 'storage' | 'config'>): void {
  const { batches } = storage;
  const waiting = batches
    .range((batches.lastFinal()?.number ?? 0) + 1, batches.lastPosted()?.number ?? 0)
    .find(({ form }) => form === 'evaluations');
  if (config.mode !== 'zk' || waiting === undefined) return;
  throw new RollupError(
    'CONFIG_INVALID',
    `batch ${waiting.number} waits on L1 with its data in a form that nobody can prove: use --mode optimistic or hybrid ` +
      'until it is final',
    { name: 'mode', expected: 'optimistic or hybrid', actual: config.mode },
  );
}

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
      const isGood = stored?.challenge === challenge && (await prover.verifyChunk(trace, challenge, stored.proof));
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
