/** Keeps the account versions on disk few: folds those of final batches together, in small steps between other work. */

import { setImmediate } from 'node:timers/promises';
import { asRollupError } from '@quittance/protocol';
import { createLoop, type Loop } from '../../runtime/index.ts';
import type { SequencerContext } from '../context.ts';

/** Fewer versions are not worth the work, */
const LEAST_VERSIONS = 16_384;
/** and more take too much memory while they are folded: some 150 bytes each. */
const MOST_VERSIONS = 1_000_000;
const LOOK_EVERY_MS = 60_000;

/** So many versions of final batches are left on disk: in proportion to the pages that are written when they are folded. */
export function foldThreshold(accountCount: number): number {
  return Math.min(Math.max(Math.ceil(accountCount / 2), LEAST_VERSIONS), MOST_VERSIONS);
}

/**
 * Folds whenever there is enough to fold.
 *
 * @param threshold versions of final batches from which on it is done.
 */
export function createFolding(
  { storage, clock, halt, logger }: Pick<SequencerContext, 'storage' | 'clock' | 'halt' | 'logger'>,
  threshold: () => number,
): Loop {
  return createLoop({
    clock,
    intervalMs: LOOK_EVERY_MS,
    onError: (error) => halt(asRollupError('folding accounts', error)),
    async run(signal) {
      const through = storage.batches.lastFinal()?.number ?? 0;
      const versions = storage.leaves.unfoldedCount(through);
      if (versions < threshold()) return;
      const fold = storage.leaves.fold(through);
      for (let isMore = true; isMore && !signal.aborted; ) {
        isMore = storage.stage(() => fold.step());
        await setImmediate();
      }
      logger.debug('folded account versions', { through, versions });
    },
  });
}
