/** Whether commits wait for a second machine, as the primary says. */

import type { Quorum } from '../types.ts';
import type { Connection } from './connection.ts';
import { ask } from './statements.ts';

/** Roles without pg_monitor see the standbys' rows, but not their states. */
const STANDBYS = `SELECT current_setting('synchronous_standby_names') AS names,
  count(pid)::int AS connected,
  count(pid) FILTER (WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum'))::int AS synchronous,
  count(pid) FILTER (WHERE state IS NULL)::int AS hidden
  FROM pg_stat_replication`;

/** What the primary says of its standbys. */
export interface Standbys {
  /** `synchronous_standby_names`. */
  readonly names: string;
  readonly connected: number;
  readonly synchronous: number;
  /** Of which this role may not see more than that they are there. */
  readonly hidden: number;
}

/** Pure: what follows from it. */
export function judgeStandbys({ names, connected, synchronous, hidden }: Standbys): Quorum {
  if (names.trim() === '') {
    const what =
      connected === 0 ? 'no standby is connected' : 'the standby is asynchronous: commits do not wait for it';
    return { isMet: false, reason: `${what}; set synchronous_standby_names on the primary` };
  }
  if (synchronous > 0 || hidden > 0) return { isMet: true };
  const what = connected === 0 ? 'no standby is connected' : 'no standby that is connected is synchronous yet';
  return { isMet: false, isStalled: true, reason: `${what}: commits wait for one of ${names}` };
}

/** @throws RollupError JOURNAL_UNAVAILABLE. */
export async function readQuorum(control: Connection): Promise<Quorum> {
  const { rows } = await ask<Standbys>(control, { text: STANDBYS });
  return judgeStandbys(rows[0]!);
}
