/** Opens a journal. Who runs one machine loads nothing of it. */

import type { Storage } from '../storage.ts';
import type { Journal, JournalOptions } from './types.ts';

/** The name by which a database remembers its journal. */
const JOURNAL_META = 'journal';

/**
 * Opens the journal.
 *
 * @throws RollupError CONFIG_INVALID when URL, user, password or database are wrong; JOURNAL_UNAVAILABLE when no server
 * answers; JOURNAL_UNSUITABLE when one could lose what it confirms, takes no writes, or is behind a pooler in transaction
 * mode; JOURNAL_FOREIGN, JOURNAL_DAMAGED or DATABASE_NEWER when what is there is not ours.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { openPostgresJournal } = await import('./postgres/postgres.ts');
  return openPostgresJournal(options);
}

/** Whether a database belongs to a journal, which then has what was acknowledged. */
export function hasJournal({ meta }: Pick<Storage, 'meta'>): boolean {
  return meta.get(JOURNAL_META) !== undefined;
}

/** Forgets the journal of a database, which is lost for good. Call it inside a commit. */
export function forgetJournal({ meta }: Pick<Storage, 'meta'>): void {
  meta.remove(JOURNAL_META);
}

/** What a node that has a database leaves to it. */
export interface NodeJournalOptions extends Omit<JournalOptions, 'startAt' | 'known'> {
  /** Begins a new journal, or takes part in another than before: when the one that this node belongs to is lost for good. */
  readonly isOtherWanted?: boolean;
}

/**
 * Opens the journal of a node with this database, which remembers it: once it belongs to one, it begins no other because a
 * name was mistyped. The first node of all begins it, behind its own log.
 *
 * @throws RollupError as `openJournal`; JOURNAL_FOREIGN also when this database belongs to another journal.
 */
export async function openJournalOf(
  { log, meta, commit }: Pick<Storage, 'log' | 'meta' | 'commit'>,
  { isOtherWanted = false, ...options }: NodeJournalOptions,
): Promise<Journal> {
  const known = isOtherWanted ? undefined : meta.get(JOURNAL_META);
  const place = known === undefined ? { startAt: log.head() } : { known };
  const journal = await openJournal({ ...options, ...place });
  if (known === undefined) commit(() => meta.set(JOURNAL_META, journal.id));
  return journal;
}
