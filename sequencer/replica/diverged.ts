/** This node comes to something else than the leader did. */

import { RollupError } from '@quittance/protocol';
import type { SealEntry } from '../../storage/index.ts';

/** @param what was compared. @param actual what this node comes to. */
export function diverged(
  { batch, headerHash }: Pick<SealEntry, 'batch' | 'headerHash'>,
  what: string,
  actual: string,
  cause?: unknown,
): RollupError<'REPLICA_DIVERGED'> {
  const message =
    `batch ${batch} of the journal has header ${headerHash}, and this node comes to ${actual} (${what}). One of the two ` +
    'executes transactions wrongly: this node applies nothing more and does not lead. Compare the nodes with ' +
    '`quittance cluster status`, and see docs/how-to/run-a-cluster.md';
  return new RollupError('REPLICA_DIVERGED', message, { batch, what, expected: headerHash, actual }, { cause });
}
