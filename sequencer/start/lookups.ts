/** What the first start after a migration or a salvage does for reads: finds out what entries of a long log are found by. */

import { setImmediate as turn } from 'node:timers/promises';
import type { SequencerContext } from '../context.ts';

/** Reads and writes the lookups of the log that are in no table and, being many, not in memory either. */
export async function readLookups({ storage, logger }: Pick<SequencerContext, 'storage' | 'logger'>): Promise<void> {
  const { unreadCount } = storage.lookups;
  if (unreadCount === 0) return;
  logger.info('reads the log for what its entries are found by', { entries: unreadCount });
  for (const _ of storage.lookups.flush()) await turn();
  logger.info('the entries of the log can be found');
}
