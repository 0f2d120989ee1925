/** What control and reads ask, with the server's answers made ours. */

import { isRollupError, type RollupError } from '@quittance/protocol';
import type { QueryResultRow } from 'pg';
import { journalDamaged, journalUnavailable } from '../errors.ts';
import type { Answer, Connection, Statement } from './connection.ts';

/** SQLSTATEs that say more than that it did not work (PostgreSQL, Appendix A). */
const REASONS: Readonly<Record<string, string>> = {
  '25006': 'the server takes no writes',
  '42501': 'the role lacks a permission',
  '53100': 'the disk of the server is full',
  '53200': 'the server is out of memory',
  '57014': 'it took too long, as when commits wait for a standby that is not there',
};

/**
 * SQLSTATEs of statements that fitted the tables when the journal was opened: a table (42P01), a column (42703) or the schema
 * (3F000) is gone, a key (42P10), or a column has another type (42804, 42883; 0A000 where a statement was prepared before).
 */
const TORN = new Set(['42P01', '42703', '3F000', '42P10', '42804', '42883', '0A000']);

/** SQLSTATE of an error of the server. */
export function sqlState(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

/** An error of a statement as one of ours: tables that were torn meanwhile are put right by no other try. */
export function asJournalError(error: unknown): RollupError {
  if (isRollupError(error)) return error;
  const state = sqlState(error) ?? '';
  const said = (error as Error).message;
  if (TORN.has(state))
    return journalDamaged(`its tables are not what they were when this node opened it (${said})`, error);
  const known = REASONS[state];
  return journalUnavailable(known === undefined ? said : `${known} (${said})`, error);
}

/** Asks. @throws RollupError JOURNAL_DAMAGED when the tables do not fit; JOURNAL_UNAVAILABLE, whatever else went wrong. */
export async function ask<Row extends QueryResultRow>(
  connection: Connection,
  statement: Statement,
): Promise<Answer<Row>> {
  try {
    return await connection.query<Row>(statement);
  } catch (error) {
    throw asJournalError(error);
  }
}

/**
 * Asks, and believes a commit only that nothing cut short: a wait for the standby that was cancelled ends as success, with
 * a warning.
 *
 * @throws RollupError as `ask`.
 */
export async function askDurably<Row extends QueryResultRow>(
  connection: Connection,
  statement: Statement,
): Promise<Answer<Row>> {
  const answer = await ask<Row>(connection, statement);
  if (answer.warnings.length > 0) throw journalUnavailable(`the server warns: ${answer.warnings.join('; ')}`);
  return answer;
}
