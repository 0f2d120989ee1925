/** Poolers that give one connection's statements to several servers' sessions: what a session was set to is lost there. */

import { journalUnsuitable } from '../errors.ts';
import type { Connection } from './connection.ts';
import { ask } from './statements.ts';

async function processOf(connection: Connection): Promise<number> {
  const { rows } = await ask<{ pid: number }>(connection, { text: 'SELECT pg_backend_pid() AS pid' });
  return rows[0]!.pid;
}

/**
 * Two connections that are open at once have two sessions, and keep them while the other is in a transaction. Behind a
 * pooler in transaction mode at least one of that is not so.
 *
 * @throws RollupError JOURNAL_UNSUITABLE, or JOURNAL_UNAVAILABLE.
 */
export async function requireSessions(one: Connection, other: Connection): Promise<void> {
  const way = 'connect to the server itself, or through a pooler in session mode';
  const pooled = () =>
    journalUnsuitable('the connection', 'one of a pooler in transaction mode', 'a session of its own', way);
  const [first, second] = [(await one.facts()).processId, (await other.facts()).processId];
  if (first === second) throw pooled();
  try {
    await ask(other, { text: 'BEGIN' });
    const inTransaction = await processOf(other);
    const meanwhile = await processOf(one);
    await ask(other, { text: 'COMMIT' });
    // A connection that was lost in between has another session too: that is no pooler.
    const isSame = first === (await one.facts()).processId && second === (await other.facts()).processId;
    if (isSame && (first !== meanwhile || second !== inTransaction)) throw pooled();
  } catch (error) {
    other.drop('its transaction was not ended');
    throw error;
  }
}
