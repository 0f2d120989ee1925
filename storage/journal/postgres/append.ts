/** The one statement that appends, on a connection of its own that nothing gives up on while its server works on it. */

import type { Clock } from '../../../runtime/index.ts';
import { notLeader } from '../errors.ts';
import { encodeBody } from '../segment.ts';
import type { Segment } from '../types.ts';
import type { Connection, Statement } from './connection.ts';
import { findHolder } from './lease.ts';
import { ask, askDurably, sqlState } from './statements.ts';

/** How long an append may take before the server is asked whether it still works on it, and how often then. */
const LOOK_AFTER_MS = 5_000;
const LOOK_EVERY_MS = 2_000;
/** Looks in a row that found nothing, until the append is given up: it may have been taken, or not. */
const MAX_LOOKS = 2;

const UNIQUE_VIOLATION = '23505';

/**
 * Appends where the lease has the epoch, and keeps it so until it is committed; and where `previous` is the newest chain.
 * Two of one epoch at once cannot both succeed, since `previous` is unique.
 */
const APPEND = `INSERT INTO quittance.segment (first, last, epoch, previous, chain, body)
  SELECT $1, $2, $3, $4, $5, $6
  FROM (SELECT FROM quittance.lease WHERE id = 1 AND epoch = $3 FOR KEY SHARE) AS held
  WHERE $4 = coalesce(
    (SELECT chain FROM quittance.segment ORDER BY first DESC LIMIT 1),
    (SELECT base_chain FROM quittance.cluster))`;

function statementOf({ first, last, epoch, previous, chain, rows }: Segment): Statement {
  return { text: APPEND, values: [first, last, epoch, previous, chain, encodeBody(rows)], name: 'append' };
}

/** Why nothing was inserted. @throws RollupError JOURNAL_DAMAGED when there is no lease to insert under. */
async function refusal(control: Connection, { epoch, first }: Segment): Promise<Error> {
  const holder = await findHolder(control);
  if (holder?.epoch === epoch) return notLeader(epoch, `entry ${first - 1} is not the newest of the journal`);
  return notLeader(epoch, `epoch ${epoch} has ended`, holder?.holder);
}

/** What an append needs besides its own connection. */
export interface Surroundings {
  readonly control: Connection;
  readonly clock: Clock;
  /** Whether another host was promoted after the one of this timeline. */
  readonly isOvertaken: (timeline: number) => Promise<boolean>;
}

/**
 * Looks after an append that takes long: while the server still works on it, as while it waits for its standby, there is
 * nothing to do. When the server cannot be reached, knows nothing of it, or was overtaken, `onLost` ends the wait.
 */
function watchOver(
  { control, clock, isOvertaken }: Surroundings,
  { applicationName, timeline }: { readonly applicationName: string; readonly timeline: number },
  onLost: (reason: string) => void,
): () => void {
  let isOver = false;
  let failures = 0;
  const look = async (): Promise<void> => {
    const text = 'SELECT 1 FROM pg_stat_activity WHERE application_name = $1';
    const found = await ask(control, { text, values: [applicationName] }).catch(() => undefined);
    failures = (found?.count ?? 0) > 0 ? 0 : failures + 1;
    const isLate = !isOver && (await isOvertaken(timeline));
    if (isOver) return;
    if (isLate) onLost('another server has taken the place of this one');
    else if (failures >= MAX_LOOKS) onLost('the server does not answer any more');
    else timer = clock.schedule(LOOK_EVERY_MS, () => void look());
  };
  let timer = clock.schedule(LOOK_AFTER_MS, () => void look());
  return () => {
    isOver = true;
    timer.cancel();
  };
}

/** Sends one segment. @throws RollupError NOT_LEADER, JOURNAL_UNAVAILABLE or JOURNAL_DAMAGED. */
export function createSender(appender: Connection, surroundings: Surroundings) {
  const { control } = surroundings;
  return async (segment: Segment): Promise<void> => {
    const { timeline } = await appender.facts();
    const { applicationName } = appender;
    const stop = watchOver(surroundings, { applicationName, timeline }, appender.drop);
    let count: number;
    try {
      ({ count } = await askDurably(appender, statementOf(segment)));
    } catch (error) {
      if (sqlState(error instanceof Error ? error.cause : undefined) === UNIQUE_VIOLATION) {
        throw await refusal(control, segment);
      }
      throw error;
    } finally {
      stop();
    }
    if (count !== 1) throw await refusal(control, segment);
  };
}
