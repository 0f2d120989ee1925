/** Why a priority operation of the log counts no longer: its drop in the database, and in what is salvaged. */

import type { Drop } from './outcomes.ts';

/** The reason for one that L1 took back. */
export function takenBack(queueIndex: number): Pick<Drop, 'code' | 'message'> {
  const message =
    `a reorganization of L1 took back priority operation ${queueIndex} as it was: what L1 has in its place now is executed ` +
    'instead, once it is requested';
  return { code: 'UNDONE_BY_REORG', message };
}
