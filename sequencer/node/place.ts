/** Whether the log of this machine and the journal are one log, before anything is built on that. */

import { type Journal, journalBehind, journalDamaged, type LogHead, type Storage } from '../../storage/index.ts';

const COPY = 'begin with a copy of a node that has it: quittance sequencer copy (docs/how-to/run-a-cluster.md)';

/** The journal lacks entries that this node has: acknowledged ones, perhaps. Leading on would lose them for good. */
function ahead(own: LogHead, head: LogHead): Error {
  const what =
    `this node has entries up to ${own.sequence}, the journal ends at ${head.sequence}: it lost what others were told is ` +
    'safe, or is another one. Bring the journal back to its newest state; this node neither follows nor leads before that';
  return journalBehind(what, own.sequence, head.sequence);
}

/**
 * Compares where both end.
 *
 * @throws RollupError JOURNAL_BEHIND when this node has more than the journal, or less than where the journal begins;
 * JOURNAL_DAMAGED when they differ at the same entry; JOURNAL_UNAVAILABLE.
 */
export async function checkPlace(
  { log }: Pick<Storage, 'log'>,
  journal: Pick<Journal, 'base' | 'head'>,
): Promise<void> {
  const own = log.head();
  const head = await journal.head();
  const { base } = journal;
  if (own.sequence > head.sequence) throw ahead(own, head);
  if (own.sequence < base.sequence) {
    const what = `the journal begins behind entry ${base.sequence}, and this database ends at ${own.sequence}: ${COPY}`;
    throw journalBehind(what, base.sequence, own.sequence);
  }
  for (const one of [head, base]) {
    if (own.sequence !== one.sequence || own.chain.equals(one.chain)) continue;
    throw journalDamaged(
      `entry ${own.sequence} is not the one of this node: ${COPY}, or name the journal of this rollup`,
    );
  }
}
