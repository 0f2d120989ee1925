/** Which sealed batches wait on L1 at a start, noted or not. */

import { RollupError } from '@quittance/protocol';
import type { BatchRow } from '../../storage/index.ts';
import type { SequencerContext } from '../context.ts';

/** Whether the batch waits on L1 although we did not write it down: it was asserted just before a crash. */
export async function isWaiting(
  { assertions }: Pick<SequencerContext, 'assertions'>,
  { number, headerHash }: BatchRow,
): Promise<boolean> {
  const id = await assertions?.pendingId(number);
  return id !== undefined && (await assertions!.assertion(id)).headerHash === headerHash;
}

/**
 * Mode zk makes batches final by proofs alone, and nobody can prove one that was asserted in blobs. Another batch proven in
 * its place would burn its bond.
 *
 * @throws RollupError CONFIG_INVALID while such a batch waits on L1, or L1_UNREACHABLE.
 */
export async function requireProvable(
  context: Pick<SequencerContext, 'storage' | 'config' | 'assertions'>,
): Promise<void> {
  const { batches } = context.storage;
  if (context.config.mode !== 'zk') return;
  const open = batches.range((batches.lastFinal()?.number ?? 0) + 1, Number.MAX_SAFE_INTEGER);
  const first = open.find(({ form }) => form === 'evaluations');
  if (first === undefined) return;
  const isNoted = first.number <= (batches.lastPosted()?.number ?? 0);
  if (!isNoted && !(await isWaiting(context, first))) return;
  throw new RollupError(
    'CONFIG_INVALID',
    `batch ${first.number} waits on L1 with its data in a form that nobody can prove: use --mode optimistic or hybrid ` +
      'until it is final',
    { name: 'mode', expected: 'optimistic or hybrid', actual: context.config.mode },
  );
}
