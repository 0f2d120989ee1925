/** What goes wrong with a journal, as errors: each says what was found and what to do. */

import { RollupError } from '@quittance/protocol';

/** The epoch of this node has ended. `holder` is who leads, where it is known. */
export function notLeader(epoch: number, why: string, holder?: string): RollupError<'NOT_LEADER'> {
  const leader = holder === undefined ? '' : `; ${holder} leads now`;
  return new RollupError('NOT_LEADER', `this node does not lead: ${why}${leader}`, { epoch, holder });
}

/** The journal did not answer, or not so that one knows. */
export function journalUnavailable(reason: string, cause?: unknown): RollupError<'JOURNAL_UNAVAILABLE'> {
  return new RollupError('JOURNAL_UNAVAILABLE', `the journal is not available: ${reason}`, { reason }, { cause });
}

/** What was in flight when a term of this node ended: the journal may have it. */
export function termEnded(epoch: number): RollupError<'JOURNAL_UNAVAILABLE'> {
  return journalUnavailable(`the term of epoch ${epoch} ended before its answer came`);
}

/** Bytes, tables or chains that no node of ours wrote. */
export function journalDamaged(reason: string, cause?: unknown): RollupError<'JOURNAL_DAMAGED'> {
  const way = 'stop all nodes and restore it, or begin another from the node that is furthest (--other-journal)';
  return new RollupError('JOURNAL_DAMAGED', `the journal is damaged: ${reason}; ${way}`, { reason }, { cause });
}

/** The table of the lease has no row: nobody can lead, and nothing is lost. */
export function leaseMissing(): RollupError<'JOURNAL_DAMAGED'> {
  const reason = 'its table lease has no row with id 1';
  // Behind every epoch that appended; nodes that still run could be in a later one.
  const row = "SELECT 1, coalesce(max(epoch), 0) + 1, '', '', '', '-infinity' FROM quittance.segment";
  const message =
    `the journal is damaged: ${reason}, so that no node can lead; the log is not touched. Stop all nodes, put the row back ` +
    `with “INSERT INTO quittance.lease ${row}”, and start them again`;
  return new RollupError('JOURNAL_DAMAGED', message, { reason });
}

/** The journal does not reach what a node has. */
export function journalBehind(what: string, expected: number, actual: number): RollupError<'JOURNAL_BEHIND'> {
  return new RollupError('JOURNAL_BEHIND', what, { expected, actual });
}

/** The journal of another rollup. */
export function journalForeign(what: string, expected: string, actual: string): RollupError<'JOURNAL_FOREIGN'> {
  const message = `the journal belongs to another rollup: its ${what} is ${actual}, not ${expected}; name another database`;
  return new RollupError('JOURNAL_FOREIGN', message, { expected, actual });
}

/** Another journal than the one that a node belongs to, or none. */
export function journalUnknown(name: string, expected: string | undefined, actual: string | undefined): RollupError {
  const there = actual === undefined ? `${name} has no journal` : `${name} has the journal ${actual}`;
  const message =
    expected === undefined
      ? `${there}: start a node with it first, or name another database`
      : `${there}, but this node belongs to the journal ${expected}: name the database of that one; --other-journal only ` +
        'when it is lost for good';
  return new RollupError('JOURNAL_FOREIGN', message, { expected: expected ?? 'any', actual: actual ?? 'none' });
}

/** A server that is set so that a journal on it could lose what it confirmed, or could not be written. */
export function journalUnsuitable(
  setting: string,
  actual: string,
  expected: string,
  wayOut: string,
): RollupError<'JOURNAL_UNSUITABLE'> {
  const message = `the PostgreSQL of the journal is unsuitable: ${setting} is ${actual}, not ${expected}; ${wayOut}`;
  return new RollupError('JOURNAL_UNSUITABLE', message, { setting, expected, actual });
}
