/**
 * Which lies can wait. A batch is removed with the first wrong batch before it, and with its own first wrong chunk, so a
 * bond on each of many wrong chunks would cost the watcher more than it costs a producer to assert them.
 */

import type { AssertionConstants } from '@quittance/chain';
import type { ChunkPhase } from './chunk-table.ts';
import type { L1Time } from './phases.ts';
import type { ChunkCase } from './situation.ts';

/** Phases in which a lie is on its way to be shown, or about to be disputed. */
const UNDER_WAY: ReadonlySet<ChunkPhase> = new Set([
  'open',
  'awaiting',
  'expiring',
  'overdue',
  'answered',
  'committing',
  'committed',
]);

/**
 * Puts open lies `behind` the first one that is under way, as long as half of their challenge period is left: by then the
 * first one is decided, unless its author plays for time or proves it right, and all that still wait are disputed.
 *
 * @param chunks In the order of batches and chunks.
 */
export function putBehind(
  chunks: readonly ChunkCase[],
  { challengePeriodSeconds }: Pick<AssertionConstants, 'challengePeriodSeconds'>,
  { now }: Pick<L1Time, 'now'>,
): ChunkCase[] {
  const first = chunks.findIndex(({ verdict, phase }) => verdict === 'wrong' && UNDER_WAY.has(phase));
  return chunks.map((chunkCase, position) => {
    const { verdict, phase, deadline } = chunkCase;
    const isBehind = first >= 0 && position > first && verdict === 'wrong' && phase === 'open';
    const canWait = deadline !== undefined && now + challengePeriodSeconds / 2 < deadline;
    return isBehind && canWait ? { ...chunkCase, phase: 'behind' as const } : chunkCase;
  });
}
