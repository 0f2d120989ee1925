/** Has L1 make waiting batches final once their clocks, or their proofs, allow it. */

import type { AssertingParts } from './asserting.ts';
import { isDue } from './assertion-clocks.ts';
import type { Waiting } from './waiting.ts';

/** Batches of one call: its gas stays far below that of a block. */
const MAX_BATCHES = 16;

/** Makes the first waiting batches final, as many as are due. @returns how many. @throws RollupError L1_REJECTED … */
export async function finaliseDue(
  { assertions, terms, context }: AssertingParts,
  { own, head }: Waiting,
  signal: AbortSignal,
): Promise<number> {
  const firstRunning = own.findIndex(({ status, disputes }) => !isDue(status, disputes, terms, head.timestamp));
  const due = own.slice(0, firstRunning < 0 ? own.length : firstRunning).slice(0, MAX_BATCHES);
  if (due.length === 0) return 0;
  const headers = due.map(({ batch }) => batch.header);
  const { transactionHash, gasUsed } = await assertions.send({ type: 'finalizeBatches', headers }, signal);
  context.logger.info('L1 made batches final', {
    first: headers[0]!.number,
    count: due.length,
    transactionHash,
    gasUsed,
  });
  return due.length;
}
